//! 利用者登録: what stands in the form, what is wrong with it and whether it is saved.

use std::collections::BTreeMap;

use touroku_proto::{
    agency::Way,
    api::SessionView,
    field::{FieldId, Problem, Values},
    form::{Form, Mode, Occasion, Row},
};

/// The form's contents.
#[derive(Clone, Default)]
pub struct FormState {
    /// Whose form this is; another company or card empties it.
    owner: Option<Owner>,
    /// Every row's value, shown and edited ones.
    pub values: Values,
    /// What is wrong, by field: found when a field was left, at 入力内容確認, or by the server.
    pub problems: BTreeMap<FieldId, Problem>,
    /// The list of errors is shown.
    pub summary: bool,
    /// Rises with each change.
    pub revision: u32,
    /// The revision that the server keeps.
    pub saved: u32,
    /// The revision that is on its way.
    pub saving: Option<u32>,
    /// How often saving failed in a row.
    pub failures: u32,
    /// 入力内容確認 waits until all is saved.
    pub confirming: bool,
}

/// Whose form it is: company and card, or company and ID.
#[derive(Clone, PartialEq, Eq)]
struct Owner {
    company: [String; 2],
    card: [String; 2],
}

impl Owner {
    fn of(view: &SessionView) -> Option<Self> {
        let company = &view.company.as_ref()?.values;
        let text = |values: &Values, field| values.text(field).to_owned();
        let card = match view.way {
            Way::Card => {
                let card = &view.card.as_ref()?.values;
                [text(card, FieldId::CertificateIssuer), text(card, FieldId::CertificateSerial)]
            }
            // ID登録申請 has none yet; what was typed in this tab is the company's alone.
            Way::Password => [view.login_id.clone().unwrap_or_default(), String::new()],
        };
        Some(Self {
            company: [text(company, FieldId::CompanyNumber), text(company, FieldId::CompanyName)],
            card,
        })
    }
}

impl FormState {
    /// Takes over what the server knows. What was typed in this tab goes before it, as long as company and
    /// card are the same.
    pub fn adopt(&mut self, view: &SessionView, form: &Form) {
        let owner = Owner::of(view);
        let Some(company) = view.company.as_ref().filter(|_| owner.is_some()) else { return };
        let same = self.owner == owner;
        let mut values = company.values.clone();
        if let Some(card) = &view.card {
            values.merge(card.values.clone());
        }
        if let Some(draft) = &view.draft {
            values.merge(edited(form, company.occasion, draft));
        }
        if same {
            values.merge(edited(form, company.occasion, &self.values));
            self.values = values;
        } else {
            *self = Self { owner, values, ..Self::default() };
        }
    }

    /// Whether something is not saved yet.
    pub fn is_dirty(&self) -> bool {
        self.revision != self.saved
    }

    /// Something changed.
    pub fn touch(&mut self) {
        self.revision += 1;
    }

    /// Looks at one row again, and at the row that repeats it.
    pub fn check(&mut self, form: &Form, occasion: Occasion, field: FieldId) {
        for row in edited_rows(form, occasion) {
            let repeats =
                matches!(&row.rule, Some(touroku_proto::field::Rule::Repeat { of }) if *of == field);
            let repetition_typed = repeats && !self.values.text(row.field).is_empty();
            if row.field != field && !repetition_typed {
                continue;
            }
            match row.check(&self.values) {
                // Merely passing through an empty field is no mistake yet.
                Err(Problem::Required) if !self.summary => {}
                Err(problem) => {
                    self.problems.insert(row.field, problem);
                }
                Ok(()) => {
                    self.problems.remove(&row.field);
                }
            }
        }
    }

    /// A problem that typing has just solved goes at once; new ones wait until the field is left.
    pub fn forgive(&mut self, form: &Form, occasion: Occasion) {
        let solved: Vec<FieldId> = edited_rows(form, occasion)
            .filter(|row| self.problems.contains_key(&row.field) && row.check(&self.values).is_ok())
            .map(|row| row.field)
            .collect();
        for field in solved {
            self.problems.remove(&field);
        }
    }
}

/// The rows that a person edits on that occasion.
pub fn edited_rows(form: &Form, occasion: Occasion) -> impl Iterator<Item = &Row> {
    form.rows().filter(move |row| row.mode(occasion) == Mode::Edit)
}

/// The values of the rows that a person edits, repetitions included: what is saved and sent.
pub fn edited(form: &Form, occasion: Occasion, values: &Values) -> Values {
    edited_rows(form, occasion)
        .filter(|row| values.0.contains_key(&row.field))
        .map(|row| (row.field, values.text(row.field).to_owned()))
        .collect()
}
