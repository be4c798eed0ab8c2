//! 名簿: one company by hand.

use touroku_proto::officer::roster::{RosterField, RosterForm, SaveRow, SavedRow};

use super::{Effect, Notice, go};
use crate::officer::{
    ask::Ask,
    route::Route,
    state::{Console, Row},
};

impl Console {
    /// The form as it is now. What was typed over an earlier one stays.
    pub(super) fn row_read(&mut self, form: RosterForm) -> Vec<Effect> {
        if !matches!(&self.route, Some(Route::Row { number }) if *number == form.number) {
            return Vec::new();
        }
        let Row { form: before, values, keep, .. } = std::mem::take(&mut self.row);
        let shown = |name: &str| before.as_ref()?.fields.iter().find(|field| field.name == name);
        let typed = |field: &RosterField| {
            let value = values.get(&field.name)?;
            (shown(&field.name)?.value != *value).then(|| value.clone())
        };
        let now =
            |field: &RosterField| (field.name.clone(), typed(field).unwrap_or_else(|| field.value.clone()));
        let other = |field: &&RosterField| shown(&field.name).is_some_and(|old| old.value != field.value);
        self.row.others = form.fields.iter().filter(other).map(|field| field.name.clone()).collect();
        self.row.values = form.fields.iter().map(now).collect();
        self.row.keep = if before.is_some() { keep } else { form.kept };
        self.row.form = Some(form);
        Vec::new()
    }

    pub(super) fn type_row(&mut self, name: String, value: String) -> Vec<Effect> {
        self.row.wrong.retain(|cell| cell.title != name);
        self.row.doubts.clear();
        self.row.values.insert(name, value);
        Vec::new()
    }

    pub(super) fn save_row(&mut self, confirmed: bool) -> Vec<Effect> {
        let Some(form) = &self.row.form else { return Vec::new() };
        let (number, revision) = (form.number.clone(), form.revision.clone());
        let (values, keep) = (self.row.values.clone(), self.row.keep);
        self.banner = None;
        self.ask(Ask::SaveRow(SaveRow { number, revision, values, keep, confirmed }))
    }

    /// The answer about the row with that number; empty: about a new one.
    pub(super) fn row_saved(&mut self, asked: &str, saved: SavedRow) -> Vec<Effect> {
        if !matches!(&self.route, Some(Route::Row { number }) if number == asked) {
            return Vec::new();
        }
        if saved.saved {
            self.next_notice = Some(Notice::RowSaved);
            return vec![go(Route::Company { number: saved.number })];
        }
        let place = if saved.wrong.is_empty() { "doubts" } else { "summary" };
        (self.row.wrong, self.row.doubts) = (saved.wrong, saved.doubts);
        vec![Effect::Focus(place.to_owned())]
    }
}
