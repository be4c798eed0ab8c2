//! Mails, written in the transaction of what they tell about.

use touroku_proto::{
    agency::AgencyProfile,
    field::Values,
    mail::{MailText, Recipient},
    text,
};

use crate::{
    error::Error,
    outside::Outside,
    store::{NewMail, Writer},
};

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

/// Queues the mail to each address once. Answers the addresses. A text that is empty sends nothing.
pub(crate) fn queue(
    writer: &Writer<'_>,
    outside: &Outside,
    profile: &AgencyProfile,
    mail: &Mail<'_>,
    now: i64,
) -> Result<Vec<String>, Error> {
    if mail.text.body.is_empty() {
        return Ok(Vec::new());
    }
    let mut others = vec![("agency", profile.name.as_str())];
    others.extend(mail.others);
    let fill = |template: &str| {
        MailText::fill(template, mail.values, &others)
            .map_err(|_| Error::Defect("a checked profile has an unknown placeholder"))
    };
    // A header is one line, whatever a value brings along.
    let subject: String = fill(&mail.text.subject)?.chars().filter(|&c| !text::is_forbidden(c)).collect();
    let body = fill(&mail.text.body)?;
    let domain = profile.mail.from.rsplit('@').next().unwrap_or_default();
    let addresses = addresses(mail);
    for address in &addresses {
        let queued = NewMail {
            message_id: format!("{}@{domain}", hex::encode(outside.random::<16>())),
            sender: profile.mail.from.clone(),
            recipient: address.clone(),
            subject: subject.clone(),
            body: body.clone(),
        };
        writer.queue_mail(&profile.code, &queued, now)?;
    }
    Ok(addresses)
}

fn addresses(mail: &Mail<'_>) -> Vec<String> {
    let named = if mail.text.to.is_empty() { &Recipient::ALL[..] } else { &mail.text.to };
    let mut addresses: Vec<String> = Vec::new();
    for address in mail.to.iter().flat_map(|values| named.iter().map(|who| values.text(who.address()).trim()))
    {
        if !address.is_empty() && !addresses.iter().any(|known| known.eq_ignore_ascii_case(address)) {
            addresses.push(address.to_owned());
        }
    }
    addresses
}
