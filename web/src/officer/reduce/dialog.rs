//! Questions before something is done.

use touroku_proto::officer::{
    company::{Period, Reason, Suspend},
    mail::{ActOnMails, MailAct, MailsMeant},
};

use super::{Effect, Input};
use crate::{
    bidder::clock,
    officer::{
        ask::{Ask, ClientCall, Target},
        dialog::Dialog,
        input::{Fault, NEW_LINK, REASON, SUSPENSION},
        route::Route,
        state::Console,
    },
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
        if matches!(dialog, Dialog::Suspend(Target::Company(_)) | Dialog::CorrectSuspension(..)) {
            let shown = self.company.as_ref().and_then(|company| company.suspension.clone());
            let shown = shown.filter(|_| matches!(dialog, Dialog::CorrectSuspension(..)));
            let (reason, period) = shown.map(|shown| (shown.reason, shown.period)).unwrap_or_default();
            self.texts.insert(Input::Reason, reason);
            self.texts.insert(Input::From, period.from.unwrap_or_default());
            self.texts.insert(Input::Until, period.until.unwrap_or_default());
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
            Dialog::Suspend(Target::Company(_)) | Dialog::CorrectSuspension(..) => &SUSPENSION,
            Dialog::Suspend(_) | Dialog::Lift(_) => &REASON,
            Dialog::NewLink(_) => &NEW_LINK,
            _ => &[],
        };
        if !asked.is_empty() && self.are_sound(asked).is_err() {
            // The list of mistakes is behind the dialog.
            self.summary = false;
            let first = asked.iter().find(|input| self.faults.contains_key(input)).unwrap_or(&asked[0]);
            return vec![Effect::Focus(first.id().to_owned())];
        }
        let until = self.text(Input::Until);
        if asked == SUSPENSION && !until.is_empty() && *until < *clock::day(self.now_unix_ms()) {
            self.faults.insert(Input::Until, Fault::Period);
            return vec![Effect::Focus(Input::Until.id().to_owned())];
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
            Dialog::Suspend(Target::Company(number)) => self.suspend_company(number, None),
            Dialog::CorrectSuspension(number, seen) => self.suspend_company(number, Some(seen)),
            Dialog::Suspend(target) => self.suspend(target, false),
            Dialog::Lift(target) => self.suspend(target, true),
            Dialog::SendMail(id) => self.mail(id, false),
            Dialog::GiveMailUp(id) => self.mail(id, true),
            Dialog::SendMails(_) => self.act_on_mails(MailAct::Send),
            Dialog::GiveMailsUp(_) => self.act_on_mails(MailAct::GiveUp),
            Dialog::Issue => self.issue(),
            Dialog::GrantPermits(_) => self.grant_permits(),
            Dialog::LettersSent(_) => self.send_letters(),
            Dialog::StopOfficer(login_id) => self.change_officer(&login_id, |body| body.stopped = true),
            Dialog::StartOfficer(login_id) => self.change_officer(&login_id, |body| body.stopped = false),
            Dialog::ChangeRole(login_id, role) => self.change_officer(&login_id, |body| body.role = role),
            Dialog::NewLink(login_id) => self.new_link(login_id),
            Dialog::EndSession(id) => self.ask(Ask::EndSession(id)),
            Dialog::UnlinkCard => self.ask(Ask::UnlinkCard),
            Dialog::RenewSecret(code) => self.ask(Ask::Clients(ClientCall::Renew(code))),
            Dialog::RemoveClient(code) => self.ask(Ask::Clients(ClientCall::Remove(code))),
            Dialog::TakeProfile => self.take_profile(),
            Dialog::ConfirmProfile => self.confirm_profile(),
            Dialog::WithdrawProfile => self.ask(Ask::WithdrawProfile),
        }
    }

    fn mail(&mut self, id: i64, give_up: bool) -> Vec<Effect> {
        match self.route.clone() {
            Some(Route::Company { number }) => self.ask(Ask::Mail { number, id, give_up }),
            Some(Route::Mails) => {
                let act = if give_up { MailAct::GiveUp } else { MailAct::Send };
                self.ask(Ask::ActOnMails(ActOnMails { act, of: MailsMeant::One(id) }))
            }
            _ => Vec::new(),
        }
    }

    fn suspend_company(&mut self, number: String, seen: Option<i64>) -> Vec<Effect> {
        let [reason, from, until] = SUSPENSION.map(|input| self.text(input).trim().to_owned());
        let [from, until] = [from, until].map(|day| (!day.is_empty()).then_some(day));
        self.ask(Ask::SuspendCompany {
            number,
            seen,
            body: Suspend { reason, period: Period { from, until } },
        })
    }

    fn suspend(&mut self, target: Target, lift: bool) -> Vec<Effect> {
        let reason = self.text(Input::Reason).trim().to_owned();
        self.ask(Ask::Suspend { target, lift, body: Reason { reason } })
    }
}
