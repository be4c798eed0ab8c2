use touroku_proto::card::Purpose;

use super::*;
use crate::bidder::{effect::Focus, state::Notice};

#[test]
fn a_contractor_registers_a_card_from_the_first_screen_to_the_print() {
    let mut page = Page::open(Route::Agencies, None);
    assert_eq!(page.screen(), "select");
    page.act(Action::Follow(Route::Categories { agency: "city".into() }));
    page.act(Action::Follow(Route::Entry { agency: "city".into(), category: "goods".into() }));
    assert_eq!(page.screen(), "entry");
    page.act(Action::Follow(client()));
    page.connected();
    page.act(Action::OpenMenu);
    page.act(Action::SessionStarted(Ok(session())));
    assert_eq!(page.screen(), "menu");
    page.show_card(Purpose::Register, with_card(Purpose::Register));
    assert_eq!(page.screen(), "search");
    page.act(Action::SearchTyped(SearchField::Number, "990000001".into()));
    page.act(Action::SearchTyped(SearchField::Name, "北東建設株式会社".into()));
    page.act(Action::SearchTyped(SearchField::Password, "secret1".into()));
    page.act(Action::Search);
    page.act(Action::SearchAnswered(Ok(with_company())));
    assert_eq!(page.screen(), "form");
    assert_eq!(page.state.search.text(SearchField::Password), "", "a password is not kept");
    for (field, text) in filled() {
        page.act(Action::Typed(field, text.into()));
    }
    page.act(Action::Confirm);
    let revision = page.saving().unwrap();
    assert_eq!(page.screen(), "form", "the confirmation waits until all is saved");
    page.act(Action::DraftSaved { revision, answer: Ok(()) });
    assert_eq!(page.screen(), "confirm");
    page.act(Action::Register);
    assert_eq!(page.sent_registration().unwrap().submission, "submission-1");
    page.act(Action::Registered(Ok(completed())));
    assert_eq!(page.screen(), "done");
    page.act(Action::Follow(Route::Print));
    page.act(Action::Print);
    assert!(page.effects.contains(&Effect::Print));
}

#[test]
fn each_new_screen_is_read_from_its_heading() {
    let page = Page::at_search();
    assert!(page.effects.contains(&Effect::Focus(Focus::Heading)));
}

#[test]
fn bidding_shows_the_company_without_anything_typed() {
    let mut page = Page::open(Route::BidClient { agency: "city".into(), category: "goods".into() }, None);
    page.connected();
    let company = with_company().company;
    page.show_card(Purpose::Bid, SessionView { company, ..with_card(Purpose::Bid) });
    assert_eq!(page.screen(), "bid");
    assert_eq!(page.state.banner, None);
}

#[test]
fn a_card_that_expires_within_ninety_days_leads_to_its_renewal_and_back() {
    let bidding = |days_left| {
        let mut view = SessionView { company: with_company().company, ..with_card(Purpose::Bid) };
        view.card.as_mut().unwrap().days_left = days_left;
        Page::open(Route::Bid, Some(view))
    };
    assert!(!bidding(91).state.expires_soon());
    let mut page = bidding(90);
    assert!(page.state.expires_soon());
    page.act(Action::Follow(Route::RenewOld));
    assert_eq!(page.screen(), "renew_old");
    page.act(Action::Back);
    assert_eq!(page.screen(), "bid");
}

#[test]
fn a_change_begun_from_bidding_goes_on_in_the_same_session() {
    let company = with_company().company;
    let view = SessionView { company, ..with_card(Purpose::Bid) };
    let mut page = Page::open(Route::Bid, Some(view));
    page.act(Action::ShowCard(Purpose::Change));
    assert!(page.asked(|ask| matches!(ask, Ask::Challenge { .. })));
    page.act(Action::CancelCard);
    assert_eq!((page.screen(), page.error()), ("bid", Some("cancelled")));
}

#[test]
fn choosing_to_bid_asks_for_the_card_as_soon_as_all_is_ready_and_a_reload_does_not() {
    let bidding = Route::BidClient { agency: "city".into(), category: "goods".into() };
    let mut page = Page::open(Route::Entry { agency: "city".into(), category: "goods".into() }, None);
    page.act(Action::Follow(bidding.clone()));
    assert!(!page.asked(|ask| matches!(ask, Ask::StartSession(_))));
    page.connected();
    assert!(page.asked(|ask| matches!(ask, Ask::StartSession(_))));

    let mut page = Page::open(bidding, None);
    page.connected();
    assert!(!page.asked(|ask| matches!(ask, Ask::StartSession(_))));
}

#[test]
fn logging_out_leaves_nothing_for_the_next_person() {
    let mut page = Page::at_filled_form();
    page.act(Action::LogOut);
    page.act(Action::LoggedOut(Ok(())));
    assert_eq!(page.state.route, Some(Route::Categories { agency: "city".into() }));
    assert_eq!(page.state.notice, Some(Notice::LoggedOut));
    assert!(page.state.form.values.0.is_empty());
    assert!(page.state.search.typed.is_empty());
    page.visit(Route::Form);
    assert_eq!(page.screen(), "select");
}

#[test]
fn an_agency_that_is_not_there_is_said_so() {
    let mut page = Page::open(Route::Agencies, None);
    page.state.profiles.clear();
    let effects = page.state.apply(Action::Arrived(Route::Categories { agency: "nowhere".into() }));
    assert!(effects.contains(&Effect::Ask(Ask::Profile("nowhere".into()))));
    let unknown = touroku_proto::api::ApiErrorCode::AgencyUnknown;
    page.act(Action::ProfileLoaded { code: "nowhere".into(), answer: Err(unknown.into()) });
    assert_eq!((page.screen(), page.error()), ("not_found", Some("agency_unknown")));

    page.visit(Route::Entry { agency: "city".into(), category: "no-such".into() });
    assert_eq!((page.screen(), page.error()), ("not_found", Some("category_unknown")));
}
