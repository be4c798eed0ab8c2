use touroku_proto::{
    api::{ApiErrorCode, CompanyPage, ListedCompany},
    endpoint::bidder::CompanyQuery,
};

use super::*;
use crate::bidder::{listing::ListingAction, trouble::Trouble};

fn list() -> Route {
    Route::Companies { agency: "city".into() }
}

fn listed(numbers: &[&str], next: Option<&str>) -> CompanyPage {
    let company = |number: &&str| ListedCompany {
        number: (*number).into(),
        name: format!("会社{number}"),
        kana: "カイシャ".into(),
        not_found: None,
    };
    CompanyPage {
        companies: numbers.iter().map(company).collect(),
        next: next.map(Into::into),
        total: Some(3),
    }
}

fn act(page: &mut Page, action: ListingAction) {
    page.act(Action::Listing(action));
}

fn read(page: &mut Page, answer: Result<CompanyPage, Trouble>) {
    let attempt = page.state.listing.attempt;
    act(page, ListingAction::Read { attempt, answer });
}

fn asked(page: &Page) -> Option<&CompanyQuery> {
    page.effects.iter().find_map(|effect| match effect {
        Effect::Ask(Ask::Companies { query, .. }) => Some(query),
        _ => None,
    })
}

fn numbers(page: &Page) -> Vec<&str> {
    page.state.listing.companies.iter().map(|company| company.number.as_str()).collect()
}

#[test]
fn the_list_is_read_when_its_screen_opens_and_pages_turn_both_ways() {
    let mut page = Page::open(list(), None);
    assert_eq!(page.screen(), "companies");
    // The profile had to arrive first; the list was requested right after it.
    page.visit(Route::Agencies);
    page.visit(list());
    assert!(page.asked(|ask| matches!(ask, Ask::Companies { agency, .. } if agency == "city")));
    assert_eq!(asked(&page).map(|query| query.after.clone()), Some(None));
    read(&mut page, Ok(listed(&["1", "2"], Some("2"))));
    assert!(!page.state.listing.has_previous() && page.state.listing.has_next());
    act(&mut page, ListingAction::Next);
    assert_eq!(asked(&page).and_then(|query| query.after.as_deref()), Some("2"));
    read(&mut page, Ok(listed(&["3"], None)));
    assert_eq!((numbers(&page), page.state.listing.before()), (vec!["3"], 2));
    act(&mut page, ListingAction::Next);
    assert!(asked(&page).is_none(), "there is no page behind the last");
    act(&mut page, ListingAction::Previous);
    assert_eq!(asked(&page).map(|query| query.after.clone()), Some(None));
}

#[test]
fn where_the_server_has_found_nobody_so_far_the_page_asks_on_by_itself() {
    let mut page = Page::open(list(), None);
    act(&mut page, ListingAction::Search);
    read(&mut page, Ok(listed(&[], Some("on"))));
    assert_eq!(asked(&page).and_then(|query| query.after.as_deref()), Some("on"));
    assert!(page.state.listing.busy && !page.state.listing.has_previous());
    read(&mut page, Ok(listed(&["7"], None)));
    assert_eq!((numbers(&page), page.state.listing.before()), (vec!["7"], 0));
    read(&mut page, Ok(listed(&[], None)));
    assert!(asked(&page).is_none(), "nobody at all");
}

#[test]
fn a_row_and_a_search_each_begin_anew() {
    let mut page = Page::open(list(), None);
    read(&mut page, Ok(listed(&["1", "2"], Some("2"))));
    act(&mut page, ListingAction::Next);
    act(&mut page, ListingAction::Row(Some("か")));
    assert_eq!(
        asked(&page).map(|query| (query.row.as_deref(), query.after.clone())),
        Some((Some("か"), None))
    );
    act(&mut page, ListingAction::Typed("　北東 ".into()));
    act(&mut page, ListingAction::Search);
    assert_eq!(
        asked(&page).map(|query| (query.row.as_deref(), query.query.as_deref())),
        Some((None, Some("北東")))
    );
    assert_eq!(page.state.listing.before(), 0);
}

#[test]
fn an_answer_to_an_earlier_request_is_not_taken_for_this_ones() {
    let mut page = Page::open(list(), None);
    let attempt = page.state.listing.attempt;
    act(&mut page, ListingAction::Row(Some("か")));
    act(&mut page, ListingAction::Read { attempt, answer: Ok(listed(&["1"], None)) });
    assert!(page.state.listing.busy && numbers(&page).is_empty());
}

#[test]
fn a_number_is_taken_into_the_search_where_one_waits_and_copied_elsewhere() {
    let mut page = Page::at_search();
    page.act(Action::Follow(list()));
    read(&mut page, Ok(listed(&["990000001"], None)));
    assert!(page.state.may_pick());
    let category = page.state.view().map(|view| view.category.clone());
    assert!(category.is_some());
    page.act(Action::Listing(ListingAction::Search));
    assert_eq!(
        asked(&page).map(|query| query.category.clone()),
        Some(category),
        "what the search would find"
    );
    let picked = page.state.listing.companies[0].clone();
    act(&mut page, ListingAction::Pick(picked.clone()));
    assert_eq!(page.screen(), "search");
    assert_eq!(page.state.search.text(SearchField::Number), "990000001");
    assert_eq!(page.state.search.text(SearchField::Name), picked.name);

    let mut page = Page::open(list(), None);
    read(&mut page, Ok(listed(&["990000001"], None)));
    assert!(!page.state.may_pick());
    page.act(Action::Listing(ListingAction::Search));
    assert_eq!(asked(&page).map(|query| query.category.clone()), Some(None));
    act(&mut page, ListingAction::Pick(picked));
    assert_eq!(page.screen(), "companies");
    act(&mut page, ListingAction::Copy("990000001".into()));
    assert!(page.effects.contains(&Effect::Copy("990000001".into())));
}

#[test]
fn a_list_that_does_not_come_can_be_asked_for_again() {
    let mut page = Page::open(list(), None);
    read(&mut page, Err(Trouble::Unreachable));
    assert_eq!(page.error(), Some("unreachable"));
    page.act(Action::Retry);
    assert!(asked(&page).is_some());
}

#[test]
fn where_numbers_are_no_list_there_is_no_such_page() {
    let mut page = Page::open(Route::Agencies, None);
    let mut secret = profile();
    secret.search.number_list = false;
    page.state.profiles.insert("city".into(), Rc::new(secret));
    page.visit(list());
    assert_eq!((page.screen(), page.error()), ("not_found", Some(ApiErrorCode::NotFound.as_str())));
    assert!(asked(&page).is_none());
}
