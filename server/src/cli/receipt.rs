//! `application export`: a signed application as two files that standard tools verify.

use std::{io::Write as _, path::PathBuf};

use touroku_proto::api::ReceiptFile;

use super::{Verdict, place::Place};
use crate::{error::Error, file::create_private, store::Exclusive, submission::receipt_content};

/// Flags of `application export`.
#[derive(Debug, clap::Args)]
pub(super) struct Export {
    #[command(flatten)]
    place: Place,
    /// 受付番号。完了の画面と印刷、発注機関の画面にある
    number: String,
    /// 書き出すフォルダー
    folder: PathBuf,
}

impl Export {
    pub(super) fn run(self) -> Result<Verdict, Error> {
        let Self { place, number, folder } = self;
        let (config, agency) = (place.files.config()?, place.agency);
        let number = number.trim().to_ascii_uppercase();
        let mut database = Exclusive::open(&config.location()?)?;
        let Some(receipt) = database.write(|writer| writer.receipt(&agency, &number))? else {
            println!("受付番号 {number}の、署名された申請はありません。番号と--agencyを確かめてください。");
            return Ok(Verdict::Bad);
        };
        std::fs::create_dir_all(&folder).map_err(Error::file(&folder))?;
        for &file in ReceiptFile::ALL {
            let (name, _, content) = receipt_content(file, receipt.clone());
            let path = folder.join(name);
            // Never overwrites a file: it may be an older copy that somebody compares with.
            let mut out = create_private(&path).map_err(Error::file(&path))?;
            out.write_all(&content).and_then(|()| out.sync_all()).map_err(Error::file(&path))?;
            println!("{}", path.display());
        }
        Ok(Verdict::Good)
    }
}
