//! `doctor`: finds everything between browser and card that can be wrong on this computer, without changing
//! anything; `--repair` fixes what is ours.

mod access;
mod anonymous;
mod browsers;
mod card;
mod code;
mod extension;
mod finding;
mod launch;
mod policy;
mod registration;
mod repair;
mod server;
#[cfg(test)]
#[cfg(unix)]
mod staged_windows;
mod words;

use std::{
    cell::RefCell,
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Serialize;
use touroku_proto::{
    card::{LogLevel, Part},
    origin::Origin,
};

pub use self::{
    card::Cards,
    code::{Code, Severity},
    finding::Finding,
    registration::Registration,
};
use self::{
    policy::Policies,
    registration::Examination,
    repair::{Mender, Repair},
};
use crate::{
    browser::Browser,
    card::{
        Clock,
        pkcs11::{modules::Modules, process::READ_LIMIT},
    },
    config::{Broken, Config, ConfigError, Conflict, DropIn, ExtensionId, machine_wide_file},
    part,
    system::{Environment, System},
};

/// [`Report::schema`].
const SCHEMA: u32 = 1;

/// How long a registered program may take for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long the readers may take. A card is read in a second or two; another program may hold it meanwhile.
const CARD_PATIENCE: Duration = Duration::from_secs(30);

/// What `doctor` is told.
#[derive(Debug, clap::Args)]
pub struct Doctor {
    /// JSONで出力する
    #[arg(long)]
    json: bool,
    /// 自分の登録ファイルだけを書き直す。ほかの製品のファイル、ポリシー、設定ファイルは変えない
    #[arg(long)]
    repair: bool,
    /// 許可されているはずの拡張機能のID。省くと設定ファイルの allowed_extensions を使う
    #[arg(long = "extension-id", value_name = "ID", num_args = 1.., value_parser = ExtensionId::parse)]
    extension_ids: Vec<ExtensionId>,
    /// つながるか確かめるサーバー（https://…）
    #[arg(long, value_name = "URL", value_parser = Origin::parse)]
    server: Option<Origin>,
    /// 別のルートの下を調べる
    #[arg(long, value_name = "DIR", default_value = "/", hide = true)]
    root: PathBuf,
}

/// What was seen and what is wrong. Without personal data.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Of this report's shape: rises when a field goes or means something else.
    schema: u32,
    #[serde(flatten)]
    part: Part,
    program: Option<PathBuf>,
    config: PathBuf,
    /// What agencies' packages brought.
    drop_ins: Vec<Brought>,
    log: Log,
    browsers: Vec<Registration>,
    card: Cards,
    /// The worst first.
    findings: Vec<Finding>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    repaired: Vec<PathBuf>,
    /// What could not be mended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_repaired: Vec<Failed>,
}

/// A drop-in and what it brings.
#[derive(Debug, Serialize)]
struct Brought {
    name: String,
    file: PathBuf,
    sites: Vec<String>,
    agencies: Vec<String>,
    extensions: Vec<String>,
    modules: Vec<PathBuf>,
}

/// A repair that failed.
#[derive(Debug, Serialize)]
struct Failed {
    file: PathBuf,
    why: String,
}

/// Where the host writes its log.
#[derive(Debug, Serialize)]
struct Log {
    /// Of the person who runs the doctor; `None` without a home.
    file: Option<PathBuf>,
    /// What the configuration says; `None` leaves it to the extension's managed setting.
    level: Option<LogLevel>,
}

impl Doctor {
    /// Examines, reports; the process's exit status: 0 nothing wrong, 1 something is.
    pub fn run(
        self,
        output: &mut impl Write,
        config: Option<PathBuf>,
        environment: &Environment,
        clock: Clock,
    ) -> u8 {
        let system = System::new(&self.root, environment);
        let file = config.unwrap_or_else(|| {
            let file = machine_wide_file(environment.program.as_deref());
            if cfg!(windows) { file } else { system.at(&file.to_string_lossy()) }
        });
        let mut report = self.examine(&system, file.clone(), environment, clock);
        let program = environment.program.as_ref().and_then(|program| program.to_str());
        if let (true, Some(program)) = (self.repair, program) {
            let mut ids = self.extension_ids.clone();
            let configured = Config::read(&file).unwrap_or_default().extensions();
            ids.extend(configured.into_iter().filter(|id| !self.extension_ids.contains(id)));
            let repairs =
                Mender { system: &system, program, ids: &ids }.repair(&report.browsers, &report.findings);
            if !repairs.is_empty() {
                report = self.examine(&system, file, environment, clock);
                for Repair { file, done } in repairs {
                    match done {
                        Ok(()) => report.repaired.push(file),
                        Err(error) => report.not_repaired.push(Failed { file, why: error.to_string() }),
                    }
                }
            }
        }
        let home = environment.home.as_deref();
        let written = if self.json {
            let mut json = serde_json::to_value(&report).expect("a report is JSON");
            anonymous::json(&mut json, home);
            writeln!(output, "{json:#}")
        } else {
            let mut text = Vec::new();
            report
                .write(&mut text)
                .and_then(|()| write!(output, "{}", anonymous::text(&String::from_utf8_lossy(&text), home)))
        };
        u8::from(written.is_err() || !report.is_healthy())
    }

    fn ids(&self, config: &Result<Config, ConfigError>) -> Vec<ExtensionId> {
        let configured = config.as_ref().map(Config::extensions).unwrap_or_default();
        if self.extension_ids.is_empty() { configured } else { self.extension_ids.clone() }
    }

    fn examine(&self, system: &System, file: PathBuf, environment: &Environment, clock: Clock) -> Report {
        let mut findings = Vec::new();
        let config = Config::read(&file);
        examine_config(&file, &config, &mut findings);
        let ids = self.ids(&config);
        let modules =
            Modules::new(environment.program.clone(), config.as_ref().unwrap_or(&Config::default()))
                .configured_by(file.clone());
        let modules = if self.root == Path::new("/") { modules } else { modules.listed() };
        let patience = CARD_PATIENCE + READ_LIMIT * modules.count();
        let looking = Cards::begin(modules, clock);
        let browsers = examine_browsers(system, &ids, &config, environment, &mut findings);
        let card = looking.wait(patience, &mut findings);
        if let Some(server) = &self.server {
            server::examine(server, PATIENCE, &mut findings);
        }
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        let program = environment.program.clone();
        let level = config.as_ref().ok().and_then(|config| config.log_level);
        // Most of all when host.toml has a mistake, and none of it counts.
        let drop_ins = Config::brought(&file);
        Report {
            schema: SCHEMA,
            part: part::ours(),
            program,
            config: file,
            drop_ins: drop_ins.iter().map(Brought::by).collect(),
            log: Log { file: system.log_file(), level },
            browsers,
            card,
            findings,
            repaired: Vec::new(),
            not_repaired: Vec::new(),
        }
    }
}

/// Examines all browsers' registrations and the policies that concern them.
fn examine_browsers(
    system: &System,
    ids: &[ExtensionId],
    config: &Result<Config, ConfigError>,
    environment: &Environment,
    findings: &mut Vec<Finding>,
) -> Vec<Registration> {
    let configured = config.as_ref().ok().map(Config::extensions);
    let examination = Examination {
        system,
        ids,
        configured: configured.as_deref(),
        program: environment.program.as_deref(),
        patience: PATIENCE,
        tried: RefCell::default(),
    };
    let mut browsers = Vec::new();
    for browser in Browser::ALL {
        let found = browsers::is_found(system, browser);
        // A registration or a policy for a browser that is not installed says nothing about this computer's
        // browsers; it is checked anyway, because browsers may be in unusual places.
        let policies = Policies::read(system, browser, findings);
        policies.examine(browser, ids, config.as_ref().ok(), findings);
        browsers.push(examination.examine(browser, found, &policies, findings));
    }
    browsers::examine_confined(system, findings);
    policy::examine_command_prompt(system, environment.command_prompt.as_deref(), findings);
    if browsers.iter().all(|registration| !registration.found) {
        findings.push(Finding::new(Code::NoBrowser));
    }
    browsers
}

fn examine_config(file: &PathBuf, config: &Result<Config, ConfigError>, findings: &mut Vec<Finding>) {
    let finding = |code| Finding::new(code).in_file(file);
    match config {
        Err(ConfigError::Missing) => findings.push(finding(Code::ConfigMissing)),
        Err(error) => findings.push(finding(Code::ConfigInvalid).because(error.to_string())),
        Ok(config) => {
            if let Some(why) = access::hidden_from_others(file, 0o4) {
                findings.push(finding(Code::ConfigInvalid).because(why));
            }
            for drop_in in &config.drop_ins {
                if let Some(why) = access::hidden_from_others(&drop_in.file, 0o4) {
                    findings.push(Finding::new(Code::DropInInvalid).in_file(&drop_in.file).because(why));
                }
            }
            for Broken { file, error } in &config.broken {
                findings.push(Finding::new(Code::DropInInvalid).in_file(file).because(error.to_string()));
            }
            for Conflict { about, first, second } in config.conflicts() {
                let which = format!("{about}（有効なのは {}）", first.display());
                findings.push(Finding::new(Code::DropInConflict).in_file(second).because(which));
            }
            if config.extensions().is_empty() {
                findings.push(finding(Code::ConfigNoExtension));
            }
            if config.origins().is_empty() {
                findings.push(finding(Code::ConfigNoOrigin));
            }
        }
    }
}

impl Brought {
    fn by(drop_in: &DropIn) -> Self {
        Self {
            name: drop_in.name.clone(),
            file: drop_in.file.clone(),
            sites: drop_in.origins().map(ToString::to_string).collect(),
            agencies: drop_in.sites.iter().flat_map(|site| site.agencies.clone()).collect(),
            extensions: drop_in.allowed_extensions.iter().map(ToString::to_string).collect(),
            modules: drop_in.pkcs11_modules.iter().map(|module| module.as_path().to_owned()).collect(),
        }
    }

    fn write(&self, output: &mut impl Write) -> io::Result<()> {
        writeln!(output, "発注機関の設定: {}（{}）", self.name, self.agencies.join("、"))?;
        writeln!(output, "  {}", self.file.display())?;
        writeln!(output, "  サイト: {}", self.sites.join(" "))?;
        writeln!(output, "  拡張機能: {}", self.extensions.join(" "))?;
        self.modules.iter().try_for_each(|module| writeln!(output, "  モジュール: {}", module.display()))
    }
}

impl Report {
    /// Whether nothing is wrong; notes do not count.
    fn is_healthy(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity == Severity::Note)
    }

    fn write(&self, output: &mut impl Write) -> io::Result<()> {
        writeln!(output, "touroku-host {}（プロトコル {}）", self.part.version, self.part.protocol)?;
        writeln!(output, "設定ファイル: {}", self.config.display())?;
        for drop_in in &self.drop_ins {
            drop_in.write(output)?;
        }
        if let Some(file) = &self.log.file {
            let level = self.log.level.map_or("管理設定 host_log_level、なければ error", LogLevel::as_str);
            writeln!(output, "記録: {}（{level}）", file.display())?;
        }
        for registration in &self.browsers {
            registration.write(output)?;
        }
        for line in self.card.lines() {
            writeln!(output, "{line}")?;
        }
        for file in &self.repaired {
            writeln!(output, "書き直しました: {}", file.display())?;
        }
        for Failed { file, why } in &self.not_repaired {
            writeln!(output, "書き直せません: {}: {why}", file.display())?;
        }
        if self.findings.is_empty() {
            return writeln!(output, "\n問題は見つかりませんでした。");
        }
        for finding in &self.findings {
            finding.write(output)?;
        }
        Ok(())
    }
}

impl Registration {
    fn write(&self, output: &mut impl Write) -> io::Result<()> {
        let found = if self.found { "" } else { "（見つかりません）" };
        write!(output, "{}{found}: ", self.browser.name())?;
        match &self.manifest {
            Some(file) => writeln!(output, "{}", file.display())?,
            None => writeln!(output, "登録なし")?,
        }
        if let Some(key) = &self.key {
            writeln!(output, "  レジストリ: {key}")?;
        }
        for file in &self.shadowed {
            writeln!(output, "  使われない登録: {}", file.display())?;
        }
        if let Some(program) = &self.program {
            let version = self.host.as_ref().map_or("応答なし", |part| part.version.as_str());
            writeln!(output, "  プログラム: {}（{version}）", program.display())?;
        }
        Ok(())
    }
}

impl Finding {
    fn write(&self, output: &mut impl Write) -> io::Result<()> {
        let severity = match self.severity {
            Severity::Error => "誤り",
            Severity::Warning => "注意",
            Severity::Note => "参考",
        };
        let browser = self.browser.map_or_else(String::new, |browser| format!("{}: ", browser.name()));
        writeln!(output, "\n{severity} [{}] {browser}{}", self.code, self.what)?;
        if let Some(detail) = &self.detail {
            writeln!(output, "  {detail}")?;
        }
        if let Some(file) = &self.file {
            writeln!(output, "  場所: {}", file.display())?;
        }
        writeln!(output, "  → {}", self.mend)?;
        writeln!(output, "  問い合わせ先: {}", self.ask)?;
        if let Some(says) = self.browser_says {
            writeln!(output, "  ブラウザーの表示: {says}")?;
        }
        Ok(())
    }
}
