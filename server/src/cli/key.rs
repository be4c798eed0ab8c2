//! `key`: when the server's key is lost or in doubt.

use std::sync::Arc;

use super::{
    Verdict,
    place::{Files, seal_chains},
};
use crate::{
    error::Error,
    key::ServerKey,
    outside::Outside,
    store::{self, Exclusive},
};

/// What to do with the server's key.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Key {
    /// 鍵がデータベースのものかどうかを示す
    Show(Show),
    /// 鍵をなくしたとき、いまある鍵（なければ新しい鍵）にデータベースを替える。職員の認証アプリは設定し直しになる
    Accept(Accept),
}

/// Flags of `key show`.
#[derive(Debug, clap::Args)]
pub(super) struct Show {
    #[command(flatten)]
    files: Files,
}

/// Flags of `key accept`.
#[derive(Debug, clap::Args)]
pub(super) struct Accept {
    #[command(flatten)]
    files: Files,
}

impl Key {
    pub(super) fn run(self, outside: &Outside) -> Result<Verdict, Error> {
        match self {
            Self::Show(command) => command.run(),
            Self::Accept(command) => command.run(outside),
        }
    }
}

impl Show {
    fn run(self) -> Result<Verdict, Error> {
        let config = self.files.config()?;
        let path = config.key_file();
        let known = store::known_key(&config.location()?)?;
        if !path.exists() && known.is_some() {
            return Err(ServerKey::missing(&path));
        }
        let own = ServerKey::read(&path)?.fingerprint()?;
        println!("{}: {own}", path.display());
        match known {
            Some(known) if known != own => Err(ServerKey::another(&path)),
            Some(_) => {
                println!("データベースの鍵です。");
                Ok(Verdict::Good)
            }
            None => {
                println!(
                    "データベースは、まだどの鍵のものでもありません。サーバーの最初の起動で、この鍵のものになります。"
                );
                Ok(Verdict::Good)
            }
        }
    }
}

impl Accept {
    fn run(self, outside: &Outside) -> Result<Verdict, Error> {
        let config = self.files.config()?;
        let path = config.key_file();
        let key = Arc::new(ServerKey::open(&path, outside)?);
        let mut database = Exclusive::open(&config.location()?)?.sealed_with(Arc::clone(&key));
        let sealed = database.write(|writer| {
            // Sealed with the previous key: new ones are made at the next sign-in.
            writer.forget_signing_keys()?;
            writer.take_key(&key.fingerprint()?)?;
            seal_chains(writer, &config, &key, outside)
        })?;
        println!("データベースを{}の鍵に替えました。", path.display());
        for (agency, head) in sealed {
            println!(
                "{agency}の監査記録（{}番まで）に、この鍵で印を付け直しました。前の鍵の印はもう確かめられません。\
                 audit verify --headで、職員に届いている控えのメールと照らし合わせてください。",
                head.sequence
            );
        }
        println!(
            "前の鍵で封をしたものは使えません。職員の認証アプリは、officer resetで職員ごとに設定用アドレスを作り直してください。\
             入札情報公開システムのパスワードは名簿の取込で、発送前の番号の通知は番号の発行で、もう一度作ってください。"
        );
        Ok(Verdict::Good)
    }
}
