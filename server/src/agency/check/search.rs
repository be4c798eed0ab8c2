//! 資格審査情報検索.

use touroku_proto::{
    agency::AgencyProfile,
    field::{FieldId, Rule, Values},
};

use super::finding::{Finding, at, is_satisfiable};
use crate::agency::issuable::is_issuable;

/// An upper limit for numbers.
const MAX_NUMBER: usize = 100;

pub(super) fn check(profile: &AgencyProfile, found: &mut Vec<Finding>) {
    let search = &profile.search;
    for (key, rule) in [("number_rule", &search.number_rule), ("name_rule", &search.name_rule)] {
        if matches!(rule, Rule::Repeat { .. }) || !is_satisfiable(rule) {
            found.push((at(&["search", key]), "この規則では検索できません".to_owned()));
        }
    }
    for (key, label) in [("number_label", &search.number_label), ("name_label", &search.name_label)] {
        if label.trim().is_empty() {
            found.push((at(&["search", key]), "項目の名前が空です".to_owned()));
        }
    }
    if search.number_list && search.number_secret {
        found.push((
            at(&["search", "number_list"]),
            "番号が秘密（number_secret）のときは、業者番号一覧を公開できません".to_owned(),
        ));
    }
    let pad = search.number_zero_pad;
    let padded = "0".repeat(pad.min(MAX_NUMBER));
    if pad > 0 && (pad > MAX_NUMBER || search.number_rule.check(&padded, &Values::default()).is_err()) {
        found.push((
            at(&["search", "number_zero_pad"]),
            format!("0で{pad}文字にそろえた番号は、number_ruleに合いません"),
        ));
    }
    if search.number_issued {
        check_issued(profile, found);
    }
}

/// Numbers that the agency issues.
fn check_issued(profile: &AgencyProfile, found: &mut Vec<Finding>) {
    let search = &profile.search;
    if !search.number_secret {
        found.push((
            at(&["search", "number_issued"]),
            "番号を発行するとき（number_issued）は、番号を秘密にしてください（number_secret = true）"
                .to_owned(),
        ));
    }
    if !is_issuable(&search.number_rule) {
        found.push((
            at(&["search", "number_rule"]),
            "この規則では番号を発行できません。alphanumericかmixed_alphanumericでmaxを8以上、またはdigitsでmaxを10以上にしてください"
                .to_owned(),
        ));
    }
    // The form shows the roster's number, which must not be mistaken for the one in the letter.
    let is_mistakable = profile
        .forms
        .values()
        .flat_map(|form| form.rows())
        .any(|row| row.field == FieldId::CompanyNumber && *row.label == *search.number_label);
    if is_mistakable {
        found.push((
            at(&["search", "number_label"]),
            format!(
                "「{}」は、フォームで名簿の業者番号の名前になっています。発行する番号には、別の名前を付けます",
                search.number_label
            ),
        ));
    }
}
