//! `backup` and `restore`.

use std::path::PathBuf;

use super::Verdict;
use crate::{error::Error, japan, outside::Outside, store};

/// Flags of `backup`.
#[derive(Debug, clap::Args)]
pub(super) struct Backup {
    /// 写しを作るフォルダー（日時の名前で作る）、またはまだないファイル
    place: PathBuf,
    /// SQLiteのファイル
    #[arg(long, default_value = "touroku.db")]
    database: PathBuf,
}

impl Backup {
    pub(super) fn run(self, outside: &Outside) -> Result<Verdict, Error> {
        let file = if self.place.is_dir() {
            self.place.join(format!("touroku-{}.db", japan::clock(outside.now()).replace(':', "")))
        } else {
            self.place
        };
        store::back_up(&self.database, &file, &mut |_, _| ())?;
        println!("{}を{}に写しました。", self.database.display(), file.display());
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
