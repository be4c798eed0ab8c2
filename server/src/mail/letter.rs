//! A mail from an agency, from its profile's text to the outbox.

use touroku_proto::{
    agency::AgencyProfile,
    field::{FieldId, Values},
    mail::{MailText, Recipient},
    origin::Origin,
    text,
};

use super::{admit::admit, seal::seal};
use crate::{
    error::Error,
    key::ServerKey,
    outside::Outside,
    store::{Attachment, NewMail, Priority, Writer},
};

/// Replaces what was entered for another address.
const NOT_SHOWN: &str = "（ほかの窓口の内容のため省略）";

/// What is needed to send letters.
#[derive(Clone, Copy)]
pub struct Post<'a> {
    pub outside: &'a Outside,
    /// Seals letters that contain secrets.
    pub key: &'a ServerKey,
    /// The base of links.
    pub origin: &'a Origin,
}

/// A transaction at an agency, in which letters are written.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    pub writer: &'a Writer<'a>,
    pub post: Post<'a>,
    pub profile: &'a AgencyProfile,
    /// Unix milliseconds.
    pub now: i64,
}

impl<'a> Desk<'a> {
    pub fn agency(&self) -> &'a str {
        &self.profile.code
    }
}

/// What to write and to whom.
#[derive(Clone, Copy)]
pub struct Letter<'a> {
    text: &'a MailText,
    values: &'a Values,
    addresses: Option<&'a [&'a Values]>,
    others: &'a [(&'a str, &'a str)],
    attachment: Option<&'a Attachment>,
    priority: Priority,
    is_sealed: bool,
    budget: Budget,
    note: &'a str,
}

/// Whose part of what one address and one company may get a day a mail is counted in. A stranger who causes mails must not
/// use up what the company needs, least of all for being told of the stranger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Budget {
    /// The company's own, and officers'.
    #[default]
    Company,
    /// Of people who have proved nothing: a part of it.
    Strangers,
    /// None: how often it is written is limited where it is written.
    Apart,
}

/// To whom a letter goes.
#[derive(Debug, Default)]
pub struct Mailed {
    /// Every address, in order.
    pub to: Vec<String>,
    /// Those whose mail is queued. The others' is held back: by then they know nothing.
    pub left: Vec<String>,
    /// `Message-ID` of the first.
    pub message_id: Option<String>,
}

impl<'a> Letter<'a> {
    /// A text of the profile, filled with `values` and sent to the addresses among them.
    pub fn new(text: &'a MailText, values: &'a Values) -> Self {
        Self {
            text,
            values,
            addresses: None,
            others: &[],
            attachment: None,
            priority: Priority::Ordinary,
            is_sealed: false,
            budget: Budget::Company,
            note: "",
        }
    }

    /// To the addresses among each of these values instead.
    pub fn to(self, addresses: &'a [&'a Values]) -> Self {
        Self { addresses: Some(addresses), ..self }
    }

    /// Further placeholders of this mail, by name.
    pub fn with(self, others: &'a [(&'a str, &'a str)]) -> Self {
        Self { others, ..self }
    }

    /// Below the profile's text, whatever that is.
    pub fn noting(self, note: &'a str) -> Self {
        Self { note, ..self }
    }

    /// Somebody is waiting for it.
    pub fn awaited(self) -> Self {
        Self { priority: Priority::Awaited, ..self }
    }

    /// Whoever causes it has proved nothing.
    pub fn by_stranger(self) -> Self {
        Self { budget: Budget::Strangers, ..self }
    }

    /// Its number is limited already.
    pub fn limited(self) -> Self {
        Self { budget: Budget::Apart, ..self }
    }

    /// One of many.
    pub fn bulk(self) -> Self {
        Self { priority: Priority::Bulk, ..self }
    }

    /// Its text contains a secret: it is queued sealed with the server's key.
    pub fn sealed(self) -> Self {
        Self { is_sealed: true, ..self }
    }

    pub fn attach(self, attachment: &'a Attachment) -> Self {
        Self { attachment: Some(attachment), ..self }
    }

    /// Queues the mail once for each address that the profile names, in order.
    ///
    /// # Errors
    /// [`Error::Defect`] for a placeholder that a checked profile can't have.
    pub fn queue(&self, desk: &Desk<'_>) -> Result<Mailed, Error> {
        let number = self.values.text(FieldId::CompanyNumber);
        let mut mailed = Mailed::default();
        for recipient in self.recipients() {
            let values = self.shown_to(&recipient);
            let mut mail = compose(desk, self.text, (&values, self.others), (&recipient, self.priority))?;
            mail.body.push_str(self.note);
            let mail = if self.is_sealed { seal(mail, desk.post.key, desk.post.outside)? } else { mail };
            if admit(desk, number, &mail, self.attachment, self.budget)? {
                mailed.left.push(recipient.clone());
            }
            mailed.to.push(recipient);
            mailed.message_id.get_or_insert(mail.message_id);
        }
        Ok(mailed)
    }

    /// What a recipient may read: of the contacts only those with this address. The others were typed by somebody
    /// else, who could write to them in our name.
    fn shown_to(&self, recipient: &str) -> Values {
        let mut values = self.values.clone();
        for who in Recipient::ALL {
            let address = who.address();
            if values.text(address).trim().eq_ignore_ascii_case(recipient) {
                continue;
            }
            let prefix = address.as_str().trim_end_matches("email");
            for field in FieldId::ALL.iter().filter(|field| field.as_str().starts_with(prefix)) {
                if !values.text(*field).is_empty() {
                    values.set(*field, NOT_SHOWN);
                }
            }
        }
        values
    }

    /// Addresses without duplicates, ignoring case.
    fn recipients(&self) -> Vec<String> {
        let named = if self.text.to.is_empty() { &Recipient::ALL[..] } else { &self.text.to };
        let mut recipients: Vec<String> = Vec::new();
        let own = [self.values];
        let addresses = self.addresses.unwrap_or(&own);
        for (values, recipient) in
            addresses.iter().flat_map(|values| named.iter().map(move |who| (values, who)))
        {
            let address = values.text(recipient.address()).trim();
            let known = recipients.iter().any(|known| known.eq_ignore_ascii_case(address));
            if !address.is_empty() && !known {
                recipients.push(address.to_owned());
            }
        }
        recipients
    }
}

/// Fills in a text.
///
/// # Errors
/// [`Error::Defect`] for a placeholder that a checked profile can't have.
pub(super) fn compose(
    desk: &Desk<'_>,
    text: &MailText,
    (values, others): (&Values, &[(&str, &str)]),
    (recipient, priority): (&str, Priority),
) -> Result<NewMail, Error> {
    let profile = desk.profile;
    let others = [&[("agency", profile.name.as_str())], others].concat();
    let fill = |template: &str| {
        MailText::fill(template, values, &others)
            .map_err(|_| Error::Defect("a checked profile has an unknown placeholder"))
    };
    let domain = profile.mail.from.rsplit('@').next().unwrap_or_default();
    Ok(NewMail {
        message_id: format!("{}@{domain}", hex::encode(desk.post.outside.random::<16>())),
        sender: profile.mail.from.clone(),
        recipient: recipient.to_owned(),
        // A header is one line, whatever a value contains.
        subject: fill(text.subject.trim())?.chars().filter(|&c| !text::is_forbidden(c)).collect(),
        body: fill(&text.body)?,
        sealed: false,
        priority,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_goes_to_those_whom_the_profile_names_and_to_each_once() {
        let mut values = Values::default();
        values.set(FieldId::RepresentativeContactEmail, "a@example.jp");
        values.set(FieldId::CardContactEmail, " A@Example.jp");
        values.set(FieldId::ApplicantContactEmail, "b@example.jp");
        let to = |to: &[Recipient]| {
            let text = MailText { to: to.to_vec(), ..MailText::default() };
            Letter::new(&text, &values).recipients()
        };
        assert_eq!(to(&[]), ["a@example.jp", "b@example.jp"]);
        assert_eq!(to(&[Recipient::Card]), ["A@Example.jp"]);
        assert_eq!(to(&[Recipient::Applicant, Recipient::Card]), ["b@example.jp", "A@Example.jp"]);
        values.set(FieldId::ApplicantContactPerson, "押し売り花子");
        values.set(FieldId::CardContactPerson, "見本一郎");
        let text = MailText::default();
        let shown = Letter::new(&text, &values).shown_to("a@EXAMPLE.jp");
        assert_eq!(
            (shown.text(FieldId::CardContactPerson), shown.text(FieldId::ApplicantContactPerson)),
            ("見本一郎", NOT_SHOWN),
            "free text goes to whoever has the address beside it"
        );
        let nobody = Values::default();
        assert!(Letter::new(&MailText::default(), &values).to(&[&nobody]).recipients().is_empty());
    }
}
