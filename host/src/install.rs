//! `install` and `uninstall`: our manifest in each browser's folder, and the machine-wide configuration. `refresh`
//! is for packages: their drop-ins determine the machine-wide manifests.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use serde_json::Value;
use touroku_proto::{HOST_NAME, origin::Origin};

use crate::{
    browser::{Browser, Scope},
    config::{Config, ConfigError, ExtensionId, machine_wide_file},
    extend::{ExtendError, extend},
    manifest,
    registry::{self, Registry},
    relaxed_json::{self, TrailingCommas},
    replace::{self, Written},
    system::{Environment, System},
};

/// What `install` is told.
#[derive(Debug, clap::Args)]
pub struct Install {
    #[command(flatten)]
    target: Target,
    /// 拡張機能のID（英小文字a〜pが32文字）。省くと設定ファイルにあるIDを使う
    #[arg(long = "extension-id", value_name = "ID", num_args = 1.., value_parser = ExtensionId::parse)]
    extension_ids: Vec<ExtensionId>,
    /// カードの利用を許すサイト（https://…）。設定ファイルに書き加える
    #[arg(long, value_name = "URL", num_args = 1.., conflicts_with = "user", value_parser = Origin::parse_written)]
    allow_origin: Vec<Origin>,
}

/// What `uninstall` is told.
#[derive(Debug, clap::Args)]
pub struct Uninstall {
    #[command(flatten)]
    target: Target,
}

/// What `refresh` is told.
#[derive(Debug, clap::Args)]
pub struct Refresh {
    /// ブラウザーが起動するプログラム。省くとこのプログラム自身
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// 別のルートの下で行う
    #[arg(long, value_name = "DIR", default_value = "/")]
    root: PathBuf,
}

#[derive(Debug, clap::Args)]
struct Target {
    #[command(flatten)]
    whom: Whom,
    /// 対象のブラウザー
    #[arg(long, value_enum, num_args = 1.., default_value = "all")]
    browser: Vec<Choice>,
    /// ブラウザーが起動するプログラム。省くとこのプログラム自身
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// 別のルートの下で行う（パッケージを作るとき）
    #[arg(long, value_name = "DIR", default_value = "/")]
    root: PathBuf,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Whom {
    /// このパソコンの全員が使えるようにする（管理者として実行）
    #[arg(long)]
    system: bool,
    /// 自分だけが使えるようにする
    #[arg(long)]
    user: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Choice {
    Chrome,
    Chromium,
    Edge,
    All,
}

/// Why an installation, or its removal, stopped. What was done before stands.
#[derive(Debug, thiserror::Error)]
enum InstallError {
    /// No extension named, none in the configuration either.
    #[error("拡張機能のIDが分かりません。\n  → --extension-id で指定してください。[extension_id_missing]")]
    NoExtension,
    /// The program's path is relative or not UTF-8; a manifest cannot hold it.
    #[error("プログラムの場所が使えません: {0}\n  → --program に絶対パスを指定してください。[program_path]")]
    ProgramPath(PathBuf),
    /// No such program.
    #[error("プログラムがありません: {0}\n  → --program を確かめてください。[program_missing]")]
    ProgramMissing(PathBuf),
    /// `HOME` is not set.
    #[error("ホームフォルダーが分かりません。\n  → 環境変数 HOME を確かめてください。[home_missing]")]
    NoHome,
    /// The configuration is there and void.
    #[error(
        "設定ファイルを使えません: {0}: {1}\n  → 内容を直してから、もう一度実行してください。ファイルは変えていません。[config_invalid]"
    )]
    Config(PathBuf, ConfigError),
    /// A file or folder could not be written or removed.
    #[error("書き込めません: {0}: {1}\n  → {hint}[not_written]", hint = hint(.1))]
    Write(PathBuf, io::Error),
    /// The terminal is gone.
    #[error("結果を出力できません: {0}")]
    Output(#[from] io::Error),
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "管理者として（sudo を付けて）実行してください。",
        io::ErrorKind::ReadOnlyFilesystem => "書き込みできる場所か、システムの管理者に確かめてください。",
        io::ErrorKind::StorageFull => "ディスクの空きを増やしてください。",
        _ => "記号を添えて、システムの窓口にお問い合わせください。",
    }
}

impl InstallError {
    fn status(&self) -> u8 {
        match self {
            Self::NoExtension | Self::ProgramPath(_) | Self::ProgramMissing(_) => 2,
            _ => 1,
        }
    }
}

impl Install {
    /// Installs, says what it did; the process's exit status.
    pub fn run(self, output: &mut impl Write, config: Option<PathBuf>, environment: &Environment) -> u8 {
        finish(self.install(output, config, environment))
    }

    fn install(
        self,
        output: &mut impl Write,
        config: Option<PathBuf>,
        environment: &Environment,
    ) -> Result<(), InstallError> {
        let system = System::new(&self.target.root, environment);
        let program = self.target.program(environment)?;
        if self.target.root == Path::new("/") && !program.is_file() {
            return Err(InstallError::ProgramMissing(program));
        }
        let program = program.to_str().ok_or_else(|| InstallError::ProgramPath(program.clone()))?.to_owned();
        let file = config.unwrap_or_else(|| configuration(&system, environment));
        let known = read(&file)?.extensions();
        let mut extensions = known.clone();
        extensions.extend(self.extension_ids.iter().filter(|id| !known.contains(id)).cloned());
        if extensions.is_empty() {
            return Err(InstallError::NoExtension);
        }
        // A missing home must not leave a partial installation.
        let files = self.target.files(&system)?;
        match self.target.scope() {
            Scope::System => {
                let new: Vec<_> = self.extension_ids.into_iter().filter(|id| !known.contains(id)).collect();
                let written = extend(&file, &self.allow_origin, &new).map_err(|error| match error {
                    ExtendError::Unusable(file, error) => InstallError::Config(file, error),
                    ExtendError::Unwritable(file, error) => InstallError::Write(file, error),
                })?;
                writeln!(output, "設定ファイル: {} {}", did(written), file.display())?;
                if read(&file)?.origins().is_empty() {
                    writeln!(
                        output,
                        "  注意: 許可したサイトがありません。--allow-origin で加えてください。"
                    )?;
                }
            }
            Scope::User if self.extension_ids.iter().any(|id| !known.contains(id)) => {
                writeln!(output, "注意: 設定ファイル {} が、この拡張機能を許していません。", file.display())?;
                writeln!(output, "  → 管理者に allowed_extensions への追加を依頼してください。")?;
            }
            Scope::User => {}
        }
        let text = manifest::text(&program, &extensions);
        for (browser, file) in files {
            let before = owner(&file);
            let written =
                replace::write(&file, &text).map_err(|error| InstallError::Write(file.clone(), error))?;
            writeln!(output, "{}: {} {}", browser.name(), did(written), file.display())?;
            if let Owner::Program(other) = before
                && other != Path::new(&program)
            {
                writeln!(output, "  以前のプログラム: {}", other.display())?;
            }
            if let Some(registry) = system.registry() {
                let written = registry::register(registry, browser, self.target.scope(), &file);
                let written = written.map_err(|error| InstallError::Write(file.clone(), error))?;
                let did = if written { "書きました" } else { "変更なし" };
                writeln!(output, "{}: レジストリ: {did}", browser.name())?;
            }
        }
        writeln!(output, "ブラウザーを再起動する必要はありません。確認: touroku-host doctor")?;
        Ok(())
    }
}

impl Refresh {
    /// Writes everybody's manifests once more as the configuration now says, or takes them away where it lists no
    /// extension. Where they are registered in a registry the package did that itself.
    pub fn run(self, output: &mut impl Write, config: Option<PathBuf>, environment: &Environment) -> u8 {
        finish(self.refresh(output, config, environment))
    }

    fn refresh(
        self,
        output: &mut impl Write,
        config: Option<PathBuf>,
        environment: &Environment,
    ) -> Result<(), InstallError> {
        let system = System::new(&self.root, environment);
        let program = self.program.or_else(|| environment.program.clone()).unwrap_or_default();
        let program = program.to_str().ok_or_else(|| InstallError::ProgramPath(program.clone()))?;
        let file = config.unwrap_or_else(|| configuration(&system, environment));
        let extensions = read(&file)?.extensions();
        for browser in Browser::ALL {
            let manifest = system.manifest(browser, Scope::System).ok_or(InstallError::NoHome)?;
            if matches!(owner(&manifest), Owner::Foreign) {
                continue;
            }
            let unwritable = |error| InstallError::Write(manifest.clone(), error);
            if !extensions.is_empty() {
                let text = manifest::text(program, &extensions);
                let written = replace::write(&manifest, &text).map_err(unwritable)?;
                writeln!(output, "{}: {} {}", browser.name(), did(written), manifest.display())?;
            } else if manifest.exists() {
                fs::remove_file(&manifest).map_err(unwritable)?;
                remove_empty_folders(&manifest);
                writeln!(output, "{}: 登録を取り消しました {}", browser.name(), manifest.display())?;
            }
        }
        Ok(())
    }
}

impl Uninstall {
    /// Removes our manifests, says what it did; the process's exit status.
    pub fn run(self, output: &mut impl Write, environment: &Environment) -> u8 {
        finish(self.uninstall(output, environment))
    }

    fn uninstall(self, output: &mut impl Write, environment: &Environment) -> Result<(), InstallError> {
        let system = System::new(&self.target.root, environment);
        let program = self.target.program(environment)?;
        for (browser, file) in self.target.files(&system)? {
            let name = browser.name();
            if let Some(registry) = system.registry()
                && self.unregister(registry, output, browser, &file)?
            {
                // Another browser still reads the manifest.
                continue;
            }
            match owner(&file) {
                Owner::Nobody => writeln!(output, "{name}: 登録はありません {}", file.display())?,
                Owner::Program(other) if other != program && other.exists() => {
                    writeln!(output, "{name}: 残しました {}", file.display())?;
                    writeln!(output, "  別の場所のプログラムの登録です: {}", other.display())?;
                }
                Owner::Foreign => {
                    writeln!(output, "{name}: 残しました {}", file.display())?;
                    writeln!(output, "  ほかの製品のファイルです。")?;
                }
                Owner::Program(_) | Owner::Unclear => {
                    fs::remove_file(&file).map_err(|error| InstallError::Write(file.clone(), error))?;
                    remove_empty_folders(&file);
                    writeln!(output, "{name}: 登録を取り消しました {}", file.display())?;
                }
            }
        }
        if self.target.whom.system {
            let file = configuration(&system, environment);
            if file.exists() {
                writeln!(output, "設定ファイル: 残しました {}", file.display())?;
            }
        }
        Ok(())
    }
}

impl Uninstall {
    /// Takes a browser's registration away; whether the manifest is still in use.
    fn unregister(
        &self,
        registry: &dyn Registry,
        output: &mut impl Write,
        browser: Browser,
        file: &Path,
    ) -> Result<bool, InstallError> {
        let done = registry::unregister(registry, browser, self.target.scope(), file)
            .map_err(|error| InstallError::Write(file.to_owned(), error))?;
        let name = browser.name();
        if done.removed > 0 {
            writeln!(output, "{name}: レジストリの登録を取り消しました")?;
        }
        for other in done.others {
            writeln!(output, "{name}: 別の場所の登録を残しました {}", other.display())?;
        }
        Ok(registry::is_registered(registry, file))
    }
}

/// What is configured; nothing, where nothing is there.
fn read(file: &Path) -> Result<Config, InstallError> {
    match Config::read(file) {
        Err(ConfigError::Missing) => Ok(Config::default()),
        done => done.map_err(|error| InstallError::Config(file.to_owned(), error)),
    }
}

/// The machine-wide configuration below this system's root.
fn configuration(system: &System, environment: &Environment) -> PathBuf {
    let file = machine_wide_file(environment.program.as_deref());
    if cfg!(windows) { file } else { system.at(&file.to_string_lossy()) }
}

impl Target {
    fn scope(&self) -> Scope {
        if self.whom.system { Scope::System } else { Scope::User }
    }

    fn program(&self, environment: &Environment) -> Result<PathBuf, InstallError> {
        let program = self.program.clone().or_else(|| environment.program.clone()).unwrap_or_default();
        if program.is_absolute() { Ok(program) } else { Err(InstallError::ProgramPath(program)) }
    }

    fn files(&self, system: &System) -> Result<Vec<(Browser, PathBuf)>, InstallError> {
        let chosen = Browser::ALL.into_iter().filter(|browser| {
            self.browser.iter().any(|choice| match choice {
                Choice::All => true,
                Choice::Chrome => *browser == Browser::Chrome,
                Choice::Chromium => *browser == Browser::Chromium,
                Choice::Edge => *browser == Browser::Edge,
            })
        });
        let file = |browser| {
            let file = system.manifest(browser, self.scope()).ok_or(InstallError::NoHome)?;
            Ok((browser, file))
        };
        chosen.map(file).collect()
    }
}

/// The browser's folder for manifests and the browser's own, if an installation had to make them.
fn remove_empty_folders(file: &Path) {
    for folder in file.ancestors().skip(1).take(2) {
        // It contains somebody's file, or we may not remove it: it stays.
        if fs::remove_dir(folder).is_err() {
            return;
        }
    }
}

/// Whose a file under our name is.
pub(crate) enum Owner {
    /// No file.
    Nobody,
    /// A registration of this product; the program that it names.
    Program(PathBuf),
    /// A broken file under our name.
    Unclear,
    /// A manifest for another name: somebody else's, whatever the file is called.
    Foreign,
}

/// Reads whose a file under our name is.
pub(crate) fn owner(file: &Path) -> Owner {
    if fs::symlink_metadata(file).is_err() {
        return Owner::Nobody;
    }
    let Ok(bytes) = fs::read(file) else { return Owner::Unclear };
    let Ok(manifest) = relaxed_json::parse(&bytes, TrailingCommas::Allowed) else {
        return match name_in(&String::from_utf8_lossy(&bytes)) {
            Some(name) if name != HOST_NAME => Owner::Foreign,
            _ => Owner::Unclear,
        };
    };
    let text = |key| manifest.get(key).and_then(Value::as_str);
    match (text("name"), text("path")) {
        (Some(name), _) if name != HOST_NAME => Owner::Foreign,
        // On Windows a relative path is relative to the manifest.
        (Some(_), Some(path)) => Owner::Program(file.parent().unwrap_or(Path::new("")).join(path)),
        _ => Owner::Unclear,
    }
}

/// The `name` of a manifest that is no JSON, as far as it can be made out.
pub(crate) fn name_in(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("\"name\"")?;
    let value = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    value.split(['"', '\n']).next()
}

fn did(written: Written) -> &'static str {
    match written {
        Written::Created => "書きました",
        Written::Replaced => "書き換えました",
        Written::Unchanged => "変更なし",
    }
}

fn finish(done: Result<(), InstallError>) -> u8 {
    match done {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("{error}");
            error.status()
        }
    }
}
