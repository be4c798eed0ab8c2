//! The PIN in a dialog of this computer, so that no browser ever sees it: `pinentry`, the program that GnuPG asks
//! with, spoken to in the Assuan protocol over a child process, or Windows' credential prompt.
//!
//! Sources: Libassuan's manual ("Client requests", "Server responses") and pinentry's ("Protocol"). By hand,
//! because the crate `pinentry` hides its child process, and a dialog must close when the page cancels.

mod dialog;
#[cfg(any(windows, test))]
mod prompt;

use std::{num::NonZeroUsize, path::PathBuf, time::Duration};

use touroku_proto::{
    card::{CardSummary, Pin, PinRules},
    origin::Origin,
};

use self::dialog::Dialog;
use crate::{
    card::{Subject, jpki},
    error::Error,
};

/// The usual locations of `pinentry`. Never looked up in `PATH`, which whoever starts the browser can set.
const USUAL: [&str; 3] =
    ["/usr/bin/pinentry", "/opt/homebrew/bin/pinentry-mac", "/usr/local/bin/pinentry-mac"];

/// How long a dialog waits for a person, the same as the card window.
const PATIENCE: Duration = Duration::from_secs(300);

/// Above each dialog.
const TITLE: &str = "ICカードのPIN番号";

/// Where PINs are entered (`pin_entry` in host.toml).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PinEntry {
    /// In the extension's card window.
    #[default]
    Window,
    /// In our own dialog. A PIN that an extension sends is refused.
    Host,
}

/// The dialog program, by its absolute path (`pin_entry_program` in host.toml).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program(PathBuf);

/// The path of the dialog program is not absolute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the dialog program needs its absolute path")]
pub struct ProgramError;

impl TryFrom<PathBuf> for Program {
    type Error = ProgramError;

    fn try_from(path: PathBuf) -> Result<Self, ProgramError> {
        if path.is_absolute() { Ok(Self(path)) } else { Err(ProgramError) }
    }
}

/// Asks for the PIN of `card` with the configured program, else with Windows' credential prompt in front of the
/// window `parent`, or with the usual `pinentry`; `said` is its [`description`]. Repeats until it has a format
/// that the card accepts: another one would only cost a try. Ends as `cancelled` as soon as nobody waits any more.
pub fn ask(
    program: Option<Program>,
    parent: Option<NonZeroUsize>,
    said: String,
    card: &CardSummary,
    is_awaited: impl Fn() -> bool + Send + 'static,
) -> Result<Pin, Error> {
    #[cfg(windows)]
    if program.is_none() {
        return prompt::ask(prompt::Credentials::before(parent), said, card, is_awaited);
    }
    // Elsewhere browsers name none.
    let _ = parent;
    Program::choose(program)?.ask(&said, card, is_awaited)
}

impl Program {
    /// The configured program, or the first usual one that exists.
    fn choose(configured: Option<Self>) -> Result<Self, Error> {
        let usual = || USUAL.iter().map(PathBuf::from).find(|path| path.is_file()).map(Self);
        configured.or_else(usual).ok_or_else(|| Error::PinEntry("no pinentry program".to_owned()))
    }

    fn ask(
        &self,
        said: &str,
        card: &CardSummary,
        is_awaited: impl Fn() -> bool + Send + 'static,
    ) -> Result<Pin, Error> {
        let mut dialog = Dialog::open(&self.0, is_awaited)?;
        let answer = dialog.converse(said, card);
        match (answer, dialog.end()) {
            // A dialog that we ended has broken off.
            (Err(Error::PinEntry(_)), Some(ended)) => Err(ended),
            (answer, _) => answer,
        }
    }
}

/// Who asks and for what, whose card it is, and how many tries are left: the same as in the card window.
pub fn description(origin: &Origin, subject: &Subject, card: &CardSummary) -> String {
    let mut lines = vec![format!("サイト：{}", shortened(origin.as_str(), 120))];
    if let Subject::Document(document, _) = subject {
        let (title, number) = (shortened(document.title(), 30), shortened(document.number(), 30));
        lines.push(format!("申請内容に署名します：{title}（受付番号 {number}）"));
    }
    let my_number = card.family == jpki::FAMILY;
    let names = [&card.holder, &card.company].map(|name| shortened(name, 30));
    let owner: Vec<_> = names.into_iter().filter(|name| !name.is_empty()).collect();
    if !owner.is_empty() {
        lines.push(format!("カード：{}", owner.join(" / ")));
    }
    if my_number {
        lines.push("カード：マイナンバーカード（利用者証明用電子証明書）".to_owned());
    } else if !card.issuer.is_empty() {
        lines.push(format!("認証局：{}", shortened(&card.issuer, 40)));
    }
    let unlocks = if my_number { "お住まいの市区町村の窓口" } else { "認証局" };
    lines.push(match card.tries_left {
        Some(1) => format!("残り1回。間違えるとカードはロックされ、{unlocks}でしか解除できません。"),
        Some(tries) => format!("残り{tries}回"),
        None => "残りの回数は、このカードからは分かりません。".to_owned(),
    });
    // Neither dialog can tell when its time is nearly over, so it is told at the beginning.
    lines.push(format!("{}を、{}分以内に入力してください。", shape(&card.pin), PATIENCE.as_secs() / 60));
    lines.join("\n")
}

fn misshapen(rules: &PinRules) -> String {
    format!("PIN番号の形式が正しくありません。カードには送っていません。{}です。", shape(rules))
}

fn shape(PinRules { min, max, letters }: &PinRules) -> String {
    let length = if min == max { min.to_string() } else { format!("{min}〜{max}") };
    if *letters { format!("半角英数字{length}文字") } else { format!("半角数字{length}桁") }
}

fn shortened(text: &str, longest: usize) -> String {
    let mut shortened: String =
        text.chars().take(longest).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if shortened.chars().count() < text.chars().count() {
        shortened.push('…');
    }
    shortened
}

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "in a test, a panic is the message")]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use tempfile::TempDir;

    use super::*;

    /// A program that speaks Assuan and answers each `GETPIN` with the next of these shell commands.
    struct Fake {
        folder: TempDir,
    }

    impl Fake {
        fn answering(answers: &[&str]) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let cases: String =
                answers.iter().enumerate().map(|(at, answer)| format!("{at}) {answer};;\n")).collect();
            let script = format!(
                "#!/bin/sh\ncd \"$(dirname \"$0\")\"\necho 'OK ready'\nasked=0\nwhile IFS= read -r line; do\n\
                 echo \"$line\" >> heard\ncase \"$line\" in\n'GETPIN '*) case $asked in\n{cases}esac\n\
                 asked=$((asked+1));;\nOPTION*) echo 'ERR 83886254 unknown option';;\nBYE*) echo OK; exit;;\n\
                 *) echo '# a comment'; echo OK;;\nesac\ndone\n"
            );
            let program = folder.path().join("pinentry");
            fs::write(&program, script).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
            Self { folder }
        }

        fn ask(&self, card: &CardSummary) -> Result<String, Error> {
            self.ask_while(card, || true)
        }

        fn ask_while(
            &self,
            card: &CardSummary,
            is_awaited: impl Fn() -> bool + Send + 'static,
        ) -> Result<String, Error> {
            let said = description(&origin(), &login(), card);
            let program = Program::try_from(self.folder.path().join("pinentry")).unwrap();
            program.ask(&said, card, is_awaited).map(|pin| pin.expose().to_owned())
        }

        fn heard(&self) -> String {
            fs::read_to_string(self.folder.path().join("heard")).unwrap()
        }
    }

    fn origin() -> Origin {
        Origin::parse("https://ebid.example.jp").unwrap()
    }

    fn login() -> Subject {
        Subject::Login(touroku_proto::token::Nonce::from_bytes(&[1; 32]))
    }

    #[test]
    fn the_dialog_names_the_application_that_is_signed() {
        let text = "利用者登録の申請\n書式\n　touroku-application:1\nサイト\n　https://ebid.example.jp\n受付番号\n　R-1\n";
        let document = touroku_proto::document::Document::parse(text.into()).unwrap();
        let said = description(&origin(), &Subject::Document(document, 0), &card(None));
        assert!(said.contains("申請内容に署名します：利用者登録の申請（受付番号 R-1）"), "{said}");
    }

    fn card(tries_left: Option<u8>) -> CardSummary {
        serde_json::from_value(serde_json::json!({
            "id": "ab", "family": "piv", "holder": "山田　太郎", "company": "北東建設100%", "issuer": "試験認証局",
            "not_before": "2026-01-01T00:00:00Z", "not_after": "2029-01-01T00:00:00Z", "tries_left": tries_left,
            "pin": {"min": 6, "max": 8, "letters": false}, "problem": null,
        }))
        .unwrap()
    }

    #[test]
    fn the_dialog_says_who_asks_for_whose_card_and_how_many_tries_are_left_and_brings_the_pin() {
        let fake = Fake::answering(&["echo 'S PIN_REPEATED'; echo 'D 123456'; echo OK"]);
        assert_eq!(fake.ask(&card(Some(2))), Ok("123456".to_owned()));
        let heard = fake.heard();
        let description = heard.lines().find(|line| line.starts_with("SETDESC ")).unwrap();
        for part in [
            "https://ebid.example.jp",
            "山田　太郎",
            "北東建設100%25",
            "試験認証局",
            "残り2回",
            "6〜8桁を、5分以内に",
        ] {
            assert!(description.contains(part), "{part}: {description}");
        }
        assert!(heard.contains("SETTIMEOUT 300"));
        assert!(!heard.contains("123456"), "the PIN goes one way only");
    }

    #[test]
    fn a_pin_of_a_shape_that_the_card_refuses_is_asked_for_again_and_costs_no_try() {
        let fake = Fake::answering(&["echo 'D 12'; echo OK", "echo OK", "echo 'D %31234567'; echo OK"]);
        assert_eq!(fake.ask(&card(None)), Ok("1234567".to_owned()));
        let heard = fake.heard();
        assert_eq!(heard.matches("SETERROR PIN番号の形式が正しくありません").count(), 2);
        assert!(heard.contains("分かりません"));
    }

    #[test]
    fn giving_up_and_waiting_too_long_are_told_apart_from_a_dialog_that_fails() {
        let outcome = |answer: &str| Fake::answering(&[answer]).ask(&card(Some(1))).unwrap_err();
        assert_eq!(outcome("echo 'ERR 83886179 Operation cancelled <Pinentry>'"), Error::Cancelled);
        assert_eq!(outcome("echo 'ERR 83886278 fully cancelled'"), Error::Cancelled);
        assert_eq!(outcome("echo 'ERR 83886142 Timeout <Pinentry>'"), Error::TimedOut);
        assert!(matches!(outcome("echo 'ERR 83918950 no tty'"), Error::PinEntry(_)));
        assert!(matches!(outcome("exit"), Error::PinEntry(_)));
        assert!(matches!(outcome("echo hello"), Error::PinEntry(_)));
        assert!(matches!(outcome("head -c 5000 /dev/zero | tr '\\0' x"), Error::PinEntry(_)));
    }

    #[test]
    fn a_dialog_closes_when_nobody_waits_for_the_pin_any_more() {
        let fake = Fake::answering(&["touch asked; exec sleep 600"]);
        let asked = fake.folder.path().join("asked");
        assert_eq!(fake.ask_while(&card(Some(3)), move || !asked.exists()), Err(Error::Cancelled));
    }

    #[test]
    fn a_my_number_card_is_called_that_and_unlocked_by_the_municipality() {
        let origin = Origin::parse("https://ebid.example.jp").unwrap();
        let (family, nobody) = (jpki::FAMILY.to_owned(), String::new);
        let card = CardSummary { family, holder: nobody(), company: nobody(), ..card(Some(1)) };
        let text =
            description(&origin, &Subject::Login(touroku_proto::token::Nonce::from_bytes(&[1; 32])), &card);
        assert!(text.contains("マイナンバーカード") && text.contains("市区町村の窓口"), "{text}");
        assert!(!text.contains("認証局"), "{text}");
    }

    #[test]
    fn a_program_that_is_not_there_or_not_named_by_its_whole_path_is_refused() {
        let missing = Program::try_from(PathBuf::from("/nonexistent/pinentry")).unwrap();
        assert!(matches!(missing.ask("", &card(None), || true), Err(Error::PinEntry(_))));
        assert_eq!(Program::try_from(PathBuf::from("pinentry")), Err(ProgramError));
    }
}
