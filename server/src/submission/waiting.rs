//! A card waits for 審査.

use sha2::{Digest as _, Sha256};

use crate::{
    error::Error,
    http::limits::Rate,
    mail::Desk,
    registry::{
        card::Card,
        told::{By, Known, Told},
    },
    store::{Holder, NewCard, Waiting},
};

/// How often a day one card may apply to one company: withdrawn and sent again, it would fill the company's history.
const APPLICATIONS: Rate = Rate { count: 5, seconds: 86_400 };

/// Stores a card until officers have decided, and notifies its company.
pub(super) fn wait(
    desk: &Desk<'_>,
    waiting: Waiting<'_>,
    card: &Card,
    new_card: &NewCard<'_>,
) -> Result<Holder, Error> {
    let (agency, number) = (desk.agency(), waiting.number);
    brake(desk, number, card)?;
    let holder = Holder::Application(desk.writer.apply_with_card(agency, waiting, new_card, desk.now)?);
    let told = if waiting.replaces.is_some() { Told::RenewalWaits } else { Told::CardWaits };
    desk.record(number, holder, told.kind())?;
    desk.tell(told, &Known::of(desk.writer, agency, number)?, number, By::Card(card))?;
    Ok(holder)
}

fn brake(desk: &Desk<'_>, number: &str, card: &Card) -> Result<(), Error> {
    let (agency, identity) = (desk.agency(), &card.identity);
    let counter = Sha256::new()
        .chain_update(format!("card waits\n{agency}\n{number}\n{}\n", identity.serial))
        .chain_update(&identity.issuer)
        .finalize()
        .into();
    let until = APPLICATIONS.pay(desk.writer.paid_until(&counter)?, desk.now);
    desk.writer.pay_until(&counter, until.map_err(|retry_after| Error::RateLimited { retry_after })?)
}
