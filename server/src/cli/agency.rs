//! `agency check`: everything wrong in profiles, by line and column. `agency schema`: what editors check them with.

use std::path::PathBuf;

use super::Verdict;
use crate::{
    agency::{check_files, json_schema},
    error::Error,
};

/// What to do with profiles.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Agency {
    /// 発注機関のファイルを調べ、誤りを行と桁で示す
    Check {
        /// 調べるファイル。フォルダーを指定すると、その中のすべての*.toml
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// 発注機関のファイルのJSON Schemaを書き出す。エディターが、項目の説明、候補、誤りを示せるようになる
    Schema,
}

impl Agency {
    pub(super) fn run(self) -> Result<Verdict, Error> {
        let files = match self {
            Self::Check { files } => files,
            Self::Schema => {
                print!("{}", json_schema());
                return Ok(Verdict::Good);
            }
        };
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
