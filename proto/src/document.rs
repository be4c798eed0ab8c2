//! 申請書: the text that a card signs, and the signature as it travels.
//!
//! Page and server both write it, each from what it knows itself: the page from what its confirmation shows, the
//! server from what it stores. The host signs it only with the head that it parses here, and a card window shows
//! it as is. It is plain UTF-8 text, so that checking it in ten years takes no program of ours.
//!
//! A line that begins with [`INDENT`] belongs to the value of the label above it, one with [`SECTION`] is a
//! heading, every other one is a label; so no value can pass for a row of its own. Lines, including the last, end
//! with U+000A.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    agency::{AgencyProfile, Category},
    field::{FieldId, Scope, Values},
    filing::{Function, Prepared},
    form::{Form, Mode, Occasion},
    origin::Origin,
    text::is_forbidden,
};

/// The format's name and version.
pub const FORMAT: &str = "touroku-application:1";

/// The longest text, in bytes of UTF-8. The fullest form of a 変更 is less than half of it.
pub const MAX_DOCUMENT: usize = 32 * 1024;

/// Before each line of a value: an ideographic space.
const INDENT: char = '\u{3000}';

/// Before a heading.
const SECTION: &str = "■";

/// The labels of the first rows, in order; the host and the card window read them.
const FORMAT_LABEL: &str = "書式";
const ORIGIN_LABEL: &str = "サイト";
const NUMBER_LABEL: &str = "受付番号";

/// The two cards of ICカード更新, as 電子証明書更新確認 calls them.
pub const OLD_CARD: &str = "現在使用しているICカード";
/// The card that replaces it.
pub const NEW_CARD: &str = "新規に使用するICカード";

/// What ICカード更新 shows of both cards, labelled as in 電子証明書更新確認; the company's rows apply to both.
pub const RENEWAL_ROWS: [(FieldId, &str); 9] = [
    (FieldId::CompanyName, "企業名称"),
    (FieldId::CompanyAddress, "企業住所"),
    (FieldId::CardCompanyName, "ICカード企業名称"),
    (FieldId::CardCompanyAddress, "ICカード企業住所"),
    (FieldId::CardHolderName, "ICカード取得者氏名"),
    (FieldId::CardHolderAddress, "ICカード取得者住所"),
    (FieldId::CertificateSerial, "証明書シリアル番号"),
    (FieldId::CertificateIssuer, "証明書発行者"),
    (FieldId::CertificateExpiry, "証明書有効期限"),
];

/// The rows at the top of every 申請書.
#[derive(Clone, Copy)]
pub struct Head<'a> {
    /// 登録, 変更 or ICカード更新.
    pub function: Function,
    /// The site.
    pub origin: &'a str,
    /// What the server issued for this one signature.
    pub prepared: &'a Prepared,
    /// 調達機関.
    pub agency: &'a AgencyProfile,
    /// 区分.
    pub category: &'a Category,
    /// The certificate's values of the signing card.
    pub card: &'a Values,
}

/// 登録: every row of 登録内容確認. `values`: the company's, the form's and the card's.
pub fn registration(head: &Head<'_>, form: &Form, occasion: Occasion, values: &Values) -> String {
    let mut lines = Lines::begin(head);
    for section in &form.sections {
        lines.section(
            &section.title,
            section.confirmed(occasion).map(|row| (row.label.as_str(), None, values.text(row.field))),
        );
    }
    lines.0
}

/// 変更: every row of 変更内容確認, with the previous value of those that change.
pub fn change(head: &Head<'_>, form: &Form, before: &Values, after: &Values) -> String {
    let mut lines = Lines::begin(head);
    for section in &form.sections {
        lines.section(
            &section.title,
            section.confirmed(Occasion::Change).map(|row| {
                let (old, new) = (before.text(row.field).trim(), after.text(row.field).trim());
                let differs = row.mode(Occasion::Change) == Mode::Edit && old != new;
                (row.label.as_str(), differs.then_some(old), new)
            }),
        );
    }
    lines.0
}

/// ICカード更新: the company, the old card and the new one.
pub fn renewal(head: &Head<'_>, company: &Values, old: &Values, new: &Values) -> String {
    let mut lines = Lines::begin(head);
    let (of_company, of_card): (Vec<_>, Vec<_>) =
        RENEWAL_ROWS.iter().partition(|(field, _)| field.scope() == Scope::Company);
    for (title, rows, values) in
        [("企業情報", &of_company, company), (OLD_CARD, &of_card, old), (NEW_CARD, &of_card, new)]
    {
        lines.section(title, rows.iter().map(|&&(field, label)| (label, None, values.text(field))));
    }
    lines.0
}

struct Lines(String);

impl Lines {
    fn begin(head: &Head<'_>) -> Self {
        let Head { function, origin, prepared, agency, category, card } = *head;
        let title = match function {
            Function::Change | Function::ChangeAccount => "利用者情報の変更の申請",
            Function::Renew => "ICカード更新の申請",
            Function::Register | Function::Apply => "利用者登録の申請",
        };
        let mut lines = Self(format!("{title}\n"));
        for (label, value) in [
            (FORMAT_LABEL, FORMAT),
            (ORIGIN_LABEL, origin),
            (NUMBER_LABEL, &prepared.number),
            ("受付日時", &prepared.at),
            ("照合番号", prepared.nonce.as_str()),
            ("発注機関", &agency.name),
            ("発注機関コード", &agency.code),
            ("区分", &category.name),
            ("署名する証明書のシリアル番号", card.text(FieldId::CertificateSerial)),
            ("署名する証明書の発行者", card.text(FieldId::CertificateIssuer)),
        ] {
            lines.row(label, value);
        }
        lines
    }

    /// Sections without rows are left out. For each row: label, the previous value where it changes, the value.
    fn section<'a>(&mut self, title: &str, rows: impl Iterator<Item = (&'a str, Option<&'a str>, &'a str)>) {
        let mut titled = false;
        for (label, before, value) in rows {
            if !titled {
                titled = true;
                self.line(SECTION, title);
            }
            match before {
                None => self.row(label, value),
                Some(before) => {
                    self.row(&format!("{label}【変更前】"), before);
                    self.row(&format!("{label}【変更後】"), value);
                }
            }
        }
    }

    fn row(&mut self, label: &str, value: &str) {
        self.line("", label);
        // An empty value has a line too.
        for line in value.trim().split('\n') {
            self.line(INDENT.encode_utf8(&mut [0; 4]), line);
        }
    }

    /// Invisible characters, and those that make others look different, must not get into what is signed.
    fn line(&mut self, before: &str, text: &str) {
        self.0.push_str(before);
        self.0.extend(text.chars().map(|c| if is_forbidden(c) { '\u{FFFD}' } else { c }));
        self.0.push('\n');
    }
}

/// A 申請書 with a valid head: what the host signs and shows.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(try_from = "String", into = "String")]
pub struct Document(String);

/// The text is not a 申請書.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text is no application that a card may sign")]
pub struct NotDocument;

impl Document {
    /// Parses a text: its head must be present, its lines must end, and nothing in it may be invisible.
    pub fn parse(text: String) -> Result<Self, NotDocument> {
        let sound = text.len() <= MAX_DOCUMENT
            && text.ends_with('\n')
            && !text.chars().any(|c| c != '\n' && is_forbidden(c));
        let document = Self(text);
        let title = document.title();
        let titled = !title.is_empty() && !title.starts_with([INDENT, ' ']);
        if sound && titled && document.head().is_some_and(|(origin, _)| Origin::parse(origin).is_ok()) {
            Ok(document)
        } else {
            Err(NotDocument)
        }
    }

    /// Its title, such as 利用者登録の申請.
    pub fn title(&self) -> &str {
        self.0.lines().next().unwrap_or_default()
    }

    /// The site it is for.
    pub fn origin(&self) -> &str {
        self.head().map_or("", |(origin, _)| origin)
    }

    /// 受付番号.
    pub fn number(&self) -> &str {
        self.head().map_or("", |(_, number)| number)
    }

    /// The whole text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Site and number.
    fn head(&self) -> Option<(&str, &str)> {
        let mut lines = self.0.lines().skip(1);
        let mut row = |wanted: &str| {
            let (label, value) = (lines.next()?, lines.next()?);
            value.strip_prefix(INDENT).filter(|value| label == wanted && !value.is_empty())
        };
        row(FORMAT_LABEL).filter(|format| *format == FORMAT)?;
        Some((row(ORIGIN_LABEL)?, row(NUMBER_LABEL)?))
    }
}

impl TryFrom<String> for Document {
    type Error = NotDocument;

    fn try_from(text: String) -> Result<Self, NotDocument> {
        Self::parse(text)
    }
}

impl From<Document> for String {
    fn from(document: Document) -> Self {
        document.0
    }
}

/// It contains people and addresses.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({} bytes)", self.0.len())
    }
}

/// A card's signature on a [`Document`]: the parts of a CMS signature (see `cms`) that are not known beforehand.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct DocumentSignature {
    /// The card's certificate: base64 of its DER.
    pub certificate: String,
    /// `RS256`, `ES256` or `ES384`, as in a [`crate::token::Token`].
    pub algorithm: String,
    /// By the signing computer's clock, Unix seconds.
    #[cfg_attr(feature = "typescript", ts(type = "number"))]
    pub signed_at: i64,
    /// base64 of the signature over the signed attributes; ECDSA as raw R ‖ S.
    pub signature: String,
}

/// Shows neither certificate nor signature.
impl fmt::Debug for DocumentSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DocumentSignature")
            .field("algorithm", &self.algorithm)
            .field("signed_at", &self.signed_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::token::Nonce;

    fn form() -> Form {
        let row = |field: &str, register: &str, change: &str| json!({"field": field, "label": format!("<{field}>"), "register": register, "change": change});
        serde_json::from_value(json!({"sections": [
            {"title": "企業情報", "rows": [
                row("company_name", "show", "show"),
                row("qualifications", "show", "hidden")]},
            {"title": "連絡先", "rows": [
                row("card_contact_email", "edit", "edit"),
                row("card_contact_email_again", "edit", "edit"),
                row("card_contact_fax", "edit", "edit")]},
            {"title": "なし", "rows": [row("branch", "hidden", "hidden")]}
        ]}))
        .unwrap()
    }

    fn values(pairs: &[(FieldId, &str)]) -> Values {
        pairs.iter().map(|&(field, value)| (field, value.to_owned())).collect()
    }

    fn with_head<T>(function: Function, write: impl FnOnce(&Head<'_>) -> T) -> T {
        let agency: AgencyProfile = serde_json::from_value(json!({
            "code": "aomori", "procurement_code": "0200", "name": "青森県",
            "search": {"number_label": "業者番号", "number_rule": {"kind": "digits", "min": 9, "max": 9},
                "name_label": "商号又は名称", "name_rule": {"kind": "text", "max": 60}},
            "categories": [{"code": "goods", "name": "物品", "digit": 1, "form": "goods"}],
            "forms": {}, "company_id": {"format": "{sequence:4}"}
        }))
        .unwrap_or_else(|error| panic!("{error}"));
        let prepared = Prepared {
            number: "20261121-ABCDEFGH".into(),
            at: "2026/11/21 09:00:00".into(),
            nonce: Nonce::from_bytes(&[1; 32]),
            card: "ab".into(),
        };
        let card = values(&[(FieldId::CertificateSerial, "77"), (FieldId::CertificateIssuer, "CN=試験CA")]);
        write(&Head {
            function,
            origin: "https://ebid.example.jp",
            prepared: &prepared,
            agency: &agency,
            category: &agency.categories[0],
            card: &card,
        })
    }

    #[test]
    fn a_registration_reads_as_its_confirmation_and_has_its_head() {
        let values = values(&[
            (FieldId::CompanyName, " （株）テスト "),
            (FieldId::Qualifications, "土木：A\n建築：B"),
            (FieldId::CardContactEmail, "a@example.jp"),
        ]);
        let text =
            with_head(Function::Register, |head| registration(head, &form(), Occasion::Register, &values));
        assert_eq!(
            text,
            "利用者登録の申請\n書式\n　touroku-application:1\nサイト\n　https://ebid.example.jp\n受付番号\n　20261121-ABCDEFGH\n\
             受付日時\n　2026/11/21 09:00:00\n照合番号\n　AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n\
             発注機関\n　青森県\n発注機関コード\n　aomori\n区分\n　物品\n署名する証明書のシリアル番号\n　77\n\
             署名する証明書の発行者\n　CN=試験CA\n■企業情報\n<company_name>\n　（株）テスト\n<qualifications>\n　土木：A\n　建築：B\n\
             ■連絡先\n<card_contact_email>\n　a@example.jp\n<card_contact_fax>\n　\n"
        );
        let document = Document::parse(text).unwrap();
        assert_eq!(
            (document.title(), document.origin(), document.number()),
            ("利用者登録の申請", "https://ebid.example.jp", "20261121-ABCDEFGH")
        );
    }

    #[test]
    fn a_change_says_what_stood_there_before_where_it_changes() {
        let before = values(&[(FieldId::CardContactEmail, "a@example.jp"), (FieldId::CompanyName, "甲")]);
        let after = values(&[(FieldId::CardContactEmail, "b@example.jp "), (FieldId::CompanyName, "甲")]);
        let text = with_head(Function::Change, |head| change(head, &form(), &before, &after));
        assert!(text.starts_with("利用者情報の変更の申請\n"));
        assert!(text.contains(
            "■連絡先\n<card_contact_email>【変更前】\n　a@example.jp\n<card_contact_email>【変更後】\n　b@example.jp\n<card_contact_fax>\n　\n"
        ), "{text}");
        assert!(text.contains("<company_name>\n　甲\n"));
    }

    #[test]
    fn a_renewal_names_both_cards() {
        let card = |serial| values(&[(FieldId::CertificateSerial, serial)]);
        let company = values(&[(FieldId::CompanyName, "甲")]);
        let text = with_head(Function::Renew, |head| renewal(head, &company, &card("1"), &card("2")));
        let (old, new) = (text.find(OLD_CARD).unwrap(), text.find(NEW_CARD).unwrap());
        assert!(text[old..new].contains("証明書シリアル番号\n　1\n"));
        assert!(text[new..].contains("証明書シリアル番号\n　2\n"));
    }

    #[test]
    fn a_value_can_neither_look_like_a_row_nor_hide_characters() {
        let values =
            values(&[(FieldId::CompanyName, "甲\n<card_contact_email>\n■乙\r\n丙\u{202E}\u{200B}\u{0}")]);
        let text =
            with_head(Function::Register, |head| registration(head, &form(), Occasion::Register, &values));
        assert!(
            text.contains(
                "<company_name>\n　甲\n　<card_contact_email>\n　■乙\u{FFFD}\n　丙\u{FFFD}\u{FFFD}\u{FFFD}\n"
            ),
            "{text}"
        );
        assert!(Document::parse(text).is_ok());
    }

    #[test]
    fn what_is_no_application_is_not_signed() {
        let good = with_head(Function::Register, |head| {
            registration(head, &form(), Occasion::Register, &Values::default())
        });
        assert!(Document::parse(good.clone()).is_ok());
        for (find, replace) in [
            ("利用者登録の申請\n", "\n"),
            ("touroku-application:1", "touroku-application:2"),
            ("https://ebid.example.jp", "http://ebid.example.jp"),
            ("　20261121-ABCDEFGH", "　"),
            ("受付番号", "番号"),
            ("青森県", "青\u{202E}森"),
            ("青森県", "青\t森"),
            ("青森県", "青\r森"),
        ] {
            assert_eq!(Document::parse(good.replacen(find, replace, 1)), Err(NotDocument), "{find}");
        }
        for text in [
            String::new(),
            "\n".into(),
            good.trim_end().to_owned(),
            good.clone() + &"x\n".repeat(MAX_DOCUMENT),
        ] {
            assert_eq!(Document::parse(text), Err(NotDocument));
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_can_be_read(value in any::<String>(), number in "[0-9A-Z]{1,20}") {
            let values = values(&[(FieldId::CompanyName, &value), (FieldId::Qualifications, &number)]);
            let text = with_head(Function::Register, |head| registration(head, &form(), Occasion::Register, &values));
            prop_assume!(text.len() <= MAX_DOCUMENT);
            prop_assert!(Document::parse(text).is_ok());
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in any::<String>()) {
            let _ = Document::parse(text);
        }
    }
}
