//! `backup`: one dated archive that restores the server.

use std::{
    io::{IsTerminal as _, Write as _},
    path::PathBuf,
};

use super::{
    Verdict,
    place::{Files, existing},
};
use crate::{
    archive::{self, Seal, Status},
    config::Config,
    error::Error,
    outside::Outside,
};

/// Flags of `backup`.
#[derive(Debug, clap::Args)]
pub(super) struct Backup {
    /// 控えを作るフォルダー。設定のbackup.folderがあれば省ける
    folder: Option<PathBuf>,
    #[command(flatten)]
    files: Files,
    /// 残す控えの数
    #[arg(long)]
    keep: Option<u32>,
    /// サーバーの鍵と設定に封をする合言葉のファイル（1行目）。-なら標準入力
    #[arg(long, conflicts_with_all = ["recipient", "without_key"])]
    passphrase_file: Option<PathBuf>,
    /// 合言葉の代わりに、封を開けられる人の公開鍵（age1…）
    #[arg(long, conflicts_with = "without_key")]
    recipient: Option<String>,
    /// サーバーの鍵と設定を入れない。鍵は別に保管する
    #[arg(long)]
    without_key: bool,
}

impl Backup {
    pub(super) fn run(self, outside: &Outside) -> Result<Verdict, Error> {
        let config = self.files.read()?;
        // `serve` creates it; a backup must not, as there would be nothing in it.
        let made = existing(&config).and_then(|_| self.make(&config, outside));
        Status::note_backup(&config.database, outside.now(), made.is_ok())?;
        let made = made?;
        println!(
            "控え{}を作り、読み直して確かめました（{}KB）。",
            made.path.display(),
            made.bytes.div_ceil(1024)
        );
        for old in &made.removed {
            println!("古い控え{}を消しました。", old.display());
        }
        if self.without_key {
            println!(
                "サーバーの鍵{}は入っていません。なくすと、職員の認証アプリの設定が使えなくなります。別に保管してください。",
                config.key_file().display()
            );
        }
        Ok(Verdict::Good)
    }

    fn make(&self, config: &Config, outside: &Outside) -> Result<archive::Made, Error> {
        let folder =
            self.folder.as_ref().or(config.backup.folder.as_ref()).ok_or_else(|| Error::Setting {
                name: "backup.folder",
                message: "控えを作るフォルダーを、引数か設定で指定してください".to_owned(),
            })?;
        let keep = usize::try_from(self.keep.unwrap_or(config.backup.keep)).unwrap_or(usize::MAX);
        if keep == 0 {
            let message = "1以上にしてください".to_owned();
            return Err(Error::Setting { name: "backup.keep (--keep)", message });
        }
        let seal = self.seal(config)?;
        let configuration = self.files.configuration();
        let place = (config, configuration.as_deref());
        archive::make(place, folder, keep, seal.as_ref(), outside.now(), &mut shown())
    }

    fn seal(&self, config: &Config) -> Result<Option<Seal>, Error> {
        let flags = (self.passphrase_file.as_ref(), self.recipient.as_ref());
        let settings = (config.backup.passphrase_file.as_ref(), config.backup.recipient.as_ref());
        if self.without_key {
            return Ok(None);
        }
        match if flags == (None, None) { settings } else { flags } {
            (_, Some(recipient)) => Seal::recipient(recipient).map(Some),
            (Some(file), None) => Seal::passphrase(file).map(Some),
            (None, None) => Err(Error::Setting {
                name: "backup.passphrase_file, backup.recipient",
                message: "サーバーの鍵に封をする合言葉のファイル（--passphrase-file）か受取人（--recipient）を指定してください。\
                          鍵を別に保管するなら、--without-keyを付けます"
                    .to_owned(),
            }),
        }
    }
}

/// Tells a person at a terminal how far the copy is.
fn shown() -> impl FnMut(i32, i32) {
    let is_terminal = std::io::stderr().is_terminal();
    let mut told = -1;
    move |done, all| {
        let percent = i64::from(done) * 100 / i64::from(all.max(1));
        if is_terminal && percent > told {
            told = percent;
            let end = if done == all { "\n" } else { "" };
            // Losing this output is harmless.
            let _ = write!(std::io::stderr(), "\rデータベースを写しています {percent}%{end}");
        }
    }
}
