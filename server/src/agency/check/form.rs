//! Forms.

use std::collections::BTreeSet;

use touroku_proto::{
    agency::{AgencyProfile, Way},
    field::{FieldId, Rule, Scope},
    form::{ContactRule, Form, Mode, Row},
};

use super::finding::{Finding, is_satisfiable};
use crate::agency::layers::Step;

pub(super) fn check(profile: &AgencyProfile, found: &mut Vec<Finding>) {
    for (name, form) in profile.forms.iter() {
        let used = |way: Way| {
            profile.categories.iter().filter(move |category| category.access.allows(way)).any(|category| {
                match way {
                    Way::Card => &category.form == name,
                    Way::Password => category.account_form.as_ref() == Some(name),
                }
            })
        };
        let mut form = Checked { name, form, found };
        form.rows(used(Way::Card), used(Way::Password));
        if used(Way::Password) {
            form.account();
        }
        form.contacts();
    }
}

struct Checked<'a> {
    name: &'a str,
    form: &'a Form,
    found: &'a mut Vec<Finding>,
}

impl Checked<'_> {
    fn rows(&mut self, for_card: bool, for_account: bool) {
        let form = self.form;
        let mut fields = BTreeSet::new();
        for (section_index, section) in form.sections.iter().enumerate() {
            for (row_index, row) in section.rows.iter().enumerate() {
                let mut wrong = |key: &str, message: String| {
                    let place = row_place(self.name, section_index, row_index, key);
                    self.found.push((place, message));
                };
                let field = row.field.as_str();
                if !fields.insert(row.field) {
                    wrong("field", format!("項目「{field}」が二度あります"));
                }
                match row.field.scope() {
                    Scope::Account if for_card => {
                        wrong("field", format!("項目「{field}」はICカードのフォームにはありません"));
                    }
                    Scope::Card if for_account => {
                        wrong("field", format!("項目「{field}」はID登録申請のフォームにはありません"));
                    }
                    _ => {}
                }
                check_row(row, form, &mut wrong);
            }
        }
        if fields.is_empty() {
            self.wrong(format!("フォーム「{}」に項目がありません", self.name));
        }
    }

    /// An ID登録申請 needs an ID, a password and its repetition.
    fn account(&mut self) {
        for field in [FieldId::LoginId, FieldId::LoginPassword, FieldId::LoginPasswordAgain] {
            let Some((section, index, row)) = find(self.form, field) else {
                self.wrong(format!(
                    "ID登録申請のフォーム「{}」に項目「{}」が要ります",
                    self.name,
                    field.as_str()
                ));
                continue;
            };
            let mut wrong = |key: &str, message: String| {
                self.found.push((row_place(self.name, section, index, key), message));
            };
            if row.register != Mode::Edit {
                wrong("register", format!("項目「{}」は、登録のときに入力する項目です", field.as_str()));
            }
            if !row.required {
                wrong("required", format!("項目「{}」は必須です", field.as_str()));
            }
            let ascii = matches!(row.rule, Some(Rule::MixedAlphanumeric { .. } | Rule::Alphanumeric { .. }));
            if !field.is_repetition() && row.rule.is_some() && !ascii {
                wrong(
                    "rule",
                    format!("項目「{}」の規則はmixed_alphanumericかalphanumericです", field.as_str()),
                );
            }
        }
        let form = self.form;
        let changed = |field| find(form, field).map(|(_, _, row)| row.change);
        let (password, again) = (changed(FieldId::LoginPassword), changed(FieldId::LoginPasswordAgain));
        if let (Some(password), Some(again)) = (password, again)
            && (password == Mode::Edit) != (again == Mode::Edit)
            && let Some((section, index, _)) = find(self.form, FieldId::LoginPasswordAgain)
        {
            let message = "変更のときは、パスワードと確認パスワードの両方を入力します".to_owned();
            self.found.push((row_place(self.name, section, index, "change"), message));
        }
    }

    /// Contacts that must be the same need both sides, row by row.
    fn contacts(&mut self) {
        if self.form.contacts != ContactRule::MustBeSame {
            return;
        }
        let lacking: Vec<FieldId> = self
            .form
            .rows()
            .filter(|row| !row.field.is_repetition())
            .filter_map(|row| {
                let name = row.field.as_str();
                let tail = name.strip_prefix("card_contact_").or(name.strip_prefix("applicant_contact_"))?;
                let twin = format!("representative_contact_{tail}");
                FieldId::ALL.iter().copied().find(|field| field.as_str() == twin)
            })
            .filter(|&twin| !self.form.rows().any(|row| row.field == twin))
            .collect();
        for field in lacking {
            let place =
                vec![Step::Key("forms".into()), Step::Key(self.name.into()), Step::Key("contacts".into())];
            let message = format!("同じ内容にする相手の項目「{}」がありません", field.as_str());
            self.found.push((place, message));
        }
    }

    fn wrong(&mut self, message: String) {
        self.found.push((vec![Step::Key("forms".into()), Step::Key(self.name.into())], message));
    }
}

fn find(form: &Form, field: FieldId) -> Option<(usize, usize, &Row)> {
    form.sections.iter().enumerate().find_map(|(section, rows)| {
        let index = rows.rows.iter().position(|row| row.field == field)?;
        Some((section, index, &rows.rows[index]))
    })
}

fn check_row(row: &Row, form: &Form, wrong: &mut impl FnMut(&str, String)) {
    let field = row.field.as_str();
    let edited = row.register == Mode::Edit || row.change == Mode::Edit;
    if row.label.trim().is_empty() {
        wrong("label", format!("項目「{field}」の名前（label）が空です"));
    }
    if edited && row.rule.is_none() {
        wrong("rule", format!("入力する項目「{field}」にruleがありません"));
    }
    if edited && is_fixed(row.field) {
        wrong("field", format!("項目「{field}」は入力できません"));
    }
    if row.field.is_secret() {
        for (key, mode) in [("register", row.register), ("change", row.change)] {
            if matches!(mode, Mode::Show | Mode::Confirm) {
                wrong(key, "パスワードは表示できません".to_owned());
            }
        }
        if row.print {
            wrong("print", "パスワードは印刷できません".to_owned());
        }
    }
    match (&row.rule, original(row.field)) {
        (Some(Rule::Repeat { of }), Some(original)) if *of != original => {
            wrong("rule", format!("項目「{field}」は「{}」のくり返しです", original.as_str()));
        }
        (Some(Rule::Repeat { of }), _) if *of == row.field => {
            wrong("rule", "自分自身のくり返しにはできません".to_owned());
        }
        (Some(Rule::Repeat { of }), _) if !form.rows().any(|other| other.field == *of) => {
            wrong("rule", format!("くり返す元の項目「{}」がありません", of.as_str()));
        }
        (Some(Rule::Repeat { .. }) | None, _) => {}
        (Some(_), Some(original)) if edited => {
            let rule = format!("{{ kind = \"repeat\", of = \"{}\" }}", original.as_str());
            wrong("rule", format!("項目「{field}」の規則は{rule}です"));
        }
        (Some(rule), _) => {
            if !is_satisfiable(rule) {
                wrong("rule", "最少と最多の文字数が合いません".to_owned());
            }
        }
    }
    if let Some(from) = row.prefill {
        if from == row.field {
            wrong("prefill", "自分自身を初期値にはできません".to_owned());
        } else if from.is_secret() || row.field.is_secret() {
            wrong("prefill", "パスワードに初期値はありません".to_owned());
        }
    }
}

fn row_place(form: &str, section: usize, row: usize, key: &str) -> Vec<Step> {
    vec![
        Step::Key("forms".into()),
        Step::Key(form.into()),
        Step::Key("sections".into()),
        Step::Index(section),
        Step::Key("rows".into()),
        Step::Index(row),
        Step::Key(key.into()),
    ]
}

/// What a repetition repeats.
fn original(field: FieldId) -> Option<FieldId> {
    match field {
        FieldId::RepresentativeContactEmailAgain => Some(FieldId::RepresentativeContactEmail),
        FieldId::CardContactEmailAgain => Some(FieldId::CardContactEmail),
        FieldId::ApplicantContactEmailAgain => Some(FieldId::ApplicantContactEmail),
        FieldId::LoginPasswordAgain => Some(FieldId::LoginPassword),
        _ => None,
    }
}

/// Fields that come from the roster, the certificate or the server, never from a keyboard.
fn is_fixed(field: FieldId) -> bool {
    matches!(
        field,
        FieldId::CompanyId
            | FieldId::CompanyNumber
            | FieldId::Qualifications
            | FieldId::InformationUserId
            | FieldId::InformationPassword
            | FieldId::CardCompanyName
            | FieldId::CardCompanyAddress
            | FieldId::CardHolderName
            | FieldId::CardHolderAddress
            | FieldId::CertificateSerial
            | FieldId::CertificateIssuer
            | FieldId::CertificateExpiry
    )
}
