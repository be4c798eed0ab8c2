//! 資格審査情報検索.

use touroku_proto::{
    agency::Search,
    field::{Rule, Values},
};

use super::{Finding, at, is_satisfiable};

/// No number is longer.
const MAX_NUMBER: usize = 100;

pub(super) fn check(search: &Search, found: &mut Vec<Finding>) {
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
}
