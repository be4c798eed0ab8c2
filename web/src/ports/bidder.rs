//! The contractor's requests.

use std::rc::Rc;

use touroku_proto::{
    api::{Clock, NewChallenge, SessionView},
    endpoint::{Empty, NoQuery, bidder as calls},
};

use super::{
    api,
    page::{self, steady_ms},
};
use crate::{
    bidder::{
        account::{AccountAction, AccountAsk},
        action::{Action, Answer},
        clock::Reading,
        effect::{Application, Ask},
        listing::ListingAction,
        members::MembersAction,
        sign_in::SignInAction,
        status::StatusAction,
    },
    call::{Call, at, get, send},
};

/// Sends a request to the server; its answer is an action.
pub async fn ask(ask: Ask) -> Action {
    api::send(call(ask)).await
}

fn call(ask: Ask) -> Call<Action> {
    match ask {
        Ask::Portal => {
            at::<calls::Portal>((), calls::PortalQuery { members: None }).then(Action::PortalLoaded)
        }
        Ask::Members(code) => at::<calls::JointPortal>((code.clone(),), NoQuery {})
            .then(|answer| Action::Members(MembersAction::Read { answer, code })),
        Ask::Profile(code) => at::<calls::Profile>((code.clone(),), NoQuery {})
            .then(|answer| Action::ProfileLoaded { answer: answer.map(Rc::new), code }),
        Ask::Session => get::<calls::Session>().then(Action::SessionLoaded),
        Ask::Extend => get::<calls::Session>().then(Action::Extended),
        Ask::Clock => {
            let asked_ms = steady_ms();
            get::<calls::Clock>()
                .then(move |answer| Action::ClockRead(answer.map(|clock| reading(&clock, asked_ms))))
        }
        Ask::StartSession(body) => send::<calls::StartSession>(&body).then(Action::SessionStarted),
        Ask::Challenge { attempt, purpose } => send::<calls::Challenge>(&NewChallenge { purpose })
            .then(move |answer| Action::ChallengeMade { attempt, answer }),
        Ask::Login { attempt, login } => {
            send::<calls::Login>(&login).then(move |answer| Action::LoggedIn { attempt, answer })
        }
        Ask::Search(body) => send::<calls::SearchCompany>(&body).then(Action::SearchAnswered),
        Ask::SaveDraft { revision, draft } => {
            send::<calls::SaveDraft>(&draft).done(move |answer| Action::DraftSaved { revision, answer })
        }
        Ask::Register(body) => send::<calls::Register>(&body).then(Action::Registered),
        Ask::Account(ask) => account(ask),
        Ask::Companies { attempt, agency, query } => at::<calls::Companies>((agency,), query)
            .then(move |answer| Action::Listing(ListingAction::Read { attempt, answer })),
        Ask::Change(body) => send::<calls::Change>(&body).then(Action::Changed),
        Ask::Hours(code) => at::<calls::Hours>((code.clone(),), NoQuery {})
            .then(|answer| Action::HoursLoaded { answer, code }),
        Ask::Postal(digits) => at::<calls::Postal>((digits.clone(),), NoQuery {})
            .then(|answer| Action::AddressesFound { answer, digits }),
        Ask::Prepare { attempt, application } => {
            let prepared = move |answer| Action::Prepared { attempt, answer, origin: page::origin() };
            match &application {
                Application::Register(body) => send::<calls::PrepareRegistration>(body).then(prepared),
                Application::Change(body) => send::<calls::PrepareChange>(body).then(prepared),
                Application::Renew(body) => send::<calls::PrepareRenewal>(body).then(prepared),
            }
        }
        Ask::Renew(body) => send::<calls::Renew>(&body).then(Action::Renewed),
        Ask::SignIn { id, fresh } => at::<calls::SignIn>((), calls::WhichSignIn { id })
            .then(move |answer| Action::SignIn(SignInAction::Read { fresh, answer })),
        Ask::EndSignIn(body) => {
            send::<calls::EndSignIn>(&body).then(|answer| Action::SignIn(SignInAction::Ended(answer)))
        }
        Ask::Status => get::<calls::Status>().then(|answer| Action::Status(StatusAction::Read(answer))),
        Ask::OlderEvents(after) => {
            at::<calls::StatusTimeline>((), calls::TimelineQuery { after: Some(after.clone()) })
                .then(|answer| Action::Status(StatusAction::OlderRead(after, answer)))
        }
        Ask::Stop(stop) => {
            send::<calls::StopOther>(&stop).then(|answer| Action::Status(StatusAction::Stopped(answer)))
        }
        Ask::InformationPassword => send::<calls::InformationPassword>(&Empty {})
            .then(|answer| Action::Status(StatusAction::PasswordRead(answer))),
        Ask::Receipt(file) => at::<calls::ReceiptOfSession>((file,), NoQuery {})
            .done(move |answer| Action::ReceiptSaved(file, answer)),
        Ask::LogOut => get::<calls::EndSession>().done(Action::LoggedOut),
    }
}

fn account(ask: AccountAsk) -> Call<Action> {
    let logged_in =
        |answer: Answer<SessionView>| Action::Account(AccountAction::LoggedIn(answer.map(Box::new)));
    let password_set = |answer| Action::Account(AccountAction::PasswordSet(answer));
    match ask {
        AccountAsk::Apply(body) => send::<calls::Apply>(&body).then(Action::Registered),
        AccountAsk::Change(body) => send::<calls::ChangeAccount>(&body).then(Action::Registered),
        AccountAsk::Login(body) => send::<calls::AccountLogin>(&body).then(logged_in),
        AccountAsk::Prove(body) => send::<calls::ProveApplication>(&body).then(logged_in),
        AccountAsk::Open(body) => send::<calls::OpenApplication>(&body).then(logged_in),
        AccountAsk::Confirm(body) => send::<calls::ConfirmAddress>(&body).done(password_set),
        AccountAsk::Forgotten(body) => send::<calls::ForgottenPassword>(&body)
            .done(|answer| Action::Account(AccountAction::ForgottenSent(answer))),
        AccountAsk::Withdraw => send::<calls::Withdraw>(&Empty {})
            .then(|answer| Action::Account(AccountAction::Withdrawn(answer.map(Box::new)))),
        AccountAsk::AskAgain => {
            get::<calls::AskAgain>().done(|answer| Action::Account(AccountAction::AskedAgain(answer)))
        }
        AccountAsk::Reset(body) => send::<calls::ResetPassword>(&body).done(password_set),
    }
}

fn reading(clock: &Clock, asked_ms: f64) -> Reading {
    let round_trip_ms = steady_ms() - asked_ms;
    // Half of the round trip is attributed to the response.
    Reading {
        unix_ms: clock.unix_ms,
        at_ms: asked_ms + round_trip_ms / 2.0,
        computer_ms: (js_sys::Date::now() - round_trip_ms / 2.0) as i64,
        // Never negative: the clock is monotonic.
        round_trip_ms: round_trip_ms as u32,
    }
}
