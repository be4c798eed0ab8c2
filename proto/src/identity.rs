//! Whether the company that a card's certificate names is the one of the roster, and what comes of it.

use serde::{Deserialize, Serialize};

/// The company in a certificate beside the roster's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompanyMatch {
    /// What the comparison found.
    pub finding: Finding,
    /// ICカード企業名称; empty: the certificate names no company. So are the others.
    pub certificate_name: String,
    /// 法人番号 in the certificate.
    pub certificate_number: String,
    /// 商号又は名称 in the roster, with 支店名等 where it has one.
    pub roster_name: String,
    /// 法人番号 in the roster.
    pub roster_number: String,
}

impl CompanyMatch {
    /// What the finding comes to.
    pub fn verdict(&self) -> Verdict {
        self.finding.verdict()
    }
}

/// What a comparison found, the reason of its verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// The same 法人番号.
    SameNumber,
    /// The same name.
    SameName,
    /// The same name, and the roster's or the certificate's goes on with a branch of it (支店, 委任先).
    SameBranch,
    /// Another 法人番号.
    OtherNumber,
    /// Another name.
    OtherName,
    /// The certificate names no company.
    NoName,
    /// The certificate names the company in Latin letters only, the roster in Japanese.
    Romaji,
    /// One name begins with the other; whether what follows is a branch's name or makes another company can't be told.
    BranchUnclear,
}

impl Finding {
    /// What it comes to.
    pub fn verdict(self) -> Verdict {
        match self {
            Self::SameNumber | Self::SameName | Self::SameBranch => Verdict::Same,
            Self::OtherNumber | Self::OtherName => Verdict::Differs,
            Self::NoName | Self::Romaji | Self::BranchUnclear => Verdict::Unclear,
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
    /// They can't be compared.
    Unclear,
}

/// What becomes of a card whose certificate does not name the company of the roster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnCompanyMismatch {
    /// Officers decide (審査).
    #[default]
    Review,
    /// Another company's card is refused; what can't be compared is for the officers.
    Refuse,
    /// It is registered, with a warning.
    Warn,
}

/// What becomes of another card of a company that is registered already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnSecondCard {
    /// It is registered like a first one.
    #[default]
    Accept,
    /// Officers decide (審査).
    Review,
}

/// What a new card must have in common with the old one at ICカード更新; the rest is for the officers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RenewalMatch {
    /// The company.
    #[default]
    Company,
    /// The company and the holder.
    Holder,
}

/// Why officers have to look at a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewCause {
    /// The category's cards all are.
    Category,
    /// The company has a card already.
    SecondCard,
    /// The certificate names another company.
    CompanyDiffers,
    /// The certificate's company can't be compared with the roster's.
    CompanyUnclear,
    /// The new card is another person's than the old one.
    HolderDiffers,
}
