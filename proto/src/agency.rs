//! The agency profile: everything a procuring agency (発注機関) does its own way, as data.
//!
//! One TOML file in `agencies/` is one [`AgencyProfile`]. The page receives the same type as JSON, without
//! the parts that only the server needs.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use crate::way::Way;
use crate::{
    export::ExportFile,
    few::Few,
    field::{Problem, Rule, Values},
    form::Form,
    guide::{Foot, Install, Link, News},
    hours::BusinessHours,
    identity::{OnCompanyMismatch, OnSecondCard, RenewalMatch},
    localized::Localized,
    mail::MailTexts,
    portal::{Membership, Shared},
    sign_in::Client,
    text,
};

/// First path segments used by the pages and the server; no agency may have one as its code.
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

/// Path segments that follow an agency's code; no category may have one as its code.
pub const RESERVED_CATEGORY_CODES: [&str; 2] = ["companies", "forgotten"];

/// A procuring agency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AgencyProfile {
    /// Identifies the agency in URLs and on the command line: lower-case letters, digits and hyphens.
    pub code: String,
    /// 調達機関コード, four digits; part of the 企業ID.
    pub procurement_code: String,
    /// 調達機関 as displayed. For a member of a portal: the portal's name and its own ([`Membership::member`]).
    pub name: Localized,
    /// How the name is read, in hiragana: portals list their members by it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kana: String,
    /// 共同利用: the portal that the agency is a member of; written in its `portal.toml`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub portal: Option<Membership>,
    /// What the portal's members have in common; written in its `portal.toml`.
    #[serde(default, skip_serializing)]
    #[cfg_attr(not(feature = "server"), serde(skip_deserializing))]
    pub shared: Shared,
    /// The system's name in the header.
    #[serde(default = "default_system_name")]
    pub system_name: Localized,
    /// Notices on the entry page; empty for none.
    #[serde(default)]
    pub notices: Vec<Localized>,
    /// 更新情報 on the entry page, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub news: Vec<News>,
    /// Pages that the entry page leads to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// Where extension and program come from.
    #[serde(default, skip_serializing_if = "Install::is_empty")]
    pub install: Install,
    /// What the foot of every page leads to.
    #[serde(default, skip_serializing_if = "Foot::is_empty")]
    pub footer: Foot,
    /// Whom to call, by kind of question.
    #[serde(default)]
    pub desks: Vec<Desk>,
    /// 資格審査情報検索.
    pub search: Search,
    /// 区分, in the order of the entry page.
    pub categories: Vec<Category>,
    /// Further columns of the agency's roster, by title: stored, shown to officers and exported.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roster_columns: Vec<String>,
    /// The forms that categories refer to. Members of a portal hold the same ones.
    #[serde(with = "held_together")]
    #[cfg_attr(feature = "schema", schemars(with = "Few<String, Form>"))]
    pub forms: Arc<Few<String, Form>>,
    /// 企業ID.
    pub company_id: CompanyIdFormat,
    /// 登録, 変更 and ICカード更新 are signed by the card, over a 申請書 ([`crate::document`]) of what was
    /// confirmed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub signed_applications: bool,
    /// 利用時間 in words; left out, the server writes them.
    #[serde(default)]
    pub hours_rule: Localized,
    /// 利用時間; `None`: always open. Pages ask the server, which knows the holidays.
    #[serde(default, skip_serializing)]
    #[cfg_attr(not(feature = "server"), serde(skip_deserializing))]
    pub hours: Option<BusinessHours>,
    /// How many days before a card's expiry its company is reminded.
    #[serde(default = "default_expiry_notice_days")]
    pub expiry_notice_days: Vec<u16>,
    /// 却下: reasons that officers choose from.
    #[serde(default, skip_serializing)]
    #[cfg_attr(not(feature = "server"), serde(skip_deserializing))]
    pub reject_reasons: Vec<String>,
    /// Which kinds of card are accepted besides those of the certification authorities for bidding.
    #[serde(default, skip_serializing_if = "Cards::is_default")]
    pub cards: Cards,
    /// What happens to a card whose certificate does not name the roster's company.
    #[serde(default, skip_serializing)]
    #[cfg_attr(not(feature = "server"), serde(skip_deserializing))]
    pub company_match: OnCompanyMismatch,
    /// What happens to a further card of a company that is already registered.
    #[serde(default, skip_serializing)]
    #[cfg_attr(not(feature = "server"), serde(skip_deserializing))]
    pub second_card: OnSecondCard,
    /// What a new card must have in common with the old one at ICカード更新.
    #[serde(default, skip_serializing)]
    #[cfg_attr(not(feature = "server"), serde(skip_deserializing))]
    pub renewal_match: RenewalMatch,
    /// What happens to a card whose revocation can't be checked; `None`: as in the server's configuration.
    #[serde(default, skip_serializing)]
    #[cfg_attr(not(feature = "server"), serde(skip_deserializing))]
    pub uncheckable: Option<Uncheckable>,
    /// The bidding system to go to after a login for 電子入札 that no system asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bidding: Option<Bidding>,
    /// Systems that may sign contractors in through this server (OpenID Connect).
    #[serde(default, skip_serializing)]
    #[cfg_attr(not(feature = "server"), serde(skip_deserializing))]
    pub clients: Vec<Client>,
    /// Files for systems that only read files; in this order officers see them.
    #[serde(default, skip_serializing)]
    #[cfg_attr(not(feature = "server"), serde(skip_deserializing))]
    pub export: Vec<ExportFile>,
    /// Mail texts; only the server reads them. Members of a portal hold the same ones.
    #[serde(default, skip_serializing, with = "held_together")]
    #[cfg_attr(not(feature = "server"), serde(skip_deserializing))]
    #[cfg_attr(feature = "schema", schemars(with = "MailTexts"))]
    pub mail: Arc<MailTexts>,
}

/// What several profiles hold together is written like what each holds by itself.
mod held_together {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<T: Serialize, S: Serializer>(value: &Arc<T>, to: S) -> Result<S::Ok, S::Error> {
        value.as_ref().serialize(to)
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Arc<T>, D::Error> {
        T::deserialize(from).map(Arc::new)
    }
}

fn default_system_name() -> Localized {
    "CALS/EC 電子入札システム".into()
}

fn default_expiry_notice_days() -> Vec<u16> {
    vec![90, 60, 30, 14, 7]
}

/// Which cards an agency accepts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cards {
    /// My Number Cards (マイナンバーカード), by the certificate for user authentication (利用者証明用電子証明書).
    ///
    /// Off, and must stay off until the operator is allowed to learn whether such a certificate is revoked:
    /// under 公的個人認証法 (平成14年法律第153号) only those who have notified J-LIS as 利用者証明検証者
    /// (article 36, paragraph 1). Administrative bodies may notify; a private operator first needs the
    /// competent ministers' approval (認定, article 17, paragraph 1, item 6), or commissions somebody who has
    /// it. docs/my-number-card.md says what is known, from which source, and what is not.
    #[serde(default)]
    pub my_number: bool,
    /// The certification authorities whose cards are accepted, by the names of their files in `agencies/ca/`;
    /// empty: all that the server trusts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorities: Vec<String>,
}

impl Cards {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What happens to a card whose revocation can't be checked: CRLs are missing, too old or unusable, and no OCSP
/// responder answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Bidding {
    /// Its name.
    pub name: Localized,
    /// Its address.
    pub url: String,
}

/// A contact desk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DeskKind {
    /// ヘルプデスク: computer set-up, extension, host, reader.
    #[default]
    Helpdesk,
    /// 認証局: IC card, PIN, unlocking.
    CertificationAuthority,
    /// 発注機関: roster, number, name, applications.
    Agency,
}

/// 資格審査情報検索: how a company is looked up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Search {
    /// 業者番号 or 登録番号.
    pub number_label: Localized,
    /// The format of a number.
    pub number_rule: Rule,
    /// Hint beside the number field, such as 半角英数字9文字.
    #[serde(default)]
    pub number_hint: Localized,
    /// A shorter, digits-only number is padded with zeros on the left to this length; 0: never.
    #[serde(default)]
    pub number_zero_pad: usize,
    /// The number is a secret: errors do not reveal whether it exists, and there is no list of numbers.
    #[serde(default)]
    pub number_secret: bool,
    /// A company is looked up by a number that officers issue ([`crate::officer::number`]), not by its roster
    /// number; `number_rule` then describes the issued one. Only with `number_secret`.
    #[serde(default)]
    pub number_issued: bool,
    /// 業者番号一覧 is public. Cannot be combined with `number_secret`.
    #[serde(default)]
    pub number_list: bool,
    /// 商号又は名称.
    pub name_label: Localized,
    /// The format of a name.
    pub name_rule: Rule,
    /// Hint beside the name field.
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NameMatch {
    /// By [`crate::text::fold_name`]: 株式会社 versus (株), width, spaces and variant kanji are all forgiven.
    #[default]
    Forgiving,
    /// Character by character, ignoring width: the rule above has already required one width.
    Strict,
}

/// Whether the search asks for ユーザID and パスワード.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Credentials {
    /// Not asked.
    #[default]
    None,
    /// Asked for; checked for companies whose roster row has them, left empty by the others.
    WhenIssued,
}

/// A category (区分) such as 物品、役務.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Identifies the category in URLs: lower-case letters, digits and hyphens.
    pub code: String,
    /// As displayed on the entry page.
    pub name: Localized,
    /// Its digit in the 企業ID.
    pub digit: u8,
    /// How a contractor proves who they are.
    #[serde(default)]
    pub access: Access,
    /// The form of 利用者登録 with a card, by its name in the profile.
    pub form: String,
    /// The form of ID登録申請, by its name in the profile; required where `access` allows ID and password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_form: Option<String>,
    /// ID登録申請 waits for the agency's review (審査); otherwise an ID works at once.
    #[serde(default = "yes")]
    pub review: bool,
    /// ID登録申請 needs 許可 of the company's 利用申請書, which officers record.
    #[serde(default)]
    pub permit: bool,
    /// 利用者登録 of a card waits for the agency's review (審査) as well; otherwise a card can log in at once.
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// Whether a session may be begun this way.
    pub fn allows(self, way: Way) -> bool {
        match self {
            Self::Card => way == Way::Card,
            Self::Password => way == Way::Password,
            Self::Either => true,
        }
    }
}

/// How a 企業ID is written, e.g. `{procurement}{category}{sequence:11}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CompanyIdFormat {
    /// `{procurement}`, `{category}` and `{sequence:N}` (N digits, zero-padded) are replaced; other characters are
    /// literal.
    pub format: String,
}

impl CompanyIdFormat {
    /// Formats a 企業ID. `None` when the format is invalid or the sequence has outgrown its digits.
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
    /// The category with that code.
    pub fn category(&self, code: &str) -> Option<&Category> {
        self.categories.iter().find(|category| category.code == code)
    }

    /// A category's form. `None` only for a profile that was not checked.
    pub fn form(&self, category: &Category) -> Option<&Form> {
        self.forms.get(&category.form)
    }

    /// The form of a category's ID登録申請, if there is one.
    pub fn account_form(&self, category: &Category) -> Option<&Form> {
        self.forms.get(category.account_form.as_ref()?)
    }

    /// The form for a session begun this way.
    pub fn form_for(&self, category: &Category, way: Way) -> Option<&Form> {
        match way {
            Way::Card => self.form(category),
            Way::Password => self.account_form(category),
        }
    }

    /// How many officers must approve a card. It is valid for all categories: the strictest of those that take cards
    /// decides, in whichever it was applied for.
    pub fn card_approvals(&self) -> u8 {
        let takes_cards = self.categories.iter().filter(|category| category.access.allows(Way::Card));
        takes_cards.map(|category| category.approvals).max().unwrap_or(1)
    }

    /// The client with that code.
    pub fn client(&self, code: &str) -> Option<&Client> {
        self.clients.iter().find(|client| client.code == code)
    }

    /// The desk for a kind of question, if the profile names one.
    pub fn desk(&self, kind: DeskKind) -> Option<&Desk> {
        self.desks.iter().find(|desk| desk.kind == kind)
    }
}

impl Search {
    /// The number as the search uses it: trimmed and, where the profile says so, zero-padded.
    pub fn normal_number(&self, typed: &str) -> String {
        let typed = typed.trim();
        let digits = !typed.is_empty() && typed.bytes().all(|b| b.is_ascii_digit());
        if digits && typed.len() < self.number_zero_pad {
            format!("{typed:0>width$}", width = self.number_zero_pad)
        } else {
            typed.to_owned()
        }
    }

    /// What is wrong with a typed name. A name in another width is none: it is compared without regard to width, and a
    /// roster may hold 「(株)」 and 「ABC」 as they are.
    ///
    /// # Errors
    /// What its rule refuses.
    pub fn check_name(&self, typed: &str) -> Result<(), Problem> {
        // Nor is é, by which a roster's own é is found as by e.
        let typed: String =
            typed.trim().chars().map(|c| if text::is_accented(c) { 'ｅ' } else { c }).collect();
        let values = Values::default();
        // As typed first: another profile's rule may want half width.
        self.name_rule
            .check(&typed, &values)
            .or_else(|_| self.name_rule.check(&text::to_full_width(&typed), &values))
    }

    /// The number as written in the roster. Where numbers are issued, the search's rules describe the issued
    /// number, and the roster's own is only trimmed.
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
