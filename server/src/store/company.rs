//! Registered companies and their cards.

use touroku_proto::field::Values;

use super::{
    Holder, Reader, Writer,
    column::{Columns as _, Json},
    db::{Row, named_params, params},
};
use crate::error::Error;

/// What identifies a certificate (RFC 5280, 4.1.2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardIdentity {
    /// DER of the issuer's name.
    pub issuer: Vec<u8>,
    /// Serial number, decimal, with its sign.
    pub serial: String,
}

/// A registered company (電子入札業者).
#[derive(Clone, Debug)]
pub struct Company {
    /// 企業ID.
    pub company_id: String,
    /// What a person may edit.
    pub values: Values,
    /// How often that has changed.
    pub revision: i64,
}

/// A registered card in use.
#[derive(Clone, Debug)]
pub struct RegisteredCard {
    pub id: i64,
    pub number: String,
    /// DER.
    pub certificate: Vec<u8>,
    /// 担当者.
    pub person_in_charge: String,
    /// Its own fields.
    pub values: Values,
    /// How often they have changed.
    pub revision: i64,
    pub registered_at: i64,
}

pub struct NewCard<'a> {
    pub identity: &'a CardIdentity,
    /// DER.
    pub certificate: &'a [u8],
    /// 担当者.
    pub person_in_charge: &'a str,
    /// Its own fields.
    pub values: &'a Values,
}

impl Reader<'_> {
    /// The company with that number, if it is registered.
    pub fn company(&self, agency: &str, number: &str) -> Result<Option<Company>, Error> {
        self.db.optional(
            "SELECT company_id, fields, revision FROM company WHERE agency = ? AND number = ?",
            params![agency, number],
            |row| {
                Ok(Company {
                    company_id: row.get("company_id")?,
                    values: row.json("fields")?,
                    revision: row.get("revision")?,
                })
            },
        )
    }

    /// The card, if it is registered with that agency and was not replaced.
    pub fn card(&self, agency: &str, identity: &CardIdentity) -> Result<Option<RegisteredCard>, Error> {
        self.db.optional(
            "SELECT id, number, person_in_charge, revision, certificate, fields, registered_at FROM card \
             WHERE agency = ? AND issuer = ? AND serial = ? AND replaced_by IS NULL",
            params![agency, identity.issuer, identity.serial],
            read_card,
        )
    }

    /// The certificates (DER) that the agency has ever seen under that issuer and serial number: registered ones,
    /// replaced or not, and those under review. There should be at most one.
    pub fn certificates_of(&self, agency: &str, identity: &CardIdentity) -> Result<Vec<Vec<u8>>, Error> {
        self.db.all(
            "SELECT certificate FROM card WHERE agency = ?1 AND issuer = ?2 AND serial = ?3 UNION \
             SELECT certificate FROM card_application \
             WHERE agency = ?1 AND issuer = ?2 AND serial = ?3 AND state = 'pending'",
            params![agency, identity.issuer, identity.serial],
            |row| row.get(0),
        )
    }

    /// The company that one of [`certificates_of`](Self::certificates_of) belongs to, and its card or application: the card
    /// in use, or else the one whose 審査 is pending, or else a replaced one.
    pub fn whose_certificate(
        &self,
        agency: &str,
        identity: &CardIdentity,
    ) -> Result<Option<(String, Holder)>, Error> {
        self.db.optional(
            "SELECT number, id, CASE WHEN replaced_by IS NULL THEN 0 ELSE 2 END AS place FROM card \
             WHERE agency = ?1 AND issuer = ?2 AND serial = ?3 UNION ALL \
             SELECT number, id, 1 FROM card_application \
             WHERE agency = ?1 AND issuer = ?2 AND serial = ?3 AND state = 'pending' ORDER BY place LIMIT 1",
            params![agency, identity.issuer, identity.serial],
            |row| {
                let (id, place): (i64, i64) = (row.get("id")?, row.get("place")?);
                let holder = if place == 1 { Holder::Application(id) } else { Holder::Card(id) };
                Ok((row.get("number")?, holder))
            },
        )
    }

    /// Whether that agency has ever registered the card, replaced or not.
    pub fn knows_card(&self, agency: &str, identity: &CardIdentity) -> Result<bool, Error> {
        self.db.exists(
            "SELECT 1 FROM card WHERE agency = ? AND issuer = ? AND serial = ?",
            params![agency, identity.issuer, identity.serial],
        )
    }

    /// The certificate (DER) of the card in use that replaced another.
    pub fn successor(&self, agency: &str, identity: &CardIdentity) -> Result<Option<Vec<u8>>, Error> {
        self.db.optional(
            "WITH RECURSIVE chain AS (\
             SELECT replaced_by, certificate FROM card \
             WHERE agency = ? AND issuer = ? AND serial = ? AND replaced_by IS NOT NULL \
             UNION ALL SELECT card.replaced_by, card.certificate FROM chain \
             JOIN card ON card.id = chain.replaced_by\
             ) SELECT certificate FROM chain WHERE replaced_by IS NULL",
            params![agency, identity.issuer, identity.serial],
            |row| row.get(0),
        )
    }

    /// A company's cards in use, oldest first.
    pub fn cards_of(&self, agency: &str, number: &str) -> Result<Vec<RegisteredCard>, Error> {
        self.db.all(
            "SELECT id, number, person_in_charge, revision, certificate, fields, registered_at FROM card \
             WHERE agency = ? AND number = ? AND replaced_by IS NULL ORDER BY id",
            params![agency, number],
            read_card,
        )
    }
}

fn read_card(row: &Row<'_>) -> Result<RegisteredCard, Error> {
    Ok(RegisteredCard {
        id: row.get("id")?,
        number: row.get("number")?,
        person_in_charge: row.get("person_in_charge")?,
        revision: row.get("revision")?,
        certificate: row.get("certificate")?,
        values: row.json("fields")?,
        registered_at: row.get("registered_at")?,
    })
}

impl Writer<'_> {
    /// The next number for a 企業ID of that agency. Never issued twice; a registration that fails gives it back.
    pub fn next_company_sequence(&self, agency: &str) -> Result<u64, Error> {
        let last: i64 = self.db.one(
            "INSERT INTO company_sequence (agency, last) VALUES (?, 1) \
             ON CONFLICT (agency) DO UPDATE SET last = company_sequence.last + 1 RETURNING last",
            params![agency],
            |row| row.get(0),
        )?;
        u64::try_from(last).map_err(|_| Error::Defect("a company sequence is negative"))
    }

    /// Makes a roster company an 電子入札業者.
    pub fn register_company(
        &self,
        agency: &str,
        number: &str,
        company: &Company,
        now: i64,
    ) -> Result<(), Error> {
        self.want(agency, number)?;
        self.db.execute(
            "INSERT INTO company (agency, number, company_id, fields, registered_at) \
             VALUES (?, ?, ?, ?, ?)",
            params![agency, number, company.company_id, Json(&company.values), now],
        )?;
        Ok(())
    }

    /// Adds a card to a registered company and returns its row.
    pub fn register_card(
        &self,
        agency: &str,
        number: &str,
        card: &NewCard<'_>,
        now: i64,
    ) -> Result<i64, Error> {
        self.db.one(
            "INSERT INTO card (agency, number, issuer, serial, certificate, person_in_charge, fields, \
             registered_at) VALUES (:agency, :number, :issuer, :serial, :certificate, \
             :person_in_charge, :fields, :now) RETURNING id",
            named_params! {
                ":agency": agency,
                ":number": number,
                ":issuer": card.identity.issuer,
                ":serial": card.identity.serial,
                ":certificate": card.certificate,
                ":person_in_charge": card.person_in_charge,
                ":fields": Json(card.values),
                ":now": now,
            },
            |row| row.get(0),
        )
    }

    pub fn change_company(&self, agency: &str, number: &str, values: &Values) -> Result<(), Error> {
        self.db.execute(
            "UPDATE company SET fields = ?, revision = revision + 1 WHERE agency = ? AND number = ?",
            params![Json(values), agency, number],
        )?;
        Ok(())
    }

    pub fn change_card(&self, card: i64, values: &Values) -> Result<(), Error> {
        self.db.execute(
            "UPDATE card SET fields = ?, revision = revision + 1 WHERE id = ?",
            params![Json(values), card],
        )?;
        Ok(())
    }

    /// Marks this card as replaced by the other one.
    pub fn replace_card(&self, card: i64, by: i64, now: i64) -> Result<(), Error> {
        self.db.execute(
            "UPDATE card SET replaced_by = ?, replaced_at = ? WHERE id = ?",
            params![by, now, card],
        )?;
        Ok(())
    }
}
