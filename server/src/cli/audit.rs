//! `audit`: the agency's 監査記録, proved and exported beside the running server.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::{Path, PathBuf},
};

use touroku_proto::officer::audit::{AuditAction, AuditEntry};

use super::{Verdict, place::Place};
use crate::{
    error::Error,
    file::{Unfinished, beside, create_private, flush},
    officer::audit::{BATCH, Broken, Chain, How, to_lines},
    outside::Outside,
    store::{Deed, Exclusive},
};

/// Bytes of the longest line. An entry has some 500.
const MAX_LINE: u64 = 64 * 1024;

/// What to do with 監査記録.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Audit {
    /// 記録が書き換えられていないことを確かめる。書き換えられていれば、最初の箇所を示す
    Verify(Verify),
    /// 記録をすべて書き出す（JSON Lines）
    Export(Export),
}

/// Flags of `audit verify`.
#[derive(Debug, clap::Args)]
pub(super) struct Verify {
    #[command(flatten)]
    place: Place,
    /// データベースの代わりに、書き出したファイルを確かめる
    #[arg(long)]
    file: Option<PathBuf>,
}

/// Flags of `audit export`.
#[derive(Debug, clap::Args)]
pub(super) struct Export {
    #[command(flatten)]
    place: Place,
    /// 書き出すファイル。なければ標準出力
    #[arg(long)]
    output: Option<PathBuf>,
}

impl Audit {
    pub(super) fn run(self, outside: &Outside) -> Result<Verdict, Error> {
        match self {
            Self::Verify(command) => command.run(),
            Self::Export(command) => command.run(outside),
        }
    }
}

impl Verify {
    fn run(self) -> Result<Verdict, Error> {
        let agency = &self.place.agency;
        let mut chain = Chain::of(agency);
        let broken = match &self.file {
            Some(file) => follow_file(&mut chain, file)?,
            None => follow_database(&mut chain, agency, &self.place.known()?.database)?,
        };
        let Some(Broken { at, how }) = broken else {
            let (last, hash) = chain.head();
            println!("{last}件すべて、書き換えられていません。");
            if last > 0 {
                println!("最後の記録 {last}: {hash}");
            }
            return Ok(Verdict::Good);
        };
        let how = match how {
            How::Missing => "がないか、順序が変えられています",
            How::Link => "が、前後の記録とつながりません（差し替えられています）",
            How::Content => "の内容が書き換えられています",
            How::Exchanged => {
                println!(
                    "記録 {at} が、サーバーが前に確かめたときのものと違うか、なくなっています。\
                     その前の記録も、書き換えられているおそれがあります。"
                );
                return Ok(Verdict::Bad);
            }
        };
        println!("記録 {at} {how}。その前の{}件は書き換えられていません。", at - 1);
        Ok(Verdict::Bad)
    }
}

fn follow_database(chain: &mut Chain<'_>, agency: &str, database: &Path) -> Result<Option<Broken>, Error> {
    // Opening would make one, and prove that it holds nothing.
    File::open(database).map_err(Error::file(database))?;
    Exclusive::open(database)?.read(|reader| {
        if let Some(proof) = reader.audit_proof(agency)? {
            chain.must_pass(proof.sequence, &proof.hash);
        }
        loop {
            let entries = reader.audit_entries(agency, chain.head().0, BATCH)?;
            for entry in &entries {
                if let Err(broken) = chain.follow(entry)? {
                    return Ok(Some(broken));
                }
            }
            if entries.is_empty() {
                return Ok(chain.end(reader.audit_head(agency)?).err());
            }
        }
    })
}

fn follow_file(chain: &mut Chain<'_>, path: &Path) -> Result<Option<Broken>, Error> {
    let mut file = BufReader::new(File::open(path).map_err(Error::file(path))?);
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let length = (&mut file).take(MAX_LINE).read_until(b'\n', &mut line).map_err(Error::file(path))?;
        if length == 0 {
            break;
        }
        let entry: AuditEntry = serde_json::from_slice(&line).map_err(|_| Error::Content {
            path: path.to_owned(),
            message: format!("{number}行: 監査記録の行ではないか、途中で切れています"),
        })?;
        if let Err(broken) = chain.follow(&entry)? {
            return Ok(Some(broken));
        }
    }
    Ok(None)
}

impl Export {
    fn run(self, outside: &Outside) -> Result<Verdict, Error> {
        let (agency, database) = (&self.place.agency, self.place.known()?.database);
        File::open(&database).map_err(Error::file(&database))?;
        let mut database = Exclusive::open(&database)?;
        database.write(|writer| {
            let deed = Deed {
                actor: "command",
                address: "",
                action: AuditAction::AuditExported,
                subject: "",
                detail: "",
            };
            writer.record_deed(agency, &deed, outside.now())
        })?;
        let name = self.output.clone().unwrap_or_else(|| "標準出力".into());
        let whole = self.output.as_ref().map(|path| Unfinished::new(beside(path, ".new")));
        let mut output: Box<dyn std::io::Write> = match &whole {
            Some(file) => Box::new(create_private(file.path()).map_err(Error::file(&name))?),
            None => Box::new(std::io::stdout().lock()),
        };
        let mut after = 0;
        loop {
            let entries = database.read(|reader| reader.audit_entries(agency, after, BATCH))?;
            let Some(last) = entries.last() else { break };
            after = last.sequence;
            output.write_all(to_lines(&entries)?.as_bytes()).map_err(Error::file(&name))?;
        }
        output.flush().map_err(Error::file(&name))?;
        if let Some(whole) = whole {
            flush(whole.path()).and_then(|()| whole.finish(&name)).map_err(Error::file(&name))?;
        }
        Ok(Verdict::Good)
    }
}
