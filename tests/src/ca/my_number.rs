//! An authority that imitates 公的個人認証サービス: one self-signed certificate, and below it the cards', whose
//! subject is a number and no name. Its key is made for each test; nobody else trusts it.

use anyhow::Result;
use openssl::asn1::Asn1Object;
use rcgen::{
    CertificateParams, CustomExtension, DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyUsagePurpose, SerialNumber,
};

use super::{
    Authority, IssuedCard, KeyKind, Timestamp, authority_params, identifier, key::SigningKey, pem,
    random_serial,
};
use crate::tlv::tlv;

/// The policy of certificates for user authentication, according to free implementations.
const POLICY: &str = "1.2.392.200149.8.5.1.3.30";

/// organizationalUnitName. The second one in a name needs a custom type: rcgen keeps one of each.
const UNIT: [u64; 4] = [2, 5, 4, 11];

/// The authority for user authentication.
pub struct MyNumberCa(Authority);

impl MyNumberCa {
    /// A new one, valid for ten years around `now`.
    pub fn new(now: Timestamp) -> Result<Self> {
        let key = SigningKey::new(KeyKind::Rsa2048.generate()?)?;
        let mut params = authority_params("", now, &key)?;
        params.distinguished_name = name(&[
            (DnType::CountryName, "JP"),
            (DnType::OrganizationName, "JPKI"),
            (DnType::OrganizationalUnitName, "JPKI for user authentication"),
            (DnType::CustomDnType(UNIT.to_vec()), "Japan Agency for Local Authority Information Systems"),
        ]);
        let certificate = params.self_signed(&key)?.der().to_vec();
        Ok(Self(Authority { params, key, certificate }))
    }

    /// Its certificate, DER, as stored on every card.
    pub fn certificate(&self) -> &[u8] {
        &self.0.certificate
    }

    /// Its certificate, PEM: what a server is told to trust.
    pub fn trust_pem(&self) -> Result<String> {
        pem(&self.0.certificate)
    }

    pub fn crl_pem(
        &self,
        revoked: &[&[u8]],
        this_update: Timestamp,
        next_update: Timestamp,
    ) -> Result<String> {
        self.0.crl(revoked, this_update, next_update)
    }

    /// Issues a card, valid from a day before `now` for five years.
    pub fn issue(&self, now: Timestamp) -> Result<IssuedCard> {
        let key = KeyKind::Rsa2048.generate()?;
        let public = SigningKey::new(key.clone())?;
        // Four bytes, like this authority's numbers.
        let serial = random_serial()?[..4].to_vec();
        let number = format!("{}13221003A", hex::encode_upper(&random_serial()?[..7]));
        let mut params = CertificateParams::default();
        params.not_before = now.plus_days(-1).date_time();
        params.not_after = now.plus_days(5 * 365).date_time();
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        params.key_identifier_method = identifier(&key)?;
        params.use_authority_key_identifier_extension = true;
        params.is_ca = IsCa::NoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.distinguished_name = name(&[(DnType::CountryName, "JP"), (DnType::CommonName, &number)]);
        params.custom_extensions.push(policy()?);
        let issuer = Issuer::from_params(&self.0.params, &self.0.key);
        let certificate = params.signed_by(&public, &issuer)?.der().to_vec();
        Ok(IssuedCard { key, certificate, serial })
    }
}

fn name(attributes: &[(DnType, &str)]) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    for (kind, value) in attributes {
        let value = DnValue::PrintableString((*value).try_into().expect("letters and digits are printable"));
        name.push(kind.clone(), value);
    }
    name
}

/// certificatePolicies, critical.
fn policy() -> Result<CustomExtension> {
    let oid = tlv(&[0x06], Asn1Object::from_str(POLICY)?.as_slice());
    let mut extension = CustomExtension::from_oid_content(&[2, 5, 29, 32], tlv(&[0x30], &tlv(&[0x30], &oid)));
    extension.set_criticality(true);
    Ok(extension)
}

#[cfg(test)]
mod tests {
    use touroku_proto::certificate::{DisplayMap, Facts, MyNumberUse};

    use super::*;

    #[test]
    fn a_card_names_nobody_and_says_what_it_is_for() {
        let now = Timestamp::from_unix(1_800_000_000);
        let ca = MyNumberCa::new(now).unwrap();
        let card = ca.issue(now).unwrap();
        let facts = Facts::parse(&card.certificate).unwrap();
        assert_eq!(facts.my_number(), Some(MyNumberUse::Authentication));
        assert_eq!(
            facts.issuer(),
            "OU=Japan Agency for Local Authority Information Systems,OU=JPKI for user authentication,O=JPKI,C=JP"
        );
        let names = facts.display(&DisplayMap::default());
        assert!(names.company_name.is_empty() && names.holder_name.ends_with("13221003A"));
    }
}
