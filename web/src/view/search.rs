//! 資格審査情報検索.

use touroku_html::html;
use touroku_proto::field::FieldId;
use yew::prelude::*;

use super::{
    account,
    field::{Field, summary},
    guide, listing,
    parts::{Scene, back, heading, notices, progress, steps, submit},
    shared::field::Mistake,
    trouble::messages,
};
use crate::{
    bidder::{
        action::Action,
        route::Route,
        search::{SearchField, fields},
    },
    texts::{
        field::problem,
        hint, label_of,
        screen::{self, button as label},
    },
};

pub(super) fn view(scene: Scene) -> Html {
    let Some(profile) = scene.state.session_profile() else { return Html::default() };
    let asked = fields(&profile.search);
    let form = &scene.state.search;
    let label_of = |field: SearchField| match field {
        SearchField::Number => label_of(FieldId::CompanyNumber, &profile.search.number_label),
        SearchField::Name => label_of(FieldId::CompanyName, &profile.search.name_label),
        SearchField::UserId => screen::USER_ID.into(),
        SearchField::Password => screen::PASSWORD.into(),
    };
    let hint_of = |field: SearchField| match field {
        SearchField::Number => hint(&profile.search.number_hint, Some(&profile.search.number_rule)),
        SearchField::Name => hint(&profile.search.name_hint, Some(&profile.search.name_rule)),
        SearchField::UserId | SearchField::Password => screen::CREDENTIAL_HINT.into(),
    };
    let mistakes = asked.iter().filter_map(|&field| {
        let name = label_of(field);
        let text = problem(&name, form.problems.get(&field)?);
        Some(Mistake { id: field.as_str(), name: name.to_string(), text: text.into() })
    });
    let mistakes = if form.summary { mistakes.collect() } else { Vec::new() };
    let draw = |field: SearchField| {
        Field {
            id: field.as_str(),
            label: label_of(field),
            hint: hint_of(field),
            required: field.required(),
            rule: Some(&field.rule(&profile.search)),
            value: form.text(field),
            problem: form.problems.get(&field),
            meant: None,
            accused: form.accused == Some(field),
            kind: if field == SearchField::Password { "password" } else { "text" },
            // These belong to the roster; the browser must not store them.
            autocomplete: if field == SearchField::Name { "organization" } else { "off" },
            on_input: scene.dispatch.reform(move |text| Action::SearchTyped(field, text)),
            on_leave: scene.on(move || Action::SearchLeft(field)),
            on_convert: scene.on(move || Action::SearchConvert(field)),
            beside: Html::default(),
        }
        .view()
    };
    html! {
        <>
            if scene.state.is_account() { { account::steps(scene, 0) } } else { { steps(1) } }
            { heading(&screen::heading(&Route::Search)) }
            { summary(scene, mistakes) }
            { messages(scene) }
            <p class="lead">{ screen::SEARCH_LEAD }</p>
            { listing::link_to(scene) }
            <p>{ screen::REQUIRED_NOTE }</p>
            <form novalidate=true onsubmit={scene.on_submit(|| Action::Search)}>
                <div class="fields">{ for asked.iter().map(|&field| draw(field)) }</div>
                if form.busy { { progress(screen::SEARCHING) } }
                <div class="actions">{ submit(label::SEARCH) }{ back(scene) }</div>
            </form>
            { notices(screen::CAUTIONS, &profile.search.notices) }
            { guide::agency_desk(profile) }
        </>
    }
}
