//! What the page asks before doing something that affects others.

use touroku_proto::officer::Role;

use super::ask::Target;

/// The effect of a take-over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TakeOver {
    /// 追加.
    pub added: u64,
    /// 変更.
    pub changed: u64,
    /// 削除.
    pub removed: u64,
    /// 停止: missing, but registered or applied.
    pub suspended: u64,
    /// Rows with mistakes that are skipped.
    pub left_out: u64,
    /// How many companies the roster has.
    pub before: u64,
    /// Whether so many would be removed that it is asked again.
    pub is_many: bool,
}

/// A question with はい and いいえ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// 承認.
    Approve,
    /// 却下.
    Reject,
    /// Approve this many that were looked at.
    ApproveTogether(usize),
    /// Take an import over.
    Take(TakeOver),
    /// Many companies would be removed: ask again.
    TakeMany(TakeOver),
    /// Undo it.
    Undo(i64),
    /// Cancel it.
    CancelImport(i64),
    /// Suspend a company or card.
    Suspend(Target),
    Lift(Target),
    /// Correct reason and period of a company's suspension that was set then, Unix milliseconds.
    CorrectSuspension(String, i64),
    /// Send a mail again.
    SendMail(i64),
    GiveMailUp(i64),
    /// The same for this many, all that did not arrive.
    SendMails(u64),
    GiveMailsUp(u64),
    Issue,
    /// 許可 of this many companies, those that are shown.
    GrantPermits(usize),
    /// This many letters were sent: their numbers can't be shown any more.
    LettersSent(usize),
    StopOfficer(String),
    /// Start it again.
    StartOfficer(String),
    /// Give it another role.
    ChangeRole(String, Role),
    /// A new link; the old password stops working.
    NewLink(String),
    EndSession(String),
    /// Unlink the card.
    UnlinkCard,
    /// Give a system a new secret.
    RenewSecret(String),
    RemoveClient(String),
    /// Put the profile into effect.
    TakeProfile,
    /// Put the proposal into effect.
    ConfirmProfile,
    /// Withdraw the proposal.
    WithdrawProfile,
}

impl Dialog {
    /// The `id` of the button that opens it: the focus returns there.
    pub fn opener(&self) -> String {
        let target = |target: &Target| match target {
            Target::Company(_) => "company".to_owned(),
            Target::Card(id) => format!("card-{id}"),
            Target::Account(id) => format!("account-{id}"),
        };
        match self {
            Self::Approve => "open-approve".to_owned(),
            Self::Reject => "open-reject".to_owned(),
            Self::ApproveTogether(_) => "open-approve-together".to_owned(),
            Self::Take(_) | Self::TakeMany(_) => "open-take".to_owned(),
            Self::Undo(id) => format!("open-undo-{id}"),
            Self::CancelImport(id) => format!("open-cancel-{id}"),
            Self::Suspend(of) | Self::Lift(of) => format!("open-suspend-{}", target(of)),
            Self::CorrectSuspension(..) => "open-correct-suspension".to_owned(),
            Self::SendMail(id) => format!("open-send-{id}"),
            Self::GiveMailUp(id) => format!("open-give-up-{id}"),
            Self::SendMails(_) => "open-send-all".to_owned(),
            Self::GiveMailsUp(_) => "open-give-up-all".to_owned(),
            Self::Issue => "open-issue".to_owned(),
            Self::GrantPermits(_) => "open-grant-permits".to_owned(),
            Self::LettersSent(_) => "open-letters-sent".to_owned(),
            Self::StopOfficer(login_id) | Self::StartOfficer(login_id) => format!("open-stop-{login_id}"),
            Self::ChangeRole(login_id, role) => format!("open-role-{login_id}-{}", role.as_str()),
            Self::NewLink(login_id) => format!("open-link-{login_id}"),
            Self::EndSession(id) => format!("open-end-{id}"),
            Self::UnlinkCard => "open-unlink".to_owned(),
            Self::RenewSecret(code) => format!("open-secret-{code}"),
            Self::RemoveClient(code) => format!("open-remove-{code}"),
            Self::TakeProfile => "open-take-profile".to_owned(),
            Self::ConfirmProfile => "open-confirm-profile".to_owned(),
            Self::WithdrawProfile => "open-withdraw-profile".to_owned(),
        }
    }

    /// Its name in `data-dialog`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::ApproveTogether(_) => "approve-together",
            Self::Take(_) => "take",
            Self::TakeMany(_) => "take-many",
            Self::Undo(_) => "undo",
            Self::CancelImport(_) => "cancel-import",
            Self::Suspend(_) => "suspend",
            Self::Lift(_) => "lift",
            Self::CorrectSuspension(..) => "correct-suspension",
            Self::SendMail(_) => "send-mail",
            Self::GiveMailUp(_) => "give-mail-up",
            Self::SendMails(_) => "send-mails",
            Self::GiveMailsUp(_) => "give-mails-up",
            Self::Issue => "issue",
            Self::GrantPermits(_) => "grant-permits",
            Self::LettersSent(_) => "letters-sent",
            Self::StopOfficer(_) => "stop-officer",
            Self::StartOfficer(_) => "start-officer",
            Self::ChangeRole(..) => "change-role",
            Self::NewLink(_) => "new-link",
            Self::EndSession(_) => "end-session",
            Self::UnlinkCard => "unlink-card",
            Self::RenewSecret(_) => "renew-secret",
            Self::RemoveClient(_) => "remove-client",
            Self::TakeProfile => "take-profile",
            Self::ConfirmProfile => "confirm-profile",
            Self::WithdrawProfile => "withdraw-profile",
        }
    }
}
