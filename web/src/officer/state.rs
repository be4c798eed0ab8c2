//! Everything the page knows.

use std::rc::Rc;

use touroku_proto::{
    agency::AgencyProfile,
    api::Portal,
    few::Few,
    guide::Install,
    officer::{
        LinkSent, OfficerAccount, OfficerView, OpenSession, Role, Setup,
        audit::AuditPage,
        client::ClientsView,
        company::{CompanyDetail, ExportPart, FoundCompanies, ListingPart},
        daily::DailyList,
        figures::Figures,
        import::{ImportCell, ImportField, ImportRows, ImportView, RowKind},
        mail::Undelivered,
        number::IssuedNumbers,
        review::{ApplicationDetail, ApplicationItem, ApplicationPage},
        roster::RosterForm,
    },
};

pub use super::settings::{PreviewScreen, Settings};
use super::{
    ask::Ask,
    dialog::Dialog,
    input::{Fault, Input, Texts},
    route::Route,
};
use crate::bidder::trouble::Trouble;

#[derive(Clone, Default)]
pub struct Console {
    /// The screen of the URL; `None` before the page has started.
    pub route: Option<Route>,
    /// Agencies and extension ids.
    pub portal: Option<Portal>,
    pub session: Session,
    /// The session ended on the server while somebody was working; what was typed is still here.
    pub lost: bool,
    /// What pages receive of the officer's agency.
    pub profile: Option<Rc<AgencyProfile>>,
    /// The agency chosen for the sign-in.
    pub agency: String,
    pub time: Time,
    /// Requests in progress.
    pub(super) waiting: Vec<Ask>,
    pub texts: Texts,
    pub faults: Few<Input, Fault>,
    /// The list of mistakes is shown on top.
    pub summary: bool,
    pub banner: Option<Banner>,
    pub notice: Option<Notice>,
    /// The question on the screen.
    pub dialog: Option<Dialog>,
    pub card: CardRequest,
    pub setup: Option<Setup>,
    /// ホーム.
    pub figures: Option<Figures>,
    /// The events of today and yesterday.
    pub daily: Option<Vec<DailyList>>,
    /// 届かなかったメール, as far as they were read.
    pub undelivered: Option<Undelivered>,
    /// The queue, as far as it was read.
    pub queue: Option<ApplicationPage>,
    pub review: Review,
    /// Applications that were looked at one by one and are to be approved together.
    pub collected: Vec<Collected>,
    /// They are being approved: how many were, so far.
    pub approving: Option<usize>,
    /// 業者情報取込.
    pub imports: Imports,
    pub row: Row,
    /// Shown on the screen that comes next.
    pub(super) next_notice: Option<Notice>,
    /// 照会, as far as it was read.
    pub companies: Option<FoundCompanies>,
    /// 業者番号一覧, as far as it was read.
    pub listing: Option<ListingPart>,
    /// The columns of an export, besides the company's own.
    pub export_parts: Vec<ExportPart>,
    /// The company that is shown.
    pub company: Option<CompanyDetail>,
    /// 番号の通知.
    pub numbers: Numbers,
    /// 担当者の管理 and the officer's own account.
    pub officers: Officers,
    /// 監査記録, as far as it was read.
    pub audit: Option<AuditPage>,
    /// CSV of what is found there, as far as it was read.
    pub(super) audit_list: String,
    /// The check of all entries that was waited for has ended without finding anything.
    pub audit_check_failed: bool,
    /// 機関設定.
    pub settings: Settings,
    pub clients: Clients,
}

#[derive(Clone, Default)]
pub enum Session {
    /// Not asked yet.
    #[default]
    Unknown,
    /// Nobody is signed in.
    Closed,
    /// Somebody is signed in.
    Open(Box<OfficerView>),
}

/// Time, in milliseconds of the browser's monotonic clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct Time {
    /// Now, as of the last action.
    pub now_ms: f64,
    /// When the server last answered successfully.
    pub(super) heard_ms: f64,
    /// How long an idle session lasts.
    pub(super) idle_ms: f64,
    /// When the session ends whatever is requested.
    pub(super) last_ms: Option<f64>,
    /// Until when the server refuses further attempts.
    pub(super) wait_until_ms: f64,
    /// What to add to the monotonic clock for the server's time.
    pub(super) offset_ms: f64,
}

/// A trouble on the screen, and what もう一度 sends.
#[derive(Clone)]
pub struct Banner {
    pub trouble: Trouble,
    /// The failed request; `None`: there is no such button.
    pub retry: Option<Box<Ask>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    SignedOut,
    /// Signed in again; nothing was lost.
    Resumed,
    /// 承認.
    Approved,
    /// The first of two approvals.
    FirstApproved,
    /// 却下.
    Rejected,
    /// What was collected was approved.
    ApprovedTogether,
    /// Added to what is approved together.
    Collected,
    /// A note was added to an application.
    Noted,
    /// The columns are mapped differently, the check runs again.
    Mapped,
    /// The import is being taken over.
    Taking,
    /// It was taken over.
    Taken,
    /// The import was undone.
    Undone,
    /// The import was cancelled.
    Cancelled,
    /// Not the file whose upload stopped.
    OtherFile,
    /// Not exactly one file.
    NotOneFile,
    /// Larger than the server accepts.
    FileTooLarge,
    FileEmpty,
    /// A company or card was suspended.
    Suspended,
    /// A company's row in the roster was added or corrected.
    RowSaved,
    /// From a later day on.
    SuspensionPlanned,
    SuspensionCorrected,
    /// 利用申請書 was received or permitted, or that was taken back.
    PermitSet,
    PermitsGranted,
    /// But some were not.
    PermitsLeft,
    Lifted,
    LettersSent,
    MailSentAgain,
    MailGivenUp,
    /// All of those that did not arrive.
    MailsSentAgain,
    MailsGivenUp,
    /// Name, role or state of an account changed.
    OfficerChanged,
    /// The officer's own password changed.
    PasswordChanged,
    SessionEnded,
    CardLinked,
    /// The card was unlinked.
    CardUnlinked,
    /// The mail settings were changed.
    NoticesSet,
    /// The profile is in effect.
    ProfileTaken,
    /// It waits for another administrator.
    ProfileProposed,
    /// The proposal was withdrawn.
    ProfileWithdrawn,
    /// Something was typed while a part of it was checked.
    ChangedMeanwhile,
    /// A file was saved.
    Exported,
    /// In the clipboard.
    Copied,
    /// The browser denies access to the clipboard.
    NotCopied,
}

/// A request to the card, from the press of a button to the server's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CardRequest {
    /// Counts the requests, to recognise late answers.
    pub(super) attempt: u32,
    pub step: CardStep,
    /// For signing in, not for linking.
    pub(super) signs_in: bool,
}

/// The progress of a card request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CardStep {
    #[default]
    Idle,
    Challenging,
    Opening,
    Open,
    Checking,
}

/// An application that was looked at and is to be approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collected {
    pub item: ApplicationItem,
    /// What was looked at.
    pub revision: String,
    /// It was not approved: it changed meanwhile, or may not be approved by this officer.
    pub refused: bool,
}

/// 審査 of one application.
#[derive(Clone, Default)]
pub struct Review {
    /// Its current state.
    pub detail: Option<ApplicationDetail>,
    /// As reviewed before it changed on the server.
    pub before: Option<ApplicationDetail>,
}

/// 業者情報取込.
#[derive(Clone, Default)]
pub struct Imports {
    /// The latest, newest first.
    pub list: Option<Vec<ImportView>>,
    /// The file chosen in this tab: name and bytes.
    pub file: Option<(String, u64)>,
    /// The import that its bytes belong to.
    pub sending: Option<i64>,
    /// The connection broke; the upload continues by itself.
    pub(super) broken: bool,
    /// The import and kind that `rows` belong to.
    pub(super) rows_of: Option<(i64, RowKind)>,
    pub rows: Option<ImportRows>,
    /// What a column may be mapped to.
    pub fields: Option<Vec<ImportField>>,
    /// The column mapping, where it was changed.
    pub mapping: Option<Vec<String>>,
    /// The header row that was picked, from 1.
    pub header: Option<u64>,
    /// The sheet that was picked.
    pub sheet: Option<String>,
    /// Skip the wrong rows.
    pub skip_wrong: bool,
    /// Delete the 削除候補.
    pub remove_missing: bool,
}

/// 名簿: one company by hand.
#[derive(Clone, Default)]
pub struct Row {
    /// As the server knows it.
    pub form: Option<RosterForm>,
    /// What was typed, by the fields' names.
    pub values: Few<String, String>,
    /// Whether imports keep it.
    pub keep: bool,
    pub wrong: Vec<ImportCell>,
    /// What deserves a look before it is saved.
    pub doubts: Vec<ImportCell>,
    /// The fields that somebody else changed meanwhile.
    pub others: Vec<String>,
}

/// 番号の通知.
#[derive(Clone, Default)]
pub struct Numbers {
    /// For chosen companies, not for the next ones.
    pub chosen: bool,
    /// By mail where there is an address.
    pub by_mail: bool,
    /// The letters on the screen.
    pub issued: Option<IssuedNumbers>,
    /// They were issued earlier.
    pub opened: bool,
    /// How many are not confirmed as sent, those on the screen included.
    pub waiting: u64,
}

/// 担当者の管理 and the officer's own account.
#[derive(Clone, Default)]
pub struct Officers {
    pub list: Option<Vec<OfficerAccount>>,
    /// Role of the account that is being added.
    pub role: Option<Role>,
    /// Whose link was sent, and where.
    pub link: Option<(String, LinkSent)>,
    /// Unlink the card together with the old password.
    pub unlink_card: bool,
    pub sessions: Option<Vec<OpenSession>>,
}

/// 接続先のシステム.
#[derive(Clone, Default)]
pub struct Clients {
    pub view: Option<ClientsView>,
    /// The code of the one whose description is in the form; empty: a new one's.
    pub editing: String,
}

/// The `id` of the way to the next application.
pub const NEXT_APPLICATION: &str = "next-application";

/// How long before the session's end the page announces it.
const WARNING_MS: f64 = 3.0 * 60.0 * 1000.0;

impl Console {
    /// Who is signed in, if anybody is.
    pub fn officer(&self) -> Option<&OfficerView> {
        match &self.session {
            Session::Open(view) => Some(view),
            Session::Unknown | Session::Closed => None,
        }
    }

    /// The account's agency or, before the sign-in, the chosen one.
    pub(super) fn agency_code(&self) -> String {
        self.officer().map_or(&self.agency, |officer| &officer.agency).clone()
    }

    /// Where extension and program come from: the agency's, and of the rest the server's. Before the sign-in the
    /// agency's is not known.
    pub fn install(&self) -> Install {
        let portal = self.portal.as_ref().map(|portal| &portal.install);
        Install::of(self.profile.as_ref().map(|profile| &profile.install), portal)
    }

    /// Whether the officer's role has at least these rights.
    pub fn may(&self, role: Role) -> bool {
        self.officer().is_some_and(|officer| officer.role >= role)
    }

    /// Whether the screen of the URL is shown; otherwise the sign-in is.
    pub fn is_signed_in(&self) -> bool {
        self.officer().is_some() && !self.lost
    }

    /// Whether the agency's companies are looked up by numbers issued here. Otherwise by their 業者番号, of which they are
    /// only told.
    pub fn issues_numbers(&self) -> bool {
        self.profile.as_ref().is_some_and(|profile| profile.search.number_issued)
    }

    pub fn text(&self, input: Input) -> &str {
        self.texts.get(&input).map_or("", String::as_str)
    }

    /// Whether such a request is in progress.
    pub fn waits(&self, which: impl Fn(&Ask) -> bool) -> bool {
        self.waiting.iter().any(which)
    }

    /// The import that is shown or running.
    pub fn import(&self, id: i64) -> Option<&ImportView> {
        self.imports.list.as_ref()?.iter().find(|import| import.id == id)
    }

    /// Seconds until the server accepts another attempt; 0: now.
    pub fn seconds_to_wait(&self) -> u32 {
        ((self.time.wait_until_ms - self.time.now_ms).max(0.0) / 1000.0).ceil() as u32
    }

    /// Whole minutes until the session ends if nothing is requested, once it is near.
    pub fn minutes_left(&self) -> Option<u32> {
        let left = self.time.left_ms().filter(|&left| left <= WARNING_MS && self.is_signed_in())?;
        Some((left.max(0.0) / 60_000.0).ceil() as u32)
    }

    /// Whether no request puts that end off, but another sign-in.
    pub fn ends_for_good(&self) -> bool {
        // The server counts minutes, so the two ends of the same moment differ a little.
        self.time.last_ms.is_some_and(|last| last < self.time.heard_ms + self.time.idle_ms + 60_000.0)
    }

    /// The server's time, Unix milliseconds, as far as known.
    pub fn now_unix_ms(&self) -> i64 {
        (self.time.offset_ms + self.time.now_ms) as i64
    }
}

impl Time {
    /// Milliseconds until the session ends, if there is one.
    pub(super) fn left_ms(self) -> Option<f64> {
        let end = self.heard_ms + self.idle_ms;
        (self.idle_ms > 0.0).then_some(self.last_ms.map_or(end, |last| end.min(last)) - self.now_ms)
    }
}
