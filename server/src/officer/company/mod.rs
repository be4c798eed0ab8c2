//! 照会: companies, their pages, suspension, export.

mod detail;
pub(crate) mod export;
mod find;
pub mod index;
mod listing;
mod mail;
mod permit;
mod receipt;
mod suspend;
pub(crate) mod timeline;

pub(super) use self::suspend::{note, record};
pub use self::{
    detail::company,
    export::{Export, Wanted, export, export_listing},
    find::companies,
    listing::listing,
    mail::mail,
    permit::{grant_permits, set_permit},
    receipt::receipt,
    suspend::{Target, correct, lift, suspend},
    timeline::timeline,
};
pub(crate) use self::{detail::detail_for, permit::put_permit};
