//! 住所を検索.

use touroku_proto::{
    api::PostalMatches,
    field::{FieldId, Problem},
};

use crate::bidder::{
    action::Answer,
    effect::{Ask, Effect, Focus},
    postal::{PostalFound, PostalSearch, PostalStep, address_of, digits},
    state::State,
};

impl State {
    /// 住所を検索 beside a 郵便番号.
    pub(super) fn find_address(&mut self, field: FieldId) -> Vec<Effect> {
        let Some((form, occasion)) = self.session_form() else { return Vec::new() };
        let Some(address) = address_of(form, occasion, field) else { return Vec::new() };
        let waiting = |search: &PostalSearch| search.found == PostalFound::Waiting;
        if self.form.postal.as_ref().is_some_and(waiting) {
            return Vec::new();
        }
        let typed = self.form.values.text(field).trim();
        let Some(digits) = digits(typed) else {
            let problem = if typed.is_empty() { Problem::Required } else { Problem::NotPostalCode };
            self.form.problems.insert(field, problem);
            self.form.postal = None;
            return vec![Effect::Focus(Focus::Field(field.as_str()))];
        };
        let search = PostalSearch { field, address, digits: digits.clone(), found: PostalFound::Waiting };
        self.form.postal = Some(search);
        vec![Effect::Ask(Ask::Postal(digits))]
    }

    /// One address fills an empty row; everything else waits for a choice.
    pub(super) fn addresses_found(&mut self, digits: &str, answer: Answer<PostalMatches>) -> Vec<Effect> {
        let Some(search) = &mut self.form.postal else { return Vec::new() };
        if search.digits != digits || search.found != PostalFound::Waiting {
            return Vec::new();
        }
        let Ok(PostalMatches { addresses }) = answer else {
            search.found = PostalFound::Failed;
            return Vec::new();
        };
        let empty = self.form.values.text(search.address).trim().is_empty();
        match addresses.as_slice() {
            [] => search.found = PostalFound::Nothing,
            [only] if empty => {
                let only = only.clone();
                return self.fill_address(only);
            }
            _ => {
                search.found = PostalFound::Choices { addresses, active: 0 };
                return vec![Effect::Focus(Focus::Addresses)];
            }
        }
        Vec::new()
    }

    /// A key in the list.
    pub(super) fn step_address(&mut self, step: PostalStep) -> Vec<Effect> {
        if let Some(PostalSearch { found: PostalFound::Choices { addresses, active }, .. }) =
            &mut self.form.postal
        {
            *active = step.from(*active, addresses.len());
        }
        Vec::new()
    }

    /// An address was chosen.
    pub(super) fn choose_address(&mut self, index: usize) -> Vec<Effect> {
        let chosen = match &self.form.postal {
            Some(PostalSearch { found: PostalFound::Choices { addresses, .. }, .. }) => addresses.get(index),
            _ => None,
        };
        match chosen.cloned() {
            Some(address) => self.fill_address(address),
            None => Vec::new(),
        }
    }

    /// やめる: the row stays as it is.
    pub(super) fn close_addresses(&mut self) -> Vec<Effect> {
        match self.form.postal.take() {
            Some(search) => vec![Effect::Focus(Focus::Field(search.field.as_str()))],
            None => Vec::new(),
        }
    }

    fn fill_address(&mut self, address: String) -> Vec<Effect> {
        let Some(search) = &mut self.form.postal else { return Vec::new() };
        search.found = PostalFound::Filled;
        let field = search.address;
        // The street number typed after this very address stays.
        let mut effects = match self.form.values.text(field).starts_with(&address) {
            true => Vec::new(),
            false => self.typed(field, address),
        };
        effects.push(Effect::Focus(Focus::Field(field.as_str())));
        effects
    }
}
