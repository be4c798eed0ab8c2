//! Questions before something is done.

use yew::AttrValue;

pub(crate) use super::said::dialog::*;
use super::{Text, screen::count};
use crate::officer::{
    ask::Target,
    dialog::{Dialog, TakeOver},
};

/// A question, its consequences, and the button that carries it out.
pub(crate) struct Question {
    pub(crate) title: AttrValue,
    pub(crate) text: AttrValue,
    /// はい, worded as the action.
    pub(crate) yes: Text,
}

/// A question without placeholders, by its name in the catalogue.
macro_rules! ask {
    ($name:ident) => {
        ask($name::TITLE, $name::TEXT, $name::YES)
    };
}

pub(crate) fn question(dialog: &Dialog) -> Question {
    match dialog {
        Dialog::Approve => ask!(approve),
        Dialog::Reject => ask!(reject),
        Dialog::ApproveTogether(count) => {
            ask(approve_together::title(*count), approve_together::TEXT, approve_together::YES)
        }
        Dialog::Take(take) => ask(take::TITLE, take_over(take), take::YES),
        Dialog::TakeMany(take) => {
            let gone = take.removed + take.suspended;
            let percent = (gone * 100).checked_div(take.before).unwrap_or(0);
            let [before, gone, removed, suspended] =
                [take.before, gone, take.removed, take.suspended].map(count);
            ask(
                take_many::title(&gone),
                take_many::text(&before, &gone, percent, &removed, &suspended),
                take_many::YES,
            )
        }
        Dialog::Undo(_) => ask!(undo),
        Dialog::CancelImport(_) => ask!(cancel_import),
        Dialog::Suspend(Target::Company(_)) => ask!(suspend_company),
        Dialog::Suspend(Target::Account(_)) => ask!(suspend_account),
        Dialog::Lift(Target::Account(_)) => ask!(lift_account),
        Dialog::Suspend(Target::Card(_)) => ask!(suspend_card),
        Dialog::Lift(Target::Company(_)) => ask!(lift_company),
        Dialog::Lift(Target::Card(_)) => ask!(lift_card),
        Dialog::CorrectSuspension(..) => ask!(correct_suspension),
        Dialog::SendMail(_) => ask!(send_mail),
        Dialog::GiveMailUp(_) => ask!(give_mail_up),
        Dialog::SendMails(mails) => ask(send_mails::title(&count(*mails)), send_mails::TEXT, send_mails::YES),
        Dialog::GiveMailsUp(mails) => {
            ask(give_mails_up::title(&count(*mails)), give_mails_up::TEXT, give_mails_up::YES)
        }
        Dialog::Issue => ask!(issue),
        Dialog::GrantPermits(companies) => {
            ask(grant_permits::title(*companies), grant_permits::TEXT, grant_permits::YES)
        }
        Dialog::LettersSent(letters) => {
            ask(letters_sent::title(*letters), letters_sent::TEXT, letters_sent::YES)
        }
        Dialog::StopOfficer(login_id) => {
            ask(stop_officer::title(login_id), stop_officer::TEXT, stop_officer::YES)
        }
        Dialog::StartOfficer(login_id) => {
            ask(start_officer::title(login_id), start_officer::TEXT, start_officer::YES)
        }
        Dialog::ChangeRole(login_id, role) => {
            ask(change_role::title(login_id, role.name()), change_role::TEXT, change_role::YES)
        }
        Dialog::NewLink(login_id) => ask(new_link::title(login_id), new_link::TEXT, new_link::YES),
        Dialog::EndSession(_) => ask!(end_session),
        Dialog::UnlinkCard => ask!(unlink_card),
        Dialog::ConfirmProfile => ask!(confirm_profile),
        Dialog::WithdrawProfile => ask!(withdraw_profile),
        Dialog::RenewSecret(_) => ask!(renew_secret),
        Dialog::RemoveClient(_) => ask!(remove_client),
        Dialog::TakeProfile => ask!(take_profile),
    }
}

fn ask(title: impl Into<AttrValue>, text: impl Into<AttrValue>, yes: Text) -> Question {
    Question { title: title.into(), text: text.into(), yes }
}

/// What a take-over does, in numbers.
fn take_over(take: &TakeOver) -> String {
    let [added, changed, removed, suspended, left_out] =
        [take.added, take.changed, take.removed, take.suspended, take.left_out].map(count);
    match take.left_out {
        0 => take::text(&added, &changed, &removed, &suspended),
        _ => take::text_left_out(&added, &changed, &removed, &suspended, &left_out),
    }
}
