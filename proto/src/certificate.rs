//! What a person sees of a certificate: names, serial number, issuer, validity.
//!
//! Certification authorities put names in different places: in the subject, in romaji, or in Japanese in a
//! directoryName of subjectAltName. [`DisplayMap`] describes this per issuer, as data. Nothing here verifies
//! anything.

use serde::{Deserialize, Serialize};
use x509_parser::{
    der_parser::{asn1_rs::Any, ber::Tag},
    extensions::{GeneralName, ParsedExtension},
    num_bigint,
    prelude::FromDer,
    x509::X509Name,
};

/// The DER is not a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an X.509 certificate")]
pub struct NotACertificate;

/// The readable parts of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    subject: Name,
    alternative: Name,
    issuer: Name,
    /// DER of the issuer's name.
    pub issuer_der: Vec<u8>,
    /// Serial number, decimal; negative where an authority violates the rule against it (RFC 5280, 4.1.2.2).
    pub serial: String,
    /// First second of validity, Unix time.
    pub not_before: i64,
    /// Last second of validity, Unix time.
    pub not_after: i64,
}

/// What a certificate of 公的個人認証サービス (JPKI) is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MyNumberUse {
    /// 利用者証明用: logging in. It names no person.
    Authentication,
    /// 署名用, or one that this project does not know.
    Other,
}

/// A distinguished name: attributes in the certificate's order, usually least specific first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Name(Vec<(String, String)>);

/// Where the four displayed names are found in an issuer's certificates.
///
/// Each is a list of alternatives; the first that yields text wins. An alternative is one or more
/// attributes separated by spaces, `subject.` or `alt.` and a short name (RFC 4514, 3) or dotted OID; their
/// values are joined by a space, absent ones skipped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DisplayMap {
    /// ICカード企業名称.
    pub company_name: Vec<String>,
    /// ICカード企業住所.
    pub company_address: Vec<String>,
    /// ICカード取得者氏名.
    pub holder_name: Vec<String>,
    /// ICカード取得者住所.
    pub holder_address: Vec<String>,
    /// 法人番号, as is or as an organizationIdentifier (`NTRJP-…`, `VATJP-…`; ETSI EN 319 412-1, 5.1.4).
    #[serde(default = "corporate_number")]
    pub corporate_number: Vec<String>,
}

fn corporate_number() -> Vec<String> {
    vec!["alt.organizationIdentifier".to_owned(), "subject.organizationIdentifier".to_owned()]
}

/// For issuers without a profile: Japanese before romaji, and no guessing where a value has no usual place.
impl Default for DisplayMap {
    fn default() -> Self {
        let list = |alternatives: &[&str]| alternatives.iter().map(|&text| text.to_owned()).collect();
        Self {
            company_name: list(&["alt.O", "subject.O"]),
            company_address: list(&["alt.ST alt.L alt.street", "alt.postalAddress"]),
            holder_name: list(&["alt.CN", "subject.CN"]),
            holder_address: list(&["subject.ST subject.L subject.street"]),
            corporate_number: corporate_number(),
        }
    }
}

/// The displayed names and the 法人番号; empty where the certificate has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DisplayNames {
    /// ICカード企業名称.
    pub company_name: String,
    /// ICカード企業住所.
    pub company_address: String,
    /// ICカード取得者氏名.
    pub holder_name: String,
    /// ICカード取得者住所.
    pub holder_address: String,
    /// 法人番号, 13 digits with a valid check digit; not displayed.
    pub corporate_number: String,
}

impl Facts {
    /// Reads a certificate's DER.
    pub fn parse(der: &[u8]) -> Result<Self, NotACertificate> {
        let (rest, certificate) =
            x509_parser::certificate::X509Certificate::from_der(der).map_err(|_| NotACertificate)?;
        if rest.is_empty() { Ok(Self::of(&certificate)) } else { Err(NotACertificate) }
    }

    /// What a parsed certificate says.
    pub fn of(certificate: &x509_parser::certificate::X509Certificate<'_>) -> Self {
        let mut alternatives = Vec::new();
        for extension in certificate.extensions() {
            let ParsedExtension::SubjectAlternativeName(names) = extension.parsed_extension() else {
                continue;
            };
            for name in &names.general_names {
                if let GeneralName::DirectoryName(name) = name {
                    alternatives.push(Name::read(name));
                }
            }
        }
        // The last one wins: where an authority also writes romaji, the Japanese one, whatever their order.
        alternatives.sort_by_key(Name::is_japanese);
        let alternative = Name(alternatives.into_iter().flat_map(|name| name.0).collect());
        Self {
            subject: Name::read(certificate.subject()),
            alternative,
            issuer: Name::read(certificate.issuer()),
            issuer_der: certificate.issuer().as_raw().to_vec(),
            serial: signed(certificate.raw_serial()),
            not_before: certificate.validity().not_before.timestamp(),
            not_after: certificate.validity().not_after.timestamp(),
        }
    }

    /// The displayed names, looked up as `map` says.
    pub fn display(&self, map: &DisplayMap) -> DisplayNames {
        DisplayNames {
            company_name: self.first(&map.company_name),
            company_address: self.first(&map.company_address),
            holder_name: self.first(&map.holder_name),
            holder_address: self.first(&map.holder_address),
            corporate_number: self.corporate_number(&map.corporate_number),
        }
    }

    /// The issuer's distinguished name, most specific part first, as `OU=…,O=…,C=JP` (RFC 4514, with the
    /// short names it knows and dotted OIDs for the rest).
    pub fn issuer(&self) -> String {
        let parts = self.issuer.0.iter().rev();
        parts.map(|(key, value)| format!("{key}={}", escape(value))).collect::<Vec<_>>().join(",")
    }

    /// A short name for the issuer: organisation, else common name, else the full name.
    pub fn issuer_name(&self) -> String {
        let found = self.issuer.value("O").or_else(|| self.issuer.value("CN"));
        found.map_or_else(|| self.issuer(), str::to_owned)
    }

    /// Whether the issuer's name contains every one of these `attribute=value` pairs (short names as in
    /// [`Facts::issuer`], values unescaped).
    pub fn issued_by(&self, attributes: &[String]) -> bool {
        attributes.iter().all(|attribute| {
            attribute.split_once('=').is_some_and(|(key, value)| {
                self.issuer.0.iter().any(|(name, found)| name == key && found == value)
            })
        })
    }

    /// What a certificate of 公的個人認証サービス (JPKI), on My Number Cards and phones, is for; `None`: issued by
    /// another authority. Recognised by the issuer's name, which is the same nationwide; whether the issuer is
    /// genuine is up to path building.
    pub fn my_number(&self) -> Option<MyNumberUse> {
        let holds = |attribute: &str| self.issued_by(&[attribute.to_owned()]);
        holds("O=JPKI").then(|| match holds("OU=JPKI for user authentication") {
            true => MyNumberUse::Authentication,
            false => MyNumberUse::Other,
        })
    }

    fn first(&self, alternatives: &[String]) -> String {
        let texts = alternatives.iter().map(|alternative| {
            let values = alternative.split_whitespace().filter_map(|attribute| self.attribute(attribute));
            values.collect::<Vec<_>>().join(" ")
        });
        texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default()
    }

    fn attribute<'a>(&'a self, path: &str) -> Option<&'a str> {
        let (name, key) = self.name_of(path)?;
        name.value(key)
    }

    /// The first 法人番号 among everything that may hold one: a certificate may carry other identifiers beside it.
    fn corporate_number(&self, alternatives: &[String]) -> String {
        let paths = alternatives.iter().flat_map(|alternative| alternative.split_whitespace());
        let mut values = paths.filter_map(|path| self.name_of(path)).flat_map(|(name, key)| name.values(key));
        values.find_map(corporate_number_of).unwrap_or_default()
    }

    fn name_of<'a, 'p>(&'a self, path: &'p str) -> Option<(&'a Name, &'p str)> {
        let (place, key) = path.split_once('.')?;
        match place {
            "subject" => Some((&self.subject, key)),
            "alt" => Some((&self.alternative, key)),
            _ => None,
        }
    }
}

impl Name {
    fn read(name: &X509Name<'_>) -> Self {
        let attributes = name.iter_attributes();
        Self(
            attributes
                .map(|attribute| {
                    let oid = attribute.attr_type().to_id_string();
                    (short_name(&oid).map_or(oid, str::to_owned), decode(attribute.attr_value()))
                })
                .collect(),
        )
    }

    fn is_japanese(&self) -> bool {
        self.0.iter().any(|(_, value)| !value.is_ascii())
    }

    /// The most specific non-empty attribute with that name.
    fn value<'a>(&'a self, key: &str) -> Option<&'a str> {
        self.values(key).first().copied()
    }

    /// All non-empty attributes with that name, the most specific one first.
    fn values<'a>(&'a self, key: &str) -> Vec<&'a str> {
        let found = self.0.iter().rev().filter(|(name, _)| name == key);
        found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty()).collect()
    }
}

/// The attributes of a distinguished name's DER in its own order: short names or dotted OIDs, and what they say.
/// `None`: it is no name.
pub fn attributes(der: &[u8]) -> Option<Vec<(String, String)>> {
    let (rest, name) = X509Name::from_der(der).ok()?;
    rest.is_empty().then(|| Name::read(&name).0)
}

/// The 法人番号 in an authority's notation. The number of a 適格請求書発行事業者, with
/// a leading `T`, has the same digits.
fn corporate_number_of(text: &str) -> Option<String> {
    let digits = ["NTRJP-", "VATJP-"].iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or(text);
    let digits = digits.strip_prefix('T').unwrap_or(digits);
    crate::text::is_corporate_number(digits).then(|| digits.to_owned())
}

/// Short names of RFC 4514, section 3, and of RFC 4519 for other attributes used by certificates here.
const SHORT_NAMES: [(&str, &str); 17] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.4", "SN"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "street"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.12", "title"),
    ("2.5.4.16", "postalAddress"),
    ("2.5.4.17", "postalCode"),
    ("2.5.4.42", "GN"),
    ("2.5.4.97", "organizationIdentifier"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
];

fn short_name(oid: &str) -> Option<&'static str> {
    SHORT_NAMES.iter().find(|(known, _)| *known == oid).map(|(_, name)| *name)
}

/// Whether a name may have an attribute with that key: a short name that [`Facts`] uses, or the dotted OID of
/// another attribute.
pub fn is_attribute(key: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let is_oid = key.contains('.') && key.split('.').all(is_number);
    SHORT_NAMES.iter().any(|(_, name)| *name == key) || (is_oid && short_name(key).is_none())
}

/// DirectoryString in all its encodings (RFC 5280, 4.1.2.4), and lists of them, such as postalAddress (RFC 4519,
/// 2.23). What cannot be decoded in full becomes empty rather than garbage on a screen.
fn decode(value: &Any<'_>) -> String {
    let text = match value.tag() {
        Tag::BmpString => {
            let units = value.data.chunks(2).map(|pair| match pair {
                [high, low] => u16::from_be_bytes([*high, *low]),
                // Half a character is not a character, and neither is half a surrogate pair.
                _ => 0xD800,
            });
            char::decode_utf16(units).collect::<Result<String, _>>().unwrap_or_default()
        }
        Tag::UniversalString => {
            let points =
                value.data.chunks(4).map(|four| four.iter().fold(0, |sum, &b| sum << 8 | u32::from(b)));
            points.map(char::from_u32).collect::<Option<String>>().unwrap_or_default()
        }
        Tag::T61String => teletex(value.data),
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String | Tag::NumericString | Tag::VisibleString => {
            std::str::from_utf8(value.data).unwrap_or_default().to_owned()
        }
        Tag::Sequence => {
            let mut rest = value.data;
            let mut lines = Vec::new();
            while let Ok((after, line)) = Any::from_der(rest) {
                // No nested lists.
                lines.push(if line.tag() == Tag::Sequence { String::new() } else { decode(&line) });
                rest = after;
            }
            lines.retain(|line| !line.trim().is_empty());
            lines.join(" ")
        }
        _ => String::new(),
    };
    text.chars().filter(|&c| !crate::text::is_forbidden(c)).collect()
}

/// In practice T61String holds UTF-8 or Latin-1; two consecutive bytes above ASCII, or one that Latin-1 has no
/// letter for, mean neither, but Shift_JIS, say.
fn teletex(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let is_letter = |byte: u8| byte.is_ascii() || (byte >= 0xC0 && !matches!(byte, 0xD7 | 0xF7));
    let is_latin = bytes.iter().all(|&byte| is_letter(byte))
        && bytes.windows(2).all(|pair| pair.iter().any(u8::is_ascii));
    if is_latin { bytes.iter().map(|&byte| char::from(byte)).collect() } else { String::new() }
}

/// An INTEGER's content in decimal. Two's complement (X.690, 8.3): −5 and 251 are different numbers.
fn signed(bytes: &[u8]) -> String {
    let number = num_bigint::BigInt::from_signed_bytes_be(bytes);
    number.to_string()
}

/// The expiry of a certificate that has none (RFC 5280, 4.1.2.5): 99991231235959Z.
pub const NO_END: i64 = 253_402_300_799;

/// RFC 4514, 2.4.
fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for (i, c) in value.char_indices() {
        let at_edge = (i == 0 && matches!(c, ' ' | '#')) || (i + c.len_utf8() == value.len() && c == ' ');
        if at_edge || matches!(c, ',' | '+' | '"' | '\\' | '<' | '>' | ';') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Unix time as RFC 3339 in UTC, e.g. `2029-12-13T14:59:59Z`. Years 0 to 9999, as certificates have.
pub fn rfc3339(unix: i64) -> String {
    let (days, seconds) = (unix.div_euclid(86_400), unix.rem_euclid(86_400));
    // Days to civil date, after Howard Hinnant's public-domain algorithm: eras of 400 years from 0000-03-01.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(subject: &[(&str, &str)], alternative: &[(&str, &str)]) -> Facts {
        let name = |pairs: &[(&str, &str)]| Name(pairs.iter().map(|&(k, v)| (k.into(), v.into())).collect());
        Facts {
            subject: name(subject),
            alternative: name(alternative),
            issuer: name(&[("C", "JP"), ("O", "Test, Inc"), ("OU", "CA 1")]),
            issuer_der: Vec::new(),
            serial: "1".into(),
            not_before: 0,
            not_after: 0,
        }
    }

    #[test]
    fn absent_attributes_are_empty_and_never_joined_as_words() {
        let names = facts(&[("ST", "Kansai Area"), ("CN", "Taro")], &[]).display(&DisplayMap::default());
        assert_eq!(names.holder_address, "Kansai Area");
        assert_eq!(names.company_name, "");
        assert_eq!(names.company_address, "");
    }

    #[test]
    fn japanese_in_subject_alt_name_comes_before_romaji_in_the_subject() {
        let facts = facts(
            &[("O", "Test Shokai"), ("CN", "Taro Test")],
            &[("O", "株式会社テスト商会"), ("CN", "試験太郎"), ("ST", "青森県"), ("L", "青森市")],
        );
        let names = facts.display(&DisplayMap::default());
        assert_eq!(names.company_name, "株式会社テスト商会");
        assert_eq!(names.holder_name, "試験太郎");
        assert_eq!(names.company_address, "青森県 青森市");
    }

    #[test]
    fn a_corporate_number_is_read_from_an_organization_identifier_and_checked() {
        let number =
            |place: &[(&str, &str)]| facts(place, &[]).display(&DisplayMap::default()).corporate_number;
        for text in ["NTRJP-4011001098993", "VATJP-T4011001098993", "4011001098993"] {
            assert_eq!(number(&[("organizationIdentifier", text)]), "4011001098993", "{text}");
        }
        for text in ["NTRJP-4011001098994", "NTRDE-4011001098993", "NTRJP-"] {
            assert_eq!(number(&[("organizationIdentifier", text)]), "", "{text}");
        }
    }

    #[test]
    fn an_issuer_is_written_most_specific_first_and_escaped() {
        assert_eq!(facts(&[], &[]).issuer(), "OU=CA 1,O=Test\\, Inc,C=JP");
    }

    #[test]
    fn an_issuer_is_recognised_by_all_of_the_given_attributes() {
        let asked = |attributes: &[&str]| {
            facts(&[], &[]).issued_by(&attributes.iter().map(|&text| text.to_owned()).collect::<Vec<_>>())
        };
        assert!(asked(&[]));
        assert!(asked(&["O=Test, Inc", "OU=CA 1"]));
        assert!(!asked(&["O=Test, Inc", "OU=CA 2"]));
        assert!(!asked(&["O"]));
    }

    #[test]
    fn a_my_number_cards_certificate_is_told_by_its_issuer_and_only_one_kind_logs_in() {
        let issued_by = |attributes: &[(&str, &str)]| {
            let issuer = Name(attributes.iter().map(|&(k, v)| (k.into(), v.into())).collect());
            Facts { issuer, ..facts(&[], &[]) }.my_number()
        };
        let jlis = ("OU", "Japan Agency for Local Authority Information Systems");
        for (attributes, expected) in [
            (
                vec![("C", "JP"), ("O", "JPKI"), ("OU", "JPKI for user authentication"), jlis],
                Some(MyNumberUse::Authentication),
            ),
            (
                vec![("C", "JP"), ("O", "JPKI"), ("OU", "JPKI for digital signature"), jlis],
                Some(MyNumberUse::Other),
            ),
            (vec![("O", "JPKI")], Some(MyNumberUse::Other)),
            (vec![("O", "JPKI Trading"), ("OU", "JPKI for user authentication")], None),
            (vec![("CN", "JPKI")], None),
        ] {
            assert_eq!(issued_by(&attributes), expected, "{attributes:?}");
        }
    }

    #[test]
    fn serial_numbers_are_signed() {
        for (bytes, text) in
            [(&[0xFB][..], "-5"), (&[0x00, 0xFB], "251"), (&[0x03, 0xE8], "1000"), (&[0xFF, 0x00], "-256")]
        {
            assert_eq!(signed(bytes), text);
        }
    }

    #[test]
    fn old_texts_are_readable_or_empty() {
        for (bytes, text) in [
            ("株式会社架空建設".as_bytes(), "株式会社架空建設"),
            (b"Caf\xE9 M\xFCller", "Café Müller"),
            // 見本 in Shift_JIS and in EUC-JP.
            (b"\x8C\xA9\x96\x7B", ""),
            (b"\xB8\xAB\xCB\xDC", ""),
        ] {
            assert_eq!(teletex(bytes), text);
        }
    }

    #[test]
    fn times_are_written_in_rfc_3339() {
        for (unix, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_891_868_399, "2029-12-13T14:59:59Z"),
            (-1, "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(rfc3339(unix), text);
        }
    }

    #[test]
    fn bytes_that_are_no_certificate_are_refused() {
        for der in [&b""[..], b"\x30\x00", b"not a certificate", &[0x30; 64]] {
            assert_eq!(Facts::parse(der), Err(NotACertificate));
        }
    }
}
