//! The log's file: one per person, never more than two files of a bounded size, for any number of hosts at once.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io::{self, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    process,
};

use log::{Log, Metadata, Record};

use crate::card::Clock;

/// How large the file may grow before it is rotated, in bytes; together with the old one, a megabyte. At `info`
/// that is some thousands of uses of a card.
const LIMIT: u64 = 512 * 1024;

/// The longest text in a line, in characters: a module may say much about its trouble.
const LONGEST: usize = 500;

/// Appends what this program logs, and nothing that libraries do, to the file.
pub struct LogFile {
    file: PathBuf,
    limit: u64,
    clock: Clock,
}

impl LogFile {
    /// Writes to that file, which is created with the first line.
    pub fn new(file: PathBuf, clock: Clock) -> Self {
        Self { file, limit: LIMIT, clock }
    }

    /// The previous file.
    pub fn old(file: &Path) -> PathBuf {
        file.with_extension("log.1")
    }

    /// Holds the file's lock: other hosts write here, too, and one of them may have to rotate it.
    fn append(&self, line: &str) -> io::Result<()> {
        let mut file = self.open()?;
        file.lock()?;
        if file.metadata()?.len() >= self.limit {
            // Copied, not renamed: Windows opens no file that is being renamed, and a line would be lost.
            io::copy(
                &mut file,
                &mut Self::created(&Self::old(&self.file), OpenOptions::new().truncate(true))?,
            )?;
            file.set_len(0)?;
        }
        file.seek(SeekFrom::End(0))?;
        file.write_all(line.as_bytes())
    }

    fn open(&self) -> io::Result<File> {
        let mut folders = DirBuilder::new();
        folders.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folders, 0o700);
        if let Some(folder) = self.file.parent() {
            folders.create(folder)?;
        }
        let file = Self::created(&self.file, OpenOptions::new().read(true))?;
        if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::InvalidInput.into()) }
    }

    fn created(file: &Path, options: &mut OpenOptions) -> io::Result<File> {
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
        options.write(true).create(true).open(file)
    }

    fn line(&self, record: &Record<'_>) -> String {
        let time = jiff::Timestamp::from_second((self.clock)()).unwrap_or_default();
        let text = record.args().to_string();
        let text: String = text.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
        let level = record.level().as_str().to_ascii_lowercase();
        format!("{time} {level} [{}] {text}\n", process::id())
    }
}

impl Log for LogFile {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("touroku_host")
    }

    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            // A full disk or a missing home must not keep anybody from using a card.
            let _ = self.append(&self.line(record));
        }
    }

    fn flush(&self) {}
}

#[cfg(test)]
mod tests {
    use std::fs;

    use log::Level;

    use super::*;

    fn log(file: &LogFile, target: &str, text: &str) {
        file.log(&Record::builder().target(target).level(Level::Warn).args(format_args!("{text}")).build());
    }

    fn in_folder(folder: &Path, limit: u64) -> LogFile {
        LogFile { file: folder.join("touroku/host.log"), limit, clock: || 1_000_000_000 }
    }

    #[test]
    fn a_line_says_when_how_grave_which_process_and_what_on_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let log_file = in_folder(folder.path(), LIMIT);
        assert!(!log_file.file.exists());
        log(&log_file, "touroku_host::journal", "first\nline\u{1b}[2J");
        log(&log_file, "touroku_host::journal", &"x".repeat(10_000));
        log(&log_file, "cryptoki::session", "of a library");
        let text = fs::read_to_string(&log_file.file).unwrap();
        let start = format!("2001-09-09T01:46:40Z warn [{}] ", process::id());
        let lines: Vec<_> = text.lines().map(|line| line.strip_prefix(&start).unwrap()).collect();
        assert_eq!(lines, ["first line [2J", &"x".repeat(LONGEST)]);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_person_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let log_file = in_folder(folder.path(), LIMIT);
        log(&log_file, "touroku_host", "x");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&log_file.file), mode(log_file.file.parent().unwrap())), (0o600, 0o700));
    }

    #[test]
    fn it_never_takes_more_than_two_files_of_the_limit_and_the_last_lines_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let log_file = in_folder(folder.path(), 1000);
        for number in 0..200 {
            log(&log_file, "touroku_host", &format!("number {number}."));
        }
        let entries = fs::read_dir(log_file.file.parent().unwrap()).unwrap();
        let sizes: Vec<u64> = entries.map(|entry| entry.unwrap().metadata().unwrap().len()).collect();
        assert!(sizes.len() == 2 && sizes.iter().all(|size| *size < 1100), "{sizes:?}");
        let kept = [LogFile::old(&log_file.file), log_file.file.clone()]
            .map(|file| fs::read_to_string(file).unwrap());
        assert!(kept.concat().ends_with(" number 199.\n"));
        assert!(kept.concat().contains(" number 190.\n"));
    }

    #[test]
    fn many_hosts_at_once_lose_no_line_that_still_has_room() {
        let folder = tempfile::tempdir().unwrap();
        // Once in between, one of them rotates the file.
        std::thread::scope(|scope| {
            for host in 0..4 {
                let log_file = in_folder(folder.path(), 12_000);
                scope.spawn(move || {
                    for number in 0..100 {
                        log(&log_file, "touroku_host", &format!("{host}/{number}"));
                    }
                });
            }
        });
        let log_file = in_folder(folder.path(), 12_000).file;
        let kept =
            [LogFile::old(&log_file), log_file].map(|file| fs::read_to_string(file).unwrap_or_default());
        assert_eq!(kept.concat().lines().count(), 400);
    }

    #[test]
    fn a_place_where_nothing_can_be_written_disturbs_nobody() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("touroku"), "no folder").unwrap();
        log(&in_folder(folder.path(), LIMIT), "touroku_host", "x");
        assert_eq!(fs::read_to_string(folder.path().join("touroku")).unwrap(), "no folder");
    }
}
