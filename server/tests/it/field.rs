//! Inputs after public bug reports of people who do this job elsewhere, by command line and console. All data is
//! fictional.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};
use touroku_proto::certificate::{DisplayMap, DisplayNames, Facts};

use crate::support::{client::TestServer, import::counts, place::Place};

/// Rosters, how many companies they add, how many rows are wrong or doubtful, and what is said of those.
const ROSTERS: [(&str, [u64; 3], &[&str]); 11] = [
    ("r01_cr_only.csv", [2, 0, 0], &[]),
    ("r02_newline_in_cell.csv", [2, 0, 2], &["値の中の改行を空白にしました", "2行と同じ名称です"]),
    ("r02b_newline_in_header.csv", [1, 0, 0], &[]),
    ("r03_phones.csv", [26, 0, 25], &["備考として残しました", "先頭の0がないようです", "U+00A0"]),
    ("r06h_mojibake_utf8.csv", [1, 0, 1], &["文字が壊れているようです"]),
    (
        "r08_names.csv",
        [19, 3, 13],
        &["異体字セレクタ", "かなから分かれた濁点", "特殊な空白", "部首の文字", "絵文字"],
    ),
    ("s_names.csv", [41, 0, 10], &["同じ名称です"]),
    // Written by openpyxl (in both calendars, and as a stream) and PyExcelerate.
    ("x_openpyxl.xlsx", [3, 0, 1], &["値の中の改行を空白にしました"]),
    ("x_openpyxl_1904.xlsx", [3, 0, 1], &["値の中の改行を空白にしました"]),
    ("x_openpyxl_stream.xlsx", [3, 0, 1], &["値の中の改行を空白にしました"]),
    ("x_pyexcelerate.xlsx", [3, 0, 1], &["値の中の改行を空白にしました"]),
];

/// Companies of `s_names.csv` by what people type.
const TYPED: [(&str, &str); 19] = [
    ("991000000", "(株)架空建設"),
    ("991000001", "茅ケ崎建設"),
    ("991000002", "キャノン見本"),
    ("991000003", "富士フィルム見本"),
    ("991000004", "一般社団法人青森協会"),
    ("991000005", "（一財）見本会"),
    ("991000006", "公益財団法人見本会"),
    ("991000007", "Ａ〜Ｚ商会"),
    ("991000008", "Ａ～Ｚ商会"),
    ("991000022", "（株）A&B"),
    ("991000024", "株式会社ローマ"),
    ("991000026", "株式会社見本商会"),
    ("991000027", "有限会社見本"),
    ("991000028", "学校法人見本学園"),
    ("991000030", "協同組合青森"),
    ("991000031", "桑原建設"),
    ("991000033", "柳田建設"),
    ("991000034", "株式会社子供"),
    ("991000036", "農事組合法人見本"),
];

/// The same where the roster's spelling counts: what differs in encoding or width only is the same spelling.
const TYPED_STRICTLY: [(&str, &str, &str); 14] = [
    ("991000007", "Ａ〜Ｚ商会", ""),
    ("991000008", "Ａ～Ｚ商会", ""),
    ("991000010", "ガラス工業", ""),
    ("991000011", "株式会社　空白", ""),
    ("991000012", "Ｃａｆｅ工務店", ""),
    ("991000016", "神神社建設", ""),
    ("991000019", "辻建設", ""),
    ("991000021", "有限会社ＡＢＣ", ""),
    ("991000027", "（有）見本", ""),
    ("991000028", "（学）見本学園", ""),
    ("991000034", "株式会社子供", ""),
    ("991000000", "（株）架空建設", "name_mismatch"),
    ("991000001", "茅ケ崎建設", "name_mismatch"),
    ("991000031", "桑原建設", "name_mismatch"),
];

/// Certificates, and why they are refused; empty: they are not.
const CERTIFICATES: [(&str, &str); 12] = [
    ("c00_plain.der", ""),
    ("c02_bmp_surrogate.der", "certificate_malformed 証明書が壊れています"),
    ("c03_t61_utf8.der", ""),
    ("c10_bmp_odd_bytes.der", "certificate_malformed 証明書が壊れています"),
    ("c12_two_dirnames.der", ""),
    ("c13_postal_sequence.der", ""),
    ("c30_negative_serial.der", ""),
    ("c31_serial_251.der", ""),
    ("c41_9999.der", ""),
    ("c46_feb29.der", "certificate_malformed X.509証明書として読めません"),
    ("c52_nonrep_only.der", "certificate_key_usage keyUsageにdigitalSignatureがありません"),
    ("c58_rsa_pss_key.der", "certificate_key_usage 鍵がRSA-PSS専用です"),
];

const AT: &str = "2026-11-30T12:00:00+09:00";

fn field(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/field")).join(name)
}

fn command(place: &Place, arguments: &[&str]) -> (i32, String) {
    let arguments: Vec<String> = arguments
        .iter()
        .map(|argument| {
            argument
                .strip_prefix("field:")
                .map_or((*argument).to_owned(), |name| field(name).to_str().unwrap().to_owned())
        })
        .collect();
    place.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn by_command_no_company_of_the_field_reports_is_lost_and_what_is_odd_is_said() {
    let place = Place::new();
    for (name, [added, wrong, doubtful], words) in ROSTERS {
        let (file, database) = (format!("field:roster/{name}"), format!("{name}.db"));
        let (_, said) = command(
            &place,
            &[
                "roster",
                "import",
                &file,
                "--agency",
                "aomori",
                "--database",
                &database,
                "--agencies",
                "agencies",
            ],
        );
        let counted = format!("追加 {added}件、変更 0件、変更なし 0件、エラー {wrong}件、注意 {doubtful}件");
        assert!(said.contains(&counted), "{name}: {said}");
        assert!(words.iter().all(|word| said.contains(word)), "{name}: {said}");
    }
}

#[tokio::test]
async fn in_the_console_no_company_of_the_field_reports_is_lost_and_what_is_odd_is_said() {
    let server = TestServer::start();
    let mut officer = server.officer("aomori", "hanako", "review");
    for (name, [added, wrong, doubtful], words) in ROSTERS {
        let import = officer.upload(&server, &fs::read(field("roster").join(name)).unwrap()).await;
        // There are two companies before.
        assert_eq!(counts(&import), [added, 0, 0, 2, wrong, doubtful], "{name}: {import:#}");
        let said = json!(officer.import_rows(&import["id"], "doubtful").await).to_string();
        assert!(words.iter().all(|word| said.contains(word)), "{name}: {said}");
        officer.send("DELETE", &format!("/api/officer/imports/{}", import["id"]), Value::Null).await;
    }
}

#[tokio::test]
async fn a_company_is_found_by_what_people_type_for_its_name() {
    let server = TestServer::start();
    let mut officer = server.officer("aomori", "hanako", "review");
    let import = officer.upload(&server, &fs::read(field("roster/s_names.csv")).unwrap()).await;
    officer.taken(&server, &import["id"], json!({})).await;
    let mut contractor = server.client();
    contractor.begin().await;
    contractor.login(&server.card(9), "register").await;
    for (number, typed) in TYPED {
        assert_eq!(contractor.search(number, typed).await.code(), "", "{number} {typed}");
    }
    assert_eq!(contractor.search("991000001", "茅崎建設").await.code(), "name_mismatch");
}

#[tokio::test]
async fn where_spelling_counts_what_differs_in_encoding_or_width_only_is_the_same() {
    let server = TestServer::start().with_agency("yamaguchi");
    let mut officer = server.officer("yamaguchi", "hanako", "review");
    let import = officer.upload(&server, &fs::read(field("roster/s_names.csv")).unwrap()).await;
    officer.taken(&server, &import["id"], json!({})).await;
    let mut contractor = server.client();
    contractor.post("/api/session", json!({"agency": "yamaguchi", "category": "works"})).await;
    contractor.login(&server.card(9), "register").await;
    for (number, typed, code) in TYPED_STRICTLY {
        assert_eq!(contractor.search(number, typed).await.code(), code, "{number} {typed}");
    }
}

#[tokio::test]
async fn workbooks_of_other_programs_hold_what_was_typed_into_them() {
    let server = TestServer::start();
    let mut officer = server.officer("aomori", "hanako", "review");
    for (name, ..) in ROSTERS.iter().filter(|(name, ..)| name.ends_with(".xlsx")) {
        let import = officer.upload(&server, &fs::read(field("roster").join(name)).unwrap()).await;
        officer.taken(&server, &import["id"], json!({})).await;
        let row =
            |number: &'static str| server.app.store.read(move |reader| reader.roster_row("aomori", number));
        let first = row("990000101").await.unwrap().unwrap();
        let (day, place) = (first.more["認定日"].as_str(), first.postal_code.as_str());
        assert_eq!((first.name.as_str(), day, place), ("（株）写し一", "2026-04-01", "030-0801"), "{name}");
        assert_eq!(first.corporate_number, "4011001098993", "{name}");
        let second = row("990000102").await.unwrap().unwrap();
        assert_eq!((second.postal_code.as_str(), second.more["認定日"].as_str()), ("030-0802", "2026-04-01"));
        assert_eq!(row("990000103").await.unwrap().unwrap().name, "写し三", "{name}");
    }
}

#[test]
fn certificates_of_the_field_reports_are_judged_with_the_right_reason() {
    let place = Place::bare();
    let verify = |arguments: &[&str]| {
        let trust =
            ["verify-certificate", "--trust", "field:certs/ca.pem", "--at", AT, "--uncheckable", "accept"];
        command(&place, &[&trust, arguments].concat())
    };
    for (name, reason) in CERTIFICATES {
        let (status, said) = verify(&[&format!("field:certs/{name}")]);
        let verdict = said.lines().last().unwrap_or_default();
        let (expected, wanted) = match reason {
            "" => (0, "受理".to_owned()),
            reason => (1, format!("拒否 {reason}")),
        };
        assert!(status == expected && verdict.starts_with(&wanted), "{name}: {said}");
    }
    // A list that says no more when the next one comes still says who is revoked.
    for list in ["crl_old_revoked.pem", "crl_nonext_revoked.pem"] {
        let (status, said) = verify(&["--crl", &format!("field:crl/{list}"), "field:certs/c00_plain.der"]);
        assert!(status == 1 && said.contains("拒否 certificate_revoked"), "{list}: {said}");
    }
}

#[test]
fn what_certificates_of_the_field_reports_say_is_read_as_their_authorities_meant_it() {
    let facts = |name: &str| Facts::parse(&fs::read(field("certs").join(name)).unwrap()).unwrap();
    let display = |name: &str| facts(name).display(&DisplayMap::default());
    let japanese = ("株式会社架空建設".to_owned(), "見本　太郎".to_owned());
    for name in ["c03_t61_utf8.der", "c12_two_dirnames.der"] {
        let DisplayNames { company_name, holder_name, .. } = display(name);
        assert_eq!((company_name, holder_name), japanese, "{name}");
    }
    assert!(display("c13_postal_sequence.der").company_address.contains("見本町"));
    let serials = ["c30_negative_serial.der", "c31_serial_251.der"].map(|name| facts(name).serial);
    assert_eq!(serials, ["-5", "251"], "two cards");
}

#[test]
fn a_wrong_character_in_a_profile_is_shown_where_it_stands() {
    let place = Place::bare();
    for (name, words) in [
        ("g05_fullwidth_space.toml", "31行13桁: 全角の空白（U+3000）"),
        ("g07_smart.toml", "38行14桁: 曲がった、または全角の引用符（U+201C）"),
    ] {
        let (status, said) = command(&place, &["agency", "check", &format!("field:agency/{name}")]);
        assert!(status == 1 && said.contains(words), "{name}: {said}");
    }
}
