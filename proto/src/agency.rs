//! The agency profile: all that a procuring agency (発注機関) does its own way, as data.
//!
//! One TOML file in `agencies/` is one [`AgencyProfile`]. The page receives the same type as JSON, without
//! the parts that only the server needs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    field::Rule,
    form::Form,
    hours::BusinessHours,
    identity::{OnCompanyMismatch, OnSecondCard, RenewalMatch},
    localized::Localized,
    mail::MailTexts,
    sign_in::Client,
};

/// The first words of the page's own addresses and the server's: no agency may have one as its code.
pub const RESERVED_AGENCY_CODES: &[&str] = &[
    "api",
    "healthz",
    "readyz",
    "officer",
    "404",
    "menu",
    "search",
    "form",
    "confirm",
    "done",
    "print",
    "bid",
    "application",
    "result",
    "mail",
    "login",
    "change-login",
    "reset",
    "check",
    "renew",
    "new-card",
    "renewal",
    "status",
    "oidc",
];

/// The words that stand behind an agency's code in addresses: no category may have one as its code.
pub const RESERVED_CATEGORY_CODES: [&str; 2] = ["companies", "forgotten"];

/// A procuring agency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgencyProfile {
    /// Names the agency in addresses and on the command line: lower-case letters, digits and hyphens.
    pub code: String,
    /// 調達機関コード, four digits; part of the 企業ID.
    pub procurement_code: String,
    /// 調達機関 as shown.
    pub name: Localized,
    /// The system's name in the header.
    #[serde(default = "default_system_name")]
    pub system_name: Localized,
    /// Notices on the entry page; empty for none.
    #[serde(default)]
    pub notices: Vec<Localized>,
    /// Whom to call, by kind of question.
    #[serde(default)]
    pub desks: Vec<Desk>,
    /// 資格審査情報検索.
    pub search: Search,
    /// 区分, in the order of the entry page.
    pub categories: Vec<Category>,
    /// Further columns that the agency's roster has, by their titles: kept, shown to officers and exported.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roster_columns: Vec<String>,
    /// The forms that categories name.
    pub forms: BTreeMap<String, Form>,
    /// 企業ID.
    pub company_id: CompanyIdFormat,
    /// 登録, 変更 and ICカード更新 are signed by the card, over a 申請書 ([`crate::document`]) of what was confirmed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub signed_applications: bool,
    /// 利用時間; none: always. Pages ask the server, which knows the holidays.
    #[serde(default, skip_serializing)]
    #[cfg_attr(not(feature = "server"), serde(skip_deserializing))]
    pub hours: Option<BusinessHours>,
    /// How many days before a card expires its company is reminded.
    #[serde(default = "default_expiry_notice_days")]
    pub expiry_notice_days: Vec<u16>,
    /// 却下: reasons that officers choose from.
    #[serde(default, skip_serializing)]
    #[cfg_attr(not(feature = "server"), serde(skip_deserializing))]
    pub reject_reasons: Vec<String>,
    /// Which kinds of card are taken beside those of the certification authorities for bidding.
    #[serde(default, skip_serializing_if = "Cards::is_default")]
    pub cards: Cards,
    /// What becomes of a card whose certificate does not name the company of the roster.
    #[serde(default, skip_serializing)]
    #[cfg_attr(not(feature = "server"), serde(skip_deserializing))]
    pub company_match: OnCompanyMismatch,
    /// What becomes of another card of a company that is registered already.
    #[serde(default, skip_serializing)]
    #[cfg_attr(not(feature = "server"), serde(skip_deserializing))]
    pub second_card: OnSecondCard,
    /// What a new card must have in common with the old one at ICカード更新.
    #[serde(default, skip_serializing)]
    #[cfg_attr(not(feature = "server"), serde(skip_deserializing))]
    pub renewal_match: RenewalMatch,
    /// What becomes of a card whose revocation can't be checked; none: as the server's configuration says.
    #[serde(default, skip_serializing)]
    #[cfg_attr(not(feature = "server"), serde(skip_deserializing))]
    pub uncheckable: Option<Uncheckable>,
    /// The bidding system that a login for 電子入札 is for, where none asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bidding: Option<Bidding>,
    /// Systems that may have contractors signed in here (OpenID Connect).
    #[serde(default, skip_serializing)]
    #[cfg_attr(not(feature = "server"), serde(skip_deserializing))]
    pub clients: Vec<Client>,
    /// Mail texts; only the server reads them.
    #[serde(default, skip_serializing)]
    #[cfg_attr(not(feature = "server"), serde(skip_deserializing))]
    pub mail: MailTexts,
}

fn default_system_name() -> Localized {
    "CALS/EC 電子入札システム".into()
}

fn default_expiry_notice_days() -> Vec<u16> {
    vec![90, 60, 30, 14, 7]
}

/// Which cards an agency takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cards {
    /// My Number Cards (マイナンバーカード), by the certificate for user authentication (利用者証明用電子証明書).
    ///
    /// Off, and to stay off until the operator may learn whether such a certificate is revoked: by 公的個人認証法
    /// (平成14年法律第153号) only who has notified J-LIS as 利用者証明検証者 (article 36, paragraph 1). Administrative
    /// bodies may notify; a private operator first needs the competent ministers' approval (認定, article 17,
    /// paragraph 1, item 6), or commissions somebody who has it. docs/my-number-card.md says what is known, by
    /// which source, and what is not.
    #[serde(default)]
    pub my_number: bool,
    /// The certification authorities whose cards are taken, by the names of their files in `agencies/ca/`; none: all
    /// that the server trusts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorities: Vec<String>,
}

impl Cards {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What becomes of a card whose revocation can't be checked: CRLs are missing, too old or unusable, and no OCSP
/// responder answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Uncheckable {
    /// It is refused.
    #[default]
    Refuse,
    /// It is accepted, and the decision says so.
    Accept,
}

/// A bidding system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bidding {
    /// Its name.
    pub name: Localized,
    /// Its address.
    pub url: String,
}

/// A contact desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Desk {
    /// The kind of question it answers.
    pub kind: DeskKind,
    /// Its name.
    pub name: Localized,
    /// Phone; empty for none.
    #[serde(default)]
    pub phone: String,
    /// Mail address; empty for none.
    #[serde(default)]
    pub email: String,
    /// Web page; empty for none.
    #[serde(default)]
    pub url: String,
}

/// The kinds of question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeskKind {
    /// ヘルプデスク: the computer's set-up, extension, host, reader.
    Helpdesk,
    /// 認証局: IC card, PIN, unlocking.
    CertificationAuthority,
    /// 発注機関: roster, number, name, applications.
    Agency,
}

/// 資格審査情報検索: how a company is found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// 業者番号 or 登録番号.
    pub number_label: Localized,
    /// What a number looks like.
    pub number_rule: Rule,
    /// Text beside the number, such as 半角英数字9文字.
    #[serde(default)]
    pub number_hint: Localized,
    /// A shorter number of digits only is filled with zeros on the left up to this length; 0: never.
    #[serde(default)]
    pub number_zero_pad: usize,
    /// The number is a secret: errors do not tell whether it exists, and there is no list of numbers.
    #[serde(default)]
    pub number_secret: bool,
    /// A company is found by a number that officers issue and notify ([`crate::officer::number`]), not by its roster
    /// number; `number_rule` then describes the issued one. Only with `number_secret`.
    #[serde(default)]
    pub number_issued: bool,
    /// 業者番号一覧 is public. Never together with `number_secret`.
    #[serde(default)]
    pub number_list: bool,
    /// 商号又は名称.
    pub name_label: Localized,
    /// What a name looks like.
    pub name_rule: Rule,
    /// Text beside the name.
    #[serde(default)]
    pub name_hint: Localized,
    /// How names are compared.
    #[serde(default)]
    pub name_match: NameMatch,
    /// ユーザID and パスワード.
    #[serde(default)]
    pub credentials: Credentials,
    /// 注意事項 under the form.
    #[serde(default)]
    pub notices: Vec<Localized>,
}

/// How the typed name is compared with the roster's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameMatch {
    /// By [`crate::text::fold_name`]: 株式会社 and (株), width, spaces, variant kanji are all forgiven.
    #[default]
    Forgiving,
    /// Character by character, but for width: the rule above has already asked for one width.
    Strict,
}

/// Whether ユーザID and パスワード belong to the search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credentials {
    /// Not asked.
    #[default]
    None,
    /// Asked; checked for companies whose roster row has them, left empty by the others.
    WhenIssued,
}

/// A category (区分) such as 物品、役務.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Names the category in addresses: lower-case letters, digits and hyphens.
    pub code: String,
    /// As shown on the entry page.
    pub name: Localized,
    /// One digit of the 企業ID.
    pub digit: u8,
    /// How a contractor proves who they are.
    #[serde(default)]
    pub access: Access,
    /// The form of 利用者登録 with a card, by its name in the profile.
    pub form: String,
    /// The form of ID登録申請, by its name in the profile; needed where `access` allows ID and password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_form: Option<String>,
    /// ID登録申請 waits for the agency's review (審査); otherwise an ID works at once.
    #[serde(default = "yes")]
    pub review: bool,
    /// 利用者登録 of a card waits for the agency's review (審査), too; otherwise a card logs in at once.
    #[serde(default)]
    pub card_review: bool,
    /// How many officers must approve: 1, or 2 different ones.
    #[serde(default = "one")]
    pub approvals: u8,
    /// 資格の種類; empty: the category has none.
    #[serde(default)]
    pub qualifications: Vec<String>,
    /// Notices on 利用者登録／電子入札 selection; empty for none.
    #[serde(default)]
    pub notices: Vec<Localized>,
}

fn yes() -> bool {
    true
}

fn one() -> u8 {
    1
}

/// How a contractor proves who they are in a category.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// By IC card.
    #[default]
    Card,
    /// By ID and password (簡易認証).
    Password,
    /// By either.
    Either,
}

impl Access {
    /// Whether a session may be begun in that way.
    pub fn allows(self, way: Way) -> bool {
        match self {
            Self::Card => way == Way::Card,
            Self::Password => way == Way::Password,
            Self::Either => true,
        }
    }
}

/// One way of proving who one is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// IC card.
    #[default]
    Card,
    /// ID and password (簡易認証).
    Password,
}

/// How a 企業ID is written, e.g. `{procurement}{category}{sequence:11}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanyIdFormat {
    /// `{procurement}`, `{category}` and `{sequence:N}` (N digits, zero-padded) are replaced; other
    /// characters stand for themselves.
    pub format: String,
}

impl CompanyIdFormat {
    /// Writes a 企業ID. `None` when the format is not valid or the sequence has outgrown its digits.
    pub fn write(&self, procurement: &str, category: u8, sequence: u64) -> Option<String> {
        let mut written = String::new();
        let mut sequenced = false;
        let mut rest = self.format.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}')?;
            written.push_str(before);
            match name.split_once(':') {
                None if name == "procurement" => written.push_str(procurement),
                None if name == "category" => written.push_str(&category.to_string()),
                Some(("sequence", width)) => {
                    let width: usize = width.parse().ok().filter(|width| (1..=20).contains(width))?;
                    let digits = format!("{sequence:0width$}");
                    if digits.len() > width {
                        return None;
                    }
                    written.push_str(&digits);
                    sequenced = true;
                }
                _ => return None,
            }
            rest = after;
        }
        written.push_str(rest);
        // Without the sequence two companies would share an ID.
        sequenced.then_some(written)
    }
}

impl AgencyProfile {
    /// The category of that code.
    pub fn category(&self, code: &str) -> Option<&Category> {
        self.categories.iter().find(|category| category.code == code)
    }

    /// The form of a category. `None` only for a profile that was not checked.
    pub fn form(&self, category: &Category) -> Option<&Form> {
        self.forms.get(&category.form)
    }

    /// The form of a category's ID登録申請, if there is one.
    pub fn account_form(&self, category: &Category) -> Option<&Form> {
        self.forms.get(category.account_form.as_ref()?)
    }

    /// The form of a session in that way.
    pub fn form_for(&self, category: &Category, way: Way) -> Option<&Form> {
        match way {
            Way::Card => self.form(category),
            Way::Password => self.account_form(category),
        }
    }

    /// The client of that code.
    pub fn client(&self, code: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.code == code)
    }

    /// The desk for a kind of question, if the profile names one.
    pub fn desk(&self, kind: DeskKind) -> Option<&Desk> {
        self.desks.iter().find(|desk| desk.kind == kind)
    }
}

impl Search {
    /// The number as the search takes it: trimmed and, where the profile says so, zero-padded.
    pub fn normal_number(&self, typed: &str) -> String {
        let typed = typed.trim();
        let digits = !typed.is_empty() && typed.bytes().all(|b| b.is_ascii_digit());
        if digits && typed.len() < self.number_zero_pad {
            format!("{typed:0>width$}", width = self.number_zero_pad)
        } else {
            typed.to_owned()
        }
    }

    /// The number as the roster writes it. Where numbers are issued the rules of the search are the issued number's,
    /// and the roster's own is only trimmed.
    pub fn roster_number(&self, typed: &str) -> String {
        if self.number_issued { typed.trim().to_owned() } else { self.normal_number(typed) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_id_is_written_as_its_format_says() {
        let id =
            |format: &str, sequence| CompanyIdFormat { format: format.into() }.write("9992", 1, sequence);
        assert_eq!(id("{procurement}{category}{sequence:11}", 11).as_deref(), Some("9992100000000011"));
        assert_eq!(id("K-{sequence:4}", 9999).as_deref(), Some("K-9999"));
        assert_eq!(id("K-{sequence:4}", 10000), None);
        assert_eq!(id("{procurement}", 1), None);
        assert_eq!(id("{sequence:0}", 1), None);
        assert_eq!(id("{other}{sequence:4}", 1), None);
        assert_eq!(id("{sequence:4", 1), None);
    }
}
