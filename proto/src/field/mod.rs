//! The fields of a registration and the rules for their values.
//!
//! The page checks with these rules while a person types; the server checks with the same code before
//! anything is stored.

mod rule;

use serde::{Deserialize, Serialize};

pub use self::rule::{FieldError, Guessable, Problem, Rule};
use crate::few::Few;

macro_rules! field_ids {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Every field that a profile may show, ask for, print or mail. The text form is used in profiles, JSON
        /// and the database.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum FieldId {
            $($(#[$doc])* $name,)*
        }

        words!(FieldId);

        impl FieldId {
            /// All fields, in the order of the reference screens.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The text form.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

field_ids! {
    /// 企業ID, issued at the first registration.
    CompanyId = "company_id",
    /// 業者番号 or 登録番号: the roster's key.
    CompanyNumber = "company_number",
    /// 企業名称 (商号又は名称).
    CompanyName = "company_name",
    /// 企業郵便番号.
    CompanyPostalCode = "company_postal_code",
    /// 企業住所.
    CompanyAddress = "company_address",
    /// 代表者氏名.
    RepresentativeName = "representative_name",
    /// 代表者役職.
    RepresentativeTitle = "representative_title",
    /// 代表電話番号.
    CompanyPhone = "company_phone",
    /// 代表FAX番号.
    CompanyFax = "company_fax",
    /// 資格の種類: one line for each qualification, `名称：等級`.
    Qualifications = "qualifications",
    /// 部署名 or 支店名等.
    Branch = "branch",
    /// ユーザID of the 入札情報公開システム, from the roster.
    InformationUserId = "information_user_id",
    /// パスワード of the 入札情報公開システム: whether one was issued, never the password itself.
    InformationPassword = "information_password",

    /// 代表窓口情報 連絡先名称(部署名等).
    RepresentativeContactName = "representative_contact_name",
    /// 代表窓口情報 連絡先郵便番号.
    RepresentativeContactPostalCode = "representative_contact_postal_code",
    /// 代表窓口情報 連絡先住所.
    RepresentativeContactAddress = "representative_contact_address",
    /// 代表窓口情報 連絡先氏名.
    RepresentativeContactPerson = "representative_contact_person",
    /// 代表窓口情報 連絡先電話番号.
    RepresentativeContactPhone = "representative_contact_phone",
    /// 代表窓口情報 連絡先FAX番号.
    RepresentativeContactFax = "representative_contact_fax",
    /// 代表窓口情報 連絡先メールアドレス.
    RepresentativeContactEmail = "representative_contact_email",
    /// 代表窓口情報 メールアドレス再入力. Compared, never stored.
    RepresentativeContactEmailAgain = "representative_contact_email_again",

    /// ICカード企業名称, from the certificate.
    CardCompanyName = "card_company_name",
    /// ICカード企業住所, from the certificate.
    CardCompanyAddress = "card_company_address",
    /// ICカード取得者氏名, from the certificate.
    CardHolderName = "card_holder_name",
    /// ICカード取得者住所, from the certificate.
    CardHolderAddress = "card_holder_address",
    /// ICカード利用部署情報 連絡先名称(部署名等).
    CardContactName = "card_contact_name",
    /// ICカード利用部署情報 連絡先郵便番号.
    CardContactPostalCode = "card_contact_postal_code",
    /// ICカード利用部署情報 連絡先住所.
    CardContactAddress = "card_contact_address",
    /// ICカード利用部署情報 連絡先氏名.
    CardContactPerson = "card_contact_person",
    /// ICカード利用部署情報 連絡先電話番号.
    CardContactPhone = "card_contact_phone",
    /// ICカード利用部署情報 連絡先FAX番号.
    CardContactFax = "card_contact_fax",
    /// ICカード利用部署情報 連絡先メールアドレス.
    CardContactEmail = "card_contact_email",
    /// ICカード利用部署情報 メールアドレス再入力. Compared, never stored.
    CardContactEmailAgain = "card_contact_email_again",

    /// 証明書シリアル番号, decimal.
    CertificateSerial = "certificate_serial",
    /// 証明書発行者: the issuer's name, most specific part first.
    CertificateIssuer = "certificate_issuer",
    /// 証明書有効期限, `YYYY/MM/DD` in Japan's time.
    CertificateExpiry = "certificate_expiry",

    /// ID登録依頼者連絡先情報 連絡先名称(部署名等).
    ApplicantContactName = "applicant_contact_name",
    /// ID登録依頼者連絡先情報 連絡先郵便番号.
    ApplicantContactPostalCode = "applicant_contact_postal_code",
    /// ID登録依頼者連絡先情報 連絡先住所.
    ApplicantContactAddress = "applicant_contact_address",
    /// ID登録依頼者連絡先情報 連絡先氏名.
    ApplicantContactPerson = "applicant_contact_person",
    /// ID登録依頼者連絡先情報 連絡先電話番号.
    ApplicantContactPhone = "applicant_contact_phone",
    /// ID登録依頼者連絡先情報 連絡先FAX番号.
    ApplicantContactFax = "applicant_contact_fax",
    /// ID登録依頼者連絡先情報 連絡先メールアドレス.
    ApplicantContactEmail = "applicant_contact_email",
    /// ID登録依頼者連絡先情報 メールアドレス再入力. Compared, never stored.
    ApplicantContactEmailAgain = "applicant_contact_email_again",
    /// 少額物品用ユーザーID.
    LoginId = "login_id",
    /// 少額物品用パスワード. A secret: only its hash is ever stored.
    LoginPassword = "login_password",
    /// 確認パスワード. Compared, never stored.
    LoginPasswordAgain = "login_password_again",
}

/// Whom a value belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Shared by all cards of a company.
    Company,
    /// Of one card.
    Card,
    /// Of a company's ID (簡易認証).
    Account,
}

impl FieldId {
    /// Whom this field's value belongs to.
    pub fn scope(self) -> Scope {
        if self < Self::CardCompanyName {
            Scope::Company
        } else if self < Self::ApplicantContactName {
            Scope::Card
        } else {
            Scope::Account
        }
    }

    /// Whether the value only repeats another one for checking and is then dropped.
    pub fn is_repetition(self) -> bool {
        matches!(
            self,
            Self::RepresentativeContactEmailAgain
                | Self::CardContactEmailAgain
                | Self::ApplicantContactEmailAgain
                | Self::LoginPasswordAgain
        )
    }

    /// Whether the value is a password: never stored as typed, shown, printed, mailed or returned.
    pub fn is_secret(self) -> bool {
        matches!(self, Self::LoginPassword | Self::LoginPasswordAgain)
    }
}

/// Values by field. Absent and empty mean the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Values(pub Few<FieldId, String>);

impl Values {
    /// Whether there is no field at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value; empty if absent.
    pub fn text(&self, field: FieldId) -> &str {
        self.0.get(&field).map_or("", String::as_str)
    }

    /// Sets a value.
    pub fn set(&mut self, field: FieldId, value: impl Into<String>) {
        self.0.insert(field, value.into());
    }

    /// Takes over all values of `other`.
    pub fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

impl FromIterator<(FieldId, String)> for Values {
    fn from_iter<I: IntoIterator<Item = (FieldId, String)>>(iter: I) -> Self {
        Self(iter.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_keeps_its_text_form() {
        for &field in FieldId::ALL {
            let json = serde_json::to_string(&field).unwrap();
            assert_eq!(json, format!("\"{}\"", field.as_str()));
        }
        assert_eq!(FieldId::RepresentativeContactEmail.scope(), Scope::Company);
        assert_eq!(FieldId::CardContactEmail.scope(), Scope::Card);
        assert_eq!(FieldId::LoginId.scope(), Scope::Account);
        assert_eq!(FieldId::InformationPassword.scope(), Scope::Company);
    }
}
