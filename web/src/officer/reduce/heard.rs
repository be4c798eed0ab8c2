//! Handles the server's answers.

use touroku_proto::api::ApiErrorCode;

use super::{Effect, Fault, Input, Notice, Session, Trouble};
use crate::officer::{
    ask::{Ask, Reply},
    input::CARD,
    route::Route,
    state::Console,
};

impl Console {
    /// An answer. One that belongs to a screen no longer shown changes nothing.
    pub(super) fn heard(&mut self, ask: Ask, reply: Reply) -> Vec<Effect> {
        match (ask, reply) {
            (_, Reply::Portal(portal)) => return self.portal_read(portal),
            (_, Reply::Profile(profile)) => self.profile = Some(profile),
            (Ask::Session, Reply::Officer(view)) => return self.signed_in(view, false),
            (Ask::FinishSetup(_), Reply::Officer(view)) => return self.setup_finished(view),
            (Ask::LinkCard(_), Reply::Officer(view)) => {
                self.card.step = Default::default();
                self.session = Session::Open(Box::new(view));
                self.clear_texts(|input| !CARD.contains(&input));
                return self.say(Notice::CardLinked);
            }
            (Ask::SetNotices(_), Reply::Officer(view)) => {
                self.session = Session::Open(Box::new(view));
                return self.say(Notice::NoticesSet);
            }
            (_, Reply::Officer(view)) => {
                self.card.step = Default::default();
                return self.signed_in(view, true);
            }
            (_, Reply::Challenge(challenge)) => return self.challenge_made(challenge),
            (Ask::BeginSetup(body), Reply::Setup(setup)) => {
                if matches!(&self.route, Some(Route::SetUp { token }) if *token == body.token) {
                    self.setup = Some(setup);
                }
            }
            (Ask::SignOut, _) => return self.signed_out(),
            (Ask::UnlinkCard, _) => {
                if let Session::Open(view) = &mut self.session {
                    (view.has_card, view.card) = (false, None);
                }
                return self.say(Notice::CardUnlinked);
            }

            (_, Reply::Figures(figures)) => self.figures = Some(figures),
            (_, Reply::Daily(days)) => self.daily = Some(days),
            (Ask::Applications { search, after }, Reply::Applications(page)) => {
                return self.queue_read(&search, after, page);
            }
            (Ask::Application { kind, id }, Reply::Application(detail)) => {
                return self.application_read(kind, id, detail);
            }
            (Ask::Decide { kind, id, body }, Reply::Application(detail)) => {
                return self.decided(kind, id, body.approve, detail);
            }
            (Ask::Note { kind, id, .. }, Reply::Application(detail)) => {
                return self.noted(kind, id, detail);
            }

            (_, Reply::Imports(list)) => return self.imports_read(list),
            (ask, Reply::Import(import)) => return self.import_read(&ask, import),
            (Ask::CancelImport(id), _) => return self.import_cancelled(id),
            (Ask::ImportFields(id), Reply::ImportFields(fields)) => {
                if matches!(self.route, Some(Route::Import { id: shown, .. }) if shown == id) {
                    self.imports.fields = Some(fields);
                }
            }
            (Ask::ImportRows { id, kind, after }, Reply::ImportRows(page)) => {
                return self.rows_read(id, kind, after, page);
            }

            (Ask::Undelivered { after }, Reply::Undelivered(page)) => {
                return self.undelivered_read(after, page);
            }
            (Ask::ActOnMails(asked), Reply::Undelivered(page)) => return self.mails_done(&asked, page),

            (Ask::Companies { search, after }, Reply::Companies(page)) => {
                return self.companies_read(search, after, page);
            }
            (Ask::Company(number), Reply::Company(company)) => {
                if matches!(&self.route, Some(Route::Company { number: shown }) if *shown == number) {
                    self.company = Some(company);
                }
            }
            (Ask::Timeline { number, after }, Reply::Timeline(earlier)) => {
                return self.earlier_read(&number, &after, earlier);
            }
            (Ask::Listing { after }, Reply::Listing(part)) => return self.listing_read(after, part),
            (_, Reply::RosterForm(form)) => return self.row_read(form),
            (Ask::SaveRow(asked), Reply::SavedRow(saved)) => return self.row_saved(&asked.number, saved),
            (_, Reply::GrantedPermits(done)) => return self.permits_granted(&done),
            (Ask::SetPermit { .. }, Reply::Company(company)) => {
                return self.suspended(Notice::PermitSet, company);
            }
            (Ask::SuspendCompany { seen, .. }, Reply::Company(company)) => {
                let in_force = company.suspension.as_ref().is_some_and(|suspension| suspension.in_force);
                let notice = match (seen, in_force) {
                    (Some(_), _) => Notice::SuspensionCorrected,
                    (None, true) => Notice::Suspended,
                    (None, false) => Notice::SuspensionPlanned,
                };
                return self.suspended(notice, company);
            }
            (Ask::Suspend { lift, .. }, Reply::Company(company)) => {
                return self.suspended(if lift { Notice::Lifted } else { Notice::Suspended }, company);
            }
            (Ask::Mail { give_up, .. }, Reply::Company(company)) => return self.mail_done(give_up, company),
            (Ask::Letters, Reply::Numbers(issued)) => return self.letters_opened(issued),
            (_, Reply::Numbers(issued)) => return self.numbers_issued(issued),
            (Ask::LettersSent(_), Reply::LettersWaiting(waiting)) => return self.letters_sent(waiting),
            (_, Reply::LettersWaiting(waiting)) => self.numbers.waiting = waiting.letters,

            (_, Reply::Officers(list)) => self.officers.list = Some(list),
            (_, Reply::Account(account)) => return self.officer_changed(account),
            (ask, Reply::Link(link)) => return self.link_made(ask, link),
            (_, Reply::Sessions(list)) => self.officers.sessions = Some(list),
            (Ask::EndSession(id), _) => return self.session_ended(&id),
            (Ask::ChangePassword(_), _) => return self.password_changed(),
            (Ask::Audit { search, before }, Reply::Audit(page)) => {
                return self.audit_read(&search, before, page);
            }
            (Ask::ListAudit { search, .. }, Reply::AuditFound(found)) => {
                return self.audit_listed(search, &found);
            }
            (ask, Reply::AuditCheck(check)) => return self.audit_checked(ask == Ask::CheckAudit, check),
            (Ask::Export(_), _) => return self.say(Notice::Exported),

            (Ask::Clients(call), Reply::Clients(view)) => return self.clients_read(&call, *view),
            (_, Reply::VersionText(version)) => return self.brought_back(version.text),
            (Ask::EarlierProfiles(before), Reply::ProfileVersions(page)) => {
                self.versions_read(before, page);
            }
            (ask, Reply::InForce(in_force)) => return self.profile_read(&ask, in_force),
            (Ask::ChangeKeys(sent), Reply::ChangedKeys(changed)) => return self.part_checked(sent, changed),
            (Ask::CheckProfile(new), Reply::ProfileCheck(check)) => return self.profile_checked(new, check),
            _ => {}
        }
        Vec::new()
    }

    /// A refusal that has its own place; `None`: the banner shows it.
    pub(super) fn refused_here(&mut self, ask: &Ask, trouble: &Trouble) -> Option<Vec<Effect>> {
        match ask {
            Ask::Challenge(_) | Ask::CardLogin(_) | Ask::LinkCard(_) => Some(self.card_refused(trouble)),
            // Nothing else can be wrong there.
            Ask::FinishSetup(_) if trouble.is(ApiErrorCode::CredentialsWrong) => {
                self.texts.remove(&Input::Code);
                self.fault(Input::Code, Fault::CodeWrong);
                Some(vec![Effect::Focus("summary".to_owned())])
            }
            Ask::Login(_) | Ask::FinishSetup(_) | Ask::ChangePassword(_) => {
                self.sign_in_refused(trouble);
                None
            }
            Ask::Decide { .. } if self.approving.is_some() && trouble.passes_by_itself() => {
                // The rest stays collected, and is asked for again by whoever sees the banner.
                self.approving = None;
                None
            }
            Ask::Decide { kind, id, .. } if self.approving.is_some() => {
                Some(self.collected_refused(*kind, *id))
            }
            Ask::Decide { kind, id, .. } if trouble.is(ApiErrorCode::Stale) => {
                Some(self.application_was_stale(*kind, *id, trouble.clone()))
            }
            Ask::SaveRow(_) if trouble.is(ApiErrorCode::Stale) => Some(self.was_stale(trouble.clone())),
            Ask::SuspendCompany { .. }
            | Ask::Suspend { .. }
            | Ask::SetPermit { .. }
            | Ask::Mail { .. }
            | Ask::ActOnMails(_)
                if trouble.is(ApiErrorCode::Stale) =>
            {
                Some(self.was_stale(trouble.clone()))
            }
            // Somebody else was faster.
            Ask::Take { id, .. } | Ask::Undo(id) | Ask::MapColumns { id, .. } | Ask::CancelImport(id)
                if trouble.is(ApiErrorCode::Stale) || trouble.is(ApiErrorCode::WrongState) =>
            {
                Some(self.import_was_stale(*id, trouble.clone()))
            }
            Ask::ChangeOfficer { .. } if trouble.is(ApiErrorCode::Stale) => {
                Some(self.officer_was_stale(trouble.clone()))
            }
            Ask::BeginImport(_) if trouble.is(ApiErrorCode::ImportRunning) => {
                Some(self.import_is_running(trouble.clone()))
            }
            Ask::Import(id) if self.imports.sending == Some(*id) && trouble.passes_by_itself() => {
                Some(self.upload_again())
            }
            // Only polling its progress; the next poll may be answered.
            Ask::Import(_) if trouble.passes_by_itself() && self.wait_for_import().is_some() => {
                Some(self.wait_for_import().into_iter().collect())
            }
            Ask::AuditCheck if trouble.passes_by_itself() => {
                Some(self.wait_for_audit().into_iter().collect())
            }
            // No columns are known before the file has been checked.
            Ask::ImportFields(_) | Ask::ImportRows { .. }
                if trouble.is(ApiErrorCode::WrongState) || trouble.is(ApiErrorCode::NotFound) =>
            {
                Some(Vec::new())
            }
            _ => None,
        }
    }
}
