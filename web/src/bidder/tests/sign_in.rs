use touroku_proto::{
    agency::Way,
    api::ApiErrorCode,
    card::Purpose,
    sign_in::{Onward, SignIn},
};

use super::{Page, challenge, session, token, with_card};
use crate::{
    bidder::{
        action::Action,
        clock::Reading,
        effect::{Ask, Effect, Timer},
        route::Route,
        sign_in::SignInAction,
        state::Notice,
    },
    texts,
};

fn waiting() -> SignIn {
    SignIn {
        id: "id".into(),
        agency: "city".into(),
        client: "市電子入札システム".into(),
        categories: vec!["goods".into()],
        ways: vec![Way::Card],
        login_hint: String::new(),
        language: "en".into(),
        expires_unix_ms: 0,
    }
}

/// A browser that a bidding system has sent.
fn sent(sign_in: SignIn) -> Page {
    let mut page = Page::open(Route::Categories { agency: "city".into() }, None);
    page.act(Action::SignIn(SignInAction::Found { id: "id".into(), fresh: true }));
    assert!(page.asked(|ask| matches!(ask, Ask::SignIn { id, .. } if id == "id")));
    page.act(Action::SignIn(SignInAction::Read { fresh: true, answer: Ok(sign_in) }));
    page
}

/// All is connected, the card window opens by itself, and the card is let in.
fn log_in(page: &mut Page) {
    page.connected();
    page.act(Action::SessionStarted(Ok(session())));
    let attempt = page.state.card.attempt;
    page.act(Action::ChallengeMade { attempt, answer: Ok(challenge()) });
    page.act(Action::CardWindowOpened { attempt });
    page.act(Action::CardSigned { attempt, token: token(), person_in_charge: String::new() });
    page.act(Action::LoggedIn { attempt, answer: Ok(with_card(Purpose::Bid)) });
}

fn asks_to_finish(page: &Page) -> bool {
    page.asked(|ask| matches!(ask, Ask::EndSignIn(end) if end.id == "id" && !end.give_up))
}

fn leaves_for(page: &Page) -> Option<&str> {
    page.effects.iter().find_map(|effect| match effect {
        Effect::Leave(location) => Some(location.as_str()),
        _ => None,
    })
}

#[test]
fn a_browser_that_a_bidding_system_sent_goes_to_the_card_and_back() {
    let mut page = sent(waiting());
    assert_eq!(page.screen(), "client");
    assert!(page.effects.iter().any(|effect| matches!(effect, Effect::Suggest(_))));
    log_in(&mut page);
    assert!(asks_to_finish(&page));
    let location = "https://bid.example.jp/callback?code=c".to_owned();
    page.act(Action::SignIn(SignInAction::Ended(Ok(Onward { location: location.clone() }))));
    assert_eq!(leaves_for(&page), Some(location.as_str()));
    assert!(page.state.leaving.is_some() && page.state.sign_in.is_none() && page.state.view().is_none());
}

#[test]
fn several_categories_or_ways_are_the_persons_choice() {
    let page = sent(SignIn { categories: vec!["goods".into(), "works".into()], ..waiting() });
    assert_eq!(page.screen(), "select");
    let page = sent(SignIn { ways: vec![Way::Card, Way::Password], ..waiting() });
    assert_eq!(page.screen(), "entry");
}

#[test]
fn another_login_finishes_nothing() {
    let mut page = sent(waiting());
    page.connected();
    page.show_card(Purpose::Change, with_card(Purpose::Change));
    assert!(!asks_to_finish(&page));
    let mut page = Page::open(Route::BidClient { agency: "city".into(), category: "goods".into() }, None);
    let elsewhere = SignIn { agency: "town".into(), ..waiting() };
    page.act(Action::SignIn(SignInAction::Read { fresh: false, answer: Ok(elsewhere) }));
    page.connected();
    page.show_card(Purpose::Bid, with_card(Purpose::Bid));
    assert!(!asks_to_finish(&page));
}

#[test]
fn who_gives_up_goes_back_to_the_bidding_system() {
    let mut page = sent(waiting());
    page.act(Action::SignIn(SignInAction::GiveUp));
    assert!(page.asked(|ask| matches!(ask, Ask::EndSignIn(end) if end.give_up)));
    let location = "https://bid.example.jp/callback?error=access_denied".to_owned();
    page.act(Action::SignIn(SignInAction::Ended(Ok(Onward { location }))));
    assert!(leaves_for(&page).is_some());
}

#[test]
fn a_sign_in_that_is_over_is_told_to_whoever_came_for_it() {
    for fresh in [true, false] {
        let mut page = Page::open(Route::Categories { agency: "city".into() }, Some(session()));
        let answer = Err(ApiErrorCode::NotFound.into());
        page.act(Action::SignIn(SignInAction::Read { fresh, answer }));
        assert_eq!(page.state.notice == Some(Notice::SignInOver), fresh);
        assert!(page.effects.contains(&Effect::ForgetSignIn));
    }
    let mut page = sent(waiting());
    page.act(Action::SignIn(SignInAction::Ended(Err(ApiErrorCode::NotFound.into()))));
    assert_eq!(page.state.notice, Some(Notice::SignInOver));
    log_in(&mut page);
    assert!(!asks_to_finish(&page));
}

#[test]
fn the_end_of_a_sign_in_is_announced_two_minutes_before_and_what_one_does_goes_on() {
    const MINUTE: i64 = 60_000;
    let now = 1_795_241_040_000;
    let mut page = sent(SignIn { expires_unix_ms: now + 60 * MINUTE, ..waiting() });
    page.act(Action::ClockRead(Ok(Reading { unix_ms: now, at_ms: 0.0, computer_ms: 0, round_trip_ms: 0 })));
    let after = |page: &mut Page, minutes: i64| {
        page.act(Action::TimeUp { timer: Timer::Minute, at_ms: (minutes * MINUTE) as f64 });
        page.state.sign_in_minutes_left()
    };
    assert_eq!(after(&mut page, 56), None);
    assert_eq!(after(&mut page, 58), Some(2));
    let words = texts::sign_in::ending_soon(2);
    assert!(words.contains("あと約2分") && words.contains("電子入札システムに戻り"), "{words}");
    let screen = page.screen();
    assert_eq!(after(&mut page, 60), None);
    assert_eq!(page.state.notice, Some(Notice::SignInOver));
    assert!(page.effects.contains(&Effect::ForgetSignIn));
    assert_eq!(page.screen(), screen);
}

#[test]
fn an_answer_that_was_lost_is_asked_for_again() {
    let unavailable = || ApiErrorCode::Unavailable.into();
    let mut page = sent(waiting());
    log_in(&mut page);
    page.act(Action::SignIn(SignInAction::Ended(Err(unavailable()))));
    page.act(Action::Retry);
    assert!(asks_to_finish(&page));

    let mut page = sent(waiting());
    page.act(Action::SignIn(SignInAction::GiveUp));
    page.act(Action::SignIn(SignInAction::Ended(Err(unavailable()))));
    page.act(Action::Retry);
    assert!(page.asked(|ask| matches!(ask, Ask::EndSignIn(end) if end.give_up)));

    let mut page = Page::open(Route::Categories { agency: "city".into() }, None);
    page.act(Action::SignIn(SignInAction::Read { fresh: true, answer: Err(unavailable()) }));
    assert!(!page.effects.contains(&Effect::ForgetSignIn), "it may still wait");
    page.act(Action::Retry);
    assert!(page.effects.contains(&Effect::FindSignIn));
}
