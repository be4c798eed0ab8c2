//! `officer`: the agency's accounts, beside the running server. The first one is made here.

use std::sync::Arc;

use touroku_proto::{
    agency::AgencyProfile,
    api::ApiErrorCode,
    officer::{AddOfficer, ChangeOfficer, OfficerState, ResetOfficer, Role, is_email},
    origin::Origin,
};

use super::{
    Verdict,
    place::{Place, open_key, origin_of},
    profile_of,
};
use crate::{
    error::Error,
    japan,
    key::ServerKey,
    officer::account::{self, By, Handed, Links, is_login_id},
    outside::Outside,
    store::{Exclusive, Writer},
};

/// What to do with officers' accounts.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Officer {
    /// 職員のアカウントを作り、一度だけ使える設定用アドレスを本人にメールで送る（機関で最初の一人は、--emailがなければ画面に示す）
    Add(Add),
    /// アカウントの一覧
    List(List),
    /// 設定用アドレスを新しく作る。いまのパスワード・認証アプリ・ICカードは使えなくなる
    Reset(Reset),
    /// アカウントを止める。ログイン中の画面もすぐに使えなくなる
    Stop(Which),
    /// 止めたアカウントを再び使えるようにする
    Start(Which),
}

/// Where the accounts are.
#[derive(Debug, clap::Args)]
struct OfficerPlace {
    #[command(flatten)]
    place: Place,
    /// 公開するオリジン（例 https://ebid.example.jp）
    #[arg(long, value_parser = Origin::parse)]
    origin: Option<Origin>,
}

/// Flags of `officer add`.
#[derive(Debug, clap::Args)]
pub(super) struct Add {
    #[command(flatten)]
    place: OfficerPlace,
    /// ログインID（半角の英小文字・数字・. _ - で3～32文字）
    #[arg(long, value_parser = login_id)]
    login_id: String,
    /// 氏名
    #[arg(long)]
    name: String,
    /// view（閲覧）、review（審査）、manage（管理）
    #[arg(long, value_parser = role)]
    role: Role,
    /// 本人のメールアドレス。設定用アドレスの送り先
    #[arg(long, value_parser = email, default_value = "")]
    email: String,
}

/// Flags of `officer reset`.
#[derive(Debug, clap::Args)]
pub(super) struct Reset {
    #[command(flatten)]
    which: Which,
    /// 本人の新しいメールアドレス。なければ、いまのアドレスに送る
    #[arg(long, value_parser = email)]
    email: Option<String>,
}

/// Flags of `officer list`.
#[derive(Debug, clap::Args)]
pub(super) struct List {
    #[command(flatten)]
    place: OfficerPlace,
}

/// Which account.
#[derive(Debug, clap::Args)]
pub(super) struct Which {
    #[command(flatten)]
    place: OfficerPlace,
    /// ログインID
    #[arg(long)]
    login_id: String,
}

impl Officer {
    pub(super) fn run(self, outside: &Outside) -> Result<Verdict, Error> {
        match self {
            Self::Add(command) => command.run(outside),
            Self::List(command) => command.run(outside),
            Self::Reset(command) => command.run(outside),
            Self::Stop(command) => command.set_stopped(true, outside),
            Self::Start(command) => command.set_stopped(false, outside),
        }
    }
}

/// A place that was looked at.
struct Open {
    agency: String,
    database: Exclusive,
    key: Arc<ServerKey>,
    origin: Origin,
    profile: Arc<AgencyProfile>,
}

impl OfficerPlace {
    fn open(&self, outside: &Outside) -> Result<Open, Error> {
        let config = self.place.known()?;
        let profile = profile_of(&config.agencies, &self.place.agency)?;
        let key = Arc::new(open_key(&config, outside)?);
        Ok(Open {
            agency: self.place.agency.clone(),
            database: Exclusive::open(&config.location()?)?.sealed_with(Arc::clone(&key)),
            key,
            origin: origin_of(&config, self.origin.as_ref())?,
            profile,
        })
    }
}

impl Open {
    fn make_link(
        &mut self,
        outside: &Outside,
        make: impl FnOnce(&Writer<'_>, &Links<'_>, &By<'_>) -> Result<Handed, Error>,
    ) -> Result<(), Error> {
        let links = Links { key: &self.key, outside, origin: &self.origin, profile: &self.profile };
        let by = By::Command(&self.agency);
        match self.database.write(|writer| make(writer, &links, &by)).map_err(say)? {
            Handed::Shown { url, expires_at } => println!(
                "{url}\nこのアドレスを本人に渡してください。{}まで、一度だけ使えます。",
                japan::minute(expires_at)
            ),
            Handed::Mailed(sent) => println!(
                "設定用アドレスを、本人（{}）にメールで送ります。{}まで、一度だけ使えます。",
                sent.email,
                japan::minute(sent.expires_unix_ms)
            ),
        }
        Ok(())
    }
}

impl Add {
    fn run(self, outside: &Outside) -> Result<Verdict, Error> {
        let Self { place, login_id, name, role, email } = self;
        let request = AddOfficer { login_id, name, role, email };
        let mut open = place.open(outside)?;
        open.make_link(outside, |writer, links, by| account::add(writer, links, by, &request))?;
        Ok(Verdict::Good)
    }
}

impl List {
    fn run(self, outside: &Outside) -> Result<Verdict, Error> {
        let mut open = self.place.open(outside)?;
        let now = outside.now();
        let found = open.database.read(|reader| reader.officers(&open.agency, now))?;
        for (officer, sessions) in &found {
            let state = match officer.state() {
                OfficerState::Invited => "設定待ち",
                OfficerState::Active => "使用中",
                OfficerState::Stopped => "停止中",
            };
            let last = officer.last_login_at.map_or_else(|| "－".to_owned(), super::application::moment);
            println!(
                "{}　{}　{}　{state}　最後のログイン {last}　ログイン中 {sessions}",
                officer.login_id,
                officer.name,
                officer.role.name()
            );
        }
        println!("{}件", found.len());
        Ok(Verdict::Good)
    }
}

impl Reset {
    fn run(self, outside: &Outside) -> Result<Verdict, Error> {
        let Self { which: Which { place, login_id }, email } = self;
        let mut open = place.open(outside)?;
        let request = ResetOfficer { email };
        let made = open.make_link(outside, |writer, links, by| {
            account::reset(writer, links, by, &login_id, &request).map_err(|error| match error {
                // A stopped account and one without an address both give `wrong_state`; the address can be given
                // here.
                Error::Refused(ApiErrorCode::WrongState) if request.email.is_none() => Error::Setting {
                    name: "--email",
                    message: "止めてあるアカウントは、先にofficer startで使えるようにしてください。\
                              メールアドレスがまだないアカウントは、--emailで指定してください"
                        .to_owned(),
                },
                other => other,
            })
        });
        made.map(|()| Verdict::Good)
    }
}

impl Which {
    fn set_stopped(self, stopped: bool, outside: &Outside) -> Result<Verdict, Error> {
        let mut open = self.place.open(outside)?;
        let by = By::Command(&open.agency);
        let links = Links { key: &open.key, outside, origin: &open.origin, profile: &open.profile };
        let changed = open.database.write(|writer| {
            let officer = account::find(writer, &by, &self.login_id)?;
            let request = ChangeOfficer { name: officer.name, role: officer.role, stopped, revision: None };
            account::change(writer, &links, &by, &self.login_id, &request)
        });
        let login_id = changed.map_err(say)?.login_id;
        println!("{login_id}を{}。", if stopped { "止めました" } else { "再び使えるようにしました" });
        Ok(Verdict::Good)
    }
}

/// A refusal in words.
fn say(error: Error) -> Error {
    let setting = |name, message: &str| Error::Setting { name, message: message.to_owned() };
    match error {
        Error::Refused(ApiErrorCode::LoginIdTaken) => {
            setting("--login-id", "そのログインIDはすでに使われています。別のものにしてください")
        }
        Error::Refused(ApiErrorCode::NotFound) => {
            setting("--login-id", "そのログインIDはありません。officer listで確かめてください")
        }
        Error::Refused(ApiErrorCode::WrongState) => {
            setting("--login-id", "止めてあります。先にofficer startで使えるようにしてください")
        }
        Error::Refused(ApiErrorCode::BadRequest) => setting(
            "--name、--email",
            "氏名は1～60文字で、使えない文字を入れずに書いてください。機関の最初の一人のほかは、--emailも要ります",
        ),
        other => other,
    }
}

fn login_id(text: &str) -> Result<String, String> {
    if is_login_id(text) {
        Ok(text.to_owned())
    } else {
        Err("半角の英小文字・数字・. _ - で3～32文字にしてください".to_owned())
    }
}

fn email(text: &str) -> Result<String, String> {
    match text.is_empty() || is_email(text) {
        true => Ok(text.to_owned()),
        false => Err("メールアドレスではありません".to_owned()),
    }
}

fn role(text: &str) -> Result<Role, String> {
    let names = || Role::ALL.iter().map(|role| role.as_str()).collect::<Vec<_>>().join("、");
    Role::from_text(text).ok_or_else(|| format!("{}のどれかにしてください", names()))
}
