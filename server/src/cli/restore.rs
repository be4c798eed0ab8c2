//! `restore`: everything is verified first, then replaces what is there, which is kept.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Verdict, application::moment, place::Files};
use crate::{
    agency::read_folder,
    archive::{Contents, Opener, Sealed, Status, What, archives, is_archive, profiles},
    config::{Config, parts},
    error::Error,
    file::{self, Unfinished, beside},
    key::ServerKey,
    outside::Outside,
    store::{self, Location},
};

/// Flags of `restore`.
#[derive(Debug, clap::Args)]
pub(super) struct Restore {
    /// 控え（touroku-….tar.gz）。フォルダーなら、その中でいちばん新しいもの。--drillでは、設定のbackup.folderがあれば省ける
    #[arg(required_unless_present = "drill")]
    archive: Option<PathBuf>,
    #[command(flatten)]
    files: Files,
    /// 封を開ける合言葉のファイル（1行目）。-なら標準入力
    #[arg(long, conflicts_with = "identity")]
    passphrase_file: Option<PathBuf>,
    /// 封を開ける、受取人の鍵のファイル（age-keygenで作ったもの）
    #[arg(long)]
    identity: Option<PathBuf>,
    /// データベースと鍵だけを戻し、発注機関と認証局のファイルには触れない
    #[arg(long)]
    database_only: bool,
    /// 何も置き換えず、控えから戻せることだけを確かめる
    #[arg(long)]
    drill: bool,
}

impl Restore {
    pub(super) fn run(self, outside: &Outside) -> Result<Verdict, Error> {
        if self.drill { self.drill(outside) } else { self.restore(outside) }
    }

    fn restore(&self, outside: &Outside) -> Result<Verdict, Error> {
        let archive = self.newest(None, outside)?;
        let opener = self.opener(None)?;
        // On a bare machine the configuration is in the archive, and says where everything belongs. The package's own says
        // nothing that anybody wanted.
        let configuration = self.files.configuration();
        let is_nobodys = |path: &PathBuf| {
            parts::is_as_shipped(path) && parts::own(path).is_ok_and(|parts| parts.is_empty())
        };
        let is_bare = self.files.database.is_none() && configuration.as_ref().is_none_or(is_nobodys);
        let mut files = self.files.clone();
        if is_bare && is_archive(&archive)? {
            files.config = put_configuration(&Contents::read(&archive, None)?, opener.as_ref(), &archive)?;
        }
        let config = files.read()?;
        let location = config.location()?;
        let place = match &location {
            Location::File(path) => path.display().to_string(),
            Location::Server { .. } => "PostgreSQLのデータベース".to_owned(),
        };
        let fresh = Unfinished::new(beside(&config.database, ".restored"));
        let contents = lay(&archive, fresh.path())?;
        let secrets = match &contents {
            Some(contents) => contents.secrets_if_any(opener.as_ref())?,
            None => None,
        };
        let key = key_for(&config, fresh.path(), secrets.as_ref(), &archive)?;
        store::prepare(fresh.path())?;

        let former = match store::put_in_place(fresh, &location) {
            Err(Error::Busy) => {
                eprintln!(
                    "{place}は使用中です。サーバーを止めてから実行してください（systemctl stop touroku-server。2台あれば、どちらも）。何も変えていません。"
                );
                return Ok(Verdict::Bad);
            }
            other => other?,
        };
        println!("{}を{place}に戻しました。", archive.display());
        if let Some(former) = former {
            println!("いままでのデータベースは{former}にあります。");
        }
        if let Some(key) = key {
            put(&config.key_file(), key.as_bytes())?;
        }
        if let Some(contents) = contents {
            println!("控えは{}に作られたものです。", moment(contents.manifest.made_at));
            if !self.database_only {
                put_files(&contents, &config)?;
                say_others(&contents, &config);
                self.lay_configuration(secrets.as_ref())?;
                if is_bare {
                    let_server_read(secrets.as_ref(), &config)?;
                }
            }
        }
        println!("次に、touroku-server serve --checkで確かめてから、サーバーを起動してください。");
        Ok(Verdict::Good)
    }

    /// The configuration in force stays; the one of the archive is laid beside it, if it is another.
    fn lay_configuration(&self, secrets: Option<&Sealed>) -> Result<(), Error> {
        let (Some(own), Some(secrets)) = (self.files.configuration(), secrets) else { return Ok(()) };
        let parts = secrets.parts.iter().map(|(path, text)| (path.clone(), text));
        for (own, text) in secrets.configuration.iter().map(|text| (own.clone(), text)).chain(parts) {
            if fs::read(&own).is_ok_and(|own| own == text.as_bytes()) {
                continue;
            }
            let path = beside(&own, ".from-backup");
            fs::create_dir_all(file::folder(&path)).map_err(Error::file(&path))?;
            file::replace(&path, text.as_bytes()).map_err(Error::file(&path))?;
            println!(
                "設定{}はそのままです。控えの設定は{}に置きました。違いを確かめてください。",
                own.display(),
                path.display()
            );
        }
        Ok(())
    }

    /// Proves a backup without touching anything, and notes what came of it.
    fn drill(&self, outside: &Outside) -> Result<Verdict, Error> {
        let config = self.files.read()?;
        let outcome = self.prove(&config, outside);
        let is_sound = outcome.is_ok();
        if config.database.is_file() || config.location()?.is_server() {
            Status::note_drill(&config.database, outside.now(), is_sound)?;
        }
        outcome.map(|()| Verdict::Good)
    }

    fn prove(&self, config: &Config, outside: &Outside) -> Result<(), Error> {
        let archive = self.newest(config.backup.folder.as_deref(), outside)?;
        let opener = self.opener(config.backup.passphrase_file.as_deref())?;
        let scratch = Scratch::beside(&archive)?;
        let database = scratch.0.join("touroku.db");
        let contents = lay(&archive, &database)?;
        let known = store::known_key(&database)?;
        store::prepare(&database)?;
        let counts = store::Exclusive::open(&database)?.read(|reader| reader.tallies())?;
        println!("{}: データベースは読め、いまの版で使えます。", archive.display());
        for tally in counts {
            println!(
                "　{} 登録 {}社、ICカード {}枚、ID {}件",
                tally.agency, tally.companies, tally.cards, tally.accounts
            );
        }
        let Some(contents) = contents else { return Ok(()) };
        println!("　{}に作られた控えです。", moment(contents.manifest.made_at));
        let profiles = scratch.0.join("agencies");
        for (what, bytes) in contents.files() {
            if let What::Profile { path } = what {
                let path = profiles.join(path);
                fs::create_dir_all(file::folder(&path)).map_err(Error::file(&path))?;
                fs::write(&path, bytes).map_err(Error::file(&path))?;
            }
        }
        if profiles.is_dir() {
            println!("　発注機関 {}", read_folder(&profiles)?.len());
        }
        match (contents.secrets_if_any(opener.as_ref())?, known) {
            (Some(secrets), Some(known))
                if ServerKey::parse(&secrets.key, &archive)?.fingerprint()? != known =>
            {
                let message = "封の中の鍵が、控えのデータベースのものではありません".to_owned();
                return Err(Error::Content { path: archive, message });
            }
            (Some(_), _) => println!("　封を開け、鍵がこのデータベースのものであることを確かめました。"),
            (None, _) if contents.has_secrets() => {
                println!("　封は開けていません。合言葉か受取人の鍵を指定すると、鍵も確かめます。");
            }
            (None, _) => println!("　サーバーの鍵は入っていません。別に保管した鍵が要ります。"),
        }
        Ok(())
    }

    fn newest(&self, usual: Option<&Path>, outside: &Outside) -> Result<PathBuf, Error> {
        let place = self.archive.as_deref().or(usual).ok_or_else(|| Error::Setting {
            name: "backup.folder",
            message: "控えかそのフォルダーを、引数か設定で指定してください".to_owned(),
        })?;
        newest(place, outside.now())
    }

    fn opener(&self, usual: Option<&Path>) -> Result<Option<Opener>, Error> {
        match (self.identity.as_deref(), self.passphrase_file.as_deref().or(usual)) {
            (Some(identity), _) => Opener::identity(identity).map(Some),
            (None, Some(file)) => Opener::passphrase(file).map(Some),
            (None, None) => Ok(None),
        }
    }
}

/// Puts the archive's configuration where it was; answers where.
fn put_configuration(
    contents: &Contents,
    opener: Option<&Opener>,
    archive: &Path,
) -> Result<Option<PathBuf>, Error> {
    if contents.has_secrets() && opener.is_none() {
        let message = "設定ファイルがないか、パッケージのままです。控えの中の設定を使うなら、封を開ける合言葉（--passphrase-file）か受取人の鍵（--identity）を、\
             別の設定を使うなら--configを、データベースだけを戻すなら--databaseを指定してください";
        return Err(Error::Content { path: archive.to_owned(), message: message.to_owned() });
    }
    let Some(secrets) = contents.secrets_if_any(opener)? else { return Ok(None) };
    let Some((text, path)) = secrets.configuration.zip(secrets.configuration_path) else { return Ok(None) };
    fs::create_dir_all(file::folder(&path)).map_err(Error::file(&path))?;
    put(&path, text.as_bytes())?;
    for (part, text) in secrets.parts {
        fs::create_dir_all(file::folder(&part)).map_err(Error::file(&part))?;
        put(&part, text.as_bytes())?;
    }
    Ok(Some(path))
}

/// The configuration was put in place before anybody knew whose it is.
fn let_server_read(secrets: Option<&Sealed>, config: &Config) -> Result<(), Error> {
    let Some(secrets) = secrets else { return Ok(()) };
    let paths = secrets.configuration_path.iter().chain(secrets.parts.keys());
    for path in paths.filter(|path| path.exists()) {
        file::let_server_read(path, &config.database).map_err(Error::file(path))?;
    }
    Ok(())
}

/// The key to put in place; `None`: the one in place is right, or nobody knows.
fn key_for(
    config: &Config,
    fresh: &Path,
    secrets: Option<&Sealed>,
    archive: &Path,
) -> Result<Option<String>, Error> {
    let path = config.key_file();
    let Some(known) = store::known_key(fresh)? else {
        return Ok(secrets.filter(|_| !path.exists()).map(|secrets| secrets.key.clone()));
    };
    if path.exists() && ServerKey::read(&path).and_then(|key| key.fingerprint()).is_ok_and(|own| own == known)
    {
        return Ok(None);
    }
    match secrets {
        Some(secrets) if ServerKey::parse(&secrets.key, &path)?.fingerprint()? == known => {
            Ok(Some(secrets.key.clone()))
        }
        Some(_) => Err(Error::Content {
            path: archive.to_owned(),
            message: "封の中の鍵が、控えのデータベースのものではありません。別の日の控えを使ってください。何も変えていません".to_owned(),
        }),
        None => Err(Error::Content {
            path,
            message: "控えのデータベースの鍵ではないか、ありません。封を開ける合言葉（--passphrase-file）か受取人の鍵（--identity）を指定してください。何も変えていません".to_owned(),
        }),
    }
}

/// Lays the archive's database at `fresh`; a plain copy of a database will do, too.
fn lay(archive: &Path, fresh: &Path) -> Result<Option<Contents>, Error> {
    if is_archive(archive)? {
        return Contents::read(archive, Some(fresh)).map(Some);
    }
    store::back_up(archive, fresh, &mut |_, _| ())?;
    Ok(None)
}

/// In a folder, its newest archive. One of a clock that was ahead would be the newest until that time comes.
fn newest(path: &Path, now: i64) -> Result<PathBuf, Error> {
    if !path.is_dir() {
        return Ok(path.to_owned());
    }
    let (mut past, mut ahead) = archives(path, now)?;
    if !past.is_empty() {
        for archive in &ahead {
            eprintln!("{}は、時計が進んでいたときのものなので、使いません。", archive.display());
        }
    }
    past.pop().or_else(|| ahead.pop()).ok_or_else(|| Error::Content {
        path: path.to_owned(),
        message: "控え（touroku-….tar.gz）がありません".to_owned(),
    })
}

/// Puts profiles and the files that the configuration names where they belong; what is there and differs is kept.
fn put_files(contents: &Contents, config: &Config) -> Result<(), Error> {
    for (what, bytes) in contents.files() {
        let path = match what {
            What::Profile { path } => config.agencies.join(path),
            What::Named { path } => config
                .named_files()
                .find(|own| own.file_name() == path.file_name())
                .unwrap_or(path)
                .to_owned(),
            What::Database | What::Sealed => continue,
        };
        if fs::read(&path).is_ok_and(|own| own == bytes) {
            continue;
        }
        fs::create_dir_all(file::folder(&path)).map_err(Error::file(&path))?;
        put(&path, bytes)?;
        file::let_server_read(&path, &config.database).map_err(Error::file(&path))?;
    }
    Ok(())
}

/// Says which profiles are there and not in the archive: the server goes on serving their agencies, without their data.
fn say_others(contents: &Contents, config: &Config) {
    let is_archived = |own: &Path| {
        contents.files().any(|(what, _)| matches!(what, What::Profile { path } if path.as_path() == own))
    };
    for path in profiles(&config.agencies).unwrap_or_default() {
        if path.extension().is_some_and(|ending| ending == "toml") && !is_archived(&path) {
            println!("{}は控えにないので、そのままです。", config.agencies.join(path).display());
        }
    }
}

/// Puts a file in the place of whatever is there, which is kept, and says so.
fn put(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut kept = String::new();
    if path.exists() {
        let names = (1_u32..).map(|number| beside(path, &format!(".before-restore-{number}")));
        let former = names.into_iter().find(|name| !name.exists()).ok_or(Error::Busy)?;
        fs::copy(path, &former).map_err(Error::file(&former))?;
        file::give_to_owner_of(path, &former).map_err(Error::file(&former))?;
        kept = format!("（いままでのものは{}）", former.display());
    }
    file::replace(path, bytes).map_err(Error::file(path))?;
    println!("{}を戻しました{kept}。", path.display());
    Ok(())
}

/// A folder that is removed with all that is in it.
struct Scratch(PathBuf);

impl Scratch {
    /// Beside the archive: there is room for one, and nobody else looks there.
    fn beside(archive: &Path) -> Result<Self, Error> {
        let folder = file::folder(archive).join(".touroku-drill");
        drop(fs::remove_dir_all(&folder));
        file::create_private_folder(&folder).map_err(Error::file(&folder))?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}
