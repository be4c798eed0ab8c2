//! 名簿: one company by hand.

use touroku_html::html;
use touroku_proto::officer::{
    import::ImportCell,
    roster::{RosterField, RosterForm},
};
use yew::prelude::*;

use super::{
    super::shared::{
        self, TextField,
        field::{Frame, Mistake, described_by},
    },
    field::tick,
    parts::{Scene, Weight, button, heading, link, progress, submit},
    trouble::messages,
};
use crate::{
    officer::{
        action::Action,
        route::{CompanySearch, Route},
    },
    texts::officer::{company, roster as texts, screen},
};

pub(super) fn view(scene: Scene, number: &str) -> Html {
    let route = Route::Row { number: number.to_owned() };
    let content = match &scene.state.row.form {
        Some(form) if form.number == number => filled(scene, form),
        _ if scene.state.banner.is_none() => progress(screen::READING),
        _ => Html::default(),
    };
    let back = match number {
        "" => link(&Route::Companies(CompanySearch::default()), "", company::TO_SEARCH.into()),
        number => link(&Route::Company { number: number.to_owned() }, "", texts::BACK.into()),
    };
    html! {
        <>
            { heading(&screen::heading(&route)) }
            { messages(scene) }
            { content }
            <p class="below">{ back }</p>
        </>
    }
}

fn filled(scene: Scene, form: &RosterForm) -> Html {
    let row = &scene.state.row;
    let mistake = |cell: &ImportCell| Mistake {
        id: id(form, &cell.title),
        name: cell.title.clone(),
        text: cell.reason.clone().into(),
    };
    let doubt = |cell: &ImportCell| html! { <li>{ format!("{}：{}", cell.title, cell.reason) }</li> };
    html! {
        <>
            { shared::field::summary(scene, row.wrong.iter().map(mistake).collect(), |id| {
                Action::Find(id.to_string())
            }) }
            if !row.others.is_empty() {
                <p class="banner info" data-others="">{ texts::others(&row.others.join("、")) }</p>
            }
            if !row.doubts.is_empty() {
                <section class="banner warning" id="doubts" tabindex="-1" role="alert">
                    <p class="banner-what">{ texts::DOUBTS }</p>
                    <ul>{ for row.doubts.iter().map(doubt) }</ul>
                    <div class="actions">
                        { button(scene, "save-anyway", texts::SAVE_ANYWAY, Weight::Small, || Action::SaveRow) }
                    </div>
                </section>
            }
            <p>{ texts::LEAD }</p>
            <form novalidate=true onsubmit={scene.on_submit(|| Action::Submit)}>
                <div class="fields">{ for form.fields.iter().map(|field| line(scene, form, field)) }</div>
                { tick("keep", texts::KEEP, texts::KEEP_HINT, row.keep, scene.dispatch.reform(Action::KeepRow)) }
                <div class="actions">{ submit(texts::SAVE) }</div>
            </form>
        </>
    }
}

fn id(form: &RosterForm, name: &str) -> AttrValue {
    let place = form.fields.iter().position(|field| field.name == name).unwrap_or(0);
    format!("roster-{place}").into()
}

fn line(scene: Scene, form: &RosterForm, field: &RosterField) -> Html {
    let (id, row) = (id(form, &field.name), &scene.state.row);
    let mistake = row.wrong.iter().find(|cell| cell.title == field.name);
    let mistake = mistake.map(|cell| AttrValue::from(cell.reason.clone()));
    let hint = (field.secret && !form.number.is_empty()).then(|| Html::from(texts::SECRET));
    let described_by = described_by([
        hint.as_ref().map(|_| format!("{id}-hint")),
        mistake.as_ref().map(|_| format!("{id}-error")),
    ]);
    let value = row.values.get(&field.name).cloned().unwrap_or_default();
    let (kind, autocomplete) = if field.secret { ("password", "new-password") } else { ("text", "off") };
    let name = field.name.clone();
    let input = html! {
        <TextField id={id.clone()} {value} {kind} {autocomplete} required={field.required}
            invalid={mistake.is_some()} {described_by} on_leave={Callback::noop()}
            on_input={scene.dispatch.reform(move |text| Action::TypedRow(name.clone(), text))} />
    };
    let (label, required) = (Html::from(field.name.clone()), field.required);
    Frame { id, label, required, hint, mistake, accused: false, field: input, after: Html::default() }.view()
}
