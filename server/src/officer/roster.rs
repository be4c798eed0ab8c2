//! 名簿: one company added or corrected by hand.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use touroku_proto::{
    api::ApiErrorCode,
    officer::{
        audit::{AuditAction, Detail},
        import::ImportCell,
        profile::KeyChange,
        roster::{RosterForm, SaveRow, SavedRow},
    },
};

use super::{Acting, company::record};
use crate::{
    app::App,
    error::Error,
    registry::{
        information::Vault,
        renamed::{Doer, Renamed},
    },
    roster::{
        NewSecret,
        by_hand::{self, Typed},
    },
    store::{Act, EventKind, INFORMATION_PASSWORD, Reader, RosterRow},
};

/// The key of [`Detail::Row`] that says what imports do with the row.
const KEPT: &str = "取込";

/// The company with that number as a form; without a number, an empty one.
///
/// # Errors
/// `not_found`.
pub async fn form(app: &Arc<App>, acting: Acting, number: String) -> Result<RosterForm, Error> {
    let profile = Arc::clone(app.agencies.profile(acting.agency())?);
    app.store
        .read(move |reader| {
            let (row, kept) = find(reader, acting.agency(), &number)?;
            let fields = by_hand::form(&profile, row.as_ref().unwrap_or(&RosterRow::default()));
            Ok(RosterForm { number, fields, kept, revision: revision(row.as_ref(), kept) })
        })
        .await
}

/// Adds or corrects a company, unless something is wrong or deserves a look.
///
/// # Errors
/// `not_found`; `stale` when the row changed since the form was made.
pub async fn save(app: &Arc<App>, acting: Acting, asked: SaveRow) -> Result<SavedRow, Error> {
    let profile = Arc::clone(app.agencies.profile(acting.agency())?);
    let SaveRow { number, revision: seen, values, keep, confirmed } = asked;
    let (agency, wanted) = (acting.agency().to_owned(), number.clone());
    let (before, kept) = app.store.read(move |reader| find(reader, &agency, &wanted)).await?;
    if revision(before.as_ref(), kept) != seen {
        return Err(ApiErrorCode::Stale.into());
    }
    let (of, typed_over, shared) = (Arc::clone(&profile), before.clone(), Arc::clone(app));
    let typed = tokio::task::spawn_blocking(move || {
        let vault = Vault { key: &shared.key, outside: &shared.outside };
        by_hand::read(&of, &values, typed_over.as_ref(), vault)
    })
    .await
    .map_err(|_| Error::Defect("a row's check panicked"))??;
    let refused = |wrong, doubts| Ok(SavedRow { number: number.clone(), saved: false, wrong, doubts });
    let (row, mut doubts, secret) = match typed {
        Typed::Row(row, doubts, secret) => (*row, doubts, secret),
        Typed::Wrong(wrong) => return refused(wrong, Vec::new()),
    };
    if before.as_ref().is_some_and(|before| before.number != row.number) {
        return refused(
            vec![by_hand::number_wrong(
                &profile,
                "番号は変えられません。元の番号に戻すか、新しい会社として追加してください",
            )],
            Vec::new(),
        );
    }
    let (agency, of) = (acting.agency().to_owned(), row.number.clone());
    let (is_taken, is_used) = app
        .store
        .read(move |reader| {
            let is_taken = reader.roster_row(&agency, &of)?.is_some();
            Ok((is_taken, reader.has_registered_or_applied(&agency, &of)?))
        })
        .await?;
    if before.is_none() && is_taken {
        let wrong = by_hand::number_wrong(
            &profile,
            "この番号の会社は、すでに名簿にあります。「照会」でその会社を開いて、名簿を訂正してください",
        );
        return refused(vec![wrong], Vec::new());
    }
    let changes = by_hand::changes(&profile, before.as_ref().unwrap_or(&RosterRow::default()), &row);
    if is_used && let Some(name) = changes.iter().find(|cell| by_hand::is_name(cell)) {
        let reason = "利用者登録または申請のある業者の名称が変わります".to_owned();
        doubts.push(ImportCell { reason, ..name.clone() });
    }
    if !doubts.is_empty() && !confirmed {
        return refused(Vec::new(), doubts);
    }
    let saved = SavedRow { number: row.number.clone(), saved: true, wrong: Vec::new(), doubts: Vec::new() };
    if changes.is_empty() && kept == keep && secret.is_none() {
        return Ok(saved);
    }
    let mut details: Vec<KeyChange> = by_hand::nameless(&profile, changes)
        .into_iter()
        .map(|cell| KeyChange {
            key: cell.title,
            sensitive: false,
            before: Some(cell.before).filter(|text| !text.is_empty()),
            after: Some(cell.after).filter(|text| !text.is_empty()),
        })
        .collect();
    let title = INFORMATION_PASSWORD;
    if secret.is_some() && details.iter().all(|change| change.key != title) {
        // The same one, which the company may be shown again.
        details.push(KeyChange { key: title.to_owned(), sensitive: false, before: None, after: None });
    }
    if kept != keep || before.is_none() {
        let words = |keep: bool| Some(if keep { "残す" } else { "置き換える" }.to_owned());
        let before = before.as_ref().and_then(|_| words(kept));
        details.push(KeyChange { key: KEPT.to_owned(), sensitive: false, before, after: words(keep) });
    }
    let (now, shared) = (app.outside.now(), Arc::clone(app));
    app.store
        .write(move |writer| {
            let agency = acting.agency();
            // Somebody else may have been faster.
            let (still, still_kept) = match &before {
                Some(before) => find(writer, agency, &before.number)?,
                None => (writer.roster_row(agency, &row.number)?, false),
            };
            if (&still, still_kept) != (&before, kept) {
                return Err(ApiErrorCode::Stale.into());
            }
            let renamed = match &before {
                Some(before) => Renamed::of_row(writer, agency, [before, &row])?,
                None => Vec::new(),
            };
            writer.take_over(agency, &row, now)?;
            if let Some(NewSecret { mark, sealed }) = &secret {
                writer.keep_information_password((agency, &row.number), mark, sealed)?;
            }
            let doer = Doer {
                officer: &acting.officer.login_id, words: "調達機関の担当者（名簿の訂正）"
            };
            shared.desk(writer, &profile, now).tell_renamed(&renamed, doer)?;
            writer.keep_row(agency, &row.number, keep)?;
            writer.roster_changed(agency)?;
            let (action, kind) = match before {
                None => (AuditAction::RowAdded, EventKind::RowAdded),
                Some(_) => (AuditAction::RowCorrected, EventKind::RowCorrected),
            };
            let fields: Vec<&str> = details.iter().map(|change| change.key.as_str()).collect();
            let fields = format!("項目 {}", fields.join("・"));
            let act = Act { detail: if before.is_some() { &fields } else { "" }, ..Act::of(kind) };
            record(writer, &acting, (&row.number, None), (act, Detail::Row(details.clone())), (action, now))
        })
        .await?;
    app.mail_queued.notify_one();
    Ok(saved)
}

fn find(reader: &Reader<'_>, agency: &str, number: &str) -> Result<(Option<RosterRow>, bool), Error> {
    if number.is_empty() {
        return Ok((None, false));
    }
    let row = reader.roster_row(agency, number)?.ok_or(ApiErrorCode::NotFound)?;
    Ok((Some(row), reader.is_row_kept(agency, number)?))
}

/// The same for the same row.
fn revision(row: Option<&RosterRow>, kept: bool) -> String {
    hex::encode(&Sha256::digest(format!("{row:?}{kept}"))[..16])
}
