//! Where the server's files are, and as which user a command touches them.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use touroku_proto::{officer::audit::AuditHead, origin::Origin};

use super::profile_of;
use crate::{
    agency::Agencies,
    config::Config,
    error::Error,
    key::ServerKey,
    mail::{Desk, Post},
    officer::audit::seal_again,
    outside::Outside,
    store::{self, Location, Seal, Writer, seal_of},
};

/// Where `server.toml` is looked for when no flag says it: here, then where the package puts it.
const USUAL: [&str; 2] = ["server.toml", "/etc/touroku/server.toml"];

/// Where the server's files are.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Files {
    /// サーバーの設定ファイル。なければ、ここのserver.toml、/etc/touroku/server.tomlの順に探す
    #[arg(long)]
    pub(super) config: Option<PathBuf>,
    /// SQLiteのファイル
    #[arg(long)]
    pub(super) database: Option<PathBuf>,
    /// 発注機関のフォルダー
    #[arg(long)]
    agencies: Option<PathBuf>,
    /// サーバーの鍵のファイル
    #[arg(long)]
    key: Option<PathBuf>,
}

/// The same for one agency.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Place {
    /// 発注機関のcode
    #[arg(long)]
    pub(super) agency: String,
    #[command(flatten)]
    pub(super) files: Files,
}

/// The configuration file. `--database` without `--config` means another server than this machine's.
pub(super) fn configuration(config: Option<&Path>, database: Option<&Path>) -> Option<PathBuf> {
    let usual = || USUAL.into_iter().map(PathBuf::from).find(|path| path.exists());
    config.map(Path::to_owned).or_else(|| if database.is_none() { usual() } else { None })
}

impl Files {
    /// The configuration file by these flags.
    pub(super) fn configuration(&self) -> Option<PathBuf> {
        configuration(self.config.as_deref(), self.database.as_deref())
    }

    /// The configuration, with these flags over it, for a command that may write: it goes on as the database's owner.
    pub(super) fn config(&self) -> Result<Config, Error> {
        let config = self.read()?;
        become_owner(&config.database)?;
        Ok(config)
    }

    /// The same as whoever runs the command.
    pub(super) fn read(&self) -> Result<Config, Error> {
        let mut config = match self.configuration() {
            Some(path) => Config::load(&path).map_err(unreadable)?,
            None => Config::default(),
        };
        if let Some(database) = &self.database {
            config.use_file(database.clone());
        }
        if let Some(agencies) = &self.agencies {
            config.agencies.clone_from(agencies);
        }
        config.key = self.key.clone().or(config.key);
        Ok(config)
    }
}

impl Place {
    /// The configuration of a server that knows the agency.
    pub(super) fn known(&self) -> Result<Config, Error> {
        let config = self.files.config()?;
        profile_of(&config.agencies, &self.agency)?;
        Ok(config)
    }
}

/// What to do where there is no database.
const NO_DATABASE: &str =
    "データベースがありません。--configか--databaseで、サーバーのものを指定してください";

/// The database, which must be there: opening one that is not would make it.
pub(super) fn existing(config: &Config) -> Result<Location, Error> {
    let location = config.location()?;
    match store::find(&location)? {
        Some(_) => Ok(location),
        None => Err(Error::Content { path: location.beside().to_owned(), message: NO_DATABASE.to_owned() }),
    }
}

/// The server's key, made at the first start and from then on the only one that its database takes.
pub(super) fn open_key(config: &Config, outside: &Outside) -> Result<ServerKey, Error> {
    let (path, location) = (config.key_file(), config.location()?);
    let found = store::find(&location)?;
    let known = found.as_ref().and_then(|found| found.key.clone());
    if known.is_some() && !path.exists() {
        return Err(ServerKey::missing(&path));
    }
    if path.exists() && found.is_none() {
        return Err(lost(config));
    }
    let key = ServerKey::open(&path, outside)?;
    let fingerprint = key.fingerprint()?;
    match known {
        Some(known) if known != fingerprint => Err(ServerKey::another(&path)),
        Some(_) => Ok(key),
        None => {
            let is_before_seals = found.is_some_and(|found| found.is_before_seals());
            let key = Arc::new(key);
            let mut database = store::Exclusive::open(&location)?.sealed_with(Arc::clone(&key));
            database.write(|writer| {
                // Another server may have started at the same time.
                if writer.key()?.is_some_and(|known| known != fingerprint) {
                    return Err(ServerKey::another(&path));
                }
                writer.take_key(&fingerprint)?;
                match is_before_seals {
                    true => seal_chains(writer, config, &key, outside).map(drop),
                    false => Ok(()),
                }
            })?;
            drop(database);
            Arc::into_inner(key).ok_or(Error::Defect("the database is closed"))
        }
    }
}

/// The key is there, its database is not.
pub(super) fn lost(config: &Config) -> Error {
    let message = "データベースがありませんが、サーバーの鍵はあります。控えをtouroku-server restoreで戻してください。\
         はじめから使うときだけ、鍵のファイルを別の場所へ移して起動します";
    Error::Content { path: config.database.clone(), message: message.to_owned() }
}

/// Seals all chains that the current key has not sealed. Returns their ends, with the agency's name.
pub(super) fn seal_chains(
    writer: &Writer<'_>,
    config: &Config,
    key: &ServerKey,
    outside: &Outside,
) -> Result<Vec<(String, AuditHead)>, Error> {
    let agencies = Agencies::load_with(&config.agencies, config.holidays.as_deref())?;
    let origin = origin_of(config, None)?;
    let mut sealed = Vec::new();
    for profile in agencies.all() {
        let Some(head) = writer.sealed_head(&profile.code)? else { continue };
        if matches!(seal_of(key, &head)?, Seal::Missing | Seal::OtherKey) {
            let post = Post { outside, key, origin: &origin };
            seal_again(&Desk { writer, post, profile, now: outside.now() }, &head)?;
            sealed.push((profile.name.to_string(), head));
        }
    }
    Ok(sealed)
}

/// Where companies' links lead.
pub(super) fn public_origin_of(config: &Config, flag: Option<&Origin>) -> Result<Origin, Error> {
    let local = super::serve::local_origin(config.listen)?;
    Ok(flag.or(config.origin.as_ref()).cloned().unwrap_or(local))
}

/// Where officers' links lead.
pub(super) fn origin_of(config: &Config, flag: Option<&Origin>) -> Result<Origin, Error> {
    let local = super::serve::local_origin(config.listen)?;
    let set = config.officer_origin.as_ref().or(config.origin.as_ref());
    Ok(flag.or(set).cloned().unwrap_or(local))
}

fn unreadable(error: Error) -> Error {
    match error {
        Error::File { path, source } if source.kind() == std::io::ErrorKind::PermissionDenied => {
            let message = "読む権限がありません。サーバーのユーザーで実行してください（例: sudo -u touroku touroku-server …）";
            Error::Content { path, message: message.to_owned() }
        }
        other => other,
    }
}

/// Goes on as the user whose the database is, when root runs the command: what root makes (a database, a WAL, a key)
/// the server could not open. Starts the program again, because groups and a process's other marks change with it.
#[cfg(unix)]
pub(super) fn become_owner(database: &Path) -> Result<(), Error> {
    use std::os::unix::{fs::MetadataExt as _, process::CommandExt as _};

    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let folder = crate::file::folder(database);
    let owner = std::fs::metadata(database).or_else(|_| std::fs::metadata(folder));
    let Ok(owner) = owner else { return Ok(()) };
    if owner.uid() == 0 {
        return Ok(());
    }
    eprintln!("データベースの持ち主（uid {}）として実行します。", owner.uid());
    let program = std::env::current_exe().map_err(Error::file("touroku-server"))?;
    let mut command = std::process::Command::new(&program);
    command.args(std::env::args_os().skip(1)).uid(owner.uid()).gid(owner.gid());
    Err(Error::file(program)(command.exec()))
}

#[cfg(not(unix))]
pub(super) fn become_owner(_: &Path) -> Result<(), Error> {
    Ok(())
}
