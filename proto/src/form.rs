//! A form as described by a profile: sections of rows, and what happens to each on which occasion.

use serde::{Deserialize, Serialize};

use crate::{
    field::{FieldError, FieldId, Problem, Rule, Scope, Values},
    localized::Localized,
    phone,
};

/// Why the form is on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// The company's first card.
    Register,
    /// Another card of an already registered company: only the roster's data about the company is shown, and none
    /// of it changes; what belongs to the card is entered.
    SecondCard,
    /// 変更.
    Change,
    /// ID登録申請; rows behave as at 登録.
    Apply,
    /// 変更 of an ID, its password and contacts; rows behave as at 変更. An empty password is left unchanged.
    ChangeAccount,
}

/// What a row does on an occasion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Absent.
    #[default]
    Hidden,
    /// Shown, cannot be edited.
    Show,
    /// Entered or edited.
    Edit,
    /// Shown on the confirmation only.
    Confirm,
}

/// A form of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// From top to bottom.
    pub sections: Vec<Section>,
    /// How 代表窓口情報 and ICカード利用部署情報 relate.
    #[serde(default)]
    pub contacts: ContactRule,
}

/// How the two contact sections relate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ContactRule {
    /// Independent of each other.
    Separate,
    /// May be the same: a button copies.
    #[default]
    MayBeSame,
    /// Must be the same: a button copies, and a difference is an error.
    MustBeSame,
}

/// A titled block of rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Heading.
    pub title: Localized,
    /// Text under the heading; empty for none.
    #[serde(default)]
    pub note: Localized,
    /// From top to bottom.
    pub rows: Vec<Row>,
}

impl Section {
    /// The rows that a confirmation shows: all that are visible on that occasion, except repetitions.
    pub fn confirmed(&self, occasion: Occasion) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.mode(occasion) != Mode::Hidden && !row.field.is_repetition())
    }
}

/// One row: a field, its label, and its mode on each occasion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The field.
    pub field: FieldId,
    /// 項目ラベル.
    pub label: Localized,
    /// Support text such as 半角 例:03-0000-0000; empty for none.
    #[serde(default)]
    pub hint: Localized,
    /// Must not be empty where it is edited.
    #[serde(default)]
    pub required: bool,
    /// Which values it accepts; required where the row is edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
    /// At 登録.
    #[serde(default)]
    pub register: Mode,
    /// At 変更.
    #[serde(default)]
    pub change: Mode,
    /// Prefilled from this field, where the row is edited and still empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefill: Option<FieldId>,
    /// Part of the 利用者情報 printout.
    #[serde(default)]
    pub print: bool,
}

impl Row {
    /// What this row does on that occasion.
    pub fn mode(&self, occasion: Occasion) -> Mode {
        match occasion {
            Occasion::Register | Occasion::Apply => self.register,
            Occasion::Change | Occasion::ChangeAccount => self.change,
            // What others entered for the company must not be shown before the card is admitted to it.
            Occasion::SecondCard if is_representative_contact(self.field) => Mode::Hidden,
            Occasion::SecondCard => match (self.register, self.field.scope()) {
                // A repetition of something that is not entered has nothing to repeat.
                (Mode::Edit, Scope::Company) if self.field.is_repetition() => Mode::Hidden,
                (Mode::Edit, Scope::Company) => Mode::Show,
                (mode, _) => mode,
            },
        }
    }
}

impl Form {
    /// All rows, from top to bottom.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.sections.iter().flat_map(|section| &section.rows)
    }

    /// The fields of `values` that a person enters on that occasion, without repetitions.
    pub fn entered(&self, occasion: Occasion, values: &Values) -> Values {
        self.rows()
            .filter(|row| row.mode(occasion) == Mode::Edit && !row.field.is_repetition())
            .map(|row| (row.field, row.written(values.text(row.field))))
            .collect()
    }

    /// Everything wrong with what was entered, in the order of the rows; empty: valid.
    pub fn check(&self, occasion: Occasion, values: &Values) -> Vec<FieldError> {
        let mut errors: Vec<FieldError> = self
            .rows()
            .filter(|row| row.mode(occasion) == Mode::Edit)
            .filter_map(|row| {
                let kept = occasion == Occasion::ChangeAccount
                    && row.field.is_secret()
                    && values.text(FieldId::LoginPassword).is_empty()
                    && values.text(FieldId::LoginPasswordAgain).is_empty();
                let problem = if kept { None } else { row.check(values).err() }?;
                Some(FieldError { field: row.field, problem })
            })
            .collect();
        if self.contacts == ContactRule::MustBeSame {
            for (representative, other) in self.contact_pairs() {
                let is_there = |field, shown: fn(Mode) -> bool| {
                    self.rows().any(|row| row.field == field && shown(row.mode(occasion)))
                };
                let comparable = is_there(other, |mode| mode == Mode::Edit)
                    && is_there(representative, |mode| mode != Mode::Hidden);
                let already = errors.iter().any(|error| error.field == other);
                if comparable && !already && values.text(representative).trim() != values.text(other).trim() {
                    errors.push(FieldError { field: other, problem: Problem::NotEqual });
                }
            }
        }
        errors
    }

    /// Copies 代表窓口情報 into the rows of the other contact section (the button 同じ内容にする).
    pub fn copy_contacts(&self, values: &mut Values) {
        for (from, to) in self.contact_pairs() {
            let value = values.text(from).to_owned();
            values.set(to, value);
        }
        let again = values.text(FieldId::RepresentativeContactEmailAgain).to_owned();
        // Where the address above is only shown there is no repetition of it: it was checked when it was entered.
        let again = if again.is_empty() {
            values.text(FieldId::RepresentativeContactEmail).to_owned()
        } else {
            again
        };
        let repetition = match self.is_for_account() {
            true => FieldId::ApplicantContactEmailAgain,
            false => FieldId::CardContactEmailAgain,
        };
        values.set(repetition, again);
    }

    /// Whether this is the form of an ID登録申請.
    pub fn is_for_account(&self) -> bool {
        self.rows().any(|row| row.field == FieldId::LoginId)
    }

    /// 代表窓口情報 and the other contact section, row by row.
    fn contact_pairs(&self) -> impl Iterator<Item = (FieldId, FieldId)> {
        let account = self.is_for_account();
        CONTACTS.iter().map(move |&[representative, card, applicant]| {
            (representative, if account { applicant } else { card })
        })
    }
}

impl Row {
    /// A value as it is kept: without the spaces around it, a phone number with the hyphens that it is known to have.
    pub fn written(&self, value: &str) -> String {
        let value = value.trim();
        let grouped = phone::grouped(value).filter(|_| self.rule == Some(Rule::Phone));
        grouped.unwrap_or_else(|| value.to_owned())
    }

    /// Checks this row's value.
    pub fn check(&self, values: &Values) -> Result<(), Problem> {
        let value = values.text(self.field).trim();
        if value.is_empty() {
            // An empty repetition of a non-empty original is a difference, not a permitted omission.
            let repeats_something =
                matches!(&self.rule, Some(Rule::Repeat { of }) if !values.text(*of).trim().is_empty());
            return if self.required || repeats_something { Err(Problem::Required) } else { Ok(()) };
        }
        match &self.rule {
            Some(rule) => rule.check(value, values),
            None => Ok(()),
        }
    }
}

/// Whether a field is one of 代表窓口情報.
fn is_representative_contact(field: FieldId) -> bool {
    field == FieldId::RepresentativeContactEmailAgain
        || CONTACTS.iter().any(|[representative, ..]| *representative == field)
}

/// 代表窓口情報, ICカード利用部署情報 and ID登録依頼者連絡先情報, row by row.
const CONTACTS: [[FieldId; 3]; 7] = [
    [FieldId::RepresentativeContactName, FieldId::CardContactName, FieldId::ApplicantContactName],
    [
        FieldId::RepresentativeContactPostalCode,
        FieldId::CardContactPostalCode,
        FieldId::ApplicantContactPostalCode,
    ],
    [FieldId::RepresentativeContactAddress, FieldId::CardContactAddress, FieldId::ApplicantContactAddress],
    [FieldId::RepresentativeContactPerson, FieldId::CardContactPerson, FieldId::ApplicantContactPerson],
    [FieldId::RepresentativeContactPhone, FieldId::CardContactPhone, FieldId::ApplicantContactPhone],
    [FieldId::RepresentativeContactFax, FieldId::CardContactFax, FieldId::ApplicantContactFax],
    [FieldId::RepresentativeContactEmail, FieldId::CardContactEmail, FieldId::ApplicantContactEmail],
];

#[cfg(test)]
mod tests {
    use super::*;

    fn row(field: FieldId, rule: Rule) -> Row {
        Row {
            field,
            label: field.as_str().into(),
            hint: Localized::default(),
            required: true,
            rule: Some(rule),
            register: Mode::Edit,
            change: Mode::Edit,
            prefill: None,
            print: true,
        }
    }

    #[test]
    fn a_phone_number_is_kept_with_its_hyphens_where_they_are_known() {
        let phone = row(FieldId::CompanyPhone, Rule::Phone);
        for (typed, written) in
            [(" 0312345678", "03-1234-5678"), ("0171234567", "0171234567"), ("017-123-4567 ", "017-123-4567")]
        {
            assert_eq!(phone.written(typed), written);
        }
        let text = row(FieldId::CardContactName, Rule::Text { max: 20 });
        assert_eq!(text.written("0312345678"), "0312345678");
    }

    fn form() -> Form {
        let mail = Rule::Email { max: 100 };
        Form {
            contacts: ContactRule::MayBeSame,
            sections: vec![Section {
                title: "連絡先".into(),
                note: Localized::default(),
                rows: vec![
                    row(FieldId::RepresentativeContactEmail, mail.clone()),
                    row(
                        FieldId::RepresentativeContactEmailAgain,
                        Rule::Repeat { of: FieldId::RepresentativeContactEmail },
                    ),
                    row(FieldId::CardContactEmail, mail),
                    row(FieldId::CardContactEmailAgain, Rule::Repeat { of: FieldId::CardContactEmail }),
                ],
            }],
        }
    }

    #[test]
    fn errors_come_in_the_order_of_the_rows() {
        let errors = form().check(Occasion::Register, &Values::default());
        let fields: Vec<_> = errors.iter().map(|error| error.field).collect();
        assert_eq!(
            fields,
            [
                FieldId::RepresentativeContactEmail,
                FieldId::RepresentativeContactEmailAgain,
                FieldId::CardContactEmail,
                FieldId::CardContactEmailAgain
            ]
        );
    }

    #[test]
    fn a_second_card_enters_only_what_belongs_to_the_card() {
        let errors = form().check(Occasion::SecondCard, &Values::default());
        assert!(errors.iter().all(|error| error.field.scope() == Scope::Card), "{errors:?}");
    }

    #[test]
    fn copied_contacts_pass_and_repetitions_are_never_stored() {
        let form = form();
        let mut values = Values::default();
        values.set(FieldId::RepresentativeContactEmail, "a@example.jp");
        values.set(FieldId::RepresentativeContactEmailAgain, "a@example.jp");
        form.copy_contacts(&mut values);
        assert_eq!(form.check(Occasion::Register, &values), []);
        let stored = form.entered(Occasion::Register, &values);
        assert_eq!(stored.0.len(), 2);
        assert_eq!(stored.text(FieldId::CardContactEmail), "a@example.jp");
    }

    #[test]
    fn contacts_that_must_be_the_same_are_compared() {
        let form = Form { contacts: ContactRule::MustBeSame, ..form() };
        let mut values = Values::default();
        for (field, value) in [
            (FieldId::RepresentativeContactEmail, "a@example.jp"),
            (FieldId::RepresentativeContactEmailAgain, "a@example.jp"),
            (FieldId::CardContactEmail, "b@example.jp"),
            (FieldId::CardContactEmailAgain, "b@example.jp"),
        ] {
            values.set(field, value);
        }
        let errors = form.check(Occasion::Register, &values);
        assert_eq!(errors, [FieldError { field: FieldId::CardContactEmail, problem: Problem::NotEqual }]);
    }
}
