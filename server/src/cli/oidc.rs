//! `oidc`: sign-in for bidding systems: its signing keys, and the systems that an agency knows.

use std::{fs, path::PathBuf, sync::Arc};

use touroku_proto::{
    officer::audit::{AuditAction, Detail},
    sign_in::Client,
};

use super::{
    Verdict,
    application::moment,
    place::{Files, Place, open_key, public_origin_of},
    profile_of,
};
use crate::{
    agency::{
        Agencies, check_replacement, difference, read_folder, with_client, with_secret, without_client,
    },
    error::Error,
    feed::webhook,
    file,
    officer::noted,
    oidc::{self, keys},
    outside::Outside,
    store::{Actor, Exclusive, KeyState},
};

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Oidc {
    /// IDトークンの署名鍵
    #[command(subcommand)]
    Keys(Keys),
    /// 発注機関の電子入札システム（クライアント）
    #[command(subcommand)]
    Clients(Clients),
}

/// What to do with the keys.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Keys {
    /// 署名鍵の一覧
    List {
        #[command(flatten)]
        files: Files,
    },
    /// 次の鍵で署名を始め、その次の鍵を作る。今までの鍵は、1日のあいだ検証にだけ使われる
    Rotate {
        #[command(flatten)]
        files: Files,
        /// 鍵がもれたとき。今までの鍵も次の鍵もすぐに捨て、すべて作り直す
        #[arg(long)]
        compromised: bool,
    },
}

/// What to do with clients. They stand in the profile, so all this writes its file.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Clients {
    /// 一覧
    List {
        #[command(flatten)]
        place: Place,
    },
    /// ファイルの内容を登録する。public_keysがなければ秘密を作り、一度だけ示す
    Add {
        #[command(flatten)]
        place: Place,
        /// clientsの項目を書いたTOMLファイル（code、name、redirect_uris、scopesなど）
        #[arg(long)]
        file: PathBuf,
    },
    /// 秘密を作り直し、一度だけ示す
    Secret {
        #[command(flatten)]
        place: Place,
        /// クライアントのcode
        #[arg(long)]
        code: String,
        /// 前の秘密も、次にこのコマンドを使うまで有効にする
        #[arg(long)]
        keep_former: bool,
    },
    /// Webhookの署名を確かめる秘密を示す。作り直すには、クライアントのwebhook_secret_versionを変える
    WebhookSecret {
        #[command(flatten)]
        place: Place,
        /// クライアントのcode
        #[arg(long)]
        code: String,
    },
    /// 登録を取り消す
    Remove {
        #[command(flatten)]
        place: Place,
        /// クライアントのcode
        #[arg(long)]
        code: String,
    },
}

impl Oidc {
    pub(super) fn run(self, outside: &Outside) -> Result<Verdict, Error> {
        match self {
            Self::Keys(Keys::List { files }) => list_keys(&files),
            Self::Keys(Keys::Rotate { files, compromised }) => rotate(&files, compromised, outside),
            Self::Clients(Clients::List { place }) => list(&place),
            Self::Clients(Clients::Add { place, file }) => add(&place, &file, outside),
            Self::Clients(Clients::Secret { place, code, keep_former }) => {
                let (secret, hash) = oidc::new_secret(outside);
                write(&place, outside, |text| with_secret(text, &code, &hash, keep_former), &code)?;
                show_once(&secret);
                Ok(Verdict::Good)
            }
            Self::Clients(Clients::WebhookSecret { place, code }) => {
                let config = place.files.config()?;
                let profile = profile_of(&config.agencies, &place.agency)?;
                let client = profile.client(&code).ok_or_else(|| unknown(&code))?;
                let key = open_key(&config, outside)?;
                println!("{}", webhook::secret(&key, &profile.code, client)?);
                Ok(Verdict::Good)
            }
            Self::Clients(Clients::Remove { place, code }) => {
                write(&place, outside, |text| without_client(text, &code), &code)?;
                println!("「{code}」の登録を取り消しました。");
                Ok(Verdict::Good)
            }
        }
    }
}

fn list_keys(files: &Files) -> Result<Verdict, Error> {
    let config = files.config()?;
    for key in Exclusive::open(&config.location()?)?.read(|reader| reader.signing_keys())? {
        let state = match key.state {
            KeyState::Current => "使用中",
            KeyState::Next => "次に使用",
            KeyState::Retired => "検証のみ",
        };
        println!("{}　{}　{state}　{}から", key.kid, key.algorithm.as_str(), moment(key.since));
    }
    Ok(Verdict::Good)
}

fn rotate(files: &Files, compromised: bool, outside: &Outside) -> Result<Verdict, Error> {
    let config = files.config()?;
    let agencies = Agencies::load_with(&config.agencies, config.holidays.as_deref())?;
    let key = Arc::new(open_key(&config, outside)?);
    let mut database = Exclusive::open(&config.location()?)?.sealed_with(Arc::clone(&key));
    database.write(|writer| keys::rotate(writer, &agencies, (&key, outside), compromised))?;
    println!("署名鍵を替えました。");
    if compromised {
        println!("今までの鍵で署名したトークンは、電子入札システムが鍵を読み直すと、使えなくなります。");
    }
    list_keys(files)
}

fn list(place: &Place) -> Result<Verdict, Error> {
    let config = place.files.config()?;
    let profile = profile_of(&config.agencies, &place.agency)?;
    let origin = public_origin_of(&config, None)?;
    println!("発行者（issuer）: {}", oidc::issuer(&origin, &profile.code));
    for client in &profile.clients {
        println!("{}　{}　{}", client.code, client.name, client.redirect_uris.join(" "));
    }
    println!("{}件", profile.clients.len());
    Ok(Verdict::Good)
}

fn add(place: &Place, file: &PathBuf, outside: &Outside) -> Result<Verdict, Error> {
    let text = fs::read_to_string(file).map_err(Error::file(file))?;
    let mut client: Client = toml::from_str(&text)
        .map_err(|error| Error::Content { path: file.clone(), message: error.to_string() })?;
    let made = client.public_keys.is_empty() && client.secret_sha256.is_empty();
    let secret = made.then(|| oidc::new_secret(outside));
    client.secret_sha256.extend(secret.iter().map(|(_, hash)| hash.clone()));
    write(place, outside, |text| with_client(text, &client), &client.code)?;
    println!("「{}」を登録しました。", client.code);
    if let Some((secret, _)) = secret {
        show_once(&secret);
    }
    Ok(Verdict::Good)
}

/// A client's secret, of which only the hash is kept.
fn show_once(secret: &str) {
    println!("秘密（client_secret）: {secret}");
    println!("この秘密は、もう示せません。電子入札システムの担当者に、安全な方法で渡してください。");
}

fn unknown(code: &str) -> Error {
    Error::Setting { name: "--code", message: format!("「{code}」の登録がありません") }
}

/// Writes the profile, if it is sound afterwards, and notes it in 監査記録.
fn write(
    place: &Place,
    outside: &Outside,
    change: impl FnOnce(&str) -> Option<String>,
    code: &str,
) -> Result<(), Error> {
    let config = place.known()?;
    let mut profiles = read_folder(&config.agencies)?;
    let known = profiles.remove(&place.agency);
    let (path, _) = known.ok_or(Error::Defect("an agency that is known has a file"))?;
    let before = fs::read_to_string(&path).map_err(Error::file(&path))?;
    let after = change(&before).ok_or_else(|| unknown(code))?;
    if let Err(mistakes) = check_replacement(&config.agencies, &path, &place.agency, &after)? {
        let message = mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        return Err(Error::Content { path, message });
    }
    let key = Arc::new(open_key(&config, outside)?);
    let mut database = Exclusive::open(&config.location()?)?.sealed_with(key);
    database.write(|writer| {
        let detail = Detail::Profile(noted(&after, difference(&before, &after)));
        let (actor, action) = (Actor::command(&place.agency), AuditAction::ProfileChanged);
        writer.record_deed(actor, action, &place.agency, &detail, outside.now())?;
        // Within the transaction: what can't be written is not done, and what is done is recorded.
        file::replace(&path, after.as_bytes()).map_err(Error::file(&path))
    })?;
    println!(
        "{}を書き換えました。動いているサーバーは、SIGHUP（systemctl reload）で読み直します。",
        path.display()
    );
    Ok(())
}
