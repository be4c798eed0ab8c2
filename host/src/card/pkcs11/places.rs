//! Where modules are found without being listed.
//!
//! Only places that a project or vendor has published. The certification authorities for e-bidding publish
//! none for their modules; those are listed in the configuration (`pkcs11_modules`).

use std::path::{Path, PathBuf};

/// OpenSC: Debian's multiarch folders, Fedora's and others' library folders, its own installers for macOS and
/// Windows (OpenSC wiki, "Installing OpenSC PKCS#11 Module").
const OPENSC: &[&str] = if cfg!(windows) {
    &[
        r"C:\Program Files\OpenSC Project\OpenSC\pkcs11\opensc-pkcs11.dll",
        r"C:\Windows\System32\opensc-pkcs11.dll",
    ]
} else if cfg!(target_os = "macos") {
    &["/Library/OpenSC/lib/opensc-pkcs11.so", "/usr/local/lib/opensc-pkcs11.so"]
} else {
    &[
        "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so",
        "/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so",
        "/usr/lib64/opensc-pkcs11.so",
        "/usr/lib/opensc-pkcs11.so",
        "/usr/local/lib/opensc-pkcs11.so",
    ]
};

/// One line per product; the first of its places that exists counts.
const PRODUCTS: &[&[&str]] = &[OPENSC];

/// The modules that exist.
pub fn discover() -> Vec<PathBuf> {
    let mut modules = Vec::new();
    for places in PRODUCTS {
        modules.extend(places.iter().map(Path::new).find(|place| place.is_file()).map(Path::to_owned));
    }
    modules
}
