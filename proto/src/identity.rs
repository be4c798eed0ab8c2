//! Whether the company named in a card's certificate is the roster's, and what follows from that.

use serde::{Deserialize, Serialize};

/// The company in a certificate beside the roster's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompanyMatch {
    /// What the comparison found.
    pub finding: Finding,
    /// ICカード企業名称; empty if the certificate names no company. The same goes for the others.
    pub certificate_name: String,
    /// 法人番号 in the certificate.
    pub certificate_number: String,
    /// 商号又は名称 in the roster, with 支店名等 where it has one.
    pub roster_name: String,
    /// 法人番号 in the roster.
    pub roster_number: String,
    /// ICカード企業住所.
    #[serde(default)]
    pub certificate_address: String,
    /// 住所 in the roster.
    #[serde(default)]
    pub roster_address: String,
    /// Whether both addresses are known and say something different.
    #[serde(default)]
    pub other_address: bool,
}

impl CompanyMatch {
    /// The verdict that follows from the finding.
    pub fn verdict(&self) -> Verdict {
        self.finding.verdict()
    }
}

/// The result of a comparison, and the reason for its verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// The same 法人番号.
    SameNumber,
    /// The same name.
    SameName,
    /// The same name, followed by a branch (支店, 委任先) in the roster or the certificate.
    SameBranch,
    /// Another 法人番号.
    OtherNumber,
    /// Another name.
    OtherName,
    /// The certificate names no company.
    NoName,
    /// The certificate names the company in Latin letters only, the roster in Japanese.
    Romaji,
    /// The same name in another prefecture: perhaps another company, because no 法人番号 tells.
    SameNameElsewhere,
    /// One name begins with the other; whether the rest names a branch or makes it another company can't be told.
    BranchUnclear,
}

impl Finding {
    /// The verdict that follows from it.
    pub fn verdict(self) -> Verdict {
        match self {
            Self::SameNumber | Self::SameName | Self::SameBranch => Verdict::Same,
            Self::OtherNumber | Self::OtherName => Verdict::Differs,
            Self::NoName | Self::Romaji | Self::SameNameElsewhere | Self::BranchUnclear => Verdict::Unclear,
        }
    }
}

/// Whether two companies are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They are.
    Same,
    /// They are not.
    Differs,
    /// It can't be told.
    Unclear,
}

/// What happens to a card whose certificate does not name the roster's company.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnCompanyMismatch {
    /// Officers decide (審査).
    #[default]
    Review,
    /// Another company's card is refused; what can't be compared is left to the officers.
    Refuse,
    /// It is registered, with a warning.
    Warn,
}

/// What happens to a further card of a company that is already registered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OnSecondCard {
    /// It is registered like a first one.
    #[default]
    Accept,
    /// Officers decide (審査).
    Review,
}

/// What a new card must have in common with the old one at ICカード更新; anything else is left to the officers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RenewalMatch {
    /// The company.
    #[default]
    Company,
    /// The company and the holder.
    Holder,
}

/// Why officers have to review a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReviewCause {
    /// The category requires it for every card.
    Category,
    /// The company already has a card.
    SecondCard,
    /// The certificate names another company.
    CompanyDiffers,
    /// The certificate's company can't be compared with the roster's.
    CompanyUnclear,
    /// The new card belongs to a different person than the old one.
    HolderDiffers,
    /// The roster has lately made the company another one, which the certificate now names.
    CompanyRenamed,
}
