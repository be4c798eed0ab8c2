//! `roster import`: a CSV file becomes the roster of an agency.

use std::{path::PathBuf, sync::Arc};

use super::{
    Verdict,
    place::{Place, open_key, public_origin_of},
    profile_of,
};
use crate::{
    error::Error,
    file,
    mail::Post,
    outside::Outside,
    roster::{Choice, RosterFile, import},
    store::Exclusive,
};

/// What to do with rosters.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Roster {
    /// CSVファイル（UTF-8、CP932）かExcelブック（.xlsx）を取り込む
    Import(Import),
}

/// Flags of `roster import`.
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// 取り込むファイル
    file: PathBuf,
    #[command(flatten)]
    place: Place,
    /// 誤りのある行を除いて取り込む
    #[arg(long)]
    partial: bool,
    /// Excelブックのシート（指定しなければ、表示されている最初のシート）
    #[arg(long)]
    sheet: Option<String>,
    /// 見出しの行（1から。指定しなければ、項目名のある行を探す）
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    header: Option<u32>,
}

impl Roster {
    pub(super) fn run(self, outside: &Outside) -> Result<Verdict, Error> {
        let Self::Import(command) = self;
        command.run(outside)
    }
}

impl Import {
    fn run(self, outside: &Outside) -> Result<Verdict, Error> {
        let config = self.place.files.config()?;
        let profile = &profile_of(&config.agencies, &self.place.agency)?;
        let key = Arc::new(open_key(&config, outside)?);
        let origin = public_origin_of(&config, None)?;
        let mut database = Exclusive::open(&config.location()?)?.sealed_with(Arc::clone(&key));
        let choice =
            Choice { sheet: self.sheet.clone(), row: self.header.and_then(|row| usize::try_from(row).ok()) };
        let scratch = file::folder(&config.database);
        let mut roster = RosterFile::open_as(&self.file, scratch, &choice, profile)?;
        let post = Post { outside, key: &key, origin: &origin };
        let report = import(&mut database, &mut roster, profile, self.partial, post)?;

        println!("{}（{}） {}（{}）", profile.name, profile.code, self.file.display(), roster.format());
        for error in &report.errors {
            println!("{error}");
        }
        for doubt in &report.doubts {
            println!("注意 {doubt}");
        }
        println!(
            "追加 {}件、変更 {}件、変更なし {}件、エラー {}件、注意 {}件",
            report.added, report.changed, report.unchanged, report.wrong, report.doubtful
        );
        if report.missing > 0 {
            println!("名簿にあってファイルにない会社が{}件あります（そのまま残します）。", report.missing);
        }
        let unused = roster.unused_columns();
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
