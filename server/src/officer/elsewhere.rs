//! 機関設定 of servers on several machines, which share the database and no folder: what one of them has taken is in force at
//! the others within seconds.
//!
//! The texts that were kept tell who has the newer one. A file with the text of an older version is behind, and gets the latest
//! one; a text that was never kept is somebody's who has edited this file, and waits for a SIGHUP.

use std::{path::PathBuf, sync::Arc};

use touroku_proto::api::ApiErrorCode;

use super::profile::{TURN, aside, keep_former, read, take};
use crate::{
    app::{App, Live},
    error::Error,
    file,
};

/// What a file gets.
struct Newer {
    path: PathBuf,
    former: String,
    text: String,
}

/// Takes what other servers have put into force since version `seen`, and moves that on. Returns how many files it wrote.
///
/// # Errors
/// Those of the store and of the files. `wrong_state`: they are not sound with this server's other files (the log says why), and
/// nothing was taken.
pub async fn take_others(live: &Live, seen: &mut i64) -> Result<usize, Error> {
    let app = live.now();
    if !app.store.location().is_server() {
        return Ok(0);
    }
    let _turn = TURN.lock().await;
    let after = *seen;
    let latest = app.store.read(move |reader| reader.latest_profiles(after)).await?;
    let Some(last) = latest.iter().map(|version| version.id).max() else { return Ok(0) };
    let mut newer = Vec::new();
    for version in latest {
        let Ok(path) = app.agencies.file(&version.agency).map(ToOwned::to_owned) else { continue };
        let own = path.clone();
        let former = aside(move || read(&own)).await?;
        if former == version.text {
            continue;
        }
        if was_kept(&app, &version.agency, &former).await? {
            newer.push(Newer { path, former, text: version.text });
        } else {
            tracing::warn!(
                agency = version.agency,
                "a profile was edited here and elsewhere; SIGHUP takes this one"
            );
        }
    }
    let count = newer.len();
    // Of servers that share the folder the others find the file as it is to be.
    if count > 0 || after > 0 {
        put(live, &app, newer).await?;
    }
    *seen = last;
    Ok(count)
}

/// Writes the files, and those before them again unless all profiles are sound with them.
async fn put(live: &Live, app: &Arc<App>, newer: Vec<Newer>) -> Result<(), Error> {
    let newer = aside(move || {
        for Newer { path, text, .. } in &newer {
            keep_former(path)
                .and_then(|()| file::replace(path, text.as_bytes()))
                .map_err(Error::file(path))?;
        }
        Ok(newer)
    })
    .await?;
    if take(live, app).await {
        return Ok(());
    }
    aside(move || {
        newer.iter().try_for_each(|Newer { path, former, .. }| {
            file::replace(path, former.as_bytes()).map_err(Error::file(path))
        })
    })
    .await?;
    Err(ApiErrorCode::WrongState.into())
}

/// Whether the agency has had that text.
pub(super) async fn was_kept(app: &App, agency: &str, text: &str) -> Result<bool, Error> {
    let (agency, text) = (agency.to_owned(), text.to_owned());
    app.store.read(move |reader| reader.has_had_profile(&agency, &text)).await
}
