//! 照会 and 番号の通知.

use touroku_proto::officer::{
    company::{
        CompanyDetail, CompanyFilter, FoundCompanies, GrantPermits, GrantedPermits, ListingPart,
        MOST_PERMITS, PermitState, SetPermit, Timeline,
    },
    number::{IssueNumbers, IssuedNumbers, LettersSent, LettersWaiting, NumberLetter, SentLetter},
};

use super::{Banner, Effect, Input, Notice, Trouble, focus_heading, go};
use crate::officer::{
    ask::Ask,
    dialog::Dialog,
    input::{self, Fault, SUSPENSION},
    route::{CompanySearch, Route},
    state::Console,
};

/// The most companies in one request for numbers.
const MAX_NUMBERS: usize = 500;

impl Console {
    pub(super) fn search_companies(&mut self) -> Vec<Effect> {
        let Some(Route::Companies(shown)) = &self.route else { return Vec::new() };
        let search = CompanySearch { query: self.text(Input::Query).trim().to_owned(), filter: shown.filter };
        self.look_for(search)
    }

    pub(super) fn pick_filter(&mut self, filter: CompanyFilter) -> Vec<Effect> {
        let search = CompanySearch { query: self.text(Input::Query).trim().to_owned(), filter };
        self.look_for(search)
    }

    fn look_for(&mut self, search: CompanySearch) -> Vec<Effect> {
        let route = Route::Companies(search);
        // The same again: somebody may have changed something.
        if self.route.as_ref() == Some(&route) { self.show() } else { vec![go(route)] }
    }

    pub(super) fn companies_read(
        &mut self,
        search: CompanySearch,
        after: Option<String>,
        page: FoundCompanies,
    ) -> Vec<Effect> {
        if self.route != Some(Route::Companies(search)) {
            return Vec::new();
        }
        match (after, &mut self.companies) {
            (Some(after), Some(found)) if found.next.as_ref() == Some(&after) => {
                // What was found before the index had it is found in the index again.
                let mut new = page.companies;
                new.retain(|one| !found.companies.iter().any(|shown| shown.number == one.number));
                let nothing_new = new.is_empty();
                found.companies.extend(new);
                found.next = page.next;
                found.indexing |= page.indexing;
                if nothing_new {
                    return self.more();
                }
            }
            (Some(_), _) => {}
            (None, found) => *found = Some(page),
        }
        Vec::new()
    }

    pub(super) fn earlier_read(&mut self, number: &str, after: &str, earlier: Timeline) -> Vec<Effect> {
        if let Some(company) = self.company.as_mut().filter(|company| company.number == number)
            && company.timeline.next.as_deref() == Some(after)
        {
            company.timeline.extend(earlier);
            // The button is gone.
            if company.timeline.next.is_none() {
                return vec![Effect::Focus("timeline".to_owned())];
            }
        }
        Vec::new()
    }

    pub(super) fn suspended(&mut self, notice: Notice, company: CompanyDetail) -> Vec<Effect> {
        SUSPENSION.iter().for_each(|input| drop(self.texts.remove(input)));
        if matches!(&self.route, Some(Route::Company { number }) if *number == company.number) {
            self.company = Some(company);
            return self.say(notice);
        }
        Vec::new()
    }

    pub(super) fn set_permit(&mut self, state: Option<PermitState>) -> Vec<Effect> {
        let Some(company) = &self.company else { return Vec::new() };
        let (number, seen) = (company.number.clone(), company.permit.as_ref().map(|permit| permit.state));
        self.ask(Ask::SetPermit { number, body: SetPermit { seen, state } })
    }

    /// The companies shown that are permitted together: as many as one request may name.
    pub fn to_permit(&self) -> Vec<String> {
        let shown = self.companies.iter().flat_map(|found| &found.companies);
        shown.map(|company| company.number.clone()).take(MOST_PERMITS).collect()
    }

    pub(super) fn grant_permits(&mut self) -> Vec<Effect> {
        let companies = self.to_permit();
        self.ask(Ask::GrantPermits(GrantPermits { companies }))
    }

    pub(super) fn permits_granted(&mut self, done: &GrantedPermits) -> Vec<Effect> {
        // Those that were permitted leave the list.
        let mut effects = match &self.route {
            Some(Route::Companies(_)) => self.show(),
            _ => Vec::new(),
        };
        let notice = if done.left == 0 { Notice::PermitsGranted } else { Notice::PermitsLeft };
        effects.extend(self.say(notice));
        effects
    }

    /// Whether a category asks for 利用申請書.
    pub fn asks_permits(&self) -> bool {
        self.profile.as_ref().is_some_and(|profile| profile.categories.iter().any(|it| it.permit))
    }

    pub(super) fn mail_done(&mut self, give_up: bool, company: CompanyDetail) -> Vec<Effect> {
        if matches!(&self.route, Some(Route::Company { number }) if *number == company.number) {
            self.company = Some(company);
            return self.say(if give_up { Notice::MailGivenUp } else { Notice::MailSentAgain });
        }
        Vec::new()
    }

    /// Somebody else was faster: shows the current state; what was typed is kept.
    pub(super) fn was_stale(&mut self, trouble: Trouble) -> Vec<Effect> {
        self.notice = None;
        self.banner = Some(Banner { trouble, retry: None });
        let mut effects = self.show();
        effects.push(Effect::Focus("banner".to_owned()));
        effects
    }

    /// 番号の通知: checks the list first, then asks.
    pub(super) fn offer_issue(&mut self) -> Vec<Effect> {
        if self.numbers.chosen {
            let count = input::numbers(self.text(Input::Numbers)).len();
            if count == 0 || count > MAX_NUMBERS {
                let fault = if count == 0 { Fault::Missing } else { Fault::TooMany(MAX_NUMBERS) };
                self.fault(Input::Numbers, fault);
                return vec![Effect::Focus("summary".to_owned())];
            }
        }
        // A letter that only tells 業者番号 voids nothing. Before the profile is there, nobody knows which it is.
        let is_plain = self.profile.as_ref().is_some_and(|profile| !profile.search.number_issued);
        if is_plain { self.issue() } else { self.offer(Dialog::Issue) }
    }

    pub(super) fn issue(&mut self) -> Vec<Effect> {
        let companies = match self.numbers.chosen {
            true => input::numbers(self.text(Input::Numbers)),
            false => Vec::new(),
        };
        self.ask(Ask::Issue(IssueNumbers { companies, by_mail: self.numbers.by_mail }))
    }

    pub(super) fn numbers_issued(&mut self, issued: IssuedNumbers) -> Vec<Effect> {
        (self.numbers.issued, self.numbers.opened) = (Some(issued), false);
        self.texts.remove(&Input::Numbers);
        self.banner = None;
        let mut effects = Vec::new();
        if self.route != Some(Route::Numbers) {
            effects.push(go(Route::Numbers));
        }
        effects.push(Effect::Focus("letters".to_owned()));
        effects
    }

    pub(super) fn letters_opened(&mut self, letters: IssuedNumbers) -> Vec<Effect> {
        if self.route != Some(Route::Numbers) {
            return Vec::new();
        }
        (self.numbers.issued, self.numbers.opened) = (Some(letters), true);
        self.banner = None;
        self.notice = None;
        vec![Effect::Focus("letters".to_owned())]
    }

    /// They stay on the server until they are confirmed as sent.
    pub(super) fn close_letters(&mut self) -> Vec<Effect> {
        self.numbers.issued = None;
        self.notice = None;
        let mut effects = self.show();
        effects.push(focus_heading());
        effects
    }

    pub(super) fn send_letters(&mut self) -> Vec<Effect> {
        let Some(issued) = &self.numbers.issued else { return Vec::new() };
        let sent = |letter: &NumberLetter| SentLetter {
            company: letter.company.clone(),
            issued_unix_ms: letter.issued_unix_ms,
        };
        let letters = issued.letters.iter().map(sent).collect();
        self.ask(Ask::LettersSent(LettersSent { letters }))
    }

    pub(super) fn letters_sent(&mut self, waiting: LettersWaiting) -> Vec<Effect> {
        self.numbers.waiting = waiting.letters;
        self.numbers.issued = None;
        self.banner = None;
        self.notice = Some(Notice::LettersSent);
        vec![focus_heading()]
    }
}

/// The most companies of 業者番号一覧 that a page shows: some 400 sheets of paper.
const MOST_LISTED: usize = 20_000;

impl Console {
    /// One part after the other.
    pub(super) fn listing_read(&mut self, after: Option<String>, part: ListingPart) -> Vec<Effect> {
        if self.route != Some(Route::Listing) {
            return Vec::new();
        }
        let listing = match (&mut self.listing, after) {
            (listing, None) => listing.insert(part),
            // Otherwise the screen was opened anew meanwhile.
            (Some(listing), after) if listing.next == after => {
                listing.rows.extend(part.rows);
                listing.next = part.next;
                listing
            }
            _ => return Vec::new(),
        };
        let next = listing.next.clone().filter(|_| listing.rows.len() < MOST_LISTED);
        next.map_or_else(Vec::new, |next| self.ask(Ask::Listing { after: Some(next) }))
    }
}
