//! What the page requests from the server, and the answers.

use std::rc::Rc;

use touroku_proto::{
    agency::AgencyProfile,
    api::{Challenge, Portal},
    officer::{
        AddOfficer, BeginSetup, ChangeOfficer, ChangePassword, FinishSetup, LinkCard, LinkSent, Notices,
        OfficerAccount, OfficerCardLogin, OfficerChallenge, OfficerLogin, OfficerView, OpenSession,
        ResetOfficer, Setup,
        audit::{AuditCheck, AuditFound, AuditPage},
        client::{ClientsView, SaveClient},
        company::{
            CompanyDetail, FoundCompanies, GrantPermits, GrantedPermits, ListingPart, Reason, SetPermit,
            Suspend, Timeline,
        },
        daily::DailyList,
        figures::Figures,
        import::{BeginImport, ImportField, ImportRows, ImportView, MapColumns, RowKind, TakeImport},
        mail::{ActOnMails, Undelivered},
        number::{IssueNumbers, IssuedNumbers, LettersSent, LettersWaiting},
        profile::{ConfirmProfile, NewProfile, ProfileCheck, ProfileInForce, ProfileVersions, VersionText},
        review::{AddNote, ApplicationDetail, ApplicationPage, Decide, ReviewKind},
        roster::{RosterForm, SaveRow, SavedRow},
        settings::{ChangeKeys, ChangedKeys},
    },
};

use super::route::{AuditSearch, CompanySearch, QueueSearch};
use crate::call::Request;

/// A request. Its answer comes back together with it, to recognise late ones, and もう一度 sends it again.
#[derive(Clone, PartialEq, Eq)]
pub enum Ask {
    /// Agencies and extension ids.
    Portal,
    /// What pages receive of an agency's profile.
    Profile(String),
    /// Who is signed in.
    Session,
    /// ログアウト.
    SignOut,
    /// By password and authenticator.
    Login(OfficerLogin),
    /// A challenge for the card.
    Challenge(OfficerChallenge),
    CardLogin(OfficerCardLogin),
    /// Link this card to the account.
    LinkCard(LinkCard),
    /// Unlink it.
    UnlinkCard,
    /// Opens the link of a new account.
    BeginSetup(BeginSetup),
    /// Sets password and authenticator.
    FinishSetup(FinishSetup),
    Figures,
    /// The events of today and yesterday.
    Daily,
    /// The officer's mail settings.
    SetNotices(Notices),
    /// A page of 届かなかったメール.
    Undelivered {
        /// Where the page begins.
        after: Option<i64>,
    },
    ActOnMails(ActOnMails),
    /// A page of the queue.
    Applications {
        search: QueueSearch,
        /// Where the page begins.
        after: Option<String>,
    },
    Application {
        kind: ReviewKind,
        /// 受付番号.
        id: i64,
    },
    /// 承認 or 却下.
    Decide {
        kind: ReviewKind,
        /// 受付番号.
        id: i64,
        body: Decide,
    },
    /// Writes something down about an application.
    Note {
        kind: ReviewKind,
        /// 受付番号.
        id: i64,
        body: AddNote,
    },
    Imports,
    Import(i64),
    BeginImport(BeginImport),
    /// Cancels an import.
    CancelImport(i64),
    /// What a column may be mapped to.
    ImportFields(i64),
    /// Maps the columns differently.
    MapColumns {
        id: i64,
        body: MapColumns,
    },
    /// Rows of the dry run.
    ImportRows {
        id: i64,
        kind: RowKind,
        /// Where the page begins.
        after: Option<i64>,
    },
    Take {
        id: i64,
        body: TakeImport,
    },
    /// Undoes it.
    Undo(i64),
    /// A page of 照会.
    Companies {
        search: CompanySearch,
        /// Where the page begins.
        after: Option<String>,
    },
    Company(String),
    /// Earlier events of a company.
    Timeline {
        /// 業者番号.
        number: String,
        /// Where they begin.
        after: String,
    },
    /// A part of 業者番号一覧, after that number.
    Listing {
        after: Option<String>,
    },
    /// A row of the roster as a form, by its 業者番号.
    RosterForm(String),
    SaveRow(SaveRow),
    /// Suspends a company for a period, or corrects that.
    SuspendCompany {
        /// 業者番号.
        number: String,
        /// To correct: when the suspension that is shown was set, Unix milliseconds.
        seen: Option<i64>,
        body: Suspend,
    },
    /// Suspends a card or ID, or lifts a suspension.
    Suspend {
        target: Target,
        lift: bool,
        body: Reason,
    },
    /// How far a company's 利用申請書 is.
    GrantPermits(GrantPermits),
    SetPermit {
        /// 業者番号.
        number: String,
        body: SetPermit,
    },
    /// Sends a mail about a company again, or gives it up.
    Mail {
        /// 業者番号.
        number: String,
        id: i64,
        give_up: bool,
    },
    Issue(IssueNumbers),
    /// How many letters wait to be sent.
    LettersWaiting,
    /// Those letters.
    Letters,
    LettersSent(LettersSent),
    /// Accounts of the agency.
    Officers,
    AddOfficer(AddOfficer),
    /// Name, role, stopped.
    ChangeOfficer {
        /// ログインID.
        login_id: String,
        body: ChangeOfficer,
    },
    /// A new link for an account.
    NewLink {
        /// ログインID.
        login_id: String,
        body: ResetOfficer,
    },
    /// The officer's own password.
    ChangePassword(ChangePassword),
    /// Where the officer is signed in.
    Sessions,
    /// Ends one of them.
    EndSession(String),
    /// 監査記録.
    Audit {
        search: AuditSearch,
        /// Entries before this one.
        before: Option<i64>,
    },
    /// A piece of what is found there, to be saved.
    ListAudit {
        search: AuditSearch,
        /// Entries before this one.
        before: Option<i64>,
    },
    /// Starts a check of the whole 監査記録.
    CheckAudit,
    /// The progress of that check.
    AuditCheck,
    /// A file: saved on this computer, not displayed.
    Export(Request),
    /// The systems that the agency knows.
    Clients(ClientCall),
    /// The profile in effect.
    InForce,
    /// Its versions before that one.
    EarlierProfiles(i64),
    /// The text of one of its versions.
    ProfileVersion(i64),
    /// Checks a new profile.
    CheckProfile(NewProfile),
    /// The profile with some keys changed, checked.
    ChangeKeys(ChangeKeys),
    /// Puts it into effect.
    TakeProfile(NewProfile),
    /// Puts another officer's proposal into effect.
    ConfirmProfile(ConfirmProfile),
    /// Withdraws the proposal.
    WithdrawProfile,
}

/// What is asked about systems; each answer has all of them.
#[derive(Clone, PartialEq, Eq)]
pub enum ClientCall {
    Look,
    Save(SaveClient),
    /// A new secret, beside the one before.
    Renew(String),
    Remove(String),
    WebhookSecret(String),
    Try(String),
}

impl Ask {
    /// Whether its answer may be the only one with a secret: asked again, there would be another one.
    pub fn makes_secret(&self) -> bool {
        matches!(self, Self::Clients(ClientCall::Save(_) | ClientCall::Renew(_)))
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A company, by its 業者番号.
    Company(String),
    /// A card of the company that is shown.
    Card(i64),
    /// An ID of the company that is shown.
    Account(i64),
}

#[derive(Clone)]
pub enum Reply {
    Nothing,
    /// Agencies and extension ids.
    Portal(Portal),
    Profile(Rc<AgencyProfile>),
    Officer(OfficerView),
    Challenge(Challenge),
    /// A link that was opened.
    Setup(Setup),
    Figures(Figures),
    /// The events of today and yesterday.
    Daily(Vec<DailyList>),
    /// A page of 届かなかったメール.
    Undelivered(Undelivered),
    /// A page of the queue.
    Applications(ApplicationPage),
    Application(ApplicationDetail),
    Imports(Vec<ImportView>),
    Import(ImportView),
    /// What a column may be mapped to.
    ImportFields(Vec<ImportField>),
    ImportRows(ImportRows),
    /// A page of 照会.
    Companies(FoundCompanies),
    Company(CompanyDetail),
    Timeline(Timeline),
    Listing(ListingPart),
    GrantedPermits(GrantedPermits),
    RosterForm(RosterForm),
    SavedRow(SavedRow),
    Numbers(IssuedNumbers),
    LettersWaiting(LettersWaiting),
    Officers(Vec<OfficerAccount>),
    Account(OfficerAccount),
    /// Where a one-time link went.
    Link(LinkSent),
    Sessions(Vec<OpenSession>),
    Audit(AuditPage),
    AuditFound(AuditFound),
    /// The check of the whole chain.
    AuditCheck(AuditCheck),
    Clients(Box<ClientsView>),
    InForce(ProfileInForce),
    ProfileVersions(ProfileVersions),
    VersionText(VersionText),
    /// The result of checking a new profile.
    ProfileCheck(ProfileCheck),
    /// The same of changed keys.
    ChangedKeys(ChangedKeys),
}
