//! A server's files without a server, for commands.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use rusqlite::Connection;
use tempfile::TempDir;
use touroku_server::store::{Exclusive, NewMail};

use super::authority::Authority;

pub const PASSPHRASE: &str = "正しい馬電池ホチキス正しい馬電池";
pub const AGENCIES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../agencies");

/// A server's files, not running.
pub struct Place(pub TempDir);

impl Place {
    /// With a configuration, a key, a profile and a trust anchor, and a database that contains mails of `before`.
    pub fn new() -> Self {
        let place = Self::bare();
        fs::create_dir(place.path("agencies")).unwrap();
        fs::copy(Path::new(AGENCIES).join("aomori.toml"), place.path("agencies/aomori.toml")).unwrap();
        fs::copy(Path::new(AGENCIES).join("holidays.csv"), place.path("agencies/holidays.csv")).unwrap();
        fs::write(place.path("root.pem"), Authority::root().pem()).unwrap();
        let configuration = "[trust]\nanchors = [\"root.pem\"]\n[backup]\nfolder = \"copies\"\n\
             passphrase_file = \"passphrase\"\nkeep = 2\n";
        fs::write(place.path("server.toml"), configuration).unwrap();
        place.queue_mails("before", 50);
        assert_eq!(place.run(&["key", "accept"]).0, 0);
        place
    }

    pub fn bare() -> Self {
        let place = Self(TempDir::new().unwrap());
        fs::write(place.path("passphrase"), PASSPHRASE).unwrap();
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn database(&self) -> PathBuf {
        self.path("touroku.db")
    }

    pub fn run(&self, arguments: &[&str]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_touroku-server"));
        said(command.current_dir(self.0.path()).args(arguments).output().unwrap())
    }

    /// Simulates a full disk after that many KiB in one file. `signal`: the kernel kills the program there.
    pub fn run_with_little_room(&self, kib: u32, signal: bool, arguments: &[&str]) -> (i32, String) {
        let trap = if signal { "" } else { "trap '' XFSZ; " };
        // dash counts blocks of 512 bytes.
        let script = format!("{trap}ulimit -f {}; exec \"$@\"", kib * 2);
        let mut command = Command::new("sh");
        command.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_touroku-server")]).args(arguments);
        said(command.current_dir(self.0.path()).output().unwrap())
    }

    pub fn queue_mails(&self, subject: &str, count: u32) {
        queue_mails(&mut Exclusive::open(&self.database()).unwrap(), subject, count);
    }

    pub fn back_up(&self) -> PathBuf {
        let (status, said) = self.run(&["backup"]);
        assert_eq!(status, 0, "{said}");
        self.archives().pop().unwrap()
    }

    /// Sorted by time.
    pub fn archives(&self) -> Vec<PathBuf> {
        let mut all = files(&self.path("copies"));
        all.retain(|path| path.to_str().unwrap().ends_with(".tar.gz"));
        all
    }

    pub fn restore(&self, archive: &Path) -> (i32, String) {
        self.run(&["restore", archive.to_str().unwrap(), "--passphrase-file", "passphrase"])
    }

    /// Whose mails are in the database, which must be intact.
    pub fn mails(&self) -> Vec<String> {
        let connection = Connection::open(self.database()).unwrap();
        let sound: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok");
        let mut statement = connection.prepare("SELECT DISTINCT subject FROM outbox ORDER BY 1").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }
}

pub fn said(Output { status, stdout, stderr }: Output) -> (i32, String) {
    (status.code().unwrap_or(-1), String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap())
}

pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all
}

pub fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

pub fn queue_mails(database: &mut Exclusive, subject: &str, count: u32) {
    let mail = |number| NewMail {
        message_id: format!("{subject}-{number}@example.jp"),
        sender: "a@example.jp".into(),
        recipient: "b@example.jp".into(),
        subject: subject.into(),
        body: "x".repeat(1000),
        ..NewMail::default()
    };
    database.write(|writer| (0..count).try_for_each(|at| writer.queue_mail("aomori", &mail(at), 0))).unwrap();
}
