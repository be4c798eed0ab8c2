//! A card by its certificate.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use openssl::bn::BigNum;
use touroku_proto::{
    agency::AgencyProfile,
    api::CardView,
    certificate::{DisplayNames, Facts, NO_END},
    field::{FieldId, Values},
    identity::Verdict,
    text::fold_person,
    token::Token,
};

use super::{company, identity::company_match};
use crate::{
    agency::Agencies,
    error::Error,
    japan,
    store::{CardIdentity, Reader, RegisteredCard, RosterRow, Writer},
};

/// A card whose certificate was accepted.
pub(crate) struct Card {
    pub(crate) identity: CardIdentity,
    facts: Facts,
    names: DisplayNames,
}

impl Card {
    /// Parses a certificate that was verified before.
    pub(crate) fn read(agencies: &Agencies, der: &[u8]) -> Result<Self, Error> {
        let facts = Facts::parse(der).map_err(|_| Error::Defect("a verified certificate can't be read"))?;
        Ok(Self::of(agencies, facts))
    }

    /// The card of a token whose certificate was checked and refused.
    pub(crate) fn of_token(agencies: &Agencies, token: &Token) -> Option<Self> {
        let der = STANDARD.decode(&token.unverified_certificate).ok()?;
        Some(Self::of(agencies, Facts::parse(&der).ok()?))
    }

    /// The card of a certificate with these facts.
    pub(crate) fn of(agencies: &Agencies, facts: Facts) -> Self {
        let identity = CardIdentity { issuer: facts.issuer_der.clone(), serial: facts.serial.clone() };
        let names = facts.display(&agencies.display_map(&facts));
        Self { identity, facts, names }
    }

    /// The rows that come from the certificate.
    pub(crate) fn values(&self) -> Values {
        let names = self.names.clone();
        [
            (FieldId::CardCompanyName, names.company_name),
            (FieldId::CardCompanyAddress, names.company_address),
            (FieldId::CardHolderName, names.holder_name),
            (FieldId::CardHolderAddress, names.holder_address),
            (FieldId::CertificateSerial, self.facts.serial.clone()),
            (FieldId::CertificateIssuer, self.facts.issuer()),
            (FieldId::CertificateExpiry, japanese_date(self.facts.not_after)),
        ]
        .into_iter()
        .collect()
    }

    /// The last second of its validity, Unix seconds.
    pub(crate) fn expires_at(&self) -> i64 {
        self.facts.not_after
    }

    /// Whether its holder is not the representative in the roster, as far as both are named.
    pub(crate) fn is_former(&self, row: Option<&RosterRow>) -> bool {
        let holder = self.folded_holder();
        let representative =
            row.map(|row| fold_person(&row.dealing().representative_name)).unwrap_or_default();
        !holder.is_empty() && !representative.is_empty() && holder != representative
    }

    /// What the certificate says, where its issuer puts it.
    pub(crate) fn names(&self) -> &DisplayNames {
        &self.names
    }

    /// What the certificate says.
    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Its holder's name, to be compared.
    pub(crate) fn folded_holder(&self) -> String {
        fold_person(&self.names.holder_name)
    }

    /// Records what officers search for about a registered card: when it expires, who holds it, and whether it
    /// names another company.
    pub(crate) fn note(&self, writer: &Writer<'_>, card: i64, row: Option<&RosterRow>) -> Result<(), Error> {
        writer.note_expiry(card, &self.identity.serial, self.expires_at())?;
        let is_other = row.is_some_and(|row| company_match(self.names(), row).verdict() == Verdict::Differs);
        writer.note_holder(card, &self.folded_holder(), self.is_former(row), is_other)
    }

    /// The card as shown by the page. `now` in Unix milliseconds.
    pub(crate) fn view(&self, registered: bool, now: i64) -> CardView {
        CardView {
            values: self.values(),
            days_left: days_between(now.div_euclid(1000), self.facts.not_after),
            registered,
            company_match: None,
        }
    }
}

/// What mails about a registered card may contain: the company's values, the card's own, the certificate's.
pub(crate) fn registered_values(
    reader: &Reader<'_>,
    profile: &AgencyProfile,
    card: &Card,
    registered: RegisteredCard,
) -> Result<Values, Error> {
    let agency = profile.code.as_str();
    let row = reader.roster_row(agency, &registered.number)?;
    let row = row.ok_or(Error::Defect("a registered company is not in the roster"))?;
    let registration = reader.company(agency, &registered.number)?;
    let category = profile.categories.first().ok_or(Error::Defect("a checked profile has no category"))?;
    let mut values = company::values(category, &row, registration.as_ref());
    values.merge(registered.values);
    values.merge(card.values());
    Ok(values)
}

/// Calendar days in Japan: 0 on the same day.
pub(crate) fn days_between(from: i64, to: i64) -> i64 {
    japan::day(to * 1000) - japan::day(from * 1000)
}

/// A serial number in hexadecimal, whole bytes, with its sign. `decimal`: as [`Facts::serial`] has it.
///
/// # Errors
/// Not a number.
pub(crate) fn hexadecimal(decimal: &str) -> Result<String, Error> {
    Ok(BigNum::from_dec_str(decimal)?.to_hex_str()?.to_ascii_uppercase())
}

fn japanese_date(unix: i64) -> String {
    if unix >= NO_END {
        return "期限の定めなし".to_owned();
    }
    japan::date(unix * 1000).replace('-', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = japan::DAY / 1000;

    #[test]
    fn days_left_are_counted_by_the_calendar_of_japan() {
        // 2029-12-13T14:59:59Z is 23:59:59 of the 13th in Japan.
        let expiry = 1_891_868_399;
        assert_eq!(japanese_date(expiry), "2029/12/13");
        assert_eq!(japanese_date(NO_END), "期限の定めなし");
        assert_eq!(days_between(expiry, expiry), 0);
        assert_eq!(days_between(expiry - DAY + 1, expiry), 0);
        assert_eq!(days_between(expiry - DAY, expiry), 1);
    }

    #[test]
    fn a_serial_number_in_hexadecimal_has_whole_bytes() {
        for (decimal, hex) in [("7", "07"), ("255", "FF"), ("4096", "1000"), ("-5", "-05")] {
            assert_eq!(hexadecimal(decimal).unwrap(), hex);
        }
    }
}
