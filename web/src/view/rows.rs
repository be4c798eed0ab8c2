//! Rows that are only shown: label and value.

use touroku_proto::{
    field::{FieldId, Values},
    form::{Form, Mode, Occasion, Row, Section},
};
use yew::prelude::*;

use crate::texts::screen;

/// Rows as a description list.
pub(super) fn list(rows: &[&Row], values: &Values) -> Html {
    let entry = |row: &&Row| {
        html! {
            <div class="row" data-row={row.field.as_str()}>
                <dt>{ &row.label }</dt>
                <dd>{ value(row.field, values.text(row.field)) }</dd>
            </div>
        }
    };
    html! { <dl class="rows">{ for rows.iter().map(entry) }</dl> }
}

/// A value as text. Some have several lines; an absent one says so.
fn value(field: FieldId, text: &str) -> Html {
    if text.is_empty() {
        return html! { <span class="empty">{ screen::EMPTY }</span> };
    }
    match field {
        FieldId::Qualifications => {
            html! { <ul>{ for text.lines().map(|line| html! { <li>{ line.to_owned() }</li> }) }</ul> }
        }
        _ => html! { text.to_owned() },
    }
}

/// What 登録内容確認 shows: every section with the rows that it has on that occasion, repetitions left out.
pub(super) fn confirmed(form: &Form, occasion: Occasion) -> Vec<(&Section, Vec<&Row>)> {
    sections(form, |row| row.mode(occasion) != Mode::Hidden && !row.field.is_repetition())
}

/// What is printed, whatever the occasion was: 企業ID is there from the first registration on.
pub(super) fn printed(form: &Form) -> Vec<(&Section, Vec<&Row>)> {
    sections(form, |row| row.print)
}

fn sections(form: &Form, keep: impl Fn(&Row) -> bool) -> Vec<(&Section, Vec<&Row>)> {
    let rows = |section: &'_ Section| -> Vec<usize> {
        section.rows.iter().enumerate().filter(|(_, row)| keep(row)).map(|(index, _)| index).collect()
    };
    form.sections
        .iter()
        .map(|section| (section, rows(section).into_iter().map(|index| &section.rows[index]).collect::<Vec<_>>()))
        .filter(|(_, rows)| !rows.is_empty())
        .collect()
}
