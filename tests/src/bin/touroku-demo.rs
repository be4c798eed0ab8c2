//! The demo: everything for real on one computer. Started by `cargo xtask demo`, which builds what it needs.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
};

use anyhow::{Context as _, Result};
use clap::Parser;
use thirtyfour::common::print::{PrintMargins, PrintParameters};
use touroku_tests::{
    ca::{CardRequest, TestCa},
    harness::{
        agencies,
        browser::{Browser, stage_extension},
        host::{self, HostKind},
        mailbox, programs, roster,
        server::{Server, ServerOptions},
        wait,
        walk::{Album, Walk},
        world::{PIN, now, pdf_text},
    },
    pcscd,
    virtual_card::{self, CardConfig, InsertedCard, first_port},
};

/// How many companies the demo's roster has.
const COMPANIES: usize = 1200;

/// The agencies that the demo serves.
const AGENCIES: [&str; 5] = ["aomori", "yamaguchi", "shimonoseki", "kirimi", "template"];

/// So many companies have 下関市's 許可, without which nobody applies for an ID there.
const PERMITTED: usize = 5;

/// The whole main job on one computer.
#[derive(Parser)]
struct Arguments {
    /// The project's folder.
    #[arg(long)]
    workspace: PathBuf,
    /// The server's port.
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// End after the walk.
    #[arg(long)]
    once: bool,
    /// Use the card in this reader; its PIN is in TOUROKU_DEMO_PIN.
    #[arg(long)]
    reader: Option<String>,
    /// Trust anchors of that card.
    #[arg(long)]
    trust: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match demo(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn demo(arguments: Arguments) -> Result<()> {
    let folder = arguments.workspace.join("target/demo");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    pcscd::ensure()?;

    let stage = Stage::set(&arguments, &folder).await?;
    let headless = arguments.once || !has_display();
    if headless {
        let log = folder.join("server/server.log");
        stage.walk(&folder).await.with_context(|| format!("サーバーの記録: {}", log.display()))?;
    } else {
        stage.open_browser(&folder)?;
    }
    if arguments.once {
        return Ok(());
    }
    println!("\n{} で動いています。終えるには Ctrl+C を押してください。", stage.server.origin());
    tokio::signal::ctrl_c().await?;
    Ok(())
}

/// A screen that a browser could open on.
fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Server, host, extension and card, ready.
struct Stage {
    server: Server,
    extension: PathBuf,
    profile: PathBuf,
    pin: String,
    reader: Option<String>,
    // Held: dropping it removes the card.
    _card: Option<InsertedCard>,
}

impl Stage {
    async fn set(arguments: &Arguments, folder: &Path) -> Result<Self> {
        let (trust, crls, card) = match &arguments.trust {
            Some(trust) => (fs::canonicalize(trust)?, Vec::new(), None),
            None => demo_card(folder)?,
        };
        let roster = folder.join("roster.csv");
        roster::write(&roster, COMPANIES)?;
        let rosters = AGENCIES.map(|agency| (agency.to_owned(), roster.clone())).to_vec();
        let server = Server::start(ServerOptions {
            directory: folder.join("server"),
            trust: vec![trust],
            crls,
            rosters,
            port: Some(arguments.port),
            smtp: None,
            site: programs::site()?,
            agencies: agencies::without_hours(folder)?,
            settings: String::new(),
            environment: vec![],
        })
        .await?;
        server.permit("shimonoseki", PERMITTED)?;
        println!("サーバー: {}（業者 {COMPANIES} 社）", server.origin());
        for agency in ["aomori", "shimonoseki"] {
            println!(
                "発注機関（{agency}、管理）: {}",
                server.add_officer(agency, "demo.officer", "manage").await?
            );
        }

        let profile = folder.join("profile");
        host::install(&profile, &HostKind::Real { allowed_origins: vec![server.origin()] })?;
        let extension = stage_extension(folder, &server.origin(), &["青森市（見本）"])?;
        let pin = match env::var("TOUROKU_DEMO_PIN") {
            Ok(pin) if arguments.reader.is_some() => pin,
            _ => PIN.to_owned(),
        };
        Ok(Self { server, extension, profile, pin, reader: arguments.reader.clone(), _card: card })
    }

    /// Walks the main job in headless Chromium and keeps what a person would see.
    async fn walk(&self, folder: &Path) -> Result<()> {
        let origin = self.server.origin();
        let browser = Browser::start(&self.profile, Some(&self.extension)).await?;
        let mut walk = Walk::new(&browser, origin);
        (walk.pin, walk.reader) = (&self.pin, self.reader.as_deref());
        walk.album = Album::in_directory(&folder.join("screens"))?;
        let company = roster::company(0);

        walk.to_confirmation(&company).await?;
        let company_id = walk.register().await?;

        walk.page().click("印刷").await?;
        walk.page().screen("print").await?;
        walk.picture("利用者情報").await?;
        let margin = PrintMargins::default();
        let pdf =
            browser.driver().print_page(PrintParameters { margin, ..PrintParameters::default() }).await?;
        let printed = folder.join("利用者情報.pdf");
        fs::write(&printed, &pdf)?;
        anyhow::ensure!(pdf_text(&pdf)?.contains(&company_id), "the print lacks the 企業ID");

        let mails = wait::until("the mails", async || {
            Ok(Some(mailbox::read(&self.server.mail_directory())?).filter(|mails| mails.len() == 2))
        })
        .await?;

        walk.album.pause();
        walk.bid().await?;
        walk.page().screen("bid").await?;
        walk.album.go_on();
        walk.picture("電子入札").await?;

        println!("画面　: {}", folder.join("screens").display());
        println!("印刷　: {}", printed.display());
        for mail in &mails {
            println!("メール: {} 宛「{}」", mail.to, mail.subject);
        }
        println!("　　　　{}", self.server.mail_directory().display());
        println!("企業ID: {company_id}（{}）", company.name);
        Ok(())
    }

    /// Opens a browser for a person, and says what to type.
    fn open_browser(&self, folder: &Path) -> Result<()> {
        let mut chromium = Command::new("chromium");
        chromium
            .arg(format!("--user-data-dir={}", self.profile.display()))
            .arg(format!("--load-extension={}", self.extension.display()))
            .args(["--no-first-run", "--disable-sync", "--lang=ja"]);
        if rustix::process::geteuid().is_root() {
            // Chromium's sandbox refuses root.
            chromium.arg("--no-sandbox");
        }
        let log = fs::File::create(folder.join("chromium.log"))?;
        chromium.arg(self.server.origin()).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        chromium.spawn().context("Chromium did not start")?;
        let company = roster::company(0);
        println!("業者番号: {}　商号又は名称: {}", company.number, company.name);
        if self.reader.is_none() {
            println!("PIN番号: {PIN}（仮想カード）");
        }
        println!("メールは {} に届きます。", self.server.mail_directory().display());
        Ok(())
    }
}

/// A demo authority and a card of it in the first virtual reader.
fn demo_card(folder: &Path) -> Result<(PathBuf, Vec<PathBuf>, Option<InsertedCard>)> {
    let now = now()?;
    let ca = TestCa::new("Touroku Demo", now)?;
    let issued = ca.issue(&CardRequest::new(now, "見本　太郎"))?;
    let (trust, crl) = (folder.join("demo-ca.pem"), folder.join("demo-ca.crl.pem"));
    fs::write(&trust, ca.trust_pem()?)?;
    fs::write(&crl, ca.crl_pem(&[], now.plus_days(-1), now.plus_days(30))?)?;
    let card = virtual_card::insert(first_port(), CardConfig::new(issued.key, issued.certificate, PIN))?;
    pcscd::wait_for_card("Virtual PCD 00 00", true)?;
    Ok((trust, vec![crl], Some(card)))
}
