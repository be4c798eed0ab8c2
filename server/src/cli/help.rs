//! What packages install beside the program: man pages and completions, generated from the flags.

use std::{fs, path::PathBuf};

use clap::CommandFactory as _;

use super::{Cli, Verdict};
use crate::error::Error;

/// Flags of `help-files`.
#[derive(Debug, clap::Args)]
pub(super) struct HelpFiles {
    /// 書き出すフォルダー
    folder: PathBuf,
}

impl HelpFiles {
    pub(super) fn run(self) -> Result<Verdict, Error> {
        let folder = self.folder;
        fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
        clap_mangen::generate_to(Cli::command(), &folder).map_err(Error::file(&folder))?;
        for shell in [clap_complete::Shell::Bash, clap_complete::Shell::Fish, clap_complete::Shell::Zsh] {
            clap_complete::generate_to(shell, &mut Cli::command(), "touroku-server", &folder)
                .map_err(Error::file(&folder))?;
        }
        println!("{}に書き出しました。", folder.display());
        Ok(Verdict::Good)
    }
}
