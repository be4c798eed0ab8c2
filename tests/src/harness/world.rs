//! One test's whole world: authority, card, server, host, extension, browser.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

use super::{
    agencies,
    browser::{Browser, stage_extension},
    host::{self, HostKind},
    mailbox::{self, Mail},
    programs, roster,
    server::{Server, ServerOptions},
    wait,
    walk::Walk,
};
use crate::{
    ca::{CardRequest, IssuedCard, MyNumberCa, TestCa, Timestamp},
    pcscd,
    person::Person,
    virtual_card::{self, CardConfig, InsertedCard, ReaderLock, first_port},
};

/// The PIN of every card here.
pub const PIN: &str = "123456";

/// The PIN of My Number Cards.
pub const MY_NUMBER_PIN: &str = "4649";

/// How a world differs from one in which everything works.
pub struct WorldOptions {
    /// The extension is installed.
    pub extension: bool,
    /// A host other than the real one.
    pub host: Option<HostKind>,
    /// The PC/SC service does not answer.
    pub service_off: bool,
    /// The PC/SC service has no reader.
    pub no_reader: bool,
    /// What is wrong with the card's certificate or the revocation list.
    pub blemish: Option<Blemish>,
    /// Companies in the roster.
    pub companies: usize,
    /// The agency that the roster is for.
    pub agency: &'static str,
    /// A change to the agency's profile.
    pub profile: Option<fn(&mut toml::Table)>,
    /// The server trusts an authority of My Number Cards as well. Whether the agency accepts them is up to its
    /// profile.
    pub my_number: bool,
}

impl Default for WorldOptions {
    fn default() -> Self {
        Self {
            extension: true,
            host: None,
            service_off: false,
            no_reader: false,
            blemish: None,
            companies: 20,
            agency: "aomori",
            profile: None,
            my_number: false,
        }
    }
}

/// What can be wrong with a certificate or the list that may revoke it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blemish {
    /// Issued by an authority that the server does not trust.
    UnknownIssuer,
    /// On the CRL.
    Revoked,
    /// keyUsage without digitalSignature.
    KeyUsage,
    /// The CRL's nextUpdate has passed.
    CrlExpired,
    /// notAfter has passed.
    Expired,
    /// notBefore is in the future.
    NotYetValid,
}

/// Everything that a journey needs; dropping it ends it all.
pub struct World {
    browser: Browser,
    server: Server,
    ca: TestCa,
    my_number: Option<MyNumberCa>,
    card: IssuedCard,
    now: Timestamp,
    _reader: ReaderLock,
    _readerless: Option<pcscd::ServiceWithoutReaders>,
    // Last, so that the folder outlives those who write into it.
    directory: TempDir,
}

impl World {
    /// A world in which everything works.
    pub async fn start() -> Result<Self> {
        Self::start_with(WorldOptions::default()).await
    }

    /// A world with another agency.
    pub async fn start_at(agency: &'static str) -> Result<Self> {
        Self::start_with(WorldOptions { agency, ..WorldOptions::default() }).await
    }

    pub async fn start_with_blemish(blemish: Blemish) -> Result<Self> {
        Self::start_with(WorldOptions { blemish: Some(blemish), ..WorldOptions::default() }).await
    }

    /// A world with these options.
    pub async fn start_with(options: WorldOptions) -> Result<Self> {
        pcscd::ensure()?;
        let reader = virtual_card::reader_lock(first_port())?;
        let directory = tempfile::tempdir()?;
        let folder = directory.path();
        let now = now()?;

        let ca = TestCa::new("Touroku Test", now)?;
        let trust = folder.join("trust.pem");
        fs::write(&trust, ca.trust_pem()?)?;
        let card = blemished(&ca, now, options.blemish)?;
        let mut crls = crls(folder, &ca, &card, now, options.blemish)?;
        let mut trust = vec![trust];
        let my_number = options.my_number.then(|| MyNumberCa::new(now)).transpose()?;
        if let Some(ca) = &my_number {
            for (files, name, pem) in [
                (&mut trust, "my-number.pem", ca.trust_pem()?),
                (&mut crls, "my-number-crl.pem", ca.crl_pem(&[], now.plus_days(-1), now.plus_days(7))?),
            ] {
                files.push(folder.join(name));
                fs::write(folder.join(name), pem)?;
            }
        }
        let roster = folder.join("roster.csv");
        roster::write(&roster, options.companies)?;

        let agencies = agencies::without_hours(folder)?;
        if let Some(change) = options.profile {
            agencies::rewrite(&agencies, options.agency, change)?;
        }

        let server = Server::start(ServerOptions {
            directory: folder.join("server"),
            trust,
            crls,
            rosters: vec![(options.agency.to_owned(), roster)],
            port: None,
            smtp: None,
            site: programs::site()?,
            agencies,
            settings: String::new(),
            environment: vec![],
        })
        .await?;
        if options.agency == "shimonoseki" {
            server.permit(options.agency, options.companies.min(5))?;
        }
        let origin = server.origin();

        let readerless = options.no_reader.then(pcscd::ServiceWithoutReaders::start).transpose()?;
        let profile = folder.join("profile");
        let allowed_origins = vec![origin.clone()];
        let host = match options.host {
            Some(host) => host,
            None if options.service_off => HostKind::ServiceOff { allowed_origins },
            None => match &readerless {
                Some(service) => HostKind::OtherService { allowed_origins, socket: service.socket() },
                None => HostKind::Real { allowed_origins },
            },
        };
        host::install(&profile, &host)?;
        let extension = stage_extension(folder, &origin, &["青森市"])?;
        let browser = Browser::start(&profile, options.extension.then_some(extension.as_path())).await?;
        Ok(Self {
            browser,
            server,
            ca,
            my_number,
            card,
            now,
            _reader: reader,
            _readerless: readerless,
            directory,
        })
    }

    pub fn browser(&self) -> &Browser {
        &self.browser
    }

    /// A second browser on the same computer: the same host, reader and card, but none of the first one's cookies.
    pub async fn another_browser(&self) -> Result<Browser> {
        let folder = self.directory.path();
        let profile = folder.join("other-profile");
        host::install(&profile, &HostKind::Real { allowed_origins: vec![self.origin()] })?;
        Browser::start(&profile, Some(&folder.join("extension"))).await
    }

    /// A contractor at the entry page.
    pub fn walk(&self) -> Walk<'_> {
        Walk::new(&self.browser, self.origin())
    }

    /// Somebody in another browser.
    pub fn walk_in<'a>(&self, browser: &'a Browser) -> Walk<'a> {
        Walk::new(browser, self.origin())
    }

    /// The server's origin.
    pub fn origin(&self) -> String {
        self.server.origin()
    }

    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Where mails arrive.
    pub fn mail_directory(&self) -> PathBuf {
        self.server.mail_directory()
    }

    /// Stops and starts the server on the same files.
    pub async fn restart_server(&mut self) -> Result<()> {
        self.server.restart().await
    }

    /// The server, to stop and restart it.
    pub fn server_mut(&mut self) -> &mut Server {
        &mut self.server
    }

    /// Ends every officer's session on the server, as time would.
    pub fn expire_officers(&self) -> Result<()> {
        let database = rusqlite::Connection::open(self.server.database())?;
        database.busy_timeout(wait::PATIENCE)?;
        database.execute("UPDATE officer_session SET expires_at = 0", [])?;
        Ok(())
    }

    /// The latest mail with that in its subject, once it arrives.
    pub async fn mail(&self, subject: &str) -> Result<Mail> {
        wait::until(&format!("a mail about {subject}"), async || {
            let mails = mailbox::read(&self.mail_directory())?;
            Ok(mails.into_iter().rev().find(|mail| mail.subject.contains(subject)))
        })
        .await
    }

    /// Issues another card.
    pub fn issue(&self, holder: &str) -> Result<IssuedCard> {
        self.ca.issue(&CardRequest::new(self.now, holder))
    }

    /// Issues a card of another company.
    pub fn issue_for(&self, company: &str, holder: &str) -> Result<IssuedCard> {
        let company = company.to_owned();
        self.ca.issue(&CardRequest { company, ..CardRequest::new(self.now, holder) })
    }

    /// Issues what should not be: another key's certificate with the serial number of that card.
    pub fn issue_twin(&self, of: &IssuedCard, company: &str, holder: &str) -> Result<IssuedCard> {
        let (company, serial) = (company.to_owned(), Some(of.serial.clone()));
        self.ca.issue(&CardRequest { company, serial, ..CardRequest::new(self.now, holder) })
    }

    /// A healthy virtual card for an issued certificate.
    pub fn card_config(&self, card: &IssuedCard) -> Result<CardConfig> {
        Ok(CardConfig::new(card.key.clone(), card.certificate.clone(), PIN))
    }

    /// A healthy, newly issued My Number Card; the world must have an authority for it.
    pub fn my_number_card(&self) -> Result<CardConfig> {
        let ca = self.my_number.as_ref().context("the world has no authority of My Number Cards")?;
        let IssuedCard { key, certificate, .. } = ca.issue(self.now)?;
        Ok(CardConfig::my_number(key, certificate, ca.certificate(), MY_NUMBER_PIN))
    }

    /// Inserts the world's own card into the reader.
    pub fn insert_card(&self) -> Result<InsertedCard> {
        self.insert(self.card_config(&self.card)?)
    }

    /// Puts a new card of that company into the reader.
    pub fn insert_for(&self, company: &str, holder: &str) -> Result<InsertedCard> {
        self.insert(self.card_config(&self.issue_for(company, holder)?)?)
    }

    /// Registers a card for the roster's first company without a browser: where 登録 is not what the journey is about. Returns
    /// 企業ID.
    pub async fn register(&self, card: &IssuedCard) -> Result<String> {
        Person::arrive(&self.server.origin()).await?.register(card, 0).await
    }

    /// The world's own card.
    pub fn card(&self) -> &IssuedCard {
        &self.card
    }

    /// Inserts a card into the reader.
    pub fn insert(&self, config: CardConfig) -> Result<InsertedCard> {
        // The service notices a removal a moment after the card has gone.
        pcscd::wait_for_card("Virtual PCD 00 00", false)?;
        let card = virtual_card::insert(first_port(), config)?;
        pcscd::wait_for_card("Virtual PCD 00 00", true)?;
        Ok(card)
    }

    /// The files of server, browser and host that contain this text: database, mails, logs, the browser's profile.
    pub fn files_with(&self, text: &str) -> Result<Vec<PathBuf>> {
        let (mut folders, mut found) = (vec![self.directory.path().to_owned()], Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                let kind = entry.file_type()?;
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() {
                    // The browser is running: a file may disappear meanwhile.
                    let content = fs::read(entry.path()).unwrap_or_default();
                    if content.windows(text.len()).any(|part| part == text.as_bytes()) {
                        found.push(entry.path());
                    }
                }
            }
        }
        Ok(found)
    }

    /// The certificates that the server trusts.
    pub fn trust_file(&self) -> PathBuf {
        self.directory.path().join("trust.pem")
    }

    /// Suspends a company, as an officer does.
    pub fn suspend(&self, agency: &str, number: &str) -> Result<()> {
        let database = rusqlite::Connection::open(self.server.database())?;
        database.busy_timeout(wait::PATIENCE)?;
        let suspend = "INSERT INTO suspension (agency, number, reason, officer, at) VALUES (?, ?, '指名停止', 'sato', 0)";
        database.execute(suspend, [agency, number])?;
        Ok(())
    }

    /// How many cards the server has registered.
    pub fn registered_cards(&self) -> Result<i64> {
        self.count("SELECT count(*) FROM card")
    }

    /// How many companies the rosters have.
    pub fn companies_in_roster(&self) -> Result<i64> {
        self.count("SELECT count(*) FROM roster")
    }

    fn count(&self, query: &str) -> Result<i64> {
        let database = rusqlite::Connection::open_with_flags(
            self.server.database(),
            rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY,
        )?;
        Ok(database.query_row(query, [], |row| row.get(0))?)
    }
}

fn blemished(ca: &TestCa, now: Timestamp, blemish: Option<Blemish>) -> Result<IssuedCard> {
    let mut request = CardRequest::new(now, "見本　太郎");
    match blemish {
        Some(Blemish::UnknownIssuer) => return TestCa::new("Stranger", now)?.issue(&request),
        Some(Blemish::KeyUsage) => request.may_sign = false,
        Some(Blemish::Expired) => {
            request.not_before = now.plus_days(-30);
            request.not_after = now.plus_days(-1);
        }
        Some(Blemish::NotYetValid) => request.not_before = now.plus_days(1),
        Some(Blemish::Revoked | Blemish::CrlExpired) | None => {}
    }
    ca.issue(&request)
}

fn crls(
    folder: &Path,
    ca: &TestCa,
    card: &IssuedCard,
    now: Timestamp,
    blemish: Option<Blemish>,
) -> Result<Vec<PathBuf>> {
    let revoked: &[&[u8]] = if blemish == Some(Blemish::Revoked) { &[&card.serial] } else { &[] };
    let (this_update, next_update) = match blemish {
        Some(Blemish::CrlExpired) => (now.plus_days(-8), now.plus_days(-1)),
        _ => (now.plus_days(-1), now.plus_days(7)),
    };
    let path = folder.join("crl.pem");
    fs::write(&path, ca.crl_pem(revoked, this_update, next_update)?)?;
    Ok(vec![path])
}

pub fn now() -> Result<Timestamp> {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?.as_secs();
    Ok(Timestamp::from_unix(i64::try_from(seconds)?))
}

/// The text of each page of a PDF.
pub fn pdf_pages(pdf: &[u8]) -> Result<Vec<String>> {
    // The reader ends each page with a form feed.
    Ok(pdf_text(pdf)?.split_terminator('\u{c}').map(str::to_owned).collect())
}

/// The text of a PDF, extracted by an independent reader.
pub fn pdf_text(pdf: &[u8]) -> Result<String> {
    let file = tempfile::NamedTempFile::new()?;
    fs::write(file.path(), pdf)?;
    let output = Command::new("pdftotext").arg("-layout").arg(file.path()).arg("-").output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}
