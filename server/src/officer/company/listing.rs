//! 業者番号一覧 as a whole: in the order of kana, with 委任先 and 区分.

use std::sync::Arc;

use touroku_proto::{agency::AgencyProfile, api::ApiErrorCode, officer::company::ListingPart};

use super::detail::named;
use crate::{
    app::App,
    error::Error,
    officer::Acting,
    store::{CATEGORIES, ListingPlace, ListingQuery, Reader},
};

/// Companies in a part.
const PART: u32 = 1000;

/// Of a company whose roster does not say for what it is qualified.
const ALL: &str = "すべて";

/// The part after that number.
///
/// # Errors
/// `bad_request` when no company has it.
pub async fn listing(app: &Arc<App>, acting: Acting, after: String) -> Result<ListingPart, Error> {
    let profile = Arc::clone(app.agencies.profile(acting.agency())?);
    app.store.scan(move |reader| part(reader, &profile, &after)).await
}

/// The titles of its columns.
pub(super) fn columns(profile: &AgencyProfile) -> Vec<String> {
    let search = &profile.search;
    let mut columns = vec![search.number_label.to_string(), search.name_label.to_string(), "カナ".to_owned()];
    if has_categories(profile) {
        columns.push(CATEGORIES.to_owned());
    }
    columns
}

pub(super) fn part(reader: &Reader<'_>, profile: &AgencyProfile, after: &str) -> Result<ListingPart, Error> {
    let place = match after {
        "" => ListingPlace::default(),
        number => reader.listing_place(&profile.code, number)?.ok_or(ApiErrorCode::BadRequest)?,
    };
    let (companies, _) = reader.listed(&profile.code, &ListingQuery::all(), &place, PART)?;
    let last = companies.last().filter(|_| companies.len() == PART as usize);
    let next = last.map(|company| company.number.clone());
    let mut rows = Vec::with_capacity(companies.len());
    for company in companies {
        let of = reader.roster_row(&profile.code, &company.number)?;
        // With a 委任先, as 企業情報 and the search name it.
        let name = of.as_ref().map_or(company.name, |of| of.dealing().name.clone());
        let mut row = vec![company.number, name, company.kana];
        if has_categories(profile) {
            let codes = of.as_ref().map(|of| of.further(CATEGORIES)).unwrap_or_default();
            row.push(if codes.is_empty() { ALL.to_owned() } else { named(profile, CATEGORIES, codes) });
        }
        rows.push(row);
    }
    Ok(ListingPart { columns: columns(profile), rows, next })
}

fn has_categories(profile: &AgencyProfile) -> bool {
    profile.categories.len() > 1
}
