//! 利用者登録: typing, checking, saving.

use touroku_proto::{
    api::{ApiErrorCode, Function, SaveDraft},
    card::Purpose,
    field::{FieldId, Rule},
    form::{Form, Occasion, Row},
};

use super::go;
use crate::bidder::{
    action::Answer,
    effect::{Ask, Effect, Focus, Timer},
    form::edited_rows,
    route::Route,
    state::State,
    trouble::Retry,
    typo,
};

/// How long typing pauses before the draft is saved.
const PAUSE_MS: u32 = 800;

/// After a failure, and after each further one, this much longer …
const RETRY_MS: u32 = 5_000;

/// … up to this.
const RETRY_MAX_MS: u32 = 30_000;

impl State {
    /// To a field: on this screen or, from a confirmation, on the form.
    pub(super) fn find_field(&mut self, id: &'static str) -> Vec<Effect> {
        if self.route != Some(Route::Confirm) || FieldId::ALL.iter().all(|field| field.as_str() != id) {
            return vec![Effect::Focus(Focus::Field(id))];
        }
        self.sought = Some(id);
        vec![go(Route::Form)]
    }

    pub(super) fn typed(&mut self, field: FieldId, text: String) -> Vec<Effect> {
        let Some((form, occasion)) = self.cloned_form() else { return Vec::new() };
        self.form.values.set(field, text);
        self.form.typo.take_if(|(of, _)| *of == field);
        self.forget_addresses(field);
        self.form.forgive(&form, occasion);
        self.changed()
    }

    pub(super) fn left(&mut self, field: FieldId) -> Vec<Effect> {
        let Some((form, occasion)) = self.cloned_form() else { return Vec::new() };
        let changed = self.write_properly(form.rows().filter(|row| row.field == field));
        self.form.check(&form, occasion, field);
        let is_email =
            form.rows().any(|row| row.field == field && matches!(row.rule, Some(Rule::Email { .. })));
        if let Some(meant) = typo::meant(self.form.values.text(field)).filter(|_| is_email) {
            self.form.typo = Some((field, meant));
        }
        if changed { self.changed() } else { Vec::new() }
    }

    /// Normalises the rows' values to their stored spelling.
    fn write_properly<'a>(&mut self, rows: impl Iterator<Item = &'a Row>) -> bool {
        let mut changed = false;
        for row in rows.filter(|row| row.rule == Some(Rule::Phone)) {
            let (typed, written) =
                (self.form.values.text(row.field), row.written(self.form.values.text(row.field)));
            if written != typed {
                self.form.values.set(row.field, written);
                changed = true;
            }
        }
        changed
    }

    pub(super) fn convert(&mut self, field: FieldId) -> Vec<Effect> {
        let Some((form, occasion)) = self.cloned_form() else { return Vec::new() };
        let rule = form.rows().find(|row| row.field == field).and_then(|row| row.rule.as_ref());
        let meant = self.form.typo.take_if(|(of, _)| *of == field).map(|(_, meant)| meant);
        let converted = meant.or_else(|| rule?.suggest(self.form.values.text(field).trim()));
        let Some(converted) = converted else { return Vec::new() };
        self.form.values.set(field, converted);
        self.form.check(&form, occasion, field);
        self.changed()
    }

    pub(super) fn copy_contacts(&mut self) -> Vec<Effect> {
        let Some((form, occasion)) = self.cloned_form() else { return Vec::new() };
        form.copy_contacts(&mut self.form.values);
        self.form.forgive(&form, occasion);
        self.changed()
    }

    /// Addresses for a 郵便番号 that has changed are not offered.
    fn forget_addresses(&mut self, field: FieldId) {
        self.form.postal.take_if(|search| search.field == field);
    }

    fn changed(&mut self) -> Vec<Effect> {
        self.form.touch();
        // The confirmed values are no longer the current ones.
        self.submission = None;
        vec![Effect::Wait { timer: Timer::Draft, milliseconds: PAUSE_MS }]
    }

    /// Sends what is not saved yet, one request at a time.
    pub(super) fn save_draft(&mut self) -> Vec<Effect> {
        let Some((form, occasion)) = self.cloned_form() else { return Vec::new() };
        // In ID登録申請 there is nobody yet whose draft the server could store.
        if self.function() == Function::Apply {
            return self.keep_draft(&form, occasion);
        }
        // ICカード更新 and 電子入札 have no form to save, even if one of 変更 is still in memory.
        let other = matches!(
            self.view().and_then(|view| view.purpose),
            Some(Purpose::RenewOld | Purpose::RenewNew | Purpose::Bid | Purpose::Check)
        );
        if other || self.lost || self.form.saving.is_some() || !self.form.is_dirty() {
            return Vec::new();
        }
        let revision = self.form.revision;
        self.form.saving = Some(revision);
        let draft = SaveDraft { values: self.form.draft(&form, occasion) };
        vec![Effect::Ask(Ask::SaveDraft { revision, draft })]
    }

    pub(super) fn draft_saved(&mut self, revision: u32, answer: Answer<()>) -> Vec<Effect> {
        if self.form.saving != Some(revision) {
            return Vec::new();
        }
        self.form.saving = None;
        match answer {
            Ok(()) => {
                self.form.saved = revision;
                self.form.failures = 0;
                self.put_ending_off();
                if self.form.confirming {
                    return self.proceed();
                }
                match self.form.is_dirty() {
                    true => vec![Effect::Wait { timer: Timer::Draft, milliseconds: PAUSE_MS }],
                    false => Vec::new(),
                }
            }
            Err(trouble) if trouble.needs_card_again() => {
                self.form.confirming = false;
                self.lose_session(trouble)
            }
            Err(trouble) => {
                self.form.failures += 1;
                let confirming = std::mem::take(&mut self.form.confirming);
                // While typing, the line about saving says so; a person is interrupted only when waiting, or when
                // waiting would not help.
                let passes = trouble.passes_by_itself();
                let mut effects = Vec::new();
                if passes {
                    let milliseconds = (RETRY_MS * self.form.failures).min(RETRY_MAX_MS);
                    effects.push(Effect::Wait { timer: Timer::Draft, milliseconds });
                }
                if trouble.is(ApiErrorCode::CardAlreadyRegistered) {
                    effects.push(Effect::Ask(Ask::Session));
                }
                if confirming || !passes {
                    effects.extend(self.fail(trouble, Retry::Confirm));
                }
                effects
            }
        }
    }

    /// 入力内容確認.
    pub(super) fn confirm(&mut self) -> Vec<Effect> {
        let Some((form, occasion)) = self.cloned_form() else { return Vec::new() };
        if self.form.confirming || self.lost {
            return Vec::new();
        }
        self.banner = None;
        if self.write_properly(edited_rows(&form, occasion)) {
            self.form.touch();
        }
        let errors = form.check(occasion, &self.form.values);
        self.form.problems = errors.into_iter().map(|error| (error.field, error.problem)).collect();
        self.form.summary = !self.form.problems.is_empty();
        if self.form.summary {
            return vec![Effect::Focus(Focus::Summary)];
        }
        self.form.confirming = true;
        self.proceed()
    }

    /// On to 登録内容確認 once everything is saved.
    fn proceed(&mut self) -> Vec<Effect> {
        let mut effects = if self.form.is_dirty() { self.save_draft() } else { Vec::new() };
        if self.form.is_dirty() {
            return effects;
        }
        self.form.confirming = false;
        effects.push(go(Route::Confirm));
        effects
    }

    /// The form is part of a profile that the state also holds, hence a copy while the state changes.
    fn cloned_form(&self) -> Option<(Form, Occasion)> {
        self.session_form().map(|(form, occasion)| (form.clone(), occasion))
    }
}
