//! A queued mail as an RFC 5322 message.

use std::time::{Duration, SystemTime};

use lettre::{
    Address, Message,
    address::Envelope,
    message::{
        Attachment, Mailbox, MultiPart, MultiPartKind, SinglePart, header,
        header::{Header, HeaderName, HeaderValue},
    },
};
use sha2::{Digest as _, Sha256};

use crate::store::OutboxMail;

/// `Auto-Submitted` (RFC 3834, 5): suppresses vacation notices.
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

/// Why a queued mail can't be turned into a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unbuildable {
    #[error("sender: not a mail address")]
    Sender,
    #[error("recipient: not a mail address")]
    Recipient,
    #[error("attachment: not a media type")]
    MediaType,
    #[error("the message can't be built")]
    Message,
    #[error("sealed with another key")]
    Sealed,
}

/// What is handed over.
pub(super) struct Built {
    pub(super) from: Address,
    pub(super) to: Address,
    pub(super) text: Vec<u8>,
}

/// Builds the message around `body`; the same bytes at every attempt.
pub(super) fn build(queued: &OutboxMail, body: String) -> Result<Built, Unbuildable> {
    let from = address(&queued.mail.sender).ok_or(Unbuildable::Sender)?;
    let to = address(&queued.mail.recipient).ok_or(Unbuildable::Recipient)?;
    let text = message(queued, &from, &to, body)?.formatted();
    Ok(Built { from, to, text })
}

/// An address as mail servers parse it. Carriers once issued local parts with dots that RFC 5321's `Dot-string`
/// does not allow (`a..b`, `a.`); as a `Quoted-string` they mean the same and are valid (RFC 5321, 4.1.2; RFC
/// 5322, 3.4.1).
fn address(text: &str) -> Option<Address> {
    let text = text.trim();
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let (local, domain) = text.rsplit_once('@')?;
    let is_quotable = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '@');
    if local.is_empty() || !local.chars().all(is_quotable) {
        return None;
    }
    Address::new(format!("\"{local}\""), domain).ok()
}

fn message(queued: &OutboxMail, from: &Address, to: &Address, body: String) -> Result<Message, Unbuildable> {
    let mail = &queued.mail;
    let seconds = u64::try_from(queued.created_at.div_euclid(1000)).unwrap_or(0);
    let unbuildable = |_| Unbuildable::Message;
    // lettre would take it from the headers, and can't parse a quoted local part.
    let envelope = Envelope::new(Some(from.clone()), vec![to.clone()]).map_err(|_| Unbuildable::Message)?;
    let message = Message::builder()
        .envelope(envelope)
        .from(Mailbox::new(None, from.clone()))
        .to(Mailbox::new(None, to.clone()))
        .subject(mail.subject.clone())
        .message_id(Some(format!("<{}>", mail.message_id)))
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        .header(AutoSubmitted);
    let Some(attachment) = &queued.attachment else {
        let message = message.header(header::ContentType::TEXT_PLAIN);
        return message.body(body).map_err(unbuildable);
    };
    let media_type =
        header::ContentType::parse(&attachment.media_type).map_err(|_| Unbuildable::MediaType)?;
    let parts = MultiPart::builder()
        .kind(MultiPartKind::Mixed)
        // lettre's own is random. `=_` occurs in neither base64 nor quoted-printable (RFC 2045, 6.7).
        .boundary(format!("=_{}", hex::encode(&Sha256::digest(&mail.message_id)[..16])))
        .singlepart(SinglePart::plain(body))
        .singlepart(Attachment::new(attachment.name.clone()).body(attachment.text.clone(), media_type));
    message.multipart(parts).map_err(unbuildable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Attachment, NewMail};

    fn queued(recipient: &str, attachment: Option<Attachment>) -> OutboxMail {
        let mail = NewMail {
            message_id: "1@example.jp".into(),
            sender: "a@example.jp".into(),
            recipient: recipient.into(),
            subject: "期限".into(),
            ..NewMail::default()
        };
        OutboxMail { id: 1, mail, attachment, ..OutboxMail::default() }
    }

    #[test]
    fn every_attempt_sends_the_same_bytes() {
        let attachment = Attachment {
            name: "expiry.ics".into(),
            media_type: "text/calendar; charset=utf-8; method=PUBLISH".into(),
            text: "BEGIN:VCALENDAR\r\nSUMMARY:期限\r\nEND:VCALENDAR\r\n".into(),
        };
        for attachment in [None, Some(attachment)] {
            let queued = queued("b@example.jp", attachment);
            let text = || build(&queued, "本文\n".into()).unwrap().text;
            assert_eq!(text(), text());
        }
    }

    #[test]
    fn a_local_part_with_dots_where_the_standard_has_none_is_quoted() {
        for (typed, sent) in [
            ("mihon..taro@docomo.example.jp", "\"mihon..taro\"@docomo.example.jp"),
            ("taro.@docomo.example.jp", "\"taro.\"@docomo.example.jp"),
            (".mihon@ezweb.example.jp", "\".mihon\"@ezweb.example.jp"),
            (" a.b@example.jp ", "a.b@example.jp"),
        ] {
            let built = build(&queued(typed, None), String::new()).unwrap();
            assert_eq!(built.to.to_string(), sent);
            assert!(String::from_utf8(built.text).unwrap().contains(&format!("\r\nTo: {sent}\r\n")));
        }
        for wrong in ["a b@example.jp", "example.jp", "@example.jp", "a\"b@example.jp", "a\r\nb@example.jp"] {
            assert_eq!(
                build(&queued(wrong, None), String::new()).err(),
                Some(Unbuildable::Recipient),
                "{wrong}"
            );
        }
    }
}
