//! What stays unchanged because a file has no column for it.

use std::collections::HashSet;

use touroku_proto::agency::AgencyProfile;

use super::columns::{Column, Columns, note_of};
use crate::store::RosterRow;

/// The columns missing from a file, and the names of those that it adds to [`RosterRow::more`].
pub(crate) struct Absent(Vec<Column>, HashSet<String>);

impl Absent {
    pub(crate) fn of(columns: &Columns, profile: &AgencyProfile) -> Self {
        let brought = columns.columns.iter().flatten();
        Self(
            Column::all(profile).filter(|column| !columns.has(column)).collect(),
            brought.flat_map(|column| [column.name().to_owned(), note_of(column.name())]).collect(),
        )
    }

    /// Keeps their present values.
    pub(crate) fn keep(&self, row: &mut RosterRow, before: &RosterRow) {
        let copy = |into: &mut String, from: &String| into.clone_from(from);
        for (name, value) in before.more.iter().filter(|(name, _)| !self.1.contains(*name)) {
            row.more.entry(name.clone()).or_insert_with(|| value.clone());
        }
        for column in &self.0 {
            match column {
                Column::Number | Column::Name | Column::More(_) => {}
                Column::Kana => copy(&mut row.kana, &before.kana),
                Column::CorporateNumber => copy(&mut row.corporate_number, &before.corporate_number),
                Column::PostalCode => copy(&mut row.postal_code, &before.postal_code),
                Column::Address => copy(&mut row.address, &before.address),
                Column::RepresentativeName => copy(&mut row.representative_name, &before.representative_name),
                Column::RepresentativeTitle => {
                    copy(&mut row.representative_title, &before.representative_title);
                }
                Column::Phone => copy(&mut row.phone, &before.phone),
                Column::Fax => copy(&mut row.fax, &before.fax),
                Column::Branch => copy(&mut row.branch, &before.branch),
                Column::UserId => copy(&mut row.user_id, &before.user_id),
                Column::Password => copy(&mut row.password_hash, &before.password_hash),
                Column::InformationUserId => copy(&mut row.information_user_id, &before.information_user_id),
                Column::InformationPassword => row.information_password = before.information_password,
                Column::Qualification(name) => {
                    if let Some(grade) = before.qualifications.get(name) {
                        row.qualifications.insert(name.clone(), grade.clone());
                    }
                }
            }
        }
    }
}
