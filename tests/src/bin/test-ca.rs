//! The test authority from the command line: `test-ca init DIR`, `test-ca issue`, `test-ca crl`.

use std::{fs, path::PathBuf, time::SystemTime};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use touroku_tests::ca::{self, CardRequest, KeyKind, TestCa, Timestamp};

/// A certification authority for tests. Its keys lie in the open; trust it nowhere else.
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
    },
    /// Issue a card: PREFIX.key and PREFIX.pem.
    Issue {
        /// The authority's folder.
        #[arg(long)]
        ca: PathBuf,
        /// Where key and certificate go.
        #[arg(long, value_name = "PREFIX")]
        out: PathBuf,
        /// rsa2048, rsa3072, rsa4096, p256 or p384.
        #[arg(long, default_value = "rsa2048")]
        key: KeyKind,
        /// Company, Japanese; empty: absent.
        #[arg(long, default_value = "株式会社架空商会")]
        company: String,
        /// Holder, Japanese; empty: absent.
        #[arg(long, default_value = "見本　太郎")]
        holder: String,
        /// No subjectAltName: romaji only.
        #[arg(long)]
        no_alternative_name: bool,
        /// Days from now until it is valid; negative: since.
        #[arg(long, default_value_t = -1, allow_negative_numbers = true)]
        from_day: i64,
        /// Days from now until it expires; negative: it has.
        #[arg(long, default_value_t = 730, allow_negative_numbers = true)]
        to_day: i64,
        /// keyUsage without digitalSignature.
        #[arg(long)]
        may_not_sign: bool,
    },
    /// Print the CRLs of root and intermediate, PEM.
    Crl {
        /// The authority's folder.
        #[arg(long)]
        ca: PathBuf,
        /// Certificates (PEM) to revoke.
        #[arg(long)]
        revoke: Vec<PathBuf>,
        /// Days from now until the next one is due; negative: it was.
        #[arg(long, default_value_t = 7, allow_negative_numbers = true)]
        next_day: i64,
    },
}

fn main() -> Result<()> {
    let unix = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs();
    let now = Timestamp::from_unix(i64::try_from(unix)?);
    match Arguments::parse().command {
        Command::Init { directory, name } => TestCa::new(&name, now)?.save(&directory),
        Command::Issue {
            ca,
            out,
            key,
            company,
            holder,
            no_alternative_name,
            from_day,
            to_day,
            may_not_sign,
        } => {
            let mut request = CardRequest::new(now, &holder);
            request.key = key;
            request.company = company;
            request.not_before = now.plus_days(from_day);
            request.not_after = now.plus_days(to_day);
            request.may_sign = !may_not_sign;
            if no_alternative_name {
                for part in
                    [&mut request.company, &mut request.holder, &mut request.prefecture, &mut request.city]
                {
                    part.clear();
                }
            }
            let card = TestCa::load(&ca, now)?.issue(&request)?;
            fs::write(out.with_extension("key"), card.key.private_key_to_pem_pkcs8()?)?;
            fs::write(out.with_extension("pem"), ca::pem(&card.certificate)?)?;
            Ok(())
        }
        Command::Crl { ca, revoke, next_day } => {
            let serials: Vec<Vec<u8>> = revoke.iter().map(serial).collect::<Result<_>>()?;
            let serials: Vec<&[u8]> = serials.iter().map(Vec::as_slice).collect();
            let this_update = now.plus_days(next_day.min(0) - 1);
            print!("{}", TestCa::load(&ca, now)?.crl_pem(&serials, this_update, now.plus_days(next_day))?);
            Ok(())
        }
    }
}

fn serial(path: &PathBuf) -> Result<Vec<u8>> {
    let pem = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(openssl::x509::X509::from_pem(&pem)?.serial_number().to_bn()?.to_vec())
}
