//! Logging in and signing, in the module's process. C_Login is called once; nothing here calls it again after a
//! failure.

use cryptoki::{
    context::{Function, Pkcs11},
    error::{Error as ModuleError, Rv, RvError},
    mechanism::Mechanism,
    object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle},
    session::UserType,
    types::AuthPin,
};
use secrecy::ExposeSecret as _;
use sha2::{Digest, Sha256, Sha384};
use touroku_proto::card::Pin;
use x509_parser::{certificate::X509Certificate, prelude::FromDer, public_key::PublicKey};

use super::{
    raw::Functions,
    token::{Opened, Stored, fault, pin_flags},
    wire::{Fault, FaultKind},
};
use crate::{
    card::{certificate::Key, pkcs1::sha256_digest_info},
    locked,
};

/// A way to sign: the mechanism, and its input.
struct Way {
    mechanism: Mechanism<'static>,
    input: Vec<u8>,
}

/// Logs in, signs, logs out. A token that needs no PIN gets none.
pub(super) fn sign(
    module: &Pkcs11,
    functions: &Functions,
    (opened, stored): &(Opened, Stored),
    pin: Option<Pin>,
    key: Key,
    message: &[u8],
) -> Result<Vec<u8>, Fault> {
    let session = &opened.session;
    // The only copy besides the one in the pipe; both are overwritten.
    let pin = pin.map(|pin| AuthPin::from(pin.expose()));
    let _locked = pin.as_ref().map(|pin| locked::lock(pin.expose_secret()));
    let pin = pin.as_ref().filter(|_| !opened.token.pin.pad);
    if opened.token.pin.required {
        if pin.is_none() && !opened.token.pin.pad {
            return Err(Fault { kind: FaultKind::PinFormat, detail: "no PIN".to_owned() });
        }
        match session.login(UserType::User, pin) {
            // A token that another session of this process is logged in to; there is none, but some modules share
            // their state with other programs.
            Ok(()) | Err(ModuleError::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
            Err(error) => return Err(login_fault(module, opened, &error)),
        }
    }
    let signed = sign_logged_in(module, functions, opened, stored, pin, key, message);
    // Whatever the result, no verified PIN stays behind. If this fails, the end of the process does it.
    let _ = session.logout();
    signed
}

fn sign_logged_in(
    module: &Pkcs11,
    functions: &Functions,
    opened: &Opened,
    stored: &Stored,
    pin: Option<&AuthPin>,
    key: Key,
    message: &[u8],
) -> Result<Vec<u8>, Fault> {
    let session = &opened.session;
    let handle = private_key(opened, stored, key)?;
    let always = session
        .get_attributes(handle, &[AttributeType::AlwaysAuthenticate])
        .is_ok_and(|attributes| attributes.contains(&Attribute::AlwaysAuthenticate(true)));
    let supported = module.get_mechanism_list(opened.slot).map_err(|error| fault(&error))?;
    let mut refusal = Fault { kind: FaultKind::KeyUnsupported, detail: "no mechanism".to_owned() };
    for way in ways(key, message) {
        if !supported.contains(&way.mechanism.mechanism_type()) {
            continue;
        }
        // A mechanism that the token lists but this key does not allow is refused here, before anything is spent:
        // the next one may work.
        if let Err(error) = session.sign_init(&way.mechanism, handle) {
            refusal = fault(&error);
            if refusal.kind == FaultKind::KeyUnsupported {
                continue;
            }
            return Err(refusal);
        }
        if always {
            let login = session.login(UserType::ContextSpecific, pin);
            login.map_err(|error| login_fault(module, opened, &error))?;
        }
        let signature = functions.sign(session, &way.input).map_err(|value| {
            let error =
                Rv::from(value).into_result(Function::Sign).err().unwrap_or(ModuleError::InvalidValue);
            fault(&error)
        })?;
        if signature.len() != signature_length(key) {
            return Err(Fault {
                kind: FaultKind::Failed,
                detail: "C_Sign: length of the signature".to_owned(),
            });
        }
        return Ok(signature);
    }
    Err(refusal)
}

/// The meaning of a failed login, given what the token now says about its PIN.
fn login_fault(module: &Pkcs11, opened: &Opened, error: &ModuleError) -> Fault {
    let mut fault = fault(error);
    if fault.kind == FaultKind::PinWrong
        && let Ok(info) = module.get_token_info(opened.slot)
    {
        let now = pin_flags(&info);
        if now.locked {
            fault.kind = FaultKind::PinLocked;
        } else if now.final_try {
            fault.kind = FaultKind::PinWrongOneLeft;
        }
    }
    fault
}

/// First the mechanisms that only do the private operation: every token that can sign has them. A token whose keys
/// may not be used like that hashes itself.
fn ways(key: Key, message: &[u8]) -> [Way; 2] {
    match key {
        Key::Rsa { .. } => [
            Way { mechanism: Mechanism::RsaPkcs, input: sha256_digest_info(&Sha256::digest(message)) },
            Way { mechanism: Mechanism::Sha256RsaPkcs, input: message.to_vec() },
        ],
        Key::P256 => [
            Way { mechanism: Mechanism::Ecdsa, input: Sha256::digest(message).to_vec() },
            Way { mechanism: Mechanism::EcdsaSha256, input: message.to_vec() },
        ],
        Key::P384 => [
            Way { mechanism: Mechanism::Ecdsa, input: Sha384::digest(message).to_vec() },
            Way { mechanism: Mechanism::EcdsaSha384, input: message.to_vec() },
        ],
    }
}

/// RSA's block, or ECDSA's R ‖ S, which is what PKCS #11 returns (2.40 mechanisms, 2.3.1).
fn signature_length(key: Key) -> usize {
    match key {
        Key::Rsa { bytes } => bytes,
        Key::P256 => 64,
        Key::P384 => 96,
    }
}

/// The certificate's key: by CKA_ID, else by the modulus, else the only one of its type.
fn private_key(opened: &Opened, stored: &Stored, key: Key) -> Result<ObjectHandle, Fault> {
    let key_type = if matches!(key, Key::Rsa { .. }) { KeyType::RSA } else { KeyType::EC };
    let mut template = vec![Attribute::Class(ObjectClass::PRIVATE_KEY), Attribute::KeyType(key_type)];
    let keys = |template: &[Attribute]| opened.session.find_objects(template).map_err(|error| fault(&error));
    let distinctions = [
        (!stored.id.is_empty()).then(|| Attribute::Id(stored.id.clone())),
        modulus(&stored.der).map(Attribute::Modulus),
    ];
    for distinction in distinctions.into_iter().flatten() {
        template.push(distinction);
        if let [handle, ..] = keys(&template)?.as_slice() {
            return Ok(*handle);
        }
        template.pop();
    }
    match keys(&template)?.as_slice() {
        [handle] => Ok(*handle),
        _ => Err(Fault {
            kind: FaultKind::KeyUnsupported,
            detail: "no private key of that certificate".to_owned(),
        }),
    }
}

fn modulus(der: &[u8]) -> Option<Vec<u8>> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let Ok(PublicKey::RSA(key)) = certificate.public_key().parsed() else { return None };
    let zeros = key.modulus.iter().take_while(|&&byte| byte == 0).count();
    Some(key.modulus[zeros..].to_vec())
}

#[cfg(test)]
mod tests {
    use cryptoki::mechanism::MechanismType;

    use super::*;

    #[test]
    fn a_token_that_hashes_itself_gets_the_message_and_any_other_the_hash() {
        let message = b"message";
        for (key, bare) in [
            (Key::Rsa { bytes: 256 }, 19 + 32),
            (Key::Rsa { bytes: 512 }, 19 + 32),
            (Key::P256, 32),
            (Key::P384, 48),
        ] {
            let [first, second] = ways(key, message);
            assert_eq!((first.input.len(), second.input.as_slice()), (bare, &message[..]), "{key:?}");
            assert!(
                [MechanismType::RSA_PKCS, MechanismType::ECDSA].contains(&first.mechanism.mechanism_type())
            );
        }
    }
}
