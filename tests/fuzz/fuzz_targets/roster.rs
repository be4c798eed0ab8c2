//! Rosters: encoding, separator, header, quotes, characters.

#![no_main]

use std::{cell::RefCell, collections::HashSet, sync::LazyLock};

use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;
use touroku_proto::{agency::AgencyProfile, text};
use touroku_server::{
    agency::parse_profile,
    roster::{RosterFile, fuzzing, import},
    store::Exclusive,
};

static PROFILE: LazyLock<AgencyProfile> = LazyLock::new(|| {
    parse_profile(include_str!("../../../agencies/template.toml")).expect("the template is sound")
});

thread_local! {
    static PLACE: RefCell<(TempDir, Exclusive)> = RefCell::new({
        let folder = TempDir::new().expect("a folder");
        let database = Exclusive::open(&folder.path().join("fuzz.db")).expect("a database");
        (folder, database)
    });
}

fuzz_target!(|input: &[u8]| PLACE.with_borrow_mut(|(folder, database)| {
    let path = folder.path().join("roster.csv");
    // An unclosed quote: the file is read to its end and never taken over, which is up to the database.
    let bytes = [input, b"\n\"\n"].concat();
    std::fs::write(&path, bytes).expect("a file");
    let mut file = match RosterFile::open(&path, &PROFILE) {
        Ok(file) => file,
        Err(error) => return assert_printable(&error.to_string()),
    };
    file.unused_columns().iter().for_each(|title| assert_printable(title));

    let mut numbers = HashSet::new();
    let wrong = fuzzing::rows(&mut file, &PROFILE, |row, password| {
        assert!(!row.name.is_empty() && numbers.insert(row.number.clone()), "{row:?}");
        let texts = [
            &row.number,
            &row.name,
            &row.kana,
            &row.corporate_number,
            &row.postal_code,
            &row.address,
            &row.representative_name,
            &row.representative_title,
            &row.phone,
            &row.fax,
            &row.branch,
            &row.user_id,
            &row.information_user_id,
        ];
        texts.into_iter().chain(row.qualifications.values()).for_each(|text| assert_printable(text));
        assert!(password.bytes().all(|byte| byte.is_ascii_graphic()));
    });
    assert!(wrong.expect("mistakes are counted, not failed at") > 0);

    let report =
        import(database, &mut file, &PROFILE, false, 0).expect("mistakes are reported, not failed at");
    assert!(!report.taken);
    assert!(report.wrong > 0);
    assert!(report.errors.iter().all(|error| error.line > 1));
    report.errors.iter().for_each(|error| assert_printable(&error.to_string()));
}));

fn assert_printable(text: &str) {
    assert!(!text.chars().any(text::is_forbidden), "{text:?}");
}
