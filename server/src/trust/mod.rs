//! What the server trusts: anchors, intermediates, CRLs and OCSP responses, from files and from the network.
//! Judging is up to `touroku_pki`.

mod fetch;
mod files;
mod ldap;
mod responders;
mod shelf;

use touroku_pki::Circumstances;
use touroku_proto::agency::AgencyProfile;

pub use self::{
    fetch::{FetchFailure, client, download},
    files::{TrustFiles, TrustSources, decide_with_fetching, read_certificates},
};

/// At that time, Unix milliseconds, for an agency.
pub fn circumstances(now: i64, agency: &AgencyProfile) -> Circumstances {
    let (uncheckable, my_number) = (agency.uncheckable, agency.cards.my_number);
    Circumstances { at: now.div_euclid(1000), uncheckable, my_number }
}

/// Parses bytes as a directory's message and as a URL, for the fuzz targets of `tests/fuzz`.
#[cfg(feature = "fuzzing")]
pub fn read_directory(bytes: &[u8]) {
    ldap::read(bytes);
}
