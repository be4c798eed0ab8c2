//! 機関設定: the texts that a profile has had. Each is kept with what it changed, whoever wrote it, and where.

use std::{fs, sync::Arc};

use touroku_proto::{
    api::ApiErrorCode,
    officer::profile::{ProfileVersions, VersionText},
};

use super::Acting;
use crate::{
    agency::difference,
    app::App,
    error::Error,
    store::{Reader, Writer},
};

/// How many are shown at once.
const PAGE: u32 = 30;

/// The latest of them, or those before one.
pub(super) async fn versions(
    app: &Arc<App>,
    acting: &Acting,
    before: Option<i64>,
) -> Result<ProfileVersions, Error> {
    let agency = acting.agency().to_owned();
    app.store.read(move |reader| page(reader, &agency, before)).await
}

fn page(reader: &Reader<'_>, agency: &str, before: Option<i64>) -> Result<ProfileVersions, Error> {
    let mut versions = reader.profile_versions(agency, before, PAGE + 1)?;
    let is_all = versions.len() <= PAGE as usize;
    versions.truncate(PAGE as usize);
    let next = versions.last().map(|last| last.id).filter(|_| !is_all);
    Ok(ProfileVersions { versions, next })
}

/// Those before one that is shown.
pub async fn earlier(app: &Arc<App>, acting: &Acting, before: i64) -> Result<ProfileVersions, Error> {
    versions(app, acting, Some(before)).await
}

/// The text of one of them.
///
/// # Errors
/// `not_found`.
pub async fn version(app: &Arc<App>, acting: &Acting, id: i64) -> Result<VersionText, Error> {
    let agency = acting.agency().to_owned();
    let found = app.store.read(move |reader| reader.profile_text(&agency, id)).await?;
    Ok(VersionText { text: found.ok_or(ApiErrorCode::NotFound)? })
}

/// Keeps a text, unless it is the latest one. `officer`: ログインID; empty: it was in the file.
pub(super) fn keep(
    writer: &Writer<'_>,
    agency: &str,
    officer: &str,
    text: &str,
    now: i64,
) -> Result<(), Error> {
    let former = writer.latest_profile(agency)?;
    if former.as_deref() == Some(text) {
        return Ok(());
    }
    let changes = former.map_or_else(Vec::new, |former| difference(&former, text));
    writer.keep_profile(agency, officer, text, &changes, now)
}

/// Keeps every agency's text that was written beside the server: at the start, and when the files were read again.
///
/// # Errors
/// Those of the store. A file that can't be read is not in effect either.
pub async fn keep_files(app: &Arc<App>) -> Result<(), Error> {
    let now = app.outside.now();
    let files = app.agencies.all().filter_map(|profile| {
        let text = fs::read_to_string(app.agencies.file(&profile.code).ok()?).ok()?;
        Some((profile.code.clone(), text))
    });
    let files: Vec<_> = files.collect();
    app.store
        .write(move |writer| {
            while let Some(version) = writer.uncompared_profile()? {
                let changes =
                    version.former.map_or_else(Vec::new, |former| difference(&former, &version.text));
                writer.compare_profile(version.id, &changes)?;
            }
            files.iter().try_for_each(|(agency, text)| keep(writer, agency, "", text, now))
        })
        .await
}
