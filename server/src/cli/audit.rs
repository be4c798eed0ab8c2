//! `audit`: the agency's 監査記録, verified and exported beside the running server.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use touroku_proto::officer::audit::{AuditAction, AuditEntry, AuditHead, Detail};

use super::{Verdict, place::Place};
use crate::{
    error::Error,
    file::{Unfinished, beside, create_private, flush},
    key::ServerKey,
    officer::audit::{BATCH, Broken, Chain, How, to_last_line, to_lines},
    outside::Outside,
    store::{Actor, Exclusive, Seal, seal_of},
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
    /// 控えのメールの本文を保存したファイル（または、その1行）。そこから後も前も書き換えられていないことを確かめる
    #[arg(long)]
    head: Option<String>,
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
        let key = match self.place.known() {
            Ok(config) => ServerKey::existing(&config.key_file())?,
            // A file can be verified anywhere; its seal can't without the key.
            Err(error) if self.file.is_none() => return Err(error),
            Err(_) => None,
        };
        let mut chain = Chain::of(agency);
        if let Some(text) = &self.head {
            let head = read_head(text, agency)?;
            if let Some(verdict) = say_seal(key.as_ref(), &head, "控え")? {
                return Ok(verdict);
            }
            chain.must_pass(head.sequence, &head.hash);
        }
        let (broken, head) = match &self.file {
            Some(file) => follow_file(&mut chain, file)?,
            None => follow_database(&mut chain, agency, &self.place.known()?.database)?,
        };
        let broken = broken.or_else(|| chain.passed().err());
        let Some(Broken { at, how }) = broken else {
            let (last, hash) = chain.head();
            match &head {
                Some(head) if (head.sequence, head.hash.as_str()) != (last, hash) => {
                    println!(
                        "記録の終わりが、印の付いた終わり（{}番）と違います。書き換えられています。",
                        head.sequence
                    );
                    return Ok(Verdict::Bad);
                }
                Some(head) => {
                    if let Some(verdict) = say_seal(key.as_ref(), head, "記録の終わり")? {
                        return Ok(verdict);
                    }
                }
                None if last > 0 => println!(
                    "記録の終わりに、サーバーの鍵による印がありません。控えのメールと照らし合わせてください（--head）。"
                ),
                None => {}
            }
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
            How::Exchanged | How::Forged => {
                println!(
                    "記録 {at} が、サーバーが前に確かめたときのもの、または控えと違うか、なくなっています。\
                     その前の記録も、書き換えられているおそれがあります。"
                );
                return Ok(Verdict::Bad);
            }
        };
        println!("記録 {at} {how}。その前の{}件は書き換えられていません。", at - 1);
        Ok(Verdict::Bad)
    }
}

/// The head that somebody kept: in a file, or typed.
fn read_head(text: &str, agency: &str) -> Result<AuditHead, Error> {
    let path = Path::new(text);
    let text = match path.is_file() {
        true => std::fs::read_to_string(path).map_err(Error::file(path))?,
        false => text.to_owned(),
    };
    let found = AuditHead::find(&text).filter(|head| head.agency == agency);
    found.ok_or_else(|| Error::Setting {
        name: "--head",
        message: format!(
            "「touroku-audit-head {agency} …」の行がありません。控えのメールの本文を指定してください"
        ),
    })
}

/// Says what the seal is worth; a verdict where it is worth nothing.
fn say_seal(key: Option<&ServerKey>, head: &AuditHead, what: &str) -> Result<Option<Verdict>, Error> {
    let Some(key) = key else {
        println!("サーバーの鍵がここにないため、{what}の印は確かめていません。");
        return Ok(None);
    };
    match seal_of(key, head)? {
        Seal::Sound => println!("{what}（{}番）の印は、このサーバーの鍵によるものです。", head.sequence),
        Seal::Missing => println!("{what}（{}番）に、サーバーの鍵による印がありません。", head.sequence),
        Seal::OtherKey => {
            println!("{what}（{}番）の印は、別の鍵（{}）によるものです。", head.sequence, head.key);
        }
        Seal::Forged => {
            println!("{what}（{}番）の印が、記録と合いません。書き換えられています。", head.sequence);
            return Ok(Some(Verdict::Bad));
        }
    }
    Ok(None)
}

type Followed = (Option<Broken>, Option<AuditHead>);

fn follow_database(chain: &mut Chain<'_>, agency: &str, database: &Path) -> Result<Followed, Error> {
    // Opening would create one, and prove that it is empty.
    File::open(database).map_err(Error::file(database))?;
    Exclusive::open(database)?.read(|reader| {
        if let Some(proof) = reader.audit_proof(agency)? {
            chain.must_pass(proof.sequence, &proof.hash);
        }
        loop {
            let entries = reader.audit_entries(agency, chain.head().0, BATCH)?;
            for entry in &entries {
                if let Err(broken) = chain.follow(entry)? {
                    return Ok((Some(broken), None));
                }
            }
            if entries.is_empty() {
                let broken = chain.end(reader.audit_head(agency)?).err();
                let head = reader.sealed_head(agency)?;
                return Ok((broken, head.filter(|head| !head.seal.is_empty())));
            }
        }
    })
}

/// The last line of an export.
#[derive(serde::Deserialize)]
struct LastLine {
    head: AuditHead,
}

fn follow_file(chain: &mut Chain<'_>, path: &Path) -> Result<Followed, Error> {
    let mut file = BufReader::new(File::open(path).map_err(Error::file(path))?);
    let mut line = Vec::new();
    for number in 1_u64.. {
        line.clear();
        let length = (&mut file).take(MAX_LINE).read_until(b'\n', &mut line).map_err(Error::file(path))?;
        if length == 0 {
            break;
        }
        if let Ok(LastLine { head }) = serde_json::from_slice(&line) {
            return Ok((None, Some(head)));
        }
        let entry: AuditEntry = serde_json::from_slice(&line).map_err(|_| Error::Content {
            path: path.to_owned(),
            message: format!("{number}行: 監査記録の行ではないか、途中で切れています"),
        })?;
        if let Err(broken) = chain.follow(&entry)? {
            return Ok((Some(broken), None));
        }
    }
    Ok((None, None))
}

impl Export {
    fn run(self, outside: &Outside) -> Result<Verdict, Error> {
        let (agency, config) = (&self.place.agency, self.place.known()?);
        let database = &config.database;
        File::open(database).map_err(Error::file(database))?;
        let mut database = Exclusive::open(database)?;
        if let Some(key) = ServerKey::existing(&config.key_file())? {
            database = database.sealed_with(Arc::new(key));
        }
        database.write(|writer| {
            let (actor, action) = (Actor::command(agency), AuditAction::AuditExported);
            writer.record_deed(actor, action, "", &Detail::None, outside.now())
        })?;
        let name = self.output.clone().unwrap_or_else(|| "標準出力".into());
        let whole = self.output.as_ref().map(|path| Unfinished::new(beside(path, ".new")));
        let mut output: Box<dyn std::io::Write> = match &whole {
            Some(file) => Box::new(create_private(file.path()).map_err(Error::file(&name))?),
            None => Box::new(std::io::stdout().lock()),
        };
        let head = database.read(|reader| reader.sealed_head(agency))?;
        let mut after = 0;
        loop {
            let mut entries = database.read(|reader| reader.audit_entries(agency, after, BATCH))?;
            entries.retain(|entry| head.as_ref().is_none_or(|head| entry.sequence <= head.sequence));
            let Some(last) = entries.last() else { break };
            after = last.sequence;
            output.write_all(to_lines(&entries)?.as_bytes()).map_err(Error::file(&name))?;
        }
        if let Some(head) = head.filter(|head| !head.seal.is_empty()) {
            output.write_all(to_last_line(&head).as_bytes()).map_err(Error::file(&name))?;
        }
        output.flush().map_err(Error::file(&name))?;
        if let Some(whole) = whole {
            flush(whole.path()).and_then(|()| whole.finish(&name)).map_err(Error::file(&name))?;
        }
        Ok(Verdict::Good)
    }
}
