//! An officer's password: what is refused, and changing one's own.

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::{
        ChangePassword, MIN_PASSWORD,
        audit::{AuditAction, Detail},
    },
};
use zxcvbn::Score;

use super::{
    Acting,
    attempt::{self, Tried},
    login::accepted_step,
};
use crate::{
    app::App,
    error::Error,
    guess::{Asker, Target},
    password,
    store::{Officer, Writer},
};

const MAX_PASSWORD: usize = 128;

/// zxcvbn's minimum estimate: more than 10⁸ guesses. Given the authenticator and the growing delays, only common
/// passwords must be kept out.
const LEAST: Score = Score::Three;

/// An officer who has typed the password and a code for their own account.
pub(super) struct Proof {
    tried: Tried,
    officer: Officer,
    step: Option<i64>,
}

/// Checks the password and a code of the officer's own account. Guesses are slowed down like at sign-in, but
/// counted separately: strangers guessing there must not lock officers out here.
pub(super) async fn prove(
    app: &Arc<App>,
    acting: &Acting,
    (password, code): (String, &str),
    now: i64,
) -> Result<Proof, Error> {
    let (agency, login_id) = (acting.agency().to_owned(), acting.officer.login_id.clone());
    let target = Target::officer(&agency, &login_id);
    let tried = attempt::begin(app, &target, Asker::Owner, now).await?;
    let found = app.store.read(move |reader| reader.officer_by_login(&agency, &login_id)).await?;
    let officer = found.ok_or(Error::Refused(ApiErrorCode::SessionMissing))?;
    let fits = password::fits_aside(password, officer.password_hash.clone()).await;
    let step = accepted_step(app, &officer, code, now)?.filter(|_| fits);
    Ok(Proof { tried, officer, step })
}

impl Proof {
    /// Whether both were correct, as far as checked.
    fn is_right(&self) -> bool {
        self.step.is_some()
    }

    /// Whether both are still correct: uses the code up, and forgets earlier failures.
    pub(super) fn take(&self, writer: &Writer<'_>) -> Result<bool, Error> {
        let still = writer.officer_by_login(&self.officer.agency, &self.officer.login_id)?;
        let still = still.is_some_and(|still| still.password_hash == self.officer.password_hash);
        let taken = match self.step {
            Some(step) if still => writer.take_totp_step(&self.officer, step)?,
            _ => false,
        };
        if taken {
            self.tried.forgive(writer)?;
        }
        Ok(taken)
    }
}

/// Changes the officer's own password, and ends the account's other sessions; on request also unlinks its card.
pub async fn change_password(app: &Arc<App>, acting: Acting, request: ChangePassword) -> Result<(), Error> {
    let now = app.outside.now();
    let login_id = acting.officer.login_id.clone();
    let proof = prove(app, &acting, (request.current, &request.code), now).await?;
    let hash = if proof.is_right() {
        let weak = check(request.password.clone(), &login_id, &acting.officer.name).await;
        if weak.is_err() {
            // Whoever knows the current password is not guessing, and their code stays valid for the next try.
            app.store.write(move |writer| proof.tried.forgive(writer)).await?;
            return weak;
        }
        password::hash_aside(request.password).await?
    } else {
        String::new()
    };
    let unlink_card = request.unlink_card && acting.officer.card.is_some();
    let changed = app
        .store
        .write(move |writer| {
            if !proof.take(writer)? {
                acting.record(writer, AuditAction::PasswordChangeFailed, &login_id, &Detail::None, now)?;
                return Ok(false);
            }
            writer.set_officer_password(proof.officer.id, &hash)?;
            writer.end_officer_sessions(proof.officer.id, Some(&acting.session))?;
            acting.record(writer, AuditAction::PasswordChanged, &login_id, &Detail::None, now)?;
            if unlink_card {
                writer.link_officer_card(proof.officer.id, None, now)?;
                acting.record(writer, AuditAction::CardUnlinked, &login_id, &Detail::None, now)?;
            }
            Ok(true)
        })
        .await?;
    if changed { Ok(()) } else { Err(ApiErrorCode::CredentialsWrong.into()) }
}

/// Refuses passwords that are too short, too long, the ログインID, or common.
///
/// # Errors
/// `password_weak`, with the reason if there is one to give.
pub(super) async fn check(password: String, login_id: &str, name: &str) -> Result<(), Error> {
    let own = vec![login_id.to_owned(), name.to_owned()];
    if !has_shape(&password) {
        return Err(ApiErrorCode::PasswordWeak.into());
    }
    match password::guessable_aside(password, own, LEAST).await? {
        None => Ok(()),
        Some(why) => Err(Error::WeakPassword(why)),
    }
}

fn has_shape(password: &str) -> bool {
    let length = password.chars().count();
    (MIN_PASSWORD..=MAX_PASSWORD).contains(&length) && !password.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_everybody_tries_is_refused_and_a_phrase_is_not() {
        let strong =
            async |password: &str| check(password.to_owned(), "sato.hanako", "佐藤花子").await.is_ok();
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
            assert!(!strong(weak).await, "{weak}");
        }
        assert!(!strong(&"correct horse battery ".repeat(7)).await, "too long");
        for good in ["correct horse battery staple", "V7k.mTq2-wZ9p", "雪の朝 りんごを三つ 数えた猫"]
        {
            assert!(strong(good).await, "{good}");
        }
    }
}
