//! How a PostgreSQL is reached, and in an administrator's words why it is not.

use std::{
    error::Error as _,
    fmt, fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::Path,
    str::FromStr as _,
    time::Duration,
};

use openssl::{
    ssl::{SslConnector, SslMethod},
    x509::{X509, store::X509StoreBuilder},
};
use postgres::{
    Client, Config,
    config::{Host, SslMode, TargetSessionAttrs},
    error::SqlState,
};
use postgres_openssl::MakeTlsConnector;

use crate::error::Error;

/// How long one server of the URL may take to accept a connection, and how long sent bytes may stay unacknowledged.
const ANSWER: Duration = Duration::from_secs(5);

/// The oldest version that the tests run on, as `server_version_num` writes it.
const OLDEST: i32 = 150_000;

/// A PostgreSQL, or several of which one takes writes.
#[derive(Clone)]
pub struct Server {
    config: Box<Config>,
    tls: SslConnector,
}

impl Server {
    /// `ca`: the certificates that sign the server's; `None`: those that the system trusts.
    ///
    /// # Errors
    /// [`Error::Setting`] when it is no URL of PostgreSQL's; [`Error::File`] and [`Error::Content`] for `ca`.
    pub fn new(url: &str, password: Option<&str>, ca: Option<&Path>) -> Result<Self, Error> {
        // The library's own message may quote the password.
        let unfit = |_| setting("PostgreSQLのURL（postgres://利用者@ホスト/データベース）として読めません");
        let mut config = Config::from_str(url).map_err(unfit)?;
        if let Some(password) = password {
            config.password(password);
        }
        // Without TLS a password would be safe, but not what the database holds.
        let is_remote = config.get_hosts().iter().any(is_remote)
            || config.get_hostaddrs().iter().any(|address| !address.is_loopback());
        if config.get_ssl_mode() == SslMode::Prefer && is_remote {
            config.ssl_mode(SslMode::Require);
        }
        config
            .connect_timeout(ANSWER)
            .tcp_user_timeout(ANSWER)
            // For a machine that dies after it has taken a statement: then nothing waits for an acknowledgement.
            .keepalives_idle(ANSWER)
            .keepalives_interval(Duration::from_secs(1))
            .keepalives_retries(3)
            .target_session_attrs(TargetSessionAttrs::ReadWrite)
            .application_name("touroku");
        Ok(Self { config: Box::new(config), tls: trusting(ca)? })
    }

    /// Where another schema of the database is the one in force.
    pub(super) fn within(&self, schema: &str) -> Self {
        let mut other = self.clone();
        let options = self.config.get_options().unwrap_or_default();
        other
            .config
            .options(format!("{options} -c search_path={schema}").trim())
            .application_name("touroku-restore");
        other
    }

    pub(super) fn connect(&self) -> Result<Client, postgres::Error> {
        self.config.connect(MakeTlsConnector::new(self.tls.clone()))
    }

    /// The same for whoever waits for it at a start.
    pub(super) fn connect_or_explain(&self) -> Result<Client, Error> {
        let mut client = self.connect().map_err(|error| self.explain(&error))?;
        let row = client.query_one(
            "SELECT CAST(current_setting('server_version_num') AS INT), current_setting('server_encoding')",
            &[],
        )?;
        let (version, encoding): (i32, String) = (row.try_get(0)?, row.try_get(1)?);
        if version < OLDEST {
            let message = format!("PostgreSQL {}は古すぎます。15以降を使ってください", version / 10_000);
            return Err(setting(&message));
        }
        if encoding != "UTF8" {
            let message = format!(
                "データベースの文字コードが{encoding}です。createdb --encoding=UTF8 --template=template0で作り直してください"
            );
            return Err(setting(&message));
        }
        Ok(client)
    }

    pub(super) fn explain(&self, error: &postgres::Error) -> Error {
        let hosts = self.config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            Host::Unix(folder) => folder.display().to_string(),
        });
        let hosts = hosts.collect::<Vec<_>>().join("、");
        let name = self.config.get_dbname().or(self.config.get_user()).unwrap_or_default();
        let why = match error.code() {
            Some(&SqlState::INVALID_PASSWORD | &SqlState::INVALID_AUTHORIZATION_SPECIFICATION) => {
                "断られました。利用者の名前、パスワード（[store] password_file）、pg_hba.confを確かめてください"
                    .to_owned()
            }
            Some(&SqlState::INVALID_CATALOG_NAME) => {
                format!("データベース{name}がありません。createdb --owner=利用者 {name}で作ってください")
            }
            Some(&SqlState::CANNOT_CONNECT_NOW) => "つながりません。起動中か停止中です".to_owned(),
            Some(&SqlState::TOO_MANY_CONNECTIONS) => {
                "つながりません。接続が多すぎます。max_connectionsを増やしてください（サーバー1台に10要ります）".to_owned()
            }
            Some(code) => format!("断られました（{}）。PostgreSQLのログを見てください", code.code()),
            None => {
                let mut said = error.to_string();
                let mut cause = error.source();
                while let Some(error) = cause {
                    said += &format!(": {error}");
                    cause = error.source();
                }
                if said.starts_with("error performing TLS handshake") {
                    format!(
                        "TLSで接続できません（{said}）。証明書のホスト名と、発行した認証局（[store] ca_file）を確かめてください"
                    )
                } else if said.starts_with("invalid configuration") {
                    "パスワードが要ります。[store] password_fileか、systemdの資格情報で渡してください".to_owned()
                } else {
                    format!("つながりません（{said}）。動いているか、ホストとポートを確かめてください")
                }
            }
        };
        setting(&format!("PostgreSQL（{hosts}）に{why}"))
    }
}

/// Never the password.
impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("hosts", &self.config.get_hosts()).finish_non_exhaustive()
    }
}

fn is_remote(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => match name.parse::<IpAddr>() {
            Ok(address) => {
                ![Ipv4Addr::LOCALHOST.into(), IpAddr::from(Ipv6Addr::LOCALHOST)].contains(&address)
            }
            Err(_) => name != "localhost",
        },
        #[cfg(unix)]
        Host::Unix(_) => false,
    }
}

/// Names are checked, too.
fn trusting(ca: Option<&Path>) -> Result<SslConnector, Error> {
    let mut tls = SslConnector::builder(SslMethod::tls_client())?;
    if let Some(path) = ca {
        let pem = fs::read(path).map_err(Error::file(path))?;
        let certificates = X509::stack_from_pem(&pem).ok().filter(|all| !all.is_empty());
        let unfit = || Error::Content {
            path: path.to_owned(),
            message: "PEMの証明書がありません".to_owned(),
        };
        let mut trusted = X509StoreBuilder::new()?;
        for certificate in certificates.ok_or_else(unfit)? {
            trusted.add_cert(certificate)?;
        }
        tls.set_cert_store(trusted.build());
    }
    Ok(tls.build())
}

pub(super) fn setting(message: &str) -> Error {
    Error::Setting { name: "store.url", message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> SslMode {
        Server::new(url, None, None).unwrap().config.get_ssl_mode()
    }

    #[test]
    fn what_leaves_the_machine_is_encrypted_unless_the_url_says_otherwise() {
        assert_eq!(mode("postgres://t@db.example.jp/t"), SslMode::Require);
        assert_eq!(mode("postgres://t@127.0.0.1,db.example.jp/t"), SslMode::Require);
        assert_eq!(mode("postgres://t@db.example.jp/t?sslmode=disable"), SslMode::Disable);
        assert_eq!(mode("postgres://t@localhost/t"), SslMode::Prefer);
        assert_eq!(mode("host=/run/postgresql user=t"), SslMode::Prefer);
    }

    #[test]
    fn neither_a_message_nor_a_log_shows_the_password() {
        let said = Server::new("postgres://t:geheim@[/t", None, None).unwrap_err().to_string();
        assert!(!said.contains("geheim"), "{said}");
        let server = Server::new("postgres://t:geheim@db/t", Some("geheim"), None).unwrap();
        assert!(!format!("{server:?}").contains("geheim"));
    }
}
