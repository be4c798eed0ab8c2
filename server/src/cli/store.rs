//! `store copy`: from a SQLite file to a PostgreSQL, or back.

use std::path::{Path, PathBuf};

use super::{Verdict, place::become_owner};
use crate::{
    config::secret,
    error::Error,
    store::{Location, Server, copy},
};

/// What to do with the database.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Store {
    /// データベースをすべて、SQLiteからPostgreSQLへ、または逆へ写す。サーバーは止めておく
    Copy(Copy),
}

/// Flags of `store copy`.
#[derive(Debug, clap::Args)]
pub(super) struct Copy {
    /// 写すもの（sqlite:ファイル、postgres://利用者@ホスト/データベース）
    #[arg(long)]
    from: String,
    /// 写す先。空でなければならない
    #[arg(long)]
    to: String,
    /// PostgreSQLのパスワードのファイル（1行）
    #[arg(long)]
    password_file: Option<PathBuf>,
    /// PostgreSQLの証明書を発行した認証局（PEM）
    #[arg(long)]
    ca_file: Option<PathBuf>,
}

impl Store {
    pub(super) fn run(self) -> Result<Verdict, Error> {
        let Self::Copy(command) = self;
        let from = command.location("--from", &command.from)?;
        let to = command.location("--to", &command.to)?;
        let file = if from.is_server() { &to } else { &from };
        become_owner(file.beside())?;
        copy(&from, &to, &mut |table| {
            println!("{}: {}行 {:.16}", table.table, table.rows, table.hash);
        })?;
        println!("すべての表を写し、読み直して同じであることを確かめました。");
        println!(
            "サーバーの鍵、取込中の名簿などのファイルは写していません。写した先でも、同じ鍵を使ってください。\
             会社名の検索の索引は、サーバーの起動後に作ります。"
        );
        Ok(Verdict::Good)
    }
}

impl Copy {
    fn location(&self, flag: &'static str, text: &str) -> Result<Location, Error> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            return Ok(Location::from(path));
        }
        if !text.starts_with("postgres") {
            let message = "sqlite:ファイルか、postgres://利用者@ホスト/データベースです".to_owned();
            return Err(Error::Setting { name: flag, message });
        }
        let password = self.password_file.as_deref().map(secret::read).transpose()?;
        let server = Server::new(text, password.as_deref(), self.ca_file.as_deref())?;
        Ok(Location::Server { server, beside: Path::new("touroku.db").to_owned() })
    }
}
