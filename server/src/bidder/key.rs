//! The key of a contractor's session.

use crate::ticket::Ticket;

/// A contractor's session, among tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contractor {}

/// The secret in the cookie of a contractor's session.
pub type SessionKey = Ticket<Contractor>;
