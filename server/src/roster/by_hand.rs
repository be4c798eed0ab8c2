//! One company as an officer types it, with the checks of an import's row.

use std::collections::HashMap;

use touroku_proto::{
    agency::AgencyProfile,
    few::Few,
    officer::{import::ImportCell, roster::RosterField},
};

use super::{
    absent::Absent,
    cells::{CheckedRow, NewSecret},
    check::differences,
    columns::{Column, Columns, note_of},
    found::clip,
    hashes::hash_all,
};
use crate::{
    error::Error,
    registry::information::Vault,
    store::{INFORMATION_PASSWORD, RosterRow},
};

/// Everything an agency's roster may have, as the columns of a file.
pub(crate) fn columns(profile: &AgencyProfile) -> Columns {
    let columns: Vec<Column> = Column::all(profile).collect();
    let titles = columns.iter().map(|column| title(column, profile)).collect();
    Columns { columns: columns.into_iter().map(Some).collect(), titles }
}

fn title(column: &Column, profile: &AgencyProfile) -> String {
    match column {
        Column::Number => profile.search.number_label.to_string(),
        column => column.name().to_owned(),
    }
}

/// The row as a form.
pub(crate) fn form(profile: &AgencyProfile, row: &RosterRow) -> Vec<RosterField> {
    let field = |column: Column| {
        // What could not be read in full is typed as it was in the file.
        let note = row.more.get(&note_of(column.name())).map(String::as_str);
        let value = if column.is_secret() { "" } else { note.unwrap_or_else(|| column.value(row)) };
        RosterField {
            name: title(&column, profile),
            value: value.to_owned(),
            required: column.is_required(),
            secret: column.is_secret(),
        }
    };
    Column::all(profile).map(field).collect()
}

/// What was typed.
pub(crate) enum Typed {
    Row(Box<RosterRow>, Vec<ImportCell>, Option<NewSecret>),
    Wrong(Vec<ImportCell>),
}

/// Checks what was typed over a row. Hashes a new password, which takes some 20 ms.
///
/// # Errors
/// Those of hashing.
pub(crate) fn read(
    profile: &AgencyProfile,
    values: &Few<String, String>,
    before: Option<&RosterRow>,
    vault: Vault<'_>,
) -> Result<Typed, Error> {
    let columns = columns(profile);
    let mut checked = CheckedRow::default();
    let mut wrong = Vec::new();
    let cell = |index: usize, reason: String| ImportCell {
        column: u32::try_from(index + 1).unwrap_or(u32::MAX),
        title: columns.titles[index].clone(),
        before: String::new(),
        after: String::new(),
        reason,
    };
    for (index, column) in columns.columns.iter().flatten().enumerate() {
        let value = values.get(&columns.titles[index]).map_or("", |value| value.trim());
        if let Err(reason) = checked.set(index, column, value, profile) {
            wrong.push(cell(index, reason));
        }
    }
    if !wrong.is_empty() {
        return Ok(Typed::Wrong(wrong));
    }
    // Typed once more it may be shown once more, even if it is the same.
    let secret = checked.mark_password(vault, &profile.code, None)?;
    let CheckedRow { mut row, password, doubts, .. } = checked;
    let doubts = doubts.into_iter().map(|(index, reason)| cell(index.unwrap_or(0), reason)).collect();
    if let Some(before) = before {
        // What this profile no longer knows.
        Absent::of(&columns, profile).keep(&mut row, before);
        for (name, grade) in &before.qualifications {
            if !columns.has(&Column::Qualification(name.clone())) {
                row.qualifications.insert(name.clone(), grade.clone());
            }
        }
        if !row.information_password && before.information_password {
            row.information_password = true;
            let mark = before.further(INFORMATION_PASSWORD);
            if !mark.is_empty() {
                row.more.insert(INFORMATION_PASSWORD.to_owned(), mark.to_owned());
            }
        }
        row.password_hash.clone_from(&before.password_hash);
    }
    if !password.is_empty() {
        let known = HashMap::from([(row.number.clone(), row.password_hash.clone())]);
        let hashes = hash_all(vec![(row.number.clone(), password)], &known)?;
        row.password_hash = hashes.into_values().next().unwrap_or_default();
    }
    Ok(Typed::Row(Box::new(row), doubts, secret))
}

/// What differs, with its values before and after; of a secret, only that it does.
pub(crate) fn changes(profile: &AgencyProfile, before: &RosterRow, after: &RosterRow) -> Vec<ImportCell> {
    differences(&columns(profile), before, after)
}

/// The same without persons' names.
pub(crate) fn nameless(profile: &AgencyProfile, changes: Vec<ImportCell>) -> Vec<ImportCell> {
    let persons: Vec<String> =
        Column::all(profile).filter(Column::names_person).map(|column| column.name().to_owned()).collect();
    let hide = |change: ImportCell| match persons.contains(&change.title) {
        true => ImportCell { before: String::new(), after: String::new(), ..change },
        false => change,
    };
    changes.into_iter().map(hide).collect()
}

/// Whether a change is the name's.
pub(crate) fn is_name(change: &ImportCell) -> bool {
    change.title == Column::Name.name()
}

/// A mistake of the number.
pub(crate) fn number_wrong(profile: &AgencyProfile, reason: &str) -> ImportCell {
    ImportCell {
        column: 1,
        title: clip(&profile.search.number_label),
        before: String::new(),
        after: String::new(),
        reason: reason.to_owned(),
    }
}
