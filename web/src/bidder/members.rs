//! 自治体名: the members of a portal (共同利用), and which of them are shown.

use touroku_proto::{
    api::{JointPortal, MemberSummary},
    kana,
};

use crate::bidder::action::Answer;

/// Of a long list, the most that are drawn; nobody reads more.
const MAX_SHOWN: usize = 200;

pub enum MembersAction {
    /// `GET /api/portals/{code}`.
    Read { code: String, answer: Answer<JointPortal> },
    /// A row of 五十音; `None`: all.
    Row(Option<&'static str>),
    /// The search box changed.
    Typed(String),
}

/// Which members are looked for.
#[derive(Clone, Default)]
pub struct Sought {
    /// A row of 五十音; `None`: all.
    pub row: Option<&'static str>,
    /// Part of a name or its reading; empty: all.
    pub typed: String,
}

/// The members that were found.
pub struct Found<'p> {
    pub shown: Vec<&'p MemberSummary>,
    /// How many more there are.
    pub more: usize,
}

impl Sought {
    pub fn in_portal<'p>(&self, portal: &'p JointPortal) -> Found<'p> {
        let typed = kana::fold(&self.typed);
        let is_sought = |member: &&MemberSummary| {
            let names = [&*member.name, &member.kana, member.name.translation("en").unwrap_or_default()];
            self.row.is_none_or(|row| row_of(&member.kana) == Some(row))
                && names.iter().any(|name| kana::fold(name).contains(&typed))
        };
        let mut shown: Vec<_> = portal.members.iter().filter(is_sought).collect();
        let more = shown.len().saturating_sub(MAX_SHOWN);
        shown.truncate(MAX_SHOWN);
        Found { shown, more }
    }
}

/// The row of 五十音 that a reading belongs to.
fn row_of(reading: &str) -> Option<&'static str> {
    let first = kana::fold(reading).chars().next()?;
    Some(kana::ROWS[kana::row(first)?])
}
