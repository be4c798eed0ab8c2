//! 機関設定: the agency's profile, viewed, checked and replaced.

use std::{fs, path::Path, sync::Arc};

use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;
use touroku_proto::{
    api::ApiErrorCode,
    officer::{
        audit::{AuditAction, Detail},
        profile::{
            ConfirmProfile, KeyChange, MAX_PROFILE, NewProfile, ProfileCheck, ProfileInForce, ProfileMistake,
            ProfileVersions,
        },
        settings::{ChangeKeys, ChangedKeys},
    },
};

use super::{Acting, proposal, version};
use crate::{
    agency::{check_replacement, difference, form_keys, portal_text, with_keys},
    app::{App, Live},
    error::Error,
    file, japan,
    reload::reload,
};

/// Officers may look back by a year.
const HOLIDAYS_BEFORE: i64 = 365 * japan::DAY;

/// One profile is replaced at a time: the second writer sees what the first has written.
static TURN: Mutex<()> = Mutex::const_new(());

/// The agency's profile in effect and its file.
pub async fn in_force(app: &Arc<App>, acting: &Acting) -> Result<ProfileInForce, Error> {
    let (path, profile) =
        (app.agencies.file(acting.agency())?.to_owned(), app.agencies.profile(acting.agency())?);
    let (text, writable, forms) = aside(move || {
        let text = read(&path)?;
        let forms = form_keys(&text, portal_text(&path).as_deref()).unwrap_or_default();
        Ok((text, is_writable(&path), forms))
    })
    .await?;
    let proposal = proposal::shown(app, acting, &text).await?;
    let ProfileVersions { versions, next } = version::versions(app, acting, None).await?;
    Ok(ProfileInForce {
        hash: hash(&text),
        text,
        profile: profile.as_ref().clone(),
        writable,
        proposal,
        versions,
        earlier: next,
        forms,
        holidays: app.agencies.holidays_from(&japan::date(app.outside.now() - HOLIDAYS_BEFORE)),
    })
}

/// Everything wrong with a new profile, or what pages would receive.
pub async fn check(app: &Arc<App>, acting: &Acting, new: NewProfile) -> Result<ProfileCheck, Error> {
    cap(&new)?;
    let (path, code) = (app.agencies.file(acting.agency())?.to_owned(), acting.agency().to_owned());
    let folder = app.settings.agencies.clone();
    let (checked, changes) = aside(move || {
        let checked = check_replacement(&folder, &path, &code, &new.text)?;
        let changes = if checked.is_ok() { difference(&read(&path)?, &new.text) } else { Vec::new() };
        Ok((checked, changes))
    })
    .await?;
    let refusal = checked.as_ref().ok().and_then(|profile| app.settings.permits.refuses(profile));
    if let Some((_, message)) = refusal {
        let mistake = ProfileMistake { line: 1, column: 1, message: message.to_owned(), key: String::new() };
        return Ok(ProfileCheck { mistakes: vec![mistake], changes: Vec::new(), profile: None });
    }
    Ok(match checked {
        Ok(profile) => ProfileCheck { mistakes: Vec::new(), changes, profile: Some(profile) },
        Err(mistakes) => {
            let mistakes = mistakes.into_iter().map(Into::into).collect();
            ProfileCheck { mistakes, changes, profile: None }
        }
    })
}

/// The profile with some keys changed, checked like any other text.
///
/// # Errors
/// `stale` when the file is not the one in which they are to be changed; `profile_invalid` when it is not valid;
/// `bad_request` when a key has no form.
pub async fn change_keys(app: &Arc<App>, acting: &Acting, change: ChangeKeys) -> Result<ChangedKeys, Error> {
    let path = app.agencies.file(acting.agency())?.to_owned();
    let base = change.base.clone();
    let text = aside(move || {
        let (former, portal) = (read(&path)?, portal_text(&path));
        if hash(&former) != change.base {
            return Err(ApiErrorCode::Stale.into());
        }
        if form_keys(&former, portal.as_deref()).is_none() {
            return Err(ApiErrorCode::ProfileInvalid.into());
        }
        let changed = with_keys(&former, portal.as_deref(), &change.set, &change.unset);
        changed.ok_or_else(|| ApiErrorCode::BadRequest.into())
    })
    .await?;
    let check = check(app, acting, NewProfile { text: text.clone(), base }).await?;
    Ok(ChangedKeys { text, check })
}

/// Puts a new profile into effect: from the next request on, and after a restart too. The previous one is
/// kept beside it as `*.toml.bak`. One that changes who is trusted waits instead (`proposal.rs`).
///
/// # Errors
/// `payload_too_large`; `stale` when the file is not the one that it was made from, whoever changed it;
/// `profile_invalid`; `wrong_state` when it can't be written, or another agency's file prevents reading them all.
pub async fn exchange(live: Live, acting: Acting, new: NewProfile) -> Result<ProfileInForce, Error> {
    to_its_end(live, acting, Wish::Exchange(new)).await
}

/// Puts the proposed profile into effect.
///
/// # Errors
/// As [`exchange`], and as described at [`ConfirmProfile`].
pub async fn confirm(live: Live, acting: Acting, request: ConfirmProfile) -> Result<ProfileInForce, Error> {
    to_its_end(live, acting, Wish::Confirm(request)).await
}

enum Wish {
    Exchange(NewProfile),
    Confirm(ConfirmProfile),
}

/// Runs to its end even if the browser disconnects: the file, the profile in effect and the record belong
/// together.
async fn to_its_end(live: Live, acting: Acting, wish: Wish) -> Result<ProfileInForce, Error> {
    let exchanged = tokio::spawn(async move {
        let _turn = TURN.lock().await;
        let app = live.now();
        match wish {
            Wish::Confirm(request) => {
                let new = proposal::confirmed(&app, &acting, &request).await?;
                let changes = changes(&app, &acting, &new).await?;
                exchange_whole(&live, acting, new, changes).await
            }
            Wish::Exchange(new) => {
                let changes = changes(&app, &acting, &new).await?;
                if changes.iter().any(|change| change.sensitive) {
                    proposal::propose(&app, &acting, new, changes).await?;
                    return in_force(&app, &acting).await;
                }
                exchange_whole(&live, acting, new, changes).await
            }
        }
    });
    exchanged.await.unwrap_or(Err(Error::Defect("exchanging a profile panicked")))
}

/// What a valid profile changes.
async fn changes(app: &Arc<App>, acting: &Acting, new: &NewProfile) -> Result<Vec<KeyChange>, Error> {
    if check(app, acting, new.clone()).await?.profile.is_none() {
        return Err(ApiErrorCode::ProfileInvalid.into());
    }
    let (path, new) = (app.agencies.file(acting.agency())?.to_owned(), new.clone());
    aside(move || Ok(difference(&read_base(&path, &new)?, &new.text))).await
}

/// The file's text, if it is still the one that the new one was made from.
fn read_base(path: &Path, new: &NewProfile) -> Result<String, Error> {
    let former = read(path)?;
    if hash(&former) == new.base { Ok(former) } else { Err(ApiErrorCode::Stale.into()) }
}

async fn exchange_whole(
    live: &Live,
    acting: Acting,
    new: NewProfile,
    changes: Vec<KeyChange>,
) -> Result<ProfileInForce, Error> {
    let app = live.now();
    let path = app.agencies.file(acting.agency())?.to_owned();
    let former = {
        let (path, new) = (path.clone(), new.clone());
        aside(move || {
            let former = read_base(&path, &new)?;
            keep_former(&path)
                .and_then(|()| file::replace(&path, new.text.as_bytes()))
                .map_err(|error| refuse_to_write(&error))?;
            Ok(former)
        })
        .await?
    };
    let taken = take(live, &app).await;
    let recorded = match taken {
        true => record(&app, &acting, (&former, &new.text), changes).await,
        false => Err(ApiErrorCode::WrongState.into()),
    };
    if let Err(error) = recorded {
        // Nothing may be in effect that is not in the records.
        aside(move || file::replace(&path, former.as_bytes()).map_err(Error::file(path))).await?;
        take(live, &app).await;
        return Err(error);
    }
    in_force(&live.now(), &acting).await
}

fn cap(new: &NewProfile) -> Result<(), Error> {
    if new.text.len() > MAX_PROFILE { Err(ApiErrorCode::PayloadTooLarge.into()) } else { Ok(()) }
}

async fn take(live: &Live, app: &Arc<App>) -> bool {
    let (live, app) = (live.clone(), Arc::clone(app));
    let (folder, holidays) = (app.settings.agencies.clone(), app.settings.holidays.clone());
    aside(move || Ok(reload(&live, &folder, holidays.as_deref()))).await.unwrap_or(false)
}

async fn record(
    app: &Arc<App>,
    acting: &Acting,
    (former, text): (&str, &str),
    changes: Vec<KeyChange>,
) -> Result<(), Error> {
    let (acting, now) = (acting.clone(), app.outside.now());
    let detail = Detail::Profile(proposal::noted(text, changes));
    let (former, text) = (former.to_owned(), text.to_owned());
    app.store
        .write(move |writer| {
            // A pending proposal was made from another text.
            writer.end_proposal(acting.agency())?;
            // The file may have been changed beside the server.
            version::keep(writer, acting.agency(), "", &former, now)?;
            version::keep(writer, acting.agency(), &acting.officer.login_id, &text, now)?;
            acting.record(writer, AuditAction::ProfileChanged, acting.agency(), &detail, now)
        })
        .await
}

fn refuse_to_write(error: &std::io::Error) -> Error {
    // The server's administrator reads the reason; the officer only learns that it can't be done from here.
    tracing::error!(%error, "a profile can't be written");
    ApiErrorCode::WrongState.into()
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(Error::file(path))
}

/// Hex.
pub(super) fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

fn keep_former(path: &Path) -> std::io::Result<()> {
    let path = fs::canonicalize(path)?;
    // `x.toml.bak`, which is not a profile.
    file::replace(&file::beside(&path, ".bak"), &fs::read(&path)?)
}

/// Whether a file can be created beside it.
#[cfg(unix)]
fn is_writable(path: &Path) -> bool {
    use rustix::fs::{Access, access};

    fs::canonicalize(path)
        .ok()
        .and_then(|path| {
            path.parent().map(|folder| access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok())
        })
        .unwrap_or(false)
}

#[cfg(not(unix))]
fn is_writable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.permissions().readonly())
}

/// Runs it on a blocking thread.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or(Err(Error::Defect("looking at a profile panicked")))
}
