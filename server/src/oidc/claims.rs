//! What a client is told about who signed in: proto's `sign_in`, from the store's current data.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use openidconnect::AdditionalClaims;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use touroku_proto::{
    agency::AgencyProfile,
    certificate::Facts,
    field::{FieldId, Values},
    officer::company::Validity,
    sign_in::{CLAIMS_VERSION, CardClaim, Claims, ClientScope, CompanyClaim, ContactClaim, DelegateClaim},
};

use crate::{
    agency::Agencies,
    app::App,
    error::Error,
    registry::card::hexadecimal,
    store::{DELEGATE_NAME, NewGrant, Reader, RosterRow},
};

/// [`Claims`] among those of the `openidconnect` crate.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Further(pub Claims);

impl AdditionalClaims for Further {}

/// What that sign-in's client may know.
pub(super) fn claims(reader: &Reader<'_>, app: &App, grant: &NewGrant) -> Result<Further, Error> {
    let profile = app.agencies.profile(&grant.agency)?;
    let row = reader.roster_row(&grant.agency, &grant.number)?;
    let row = row.ok_or(Error::Defect("a company that signed in is not in the roster"))?;
    let may = |scope| grant.asked.scopes.contains(&scope);
    let registration = reader.company(&grant.agency, &grant.number)?;
    let mut values = registration.as_ref().map(|company| company.values.clone()).unwrap_or_default();
    let mut card = None;
    if let Some(id) = grant.card {
        let registered =
            reader.cards_of(&grant.agency, &grant.number)?.into_iter().find(|card| card.id == id);
        let registered = registered.ok_or(Error::Defect("a card that signed in is not registered"))?;
        card = Some(card_claim(&registered.certificate, &app.agencies, may(ClientScope::Certificate))?);
        values.merge(registered.values);
    }
    if let Some(id) = grant.account {
        let account = reader.account(&grant.agency, id)?;
        values.merge(account.ok_or(Error::Defect("an ID that signed in is gone"))?.values);
    }
    let company_id = registration.map(|company| company.company_id).unwrap_or_default();
    Ok(Further(Claims {
        claims_version: CLAIMS_VERSION,
        sid: grant.sid.clone(),
        agency: grant.agency.clone(),
        category: grant.category.clone(),
        company: may(ClientScope::Company)
            .then(|| company(profile, (&row, app.outside.now()), company_id, &values)),
        card: card.filter(|_| may(ClientScope::Card)),
        contacts: if may(ClientScope::Contacts) { contacts(&values) } else { BTreeMap::new() },
    }))
}

/// What the roster says; an entered 支店名等 takes precedence over the roster's.
pub(crate) fn company(
    profile: &AgencyProfile,
    (row, now): (&RosterRow, i64),
    id: String,
    values: &Values,
) -> CompanyClaim {
    let has_delegate = !row.further(DELEGATE_NAME).is_empty();
    let entered = values.text(FieldId::Branch);
    let delegate = has_delegate.then(|| {
        let dealing = row.dealing();
        DelegateClaim {
            name: dealing.name.clone(),
            postal_code: dealing.postal_code.clone(),
            address: dealing.address.clone(),
            representative_name: dealing.representative_name.clone(),
            representative_title: dealing.representative_title.clone(),
        }
    });
    let is_valid = row.validity(now) == Validity::Valid;
    let categories = profile.categories.iter().map(|category| &category.code).filter(|_| is_valid);
    CompanyClaim {
        id,
        number: row.number.clone(),
        corporate_number: row.corporate_number.clone(),
        name: row.name.clone(),
        kana: row.kana.clone(),
        postal_code: row.postal_code.clone(),
        address: row.address.clone(),
        representative_name: row.representative_name.clone(),
        representative_title: row.representative_title.clone(),
        branch: if entered.is_empty() { row.branch.clone() } else { entered.to_owned() },
        delegate,
        categories: categories.filter(|code| row.is_qualified_for(code)).cloned().collect(),
        qualifications: row.qualifications.clone(),
    }
}

/// What a certificate says; `whole`: with its DER.
pub(crate) fn card_claim(der: &[u8], agencies: &Agencies, whole: bool) -> Result<CardClaim, Error> {
    let facts = Facts::parse(der).map_err(|_| Error::Defect("a registered certificate can't be read"))?;
    let names = facts.display(&agencies.display_map(&facts));
    Ok(CardClaim {
        issuer: facts.issuer(),
        serial_hex: hexadecimal(&facts.serial)?,
        holder: names.holder_name,
        company_name: names.company_name,
        not_after: facts.not_after,
        sha256: hex::encode(Sha256::digest(der)),
        certificate: if whole { STANDARD.encode(der) } else { String::new() },
        serial: facts.serial,
    })
}

/// The contacts that were entered, by block.
pub(crate) fn contacts(values: &Values) -> BTreeMap<String, ContactClaim> {
    use FieldId as F;
    let of = |[name, person, postal_code, address, phone, fax, email]: [FieldId; 7]| {
        let text = |field| values.text(field).to_owned();
        ContactClaim {
            name: text(name),
            person: text(person),
            postal_code: text(postal_code),
            address: text(address),
            phone: text(phone),
            fax: text(fax),
            email: text(email),
        }
    };
    let blocks = [
        (
            "representative",
            of([
                F::RepresentativeContactName,
                F::RepresentativeContactPerson,
                F::RepresentativeContactPostalCode,
                F::RepresentativeContactAddress,
                F::RepresentativeContactPhone,
                F::RepresentativeContactFax,
                F::RepresentativeContactEmail,
            ]),
        ),
        (
            "card",
            of([
                F::CardContactName,
                F::CardContactPerson,
                F::CardContactPostalCode,
                F::CardContactAddress,
                F::CardContactPhone,
                F::CardContactFax,
                F::CardContactEmail,
            ]),
        ),
        (
            "applicant",
            of([
                F::ApplicantContactName,
                F::ApplicantContactPerson,
                F::ApplicantContactPostalCode,
                F::ApplicantContactAddress,
                F::ApplicantContactPhone,
                F::ApplicantContactFax,
                F::ApplicantContactEmail,
            ]),
        ),
    ];
    let is_there = |(_, contact): &(&str, ContactClaim)| *contact != ContactClaim::default();
    blocks.into_iter().filter(is_there).map(|(block, contact)| (block.to_owned(), contact)).collect()
}
