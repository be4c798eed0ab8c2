//! What each action does to the state, with one file for each part of the page.

mod audit;
mod card;
mod clients;
mod companies;
mod dialog;
mod heard;
mod imports;
mod mails;
mod officers;
mod part;
mod queue;
mod review;
mod roster;
mod screens;
mod settings;
mod sign_in;

use touroku_proto::api::ApiErrorCode;

use super::{
    action::{Action, Tick},
    ask::{Ask, Reply},
    effect::{Effect, Timer, focus_heading},
    input::{self, Fault, Input},
    route::Route,
    state::{Banner, Console, Notice, Session},
};
use crate::bidder::{action::Answer, trouble::Trouble};

impl Console {
    /// Handles an action at a moment of the browser's monotonic clock, in milliseconds, and returns what the
    /// browser must do now.
    pub fn apply(&mut self, action: Action, now_ms: f64) -> Vec<Effect> {
        self.time.now_ms = now_ms;
        match action {
            Action::Started { route, remembered } => self.started(route, remembered),
            Action::Arrived(route) => self.arrived(route),
            Action::Answered(ask, answer) => self.answered(*ask, *answer),
            Action::Retry => {
                let retry = self.banner.take().and_then(|banner| banner.retry);
                retry.map(|ask| self.ask(*ask)).unwrap_or_default()
            }
            Action::Find(id) => vec![Effect::Focus(id)],
            Action::FindMistake { line, column } => vec![Effect::Select { line, column }],
            Action::TimeUp(timer) => self.time_up(timer),
            Action::Awoke => self.tick(),

            Action::Typed(input, text) => self.typed(input, text),
            // 選んでください is not a reason, and must not wipe out what was typed.
            Action::PickReason(reason) if reason.is_empty() => Vec::new(),
            Action::PickReason(reason) => self.typed(Input::Reason, reason),
            Action::Collect => self.collect(),
            Action::Drop(kind, id) => self.drop_collected(kind, id),
            Action::PickQueue(search) => self.look_into_queue(search),
            Action::Submit => self.submit(),
            Action::More => self.more(),
            Action::Offer(dialog) => self.offer(dialog),
            Action::Confirm => self.confirm(),
            Action::Dismiss => self.dismiss(),

            Action::PickAgency(code) => {
                self.agency = code;
                Vec::new()
            }
            Action::OfClient(act, code) => self.act_on_client(act, code),
            Action::SignOut => self.ask(Ask::SignOut),
            Action::StaySignedIn if self.ends_for_good() => self.sign_in_again(),
            Action::StaySignedIn => self.ask(Ask::Session),
            Action::UseCard => self.use_card(),
            Action::CardWindowOpened { attempt } => self.card_window_opened(attempt),
            Action::CardAnswered { attempt, answer } => self.card_answered(attempt, *answer),
            Action::CancelCard => self.cancel_card(),

            Action::PickFilter(filter) => self.pick_filter(filter),
            Action::PickPart(part, on) => {
                self.export_parts.retain(|known| *known != part);
                if on {
                    self.export_parts.push(part);
                }
                Vec::new()
            }
            Action::TypedRow(name, text) => self.type_row(name, text),
            Action::KeepRow(keep) => {
                self.row.keep = keep;
                Vec::new()
            }
            Action::SaveRow => self.save_row(true),
            Action::PickFile { name, size } => self.pick_file(name, size),
            Action::NotOneFile => self.say(Notice::NotOneFile),
            Action::PieceSent { import, answer } => self.piece_sent(import, *answer),
            Action::PickColumn { column, field } => self.pick_column(column, field),
            Action::PickHeader(row) => self.pick_header(row),
            Action::PickSheet(sheet) => self.pick_sheet(sheet),
            Action::MapColumns => self.map_columns(),
            Action::OpenLetters => self.ask(Ask::Letters),
            Action::SetPermit(state) => self.set_permit(state),
            Action::BringBack(id) => self.ask(Ask::ProfileVersion(id)),
            Action::CloseLetters => self.close_letters(),
            Action::SetNotices(notices) => self.ask(Ask::SetNotices(notices)),
            Action::Tick(tick, on) => {
                match tick {
                    Tick::SkipWrong => self.imports.skip_wrong = on,
                    Tick::RemoveMissing => self.imports.remove_missing = on,
                    Tick::NextNumbers => self.numbers.chosen = !on,
                    Tick::ByMail => self.numbers.by_mail = on,
                    Tick::UnlinkCard => self.officers.unlink_card = on,
                    Tick::Yearly => self.settings.yearly = on,
                }
                Vec::new()
            }
            Action::PickRole(role) => {
                self.officers.role = Some(role);
                Vec::new()
            }
            Action::CheckAudit => self.ask(Ask::CheckAudit),
            Action::PickAudit(action) => self.look_into_audit(action),
            Action::SaveAudit => self.save_audit(),
            Action::Edit(key, edit) => self.edit_key(key, edit),
            Action::Unset(keys) => self.unset_keys(keys),
            Action::Revert(keys) => self.revert_keys(&keys),
            Action::CloseDays => self.close_days(),
            Action::PickMonth(year, month) => {
                self.settings.month = Some((year, month));
                Vec::new()
            }
            Action::Insert { id, text } => vec![Effect::Insert { id, text }],
            Action::ReloadProfile => self.reload_profile(),
            Action::PickCategory(code) => {
                self.settings.category = code;
                Vec::new()
            }
            Action::PickPreview(screen) => {
                self.settings.screen = screen;
                Vec::new()
            }
            Action::Export(file) => {
                self.banner = None;
                self.notice = None;
                self.ask(Ask::Export(file))
            }
            Action::Copy(text) => vec![Effect::Copy(text)],
            Action::Copied(done) => self.say(if done { Notice::Copied } else { Notice::NotCopied }),
            Action::Print => vec![Effect::Print],
        }
    }

    /// Sends a request, unless the same one is in progress.
    fn ask(&mut self, ask: Ask) -> Vec<Effect> {
        if self.waiting.contains(&ask) {
            return Vec::new();
        }
        self.waiting.push(ask.clone());
        vec![Effect::Ask(ask)]
    }

    fn answered(&mut self, ask: Ask, answer: Answer<Reply>) -> Vec<Effect> {
        if !self.waiting.contains(&ask) {
            // From a session that is over: it may be another officer's by now.
            return Vec::new();
        }
        self.waiting.retain(|other| *other != ask);
        match answer {
            Ok(reply) => {
                self.time.heard_ms = self.time.now_ms;
                if self.banner.as_ref().is_some_and(|banner| banner.retry.as_deref() == Some(&ask)) {
                    self.banner = None;
                }
                self.heard(ask, reply)
            }
            Err(trouble) if trouble.is(ApiErrorCode::SessionMissing) => self.session_missing(&ask, trouble),
            Err(trouble) => self.refused(ask, trouble),
        }
    }

    fn refused(&mut self, ask: Ask, trouble: Trouble) -> Vec<Effect> {
        if let Trouble::Api(error) = &trouble
            && let Some(seconds) = error.retry_after
        {
            self.time.wait_until_ms =
                self.time.now_ms + f64::from(u32::try_from(seconds).unwrap_or(u32::MAX)) * 1000.0;
        }
        self.refused_here(&ask, &trouble).unwrap_or_else(|| self.fail(ask, trouble))
    }

    /// Reports what went wrong, offering もう一度 where the same may succeed later.
    fn fail(&mut self, ask: Ask, trouble: Trouble) -> Vec<Effect> {
        // Numbers may have been issued although the answer was lost: never repeat that at the press of a button.
        let again = trouble.passes_by_itself() && !matches!(ask, Ask::Issue(_)) && !ask.makes_secret();
        let retry = again.then(|| Box::new(ask));
        // The role may have changed since the sign-in; the navigation follows it.
        let role = if trouble.is(ApiErrorCode::Forbidden) { self.ask(Ask::Session) } else { Vec::new() };
        self.notice = None;
        self.banner = Some(Banner { trouble, retry });
        let mut effects = vec![Effect::Focus("banner".to_owned())];
        effects.extend(self.wait_for_tick());
        effects.extend(role);
        effects
    }

    /// A notice, announced where the person is.
    fn say(&mut self, notice: Notice) -> Vec<Effect> {
        self.banner = None;
        self.notice = Some(notice);
        Vec::new()
    }

    fn typed(&mut self, input: Input, text: String) -> Vec<Effect> {
        self.texts.insert(input, text);
        // That the days are not added is said of both fields, and emptying them is one way out.
        if input::CLOSED.contains(&input) && self.faults.get(&Input::ClosedFrom) == Some(&Fault::NotAdded) {
            self.faults.remove(&Input::ClosedFrom);
        }
        // A mistake disappears as soon as it is corrected; valid input is not called wrong while typing.
        if self.faults.contains_key(&input) {
            let again = input::faults(&[input], &self.texts, self.login_id());
            match again.get(&input) {
                Some(&fault) => self.faults.insert(input, fault),
                None => self.faults.remove(&input),
            };
        }
        Vec::new()
    }

    /// Whether these fields are valid. If not, the list of mistakes is shown.
    fn are_sound(&mut self, inputs: &[Input]) -> Result<(), Vec<Effect>> {
        self.faults = input::faults(inputs, &self.texts, self.login_id());
        self.summary = !self.faults.is_empty();
        if self.faults.is_empty() { Ok(()) } else { Err(vec![Effect::Focus("summary".to_owned())]) }
    }

    /// Whose password is being set.
    fn login_id(&self) -> &str {
        let of_link = self.setup.as_ref().map(|setup| setup.login_id.as_str());
        of_link.or_else(|| self.officer().map(|officer| officer.login_id.as_str())).unwrap_or_default()
    }

    /// The button of the screen's form.
    fn submit(&mut self) -> Vec<Effect> {
        match self.route {
            Some(Route::SetUp { .. }) => self.finish_setup(),
            _ if !self.is_signed_in() => self.sign_in(),
            Some(Route::Queue(_)) => self.search_queue(),
            Some(Route::Application { .. }) => self.add_note(),
            Some(Route::Companies(_)) => self.search_companies(),
            Some(Route::Audit(_)) => self.search_audit(),
            Some(Route::Row { .. }) => self.save_row(false),
            Some(Route::Numbers) => self.offer_issue(),
            Some(Route::Officers) => self.add_officer(),
            Some(Route::Account) => self.change_password(),
            Some(Route::Settings) => self.check_profile(),
            Some(Route::Part(part)) => self.check_part(part),
            Some(Route::Clients) => self.save_client(),
            _ => Vec::new(),
        }
    }

    fn time_up(&mut self, timer: Timer) -> Vec<Effect> {
        match timer {
            Timer::Tick => self.tick(),
            Timer::Import => self.look_at_import(),
            Timer::Audit => self.look_at_audit(),
            Timer::Upload => self.go_on_uploading(),
        }
    }

    /// Clears texts and mistakes of a screen that was left.
    fn clear_texts(&mut self, keep: impl Fn(Input) -> bool) {
        self.texts.retain(|&input, _| keep(input));
        self.faults.clear();
        self.summary = false;
    }

    fn fault(&mut self, input: Input, fault: Fault) {
        self.faults.insert(input, fault);
        self.summary = true;
    }
}

fn go(route: Route) -> Effect {
    Effect::Go { route, replace: false }
}
