//! `application list|approve|reject`: 審査 of ID登録申請, beside the running server; `application permit` for what must come
//! before them; and `application export`.

use std::sync::Arc;

use touroku_proto::{
    account::ApplicationState, field::FieldId, officer::company::PermitState, origin::Origin, text,
};

use super::{
    Verdict,
    place::{Place, open_key, public_origin_of},
    profile_of,
    receipt::Export,
};
use crate::{
    error::Error,
    japan,
    mail::{Desk, Post},
    officer::{MAX_REASON, company::put_permit},
    outside::Outside,
    review::{Decision, Reviewed, applications, decide_account},
    store::{Account, Actor, Exclusive},
};

/// What to do with applications.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Application {
    /// 審査待ちの申請を示す
    List(List),
    /// 申請を承認し、申請者にメールで知らせる
    Approve(Approve),
    /// 申請を却下し、理由を申請者にメールで知らせる
    Reject(Reject),
    /// 会社の利用申請書の受理と許可を記録する
    Permit(SetPermit),
    /// ICカードで署名された申請書と署名を、ファイルに書き出す
    Export(Export),
}

/// Flags of `application list`.
#[derive(Debug, clap::Args)]
pub(super) struct List {
    #[command(flatten)]
    place: Place,
    /// 承認・却下したものも示す
    #[arg(long)]
    all: bool,
}

/// Which application: as the list showed it, number and all.
#[derive(Debug, clap::Args)]
struct Which {
    #[command(flatten)]
    place: Place,
    /// 公開するオリジン（例 https://ebid.example.jp）。申請者へのメールのリンクに使う
    #[arg(long, value_parser = Origin::parse)]
    origin: Option<Origin>,
    /// 業者番号または登録番号
    #[arg(long)]
    company: String,
    /// listが示した受付番号
    #[arg(long)]
    id: String,
}

/// Flags of `application approve`.
#[derive(Debug, clap::Args)]
pub(super) struct Approve {
    #[command(flatten)]
    which: Which,
}

/// Flags of `application reject`.
#[derive(Debug, clap::Args)]
pub(super) struct Reject {
    #[command(flatten)]
    which: Which,
    /// 却下の理由。申請者がそのまま読む
    #[arg(long, value_parser = reason)]
    reason: String,
}

/// Flags of `application permit`.
#[derive(Debug, clap::Args)]
pub(super) struct SetPermit {
    #[command(flatten)]
    place: Place,
    /// 業者番号または登録番号。くり返せる
    #[arg(long, required = true)]
    company: Vec<String>,
    /// 許可せず、受理だけを記録する
    #[arg(long, conflicts_with = "withdraw")]
    received: bool,
    /// 受理と許可を取り消す
    #[arg(long)]
    withdraw: bool,
}

impl SetPermit {
    fn run(self, outside: &Outside) -> Result<Verdict, Error> {
        let config = self.place.files.config()?;
        let profile = profile_of(&config.agencies, &self.place.agency)?;
        let key = Arc::new(open_key(&config, outside)?);
        let mut database = Exclusive::open(&config.location()?)?.sealed_with(key);
        let state = match (self.received, self.withdraw) {
            (_, true) => None,
            (true, false) => Some(PermitState::Received),
            (false, false) => Some(PermitState::Permitted),
        };
        let now = outside.now();
        let mut verdict = Verdict::Good;
        for company in &self.company {
            let number = profile.search.roster_number(company);
            let is_known = database.write(|writer| {
                let Some(row) = writer.roster_row(&profile.code, &number)? else { return Ok(false) };
                let by = (Actor::command(&profile.code), "");
                put_permit(writer, (&profile.code, &row.number), by, state, now)?;
                Ok(true)
            })?;
            if is_known {
                let done = match state {
                    Some(PermitState::Received) => "受理しました",
                    Some(PermitState::Permitted) => "許可しました",
                    None => "受理と許可を取り消しました",
                };
                println!("{number}の利用申請書：{done}");
            } else {
                println!("{number}は名簿にありません");
                verdict = Verdict::Bad;
            }
        }
        Ok(verdict)
    }
}

impl Application {
    pub(super) fn run(self, outside: &Outside) -> Result<Verdict, Error> {
        match self {
            Self::List(command) => command.run(),
            Self::Approve(command) => command.which.run(Decision::Approve, outside),
            Self::Permit(command) => command.run(outside),
            Self::Export(command) => command.run(),
            Self::Reject(command) => command.which.run(Decision::Reject(&command.reason), outside),
        }
    }
}

impl List {
    fn run(self) -> Result<Verdict, Error> {
        let config = self.place.files.config()?;
        let profile = profile_of(&config.agencies, &self.place.agency)?;
        let mut database = Exclusive::open(&config.location()?)?;
        let all = database.write(|writer| applications(writer, &profile.code))?;
        let shown: Vec<_> = all
            .into_iter()
            .filter(|(account, _)| self.all || account.state == ApplicationState::Pending)
            .collect();
        for (account, row) in &shown {
            let category = profile.category(&account.category).map_or("", |category| &category.name);
            println!(
                "受付番号 {}　{}　{}　{}　{}　{}　申請者 {}（{}）",
                account.receipt,
                moment(account.applied_at),
                category,
                account.number,
                row.name,
                in_japanese(account.state),
                account.values.text(FieldId::ApplicantContactPerson),
                account.values.text(FieldId::ApplicantContactPhone),
            );
            if !account.reason.is_empty() {
                println!("　理由: {}", account.reason);
            }
        }
        println!("{}件", shown.len());
        Ok(Verdict::Good)
    }
}

impl Which {
    fn run(self, decision: Decision<'_>, outside: &Outside) -> Result<Verdict, Error> {
        let config = self.place.files.config()?;
        let profile = profile_of(&config.agencies, &self.place.agency)?;
        let key = Arc::new(open_key(&config, outside)?);
        let mut database = Exclusive::open(&config.location()?)?.sealed_with(Arc::clone(&key));
        let origin = public_origin_of(&config, self.origin.as_ref())?;
        let post = Post { outside, key: &key, origin: &origin };
        let number = profile.search.roster_number(&self.company);
        let receipt = self.id.trim();
        let reviewed = database.write(|writer| {
            let of = |(account, _): &(Account, _)| account.number == number && account.receipt == receipt;
            match applications(writer, &profile.code)?.into_iter().find(of) {
                Some((account, _)) => {
                    let desk = Desk { writer, post, profile: &profile, now: outside.now() };
                    decide_account(&desk, &number, account.id, decision, Actor::command(&profile.code))
                }
                None => Ok(Reviewed::Unknown),
            }
        })?;
        match reviewed {
            Reviewed::Decided(told) => {
                let done = match decision {
                    Decision::Approve => "承認しました",
                    Decision::Reject(_) => "却下しました",
                };
                println!("受付番号 {}（{number}）を{done}。メールの宛先 {}件", self.id, told.len());
                Ok(Verdict::Good)
            }
            Reviewed::FirstApproved => {
                println!(
                    "受付番号 {}（{number}）に1人目の承認を記録しました。承認には、別の担当者1人の承認も要ります。",
                    self.id
                );
                Ok(Verdict::Good)
            }
            Reviewed::SameOfficer => {
                println!(
                    "受付番号 {}（{number}）は、このコマンドで1人目の承認が済んでいます。2人目は、発注機関の画面で別の担当者が承認します。",
                    self.id
                );
                Ok(Verdict::Bad)
            }
            Reviewed::Dependent(_) => {
                println!(
                    "受付番号 {}（{number}）の1人目の承認者は、このコマンドで作られた担当者です。2人目は、発注機関の画面で別の担当者が承認します。",
                    self.id
                );
                Ok(Verdict::Bad)
            }
            Reviewed::Suspended => {
                println!(
                    "受付番号 {}（{number}）は止められています。発注機関の画面で、照会のこの会社から停止を解除するまで、却下だけができます。",
                    self.id
                );
                Ok(Verdict::Bad)
            }
            Reviewed::LoginIdTaken => {
                println!(
                    "受付番号 {}（{number}）の申請したユーザーIDは、ほかの申請の承認により使われています。却下だけができます。",
                    self.id
                );
                Ok(Verdict::Bad)
            }
            Reviewed::Unknown => {
                println!(
                    "受付番号 {}で{number}の申請はありません。application listで確かめてください。",
                    self.id
                );
                Ok(Verdict::Bad)
            }
            Reviewed::Before(state) => {
                println!(
                    "受付番号 {}（{number}）は{}です。何も変えませんでした。",
                    self.id,
                    in_japanese(state)
                );
                Ok(Verdict::Bad)
            }
        }
    }
}

fn reason(typed: &str) -> Result<String, String> {
    let reason = typed.trim();
    if reason.is_empty() || text::characters(reason) > MAX_REASON || reason.chars().any(text::is_forbidden) {
        return Err(format!("理由は1行、{MAX_REASON}文字以内で書きます"));
    }
    Ok(reason.to_owned())
}

fn in_japanese(state: ApplicationState) -> &'static str {
    match state {
        ApplicationState::Pending => "申請中",
        ApplicationState::Approved => "承認済み",
        ApplicationState::Rejected => "却下済み",
        ApplicationState::Withdrawn => "取り下げ済み",
    }
}

/// In Japan's time, to the minute.
pub(super) fn moment(unix_ms: i64) -> String {
    japan::minute(unix_ms)
}
