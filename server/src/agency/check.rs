//! What a profile must satisfy beyond its types.

use std::collections::BTreeSet;

use touroku_proto::{
    agency::AgencyProfile,
    field::{FieldId, Rule, Values},
    form::{Form, Mode},
    mail::MailText,
};

use super::locate::Step;

type Finding = (Vec<Step>, String);

/// Everything wrong, each with its place.
pub(super) fn findings(profile: &AgencyProfile) -> Vec<Finding> {
    let mut found = Vec::new();
    check_names(profile, &mut found);
    check_categories(profile, &mut found);
    for (name, form) in &profile.forms {
        check_form(name, form, &mut found);
    }
    check_search(profile, &mut found);
    check_mail(profile, &mut found);
    found
}

fn check_names(profile: &AgencyProfile, found: &mut Vec<Finding>) {
    if !is_code(&profile.code) {
        found.push((at(&["code"]), "codeは半角の英小文字・数字・ハイフンで書きます".to_owned()));
    }
    if profile.procurement_code.len() != 4 || !profile.procurement_code.bytes().all(|b| b.is_ascii_digit()) {
        found.push((at(&["procurement_code"]), "調達機関コードは半角数字4桁です".to_owned()));
    }
    if profile.name.trim().is_empty() {
        found.push((at(&["name"]), "調達機関の名前が空です".to_owned()));
    }
}

fn check_categories(profile: &AgencyProfile, found: &mut Vec<Finding>) {
    if profile.categories.is_empty() {
        found.push((at(&["categories"]), "区分が一つもありません".to_owned()));
    }
    let mut codes = BTreeSet::new();
    for (index, category) in profile.categories.iter().enumerate() {
        let place =
            |key: &str| vec![Step::Key("categories".into()), Step::Index(index), Step::Key(key.into())];
        if !is_code(&category.code) {
            found.push((place("code"), "区分のcodeは半角の英小文字・数字・ハイフンで書きます".to_owned()));
        }
        if !codes.insert(&category.code) {
            found.push((place("code"), format!("区分のcode「{}」が二度あります", category.code)));
        }
        if category.digit > 9 {
            found.push((place("digit"), "digitは0から9までの1桁です".to_owned()));
        }
        if !profile.forms.contains_key(&category.form) {
            found.push((place("form"), format!("フォーム「{}」がformsにありません", category.form)));
        }
        let mut names = BTreeSet::new();
        for name in &category.qualifications {
            if name.trim().is_empty() || !names.insert(name) {
                found.push((place("qualifications"), format!("資格の種類「{name}」が空か、二度あります")));
            }
        }
        if profile.company_id.write(&profile.procurement_code, category.digit, 1).is_none() && index == 0 {
            found.push((
                at(&["company_id", "format"]),
                "企業IDの書式には{sequence:桁数}が要ります。ほかに使えるのは{procurement}と{category}です"
                    .to_owned(),
            ));
        }
    }
}

fn check_form(name: &str, form: &Form, found: &mut Vec<Finding>) {
    let mut fields = BTreeSet::new();
    for (section_index, section) in form.sections.iter().enumerate() {
        for (row_index, row) in section.rows.iter().enumerate() {
            let place = |key: &str| {
                vec![
                    Step::Key("forms".into()),
                    Step::Key(name.into()),
                    Step::Key("sections".into()),
                    Step::Index(section_index),
                    Step::Key("rows".into()),
                    Step::Index(row_index),
                    Step::Key(key.into()),
                ]
            };
            let field = row.field.as_str();
            if !fields.insert(row.field) {
                found.push((place("field"), format!("項目「{field}」が二度あります")));
            }
            let edited = row.register == Mode::Edit || row.change == Mode::Edit;
            if edited && row.rule.is_none() {
                found.push((place("rule"), format!("入力する項目「{field}」にruleがありません")));
            }
            if edited && is_fixed(row.field) {
                found.push((place("field"), format!("項目「{field}」は入力できません")));
            }
            match &row.rule {
                Some(Rule::Repeat { of }) if !form.rows().any(|other| other.field == *of) => {
                    found.push((place("rule"), format!("くり返す元の項目「{}」がありません", of.as_str())));
                }
                Some(rule) if !is_satisfiable(rule) => {
                    found.push((place("rule"), "最少と最多の文字数が合いません".to_owned()));
                }
                _ => {}
            }
            if row.prefill == Some(row.field) {
                found.push((place("prefill"), "自分自身を初期値にはできません".to_owned()));
            }
        }
    }
    if fields.is_empty() {
        found.push((at(&["forms", name]), format!("フォーム「{name}」に項目がありません")));
    }
}

fn check_search(profile: &AgencyProfile, found: &mut Vec<Finding>) {
    for (key, rule) in
        [("number_rule", &profile.search.number_rule), ("name_rule", &profile.search.name_rule)]
    {
        if matches!(rule, Rule::Repeat { .. }) || !is_satisfiable(rule) {
            found.push((at(&["search", key]), "この規則では検索できません".to_owned()));
        }
    }
}

fn check_mail(profile: &AgencyProfile, found: &mut Vec<Finding>) {
    let mail = &profile.mail;
    let sends = !mail.registered.body.is_empty() || !mail.registered.subject.is_empty();
    if sends || !mail.from.is_empty() {
        let parsed = Rule::Email { max: 254 }.check(&mail.from, &Values::default());
        if parsed.is_err() || mail.from.parse::<lettre::Address>().is_err() {
            found.push((at(&["mail", "from"]), "差出人のメールアドレスが正しくありません".to_owned()));
        }
    }
    for (key, template) in [("subject", &mail.registered.subject), ("body", &mail.registered.body)] {
        let place = at(&["mail", "registered", key]);
        if sends && template.trim().is_empty() {
            found.push((place.clone(), "件名または本文が空です".to_owned()));
        }
        if let Err(unknown) = MailText::fill(template, &Values::default(), &[("agency", "")]) {
            found.push((place, format!("「{{{}}}」に入る項目はありません", unknown.0)));
        }
    }
}

/// Fields that come from the roster's key, the certificate or the server, never from a keyboard.
fn is_fixed(field: FieldId) -> bool {
    matches!(
        field,
        FieldId::CompanyId
            | FieldId::CompanyNumber
            | FieldId::Qualifications
            | FieldId::CardCompanyName
            | FieldId::CardCompanyAddress
            | FieldId::CardHolderName
            | FieldId::CardHolderAddress
            | FieldId::CertificateSerial
            | FieldId::CertificateIssuer
            | FieldId::CertificateExpiry
    )
}

fn is_satisfiable(rule: &Rule) -> bool {
    match rule {
        Rule::Alphanumeric { min, max } | Rule::Digits { min, max } => min <= max && *max > 0,
        // One letter and one digit.
        Rule::MixedAlphanumeric { min, max } => min <= max && *max >= 2,
        Rule::Text { max } | Rule::FullWidth { max } | Rule::Email { max } => *max > 0,
        Rule::PostalCode | Rule::Phone | Rule::Repeat { .. } => true,
    }
}

fn is_code(code: &str) -> bool {
    !code.is_empty() && code.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn at(keys: &[&str]) -> Vec<Step> {
    keys.iter().map(|&key| Step::Key(key.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use crate::agency::{Mistake, parse_profile};

    const SOUND: &str = include_str!("../../../agencies/aomori.toml");

    fn mistakes(find: &str, replace: &str) -> Vec<Mistake> {
        assert!(SOUND.contains(find), "{find}");
        parse_profile(&SOUND.replacen(find, replace, 1)).unwrap_err()
    }

    #[test]
    fn the_sample_profile_is_sound() {
        assert!(parse_profile(SOUND).is_ok());
    }

    #[test]
    fn a_typing_error_in_a_key_is_named_with_line_and_column() {
        let found = mistakes("procurement_code = ", "procurment_code = ");
        assert_eq!((found[0].line, found[0].column), (5, 1));
    }

    #[test]
    fn mistakes_of_meaning_are_named_where_they_stand() {
        for (find, replace, word) in [
            ("form = \"goods\"", "form = \"gods\"", "gods"),
            ("{sequence:11}", "{sequence}", "sequence"),
            ("{card_contact_person}", "{pin}", "{pin}"),
            ("from = \"no-reply@ebid.example.jp\"", "from = \"no-reply\"", "差出人"),
            ("code = \"goods\"", "code = \"works\"", "二度"),
            ("code = \"aomori\"", "code = \"Aomori\"", "code"),
            ("rule = { kind = \"phone\" }, ", "", "rule"),
        ] {
            let found = mistakes(find, replace);
            assert_eq!(found.len(), 1, "{find}: {found:?}");
            assert!(found[0].message.contains(word), "{find}: {found:?}");
            assert!(found[0].line > 1, "{find}: {found:?}");
        }
    }
}
