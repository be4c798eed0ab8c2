//! Finds companies by an officer's search words and filter.

use std::sync::Arc;

use touroku_proto::{
    agency::AgencyProfile,
    api::ApiErrorCode,
    kana,
    officer::company::{CompanyFilter, FoundCompanies},
    text,
};

use super::index;
use crate::{
    app::App,
    error::Error,
    officer::Acting,
    store::{LookupWords, Reader},
};

const PAGE: usize = 50;

/// The longest query, in characters.
const MAX_QUERY: usize = 100;

/// A page of the companies that pass the filter and match the words, after the position returned with the
/// previous page.
///
/// # Errors
/// `bad_request` for a query that is too long, or an invalid position.
pub async fn companies(
    app: &Arc<App>,
    acting: Acting,
    query: &str,
    filter: CompanyFilter,
    after: &str,
) -> Result<FoundCompanies, Error> {
    let words = words(app.agencies.profile(acting.agency())?, query)?;
    let after = Place::read(after).ok_or(ApiErrorCode::BadRequest)?;
    index::before_filter(app, filter).await?;
    let now = app.outside.now();
    app.store
        .scan(move |reader| {
            let search = Search { agency: acting.agency(), filter, words: words.as_ref(), now };
            let (numbers, next) = search.page(reader, after, PAGE)?;
            let mut companies = Vec::new();
            for number in numbers {
                companies.extend(reader.found_company(acting.agency(), &number, now)?);
            }
            let by_name =
                words.as_ref().is_some_and(|words| !words.name.is_empty() || !words.kana.is_empty());
            let indexing = by_name && reader.is_indexing(acting.agency())?;
            Ok(FoundCompanies { companies, next: next.map(|place| place.write()), indexing })
        })
        .await
}

/// The query in each of its possible meanings; `None`: empty.
///
/// # Errors
/// `bad_request` when it is too long, or has a character that no name has.
pub(super) fn words(profile: &AgencyProfile, query: &str) -> Result<Option<LookupWords>, Error> {
    if query.chars().count() > MAX_QUERY || query.chars().any(text::is_forbidden) {
        return Err(ApiErrorCode::BadRequest.into());
    }
    let query = query.trim();
    Ok((!query.is_empty()).then(|| meanings(profile, query)))
}

fn meanings(profile: &AgencyProfile, query: &str) -> LookupWords {
    if query.contains(['@', '＠']) {
        let email = text::to_half_width(query).to_ascii_lowercase();
        return LookupWords { email, ..LookupWords::default() };
    }
    let mut words =
        LookupWords { name: text::fold_name(query), kana: kana::fold(query), ..LookupWords::default() };
    let narrow = text::to_half_width(query);
    if narrow.bytes().all(|b| b.is_ascii_graphic()) {
        words.number = profile.search.roster_number(&narrow);
        words.number_start.clone_from(&narrow);
        words.phone = phone(&narrow);
        words.identifier = narrow;
    }
    words.person = query.chars().filter(|c| !c.is_whitespace()).collect();
    words
}

/// The digits of a phone number, however it is written; empty: it is none.
fn phone(narrow: &str) -> String {
    let digits: String = narrow.chars().filter(char::is_ascii_digit).collect();
    let is_phone =
        narrow.starts_with(['0', '(']) && narrow.chars().all(|c| c.is_ascii_digit() || "-()".contains(c));
    if is_phone && (10..=11).contains(&digits.len()) { digits } else { String::new() }
}

/// Where the next page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// After this number.
    Number(String),
    /// After this position in the name index.
    Name(i64),
}

impl Place {
    pub(super) fn beginning() -> Self {
        Self::Number(String::new())
    }

    fn read(text: &str) -> Option<Self> {
        if text.is_empty() {
            return Some(Self::beginning());
        }
        let (kind, rest) = text.split_once('.')?;
        match kind {
            "number" => Some(Self::Number(rest.to_owned())),
            "name" => rest.parse().ok().map(Self::Name),
            _ => None,
        }
    }

    fn write(&self) -> String {
        match self {
            Self::Number(number) => format!("number.{number}"),
            Self::Name(place) => format!("name.{place}"),
        }
    }
}

pub(super) struct Search<'a> {
    pub(super) agency: &'a str,
    pub(super) filter: CompanyFilter,
    /// `None`: everything the filter selects.
    pub(super) words: Option<&'a LookupWords>,
    /// Unix milliseconds.
    pub(super) now: i64,
}

impl Search<'_> {
    /// The numbers on a page, and where the next one begins, if there is one.
    pub(super) fn page(
        &self,
        reader: &Reader<'_>,
        after: Place,
        most: usize,
    ) -> Result<(Vec<String>, Option<Place>), Error> {
        let Self { agency, filter, words, now } = *self;
        let (mut numbers, words) = match (after, words) {
            (Place::Name(after), Some(words)) => return self.names(reader, words, Vec::new(), (after, most)),
            (Place::Name(_), None) => return Err(ApiErrorCode::BadRequest.into()),
            (Place::Number(after), None) => {
                (reader.filtered_numbers(agency, filter, (&after, most + 1), now)?, None)
            }
            (Place::Number(after), Some(words)) => {
                let page = (after.as_str(), most + 1);
                let few = match filter {
                    CompanyFilter::All => None,
                    _ => reader.few_numbers(agency, filter, words, page, now)?,
                };
                match few {
                    Some(numbers) => (numbers, None),
                    None => (reader.named_numbers(agency, filter, words, page, now)?, Some(words)),
                }
            }
        };
        if numbers.len() > most {
            numbers.truncate(most);
            let next = numbers.last().cloned().map(Place::Number);
            return Ok((numbers, next));
        }
        match words {
            Some(words) => self.names(reader, words, numbers, (0, most)),
            None => Ok((numbers, None)),
        }
    }

    /// Fills a page with companies found in the name index.
    fn names(
        &self,
        reader: &Reader<'_>,
        words: &LookupWords,
        mut numbers: Vec<String>,
        (after, most): (i64, usize),
    ) -> Result<(Vec<String>, Option<Place>), Error> {
        let mut after = after;
        loop {
            let room = most - numbers.len();
            let found = reader.names_after(self.agency, self.filter, words, (after, room + 1), self.now)?;
            let more = found.len() > room;
            for (place, number) in found.into_iter().take(room) {
                after = place;
                // Those found by their number came before.
                let start = words.number_start.as_str();
                let known = number == words.number || !start.is_empty() && number.starts_with(start);
                if !known && !numbers.contains(&number) {
                    numbers.push(number);
                }
            }
            if !more {
                return Ok((numbers, None));
            }
            if numbers.len() == most {
                return Ok((numbers, Some(Place::Name(after))));
            }
        }
    }
}
