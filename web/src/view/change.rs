//! 変更内容確認, and what somebody else changed meanwhile.

use touroku_proto::form::{Form, Mode, Occasion, Row, Section};
use yew::prelude::*;

use super::{
    compare::{Mark, Pair, Words, table},
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

/// Every row: its previous and its new value, where it can change.
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

/// Every section: what can change beside its previous value.
pub(super) fn comparison(scene: Scene, form: &Form, occasion: Occasion) -> Html {
    let state = &scene.state.form;
    let edited = |row: &Row| row.mode(occasion) == Mode::Edit;
    let block = |section: &Section, rows: &[&Row]| {
        if !edited(rows[0]) {
            return rows::list(rows, &state.values);
        }
        let pair = |row: &&Row| {
            let differs = state.differs(row.field);
            let (left, right) = match (row.field.is_secret(), differs) {
                (false, _) => (state.base.text(row.field).trim(), state.values.text(row.field).trim()),
                (true, true) => (account::HIDDEN, &*account::NEW_PASSWORD),
                (true, false) => (account::HIDDEN, account::HIDDEN),
            };
            Pair {
                id: row.field.as_str(),
                label: own_label(row).to_string(),
                left: left.to_owned(),
                right: right.to_owned(),
                differs,
            }
        };
        table(&own(&section.title), WORDS, &rows.iter().map(pair).collect::<Vec<_>>())
    };
    let section = |(index, (section, rows)): (usize, &(&Section, Vec<&Row>))| {
        let id = format!("section-{index}");
        html! {
            <section class="form-section" aria-labelledby={id.clone()}>
                <h2 {id}>{ own(&section.title) }</h2>
                { for rows.chunk_by(|a, b| edited(a) == edited(b)).map(|rows| block(section, rows)) }
            </section>
        }
    };
    html! { <>{ for rows::confirmed(form, occasion).iter().enumerate().map(section) }</> }
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
