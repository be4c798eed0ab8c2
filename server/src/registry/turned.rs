//! What a take-over, or its undo, has done to companies that have registered: it is in force, and each is told and has it in its
//! timeline a little later, in turns with whoever else writes.

use std::time::{Duration, Instant};

use touroku_proto::officer::audit::{AuditAction, Detail};

use super::renamed::{Doer, Renamed};
use crate::{
    error::Error,
    mail::Desk,
    store::{Act, EventKind, Telling},
};

/// When a turn ends, with the company that it is at.
const TURN: Duration = Duration::from_millis(20);

impl Desk<'_> {
    /// Tells the next companies of the last move of the agency's edition. Returns whether there may be more.
    pub(crate) fn tell_turned(&self) -> Result<bool, Error> {
        let begun = Instant::now();
        let Some(mut telling) = self.writer.telling(self.agency())? else { return Ok(false) };
        // One company at least, however long it takes to read.
        loop {
            let turned = self.writer.turned_companies(&telling)?;
            if turned.is_empty() {
                self.writer.all_told(&telling)?;
                return Ok(false);
            }
            let mut told = String::new();
            for company in turned {
                if company.is_suspended {
                    self.tell_suspended(&telling, &company.number)?;
                }
                if let Some(renaming) = company.renaming {
                    let renamed = Renamed::at_moved(self.writer, self.agency(), renaming, &telling)?;
                    self.tell_renamed(renamed.as_slice(), doer(&telling))?;
                }
                told = company.number;
                if begun.elapsed() >= TURN {
                    break;
                }
            }
            self.writer.told_up_to(&mut telling, told)?;
            if begun.elapsed() >= TURN {
                return Ok(true);
            }
        }
    }

    /// Tells one of them first: an officer is about to change that.
    pub(crate) fn tell_suspended_first(&self, number: &str) -> Result<(), Error> {
        match self.writer.pending_suspension(self.agency(), number)? {
            Some(telling) => self.tell_suspended(&telling, number),
            None => Ok(()),
        }
    }

    /// A company that registered or applied but is no longer on the list was kept and suspended; or it is on the list again.
    fn tell_suspended(&self, telling: &Telling, number: &str) -> Result<(), Error> {
        let import = telling.import.ok_or(Error::Defect("a command suspends companies"))?;
        let (kind, action, reason) = if telling.is_undo() {
            self.writer.forget_suspension(telling, number)?;
            let reason = format!("業者情報取込 {import} を取り消しました");
            (EventKind::CompanyLifted, AuditAction::CompanyLifted, reason)
        } else {
            (EventKind::CompanySuspended, AuditAction::CompanySuspended, absence(import))
        };
        let actor = telling.actor();
        let act = Act { officer: actor.login_id(), reason: &reason, ..Act::of(kind) };
        self.writer.record_act(self.agency(), number, None, &act, self.now)?;
        // Without the reason, as officers' own.
        self.writer.record_deed(actor, action, number, &Detail::None, self.now)
    }
}

/// Why a company is suspended that an import's file lacks.
pub(crate) fn absence(import: i64) -> String {
    format!("有資格業者名簿から外れました（業者情報取込 {import}）")
}

fn doer(telling: &Telling) -> Doer<'_> {
    let words = match telling.import {
        None => "調達機関（名簿の取込）",
        Some(_) if telling.is_undo() => "調達機関の担当者（業者情報取込の取消し）",
        Some(_) => "調達機関の担当者（業者情報取込）",
    };
    Doer { officer: telling.actor().login_id(), words }
}
