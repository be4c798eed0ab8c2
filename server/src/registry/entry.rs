//! A card becomes one of its company's, or takes the place of one.

use touroku_proto::field::Values;

use super::{
    Place,
    card::Card,
    company,
    told::{By, Known, Told},
};
use crate::{
    error::Error,
    mail::Desk,
    store::{Company, EventKind, Holder, NewCard, RegisteredCard, RosterRow},
};

/// A card to be registered.
pub(crate) struct Entry<'a> {
    pub(crate) place: Place<'a>,
    pub(crate) row: &'a RosterRow,
    pub(crate) card: &'a Card,
    pub(crate) new_card: NewCard<'a>,
    /// The roster's values and what was entered, for a company whose first card it is.
    pub(crate) values: &'a Values,
}

impl Desk<'_> {
    /// Makes a card one of its company's, the company an 電子入札業者 if it is the first, and notifies the addresses
    /// known before.
    pub(crate) fn register(&self, entry: &Entry<'_>) -> Result<(Company, Holder), Error> {
        let Self { writer, now, .. } = *self;
        let (agency, number) = (self.agency(), entry.row.number.as_str());
        let known = Known::of(writer, agency, number)?;
        let (told, company) = match writer.company(agency, number)? {
            Some(company) => (Told::CardAdded, company),
            None => (Told::Registered, self.new_company(entry)?),
        };
        let own = company::of_card(entry.new_card.values);
        let card = writer.register_card(agency, number, &NewCard { values: &own, ..entry.new_card }, now)?;
        let holder = Holder::Card(card);
        self.record(number, holder, told.kind())?;
        entry.card.note(writer, card, Some(entry.row))?;
        self.tell(told, &known, number, By::Card(entry.card))?;
        Ok((company, holder))
    }

    /// Makes a roster company an 電子入札業者 with its own 企業ID.
    fn new_company(&self, entry: &Entry<'_>) -> Result<Company, Error> {
        let Place { profile, category, form } = entry.place;
        let sequence = self.writer.next_company_sequence(&profile.code)?;
        let company_id = profile
            .company_id
            .write(&profile.procurement_code, category.digit, sequence)
            .ok_or(Error::Defect("the 企業ID format has run out of numbers"))?;
        let company = Company { company_id, values: company::owned(form, entry.values), revision: 0 };
        self.writer.register_company(&profile.code, &entry.row.number, &company, self.now)?;
        Ok(company)
    }

    /// Replaces an old card with a new one, which takes over what was entered for it.
    pub(crate) fn replace(
        &self,
        row: &RosterRow,
        old: &RegisteredCard,
        card: &Card,
        certificate: &[u8],
    ) -> Result<Holder, Error> {
        let Self { writer, now, .. } = *self;
        let number = row.number.as_str();
        let new_row = writer.register_card(self.agency(), number, &old.taken_over(card, certificate), now)?;
        card.note(writer, new_row, Some(row))?;
        writer.replace_card(old.id, new_row, now)?;
        let holder = Holder::Card(new_row);
        self.record(number, Holder::Card(old.id), EventKind::CardReplaced)?;
        self.record(number, holder, EventKind::CardRenewed)?;
        Ok(holder)
    }
}

impl RegisteredCard {
    /// A new card with what was entered for this one.
    pub(crate) fn taken_over<'a>(&'a self, card: &'a Card, certificate: &'a [u8]) -> NewCard<'a> {
        let (person_in_charge, values) = (self.person_in_charge.as_str(), &self.values);
        NewCard { identity: &card.identity, certificate, person_in_charge, values }
    }
}
