//! `agency check`: everything wrong in a profile, by line and column.

use std::path::PathBuf;

use super::Verdict;
use crate::{agency::parse_profile, error::Error};

/// What to do with profiles.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Agency {
    /// 発注機関のファイルを調べ、誤りを行と桁で示す
    Check {
        /// 調べるファイル
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

impl Agency {
    pub(super) fn run(self) -> Result<Verdict, Error> {
        let Self::Check { files } = self;
        let mut verdict = Verdict::Good;
        for path in files {
            let bytes = std::fs::read(&path).map_err(Error::file(&path))?;
            let Ok(text) = String::from_utf8(bytes) else {
                println!("{}: UTF-8の文字列ではありません", path.display());
                verdict = Verdict::Bad;
                continue;
            };
            match parse_profile(&text) {
                Ok(profile) => {
                    println!("{}: {}（{}）に誤りはありません", path.display(), profile.name, profile.code);
                }
                Err(mistakes) => {
                    verdict = Verdict::Bad;
                    for mistake in mistakes {
                        println!("{}:{mistake}", path.display());
                    }
                }
            }
        }
        Ok(verdict)
    }
}
