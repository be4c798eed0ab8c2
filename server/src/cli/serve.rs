//! `serve`: the server, from its configuration to its graceful shutdown.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use tokio::{net::TcpListener, sync::watch};
use touroku_proto::origin::Origin;

use super::{
    Verdict,
    place::{become_owner, configuration, open_key},
};
use crate::{
    agency::Agencies,
    app::{App, Live, Settings},
    config::{Config, secret},
    error::Error,
    file,
    http::{self, Room},
    jobs,
    mail::{self, Transport},
    officer,
    outside::Outside,
    store::Store,
    trust::TrustFiles,
};

/// How long requests that are being answered may take when the server stops.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// Most connections at once, however many the system allows: each takes some 20 kB.
const MOST_CONNECTIONS: usize = 20_000;

/// Descriptors for all that is no connection of a visitor.
const RESERVED: usize = 256;

/// Whoever reads figures needs one.
const METRICS_CONNECTIONS: usize = 32;

/// Flags of `serve`; each overrides the configuration file.
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    /// 設定ファイル。--databaseもなければ、ここのserver.toml、/etc/touroku/server.tomlの順に探す
    #[arg(long)]
    config: Option<PathBuf>,
    /// 待ち受けるアドレスとポート
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// 公開するオリジン（例 https://ebid.example.jp）
    #[arg(long, value_parser = Origin::parse)]
    origin: Option<Origin>,
    /// SQLiteのファイル
    #[arg(long)]
    database: Option<PathBuf>,
    /// 発注機関のフォルダー
    #[arg(long)]
    agencies: Option<PathBuf>,
    /// 画面のファイルのフォルダー
    #[arg(long)]
    site: Option<PathBuf>,
    /// 信頼する認証局の証明書（PEM、DER）
    #[arg(long, num_args = 1..)]
    trust: Vec<PathBuf>,
    /// CRL（PEM、DER）。指定すると失効を調べる
    #[arg(long, num_args = 1..)]
    crl: Vec<PathBuf>,
    /// 発注機関がマイナンバーカードを受け付けることを許す
    #[arg(long)]
    allow_my_number: bool,
    /// メールを.emlファイルとして書くフォルダー
    #[arg(long, conflicts_with = "smtp")]
    mail_dir: Option<PathBuf>,
    /// メールサーバー（smtp://ホスト:ポート、smtps://ホスト）
    #[arg(long)]
    smtp: Option<String>,
    /// 拡張機能のID
    #[arg(long, num_args = 1..)]
    extension_id: Vec<String>,
    /// 起動せず、設定・鍵・データベースなどを確かめる
    #[arg(long)]
    check: bool,
    /// 待ち受けたアドレスを書くファイル（ポート0のとき）
    #[arg(long)]
    port_file: Option<PathBuf>,
}

impl Serve {
    pub(super) fn run(self, outside: Outside) -> Result<Verdict, Error> {
        let (port_file, check) = (self.port_file.clone(), self.check);
        let config = self.config()?;
        config.check()?;
        become_owner(&config.database)?;
        if check {
            return super::check::run(config, &outside);
        }
        start_log(config.log_json);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            // Token checks and password hashes; more would only wait for the CPU, and take memory.
            .max_blocking_threads(8)
            .build()
            .map_err(Error::file("tokio"))?;
        runtime.block_on(serve(config, port_file, outside))?;
        Ok(Verdict::Good)
    }

    fn config(self) -> Result<Config, Error> {
        let mut config = match configuration(self.config.as_deref(), self.database.as_deref()) {
            Some(path) => Config::load(&path)?,
            None => Config::default(),
        };
        fn set<T>(into: &mut T, flag: Option<T>) {
            if let Some(value) = flag {
                *into = value;
            }
        }
        fn set_list<T>(into: &mut Vec<T>, flags: Vec<T>) {
            if !flags.is_empty() {
                *into = flags;
            }
        }
        set(&mut config.listen, self.listen);
        set(&mut config.origin, self.origin.map(Some));
        if let Some(database) = self.database {
            config.use_file(database);
        }
        set(&mut config.agencies, self.agencies);
        set(&mut config.site, self.site.map(Some));
        set_list(&mut config.trust.anchors, self.trust);
        set_list(&mut config.trust.crls, self.crl);
        set_list(&mut config.extension_ids, self.extension_id);
        config.trust.allow_my_number |= self.allow_my_number;
        if let Some(folder) = self.mail_dir {
            (config.mail.folder, config.mail.smtp) = (Some(folder), None);
        }
        if let Some(url) = self.smtp {
            (config.mail.folder, config.mail.smtp) = (None, Some(url));
        }
        Ok(config)
    }
}

async fn serve(config: Config, port_file: Option<PathBuf>, outside: Outside) -> Result<(), Error> {
    let (folder, holidays) = (config.agencies.clone(), config.holidays.clone());
    let transport = transport(&config)?;
    let listener = TcpListener::bind(config.listen).await.map_err(Error::file(config.listen.to_string()))?;
    let address = listener.local_addr().map_err(Error::file(config.listen.to_string()))?;
    let figures = match config.metrics {
        Some(at) => Some(TcpListener::bind(at).await.map_err(Error::file(at.to_string()))?),
        None => None,
    };
    let officers = match config.officer_listen {
        Some(at) => Some(TcpListener::bind(at).await.map_err(Error::file(at.to_string()))?),
        None => None,
    };
    let officers_address = officers.as_ref().and_then(|listener| listener.local_addr().ok());
    let local = local_origin(address)?;
    let opened = tokio::task::spawn_blocking(move || open_app(config, local, outside)).await;
    let app = opened.map_err(|_| Error::Defect("opening the database panicked"))??;
    let (anchors, crls) = app.trust.current().counts();
    officer::import::resume(&app).await?;
    officer::version::keep_files(&app).await?;
    let live = Live::from(Arc::clone(&app));
    let (stop, stopped) = watch::channel(false);
    let asked_to_stop = asked_to_stop();
    let reloader = tokio::spawn(reload(live.clone(), folder, holidays, stopping(stopped.clone())));
    if let Some(path) = port_file {
        file::replace(&path, address.to_string().as_bytes()).map_err(Error::file(&path))?;
    }
    if !app.trust.current().checks_revocation() {
        tracing::warn!(
            "CRLもOCSPも設定されていないので、ICカードの失効を調べません。失効したICカードも受け付けます"
        );
    }
    if app.settings.files.is_none() && jobs::files::is_wanted(&app) {
        tracing::warn!(
            "[[export]]のファイルを書く発注機関がありますが、outgoing.filesがないので、このサーバーは書きません"
        );
    }
    if let Some(address) = officers_address {
        tracing::info!(%address, "listening for officers");
    }
    tracing::info!(%address, origin = %app.settings.origin, anchors, crls, "listening");

    let mailer = tokio::spawn(mail::run(Arc::clone(&app), transport, stopping(stopped.clone())));
    let jobs = tokio::spawn(jobs::run(live.clone(), stopped.clone()));
    let room = Room::of(connections(), app.settings.trusted_proxies.clone());
    let (room, officers) = match officers {
        None => (room, None),
        Some(listener) => {
            let ([quarter, rest], router) = (room.shared(), http::officers_router(live.clone()));
            (rest, Some(tokio::spawn(http::serve(listener, router, quarter, stopped.clone()))))
        }
    };
    let metrics = tokio::spawn(metrics(figures, live.clone(), stopped.clone()));
    let mut server = tokio::spawn(http::serve(listener, http::router(live), room, stopped));
    tokio::select! {
        () = asked_to_stop => tracing::info!("stopping"),
        _ = &mut server => tracing::error!("the listener ended by itself"),
    }
    stop.send_replace(true);
    // The request that undoes an import is answered only once it has stopped.
    app.imports.begin_stop();
    let finish = async {
        if !server.is_finished() {
            drop(server.await);
        }
        if let Some(officers) = officers {
            drop(officers.await);
        }
        drop(tokio::join!(mailer, reloader, jobs, metrics));
    };
    if tokio::time::timeout(STOP_TIMEOUT, finish).await.is_err() {
        tracing::warn!("some requests did not end in time");
    }
    app.imports.stop();
    app.store.close();
    tracing::info!("stopped");
    Ok(())
}

/// Gives figures to whoever reaches their address.
async fn metrics(listener: Option<TcpListener>, live: Live, stop: watch::Receiver<bool>) {
    let Some(listener) = listener else { return };
    let room = Room { all: METRICS_CONNECTIONS, one: usize::MAX, proxies: Vec::new() };
    http::serve(listener, http::metrics::router(live), room, stop).await;
}

/// How many connections may be open at once: what the system allows, less what files, mails and CAs need.
fn connections() -> usize {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

        let limit = getrlimit(Resource::Nofile);
        let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
        // It may have to stay as low as it was.
        let current = if setrlimit(Resource::Nofile, raised).is_ok() { limit.maximum } else { limit.current };
        let allowed = current.and_then(|most| usize::try_from(most).ok()).unwrap_or(MOST_CONNECTIONS);
        MOST_CONNECTIONS.min(allowed.saturating_sub(RESERVED.min(allowed / 2)))
    }
    #[cfg(not(unix))]
    MOST_CONNECTIONS
}

/// The parts that requests and tasks need. `local` is the origin where none is configured.
pub(super) fn open_app(config: Config, local: Origin, outside: Outside) -> Result<Arc<App>, Error> {
    let permits = config.permits();
    let agencies = Agencies::load_with(&config.agencies, config.holidays.as_deref())?.permitted(permits)?;
    let mut sources = config.trust_sources();
    sources.rules.issuers = agencies.issuer_rules();
    let trust = TrustFiles::open(sources)?;
    let key = open_key(&config, &outside)?;
    let store = Store::open(&config.location()?)?;
    let origin = config.origin.unwrap_or(local);
    let settings = Settings {
        officer_origin: config.officer_origin.unwrap_or_else(|| origin.clone()),
        officers_apart: config.officer_listen.is_some(),
        origin,
        extension_ids: config.extension_ids,
        install: config.install,
        session_idle: i64::from(config.session_idle_minutes) * 60_000,
        trusted_proxies: config.trusted_proxies,
        limits: config.limits,
        site: config.site,
        agencies: config.agencies,
        holidays: config.holidays,
        permits,
        internal: config.outgoing.internal.into(),
        files: config.outgoing.files,
    };
    Ok(App::new(settings, agencies, store, trust, key, outside))
}

pub(super) fn transport(config: &Config) -> Result<Transport, Error> {
    let mail = &config.mail;
    match &mail.smtp {
        Some(url) => Transport::smtp(url, mail.credentials(secret::folder().as_deref())?),
        None => {
            let beside = || config.database.with_file_name("mail");
            Transport::folder(&mail.folder.clone().unwrap_or_else(beside))
        }
    }
}

/// Where a server is reached that was told nothing else.
pub(super) fn local_origin(address: SocketAddr) -> Result<Origin, Error> {
    let port = address.port();
    let origin = if port == 80 { "http://localhost".to_owned() } else { format!("http://localhost:{port}") };
    Origin::parse(&origin).map_err(|_| Error::Defect("http://localhost is an origin"))
}

/// Reads the agencies again at each SIGHUP. Listens from the call on, not from the first poll: until somebody
/// listens, the signal ends the process.
fn reload(
    live: Live,
    folder: PathBuf,
    holidays: Option<PathBuf>,
    stop: impl Future<Output = ()>,
) -> impl Future<Output = ()> {
    #[cfg(unix)]
    let hang_up = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup());
    async move {
        tokio::pin!(stop);
        #[cfg(unix)]
        if let Ok(mut hang_up) = hang_up {
            loop {
                tokio::select! {
                    () = &mut stop => return,
                    _ = hang_up.recv() => {
                        if crate::reload::reload(&live, &folder, holidays.as_deref()) {
                            let kept = officer::version::keep_files(&live.now()).await;
                            kept.unwrap_or_else(|error| tracing::error!(%error, "profiles were not kept"));
                        }
                    }
                }
            }
        }
        #[cfg(not(unix))]
        drop((live, folder, holidays));
        stop.await;
    }
}

async fn stopping(mut stopped: watch::Receiver<bool>) {
    // The sender lives as long as the server; if it were gone, stopping would be right too.
    drop(stopped.wait_for(|&stop| stop).await);
}

/// Resolves at SIGTERM or Ctrl-C. Listens to the first from the call on: until somebody listens, it ends the
/// process at once.
fn asked_to_stop() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    async move {
        let interrupt = async { drop(tokio::signal::ctrl_c().await) };
        #[cfg(unix)]
        if let Ok(mut terminate) = terminate {
            tokio::select! {
                () = interrupt => {}
                _ = terminate.recv() => {}
            }
            return;
        }
        interrupt.await;
    }
}

fn start_log(json: bool) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    // By default the log's own failure is printed, and where nothing can be printed, as on a full disk, that panics.
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .log_internal_errors(false);
    if json {
        builder.json().init();
    } else {
        builder.with_ansi(false).init();
    }
}
