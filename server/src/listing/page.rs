//! A page of the list.

use std::{sync::Arc, time::Instant};

use touroku_proto::{
    api::{ApiErrorCode, CompanyPage, NotFound},
    endpoint::bidder::CompanyQuery,
    kana,
    officer::company::Validity,
    text,
};

use super::key;
use crate::{
    app::App,
    error::Error,
    http::limits::Address,
    store::{ListingPlace, ListingQuery, Reader, RosterRow},
};

/// Companies on a page.
const PAGE: usize = 50;

/// How many hits of a search are counted; nobody reads more.
const MAX_COUNTED: u32 = 1000;

/// The longest query, in characters.
const MAX_QUERY: usize = 100;

/// A page of the agency's 業者番号一覧: companies of a 行, or all, whose name or kana contains `query` or whose
/// number begins with it, after [`CompanyPage::next`] of the page before. With a category, whether its search finds them now.
///
/// # Errors
/// `rate_limited` for an address whose searches took long, or that has some already; `not_found` where the agency publishes no list, exactly
/// as for a path that does not exist.
pub async fn page(
    app: &Arc<App>,
    address: Address,
    agency: &str,
    CompanyQuery { row, query, after, category }: CompanyQuery,
) -> Result<CompanyPage, Error> {
    let (row, query) = (row.unwrap_or_default(), query.unwrap_or_default());
    let published = app.agencies.profile(agency).is_ok_and(|profile| profile.search.number_list);
    if !published {
        return Err(ApiErrorCode::NotFound.into());
    }
    // A character that no name has would leave words that every name has, and the whole list to be read.
    if query.chars().count() > MAX_QUERY || query.chars().any(text::is_forbidden) {
        return Err(ApiErrorCode::BadRequest.into());
    }
    let bad = Error::Refused(ApiErrorCode::BadRequest);
    let rows = if row.is_empty() { (0, u8::MAX) } else { key::rows(&row).ok_or(bad)? };
    let query = query.trim();
    let wanted = ListingQuery {
        rows,
        name: text::fold_name(query),
        kana: kana::fold(query),
        number: text::to_half_width(query),
    };
    let (agency, after) = (agency.to_owned(), after.unwrap_or_default());
    app.governor.admit_list(address)?;
    let (is_search, shared) = (!wanted.is_all(), Arc::clone(app));
    let searching = is_search.then(|| app.governor.admit_search(address)).transpose()?;
    let read = move |reader: &Reader<'_>| {
        let began = Instant::now();
        let place = match after.as_str() {
            "" => ListingPlace::default(),
            after => ListingPlace::read(after)
                .map_or_else(|| reader.listing_place(&agency, after), |place| Ok(Some(place)))?
                .ok_or(ApiErrorCode::BadRequest)?,
        };
        let few = if is_search { reader.few_listed(&agency, &wanted)? } else { None };
        let (mut companies, total, walked) = match few {
            Some(hits) => {
                let total = u64::try_from(hits.len()).ok().filter(|&all| all <= u64::from(MAX_COUNTED));
                let rest = hits.into_iter().filter(|(at, _)| *at > place).map(|(_, company)| company);
                (rest.take(PAGE + 1).collect::<Vec<_>>(), total, None)
            }
            None => {
                let most = u32::try_from(PAGE + 1).unwrap_or(u32::MAX);
                let (companies, walked) = reader.listed(&agency, &wanted, &place, most)?;
                // A single page has counted them already. If there are many, a walk through all of them is not
                // worth it.
                let total = match (after.is_empty() && walked.is_none(), companies.len()) {
                    (true, all @ ..=PAGE) => u64::try_from(all).ok(),
                    _ if is_search => None,
                    _ => Some(reader.listed_total(&agency, wanted.rows)?),
                };
                (companies, total, walked)
            }
        };
        let more = companies.len() > PAGE;
        companies.truncate(PAGE);
        let now = shared.outside.now();
        for company in &mut companies {
            let Some(row) = reader.roster_row(&agency, &company.number)? else { continue };
            // With a 委任先, as 企業情報 and the search name it.
            company.name.clone_from(&row.dealing().name);
            company.not_found = category.as_ref().and_then(|category| why_not_found(&row, category, now));
        }
        let next = match companies.last() {
            Some(last) if more => Some(last.number.clone()),
            _ => walked.map(|place| place.write()).transpose()?,
        };
        // Here, so that whoever hangs up pays as well.
        shared.governor.charge_list(address, began.elapsed());
        drop(searching);
        Ok(CompanyPage { companies, next, total })
    };
    if is_search { app.store.scan(read).await } else { app.store.read(read).await }
}

/// As the search decides.
fn why_not_found(row: &RosterRow, category: &str, now: i64) -> Option<NotFound> {
    if !row.is_qualified_for(category) {
        return Some(NotFound::OtherCategory);
    }
    match row.validity(now) {
        Validity::Valid => None,
        Validity::NotYet { from } => Some(NotFound::Before { from }),
        Validity::Expired { until } => Some(NotFound::After { until }),
    }
}
