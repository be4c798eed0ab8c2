//! The command line for administrators and measurements.

use std::{
    ffi::OsString,
    io::{self, Read, Write},
    num::NonZeroUsize,
    path::PathBuf,
    time::Duration,
};

use clap::{Parser, Subcommand};
use serde::Serialize;
use touroku_proto::{
    card::{CardError, CardErrorCode, CardSummary, Part, Pin, Reader, ReaderState, ServiceState},
    certificate::NO_END,
    origin::Origin,
    token::{Nonce, Token},
};
use zeroize::Zeroizing;

use crate::{
    card::{
        Accepted, Clock, Control, Request, Subject, attended,
        pcsc::{self, Service},
        pkcs11::{
            merge::may_be_a_token,
            modules::{ModuleReport, Modules},
            wire,
        },
        survey::{Place, Survey},
        until_halt::UntilHalt,
    },
    config::{CALLER_SCHEME, Config, machine_wide_file},
    doctor::Doctor,
    error::Error,
    halt::Halt,
    install::{Install, Refresh, Uninstall},
    locked, part,
    system::Environment,
    text,
};

/// The longest first line that is read for a PIN, in bytes.
const MAX_PIN_LINE: usize = 64;

/// How this process was called.
#[derive(Debug)]
pub enum Invocation {
    /// By a browser.
    Browser {
        /// The caller's origin, as the browser gave it.
        caller: String,
        /// From `--config`, in a wrapper script; a browser cannot give it.
        config: Option<PathBuf>,
        /// From `--parent-window`, which browsers on Windows add; 0 means none.
        window: Option<NonZeroUsize>,
    },
    /// By this program itself, as the process of the PKCS#11 module in that file, which that configuration lists.
    Module(PathBuf, Option<PathBuf>),
    /// By a person.
    Person(Arguments),
}

/// Touroku のカード接続プログラム
#[derive(Debug, Parser)]
#[command(name = "touroku-host", version, arg_required_else_help = true)]
pub struct Arguments {
    /// 設定ファイル（ブラウザーから使うときの許可リスト）
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// カードで署名し、認証トークン（JSON）を標準出力に書く。PINは標準入力の1行目
    Authenticate(Authenticate),
    /// ブラウザーからカードまでを調べ、見つけた問題と直し方を示す（何も変えない）
    Doctor(Doctor),
    /// ブラウザーにこのプログラムを登録する（何度実行しても同じ結果になる）
    Install(Install),
    /// ブラウザーへの登録を取り消す
    Uninstall(Uninstall),
    /// 全員用の登録を、いまの設定ファイルから作り直す（発注機関のパッケージが呼ぶ）
    Refresh(Refresh),
    /// サービス、リーダー、カードの状態を表示する
    Status {
        /// JSONで出力する
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, clap::Args)]
struct Authenticate {
    /// トークンを使うサイト（https://…）
    #[arg(long, value_parser = Origin::parse)]
    origin: Origin,
    /// サーバーの乱数（base64、44〜128文字）
    #[arg(long, value_parser = Nonce::parse)]
    nonce: Nonce,
    /// リーダーの名前、またはその一部
    #[arg(long, value_name = "NAME")]
    reader: Option<String>,
    /// PINを試せるのがあと1回でも実行する
    #[arg(long)]
    accept_last_try: bool,
    /// マイナンバーカードでも実行する（サイトがマイナンバーカードを受け付けるとき）
    #[arg(long)]
    my_number: bool,
}

/// What `status --json` prints.
#[derive(Serialize)]
struct Report {
    #[serde(flatten)]
    part: Part,
    service: ServiceState,
    readers: Vec<Reader>,
    /// The PKCS#11 modules that were asked.
    modules: Vec<ModuleReport>,
}

impl Invocation {
    /// Reads the command line, without the program's name. Whatever else a browser adds is ignored; a
    /// person's mistakes end the process with clap's message and status 2.
    pub fn parse(arguments: Vec<OsString>) -> Self {
        match arguments.as_slice() {
            [argument, file] if argument == wire::ARGUMENT => return Self::Module(file.into(), None),
            [argument, file, config] if argument == wire::ARGUMENT => {
                return Self::Module(file.into(), Some(config.into()));
            }
            _ => {}
        }
        let texts: Vec<String> = arguments.iter().map(|text| text.to_string_lossy().into_owned()).collect();
        let Some(at) = texts.iter().position(|text| text.starts_with(CALLER_SCHEME)) else {
            let named = std::iter::once(OsString::from("touroku-host")).chain(arguments);
            return Self::Person(Arguments::parse_from(named));
        };
        // Only before the caller's origin, which browsers put first.
        let config = (0..at).find_map(|i| match texts[i].strip_prefix("--config") {
            Some("") if i + 1 < at => Some(PathBuf::from(&arguments[i + 1])),
            Some(rest) => rest.strip_prefix('=').map(PathBuf::from),
            None => None,
        });
        let window = texts.iter().find_map(|text| text.strip_prefix("--parent-window=")?.parse().ok());
        Self::Browser { caller: texts[at].clone(), config, window }
    }
}

impl Arguments {
    /// Carries the command out; the process's exit status.
    pub fn run(
        self,
        input: impl Read,
        output: &mut impl Write,
        clock: Clock,
        environment: &Environment,
    ) -> u8 {
        let file = self.config.clone().unwrap_or_else(|| machine_wide_file(environment.program.as_deref()));
        // Only the list of modules matters here, and an unreadable file has none.
        let config = Config::read(&file).unwrap_or_default();
        let modules = Modules::new(environment.program.clone(), &config).configured_by(file);
        pcsc::use_pin_pads(config.use_pin_pads);
        let done = match self.command {
            Command::Authenticate(arguments) => arguments.run(input, output, &modules, clock),
            Command::Doctor(arguments) => return arguments.run(output, self.config, environment, clock),
            Command::Install(arguments) => return arguments.run(output, self.config, environment),
            Command::Uninstall(arguments) => return arguments.run(output, environment),
            Command::Refresh(arguments) => return arguments.run(output, self.config, environment),
            Command::Status { json } => status(json, output, &modules, clock),
        };
        match done {
            Ok(()) => 0,
            Err(error) => {
                eprintln!("{}", text::explain(&error));
                text::exit_code(error.code)
            }
        }
    }
}

impl Authenticate {
    // The configuration's list of origins does not apply here. It keeps web pages from using the host for other
    // sites; a person at the shell, who holds card and PIN, could sign with any other program as well.
    fn run(
        self,
        input: impl Read,
        output: &mut impl Write,
        modules: &Modules,
        clock: Clock,
    ) -> Result<(), CardError> {
        let pin = read_pin(input).map_err(|error| internal(&error))?;
        let (place, card) = self.choose(modules, clock)?;
        let mut request = Request {
            origin: self.origin.clone(),
            subject: Subject::Login(self.nonce.clone()),
            card,
            pin,
            accept_last_try: self.accept_last_try,
            accepted: self.accepted(),
            known: None,
        };
        let _locked = locked::lock(request.pin.expose());
        let mut token;
        (token, request) = sign(place, modules, request, clock)?;
        // Chosen only by its reader, and of no family that this host supports: perhaps a module does. Its PIN was
        // not sent anywhere.
        if let (Err(error), None) = (&token, &request.card)
            && may_be_a_token(error.to_card_error().code)
        {
            let (place, card) = self.choose_by_survey(modules, clock)?;
            request.card = card;
            (token, _) = sign(place, modules, request, clock)?;
        }
        let token: Token = token.map_err(|error| error.to_card_error())?;
        let json = serde_json::to_string(&token).expect("a token is JSON");
        writeln!(output, "{json}").map_err(|error| internal(&error))
    }

    fn accepted(&self) -> Accepted {
        Accepted { my_number: self.my_number }
    }

    /// The only reader with a card, without reading it first, or else the only usable card. Never a guess.
    fn choose(&self, modules: &Modules, clock: Clock) -> Result<(Place, Option<String>), CardError> {
        if modules.iter().any(|module| module.listed) {
            return self.choose_by_survey(modules, clock);
        }
        let all = attended::ask_service(|| Service::establish()?.snapshot());
        let all = all.map_err(|error| error.to_card_error())?;
        let mut readers = self.named(all, |(reader, _)| reader.display());
        if readers.is_empty() {
            return Err(Error::NoReader.to_card_error());
        }
        readers.retain(|(_, presence)| presence.has_card());
        match readers.as_slice() {
            [] => Err(Error::NoCard.to_card_error()),
            [(reader, _)] => Ok((Place::Reader(reader.clone()), None)),
            _ => self.choose_by_survey(modules, clock),
        }
    }

    fn choose_by_survey(
        &self,
        modules: &Modules,
        clock: Clock,
    ) -> Result<(Place, Option<String>), CardError> {
        let halt = Halt::default();
        let survey = Survey::take(modules, &halt, self.accepted(), clock(), false);
        let survey = survey.map_err(|error| error.to_card_error())?;
        let readers = self.named(survey.readers.clone(), |reader| reader.name.clone());
        let mut refusal = match (survey.service, readers.is_empty()) {
            (ServiceState::Off, true) if survey.silent => Error::ServiceSilent.to_card_error(),
            (ServiceState::Off, true) => Error::ServiceOff.to_card_error(),
            (_, true) => Error::NoReader.to_card_error(),
            _ => Error::NoCard.to_card_error(),
        };
        let mut usable = Vec::new();
        for Reader { name, state } in readers {
            match state {
                ReaderState::Card { card: CardSummary { problem: Some(error), .. } }
                | ReaderState::Unusable { error } => refusal = error,
                ReaderState::Card { card } => usable.push((name, card)),
                ReaderState::Empty | ReaderState::Reading => {}
            }
        }
        match usable.as_slice() {
            [] => Err(refusal),
            [(_, card)] => {
                let place = survey.place(&card.id).ok_or_else(|| Error::CardRemoved.to_card_error())?;
                Ok((place, Some(card.id.clone())))
            }
            several => {
                eprintln!("使えるカードが{}枚あります。--reader で選んでください。", several.len());
                for (reader, card) in several {
                    eprintln!("  {reader}: {}", owner(card));
                }
                Err(CardError::new(CardErrorCode::BadRequest).with_field("reader"))
            }
        }
    }

    /// Those that `--reader` means. A full name is meant for itself, even where it is part of another one.
    fn named<T>(&self, all: Vec<T>, name: impl Fn(&T) -> String) -> Vec<T> {
        let Some(wanted) = &self.reader else { return all };
        let exact = all.iter().any(|item| name(item) == *wanted);
        let is_meant =
            |item: &T| if exact { name(item) == *wanted } else { name(item).contains(wanted.as_str()) };
        all.into_iter().filter(is_meant).collect()
    }
}

/// Signs there, unless another program keeps the card. The request comes back, for a second place.
fn sign(
    place: Place,
    modules: &Modules,
    request: Request,
    clock: Clock,
) -> Result<(Result<Token, Error>, Request), CardError> {
    let modules = modules.clone();
    let signing = attended::begin(AtTerminal(UntilHalt(Halt::default())), move |control| {
        let token = place.authenticate(&modules, control, &request, clock);
        Ok((token, request))
    });
    signing.wait().map_err(|error| error.to_card_error())
}

/// Tells the person at the terminal when the reader asks for the PIN.
struct AtTerminal(UntilHalt);

impl Control for AtTerminal {
    fn proceed(&mut self) -> Result<(), Error> {
        self.0.proceed()
    }

    fn at_reader(&mut self, time: Duration, _: u32, _: u32) -> Result<(), Error> {
        eprintln!("カードリーダーのキーで、PINを入力してください（{}秒以内）。", time.as_secs());
        self.proceed()
    }
}

/// The first line. It is never in a buffer that is not overwritten afterwards.
fn read_pin(mut input: impl Read) -> io::Result<Pin> {
    let mut line = Zeroizing::new(Vec::with_capacity(MAX_PIN_LINE));
    let mut byte = Zeroizing::new([0]);
    while line.len() < MAX_PIN_LINE && input.read(&mut *byte)? == 1 && byte[0] != b'\n' {
        line.push(byte[0]);
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    // Not UTF-8: then it is not a PIN either, and is refused as one of a wrong format.
    Ok(Pin::new(std::str::from_utf8(&line).unwrap_or_default().to_owned()))
}

fn status(json: bool, output: &mut impl Write, modules: &Modules, clock: Clock) -> Result<(), CardError> {
    let halt = Halt::default();
    let survey = Survey::take(modules, &halt, Accepted::ALL, clock(), false);
    let Survey { service, silent, readers, reports, .. } = survey.map_err(|error| error.to_card_error())?;
    let modules = reports.iter().map(ModuleReport::new).collect();
    let report = Report { part: part::ours(), service, readers, modules };
    let written = if json {
        let json = serde_json::to_string_pretty(&report).expect("a report is JSON");
        writeln!(output, "{json}")
    } else {
        report.write(output)
    };
    written.map_err(|error| internal(&error))?;
    match service {
        ServiceState::Running => Ok(()),
        ServiceState::Off if silent => Err(Error::ServiceSilent.to_card_error()),
        ServiceState::Off => Err(Error::ServiceOff.to_card_error()),
    }
}

impl Report {
    fn write(&self, output: &mut impl Write) -> io::Result<()> {
        writeln!(output, "touroku-host {}（プロトコル {}）", self.part.version, self.part.protocol)?;
        let service = match self.service {
            ServiceState::Running => "動作中",
            ServiceState::Off => "停止",
        };
        writeln!(output, "スマートカードサービス: {service}")?;
        if self.service == ServiceState::Running && self.readers.is_empty() {
            writeln!(output, "リーダー: なし")?;
        }
        for module in &self.modules {
            writeln!(output, "{}", module.line())?;
            module.error.as_ref().map_or(Ok(()), |error| write_problem(output, error))?;
        }
        for reader in &self.readers {
            writeln!(output, "リーダー: {}", reader.name)?;
            match &reader.state {
                ReaderState::Empty => writeln!(output, "  カード: なし")?,
                ReaderState::Reading => writeln!(output, "  カード: 読み取り中")?,
                ReaderState::Unusable { error } => write_problem(output, error)?,
                ReaderState::Card { card } => write_card(output, card)?,
            }
        }
        Ok(())
    }
}

fn write_card(output: &mut impl Write, card: &CardSummary) -> io::Result<()> {
    writeln!(output, "  取得者: {}", card.holder)?;
    writeln!(output, "  企業: {}", card.company)?;
    writeln!(output, "  発行者: {}", card.issuer)?;
    writeln!(output, "  有効期限: {}", japanese_date(&card.not_after))?;
    match card.tries_left {
        None if card.tries_low => writeln!(output, "  PIN残り回数: 不明（前回、PINを間違えています）")?,
        Some(tries) => writeln!(output, "  PIN残り回数: {tries}")?,
        None => writeln!(output, "  PIN残り回数: 不明")?,
    }
    card.problem.as_ref().map_or(Ok(()), |problem| write_problem(output, problem))
}

fn write_problem(output: &mut impl Write, error: &CardError) -> io::Result<()> {
    let explained = text::explain(error).replace('\n', "\n  ");
    writeln!(output, "  使えません: {explained}")
}

/// `YYYY/MM/DD` in Japan's time, as the registration's screens write it.
fn japanese_date(rfc3339: &str) -> String {
    if rfc3339 == touroku_proto::certificate::rfc3339(NO_END) {
        return "期限の定めなし".to_owned();
    }
    let japan = jiff::tz::TimeZone::fixed(jiff::tz::offset(9));
    let date = rfc3339.parse::<jiff::Timestamp>().map(|time| time.to_zoned(japan));
    date.map_or_else(|_| rfc3339.to_owned(), |date| date.strftime("%Y/%m/%d").to_string())
}

fn owner(card: &CardSummary) -> String {
    [card.holder.as_str(), &card.company]
        .into_iter()
        .filter(|name| !name.is_empty())
        .collect::<Vec<_>>()
        .join(" / ")
}

fn internal(error: &io::Error) -> CardError {
    CardError::new(CardErrorCode::Internal).with_detail(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Invocation {
        Invocation::parse(arguments.iter().map(Into::into).collect())
    }

    #[test]
    fn a_browsers_call_is_recognised_whatever_else_it_passes() {
        let caller = "chrome-extension://abcdefghijklmnopabcdefghijklmnop/";
        for (arguments, expected) in [
            (vec![caller], None),
            (vec![caller, "--parent-window=0"], None),
            (vec![caller, "--config", "/tmp/evil.toml", "status"], None),
            (vec!["--config", "/tmp/a.toml", caller], Some("/tmp/a.toml")),
            (vec!["--config=/tmp/a.toml", caller, "--unknown"], Some("/tmp/a.toml")),
            (vec!["--config", caller], None),
        ] {
            let Invocation::Browser { caller: found, config, .. } = parse(&arguments) else {
                panic!("{arguments:?}")
            };
            assert_eq!((found.as_str(), config), (caller, expected.map(PathBuf::from)), "{arguments:?}");
        }
    }

    #[test]
    fn a_browsers_window_is_taken_where_it_names_one() {
        let caller = "chrome-extension://abcdefghijklmnopabcdefghijklmnop/";
        for (argument, expected) in [
            ("--parent-window=66302", NonZeroUsize::new(66302)),
            ("--parent-window=0", None),
            ("--parent-window=", None),
            ("--parent-window=-1", None),
            ("--parent-window=x", None),
            ("--window=1", None),
        ] {
            let Invocation::Browser { window, .. } = parse(&[caller, argument]) else { panic!("{argument}") };
            assert_eq!(window, expected, "{argument}");
        }
    }

    #[test]
    fn the_pin_is_the_first_line_and_nothing_else() {
        for (input, pin) in [
            (&b"123456\nrest"[..], "123456"),
            (b"123456\r\n", "123456"),
            (b"123456", "123456"),
            (b"", ""),
            (b"\n123456", ""),
            (b" 123456\n", " 123456"),
            (b"\xFF\xFE1234\n", ""),
        ] {
            assert_eq!(read_pin(input).unwrap().expose(), pin);
        }
        assert_eq!(read_pin(&[b'1'; 1000][..]).unwrap().expose().len(), MAX_PIN_LINE);
    }

    #[test]
    fn a_validity_ends_on_the_day_it_is_in_japan() {
        assert_eq!(japanese_date("2029-12-13T14:59:59Z"), "2029/12/13");
        assert_eq!(japanese_date("2029-12-13T15:00:00Z"), "2029/12/14");
    }
}
