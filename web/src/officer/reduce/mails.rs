//! 届かなかったメール.

use touroku_proto::officer::mail::{ActOnMails, MailAct, MailsMeant, Undelivered};

use super::{Effect, Notice, focus_heading};
use crate::officer::{ask::Ask, route::Route, state::Console};

/// The `id` of the table.
const MAILS: &str = "mails";

impl Console {
    pub(super) fn undelivered_read(&mut self, after: Option<i64>, page: Undelivered) -> Vec<Effect> {
        match (after, &mut self.undelivered) {
            (Some(after), Some(shown)) if shown.next == Some(after) => {
                shown.mails.extend(page.mails);
                *shown = Undelivered { mails: std::mem::take(&mut shown.mails), ..page };
                // Then さらに表示 is gone.
                if shown.next.is_none() {
                    return vec![Effect::Focus(MAILS.to_owned())];
                }
            }
            (Some(_), _) => {}
            (None, shown) => *shown = Some(page),
        }
        Vec::new()
    }

    /// All that are shown, and those on further pages.
    pub(super) fn act_on_mails(&mut self, act: MailAct) -> Vec<Effect> {
        let Some(seen) = self.undelivered.as_ref().map(|page| page.revision.clone()) else {
            return Vec::new();
        };
        self.ask(Ask::ActOnMails(ActOnMails { act, of: MailsMeant::All(seen) }))
    }

    pub(super) fn mails_done(&mut self, asked: &ActOnMails, left: Undelivered) -> Vec<Effect> {
        if self.route != Some(Route::Mails) {
            return Vec::new();
        }
        self.undelivered = Some(left);
        let mut effects = self.say(match (asked.act, &asked.of) {
            (MailAct::Send, MailsMeant::One(_)) => Notice::MailSentAgain,
            (MailAct::GiveUp, MailsMeant::One(_)) => Notice::MailGivenUp,
            (MailAct::Send, MailsMeant::All(_)) => Notice::MailsSentAgain,
            (MailAct::GiveUp, MailsMeant::All(_)) => Notice::MailsGivenUp,
        });
        // The row with the button is gone.
        effects.push(focus_heading());
        effects
    }
}
