//! The protocol of this build of the host.

use touroku_proto::{OLDEST_PROTOCOL, PROTOCOL, card::Part};

/// This host's version and protocol.
pub fn ours() -> Part {
    Part {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        protocol: PROTOCOL,
        oldest_protocol: OLDEST_PROTOCOL,
    }
}
