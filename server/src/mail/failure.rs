//! What went wrong on the way to the mail server, and what it concerns.

use std::{error::Error as _, fmt};

/// Where in the dialogue (RFC 5321).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Connect,
    Greeting,
    Tls,
    Auth,
    Mail,
    Rcpt,
    Data,
    Text,
    /// Writing a file instead.
    File,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connect",
            Self::Greeting => "greeting",
            Self::Tls => "TLS",
            Self::Auth => "AUTH",
            Self::Mail => "MAIL",
            Self::Rcpt => "RCPT",
            Self::Data => "DATA",
            Self::Text => "text",
            Self::File => "file",
        })
    }
}

/// A failure. What it displays contains no words of the mail server: they may include an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    step: Step,
    answer: Option<Answer>,
    cause: String,
}

/// The codes of a negative reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Answer {
    code: u16,
    /// RFC 3463.
    enhanced: Option<(u16, u16, u16)>,
    /// Whether its text is about who sends, or about relaying or logging in.
    names_policy: bool,
}

/// What a failure concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// The mail server: no mail gets through.
    Relay,
    /// The sender's address: none of its mails gets through.
    Sender,
    /// Unknown: the mail server's configuration, or this mail. Decided by whether others get through.
    Unclear,
    MailForNow,
    /// This mail, permanently.
    Mail,
}

impl Failure {
    pub(super) fn new(step: Step, cause: impl fmt::Display) -> Self {
        Self { step, answer: None, cause: cause.to_string() }
    }

    pub(super) fn from_smtp(step: Step, error: &lettre::transport::smtp::Error) -> Self {
        let Some(code) = error.status() else {
            // Its own words only: its source's may quote a line.
            let cause = match error {
                _ if error.is_client() => "not offered",
                _ if error.is_tls() => "no secure connection",
                _ => "connection lost",
            };
            return Self::new(step, cause);
        };
        let words = error.source().map(ToString::to_string).unwrap_or_default();
        Self::answered(step, u16::from(code), &words)
    }

    pub(super) fn answered(step: Step, code: u16, words: &str) -> Self {
        let lower = words.to_ascii_lowercase();
        let names_policy = POLICY.iter().any(|word| lower.contains(word));
        let answer = Answer { code, enhanced: enhanced(words), names_policy };
        Self { step, answer: Some(answer), cause: String::new() }
    }

    /// Whether the mail server's reply is missing.
    pub(super) fn is_unanswered(&self) -> bool {
        self.answer.is_none()
    }

    /// Whether the connection is unusable now. 421: the mail server closes it (RFC 5321, 3.8).
    pub(super) fn ends_connection(&self) -> bool {
        self.answer.is_none_or(|answer| answer.code == 421)
    }

    /// Whether a long-idle connection had been closed by the other side.
    pub(super) fn is_stale(&self) -> bool {
        self.step == Step::Mail && self.ends_connection() && self.cause != "no answer in time"
    }

    pub(super) fn step(&self) -> Step {
        self.step
    }

    pub(super) fn about(&self) -> About {
        let Some(answer) = self.answer else { return About::Relay };
        if answer.code == 421 {
            return About::Relay;
        }
        let is_permanent = (500..600).contains(&answer.code);
        match self.step {
            Step::Connect | Step::Greeting | Step::Tls | Step::Auth | Step::File => About::Relay,
            Step::Mail => About::Sender,
            Step::Rcpt if is_permanent => answer.about_recipient(),
            Step::Data | Step::Text if is_permanent => answer.about_text(),
            Step::Rcpt | Step::Data | Step::Text => About::MailForNow,
        }
    }
}

impl Answer {
    fn about_recipient(self) -> About {
        match self.enhanced {
            // The sender's address.
            Some((_, 1, 7 | 8)) => About::Sender,
            // No such mailbox or domain, a mailbox that accepts nothing, no route (5.4.1: Exchange's unknown
            // recipient).
            Some((_, 1, 1..) | (_, 2, _) | (_, 4, 1 | 4)) => About::Mail,
            // The mail server's policies and settings are seldom about one recipient.
            Some(_) => About::Unclear,
            None if self.names_policy => About::Unclear,
            None if matches!(self.code, 550..=553) => About::Mail,
            None => About::Unclear,
        }
    }

    fn about_text(self) -> About {
        match self.enhanced {
            // Recipient, mailbox, size and content.
            Some((_, 1, 1..=6 | 10) | (_, 2, _) | (_, 3, 4) | (_, 6, _)) => About::Mail,
            None if self.code == 552 => About::Mail,
            _ => About::Unclear,
        }
    }
}

/// Words by which mail servers without enhanced status codes refuse whoever sends, not a recipient. Lower case.
const POLICY: [&str; 17] = [
    "relay",
    "authenti",
    "rcpthosts",
    "denied",
    "prohibit",
    "not allowed",
    "permit",
    "policy",
    "block",
    "helo",
    "ehlo",
    "sender",
    "spf",
    "dnsbl",
    "blacklist",
    "listed",
    "reverse",
];

/// The enhanced status code: at the beginning of a reply's text (RFC 2034), or as `(#5.7.1)` in it, as qmail writes it.
fn enhanced(words: &str) -> Option<(u16, u16, u16)> {
    let first = words.split_whitespace().next()?;
    let quoted = || Some(words.split_once("(#")?.1.split_once(')')?.0);
    read_enhanced(first).or_else(|| read_enhanced(quoted()?))
}

fn read_enhanced(text: &str) -> Option<(u16, u16, u16)> {
    let mut parts = text.split('.').map(str::parse);
    let code = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    (parts.next().is_none() && matches!(code.0, 2 | 4 | 5)).then_some(code)
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.answer {
            None => write!(f, "{}: {}", self.step, self.cause),
            Some(Answer { code, enhanced: None, .. }) => write!(f, "{} {code}", self.step),
            Some(Answer { code, enhanced: Some((class, subject, detail)), .. }) => {
                write!(f, "{} {code} {class}.{subject}.{detail}", self.step)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_about_the_mail_only_where_it_says_so() {
        for (step, code, words, about) in [
            (Step::Greeting, 554, "5.7.1 go away", About::Relay),
            (Step::Auth, 535, "5.7.8 wrong", About::Relay),
            (Step::Auth, 454, "4.7.0 later", About::Relay),
            (Step::Mail, 550, "5.1.1 who are you", About::Sender),
            (Step::Mail, 451, "4.3.0 later", About::Sender),
            (Step::Mail, 421, "4.3.2 closing", About::Relay),
            (Step::Rcpt, 550, "5.1.1 unknown user", About::Mail),
            (Step::Rcpt, 550, "unknown user", About::Mail),
            (Step::Rcpt, 550, "5.4.1 Recipient address rejected: Access denied", About::Mail),
            (Step::Rcpt, 552, "5.2.2 full", About::Mail),
            (Step::Rcpt, 556, "5.1.10 null MX", About::Mail),
            (Step::Rcpt, 550, "5.1.0 rejected", About::Unclear),
            (Step::Rcpt, 550, "5.7.1 unable to relay", About::Unclear),
            (Step::Rcpt, 550, "Relaying denied", About::Unclear),
            (Step::Rcpt, 554, "5.7.1 Relay access denied", About::Unclear),
            (Step::Rcpt, 554, "no", About::Unclear),
            (
                Step::Rcpt,
                553,
                "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)",
                About::Unclear,
            ),
            (Step::Rcpt, 550, "sorry, no mailbox here by that name. (#5.1.1)", About::Mail),
            (Step::Rcpt, 550, "no such user here", About::Mail),
            (Step::Rcpt, 550, "Access denied", About::Unclear),
            (Step::Rcpt, 550, "Administrative prohibition", About::Unclear),
            (Step::Rcpt, 550, "Blocked by policy", About::Unclear),
            (Step::Rcpt, 550, "Sender verify failed", About::Unclear),
            (Step::Rcpt, 550, "Invalid HELO name", About::Unclear),
            (Step::Rcpt, 530, "5.7.0 Authentication required", About::Unclear),
            (Step::Rcpt, 553, "5.1.8 sender", About::Sender),
            (Step::Rcpt, 503, "5.5.1 order", About::Unclear),
            (Step::Rcpt, 450, "4.2.0 greylisted", About::MailForNow),
            (Step::Rcpt, 421, "4.7.0 too many", About::Relay),
            (Step::Data, 554, "no valid recipients", About::Unclear),
            (Step::Text, 554, "5.3.0 transaction failed", About::Unclear),
            (Step::Text, 554, "failed", About::Unclear),
            (Step::Text, 550, "5.7.1 spam", About::Unclear),
            (Step::Text, 552, "5.3.4 too big", About::Mail),
            (Step::Text, 554, "5.6.0 content", About::Mail),
            (Step::Text, 452, "4.3.1 no space", About::MailForNow),
        ] {
            assert_eq!(Failure::answered(step, code, words).about(), about, "{step} {code} {words}");
        }
        assert_eq!(Failure::new(Step::Rcpt, "connection lost").about(), About::Relay);
    }

    #[test]
    fn a_failure_shows_step_and_codes_and_no_address() {
        let failure = Failure::answered(Step::Rcpt, 550, "5.1.1 <a@example.jp> unknown");
        assert_eq!(failure.to_string(), "RCPT 550 5.1.1");
        assert_eq!(Failure::answered(Step::Auth, 535, "10.0.0.1 no").to_string(), "AUTH 535");
    }
}
