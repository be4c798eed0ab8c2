//! What the page asks the server, and what comes back.

use std::rc::Rc;

use touroku_proto::{
    agency::AgencyProfile,
    api::{Challenge, Portal},
    officer::{
        AddOfficer, BeginSetup, ChangeOfficer, ChangePassword, FinishSetup, LinkCard, LinkSent, Notices,
        OfficerAccount, OfficerCardLogin, OfficerChallenge, OfficerLogin, OfficerView, OpenSession,
        ResetOfficer, Setup,
        audit::{AuditCheck, AuditPage},
        company::{CompanyDetail, FoundCompanies, Reason},
        daily::DailyList,
        figures::Figures,
        import::{BeginImport, ImportField, ImportRows, ImportView, MapColumns, TakeImport},
        number::{IssueNumbers, IssuedNumbers},
        profile::{ConfirmProfile, NewProfile, ProfileCheck, ProfileInForce},
        review::{ApplicationDetail, ApplicationPage, Decide, ReviewKind},
    },
};

use super::route::{CompanySearch, RowKind};

/// A request. Its answer comes back together with it, so that a late one is known as such, and もう一度 sends it
/// again.
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
    /// Something for the card to sign.
    Challenge(OfficerChallenge),
    CardLogin(OfficerCardLogin),
    /// This card signs in, too.
    LinkCard(LinkCard),
    /// It no longer does.
    UnlinkCard,
    /// Opens the link of a new account.
    BeginSetup(BeginSetup),
    /// Sets password and authenticator.
    FinishSetup(FinishSetup),
    Figures,
    /// What happened today and the day before.
    Daily,
    /// What one gets mail about.
    SetNotices(Notices),
    /// A page of the queue.
    Applications {
        decided: bool,
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
    Imports,
    Import(i64),
    BeginImport(BeginImport),
    /// Gives an import up.
    CancelImport(i64),
    /// What a column may be read as.
    ImportFields(i64),
    /// Reads the columns otherwise.
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
    /// Takes an import over.
    Take {
        id: i64,
        body: TakeImport,
    },
    /// Takes it back.
    Undo(i64),
    /// A page of 照会.
    Companies {
        search: CompanySearch,
        /// Where the page begins.
        after: Option<String>,
    },
    Company(String),
    /// Suspends a company or card, or lifts that.
    Suspend {
        target: Target,
        lift: bool,
        body: Reason,
    },
    /// Sends a mail about a company again, or gives it up.
    Mail {
        /// 業者番号.
        number: String,
        id: i64,
        give_up: bool,
    },
    Issue(IssueNumbers),
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
    /// One's own password.
    ChangePassword(ChangePassword),
    /// Where one is signed in.
    Sessions,
    /// Ends one of them.
    EndSession(String),
    /// 監査記録.
    Audit {
        /// Entries before this one.
        before: Option<i64>,
    },
    /// Has the whole of 監査記録 looked through.
    CheckAudit,
    /// How far that is.
    AuditCheck,
    /// A file at this path: saved on this computer, not shown.
    Export(String),
    /// The profile in force.
    InForce,
    /// Looks at a new one.
    CheckProfile(NewProfile),
    /// Takes it into force.
    TakeProfile(NewProfile),
    /// Takes what another one proposed into force.
    ConfirmProfile(ConfirmProfile),
    /// Gives up what waits.
    WithdrawProfile,
}

/// What is suspended.
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
    /// Who is signed in.
    Officer(OfficerView),
    Challenge(Challenge),
    /// A link that was opened.
    Setup(Setup),
    Figures(Figures),
    /// What happened today and the day before.
    Daily(Vec<DailyList>),
    /// A page of the queue.
    Applications(ApplicationPage),
    Application(ApplicationDetail),
    Imports(Vec<ImportView>),
    Import(ImportView),
    /// What a column may be read as.
    ImportFields(Vec<ImportField>),
    ImportRows(ImportRows),
    /// A page of 照会.
    Companies(FoundCompanies),
    Company(CompanyDetail),
    Numbers(IssuedNumbers),
    Officers(Vec<OfficerAccount>),
    Account(OfficerAccount),
    /// Where a one-time link went.
    Link(LinkSent),
    Sessions(Vec<OpenSession>),
    Audit(AuditPage),
    /// The look through all of them.
    AuditCheck(AuditCheck),
    InForce(ProfileInForce),
    /// What is to be said about a new one.
    ProfileCheck(ProfileCheck),
}
