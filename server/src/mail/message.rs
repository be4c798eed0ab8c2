//! A queued mail as an RFC 5322 message.

use std::time::{Duration, SystemTime};

use lettre::{
    Message,
    message::{
        Mailbox, header,
        header::{Header, HeaderName, HeaderValue},
    },
};

use crate::{error::Error, store::OutboxMail};

/// `Auto-Submitted` (RFC 3834, 5): no vacation notice answers this mail.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

/// Builds the message; the same bytes at every attempt.
pub(super) fn build(queued: &OutboxMail) -> Result<Message, Error> {
    let mail = &queued.mail;
    let mailbox = |address: &str| {
        let address = address.parse().map_err(|_| Error::MailRefused("not a mail address".to_owned()))?;
        Ok::<_, Error>(Mailbox::new(None, address))
    };
    let seconds = u64::try_from(queued.created_at.div_euclid(1000)).unwrap_or(0);
    Message::builder()
        .from(mailbox(&mail.sender)?)
        .to(mailbox(&mail.recipient)?)
        .subject(mail.subject.clone())
        .message_id(Some(format!("<{}>", mail.message_id)))
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        .header(AutoSubmitted)
        .header(header::ContentType::TEXT_PLAIN)
        .body(mail.body.clone())
        .map_err(|_| Error::MailRefused("the message can't be built".to_owned()))
}
