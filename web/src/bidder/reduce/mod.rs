//! What each action does to the state, with one file for each part of the way.

mod account;
mod card;
mod change;
mod checkup;
mod connection;
mod ending;
mod form;
mod hours;
mod listing;
mod members;
mod postal;
mod receipt;
mod registration;
mod renew;
mod search;
mod sign_in;
mod signature;
mod start;
mod status;

use touroku_proto::api::ApiErrorCode;

use crate::bidder::{
    action::Action,
    effect::{Ask, Effect, Focus, Timer},
    language::Language,
    route::Route,
    state::{Notice, State},
    trouble::{Banner, Retry, Trouble},
};

impl State {
    /// Handles an action and returns what the browser must do now.
    pub fn apply(&mut self, action: Action) -> Vec<Effect> {
        match action {
            Action::Started(route) => self.started(route),
            Action::Arrived(route) => self.arrived(route),
            Action::Follow(route) => self.follow(route),
            Action::Back => vec![go(self.before())],
            Action::Retry => self.retry(),
            Action::FindField(id) => self.find_field(id),
            Action::ChooseLanguage(language) => vec![Effect::Speak(language)],
            Action::LanguageChosen { language, spoken } => self.language_chosen(language, spoken),
            Action::PortalLoaded(answer) => self.portal_loaded(answer),
            Action::ProfileLoaded { code, answer } => self.profile_loaded(code, answer),
            Action::SessionLoaded(answer) => self.session_loaded(answer),
            Action::Extend => self.extend(),
            Action::Extended(answer) => self.extended(answer),

            Action::ClockRead(answer) => self.clock_read(answer),
            Action::TimeUp { timer, at_ms } => self.time_up(timer, at_ms),
            Action::Awoke => vec![Effect::Ask(Ask::Clock)],
            Action::Hidden => self.save_draft(),

            Action::CheckConnection => self.check_connection(),
            Action::ExtensionChecked { attempt, answer } => self.extension_checked(attempt, answer),
            Action::OpenMenu => self.open_menu(),
            Action::SessionStarted(answer) => self.session_started(answer),

            Action::ShowCard(purpose) => self.show_card(purpose),
            Action::ChallengeMade { attempt, answer } => self.challenge_made(attempt, answer),
            Action::CardWindowOpened { attempt } => self.card_window_opened(attempt),
            Action::CardSigned { attempt, token, person_in_charge } => {
                self.card_signed(attempt, token, person_in_charge)
            }
            Action::Prepared { attempt, answer, origin } => self.prepared(attempt, answer, &origin),
            Action::DocumentSigned { attempt, signature } => self.document_signed(attempt, signature),
            Action::CardFailed { attempt, error } => self.card_failed(attempt, error),
            Action::CancelCard => self.cancel_card(),
            Action::LoggedIn { attempt, answer } => self.logged_in(attempt, answer),

            Action::SearchTyped(field, text) => self.search_typed(field, text),
            Action::SearchLeft(field) => self.search_left(field),
            Action::SearchConvert(field) => self.search_convert(field),
            Action::Search => self.start_search(),
            Action::SearchAnswered(answer) => self.search_answered(answer),

            Action::Typed(field, text) => self.typed(field, text),
            Action::Left(field) => self.left(field),
            Action::Convert(field) => self.convert(field),
            Action::CopyContacts => self.copy_contacts(),
            Action::Confirm => self.confirm(),
            Action::DraftSaved { revision, answer } => self.draft_saved(revision, answer),

            Action::SubmissionMade(submission) => self.submission_made(submission),
            Action::Register => self.register(),
            Action::Registered(answer) => self.submitted(answer, Retry::Register),
            Action::Change => self.change(),
            Action::Changed(answer) => self.submitted(answer, Retry::Change),
            Action::HoursLoaded { code, answer } => self.hours_loaded(code, answer),
            Action::FindAddress(field) => self.find_address(field),
            Action::AddressesFound { digits, answer } => self.addresses_found(&digits, answer),
            Action::StepAddress(step) => self.step_address(step),
            Action::ChooseAddress(index) => self.choose_address(index),
            Action::CloseAddresses => self.close_addresses(),
            Action::Renew => self.renew(),
            Action::Renewed(answer) => self.renewed(answer),
            Action::SaveReceipt(file) => self.save_receipt(file),
            Action::ReceiptSaved(file, answer) => self.receipt_saved(file, answer),
            Action::Print => vec![Effect::Print],
            Action::Account(action) => self.account_acted(action),
            Action::Status(action) => self.status_acted(action),
            Action::Listing(action) => self.listing_acted(action),
            Action::Members(action) => self.members_acted(action),
            Action::SignIn(action) => self.sign_in_acted(action),
            Action::Checkup(action) => self.checkup_acted(action),
            Action::LogOut => self.log_out(),
            Action::LoggedOut(answer) => self.logged_out(answer),
        }
    }

    fn time_up(&mut self, timer: Timer, at_ms: f64) -> Vec<Effect> {
        match timer {
            Timer::Minute => self.minute_turned(at_ms),
            Timer::ClockSync => vec![Effect::Ask(Ask::Clock)],
            Timer::Draft => self.save_draft(),
        }
    }

    fn retry(&mut self) -> Vec<Effect> {
        let Some(retry) = self.banner.take().and_then(|banner| banner.retry) else { return Vec::new() };
        match retry {
            Retry::Load => self.load(),
            Retry::Menu => self.open_menu(),
            Retry::Card => match self.card.purpose {
                Some(purpose) => self.show_card(purpose),
                None => Vec::new(),
            },
            Retry::Search => self.start_search(),
            Retry::Extend => self.extend(),
            Retry::Confirm => self.confirm(),
            Retry::Register => self.register(),
            Retry::Change => self.change(),
            Retry::Renew => self.renew(),
            Retry::Logout => self.log_out(),
            Retry::AccountStart => self.start_account_again(),
            Retry::Account => self.account_send(),
            Retry::AskAgain => self.ask_again(),
            Retry::SignIn => self.repeat_sign_in(),
            Retry::Status => self.status_shown(&Route::Status),
            Retry::Listing => self.list(),
            Retry::Receipt(file) => self.save_receipt(file),
        }
    }

    /// Reports what went wrong, offering もう一度 where the same may succeed later.
    fn fail(&mut self, trouble: Trouble, retry: Retry) -> Vec<Effect> {
        let signs_anew = trouble.is(ApiErrorCode::SignatureOutdated) || trouble.is(ApiErrorCode::ClockWrong);
        let retry = (trouble.passes_by_itself() || signs_anew).then_some(retry);
        let mut effects = vec![Effect::Focus(Focus::Banner)];
        if trouble.is(ApiErrorCode::OutsideHours) {
            let agency = self.place().map(|(agency, _)| agency.to_owned());
            effects.extend(agency.map(|agency| Effect::Ask(Ask::Hours(agency))));
        }
        self.banner = Some(Banner { trouble, retry });
        self.notice = None;
        effects
    }

    fn language_chosen(&mut self, language: Language, spoken: bool) -> Vec<Effect> {
        match spoken {
            true => self.languages.spoken = language,
            false => self.notice = Some(Notice::LanguageMissing),
        }
        Vec::new()
    }
}

fn go(route: Route) -> Effect {
    Effect::Go { route, replace: false }
}
