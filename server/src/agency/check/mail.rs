//! Mail texts.

use std::collections::BTreeSet;

use touroku_proto::{
    agency::AgencyProfile,
    field::{FieldId, Rule, Values},
    form::Form,
    mail::{MAILS, MailKind, MailText},
};

use super::finding::{Finding, at};
use crate::agency::layers::Step;

pub(super) fn check(profile: &AgencyProfile, found: &mut Vec<Finding>) {
    let from = &profile.mail.from;
    if from.is_empty() {
        found.push((at(&["mail", "from"]), "[mail]にfrom（差出人のメールアドレス）が要ります".to_owned()));
    } else if !is_address(from) {
        found.push((at(&["mail", "from"]), "差出人のメールアドレスが正しくありません".to_owned()));
    }
    for (index, address) in profile.mail.officers.iter().enumerate() {
        if !is_address(address) {
            let place = vec![Step::Key("mail".into()), Step::Key("officers".into()), Step::Index(index)];
            found.push((place, "担当者のメールアドレスが正しくありません".to_owned()));
        }
    }
    for kind in &MAILS {
        let text = (kind.text)(&profile.mail);
        check_template(kind, "subject", &text.subject, found);
        check_template(kind, "body", &text.body, found);
        check_recipients(kind, text, profile, found);
    }
}

fn is_address(text: &str) -> bool {
    (Rule::Email { max: 254 }).check(text, &Values::default()).is_ok()
        && text.parse::<lettre::Address>().is_ok()
}

/// If left out, the server's own text is used, which is valid.
fn check_template(kind: &MailKind, part: &str, template: &str, found: &mut Vec<Finding>) {
    if template.is_empty() {
        return;
    }
    let mut wrong = |message: String| found.push((at(&["mail", kind.key, part]), message));
    if template.trim().is_empty() {
        wrong("空白だけです。消すと、サーバーの文面を使います".to_owned());
    }
    if part == "subject" && template.trim().contains('\n') {
        wrong("件名は1行です".to_owned());
    }
    // A subject is kept in the outbox and in mail server logs: no place for a one-time link or a secret number.
    let extra = if part == "body" || !kind.needed { kind.extra } else { &[] };
    let others: Vec<(&str, &str)> = ["agency"].iter().chain(extra).map(|&name| (name, "")).collect();
    for placeholder in placeholders(template) {
        if let Err(unknown) = MailText::fill(placeholder, &Values::default(), &others) {
            wrong(format!("「{{{}}}」に入る項目はありません", unknown.0));
        }
    }
    let name = kind.extra.first().copied().unwrap_or_default();
    if kind.needed && part == "body" && !template.contains(&format!("{{{name}}}")) {
        wrong(format!("「{{{name}}}」が要ります"));
    }
    let result = matches!(kind.key, "approved" | "rejected");
    if result && template.contains(&format!("{{{}}}", FieldId::LoginId.as_str())) {
        wrong("審査結果のメールにユーザーIDは書けません".to_owned());
    }
}

/// Each `{…}`, without duplicates; an unclosed one extends to the end.
fn placeholders(template: &str) -> BTreeSet<&str> {
    template
        .match_indices('{')
        .map(|(begin, _)| {
            let rest = &template[begin..];
            rest.find('}').map_or(rest, |end| &rest[..=end])
        })
        .collect()
}

fn check_recipients(kind: &MailKind, text: &MailText, profile: &AgencyProfile, found: &mut Vec<Finding>) {
    if matches!(kind.key, "card_added" | "company_notice") && !text.to.is_empty() {
        let message = "宛先は選べません。会社が気付けるように、わかっている連絡先のすべてに送ります。toを消してください";
        found.push((at(&["mail", kind.key, "to"]), message.to_owned()));
        return;
    }
    let forms: Vec<&Form> = profile
        .categories
        .iter()
        .filter(|category| category.access.allows(kind.way))
        .filter_map(|category| profile.form_for(category, kind.way))
        .collect();
    for (index, recipient) in text.to.iter().enumerate() {
        let place = || {
            let mut place = at(&["mail", kind.key, "to"]);
            place.push(Step::Index(index));
            place
        };
        let address = recipient.address();
        if text.to[..index].contains(recipient) {
            found.push((place(), "同じ宛先が二度あります".to_owned()));
        } else if !forms.is_empty() && !forms.iter().any(|form| form.rows().any(|row| row.field == address)) {
            found.push((
                place(),
                format!("この宛先のメールアドレス（{}）は、どのフォームにもありません", address.as_str()),
            ));
        }
    }
}
