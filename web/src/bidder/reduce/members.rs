//! The members of a portal.

use std::rc::Rc;

use crate::bidder::{
    effect::Effect,
    members::{MembersAction, Sought},
    state::State,
};

impl State {
    pub(super) fn members_acted(&mut self, action: MembersAction) -> Vec<Effect> {
        match action {
            MembersAction::Read { code, answer: Ok(portal) } => {
                self.joint.insert(code, Rc::new(portal));
                self.settle()
            }
            MembersAction::Read { answer: Err(trouble), .. } => self.fail_loading(trouble),
            MembersAction::Row(row) => {
                self.sought_members = Sought { row, typed: String::new() };
                Vec::new()
            }
            MembersAction::Typed(typed) => {
                self.sought_members = Sought { row: None, typed };
                Vec::new()
            }
        }
    }
}
