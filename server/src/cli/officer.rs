//! `officer`: the agency's accounts, beside the running server. The first one is made here.

use touroku_proto::{
    api::ApiErrorCode,
    officer::{AddOfficer, ChangeOfficer, OfficerState, Role, SetupLink},
    origin::Origin,
};

use super::{
    Verdict,
    place::{Place, open_key, origin_of},
};
use crate::{
    error::Error,
    key::ServerKey,
    officer::account::{self, By, Links, is_login_id},
    outside::Outside,
    store::{Exclusive, Writer},
};

/// What to do with officers' accounts.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Officer {
    /// 職員のアカウントを作り、一度だけ使える設定用アドレスを示す
    Add(Add),
    /// アカウントの一覧
    List(List),
    /// 設定用アドレスを新しく作る。いまのパスワード・認証アプリ・ICカードは使えなくなる
    Reset(Which),
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
            Self::Reset(command) => command.reset(outside),
            Self::Stop(command) => command.set_stopped(true, outside),
            Self::Start(command) => command.set_stopped(false, outside),
        }
    }
}

/// A place that was looked at.
struct Open {
    agency: String,
    database: Exclusive,
    key: ServerKey,
    origin: Origin,
}

impl OfficerPlace {
    fn open(&self, outside: &Outside) -> Result<Open, Error> {
        let config = self.place.known()?;
        let key = open_key(&config, outside)?;
        let origin = origin_of(&config, self.origin.as_ref())?;
        let agency = self.place.agency.clone();
        Ok(Open { agency, database: Exclusive::open(&config.database)?, key, origin })
    }
}

impl Open {
    fn make_link(
        &mut self,
        outside: &Outside,
        make: impl FnOnce(&Writer<'_>, &Links<'_>, &By<'_>) -> Result<SetupLink, Error>,
    ) -> Result<(), Error> {
        let links = Links { key: &self.key, outside, origin: &self.origin };
        let by = By::Command(&self.agency);
        let link = self.database.write(|writer| make(writer, &links, &by)).map_err(say)?;
        println!(
            "{}\nこのアドレスを本人に渡してください。{}まで、一度だけ使えます。",
            link.url,
            super::application::moment(link.expires_unix_ms)
        );
        Ok(())
    }
}

impl Add {
    fn run(self, outside: &Outside) -> Result<Verdict, Error> {
        let Self { place, login_id, name, role } = self;
        let request = AddOfficer { login_id, name, role };
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

impl Which {
    fn reset(self, outside: &Outside) -> Result<Verdict, Error> {
        let mut open = self.place.open(outside)?;
        open.make_link(outside, |writer, links, by| account::reset(writer, links, by, &self.login_id))?;
        Ok(Verdict::Good)
    }

    fn set_stopped(self, stopped: bool, outside: &Outside) -> Result<Verdict, Error> {
        let mut open = self.place.open(outside)?;
        let (by, now) = (By::Command(&open.agency), outside.now());
        let changed = open.database.write(|writer| {
            let officer = account::find(writer, &by, &self.login_id)?;
            let request = ChangeOfficer { name: officer.name, role: officer.role, stopped, revision: None };
            account::change(writer, &by, &self.login_id, &request, now)
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
        Error::Refused(ApiErrorCode::BadRequest) => {
            setting("--name", "1～60文字で、使えない文字を入れずに書いてください")
        }
        other => other,
    }
}

fn login_id(text: &str) -> Result<String, String> {
    if is_login_id(text) {
        Ok(text.to_owned())
    } else {
        Err("半角の英小文字・数字・. _ - で3～32文字にします".to_owned())
    }
}

fn role(text: &str) -> Result<Role, String> {
    match text {
        "view" => Ok(Role::View),
        "review" => Ok(Role::Review),
        "manage" => Ok(Role::Manage),
        _ => Err("view、review、manageのどれかにします".to_owned()),
    }
}
