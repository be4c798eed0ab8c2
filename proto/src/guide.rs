//! What an agency tells on its pages beside the steps themselves: where things are, and what is new.

use serde::{Deserialize, Serialize};

use crate::localized::Localized;

/// Where extension and カード接続プログラム come from; empty: nowhere that the agency, or the server, names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Install {
    /// The extension's page in a store, or the agency's own.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub extension_url: String,
    /// The program's download.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub host_url: String,
    /// How both are installed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub guide_url: String,
}

impl Install {
    /// What an agency names, and of the rest what the server names; either may not be known.
    pub fn of(agency: Option<&Self>, server: Option<&Self>) -> Self {
        let first = |url: fn(&Self) -> &String| {
            let mut named = [agency, server].into_iter().flatten().map(url);
            named.find(|url| !url.is_empty()).cloned().unwrap_or_default()
        };
        Self {
            extension_url: first(|of| &of.extension_url),
            host_url: first(|of| &of.host_url),
            guide_url: first(|of| &of.guide_url),
        }
    }

    /// Whether nothing is named.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A page that the agency leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// Its name.
    pub label: Localized,
    /// Its address.
    pub url: String,
    /// What is there.
    #[serde(default)]
    pub note: Localized,
}

/// 更新情報.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct News {
    /// `YYYY-MM-DD`.
    pub date: String,
    /// What is new.
    pub text: Localized,
}

/// Pages that the foot of every page leads to; empty: there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Foot {
    /// 操作マニュアル.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub manual_url: String,
    /// ウェブアクセシビリティ.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub accessibility_url: String,
    /// 個人情報の取扱い.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub privacy_url: String,
}

impl Foot {
    /// Whether nothing is named.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
