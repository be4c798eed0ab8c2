//! The virtual readers, and who may use them.

use std::{env, fs, io};

use rustix::fs::{FlockOperation, flock};

/// The port of Debian's vpcd.
const USUAL_PORT: u16 = 35963;

/// The first virtual reader's port; its name is "Virtual PCD 00 00". In a lane of `cargo xtask test`, which has
/// its own PC/SC service, `TOUROKU_VPCD_PORT`.
pub fn first_port() -> u16 {
    let own = env::var("TOUROKU_VPCD_PORT").ok();
    own.and_then(|port| port.parse().ok()).unwrap_or(USUAL_PORT)
}

/// The second virtual reader's port; its name is "Virtual PCD 00 01".
pub fn second_port() -> u16 {
    first_port() + 1
}

/// The name under which PC/SC shows the reader on a port; `None` for a port of some other vpcd.
pub fn reader_name(port: u16) -> Option<&'static str> {
    let names = [(first_port(), "Virtual PCD 00 00"), (second_port(), "Virtual PCD 00 01")];
    names.into_iter().find_map(|(own, name)| (own == port).then_some(name))
}

/// The right to use a virtual reader, until dropped.
pub struct ReaderLock {
    _file: fs::File,
}

/// Waits for the reader on that port to be free and takes it: one user at a time across all threads, test
/// binaries and processes of this machine.
///
/// **Every test that inserts a card into a reader, or starts `virtual-card`, takes this first** and drops it
/// after the card. The program `virtual-card` itself does not, because its caller may hold the lock; it refuses
/// a reader that already holds a card. The lock is a file lock: it ends with its process.
pub fn reader_lock(port: u16) -> io::Result<ReaderLock> {
    let file = fs::File::create(env::temp_dir().join(format!("touroku-reader-{port}.lock")))?;
    flock(&file, FlockOperation::LockExclusive)?;
    Ok(ReaderLock { _file: file })
}
