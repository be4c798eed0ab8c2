//! 登録: the card becomes one of a company's, in one transaction with its mails; or it waits for officers.

use touroku_proto::{
    api::{ApiErrorCode, Completed, Function, Register, Signed},
    card::Purpose,
    document,
    field::{FieldId, Values},
    form::Occasion,
    identity::ReviewCause,
};

use super::{At, Earlier, Examined, Outcome, Submission, ToSign, Turn, waiting::wait};
use crate::{
    bidder::{
        admission::{admit_company, admit_new_card, refuse_stopped},
        presented_card,
    },
    error::Error,
    mail::{Letter, perhaps_unconfirmed, unconfirmed},
    registry::{
        Entry, Place,
        account::applicant_values,
        card::Card,
        company,
        identity::{causes_of_registration, company_match, was_renamed},
    },
    store::{NewCard, Presented, RosterRow, Waiting},
};

pub(crate) struct Sound {
    card: Card,
    presented: Presented,
    row: RosterRow,
    occasion: Occasion,
    /// Why officers have to review it.
    causes: Vec<ReviewCause>,
    entered: Values,
    /// With the roster's. Nothing that others entered: the card is not the company's yet.
    values: Values,
}

impl Submission for Register {
    const FUNCTION: Function = Function::Register;

    type Sound = Sound;

    fn head(&self) -> (&str, Option<&Signed>) {
        (&self.submission, self.signed.as_ref())
    }

    fn earlier(&self, at: &At<'_>) -> Result<Option<Earlier>, Error> {
        at.completed_by_card(&presented_card(at.agencies, at.session, Purpose::Register)?.identity)
    }

    fn examine(&self, at: &At<'_>, place: &Place<'_>) -> Result<Examined<Sound>, Error> {
        let &At { reader, agencies, session, .. } = at;
        let card = presented_card(agencies, session, Purpose::Register)?;
        let presented = session.presented.clone().ok_or(ApiErrorCode::CardNotPresented)?;
        admit_new_card(reader, agencies, at.agency(), &card.identity)?;
        let number = session.number.as_deref().ok_or(ApiErrorCode::CompanyNotSelected)?;
        admit_company(reader, session, number)?;
        let row = reader.roster_row(at.agency(), number)?.ok_or(ApiErrorCode::CompanyNotSelected)?;
        let occasion = match reader.company(at.agency(), number)? {
            None => Occasion::Register,
            Some(_) => Occasion::SecondCard,
        };
        if session.occasion != Some(occasion) {
            return Ok(Examined::Outdated(occasion));
        }
        let causes = causes_of_registration(
            place,
            occasion,
            (
                &company_match(card.names(), &row),
                was_renamed(reader, at.agency(), number, at.session.read_at)?,
            ),
        )?;
        if causes.is_empty() {
            refuse_stopped(reader, at.agency(), number, &card.identity)?;
        }
        let mut values = company::roster_values(place.category, &row);
        let entered = company::entered(place.form, occasion, &values, &self.values)?;
        values.merge(entered.clone());
        Ok(Examined::Sound(Sound { card, presented, row, occasion, causes, entered, values }))
    }

    fn to_sign<'a>(&self, place: &'a Place<'_>, sound: &'a Sound) -> Option<ToSign<'a>> {
        let Sound { card, presented, row, occasion, values, .. } = sound;
        let write = move |head: &document::Head<'_>| {
            let mut confirmed = company::shown(place.form, *occasion, values);
            confirmed.merge(card.values());
            document::registration(head, place.form, *occasion, &confirmed)
        };
        Some(ToSign {
            company: &row.number,
            card,
            certificate: &presented.certificate,
            write: Box::new(write),
        })
    }

    fn carry_out(&self, turn: &Turn<'_>, sound: Sound) -> Result<Outcome, Error> {
        let &Turn { place, desk, receipt, .. } = turn;
        let Sound { card, presented, row, occasion, causes, entered, mut values } = sound;
        let (mail, number) = (&place.profile.mail, row.number.as_str());
        let new_card = NewCard {
            identity: &card.identity,
            certificate: &presented.certificate,
            person_in_charge: &presented.person_in_charge,
            values: &entered,
        };
        let pending = !causes.is_empty();
        let (text, holder) = if pending {
            let category = &place.category.code;
            let waiting = Waiting { category, number, causes: &causes, replaces: None, receipt };
            (&mail.card_applied, wait(&desk, waiting, &card, &new_card)?)
        } else {
            let entry = Entry { place, row: &row, card: &card, new_card, values: &values };
            let (company, holder) = desk.register(&entry)?;
            values.merge(company.values);
            values.set(FieldId::CompanyId, company.company_id);
            (&mail.registered, holder)
        };
        desk.writer.drop_drafts(desk.agency(), &card.identity)?;

        values.merge(card.values());
        let (others, to) = ([("function", "利用者登録"), ("receipt", receipt)], [&entered]);
        let mailed = if pending {
            // A card that waits is nobody's yet: nothing of what was typed is sent to addresses that may be another's.
            let mut known = applicant_values(desk.writer, desk.agency(), place.category, number)?;
            known.merge(card.values());
            Letter::new(text, &known).with(&others).to(&to).by_stranger().queue(&desk)?
        } else {
            Letter::new(text, &values).with(&others).to(&to).queue(&desk)?
        };
        let completed = Completed {
            company_id: values.text(FieldId::CompanyId).to_owned(),
            unconfirmed: match pending {
                true => perhaps_unconfirmed(place.profile, &mailed.to),
                false => unconfirmed(desk.writer, place.profile, number, &mailed.to)?,
            },
            mailed_to: mailed.to,
            values: company::printed(place.form, occasion, &values),
            pending,
            ..Completed::default()
        };
        Ok(Outcome { holder, completed })
    }
}
