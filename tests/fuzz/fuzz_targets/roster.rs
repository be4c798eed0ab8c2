//! Rosters: encoding, separator, header, quotes, characters.

#![no_main]

use std::{cell::RefCell, sync::LazyLock};

use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;
use touroku_proto::agency::AgencyProfile;
use touroku_server::{
    agency::parse_profile,
    roster::{RosterFile, import},
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
    // A quote that is never closed: the file is read to its end and never taken over, which is the database's part.
    let bytes = [input, b"\n\"\n"].concat();
    std::fs::write(&path, bytes).expect("a file");
    let Ok(mut file) = RosterFile::open(&path, &PROFILE) else { return };
    let report = import(database, &mut file, &PROFILE, false, 0).expect("mistakes are reported, not failed at");
    assert!(!report.taken);
    assert!(report.wrong > 0);
    assert!(report.errors.iter().all(|error| error.line > 1));
}));
