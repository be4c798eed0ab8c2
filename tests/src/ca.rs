//! A certification authority for tests: root, intermediate, card certificates with Japanese names, CRLs.

mod key;
mod my_number;

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use openssl::{
    hash::{MessageDigest, hash},
    nid::Nid,
    pkey::{PKey, Private},
    rand::rand_bytes,
    x509::{X509, X509NameBuilder},
};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CrlDistributionPoint,
    CustomExtension, DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod,
    KeyUsagePurpose, RevokedCertParams, SerialNumber,
};

use self::key::SigningKey;
pub use self::{
    key::{KeyKind, Timestamp},
    my_number::MyNumberCa,
};
use crate::tlv::tlv;

/// A root and the intermediate below it that issues cards.
pub struct TestCa {
    root: Authority,
    intermediate: Authority,
}

struct Authority {
    params: CertificateParams,
    key: SigningKey,
    certificate: Vec<u8>,
}

/// The contents of a card's certificate.
#[derive(Clone, Debug)]
pub struct CardRequest {
    /// Key type and size.
    pub key: KeyKind,
    /// Subject O, romaji; empty: absent.
    pub romaji_company: String,
    /// Subject OU, romaji; empty: absent.
    pub romaji_unit: String,
    /// Subject CN, romaji; empty: absent.
    pub romaji_holder: String,
    /// Subject ST; empty: absent.
    pub romaji_address: String,
    /// directoryName O in subjectAltName, Japanese; empty: absent. When all of these are absent, so is the
    /// extension.
    pub company: String,
    /// directoryName OU, Japanese; empty: absent.
    pub unit: String,
    /// directoryName CN, Japanese; empty: absent.
    pub holder: String,
    /// directoryName ST; empty: absent.
    pub prefecture: String,
    /// directoryName L; empty: absent.
    pub city: String,
    /// directoryName street; empty: absent.
    pub street: String,
    /// First second of validity.
    pub not_before: Timestamp,
    /// Last second of validity.
    pub not_after: Timestamp,
    /// Whether keyUsage has digitalSignature; otherwise it has keyEncipherment only.
    pub may_sign: bool,
    /// Whether extendedKeyUsage has clientAuth; otherwise it has emailProtection only.
    pub may_authenticate: bool,
    /// URL of the CRL; `None`: no distribution point.
    pub crl_url: Option<String>,
    /// Serial number, big-endian; `None`: a new one.
    pub serial: Option<Vec<u8>>,
}

/// A card's key and certificate.
#[derive(Clone)]
pub struct IssuedCard {
    pub key: PKey<Private>,
    /// Certificate, DER.
    pub certificate: Vec<u8>,
    /// Serial number, big-endian.
    pub serial: Vec<u8>,
}

impl CardRequest {
    /// An ordinary card, valid from a day before `now` for two years.
    pub fn new(now: Timestamp, holder: &str) -> Self {
        Self {
            key: KeyKind::Rsa2048,
            romaji_company: "Kakuu Shokai Co., Ltd.".into(),
            romaji_unit: String::new(),
            romaji_holder: "Taro Mihon".into(),
            romaji_address: "Aomori".into(),
            company: "株式会社架空商会".into(),
            unit: String::new(),
            holder: holder.into(),
            prefecture: "青森県".into(),
            city: "青森市".into(),
            street: String::new(),
            not_before: now.plus_days(-1),
            not_after: now.plus_days(730),
            may_sign: true,
            may_authenticate: true,
            crl_url: None,
            serial: None,
        }
    }

    /// Removes all Japanese names: the certificate has no subjectAltName.
    #[must_use]
    pub fn without_alternative_name(mut self) -> Self {
        for part in [
            &mut self.company,
            &mut self.unit,
            &mut self.holder,
            &mut self.prefecture,
            &mut self.city,
            &mut self.street,
        ] {
            part.clear();
        }
        self
    }
}

impl TestCa {
    /// A new authority with that name and RSA-2048 keys, valid for ten years around `now`. Two with the same name
    /// differ only in their keys: neither recognises the other's cards.
    pub fn new(name: &str, now: Timestamp) -> Result<Self> {
        Self::with_key(name, now, KeyKind::Rsa2048)
    }

    /// The same with keys of another kind.
    pub fn with_key(name: &str, now: Timestamp, key: KeyKind) -> Result<Self> {
        let root = Authority::new(&format!("{name} Root"), now, key, None)?;
        let intermediate = Authority::new(&format!("{name} CA"), now, key, Some(&root))?;
        Ok(Self { root, intermediate })
    }

    /// Root and intermediate, PEM: what a server is told to trust.
    pub fn trust_pem(&self) -> Result<String> {
        Ok([pem(&self.root.certificate)?, pem(&self.intermediate.certificate)?].concat())
    }

    /// Issues a certificate for a new key.
    pub fn issue(&self, request: &CardRequest) -> Result<IssuedCard> {
        let key = request.key.generate()?;
        let public = SigningKey::new(key.clone())?;
        let serial = request.serial.clone().map_or_else(random_serial, Ok)?;
        let mut params = CertificateParams::default();
        params.not_before = request.not_before.date_time();
        params.not_after = request.not_after.date_time();
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        params.key_identifier_method = identifier(&key)?;
        params.use_authority_key_identifier_extension = true;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![match request.may_sign {
            true => KeyUsagePurpose::DigitalSignature,
            false => KeyUsagePurpose::KeyEncipherment,
        }];
        params.extended_key_usages = vec![match request.may_authenticate {
            true => ExtendedKeyUsagePurpose::ClientAuth,
            false => ExtendedKeyUsagePurpose::EmailProtection,
        }];
        params.crl_distribution_points =
            request.crl_url.iter().map(|url| CrlDistributionPoint { uris: vec![url.clone()] }).collect();
        params.distinguished_name = subject(&[
            (DnType::CountryName, "JP"),
            (DnType::StateOrProvinceName, &request.romaji_address),
            (DnType::OrganizationName, &request.romaji_company),
            (DnType::OrganizationalUnitName, &request.romaji_unit),
            (DnType::CommonName, &request.romaji_holder),
        ]);
        params.custom_extensions.extend(japanese_names(request)?);
        let issuer = Issuer::from_params(&self.intermediate.params, &self.intermediate.key);
        let certificate = params.signed_by(&public, &issuer)?.der().to_vec();
        Ok(IssuedCard { key, certificate, serial })
    }

    /// The CRLs of root and intermediate, PEM; `revoked` are serials of the intermediate.
    pub fn crl_pem(
        &self,
        revoked: &[&[u8]],
        this_update: Timestamp,
        next_update: Timestamp,
    ) -> Result<String> {
        Ok([
            self.root.crl(&[], this_update, next_update)?,
            self.intermediate.crl(revoked, this_update, next_update)?,
        ]
        .concat())
    }

    /// Writes keys and certificates, so that another process can continue issuing.
    pub fn save(&self, directory: &Path) -> Result<()> {
        fs::create_dir_all(directory)?;
        for (name, authority) in [("root", &self.root), ("intermediate", &self.intermediate)] {
            fs::write(directory.join(format!("{name}.key")), authority.key.to_pem()?)?;
            fs::write(directory.join(format!("{name}.pem")), pem(&authority.certificate)?)?;
        }
        fs::write(directory.join("trust.pem"), self.trust_pem()?)?;
        Ok(())
    }

    /// Reads what [`Self::save`] wrote.
    pub fn load(directory: &Path, now: Timestamp) -> Result<Self> {
        let load = |name: &str| -> Result<Authority> {
            let path = directory.join(format!("{name}.key"));
            let key = fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
            let certificate = X509::from_pem(&fs::read(directory.join(format!("{name}.pem")))?)?;
            let common_name = certificate.subject_name().entries_by_nid(Nid::COMMONNAME).next();
            let common_name = common_name.context("an authority has a CN")?.data().to_string()?;
            let key = SigningKey::new(PKey::private_key_from_pem(&key)?)?;
            let params = authority_params(&common_name, now, &key)?;
            Ok(Authority { params, key, certificate: certificate.to_der()? })
        };
        Ok(Self { root: load("root")?, intermediate: load("intermediate")? })
    }
}

impl Authority {
    fn new(name: &str, now: Timestamp, key: KeyKind, issuer: Option<&Self>) -> Result<Self> {
        let key = SigningKey::new(key.generate()?)?;
        let params = authority_params(name, now, &key)?;
        let certificate = match issuer {
            None => params.self_signed(&key)?,
            Some(issuer) => params.signed_by(&key, &Issuer::from_params(&issuer.params, &issuer.key))?,
        };
        Ok(Self { certificate: certificate.der().to_vec(), params, key })
    }

    fn crl(&self, revoked: &[&[u8]], this_update: Timestamp, next_update: Timestamp) -> Result<String> {
        let revoked_certs = revoked.iter().map(|serial| RevokedCertParams {
            serial_number: SerialNumber::from_slice(serial),
            revocation_time: this_update.date_time(),
            reason_code: None,
            invalidity_date: None,
        });
        let params = CertificateRevocationListParams {
            this_update: this_update.date_time(),
            next_update: next_update.date_time(),
            // Grows with each issue (RFC 5280, 5.2.3).
            crl_number: SerialNumber::from(this_update.unix().unsigned_abs()),
            issuing_distribution_point: None,
            revoked_certs: revoked_certs.collect(),
            key_identifier_method: self.params.key_identifier_method.clone(),
        };
        Ok(params.signed_by(&Issuer::from_params(&self.params, &self.key))?.pem()?)
    }
}

fn authority_params(name: &str, now: Timestamp, key: &SigningKey) -> Result<CertificateParams> {
    let mut params = CertificateParams::default();
    params.not_before = now.plus_days(-1825).date_time();
    params.not_after = now.plus_days(1825).date_time();
    params.serial_number = Some(SerialNumber::from_slice(&random_serial()?));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = true;
    params.key_identifier_method = identifier(key.private())?;
    params.distinguished_name = subject(&[
        (DnType::CountryName, "JP"),
        (DnType::OrganizationName, "Touroku Test"),
        (DnType::CommonName, name),
    ]);
    Ok(params)
}

/// Empty values are left out.
fn subject(attributes: &[(DnType, &str)]) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    for (kind, value) in attributes.iter().filter(|(_, value)| !value.is_empty()) {
        // RFC 5280, appendix A.1: a country is a PrintableString.
        let value = match kind {
            DnType::CountryName => DnValue::PrintableString((*value).try_into().expect("JP is printable")),
            _ => DnValue::Utf8String((*value).to_owned()),
        };
        name.push(kind.clone(), value);
    }
    name
}

/// subjectAltName with one directoryName of UTF-8 attributes (RFC 5280, 4.2.1.6), or nothing.
fn japanese_names(request: &CardRequest) -> Result<Option<CustomExtension>> {
    let attributes = [
        ("C", "JP"),
        ("ST", request.prefecture.as_str()),
        ("L", request.city.as_str()),
        ("street", request.street.as_str()),
        ("O", request.company.as_str()),
        ("OU", request.unit.as_str()),
        ("CN", request.holder.as_str()),
    ];
    if attributes[1..].iter().all(|(_, value)| value.is_empty()) {
        return Ok(None);
    }
    let mut name = X509NameBuilder::new()?;
    for (key, value) in attributes.into_iter().filter(|(_, value)| !value.is_empty()) {
        name.append_entry_by_text(key, value)?;
    }
    // GeneralNames ::= SEQUENCE OF; directoryName [4] EXPLICIT, because Name is a CHOICE.
    let content = tlv(&[0x30], &tlv(&[0xA4], &name.build().to_der()?));
    Ok(Some(CustomExtension::from_oid_content(&[2, 5, 29, 17], content)))
}

/// 20 octets, positive (RFC 5280, 4.1.2.2): as long as the 48 digits on the reference screens.
fn random_serial() -> Result<Vec<u8>> {
    let mut serial = vec![0; 20];
    rand_bytes(&mut serial)?;
    serial[0] = serial[0] & 0x7F | 0x40;
    Ok(serial)
}

fn identifier(key: &PKey<Private>) -> Result<KeyIdMethod> {
    let digest = hash(MessageDigest::sha256(), &key.public_key_to_der()?)?;
    Ok(KeyIdMethod::PreSpecified(digest[..20].to_vec()))
}

/// A certificate's DER as PEM.
pub fn pem(certificate: &[u8]) -> Result<String> {
    Ok(String::from_utf8(X509::from_der(certificate)?.to_pem()?)?)
}

#[cfg(test)]
mod tests;
