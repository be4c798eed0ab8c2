//! 利用者登録.

use touroku_html::html;
use touroku_proto::{
    api::Function,
    field::{FieldId, Scope},
    form::{ContactRule, Form, Mode, Occasion, Row, Section},
};
use yew::prelude::*;

use super::{
    account,
    field::{Field, autocomplete, summary},
    identity,
    parts::{Scene, Weight, back, button, heading, progress, steps, steps_of, submit},
    postal, rows,
    shared::field::Mistake,
    trouble::messages,
};
use crate::{
    bidder::{action::Action, form::edited_rows, route::Route},
    texts::{
        Text, account as texts, change,
        field::problem,
        hint, label as own_label, own,
        screen::{self, button as label},
    },
};

pub(super) fn view(scene: Scene) -> Html {
    let Some((form, occasion)) = scene.state.session_form() else { return progress(screen::LOADING) };
    let function = scene.state.function();
    let sections =
        form.sections.iter().enumerate().map(|(index, part)| section(scene, form, occasion, index, part));
    html! {
        <>
            { steps_here(scene) }
            { heading(&texts::heading(scene.state).unwrap_or_else(|| screen::heading_for(&Route::Form, function))) }
            if scene.state.form.summary { { summary(scene, mistakes(scene, form, occasion)) } }
            { messages(scene) }
            if matches!(function, Function::Change | Function::ChangeAccount) { { super::change::overtaken(scene) } }
            { matched_name(scene) }
            if function == Function::Register {
                if let Some(view) = scene.state.view() { { identity::warning(view) } }
            }
            { lead(function) }
            <p>{ screen::REQUIRED_NOTE }</p>
            <form novalidate=true onsubmit={scene.on_submit(|| Action::Confirm)}>
                { for sections }
                { saving(scene) }
                <div class="actions">{ submit(label::CONFIRM) }{ back(scene) }</div>
            </form>
        </>
    }
}

fn steps_here(scene: Scene) -> Html {
    match scene.state.function() {
        Function::Apply | Function::ChangeAccount => account::steps(scene, 1),
        Function::Change => steps_of(change::STEPS_NAME, &change::STEPS, 1),
        Function::Register | Function::Renew => steps(2),
    }
}

fn lead(function: Function) -> Html {
    let (lead, note) = match function {
        Function::Apply => (texts::FORM_LEAD, Some(("banner warning", texts::NOTE_PASSWORD))),
        Function::ChangeAccount => (texts::CHANGE_LEAD, Some(("banner warning", texts::NOTE_PASSWORD))),
        Function::Change => (change::FORM_LEAD, Some(("banner info", change::NOT_CARRIED_OVER))),
        Function::Register | Function::Renew => (screen::FORM_LEAD, None),
    };
    html! {
        <>
            <p class="lead">{ lead }</p>
            if let Some((class, note)) = note { <div {class}><p>{ note }</p></div> }
        </>
    }
}

/// After a forgiving match: which company of the roster was found, if its name was typed differently.
fn matched_name(scene: Scene) -> Html {
    match scene.state.matched_name() {
        Some((typed, found)) => html! {
            <div class="banner info" data-notice="matched_name">
                <p>{ screen::matched_name(typed, found) }</p>
            </div>
        },
        None => Html::default(),
    }
}

fn mistakes(scene: Scene, form: &Form, occasion: Occasion) -> Vec<Mistake> {
    let mistake = |section: &Section, row: &Row| {
        let problem_found = scene.state.form.problems.get(&row.field)?;
        Some(Mistake {
            id: row.field.as_str(),
            name: screen::field_in_section(&own(&section.title), &own_label(row)),
            text: problem(&own_label(row), problem_found).into(),
        })
    };
    form.sections
        .iter()
        .flat_map(|section| section.rows.iter().map(move |row| (section, row)))
        .filter(|(_, row)| row.mode(occasion) == Mode::Edit)
        .filter_map(|(section, row)| mistake(section, row))
        .collect()
}

fn section(scene: Scene, form: &Form, occasion: Occasion, index: usize, section: &Section) -> Html {
    let shown: Vec<&Row> =
        section.rows.iter().filter(|row| matches!(row.mode(occasion), Mode::Show | Mode::Edit)).collect();
    if shown.is_empty() {
        return Html::default();
    }
    let id = format!("section-{index}");
    // Consecutive rows of one kind form a block; the profile's order is kept.
    let blocks = shown.chunk_by(|a, b| a.mode(occasion) == b.mode(occasion));
    html! {
        <section class="form-section" role="group" aria-labelledby={id.clone()}>
            <h2 {id}>{ own(&section.title) }</h2>
            if !section.note.is_empty() { <p>{ own(&section.note) }</p> }
            { copy(scene, form, occasion, section) }
            { for blocks.map(|rows| block(scene, occasion, rows)) }
        </section>
    }
}

fn block(scene: Scene, occasion: Occasion, rows: &[&Row]) -> Html {
    if rows[0].mode(occasion) == Mode::Edit {
        return html! { <div class="fields">{ for rows.iter().map(|row| input(scene, row)) }</div> };
    }
    let of_card = rows.iter().all(|row| row.field.scope() == Scope::Card);
    html! {
        <div class="fixed">
            <p class="fixed-why">
                <span class="chip">{ screen::FIXED }</span>
                { if of_card { screen::FIXED_CARD } else { screen::FIXED_COMPANY } }
            </p>
            { rows::list(rows, &scene.state.form.values) }
        </div>
    }
}

fn input(scene: Scene, row: &Row) -> Html {
    let field = row.field;
    Field {
        id: field.as_str(),
        label: own_label(row),
        hint: hint(&row.hint, row.rule.as_ref()),
        required: row.required,
        rule: row.rule.as_ref(),
        value: scene.state.form.values.text(field),
        problem: scene.state.form.problems.get(&field),
        meant: scene.state.form.typo.as_ref().filter(|(of, _)| *of == field).map(|(_, meant)| meant.as_str()),
        accused: false,
        kind: if field.is_secret() { "password" } else { "text" },
        autocomplete: autocomplete(field),
        on_input: scene.dispatch.reform(move |text| Action::Typed(field, text)),
        on_leave: scene.on(move || Action::Left(field)),
        on_convert: scene.on(move || Action::Convert(field)),
        beside: postal::view(scene, row),
    }
    .view()
}

/// First rows of the sections that can be the same as 代表窓口情報: a card's, and an ID's.
const FILLED_BY_COPYING: [FieldId; 2] = [FieldId::CardContactName, FieldId::ApplicantContactName];

/// 同じ内容にする, above the section that it fills.
fn copy(scene: Scene, form: &Form, occasion: Occasion, section: &Section) -> Html {
    let fills = section
        .rows
        .iter()
        .any(|row| FILLED_BY_COPYING.contains(&row.field) && row.mode(occasion) == Mode::Edit);
    let has_source = form
        .rows()
        .any(|row| row.field == FieldId::RepresentativeContactName && row.mode(occasion) != Mode::Hidden);
    let note = match form.contacts {
        ContactRule::Separate => return Html::default(),
        ContactRule::MayBeSame => screen::COPY_NOTE,
        ContactRule::MustBeSame => screen::COPY_MUST,
    };
    if !(fills && has_source) {
        return Html::default();
    }
    html! {
        <div class="copy">
            { button(scene, label::COPY, Weight::Small, || Action::CopyContacts) }
            <p>{ note }</p>
        </div>
    }
}

/// Whether what was typed is saved. Announced politely.
fn saving(scene: Scene) -> Html {
    let form = &scene.state.form;
    let edits = scene
        .state
        .session_form()
        .is_some_and(|(form, occasion)| edited_rows(form, occasion).next().is_some());
    let (class, text) = match form {
        // A secret number is not written down, and nothing with it.
        form if scene.state.function() == Function::Apply => {
            match scene.state.account.unkept || !scene.state.keeps_draft() {
                true => ("saving failed", texts::NOT_KEPT),
                false if form.saved > 0 && !form.is_dirty() => ("saving", texts::KEPT),
                false => ("saving", Text::NONE),
            }
        }
        form if form.failures > 0 || (scene.state.lost && form.is_dirty()) => {
            ("saving failed", screen::NOT_SAVED)
        }
        form if form.saving.is_some() => ("saving", screen::SAVING),
        form if form.saved > 0 && !form.is_dirty() => ("saving", screen::SAVED),
        _ => ("saving", Text::NONE),
    };
    html! { if edits { <p {class} role="status" data-saving="">{ text }</p> } }
}
