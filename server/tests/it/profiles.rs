//! Profiles with mistakes that authors make.

use std::path::Path;

use proptest::prelude::*;
use touroku_server::agency::{Mistake, check_files, parse_profile};

const SOUND: &str = include_str!("support/agency.toml");

/// A category for ID and password, with its form.
const ACCOUNT: &str = r#"
[[categories]]
code = "small"
name = "少額物品、少額役務"
digit = 2
access = "password"
form = "small"
account_form = "small"

[[forms.small.sections]]
title = "ID登録依頼者連絡先情報"
rows = [
  { field = "applicant_contact_email", label = "連絡先メールアドレス", rule = { kind = "email", max = 100 }, register = "edit", change = "edit" },
  { field = "login_id", label = "少額物品用ユーザーID", required = true, rule = { kind = "mixed_alphanumeric", min = 6, max = 20 }, register = "edit", change = "edit" },
  { field = "login_password", label = "少額物品用パスワード", required = true, rule = { kind = "mixed_alphanumeric", min = 6, max = 20 }, register = "edit", change = "edit" },
  { field = "login_password_again", label = "確認パスワード", required = true, rule = { kind = "repeat", of = "login_password" }, register = "edit", change = "edit" },
]

[hours]
open = "08:30"
close = "20:00"
weekdays = ["mon", "tue", "wed", "thu", "fri"]
closed = ["12-29..01-05", "02-29"]
"#;

fn sound() -> String {
    format!("{SOUND}{ACCOUNT}")
}

fn changed(find: &str, replace: &str) -> String {
    let text = sound();
    assert!(text.contains(find), "{find}");
    text.replacen(find, replace, 1)
}

/// Every mistake after replacing `find`, each with the text from its place to the end of its line.
fn mistakes(find: &str, replace: &str) -> Vec<(Mistake, String)> {
    let text = changed(find, replace);
    let Err(found) = parse_profile(&text) else { panic!("{find} => {replace} was accepted") };
    let at = |mistake: &Mistake| {
        let line = text.lines().nth(mistake.line - 1).unwrap_or_default();
        line.chars().skip(mistake.column - 1).collect::<String>()
    };
    found.into_iter().map(|mistake| (mistake.clone(), at(&mistake))).collect()
}

#[test]
fn what_a_page_leads_to_is_a_web_page_and_news_have_a_day() {
    for wrong in [
        "[[links]]\nlabel = \"公告\"\nurl = \"javascript:alert(1)\"\n",
        "[[links]]\nlabel = \" \"\nurl = \"https://example.jp/\"\n",
        "[[news]]\ndate = \"2026-02-30\"\ntext = \"新しい\"\n",
        "[install]\nhost_url = \"touroku-host.msi\"\n",
        "[footer]\nprivacy_url = \"/privacy\"\n",
    ] {
        let found = mistakes("[[desks]]", &format!("{wrong}\n[[desks]]"));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(wrong.contains(found[0].1.trim()), "{found:?}");
    }
}

#[test]
fn the_hours_are_said_in_words_unless_the_agency_has_its_own() {
    let rule = |text: &str| parse_profile(text).unwrap().hours_rule.to_string();
    assert_eq!(rule(&sound()), "平日8時30分～20時（土日祝・12月29日～1月5日・2月29日を除く）");
    assert_eq!(rule(&changed("name = ", "hours_rule = \"平日のみ\"\nname = ")), "平日のみ");
}

#[test]
fn sound_profiles_pass() {
    assert!(parse_profile(SOUND).is_ok());
    assert_eq!(parse_profile(&sound()).map(drop), Ok(()));
}

#[test]
fn every_mistake_of_meaning_is_named_once_where_it_stands() {
    let password = "label = \"少額物品用パスワード\", required = true";
    for (find, replace, place, word) in [
        ("form = \"goods\"", "form = \"gods\"", "\"gods\"", "gods"),
        ("{sequence:11}", "{sequence}", "\"{proc", "sequence"),
        ("{card_contact_person}", "{pin}", "\"\"\"", "{pin}"),
        ("from = \"no-reply@ebid.example.jp\"", "from = \"no-reply\"", "\"no-reply\"", "差出人"),
        ("from = \"no-reply@ebid.example.jp\"", "", "[mail]", "from"),
        ("code = \"goods\"", "code = \"works\"", "\"works\"", "二度"),
        ("code = \"aomori\"", "code = \"Aomori\"", "\"Aomori\"", "code"),
        ("code = \"aomori\"", "code = \"menu\"", "\"menu\"", "アドレス"),
        ("code = \"goods\"", "code = \"companies\"", "\"companies\"", "アドレス"),
        ("rule = { kind = \"phone\" }, ", "", "{ field = \"company_phone\"", "rule"),
        ("url = \"https", "url = \"javascript", "\"javascript", "https"),
        // 簡易認証.
        ("account_form = \"small\"\n", "", "[[categories]]", "account_form"),
        ("account_form = \"small\"", "account_form = \"smal\"", "\"smal\"", "smal"),
        (
            "access = \"password\"\nform = \"small\"\naccount_form = \"small\"",
            "access = \"either\"\nform = \"goods\"\naccount_form = \"goods\"",
            "",
            "login_id",
        ),
        (
            "field = \"login_password_again\"",
            "field = \"applicant_contact_name\"",
            "small",
            "login_password_again",
        ),
        (password, "label = \"少額物品用パスワード\"", "{ field = \"login_password\"", "必須"),
        (password, "print = true, label = \"少額物品用パスワード\", required = true", "true", "印刷"),
        ("of = \"login_password\"", "of = \"login_id\"", "{ kind = \"repeat\"", "login_password"),
        (
            "{ kind = \"mixed_alphanumeric\", min = 6, max = 20 }",
            "{ kind = \"text\", max = 20 }",
            "{ kind = \"text\"",
            "login_id",
        ),
        (
            "field = \"applicant_contact_email\"",
            "field = \"card_holder_name\"",
            "\"card_holder_name\"",
            "入力できません",
        ),
        // 検索.
        ("number_hint", "number_list = true\nnumber_secret = true\nnumber_hint", "true", "秘密"),
        ("number_hint", "number_zero_pad = 8\nnumber_hint", "8", "number_rule"),
        ("number_hint", "number_zero_pad = 1000000000000\nnumber_hint", "1000000000000", "number_rule"),
        ("number_hint", "number_issued = true\nnumber_hint", "true", "number_secret"),
        (
            "number_rule = { kind = \"alphanumeric\", min = 9, max = 9 }",
            "number_secret = true\nnumber_issued = true\nnumber_rule = { kind = \"digits\", min = 9, max = 9 }",
            "{ kind = \"digits\", min = 9",
            "10以上",
        ),
        (
            "[mail.registered]",
            "[mail.number_issued]\nbody = \"番号です\"\n[mail.registered]",
            "\"番号です\"",
            "{number}",
        ),
        (
            "[mail.registered]",
            "[mail.number_issued]\nsubject = \"{number}\"\n[mail.registered]",
            "\"{number}\"",
            "{number}",
        ),
        // 時間.
        ("close = \"20:00\"", "close = \"08:30\"", "\"08:30\"", "終わる"),
        ("weekdays = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"]", "weekdays = []", "[]", "曜日"),
        ("\"tue\"", "\"mon\"", "\"mon\", \"wed\"", "二度"),
        ("02-29", "02-30", "\"02-30\"", "02-30"),
        ("02-29", "2026-02-29", "\"2026-02-29\"", "2026-02-29"),
        // 通知とメール.
        ("name = \"青森市\"", "name = \"青森市\"\nexpiry_notice_days = [30, 400]", "400]", "365"),
        ("name = \"青森市\"", "name = \"青森市\"\nexpiry_notice_days = [30, 30]", "30]", "二度"),
        (
            "[mail.registered]",
            "[mail.changed]\nbody = \"{days_left}\"\n[mail.registered]",
            "\"{days_left}\"",
            "days_left",
        ),
        (
            "[mail.registered]",
            "[mail.approved]\nbody = \"{reason}\"\n[mail.registered]",
            "\"{reason}\"",
            "reason",
        ),
        (
            "[mail.registered]",
            "[mail.approved]\nbody = \"{login_id}\"\n[mail.registered]",
            "\"{login_id}\"",
            "ユーザーID",
        ),
        (
            "[mail.registered]",
            "[mail.applied]\nbody = \"{login_password}\"\n[mail.registered]",
            "\"{login_p",
            "login_password",
        ),
        (
            "[mail.registered]",
            "[mail.password_reset]\nbody = \"忘れた\"\n[mail.registered]",
            "\"忘れた\"",
            "{link}",
        ),
        (
            "[mail.registered]",
            "[mail.password_reset]\nsubject = \"{link}\"\n[mail.registered]",
            "\"{link}\"",
            "{link}",
        ),
        ("[mail.registered]", "[mail.registered]\nto = [\"card\", \"card\"]", "\"card\"]", "二度"),
        (
            "[mail.registered]",
            "[mail.company_notice]\nto = [\"representative\"]\n[mail.registered]",
            "[\"representative\"]",
            "宛先は選べません",
        ),
        (
            "[mail.registered]",
            "[mail.card_added]\nto = [\"representative\"]\n[mail.registered]",
            "[\"representative\"]",
            "宛先は選べません",
        ),
        (
            "[mail.registered]",
            "[mail.registered]\nto = [\"applicant\"]",
            "\"applicant\"]",
            "applicant_contact_email",
        ),
    ] {
        let found: Vec<_> = mistakes(find, replace)
            .into_iter()
            .filter(|(mistake, _)| mistake.message.contains(word))
            .collect();
        assert!(!found.is_empty(), "{replace}: {:?}", mistakes(find, replace));
        assert!(found[0].1.starts_with(place), "{replace}: {found:?}");
    }
}

#[test]
fn one_mistake_is_one_line() {
    for (find, replace) in [
        ("form = \"goods\"", "form = \"gods\""),
        ("close = \"20:00\"", "close = \"2000\""),
        ("procurement_code = ", "procurment_code = "),
        ("number_label = \"業者番号\"\n", ""),
        ("name = \"青森市\"\n", ""),
        ("kind = \"phone\"", "kind = \"telephone\""),
        ("field = \"company_fax\"", "field = \"company_fux\""),
        ("register = \"hidden\"", "register = \"hiden\""),
        ("digit = 1", "digit = \"1\""),
        ("[company_id]\nformat = \"{procurement}{category}{sequence:11}\"\n", ""),
        ("max = 20 }", "}"),
        ("max = 20 }", "max = \"20\" }"),
        ("{ kind = \"phone\" }", "{ kind = \"phone\", max = 3 }"),
        ("{ kind = \"phone\" }", "\"phone\""),
    ] {
        let found = mistakes(find, replace);
        let most = if replace.starts_with("procurment") { 2 } else { 1 };
        assert!((1..=most).contains(&found.len()), "{replace}: {found:?}");
    }
}

#[test]
fn my_number_cards_neither_sign_applications_nor_pass_unchecked() {
    for beside in ["signed_applications = true", "uncheckable = \"accept\""] {
        let text = changed("procurement_code =", &format!("{beside}\nprocurement_code ="));
        assert!(parse_profile(&text).is_ok(), "{beside}");
        let found = parse_profile(&format!("{text}\n[cards]\nmy_number = true\n")).unwrap_err();
        assert_eq!(found.len(), 1, "{beside}");
        let key = beside.split(' ').next().unwrap();
        assert!(found[0].message.contains(key), "{}", found[0].message);
    }
}

#[test]
fn mistakes_of_shape_and_of_meaning_are_all_named_together() {
    let text = sound()
        .replacen("procurement_code = ", "procurment_code = ", 1)
        .replacen("kind = \"helpdesk\"", "kind = \"help\"", 1)
        .replacen("number_label = \"業者番号\"\n", "", 1)
        .replacen("digit = 0", "digit = 12", 1)
        .replacen("field = \"company_fax\"", "field = \"company_fux\"", 1)
        .replacen("close = \"20:00\"", "close = \"08:00\"", 1)
        .replacen("[mail.registered]", "[mail.registred]", 1);
    let found = parse_profile(&text).unwrap_err();
    let said = found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    for word in
        ["procurment_code", "「help」", "number_label", "digit", "company_fux", "終わる時刻", "registred"]
    {
        assert!(said.contains(word), "{word}\n{said}");
    }
    assert!(found.is_sorted_by_key(|mistake| (mistake.line, mistake.column)), "{said}");
    // A typo in a key is an unknown key and a missing one; nothing else is reported twice.
    assert_eq!(found.len(), 8, "{said}");
}

#[test]
fn mistakes_of_toml_are_all_named() {
    let text = sound().replacen("digit = 0", "digit = ", 1).replacen("digit = 1", "digit = = 1", 1);
    let found = parse_profile(&text).unwrap_err();
    let lines: Vec<usize> = found.iter().map(|mistake| mistake.line).collect();
    for find in ["digit = \n", "digit = = 1"] {
        let line = text.split(find).next().unwrap().matches('\n').count() + 1;
        assert!(lines.contains(&line), "{line}: {found:?}");
    }
    // Everything an empty profile lacks.
    assert_eq!(parse_profile("").unwrap_err().len(), 8);
    // A duplicate key does not hide the rest.
    let text = changed("digit = 1", "digit = 1\ndigit = 1").replacen("digit = 0", "digit = 10", 1);
    assert_eq!(parse_profile(&text).unwrap_err().len(), 2);
    assert!(parse_profile("").is_err() && parse_profile("\u{FEFF}").is_err());
    assert!(parse_profile(&"[".repeat(100_000)).is_err());
}

#[test]
fn a_mistake_of_toml_is_told_in_japanese_with_the_character_that_only_looks_right() {
    for (find, replace, said) in [
        ("digit = 0", "digit\u{3000}= 0", "全角の空白（U+3000）"),
        ("digit = 0", "digit\u{A0}= 0", "U+00A0"),
        ("name = \"青森市\"", "name = \u{201C}青森市\u{201D}", "U+201C"),
        ("digit = 0", "digit =", "TOMLの書き方"),
        ("digit = 0", "digit = 0\ndigit = 1", "二度あります"),
        ("digit = 0", "digt = 0", "「digt」という項目名はありません"),
    ] {
        let text = sound().replacen(find, replace, 1);
        assert!(text != sound(), "{find}");
        let found = parse_profile(&text).unwrap_err();
        let first = found.iter().find(|mistake| mistake.message.contains(said));
        let line = text.split(replace).next().unwrap().matches('\n').count() + 1;
        let first = first.unwrap_or_else(|| panic!("{replace}: {found:?}"));
        assert!((line..=line + 1).contains(&first.line), "{replace}: {found:?}");
        assert!(found.iter().all(|it| !it.message.is_ascii()), "{found:?}");
    }
}

#[test]
fn agencies_that_cannot_stand_side_by_side_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("1.toml", SOUND);
    write("2.toml", SOUND);
    let check = || check_files(&[folder.path().to_owned()]).unwrap().1;
    let found = check();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].path.ends_with("2.toml") && found[0].to_string().contains("1.toml"), "{found:?}");

    let other = SOUND.replace("code = \"aomori\"", "code = \"other\"");
    write("2.toml", &other);
    let found = check();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].mistake.message.contains("企業ID"), "{found:?}");
    assert_eq!(other.lines().nth(found[0].mistake.line - 1).unwrap().split(' ').next(), Some("format"));

    // The same digits, split elsewhere.
    write("2.toml", &other.replace("{procurement}{category}{sequence:11}", "{sequence:16}"));
    assert_eq!(check().len(), 1);
    for format in ["{sequence:15}", "A{sequence:15}"] {
        write("2.toml", &other.replace("{procurement}{category}{sequence:11}", format));
        assert_eq!(check(), [], "{format}");
    }
    write("2.toml", &other.replace("procurement_code = \"9992\"", "procurement_code = \"9993\""));
    assert_eq!(check(), []);
    std::fs::write(folder.path().join("3.toml"), b"code = \"\x82\xA0\"").unwrap();
    assert!(check()[0].to_string().ends_with("1行9桁: UTF-8の文字列ではありません"), "{:?}", check());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_cut_out_or_put_in_is_either_sound_or_placed_in_the_text(
        begin in 0_usize..14000, length in 0_usize..300, insert in "[a-z\"\\[\\]{}=,.#0-9\n ]{0,12}",
    ) {
        let sound: Vec<char> = sound().chars().collect();
        let begin = begin.min(sound.len());
        let end = (begin + length).min(sound.len());
        let text: String =
            sound[..begin].iter().copied().chain(insert.chars()).chain(sound[end..].iter().copied()).collect();
        if let Err(found) = parse_profile(&text) {
            prop_assert!(!found.is_empty());
            let lines = text.matches('\n').count() + 1;
            for mistake in found {
                prop_assert!((1..=lines).contains(&mistake.line) && mistake.column >= 1, "{mistake}");
            }
        }
    }
}

#[test]
fn the_five_compatible_authorities_have_a_profile_and_nothing_invented() {
    let agencies = touroku_server::agency::Agencies::load(Path::new("../agencies")).unwrap();
    // The card that everybody has is not one of them, and is accepted only where an agency says so.
    let is_citizens = |issuer: &[String]| issuer.iter().any(|part| part == "O=JPKI");
    let mut authorities = agencies.authority_views();
    authorities.retain(|authority| !is_citizens(&authority.issuer));
    assert_eq!(authorities.len(), 5);
    for authority in &authorities {
        assert!(!authority.name.is_empty() && authority.phone.is_empty() && authority.email.is_empty());
    }
    let tries: Vec<_> = authorities.iter().filter_map(|authority| authority.tries).collect();
    assert_eq!(tries, [10], "one of them says it in public");
    let rules = touroku_server::agency::issuer_rules(Path::new("../agencies")).unwrap();
    assert!(rules.iter().all(|rules| is_citizens(&rules.issuer)));
}
