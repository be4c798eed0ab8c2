//! The one function missing from `cryptoki`: `C_Sign` after a separate `C_SignInit`, which keys with
//! CKA_ALWAYS_AUTHENTICATE need because their PIN comes between the two.
#![expect(unsafe_code, reason = "C_Sign of a module, called through its table of functions")]

use std::{path::Path, ptr};

use cryptoki::session::Session;
use cryptoki_sys::{CK_FUNCTION_LIST, CK_ULONG, CKR_OK, Pkcs11};

/// Room for a signature of RSA-8192.
const LONGEST_SIGNATURE: usize = 1024;

/// A module's table of functions.
pub(super) struct Functions {
    list: *const CK_FUNCTION_LIST,
    // Keeps the module loaded.
    _library: Pkcs11,
}

impl Functions {
    /// For the module in that file, which `cryptoki` has already loaded: this adds one more reference to it.
    pub(super) fn load(module: &Path) -> Option<Self> {
        // SAFETY: the same file was loaded before, so that this runs no code of its own; a module that returns a
        // table keeps it valid for as long as it is loaded (PKCS #11 2.40, 5.4).
        unsafe {
            let library = Pkcs11::new(module).ok()?;
            let mut list: *mut CK_FUNCTION_LIST = ptr::null_mut();
            library.C_GetFunctionList.as_ref().ok()?;
            let done = library.C_GetFunctionList(&mut list);
            (done == CKR_OK && !list.is_null()).then_some(Self { list, _library: library })
        }
    }

    /// Completes the operation that `session.sign_init` began; returns the return value if that fails.
    pub(super) fn sign(&self, session: &Session, data: &[u8]) -> Result<Vec<u8>, CK_ULONG> {
        let mut signature = vec![0; LONGEST_SIGNATURE];
        // Slices of a kilobyte fit into any `CK_ULONG`.
        let mut length = LONGEST_SIGNATURE as CK_ULONG;
        // SAFETY: the table lives as long as `self`; the session is open; both pointers are valid for the given
        // lengths, and `C_Sign` does not write through the data's.
        let done = unsafe {
            let Some(sign) = (*self.list).C_Sign else {
                return Err(cryptoki_sys::CKR_FUNCTION_NOT_SUPPORTED);
            };
            sign(
                session.handle(),
                data.as_ptr().cast_mut(),
                data.len() as CK_ULONG,
                signature.as_mut_ptr(),
                &mut length,
            )
        };
        if done != CKR_OK {
            return Err(done);
        }
        signature.truncate(usize::try_from(length).unwrap_or(LONGEST_SIGNATURE));
        Ok(signature)
    }
}
