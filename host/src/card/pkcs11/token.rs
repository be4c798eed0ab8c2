//! Which tokens exist and what they show without a PIN, in the module's process.

use cryptoki::{
    context::Pkcs11,
    error::{Error as ModuleError, RvError},
    object::{Attribute, AttributeType, ObjectClass},
    session::Session,
    slot::{Slot, TokenInfo},
};
use sha2::{Digest, Sha256};
use touroku_proto::certificate::Facts;

use super::wire::{Der, Fault, FaultKind, PinFlags, Token};

/// No card has more: a bound on what a module can make this host read.
const MOST_CERTIFICATES: usize = 32;
const LONGEST_CERTIFICATE: usize = 16 * 1024;

/// A certificate on a token, and how to find its key.
pub(super) struct Stored {
    pub(super) der: Vec<u8>,
    /// CKA_ID, the same as the key's; empty when the token gives none.
    pub(super) id: Vec<u8>,
}

/// A token in whose slot a session is open.
pub(super) struct Opened {
    pub(super) slot: Slot,
    pub(super) session: Session,
    pub(super) token: Token,
    pub(super) stored: Vec<Stored>,
}

/// All tokens present. One that can't be read does not hide the others.
pub(super) fn all(module: &Pkcs11) -> Result<Vec<Opened>, Fault> {
    let mut tokens = Vec::new();
    let mut failure = None;
    for slot in module.get_slots_with_initialized_token().map_err(|error| fault(&error))? {
        match open(module, slot) {
            Ok(token) => tokens.push(token),
            Err(error) => {
                let fault = fault(&error);
                if fault.kind != FaultKind::Removed {
                    failure = Some(fault);
                }
            }
        }
    }
    match failure {
        Some(fault) if tokens.is_empty() => Err(fault),
        _ => Ok(tokens),
    }
}

/// The token with a certificate of that SHA-256, in lower-case hex, and the certificate.
pub(super) fn with_certificate(module: &Pkcs11, sha256: &str) -> Result<(Opened, Stored), Fault> {
    for mut opened in all(module)? {
        let wanted = |stored: &Stored| hex::encode(Sha256::digest(&stored.der)) == sha256;
        if let Some(at) = opened.stored.iter().position(wanted) {
            let stored = opened.stored.swap_remove(at);
            return Ok((opened, stored));
        }
    }
    Err(Fault { kind: FaultKind::CertificateMissing, detail: "no token has it".to_owned() })
}

/// The flags as they are now.
pub(super) fn pin_flags(info: &TokenInfo) -> PinFlags {
    PinFlags {
        required: info.login_required(),
        initialized: info.user_pin_initialized(),
        pad: info.protected_authentication_path(),
        low: info.user_pin_count_low(),
        final_try: info.user_pin_final_try(),
        locked: info.user_pin_locked(),
        to_be_changed: info.user_pin_to_be_changed(),
    }
}

/// The meaning of a failed call.
pub(super) fn fault(error: &ModuleError) -> Fault {
    let (kind, detail) = match error {
        ModuleError::Pkcs11(rv, function) => (kind(rv), format!("C_{function:?}: {}", name(rv))),
        // libloading's text names the file and the reason.
        ModuleError::LibraryLoading(why) => (FaultKind::Load, why.to_string()),
        ModuleError::MissingSymbol(symbol) => (FaultKind::Load, format!("no {symbol}")),
        other => (FaultKind::Failed, other.to_string()),
    };
    Fault { kind, detail }
}

fn open(module: &Pkcs11, slot: Slot) -> Result<Opened, ModuleError> {
    let (place, info) = (module.get_slot_info(slot)?, module.get_token_info(slot)?);
    let session = module.open_ro_session(slot)?;
    let stored = certificates(&session)?;
    let token = Token {
        slot: place.slot_description().to_owned(),
        label: info.label().to_owned(),
        min_pin: info.min_pin_length(),
        max_pin: info.max_pin_length(),
        pin: pin_flags(&info),
        certificates: stored.iter().map(|stored| Der(stored.der.clone())).collect(),
    };
    Ok(Opened { slot, session, token, stored })
}

fn certificates(session: &Session) -> Result<Vec<Stored>, ModuleError> {
    let mut found = Vec::new();
    for object in session.find_objects(&[Attribute::Class(ObjectClass::CERTIFICATE)])? {
        let (mut der, mut id) = (Vec::new(), Vec::new());
        for attribute in session.get_attributes(object, &[AttributeType::Value, AttributeType::Id])? {
            match attribute {
                Attribute::Value(value) => der = value,
                Attribute::Id(value) => id = value,
                _ => {}
            }
        }
        let fits = !der.is_empty() && der.len() <= LONGEST_CERTIFICATE && found.len() < MOST_CERTIFICATES;
        if fits && !is_my_number(&der) {
            found.push(Stored { der, id });
        }
    }
    Ok(found)
}

/// Modules such as OpenSC's support My Number Cards as well. Those are used only natively, and only where the
/// agency accepts them.
fn is_my_number(der: &[u8]) -> bool {
    Facts::parse(der).is_ok_and(|facts| facts.my_number().is_some())
}

fn kind(rv: &RvError) -> FaultKind {
    match rv {
        RvError::PinIncorrect => FaultKind::PinWrong,
        RvError::PinLocked => FaultKind::PinLocked,
        RvError::PinLenRange | RvError::PinInvalid => FaultKind::PinFormat,
        RvError::PinExpired => FaultKind::PinExpired,
        RvError::UserPinNotInitialized => FaultKind::PinNotSet,
        RvError::FunctionCanceled | RvError::Cancel | RvError::FunctionRejected => FaultKind::Cancelled,
        RvError::DeviceRemoved
        | RvError::TokenNotPresent
        | RvError::TokenNotRecognized
        | RvError::SlotIdInvalid
        | RvError::SessionHandleInvalid
        | RvError::SessionClosed => FaultKind::Removed,
        RvError::MechanismInvalid
        | RvError::KeyTypeInconsistent
        | RvError::KeyFunctionNotPermitted
        | RvError::KeySizeRange => FaultKind::KeyUnsupported,
        _ => FaultKind::Failed,
    }
}

/// The return value's name in the standard, which is what a help desk searches for.
fn name(rv: &RvError) -> String {
    match rv {
        RvError::VendorDefined(value) | RvError::UnknownErrorCode(value) => format!("CKR 0x{value:08X}"),
        named => {
            let mut name = "CKR".to_owned();
            for letter in format!("{named:?}").chars() {
                if letter.is_ascii_uppercase() {
                    name.push('_');
                }
                name.push(letter.to_ascii_uppercase());
            }
            name
        }
    }
}

#[cfg(test)]
mod tests {
    use cryptoki::context::Function;

    use super::*;

    #[test]
    fn a_failure_names_function_and_value_as_the_standard_does() {
        for (rv, kind, detail) in [
            (RvError::PinIncorrect, FaultKind::PinWrong, "C_Login: CKR_PIN_INCORRECT"),
            (RvError::PinLocked, FaultKind::PinLocked, "C_Login: CKR_PIN_LOCKED"),
            (RvError::PinLenRange, FaultKind::PinFormat, "C_Login: CKR_PIN_LEN_RANGE"),
            (RvError::PinExpired, FaultKind::PinExpired, "C_Login: CKR_PIN_EXPIRED"),
            (RvError::DeviceRemoved, FaultKind::Removed, "C_Login: CKR_DEVICE_REMOVED"),
            (RvError::VendorDefined(0x8000_0001), FaultKind::Failed, "C_Login: CKR 0x80000001"),
        ] {
            let found = fault(&ModuleError::Pkcs11(rv, Function::Login));
            assert_eq!(found, Fault { kind, detail: detail.to_owned() });
        }
    }
}
