//! ICカード更新: a new card replaces an old one in one transaction: before its commit the old card works,
//! afterwards the new one, never both or neither.

use touroku_proto::{
    api::{ApiErrorCode, Completed, Function, Renew, Signed},
    card::Purpose,
    document,
    field::Values,
    form::Occasion,
    identity::{ReviewCause, Verdict},
};

use super::{At, Earlier, Examined, Outcome, Submission, ToSign, Turn, waiting::wait};
use crate::{
    bidder::{admission::refuse_stopped, check_new_card, registered_card},
    error::Error,
    mail::{Letter, unconfirmed},
    registry::{
        Place,
        card::Card,
        company,
        identity::{causes_of_renewal, company_match, was_renamed},
        told::{By, Known, Told, note_of},
    },
    store::{RegisteredCard, RosterRow, Waiting},
};

pub(crate) struct Sound {
    old_card: Card,
    old: RegisteredCard,
    card: Card,
    /// Of the new card, DER.
    certificate: Vec<u8>,
    row: RosterRow,
    /// Why officers have to review it.
    causes: Vec<ReviewCause>,
    /// Whether the new card belongs to another company or person, as far as that can be told.
    is_other: bool,
    company_id: String,
    values: Values,
}

impl Submission for Renew {
    const FUNCTION: Function = Function::Renew;

    type Sound = Sound;

    fn head(&self) -> (&str, Option<&Signed>) {
        (&self.submission, self.signed.as_ref())
    }

    fn earlier(&self, at: &At<'_>) -> Result<Option<Earlier>, Error> {
        at.completed_by_card(&new_card(at)?.0.identity)
    }

    fn examine(&self, at: &At<'_>, place: &Place<'_>) -> Result<Examined<Sound>, Error> {
        let &At { reader, agencies, session, .. } = at;
        let (card, certificate) = new_card(at)?;
        // Checked when the card was presented; another session may have been quicker.
        check_new_card(reader, agencies, session, &card)?;
        let (old_card, old) = registered_card(reader, agencies, session, Purpose::RenewNew)?;
        let (row, company) = company::registered(reader, at.agency(), &old.number)?;
        let found = company_match(card.names(), &row);
        let renamed = was_renamed(reader, at.agency(), &old.number, at.session.read_at)?;
        let causes = causes_of_renewal(place.profile, old_card.names(), card.names(), (&found, renamed))?;
        if causes.is_empty() {
            refuse_stopped(reader, at.agency(), &old.number, &card.identity)?;
        }
        let is_other = found.verdict() != Verdict::Same || old_card.folded_holder() != card.folded_holder();
        let values = company::values(place.category, &row, Some(&company));
        let (certificate, company_id) = (certificate.to_vec(), company.company_id);
        let sound = Sound { old_card, old, card, certificate, row, causes, is_other, company_id, values };
        Ok(Examined::Sound(sound))
    }

    fn to_sign<'a>(&self, place: &'a Place<'_>, sound: &'a Sound) -> Option<ToSign<'a>> {
        let Sound { old_card, old, card, certificate, values, .. } = sound;
        let write = move |head: &document::Head<'_>| {
            let shown = company::shown(place.form, Occasion::Change, values);
            document::renewal(head, &shown, &old_card.values(), &card.values())
        };
        Some(ToSign { company: &old.number, card, certificate, write: Box::new(write) })
    }

    fn carry_out(&self, turn: &Turn<'_>, sound: Sound) -> Result<Outcome, Error> {
        let &Turn { place, desk, receipt, .. } = turn;
        let Sound { old_card, old, card, certificate, row, causes, is_other, company_id, mut values } = sound;
        let (mail, number) = (&place.profile.mail, row.number.as_str());
        let known = Known::of(desk.writer, desk.agency(), number)?;
        desk.writer.drop_drafts(desk.agency(), &old_card.identity)?;
        desk.writer.drop_drafts(desk.agency(), &card.identity)?;
        values.merge(old.values.clone());
        values.merge(card.values());
        let pending = !causes.is_empty();
        let (text, holder) = if pending {
            let category = &place.category.code;
            let waiting = Waiting { category, number, causes: &causes, replaces: Some(old.id), receipt };
            (&mail.card_applied, wait(&desk, waiting, &card, &old.taken_over(&card, &certificate))?)
        } else {
            (&mail.renewed, desk.replace(&row, &old, &card, &certificate)?)
        };
        let others = [("function", "ICカード更新"), ("receipt", receipt)];
        let note = match (pending, is_other) {
            (true, _) => String::new(),
            (false, true) => note_of(Told::RenewedToOther.words(), By::Card(&card), desk.now),
            (false, false) => note_of("ICカードが更新されました", By::Card(&card), desk.now),
        };
        let mailed = Letter::new(text, &values).with(&others).noting(&note).queue(&desk)?;
        if !pending && is_other {
            desk.tell(Told::RenewedToOther, &known.but(&mailed.left), number, By::Card(&card))?;
        }
        let completed = Completed {
            company_id,
            values: company::printed(place.form, Occasion::Change, &values),
            unconfirmed: unconfirmed(desk.writer, place.profile, number, &mailed.to)?,
            mailed_to: mailed.to,
            pending,
            ..Completed::default()
        };
        Ok(Outcome { holder, completed })
    }
}

/// The new card, and its certificate.
fn new_card<'a>(at: &At<'a>) -> Result<(Card, &'a [u8]), Error> {
    let certificate = at.session.new_certificate.as_ref().ok_or(ApiErrorCode::CardNotPresented)?;
    Ok((Card::read(at.agencies, certificate)?, certificate))
}
