//! The real task packs the same programs twice, for two people who have nothing in common but sources, key and
//! deployment: different folders, time, time zone, language and umask. All bytes must be equal.

// Test helpers are tests too; clippy.toml's exception covers only `#[test]` functions.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{Duration, SystemTime},
};

/// A checkout and its owner's environment.
struct Person {
    folder: PathBuf,
    environment: &'static [(&'static str, &'static str)],
    umask: &'static str,
}

impl Person {
    fn source(&self) -> PathBuf {
        self.folder.join("touroku")
    }

    fn output(&self) -> PathBuf {
        self.folder.join("made")
    }

    /// Checks the sources out, at a different time.
    fn check_out(&self, changed: SystemTime) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(root).output().unwrap();
        let names = String::from_utf8(listed.stdout).unwrap();
        let there = |name: &&str| root.join(name).is_file();
        for name in names.split('\0').filter(|name| !name.is_empty()).filter(there) {
            let copy = self.source().join(name);
            fs::create_dir_all(copy.parent().unwrap()).unwrap();
            fs::copy(root.join(name), &copy).unwrap();
            fs::File::options().write(true).open(&copy).unwrap().set_modified(changed).unwrap();
        }
        let temporary = self.folder.join("temporary");
        fs::create_dir_all(temporary).unwrap();
    }

    fn pack(&self, config: &Path, programs: &Path, more: &[&Path]) -> Output {
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("umask {}; exec \"$0\" \"$@\"", self.umask));
        shell.arg(env!("CARGO_BIN_EXE_xtask")).arg("dist").arg("--config").arg(config);
        shell.arg("--source").arg(self.source()).arg("--programs").arg(programs);
        shell.arg("--output").arg(self.output()).args(more).current_dir(&self.folder);
        shell.env("SOURCE_DATE_EPOCH", "1700000000").env("TMPDIR", self.folder.join("temporary"));
        shell.env("CARGO_NET_OFFLINE", "true").envs(self.environment.iter().copied());
        shell.output().unwrap()
    }
}

/// Stand-ins for programs as far as packing examines them: they only state which glibc they need.
fn programs(folder: &Path) -> PathBuf {
    let programs = folder.join("programs");
    fs::create_dir_all(programs.join("site")).unwrap();
    for name in ["touroku-host", "touroku-host.exe", "touroku-server"] {
        fs::copy("/bin/true", programs.join(name)).unwrap();
    }
    for name in ["index.html", "bidder-0123.js", "bidder-0123.js.br"] {
        fs::write(programs.join("site").join(name), name).unwrap();
    }
    programs
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

#[test]
fn whoever_packs_wherever_and_whenever_makes_the_same_bytes_and_a_changed_byte_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let programs = programs(folder.path());
    let key = folder.path().join("extension.pem");
    let made = Command::new("openssl").args(["genrsa", "-out"]).arg(&key).arg("2048").output().unwrap();
    assert!(made.status.success());
    let config = folder.path().join("deploy.toml");
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("dist/deploy.toml"), &config).unwrap();

    let first = Person {
        folder: folder.path().join("a"),
        environment: &[("TZ", "UTC"), ("LC_ALL", "C"), ("USER", "a")],
        umask: "022",
    };
    let second = Person {
        folder: folder.path().join("elsewhere/deeper/b"),
        environment: &[("TZ", "Asia/Tokyo"), ("LC_ALL", "C.UTF-8"), ("USER", "b"), ("LANG", "ja_JP.UTF-8")],
        umask: "077",
    };
    first.check_out(SystemTime::now());
    second.check_out(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000));
    let output = first.pack(&config, &programs, &[]);
    assert!(output.status.success(), "{}", said(&output));
    let before = first.output();
    let same = second.pack(&config, &programs, &["--verify".as_ref(), &before]);
    assert!(same.status.success(), "{}", said(&same));
    let sums = |person: &Person| fs::read_to_string(person.output().join("SHA256SUMS")).unwrap();
    assert_eq!(sums(&first), sums(&second));
    for kind in [
        ".crx",
        "-published.zip",
        "update.xml",
        ".reg",
        ".admx",
        ".mobileconfig",
        ".deb",
        ".msi",
        ".cdx.json",
        "guides/docs/operators.md",
    ] {
        assert!(sums(&first).lines().any(|line| line.ends_with(kind)), "{kind}: {}", sums(&first));
    }

    let signed = Command::new("openssl")
        .args(["dgst", "-sha256", "-verify", "SHA256SUMS.pem", "-signature", "SHA256SUMS.sig", "SHA256SUMS"])
        .current_dir(&before)
        .output()
        .unwrap();
    assert!(signed.status.success(), "{}", said(&signed));

    fs::write(before.join("extension/update.xml"), "another").unwrap();
    let other = second.pack(
        &config,
        &programs,
        &["--verify".as_ref(), &before, "--only".as_ref(), "extension".as_ref()],
    );
    assert!(!other.status.success());
    assert!(said(&other).contains("extension/update.xml: differs"), "{}", said(&other));
}
