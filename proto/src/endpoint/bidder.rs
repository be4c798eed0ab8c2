//! The contractors' calls.

use super::{
    Empty, Endpoint, MAX_BODY, Method, NoQuery, Nothing, Receipt, Visitor, Who, caller, endpoints, url,
};
use crate::{
    account,
    agency::AgencyProfile,
    api::{self, Prepared, ReceiptFile, SessionView},
    hours::HoursState,
    officer::company::Timeline,
    sign_in,
    status::{CompanyStatus, ShownPassword, Stop},
};

query! {
    /// Which agencies.
    pub struct PortalQuery {
        /// Members of portals, too; `false` if absent.
        pub members: Option<bool>,
    }
}

query! {
    /// Which part of 業者番号一覧.
    pub struct CompanyQuery {
        /// A row of 五十音, by its first character; absent: all.
        pub row: Option<String>,
        /// Part of a name or number.
        pub query: Option<String>,
        /// [`api::CompanyPage::next`] of the previous page.
        pub after: Option<String>,
        /// The category of a search: companies that it does not find say so.
        pub category: Option<String>,
    }
}

query! {
    /// Which part of a company's events.
    pub struct TimelineQuery {
        /// [`Timeline::next`] of the previous part; absent: the latest.
        pub after: Option<String>,
    }
}

query! {
    /// Which sign-in.
    pub struct WhichSignIn {
        /// Its word in the page's address.
        pub id: String,
    }
}

endpoints! {
    /// What the entry page needs.
    Portal: GET "/api/portal" ? PortalQuery, => api::Portal, for Anybody;

    /// A portal of several agencies (共同利用).
    JointPortal: GET "/api/portals/{code}" (String) => api::JointPortal, for Anybody;

    /// An agency's profile, as far as pages need it.
    Profile: GET "/api/agencies/{code}" (String) => AgencyProfile, for Anybody;

    /// Whether an agency's system is open now.
    Hours: GET "/api/agencies/{code}/hours" (String) => HoursState, for Anybody;

    /// 業者番号一覧, sorted by kana and paged. `not_found` where the agency publishes none.
    Companies: GET "/api/agencies/{code}/companies" (String) ? CompanyQuery, => api::CompanyPage, for Anybody;

    /// The server's time.
    Clock: GET "/api/clock" => api::Clock, for Anybody;

    /// The addresses of a 郵便番号, given by its seven digits; empty for none.
    Postal: GET "/api/postal/{digits}" (String) => api::PostalMatches, for Anybody;

    /// Begins a session at an agency and category, replacing an existing one.
    StartSession: POST "/api/session" [api::StartSession] => SessionView, for Anybody, repeatable;

    /// The session's progress. A reloaded page draws itself from this alone.
    Session: GET "/api/session" => SessionView, for Session;

    /// Ends the session.
    EndSession: DELETE "/api/session" => Nothing, for Session, repeatable;

    /// Asks for a challenge for one purpose; the session's previous one becomes void.
    Challenge: POST "/api/challenge" [api::NewChallenge] => api::Challenge, for Session, repeatable;

    /// Presents the card: the signed challenge.
    Login: POST "/api/login" [api::Login] => SessionView, for Proved;

    /// 資格審査情報検索: finds the company.
    SearchCompany: POST "/api/company/search" [api::CompanySearch] => SessionView, for Proved;

    /// Saves what was typed, valid or not.
    SaveDraft: PUT "/api/draft" [api::SaveDraft] => Nothing, for Proved, repeatable;

    /// 登録. The answer has `completed`. Repeating it with the same `submission` registers once and returns the same
    /// answer.
    Register: POST "/api/registration" [api::Register] => SessionView, for Proved, repeatable;

    /// 登録, before it is signed: takes the body of the request itself, unsigned, where the agency wants
    /// applications signed. Whatever can be refused is refused now, before a PIN is asked for. The session's
    /// previous preparation becomes void.
    PrepareRegistration: POST "/api/registration/signature" [api::Register] => Prepared, for Proved;

    /// 変更 with a card. The answer has `completed`; `stale` when the registration is no longer at that revision.
    Change: POST "/api/change" [api::Change] => SessionView, for Proved, repeatable;

    /// 変更, before it is signed.
    PrepareChange: POST "/api/change/signature" [api::Change] => Prepared, for Proved;

    /// ICカード更新, after both cards were presented. From its commit on, the new card logs in and the old one does
    /// not. The answer has `completed`.
    Renew: POST "/api/renewal" [api::Renew] => SessionView, for Proved, repeatable;

    /// ICカード更新, before it is signed.
    PrepareRenewal: POST "/api/renewal/signature" [api::Renew] => Prepared, for Proved;

    /// A file of the signed application that this session completed.
    ReceiptOfSession: GET "/api/receipt/{file}" (ReceiptFile) => Receipt, for Proved;

    /// Takes one's own pending application back.
    Withdraw: POST "/api/application/withdrawal" [Empty] => SessionView, for Proved;

    /// 登録状況, in a session of a registered card or an ID (電子入札 or 変更).
    Status: GET "/api/status" => CompanyStatus, for Proved;

    /// Earlier events of the company; empty for an ID that no officer has approved.
    StatusTimeline: GET "/api/status/timeline" ? TimelineQuery, => Timeline, for Proved;

    /// Stops another card or ID of the company from logging in until officers lift that. `stale` when it is already
    /// stopped, `wrong_state` for the session's own card or ID.
    StopOther: POST "/api/status/stop" [Stop] => CompanyStatus, for Proved;

    /// Shows a registered card the company's password of the 入札情報公開システム. Whoever asks first makes it the only session
    /// that is shown it. `wrong_state` when another one was, or when the server does not have it.
    InformationPassword: POST "/api/status/information_password" [Empty] => ShownPassword, for Proved;

    /// ID登録申請. The answer has `completed`. Repeating it with the same `submission` applies once and returns the
    /// same answer.
    Apply: POST "/api/account/application" [account::Apply] => SessionView, for Proved, repeatable;

    /// Logs in by ID and password, for 電子入札 or 変更. Refused with `credentials_wrong` (whichever of the two was
    /// wrong), `application_pending`, `application_rejected`, `rate_limited`.
    AccountLogin: POST "/api/account/login" [account::AccountLogin] => SessionView, for Proved;

    /// Proves ownership of an ID登録申請 of the session's company by the ID and password that it was made with.
    /// Refused with `credentials_wrong`, `rate_limited`.
    ProveApplication: POST "/api/account/proof" [account::ProveApplication] => SessionView, for Proved;

    /// Opens a session from the link `/result#TOKEN` in the mail about the outcome of an ID登録申請. Refused with
    /// `link_invalid` (expired, unknown, or superseded by a new application).
    OpenApplication: POST "/api/account/result" [account::OpenApplication] => SessionView, for Link;

    /// 変更 of ID, password and contacts. The answer has `completed`.
    ChangeAccount: POST "/api/account/change" [account::ChangeAccount] => SessionView, for Proved, repeatable;

    /// Mails a link to set a new password. The answer is the same whether or not an ID with that address exists.
    ForgottenPassword: POST "/api/account/forgotten" [account::ForgottenPassword] => Nothing, for Anybody;

    /// Sets a new password through the mailed link `/reset#TOKEN`. Refused with `link_invalid` (used, expired,
    /// unknown), `fields_invalid`.
    ResetPassword: POST "/api/account/password" [account::ResetPassword] => Nothing, for Link;

    /// Whoever reads mail at an address confirms it through the mailed link `/mail#TOKEN`. May be repeated. Refused
    /// with `link_invalid` (expired, unknown).
    ConfirmAddress: POST "/api/mail/confirmation" [account::ConfirmAddress] => Nothing, for Link;

    /// With a session that has made, changed or proved a registration or application: those of its addresses that
    /// nobody has confirmed are asked once more, as far as the limits let it. The answer is the same whichever these
    /// are; `not_found` where there is nothing, `rate_limited`.
    AskAgain: POST "/api/mail/question" => Nothing, for Proved;

    /// What a bidding system's pending sign-in asks for.
    SignIn: GET "/api/sign-in" ? WhichSignIn, => sign_in::SignIn, for SignIn;

    /// Ends it, signed in or not; says where the browser goes.
    EndSignIn: POST "/api/sign-in" [sign_in::EndSignIn] => sign_in::Onward, for SignIn;
}
