//! 業者番号一覧.

use super::go;
use crate::bidder::{
    effect::{Ask, Effect, Focus},
    listing::{Listing, ListingAction},
    route::Route,
    search::SearchField,
    state::State,
    trouble::Retry,
};

impl State {
    pub(super) fn listing_acted(&mut self, action: ListingAction) -> Vec<Effect> {
        if !matches!(action, ListingAction::Read { .. }) {
            self.banner = None;
            self.notice = None;
        }
        match action {
            ListingAction::Row(row) => {
                self.listing.row = row;
                self.listing.typed = String::new();
                self.listing.query = String::new();
                self.list_from_the_beginning()
            }
            ListingAction::Typed(text) => {
                self.listing.typed = text;
                Vec::new()
            }
            ListingAction::Search => {
                self.listing.row = None;
                self.listing.query = self.listing.typed.trim().to_owned();
                self.list_from_the_beginning()
            }
            ListingAction::Next => match self.listing.next.take() {
                Some(next) if !self.listing.busy => {
                    let before = self.listing.before() + self.listing.companies.len();
                    self.listing.pages.push((Some(next), before));
                    self.list()
                }
                next => {
                    self.listing.next = next;
                    Vec::new()
                }
            },
            ListingAction::Previous if self.listing.has_previous() && !self.listing.busy => {
                self.listing.pages.pop();
                self.list()
            }
            ListingAction::Previous => Vec::new(),
            ListingAction::Read { attempt, answer } => {
                if attempt != self.listing.attempt {
                    return Vec::new();
                }
                self.listing.busy = false;
                match answer {
                    // The server has looked at a part of the list only, and found nobody there.
                    Ok(page) if page.companies.is_empty() && page.next.is_some() => {
                        if let Some((begin, _)) = self.listing.pages.last_mut() {
                            *begin = page.next;
                        }
                        self.list()
                    }
                    Ok(page) => {
                        self.listing.companies = page.companies;
                        self.listing.next = page.next;
                        self.listing.total = page.total;
                        self.listing.read = true;
                        // Another page is read from its beginning.
                        let turned = self.listing.pages.len() > 1;
                        turned.then_some(Effect::Focus(Focus::Field("companies"))).into_iter().collect()
                    }
                    Err(trouble) => self.fail(trouble, Retry::Listing),
                }
            }
            ListingAction::Pick(company) => {
                if !self.may_pick() {
                    return Vec::new();
                }
                self.search = Default::default();
                self.search.typed.insert(SearchField::Number, company.number);
                self.search.typed.insert(SearchField::Name, company.name);
                vec![go(Route::Search)]
            }
            ListingAction::Copy(number) => vec![Effect::Copy(number)],
        }
    }

    /// The list is fetched from its beginning when its screen is opened.
    pub(super) fn listing_shown(&mut self, route: &Route) -> Vec<Effect> {
        let Route::Companies { agency } = route else { return Vec::new() };
        // A request still in progress belongs to the previous state of the screen.
        let attempt = self.listing.attempt;
        if self.listing.agency != *agency {
            self.listing = Listing { agency: agency.clone(), attempt, ..Listing::default() };
        }
        self.list_from_the_beginning()
    }

    /// Whether a number from the list can be used in the search directly.
    pub fn may_pick(&self) -> bool {
        let here = self.view().is_some_and(|view| view.agency == self.listing.agency);
        here && !self.lost && self.may_show(&Route::Search)
    }

    fn list_from_the_beginning(&mut self) -> Vec<Effect> {
        self.listing.pages = vec![(None, 0)];
        self.listing.next = None;
        self.list()
    }

    pub(super) fn list(&mut self) -> Vec<Effect> {
        self.listing.attempt += 1;
        self.listing.busy = true;
        let category = self.view().filter(|_| self.may_pick()).map(|view| view.category.clone());
        let (attempt, query) = (self.listing.attempt, self.listing.request(category));
        let agency = self.listing.agency.clone();
        vec![Effect::Ask(Ask::Companies { attempt, agency, query })]
    }
}
