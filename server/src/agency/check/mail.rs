//! Mail texts.

use std::collections::BTreeSet;

use touroku_proto::{
    agency::{AgencyProfile, Way},
    field::{FieldId, Rule, Values},
    form::Form,
    mail::{MailText, MailTexts},
};

use super::finding::{Finding, at};
use crate::agency::layers::Step;

/// What is specific to a mail.
struct Kind {
    /// Its key in the profile.
    key: &'static str,
    text: fn(&MailTexts) -> &MailText,
    /// Whose form contains its addresses.
    way: Way,
    /// Further placeholders of its body.
    extra: &'static [&'static str],
    /// Its body is useless without that.
    needed: bool,
}

const KINDS: [Kind; 17] = [
    Kind { extra: &["receipt"], ..Kind::of("registered", |mail| &mail.registered, Way::Card) },
    Kind { extra: &["at", "event", "actor"], ..Kind::of("card_added", |mail| &mail.card_added, Way::Card) },
    Kind {
        extra: &["at", "event", "actor"],
        ..Kind::of("company_notice", |mail| &mail.company_notice, Way::Card)
    },
    Kind { extra: &["receipt"], ..Kind::of("changed", |mail| &mail.changed, Way::Card) },
    Kind { extra: &["receipt"], ..Kind::of("renewed", |mail| &mail.renewed, Way::Card) },
    Kind { extra: &["days_left"], ..Kind::of("card_expiring", |mail| &mail.card_expiring, Way::Card) },
    Kind::of("card_revoked", |mail| &mail.card_revoked, Way::Card),
    Kind {
        extra: &["function", "receipt"],
        ..Kind::of("card_applied", |mail| &mail.card_applied, Way::Card)
    },
    Kind { extra: &["receipt"], ..Kind::of("card_approved", |mail| &mail.card_approved, Way::Card) },
    Kind {
        extra: &["reason", "function", "receipt"],
        ..Kind::of("card_rejected", |mail| &mail.card_rejected, Way::Card)
    },
    Kind {
        extra: &["link", "until"],
        needed: true,
        ..Kind::of("address_confirmation", |mail| &mail.address_confirmation, Way::Card)
    },
    Kind { extra: &["receipt"], ..Kind::of("applied", |mail| &mail.applied, Way::Password) },
    Kind { extra: &["receipt"], ..Kind::of("approved", |mail| &mail.approved, Way::Password) },
    Kind {
        extra: &["reason", "receipt", "link", "until"],
        ..Kind::of("rejected", |mail| &mail.rejected, Way::Password)
    },
    Kind { extra: &["receipt"], ..Kind::of("account_changed", |mail| &mail.account_changed, Way::Password) },
    Kind {
        extra: &["link"],
        needed: true,
        ..Kind::of("password_reset", |mail| &mail.password_reset, Way::Password)
    },
    Kind {
        extra: &["number"],
        needed: true,
        ..Kind::of("number_issued", |mail| &mail.number_issued, Way::Card)
    },
];

impl Kind {
    const fn of(key: &'static str, text: fn(&MailTexts) -> &MailText, way: Way) -> Self {
        Self { key, text, way, extra: &[], needed: false }
    }
}

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
    for kind in &KINDS {
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
fn check_template(kind: &Kind, part: &str, template: &str, found: &mut Vec<Finding>) {
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

fn check_recipients(kind: &Kind, text: &MailText, profile: &AgencyProfile, found: &mut Vec<Finding>) {
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
