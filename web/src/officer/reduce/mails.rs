//! 届かなかったメール.

use touroku_proto::officer::mail::{ActOnMails, MailAct, Undelivered};

use super::{Effect, Notice};
use crate::officer::state::Console;

impl Console {
    pub(super) fn undelivered_read(&mut self, after: Option<i64>, page: Undelivered) {
        match (after, &mut self.undelivered) {
            (Some(after), Some(shown)) if shown.next == Some(after) => {
                shown.mails.extend(page.mails);
                (shown.next, shown.total) = (page.next, page.total);
            }
            (Some(_), _) => {}
            (None, shown) => *shown = Some(page),
        }
    }

    pub(super) fn mails_done(&mut self, asked: &ActOnMails, left: Undelivered) -> Vec<Effect> {
        if self.undelivered.is_none() {
            return Vec::new();
        }
        self.undelivered = Some(left);
        self.say(match (asked.act, asked.only) {
            (MailAct::Send, Some(_)) => Notice::MailSentAgain,
            (MailAct::GiveUp, Some(_)) => Notice::MailGivenUp,
            (MailAct::Send, None) => Notice::MailsSentAgain,
            (MailAct::GiveUp, None) => Notice::MailsGivenUp,
        })
    }
}
