//! Folders that stand in for a computer's root and a person's home, and the real program run in them.

pub(crate) mod staged;

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

/// The extension that tests install.
pub(crate) const ID: &str = "abcdefghijklmnopabcdefghijklmnop";

pub(crate) struct Computer {
    root: TempDir,
    home: TempDir,
}

/// The result of a call.
pub(crate) struct Done {
    pub(crate) output: String,
    pub(crate) error: String,
    pub(crate) code: i32,
}

impl Computer {
    pub(crate) fn new() -> Self {
        let computer = Self { root: tempfile::tempdir().unwrap(), home: tempfile::tempdir().unwrap() };
        // As on a real computer: everybody may look into the root.
        fs::set_permissions(computer.root.path(), fs::Permissions::from_mode(0o755)).unwrap();
        computer
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.path().join(relative)
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn write(&self, relative: &str, text: &str) -> PathBuf {
        write(&self.path(relative), text)
    }

    pub(crate) fn write_home(&self, relative: &str, text: &str) -> PathBuf {
        write(&self.home().join(relative), text)
    }

    /// A program, executable for everybody.
    pub(crate) fn script(&self, relative: &str, text: &str) -> PathBuf {
        let file = self.write(relative, &format!("#!/bin/sh\n{text}\n"));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        file
    }

    /// Every file below the root with its text.
    pub(crate) fn snapshot(&self) -> BTreeMap<PathBuf, String> {
        let mut files = BTreeMap::new();
        for folder in [self.root.path(), self.home()] {
            collect(folder, &mut files);
        }
        files
    }

    pub(crate) fn call(&self, arguments: &[&str]) -> Done {
        done(&self.command(arguments).output().unwrap())
    }

    pub(crate) fn call_with_umask(&self, umask: &str, arguments: &[&str]) -> Done {
        let inner = self.command(arguments);
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("umask {umask}; exec \"$0\" \"$@\""));
        shell.arg(inner.get_program()).args(inner.get_args());
        for (name, value) in inner.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        done(&shell.output().unwrap())
    }

    /// The program with this computer's root and home, and a PC/SC service that is off.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_touroku-host"));
        command
            .args(arguments)
            .arg("--root")
            .arg(self.root.path())
            .env("HOME", self.home())
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_STATE_HOME")
            .env_remove("CHROME_CONFIG_HOME")
            .env("PCSCLITE_CSOCK_NAME", self.path("no-such-socket"));
        command
    }
}

fn write(file: &Path, text: &str) -> PathBuf {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
    file.to_owned()
}

fn collect(folder: &Path, files: &mut BTreeMap<PathBuf, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.insert(path.clone(), String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned());
        }
    }
}

fn done(output: &Output) -> Done {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_owned()).unwrap();
    Done {
        output: text(&output.stdout),
        error: text(&output.stderr),
        code: output.status.code().unwrap_or(-1),
    }
}
