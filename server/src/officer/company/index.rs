//! The indexes of 照会, updated in the background: the name index, and who holds the cards.

use std::sync::Arc;

use touroku_proto::{agency::AgencyProfile, officer::company::CompanyFilter};

use crate::{agency::Agencies, app::App, error::Error, registry::card::Card, store::Writer};

/// How many companies are updated in one transaction: registrations wait for it.
const BATCH: u32 = 200;

/// Whether anything needs updating.
pub async fn is_due(app: &App) -> Result<bool, Error> {
    app.store
        .read(|reader| Ok(!reader.due_names(1)?.is_empty() || !reader.cards_without_holder(1)?.is_empty()))
        .await
}

/// Updates everything that needs it. Returns how many companies.
pub async fn catch_up(app: &Arc<App>) -> Result<usize, Error> {
    let mut companies = 0;
    loop {
        let done = batch(app).await?;
        companies += done;
        if done == 0 {
            break;
        }
    }
    while hold(app).await? > 0 {}
    Ok(companies)
}

/// Filters that read what is updated in the background; a small backlog is worked off at once.
pub(super) async fn before_filter(app: &Arc<App>, filter: CompanyFilter) -> Result<(), Error> {
    if matches!(filter, CompanyFilter::FormerRepresentative | CompanyFilter::OtherCompany) {
        batch(app).await?;
        hold(app).await?;
    }
    Ok(())
}

async fn batch(app: &Arc<App>) -> Result<usize, Error> {
    if app.store.read(|reader| reader.due_names(1)).await?.is_empty() {
        return Ok(0);
    }
    let shared = Arc::clone(app);
    app.store
        .write(move |writer| {
            let due = writer.due_names(BATCH)?;
            for name in &due {
                writer.index_name(name)?;
                // The roster's representative may have changed.
                if let Ok(profile) = shared.agencies.profile(&name.agency) {
                    note_holders(writer, &shared.agencies, profile, &name.number)?;
                }
            }
            Ok(due.len())
        })
        .await
}

/// Records who holds cards registered before this was recorded.
async fn hold(app: &Arc<App>) -> Result<usize, Error> {
    if app.store.read(|reader| reader.cards_without_holder(1)).await?.is_empty() {
        return Ok(0);
    }
    let shared = Arc::clone(app);
    app.store
        .write(move |writer| {
            let cards = writer.cards_without_holder(BATCH)?;
            for (agency, number, card) in &cards {
                match shared.agencies.profile(agency) {
                    Ok(profile) => note_holders(writer, &shared.agencies, profile, number)?,
                    // An agency no longer served; checking it again would go on forever.
                    Err(_) => writer.note_holder(*card, "", false, false)?,
                }
            }
            Ok(cards.len())
        })
        .await
}

fn note_holders(
    writer: &Writer<'_>,
    agencies: &Agencies,
    profile: &AgencyProfile,
    number: &str,
) -> Result<(), Error> {
    let agency = profile.code.as_str();
    let cards = writer.card_records(agency, number)?;
    if cards.is_empty() {
        return Ok(());
    }
    let row = writer.roster_row(agency, number)?;
    for card in cards {
        match Card::read(agencies, &card.certificate) {
            Ok(read) => read.note(writer, card.id, row.as_ref())?,
            // An unreadable certificate names no holder.
            Err(_) => writer.note_holder(card.id, "", false, false)?,
        }
    }
    Ok(())
}
