//! The officers' calls.
//!
//! An officer belongs to one agency. Every call concerns the agency of the session in the cookie; none names an
//! agency, so none can name another one. What belongs to another agency is `not_found`, as if it did not exist.

pub use super::bidder::TimelineQuery;
use super::{
    Csv, Empty, Endpoint, JsonLines, MAX_BODY, Method, NoQuery, Nothing, Octets, Receipt, Table, Visitor,
    Who, caller, endpoints, url,
};
use crate::{
    api::{Challenge, ReceiptFile},
    officer::{
        self, LinkSent, OfficerAccount, OfficerView, OpenSession, Role,
        audit::{AuditAction, AuditCheck, AuditFound, AuditPage},
        client::{self, ClientsView},
        company::{
            self, CompanyDetail, CompanyFilter, FoundCompanies, ListFormat, ListingPart, Reason, Suspend,
            Timeline,
        },
        daily::DailyList,
        figures::Figures as FiguresView,
        import::{self, ImportField, ImportRows as Rows, ImportView, MAX_PIECE, RowKind, TableFormat},
        mail::{self, Undelivered},
        number::{self, IssuedNumbers},
        profile::{self, MAX_PROFILE, ProfileCheck, ProfileInForce},
        review::{self, AddNote, ApplicationDetail, ApplicationPage, Differences, Queue, ReviewKind},
        roster, settings,
    },
};

/// JSON may escape a character as up to six; line breaks and quotes, which profiles are full of, as two.
const MAX_PROFILE_BODY: usize = 2 * MAX_PROFILE + 4 * 1024;

query! {
    /// A page of the queue.
    pub struct QueueQuery {
        /// `pending` if absent.
        pub state: Option<Queue>,
        /// [`ApplicationPage::next`] of the previous page.
        pub after: Option<String>,
        /// A part of 受付番号, 業者番号 or 商号又は名称, up to 100 characters; absent: any.
        pub query: Option<String>,
        /// Both if absent.
        pub kind: Option<ReviewKind>,
        /// Any if absent.
        pub differences: Option<Differences>,
    }
}

query! {
    /// A page of 照会.
    pub struct CompanyQuery {
        /// Number, name (forgiving), 企業ID, card serial number, mail address, phone number or a person's name,
        /// whichever matches; absent: everything that the filter selects.
        pub query: Option<String>,
        /// `all` if absent.
        pub filter: Option<CompanyFilter>,
        /// [`FoundCompanies::next`] of the previous page.
        pub after: Option<String>,
    }
}

query! {
    /// A page of undelivered mails.
    pub struct MailQuery {
        /// [`Undelivered::next`] of the previous page.
        pub after: Option<i64>,
    }
}

query! {
    /// Whose row of the roster.
    pub struct RosterQuery {
        /// 業者番号; absent: a new company's.
        pub number: Option<String>,
    }
}

query! {
    /// What is exported, and how.
    pub struct ExportQuery {
        /// As in [`CompanyQuery`]; absent: everything that the filter selects.
        pub query: Option<String>,
        /// `all` if absent.
        pub filter: Option<CompanyFilter>,
        /// The columns besides those of the company: a list of
        /// [`ExportPart`](officer::company::ExportPart), separated by commas.
        pub parts: Option<String>,
        /// `utf-8` if absent.
        pub format: Option<ListFormat>,
        /// The code of the profile's `[[export]]` that says columns and format instead.
        pub file: Option<String>,
    }
}

query! {
    /// Which part of 業者番号一覧.
    pub struct ListingQuery {
        /// [`ListingPart::next`](officer::company::ListingPart) of the previous part.
        pub after: Option<String>,
    }
}

query! {
    /// 業者番号一覧 as which file.
    pub struct ListingFileQuery {
        /// `utf-8` if absent.
        pub format: Option<ListFormat>,
    }
}

query! {
    /// Which entries of 監査記録; what is absent leaves nothing out.
    #[serde(deny_unknown_fields)]
    pub struct AuditQuery {
        /// Entries before this one.
        pub before: Option<i64>,
        /// What was done.
        pub action: Option<AuditAction>,
        /// By which ログインID.
        pub actor: Option<String>,
        /// To which object, as a whole; a 業者番号 may lack its leading zeros.
        pub subject: Option<String>,
        /// From this day in Japan, `YYYY-MM-DD`.
        pub from: Option<String>,
        /// Up to and including this day.
        pub until: Option<String>,
    }
}

query! {
    /// A page of the versions that a profile has had.
    #[serde(deny_unknown_fields)]
    pub struct VersionQuery {
        /// Those before this one.
        pub before: i64,
    }
}

query! {
    /// Where a piece belongs.
    #[serde(deny_unknown_fields)]
    pub struct Place {
        /// Of its first byte.
        pub offset: u64,
    }
}

query! {
    /// A page of a dry run's rows.
    #[serde(deny_unknown_fields)]
    pub struct RowQuery {
        /// Which rows.
        pub kind: RowKind,
        /// [`Rows::next`] of the previous page.
        pub after: Option<i64>,
    }
}

endpoints! {
    /// Signs in by ログインID, password and the six digits of the authenticator (RFC 6238). Refused with
    /// `credentials_wrong` (whichever was wrong, or the account is stopped), `rate_limited` with growing delays.
    Login: POST "/api/officer/login" [officer::OfficerLogin] => OfficerView, for Anybody;

    /// A challenge for officers of that agency. Sets the cookie of a session that nobody has signed in to yet,
    /// unless there is one.
    OfficerChallenge: POST "/api/officer/challenge" [officer::OfficerChallenge] => Challenge, for Anybody;

    /// Signs in by card: the challenge, signed with purpose `officer`.
    CardLogin: POST "/api/officer/card-login" [officer::OfficerCardLogin] => OfficerView, for Anybody;

    /// Opens the link `/officer.html#setup=TOKEN` of a new account or of one whose password was forgotten.
    /// `link_invalid` when it was used, has expired, or is not ours.
    BeginSetup: POST "/api/officer/setup/begin" [officer::BeginSetup] => officer::Setup, for Link;

    /// Sets the password and proves that the authenticator works. The officer is signed in; all older sessions of
    /// the account end. Refused with `link_invalid`, `password_weak`, `credentials_wrong` (the code).
    FinishSetup: POST "/api/officer/setup" [officer::FinishSetup] => OfficerView, for Link;

    /// Who is signed in.
    Session: GET "/api/officer/session" => OfficerView, for Officer(View);

    /// Signs out.
    SignOut: DELETE "/api/officer/session" => Nothing, for Officer(View);

    /// Changes the officer's own password and ends the account's other sessions. Refused with `credentials_wrong`,
    /// `password_weak`.
    ChangePassword: POST "/api/officer/password" [officer::ChangePassword] => Nothing, for Officer(View);

    /// Links this card to the officer's own account, so that it signs in too; the officer is notified by mail.
    /// Refused with `credentials_wrong`.
    LinkCard: POST "/api/officer/card" [officer::LinkCard] => OfficerView, for Officer(View);

    /// Unlinks it.
    UnlinkCard: DELETE "/api/officer/card" => OfficerView, for Officer(View);

    /// Where the officer is signed in, newest first.
    Sessions: GET "/api/officer/sessions" => Vec<OpenSession>, for Officer(View);

    /// Ends one of these.
    EndSession: DELETE "/api/officer/sessions/{id}" (String) => Nothing, for Officer(View);

    /// Sets what the officer gets mail about.
    SetNotices: PUT "/api/officer/notices" [officer::Notices] => OfficerView, for Officer(View);

    /// All accounts of the agency.
    Officers: GET "/api/officer/officers" => Vec<OfficerAccount>, for Officer(Manage);

    /// Creates an account. `login_id_taken`.
    AddOfficer: POST "/api/officer/officers" [officer::AddOfficer] => LinkSent, for Officer(Manage);

    /// Changes an account. Administrators can neither stop nor demote themselves (`last_manager`), so that no agency
    /// is left without one. Stopping ends the account's sessions. `stale` when the account has changed since that
    /// revision.
    ChangeOfficer: PUT "/api/officer/officers/{login_id}" (String) [officer::ChangeOfficer]
        => OfficerAccount, for Officer(Manage);

    /// Sends another link to set password and authenticator again; the old ones stop working at once. `wrong_state`
    /// where there is no address yet and none is given.
    ResetOfficer: POST "/api/officer/officers/{login_id}/setup" (String) [officer::ResetOfficer]
        => LinkSent, for Officer(Manage);

    /// 監査記録, newest first.
    Audit: GET "/api/officer/audit" ? AuditQuery, => AuditPage, for Officer(Manage);

    /// What a filter selects, newest first, 2,000 at a time, to be written as a table.
    ListAudit: GET "/api/officer/audit/list" ? AuditQuery, => AuditFound, for Officer(Manage);

    /// All of it, oldest first: each line an [`AuditEntry`](officer::audit::AuditEntry), the last one
    /// `{"head": …}` with the [`AuditHead`](officer::audit::AuditHead). For `touroku-server audit verify --file`.
    ExportAudit: GET "/api/officer/audit/export" => JsonLines, for Officer(Manage);

    /// The progress of the check of the whole chain.
    AuditProgress: GET "/api/officer/audit/check" => AuditCheck, for Officer(Manage);

    /// Starts that check; answers at once.
    CheckAudit: POST "/api/officer/audit/check" [Empty] => AuditCheck, for Officer(Manage);

    /// The profile in effect.
    InForce: GET "/api/officer/profile" => ProfileInForce, for Officer(View);

    /// The versions before one that is known, newest first.
    EarlierProfiles: GET "/api/officer/profile/versions" ? VersionQuery,
        => profile::ProfileVersions, for Officer(View);

    /// The text of one of its versions.
    ProfileVersion: GET "/api/officer/profile/versions/{id}" (i64) => profile::VersionText, for Officer(View);

    /// Checks a new profile.
    CheckProfile: POST "/api/officer/profile/check" [profile::NewProfile; max = MAX_PROFILE_BODY]
        => ProfileCheck, for Officer(Manage);

    /// The profile in effect with some keys changed, checked: its text is to be put into effect like any other. `stale`
    /// when a profile other than `base` is in effect, `profile_invalid` when the one in effect is not valid itself.
    ChangeKeys: POST "/api/officer/profile/keys" [settings::ChangeKeys; max = MAX_PROFILE_BODY]
        => settings::ChangedKeys, for Officer(Manage);

    /// Puts a new profile into effect if it is valid; `stale` when a profile other than `base` is in effect,
    /// `profile_invalid` when it is not valid, `wrong_state` when the file can't be written. What changes who is
    /// trusted does not take effect yet, but becomes `proposal`.
    TakeProfile: PUT "/api/officer/profile" [profile::NewProfile; max = MAX_PROFILE_BODY]
        => ProfileInForce, for Officer(Manage);

    /// Puts another officer's proposal into effect. Refused with `stale` (another proposal is waiting, or the file
    /// has changed), `same_officer` (the proposer can't confirm it), `approver_dependent` (the officer's account is
    /// new), `wrong_state` (too early).
    ConfirmProfile: POST "/api/officer/profile/proposal" [profile::ConfirmProfile]
        => ProfileInForce, for Officer(Manage);

    /// Withdraws the proposal.
    WithdrawProfile: DELETE "/api/officer/profile/proposal" => ProfileInForce, for Officer(Manage);

    /// The systems that sign contractors in or read the feed, and their webhooks.
    Clients: GET "/api/officer/clients" => ClientsView, for Officer(Manage);

    /// Adds a system, or describes one differently. With `mistakes`, nothing changed. Otherwise it is a change of the
    /// profile like any other that decides where companies' data goes: it awaits another administrator. `wrong_state`
    /// while one does. The answer has a new system's secret, once.
    SaveClient: POST "/api/officer/clients" [client::SaveClient] => ClientsView, for Officer(Manage);

    /// Gives a system a new secret, which the answer has, once. Awaits confirmation as above.
    RenewSecret: POST "/api/officer/clients/{code}/secret" (String) [client::RenewSecret]
        => ClientsView, for Officer(Manage);

    /// Removes a system. Awaits confirmation as above.
    RemoveClient: DELETE "/api/officer/clients/{code}" (String) => ClientsView, for Officer(Manage);

    /// Shows what a system checks webhooks with. Recorded in 監査記録, like the next.
    WebhookSecret: POST "/api/officer/clients/{code}/webhook-secret" (String) [Empty]
        => ClientsView, for Officer(Manage);

    /// Sends a system a test event, and says how that went.
    TryWebhook: POST "/api/officer/clients/{code}/webhook-test" (String) [Empty] => ClientsView, for Officer(Manage);

    /// The queue, oldest first; or what was decided, latest first.
    Applications: GET "/api/officer/applications" ? QueueQuery, => ApplicationPage, for Officer(View);

    /// An application.
    Application: GET "/api/officer/applications/{kind}/{id}" (ReviewKind, i64)
        => ApplicationDetail, for Officer(View);

    /// 承認 or 却下. Refused with `stale` (it changed or was decided meanwhile), `same_officer` (the second approver is
    /// the first), `approver_dependent` ([`ApprovalBlock`](review::ApprovalBlock)); a missing reason is
    /// `reason_missing`, never `fields_invalid`.
    Decide: POST "/api/officer/applications/{kind}/{id}/decision" (ReviewKind, i64) [review::Decide]
        => ApplicationDetail, for Officer(Review);

    /// Writes a 覚え書き, which officers see, and which is not part of the application's
    /// [`revision`](ApplicationDetail::revision).
    Note: POST "/api/officer/applications/{kind}/{id}/notes" (ReviewKind, i64) [AddNote]
        => ApplicationDetail, for Officer(Review);

    /// Searches companies.
    Companies: GET "/api/officer/companies" ? CompanyQuery, => FoundCompanies, for Officer(View);

    /// A company.
    Company: GET "/api/officer/companies/{number}" (String) => CompanyDetail, for Officer(View);

    /// Earlier events of a company.
    CompanyTimeline: GET "/api/officer/companies/{number}/timeline" (String) ? TimelineQuery, => Timeline,
        for Officer(View);

    /// A company's row in the roster, as a form.
    RosterRow: GET "/api/officer/roster" ? RosterQuery, => roster::RosterForm, for Officer(Review);

    /// Adds or corrects a row with the checks of an import. `stale` when it changed since the form was read.
    SaveRosterRow: POST "/api/officer/roster" [roster::SaveRow] => roster::SavedRow, for Officer(Review);

    /// A file of a signed application, by its 受付番号.
    ReceiptOfCompany: GET "/api/officer/companies/{number}/receipts/{receipt}/{file}" (String, String, ReceiptFile)
        => Receipt, for Officer(View);

    /// Suspends a company; takes effect with the answer, like the next six, or when its first day begins.
    /// `reason_missing`; `period_invalid` for a period that ends before it begins, or has ended; `stale` when it is
    /// already in that state.
    SuspendCompany: POST "/api/officer/companies/{number}/suspend" (String) [Suspend]
        => CompanyDetail, for Officer(Review);

    /// Corrects reason and period of that. `stale` when it has been changed or lifted, or has ended.
    CorrectSuspension: POST "/api/officer/companies/{number}/suspension" (String) [company::CorrectSuspension]
        => CompanyDetail, for Officer(Review);

    /// Lifts that.
    LiftCompany: POST "/api/officer/companies/{number}/lift" (String) [Reason] => CompanyDetail, for Officer(Review);

    /// Sets how far its 利用申請書 is. `stale` when another officer has changed that; `wrong_state` where no category asks for
    /// one.
    SetPermit: POST "/api/officer/companies/{number}/permit" (String) [company::SetPermit]
        => CompanyDetail, for Officer(Review);

    /// 許可 of all those companies. `wrong_state` where no category asks for 利用申請書.
    GrantPermits: POST "/api/officer/permits" [company::GrantPermits] => company::GrantedPermits, for Officer(Review);

    /// Suspends a card.
    SuspendCard: POST "/api/officer/cards/{id}/suspend" (i64) [Reason] => CompanyDetail, for Officer(Review);

    /// Lifts that.
    LiftCard: POST "/api/officer/cards/{id}/lift" (i64) [Reason] => CompanyDetail, for Officer(Review);

    /// Suspends an ID.
    SuspendAccount: POST "/api/officer/accounts/{id}/suspend" (i64) [Reason] => CompanyDetail, for Officer(Review);

    /// Lifts that.
    LiftAccount: POST "/api/officer/accounts/{id}/lift" (i64) [Reason] => CompanyDetail, for Officer(Review);

    /// Retries a waiting or refused mail at once. `stale` when it has been sent, is being sent or was given up
    /// meanwhile.
    SendMail: POST "/api/officer/companies/{number}/mails/{id}/send" (String, i64) [Empty]
        => CompanyDetail, for Officer(Review);

    /// Stops retrying a mail and erases its text. `stale` as above.
    GiveMailUp: POST "/api/officer/companies/{number}/mails/{id}/give-up" (String, i64) [Empty]
        => CompanyDetail, for Officer(Review);

    /// What the mail server refused, to companies and officers.
    Mails: GET "/api/officer/mails" ? MailQuery, => Undelivered, for Officer(View);

    /// Resends undelivered mails or gives them up. `stale` when there is no such one any more, or all are others.
    ActOnMails: POST "/api/officer/mails" [mail::ActOnMails] => Undelivered, for Officer(Review);

    /// All companies found by query and filter, as a workbook or as CSV (RFC 4180, CRLF). In CSV: a byte order mark in
    /// UTF-8; cells that a spreadsheet would take for a formula get a leading apostrophe; characters missing from CP932
    /// are written as `〓` and counted in a last line. With `file` each cell is written as it is, in the file's own format.
    Export: GET "/api/officer/export" ? ExportQuery, => Csv, for Officer(View);

    /// 業者番号一覧 as a whole, in the order of kana: a part of it.
    Listing: GET "/api/officer/listing" ? ListingQuery, => ListingPart, for Officer(View);

    /// All of it, as a file like those of [`Export`].
    ListingFile: GET "/api/officer/listing/file" ? ListingFileQuery, => Csv, for Officer(View);

    /// What happened today and yesterday that officers should know about.
    Daily: GET "/api/officer/daily" => Vec<DailyList>, for Officer(View);

    /// How registration is going.
    Figures: GET "/api/officer/figures" => FiguresView, for Officer(View);

    /// The latest 50 imports, newest first.
    Imports: GET "/api/officer/imports" => Vec<ImportView>, for Officer(View);

    /// An import.
    Import: GET "/api/officer/imports/{id}" (i64) => ImportView, for Officer(View);

    /// Begins an upload. `payload_too_large` above 512 MiB, `import_running`.
    BeginImport: POST "/api/officer/imports" [import::BeginImport] => ImportView, for Officer(Review);

    /// Adds a piece. An `offset` other than `received` changes nothing, so that an interrupted upload resumes where
    /// it stopped. With the last byte the check begins.
    AddPiece: PUT "/api/officer/imports/{id}/bytes" (i64) ? Place, [Octets; max = MAX_PIECE]
        => ImportView, for Officer(Review);

    /// Everything that a column may be mapped to.
    ImportFields: GET "/api/officer/imports/{id}/fields" (i64) => Vec<ImportField>, for Officer(View);

    /// Maps the columns differently and checks again. Remembered for this agency's next file with the same header.
    /// Two columns for one field, or a missing required one, are refused with `import_columns`, never with
    /// `fields_invalid`.
    MapColumns: POST "/api/officer/imports/{id}/columns" (i64) [import::MapColumns]
        => ImportView, for Officer(Review);

    /// A page of 100 of the rows of one kind. At most the first 10,000 of each kind are kept.
    ImportRows: GET "/api/officer/imports/{id}/rows" (i64) ? RowQuery, => Rows, for Officer(View);

    /// An empty roster with every column it may have.
    Template: GET "/api/officer/imports/template/{format}" (TableFormat) => Table, for Officer(View);

    /// The rows with mistakes, and what they are.
    Problems: GET "/api/officer/imports/{id}/problems/{format}" (i64, TableFormat) => Table, for Officer(View);

    /// Takes a checked import over. `wrong_state` unless it is `checked`; `stale` when the roster has changed since
    /// the dry run (it is checked again).
    Take: POST "/api/officer/imports/{id}/take" (i64) [import::TakeImport] => ImportView, for Officer(Review);

    /// Undoes the agency's latest import, unless a company added by it has registered or applied meanwhile (`stale`).
    Undo: POST "/api/officer/imports/{id}/undo" (i64) [Empty] => ImportView, for Officer(Review);

    /// Cancels an import that was not taken over.
    CancelImport: DELETE "/api/officer/imports/{id}" (i64) => ImportView, for Officer(Review);

    /// Issues numbers; the answer has them, once. Where the profile's search does not use issued numbers, the letters have
    /// 業者番号.
    IssueNumbers: POST "/api/officer/numbers" [number::IssueNumbers] => IssuedNumbers, for Officer(Review);

    /// How many letters were not confirmed as sent.
    LettersWaiting: GET "/api/officer/numbers" => number::LettersWaiting, for Officer(Review);

    /// Up to 500 letters that were not confirmed as sent, oldest first. Recorded in 監査記録.
    Letters: GET "/api/officer/numbers/letters" => IssuedNumbers, for Officer(Review);

    /// These letters were sent, and are forgotten.
    LettersSent: POST "/api/officer/numbers/sent" [number::LettersSent] => number::LettersWaiting, for Officer(Review);
}
