//! ID登録申請内容確認, and 変更内容確認 of an ID.

use touroku_proto::{
    field::{FieldId, Values},
    form::{Mode, Occasion, Row, Section},
};
use yew::prelude::*;

use super::super::{
    parts::{Scene, progress},
    rows,
    trouble::messages,
};
use super::{
    login::{confirm_actions, input, sending},
    steps, title,
};
use crate::{
    bidder::{account::AccountField, action::Action},
    texts::{account as texts, screen},
};

/// All rows once more; at 変更 beside what they were.
pub(super) fn view(scene: Scene) -> Html {
    let Some((form, occasion)) = scene.state.session_form() else { return progress(screen::LOADING) };
    let changing = occasion == Occasion::ChangeAccount;
    let was = scene.state.view().and_then(|view| view.company.as_ref()).map(|company| &company.values);
    let section = |(index, (section, rows)): (usize, (&Section, Vec<&Row>))| {
        let id = format!("section-{index}");
        html! {
            <section class="form-section" aria-labelledby={id.clone()}>
                <h2 {id}>{ &section.title }</h2>
                if let (true, Some(was)) = (changing, was) {
                    { comparison(&rows, occasion, was, &scene.state.form.values) }
                } else {
                    { rows::list(&rows, &scene.state.form.values) }
                }
            </section>
        }
    };
    let sections = rows::confirmed(form, occasion).into_iter().enumerate().map(section);
    let may_send = !changing || scene.state.account_changes();
    html! {
        <>
            { steps(scene, 2) }
            { title(scene) }
            { messages(scene) }
            if changing {
                <p class="lead">{ texts::CONFIRM_CHANGE_LEAD }</p>
                if !may_send {
                    <div class="banner info" data-notice="nothing_changed">
                        <p>{ texts::NOTHING_CHANGED }</p>
                    </div>
                }
            } else {
                <p class="lead">{ texts::CONFIRM_LEAD }</p>
                <div class="banner warning"><p>{ texts::CONFIRM_NAME }</p></div>
            }
            { for sections }
            <form novalidate=true onsubmit={scene.on_submit(|| Action::Register)}>
                if changing && may_send {
                    <div class="fields">{ input(scene, AccountField::CurrentPassword) }</div>
                }
                { sending(scene) }
                { confirm_actions(scene, may_send) }
            </form>
        </>
    }
}

fn comparison(rows: &[&Row], occasion: Occasion, was: &Values, will_be: &Values) -> Html {
    let entry = |row: &&Row| {
        let (before, after) = (was.text(row.field).trim(), will_be.text(row.field).trim());
        let changed = row.mode(occasion) == Mode::Edit && before != after;
        html! {
            <div class={if changed { "row changed" } else { "row" }} data-row={row.field.as_str()}
                data-changed={changed.then_some("")}>
                <dt>{ &row.label }</dt>
                <dd>{ values(row.field, changed, before, after) }</dd>
            </div>
        }
    };
    html! { <dl class="rows">{ for rows.iter().map(entry) }</dl> }
}

fn values(field: FieldId, changed: bool, before: &str, after: &str) -> Html {
    let shown = |text: &str| if text.is_empty() { texts::EMPTY.to_owned() } else { text.to_owned() };
    match (field.is_secret(), changed) {
        (true, true) => html! { texts::NEW_PASSWORD },
        (true, false) => html! { texts::SAME_PASSWORD },
        (false, false) => rows::value(field, after),
        (false, true) => html! {
            <>
                <span class="was">{ texts::WAS }{ "：" }{ shown(before) }</span>
                <br />
                <strong>{ texts::WILL_BE }{ "：" }{ shown(after) }</strong>
            </>
        },
    }
}
