//! The call that each request is.

use std::rc::Rc;

use touroku_proto::{
    endpoint::{Content, Empty, Endpoint, NoQuery, bidder, officer as calls},
    officer::{
        client::{ClientsView, RenewSecret},
        company::CorrectSuspension,
    },
};

use super::ask::{Ask, ClientCall, Reply, Target};
use crate::{
    bidder::action::Answer,
    call::{Asked, Call, at, get, parse, send, send_to},
};

impl Ask {
    /// The call, whose answer becomes a [`Reply`].
    pub fn call(&self) -> Call<Answer<Reply>> {
        match self {
            Self::Portal => {
                at::<bidder::Portal>((), bidder::PortalQuery { members: Some(true) }).replies(Reply::Portal)
            }
            Self::Profile(code) => at::<bidder::Profile>((code.clone(),), NoQuery {})
                .replies(|profile| Reply::Profile(Rc::new(profile))),
            Self::Session => get::<calls::Session>().replies(Reply::Officer),
            Self::SignOut => get::<calls::SignOut>().done(nothing),
            Self::Login(body) => send::<calls::Login>(body).replies(Reply::Officer),
            Self::Challenge(body) => send::<calls::OfficerChallenge>(body).replies(Reply::Challenge),
            Self::CardLogin(body) => send::<calls::CardLogin>(body).replies(Reply::Officer),
            Self::LinkCard(body) => send::<calls::LinkCard>(body).replies(Reply::Officer),
            Self::UnlinkCard => get::<calls::UnlinkCard>().done(nothing),
            Self::BeginSetup(body) => send::<calls::BeginSetup>(body).replies(Reply::Setup),
            Self::FinishSetup(body) => send::<calls::FinishSetup>(body).replies(Reply::Officer),
            Self::Figures => get::<calls::Figures>().replies(Reply::Figures),
            Self::Daily => get::<calls::Daily>().replies(Reply::Daily),
            Self::SetNotices(body) => send::<calls::SetNotices>(body).replies(Reply::Officer),
            Self::Undelivered { after } => {
                at::<calls::Mails>((), calls::MailQuery { after: *after }).replies(Reply::Undelivered)
            }
            Self::ActOnMails(body) => send::<calls::ActOnMails>(body).replies(Reply::Undelivered),
            Self::Applications { search, after } => {
                at::<calls::Applications>((), search.to_call(after.clone())).replies(Reply::Applications)
            }
            Self::Application { kind, id } => {
                at::<calls::Application>((*kind, *id), NoQuery {}).replies(Reply::Application)
            }
            Self::Decide { kind, id, body } => {
                send_to::<calls::Decide>((*kind, *id), body).replies(Reply::Application)
            }
            Self::Note { kind, id, body } => {
                send_to::<calls::Note>((*kind, *id), body).replies(Reply::Application)
            }
            Self::Imports => get::<calls::Imports>().replies(Reply::Imports),
            Self::Import(id) => at::<calls::Import>((*id,), NoQuery {}).replies(Reply::Import),
            Self::BeginImport(body) => send::<calls::BeginImport>(body).replies(Reply::Import),
            Self::CancelImport(id) => at::<calls::CancelImport>((*id,), NoQuery {}).done(nothing),
            Self::ImportFields(id) => {
                at::<calls::ImportFields>((*id,), NoQuery {}).replies(Reply::ImportFields)
            }
            Self::MapColumns { id, body } => {
                send_to::<calls::MapColumns>((*id,), body).replies(Reply::Import)
            }
            Self::ImportRows { id, kind, after } => {
                at::<calls::ImportRows>((*id,), calls::RowQuery { kind: *kind, after: *after })
                    .replies(Reply::ImportRows)
            }
            Self::Take { id, body } => send_to::<calls::Take>((*id,), body).replies(Reply::Import),
            Self::Undo(id) => send_to::<calls::Undo>((*id,), &Empty {}).replies(Reply::Import),
            Self::Companies { search, after } => {
                at::<calls::Companies>((), search.to_call(after.clone())).replies(Reply::Companies)
            }
            Self::Company(number) => {
                at::<calls::Company>((number.clone(),), NoQuery {}).replies(Reply::Company)
            }
            Self::Timeline { number, after } => {
                let after = Some(after.clone());
                at::<calls::CompanyTimeline>((number.clone(),), calls::TimelineQuery { after })
                    .replies(Reply::Timeline)
            }
            Self::Listing { after } => {
                at::<calls::Listing>((), calls::ListingQuery { after: after.clone() }).replies(Reply::Listing)
            }
            Self::RosterForm(number) => {
                let number = (!number.is_empty()).then(|| number.clone());
                at::<calls::RosterRow>((), calls::RosterQuery { number }).replies(Reply::RosterForm)
            }
            Self::SaveRow(body) => send::<calls::SaveRosterRow>(body).replies(Reply::SavedRow),
            Self::SuspendCompany { number, seen: None, body } => {
                send_to::<calls::SuspendCompany>((number.clone(),), body).replies(Reply::Company)
            }
            Self::SuspendCompany { number, seen: Some(seen), body } => {
                let body = CorrectSuspension { seen_unix_ms: *seen, suspend: body.clone() };
                send_to::<calls::CorrectSuspension>((number.clone(),), &body).replies(Reply::Company)
            }
            Self::Suspend { target, lift, body } => match (target.clone(), lift) {
                (Target::Company(number), _) => {
                    send_to::<calls::LiftCompany>((number,), body).replies(Reply::Company)
                }
                (Target::Card(id), false) => {
                    send_to::<calls::SuspendCard>((id,), body).replies(Reply::Company)
                }
                (Target::Card(id), true) => send_to::<calls::LiftCard>((id,), body).replies(Reply::Company),
                (Target::Account(id), false) => {
                    send_to::<calls::SuspendAccount>((id,), body).replies(Reply::Company)
                }
                (Target::Account(id), true) => {
                    send_to::<calls::LiftAccount>((id,), body).replies(Reply::Company)
                }
            },
            Self::Mail { number, id, give_up: false } => {
                send_to::<calls::SendMail>((number.clone(), *id), &Empty {}).replies(Reply::Company)
            }
            Self::Mail { number, id, give_up: true } => {
                send_to::<calls::GiveMailUp>((number.clone(), *id), &Empty {}).replies(Reply::Company)
            }
            Self::GrantPermits(body) => send::<calls::GrantPermits>(body).replies(Reply::GrantedPermits),
            Self::SetPermit { number, body } => {
                send_to::<calls::SetPermit>((number.clone(),), body).replies(Reply::Company)
            }
            Self::Issue(body) => send::<calls::IssueNumbers>(body).replies(Reply::Numbers),
            Self::LettersWaiting => get::<calls::LettersWaiting>().replies(Reply::LettersWaiting),
            Self::Letters => get::<calls::Letters>().replies(Reply::Numbers),
            Self::LettersSent(body) => send::<calls::LettersSent>(body).replies(Reply::LettersWaiting),
            Self::Officers => get::<calls::Officers>().replies(Reply::Officers),
            Self::AddOfficer(body) => send::<calls::AddOfficer>(body).replies(Reply::Link),
            Self::ChangeOfficer { login_id, body } => {
                send_to::<calls::ChangeOfficer>((login_id.clone(),), body).replies(Reply::Account)
            }
            Self::NewLink { login_id, body } => {
                send_to::<calls::ResetOfficer>((login_id.clone(),), body).replies(Reply::Link)
            }
            Self::ChangePassword(body) => send::<calls::ChangePassword>(body).done(nothing),
            Self::Sessions => get::<calls::Sessions>().replies(Reply::Sessions),
            Self::EndSession(id) => at::<calls::EndSession>((id.clone(),), NoQuery {}).done(nothing),
            Self::Audit { search, before } => {
                at::<calls::Audit>((), search.to_call(*before)).replies(Reply::Audit)
            }
            Self::ListAudit { search, before } => {
                at::<calls::ListAudit>((), search.to_call(*before)).replies(Reply::AuditFound)
            }
            Self::CheckAudit => send::<calls::CheckAudit>(&Empty {}).replies(Reply::AuditCheck),
            Self::AuditCheck => get::<calls::AuditProgress>().replies(Reply::AuditCheck),
            Self::Export(file) => {
                Call { request: file.clone(), read: Box::new(|answer| nothing(answer.map(|_| ()))) }
            }
            Self::Clients(call) => match call {
                ClientCall::Look => get::<calls::Clients>().replies(clients),
                ClientCall::Save(body) => send::<calls::SaveClient>(body).replies(clients),
                ClientCall::Renew(code) => {
                    send_to::<calls::RenewSecret>((code.clone(),), &RenewSecret { keep_former: true })
                        .replies(clients)
                }
                ClientCall::Remove(code) => {
                    at::<calls::RemoveClient>((code.clone(),), NoQuery {}).replies(clients)
                }
                ClientCall::WebhookSecret(code) => {
                    send_to::<calls::WebhookSecret>((code.clone(),), &Empty {}).replies(clients)
                }
                ClientCall::Try(code) => {
                    send_to::<calls::TryWebhook>((code.clone(),), &Empty {}).replies(clients)
                }
            },
            Self::EarlierProfiles(before) => {
                at::<calls::EarlierProfiles>((), calls::VersionQuery { before: *before })
                    .replies(Reply::ProfileVersions)
            }
            Self::ProfileVersion(id) => {
                at::<calls::ProfileVersion>((*id,), NoQuery {}).replies(Reply::VersionText)
            }
            Self::InForce => get::<calls::InForce>().replies(Reply::InForce),
            Self::CheckProfile(body) => send::<calls::CheckProfile>(body).replies(Reply::ProfileCheck),
            Self::ChangeKeys(body) => send::<calls::ChangeKeys>(body).replies(Reply::ChangedKeys),
            Self::TakeProfile(body) => send::<calls::TakeProfile>(body).replies(Reply::InForce),
            Self::ConfirmProfile(body) => send::<calls::ConfirmProfile>(body).replies(Reply::InForce),
            Self::WithdrawProfile => get::<calls::WithdrawProfile>().replies(Reply::InForce),
        }
    }
}

fn clients(view: ClientsView) -> Reply {
    Reply::Clients(Box::new(view))
}

fn nothing(answer: Answer<()>) -> Answer<Reply> {
    answer.map(|()| Reply::Nothing)
}

/// Compiled for every kind of answer, not for every call.
fn reader<T: Content + 'static>(
    reply: impl FnOnce(T) -> Reply + 'static,
) -> Box<dyn FnOnce(Answer<String>) -> Answer<Reply>> {
    Box::new(move |text| parse(&text?).map(reply))
}

impl<E: Endpoint> Asked<E> {
    fn replies(self, reply: impl FnOnce(E::Response) -> Reply + 'static) -> Call<Answer<Reply>> {
        Call { request: self.into(), read: reader(reply) }
    }
}
