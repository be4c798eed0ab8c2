//! A page of the list.

use std::sync::Arc;

use touroku_proto::{
    api::{ApiErrorCode, CompanyPage},
    text,
};

use super::key::{self, fold_kana};
use crate::{
    app::App,
    error::Error,
    store::{ListingPlace, ListingQuery},
};

/// Companies on a page.
const PAGE: usize = 50;

/// Hits of a search that are counted; who finds more will not read them all.
const MAX_COUNTED: u32 = 1000;

/// The longest query, in characters.
const MAX_QUERY: usize = 100;

/// A page of the agency's 業者番号一覧: companies of a 行, or all, whose name or kana holds `query` or whose
/// number begins with it, after the one with the number `after`.
///
/// # Errors
/// `not_found` where the agency publishes no list, exactly as for an address that does not exist.
pub async fn page(
    app: &Arc<App>,
    agency: &str,
    row: &str,
    query: &str,
    after: &str,
) -> Result<CompanyPage, Error> {
    let published = app.agencies.profile(agency).is_ok_and(|profile| profile.search.number_list);
    if !published {
        return Err(ApiErrorCode::NotFound.into());
    }
    if query.chars().count() > MAX_QUERY {
        return Err(ApiErrorCode::BadRequest.into());
    }
    let bad = Error::Refused(ApiErrorCode::BadRequest);
    let rows = if row.is_empty() { (0, u8::MAX) } else { key::rows(row).ok_or(bad)? };
    let query = query.trim();
    let wanted = ListingQuery {
        rows,
        name: text::fold_name(query),
        kana: fold_kana(query),
        number: text::to_half_width(query),
    };
    let (agency, after) = (agency.to_owned(), after.to_owned());
    app.store
        .read(move |reader| {
            let place = match after.as_str() {
                "" => ListingPlace::default(),
                number => reader.listing_place(&agency, number)?.ok_or(ApiErrorCode::BadRequest)?,
            };
            let most = u32::try_from(PAGE + 1).unwrap_or(u32::MAX);
            let mut companies = reader.listed(&agency, &wanted, &place, most)?;
            // The only page has counted already.
            let total = match (after.is_empty(), companies.len()) {
                (true, all @ ..=PAGE) => u64::try_from(all).ok(),
                _ => reader.listed_total(&agency, &wanted, MAX_COUNTED)?,
            };
            let more = companies.len() > PAGE;
            companies.truncate(PAGE);
            let next = companies.last().filter(|_| more).map(|company| company.number.clone());
            Ok(CompanyPage { companies, next, total })
        })
        .await
}
