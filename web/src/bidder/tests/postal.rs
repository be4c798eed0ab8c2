use touroku_proto::{api::PostalMatches, field::Problem};

use super::*;
use crate::bidder::{
    effect::Focus,
    postal::{PostalFound, PostalStep},
    trouble::Trouble,
};

const CODE: FieldId = FieldId::RepresentativeContactPostalCode;
const ADDRESS: FieldId = FieldId::RepresentativeContactAddress;

/// The 郵便番号 is typed, and the address too, and 住所を検索 was pressed.
fn searched(address: &str) -> Page {
    let mut page = Page::at_form();
    page.act(Action::Typed(CODE, "１２３－４５６７".into()));
    page.act(Action::Typed(ADDRESS, address.into()));
    page.act(Action::FindAddress(CODE));
    assert!(page.asked(|ask| *ask == Ask::Postal("1234567".into())));
    page
}

fn answer(page: &mut Page, addresses: &[&str]) {
    let addresses = addresses.iter().map(|&address| address.to_owned()).collect();
    page.act(Action::AddressesFound { digits: "1234567".into(), answer: Ok(PostalMatches { addresses }) });
}

fn found(page: &Page) -> Option<&PostalFound> {
    page.state.form.postal.as_ref().map(|search| &search.found)
}

fn address(page: &Page) -> &str {
    page.state.form.values.text(ADDRESS)
}

#[test]
fn the_only_address_goes_into_an_empty_row_and_the_person_goes_on_there() {
    let mut page = searched("");
    answer(&mut page, &["北東県北東市中央"]);
    assert_eq!(address(&page), "北東県北東市中央");
    assert!(page.effects.contains(&Effect::Focus(Focus::Field(ADDRESS.as_str()))));
    assert!(page.state.form.is_dirty(), "it is saved like anything typed");
}

#[test]
fn an_address_that_stands_there_is_replaced_only_by_a_choice() {
    let mut page = searched("南西県南西市１－１");
    answer(&mut page, &["北東県北東市中央"]);
    assert_eq!(address(&page), "南西県南西市１－１");
    assert!(page.effects.contains(&Effect::Focus(Focus::Addresses)));
    page.act(Action::CloseAddresses);
    assert_eq!((address(&page), found(&page)), ("南西県南西市１－１", None));
    page.act(Action::FindAddress(CODE));
    answer(&mut page, &["北東県北東市中央"]);
    page.act(Action::ChooseAddress(0));
    assert_eq!(address(&page), "北東県北東市中央");
}

#[test]
fn several_addresses_are_chosen_from_by_keyboard() {
    let mut page = searched("");
    answer(&mut page, &["北東県北東市中央", "北東県北東市東町", "北東県北東市西町"]);
    assert_eq!(address(&page), "");
    page.act(Action::StepAddress(PostalStep::Next));
    page.act(Action::StepAddress(PostalStep::Next));
    page.act(Action::StepAddress(PostalStep::Next));
    let Some(PostalFound::Choices { active, .. }) = found(&page) else { panic!("no choices") };
    let active = *active;
    assert_eq!(active, 2);
    page.act(Action::ChooseAddress(active));
    assert_eq!(address(&page), "北東県北東市西町");
    assert_eq!(found(&page), Some(&PostalFound::Filled));
}

#[test]
fn a_street_number_behind_the_chosen_address_stays() {
    let mut page = searched("北東県北東市中央１－２－３");
    answer(&mut page, &["北東県北東市中央"]);
    page.act(Action::ChooseAddress(0));
    assert_eq!(address(&page), "北東県北東市中央１－２－３");
}

#[test]
fn no_match_and_no_answer_are_said_and_stop_nobody() {
    let mut page = searched("");
    page.act(Action::FindAddress(CODE));
    assert!(page.effects.is_empty(), "a second press waits with the first");
    answer(&mut page, &[]);
    assert_eq!(found(&page), Some(&PostalFound::Nothing));
    page.act(Action::FindAddress(CODE));
    page.act(Action::AddressesFound { digits: "1234567".into(), answer: Err(Trouble::Unreachable) });
    assert_eq!((found(&page), page.error()), (Some(&PostalFound::Failed), None));
}

#[test]
fn an_answer_for_a_postal_code_that_changed_meanwhile_is_dropped() {
    let mut page = searched("");
    page.act(Action::Typed(CODE, "765-4321".into()));
    answer(&mut page, &["北東県北東市中央"]);
    assert_eq!((address(&page), found(&page)), ("", None));
}

#[test]
fn what_is_no_postal_code_is_not_asked_for() {
    for (typed, problem) in [("", Problem::Required), ("12-345", Problem::NotPostalCode)] {
        let mut page = Page::at_form();
        page.act(Action::Typed(CODE, typed.into()));
        page.act(Action::FindAddress(CODE));
        assert!(!page.asked(|ask| matches!(ask, Ask::Postal(_))));
        assert_eq!(page.state.form.problems.get(&CODE), Some(&problem));
    }
    let mut page = Page::at_form();
    page.act(Action::FindAddress(FieldId::CompanyPostalCode));
    assert!(page.effects.is_empty(), "a row that is not entered has no address to fill");
}

#[test]
fn a_name_that_was_written_otherwise_shows_which_company_was_matched() {
    let mut page = Page::at_search();
    page.act(Action::SearchTyped(SearchField::Number, "990000001".into()));
    page.act(Action::SearchTyped(SearchField::Name, "（株）北東建設".into()));
    page.act(Action::Search);
    page.act(Action::SearchAnswered(Ok(with_company())));
    assert_eq!(page.state.matched_name(), Some(("（株）北東建設", "北東建設株式会社")));
    assert_eq!(Page::at_form().state.matched_name(), None);
}
