//! `verify-token`: is this token an answer to that nonce?

use std::{io::Read as _, path::PathBuf};

use touroku_pki::{Cause, Decision, Refusal, verify_token};
use touroku_proto::{
    origin::Origin,
    token::{Nonce, Token},
};

use super::{Verdict, moment, verify_certificate::print_decision};
use crate::{error::Error, outside::Outside, trust::TrustSources};

/// The largest token file, in bytes.
const MAX_FILE: u64 = 64 * 1024;

/// Flags of `verify-token`.
#[derive(Debug, clap::Args)]
pub(super) struct VerifyToken {
    /// トークンが作られたはずのオリジン
    #[arg(long, value_parser = Origin::parse)]
    origin: Origin,
    /// チャレンジ（base64の文字列）
    #[arg(long, value_parser = Nonce::parse)]
    nonce: Nonce,
    /// 信頼する認証局の証明書（PEM、DER）
    #[arg(long, required = true)]
    trust: Vec<PathBuf>,
    /// CRL（PEM、DER）。指定すると失効を調べる
    #[arg(long)]
    crl: Vec<PathBuf>,
    /// 検証する時刻（RFC 3339）。省略すると現在
    #[arg(long)]
    at: Option<jiff::Timestamp>,
    /// 結果をJSONで書く
    #[arg(long)]
    json: bool,
    /// トークン（JSON）のファイル。-は標準入力
    file: PathBuf,
}

impl VerifyToken {
    pub(super) fn run(self, outside: &Outside) -> Result<Verdict, Error> {
        let sources =
            TrustSources { anchors: self.trust.clone(), crls: self.crl.clone(), ..TrustSources::default() };
        let trust = sources.trust(Vec::new(), Vec::new())?;
        let text = self.read()?;
        let decision = match serde_json::from_slice::<Token>(&text) {
            Ok(token) => verify_token(&trust, &token, &self.origin, &self.nonce, moment(self.at, outside)),
            Err(error) => Decision::refused(Refusal {
                cause: Cause::TokenMalformed,
                reason: format!(
                    "web-eidのトークンとして読めません（{}行{}桁）",
                    error.line(),
                    error.column()
                ),
            }),
        };
        Ok(print_decision(&decision.map(|(_, facts)| facts), self.json))
    }

    fn read(&self) -> Result<Vec<u8>, Error> {
        let mut text = Vec::new();
        if self.file.as_os_str() == "-" {
            std::io::stdin().take(MAX_FILE).read_to_end(&mut text).map_err(Error::file("-"))?;
        } else {
            let file = std::fs::File::open(&self.file).map_err(Error::file(&self.file))?;
            file.take(MAX_FILE).read_to_end(&mut text).map_err(Error::file(&self.file))?;
        }
        Ok(text)
    }
}
