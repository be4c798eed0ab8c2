//! What is registered: companies, their cards and IDs, and what becomes of them in a transaction. Sessions are in
//! `bidder`, officers in `officer`.

pub(crate) mod account;
pub(crate) mod card;
pub(crate) mod company;
mod entry;
pub(crate) mod identity;
pub(crate) mod information;
pub(crate) mod issued;
pub(crate) mod renamed;
pub(crate) mod told;
pub(crate) mod turned;

use touroku_proto::{
    agency::{AgencyProfile, Category},
    form::Form,
};

pub(crate) use self::entry::Entry;
use crate::{
    error::Error,
    mail::Desk,
    store::{EventKind, Holder},
};

/// Where something is done: the agency, the category and the form.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) profile: &'a AgencyProfile,
    pub(crate) category: &'a Category,
    pub(crate) form: &'a Form,
}

impl Desk<'_> {
    /// Adds to a company's timeline.
    pub(crate) fn record(&self, number: &str, holder: Holder, kind: EventKind) -> Result<(), Error> {
        self.writer.record_event(self.agency(), number, holder, kind, self.now)
    }
}
