//! `agency check`: everything wrong in profiles, by line and column. `agency schema`: what editors check them with.

use std::path::{Path, PathBuf};

use super::Verdict;
use crate::{
    agency::{check_files, json_schema, origins},
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
        /// どの値がどのファイルのものかも示す。共同利用では、自治体のファイルかportal.tomlか。どちらにもない値は、既定の値
        #[arg(long)]
        origins: bool,
    },
    /// 発注機関のファイルのJSON Schemaを書き出す。エディターが、項目の説明、候補、誤りを示せるようになる
    Schema,
}

impl Agency {
    pub(super) fn run(self) -> Result<Verdict, Error> {
        let (files, with_origins) = match self {
            Self::Check { files, origins } => (files, origins),
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
                if with_origins {
                    print_origins(path)?;
                }
            }
        }
        Ok(if mistakes.is_empty() { Verdict::Good } else { Verdict::Bad })
    }
}

fn print_origins(path: &Path) -> Result<(), Error> {
    for origin in origins(path)? {
        match origin.written {
            Some(written) => {
                println!("  {} = {}  {}:{}", origin.key, written.value, written.path.display(), written.line);
            }
            None => println!("  {}  既定の値", origin.key),
        }
    }
    Ok(())
}
