//! The differences between two texts of a profile, key by key.

use std::collections::BTreeMap;

use toml::{Table, Value};
use touroku_proto::officer::profile::KeyChange;

/// Keys of a category that decide who gets in, and on whose word. `code`: a category is added or removed.
const OF_CATEGORY: [&str; 8] =
    ["code", "access", "review", "permit", "card_review", "approvals", "company_match", "second_card"];

/// Keys of the profile itself, and tables with all their keys: who gets in, on whose word, and who hears of it.
const OF_PROFILE: [&str; 17] = [
    "bidding",
    "cards",
    "clients",
    "company_match",
    "export",
    "install",
    "mail.card_added",
    "mail.company_notice",
    "mail.officers",
    "mail.send_unconfirmed",
    "renewal_match",
    "search.credentials",
    "search.number_issued",
    "search.number_secret",
    "second_card",
    "signed_applications",
    "uncheckable",
];

/// What changes from one text to the other, in the order of the keys. A text that is not TOML has no keys.
pub fn difference(before: &str, after: &str) -> Vec<KeyChange> {
    let (before, after) = (keys(before), keys(after));
    let all: BTreeMap<&String, ()> = before.keys().chain(after.keys()).map(|key| (key, ())).collect();
    let changes = all.into_keys().filter(|key| before.get(*key) != after.get(*key));
    changes
        .map(|key| KeyChange {
            key: key.clone(),
            sensitive: is_sensitive(key),
            before: before.get(key).cloned(),
            after: after.get(key).cloned(),
        })
        .collect()
}

/// Whether that key decides who is trusted.
fn is_sensitive(key: &str) -> bool {
    let of_category = key.starts_with("categories[")
        && key.rsplit('.').next().is_some_and(|last| OF_CATEGORY.contains(&last));
    let is_within = |table: &&str| {
        key.strip_prefix(*table).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    // Where an agency names no addresses of officers, notices go to its desk.
    // `desks` itself: there are none, which a portal's member may say in place of the portal's.
    let of_desk =
        key == "desks" || key.starts_with("desks[") && (key.ends_with("].email") || key.ends_with("].kind"));
    of_category || of_desk || OF_PROFILE.iter().any(is_within)
}

fn keys(text: &str) -> BTreeMap<String, String> {
    let mut keys = BTreeMap::new();
    if let Ok(table) = text.parse::<Table>() {
        walk("", &Value::Table(table), &mut keys);
    }
    keys
}

fn walk(at: &str, value: &Value, keys: &mut BTreeMap<String, String>) {
    match value {
        Value::Table(table) => {
            for (key, value) in table {
                let at = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
                walk(&at, value, keys);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_table) => {
            for (index, item) in items.iter().enumerate() {
                // By name if it has one, so that inserting one moves nothing.
                let name = ["code", "field"].into_iter().find_map(|name| item.get(name)?.as_str());
                let name = name.map_or_else(|| index.to_string(), str::to_owned);
                walk(&format!("{at}[{name}]"), item, keys);
            }
        }
        Value::String(text) => drop(keys.insert(at.to_owned(), text.clone())),
        other => drop(keys.insert(at.to_owned(), other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEFORE: &str = "name = \"市\"\n[[categories]]\ncode = \"works\"\nreview = true\n\
                          [[categories]]\ncode = \"goods\"\nname = \"物品\"\n";

    fn changed(find: &str, replace: &str) -> Vec<(String, bool)> {
        assert!(BEFORE.contains(find));
        let changes = difference(BEFORE, &BEFORE.replacen(find, replace, 1));
        changes.into_iter().map(|change| (change.key, change.sensitive)).collect()
    }

    /// Keys that decide nothing of that kind. A new one belongs here or into [`OF_PROFILE`].
    const HARMLESS: [&str; 21] = [
        "categories",
        "code",
        "company_id",
        "desks",
        "expiry_notice_days",
        "footer",
        "forms",
        "hours",
        "hours_rule",
        "kana",
        "links",
        "mail",
        "name",
        "news",
        "notices",
        "portal",
        "procurement_code",
        "reject_reasons",
        "roster_columns",
        "search",
        "shared",
    ];

    #[test]
    fn to_have_no_desks_decides_who_hears_of_it() {
        let changes = difference("name = \"市\"\n", "name = \"市\"\ndesks = []\n");
        let found: Vec<(&str, bool)> =
            changes.iter().map(|change| (change.key.as_str(), change.sensitive)).collect();
        assert_eq!(found, [("desks", true)]);
    }

    #[test]
    fn every_key_that_a_profile_may_have_is_known_to_decide_who_is_trusted_or_not_to() {
        let schema = crate::agency::schema::json_of::<touroku_proto::agency::AgencyProfile>();
        let known: Vec<&str> = OF_PROFILE.into_iter().chain(HARMLESS).chain(["system_name"]).collect();
        for key in schema["properties"].as_object().unwrap().keys() {
            assert!(known.contains(&key.as_str()), "{key}");
        }
        for key in [
            "renewal_match",
            "search.number_issued",
            "mail.company_notice.body",
            "clients[a].secret",
            "desks[1].email",
            "desks[1].kind",
        ] {
            assert!(is_sensitive(key), "{key}");
        }
        for key in
            ["cards_of_somebody", "desks[1].phone", "mail.changed.body", "search.name", "renewal_matches"]
        {
            assert!(!is_sensitive(key), "{key}");
        }
    }

    #[test]
    fn each_changed_key_is_named_and_those_of_security_are_told_apart() {
        let one = |key: &str, sensitive| vec![(key.to_owned(), sensitive)];
        assert_eq!(changed("市", "町"), one("name", false));
        assert_eq!(changed("review = true", "review = false"), one("categories[works].review", true));
        assert_eq!(changed("review = true\n", ""), one("categories[works].review", true));
        assert_eq!(changed("物品", "役務"), one("categories[goods].name", false));
        assert_eq!(
            changed("name = \"市\"", "name = \"市\"\nuncheckable = \"accept\""),
            one("uncheckable", true)
        );
        let new = difference(BEFORE, &format!("{BEFORE}[cards]\nauthorities = [\"a\"]\n"));
        assert_eq!((new[0].key.as_str(), new[0].sensitive), ("cards.authorities", true));
        assert_eq!((&new[0].before, new[0].after.as_deref()), (&None, Some("[\"a\"]")));
        let new = difference(BEFORE, &format!("{BEFORE}[install]\nhost_url = \"https://a.jp/\"\n"));
        assert_eq!((new[0].key.as_str(), new[0].sensitive), ("install.host_url", true));
        let with_another =
            BEFORE.replacen("[[categories]]", "[[categories]]\ncode = \"new\"\n[[categories]]", 1);
        let new = difference(BEFORE, &with_another);
        assert_eq!((new.len(), new[0].key.as_str(), new[0].sensitive), (1, "categories[new].code", true));
        assert_eq!(difference(BEFORE, &format!("# a note\n{BEFORE}")), []);
    }
}
