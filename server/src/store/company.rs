//! Registered companies and their cards.

use rusqlite::{OptionalExtension as _, named_params, params};
use touroku_proto::field::Values;

use super::{Reader, Writer, from_json, to_json};
use crate::error::Error;

/// What tells one certificate from all others (RFC 5280, 4.1.2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardIdentity {
    /// DER of the issuer's name.
    pub issuer: Vec<u8>,
    /// Serial number, decimal.
    pub serial: String,
}

/// A company that registered (電子入札業者).
#[derive(Clone, Debug)]
pub struct Company {
    /// 企業ID.
    pub company_id: String,
    /// What a person may edit of it.
    pub values: Values,
}

/// A card that is registered.
#[derive(Clone, Debug)]
pub struct RegisteredCard {
    /// Row.
    pub id: i64,
    /// Its company's number.
    pub number: String,
    /// Its own fields.
    pub values: Values,
}

/// A card to be registered.
pub struct NewCard<'a> {
    /// Which.
    pub identity: &'a CardIdentity,
    /// DER.
    pub certificate: &'a [u8],
    /// 担当者.
    pub person_in_charge: &'a str,
    /// Its own fields.
    pub values: &'a Values,
}

impl Reader<'_> {
    /// The company with that number, if it has registered.
    pub fn company(&self, agency: &str, number: &str) -> Result<Option<Company>, Error> {
        let found = self
            .0
            .prepare_cached("SELECT company_id, fields FROM company WHERE agency = ? AND number = ?")?
            .query_row(params![agency, number], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))
            .optional()?;
        found.map(|(company_id, fields)| Ok(Company { company_id, values: from_json(&fields)? })).transpose()
    }

    /// The card, if it is registered with that agency.
    pub fn card(&self, agency: &str, identity: &CardIdentity) -> Result<Option<RegisteredCard>, Error> {
        let found = self
            .0
            .prepare_cached(
                "SELECT id, number, fields FROM card WHERE agency = ? AND issuer = ? AND serial = ?",
            )?
            .query_row(params![agency, identity.issuer, identity.serial], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?))
            })
            .optional()?;
        found
            .map(|(id, number, fields)| Ok(RegisteredCard { id, number, values: from_json(&fields)? }))
            .transpose()
    }
}

impl Writer<'_> {
    /// The next number for a 企業ID of that agency. Never given twice; a registration that fails gives it back.
    pub fn next_company_sequence(&self, agency: &str) -> Result<u64, Error> {
        let last: i64 = self
            .0
            .0
            .prepare_cached(
                "INSERT INTO company_sequence (agency, last) VALUES (?, 1) \
                 ON CONFLICT (agency) DO UPDATE SET last = last + 1 RETURNING last",
            )?
            .query_row(params![agency], |row| row.get(0))?;
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
        self.0
            .0
            .prepare_cached(
                "INSERT INTO company (agency, number, company_id, fields, registered_at) \
                 VALUES (?, ?, ?, ?, ?)",
            )?
            .execute(params![agency, number, company.company_id, to_json(&company.values)?, now])?;
        Ok(())
    }

    /// Adds a card to a registered company; answers its row.
    pub fn register_card(
        &self,
        agency: &str,
        number: &str,
        card: &NewCard<'_>,
        now: i64,
    ) -> Result<i64, Error> {
        self.0
            .0
            .prepare_cached(
                "INSERT INTO card (agency, number, issuer, serial, certificate, person_in_charge, fields, \
                 registered_at) VALUES (:agency, :number, :issuer, :serial, :certificate, \
                 :person_in_charge, :fields, :now)",
            )?
            .execute(named_params! {
                ":agency": agency,
                ":number": number,
                ":issuer": card.identity.issuer,
                ":serial": card.identity.serial,
                ":certificate": card.certificate,
                ":person_in_charge": card.person_in_charge,
                ":fields": to_json(card.values)?,
                ":now": now,
            })?;
        Ok(self.0.0.last_insert_rowid())
    }
}
