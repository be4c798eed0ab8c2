//! `audit`: the agency's 監査記録, verified and exported beside the running server.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use touroku_proto::officer::audit::{AuditAction, AuditEntry, AuditHead, Detail};

use super::{
    Verdict,
    place::{Place, existing, open_key, origin_of},
    profile_of,
};
use crate::{
    error::Error,
    file::{Unfinished, beside, create_private, flush},
    key::ServerKey,
    mail::{Desk, Post},
    officer::audit::{BATCH, Broken, Chain, How, seal_again, to_last_line, to_lines},
    outside::Outside,
    store::{self, Actor, Exclusive, Location, Seal, seal_of},
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
    /// 印がない、または別の鍵の印が付いた記録の終わりに、今のサーバーの鍵で印を付ける。監査記録に残し、職員全員に知らせる
    Seal(SealAgain),
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

/// Flags of `audit seal`. One of the two: nobody seals without a look at what was mailed, or knowing that it is missing.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false, id = "known", args = ["head", "without_head"])]
pub(super) struct SealAgain {
    #[command(flatten)]
    place: Place,
    /// 控えのメールの本文を保存したファイル（または、その1行）。記録がこれを通らなければ、印を付けない
    #[arg(long)]
    head: Option<String>,
    /// 控えのメールが残っていないので、照らし合わせずに印を付ける
    #[arg(long)]
    without_head: bool,
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
            Self::Seal(command) => command.run(outside),
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
        let kept = self.head.as_deref().map(|text| read_head(text, agency)).transpose()?;
        if let Some(kept) = &kept {
            if say_seal(key.as_ref(), kept, "控え")? == Worth::Refuted {
                return Ok(Verdict::Bad);
            }
            chain.must_pass(kept.sequence, &kept.hash);
        }
        let (broken, head) = match &self.file {
            Some(file) => follow_file(&mut chain, file)?,
            None => follow_database(&mut chain, agency, &existing(&self.place.known()?)?)?,
        };
        if let Some(broken) = broken.or_else(|| chain.passed().err()) {
            say_broken(broken);
            return Ok(Verdict::Bad);
        }
        let (last, hash) = chain.head();
        let worth = match &head {
            Some(head) if (head.sequence, head.hash.as_str()) != (last, hash) => {
                println!(
                    "記録の終わりが、印の付いた終わり（{}番）と違います。書き換えられています。",
                    head.sequence
                );
                return Ok(Verdict::Bad);
            }
            Some(head) => say_seal(key.as_ref(), head, "記録の終わり")?,
            None if last > 0 => {
                println!("記録の終わりに、サーバーの鍵による印がありません。");
                Worth::Nothing
            }
            None => Worth::Proof,
        };
        Ok(say_worth(worth, &chain, kept.as_ref()))
    }
}

impl SealAgain {
    fn run(self, outside: &Outside) -> Result<Verdict, Error> {
        let (agency, config) = (&self.place.agency, self.place.known()?);
        let profile = profile_of(&config.agencies, agency)?;
        let key = Arc::new(open_key(&config, outside)?);
        let mut chain = Chain::of(agency);
        if let Some(text) = &self.head {
            let kept = read_head(text, agency)?;
            if say_seal(Some(&key), &kept, "控え")? == Worth::Refuted {
                return Ok(Verdict::Bad);
            }
            chain.must_pass(kept.sequence, &kept.hash);
        }
        let location = existing(&config)?;
        let (broken, _) = follow_database(&mut chain, agency, &location)?;
        if let Some(broken) = broken {
            say_broken(broken);
            println!("印は付けていません。");
            return Ok(Verdict::Bad);
        }
        let origin = origin_of(&config, None)?;
        let mut database = Exclusive::open(&location)?.sealed_with(Arc::clone(&key));
        let sealed = database.write(|writer| {
            let Some(head) = writer.sealed_head(agency)? else { return Ok(None) };
            // Entries that came meanwhile follow from those that were verified, or the next check finds out.
            match seal_of(&key, &head)? {
                Seal::Sound => return Ok(None),
                Seal::Forged if self.without_head => {
                    return Err(Error::Setting {
                        name: "--head",
                        message: "印が記録と合いません。書き換えられています。控えのメールと照らし合わせるまで、印は付けません"
                            .to_owned(),
                    });
                }
                Seal::Missing | Seal::OtherKey | Seal::Forged => {}
            }
            let post = Post { outside, key: &key, origin: &origin };
            seal_again(&Desk { writer, post, profile: &profile, now: outside.now() }, &head)?;
            Ok(Some(head.sequence))
        })?;
        match sealed {
            Some(last) => println!(
                "{last}番までの記録に、サーバーの鍵で印を付けました。監査記録に残し、職員全員にメールで知らせます。"
            ),
            None => println!("サーバーの鍵による印は、もう付いています。"),
        }
        Ok(Verdict::Good)
    }
}

fn say_broken(Broken { at, how }: Broken) {
    let how = match how {
        How::Missing => "がないか、順序が変えられています",
        How::Link => "が、前後の記録とつながりません（差し替えられています）",
        How::Content => "の内容が書き換えられています",
        How::Exchanged | How::Unsealed => {
            println!(
                "記録 {at} が、サーバーが前に確かめたときのもの、または控えと違うか、なくなっています。\
                 その前の記録も、書き換えられているおそれがあります。"
            );
            return;
        }
    };
    println!("記録 {at} {how}。その前の{}件は書き換えられていません。", at - 1);
}

/// The verdict on a chain whose links are sound. Anybody can make such a chain; only a seal or an end that was kept
/// elsewhere proves that it is the one.
fn say_worth(worth: Worth, chain: &Chain<'_>, kept: Option<&AuditHead>) -> Verdict {
    let (last, hash) = chain.head();
    let verdict = match (worth, kept) {
        (Worth::Refuted, _) => return Verdict::Bad,
        (Worth::Proof, _) => {
            println!("{last}件すべて、書き換えられていません。");
            Verdict::Good
        }
        (_, Some(kept)) => {
            println!(
                "控えのある{}番までは、書き換えられていません。その後の記録は、前後のつながりだけを確かめました。",
                kept.sequence
            );
            Verdict::Good
        }
        (Worth::Unknown | Worth::Nothing, None) => {
            println!(
                "{last}件すべて、前後のつながりは切れていませんが、全体が書き換えられたおそれがあります。\
                 控えのメールと照らし合わせてください（--head）。"
            );
            Verdict::Bad
        }
    };
    if last > 0 {
        println!("最後の記録 {last}: {hash}");
    }
    verdict
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

/// What the seal on an end says about the chain before it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Worth {
    /// It is this server's.
    Proof,
    /// The key is not here.
    Unknown,
    /// There is no seal by this key.
    Nothing,
    /// The seal is not for this end.
    Refuted,
}

fn say_seal(key: Option<&ServerKey>, head: &AuditHead, what: &str) -> Result<Worth, Error> {
    let Some(key) = key else {
        println!("サーバーの鍵がここにないため、{what}の印は確かめていません。");
        return Ok(Worth::Unknown);
    };
    let last = head.sequence;
    Ok(match seal_of(key, head)? {
        Seal::Sound => {
            println!("{what}（{last}番）の印は、このサーバーの鍵によるものです。");
            Worth::Proof
        }
        Seal::Missing => {
            println!("{what}（{last}番）に、サーバーの鍵による印がありません。");
            Worth::Nothing
        }
        Seal::OtherKey => {
            println!("{what}（{last}番）の印は、別の鍵（{}）によるものです。", head.key);
            Worth::Nothing
        }
        Seal::Forged => {
            println!("{what}（{last}番）の印が、記録と合いません。書き換えられています。");
            Worth::Refuted
        }
    })
}

type Followed = (Option<Broken>, Option<AuditHead>);

fn follow_database(chain: &mut Chain<'_>, agency: &str, database: &Location) -> Result<Followed, Error> {
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
            // What stands behind the end belongs to no chain, but for the empty line with which editors and mail programs
            // end a file.
            let mut rest = Vec::new();
            (&mut file).take(3).read_to_end(&mut rest).map_err(Error::file(path))?;
            let is_last = rest.len() < 3 && rest.iter().all(u8::is_ascii_whitespace);
            let beyond = Broken { at: head.sequence + 1, how: How::Link };
            return Ok(((!is_last).then_some(beyond), Some(head)));
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
        let location = existing(&config)?;
        let mut database = Exclusive::open(&location)?;
        let path = config.key_file();
        match ServerKey::existing(&path)? {
            Some(key) => database = database.sealed_with(Arc::new(key)),
            // Its entry would end the chain without a seal.
            None if store::known_key(&location)?.is_some() => {
                return Err(ServerKey::missing(&path));
            }
            None => {}
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
