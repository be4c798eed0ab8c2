use super::*;
use crate::{
    bidder::{
        effect::{Focus, Timer},
        ending::REGION,
    },
    texts::screen,
};

const MINUTE: i64 = 60_000;

/// The form, filled in and saved, in a session of half an hour that has just heard from the server.
fn working() -> Page {
    let mut page = Page::at_filled_form();
    page.act(Action::ClockRead(Ok(reading(0))));
    let expires = page.state.clock.unwrap().now_ms + 30 * MINUTE;
    page.act(Action::Extended(Ok(SessionView { expires_unix_ms: expires, ..with_company() })));
    page.act(Action::Confirm);
    let revision = page.saving().unwrap();
    page.act(Action::DraftSaved { revision, answer: Ok(()) });
    page.act(Action::Back);
    page
}

fn reading(at_ms: i64) -> Reading {
    Reading { unix_ms: 1_795_241_040_000, at_ms: at_ms as f64, computer_ms: 0, round_trip_ms: 0 }
}

fn after(page: &mut Page, minutes: i64) {
    page.act(Action::TimeUp { timer: Timer::Minute, at_ms: (minutes * MINUTE) as f64 });
}

#[test]
fn the_end_is_announced_two_minutes_before_and_put_off_by_a_button() {
    let mut page = working();
    after(&mut page, 26);
    assert_eq!(page.state.minutes_left(), None);
    after(&mut page, 28);
    assert_eq!(page.state.minutes_left(), Some(2));
    assert!(screen::ending_soon(2).contains("あと約2分"));
    let typed = page.state.form.values.clone();
    page.act(Action::Extend);
    assert!(page.asked(|ask| *ask == Ask::Extend));
    let expires = page.state.clock.unwrap().now_ms + 30 * MINUTE;
    page.act(Action::Extended(Ok(SessionView { expires_unix_ms: expires, ..with_company() })));
    assert_eq!(page.state.minutes_left(), None);
    assert!(page.state.ending.put_off && page.state.form.values == typed);
    assert!(page.effects.contains(&Effect::Focus(Focus::Field(REGION))));
}

#[test]
fn what_is_kept_while_typing_puts_the_end_off() {
    let mut page = working();
    after(&mut page, 20);
    page.act(Action::Typed(FieldId::CardContactName, "経理部".into()));
    page.act(Action::TimeUp { timer: Timer::Draft, at_ms: 0.0 });
    let revision = page.saving().unwrap();
    page.act(Action::DraftSaved { revision, answer: Ok(()) });
    after(&mut page, 29);
    assert_eq!(page.state.minutes_left(), None);
    after(&mut page, 48);
    assert_eq!(page.state.minutes_left(), Some(2));
}

#[test]
fn an_end_that_came_is_said_and_whoever_types_keeps_the_focus() {
    let mut page = working();
    after(&mut page, 30);
    assert_eq!((page.state.lost, page.error()), (true, Some("session_missing")));
    assert!(!page.effects.iter().any(|effect| matches!(effect, Effect::Focus(_))));
    assert_eq!(page.state.minutes_left(), None);
    assert_eq!(page.screen(), "form");
}
