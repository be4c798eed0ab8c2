//! `roster import`: a CSV file becomes the roster of an agency.

use std::path::PathBuf;

use super::{Verdict, profile_of};
use crate::{
    error::Error,
    outside::Outside,
    roster::{RosterFile, import},
    store::Exclusive,
};

/// What to do with rosters.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Roster {
    /// CSVファイル（UTF-8、CP932、カンマまたはタブ区切り）を取り込む
    Import(Import),
}

/// Flags of `roster import`.
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// 取り込むファイル
    file: PathBuf,
    /// 発注機関のcode
    #[arg(long)]
    agency: String,
    /// 誤りのある行を除いて取り込む
    #[arg(long)]
    partial: bool,
    /// SQLiteのファイル
    #[arg(long, default_value = "touroku.db")]
    database: PathBuf,
    /// 発注機関のフォルダー
    #[arg(long, default_value = "agencies")]
    agencies: PathBuf,
}

impl Roster {
    pub(super) fn run(self, outside: &Outside) -> Result<Verdict, Error> {
        let Self::Import(command) = self;
        command.run(outside)
    }
}

impl Import {
    fn run(self, outside: &Outside) -> Result<Verdict, Error> {
        let profile = &profile_of(&self.agencies, &self.agency)?;
        let mut file = RosterFile::open(&self.file, profile)?;
        let mut database = Exclusive::open(&self.database)?;
        let report = import(&mut database, &mut file, profile, self.partial, outside.now())?;

        println!(
            "{}（{}） {}（{}、{}）",
            profile.name,
            profile.code,
            self.file.display(),
            file.encoding.name(),
            file.separator_name()
        );
        for error in &report.errors {
            println!("{error}");
        }
        println!(
            "追加 {}件、変更 {}件、変更なし {}件、エラー {}件",
            report.added, report.changed, report.unchanged, report.wrong
        );
        let unused = file.unused_columns();
        if !unused.is_empty() {
            println!("使わなかった列: {}", unused.join("、"));
        }
        if report.taken {
            return Ok(Verdict::Good);
        }
        println!(
            "誤りのある行があるので、何も取り込みませんでした。直してもう一度取り込むか、--partialを付けて誤りのない行だけ取り込んでください。"
        );
        Ok(Verdict::Bad)
    }
}
