//! What went wrong, as the page shows it.

use touroku_proto::{
    api::{ApiError, ApiErrorCode, AuthorityView, Portal, ReceiptFile},
    card::{CardError, CardErrorCode},
    field::{Guessable, Problem},
};

/// What a person has to get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    Extension,
    /// A newer one than is there.
    NewExtension,
    /// カード接続プログラム.
    Program,
}

/// A failure that a person meets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The server did not answer.
    Unreachable,
    Api(ApiError),
    /// Extension, host, reader or card failed.
    Card(CardError),
}

impl Trouble {
    /// The stable code (`data-error`).
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Api(error) => error.code.as_str(),
            Self::Card(error) => error.code.as_str(),
        }
    }

    /// What has to be got, if that is the remedy.
    pub fn missing(&self) -> Option<Missing> {
        use CardErrorCode as Code;
        let Self::Card(error) = self else { return None };
        Some(match error.code {
            Code::ExtensionMissing => Missing::Extension,
            Code::ExtensionTooOld => Missing::NewExtension,
            Code::HostMissing | Code::HostTooOld | Code::HostForbidden | Code::CallerNotAllowed => {
                Missing::Program
            }
            _ => return None,
        })
    }

    /// Whether the server reported this code.
    pub fn is(&self, code: ApiErrorCode) -> bool {
        matches!(self, Self::Api(error) if error.code == code)
    }

    /// Why a password is easily guessed, if the server says so.
    pub fn why_weak(&self) -> Option<Guessable> {
        let Self::Api(error) = self else { return None };
        let mut found = error.fields.iter().filter(|_| error.code == ApiErrorCode::PasswordWeak);
        found.find_map(|field| match field.problem {
            Problem::Guessable { why } => Some(why),
            _ => None,
        })
    }

    /// Whether the session is no longer the one this tab left: ended, begun again in another tab, or suspended by
    /// officers. What was typed is still here, and presenting the card brings the session back (once the
    /// suspension is lifted).
    pub fn needs_card_again(&self) -> bool {
        use ApiErrorCode as Code;
        let Self::Api(error) = self else { return false };
        let is_gone =
            matches!(error.code, Code::SessionMissing | Code::CardNotPresented | Code::CompanyNotSelected);
        is_gone || self.is_suspension()
    }

    /// Whether officers suspended the company or the card.
    pub fn is_suspension(&self) -> bool {
        [ApiErrorCode::CompanySuspended, ApiErrorCode::CardSuspended, ApiErrorCode::AccountSuspended]
            .into_iter()
            .any(|code| self.is(code))
    }

    /// Whether the card has expired, according to the card window or the server.
    pub fn is_expired_card(&self) -> bool {
        match self {
            Self::Api(error) => error.code == ApiErrorCode::CertificateExpired,
            Self::Card(error) => error.code == CardErrorCode::CertificateExpired,
            Self::Unreachable => false,
        }
    }

    /// Whether the same request may succeed a little later, without the person changing anything.
    pub fn passes_by_itself(&self) -> bool {
        match self {
            Self::Unreachable => true,
            Self::Api(error) => matches!(
                error.code,
                ApiErrorCode::Unavailable | ApiErrorCode::RateLimited | ApiErrorCode::Internal
            ),
            Self::Card(_) => false,
        }
    }
}

impl From<ApiErrorCode> for Trouble {
    fn from(code: ApiErrorCode) -> Self {
        Self::Api(ApiError::new(code))
    }
}

impl From<CardErrorCode> for Trouble {
    fn from(code: CardErrorCode) -> Self {
        Self::Card(CardError::new(code))
    }
}

/// A trouble on the screen, and what もう一度 does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Banner {
    pub trouble: Trouble,
    /// What もう一度 repeats; `None`: there is no such button.
    pub retry: Option<Retry>,
}

/// What もう一度 repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    Load,
    Menu,
    Card,
    Search,
    /// 延長する.
    Extend,
    /// 入力内容確認.
    Confirm,
    /// 登録, with the same submission.
    Register,
    /// 変更, with the same submission.
    Change,
    /// 更新, with the same submission.
    Renew,
    /// Going back to a bidding system.
    SignIn,
    /// ログアウト.
    Logout,
    /// Opening a session of 簡易認証.
    AccountStart,
    /// ログイン, 送信, パスワードを設定する.
    Account,
    /// 確認のメールをもう一度送る.
    AskAgain,
    /// 業者番号一覧.
    Listing,
    /// Saving a file of the signed application.
    Receipt(ReceiptFile),
    /// 登録状況.
    Status,
}

/// Whether a problem reported by the extension prevents going on: the card window could not even open. Readers and
/// cards may still be attached; the card window waits for them.
pub fn stops_everything(code: CardErrorCode) -> bool {
    use CardErrorCode as Code;
    !matches!(
        code,
        Code::NoReader
            | Code::NoCard
            | Code::UnsupportedCard
            | Code::MyNumberNotAccepted
            | Code::CardRemoved
            | Code::CardChanged
            | Code::OtherCard
            | Code::CardBusy
            | Code::ModuleFailed
            | Code::CardError
            | Code::Busy
            | Code::PinWrong
            | Code::PinLastTry
            | Code::PinLocked
            | Code::PinNotSet
            | Code::PinExpired
            | Code::PinFormat
            | Code::CertificateMissing
            | Code::CertificateUnreadable
            | Code::CertificateExpired
            | Code::CertificateNotYetValid
            | Code::KeyUnsupported
    )
}

/// The certification authorities that may be meant, where there is something to say about them: that of the card,
/// if its issuer's name is known (RFC 4514) and the server knows it; otherwise all.
pub fn authorities<'a>(portal: &'a Portal, issuer: Option<&str>) -> Vec<&'a AuthorityView> {
    let says_something = |authority: &&AuthorityView| {
        let texts = [&authority.phone, &authority.email, &authority.url];
        texts.iter().any(|text| !text.is_empty()) || !authority.unlock.is_empty() || authority.tries.is_some()
    };
    let is_meant = |authority: &&AuthorityView| {
        let issuer = format!(",{},", issuer.unwrap_or_default());
        let names = |pair: &String| issuer.contains(&format!(",{},", pair.replace(',', "\\,")));
        !authority.issuer.is_empty() && authority.issuer.iter().all(names)
    };
    let meant: Vec<_> = portal.authorities.iter().filter(is_meant).collect();
    let all = if meant.is_empty() { portal.authorities.iter().collect() } else { meant };
    all.into_iter().filter(says_something).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_a_known_card_only_its_own_authority_is_named() {
        let authority = |name: &str, issuer: &[&str], url: &str| json!({"name": name, "issuer": issuer, "phone": "", "email": "", "url": url, "unlock": [], "tries": null});
        let portal: Portal = serde_json::from_value(json!({
            "version": "0.1.0", "extension_ids": [], "agencies": [], "authorities": [
                authority("甲", &["O=Kou, Inc."], "https://kou.example.jp/"),
                authority("乙", &["O=Otsu", "C=JP"], "https://otsu.example.jp/"),
                authority("丙", &[], "https://hei.example.jp/"),
                authority("丁", &["O=Tei"], ""),
            ]
        }))
        .unwrap();
        let named =
            |issuer| authorities(&portal, issuer).iter().map(|it| it.name.as_str()).collect::<Vec<_>>();
        assert_eq!(named(Some("OU=CA,O=Kou\\, Inc.,C=JP")), ["甲"]);
        assert_eq!(named(Some("O=Otsu,C=JP")), ["乙"]);
        assert_eq!(named(Some("O=Otsu Denki,C=JP")), ["甲", "乙", "丙"], "no part of another name");
        assert_eq!(named(None), ["甲", "乙", "丙"]);
        assert!(named(Some("O=Tei")).is_empty(), "nothing is known of it");
    }
}
