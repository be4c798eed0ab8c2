//! 監査記録: viewed, verified, exported.

mod chain;
mod check;
mod page;
pub(crate) mod running;
mod seal;

use std::sync::Arc;

use serde_json::json;
use touroku_proto::officer::audit::{AuditAction, AuditEntry, AuditHead, Detail};

pub use self::{
    chain::{Broken, Chain, How},
    check::{begin_check, check_all, check_state},
    page::{list, page},
    running::AuditChecks,
    seal::{head, seal_again, tend},
};
use super::Acting;
use crate::{app::App, error::Error};

/// Entries read at once by whatever reads all of them, so that nobody waits for it.
pub const BATCH: u32 = 2_000;

/// Records the export. Returns the number of the last entry that belongs to it: its own.
pub async fn begin_export(app: &Arc<App>, acting: Acting) -> Result<i64, Error> {
    let now = app.outside.now();
    let last = app.store.write(move |writer| {
        acting.record(writer, AuditAction::AuditExported, "", &Detail::None, now)?;
        Ok(writer.audit_head(acting.agency())?.map_or(0, |(sequence, _)| sequence))
    });
    last.await
}

/// An agency's next entries, oldest first; empty: there are no more.
pub async fn batch(app: &Arc<App>, agency: &str, after: i64) -> Result<Vec<AuditEntry>, Error> {
    let agency = agency.to_owned();
    app.store.read(move |reader| reader.audit_entries(&agency, after, BATCH)).await
}

/// Entries as JSON lines.
pub fn to_lines(entries: &[AuditEntry]) -> Result<String, Error> {
    let mut lines = String::new();
    for entry in entries {
        let line = serde_json::to_string(entry);
        lines.push_str(&line.map_err(|_| Error::Defect("an entry can't be written as JSON"))?);
        lines.push('\n');
    }
    Ok(lines)
}

/// The end of a chain as the last line of an export.
pub fn to_last_line(head: &AuditHead) -> String {
    format!("{}\n", json!({ "head": head }))
}
