//! Questions before something is done.

use touroku_proto::officer::company::Reason;

use super::{Effect, Input};
use crate::officer::{
    ask::{Ask, Target},
    dialog::Dialog,
    input::{NEW_LINK, REASON},
    route::Route,
    state::Console,
};

impl Console {
    pub(super) fn offer(&mut self, dialog: Dialog) -> Vec<Effect> {
        // For 却下 the reason is on the screen; for a suspension the dialog asks for it.
        if dialog == Dialog::Reject
            && let Err(effects) = self.are_sound(&REASON)
        {
            return effects;
        }
        if matches!(dialog, Dialog::Suspend(_) | Dialog::Lift(_)) {
            self.texts.remove(&Input::Reason);
        }
        if let Dialog::NewLink(login_id) = &dialog {
            let email = self.known_email(login_id);
            self.texts.insert(Input::LinkEmail, email);
        }
        self.faults.clear();
        self.summary = false;
        self.notice = None;
        self.dialog = Some(dialog);
        vec![Effect::Focus("dialog".to_owned())]
    }

    pub(super) fn dismiss(&mut self) -> Vec<Effect> {
        let Some(dialog) = self.dialog.take() else { return Vec::new() };
        self.faults.clear();
        vec![Effect::Focus(dialog.opener())]
    }

    /// はい.
    pub(super) fn confirm(&mut self) -> Vec<Effect> {
        let Some(dialog) = self.dialog.clone() else { return Vec::new() };
        let asked: &[Input] = match dialog {
            Dialog::Suspend(_) | Dialog::Lift(_) => &REASON,
            Dialog::NewLink(_) => &NEW_LINK,
            _ => &[],
        };
        if !asked.is_empty() && self.are_sound(asked).is_err() {
            // The list of mistakes is behind the dialog.
            self.summary = false;
            return vec![Effect::Focus(asked[0].id().to_owned())];
        }
        self.dialog = None;
        self.banner = None;
        // First: whatever the action itself focuses comes after it.
        let mut effects = vec![Effect::Focus(dialog.opener())];
        effects.extend(self.do_it(dialog));
        effects
    }

    fn do_it(&mut self, dialog: Dialog) -> Vec<Effect> {
        match dialog {
            Dialog::Approve => self.decide(true),
            Dialog::Reject => self.decide(false),
            Dialog::ApproveTogether(_) => self.approve_together(),
            Dialog::Take(take) if take.is_many => self.offer(Dialog::TakeMany(take)),
            Dialog::Take(_) | Dialog::TakeMany(_) => self.take_import(),
            Dialog::Undo(id) => self.ask(Ask::Undo(id)),
            Dialog::CancelImport(id) => self.ask(Ask::CancelImport(id)),
            Dialog::Suspend(target) => self.suspend(target, false),
            Dialog::Lift(target) => self.suspend(target, true),
            Dialog::SendMail(id) => self.mail(id, false),
            Dialog::GiveMailUp(id) => self.mail(id, true),
            Dialog::Issue => self.issue(),
            Dialog::LettersSent(_) => self.send_letters(),
            Dialog::StopOfficer(login_id) => self.change_officer(&login_id, |body| body.stopped = true),
            Dialog::StartOfficer(login_id) => self.change_officer(&login_id, |body| body.stopped = false),
            Dialog::ChangeRole(login_id, role) => self.change_officer(&login_id, |body| body.role = role),
            Dialog::NewLink(login_id) => self.new_link(login_id),
            Dialog::EndSession(id) => self.ask(Ask::EndSession(id)),
            Dialog::UnlinkCard => self.ask(Ask::UnlinkCard),
            Dialog::TakeProfile => self.take_profile(),
            Dialog::ConfirmProfile => self.confirm_profile(),
            Dialog::WithdrawProfile => self.ask(Ask::WithdrawProfile),
        }
    }

    fn mail(&mut self, id: i64, give_up: bool) -> Vec<Effect> {
        let Some(Route::Company { number }) = self.route.clone() else { return Vec::new() };
        self.ask(Ask::Mail { number, id, give_up })
    }

    fn suspend(&mut self, target: Target, lift: bool) -> Vec<Effect> {
        let reason = self.text(Input::Reason).trim().to_owned();
        self.ask(Ask::Suspend { target, lift, body: Reason { reason } })
    }
}
