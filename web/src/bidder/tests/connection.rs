use touroku_proto::card::{CardError, CardErrorCode, ServiceState};

use super::*;
use crate::bidder::{clock, effect::Timer, state::Check, trouble::Trouble};

fn checked(answer: Result<(String, Status), CardError>) -> Page {
    let mut page = Page::open(client(), None);
    let attempt = page.state.connection.attempt;
    page.act(Action::ClockRead(Ok(reading())));
    page.act(Action::ExtensionChecked { attempt, answer });
    page
}

fn cause(page: &Page) -> &'static str {
    match &page.state.connection.local {
        Check::Failed(trouble) => trouble.code(),
        _ => "none",
    }
}

#[test]
fn the_clock_and_the_button_wait_for_server_extension_and_host() {
    let mut page = Page::open(client(), None);
    assert!(!page.state.connection.is_ready());
    page.act(Action::OpenMenu);
    assert_eq!(page.screen(), "client");
    page.connected();
    assert!(page.state.connection.is_ready());
    assert_eq!(clock::shown(page.state.clock.unwrap().now_ms), "2026年11月21日 15時04分");
}

#[test]
fn every_missing_part_is_named() {
    let missing = checked(Err(CardError::new(CardErrorCode::ExtensionMissing)));
    assert_eq!(cause(&missing), "extension_missing");

    let no_host = Status { host: None, service: None, ..status() };
    assert_eq!(cause(&checked(Ok(("x".into(), no_host)))), "host_missing");

    let blocked = Status { host: None, error: Some(CardError::new(CardErrorCode::HostBlocked)), ..status() };
    assert_eq!(cause(&checked(Ok(("x".into(), blocked)))), "host_blocked");

    let off = Status { service: Some(ServiceState::Off), readers: 0, ..status() };
    assert_eq!(cause(&checked(Ok(("x".into(), off)))), "service_off");
    let module = Status { service: Some(ServiceState::Off), readers: 1, ..status() };
    assert!(checked(Ok(("x".into(), module))).state.connection.is_ready());

    let mut old = status();
    old.extension.protocol = 0;
    assert_eq!(cause(&checked(Ok(("x".into(), old)))), "extension_too_old");

    let mut new = status();
    new.extension.oldest_protocol = touroku_proto::PROTOCOL + 1;
    assert_eq!(cause(&checked(Ok(("x".into(), new)))), "extension_too_new");
}

#[test]
fn a_missing_reader_stops_nobody_before_the_card_window() {
    let status =
        Status { readers: 0, cards: 0, error: Some(CardError::new(CardErrorCode::NoReader)), ..status() };
    assert!(checked(Ok(("x".into(), status))).state.connection.is_ready());
}

#[test]
fn a_server_that_does_not_answer_is_told_apart_and_can_be_tried_again() {
    let mut page = Page::open(client(), None);
    let attempt = page.state.connection.attempt;
    page.act(Action::ClockRead(Err(Trouble::Unreachable)));
    page.act(Action::ExtensionChecked { attempt, answer: Ok(("x".into(), status())) });
    assert_eq!(page.state.connection.server, Check::Failed(Trouble::Unreachable));
    assert!(!page.state.connection.is_ready());
    page.act(Action::CheckConnection);
    assert!(page.state.connection.is_waiting());
    page.connected();
    assert!(page.state.connection.is_ready());
}

#[test]
fn an_answer_to_an_earlier_check_is_not_taken_for_this_ones() {
    let mut page = Page::open(client(), None);
    let attempt = page.state.connection.attempt;
    page.act(Action::CheckConnection);
    let error = CardError::new(CardErrorCode::ExtensionMissing);
    page.act(Action::ExtensionChecked { attempt, answer: Err(error) });
    assert_eq!(page.state.connection.local, Check::Waiting);
}

#[test]
fn the_shown_minute_turns_with_the_steady_clock() {
    let mut page = Page::at_client();
    // The server said 15:04:10 at 100 ms; 50 s later it is 15:05.
    page.act(Action::TimeUp { timer: Timer::Minute, at_ms: 50_100.0 });
    assert_eq!(clock::shown(page.state.clock.unwrap().now_ms), "2026年11月21日 15時05分");
    assert!(page.effects.iter().any(|effect| matches!(effect, Effect::Wait { timer: Timer::Minute, .. })));
}
