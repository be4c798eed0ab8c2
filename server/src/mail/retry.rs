//! When a mail is retried (RFC 5321, 4.5.4.1), and when it no longer is.

use super::failure::{About, Failure, Step};
use crate::store::{Hold, OutboxMail, Settled};

/// The first delay after a failure, milliseconds; it doubles with each further one.
const FIRST_RETRY: i64 = 30_000;

/// The longest delay while the mail server seems to be the cause: it may be fixed at any time.
const LAST_RELAY_RETRY: i64 = 5 * MINUTE;

const LAST_RETRY: i64 = 30 * MINUTE;

/// The first delay when the mail may have been delivered; it doubles, too.
const FIRST_UNKNOWN: i64 = 60 * MINUTE;

/// How often a mail may have been delivered before it is left to an officer.
const MOST_UNKNOWN: u32 = 3;

/// No mail waits longer for its next attempt, nor is one longer in hand.
pub(crate) const LONGEST_WAIT: i64 = FIRST_UNKNOWN << (MOST_UNKNOWN - 1);

/// How long a mail is retried.
const TRIED_FOR: i64 = 5 * 24 * 60 * MINUTE;

const MINUTE: i64 = 60_000;

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Sent,
    Stopped,
    Failed(Failure),
    /// It failed when the end of the mail may have arrived.
    Unknown(Failure),
    /// The mail itself is broken.
    Broken(String),
}

/// Decides what to do with the mail.
pub(super) fn settle(mail: &OutboxMail, outcome: &Outcome, now: i64) -> Settled {
    let failure = match outcome {
        Outcome::Sent => return Settled::Sent,
        Outcome::Stopped => return Settled::Untried,
        Outcome::Broken(reason) => return Settled::Refused { reason: reason.clone() },
        Outcome::Unknown(failure) => return unknown(mail, failure, now),
        Outcome::Failed(failure) => failure,
    };
    let hold = match (failure.about(), mail.hold) {
        // It was not even mentioned.
        (About::Relay, _)
            if matches!(
                failure.step(),
                Step::Connect | Step::Greeting | Step::Tls | Step::Auth | Step::File
            ) =>
        {
            return Settled::Untried;
        }
        // Another mail of its sender has left meanwhile, so the problem is this mail.
        (About::Mail, _) | (About::Unclear, Hold::Released) => {
            return Settled::Refused { reason: failure.to_string() };
        }
        (About::Relay | About::MailForNow, Hold::Released | Hold::Mail) => Hold::Mail,
        (About::Relay | About::MailForNow | About::Sender | About::Unclear, _) => Hold::Relay,
    };
    if now - mail.tried_since >= TRIED_FOR {
        return Settled::Refused { reason: failure.to_string() };
    }
    let longest = if hold == Hold::Relay { LAST_RELAY_RETRY } else { LAST_RETRY };
    Settled::Deferred {
        until: now + FIRST_RETRY.saturating_mul(1 << mail.attempts.min(20)).min(longest),
        hold,
        reason: failure.to_string(),
        unknown: false,
        whole_sender: failure.about() == About::Sender,
    }
}

fn unknown(mail: &OutboxMail, failure: &Failure, now: i64) -> Settled {
    let reason = format!("{failure}, perhaps delivered");
    if mail.unknowns + 1 >= MOST_UNKNOWN {
        return Settled::Refused { reason };
    }
    Settled::Deferred {
        until: now + (FIRST_UNKNOWN << mail.unknowns),
        hold: Hold::Mail,
        reason,
        unknown: true,
        whole_sender: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(step: Step, code: u16) -> Outcome {
        Outcome::Failed(Failure::answered(step, code, ""))
    }

    fn until(settled: &Settled) -> (i64, Hold) {
        let Settled::Deferred { until, hold, .. } = settled else { panic!("{settled:?}") };
        (*until, *hold)
    }

    #[test]
    fn waits_double_up_to_a_limit_and_end_after_five_days() {
        let mut mail = OutboxMail::default();
        let waits: Vec<i64> = (0..9)
            .map(|attempts| {
                mail.attempts = attempts;
                until(&settle(&mail, &answered(Step::Rcpt, 451), 0)).0 / 1000
            })
            .collect();
        assert_eq!(waits, [30, 60, 120, 240, 300, 300, 300, 300, 300]);
        mail.hold = Hold::Mail;
        assert_eq!(until(&settle(&mail, &answered(Step::Rcpt, 451), 0)).0, LAST_RETRY);
        let late = settle(&mail, &answered(Step::Rcpt, 451), TRIED_FOR);
        assert_eq!(late, Settled::Refused { reason: "RCPT 451".into() });
    }

    #[test]
    fn an_unclear_refusal_is_about_the_mail_only_when_another_mail_left_meanwhile() {
        let mut mail = OutboxMail::default();
        let refusal = answered(Step::Text, 554);
        assert_eq!(until(&settle(&mail, &refusal, 0)).1, Hold::Relay);
        mail.hold = Hold::Relay;
        assert_eq!(until(&settle(&mail, &refusal, 0)).1, Hold::Relay);
        mail.hold = Hold::Released;
        assert!(matches!(settle(&mail, &refusal, 0), Settled::Refused { .. }));
    }

    #[test]
    fn what_may_have_been_delivered_waits_long_and_is_not_repeated_for_days() {
        let lost = Outcome::Unknown(Failure::new(Step::Text, "connection lost"));
        let mut mail = OutboxMail::default();
        assert_eq!(until(&settle(&mail, &lost, 0)), (FIRST_UNKNOWN, Hold::Mail));
        mail.unknowns = 1;
        assert_eq!(until(&settle(&mail, &lost, 0)).0, 2 * FIRST_UNKNOWN);
        mail.unknowns = 2;
        assert!(matches!(settle(&mail, &lost, 0), Settled::Refused { .. }));
    }
}
