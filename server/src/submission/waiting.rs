//! A card waits for 審査.

use crate::{
    error::Error,
    mail::Desk,
    registry::{
        card::Card,
        told::{By, Known, Told},
    },
    store::{Holder, NewCard, Waiting},
};

/// Stores a card until officers have decided, and notifies its company.
pub(super) fn wait(
    desk: &Desk<'_>,
    waiting: Waiting<'_>,
    card: &Card,
    new_card: &NewCard<'_>,
) -> Result<Holder, Error> {
    let (agency, number) = (desk.agency(), waiting.number);
    let holder = Holder::Application(desk.writer.apply_with_card(agency, waiting, new_card, desk.now)?);
    let told = if waiting.replaces.is_some() { Told::RenewalWaits } else { Told::CardWaits };
    desk.record(number, holder, told.kind())?;
    desk.tell(told, &Known::of(desk.writer, agency, number)?, number, By::Card(card))?;
    Ok(holder)
}
