//! Headings, buttons and sentences of the screens.

use touroku_proto::{api::Function, card::Purpose};

use super::Text;
pub(crate) use super::said::contractor::screen::*;
use crate::bidder::{
    route::Route,
    state::{CardStep, Notice},
};

/// The heading (h1) of a screen.
pub fn heading(route: &Route) -> Text {
    match route {
        Route::Agencies => HEADING_AGENCIES,
        Route::Categories { .. } => HEADING_CATEGORIES,
        Route::Entry { .. } => ENTRY,
        Route::Client { .. } | Route::BidClient { .. } => HEADING_CLIENT,
        Route::Menu => HEADING_MENU,
        Route::Search => HEADING_SEARCH,
        Route::Form => HEADING_FORM,
        Route::Confirm => HEADING_CONFIRM,
        Route::Done => HEADING_DONE,
        Route::Print => HEADING_PRINT,
        Route::Bid => HEADING_BID,
        Route::Status => HEADING_STATUS,
        Route::Application => HEADING_APPLICATION,
        Route::Result => HEADING_RESULT,
        Route::Mail => HEADING_MAIL,
        Route::Login => HEADING_LOGIN,
        Route::ChangeLogin => HEADING_CHANGE_LOGIN,
        Route::Forgotten { .. } => HEADING_FORGOTTEN,
        Route::Reset => HEADING_RESET,
        Route::AccountClient { .. } | Route::AccountBidClient { .. } => HEADING_ACCOUNT_CLIENT,
        Route::Companies { .. } => HEADING_COMPANIES,
        Route::Check | Route::CheckOf { .. } => HEADING_CHECK,
        Route::RenewOld => HEADING_RENEW_OLD,
        Route::RenewNew => HEADING_RENEW_NEW,
        Route::RenewConfirm => HEADING_RENEW_CONFIRM,
        Route::NotFound => HEADING_NOT_FOUND,
    }
}

/// The heading of a screen that several functions share.
pub fn heading_for(route: &Route, function: Function) -> Text {
    match (route, function) {
        (Route::Form, Function::Change) => HEADING_CHANGE_FORM,
        (Route::Confirm, Function::Change) => HEADING_CHANGE_CONFIRM,
        (Route::Done, Function::Change) => HEADING_CHANGE_DONE,
        (Route::Done, Function::Renew) => HEADING_RENEW_DONE,
        _ => heading(route),
    }
}

/// The steps of 利用者登録.
pub const STEPS: [Text; 5] = [STEPS_1, STEPS_2, STEPS_3, STEPS_4, STEPS_5];

/// Something typed is waiting to be finished.
pub fn unfinished(function: Function) -> Text {
    match function {
        Function::Change | Function::ChangeAccount => UNFINISHED_CHANGE,
        Function::Apply => UNFINISHED_APPLY,
        Function::Register | Function::Renew => UNFINISHED_REGISTER,
    }
}

/// The panel shown while the card is requested, or asked to sign.
pub fn card_panel(signing: bool) -> Text {
    if signing { CARD_PANEL_SIGNING } else { CARD_PANEL }
}

/// What the panel says at each step.
pub fn card_step(step: CardStep, purpose: Option<Purpose>) -> Text {
    match step {
        CardStep::Idle => Text::NONE,
        CardStep::Starting | CardStep::Challenging => CARD_STEP_STARTING,
        CardStep::Opening => CARD_STEP_OPENING,
        CardStep::Open => match purpose {
            Some(Purpose::RenewOld) => CARD_STEP_RENEW_OLD,
            Some(Purpose::RenewNew) => CARD_STEP_RENEW_NEW,
            _ => CARD_STEP_OPEN,
        },
        CardStep::Checking => match purpose {
            Some(Purpose::Bid) => CARD_STEP_BID,
            _ => CARD_STEP_CHECKING,
        },
    }
}

/// The heading of a completion. What waits for the agency's review is not registered yet.
pub fn done(function: Function, pending: bool) -> Text {
    match function {
        Function::Register if pending => DONE_REGISTER_PENDING,
        Function::Renew if pending => DONE_RENEW_PENDING,
        _ => heading_for(&Route::Done, function),
    }
}

/// When a function was completed, or accepted for review.
pub fn completed_at(function: Function, pending: bool) -> Text {
    match function {
        Function::Register | Function::Renew if pending => COMPLETED_AT_REGISTER_PENDING,
        Function::Change | Function::ChangeAccount => COMPLETED_AT_CHANGE,
        Function::Renew => COMPLETED_AT_RENEW,
        Function::Register => COMPLETED_AT_REGISTER,
        Function::Apply => COMPLETED_AT_APPLY,
    }
}

/// Days left. A certificate without an expiry has some millions, which mean nothing.
pub fn days_left(days: i64) -> String {
    match days {
        100_000.. => String::new(),
        ..0 => DAYS_OVER.to_string(),
        0 => DAYS_TODAY.to_string(),
        days => self::days(days),
    }
}

/// Announces that the session ends after this many whole minutes.
pub fn ending_soon(minutes: i64) -> String {
    if minutes == 0 { ENDING_NOW.to_string() } else { ending_in(minutes) }
}

pub fn notice(notice: Notice) -> Text {
    match notice {
        Notice::Restored => NOTICE_RESTORED,
        Notice::Resumed => NOTICE_RESUMED,
        Notice::SearchAgain => NOTICE_SEARCH_AGAIN,
        Notice::OldCardAgain => NOTICE_OLD_CARD_AGAIN,
        Notice::Withdrawn => NOTICE_WITHDRAWN,
        Notice::LoggedOut => NOTICE_LOGGED_OUT,
        Notice::Saved => NOTICE_SAVED,
        Notice::Copied => NOTICE_COPIED,
        Notice::NotCopied => NOTICE_NOT_COPIED,
        Notice::SignInOver => NOTICE_SIGN_IN_OVER,
        Notice::LanguageMissing => NOTICE_LANGUAGE_MISSING,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::officer;

    #[test]
    fn what_is_seen_while_the_program_is_on_its_way_is_what_it_will_say() {
        for (html, side, loading) in [
            (include_str!("../../../index.html"), SIDE, LOADING),
            (include_str!("../../../officer.html"), officer::screen::SIDE, officer::screen::READING),
        ] {
            let name = format!("{SYSTEM}<span class=\"header-side\">{side}</span>");
            assert!(html.contains(&name), "{name}");
            assert!(html.contains(&format!("</span>{loading}</p>")), "{loading}");
        }
    }
}
