//! What anybody may know: agencies, their certification authorities, 業者番号一覧, 郵便番号, the time.

use serde::{Deserialize, Serialize};

use crate::{guide::Install, localized::Localized};

/// What the entry page needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Portal {
    /// Server version.
    pub version: String,
    /// Ids that the extension may have (self-hosted, Chrome store, Edge store).
    pub extension_ids: Vec<String>,
    /// The agencies of this server that are in no portal; with `members=true`, all.
    pub agencies: Vec<AgencySummary>,
    /// The portals of several agencies (共同利用), whose members [`JointPortal`] lists.
    #[serde(default)]
    pub portals: Vec<AgencySummary>,
    /// The certification authorities whose cards may occur, where there is something to say about them.
    #[serde(default)]
    pub authorities: Vec<AuthorityView>,
    /// Where extension and program come from, where an agency's profile says nothing.
    #[serde(default, skip_serializing_if = "Install::is_empty")]
    pub install: Install,
}

/// A certification authority: whom to call about its cards, and how they are unlocked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuthorityView {
    /// The CA, or its service, as its customers know it.
    pub name: String,
    /// The name of its file, which [`crate::agency::Cards::authorities`] refers to.
    #[serde(default)]
    pub code: String,
    /// `attribute=value` pairs that the issuer's name on its cards contains; empty where unknown.
    pub issuer: Vec<String>,
    /// Its help desk's phone number; empty for none, like the next two.
    pub phone: String,
    /// Mail address.
    pub email: String,
    /// Web page.
    pub url: String,
    /// How a locked card is unlocked, in paragraphs.
    pub unlock: Vec<String>,
    /// The number of wrong PINs after which its cards lock.
    pub tries: Option<u8>,
}

/// An agency in the entry page's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AgencySummary {
    /// Profile code.
    pub code: String,
    /// 調達機関.
    pub name: Localized,
}

/// A portal of several agencies (共同利用).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JointPortal {
    /// As displayed.
    pub name: Localized,
    /// Notices; empty for none.
    pub notices: Vec<Localized>,
    /// In the order of their readings.
    pub members: Vec<MemberSummary>,
}

/// A member of a portal, in its list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MemberSummary {
    /// Profile code.
    pub code: String,
    /// 自治体名, without the portal's name.
    pub name: Localized,
    /// Its reading, in hiragana.
    pub kana: String,
}

/// The server's time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Clock {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub unix_ms: i64,
}

/// A page of 業者番号一覧.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompanyPage {
    /// This page's companies.
    pub companies: Vec<ListedCompany>,
    /// `after` of the next page, if there is one.
    pub next: Option<String>,
    /// The total on all pages; `None` where counting would take long.
    pub total: Option<u64>,
}

/// A company in 業者番号一覧.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListedCompany {
    /// 業者番号.
    pub number: String,
    /// 商号又は名称.
    pub name: String,
    /// Its kana, full-width katakana.
    pub kana: String,
    /// Why the search for the category that was asked about does not find it now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_found: Option<NotFound>,
}

/// Why a company of the list is not found by a search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NotFound {
    /// It is qualified for other categories only.
    OtherCategory,
    /// Its qualification has not begun.
    Before {
        /// 認定日, `YYYY-MM-DD`.
        from: String,
    },
    /// Its qualification is over.
    After {
        /// 有効期限, `YYYY-MM-DD`.
        until: String,
    },
}

/// The addresses of a 郵便番号; empty for none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PostalMatches {
    /// 都道府県, 市区町村 and 町域 together.
    pub addresses: Vec<String>,
}
