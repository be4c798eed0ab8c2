//! What is known about a file before its rows are read, and how it is shown.

use std::collections::HashSet;

use touroku_japanese::encoding::Encoding;
use touroku_proto::{
    officer::import::{FileColumn, Found},
    text,
};

use super::{
    columns::{Column, Columns},
    header::Header,
};

/// The longest cell text shown, in characters.
const MAX_SHOWN: usize = 200;

/// How many cells of each of the first rows are shown.
const MAX_HEAD_CELLS: usize = 12;

/// How many of the first rows are shown.
const MAX_HEAD_ROWS: usize = 20;

/// What is known about a file before its rows are read.
pub(crate) fn describe(header: &Header, columns: &Columns) -> Found {
    let named = |(column, title): (&Option<Column>, &String)| FileColumn {
        title: clip(title),
        field: column.as_ref().map(|column| column.name().to_owned()).unwrap_or_default(),
        sample: String::new(),
    };
    let (encoding, separator) = match (&header.workbook, header.encoding()) {
        (Some(_), _) => ("Excelブック", ""),
        (None, Encoding::Utf8) => ("UTF-8", header.separator_name()),
        (None, Encoding::Cp932) => ("CP932", header.separator_name()),
    };
    let workbook = header.workbook.clone();
    Found {
        encoding: encoding.to_owned(),
        separator: separator.to_owned(),
        sheet: workbook.as_ref().map(|workbook| workbook.sheet.clone()).unwrap_or_default(),
        sheets: workbook.map(|workbook| workbook.sheets).unwrap_or_default(),
        header: header.row as u64,
        head: shown_head(header, columns),
        columns: columns.columns.iter().zip(&columns.titles).map(named).collect(),
        added: 0,
        changed: 0,
        unchanged: 0,
        missing: 0,
        suspended: 0,
        held: 0,
        kept: 0,
        wrong: 0,
        anybodys: 0,
        doubtful: 0,
    }
}

/// The first rows, without columns titled as passwords: they may already be companies.
fn shown_head(header: &Header, columns: &Columns) -> Vec<Vec<String>> {
    let mut secret = HashSet::new();
    let rows = header.head.iter().enumerate().take(MAX_HEAD_ROWS.max(header.row));
    rows.map(|(index, row)| {
        let cells: Vec<String> = row.iter().take(MAX_HEAD_CELLS).map(|cell| clip(cell)).collect();
        let shown = cells.iter().enumerate().map(|(place, cell)| match secret.contains(&place) {
            true => String::new(),
            false => cell.clone(),
        });
        let shown = shown.collect();
        let is_title = |place: usize, cell: &str| {
            let column = columns.columns.get(place).and_then(Option::as_ref);
            cell.contains(Column::Password.name())
                || index + 1 == header.row && column.is_some_and(Column::is_secret)
        };
        secret
            .extend((0..).zip(&cells).filter(|(place, cell)| is_title(*place, cell)).map(|(place, _)| place));
        shown
    })
    .collect()
}

pub(crate) fn fill_samples(found: &mut Found, cells: &[String]) {
    for (column, cell) in found.columns.iter_mut().zip(cells) {
        let is_secret = [Column::Password, Column::InformationPassword]
            .iter()
            .any(|secret| column.field == secret.name() || column.title.contains(secret.name()));
        if !is_secret {
            column.sample = clip(cell);
        }
    }
}

/// A text shortened for a table and without disturbing characters.
pub(crate) fn clip(text: &str) -> String {
    let clean: String = text
        .chars()
        .take(MAX_SHOWN + 1)
        .map(|c| if text::is_forbidden(c) { '\u{FFFD}' } else { c })
        .collect();
    match clean.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", &clean[..end]),
        None => clean,
    }
}
