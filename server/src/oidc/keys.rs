//! The keys that tokens are signed with: for each algorithm one that signs and one that is published and signs
//! next.

use std::{fmt, sync::Arc};

use openidconnect::{
    JsonWebKeyId, PrivateSigningKey, SigningError,
    core::{CoreJsonCurveType, CoreJsonWebKey, CoreJsonWebKeySet, CoreJwsSigningAlgorithm},
};
use openssl::{
    bn::{BigNum, BigNumContext},
    ec::{EcGroup, EcKey},
    nid::Nid,
    pkey::{PKey, Private, Public},
    rsa::Rsa,
};
use touroku_proto::{
    officer::audit::{AuditAction, Detail},
    sign_in::TokenAlgorithm,
};

use super::jws;
use crate::{
    agency::Agencies,
    app::App,
    error::Error,
    key::ServerKey,
    outside::Outside,
    store::{Actor, KeyState, StoredKey, Writer},
};

/// The size of a new RSA key in bits: accepted by every client.
const RSA_BITS: u32 = 2048;

/// The purpose that keys are sealed for.
const SEAL: &str = "oidc signing key";

/// A key that signs, or used to.
pub struct SigningKey {
    /// Its name in tokens.
    pub kid: String,
    pub algorithm: TokenAlgorithm,
    pub state: KeyState,
    pub(super) private: PKey<Private>,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

impl SigningKey {
    fn open(stored: StoredKey, key: &ServerKey) -> Result<Self, Error> {
        let StoredKey { kid, algorithm, state, private, .. } = stored;
        let der = key.unseal(SEAL, &private).ok_or(Error::Setting {
            name: "key",
            message: "ログインの署名鍵を開けません。touroku-server oidc keys rotate --compromisedで作り直してください"
                .to_owned(),
        })?;
        Ok(Self { kid, algorithm, state, private: PKey::private_key_from_der(&der)? })
    }

    /// Its public half.
    pub(super) fn public(&self) -> Result<PKey<Public>, Error> {
        Ok(PKey::public_key_from_der(&self.private.public_key_to_der()?)?)
    }

    fn verification_key(&self) -> Result<CoreJsonWebKey, Error> {
        let kid = Some(JsonWebKeyId::new(self.kid.clone()));
        match self.algorithm {
            TokenAlgorithm::RS256 => {
                let key = self.private.rsa()?;
                Ok(CoreJsonWebKey::new_rsa(key.n().to_vec(), key.e().to_vec(), kid))
            }
            TokenAlgorithm::ES256 => {
                let key = self.private.ec_key()?;
                let (mut x, mut y) = (BigNum::new()?, BigNum::new()?);
                let mut context = BigNumContext::new()?;
                key.public_key().affine_coordinates(key.group(), &mut x, &mut y, &mut context)?;
                let (x, y) = (x.to_vec_padded(32)?, y.to_vec_padded(32)?);
                Ok(CoreJsonWebKey::new_ec(x, y, CoreJsonCurveType::P256, kid))
            }
        }
    }
}

/// For the `openidconnect` crate, which writes ID tokens with it.
impl PrivateSigningKey for SigningKey {
    type VerificationKey = CoreJsonWebKey;

    fn sign(&self, algorithm: &CoreJwsSigningAlgorithm, message: &[u8]) -> Result<Vec<u8>, SigningError> {
        if *algorithm != named(self.algorithm) {
            return Err(SigningError::UnsupportedAlg(self.algorithm.as_str().to_owned()));
        }
        jws::signature(&self.private, self.algorithm, message).map_err(|_| SigningError::CryptoError)
    }

    fn as_verification_key(&self) -> CoreJsonWebKey {
        self.verification_key().expect("a key that was opened has a public half")
    }
}

/// The `openidconnect` crate's name of an algorithm.
pub(super) fn named(algorithm: TokenAlgorithm) -> CoreJwsSigningAlgorithm {
    match algorithm {
        TokenAlgorithm::RS256 => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        TokenAlgorithm::ES256 => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    }
}

/// All keys; missing ones are created.
pub(super) async fn all(app: &Arc<App>) -> Result<Vec<SigningKey>, Error> {
    let mut stored = app.store.read(|reader| reader.signing_keys()).await?;
    let missing = missing(&stored);
    if !missing.is_empty() {
        let shared = Arc::clone(app);
        let made = tokio::task::spawn_blocking(move || {
            let now = shared.outside.now();
            missing.into_iter().map(|of| make(of, &shared.key, &shared.outside, now)).collect()
        });
        let made: Result<Vec<StoredKey>, Error> =
            made.await.unwrap_or(Err(Error::Defect("making a key panicked")));
        let made = made?;
        stored = app
            .store
            .write(move |writer| {
                made.iter().try_for_each(|key| writer.add_signing_key(key))?;
                writer.signing_keys()
            })
            .await?;
    }
    stored.into_iter().map(|stored| SigningKey::open(stored, &app.key)).collect()
}

/// The key that currently signs with that algorithm.
pub(super) async fn current(app: &Arc<App>, algorithm: TokenAlgorithm) -> Result<SigningKey, Error> {
    let found =
        all(app).await?.into_iter().find(|key| key.algorithm == algorithm && key.state == KeyState::Current);
    found.ok_or(Error::Defect("keys were made and one is missing"))
}

/// The keys with which clients verify tokens.
pub async fn key_set(app: &Arc<App>) -> Result<CoreJsonWebKeySet, Error> {
    let keys = all(app).await?;
    let keys: Result<_, Error> = keys.iter().map(SigningKey::verification_key).collect();
    Ok(CoreJsonWebKeySet::new(keys?))
}

/// Rotates the keys: the next ones sign, and new next ones are made. `compromised`: no existing key counts any
/// more.
///
/// # Errors
/// Those of the database and of OpenSSL.
pub fn rotate(
    writer: &Writer<'_>,
    agencies: &Agencies,
    (key, outside): (&ServerKey, &Outside),
    compromised: bool,
) -> Result<(), Error> {
    let now = outside.now();
    match compromised {
        true => writer.forget_signing_keys()?,
        false => writer.rotate_signing_keys(now)?,
    }
    for of in missing(&writer.signing_keys()?) {
        writer.add_signing_key(&make(of, key, outside, now)?)?;
    }
    for profile in agencies.all().filter(|profile| !profile.clients.is_empty()) {
        let actor = Actor::command(&profile.code);
        writer.record_deed(actor, AuditAction::SigningKeysRotated, "", &Detail::None, now)?;
    }
    Ok(())
}

type Of = (TokenAlgorithm, KeyState);

fn missing(stored: &[StoredKey]) -> Vec<Of> {
    let states = [KeyState::Current, KeyState::Next];
    let wanted = TokenAlgorithm::ALL.into_iter().flat_map(|of| states.map(|state| (of, state)));
    wanted.filter(|wanted| !stored.iter().any(|key| (key.algorithm, key.state) == *wanted)).collect()
}

fn make((algorithm, state): Of, key: &ServerKey, outside: &Outside, now: i64) -> Result<StoredKey, Error> {
    let private = match algorithm {
        TokenAlgorithm::RS256 => PKey::from_rsa(Rsa::generate(RSA_BITS)?)?,
        TokenAlgorithm::ES256 => {
            let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
            PKey::from_ec_key(EcKey::generate(&group)?)?
        }
    };
    let private = key.seal(SEAL, &private.private_key_to_pkcs8()?, outside)?;
    Ok(StoredKey { kid: hex::encode(outside.random::<8>()), algorithm, state, private, since: now })
}
