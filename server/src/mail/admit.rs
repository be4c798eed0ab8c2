//! Which letters may leave: those to addresses that were confirmed, or that the roster has; and not too many.
//!
//! Addresses are typed by people who have proved little or nothing, so a new one gets a single mail asking for
//! confirmation, and nothing else before the answer. The counters are in the store: several servers count
//! together.

use sha2::{Digest as _, Sha256};
use touroku_proto::agency::AgencyProfile;

use super::{
    letter::{Budget, Desk, compose},
    seal::seal,
};
use crate::{
    error::Error,
    http::limits::Rate,
    japan,
    store::{Attachment, Held, NewMail, Priority, Reader, Writer},
};

/// Mails to one address, and about one company: enough for the busiest company, too few to be a nuisance for long.
const TO_ADDRESS: Rate = Rate { count: 30, seconds: 86_400 };
const OF_COMPANY: Rate = Rate { count: 300, seconds: 86_400 };

/// Those among them that people cause who have proved nothing.
const STRANGERS_TO_ADDRESS: Rate = Rate { count: 10, seconds: 86_400 };
const STRANGERS_OF_COMPANY: Rate = Rate { count: 100, seconds: 86_400 };

/// Mails that ask one address to confirm: for one company by its own cards and IDs, and for whichever company by people
/// who have proved nothing. They are counted apart, or strangers could keep a company's address from being asked.
const CONFIRMATIONS: Rate = Rate { count: 5, seconds: 86_400 };
const STRANGERS_CONFIRMATIONS: Rate = Rate { count: 3, seconds: 86_400 };

/// How long the link in such a mail is valid, in milliseconds: a week.
pub(crate) const LINK_LIFE: i64 = 7 * 86_400_000;

/// Whether mails about that company may go to an address: it is confirmed, or in the roster, or the agency does
/// not ask.
fn is_admitted(
    reader: &Reader<'_>,
    profile: &AgencyProfile,
    number: &str,
    email: &str,
) -> Result<bool, Error> {
    let place = (profile.code.as_str(), number);
    if profile.mail.send_unconfirmed || number.is_empty() || reader.is_confirmed(place, email)? {
        return Ok(true);
    }
    let row = reader.roster_row(&profile.code, number)?;
    Ok(row.is_some_and(|row| row.email().trim().eq_ignore_ascii_case(email)))
}

/// The addresses that may have to be confirmed first, for somebody who has proved nothing: all or none, so that
/// nobody learns whether an address is one of the company's.
pub fn perhaps_unconfirmed(profile: &AgencyProfile, addresses: &[String]) -> Vec<String> {
    if profile.mail.send_unconfirmed { Vec::new() } else { addresses.to_vec() }
}

/// The addresses that have to be confirmed first.
pub fn unconfirmed(
    reader: &Reader<'_>,
    profile: &AgencyProfile,
    number: &str,
    addresses: &[String],
) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    for address in addresses {
        if !is_admitted(reader, profile, number, address)? {
            found.push(address.clone());
        }
    }
    Ok(found)
}

/// Queues a letter, or holds it back. Returns whether it was queued.
pub(super) fn admit(
    desk: &Desk<'_>,
    number: &str,
    mail: &NewMail,
    attachment: Option<&Attachment>,
    budget: Budget,
) -> Result<bool, Error> {
    let &Desk { writer, profile, now, .. } = desk;
    let place = (desk.agency(), number);
    if !is_admitted(writer, profile, number, &mail.recipient)? {
        writer.hold_mail(Held::Address, place, mail, attachment, now)?;
        ask(desk, number, &mail.recipient, budget)?;
        return Ok(false);
    }
    let is_paid = number.is_empty() || pay(writer, &counters(budget, place, &mail.recipient), now)?;
    if is_paid {
        writer.queue_mail_about(&profile.code, number, mail, attachment, now)?;
    } else {
        writer.hold_mail(Held::Limit, place, mail, attachment, now)?;
    }
    Ok(is_paid)
}

/// Asks those of the addresses once more that are not confirmed yet, as far as the limits let it. The links before are void.
pub fn ask_again(
    desk: &Desk<'_>,
    number: &str,
    addresses: &[String],
    by_stranger: bool,
) -> Result<(), Error> {
    let budget = if by_stranger { Budget::Strangers } else { Budget::Company };
    for email in unconfirmed(desk.writer, desk.profile, number, addresses)? {
        send_question(desk, number, &email, budget)?;
    }
    Ok(())
}

/// Asks an address to confirm, unless it was asked and can still answer.
fn ask(desk: &Desk<'_>, number: &str, email: &str, budget: Budget) -> Result<(), Error> {
    if desk.writer.confirmation_until((desk.agency(), number), email)? > desk.now {
        return Ok(());
    }
    send_question(desk, number, email, budget)
}

/// Asks an address to confirm, within the limits.
fn send_question(desk: &Desk<'_>, number: &str, email: &str, budget: Budget) -> Result<(), Error> {
    let &Desk { writer, post, profile, now } = desk;
    let place = (profile.code.as_str(), number);
    let mut counted = counters(budget, place, email);
    counted.push(match budget {
        Budget::Strangers => (STRANGERS_CONFIRMATIONS, counter("confirm", email)),
        Budget::Company | Budget::Apart => {
            (CONFIRMATIONS, counter(&format!("confirm for\n{}\n{number}", profile.code), email))
        }
    });
    if !pay(writer, &counted, now)? {
        return Ok(());
    }
    let token: [u8; 32] = post.outside.random();
    let until = now + LINK_LIFE;
    writer.issue_confirmation(place, email, &Sha256::digest(token).into(), until)?;
    // About the company only what the roster says: nothing that whoever typed the address could choose.
    let row = writer.roster_row(&profile.code, number)?;
    let values = row.map(|row| row.named()).unwrap_or_default();
    let link = format!("{}/mail#{}", post.origin.as_str(), hex::encode(token));
    let until = japan::minute(until);
    let others = [("link", link.as_str()), ("until", &until)];
    let text = &profile.mail.address_confirmation;
    let mail = compose(desk, text, (&values, &others), (email, Priority::Awaited))?;
    writer.queue_mail_about(&profile.code, number, &seal(mail, post.key, post.outside)?, None, now)
}

/// What counts a mail to that address about that company.
fn counters(budget: Budget, (agency, number): (&str, &str), email: &str) -> Vec<(Rate, [u8; 32])> {
    let company = |what: &str| Sha256::digest(format!("mail {what}\n{agency}\n{number}")).into();
    let all = vec![(TO_ADDRESS, counter("to", email)), (OF_COMPANY, company("of"))];
    let strangers = vec![
        (STRANGERS_TO_ADDRESS, counter("of strangers to", email)),
        (STRANGERS_OF_COMPANY, company("of strangers of")),
    ];
    match budget {
        Budget::Company => all,
        Budget::Strangers => [strangers, all].concat(),
        Budget::Apart => Vec::new(),
    }
}

fn counter(what: &str, email: &str) -> [u8; 32] {
    Sha256::digest(format!("mail {what}\n{}", email.trim().to_lowercase())).into()
}

/// Increments all counters, or none. Returns whether they stayed within their limits.
fn pay(writer: &Writer<'_>, counted: &[(Rate, [u8; 32])], now: i64) -> Result<bool, Error> {
    let mut paid = Vec::new();
    for (rate, id) in counted {
        match rate.pay(writer.paid_until(id)?, now) {
            Ok(until) => paid.push((id, until)),
            Err(_) => return Ok(false),
        }
    }
    for (id, until) in paid {
        writer.pay_until(id, until)?;
    }
    Ok(true)
}
