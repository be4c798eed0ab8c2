//! Two versions of the same rows side by side.

use touroku_html::html;
use yew::prelude::*;

use crate::texts::{Text, screen};

/// A row in both.
pub(super) struct Pair {
    /// `data-row`.
    pub(super) id: &'static str,
    pub(super) label: String,
    pub(super) left: String,
    pub(super) right: String,
    pub(super) differs: bool,
}

/// What is below a row's right value. It gets the row and the `id` of its label.
type Below<'a> = &'a dyn Fn(&Pair, &str) -> Html;

/// The texts of a comparison.
#[derive(Clone, Copy)]
pub(super) struct Words {
    /// Heading of the left column.
    pub(super) left: Text,
    /// Heading of the right column.
    pub(super) right: Text,
    /// Beside a row that differs.
    pub(super) differs: Text,
    /// Beside a row that is the same.
    pub(super) same: Text,
    /// For an empty value.
    pub(super) empty: Text,
    /// The attribute of a row that differs, such as `data-changed`.
    pub(super) mark: Mark,
}

/// The attribute of a row that differs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// `data-changed`.
    Changed,
    /// `data-differs`.
    Differs,
}

/// A table: label, left, right, and a mark in words and shape where they differ.
pub(super) fn table(caption: &str, words: Words, pairs: &[Pair]) -> Html {
    table_with(caption, words, pairs, None)
}

/// The same with something below each right value, such as a button.
pub(super) fn table_with(caption: &str, words: Words, pairs: &[Pair], below: Option<Below<'_>>) -> Html {
    let row = |pair: &Pair| {
        let text = |value: &str| match value.is_empty() {
            true => html! { <span class="empty">{ words.empty }</span> },
            // One line each, as in 資格の種類.
            false => {
                html! { <>{ for value.lines().map(|line| html! { <div>{ line.to_owned() }</div> }) }</> }
            }
        };
        let marked = |mark| (pair.differs && words.mark == mark).then_some("true");
        let label = format!("label-{}", pair.id);
        html! {
            <tr data-row={pair.id} data-changed={marked(Mark::Changed)} data-differs={marked(Mark::Differs)}>
                <th scope="row">
                    <span id={below.map(|_| label.clone())}>{ &pair.label }</span>
                    if pair.differs {
                        <span class="mark differs"><span aria-hidden="true">{ "◆" }</span>{ words.differs }</span>
                    } else {
                        <span class="mark">{ words.same }</span>
                    }
                </th>
                <td>{ text(&pair.left) }</td>
                <td>{ text(&pair.right) }{ for below.map(|below| below(pair, &label)) }</td>
            </tr>
        }
    };
    html! {
        <table class="compare">
            <caption class="hidden">{ caption.to_owned() }</caption>
            <thead>
                <tr>
                    <th scope="col"><span class="hidden">{ screen::COLUMN_ROW }</span></th>
                    <th scope="col">{ words.left }</th>
                    <th scope="col">{ words.right }</th>
                </tr>
            </thead>
            <tbody>{ for pairs.iter().map(row) }</tbody>
        </table>
    }
}
