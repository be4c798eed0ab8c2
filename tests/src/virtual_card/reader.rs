//! The virtual readers, and who may use them.

use std::{fs, io};

use rustix::fs::{FlockOperation, flock};

/// The first virtual reader's port; its name is "Virtual PCD 00 00".
pub const FIRST_PORT: u16 = 35963;

/// The second virtual reader's port; its name is "Virtual PCD 00 01".
pub const SECOND_PORT: u16 = 35964;

/// The name under which PC/SC shows the reader of a port; `None` for a port of some other vpcd.
pub fn reader_name(port: u16) -> Option<&'static str> {
    match port {
        FIRST_PORT => Some("Virtual PCD 00 00"),
        SECOND_PORT => Some("Virtual PCD 00 01"),
        _ => None,
    }
}

/// The right to use a virtual reader, until it is dropped.
pub struct ReaderLock {
    _file: fs::File,
}

/// Waits for the reader of that port to be free and takes it: one user at a time over all threads, test
/// binaries and processes of this machine.
///
/// **Every test that puts a card into a reader, or starts `virtual-card`, takes this first** and drops it
/// after the card. The program `virtual-card` itself does not, because the one who starts it may hold the
/// lock; it refuses a reader that has a card in it. The lock is a file lock: it ends with its process.
pub fn reader_lock(port: u16) -> io::Result<ReaderLock> {
    let file = fs::File::create(std::env::temp_dir().join(format!("touroku-reader-{port}.lock")))?;
    flock(&file, FlockOperation::LockExclusive)?;
    Ok(ReaderLock { _file: file })
}
