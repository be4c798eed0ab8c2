//! `serve --check`: what a start would find wrong, without starting and without changing anything.

use super::Verdict;
use crate::{
    agency::Agencies, config::Config, error::Error, file, key::ServerKey, outside::Outside, store,
    trust::TrustFiles,
};

/// Checks one thing after another, whatever the result of the previous ones.
pub(super) fn run(config: Config, _: &Outside) -> Result<Verdict, Error> {
    let agencies = Agencies::load_with(&config.agencies, config.holidays.as_deref());
    let issuers = agencies.as_ref().map(Agencies::issuer_rules).unwrap_or_default();
    let trust = || {
        let mut sources = config.trust_sources();
        // A check fetches nothing.
        sources.fetch_crls = false;
        sources.crl_urls.clear();
        sources.rules.issuers = issuers;
        TrustFiles::open(sources)
    };
    let outcomes = [
        ("発注機関", agencies.map(|agencies| format!("{}件", agencies.all().count())).map_err(Error::from)),
        ("認証局", trust().map(|trust| format!("証明書{}件", trust.current().counts().0))),
        ("データベース", database(&config)),
        ("サーバーの鍵", key(&config)),
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
    Ok(verdict)
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
    let known = store::known_key(&config.location()?)?;
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
