//! An officer's password: what is refused, and a new one for oneself.

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::{
        ChangePassword, MIN_PASSWORD,
        audit::{AuditAction, Detail},
    },
};

use super::{Acting, attempt, login::accepted_step};
use crate::{
    app::App,
    error::Error,
    guess::{Asker, Target},
    password,
};

/// The longest, in characters.
const MAX_PASSWORD: usize = 128;

/// The least estimate of zxcvbn (0 to 4): 3 is more than 10⁸ guesses. With the authenticator and the growing delays,
/// what is to be kept out is what everybody tries.
const LEAST_SCORE: u8 = 3;

/// Sets a new password for oneself, and ends the account's other sessions. Guesses at the one until now are slowed
/// down like those at the sign-in, but count for themselves: strangers' guesses there keep nobody from changing it here.
pub async fn change_password(app: &Arc<App>, acting: Acting, request: ChangePassword) -> Result<(), Error> {
    let now = app.outside.now();
    let (agency, login_id) = (acting.agency().to_owned(), acting.officer.login_id.clone());
    let target = Target::officer(&agency, &login_id);
    let tried = attempt::begin(app, &target, Asker::Owner, now).await?;
    let found = {
        let (agency, login_id) = (agency.clone(), login_id.clone());
        app.store.read(move |reader| reader.officer_by_login(&agency, &login_id)).await?
    };
    let officer = found.ok_or(Error::Refused(ApiErrorCode::SessionMissing))?;
    let fits = password::fits_aside(request.current, officer.password_hash.clone()).await;
    let step = accepted_step(app, &officer, &request.code, now)?.filter(|_| fits);
    let hash = match step {
        Some(_) => {
            let weak = check(request.password.clone(), &login_id, &officer.name).await;
            if weak.is_err() {
                // Who knows the one until now does not guess, and their code is good for the next try.
                app.store.write(move |writer| tried.forgive(writer)).await?;
                return weak;
            }
            password::hash_aside(request.password).await?
        }
        None => String::new(),
    };
    let changed = app
        .store
        .write(move |writer| {
            let still = writer.officer_by_login(&agency, &login_id)?;
            let still = still.is_some_and(|still| still.password_hash == officer.password_hash);
            let taken = match step {
                Some(step) if still => writer.take_totp_step(officer.id, step)?,
                _ => false,
            };
            if !taken {
                acting.record(writer, AuditAction::PasswordChangeFailed, &login_id, &Detail::None, now)?;
                return Ok(false);
            }
            writer.set_officer_password(officer.id, &hash)?;
            writer.end_officer_sessions(officer.id, Some(&acting.session))?;
            tried.forgive(writer)?;
            acting.record(writer, AuditAction::PasswordChanged, &login_id, &Detail::None, now)?;
            Ok(true)
        })
        .await?;
    if changed { Ok(()) } else { Err(ApiErrorCode::CredentialsWrong.into()) }
}

/// Refuses what is too short, too long, the ログインID, or one that everybody tries.
///
/// # Errors
/// `password_weak`.
pub(super) async fn check(password: String, login_id: &str, name: &str) -> Result<(), Error> {
    let (login_id, name) = (login_id.to_owned(), name.to_owned());
    let strong = tokio::task::spawn_blocking(move || is_strong(&password, &login_id, &name)).await;
    if strong.map_err(|_| Error::Defect("looking at a password panicked"))? {
        Ok(())
    } else {
        Err(ApiErrorCode::PasswordWeak.into())
    }
}

fn is_strong(password: &str, login_id: &str, name: &str) -> bool {
    let length = password.chars().count();
    if !(MIN_PASSWORD..=MAX_PASSWORD).contains(&length) || password.chars().any(char::is_control) {
        return false;
    }
    let own = [login_id, name];
    u8::from(zxcvbn::zxcvbn(password, &own).score()) >= LEAST_SCORE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_tries_is_refused_and_a_phrase_is_not() {
        let strong = |password: &str| is_strong(password, "sato.hanako", "佐藤花子");
        for weak in [
            "",
            "short-Ab3!x",
            "passwordpassword",
            "password1234",
            "123456789012",
            "qwertyuiop12",
            "aaaaaaaaaaaaaaaa",
            "sato.hanako1",
            "SATO.HANAKO2026",
            "青森市青森市青森市青森市",
            "tab\tcorrect horse battery",
        ] {
            assert!(!strong(weak), "{weak}");
        }
        assert!(!strong(&"correct horse battery ".repeat(7)), "too long");
        for good in ["correct horse battery staple", "V7k.mTq2-wZ9p", "雪の朝 りんごを三つ 数えた猫"]
        {
            assert!(strong(good), "{good}");
        }
    }
}
