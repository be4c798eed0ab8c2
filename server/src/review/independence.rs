//! Whose approval counts beside whose: one officer must not pass for two.

use touroku_proto::officer::review::ApprovalBlock;

use crate::{
    error::Error,
    store::{COMMAND, Makings, Reader},
};

/// How long an account that an officer created, or sent a new link, does not count as one of two approvers: long
/// enough for the others to notice. Whoever was an administrator this recently still counts as one. Milliseconds.
pub(crate) const NEW_FOR: i64 = 10 * 86_400_000;

/// Why that officer's approval would not count as one of two beside those of these others, of what was applied for or
/// proposed at `asked_at`. Two whom the same officer made count only where the agency has no administrator who could
/// decide instead and has nothing to do with them: most agencies have all accounts from one.
pub(crate) fn blocked(
    reader: &Reader<'_>,
    agency: &str,
    login_id: &str,
    others: &[&str],
    (asked_at, now): (i64, i64),
) -> Result<Option<ApprovalBlock>, Error> {
    // A new link at the same address is read by the same person: it counts for a while, and for what was pending.
    let makings = Makings { links_from: asked_at.min(now - NEW_FOR + 1), ..Makings::LASTING };
    for other in others.iter().filter(|other| !other.eq_ignore_ascii_case(login_id)) {
        let is_made = match relation(reader, agency, [login_id, other], makings)? {
            None => false,
            Some(Relation::Made) => true,
            Some(Relation::Siblings) => has_uninvolved(reader, agency, [login_id, other], now)?,
        };
        if is_made {
            return Ok(Some(ApprovalBlock::Made));
        }
    }
    let counts_from = reader.made_at(agency, login_id)?.map(|at| at + NEW_FOR);
    Ok(counts_from.filter(|&at| at > now).map(ApprovalBlock::New))
}

/// What two accounts have to do with each other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    /// One made the other, directly or through accounts of their own.
    Made,
    /// Some other officer made both.
    Siblings,
}

pub(crate) fn relation(
    reader: &Reader<'_>,
    agency: &str,
    [one, other]: [&str; 2],
    which: Makings,
) -> Result<Option<Relation>, Error> {
    let makers = reader.makers_of(agency, one, which)?;
    let others = reader.makers_of(agency, other, which)?;
    let is_among =
        |makers: &[String], login_id: &str| makers.iter().any(|maker| maker.eq_ignore_ascii_case(login_id));
    if is_among(&makers, other) || is_among(&others, one) {
        return Ok(Some(Relation::Made));
    }
    let have_the_same = makers.iter().any(|maker| maker != COMMAND && is_among(&others, maker));
    Ok(have_the_same.then_some(Relation::Siblings))
}

/// Whether an administrator has nothing to do with these officers. Nobody makes them involved by stopping, demoting or
/// taking over their account in the last days, nor at any time by sending them a new link.
fn has_uninvolved(reader: &Reader<'_>, agency: &str, officers: [&str; 2], now: i64) -> Result<bool, Error> {
    let before = now - NEW_FOR;
    let makings = Makings { until: before, ..Makings::LASTING };
    'managers: for manager in reader.managers(agency, before)? {
        for officer in officers {
            if manager.eq_ignore_ascii_case(officer)
                || relation(reader, agency, [&manager, officer], makings)?.is_some()
            {
                continue 'managers;
            }
        }
        if reader.created_at(agency, &manager)?.is_none_or(|at| at <= before) {
            return Ok(true);
        }
    }
    Ok(false)
}
