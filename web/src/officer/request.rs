//! How a request is encoded for the server, and how its answer is parsed.

use std::rc::Rc;

use serde::{Serialize, de::DeserializeOwned};
use touroku_proto::{api::ApiErrorCode, officer::company::CompanyFilter};

use super::{
    ask::{Ask, Reply, Target},
    route::{encode, filter_code, kind_code},
};
use crate::bidder::action::Answer;

/// An HTTP request to our own server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: &'static str,
    /// Path and query.
    pub path: String,
    /// JSON.
    pub body: Option<String>,
}

impl Ask {
    pub fn request(&self) -> Request {
        match self {
            Self::Portal => get("/api/portal?members=true"),
            Self::Profile(code) => get(format!("/api/agencies/{}", encode(code))),
            Self::Session => get(officer("session")),
            Self::SignOut => delete(officer("session")),
            Self::Login(body) => post(officer("login"), body),
            Self::Challenge(body) => post(officer("challenge"), body),
            Self::CardLogin(body) => post(officer("card-login"), body),
            Self::LinkCard(body) => post(officer("card"), body),
            Self::UnlinkCard => delete(officer("card")),
            Self::BeginSetup(body) => post(officer("setup/begin"), body),
            Self::FinishSetup(body) => post(officer("setup"), body),
            Self::Figures => get(officer("figures")),
            Self::Daily => get(officer("daily")),
            Self::SetNotices(body) => {
                Request { method: "PUT", path: officer("notices"), body: Some(write(body)) }
            }
            Self::Applications { decided, after } => {
                let state = if *decided { "decided" } else { "pending" };
                get(officer(&format!("applications?state={state}{}", optional("after", after.as_deref()))))
            }
            Self::Application { kind, id } => {
                get(officer(&format!("applications/{}/{id}", kind_code(*kind))))
            }
            Self::Decide { kind, id, body } => {
                post(officer(&format!("applications/{}/{id}/decision", kind_code(*kind))), body)
            }
            Self::Imports => get(officer("imports")),
            Self::Import(id) => get(officer(&format!("imports/{id}"))),
            Self::BeginImport(body) => post(officer("imports"), body),
            Self::CancelImport(id) => delete(officer(&format!("imports/{id}"))),
            Self::ImportFields(id) => get(officer(&format!("imports/{id}/fields"))),
            Self::MapColumns { id, body } => post(officer(&format!("imports/{id}/columns")), body),
            Self::ImportRows { id, kind, after } => {
                let after = after.map(|after| after.to_string());
                let after = optional("after", after.as_deref());
                get(officer(&format!("imports/{id}/rows?kind={}{after}", kind.as_str())))
            }
            Self::Take { id, body } => post(officer(&format!("imports/{id}/take")), body),
            Self::Undo(id) => act(officer(&format!("imports/{id}/undo"))),
            Self::Companies { search, after } => get(officer(&format!(
                "companies?query={}&filter={}{}",
                encode(&search.query),
                filter_code(search.filter),
                optional("after", after.as_deref())
            ))),
            Self::Company(number) => get(officer(&format!("companies/{}", encode(number)))),
            Self::Suspend { target, lift, body } => {
                let what = match target {
                    Target::Company(number) => format!("companies/{}", encode(number)),
                    Target::Card(id) => format!("cards/{id}"),
                    Target::Account(id) => format!("accounts/{id}"),
                };
                post(officer(&format!("{what}/{}", if *lift { "lift" } else { "suspend" })), body)
            }
            Self::Mail { number, id, give_up } => {
                let what = if *give_up { "give-up" } else { "send" };
                act(officer(&format!("companies/{}/mails/{id}/{what}", encode(number))))
            }
            Self::Issue(body) => post(officer("numbers"), body),
            Self::Officers => get(officer("officers")),
            Self::AddOfficer(body) => post(officer("officers"), body),
            Self::ChangeOfficer { login_id, body } => Request {
                method: "PUT",
                path: officer(&format!("officers/{}", encode(login_id))),
                body: Some(write(body)),
            },
            Self::NewLink { login_id, body } => {
                post(officer(&format!("officers/{}/setup", encode(login_id))), body)
            }
            Self::ChangePassword(body) => post(officer("password"), body),
            Self::Sessions => get(officer("sessions")),
            Self::EndSession(id) => delete(officer(&format!("sessions/{}", encode(id)))),
            Self::Audit { before: None } => get(officer("audit")),
            Self::Audit { before: Some(before) } => get(officer(&format!("audit?before={before}"))),
            Self::CheckAudit => act(officer("audit/check")),
            Self::AuditCheck => get(officer("audit/check")),
            Self::Export(path) => get(path.as_str()),
            Self::InForce => get(officer("profile")),
            Self::CheckProfile(body) => post(officer("profile/check"), body),
            Self::TakeProfile(body) => {
                Request { method: "PUT", path: officer("profile"), body: Some(write(body)) }
            }
            Self::ConfirmProfile(body) => post(officer("profile/proposal"), body),
            Self::WithdrawProfile => delete(officer("profile/proposal")),
        }
    }

    /// Parses the response's body.
    pub fn read(&self, text: &str) -> Answer<Reply> {
        match self {
            Self::SignOut
            | Self::UnlinkCard
            | Self::CancelImport(_)
            | Self::ChangePassword(_)
            | Self::EndSession(_)
            | Self::Export(_) => Ok(Reply::Nothing),
            Self::Portal => parse(text).map(Reply::Portal),
            Self::Profile(_) => parse(text).map(|profile| Reply::Profile(Rc::new(profile))),
            Self::Session
            | Self::Login(_)
            | Self::CardLogin(_)
            | Self::LinkCard(_)
            | Self::SetNotices(_)
            | Self::FinishSetup(_) => parse(text).map(Reply::Officer),
            Self::Challenge(_) => parse(text).map(Reply::Challenge),
            Self::BeginSetup(_) => parse(text).map(Reply::Setup),
            Self::Figures => parse(text).map(Reply::Figures),
            Self::Daily => parse(text).map(Reply::Daily),
            Self::Applications { .. } => parse(text).map(Reply::Applications),
            Self::Application { .. } | Self::Decide { .. } => parse(text).map(Reply::Application),
            Self::Imports => parse(text).map(Reply::Imports),
            Self::Import(_)
            | Self::BeginImport(_)
            | Self::MapColumns { .. }
            | Self::Take { .. }
            | Self::Undo(_) => parse(text).map(Reply::Import),
            Self::ImportFields(_) => parse(text).map(Reply::ImportFields),
            Self::ImportRows { .. } => parse(text).map(Reply::ImportRows),
            Self::Companies { .. } => parse(text).map(Reply::Companies),
            Self::Company(_) | Self::Suspend { .. } | Self::Mail { .. } => parse(text).map(Reply::Company),
            Self::Issue(_) => parse(text).map(Reply::Numbers),
            Self::Officers => parse(text).map(Reply::Officers),
            Self::ChangeOfficer { .. } => parse(text).map(Reply::Account),
            Self::AddOfficer(_) | Self::NewLink { .. } => parse(text).map(Reply::Link),
            Self::Sessions => parse(text).map(Reply::Sessions),
            Self::Audit { .. } => parse(text).map(Reply::Audit),
            Self::CheckAudit | Self::AuditCheck => parse(text).map(Reply::AuditCheck),
            Self::InForce | Self::TakeProfile(_) | Self::ConfirmProfile(_) | Self::WithdrawProfile => {
                parse(text).map(Reply::InForce)
            }
            Self::CheckProfile(_) => parse(text).map(Reply::ProfileCheck),
        }
    }
}

/// The URL of the export of a filter's companies.
pub fn export_path(filter: CompanyFilter, encoding: &str) -> String {
    officer(&format!("export?filter={}&encoding={encoding}", filter_code(filter)))
}

/// The URL of a roster template.
pub fn template_path(format: &str) -> String {
    officer(&format!("imports/template/{format}"))
}

/// The URL of the list of mistakes in an import.
pub fn problems_path(import: i64, format: &str) -> String {
    officer(&format!("imports/{import}/problems/{format}"))
}

/// The URL of the export of 監査記録.
pub fn audit_export_path() -> String {
    officer("audit/export")
}

fn officer(rest: &str) -> String {
    format!("/api/officer/{rest}")
}

fn optional(name: &str, value: Option<&str>) -> String {
    value.map(|value| format!("&{name}={}", encode(value))).unwrap_or_default()
}

fn get(path: impl Into<String>) -> Request {
    Request { method: "GET", path: path.into(), body: None }
}

fn post(path: String, body: &impl Serialize) -> Request {
    Request { method: "POST", path, body: Some(write(body)) }
}

/// A request fully described by its URL: the body is `{}`.
fn act(path: String) -> Request {
    Request { method: "POST", path, body: Some("{}".to_owned()) }
}

fn delete(path: String) -> Request {
    Request { method: "DELETE", path, body: Some("{}".to_owned()) }
}

fn write(body: &impl Serialize) -> String {
    serde_json::to_string(body).expect("our own types have text keys only")
}

fn parse<T: DeserializeOwned>(text: &str) -> Answer<T> {
    // A server newer than this page; reloading the page brings them together.
    serde_json::from_str(text).map_err(|_| ApiErrorCode::Internal.into())
}
