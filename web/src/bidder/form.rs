//! 利用者登録: the contents of the form, what is wrong with them and whether they are saved.

use touroku_proto::{
    agency::Way,
    api::SessionView,
    few::Few,
    field::{FieldId, Problem, Rule, Values},
    form::{Form, Mode, Occasion, Row},
};

use crate::bidder::{draft::without_secrets, postal::PostalSearch};

#[derive(Clone, Default)]
pub struct FormState {
    /// Whose form this is; another company or card clears it.
    owner: Option<Owner>,
    /// Every row's value as the server gave it, before anything was typed.
    pub base: Values,
    /// Every row's value, shown and edited ones.
    pub values: Values,
    /// [`touroku_proto::api::CompanyView::revision`] of `base`.
    of_revision: i64,
    /// 住所を検索.
    pub postal: Option<PostalSearch>,
    /// 変更: what somebody else changed while the form was being filled in.
    pub overtaken: Vec<Overtaken>,
    /// What is wrong, by field: found when a field was left, at 入力内容確認, or by the server.
    pub problems: Few<FieldId, Problem>,
    /// A mail address that looks mistyped: its field, and the suggestion.
    pub typo: Option<(FieldId, String)>,
    /// The list of errors is shown.
    pub summary: bool,
    /// Rises with each change.
    pub revision: u32,
    /// The revision stored by the server.
    pub saved: u32,
    /// The revision being sent.
    pub saving: Option<u32>,
    /// Consecutive failures to save.
    pub failures: u32,
    /// 入力内容確認 waits until everything is saved.
    pub confirming: bool,
}

/// A row that somebody else changed while it was on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overtaken {
    pub field: FieldId,
    /// The value when the form was opened.
    pub before: String,
    /// What the other person wrote.
    pub theirs: String,
    /// Something else was typed here; it is kept, and would replace `theirs`.
    pub typed: bool,
}

/// Whose form it is: company and card, or company and ID; and whether it changes a registration.
#[derive(Clone, PartialEq, Eq)]
struct Owner {
    company: [String; 2],
    card: [String; 2],
    change: bool,
}

impl Owner {
    fn of(view: &SessionView) -> Option<Self> {
        let change = view.company.as_ref()?.occasion == Occasion::Change;
        let company = &view.company.as_ref()?.values;
        let text = |values: &Values, field| values.text(field).to_owned();
        let card = match view.way {
            Way::Card => {
                let card = &view.card.as_ref()?.values;
                [text(card, FieldId::CertificateIssuer), text(card, FieldId::CertificateSerial)]
            }
            // ID登録申請 has none yet; what was typed in this tab belongs to the company alone.
            Way::Password => [view.login_id.clone().unwrap_or_default(), String::new()],
        };
        Some(Self {
            company: [text(company, FieldId::CompanyNumber), text(company, FieldId::CompanyName)],
            card,
            change,
        })
    }
}

impl FormState {
    /// Takes over what the server knows. What was typed in this tab takes precedence, as long as company and card
    /// are the same.
    pub fn adopt(&mut self, view: &SessionView, form: &Form) {
        let owner = Owner::of(view);
        let Some(company) = view.company.as_ref().filter(|_| owner.is_some()) else { return };
        let same = self.owner == owner;
        let mut base = company.values.clone();
        if let Some(card) = &view.card {
            base.merge(card.values.clone());
        }
        if matches!(company.occasion, Occasion::Change | Occasion::ChangeAccount) {
            repeat(form, &mut base);
        }
        let mut values = base.clone();
        if let Some(draft) = &view.draft {
            values.merge(edited(form, company.occasion, draft));
        }
        if same {
            self.keep_typed(form, company.occasion, &base, &mut values);
            if self.of_revision != company.revision {
                self.overtaken = self.overtaken_by(form, company.occasion, &base);
            }
            (self.base, self.values, self.of_revision) = (base, values, company.revision);
        } else {
            let of_revision = company.revision;
            *self = Self { owner, base, values, of_revision, ..Self::default() };
        }
    }

    /// Puts the values of this tab into `values`; a row that only somebody else changed takes the new value.
    fn keep_typed(&self, form: &Form, occasion: Occasion, base: &Values, values: &mut Values) {
        for field in edited_rows(form, occasion).map(|row| row.field) {
            let Some(here) = self.values.0.get(&field) else { continue };
            let untouched = here == self.base.text(field) && self.base.text(field) != base.text(field);
            values.set(field, if untouched { base.text(field) } else { here });
        }
    }

    fn overtaken_by(&self, form: &Form, occasion: Occasion, base: &Values) -> Vec<Overtaken> {
        edited_rows(form, occasion)
            .map(|row| row.field)
            .filter(|&field| !field.is_repetition() && self.base.text(field) != base.text(field))
            .map(|field| {
                let (before, theirs) = (self.base.text(field).to_owned(), base.text(field).to_owned());
                let here = self.values.text(field).trim();
                let typed = here != before && here != theirs;
                Overtaken { field, before, theirs, typed }
            })
            .collect()
    }

    /// Whether a row differs from the registration.
    pub fn differs(&self, field: FieldId) -> bool {
        self.values.text(field).trim() != self.base.text(field).trim()
    }

    /// Whether 変更 would change anything.
    pub fn changes_anything(&self, form: &Form, occasion: Occasion) -> bool {
        edited_rows(form, occasion).any(|row| !row.field.is_repetition() && self.differs(row.field))
    }

    /// What the server stores as a draft, never a password. At 変更 only the differences: a draft that comes back
    /// days later must not undo what somebody else changed meanwhile.
    pub fn draft(&self, form: &Form, occasion: Occasion) -> Values {
        let mut values = without_secrets(edited(form, occasion, &self.values));
        if matches!(occasion, Occasion::Change | Occasion::ChangeAccount) {
            values.0.retain(|&field, value| value != self.base.text(field));
        }
        values
    }

    /// Whether something is not saved yet.
    pub fn is_dirty(&self) -> bool {
        self.revision != self.saved
    }

    pub fn touch(&mut self) {
        self.revision += 1;
    }

    /// Checks one row again, and the row that repeats it.
    pub fn check(&mut self, form: &Form, occasion: Occasion, field: FieldId) {
        for row in edited_rows(form, occasion) {
            let repeats = matches!(&row.rule, Some(Rule::Repeat { of }) if *of == field);
            let repetition_typed = repeats && !self.values.text(row.field).is_empty();
            if row.field != field && !repetition_typed {
                continue;
            }
            match row.check(&self.values) {
                Err(problem) => self.find(row.field, problem),
                Ok(()) => {
                    self.problems.remove(&row.field);
                }
            }
        }
    }

    /// A displayed problem follows the value: it disappears as soon as typing solves it, and never concerns a
    /// previous value. New ones wait until the field is left.
    pub fn forgive(&mut self, form: &Form, occasion: Occasion) {
        for row in edited_rows(form, occasion) {
            let Some(shown) = self.problems.get(&row.field) else { continue };
            match row.check(&self.values) {
                // The server's verdict on a value that our rules accept concerns only that value.
                Ok(()) => {
                    self.problems.remove(&row.field);
                }
                Err(problem) if problem != *shown => self.find(row.field, problem),
                Err(_) => {}
            }
        }
    }

    /// Merely passing through an empty field is not a mistake yet, nor is clearing one.
    fn find(&mut self, field: FieldId, problem: Problem) {
        if problem == Problem::Required && !self.summary {
            self.problems.remove(&field);
        } else {
            self.problems.insert(field, problem);
        }
    }
}

/// Fills repetitions with their originals: an unchanged address need not be retyped, a changed one differs.
fn repeat(form: &Form, values: &mut Values) {
    for row in edited_rows(form, Occasion::Change) {
        if let Some(Rule::Repeat { of }) = &row.rule {
            let original = values.text(*of).to_owned();
            values.set(row.field, original);
        }
    }
}

/// Whether something typed is being restored that differs from the current value.
pub fn has_draft(view: &SessionView) -> bool {
    let stands = |field| view.company.as_ref().map_or("", |company| company.values.text(field));
    let typed = |(&field, text): (&FieldId, &String)| !text.is_empty() && text != stands(field);
    view.draft.as_ref().is_some_and(|draft| draft.0.iter().any(typed))
}

/// The rows that a person edits on that occasion.
pub fn edited_rows(form: &Form, occasion: Occasion) -> impl Iterator<Item = &Row> {
    form.rows().filter(move |row| row.mode(occasion) == Mode::Edit)
}

/// The values of the rows that a person edits, including repetitions: what is saved and sent.
pub fn edited(form: &Form, occasion: Occasion, values: &Values) -> Values {
    edited_rows(form, occasion)
        .filter(|row| values.0.contains_key(&row.field))
        .map(|row| (row.field, values.text(row.field).to_owned()))
        .collect()
}
