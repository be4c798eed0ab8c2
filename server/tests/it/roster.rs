//! Roster files of every kind.

use std::{cell::RefCell, path::PathBuf};

use proptest::{prelude::*, test_runner::TestRunner};
use touroku_proto::agency::AgencyProfile;
use touroku_server::{
    agency::parse_profile,
    error::Error,
    roster::{Report, RosterFile, import},
    store::{Exclusive, RosterRow},
};

use crate::support::{
    client::by_command,
    engine::{Folder, is_sqlite, location},
};

struct Office {
    folder: Folder,
    profile: AgencyProfile,
    database: Exclusive,
}

impl Office {
    fn open() -> Self {
        let folder = Folder::new();
        let profile = parse_profile(include_str!("../../../agencies/aomori.toml")).unwrap();
        let database = Exclusive::open(location(folder.path())).unwrap();
        Self { folder, profile, database }
    }

    fn file(&self, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join("roster.csv");
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn try_import(&mut self, bytes: &[u8], partial: bool) -> Result<Report, Error> {
        let path = self.file(bytes);
        let mut file = RosterFile::open(&path, &self.profile)?;
        by_command(1, |post| import(&mut self.database, &mut file, &self.profile, partial, post))
    }

    fn import(&mut self, bytes: impl AsRef<[u8]>) -> Report {
        self.try_import(bytes.as_ref(), false).unwrap()
    }

    fn row(&mut self, number: &str) -> Option<RosterRow> {
        let agency = self.profile.code.clone();
        self.database.write(|writer| writer.roster_row(&agency, number)).unwrap()
    }
}

fn messages(report: &Report) -> Vec<String> {
    report.errors.iter().map(ToString::to_string).collect()
}

const GOOD: &str =
    "業者番号,商号又は名称,郵便番号\r\n000000001,㈱髙﨑建設,030-0801\r\n000000002,（株）ウ社,\r\n";

#[test]
fn a_mail_address_is_taken_as_people_write_it_and_what_is_none_is_kept_beside() {
    let mut office = Office::open();
    let report = office.import(
        "業者番号,商号又は名称,E-mail\r\n000000001,一号,ｅｉｇｙｏ＠ｉｃｈｉ．ｅｘａｍｐｌｅ．ｊｐ\r\n\
         000000002,二号,電話でお願いします\r\n",
    );
    assert_eq!((report.added, report.doubts.len()), (2, 1), "{report:?}");
    assert_eq!(office.row("000000001").unwrap().email(), "eigyo@ichi.example.jp");
    let second = office.row("000000002").unwrap();
    assert_eq!((second.email(), second.more.len()), ("", 1));
    assert_eq!(second.more["メールアドレス（名簿の記載）"], "電話でお願いします");
}

#[test]
fn titles_are_shown_without_what_a_terminal_would_obey() {
    let mut office = Office::open();
    let bytes = "\u{200B}業者番号,商号又は名称\u{1B},\u{1B}[2J備考\u{202E}\r\n000000001,,\r\n";
    let path = office.file(bytes.as_bytes());
    let file = RosterFile::open(&path, &office.profile).unwrap();
    assert_eq!(file.unused_columns(), ["[2J備考"]);
    let report = office.import(bytes);
    assert_eq!(messages(&report), ["2行2列（商号又は名称）: 商号又は名称が空です"]);
}

#[test]
fn utf_8_with_and_without_mark_and_cp932_and_tabs_say_the_same() {
    let (cp932, _, _) = encoding_rs::SHIFT_JIS.encode(GOOD);
    for bytes in [
        GOOD.as_bytes().to_vec(),
        [b"\xEF\xBB\xBF", GOOD.as_bytes()].concat(),
        cp932.to_vec(),
        GOOD.replace(',', "\t").into_bytes(),
        GOOD.replace("\r\n", "\n").into_bytes(),
        GOOD.trim_end().as_bytes().to_vec(),
    ] {
        let mut office = Office::open();
        let report = office.import(&bytes);
        assert_eq!((report.added, report.wrong), (2, 0), "{:?}", messages(&report));
        let row = office.row("000000001").unwrap();
        assert_eq!((row.name.as_str(), row.postal_code.as_str()), ("㈱髙﨑建設", "030-0801"));
    }
}

#[test]
fn headers_are_recognised_by_other_names_and_widths() {
    let mut office = Office::open();
    let report = office.import(
        "登録番号, 企業名称 ,ＴＥＬ,ﾌﾘｶﾞﾅ,代表ＦＡＸ番号,備考,物品の販売\n000000001,ア社,03-0000-0000,ｱｼｬ,03-0000-0001,x,Ａ\n",
    );
    assert_eq!(report.added, 1, "{:?}", messages(&report));
    let row = office.row("000000001").unwrap();
    assert_eq!(
        (row.phone.as_str(), row.kana.as_str(), row.fax.as_str()),
        ("03-0000-0000", "ｱｼｬ", "03-0000-0001")
    );
    assert_eq!(row.qualifications.get("物品の販売").map(String::as_str), Some("Ａ"));
}

#[test]
fn a_second_import_adds_changes_and_leaves_alone() {
    let mut office = Office::open();
    office.import(GOOD);
    let again = office.import(GOOD);
    assert_eq!((again.added, again.changed, again.unchanged), (0, 0, 2));
    let later =
        office.import("業者番号,商号又は名称\n000000002,ウ新社\n000000003,エ社\n000000001,㈱髙﨑建設\n");
    assert_eq!((later.added, later.changed, later.unchanged), (1, 1, 1));
    let row = office.row("000000001").unwrap();
    assert_eq!(row.postal_code, "030-0801", "a column that the file lacks stays as it was");
}

#[test]
fn passwords_are_stored_as_slow_hashes_and_the_same_one_changes_nothing() {
    let mut office = Office::open();
    let file = "業者番号,商号又は名称,ユーザID,パスワード\n000000001,ア社,user1,Abc123\n000000002,イ社,,\n";
    office.import(file);
    let row = office.row("000000001").unwrap();
    assert!(row.password_hash.starts_with("$argon2id$"), "{}", row.password_hash);
    assert_eq!(office.row("000000002").unwrap().password_hash, "");
    assert_eq!(office.import(file).unchanged, 2);
    assert_eq!(office.import(file.replace("Abc123", "Abc124")).changed, 1);
    if is_sqlite() {
        let bytes = std::fs::read(office.folder.path().join("touroku.db-wal")).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"Abc124"));
    }
}

#[test]
fn every_mistake_is_named_by_line_and_column() {
    let mut office = Office::open();
    let report = office.import(
        "業者番号,商号又は名称,郵便番号,電話番号,法人番号\n\
         000000001,ア社,030-0801,03-0000-0000,4011001098993\n\
         ,イ社,,,\n\
         0000000あ3,ウ社,,,\n\
         000000004,,,,\n\
         000000005,オ社,0300,03-0000,4011001098994\n\
         000000001,カ社,,,\n\
         000000007,キ社,,\n\
         000000008,\"ク社,,,\n\
         000000009,ケ\u{0}社,,,\n\
         \n\
         000000010,コ社,,,,余り\n\
         000000011,サ社,,,,\n",
    );
    assert!(!report.taken);
    let expected = [
        "3行1列（業者番号）",
        "4行1列（業者番号）",
        "5行2列（商号又は名称）",
        "6行5列（法人番号）",
        "7行1列（業者番号）: 同じ番号が2行にもあります",
        "9行2列（商号又は名称）: 引用符",
        "10行2列（商号又は名称）: 使えない文字（U+0000）",
        "12行: 列の数",
    ];
    let found = messages(&report);
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found} / {expected}");
    }
    assert_eq!(report.wrong, 8);
    let doubts: Vec<String> = report.doubts.iter().map(ToString::to_string).collect();
    assert!(doubts.iter().any(|doubt| doubt.starts_with("8行: 列の数")), "{doubts:#?}");
}

#[test]
fn where_numbers_are_issued_what_excel_made_of_a_number_is_no_number_either() {
    let mut office = Office::open();
    office.profile.search.number_issued = true;
    let report = office
        .import("業者番号,商号又は名称\n9.9E+08,ア社\n1-Apr,イ社\n\"=\"\"000123\"\"\",ウ社\n=A2,エ社\n");
    let found = messages(&report);
    assert_eq!(found.len(), 3, "{found:#?}");
    for (found, part) in found.iter().zip(["指数", "日付", "数式"]) {
        assert!(found.contains(part), "{found}");
    }
}

#[test]
fn nothing_is_taken_when_a_row_is_wrong_unless_partial_is_asked_for() {
    let mut office = Office::open();
    let file = "業者番号,商号又は名称\n000000001,ア社\nbad,イ社\n000000003,ウ社\n";
    let report = office.import(file);
    assert!(!report.taken);
    assert_eq!(office.row("000000001"), None);
    let report = office.try_import(file.as_bytes(), true).unwrap();
    assert!(report.taken);
    assert_eq!((report.added, report.wrong), (2, 1));
    assert!(office.row("000000003").is_some());
}

#[test]
fn bytes_of_another_encoding_are_named_where_they_stand() {
    let mut office = Office::open();
    let mut mixed = GOOD.as_bytes().to_vec();
    mixed.extend(b"000000003,\x83A\x8E\xD0,\r\n");
    let report = office.import(&mixed);
    assert_eq!(messages(&report).len(), 1);
    assert!(
        messages(&report)[0].starts_with("4行2列（商号又は名称）: UTF-8として"),
        "{:?}",
        messages(&report)
    );

    let (cp932, _, _) = encoding_rs::SHIFT_JIS.encode(GOOD);
    for bad in [&b"\x81"[..], b"\xFD\xFE", b"\xF0\x40"] {
        let mut file = cp932.to_vec();
        file.extend([b"000000003,", bad, b",\r\n"].concat());
        let report = office.import(&file);
        assert!(messages(&report)[0].starts_with("4行2列（商号又は名称）: CP932"), "{:?}", messages(&report));
    }
}

#[test]
fn files_that_are_no_roster_are_told_what_they_seem_to_be() {
    let mut office = Office::open();
    for (bytes, word) in [
        (&b""[..], "空"),
        (b"PK\x03\x04whatever", "Excel"),
        (b"\xFF\xFE\x2D\x69", "UTF-16"),
        ("住所,電話番号\n".as_bytes(), "「住所」"),
        ("業者番号,登録番号,名称\n".as_bytes(), "同じ項目"),
    ] {
        let error = office.try_import(bytes, true).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn short_numbers_are_filled_with_zeros_where_the_profile_says_so() {
    let mut office = Office::open();
    office.profile.search.number_zero_pad = 9;
    let report = office.import("業者番号,商号又は名称\n5021,ア社\n000005021,イ社\n");
    assert_eq!(messages(&report).len(), 1, "{:?}", messages(&report));
    assert!(messages(&report)[0].contains("同じ番号が2行"));
}

#[test]
fn no_file_makes_the_import_panic() {
    // One after another into one database: making one for each would take the most time.
    let office = RefCell::new(Office::open());
    let head = prop::sample::select(vec!["", "業者番号,名称\n", "番号\t名称\n"]);
    let file = (head, prop::collection::vec(any::<u8>(), 0..400));
    let mut runner = TestRunner::new(ProptestConfig::with_cases(64));
    let imported = runner.run(&file, |(head, rest)| {
        let bytes = [head.as_bytes(), &rest].concat();
        drop(office.borrow_mut().try_import(&bytes, true));
        Ok(())
    });
    imported.unwrap();
}

#[test]
fn the_information_systems_password_is_in_no_file_in_clear() {
    let mut office = Office::open();
    let header = "業者番号,商号又は名称,ユーザID,入札情報公開 ユーザID,入札情報公開 パスワード";
    office.import(format!("{header}\n000000001,ア社,u1,ID123123,geheim9\n000000002,イ社,,,\n"));
    let row = office.row("000000001").unwrap();
    assert_eq!((row.information_user_id.as_str(), row.user_id.as_str()), ("ID123123", "u1"));
    assert_eq!(row.information_password_mask(), "＊＊＊＊＊＊（「登録状況」の画面をご覧ください）");
    assert_eq!(office.row("000000002").unwrap().information_password_mask(), "");
    // A file without these columns leaves them unchanged.
    assert_eq!(office.import("業者番号,商号又は名称\n000000001,ア社\n").unchanged, 1);
    assert!(office.row("000000001").unwrap().information_password);
    drop(office.database);
    for entry in std::fs::read_dir(office.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.windows(7).any(|part| part == b"geheim9"), "{}", path.display());
    }
}

fn doubts(report: &Report) -> Vec<String> {
    report.doubts.iter().map(ToString::to_string).collect()
}

#[test]
fn rows_end_as_any_spreadsheet_ends_them() {
    for end in ["\r", "\r\n", "\n"] {
        let mut office = Office::open();
        let report = office.import(GOOD.replace("\r\n", end));
        assert_eq!((report.added, report.wrong), (2, 0), "{end:?}: {:?}", messages(&report));
    }
    // Excel for Mac ends rows with CR and breaks lines in a cell with LF.
    let mut office = Office::open();
    let report = office
        .import("業者番号,\"商号\n又は名称\",住所\r000000001,ア社,\"青森市\n見本町1-1\"\r000000002,イ社,x\r");
    assert_eq!((report.added, report.wrong, report.doubtful), (2, 0, 1), "{:?}", messages(&report));
    assert_eq!(office.row("000000001").unwrap().address, "青森市\u{3000}見本町1-1");
}

#[test]
fn what_stands_around_the_table_is_no_company() {
    let mut office = Office::open();
    let report = office.import(
        "sep=;\n令和8年度 有資格業者名簿;;;\n;;;\n業者番号;商号又は名称;住所;;\n000000001;ア社;青森市\n\
         業者番号;商号又は名称;住所\n000000002;イ社\n合計;2社;\n※令和8年4月1日現在;;\n",
    );
    assert_eq!((report.added, report.wrong), (2, 0), "{:?}", messages(&report));
    let doubts = doubts(&report);
    assert_eq!(doubts.len(), 4, "{doubts:#?}");
    assert!(doubts[0].starts_with("5行: 見出し") && doubts[1].starts_with("6行: 列の数"), "{doubts:#?}");
    assert!(doubts[2].contains("合計") && doubts[3].contains("注記"), "{doubts:#?}");
}

#[test]
fn a_phone_number_that_can_not_be_read_loses_no_company() {
    let mut office = Office::open();
    let report = office.import(
        "業者番号,商号又は名称,電話番号\n000000001,ア社,担当へ\n000000002,イ社,017-000-0001（代）\n\
         000000003,ウ社,なし\n",
    );
    assert_eq!((report.added, report.wrong, report.doubtful), (3, 0, 1), "{:?}", messages(&report));
    let row = office.row("000000001").unwrap();
    assert_eq!((row.phone.as_str(), row.more["電話番号（名簿の記載）"].as_str()), ("", "担当へ"));
    assert_eq!(office.row("000000002").unwrap().phone, "017-000-0001");
    // Fixed in the next file, the note disappears.
    let report = office.import("業者番号,商号又は名称,電話番号\n000000001,ア社,017-000-0001\n");
    assert_eq!(report.changed, 1);
    assert!(office.row("000000001").unwrap().more.is_empty());
}

#[test]
fn damage_and_names_that_nobody_types_are_pointed_out() {
    let mut office = Office::open();
    let report = office.import(
        "業者番号,商号又は名称\n000000001,æ ªå¼ä¼šç¤¾æž¶ç©º\n000000002,カ\u{3099}ラス工業\n000000003,〓社\n",
    );
    let doubts = doubts(&report);
    assert!(
        doubts.iter().any(|doubt| doubt.starts_with("2行2列") && doubt.contains("文字化け")),
        "{doubts:#?}"
    );
    assert!(doubts.iter().any(|doubt| doubt.starts_with("3行2列") && doubt.contains("濁点")), "{doubts:#?}");
    assert!(doubts.iter().any(|doubt| doubt.starts_with("4行2列") && doubt.contains("〓")), "{doubts:#?}");
}

#[test]
fn further_columns_are_kept_and_stay_when_a_file_lacks_them() {
    let mut office = Office::open();
    let report = office.import(
        "業者番号,商号又は名称,委任先名称,委任先電話番号,認定日,有効期限,区分\n\
         000000001,ア社,見本支店,017-000-0001,R8.4.1,2028/3/31,工事\n000000002,イ社,,,未定,,林業\n",
    );
    assert_eq!((report.taken, report.wrong), (false, 1), "{:?}", messages(&report));
    let report = office.import(
        "業者番号,商号又は名称,委任先名称,委任先電話番号,認定日,有効期限,区分\n\
         000000001,ア社,見本支店,017-000-0001,R8.4.1,2028/3/31,工事\n",
    );
    assert_eq!(report.added, 1);
    office.import("業者番号,商号又は名称\n000000001,ア新社\n");
    let row = office.row("000000001").unwrap();
    assert_eq!(row.name, "ア新社");
    for (name, value) in [
        ("委任先名称", "見本支店"),
        ("委任先電話番号", "017-000-0001"),
        ("認定日", "2026-04-01"),
        ("有効期限", "2028-03-31"),
        ("区分", "works"),
    ] {
        assert_eq!(row.more.get(name).map(String::as_str), Some(value), "{name}");
    }
}
