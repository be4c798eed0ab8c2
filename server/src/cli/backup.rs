//! `backup` and `restore`.

use std::path::PathBuf;

use super::Verdict;
use crate::{error::Error, store};

/// Flags of `backup`.
#[derive(Debug, clap::Args)]
pub(super) struct Backup {
    /// 写しを作るファイル。まだないもの
    file: PathBuf,
    /// SQLiteのファイル
    #[arg(long, default_value = "touroku.db")]
    database: PathBuf,
}

impl Backup {
    pub(super) fn run(self) -> Result<Verdict, Error> {
        store::back_up(&self.database, &self.file)?;
        println!("{}を{}に写しました。", self.database.display(), self.file.display());
        Ok(Verdict::Good)
    }
}

/// Flags of `restore`.
#[derive(Debug, clap::Args)]
pub(super) struct Restore {
    /// backupで作った写し
    file: PathBuf,
    /// SQLiteのファイル
    #[arg(long, default_value = "touroku.db")]
    database: PathBuf,
}

impl Restore {
    pub(super) fn run(self) -> Result<Verdict, Error> {
        let former = match store::restore(&self.file, &self.database) {
            Err(Error::Busy) => {
                eprintln!("{}は使用中です。サーバーを止めてから実行してください。", self.database.display());
                return Ok(Verdict::Bad);
            }
            other => other?,
        };
        println!("{}を{}に戻しました。", self.file.display(), self.database.display());
        if let Some(former) = former {
            println!("いままでのデータベースは{}にあります。", former.display());
        }
        Ok(Verdict::Good)
    }
}
