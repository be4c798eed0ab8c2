//! The test authority from the command line: `test-ca init DIR`, then `issue`, `revoke` and `crl`.

use std::{
    ffi::OsString,
    fs::{self, OpenOptions},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    time::SystemTime,
};

use anyhow::{Context as _, Result};
use clap::{Args, Parser, Subcommand, ValueEnum};
use openssl::x509::X509;
use touroku_tests::ca::{self, CardRequest, KeyKind, TestCa, Timestamp};

/// A certification authority for tests. Its keys lie in the open; trust it nowhere else.
///
/// A TIME is RFC 3339 (2026-11-21T09:00:00+09:00), a date (its first second, UTC), or days from now (30d,
/// -1d). A KEY is rsa2048, rsa3072, rsa4096, p256 or p384.
#[derive(Parser)]
#[command(name = "test-ca", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make root and intermediate in a folder; `trust.pem` holds both.
    Init {
        /// The folder.
        directory: PathBuf,
        /// Begins the authority's names.
        #[arg(long, default_value = "Touroku Test")]
        name: String,
        /// The authority's own keys.
        #[arg(long, default_value = "rsa2048")]
        key: KeyKind,
    },
    /// Issue a card: PREFIX.key and PREFIX.pem.
    Issue(Box<Issue>),
    /// Note certificates (PEM) of the intermediate as revoked; the next CRL has them.
    Revoke {
        /// The authority's folder.
        #[arg(long)]
        ca: PathBuf,
        /// The certificates.
        #[arg(required = true)]
        certificates: Vec<PathBuf>,
    },
    /// Print the CRLs of root and intermediate, PEM.
    Crl {
        /// The authority's folder.
        #[arg(long)]
        ca: PathBuf,
        /// When they were made; left out: now, or a day before the next ones were due.
        #[arg(long, allow_hyphen_values = true, value_name = "TIME")]
        this_update: Option<Moment>,
        /// When the next ones are due; in the past for expired CRLs.
        #[arg(long, default_value = "7d", allow_hyphen_values = true, value_name = "TIME")]
        next_update: Moment,
    },
}

/// Empty names are left out of the certificate.
#[derive(Args)]
struct Issue {
    /// The authority's folder.
    #[arg(long)]
    ca: PathBuf,
    /// Where key and certificate go.
    #[arg(long, value_name = "PREFIX")]
    out: PathBuf,
    /// The card's key.
    #[arg(long, default_value = "rsa2048")]
    key: KeyKind,
    /// Company, Japanese: O of the alternative name.
    #[arg(long)]
    company: Option<String>,
    /// Department, Japanese: OU.
    #[arg(long)]
    unit: Option<String>,
    /// Holder, Japanese: CN.
    #[arg(long, default_value = "見本　太郎")]
    holder: String,
    /// Prefecture, Japanese: ST.
    #[arg(long)]
    prefecture: Option<String>,
    /// City, Japanese: L.
    #[arg(long)]
    city: Option<String>,
    /// Rest of the address, Japanese: street.
    #[arg(long)]
    street: Option<String>,
    /// No Japanese names at all.
    #[arg(long)]
    no_alternative_name: bool,
    /// Company: O of the subject.
    #[arg(long)]
    romaji_company: Option<String>,
    /// Department: OU.
    #[arg(long)]
    romaji_unit: Option<String>,
    /// Holder: CN.
    #[arg(long)]
    romaji_holder: Option<String>,
    /// Address: ST.
    #[arg(long)]
    romaji_address: Option<String>,
    /// First second of validity.
    #[arg(long, default_value = "-1d", allow_hyphen_values = true, value_name = "TIME")]
    not_before: Moment,
    /// Last second of validity.
    #[arg(long, default_value = "730d", allow_hyphen_values = true, value_name = "TIME")]
    not_after: Moment,
    /// What the key may be used for.
    #[arg(long, value_enum, default_value_t = Usage::Signature)]
    key_usage: Usage,
    /// What the certificate may be used for.
    #[arg(long, value_enum, default_value_t = Purpose::ClientAuth)]
    extended_key_usage: Purpose,
    /// Where the CRL is said to be.
    #[arg(long, value_name = "URL")]
    crl_url: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Usage {
    /// digitalSignature
    Signature,
    /// keyEncipherment only
    Encipherment,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Purpose {
    /// clientAuth
    ClientAuth,
    /// emailProtection only
    EmailProtection,
}

/// A time on the command line.
#[derive(Clone, Copy)]
enum Moment {
    Days(i64),
    At(Timestamp),
}

impl std::str::FromStr for Moment {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Some(days) = text.strip_suffix('d') {
            return Ok(Self::Days(days.parse().context("days are a whole number")?));
        }
        let at = match text.parse::<jiff::civil::Date>() {
            // A date alone also reads as the beginning of a longer text: that is for the other branch.
            Ok(date) if text.len() <= 10 => date.to_zoned(jiff::tz::TimeZone::UTC)?.timestamp(),
            _ => text.parse().context("neither RFC 3339, nor a date, nor days such as 30d")?,
        };
        Ok(Self::At(Timestamp::from_unix(at.as_second())))
    }
}

impl Moment {
    fn from(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Days(days) => now.plus_days(days),
            Self::At(at) => at,
        }
    }
}

fn main() -> Result<()> {
    let unix = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
    let now = Timestamp::from_unix(i64::try_from(unix)?);
    match Arguments::parse().command {
        Command::Init { directory, name, key } => TestCa::with_key(&name, now, key)?.save(&directory),
        Command::Issue(issue) => write_card(*issue, now),
        Command::Revoke { ca, certificates } => revoke(&ca, &certificates),
        Command::Crl { ca, this_update, next_update } => {
            let revoked = revoked(&ca)?;
            let serials: Vec<&[u8]> = revoked.iter().map(Vec::as_slice).collect();
            let next_update = next_update.from(now);
            let this_update = this_update
                .map_or_else(|| now.min(next_update.plus_days(-1)), |this_update| this_update.from(now));
            print!("{}", TestCa::load(&ca, now)?.crl_pem(&serials, this_update, next_update)?);
            Ok(())
        }
    }
}

fn write_card(issue: Issue, now: Timestamp) -> Result<()> {
    let mut request = CardRequest::new(now, &issue.holder);
    for (part, given) in [
        (&mut request.company, issue.company),
        (&mut request.unit, issue.unit),
        (&mut request.prefecture, issue.prefecture),
        (&mut request.city, issue.city),
        (&mut request.street, issue.street),
        (&mut request.romaji_company, issue.romaji_company),
        (&mut request.romaji_unit, issue.romaji_unit),
        (&mut request.romaji_holder, issue.romaji_holder),
        (&mut request.romaji_address, issue.romaji_address),
    ] {
        if let Some(given) = given {
            *part = given;
        }
    }
    if issue.no_alternative_name {
        request = request.without_alternative_name();
    }
    request.key = issue.key;
    request.not_before = issue.not_before.from(now);
    request.not_after = issue.not_after.from(now);
    request.may_sign = issue.key_usage == Usage::Signature;
    request.may_authenticate = issue.extended_key_usage == Purpose::ClientAuth;
    request.crl_url = issue.crl_url;
    let card = TestCa::load(&issue.ca, now)?.issue(&request)?;
    fs::write(with_suffix(&issue.out, ".key"), card.key.private_key_to_pem_pkcs8()?)?;
    fs::write(with_suffix(&issue.out, ".pem"), ca::pem(&card.certificate)?)?;
    Ok(())
}

/// Not `with_extension`, which would cut a dot out of the prefix.
fn with_suffix(prefix: &Path, suffix: &str) -> PathBuf {
    let mut path = OsString::from(prefix);
    path.push(suffix);
    path.into()
}

/// Serials in hexadecimal, one a line.
fn revocations(ca: &Path) -> PathBuf {
    ca.join("revoked")
}

fn revoke(ca: &Path, certificates: &[PathBuf]) -> Result<()> {
    let mut list = OpenOptions::new().create(true).append(true).open(revocations(ca))?;
    for path in certificates {
        let pem = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let serial = X509::from_pem(&pem)?.serial_number().to_bn()?.to_vec();
        writeln!(list, "{}", hex::encode(serial))?;
    }
    Ok(())
}

fn revoked(ca: &Path) -> Result<Vec<Vec<u8>>> {
    match fs::read_to_string(revocations(ca)) {
        Ok(list) => list.lines().map(|line| hex::decode(line).context("a serial in hexadecimal")).collect(),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error).context("the list of revoked serials"),
    }
}
