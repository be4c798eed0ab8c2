//! A server on a temporary database, and a browser as seen by the server.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Request, StatusCode},
};
use serde_json::{Value, json};
use touroku_proto::{
    agency::AgencyProfile,
    guide::Install,
    officer::company::{Permit, PermitState},
    origin::Origin,
};
use touroku_server::{
    agency::{Agencies, Permits},
    app::{App, Settings},
    http::{limits::Limits, router},
    key::ServerKey,
    mail::{Post, open_body},
    outside::Outside,
    roster::{RosterFile, import},
    store::{Exclusive, Store},
    trust::{TrustFiles, TrustSources},
};
use tower::ServiceExt as _;

use super::{
    authority::{Authority, Card, NOW, Spec},
    engine,
};

pub const ORIGIN: &str = "https://ebid.example.jp";

pub const ROSTER: &str = "\
業者番号,商号又は名称,郵便番号,住所,代表者氏名,代表者役職,電話番号,FAX番号,支店名等,ユーザID,パスワード,物品の販売
990000001,（株）テスト商会０１,030-0801,青森市新町１－１,試験太郎,代表取締役社長,017-000-0001,017-000-0002,本店,,,A
990000002,㈱髙﨑建設,030-0802,青森市本町２－２,髙﨑花子,代表取締役,017-000-0003,017-000-0004,本店,user02,abc12345,
";

/// A server and its environment.
pub struct TestServer {
    pub app: Arc<App>,
    pub folder: engine::Folder,
    pub now: Arc<AtomicI64>,
    pub steady: Arc<AtomicI64>,
    pub root: Authority,
}

/// A server without limits would hide what tests about limits check; all other tests are not about limits.
pub fn no_limits() -> Limits {
    Limits::NONE
}

impl TestServer {
    pub fn start() -> Self {
        Self::start_with(no_limits(), "")
    }

    /// `profile`: lines `find => replace` on the sample profile; U+0001 stands for a line break.
    pub fn start_with(limits: Limits, profile: &str) -> Self {
        Self::start_at("aomori", limits, profile)
    }

    /// With the sample profile of that agency.
    pub fn start_at(agency: &str, limits: Limits, profile: &str) -> Self {
        let folder = engine::Folder::new();
        let mut text = sample(agency);
        for line in profile.lines().filter(|line| !line.is_empty()) {
            let (find, replace) = line.split_once(" => ").unwrap();
            assert!(text.contains(find), "{find}");
            text = text.replace(find, &replace.replace('\u{1}', "\n"));
        }
        std::fs::create_dir(folder.path().join("agencies")).unwrap();
        std::fs::write(folder.path().join(format!("agencies/{agency}.toml")), text).unwrap();
        let holidays = include_bytes!("../../../../agencies/holidays.csv");
        std::fs::write(folder.path().join("agencies/holidays.csv"), holidays).unwrap();
        let root = Authority::root();
        std::fs::write(folder.path().join("root.pem"), root.pem()).unwrap();
        std::fs::write(folder.path().join("roster.csv"), ROSTER).unwrap();

        let agencies = Agencies::load(&folder.path().join("agencies")).unwrap();
        let profile = agencies.profile(agency).unwrap();
        engine::exclusively(folder.path(), |database| {
            let mut file = RosterFile::open(&folder.path().join("roster.csv"), profile).unwrap();
            let report =
                by_command(NOW * 1000, |post| import(database, &mut file, profile, false, post)).unwrap();
            assert_eq!(report.added, 2, "{report:?}");
            permit_all(database, profile);
        });
        if let Some(setting) = engine::setting(folder.path()) {
            std::fs::write(folder.path().join("server.toml"), setting).unwrap();
        }

        let now = Arc::new(AtomicI64::new(NOW * 1000));
        let steady = Arc::new(AtomicI64::new(0));
        let app = open(folder.path().to_owned(), limits, &now, &steady);
        Self { app, folder, now, steady, root }
    }

    /// The same with the sample profile of another agency in addition.
    pub fn with_agency(self, agency: &str) -> Self {
        std::fs::write(self.folder.path().join(format!("agencies/{agency}.toml")), sample(agency)).unwrap();
        self.restart()
    }

    /// The same with a portal and one of its members.
    pub fn with_portal(self, portal: &str, member: &str) -> Self {
        std::fs::create_dir(self.folder.path().join(format!("agencies/{portal}"))).unwrap();
        self.with_agency(&format!("{portal}/portal")).with_agency(&format!("{portal}/{member}"))
    }

    /// The same with a separate listener and origin for officers.
    pub fn with_officers_at(self, origin: &str) -> Self {
        std::fs::write(self.folder.path().join("officer_origin"), origin).unwrap();
        self.restart()
    }

    /// Stops and starts again on the same files.
    pub fn restart(mut self) -> Self {
        self.app.store.close();
        self.app = open(self.folder.path().to_owned(), no_limits(), &self.now, &self.steady);
        self
    }

    /// A browser at another server on the same files.
    pub fn browser_beside(&self, limits: Limits) -> Client {
        let app = open(self.folder.path().to_owned(), limits, &self.now, &self.steady);
        Client { router: router(app), ..self.client() }
    }

    /// Adds this to the roster's row of the company that tests register.
    pub fn enrol(&self, title: &str, cell: &str) {
        self.import(&format!(
            "業者番号,商号又は名称,郵便番号,住所,代表者氏名,{title}\n\
             990000001,（株）テスト商会０１,030-0801,青森市新町１－１,試験太郎,{cell}\n"
        ));
    }

    /// Imports a roster beside the running server.
    pub fn import(&self, roster: &str) {
        let path = self.folder.path().join("more.csv");
        std::fs::write(&path, roster).unwrap();
        let profile = self.app.agencies.all().next().unwrap();
        engine::exclusively(self.folder.path(), |database| {
            let mut file = RosterFile::open(&path, profile).unwrap();
            import(database, &mut file, profile, false, self.app.post()).unwrap();
        });
    }

    /// Another server on the same files.
    pub fn beside(&self) -> Arc<App> {
        open(self.folder.path().to_owned(), no_limits(), &self.now, &self.steady)
    }

    /// Another server on the same PostgreSQL, whose files are its own.
    pub fn on_another_machine(&self) -> Arc<App> {
        let folder = self.folder.path().join("another-machine");
        std::fs::create_dir_all(folder.join("agencies")).unwrap();
        for name in ["agencies/aomori.toml", "agencies/holidays.csv", "root.pem", engine::NAME] {
            std::fs::copy(self.folder.path().join(name), folder.join(name)).unwrap();
        }
        open(folder, no_limits(), &self.now, &self.steady)
    }

    pub fn wait(&self, milliseconds: i64) {
        self.now.fetch_add(milliseconds, Ordering::SeqCst);
        self.steady.fetch_add(milliseconds, Ordering::SeqCst);
    }

    pub fn client(&self) -> Client {
        Client {
            router: router(Arc::clone(&self.app)),
            cookie: None,
            known: None,
            sign_in: None,
            peer: ([192, 0, 2, 1], 50000).into(),
        }
    }

    /// The waiting mails: recipients and subjects, sorted. Then none is waiting any more.
    pub async fn take_mails(&self) -> Vec<(String, String, String)> {
        let mails = self.app.store.read(|reader| reader.due_mails(i64::MAX, 1000)).await.unwrap();
        let mut taken = Vec::new();
        for queued in mails {
            let (id, now) = (queued.id, self.app.outside.now());
            self.app.store.write(move |writer| writer.mail_sent(id, now)).await.unwrap();
            let body = open_body(&queued.mail, &self.app.key).unwrap();
            taken.push((queued.mail.recipient, queued.mail.subject, body));
        }
        taken.sort();
        taken
    }

    pub fn card(&self, serial: u32) -> Card {
        self.root.issue(Spec { serial, ..Spec::card() })
    }
}

/// The profile that is in the source, for tests.
pub fn sample(agency: &str) -> String {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../agencies/{agency}.toml"));
    let text = std::fs::read_to_string(source).unwrap();
    // Tests not about whose card it is accept any.
    let text = text.replace("\ncompany_match = \"review\"\n", "\n");
    let text = text.replacen("\nprocurement_code", "\ncompany_match = \"warn\"\nprocurement_code", 1);
    // Tests not about confirmed addresses send to any.
    let text = text.replacen("\n[mail]\n", "\n[mail]\nsend_unconfirmed = true\n", 1);
    // Tests not about opening hours run at any time.
    match text.split_once("[hours]\n") {
        Some((before, hours)) => format!("{before}{}", &hours[hours.find("\n[").unwrap()..]),
        None => text,
    }
}

fn open(folder: PathBuf, limits: Limits, now: &Arc<AtomicI64>, steady: &Arc<AtomicI64>) -> Arc<App> {
    let apart = std::fs::read_to_string(folder.join("officer_origin")).ok();
    let settings = Settings {
        origin: Origin::parse(ORIGIN).unwrap(),
        officer_origin: Origin::parse(apart.as_deref().unwrap_or(ORIGIN)).unwrap(),
        officers_apart: apart.is_some(),
        extension_ids: vec!["abcdefghijklmnopabcdefghijklmnop".into()],
        install: Install { guide_url: "https://all.example.jp/install/".into(), ..Install::default() },
        session_idle: 30 * 60_000,
        trusted_proxies: vec!["127.0.0.1".parse().unwrap()],
        limits,
        site: folder.join("site").is_dir().then(|| folder.join("site")),
        agencies: folder.join("agencies"),
        holidays: None,
        permits: Permits::default(),
        // Other systems in tests are on this machine.
        internal: ["localhost".to_owned(), "127.0.0.1".to_owned()].into(),
        files: Some(folder.join("files")),
    };
    let (now, steady) = (Arc::clone(now), Arc::clone(steady));
    let outside =
        Outside::new(move || now.load(Ordering::SeqCst), |bytes| openssl::rand::rand_bytes(bytes).unwrap())
            .with_steady(move || steady.load(Ordering::SeqCst));
    // A test about revocation puts this file there and restarts.
    let crls: Vec<PathBuf> = Some(folder.join("root.crl")).filter(|crl| crl.exists()).into_iter().collect();
    let anchors = vec![folder.join("root.pem")];
    let trust = TrustFiles::open(TrustSources { anchors, crls, ..TrustSources::default() }).unwrap();
    let store = engine::apart(|| Store::open(engine::location(&folder)).unwrap());
    let key = ServerKey::from_bytes([7; 32]);
    App::new(settings, Agencies::load(&folder.join("agencies")).unwrap(), store, trust, key, outside)
}

/// 許可 of 利用申請書, where a category asks for it: all tests but those about it begin after that.
fn permit_all(database: &mut Exclusive, profile: &AgencyProfile) {
    if !profile.categories.iter().any(|category| category.permit) {
        return;
    }
    let permit = Permit { state: PermitState::Permitted, officer: String::new(), at_unix_ms: 0 };
    let set = |number| database.write(|writer| writer.set_permit(&profile.code, number, Some(&permit)));
    ["990000001", "990000002"].into_iter().try_for_each(set).unwrap();
}

/// What a command at that time may use, without a server.
pub fn by_command<T>(now: i64, work: impl FnOnce(Post<'_>) -> T) -> T {
    let outside = Outside::new(move || now, |bytes| openssl::rand::rand_bytes(bytes).unwrap());
    let (key, origin) = (ServerKey::from_bytes([7; 32]), Origin::parse(ORIGIN).unwrap());
    work(Post { outside: &outside, key: &key, origin: &origin })
}

/// A browser: keeps the cookie, sends its origin.
#[derive(Clone)]
pub struct Client {
    pub router: Router,
    pub cookie: Option<String>,
    /// The cookie of known accounts, whoever is signed in.
    pub known: Option<String>,
    /// The cookie that binds a bidding system's sign-ins to it.
    pub sign_in: Option<String>,
    pub peer: SocketAddr,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The error code; empty on success.
    pub fn code(&self) -> String {
        if self.status.is_success() {
            return String::new();
        }
        self.json()["code"].as_str().unwrap_or("no code").to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Client {
    pub async fn send(&mut self, method: &str, path: &str, body: Value) -> Reply {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.raw(method, path, &[("origin", ORIGIN), ("content-type", "application/json")], body).await
    }

    pub async fn raw(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let cookies: Vec<&str> =
            self.cookie.iter().chain(&self.known).chain(&self.sign_in).map(String::as_str).collect();
        if !cookies.is_empty() {
            request = request.header("cookie", format!("other=1; {}", cookies.join("; ")));
        }
        let mut request = request.body(body.into()).unwrap();
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for set in parts.headers.get_all("set-cookie") {
            let pair = set.to_str().unwrap().split(';').next().unwrap();
            let kept = (!pair.ends_with('=')).then(|| pair.to_owned());
            match pair.split('=').next() {
                Some("__Host-touroku-known") => self.known = kept,
                Some("__Host-touroku-sign-in") => self.sign_in = kept,
                _ => self.cookie = kept,
            }
        }
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Reply { status: parts.status, headers: parts.headers, body }
    }

    pub async fn get(&mut self, path: &str) -> Reply {
        self.send("GET", path, Value::Null).await
    }

    pub async fn post(&mut self, path: &str, body: Value) -> Reply {
        self.send("POST", path, body).await
    }

    pub async fn begin(&mut self) -> Reply {
        self.post("/api/session", json!({"agency": "aomori", "category": "goods"})).await
    }

    /// Begins with ID and password, at the sample that has them.
    pub async fn begin_by_id(&mut self) -> Reply {
        let place = json!({"agency": "shimonoseki", "category": "small", "way": "password"});
        self.post("/api/session", place).await
    }

    /// Finds the roster's other company, the one with a password.
    pub async fn search_other(&mut self) -> Reply {
        let other = json!({
            "number": "990000002", "name": "株式会社高崎建設", "user_id": "user02", "password": "abc12345"
        });
        self.post("/api/company/search", other).await
    }

    /// Up to the form of ID登録申請.
    pub async fn reach_application(&mut self) -> Reply {
        self.begin_by_id().await;
        self.search("990000001", "（株）テスト商会０１").await
    }

    pub async fn apply(&mut self, submission: &str, values: Value) -> Reply {
        self.post("/api/account/application", json!({"submission": submission, "values": values})).await
    }

    pub async fn log_in_by_id(&mut self, login_id: &str, password: &str, purpose: &str) -> Reply {
        self.begin_by_id().await;
        let login = json!({"login_id": login_id, "password": password, "purpose": purpose});
        self.post("/api/account/login", login).await
    }

    pub async fn challenge(&mut self, purpose: &str) -> String {
        let reply = self.post("/api/challenge", json!({"purpose": purpose})).await;
        reply.json()["nonce"].as_str().unwrap_or_else(|| panic!("{reply:?}")).to_owned()
    }

    pub async fn login(&mut self, card: &Card, purpose: &str) -> Reply {
        let nonce = self.challenge(purpose).await;
        let token = card.token(ORIGIN, &nonce);
        self.post("/api/login", json!({"token": token, "purpose": purpose, "person_in_charge": "担当"})).await
    }

    pub async fn search(&mut self, number: &str, name: &str) -> Reply {
        self.post("/api/company/search", json!({"number": number, "name": name})).await
    }

    /// Up to the form.
    pub async fn reach_form(&mut self, card: &Card) -> Reply {
        self.begin().await;
        let reply = self.login(card, "register").await;
        assert_eq!(reply.code(), "", "{reply:?}");
        self.search("990000001", "（株）テスト商会０１").await
    }

    pub async fn register(&mut self, submission: &str, values: Value) -> Reply {
        self.post("/api/registration", json!({"submission": submission, "values": values})).await
    }

    /// Registers a card; the session has then completed it.
    pub async fn registered(&mut self, card: &Card) -> Value {
        let found = self.reach_form(card).await.json();
        let values = if found["company"]["occasion"] == "second_card" { card_form() } else { form() };
        let reply = self.register("first", values).await;
        assert_eq!(reply.code(), "", "{reply:?}");
        reply.json()
    }

    /// Logs in again with a card.
    pub async fn log_in(&mut self, card: &Card, purpose: &str) -> Value {
        self.begin().await;
        let reply = self.login(card, purpose).await;
        assert_eq!(reply.code(), "", "{reply:?}");
        reply.json()
    }

    pub async fn change(&mut self, submission: &str, revision: &Value, values: Value) -> Reply {
        let body = json!({"submission": submission, "revision": revision, "values": values});
        self.post("/api/change", body).await
    }
}

/// A valid form.
pub fn form() -> Value {
    contacts("card")
}

/// A valid form of ID登録申請.
pub fn account_form(login_id: &str, password: &str) -> Value {
    let mut values = contacts("applicant");
    for (field, value) in [
        ("company_phone", "017-000-0001"),
        ("company_fax", "017-000-0002"),
        ("branch", "本店"),
        ("login_id", login_id),
        ("login_password", password),
        ("login_password_again", password),
    ] {
        values[field] = value.into();
    }
    values
}

fn contacts(other: &str) -> Value {
    let mut values = serde_json::Map::new();
    for block in ["representative", other] {
        for (field, value) in [
            ("name", "営業部"),
            ("postal_code", "030-0801"),
            ("address", "青森市新町１－１"),
            ("person", "連絡花子"),
            ("phone", "017-000-0001"),
            ("fax", "017-000-0002"),
        ] {
            values.insert(format!("{block}_contact_{field}"), value.into());
        }
        let email = format!("{block}@example.jp");
        values.insert(format!("{block}_contact_email"), email.clone().into());
        values.insert(format!("{block}_contact_email_again"), email.into());
    }
    values.into()
}

/// The contents of a session's form, with repetitions, then these values.
pub fn edited(session: &Value, changes: &[(&str, &str)]) -> Value {
    let mut values = session["company"]["values"].clone();
    for &(field, value) in changes {
        values[field] = value.into();
    }
    for block in ["representative", "card", "applicant"] {
        values[format!("{block}_contact_email_again")] = values[format!("{block}_contact_email")].clone();
    }
    values.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    values
}

/// The card's part of a form.
pub fn card_form() -> Value {
    let Value::Object(values) = form() else { unreachable!() };
    values.into_iter().filter(|(key, _)| key.starts_with("card_")).collect::<serde_json::Map<_, _>>().into()
}
