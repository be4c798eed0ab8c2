//! 変更内容確認, and what somebody else changed meanwhile.

use touroku_html::html;
use touroku_proto::form::{Form, Mode, Occasion, Row, Section};
use yew::prelude::*;

use super::{
    compare::{Mark, Pair, Words, table_with},
    parts::{Scene, Weight, back, button, progress, signed},
    rows,
    trouble::messages,
};
use crate::{
    bidder::action::Action,
    texts::{
        account, change, label as own_label, own,
        screen::{self, button as label},
    },
};

const WORDS: Words = Words {
    left: change::BEFORE,
    right: change::AFTER,
    differs: change::DIFFERS,
    same: change::SAME,
    empty: change::EMPTY,
    mark: Mark::Changed,
};

/// What changes, with its previous and its new value.
pub(super) fn confirm(scene: Scene) -> Html {
    let Some((form, occasion)) = scene.state.session_form() else { return progress(screen::LOADING) };
    let differing = differing(scene, form, occasion);
    html! {
        <>
            { messages(scene) }
            if differing == 0 {
                { nothing() }
            } else {
                <p class="lead">{ change::CONFIRM_LEAD }</p>
                <p data-changes={differing.to_string()}>{ change::rows(differing) }</p>
                <p>{ change::NOT_CARRIED_OVER }</p>
            }
            { comparison(scene, form, occasion) }
            { signed(scene) }
            if scene.state.registering { { progress(change::CHANGING) } }
            <div class="actions">
                if differing > 0 { { button(scene, label::CHANGE, Weight::Solid, || Action::Change) } }
                { back(scene) }
            </div>
        </>
    }
}

/// How many rows change.
pub(super) fn differing(scene: Scene, form: &Form, occasion: Occasion) -> usize {
    rows::confirmed(form, occasion)
        .iter()
        .flat_map(|(_, rows)| rows)
        .filter(|row| row.mode(occasion) == Mode::Edit && scene.state.form.differs(row.field))
        .count()
}

/// Shown if none does.
pub(super) fn nothing() -> Html {
    html! { <div class="banner info" data-changes="0" role="status"><p>{ change::NOTHING }</p></div> }
}

/// What changes, in one table with a way back to each field; the rest is folded.
pub(super) fn comparison(scene: Scene, form: &Form, occasion: Occasion) -> Html {
    let state = &scene.state.form;
    let changes = |row: &Row| row.mode(occasion) == Mode::Edit && state.differs(row.field);
    let pair = |section: &Section, row: &Row| {
        let (left, right) = match row.field.is_secret() {
            false => (state.base.text(row.field).trim(), state.values.text(row.field).trim()),
            true => (account::HIDDEN, &*account::NEW_PASSWORD),
        };
        Pair {
            id: row.field.as_str(),
            label: screen::field_in_section(&own(&section.title), &own_label(row)),
            left: left.to_owned(),
            right: right.to_owned(),
            differs: true,
        }
    };
    let amend = |pair: &Pair, label: &str| {
        let (field, id) = (pair.id, format!("amend-{}", pair.id));
        html! {
            <div>
                <button type="button" class={Weight::Small.class()} id={id.clone()} data-amend={field}
                    aria-labelledby={format!("{id} {label}")}
                    onclick={scene.on(move || Action::FindField(field))}>{ label::AMEND }</button>
            </div>
        }
    };
    let sections = rows::confirmed(form, occasion);
    let all = || sections.iter().flat_map(|(section, rows)| rows.iter().map(move |row| (*section, *row)));
    let pairs: Vec<Pair> =
        all().filter(|(_, row)| changes(row)).map(|(section, row)| pair(section, row)).collect();
    let rest = all().filter(|(_, row)| !changes(row)).count();
    let section = |(index, (section, rows)): (usize, &(&Section, Vec<&Row>))| {
        let rows: Vec<&Row> = rows.iter().copied().filter(|row| !changes(row)).collect();
        if rows.is_empty() {
            return Html::default();
        }
        let id = format!("section-{index}");
        html! {
            <section class="form-section" aria-labelledby={id.clone()}>
                <h2 {id}>{ own(&section.title) }</h2>
                { rows::list(&rows, &state.values) }
            </section>
        }
    };
    html! {
        <>
            if !pairs.is_empty() { { table_with(&change::TABLE, WORDS, &pairs, Some(&amend)) } }
            if rest > 0 {
                <details class="report" data-unchanged={rest.to_string()}>
                    <summary>{ change::unchanged(rest) }</summary>
                    { for sections.iter().enumerate().map(section) }
                </details>
            }
        </>
    }
}

/// What somebody else changed while the form was being filled in.
pub(super) fn overtaken(scene: Scene) -> Html {
    let Some((form, _)) = scene.state.session_form() else { return Html::default() };
    let overtaken = &scene.state.form.overtaken;
    let text = |text: &str| if text.is_empty() { change::EMPTY.to_string() } else { text.to_owned() };
    let entry = |(section, row): (&Section, &Row)| {
        let found = overtaken.iter().find(|overtaken| overtaken.field == row.field)?;
        Some(html! {
            <li data-overtaken={row.field.as_str()}>
                <strong>{ screen::field_in_section(&own(&section.title), &own_label(row)) }</strong>
                <dl class="rows">
                    <div class="row"><dt>{ change::OVERTAKEN_BEFORE }</dt><dd>{ text(&found.before) }</dd></div>
                    <div class="row"><dt>{ change::OVERTAKEN_NOW }</dt><dd>{ text(&found.theirs) }</dd></div>
                    if found.typed {
                        <div class="row">
                            <dt>{ change::OVERTAKEN_MINE }</dt>
                            <dd>{ text(scene.state.form.values.text(row.field)) }</dd>
                        </div>
                    }
                </dl>
                <p>{ if found.typed { change::OVERTAKEN_TYPED } else { change::OVERTAKEN_TAKEN } }</p>
            </li>
        })
    };
    let rows = form.sections.iter().flat_map(|section| section.rows.iter().map(move |row| (section, row)));
    html! {
        // Rendered before it has content: a live region announces only changes within it.
        <div role="status">
            if !overtaken.is_empty() {
                <section class="banner warning">
                    <p class="banner-what">{ change::OVERTAKEN }</p>
                    <ul class="overtaken">{ for rows.filter_map(entry) }</ul>
                    <p>{ change::OVERTAKEN_KEPT }</p>
                </section>
            }
        </div>
    }
}
