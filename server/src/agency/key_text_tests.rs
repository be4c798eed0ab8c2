use serde_json::{Value as Json, json};

use super::*;

const SAMPLE: &str = include_str!("../../../agencies/aomori.toml");
const PORTAL: &str = include_str!("../../../agencies/kagoshima/portal.toml");
const MEMBER: &str = include_str!("../../../agencies/kagoshima/umine.toml");

fn with(text: &str, portal: Option<&str>, set: Json, unset: &[&str]) -> String {
    let unset: Vec<String> = unset.iter().map(|&key| key.to_owned()).collect();
    with_keys(text, portal, &serde_json::from_value(set).unwrap(), &unset).unwrap()
}

/// The lines that only one of them has.
fn difference<'t>(before: &'t str, after: &'t str) -> (Vec<&'t str>, Vec<&'t str>) {
    let only = |one: &'t str, other: &str| -> Vec<&'t str> {
        let (mut lines, mut rest) = (Vec::new(), other.lines().collect::<Vec<_>>());
        for line in one.lines() {
            match rest.iter().position(|other| *other == line) {
                Some(found) => drop(rest.remove(found)),
                None => lines.push(line),
            }
        }
        lines
    };
    (only(before, after), only(after, before))
}

fn key(text: &str, portal: Option<&str>, key: &str) -> FormKey {
    form_keys(text, portal).unwrap().into_iter().find(|found| found.key == key).unwrap()
}

#[test]
fn every_key_of_every_sample_written_again_leaves_its_text_as_it_is() {
    for (text, portal) in [
        (SAMPLE, None),
        (include_str!("../../../agencies/shimonoseki.toml"), None),
        (include_str!("../../../agencies/yamaguchi.toml"), None),
        (MEMBER, Some(PORTAL)),
    ] {
        let own: Vec<FormKey> = form_keys(text, portal).unwrap().into_iter().filter(|key| key.own).collect();
        assert!(!own.is_empty());
        let set: Few<String, KeyValue> = own.into_iter().map(|key| (key.key, key.value)).collect();
        let again = with_keys(text, portal, &set, &[]).unwrap();
        let (gone, new) = difference(text, &again);
        assert!(gone.is_empty() && new.is_empty(), "{gone:#?} {new:#?}");
    }
}

#[test]
fn one_entry_changes_and_comments_order_and_the_other_entries_stay() {
    let text = "# 頭\nname = \"市\" # 名\nnotices = [\n  \"一\", # 大事\n  \"二\",\n]\n\n# 窓口です\n[[desks]]\nkind = 'agency' # 種類\n\
                name = \"甲\"\nphone = \"1\"\n\n# 二つ目\n[[desks]]\nkind = \"helpdesk\"\nname = \"乙\"\n\n[search]\na = 1\n";
    let notices = json!({"notices": {"word_list": ["一", "三", {"ja": "四", "en": "four"}]}});
    assert_eq!(
        difference(text, &with(text, None, notices, &[])),
        (vec!["  \"二\","], vec!["  \"三\",", "  { ja = \"四\", en = \"four\" },"])
    );
    let second = with(text, None, json!({"notices": {"word_list": ["二"]}}), &[]);
    assert_eq!(
        difference(text, &second),
        (vec!["  \"一\", # 大事"], vec![]),
        "a comment goes with its entry"
    );
    let desk = |kind: &str, name: &str, phone: &str| json!({"kind": kind, "name": name, "phone": phone, "email": "", "url": ""});
    let one = json!({"desks": {"desks": [desk("agency", "甲", "2"), desk("helpdesk", "乙", "")]}});
    assert_eq!(difference(text, &with(text, None, one, &[])), (vec!["phone = \"1\""], vec!["phone = \"2\""]));
    let turned = json!({"desks": {"desks": [desk("helpdesk", "乙", ""), desk("agency", "甲", "1")]}});
    let turned = with(text, None, turned, &[]);
    assert_eq!(difference(text, &turned), (vec![], vec![]), "{turned}");
    assert!(turned.find("乙") < turned.find("甲") && turned.find("甲") < turned.find("[search]"), "{turned}");
    let third = json!({"desks": {"desks": [desk("agency", "甲", "1"), desk("helpdesk", "乙", ""), desk("agency", "丙", "")]}});
    let third = with(text, None, third, &[]);
    assert!(
        third.contains("name = \"乙\"\n\n[[desks]]\nkind = \"agency\"\nname = \"丙\"\n\n[search]"),
        "{third}"
    );
    let none = with(text, None, json!({"desks": {"desks": []}, "notices": {"word_list": []}}), &[]);
    assert_eq!(none, "# 頭\nname = \"市\" # 名\n\n[search]\na = 1\n");
}

#[test]
fn closed_days_are_changed_in_whatever_shape_the_hours_are_written() {
    let days = json!({"hours.closed": {"days": ["12-29..01-05", "2026-11-30"]}});
    for (text, expected) in [
        (
            "[hours]\nopen = \"08:30\"\nclose = \"20:00\"\nclosed = [\"12-29..01-05\"] # 年末年始\n",
            "[hours]\nopen = \"08:30\"\nclose = \"20:00\"\nclosed = [\"12-29..01-05\", \"2026-11-30\"] # 年末年始\n",
        ),
        (
            "hours = { open = \"08:30\", closed = [\"12-29..01-05\"], close = \"20:00\" }\n",
            "hours = { open = \"08:30\", closed = [\"12-29..01-05\", \"2026-11-30\"], close = \"20:00\" }\n",
        ),
        (
            "hours.open = \"08:30\"\nhours.close = \"20:00\"\nhours.closed = [\n    '12-29..01-05', # 年末年始\n]\n",
            "hours.open = \"08:30\"\nhours.close = \"20:00\"\nhours.closed = [\n    '12-29..01-05', # 年末年始\n    \"2026-11-30\",\n]\n",
        ),
        (
            "[hours]\nopen = \"08:30\"\nclose = \"20:00\"\n",
            "[hours]\nopen = \"08:30\"\nclose = \"20:00\"\nclosed = [\"12-29..01-05\", \"2026-11-30\"]\n",
        ),
    ] {
        assert_eq!(with(text, None, days.clone(), &[]), expected);
    }
}

#[test]
fn hours_go_when_neither_beginning_nor_end_is_typed_and_one_alone_is_missed() {
    let none = json!({"hours.open": {"text": ""}, "hours.close": {"text": ""}});
    assert!(!with(SAMPLE, None, none, &[]).contains("[hours]"));
    let one = with("name = \"市\"\n", None, json!({"hours.open": {"text": "8時"}}), &[]);
    assert_eq!(one, "name = \"市\"\n\n[hours]\nopen = \"8時\"\nclose = \"\"\n");
}

#[test]
fn a_mails_text_is_written_in_lines_and_goes_back_to_ours() {
    let body = "一行目 {agency}\n二行目「\"」\n";
    let set =
        json!({"mail.card_expiring.subject": {"text": "件名"}, "mail.card_expiring.body": {"text": body}});
    let changed = with(SAMPLE, None, set, &[]);
    assert!(changed.contains("body = \"\"\"\n一行目 {agency}\n二行目"), "{changed}");
    let found = key(&changed, None, "mail.card_expiring.body");
    assert_eq!((&found.value, found.own), (&KeyValue::Text(body.to_owned()), true));
    assert_ne!(found.beneath, KeyValue::Text(body.to_owned()), "ours");
    let back = with(&changed, None, json!({}), &["mail.card_expiring.subject", "mail.card_expiring.body"]);
    let found = key(&back, None, "mail.card_expiring.body");
    assert_eq!((found.own, &found.value), (false, &found.beneath));
}

#[test]
fn a_member_inherits_key_by_key_and_gives_its_own_back() {
    let notices = key(MEMBER, Some(PORTAL), "notices");
    assert_eq!((notices.own, notices.shared, &notices.value), (false, true, &notices.beneath));
    let own = with(MEMBER, Some(PORTAL), json!({"notices": {"word_list": ["海音市だけ"]}}), &[]);
    assert_eq!(difference(MEMBER, &own), (vec![], vec!["notices = [\"海音市だけ\"]"]));
    let changed = key(&own, Some(PORTAL), "notices");
    assert_eq!((changed.own, changed.shared, &changed.beneath), (true, true, &notices.value));
    assert_eq!(with(&own, Some(PORTAL), json!({}), &["notices"]), MEMBER);
    // None at all is something that a member says itself.
    let none = with(MEMBER, Some(PORTAL), json!({"desks": {"desks": []}}), &[]);
    assert_eq!(difference(MEMBER, &none), (vec![], vec!["desks = []"]));
    let footer = with(MEMBER, Some(PORTAL), json!({"footer.manual_url": {"text": "https://a.jp/"}}), &[]);
    assert!(footer.contains("[footer]\nmanual_url = \"https://a.jp/\""), "{footer}");
    assert_eq!(with(&footer, Some(PORTAL), json!({}), &["footer.manual_url"]).trim(), MEMBER.trim());
}

#[test]
fn a_rule_in_words_that_nobody_wrote_is_nobodys() {
    let found = key(SAMPLE, None, "hours_rule");
    assert_eq!((found.own, found.value), (false, KeyValue::Words(Localized::default())));
}

#[test]
fn keys_that_have_no_form_are_not_changed_by_one() {
    let set = serde_json::from_value(json!({"code": {"text": "x"}})).unwrap();
    assert_eq!(with_keys(SAMPLE, None, &set, &[]), None);
    assert_eq!(with_keys(SAMPLE, None, &Few::default(), &["clients".to_owned()]), None);
}

#[test]
fn a_comment_behind_an_entry_swallows_neither_the_next_one_nor_the_end() {
    for (before, list, after) in [
        ("[\n  \"一\", # 大事\n  \"二\"\n]", vec!["一"], "[\n  \"一\" # 大事\n]"),
        ("[\n  \"一\",\n  \"二\" # 説明\n]", vec!["零", "二"], "[\n  \"零\",\n  \"二\" # 説明\n]"),
        ("[\"a\", \"b\", # c\n \"c\"]", vec!["b", "a", "c"], "[\"b\", # c\n \"a\",\n \"c\"]"),
        ("[\"a\", \"b\" # c\n]", vec!["b", "a"], "[\"b\", # c\n \"a\"\n]"),
        ("[\"a\" # c\n, \"b\"]", vec!["a", "b", "c"], "[\"a\", # c\n \"b\",\n \"c\"]"),
    ] {
        let text = format!("notices = {before}\n");
        let written = with(&text, None, json!({"notices": {"word_list": list}}), &[]);
        let read: toml::Table = written.parse().unwrap_or_else(|error| panic!("{error}: {written}"));
        assert_eq!(serde_json::to_value(&read["notices"]).unwrap(), json!(list), "{written}");
        assert_eq!(written.contains('#'), before.contains('#'), "the comment is kept: {written}");
        assert_eq!(written, format!("notices = {after}\n"));
    }
}

#[test]
fn what_stands_above_a_list_stays_above_it() {
    let text = "# リンクの一覧です\n[[links]]\nlabel = \"a\"\nurl = \"https://a.jp/\"\n\n# bのこと\n[[links]]\nlabel = \"b\"\nurl = \"https://b.jp/\"\n";
    let link = |name: &str| json!({"label": name, "url": format!("https://{name}.jp/"), "note": ""});
    for list in [vec!["c", "a", "b"], vec!["b"], vec!["b", "a"]] {
        let links: Vec<Json> = list.iter().map(|name| link(name)).collect();
        let written = with(text, None, json!({"links": {"links": links}}), &[]);
        assert!(written.starts_with("# リンクの一覧です\n"), "{list:?}: {written}");
        assert!(written.contains("# bのこと"), "{list:?}: {written}");
        let read: toml::Table = written.parse().unwrap();
        let labels: Vec<&str> =
            read["links"].as_array().unwrap().iter().map(|link| link["label"].as_str().unwrap()).collect();
        assert_eq!(labels, list);
    }
}

#[test]
fn a_member_whose_hours_need_its_own_beginning_is_no_broken_file() {
    let (before, rest) = PORTAL.split_once("[hours]\n").unwrap();
    let after = &rest[rest.find("\n[").unwrap()..];
    let portal = format!("{before}[hours]\nclosed = [\"12-29..01-05\"]\n{after}");
    let member = format!("{MEMBER}\n[hours]\nopen = \"08:30\"\nclose = \"20:00\"\n");
    let open = key(&member, Some(&portal), "hours.open");
    assert_eq!(
        (open.value, open.own, open.beneath),
        (KeyValue::Text("08:30".to_owned()), true, KeyValue::Text(String::new()))
    );
}
