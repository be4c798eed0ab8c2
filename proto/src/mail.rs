//! The mails that an agency sends, as worded in its profile. Only the server reads them.

use serde::{Deserialize, Serialize};

use crate::{
    field::{FieldId, Values},
    way::Way,
};

/// Texts of the agency's mails. Where a profile leaves one out, the server's own is used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MailTexts {
    /// The sender's address.
    #[serde(default)]
    pub from: String,
    /// Addresses of the agency's officers, who are notified of revoked cards and of a broken 監査記録; empty: the
    /// address of the agency's own desk, if it has one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub officers: Vec<String>,
    /// Addresses that somebody typed get mail at once; otherwise only after they have been confirmed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub send_unconfirmed: bool,
    /// The one mail to an unconfirmed address; `{link}`, `{until}`.
    #[serde(default)]
    pub address_confirmation: MailText,
    /// T1: 登録 is complete.
    #[serde(default)]
    pub registered: MailText,
    /// Another card was registered for the company; to the previously known addresses. `{at}`.
    #[serde(default)]
    pub card_added: MailText,
    /// Something else affected the company; to the previously known addresses. `{event}`, `{at}`, `{actor}`.
    #[serde(default)]
    pub company_notice: MailText,
    /// 変更 is complete.
    #[serde(default)]
    pub changed: MailText,
    /// ICカード更新 is complete.
    #[serde(default)]
    pub renewed: MailText,
    /// A card expires soon; `{days_left}`.
    #[serde(default)]
    pub card_expiring: MailText,
    /// A registered card was found to be revoked; sent once.
    #[serde(default)]
    pub card_revoked: MailText,
    /// 登録 or ICカード更新 of a card was received and waits for 審査; `{function}` says which.
    #[serde(default)]
    pub card_applied: MailText,
    /// 登録 of a card was approved (承認).
    #[serde(default)]
    pub card_approved: MailText,
    /// 登録 or ICカード更新 of a card was rejected (却下); `{reason}`, `{function}`.
    #[serde(default)]
    pub card_rejected: MailText,
    /// ID登録申請 was received; `{receipt}`, the 受付番号. No mail reveals more of the application.
    #[serde(default)]
    pub applied: MailText,
    /// ID登録申請 was approved (承認); `{receipt}`.
    #[serde(default)]
    pub approved: MailText,
    /// ID登録申請 was rejected (却下); `{reason}`, `{receipt}`, and `{link}`, good until `{until}`.
    #[serde(default)]
    pub rejected: MailText,
    /// ID, password or contacts of a 簡易認証 were changed.
    #[serde(default)]
    pub account_changed: MailText,
    /// A forgotten password: `{link}`, which works once.
    #[serde(default)]
    pub password_reset: MailText,
    /// 番号の通知: the company's `{number}`, for the search.
    #[serde(default)]
    pub number_issued: MailText,
}

/// A mail. `{field}` is replaced by the value of that [`FieldId`], `{agency}` by the agency's name; other
/// placeholders are listed at each mail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MailText {
    /// Recipients; empty: every address in the form.
    #[serde(default)]
    pub to: Vec<Recipient>,
    /// Subject line.
    #[serde(default)]
    pub subject: String,
    /// Plain text.
    #[serde(default)]
    pub body: String,
}

/// The recipient of a mail; an address that occurs twice gets it once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// 代表窓口.
    Representative,
    /// ICカード利用部署.
    Card,
    /// ID登録依頼者.
    Applicant,
}

impl Recipient {
    /// All.
    pub const ALL: [Self; 3] = [Self::Representative, Self::Card, Self::Applicant];

    /// The field that holds the address.
    pub fn address(self) -> FieldId {
        match self {
            Self::Representative => FieldId::RepresentativeContactEmail,
            Self::Card => FieldId::CardContactEmail,
            Self::Applicant => FieldId::ApplicantContactEmail,
        }
    }
}

/// A name in braces that is not a field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{{{0}}}` stands for nothing here")]
pub struct UnknownPlaceholder(pub String);

impl MailText {
    /// Fills in the placeholders of `template`: fields, and `others` by name. Fields that hold a secret are
    /// unknown here.
    pub fn fill(
        template: &str,
        values: &Values,
        others: &[(&str, &str)],
    ) -> Result<String, UnknownPlaceholder> {
        let mut filled = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                return Err(UnknownPlaceholder(after.chars().take(20).collect()));
            };
            let field = FieldId::ALL.iter().find(|field| field.as_str() == name && !field.is_secret());
            let other = others.iter().find(|(other, _)| *other == name);
            match (field, other) {
                (Some(&field), _) => filled.push_str(values.text(field)),
                (None, Some((_, value))) => filled.push_str(value),
                (None, None) => return Err(UnknownPlaceholder(name.to_owned())),
            }
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

/// What is specific to a mail.
#[derive(Clone, Copy, Debug)]
pub struct MailKind {
    /// Its key in the profile.
    pub key: &'static str,
    /// Its text.
    pub text: fn(&MailTexts) -> &MailText,
    /// Whose form contains its addresses.
    pub way: Way,
    /// Further placeholders of its body.
    pub extra: &'static [&'static str],
    /// Its body is useless without that.
    pub needed: bool,
}

/// All of them, in the order in which a company meets them.
pub const MAILS: [MailKind; 17] = [
    MailKind { extra: &["receipt"], ..MailKind::of("registered", |mail| &mail.registered, Way::Card) },
    MailKind {
        extra: &["at", "event", "actor"],
        ..MailKind::of("card_added", |mail| &mail.card_added, Way::Card)
    },
    MailKind {
        extra: &["at", "event", "actor"],
        ..MailKind::of("company_notice", |mail| &mail.company_notice, Way::Card)
    },
    MailKind { extra: &["receipt"], ..MailKind::of("changed", |mail| &mail.changed, Way::Card) },
    MailKind { extra: &["receipt"], ..MailKind::of("renewed", |mail| &mail.renewed, Way::Card) },
    MailKind {
        extra: &["days_left"],
        ..MailKind::of("card_expiring", |mail| &mail.card_expiring, Way::Card)
    },
    MailKind::of("card_revoked", |mail| &mail.card_revoked, Way::Card),
    MailKind {
        extra: &["function", "receipt"],
        ..MailKind::of("card_applied", |mail| &mail.card_applied, Way::Card)
    },
    MailKind { extra: &["receipt"], ..MailKind::of("card_approved", |mail| &mail.card_approved, Way::Card) },
    MailKind {
        extra: &["reason", "function", "receipt"],
        ..MailKind::of("card_rejected", |mail| &mail.card_rejected, Way::Card)
    },
    MailKind {
        extra: &["link", "until"],
        needed: true,
        ..MailKind::of("address_confirmation", |mail| &mail.address_confirmation, Way::Card)
    },
    MailKind { extra: &["receipt"], ..MailKind::of("applied", |mail| &mail.applied, Way::Password) },
    MailKind { extra: &["receipt"], ..MailKind::of("approved", |mail| &mail.approved, Way::Password) },
    MailKind {
        extra: &["reason", "receipt", "link", "until"],
        ..MailKind::of("rejected", |mail| &mail.rejected, Way::Password)
    },
    MailKind {
        extra: &["receipt"],
        ..MailKind::of("account_changed", |mail| &mail.account_changed, Way::Password)
    },
    MailKind {
        extra: &["link"],
        needed: true,
        ..MailKind::of("password_reset", |mail| &mail.password_reset, Way::Password)
    },
    MailKind {
        extra: &["number"],
        needed: true,
        ..MailKind::of("number_issued", |mail| &mail.number_issued, Way::Card)
    },
];

impl MailKind {
    const fn of(key: &'static str, text: fn(&MailTexts) -> &MailText, way: Way) -> Self {
        Self { key, text, way, extra: &[], needed: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_unknown_ones_named() {
        let mut values = Values::default();
        values.set(FieldId::CompanyId, "9992100000000011");
        values.set(FieldId::LoginPassword, "oi25io14");
        let fill = |template| MailText::fill(template, &values, &[("agency", "青森市")]);
        assert_eq!(fill("企業ID : {company_id}\n{agency}").unwrap(), "企業ID : 9992100000000011\n青森市");
        assert_eq!(fill("{company_name}").unwrap(), "");
        assert_eq!(fill("{pin}"), Err(UnknownPlaceholder("pin".into())));
        assert_eq!(fill("{company_id"), Err(UnknownPlaceholder("company_id".into())));
        assert_eq!(fill("{login_password}"), Err(UnknownPlaceholder("login_password".into())));
    }
}
