//! `postal import`: Japan Post's table of postal codes.

use std::{collections::HashSet, path::PathBuf};

use super::{Verdict, place::Files};
use crate::{error::Error, postal, store::Exclusive};

/// What to do with postal codes.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Postal {
    /// 日本郵便の郵便番号データ（utf_ken_all.csv、KEN_ALL.CSV）を取り込む
    Import(Import),
}

/// Flags of `postal import`.
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// 取り込むファイル
    file: PathBuf,
    #[command(flatten)]
    files: Files,
}

impl Postal {
    pub(super) fn run(self) -> Result<Verdict, Error> {
        let Self::Import(Import { file, files }) = self;
        let location = files.config()?.location()?;
        let table = match postal::load(&file) {
            Ok(table) => table,
            Err(Error::Content { path, message }) => {
                message.lines().for_each(|line| println!("{}:{line}", path.display()));
                println!("誤りがあるので、何も取り込みませんでした。");
                return Ok(Verdict::Bad);
            }
            Err(error) => return Err(error),
        };
        Exclusive::open(&location)?.write(|writer| writer.replace_postal(&table.addresses))?;
        let codes: HashSet<&str> = table.addresses.iter().map(|one| one.code.as_str()).collect();
        println!(
            "{}（{}） 郵便番号 {}件、住所 {}件を取り込みました。前の郵便番号データは置き換えました。",
            file.display(),
            table.encoding.name(),
            codes.len(),
            table.addresses.len()
        );
        Ok(Verdict::Good)
    }
}
