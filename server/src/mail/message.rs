//! A queued mail as an RFC 5322 message.

use std::time::{Duration, SystemTime};

use lettre::{
    Message,
    message::{
        Attachment, Mailbox, MultiPart, MultiPartKind, SinglePart, header,
        header::{Header, HeaderName, HeaderValue},
    },
};
use sha2::{Digest as _, Sha256};

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
    let unbuildable = |_| Error::MailRefused("the message can't be built".to_owned());
    let message = Message::builder()
        .from(mailbox(&mail.sender)?)
        .to(mailbox(&mail.recipient)?)
        .subject(mail.subject.clone())
        .message_id(Some(format!("<{}>", mail.message_id)))
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        .header(AutoSubmitted);
    let Some(attachment) = &queued.attachment else {
        let message = message.header(header::ContentType::TEXT_PLAIN);
        return message.body(mail.body.clone()).map_err(unbuildable);
    };
    let media_type = header::ContentType::parse(&attachment.media_type)
        .map_err(|_| Error::MailRefused("not a media type".to_owned()))?;
    let parts = MultiPart::builder()
        .kind(MultiPartKind::Mixed)
        // lettre's own is random. `=_` occurs in neither base64 nor quoted-printable (RFC 2045, 6.7).
        .boundary(format!("=_{}", hex::encode(&Sha256::digest(&mail.message_id)[..16])))
        .singlepart(SinglePart::plain(mail.body.clone()))
        .singlepart(Attachment::new(attachment.name.clone()).body(attachment.text.clone(), media_type));
    message.multipart(parts).map_err(unbuildable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Attachment, NewMail};

    #[test]
    fn every_attempt_sends_the_same_bytes() {
        let attachment = Attachment {
            name: "expiry.ics".into(),
            media_type: "text/calendar; charset=utf-8; method=PUBLISH".into(),
            text: "BEGIN:VCALENDAR\r\nSUMMARY:期限\r\nEND:VCALENDAR\r\n".into(),
        };
        let mail = NewMail {
            message_id: "1@example.jp".into(),
            sender: "a@example.jp".into(),
            recipient: "b@example.jp".into(),
            subject: "期限".into(),
            body: "本文\n".into(),
        };
        for attachment in [None, Some(attachment)] {
            let queued = OutboxMail { id: 1, mail: mail.clone(), attachment, created_at: 0, attempts: 0 };
            assert_eq!(build(&queued).unwrap().formatted(), build(&queued).unwrap().formatted());
        }
    }
}
