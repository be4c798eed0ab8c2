//! `verify-certificate`: may the holder of this certificate log in, and why (not)?

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use openssl::x509::X509;
use touroku_pki::{Circumstances, Decision, OcspUse, Policy, Uncheckable, verify_certificate};
use touroku_proto::certificate::{Facts, rfc3339};

use super::{Verdict, moment};
use crate::{
    agency::{self, Agencies},
    config::Config,
    error::Error,
    outside::Outside,
    trust::{self, TrustFiles, TrustSources, read_certificates},
};

/// The most rounds of asking and fetching.
const MAX_ROUNDS: usize = 8;

/// Flags of `verify-certificate`.
#[derive(Debug, clap::Args)]
pub(super) struct VerifyCertificate {
    /// サーバーの設定ファイル。その[trust]と、取得済みのCRLで検証する
    #[arg(long)]
    config: Option<PathBuf>,
    /// 信頼する認証局の証明書（PEM、DER）
    #[arg(long, required_unless_present = "config")]
    trust: Vec<PathBuf>,
    /// 中間の認証局の証明書（PEM、DER）
    #[arg(long)]
    intermediate: Vec<PathBuf>,
    /// CRL（PEM、DER）。指定すると失効を調べる
    #[arg(long)]
    crl: Vec<PathBuf>,
    /// CRLを取得するアドレス（http:、ldap:）。指定すると失効を調べる
    #[arg(long, value_name = "URL")]
    crl_url: Vec<String>,
    /// 証明書にある配布点（http:、ldap:）からもCRLを取得する
    #[arg(long)]
    fetch_crls: bool,
    /// OCSPで失効を調べるか（first: CRLより先、after-crl: CRLで調べられないとき）
    #[arg(long, value_parser = ocsp_use())]
    ocsp: Option<OcspUse>,
    /// OCSPの問い合わせ先（http:）。証明書にあるものより先に使う
    #[arg(long, value_name = "URL")]
    ocsp_url: Vec<String>,
    /// OCSPの問い合わせに乱数（nonce）を付け、答えに同じ乱数を求める
    #[arg(long)]
    ocsp_nonce: bool,
    /// 必要な証明書ポリシー（OID）。複数あれば、どれか一つ
    #[arg(long, value_name = "OID")]
    require_policy: Vec<Policy>,
    /// 使えない証明書ポリシー（OID）
    #[arg(long, value_name = "OID")]
    forbid_policy: Vec<Policy>,
    /// 失効を調べられないとき
    #[arg(long, value_parser = uncheckable())]
    uncheckable: Option<Uncheckable>,
    /// 検証する時刻（RFC 3339）。省略すると現在
    #[arg(long)]
    at: Option<jiff::Timestamp>,
    /// 発注機関（符号）。失効を調べられないときと、マイナンバーカードは、その機関の設定で決める
    #[arg(long, value_name = "CODE", requires = "config")]
    agency: Option<String>,
    /// 結果をJSONで書く
    #[arg(long)]
    json: bool,
    /// 証明書（PEM、DER）。PEMの2枚目からは中間の認証局とみなす
    file: PathBuf,
}

impl VerifyCertificate {
    pub(super) fn run(self, outside: &Outside) -> Result<Verdict, Error> {
        let (at, json) = (moment(self.at, outside), self.json);
        let (der, intermediates) = self.read()?;
        let (sources, my_number) = self.sources()?;
        let circumstances = Circumstances { my_number, ..Circumstances::from(at) };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(Error::file("tokio"))?;
        let mut crls = runtime.block_on(fetch(&sources.crl_urls))?;
        let mut trust = TrustFiles::open_with(sources.clone(), intermediates.clone(), crls.clone())?;
        // The responders are queried now, whatever the time of the decision.
        let now = outside.now();
        let mut fetched: Vec<String> = Vec::new();
        let mut decision = verify_certificate(&trust.current(), &der, circumstances);
        for _ in 0..MAX_ROUNDS {
            if !runtime.block_on(trust.ask_wanted(&decision.ocsp_wanted, now)) {
                let wanted = decision.crls_wanted.iter().filter(|url| !fetched.contains(url)).cloned();
                let wanted: Vec<String> = wanted.collect();
                if !sources.fetch_crls || wanted.is_empty() {
                    break;
                }
                crls.extend(runtime.block_on(fetch(&wanted))?);
                fetched.extend(wanted);
                trust = trust.with(intermediates.clone(), crls.clone())?;
            }
            decision = verify_certificate(&trust.current(), &der, circumstances);
        }
        Ok(print_decision(&decision, json))
    }

    /// The certificate's DER, and what stands behind it in its file. Empty when the file holds something else: let
    /// the verification say that it is no certificate, with its code.
    fn read(&self) -> Result<(Vec<u8>, Vec<X509>), Error> {
        let mut certificates = match read_certificates(&self.file) {
            Ok(certificates) => certificates.into_iter(),
            Err(Error::Content { .. }) => return Ok((Vec::new(), Vec::new())),
            Err(error) => return Err(error),
        };
        let leaf = certificates.next().ok_or(Error::Defect("a file without certificates was read"))?;
        Ok((leaf.to_der()?, certificates.collect()))
    }

    /// The configuration's, with what the flags add, and whether the agency takes My Number Cards.
    fn sources(self) -> Result<(TrustSources, bool), Error> {
        let mut my_number = false;
        let mut sources = match &self.config {
            Some(path) => {
                let config = Config::load(path)?;
                config.check()?;
                let mut sources = config.trust_sources();
                sources.rules.issuers = agency::issuer_rules(&config.agencies)?;
                if let Some(code) = &self.agency {
                    let agencies = Agencies::load_with(&config.agencies, config.holidays.as_deref())?;
                    let profile = agencies.profile(code)?;
                    sources.rules.uncheckable = profile.uncheckable.unwrap_or(sources.rules.uncheckable);
                    my_number = profile.cards.my_number;
                }
                sources
            }
            None => TrustSources::default(),
        };
        sources.anchors.extend(self.trust);
        sources.intermediates.extend(self.intermediate);
        sources.crls.extend(self.crl);
        sources.crl_urls.extend(self.crl_url);
        sources.fetch_crls |= self.fetch_crls;
        sources.rules.require_policies.extend(self.require_policy);
        sources.rules.forbid_policies.extend(self.forbid_policy);
        sources.ocsp.urls.extend(self.ocsp_url);
        sources.ocsp.nonce |= self.ocsp_nonce;
        if let Some(ocsp) = self.ocsp {
            sources.ocsp.use_of = ocsp;
        }
        if let Some(uncheckable) = self.uncheckable {
            sources.rules.uncheckable = uncheckable;
        }
        Ok((sources, my_number))
    }
}

fn uncheckable() -> impl TypedValueParser<Value = Uncheckable> {
    let parser = PossibleValuesParser::new(["refuse", "accept"]);
    parser.map(|value| if value == "accept" { Uncheckable::Accept } else { Uncheckable::Refuse })
}

fn ocsp_use() -> impl TypedValueParser<Value = OcspUse> {
    let parser = PossibleValuesParser::new(["off", "first", "after-crl"]);
    parser.map(|value| match value.as_str() {
        "first" => OcspUse::First,
        "after-crl" => OcspUse::AfterCrl,
        _ => OcspUse::Off,
    })
}

/// What can be had; what can't is said on standard error, and the decision says what it lacks.
async fn fetch(urls: &[String]) -> Result<Vec<Vec<u8>>, Error> {
    let mut crls = Vec::new();
    if urls.is_empty() {
        return Ok(crls);
    }
    let client = trust::client()?;
    for url in urls {
        match trust::download(&client, url).await {
            Ok(der) => crls.push(der),
            Err(failure) => eprintln!("CRL {failure}"),
        }
    }
    Ok(crls)
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
            Err(refusal) => println!("拒否 {} {}", refusal.cause.as_str(), refusal.reason),
        }
    }
    if decision.outcome.is_ok() { Verdict::Good } else { Verdict::Bad }
}

fn to_json(decision: &Decision<Facts>) -> serde_json::Value {
    let mut json = serde_json::json!({
        "accepted": decision.outcome.is_ok(),
        "steps": decision.steps,
        "evidence": decision.evidence,
    });
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
            json["code"] = refusal.cause.as_str().into();
            json["reason"] = refusal.reason.clone().into();
        }
    }
    json
}
