//! What the pages say: the catalogues `texts/contractor.*.toml` and `texts/officer.*.toml` (crates/texts), and which
//! of their texts is said when. Agencies' own texts are in their profiles.

pub mod account;
pub mod api;
pub mod card;
mod catalogue;
pub mod change;
pub mod checkup;
pub mod field;
pub mod guide;
pub mod hours;
pub mod identity;
pub mod listing;
pub mod officer;
mod own;
pub mod postal;
pub mod renew;
pub mod screen;
pub mod status;

/// The texts by their names, as the build writes them.
#[allow(unused_qualifications, clippy::identity_op)]
mod said {
    use super::catalogue::{Text, fill};

    include!(concat!(env!("OUT_DIR"), "/texts.rs"));
}

pub(crate) use said::contractor::time;
use touroku_proto::{agency::DeskKind, api::ApiErrorCode, card::Purpose, field::FieldId};

pub use catalogue::{Text, speak};
pub use own::{Own, hint, label, label_of, own};

use crate::bidder::{route::Route, state::State, trouble::Trouble};

/// What a person is told when something went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    pub what: Text,
    /// What to do next.
    pub next: Text,
    /// Whom to call.
    pub desk: DeskKind,
}

/// Advice whose question is the help desk's.
const fn helpdesk(what: Text, next: Text) -> Advice {
    Advice { what, next, desk: DeskKind::Helpdesk }
}

/// Advice whose question is the certification authority's.
const fn authority(what: Text, next: Text) -> Advice {
    Advice { what, next, desk: DeskKind::CertificationAuthority }
}

/// Advice whose question is the procuring agency's.
const fn agency(what: Text, next: Text) -> Advice {
    Advice { what, next, desk: DeskKind::Agency }
}

/// The advice for a trouble that came while the card was shown for a purpose, if it was.
pub fn advice_for(trouble: &Trouble, purpose: Option<Purpose>) -> Advice {
    let own = match purpose {
        Some(Purpose::Change) => change::advice(trouble),
        Some(purpose) => renew::advice(trouble, purpose),
        None => None,
    };
    own.unwrap_or_else(|| advice(trouble))
}

/// What is said in the middle of the work where the same refusal means less at its beginning.
pub fn lost_advice(state: &State, trouble: &Trouble) -> Option<Advice> {
    (state.lost && trouble.is_suspension())
        .then(|| Advice { next: api::SUSPENDED_AT_WORK, ..advice(trouble) })
}

/// What is said of the files of a signed application once the session that made it has ended: it is the only one that
/// gives them out.
pub fn receipt_advice(state: &State, trouble: &Trouble) -> Option<Advice> {
    let signed = state.view()?.completed.as_ref().is_some_and(|completed| completed.signed);
    let gone = trouble.needs_card_again() && !trouble.is_suspension() || trouble.is(ApiErrorCode::NotFound);
    (signed && gone && state.route == Some(Route::Done)).then_some(api::RECEIPT_GONE)
}

/// The advice for a trouble on a computer that an administrator looks after, where it differs.
pub fn managed_advice(state: &State, trouble: &Trouble) -> Option<Advice> {
    let managed = state.connection.status.as_ref().is_some_and(|status| status.managed);
    match trouble {
        Trouble::Card(error) if managed => card::managed_advice(error.code),
        _ => None,
    }
}

pub fn advice(trouble: &Trouble) -> Advice {
    match trouble {
        Trouble::Unreachable => helpdesk(
            said::contractor::trouble::unreachable::WHAT,
            said::contractor::trouble::unreachable::NEXT,
        ),
        Trouble::Api(error) => api::advice(error.code),
        Trouble::Card(error) => card::advice(error),
    }
}

/// What is said in addition: tries left, seconds to wait.
pub fn addition(trouble: &Trouble) -> Option<String> {
    match trouble {
        // Its answer never came: nobody knows whether a try was spent.
        Trouble::Card(error) if error.pin_sent && said::card::codes::sent(error.code).is_none() => {
            Some(said::card::PIN_UNANSWERED.to_string())
        }
        Trouble::Card(error) => {
            error.tries_left.filter(|&tries| tries > 0).map(said::contractor::trouble::tries_left)
        }
        // The notice about 利用時間 says when; nobody waits for thousands of minutes.
        Trouble::Api(error) if error.code == ApiErrorCode::OutsideHours => None,
        Trouble::Api(error) if error.code == ApiErrorCode::CardReplaced => {
            let [holder, expiry] =
                [FieldId::CardHolderName, FieldId::CertificateExpiry].map(|field| error.card.text(field));
            Some(said::contractor::trouble::replaced_by(holder, expiry))
        }
        Trouble::Api(error) => error.retry_after.map(|seconds| match seconds.div_ceil(60) {
            0 | 1 => said::contractor::trouble::wait_seconds(seconds),
            minutes => said::contractor::trouble::wait_minutes(minutes),
        }),
        Trouble::Unreachable => None,
    }
}

/// A line for the help desk: the code and whatever finds the case in a log. No personal data.
pub fn reference(trouble: &Trouble) -> String {
    let more = match trouble {
        Trouble::Unreachable => None,
        Trouble::Api(error) => Some(error.request_id.as_str()).filter(|id| !id.is_empty()),
        Trouble::Card(error) => error.detail.as_deref().or(error.field.as_deref()),
    };
    match more {
        Some(more) => said::contractor::trouble::reference(trouble.code(), more),
        None => trouble.code().to_owned(),
    }
}

/// Who answers a kind of question, where the profile names nobody.
pub fn desk_name(kind: DeskKind) -> Text {
    match kind {
        DeskKind::Helpdesk => said::contractor::desk::HELPDESK,
        DeskKind::CertificationAuthority => said::contractor::desk::CERTIFICATION_AUTHORITY,
        DeskKind::Agency => said::contractor::desk::AGENCY,
    }
}

#[cfg(test)]
mod tests {
    use touroku_proto::card::CardErrorCode;

    use super::*;

    fn assert_complete(code: &str, advice: Advice, fallback: Advice) {
        assert_ne!(advice, fallback, "{code} has no text of its own");
        for text in [advice.what, advice.next] {
            assert!(text.ends_with('。') && text.chars().count() >= 8, "{code}: {text}");
        }
    }

    /// What only officers meet has its text there, so that contractors do not download it.
    #[test]
    fn every_server_error_says_what_happened_and_what_to_do() {
        for &code in ApiErrorCode::ALL {
            let advice = officer::trouble::own(code).unwrap_or_else(|| api::advice(code));
            assert_complete(code.as_str(), advice, api::UNKNOWN);
        }
    }

    #[test]
    fn a_replaced_card_says_which_card_takes_its_place() {
        let mut error = touroku_proto::api::ApiError::new(ApiErrorCode::CardReplaced);
        error.card.set(FieldId::CardHolderName, "試験次郎");
        error.card.set(FieldId::CertificateExpiry, "2031/03/31");
        let trouble = Trouble::Api(error);
        for purpose in
            [Purpose::Bid, Purpose::Change, Purpose::RenewOld, Purpose::RenewNew, Purpose::Register]
        {
            assert!(advice_for(&trouble, Some(purpose)).what.contains("更新済み"));
        }
        let said = addition(&trouble).unwrap();
        assert!(said.contains("試験次郎") && said.contains("2031/03/31"), "{said}");
    }

    #[test]
    fn a_wrong_pin_says_how_many_tries_are_left() {
        let error = touroku_proto::card::CardError::new(CardErrorCode::PinWrong).with_tries(2);
        assert!(addition(&Trouble::Card(error)).unwrap().contains("あと2回"));
    }
}
