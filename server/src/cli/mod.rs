//! The commands of `touroku-server`. Exit status: 0 done or accepted, 1 failed or refused, 2 wrong usage.

mod agency;
mod application;
mod audit;
mod backup;
mod cards;
mod check;
mod help;
mod key;
mod officer;
mod oidc;
mod place;
mod postal;
mod receipt;
mod restore;
mod roster;
mod serve;
mod store;
mod verify_certificate;
mod verify_token;

use std::{path::Path, process::ExitCode, sync::Arc};

use clap::{Parser, Subcommand};
use touroku_proto::agency::AgencyProfile;

use crate::{agency::read_folder, error::Error, outside::Outside};

/// Command line.
#[derive(Debug, Parser)]
#[command(name = "touroku-server", version, about = "電子入札 利用者登録サーバー")]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// サーバーを動かす
    Serve(serve::Serve),
    /// 有資格業者名簿
    #[command(subcommand)]
    Roster(roster::Roster),
    /// ID登録申請の審査
    #[command(subcommand)]
    Application(application::Application),
    /// 発注機関の職員
    #[command(subcommand)]
    Officer(officer::Officer),
    /// 電子入札システムのログイン（OpenID Connect）
    #[command(subcommand)]
    Oidc(oidc::Oidc),
    /// 監査記録
    #[command(subcommand)]
    Audit(audit::Audit),
    /// 控えを作る。サーバーは動いたままでよい
    Backup(backup::Backup),
    /// 控えから戻す。サーバーは止めておく
    Restore(restore::Restore),
    /// サーバーの鍵
    #[command(subcommand)]
    Key(key::Key),
    /// 登録されているICカード
    #[command(subcommand)]
    Cards(cards::Cards),
    /// 郵便番号
    #[command(subcommand)]
    Postal(postal::Postal),
    /// データベースの引っ越し
    #[command(subcommand)]
    Store(store::Store),
    /// トークンを検証する
    VerifyToken(verify_token::VerifyToken),
    /// 証明書を検証する
    VerifyCertificate(verify_certificate::VerifyCertificate),
    /// 発注機関のファイル
    #[command(subcommand)]
    Agency(agency::Agency),
    /// マニュアルとシェルの補完を書き出す（配布物を作るため）
    #[command(hide = true)]
    HelpFiles(help::HelpFiles),
}

/// What a command came to.
enum Verdict {
    /// Done, accepted.
    Good,
    /// Refused; the command has said why.
    Bad,
}

impl Cli {
    /// Runs the command and says on standard error why it failed.
    pub fn run(self, outside: Outside) -> ExitCode {
        let outcome = match self.command {
            Command::Serve(command) => command.run(outside),
            Command::Roster(command) => command.run(&outside),
            Command::Application(command) => command.run(&outside),
            Command::Officer(command) => command.run(&outside),
            Command::Oidc(command) => command.run(&outside),
            Command::Audit(command) => command.run(&outside),
            Command::Backup(command) => command.run(&outside),
            Command::Restore(command) => command.run(&outside),
            Command::Key(command) => command.run(&outside),
            Command::HelpFiles(command) => command.run(),
            Command::Cards(command) => command.run(outside),
            Command::Postal(command) => command.run(),
            Command::Store(command) => command.run(),
            Command::VerifyToken(command) => command.run(&outside),
            Command::VerifyCertificate(command) => command.run(&outside),
            Command::Agency(command) => command.run(),
        };
        match outcome {
            Ok(Verdict::Good) => ExitCode::SUCCESS,
            Ok(Verdict::Bad) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("エラー: {error}");
                match error {
                    Error::Busy => eprintln!("しばらくしてから、もう一度実行してください。"),
                    Error::Disk(_) => eprintln!("ディスクの空きを確かめて、もう一度実行してください。"),
                    _ => {}
                }
                ExitCode::FAILURE
            }
        }
    }
}

/// The profile that `--agency` names.
fn profile_of(folder: &Path, code: &str) -> Result<Arc<AgencyProfile>, Error> {
    let mut profiles = read_folder(folder)?;
    profiles.remove(code).map(|(_, profile)| profile).ok_or_else(|| {
        let known: Vec<&str> = profiles.keys().map(String::as_str).collect();
        let message = format!("「{code}」はありません。あるのは: {}", known.join("、"));
        Error::Setting { name: "--agency", message }
    })
}

/// `--at`: RFC 3339, e.g. `2026-11-21T09:00:00+09:00`; absent: now. Answers Unix seconds.
fn moment(at: Option<jiff::Timestamp>, outside: &Outside) -> i64 {
    at.map_or_else(|| outside.now().div_euclid(1000), jiff::Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_of_the_operators_guide_is_one() {
        let guide = include_str!("../../../docs/operators.md");
        let commands =
            guide.split(['`', '\n']).map(str::trim).filter(|text| text.starts_with("touroku-server "));
        let mut count = 0;
        for command in commands {
            let parsed = Cli::try_parse_from(command.split_whitespace());
            assert!(parsed.is_ok(), "{command}: {}", parsed.err().unwrap());
            count += 1;
        }
        assert!(count > 8, "{count}");
    }

    #[test]
    fn every_alarm_of_the_operators_guide_looks_at_a_figure_that_there_is() {
        let (guide, figures) = (include_str!("../../../docs/operators.md"), include_str!("../metrics.rs"));
        let words = guide.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let named: Vec<_> = words.filter(|word| word.starts_with("touroku_")).collect();
        assert!(named.len() > 8, "{named:?}");
        for name in named {
            assert!(figures.contains(&format!("\"{name}\"")), "{name}");
        }
    }
}
