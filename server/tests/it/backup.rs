//! Disasters: what is left of a server, and how it is restored.

use std::{
    fs,
    io::{Read as _, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use rusqlite::Connection;
use tempfile::TempDir;
use touroku_server::{
    key::ServerKey,
    outside::Outside,
    store::{self, Exclusive},
};

use crate::support::{
    authority::Authority,
    place::{AGENCIES, Place, files, mode, queue_mails, said},
};

#[test]
fn a_bare_machine_gets_everything_back_from_one_file() {
    let lost = Place::new();
    fs::create_dir(lost.path("server.d")).unwrap();
    fs::write(lost.path("server.d/city.toml"), "session_idle_minutes = 20\n").unwrap();
    let archive = lost.back_up();
    let (key, configuration) =
        (fs::read(lost.path("touroku.key")).unwrap(), fs::read(lost.path("server.toml")).unwrap());
    let root = fs::read(lost.path("root.pem")).unwrap();
    let files = [
        "touroku.db",
        "touroku.key",
        "server.toml",
        "server.d/city.toml",
        "root.pem",
        "agencies/aomori.toml",
    ];
    for name in files {
        fs::remove_file(lost.path(name)).unwrap();
    }
    let (status, said) = lost.restore(&archive);
    assert_eq!(status, 0, "{said}");
    assert_eq!(fs::read_to_string(lost.path("server.d/city.toml")).unwrap(), "session_idle_minutes = 20\n");
    assert_eq!(lost.mails(), ["before"]);
    assert_eq!(fs::read(lost.path("touroku.key")).unwrap(), key);
    assert_eq!(fs::read(lost.path("server.toml")).unwrap(), configuration);
    assert_eq!(fs::read(lost.path("root.pem")).unwrap(), root);
    let (status, said) = lost.run(&["serve", "--check", "--config", "server.toml"]);
    assert_eq!(status, 0, "{said}");
    for name in ["touroku.db", "touroku.key", "server.toml"] {
        assert_eq!(mode(&lost.path(name)), 0o600, "{name}");
    }
    assert_eq!(mode(&archive), 0o600);
}

#[test]
fn only_so_many_backups_are_kept_and_the_oldest_goes_after_the_new_one_is_proved() {
    let place = Place::new();
    place.back_up();
    let [first] = &place.archives()[..] else { panic!("one") };
    fs::rename(first, place.path("copies/touroku-20200101-000000.tar.gz")).unwrap();
    fs::write(place.path("copies/touroku-20200102-000000.tar.gz"), "").unwrap();
    fs::write(place.path("copies/touroku-before-the-move.tar.gz"), "").unwrap();
    let (status, said) = place.run_with_little_room(1, false, &["backup"]);
    assert_eq!((status, place.archives().len()), (1, 3), "{said}");
    place.back_up();
    let names = place.archives();
    assert!(!names.contains(&place.path("copies/touroku-20200101-000000.tar.gz")));
    assert!(names.contains(&place.path("copies/touroku-20200102-000000.tar.gz")));
    assert!(names.contains(&place.path("copies/touroku-before-the-move.tar.gz")));
}

#[test]
fn a_profile_that_the_archive_does_not_have_stays_and_is_named() {
    let place = Place::new();
    let archive = place.back_up();
    let aomori = fs::read_to_string(place.path("agencies/aomori.toml")).unwrap();
    let later = aomori.replace("code = \"aomori\"", "code = \"later\"");
    fs::write(place.path("agencies/later.toml"), &later).unwrap();
    let (status, said) = place.restore(&archive);
    assert!(status == 0 && said.contains("later.tomlは控えにない"), "{said}");
    assert!(!said.contains("aomori.tomlは控えにない"), "{said}");
    assert_eq!(fs::read_to_string(place.path("agencies/later.toml")).unwrap(), later);
}

#[test]
fn a_wal_that_outlived_its_database_does_not_mix_into_what_is_restored() {
    let place = Place::new();
    let archive = place.back_up();
    let mut database = Exclusive::open(&place.database()).unwrap();
    queue_mails(&mut database, "after", 200);
    let wal = fs::read(place.path("touroku.db-wal")).unwrap();
    drop(database);
    fs::remove_file(place.database()).unwrap();
    fs::write(place.path("touroku.db-wal"), &wal).unwrap();

    let (status, said) = place.restore(&archive);
    assert_eq!(status, 0, "{said}");
    assert_eq!(place.mails(), ["before"]);
    assert_eq!(fs::read(place.path("touroku.db.before-restore-1-wal")).unwrap(), wal);
}

#[test]
fn a_damaged_database_is_replaced_and_kept_aside() {
    let place = Place::new();
    let archive = place.back_up();
    let whole = fs::read(place.database()).unwrap();
    let mut page = whole.clone();
    page[8192..12288].fill(0xa5);
    let without_its_first_page = [&[0; 4096], &whole[4096..]].concat();
    let damages: [&[u8]; 5] =
        [b"", b"no database", &page, &whole[..whole.len() / 2], &without_its_first_page];
    for (at, damage) in damages.into_iter().enumerate() {
        fs::write(place.database(), damage).unwrap();
        let (status, said) = place.restore(&archive);
        let former = format!("touroku.db.before-restore-{}", at + 1);
        assert!(status == 0 && said.contains(&former), "{said}");
        assert_eq!(place.mails(), ["before"]);
        assert_eq!(fs::read(place.path(&former)).unwrap(), damage);
    }
}

#[test]
fn a_database_in_use_is_left_alone_even_when_its_file_was_deleted() {
    let place = Place::new();
    let archive = place.back_up();
    let database = Exclusive::open(&place.database()).unwrap();
    fs::remove_file(place.database()).unwrap();
    let (status, said) = place.restore(&archive);
    assert!(status == 1 && said.contains("サーバーを止めて"), "{said}");
    assert!(!place.database().exists());
    drop(database);
}

#[test]
fn a_restore_that_was_cut_off_keeps_servers_out_until_it_is_done_again() {
    let place = Place::new();
    let archive = place.back_up();
    fs::rename(place.database(), place.path("touroku.db.restoring")).unwrap();
    let refused = Exclusive::open(&place.database()).map(drop).unwrap_err().to_string();
    assert!(refused.contains("restoreを実行"), "{refused}");
    let (status, said) = place.restore(&archive);
    assert_eq!(status, 0, "{said}");
    assert_eq!(place.mails(), ["before"]);
}

#[test]
fn a_backup_that_found_no_room_or_was_killed_leaves_nothing_that_fills_the_disk() {
    let place = Place::new();
    place.back_up();
    let before = files(&place.path("copies"));
    let (status, said) = place.run_with_little_room(64, false, &["backup"]);
    assert!(status == 1 && said.contains("ディスクの空き"), "{said}");
    assert_eq!(files(&place.path("copies")), before);

    assert_eq!(place.run_with_little_room(64, true, &["backup"]).0, -1, "killed");
    assert_ne!(files(&place.path("copies")), before);
    fs::rename(&place.archives()[0], place.path("copies/touroku-20200101-000000.tar.gz")).unwrap();
    place.back_up();
    assert_eq!(files(&place.path("copies")).len(), before.len() + 1, "the next one tidied up");
}

#[test]
fn a_restore_that_found_no_room_or_was_killed_has_changed_nothing() {
    let place = Place::new();
    let archive = place.back_up();
    place.queue_mails("after", 10);
    let archive = archive.to_str().unwrap();
    let restore = ["restore", archive, "--passphrase-file", "passphrase"];
    assert_eq!(place.run_with_little_room(64, false, &restore).0, 1);
    assert_eq!(place.mails(), ["after", "before"]);
    assert_eq!(place.run_with_little_room(64, true, &restore).0, -1, "killed");
    assert_eq!(place.mails(), ["after", "before"]);
    assert_eq!(place.run(&restore).0, 0);
    assert_eq!(place.mails(), ["before"]);
}

#[test]
fn what_is_no_sound_backup_of_ours_is_refused_before_anything_is_touched() {
    let place = Place::new();
    let archive = place.back_up();
    let bytes = fs::read(&archive).unwrap();
    fs::write(place.path("cut.tar.gz"), &bytes[..bytes.len() / 2]).unwrap();
    // In the content: some compressed bytes may change and still unpack to the same.
    let mut flipped = Vec::new();
    GzDecoder::new(&bytes[..]).read_to_end(&mut flipped).unwrap();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x10;
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&flipped).unwrap();
    fs::write(place.path("flipped.tar.gz"), packed.finish().unwrap()).unwrap();
    fs::write(place.path("text.db"), "not a database at all, but long enough to be read as one").unwrap();
    fs::write(place.path("empty.db"), "").unwrap();
    fs::write(place.path("other"), "ほかの合言葉ほかの合言葉ほかの合言葉").unwrap();
    for (name, change) in [
        // As made by plain copies.
        ("newer.db", "PRAGMA user_version = 999"),
        ("incomplete.db", "DROP TABLE outbox"),
        ("foreign.db", "PRAGMA user_version = 0"),
    ] {
        fs::copy(place.database(), place.path(name)).unwrap();
        Connection::open(place.path(name))
            .unwrap()
            .execute_batch(&format!("{change}; PRAGMA journal_mode = DELETE"))
            .unwrap();
    }
    let before = files(place.0.path());
    for (name, word) in [
        ("cut.tar.gz", "途中で切れている"),
        ("flipped.tar.gz", "別の日の控え"),
        ("text.db", "読めません"),
        ("empty.db", "ではありません"),
        ("newer.db", "新しい版"),
        ("incomplete.db", "outbox"),
        ("foreign.db", "ではありません"),
        ("absent.tar.gz", "absent.tar.gz"),
    ] {
        let (status, said) = place.restore(Path::new(name));
        assert!(status == 1 && said.contains(word), "{name}: {said}");
        assert_eq!(files(place.0.path()), before, "{name}");
    }
    fs::remove_file(place.path("touroku.key")).unwrap();
    let wrong = ["restore", archive.to_str().unwrap(), "--passphrase-file", "other"];
    let (status, said) = place.run(&wrong);
    assert!(status == 1 && said.contains("封を開けられません"), "{said}");
    let (status, said) = place.run(&wrong[..2]);
    assert!(status == 1 && said.contains("--passphrase-file"), "{said}");
    assert!(!place.path("touroku.key").exists());
    assert_eq!(place.mails(), ["before"]);
}

#[test]
fn a_drill_proves_a_backup_and_leaves_nothing_but_its_result() {
    let place = Place::new();
    place.back_up();
    let before = files(&place.path("copies"));
    let (status, said) = place.run(&["restore", "copies", "--drill"]);
    assert!(status == 0 && said.contains("鍵がこのデータベースのもの"), "{said}");
    let note = || fs::read_to_string(place.path("touroku.db.backups.json")).unwrap();
    assert!(note().contains("\"drill\"") && !note().contains("false"), "{}", note());
    fs::write(&before[before.len() - 1], "broken").unwrap();
    assert_eq!(place.run(&["restore", "copies", "--drill"]).0, 1);
    assert!(note().contains("false"), "{}", note());
    assert_eq!(files(&place.path("copies")), before);
}

#[test]
fn the_newest_backup_is_neither_a_file_of_another_name_nor_one_of_a_clock_that_was_ahead() {
    let place = Place::new();
    let sound = place.back_up();
    for name in ["touroku-99990101-000000.tar.gz", "touroku-before-move.tar.gz"] {
        fs::write(place.path("copies").join(name), "broken").unwrap();
    }
    let (status, said) = place.run(&["restore", "copies", "--drill"]);
    let sound = sound.file_name().unwrap().to_str().unwrap();
    assert!(status == 0 && said.contains(sound) && said.contains("時計が進んで"), "{said}");
}

#[test]
fn archives_of_a_clock_that_was_ahead_take_the_place_of_no_real_one() {
    let place = Place::new();
    place.back_up();
    for day in ["99990101", "99990102", "99990103"] {
        fs::write(place.path("copies").join(format!("touroku-{day}-000000.tar.gz")), "broken").unwrap();
    }
    let real = |place: &Place| {
        place.archives().iter().filter(|path| !path.to_str().unwrap().contains("9999")).count()
    };
    let earlier = place.archives().remove(0);
    fs::rename(earlier, place.path("copies/touroku-20260101-000000.tar.gz")).unwrap();
    assert_eq!(place.run(&["backup"]).0, 0);
    assert_eq!(real(&place), 2, "as many as are kept");
}

#[test]
fn what_the_package_has_laid_gives_way_to_the_configuration_of_the_backup() {
    let lost = Place::new();
    let shipped = "# shipped\n";
    for folder in ["etc/touroku", "usr/share/touroku/default"] {
        fs::create_dir_all(lost.path(folder)).unwrap();
    }
    fs::write(lost.path("usr/share/touroku/default/server.toml"), shipped).unwrap();
    let own = lost.path("etc/touroku/server.toml");
    let text = fs::read_to_string(lost.path("server.toml")).unwrap();
    let text = text.replace("root.pem", "../../root.pem").replace("\"copies", "\"../../copies");
    let text = format!("database = \"../../touroku.db\"\nagencies = \"../../agencies\"\n{text}");
    fs::write(&own, text.replace("\"passphrase", "\"../../passphrase")).unwrap();
    let configured = ["--config", "etc/touroku/server.toml"];
    let (status, said) = lost.run(&[&["backup"], &configured[..]].concat());
    assert_eq!(status, 0, "{said}");
    let before = fs::read(&own).unwrap();
    fs::write(&own, shipped).unwrap();
    fs::remove_file(lost.database()).unwrap();
    let archive = lost.archives().pop().unwrap();
    let restore = ["restore", archive.to_str().unwrap(), "--passphrase-file", "passphrase"];
    let (status, said) = lost.run(&[&restore[..], &configured].concat());
    assert_eq!(status, 0, "{said}");
    assert_eq!(fs::read(&own).unwrap(), before);
    assert_eq!(lost.mails(), ["before"]);
}

#[test]
fn a_check_finds_the_configuration_by_itself_and_refuses_what_a_start_refuses() {
    let place = Place::new();
    let (status, said) = place.run(&["serve", "--check"]);
    assert!(status == 0 && said.contains("○ データベース"), "{said}");
    let configuration = fs::read_to_string(place.path("server.toml")).unwrap();
    let profile = fs::read_to_string(place.path("agencies/aomori.toml")).unwrap();
    let mail = |line: &str| format!("{configuration}[mail]\n{line}\n");
    for (what, name, text) in [
        (
            "a profile that the operator does not permit",
            "agencies/aomori.toml",
            format!("{profile}\n[cards]\nmy_number = true\n"),
        ),
        ("an address of no mail server", "server.toml", mail("smtp = \"localhost\"")),
        (
            "a password that is not there",
            "server.toml",
            mail("smtp = \"smtp://localhost\"\nuser = \"u\"\npassword_file = \"absent\""),
        ),
    ] {
        let whole = fs::read(place.path(name)).unwrap();
        fs::write(place.path(name), text).unwrap();
        let checked = place.run(&["serve", "--check"]);
        let started = place.run(&["serve", "--config", "server.toml", "--listen", "127.0.0.1:0"]);
        assert_eq!((checked.0, started.0), (1, 1), "{what}: {} {}", checked.1, started.1);
        fs::write(place.path(name), whole).unwrap();
    }
    fs::remove_file(place.database()).unwrap();
    let (status, said) = place.run(&["serve", "--check"]);
    assert!(status == 1 && said.contains("restore"), "{said}");
}

#[test]
fn another_key_or_none_is_refused_with_the_way_out() {
    let place = Place::new();
    let officer = ["officer", "list", "--agency", "aomori"];
    assert_eq!(place.run(&officer).0, 0);
    let key = fs::read(place.path("touroku.key")).unwrap();
    fs::write(place.path("touroku.key"), "ab".repeat(32)).unwrap();
    for arguments in [
        &officer[..],
        &["serve", "--config", "server.toml", "--listen", "127.0.0.1:0"],
        &["backup"],
        &["key", "show"],
    ] {
        let (status, said) = place.run(arguments);
        assert!(status == 1 && said.contains("このデータベースの鍵ではありません"), "{said}");
    }
    fs::remove_file(place.path("touroku.key")).unwrap();
    let (status, said) = place.run(&officer);
    assert!(status == 1 && said.contains("restore"), "{said}");
    assert!(!place.path("touroku.key").exists(), "no new key is made for an old database");
    fs::write(place.path("touroku.key"), key).unwrap();
    assert_eq!(place.run(&["key", "show"]).0, 0);
    let key = ServerKey::open(&place.path("touroku.key"), &Outside::new(|| 0, |_| ())).unwrap();
    assert_eq!(store::known_key(&place.database()).unwrap(), Some(key.fingerprint().unwrap()));
}

#[test]
fn no_new_database_is_begun_where_one_went_missing() {
    let place = Place::new();
    fs::rename(place.database(), place.path("aside.db")).unwrap();
    let (status, said) = place.run(&["officer", "list", "--agency", "aomori"]);
    assert!(status == 1 && said.contains("サーバーの鍵はあります"), "{said}");
    fs::write(place.path("touroku.db-wal"), "x").unwrap();
    let refused = Exclusive::open(&place.database()).map(drop).unwrap_err().to_string();
    assert!(refused.contains("-wal"), "{refused}");
    assert!(!place.database().exists());
}

#[test]
fn a_database_of_an_earlier_version_is_copied_before_it_is_changed() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("touroku.db");
    let earlier = Connection::open(&path).unwrap();
    earlier.execute_batch(include_str!("../../src/store/migrations/001_registration.sql")).unwrap();
    earlier.execute_batch("PRAGMA user_version = 1").unwrap();
    drop(earlier);
    for _ in 0..2 {
        drop(Exclusive::open(&path).unwrap());
    }
    let copy = folder.path().join("touroku.db.before-upgrade-from-1");
    assert_eq!(files(folder.path()), [path, copy.clone()]);
    let version: i64 =
        Connection::open(copy).unwrap().query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 1);
}

#[test]
fn the_database_is_its_owners_alone_whatever_the_umask() {
    let place = Place::new();
    let database = Exclusive::open(&place.database()).unwrap();
    for name in ["touroku.db", "touroku.db-wal", "touroku.db-shm"] {
        assert_eq!(mode(&place.path(name)), 0o600, "{name}");
    }
    drop(database);
}

#[test]
fn a_command_that_root_runs_leaves_the_database_to_its_owner() {
    use std::os::unix::fs::{MetadataExt as _, chown};

    if !rustix::process::geteuid().is_root() {
        return;
    }
    let nobody = 65534;
    let place = Place::bare();
    fs::write(place.path("roster.csv"), "業者番号,名称\n000000001,ア社\n").unwrap();
    chown(place.0.path(), Some(nobody), Some(nobody)).unwrap();
    let (status, said) =
        place.run(&["roster", "import", "roster.csv", "--agency", "aomori", "--agencies", AGENCIES]);
    assert!(status == 0 && said.contains("持ち主"), "{said}");
    assert_eq!(fs::metadata(place.database()).unwrap().uid(), nobody);
}

#[test]
fn what_root_restores_and_backs_up_is_for_the_server_that_runs_as_somebody_else() {
    use std::os::unix::fs::chown;

    if !rustix::process::geteuid().is_root() {
        return;
    }
    let nobody = 65534;
    let lost = Place::bare();
    fs::set_permissions(lost.0.path(), fs::Permissions::from_mode(0o755)).unwrap();
    chown(lost.path("passphrase"), Some(nobody), Some(nobody)).unwrap();
    for (folder, owner) in [("etc", 0), ("etc/agencies", 0), ("etc/server.d", 0), ("var", nobody)] {
        fs::create_dir(lost.path(folder)).unwrap();
        chown(lost.path(folder), Some(owner), Some(owner)).unwrap();
    }
    fs::copy(Path::new(AGENCIES).join("aomori.toml"), lost.path("etc/agencies/aomori.toml")).unwrap();
    fs::copy(Path::new(AGENCIES).join("holidays.csv"), lost.path("etc/agencies/holidays.csv")).unwrap();
    fs::write(lost.path("etc/root.pem"), Authority::root().pem()).unwrap();
    fs::write(lost.path("etc/server.d/city.toml"), "session_idle_minutes = 20\n").unwrap();
    let configuration = "database = \"../var/touroku.db\"\nagencies = \"agencies\"\n[trust]\n\
         anchors = [\"root.pem\"]\n[backup]\nfolder = \"../copies\"\npassphrase_file = \"../passphrase\"\n";
    fs::write(lost.path("etc/server.toml"), configuration).unwrap();
    let configured = ["--config", "etc/server.toml"];
    assert_eq!(lost.run(&[&["key", "accept"], &configured[..]].concat()).0, 0);
    let (status, text) = lost.run(&[&["backup"], &configured[..]].concat());
    assert_eq!(status, 0, "{text}");
    let archive = lost.archives().pop().unwrap();
    for name in [
        "etc/server.toml",
        "etc/server.d/city.toml",
        "etc/root.pem",
        "etc/agencies/aomori.toml",
        "var/touroku.db",
    ] {
        fs::remove_file(lost.path(name)).unwrap();
    }
    let (status, text) = lost.restore(&archive);
    assert_eq!(status, 0, "{text}");

    let as_server = |arguments: &[&str]| {
        let mut command = Command::new("setpriv");
        command.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]);
        command.arg(env!("CARGO_BIN_EXE_touroku-server")).args(arguments).args(configured);
        said(command.current_dir(lost.0.path()).output().unwrap())
    };
    let archive = archive.to_str().unwrap();
    for command in [&["serve", "--check"][..], &["restore", "--drill", archive], &["backup"]] {
        let (status, text) = as_server(command);
        assert!(status == 0, "{command:?}: {text}");
    }
}

#[test]
fn a_copy_beside_a_server_that_writes_goes_on_and_is_one_moment() {
    let place = Place::new();
    place.queue_mails("many", 20_000);
    let done = AtomicBool::new(false);
    let (mut before, mut steps) = (-1, 0);
    let copy = place.path("copy.db");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut database = Exclusive::open(&place.database()).unwrap();
            for number in (0..).take_while(|_: &u32| !done.load(Ordering::Relaxed)) {
                queue_mails(&mut database, &format!("meanwhile-{number}"), 1);
            }
        });
        let copied = store::back_up(&place.database(), &copy, &mut |copied, all| {
            assert!(copied > before, "it began again: {copied} of {all} after {before}");
            (before, steps) = (copied, steps + 1);
        });
        done.store(true, Ordering::Relaxed);
        copied.unwrap();
    });
    assert!(steps > 3, "{steps}");
    assert_eq!(mode(&copy), 0o600);
}
