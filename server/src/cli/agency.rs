//! `agency check`: everything wrong in profiles, by line and column.

use std::path::PathBuf;

use super::Verdict;
use crate::{agency::check_files, error::Error};

/// What to do with profiles.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Agency {
    /// 発注機関のファイルを調べ、誤りを行と桁で示す
    Check {
        /// 調べるファイル。フォルダーを指定すると、その中のすべての*.toml
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

impl Agency {
    pub(super) fn run(self) -> Result<Verdict, Error> {
        let Self::Check { files } = self;
        let (profiles, mistakes) = check_files(&files)?;
        for mistake in &mistakes {
            println!("{mistake}");
        }
        for (path, profile) in &profiles {
            if !mistakes.iter().any(|mistake| mistake.path == *path) {
                println!("{}: {}（{}）に誤りはありません", path.display(), profile.name, profile.code);
            }
        }
        Ok(if mistakes.is_empty() { Verdict::Good } else { Verdict::Bad })
    }
}
