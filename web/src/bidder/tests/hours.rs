use touroku_proto::{
    api::{ApiError, ApiErrorCode},
    hours::HoursState,
};

use super::*;
use crate::{
    bidder::{
        effect::{Focus, Timer},
        hours::Hours,
        trouble::Trouble,
    },
    texts,
};

const MINUTE: i64 = 60_000;

/// 2026-11-24T08:30 in Japan.
const TUESDAY: i64 = 1_795_476_600_000;

fn entry() -> Route {
    Route::Entry { agency: "city".into(), category: "goods".into() }
}

fn say(page: &mut Page, open: bool, changes_unix_ms: Option<i64>) {
    let answer = Ok(HoursState { open, changes_unix_ms });
    page.act(Action::HoursLoaded { code: "city".into(), answer });
}

fn spoken(page: &Page) -> String {
    let words = page.state.hours().and_then(|hours| texts::hours::words(hours, page.state.is_at_work()));
    words.map(|words| format!("{}{}", words.what, words.next)).unwrap_or_default()
}

fn asked_hours(page: &Page) -> bool {
    page.asked(|ask| *ask == Ask::Hours("city".into()))
}

#[test]
fn outside_the_hours_every_entry_page_says_when_it_opens_next() {
    let bid = Route::BidClient { agency: "city".into(), category: "goods".into() };
    for route in [Route::Categories { agency: "city".into() }, entry(), client(), bid] {
        let mut page = Page::open(route, None);
        assert!(asked_hours(&page));
        assert_eq!(spoken(&page), "");
        say(&mut page, false, Some(TUESDAY));
        assert!(spoken(&page).contains("11月24日（火）8時30分から"), "{}", spoken(&page));
    }
}

#[test]
fn a_button_that_begins_a_session_leads_to_the_explanation() {
    let mut page = Page::at_client();
    say(&mut page, false, Some(TUESDAY));
    page.act(Action::OpenMenu);
    assert!(!page.asked(|ask| matches!(ask, Ask::StartSession(_))));
    assert!(page.effects.contains(&Effect::Focus(Focus::Hours)));
    assert!(asked_hours(&page), "it may have opened meanwhile");
    say(&mut page, true, None);
    page.act(Action::OpenMenu);
    assert!(page.asked(|ask| matches!(ask, Ask::StartSession(_))));

    let mut page = Page::open(Route::BidClient { agency: "city".into(), category: "goods".into() }, None);
    page.connected();
    say(&mut page, false, Some(TUESDAY));
    page.act(Action::ShowCard(Purpose::Bid));
    assert!(!page.asked(|ask| matches!(ask, Ask::StartSession(_))));
    assert!(page.effects.contains(&Effect::Focus(Focus::Hours)));
}

#[test]
fn a_refusal_by_the_server_is_explained_the_same_way() {
    let mut page = Page::at_client();
    page.act(Action::OpenMenu);
    let refusal = ApiError { retry_after: Some(232_340), ..ApiError::new(ApiErrorCode::OutsideHours) };
    page.act(Action::SessionStarted(Err(Trouble::Api(refusal.clone()))));
    assert_eq!((page.screen(), page.error()), ("client", Some("outside_hours")));
    assert_eq!(texts::addition(&Trouble::Api(refusal)), None, "not in thousands of minutes");
    assert!(asked_hours(&page));
    say(&mut page, false, Some(TUESDAY));
    assert!(spoken(&page).contains("11月24日（火）8時30分から"));
    say(&mut page, true, None);
    assert_eq!(page.error(), None);
}

#[test]
fn work_under_way_is_told_of_closing_and_may_be_finished() {
    let mut page = Page::at_filled_form();
    let expires_unix_ms = reading().unix_ms + 60 * MINUTE;
    page.act(Action::Extended(Ok(SessionView { expires_unix_ms, ..with_company() })));
    let closes = reading().unix_ms + 20 * MINUTE;
    say(&mut page, true, Some(closes));
    assert_eq!(spoken(&page), "", "nobody is disturbed long before");
    let at = |minutes: i64| Action::TimeUp {
        timer: Timer::Minute,
        at_ms: reading().at_ms + (minutes * MINUTE) as f64,
    };
    page.act(at(5));
    assert!(matches!(page.state.hours(), Some(Hours::Closing { .. })));
    assert!(spoken(&page).contains("最後まで続けられます"));
    assert!(!asked_hours(&page));
    page.act(at(20));
    assert!(asked_hours(&page));
    say(&mut page, false, Some(TUESDAY));
    assert!(
        spoken(&page).contains("利用時間が終わりました") && spoken(&page).contains("最後まで続けられます")
    );
    page.act(Action::Confirm);
    let revision = page.saving().unwrap();
    page.act(Action::DraftSaved { revision, answer: Ok(()) });
    page.act(Action::Register);
    assert!(page.sent_registration().is_some());
}

#[test]
fn a_session_that_runs_shows_another_card_after_closing() {
    let mut page = Page::at_menu();
    say(&mut page, false, Some(TUESDAY));
    page.act(Action::ShowCard(Purpose::Change));
    assert!(page.asked(|ask| matches!(ask, Ask::Challenge { .. })));
}

#[test]
fn hours_that_do_not_come_stop_nobody() {
    let mut page = Page::at_client();
    page.act(Action::HoursLoaded { code: "city".into(), answer: Err(Trouble::Unreachable) });
    assert_eq!((spoken(&page), page.error()), (String::new(), None));
    page.act(Action::OpenMenu);
    assert!(page.asked(|ask| matches!(ask, Ask::StartSession(_))));
}
