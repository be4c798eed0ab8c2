//! `server.toml`, and the flags that override it. Every key is described in the server's README.

mod mistake;
pub(crate) mod parts;
pub(crate) mod secret;
mod store;

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
};

use serde::Deserialize;
use touroku_pki::{OcspSettings, OcspUse, Policy, Rules, Uncheckable, is_fetched};
use touroku_proto::{guide::Install, origin::Origin};

pub use self::store::StoreConfig;
use crate::{
    agency::{Permits, is_web_address},
    error::Error,
    http::limits::Limits,
    store::Location,
    trust::TrustSources,
};

/// The configuration of `serve`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Address and port to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Address and port of `GET /metrics`; `None`: no metrics.
    pub metrics: Option<SocketAddr>,
    /// The one public origin; `None`: `http://localhost` with the port.
    pub origin: Option<Origin>,
    /// Address and port of a separate listener for the officers' page; `None`: they use the public one.
    pub officer_listen: Option<SocketAddr>,
    /// The officers' public origin; `None`: `origin`.
    pub officer_origin: Option<Origin>,
    /// The SQLite file. With a [`StoreConfig::url`] there is none, but what lies beside it still has its place there.
    pub database: PathBuf,
    pub store: StoreConfig,
    /// File of the server's own key; `None`: beside the database, with the suffix `.key`.
    pub key: Option<PathBuf>,
    pub agencies: PathBuf,
    /// Table of holidays; `None`: `holidays.csv` in the folder of profiles.
    pub holidays: Option<PathBuf>,
    /// Folder of the web app; `None`: API only.
    pub site: Option<PathBuf>,
    /// Ids that the extension may have.
    pub extension_ids: Vec<String>,
    /// Where extension and program come from, for pages without an agency and for profiles that say nothing.
    pub install: Install,
    /// How long a session lives without a request.
    pub session_idle_minutes: u32,
    /// Proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpAddr>,
    /// Logs as JSON lines.
    pub log_json: bool,
    pub trust: TrustConfig,
    pub mail: MailConfig,
    pub backup: BackupConfig,
    pub limits: Limits,
    pub outgoing: OutgoingConfig,
}

/// Whom to trust.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrustConfig {
    /// Files of anchors, PEM or DER.
    pub anchors: Vec<PathBuf>,
    /// Files of certificates between cards and anchors, PEM or DER.
    pub intermediates: Vec<PathBuf>,
    /// Files of CRLs, PEM or DER. With no source of CRLs at all, revocation is not checked.
    pub crls: Vec<PathBuf>,
    /// URLs of CRLs, `http:` or `ldap:`.
    pub crl_urls: Vec<String>,
    /// Whether CRLs are fetched from the URLs in certificates.
    pub fetch_crls: bool,
    /// Folder of fetched CRLs; `None`: `crls` beside the database.
    pub crl_cache: Option<PathBuf>,
    /// Whether OCSP responders are queried, before CRLs or after.
    pub ocsp: OcspUse,
    /// Responders queried before those named in certificates, `http:`.
    pub ocsp_urls: Vec<String>,
    /// Whether a request has a nonce that the response must repeat.
    pub ocsp_nonce: bool,
    /// What happens to a card whose revocation can't be checked.
    pub uncheckable: Uncheckable,
    /// Whether an agency's profile may set it to accept.
    pub allow_uncheckable_accept: bool,
    /// Whether an agency's profile may accept My Number Cards.
    pub allow_my_number: bool,
    /// The path must be valid for one of these certificate policies.
    pub require_policies: Vec<Policy>,
    /// A card must not assert any of these.
    pub forbid_policies: Vec<Policy>,
}

/// How mails leave: `smtp` or `folder`; neither: the folder `mail` beside the database.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MailConfig {
    /// `smtp://host:port` or `smtps://host`.
    pub smtp: Option<String>,
    pub user: Option<String>,
    pub password: Option<String>,
    pub password_file: Option<PathBuf>,
    /// Folder for `.eml` files.
    pub folder: Option<PathBuf>,
}

impl MailConfig {
    /// The name of the systemd credential with the password (`LoadCredential=`), when no other source is given.
    pub const CREDENTIAL: &str = "touroku-mail-password";

    /// SMTP user and password. `handed`: systemd's credentials directory, if there is one.
    ///
    /// # Errors
    /// [`Error::File`]; [`Error::Setting`] for a user without password.
    pub fn credentials(&self, handed: Option<&Path>) -> Result<Option<(String, String)>, Error> {
        let Some(user) = &self.user else { return Ok(None) };
        if let Some(password) = &self.password {
            return Ok(Some((user.clone(), password.clone())));
        }
        let handed = || secret::handed(handed, Self::CREDENTIAL);
        let Some(file) = self.password_file.clone().or_else(handed) else {
            let message =
                format!("password、password_file、またはsystemdの{}のどれかで渡します", Self::CREDENTIAL);
            return Err(Error::Setting { name: "mail.password", message });
        };
        Ok(Some((user.clone(), secret::read(&file)?)))
    }
}

/// What goes to agencies' other systems: webhooks, logouts, files.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutgoingConfig {
    /// Hosts with private addresses that they may name: names or IP addresses, without port.
    pub internal: Vec<String>,
    /// Folder of the files that profiles have written (`[[export]]`); `None`: this server writes none.
    pub files: Option<PathBuf>,
}

/// Backups: the defaults of `touroku-server backup`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BackupConfig {
    /// Where they are written.
    pub folder: Option<PathBuf>,
    /// How many are kept.
    pub keep: u32,
    /// File whose first line seals key and configuration.
    pub passphrase_file: Option<PathBuf>,
    /// `age1…`: the recipient whose identity opens the seal, instead of a passphrase.
    pub recipient: Option<String>,
}

impl Default for BackupConfig {
    fn default() -> Self {
        Self { folder: None, keep: 14, passphrase_file: None, recipient: None }
    }
}

impl fmt::Debug for MailConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailConfig").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            metrics: None,
            origin: None,
            officer_listen: None,
            officer_origin: None,
            database: "touroku.db".into(),
            store: StoreConfig::default(),
            key: None,
            agencies: "agencies".into(),
            holidays: None,
            site: None,
            extension_ids: Vec::new(),
            install: Install::default(),
            session_idle_minutes: 30,
            trusted_proxies: Vec::new(),
            log_json: false,
            trust: TrustConfig::default(),
            mail: MailConfig::default(),
            backup: BackupConfig::default(),
            limits: Limits::default(),
            outgoing: OutgoingConfig::default(),
        }
    }
}

impl Config {
    /// A flag's file takes precedence over `[store]`.
    pub fn use_file(&mut self, database: PathBuf) {
        (self.database, self.store) = (database, StoreConfig::default());
    }

    /// Reads a configuration file and its parts. Paths in them are relative to the file's folder.
    pub fn load(path: &Path) -> Result<Self, Error> {
        let mut config = parts::read(path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let trust = &mut config.trust;
        [&mut config.database, &mut config.agencies]
            .into_iter()
            .chain(&mut config.key)
            .chain(&mut config.holidays)
            .chain(&mut config.site)
            .chain(&mut config.store.password_file)
            .chain(&mut config.store.ca_file)
            .chain(&mut config.mail.folder)
            .chain(&mut config.mail.password_file)
            .chain(&mut config.backup.folder)
            .chain(&mut config.backup.passphrase_file)
            .chain(&mut config.outgoing.files)
            .chain(&mut trust.anchors)
            .chain(&mut trust.intermediates)
            .chain(&mut trust.crls)
            .chain(&mut trust.crl_cache)
            .for_each(|path| *path = folder.join(&*path));
        Ok(config)
    }

    /// Where the database is.
    ///
    /// # Errors
    /// When the settings of a server, or the files that they name, are wrong.
    pub fn location(&self) -> Result<Location, Error> {
        let beside = self.database.clone();
        Ok(match self.store.server(secret::folder().as_deref())? {
            Some(server) => Location::Server { server, beside },
            None => Location::File(beside),
        })
    }

    pub fn key_file(&self) -> PathBuf {
        self.key.clone().unwrap_or_else(|| self.database.with_extension("key"))
    }

    pub fn permits(&self) -> Permits {
        let TrustConfig { allow_my_number: my_number, allow_uncheckable_accept, .. } = self.trust;
        Permits { my_number, uncheckable_accept: allow_uncheckable_accept }
    }

    /// The files it names that a backup includes, besides the profiles.
    pub fn named_files(&self) -> impl Iterator<Item = &Path> {
        let trust = &self.trust;
        let files = self.holidays.iter().chain(&trust.anchors).chain(&trust.intermediates).chain(&trust.crls);
        files.map(PathBuf::as_path)
    }

    pub fn trust_sources(&self) -> TrustSources {
        let trust = self.trust.clone();
        TrustSources {
            anchors: trust.anchors,
            intermediates: trust.intermediates,
            crls: trust.crls,
            crl_urls: trust.crl_urls,
            fetch_crls: trust.fetch_crls,
            cache: trust.crl_cache.unwrap_or_else(|| self.database.with_file_name("crls")),
            rules: Rules {
                require_policies: trust.require_policies,
                forbid_policies: trust.forbid_policies,
                uncheckable: trust.uncheckable,
                issuers: Vec::new(),
            },
            ocsp: OcspSettings { use_of: trust.ocsp, urls: trust.ocsp_urls, nonce: trust.ocsp_nonce },
        }
    }

    fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| mistake::described(text, &error))
    }

    /// Refuses what can't work.
    pub fn check(&self) -> Result<(), Error> {
        let setting = |name, message: &str| Err(Error::Setting { name, message: message.to_owned() });
        if self.trust.anchors.is_empty() {
            return setting("trust.anchors (--trust)", "信頼する認証局の証明書を一つ以上指定します");
        }
        if let Some(url) = self.trust.crl_urls.iter().find(|url| !is_fetched(url)) {
            let message =
                format!("{url}: http:とldap:だけを取得します（CRLには署名があり、httpsは使いません）");
            return setting("trust.crl_urls", &message);
        }
        if let Some(url) = self.trust.ocsp_urls.iter().find(|url| !url.starts_with("http://")) {
            let message = format!("{url}: http:だけで問い合わせます（答えには署名があります）");
            return setting("trust.ocsp_urls", &message);
        }
        if !self.trust.ocsp_urls.is_empty() && self.trust.ocsp == OcspUse::Off {
            return setting("trust.ocsp_urls", "ocsp = \"first\"か\"after_crl\"のときだけ使います");
        }
        if self.store.url.is_none() && (self.store.password_file.is_some() || self.store.ca_file.is_some()) {
            return setting("store.url", "password_fileとca_fileは、urlと一緒に使います");
        }
        if self.officer_listen.is_some() && self.officer_origin.is_none() {
            return setting("officer_listen", "officer_originに、職員の画面のオリジンも指定します");
        }
        let install = &self.install;
        for url in [&install.extension_url, &install.host_url, &install.guide_url] {
            if !url.is_empty() && !is_web_address(url) {
                return setting("install", &format!("{url}: URLはhttps://かhttp://で始めます"));
            }
        }
        if self.session_idle_minutes == 0 {
            return setting("session_idle_minutes", "1分以上にしてください");
        }
        if self.mail.smtp.is_some() && self.mail.folder.is_some() {
            return setting("mail", "smtpとfolderは、どちらか一方だけ指定します");
        }
        let mail = &self.mail;
        if mail.password.is_some() && mail.password_file.is_some() {
            return setting("mail.password", "passwordとpassword_fileは、どちらか一方だけ指定します");
        }
        if mail.user.is_none() && (mail.password.is_some() || mail.password_file.is_some()) {
            return setting("mail.user", "パスワードを使うときは、userも指定します");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_no_secret() {
        let message = Config::parse("[mail]\npassword = \"geheim\"\nsmpt = \"smtp://x\"\n").unwrap_err();
        assert!(message.starts_with("3行1桁"), "{message}");
        assert!(message.contains("smpt"), "{message}");
        assert!(!message.contains("geheim"), "{message}");
    }

    #[test]
    fn the_mail_password_may_lie_in_a_file_or_come_from_systemd() {
        let folder = tempfile::tempdir().unwrap();
        let user = MailConfig { user: Some("user".into()), ..MailConfig::default() };
        let read = |config: &MailConfig| config.credentials(Some(folder.path())).ok().flatten();
        let named = |password: &str| Some(("user".to_owned(), password.to_owned()));
        assert!(user.credentials(Some(folder.path())).is_err());
        std::fs::write(folder.path().join(MailConfig::CREDENTIAL), "handed\n").unwrap();
        assert_eq!(read(&user), named("handed"));
        let file = folder.path().join("password");
        std::fs::write(&file, " with spaces \r\n").unwrap();
        let from_file = MailConfig { password_file: Some(file.clone()), ..user.clone() };
        assert_eq!(read(&from_file), named(" with spaces "));
        for wrong in ["", "\n", "one\ntwo\n"] {
            std::fs::write(&file, wrong).unwrap();
            assert!(from_file.credentials(None).is_err(), "{wrong:?}");
        }
        assert_eq!(read(&MailConfig { password: Some("clear".into()), ..user }), named("clear"));
        assert_eq!(MailConfig::default().credentials(None).ok().flatten(), None);
    }

    #[test]
    fn an_origin_with_a_slash_at_its_end_is_refused() {
        assert!(Config::parse("origin = \"https://ebid.example.jp/\"").is_err());
        assert!(Config::parse("origin = \"https://ebid.example.jp\"").is_ok());
    }

    #[test]
    fn where_the_programs_come_from_is_a_web_address() {
        let trust = TrustConfig { anchors: vec!["root.pem".into()], ..TrustConfig::default() };
        let with = |url: &str| {
            let install = Config::parse(&format!("[install]\nhost_url = \"{url}\"")).unwrap().install;
            Config { trust: trust.clone(), install, ..Config::default() }.check()
        };
        assert!(with("https://ebid.example.jp/touroku-host.msi").is_ok());
        assert!(with("javascript:alert(1)").unwrap_err().to_string().contains("https://"));
    }

    #[test]
    fn a_listener_for_officers_without_their_origin_is_refused() {
        let trust = TrustConfig { anchors: vec!["root.pem".into()], ..TrustConfig::default() };
        let config =
            Config { trust, officer_listen: Some(([127, 0, 0, 1], 8081).into()), ..Config::default() };
        assert!(config.check().unwrap_err().to_string().contains("officer_origin"));
        let origin = Some(Origin::parse("https://staff.example.jp").unwrap());
        assert!(Config { officer_origin: origin, ..config }.check().is_ok());
    }

    #[test]
    fn a_server_without_trust_anchors_is_refused() {
        assert!(Config::default().check().is_err());
    }
}
