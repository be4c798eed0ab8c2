//! Mails, written in the transaction of what they tell about.

use touroku_proto::{agency::AgencyProfile, field::Values, mail::MailText};

use crate::{error::Error, mail::Letter, outside::Outside, store::Writer};

/// A mail of some kind.
pub(crate) struct Mail<'a> {
    /// The profile's text of that kind.
    pub(crate) text: &'a MailText,
    /// What its placeholders stand for.
    pub(crate) values: &'a Values,
    /// What its other placeholders stand for, by their names.
    pub(crate) others: &'a [(&'a str, &'a str)],
    /// Whose addresses: of each the ones that the text names, or all that it has.
    pub(crate) to: &'a [&'a Values],
}

/// Queues the mail to each address once. Answers the addresses.
pub(crate) fn queue(
    writer: &Writer<'_>,
    outside: &Outside,
    profile: &AgencyProfile,
    mail: &Mail<'_>,
    now: i64,
) -> Result<Vec<String>, Error> {
    Letter::new(mail.text, mail.values).with(mail.others).to(mail.to).queue(writer, outside, profile, now)
}
