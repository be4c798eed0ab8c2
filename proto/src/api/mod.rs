//! What the contractors' calls ([`crate::endpoint::bidder`]) take and answer, and how any call is refused.

mod error;
mod portal;
mod registration;
mod session;

pub use self::{error::*, portal::*, registration::*, session::*};
pub use crate::filing::{Function, Prepared};

/// The session's cookie. `__Host-`: secure, no domain, path `/` (RFC 6265bis, 4.1.3.2).
pub const SESSION_COOKIE: &str = "__Host-touroku";
