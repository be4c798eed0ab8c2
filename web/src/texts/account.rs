//! Headings, buttons and sentences of 簡易認証.

use touroku_proto::{
    account::ApplicationState,
    agency::{Access, Category},
    api::{ApiErrorCode, Function},
};

pub(crate) use super::said::contractor::account::*;
use super::{Advice, Text, agency};
use crate::bidder::{account::AccountField, route::Route, state::State, trouble::Trouble};

/// The heading of a screen that is different, or named differently, with ID and password.
pub fn heading(state: &State) -> Option<Text> {
    let route = state.route.as_ref()?;
    if let (Route::Entry { .. }, Some(category)) = (route, state.category())
        && category.access != Access::Card
    {
        return Some(HEADING_ENTRY);
    }
    if !state.is_account() {
        return None;
    }
    let changing = state.view().is_some_and(|view| view.login_id.is_some());
    let changed = state
        .view()
        .and_then(|view| view.completed.as_ref())
        .is_some_and(|completed| completed.function == Function::ChangeAccount);
    match route {
        Route::Menu => Some(HEADING_MENU),
        Route::Form if changing => Some(HEADING_CHANGE),
        Route::Form => Some(HEADING_APPLY),
        Route::Confirm if changing => Some(HEADING_CHANGE_CONFIRM),
        Route::Confirm => Some(HEADING_CONFIRM),
        Route::Done if changed => Some(HEADING_CHANGED),
        Route::Done => Some(HEADING_APPLIED),
        _ => None,
    }
}

/// The text for a refusal that means something else with a card.
pub fn advice(state: &State, trouble: &Trouble) -> Option<Advice> {
    let Trouble::Api(error) = trouble else { return None };
    let route = state.route.as_ref()?;
    match (error.code, route) {
        (ApiErrorCode::CredentialsWrong, Route::Login | Route::ChangeLogin) => {
            Some(agency(login_wrong::WHAT, login_wrong::NEXT))
        }
        (ApiErrorCode::CredentialsWrong, Route::Application) => {
            Some(agency(own_wrong::WHAT, own_wrong::NEXT))
        }
        (ApiErrorCode::LinkInvalid, Route::Result) => Some(agency(result_link::WHAT, result_link::NEXT)),
        (ApiErrorCode::LinkInvalid, Route::Mail) => Some(agency(mail_link::WHAT, mail_link::NEXT)),
        (ApiErrorCode::CredentialsWrong, Route::Confirm) => {
            Some(agency(password_wrong::WHAT, password_wrong::NEXT))
        }
        _ => None,
    }
}

/// The steps of ID登録申請.
pub const STEPS: [Text; 4] = [STEPS_1, STEPS_2, STEPS_3, STEPS_4];

/// The state in one word.
pub fn state(state: ApplicationState) -> Text {
    match state {
        ApplicationState::Pending => STATE_PENDING,
        ApplicationState::Approved => STATE_APPROVED,
        ApplicationState::Rejected => STATE_REJECTED,
        ApplicationState::Withdrawn => STATE_WITHDRAWN,
    }
}

/// What the state means and what to do now.
pub fn state_is(state: ApplicationState) -> Text {
    match state {
        ApplicationState::Pending => STATE_IS_PENDING,
        ApplicationState::Approved => STATE_IS_APPROVED,
        ApplicationState::Rejected => STATE_IS_REJECTED,
        ApplicationState::Withdrawn => STATE_IS_WITHDRAWN,
    }
}

/// Shown instead of a password.
pub const HIDDEN: &str = "●●●●●●●●";

pub fn label(field: AccountField) -> Text {
    match field {
        AccountField::LoginId => LABEL_LOGIN_ID,
        AccountField::Password => LABEL_PASSWORD,
        AccountField::Email => LABEL_EMAIL,
        AccountField::CurrentPassword => LABEL_CURRENT_PASSWORD,
        AccountField::NewPassword => LABEL_NEW_PASSWORD,
        AccountField::NewPasswordAgain => LABEL_NEW_PASSWORD_AGAIN,
    }
}

/// The text under the label.
pub fn hint(field: AccountField) -> Text {
    match field {
        AccountField::Email => HINT_EMAIL,
        AccountField::CurrentPassword => HINT_CURRENT_PASSWORD,
        AccountField::NewPassword => HINT_NEW_PASSWORD,
        AccountField::NewPasswordAgain => HINT_NEW_PASSWORD_AGAIN,
        AccountField::LoginId | AccountField::Password => HINT_LOGIN_ID,
    }
}

/// What follows an application in that category.
pub fn after_application(category: Option<&Category>) -> Text {
    if category.is_none_or(|category| category.review) { APPLIED_NEXT } else { APPLIED_AT_ONCE }
}
