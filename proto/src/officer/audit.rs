//! 監査記録: who did what, when, from where. Append-only; each entry holds the hash of the one before.

use serde::{Deserialize, Serialize};

/// `GET /api/officer/audit?before=SEQ` (管理): newest first. `GET /api/officer/audit/export` answers all of it as JSON
/// lines of [`AuditEntry`], oldest first, for `touroku-server audit verify --file`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// A page of 100.
    pub entries: Vec<AuditEntry>,
    /// `before` of the next page, if there is one.
    pub next: Option<i64>,
    /// The first broken entry that is known: found by this page, which proves what it shows and what nobody proved
    /// before, or by the last look through the whole chain.
    pub broken_at: Option<i64>,
    /// Up to which entry the chain is proved. Fewer than there are where many came at once: the next pages and the
    /// night go on from there.
    #[serde(default)]
    pub proved_to: i64,
    /// The look through the whole chain.
    #[serde(default)]
    pub check: AuditCheck,
}

/// The look through the whole chain, every night or by `POST /api/officer/audit/check` (管理; empty body `{}`), which
/// answers at once; `GET` answers how far it is. Both answer this.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditCheck {
    /// How many entries are proved by one that is at work now.
    pub proved: Option<i64>,
    /// How many entries there are.
    pub entries: i64,
    /// When the last one ended, Unix milliseconds.
    pub checked_unix_ms: Option<i64>,
    /// What it found: the first broken entry. Kept until one finds the whole chain sound.
    pub broken_at: Option<i64>,
}

/// An entry.
///
/// `hash` is SHA-256, in hex, over the UTF-8 JSON array
/// `[previous,agency,sequence,at_unix_ms,actor,address,action,subject,detail]` without spaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Counts the agency's entries from 1 without a gap.
    pub sequence: i64,
    /// When, Unix milliseconds.
    pub at_unix_ms: i64,
    /// ログインID, `command` for the command line, empty when nobody was signed in.
    pub actor: String,
    /// From which address; empty for the command line.
    pub address: String,
    /// What: the code of an [`AuditAction`]. As text: a chain outlives the server that wrote it, and its hashes are over the
    /// text.
    pub action: String,
    /// To what: 業者番号, 受付番号, ログインID; empty for none. Never a name of a person, never a secret.
    pub subject: String,
    /// Counts, file hashes and the like; empty for none.
    pub detail: String,
    /// `hash` of the entry before; 64 zeros for the first.
    pub previous: String,
    /// Lower-case hex.
    pub hash: String,
}

codes! {
    /// What is recorded. Codes that were written once stay for ever; texts belong to the page.
    pub enum AuditAction {
        // Who comes and goes.
        /// Signed in by password and authenticator.
        Login = "login",
        /// Signed in by card.
        CardLogin = "card_login",
        /// Password or code was wrong, or there is no such account.
        LoginFailed = "login_failed",
        /// After that, further attempts are refused for a while.
        LoginBlocked = "login_blocked",
        /// The card signs in to no account, or was refused.
        CardLoginFailed = "card_login_failed",
        /// Signed out.
        Logout = "logout",
        /// A session was ended from another one.
        SessionEnded = "session_ended",

        // Accounts.
        /// The link of an account was used: password and authenticator are set.
        SetupFinished = "setup_finished",
        /// The own password was changed.
        PasswordChanged = "password_changed",
        /// It was not: the present one was wrong.
        PasswordChangeFailed = "password_change_failed",
        /// A card signs in to the own account.
        CardLinked = "card_linked",
        /// It no longer does.
        CardUnlinked = "card_unlinked",
        /// A new account.
        OfficerAdded = "officer_added",
        /// A new link; the old password stopped.
        OfficerReset = "officer_reset",
        /// Another role.
        OfficerRoleChanged = "officer_role_changed",
        /// Another name.
        OfficerRenamed = "officer_renamed",
        /// An account was stopped.
        OfficerStopped = "officer_stopped",
        /// It was started again.
        OfficerStarted = "officer_started",

        // 審査.
        /// The first of two approvals.
        ApplicationFirstApproved = "application_first_approved",
        /// 承認.
        ApplicationApproved = "application_approved",
        /// 却下.
        ApplicationRejected = "application_rejected",

        // Companies.
        /// A company's page was looked at.
        CompanyViewed = "company_viewed",
        /// A file of a signed application was taken.
        ReceiptDownloaded = "receipt_downloaded",
        /// Companies were exported as CSV.
        CompaniesExported = "companies_exported",
        /// A company was suspended.
        CompanySuspended = "company_suspended",
        /// That was lifted.
        CompanyLifted = "company_lifted",
        /// A card was suspended.
        CardSuspended = "card_suspended",
        /// That was lifted.
        CardLifted = "card_lifted",
        /// A mail that waited or was refused is sent again.
        MailSentAgain = "mail_sent_again",
        /// It was given up.
        MailGivenUp = "mail_given_up",
        /// An ID was suspended.
        IdSuspended = "id_suspended",
        /// The suspension of an ID was ended.
        IdLifted = "id_lifted",
        /// A number was issued.
        NumberIssued = "number_issued",
        /// Once more: the old one stopped.
        NumberReissued = "number_reissued",

        // 業者情報取込.
        /// An upload began.
        ImportBegun = "import_begun",
        /// The columns are read otherwise.
        ImportColumnsSet = "import_columns_set",
        /// Given up.
        ImportCancelled = "import_cancelled",
        /// Taken over.
        ImportTaken = "import_taken",
        /// Taken back.
        ImportUndone = "import_undone",

        // The rest.
        /// Another profile came into force.
        ProfileChanged = "profile_changed",
        /// The chain was looked at.
        AuditViewed = "audit_viewed",
        /// It was exported.
        AuditExported = "audit_exported",
        /// All of it is looked through.
        AuditChecked = "audit_checked",
    }
}
