//! Categories and the 企業ID.

use std::collections::BTreeSet;

use touroku_proto::{
    agency::{AgencyProfile, RESERVED_CATEGORY_CODES, Way},
    text,
};

use super::finding::{Finding, at, is_code};
use crate::{agency::layers::Step, officer::MAX_REASON};

pub(super) fn check(profile: &AgencyProfile, found: &mut Vec<Finding>) {
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
        if RESERVED_CATEGORY_CODES.contains(&category.code.as_str()) {
            found.push((
                place("code"),
                format!("「{}」は画面のアドレスに使われているため、区分のcodeにできません", category.code),
            ));
        }
        if !codes.insert(&category.code) {
            found.push((place("code"), format!("区分のcode「{}」が二度あります", category.code)));
        }
        if category.name.trim().is_empty() {
            found.push((place("name"), "区分の名前が空です".to_owned()));
        }
        if category.digit > 9 {
            found.push((place("digit"), "digitは0から9までの1桁です".to_owned()));
        }
        if !(1..=2).contains(&category.approvals) {
            found.push((place("approvals"), "approvals（承認する担当者の人数）は1か2です".to_owned()));
        }
        let missing = |name: &str| format!("フォーム「{name}」がformsにありません");
        if !profile.forms.contains_key(&category.form) {
            found.push((place("form"), missing(&category.form)));
        }
        match &category.account_form {
            Some(name) if !profile.forms.contains_key(name) => {
                found.push((place("account_form"), missing(name)));
            }
            None if category.access.allows(Way::Password) => found.push((
                place("account_form"),
                format!(
                    "区分「{}」はIDとパスワードで使えるので、account_form（ID登録申請のフォーム）が要ります",
                    category.code
                ),
            )),
            _ => {}
        }
        if category.permit && !category.access.allows(Way::Password) {
            found.push((
                place("permit"),
                "permit（利用申請書の許可）は、IDとパスワードを使う区分だけに書けます".to_owned(),
            ));
        }
        let mut names = BTreeSet::new();
        for name in &category.qualifications {
            if name.trim().is_empty() || !names.insert(name) {
                found.push((place("qualifications"), format!("資格の種類「{name}」が空か、二度あります")));
            }
        }
    }
    check_card_review(profile, found);
    check_reject_reasons(&profile.reject_reasons, found);
    if profile.company_id.write("0000", 0, 1).is_none() {
        found.push((
            at(&["company_id", "format"]),
            "企業IDの書式には{sequence:桁数}が要ります。ほかに使えるのは{procurement}と{category}です"
                .to_owned(),
        ));
    }
}

/// A card is valid for all categories: the one with the weakest requirement would decide for all.
fn check_card_review(profile: &AgencyProfile, found: &mut Vec<Finding>) {
    let mut asked = profile
        .categories
        .iter()
        .filter(|category| category.access.allows(Way::Card))
        .map(|category| category.card_review.then_some(category.approvals));
    if let Some(first) = asked.next()
        && asked.any(|other| other != first)
    {
        let message = "ICカードはすべての区分で使えるので、card_reviewと、そのときのapprovalsは、ICカードを使う区分で同じにしてください";
        found.push((at(&["categories"]), message.to_owned()));
    }
}

fn check_reject_reasons(reasons: &[String], found: &mut Vec<Finding>) {
    for (index, reason) in reasons.iter().enumerate() {
        let mut wrong = |message: String| {
            found.push((vec![Step::Key("reject_reasons".into()), Step::Index(index)], message));
        };
        if reason.trim().is_empty() {
            wrong("却下の理由が空です".to_owned());
        } else if text::characters(reason) > MAX_REASON || reason.chars().any(text::is_forbidden) {
            wrong(format!("却下の理由は1行、{MAX_REASON}文字以内で書きます"));
        } else if reasons[..index].contains(reason) {
            wrong("同じ却下の理由が二度あります".to_owned());
        }
    }
}
