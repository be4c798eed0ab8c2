//! `roster import`.
use super::Verdict;
use crate::{error::Error, outside::Outside};
/// roster
#[derive(Debug, clap::Subcommand)]
pub(super) enum Roster {
    /// i
    Import {},
}
impl Roster {
    pub(super) fn run(self, _: &Outside) -> Result<Verdict, Error> {
        Ok(Verdict::Bad)
    }
}
