//! 監査記録: who did what, when, from where. Append-only; each entry contains the hash of the previous one.

use serde::{Deserialize, Serialize};

use super::{
    Role,
    company::{CompanyFilter, ExportPart, ListFormat, Period},
    profile::KeyChange,
    review::ReviewKind,
};
use crate::api::ApiErrorCode;

/// A page of 監査記録.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditPage {
    /// A page of 100.
    pub entries: Vec<AuditEntry>,
    /// `before` of the next page, if there is one.
    pub next: Option<i64>,
    /// The first broken entry known: found by this page, which verifies what it shows and what had not been
    /// verified, or by the last check of the whole chain.
    pub broken_at: Option<i64>,
    /// The last verified entry. Not the end of the chain where many entries came at once: later pages and the
    /// nightly check go on from there.
    #[serde(default)]
    pub proved_to: i64,
    /// The check of the whole chain.
    #[serde(default)]
    pub check: AuditCheck,
}

/// Entries that a filter selects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditFound {
    /// Newest first.
    pub entries: Vec<AuditEntry>,
    /// `before` of the next piece, if there is one.
    pub next: Option<i64>,
}

/// The check of the whole chain, run every night or when an administrator asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditCheck {
    /// How many entries a running check has verified.
    pub proved: Option<i64>,
    /// How many entries there are.
    pub entries: i64,
    /// When the last check ended, Unix milliseconds.
    pub checked_unix_ms: Option<i64>,
    /// Its result: the first broken entry. Kept until a check finds the whole chain intact.
    pub broken_at: Option<i64>,
}

/// An entry.
///
/// `hash` is SHA-256, in hex, over the UTF-8 JSON array
/// `[previous,agency,sequence,at_unix_ms,actor,address,action,subject,detail]` without spaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditEntry {
    /// Counts the agency's entries from 1 without gaps.
    pub sequence: i64,
    /// When, Unix milliseconds.
    pub at_unix_ms: i64,
    /// ログインID, `command` for the command line, empty when nobody was signed in.
    pub actor: String,
    /// The client's address; empty for the command line.
    pub address: String,
    /// What was done: the code of an [`AuditAction`]. As text: a chain outlives the server that wrote it, and its
    /// hashes cover the text.
    pub action: String,
    /// The object: 業者番号, 受付番号, ログインID; empty for none. Never a person's name, never a secret.
    pub subject: String,
    /// A [`Detail`] in the form of [`Detail::write`]; empty for none.
    pub detail: String,
    /// `hash` of the previous entry; 64 zeros for the first.
    pub previous: String,
    /// Lower-case hex.
    pub hash: String,
}

/// Further details of an entry: counts, file hashes and the like. Never a person's name, never a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// Nothing.
    #[default]
    None,
    /// The account's role.
    Role(Role),
    /// Further attempts are refused for this many minutes.
    BlockedMinutes(i64),
    /// Why a card was refused.
    Refused(ApiErrorCode),
    /// Which application.
    Application(ReviewKind, i64),
    /// The same by its 受付番号.
    Filed(ReviewKind, String),
    /// Which card.
    Card(i64),
    /// Which ID.
    Account(i64),
    /// To another mail address than before.
    AnotherAddress,
    /// On paper.
    Letter,
    /// By mail.
    Mail,
    /// Entries before this one.
    Before(i64),
    /// Which companies, and how written.
    Export(CompanyFilter, ListFormat),
    /// The same, and what it contains besides each company's own columns.
    ExportWith(CompanyFilter, ListFormat, Vec<ExportPart>),
    /// Which companies, and the code of the profile's `[[export]]` that they were written as.
    ExportFile(CompanyFilter, String),
    /// Size of a file.
    Bytes(u64),
    /// SHA-256 of a file's header.
    Header(String),
    /// The row that is the header, from 1.
    HeaderRow(u64),
    /// What an import took over.
    Import(ImportCounts),
    /// 受付番号 of a signed application.
    Receipt(String),
    /// What a profile changes.
    Profile(ProfileDifference),
    /// What changes in a company's row of the roster, column by column.
    Row(Vec<KeyChange>),
    /// The days of a suspension.
    Period(Period),
    /// Its days before and after a correction.
    PeriodCorrected(Period, Period),
    /// What an older server wrote, in its own words.
    #[serde(skip)]
    Text(String),
}

/// What a profile changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileDifference {
    /// SHA-256 of the new text, hex.
    pub sha256: String,
    /// Key by key.
    pub changes: Vec<KeyChange>,
    /// How many further changes an entry has no room for.
    #[serde(default)]
    pub left_out: u32,
}

/// What an import took over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportCounts {
    /// 追加.
    pub added: u64,
    /// 変更.
    pub changed: u64,
    /// 変更なし.
    pub unchanged: u64,
    /// エラー.
    pub wrong: u64,
    /// 削除候補.
    pub missing: u64,
    /// 削除.
    pub removed: u64,
    /// 停止.
    pub suspended: u64,
}

/// Before an import's number in [`AuditEntry::subject`].
const IMPORT: &str = "import ";

/// The subject of what is done to an import.
pub fn subject_of_import(id: i64) -> String {
    format!("{IMPORT}{id}")
}

/// The import that a subject names.
pub fn import_of_subject(subject: &str) -> Option<i64> {
    subject.strip_prefix(IMPORT)?.parse().ok()
}

impl Detail {
    /// JSON, in one canonical spelling, because it is hashed.
    pub fn write(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Text(text) => text.clone(),
            typed => serde_json::to_string(typed).expect("our own types have text keys only"),
        }
    }

    /// Parses the details of an entry. Servers up to 0.1 wrote words.
    pub fn read(text: &str) -> Self {
        if text.is_empty() {
            return Self::None;
        }
        touroku_json::from_str(text).unwrap_or_else(|_| Self::Text(text.to_owned()))
    }
}

/// The end of a chain, authenticated with the server's key: somebody with access to the database only can't
/// replace what was verified up to it. The last line of an export (`{"head": …}`), and a line in the officers'
/// weekly mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditHead {
    /// Profile code.
    pub agency: String,
    /// Number of the last entry.
    pub sequence: i64,
    /// Its hash.
    pub hash: String,
    /// Identifies the server's key; empty: not authenticated.
    pub key: String,
    /// HMAC-SHA-256, hex, over agency, number and hash; empty: not authenticated.
    pub seal: String,
}

/// The word such a line begins with.
const HEAD: &str = "touroku-audit-head";

impl AuditHead {
    /// As a line of a mail.
    pub fn to_line(&self) -> String {
        let Self { agency, sequence, hash, key, seal } = self;
        format!("{HEAD} {agency} {sequence} {hash} {key} {seal}")
    }

    /// The first such line of a text.
    pub fn find(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace().skip_while(|word| *word != HEAD).skip(1);
        let mut word = || words.next().map(str::to_owned);
        let (agency, sequence) = (word()?, word()?.parse().ok()?);
        Some(Self { agency, sequence, hash: word()?, key: word()?, seal: word()? })
    }
}

codes! {
    /// What is recorded. Codes once written are permanent; the texts belong to the page.
    pub enum AuditAction {
        // Who comes and goes.
        /// Signed in by password and authenticator.
        Login = "login",
        /// Signed in by card.
        CardLogin = "card_login",
        /// Password or code was wrong, or there is no such account.
        LoginFailed = "login_failed",
        /// Further attempts are refused for a while after that.
        LoginBlocked = "login_blocked",
        /// The card belongs to no account, or was refused.
        CardLoginFailed = "card_login_failed",
        /// A different certificate was presented in place of an account's card.
        CardForged = "card_forged",
        /// Signed out.
        Logout = "logout",
        /// A session was ended from another one.
        SessionEnded = "session_ended",

        // Accounts.
        /// The link of an account was used: password and authenticator are set.
        SetupFinished = "setup_finished",
        /// The officer's own password was changed.
        PasswordChanged = "password_changed",
        /// It was not: the current one was wrong.
        PasswordChangeFailed = "password_change_failed",
        /// A card was linked to the officer's own account.
        CardLinked = "card_linked",
        /// None was linked: password or code was wrong.
        CardLinkFailed = "card_link_failed",
        /// The card was unlinked.
        CardUnlinked = "card_unlinked",
        /// The officer's mail settings were changed.
        NoticesChanged = "notices_changed",
        /// An account was created.
        OfficerAdded = "officer_added",
        /// A new link was sent; the old password stopped working.
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
        /// Something was written down about an application, for other officers.
        ApplicationNoted = "application_noted",

        // Companies.
        /// A company's page was looked at.
        CompanyViewed = "company_viewed",
        /// A file of a signed application was downloaded.
        ReceiptDownloaded = "receipt_downloaded",
        /// Companies were exported as CSV.
        CompaniesExported = "companies_exported",
        /// A company was suspended.
        CompanySuspended = "company_suspended",
        /// Its reason or period was corrected.
        CompanySuspensionCorrected = "company_suspension_corrected",
        /// The suspension was lifted.
        CompanyLifted = "company_lifted",
        /// A card was suspended.
        CardSuspended = "card_suspended",
        /// The suspension was lifted.
        CardLifted = "card_lifted",
        /// A mail that was waiting or refused is sent again.
        MailSentAgain = "mail_sent_again",
        /// It was given up.
        MailGivenUp = "mail_given_up",
        /// An ID was suspended.
        IdSuspended = "id_suspended",
        /// The suspension of an ID was lifted.
        IdLifted = "id_lifted",
        /// A company was added to the roster by hand.
        RowAdded = "row_added",
        /// A company's row in the roster was corrected by hand.
        RowCorrected = "row_corrected",
        /// 利用申請書 of a company was received.
        PermitReceived = "permit_received",
        /// It was permitted.
        PermitGranted = "permit_granted",
        /// That was taken back.
        PermitWithdrawn = "permit_withdrawn",
        /// A number was issued.
        NumberIssued = "number_issued",
        /// A letter with 業者番号 was made.
        NumberNotified = "number_notified",
        /// A number was issued again: the old one stopped working.
        NumberReissued = "number_reissued",
        /// Letters with numbers that were not sent yet were shown again.
        LettersViewed = "letters_viewed",
        /// A letter with a number was sent.
        LetterSent = "letter_sent",

        // 業者情報取込.
        /// An upload began.
        ImportBegun = "import_begun",
        /// The columns were mapped differently.
        ImportColumnsSet = "import_columns_set",
        /// The import was cancelled.
        ImportCancelled = "import_cancelled",
        /// The import was taken over.
        ImportTaken = "import_taken",
        /// The import was undone.
        ImportUndone = "import_undone",

        // The rest.
        /// Another profile took effect.
        ProfileChanged = "profile_changed",
        /// A profile awaits confirmation because it changes who is trusted.
        ProfileProposed = "profile_proposed",
        /// The proposed profile was withdrawn.
        ProfileWithdrawn = "profile_withdrawn",
        /// The secret that a system checks webhooks with was shown.
        WebhookSecretViewed = "webhook_secret_viewed",
        /// A system was sent a test event.
        WebhookTried = "webhook_tried",
        /// New keys sign for bidding systems from now on.
        SigningKeysRotated = "signing_keys_rotated",
        /// The chain was viewed.
        AuditViewed = "audit_viewed",
        /// It was exported.
        AuditExported = "audit_exported",
        /// A check of the whole chain was started.
        AuditChecked = "audit_checked",
        /// The chain's end had no seal, or one by another key, and was sealed by the current key on the command line.
        AuditResealed = "audit_resealed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_is_read_as_it_was_written_and_words_of_older_servers_stay() {
        for detail in [
            Detail::None,
            Detail::Role(Role::Manage),
            Detail::Application(ReviewKind::Card, 3),
            Detail::Filed(ReviewKind::Card, "20261122-33333-33333".into()),
            Detail::Letter,
            Detail::AnotherAddress,
            Detail::Import(ImportCounts { added: 2, ..ImportCounts::default() }),
            Detail::Export(CompanyFilter::Expiring, ListFormat::Cp932),
            Detail::ExportWith(CompanyFilter::All, ListFormat::Xlsx, vec![ExportPart::Timeline]),
            Detail::ExportFile(CompanyFilter::Electronic, "bid".into()),
            Detail::Refused(ApiErrorCode::CardNotRegistered),
        ] {
            assert_eq!(Detail::read(&detail.write()), detail);
        }
        assert_eq!(Detail::Role(Role::Manage).write(), r#"{"role":"manage"}"#);
        for old in ["role=manage", "12 bytes", "{\"from_the_future\":1}"] {
            assert_eq!(Detail::read(old), Detail::Text(old.to_owned()));
            assert_eq!(Detail::read(old).write(), old);
        }
    }

    #[test]
    fn an_import_is_known_by_its_subject_and_a_company_is_none() {
        assert_eq!(import_of_subject(&subject_of_import(7)), Some(7));
        assert_eq!(import_of_subject("990000001"), None);
    }

    #[test]
    fn the_end_of_a_chain_is_found_in_a_mail_however_its_lines_are_broken() {
        let head = AuditHead {
            agency: "aomori".into(),
            sequence: 12,
            hash: "ab".repeat(32),
            key: "01020304".into(),
            seal: "cd".repeat(32),
        };
        let line = head.to_line();
        assert_eq!(AuditHead::find(&format!("> 前文\n> {line}\n後文")), Some(head.clone()));
        assert_eq!(AuditHead::find(&line.replace(' ', "\n")), Some(head));
        assert_eq!(AuditHead::find("touroku-audit-head aomori x"), None);
    }
}
