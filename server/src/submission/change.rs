//! 変更 with a card: what was entered replaces the company's and the card's values.

use touroku_proto::{
    api::{ApiErrorCode, Change, Completed, Function, Signed},
    card::Purpose,
    document,
    field::{Scope, Values},
    form::Occasion,
};

use super::{At, Earlier, Examined, Outcome, Submission, ToSign, Turn};
use crate::{
    bidder::{presented_card, registered_card},
    error::Error,
    mail::{Letter, unconfirmed},
    registry::{
        Place,
        card::Card,
        company,
        told::{By, Known, Told, note_of},
    },
    store::{Company, EventKind, Holder, RegisteredCard},
};

/// What changed where the company's own values did not.
const CARD_CHANGED: &str = "ICカードの登録内容（利用部署の連絡先など）が変更されました";

pub(crate) struct Sound {
    card: Card,
    registered: RegisteredCard,
    company: Company,
    before: Values,
    entered: Values,
}

impl Submission for Change {
    const FUNCTION: Function = Function::Change;

    type Sound = Sound;

    fn head(&self) -> (&str, Option<&Signed>) {
        (&self.submission, self.signed.as_ref())
    }

    fn earlier(&self, at: &At<'_>) -> Result<Option<Earlier>, Error> {
        at.completed_by_card(&presented_card(at.agencies, at.session, Purpose::Change)?.identity)
    }

    fn examine(&self, at: &At<'_>, place: &Place<'_>) -> Result<Examined<Sound>, Error> {
        let (card, registered) = registered_card(at.reader, at.agencies, at.session, Purpose::Change)?;
        let (row, company) = company::registered(at.reader, at.agency(), &registered.number)?;
        if self.revision != company::revision(Some(&company), Some(&registered)) {
            return Err(ApiErrorCode::Stale.into());
        }
        let mut before = company::values(place.category, &row, Some(&company));
        before.merge(registered.values.clone());
        let entered = company::entered(place.form, Occasion::Change, &before, &self.values)?;
        Ok(Examined::Sound(Sound { card, registered, company, before, entered }))
    }

    fn to_sign<'a>(&self, place: &'a Place<'_>, sound: &'a Sound) -> Option<ToSign<'a>> {
        let Sound { card, registered, before, entered, .. } = sound;
        let write = move |head: &document::Head<'_>| {
            let mut old = company::shown(place.form, Occasion::Change, before);
            old.merge(card.values());
            let mut new = old.clone();
            new.merge(entered.clone());
            document::change(head, place.form, &old, &new)
        };
        Some(ToSign {
            company: &registered.number,
            card,
            certificate: &registered.certificate,
            write: Box::new(write),
        })
    }

    fn carry_out(&self, turn: &Turn<'_>, sound: Sound) -> Result<Outcome, Error> {
        let &Turn { place, desk, receipt, .. } = turn;
        let Sound { card, registered, company, before, entered } = sound;
        let (writer, number) = (desk.writer, registered.number.as_str());
        // Another category's form may own other rows: what this form does not edit stays.
        let of = |scope: Scope, had: &Values| {
            let mut values = had.clone();
            values.merge(entered.0.clone().into_iter().filter(|(field, _)| field.scope() == scope).collect());
            values
        };
        let (company_now, card_now) =
            (of(Scope::Company, &company.values), of(Scope::Card, &registered.values));
        let known = Known::of(writer, desk.agency(), number)?;
        let is_company_changed = company_now != company.values;
        if is_company_changed {
            writer.change_company(desk.agency(), number, &company_now)?;
        }
        if card_now != registered.values {
            writer.change_card(registered.id, &card_now)?;
        }
        let holder = Holder::Card(registered.id);
        desk.record(number, holder, EventKind::Changed)?;
        writer.drop_drafts(desk.agency(), &card.identity)?;

        let mut values = before.clone();
        values.merge(entered);
        values.merge(card.values());
        let (others, to) = ([("receipt", receipt)], [&before, &values]);
        let words = if is_company_changed { Told::CompanyChanged.words() } else { CARD_CHANGED };
        let note = note_of(words, By::Card(&card), desk.now);
        let letter = Letter::new(&place.profile.mail.changed, &values).with(&others).to(&to);
        let mailed = letter.noting(&note).queue(&desk)?;
        if is_company_changed {
            desk.tell(Told::CompanyChanged, &known.but(&mailed.left), number, By::Card(&card))?;
        }
        let completed = Completed {
            company_id: company.company_id,
            values: company::printed(place.form, Occasion::Change, &values),
            unconfirmed: unconfirmed(writer, place.profile, number, &mailed.to)?,
            mailed_to: mailed.to,
            ..Completed::default()
        };
        Ok(Outcome { holder, completed })
    }
}
