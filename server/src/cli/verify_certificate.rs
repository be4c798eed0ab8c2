//! `verify-certificate`: may the holder of this certificate log in, and why (not)?

use std::path::PathBuf;

use touroku_proto::certificate::{Facts, rfc3339};

use super::{Verdict, moment};
use crate::{
    error::Error,
    outside::Outside,
    pki::{self, Decision, Policy, Rules, Trust, Uncheckable, read_certificates},
};

/// Flags of `verify-certificate`.
#[derive(Debug, clap::Args)]
pub(super) struct VerifyCertificate {
    /// 信頼する認証局の証明書（PEM、DER）
    #[arg(long, required = true)]
    trust: Vec<PathBuf>,
    /// 中間の認証局の証明書（PEM、DER）
    #[arg(long)]
    intermediate: Vec<PathBuf>,
    /// CRL（PEM、DER）。指定すると失効を調べる
    #[arg(long)]
    crl: Vec<PathBuf>,
    /// 必要な証明書ポリシー（OID）。複数あれば、どれか一つ
    #[arg(long, value_name = "OID")]
    require_policy: Vec<Policy>,
    /// 使えない証明書ポリシー（OID）
    #[arg(long, value_name = "OID")]
    forbid_policy: Vec<Policy>,
    /// 失効を調べられないとき
    #[arg(long, value_enum, default_value = "refuse")]
    uncheckable: Uncheckable,
    /// 検証する時刻（RFC 3339）。省略すると現在
    #[arg(long)]
    at: Option<jiff::Timestamp>,
    /// 結果をJSONで書く
    #[arg(long)]
    json: bool,
    /// 証明書（PEM、DER）。PEMの2枚目からは中間の認証局とみなす
    file: PathBuf,
}

impl VerifyCertificate {
    pub(super) fn run(self, outside: &Outside) -> Result<Verdict, Error> {
        let mut intermediates = Vec::new();
        for path in &self.intermediate {
            intermediates.extend(read_certificates(path)?);
        }
        let der = match read_certificates(&self.file) {
            Ok(certificates) => {
                let mut certificates = certificates.into_iter();
                let leaf =
                    certificates.next().ok_or(Error::Defect("a file without certificates was read"))?;
                intermediates.extend(certificates);
                leaf.to_der()?
            }
            // Let the verification say that it is no certificate, with its code.
            Err(Error::Content { .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        let trust = Trust::from_files(&self.trust, intermediates, &self.crl)?.with_rules(Rules {
            require_policies: self.require_policy,
            forbid_policies: self.forbid_policy,
            uncheckable: self.uncheckable,
        });
        let decision = pki::verify_certificate(&trust, &der, moment(self.at, outside));
        Ok(print_decision(&decision, self.json))
    }
}

/// Writes a decision to standard output, as text or JSON.
pub(super) fn print_decision(decision: &Decision<Facts>, json: bool) -> Verdict {
    if json {
        println!("{:#}", to_json(decision));
    } else {
        for step in &decision.steps {
            println!("{} {}: {}", if step.passed { "○" } else { "×" }, step.check, step.detail);
        }
        match &decision.outcome {
            Ok(_) => println!("受理"),
            Err(refusal) => println!("拒否 {} {}", refusal.code.as_str(), refusal.reason),
        }
    }
    if decision.outcome.is_ok() { Verdict::Good } else { Verdict::Bad }
}

fn to_json(decision: &Decision<Facts>) -> serde_json::Value {
    let mut json = serde_json::json!({ "accepted": decision.outcome.is_ok(), "steps": decision.steps });
    match &decision.outcome {
        Ok(facts) => {
            json["certificate"] = serde_json::json!({
                "serial": facts.serial,
                "issuer": facts.issuer(),
                "not_before": rfc3339(facts.not_before),
                "not_after": rfc3339(facts.not_after),
            });
        }
        Err(refusal) => {
            json["code"] = refusal.code.as_str().into();
            json["reason"] = refusal.reason.clone().into();
        }
    }
    json
}
