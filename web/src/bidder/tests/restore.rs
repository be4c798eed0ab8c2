use super::*;
use crate::bidder::state::Notice;

fn draft() -> Option<Values> {
    Some(values(&filled()))
}

#[test]
fn a_reload_comes_back_to_the_same_screen() {
    let with_draft = || SessionView { draft: draft(), ..with_company() };
    for (route, view, screen) in [
        (Route::Menu, session(), "menu"),
        (Route::Search, with_card(Purpose::Register), "search"),
        (Route::Form, with_draft(), "form"),
        (Route::Confirm, with_draft(), "confirm"),
        (Route::Done, completed(), "done"),
        (Route::Print, completed(), "print"),
        (Route::Bid, with_card(Purpose::Bid), "bid"),
    ] {
        let page = Page::open(route, Some(view));
        assert_eq!(page.screen(), screen);
        assert_eq!(page.addresses.len(), 1, "{screen}: no detour");
    }
}

#[test]
fn a_screen_that_was_not_reached_leads_to_the_furthest_one() {
    for (route, view, screen) in [
        (Route::Search, session(), "menu"),
        (Route::Form, with_card(Purpose::Register), "search"),
        (Route::Confirm, with_company(), "form"),
        (Route::Done, with_company(), "form"),
        (Route::Print, with_card(Purpose::Register), "search"),
        (Route::Form, completed(), "done"),
        (Route::Bid, with_company(), "form"),
        (Route::Form, with_card(Purpose::Bid), "bid"),
    ] {
        let page = Page::open(route.clone(), Some(view));
        assert_eq!(page.screen(), screen, "{}", route.screen());
    }
}

#[test]
fn without_a_session_every_later_address_leads_to_the_beginning_and_says_why() {
    for route in [Route::Menu, Route::Form, Route::Confirm, Route::Done, Route::Bid] {
        let page = Page::open(route, None);
        assert_eq!((page.screen(), page.error()), ("select", Some("session_missing")));
    }
}

#[test]
fn a_reload_brings_the_draft_back_and_says_so() {
    let page = Page::open(Route::Form, Some(SessionView { draft: draft(), ..with_company() }));
    assert_eq!(page.state.form.values.text(FieldId::CardContactName), "営業部");
    assert_eq!(page.state.form.values.text(FieldId::CompanyName), "北東建設株式会社");
    assert_eq!(page.state.notice, Some(Notice::Restored));
}

#[test]
fn a_tab_that_restores_nothing_says_nothing() {
    let with_draft = || SessionView { draft: draft(), ..with_company() };
    for (route, view) in [
        (Route::Agencies, with_draft()),
        (Route::Menu, with_draft()),
        (Route::Form, SessionView { draft: Some(with_company().company.unwrap().values), ..with_company() }),
    ] {
        assert_eq!(Page::open(route, Some(view)).state.notice, None);
    }
}

#[test]
fn a_reloaded_confirmation_can_register() {
    let mut page = Page::open(Route::Confirm, Some(SessionView { draft: draft(), ..with_company() }));
    page.act(Action::Register);
    assert_eq!(page.sent_registration().unwrap().values.text(FieldId::CardContactName), "営業部");
}

#[test]
fn the_browsers_back_and_forward_buttons_lose_nothing() {
    let mut page = Page::at_filled_form();
    page.visit(Route::Search);
    page.visit(Route::Menu);
    page.visit(Route::Search);
    assert_eq!(page.state.search.text(SearchField::Number), "990000001");
    page.visit(Route::Form);
    assert_eq!(page.state.form.values.text(FieldId::CardContactName), "営業部");
    // Searching for the same company again keeps the form; another one clears it.
    page.visit(Route::Search);
    page.act(Action::Search);
    page.act(Action::SearchAnswered(Ok(with_company())));
    assert_eq!(page.state.form.values.text(FieldId::CardContactName), "営業部");
    let mut other = with_company();
    other.company.as_mut().unwrap().values.set(FieldId::CompanyNumber, "990000002");
    page.visit(Route::Search);
    page.act(Action::Search);
    page.act(Action::SearchAnswered(Ok(other)));
    assert_eq!(page.state.form.values.text(FieldId::CardContactName), "");
}

#[test]
fn a_draft_of_a_row_that_is_not_entered_is_not_believed() {
    let mut draft = values(&filled());
    draft.set(FieldId::CompanyName, "別の会社");
    let page = Page::open(Route::Form, Some(SessionView { draft: Some(draft), ..with_company() }));
    assert_eq!(page.state.form.values.text(FieldId::CompanyName), "北東建設株式会社");
}
