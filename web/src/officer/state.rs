//! All that the page knows.

use std::{collections::BTreeMap, rc::Rc};

use touroku_proto::{
    agency::AgencyProfile,
    api::Portal,
    officer::{
        LinkSent, OfficerAccount, OfficerView, OpenSession, Role, Setup,
        audit::AuditPage,
        company::{CompanyDetail, FoundCompanies},
        daily::DailyList,
        figures::Figures,
        import::{ImportField, ImportRows, ImportView},
        number::IssuedNumbers,
        profile::{ProfileCheck, ProfileInForce},
        review::{ApplicationDetail, ApplicationPage},
    },
};

use super::{
    ask::Ask,
    dialog::Dialog,
    input::{Fault, Input, Texts},
    route::{Route, RowKind},
};
use crate::bidder::trouble::Trouble;

#[derive(Clone, Default)]
pub struct Console {
    /// The screen of the address; `None` before the page has started.
    pub route: Option<Route>,
    /// Agencies and extension ids.
    pub portal: Option<Portal>,
    pub session: Session,
    /// The session ended on the server while somebody was at work; what was typed is still here.
    pub lost: bool,
    /// What pages receive of the officer's agency.
    pub profile: Option<Rc<AgencyProfile>>,
    /// The agency that is chosen for the sign-in.
    pub agency: String,
    /// Time and the session's end.
    pub time: Time,
    /// What is on its way.
    pub(super) waiting: Vec<Ask>,
    /// What was typed.
    pub texts: Texts,
    /// What is wrong with it.
    pub faults: BTreeMap<Input, Fault>,
    /// The list of mistakes is shown on top.
    pub summary: bool,
    /// What went wrong.
    pub banner: Option<Banner>,
    pub notice: Option<Notice>,
    /// The question that is on the screen.
    pub dialog: Option<Dialog>,
    pub card: CardRequest,
    /// A link that was opened.
    pub setup: Option<Setup>,
    /// ホーム.
    pub figures: Option<Figures>,
    /// What happened today and the day before.
    pub daily: Option<Vec<DailyList>>,
    /// The queue, as far as it was read.
    pub queue: Option<ApplicationPage>,
    pub review: Review,
    /// 業者情報取込.
    pub imports: Imports,
    /// 照会, as far as it was read.
    pub companies: Option<FoundCompanies>,
    /// The company that is shown.
    pub company: Option<CompanyDetail>,
    /// 番号の通知.
    pub numbers: Numbers,
    /// 担当者の管理 and the officer's own account.
    pub officers: Officers,
    /// 監査記録, as far as it was read.
    pub audit: Option<AuditPage>,
    /// The look through all entries that was waited for ended and found nothing out.
    pub audit_check_failed: bool,
    /// 機関設定.
    pub settings: Settings,
}

/// What is known of the session.
#[derive(Clone, Default)]
pub enum Session {
    /// Not asked yet.
    #[default]
    Unknown,
    /// Nobody is signed in.
    Closed,
    /// Somebody is.
    Open(OfficerView),
}

/// Time, in milliseconds of the browser's steady clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct Time {
    /// Now, as of the last action.
    pub now_ms: f64,
    /// When the server was last asked something with success.
    pub(super) heard_ms: f64,
    /// How long a session lasts that nothing is asked in.
    pub(super) idle_ms: f64,
    /// Until when the server wants no further attempt.
    pub(super) wait_until_ms: f64,
    /// What to add to the steady clock for the server's.
    pub(super) offset_ms: f64,
}

/// A trouble on the screen, and what もう一度 sends.
#[derive(Clone)]
pub struct Banner {
    /// What went wrong.
    pub trouble: Trouble,
    /// The request that failed; `None`: no such button.
    pub retry: Option<Box<Ask>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    SignedOut,
    /// Signed in again; nothing is lost.
    Resumed,
    /// 承認.
    Approved,
    /// The first of two approvals.
    FirstApproved,
    /// 却下.
    Rejected,
    /// The columns are read otherwise, the check runs again.
    Mapped,
    /// The import is being taken over.
    Taking,
    /// It was taken over.
    Taken,
    /// The import was taken back.
    Undone,
    /// The import was given up.
    Cancelled,
    /// Another file than the one whose upload stopped.
    OtherFile,
    /// Not exactly one file.
    NotOneFile,
    /// Larger than the server takes.
    FileTooLarge,
    FileEmpty,
    /// A company or card was suspended.
    Suspended,
    Lifted,
    MailSentAgain,
    MailGivenUp,
    /// Name, role or state of an account changed.
    OfficerChanged,
    /// The own password changed.
    PasswordChanged,
    SessionEnded,
    CardLinked,
    /// It no longer signs in.
    CardUnlinked,
    /// Other mails from now on.
    NoticesSet,
    /// The profile is in force.
    ProfileTaken,
    /// It waits for another administrator.
    ProfileProposed,
    /// What waited was given up.
    ProfileWithdrawn,
    /// A file was saved.
    Exported,
    /// In the clipboard.
    Copied,
    /// The browser keeps texts out of it.
    NotCopied,
}

/// A request to the card, from the press of a button to the server's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CardRequest {
    /// Counts the requests, so that a late answer is known as such.
    pub(super) attempt: u32,
    /// How far it is.
    pub step: CardStep,
    /// To sign in, not to link.
    pub(super) signs_in: bool,
}

/// How far a card request is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CardStep {
    /// None is running.
    #[default]
    Idle,
    /// The server makes a challenge.
    Challenging,
    /// The card window is about to open.
    Opening,
    /// The card window is on the screen.
    Open,
    /// The server looks at the answer.
    Checking,
}

/// 審査 of one application.
#[derive(Clone, Default)]
pub struct Review {
    /// As it is now.
    pub detail: Option<ApplicationDetail>,
    /// As it was looked at before it changed on the server.
    pub before: Option<ApplicationDetail>,
}

/// 業者情報取込.
#[derive(Clone, Default)]
pub struct Imports {
    /// The latest, newest first.
    pub list: Option<Vec<ImportView>>,
    /// The file that was chosen in this tab: name and bytes.
    pub file: Option<(String, u64)>,
    /// The import that its bytes are sent to.
    pub sending: Option<i64>,
    /// The line broke; it goes on by itself.
    pub(super) broken: bool,
    /// Which import and kind `rows` are of.
    pub(super) rows_of: Option<(i64, RowKind)>,
    /// Rows, as far as they were read.
    pub rows: Option<ImportRows>,
    /// What a column may be read as.
    pub fields: Option<Vec<ImportField>>,
    /// How the columns are to be read, where that was changed.
    pub mapping: Option<Vec<String>>,
    /// The row of the header that was picked, from 1.
    pub header: Option<u64>,
    /// The sheet that was picked.
    pub sheet: Option<String>,
    /// Leave the wrong rows out.
    pub skip_wrong: bool,
    /// Delete the 削除候補.
    pub remove_missing: bool,
}

/// 番号の通知.
#[derive(Clone, Default)]
pub struct Numbers {
    /// For chosen companies, not for the next ones.
    pub chosen: bool,
    /// By mail where there is an address.
    pub by_mail: bool,
    /// The letters. They come once and stay until they are closed.
    pub issued: Option<IssuedNumbers>,
}

/// 担当者の管理 and the officer's own account.
#[derive(Clone, Default)]
pub struct Officers {
    pub list: Option<Vec<OfficerAccount>>,
    /// Role of the account that is being added.
    pub role: Option<Role>,
    /// Whose link went out, and where.
    pub link: Option<(String, LinkSent)>,
    /// The card goes with the old password.
    pub unlink_card: bool,
    /// Where the officer is signed in.
    pub sessions: Option<Vec<OpenSession>>,
}

/// 機関設定.
#[derive(Clone, Default)]
pub struct Settings {
    pub in_force: Option<ProfileInForce>,
    /// What was said about a text.
    pub check: Option<ProfileCheck>,
    /// The text that `check` is about.
    pub checked: String,
    /// The preview's category, by its code.
    pub category: String,
    pub screen: PreviewScreen,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PreviewScreen {
    /// 利用者登録メニュー.
    #[default]
    Menu,
    /// 資格審査情報検索.
    Search,
    /// 利用者登録.
    Form,
    /// 登録内容確認.
    Confirm,
}

impl PreviewScreen {
    /// All, in the order of the way.
    pub const ALL: [Self; 4] = [Self::Menu, Self::Search, Self::Form, Self::Confirm];

    /// Its name in `data-preview`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Menu => "menu",
            Self::Search => "search",
            Self::Form => "form",
            Self::Confirm => "confirm",
        }
    }
}

/// How long before the session's end the page says so.
const WARNING_MS: f64 = 3.0 * 60.0 * 1000.0;

impl Console {
    /// Who is signed in, if anybody is.
    pub fn officer(&self) -> Option<&OfficerView> {
        match &self.session {
            Session::Open(view) => Some(view),
            Session::Unknown | Session::Closed => None,
        }
    }

    /// The agency of the account, or before the sign-in the one that is chosen.
    pub(super) fn agency_code(&self) -> String {
        self.officer().map_or(&self.agency, |officer| &officer.agency).clone()
    }

    /// Whether the officer's role has at least these rights.
    pub fn may(&self, role: Role) -> bool {
        self.officer().is_some_and(|officer| officer.role >= role)
    }

    /// Whether the screen of the address is shown; otherwise the sign-in is.
    pub fn is_signed_in(&self) -> bool {
        self.officer().is_some() && !self.lost
    }

    /// Whether the agency's companies are found by numbers that are issued here.
    pub fn issues_numbers(&self) -> bool {
        self.profile.as_ref().is_some_and(|profile| profile.search.number_issued)
    }

    /// What stands in a field.
    pub fn text(&self, input: Input) -> &str {
        self.texts.get(&input).map_or("", String::as_str)
    }

    /// Whether such a request is on its way.
    pub fn waits(&self, which: impl Fn(&Ask) -> bool) -> bool {
        self.waiting.iter().any(which)
    }

    /// The import that is shown or is under way.
    pub fn import(&self, id: i64) -> Option<&ImportView> {
        self.imports.list.as_ref()?.iter().find(|import| import.id == id)
    }

    /// Seconds until the server wants to be asked again; 0: now.
    pub fn seconds_to_wait(&self) -> u32 {
        ((self.time.wait_until_ms - self.time.now_ms).max(0.0) / 1000.0).ceil() as u32
    }

    /// Whole minutes until the session ends unless something is asked, once it is near.
    pub fn minutes_left(&self) -> Option<u32> {
        let left = self.time.left_ms().filter(|&left| left <= WARNING_MS && self.is_signed_in())?;
        Some((left.max(0.0) / 60_000.0).ceil() as u32)
    }

    /// The server's time, Unix milliseconds, as well as it is known.
    pub fn now_unix_ms(&self) -> i64 {
        (self.time.offset_ms + self.time.now_ms) as i64
    }
}

impl Time {
    /// Milliseconds until the session ends, if there is one.
    pub(super) fn left_ms(self) -> Option<f64> {
        (self.idle_ms > 0.0).then_some(self.heard_ms + self.idle_ms - self.now_ms)
    }
}
