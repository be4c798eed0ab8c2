//! `serve --check`: what a start would find wrong, without starting and without changing anything.

use std::{
    io,
    net::{SocketAddr, TcpListener},
};

use super::{Verdict, place::lost, serve::transport};
use crate::{
    agency::Agencies, archive::Seal, config::Config, error::Error, file, key::ServerKey, outside::Outside,
    store, trust::TrustFiles,
};

/// Checks one thing after another, whatever the result of the previous ones.
pub(super) fn run(config: Config, _: &Outside) -> Result<Verdict, Error> {
    let agencies = Agencies::load_with(&config.agencies, config.holidays.as_deref());
    let issuers = agencies.as_ref().map(Agencies::issuer_rules).unwrap_or_default();
    let agencies = agencies.and_then(|agencies| agencies.permitted(config.permits())).map_err(Error::from);
    let trust = || {
        let mut sources = config.trust_sources();
        // A check fetches nothing.
        sources.fetch_crls = false;
        sources.crl_urls.clear();
        sources.rules.issuers = issuers;
        TrustFiles::open(sources)
    };
    let outcomes = [
        ("発注機関", agencies.map(|agencies| format!("{}件", agencies.all().count()))),
        ("認証局", trust().map(|trust| format!("証明書{}件", trust.current().counts().0))),
        ("データベース", database(&config)),
        ("サーバーの鍵", key(&config)),
        ("メール", mail(&config)),
        ("アドレス", addresses(&config)),
        ("ディスク", disk(&config)),
    ];
    let mut verdict = Verdict::Good;
    for (name, outcome) in outcomes {
        match outcome {
            Ok(found) => println!("○ {name}: {found}"),
            Err(error) => {
                println!("× {name}: {error}");
                verdict = Verdict::Bad;
            }
        }
    }
    // A start does without these.
    for (name, outcome) in [("画面", site(&config)), ("控え", backup(&config))] {
        if let Err(error) = outcome {
            println!("△ {name}: {error}");
        }
    }
    Ok(verdict)
}

/// A start makes the folder of mails; a check makes nothing.
fn mail(config: &Config) -> Result<String, Error> {
    if config.mail.smtp.is_none() {
        return Ok("フォルダーに書きます".to_owned());
    }
    transport(config).map(|_| "設定は読めます（送ってはいません）".to_owned())
}

/// Those that can't be listened to. One in use may be this server's own.
fn addresses(config: &Config) -> Result<String, Error> {
    let all = [Some(config.listen), config.officer_listen, config.metrics];
    for address in all.into_iter().flatten() {
        match TcpListener::bind(address) {
            Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
                return Err(Error::file(address.to_string())(error));
            }
            _ => {}
        }
    }
    Ok(all
        .into_iter()
        .flatten()
        .map(|address: SocketAddr| address.to_string())
        .collect::<Vec<_>>()
        .join("、"))
}

fn site(config: &Config) -> Result<(), Error> {
    let Some(site) = &config.site else { return Ok(()) };
    let page = site.join("index.html");
    page.metadata().map(drop).map_err(Error::file(page))
}

fn backup(config: &Config) -> Result<(), Error> {
    let backup = &config.backup;
    match (&backup.recipient, &backup.passphrase_file) {
        (Some(recipient), _) => Seal::recipient(recipient).map(drop),
        (None, Some(file)) => Seal::passphrase(file).map(drop),
        (None, None) => Ok(()),
    }
}

fn database(config: &Config) -> Result<String, Error> {
    let location = config.location()?;
    let Some(found) = store::find(&location)? else {
        return Ok("まだありません。最初の起動で作ります".to_owned());
    };
    let latest = store::latest();
    if found.schema < latest {
        let copy = if location.is_server() { "" } else { "写しを取ってから" };
        return Ok(format!("形は{}版。起動すると、{copy}{latest}版にします", found.schema));
    }
    Ok(format!("形は{}版", found.schema))
}

fn key(config: &Config) -> Result<String, Error> {
    let path = config.key_file();
    let found = store::find(&config.location()?)?;
    if path.exists() && found.is_none() {
        return Err(lost(config));
    }
    let known = found.and_then(|found| found.key);
    if !path.exists() {
        return match known {
            Some(_) => Err(ServerKey::missing(&path)),
            None => Ok("まだありません。最初の起動で作ります".to_owned()),
        };
    }
    let own = ServerKey::read(&path)?.fingerprint()?;
    if known.is_some_and(|known| known != own) {
        return Err(ServerKey::another(&path));
    }
    Ok("データベースのものです".to_owned())
}

fn disk(config: &Config) -> Result<String, Error> {
    let folder = file::folder(&config.database);
    let (free, _) = file::room(&config.database).map_err(Error::file(folder))?;
    Ok(format!("空き {}MB", free >> 20))
}
