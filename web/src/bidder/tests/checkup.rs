use touroku_proto::{
    api::ApiErrorCode,
    card::{CardError, CardErrorCode, Finding, Severity},
};

use super::*;
use crate::{
    bidder::{
        checkup::{Browser, Cause, Certificate, CheckupAction, Mark, Part},
        effect::Focus,
        examination::Examination,
        state::Notice,
        trouble::Trouble,
    },
    texts,
};

fn checkup() -> Route {
    Route::CheckOf { agency: "city".into() }
}

fn checked(reading: Reading, answer: Result<(String, Status), CardError>) -> Page {
    let mut page = Page::open(checkup(), None);
    let browser = Browser { name: "Microsoft Edge".into(), chromium: 138 };
    page.act(Action::Checkup(CheckupAction::BrowserRead(browser)));
    let attempt = page.state.connection.attempt;
    page.act(Action::ClockRead(Ok(reading)));
    page.act(Action::ExtensionChecked { attempt, answer });
    page
}

fn in_order() -> Page {
    checked(reading(), Ok(("extension-1".into(), status())))
}

fn marks(page: &Page) -> String {
    let sign = |mark| match mark {
        Mark::Ok => 'o',
        Mark::Bad => 'x',
        Mark::Unknown => '-',
        Mark::Waiting => '.',
    };
    page.state.checkup_rows().iter().map(|row| sign(row.mark)).collect()
}

fn cause(page: &Page, part: Part) -> Option<Cause> {
    page.state.checkup_rows().into_iter().find(|row| row.part == part)?.cause
}

fn try_certificate(page: &mut Page) {
    page.act(Action::Checkup(CheckupAction::Certificate));
    if page.asked(|ask| matches!(ask, Ask::StartSession(_))) {
        page.act(Action::SessionStarted(Ok(session())));
    }
    let attempt = page.state.card.attempt;
    page.act(Action::ChallengeMade { attempt, answer: Ok(challenge()) });
    let checks = |effect: &Effect| matches!(effect, Effect::Authenticate { purpose: Purpose::Check, .. });
    assert!(page.effects.iter().any(checks), "the card window says what the PIN is for");
    page.act(Action::CardWindowOpened { attempt });
}

fn judged(page: &mut Page, answer: Result<SessionView, Trouble>) {
    let attempt = page.state.card.attempt;
    page.act(Action::CardSigned { attempt, token: token(), person_in_charge: String::new() });
    page.act(Action::LoggedIn { attempt, answer });
}

#[test]
fn everything_is_looked_at_when_the_page_opens_and_again_on_request() {
    let mut page = Page::open(checkup(), None);
    assert_eq!(marks(&page), "......-..");
    page = in_order();
    assert_eq!(marks(&page), "oooooo-oo");
    page.act(Action::Checkup(CheckupAction::Again));
    assert_eq!(marks(&page), "......-..");
    assert!(page.effects.contains(&Effect::ReadBrowser));
    assert!(page.asked(|ask| matches!(ask, Ask::Clock)));
}

fn finding(code: &str) -> Finding {
    let text = |name: &str| format!("{code}の{name}。");
    let (what, next, ask) = (text("内容"), text("直し方"), "管理者".to_owned());
    Finding { code: code.to_owned(), severity: Severity::Error, what, next, ask }
}

fn examined(page: &mut Page, answer: Result<Vec<Finding>, CardError>) {
    let attempt = page.state.connection.attempt;
    page.act(Action::Checkup(CheckupAction::Examined { attempt, answer }));
}

#[test]
fn the_hosts_doctor_is_asked_and_what_it_finds_beside_the_lines_is_told() {
    let mut page = in_order();
    let attempt = page.state.connection.attempt;
    assert!(page.effects.contains(&Effect::CheckUp { id: "extension-1".into(), attempt }));
    assert_eq!(page.state.checkup.examination, Examination::Waiting);
    examined(&mut page, Ok(vec![finding("policy_blocklist"), finding("no_card")]));
    assert_eq!(page.state.checkup.examination, Examination::Done(vec![finding("policy_blocklist")]));
    let report = texts::checkup::report(&page.state, &page.state.checkup_rows());
    assert!(report.contains("policy_blocklistの内容。　[policy_blocklist]"), "{report}");
    examined(&mut page, Ok(Vec::new()));
    assert_eq!(page.state.checkup.examination.as_str(), "found", "one question has one answer");
    page.act(Action::Checkup(CheckupAction::Again));
    examined(&mut page, Ok(Vec::new()));
    assert_eq!(page.state.checkup.examination, Examination::Unasked, "the extension has not answered yet");
}

#[test]
fn an_answer_to_an_earlier_question_is_not_taken_for_this_ones() {
    let mut page = in_order();
    let attempt = page.state.connection.attempt;
    page.act(Action::Checkup(CheckupAction::Again));
    let now = page.state.connection.attempt;
    page.act(Action::ExtensionChecked { attempt: now, answer: Ok(("extension-1".into(), status())) });
    page.act(Action::Checkup(CheckupAction::Examined { attempt, answer: Ok(Vec::new()) }));
    assert_eq!(page.state.checkup.examination, Examination::Waiting);
}

#[test]
fn a_doctor_that_does_not_answer_leaves_the_lines_as_they_are() {
    let mut page = in_order();
    examined(&mut page, Err(CardError::new(CardErrorCode::TimedOut)));
    assert_eq!(page.state.checkup.examination.as_str(), "failed");
    assert_eq!(marks(&page), "oooooo-oo");
}

#[test]
fn a_part_that_is_older_than_the_question_is_named_and_not_asked() {
    let with = |extension: u32, host: u32| {
        let mut status = status();
        status.extension.protocol = extension;
        status.host.as_mut().unwrap().protocol = host;
        checked(reading(), Ok(("x".into(), status)))
    };
    for (page, code) in
        [(with(1, 2), CardErrorCode::ExtensionTooOld), (with(2, 1), CardErrorCode::HostTooOld)]
    {
        assert_eq!(page.state.checkup.examination, Examination::Unavailable(code));
        assert!(!page.effects.iter().any(|effect| matches!(effect, Effect::CheckUp { .. })));
        assert!(page.state.connection.is_ready(), "neighbours work together");
        let report = texts::checkup::report(&page.state, &page.state.checkup_rows());
        assert!(report.contains(code.as_str()), "{report}");
    }
}

#[test]
fn without_a_host_nobody_is_asked_and_the_browsers_words_are_quoted() {
    let words = "Specified native messaging host not found.";
    let error = CardError::new(CardErrorCode::HostMissing).with_detail(words);
    let no_host = Status { host: None, service: None, error: Some(error), ..status() };
    let page = checked(reading(), Ok(("x".into(), no_host)));
    assert_eq!(page.state.checkup.examination, Examination::Unasked);
    let report = texts::checkup::report(&page.state, &page.state.checkup_rows());
    assert!(report.contains(&format!("[host_missing（{words}）]")), "{report}");
}

#[test]
fn on_a_computer_that_an_administrator_looks_after_the_person_is_sent_to_the_administrator() {
    let too_old = CardError::new(CardErrorCode::HostTooOld);
    let page = |managed| {
        let status = Status { managed, error: Some(too_old.clone()), service: None, ..status() };
        let page = checked(reading(), Ok(("x".into(), status)));
        let Some(cause) = cause(&page, Part::Host) else { panic!("the host is too old") };
        texts::checkup::advice(&page.state, &cause)
    };
    assert!(page(true).next.contains("管理者") && !page(false).next.contains("管理者"));
    assert_eq!(page(true).what, page(false).what);
}

#[test]
fn what_stands_behind_a_part_that_fails_is_not_known() {
    let missing = CardError::new(CardErrorCode::ExtensionMissing);
    let page = checked(reading(), Err(missing.clone()));
    assert_eq!(marks(&page), "ox-----oo");
    assert_eq!(cause(&page, Part::Extension), Some(Cause::Trouble(Trouble::Card(missing))));

    let no_host = Status { host: None, service: None, readers: 0, cards: 0, ..status() };
    assert_eq!(marks(&checked(reading(), Ok(("x".into(), no_host)))), "oox----oo");

    let no_reader = Status { readers: 0, cards: 0, ..status() };
    assert_eq!(marks(&checked(reading(), Ok(("x".into(), no_reader)))), "oooox--oo");

    let no_card = Status { cards: 0, ..status() };
    assert_eq!(marks(&checked(reading(), Ok(("x".into(), no_card)))), "ooooox-oo");

    let foreign = Status { error: Some(CardError::new(CardErrorCode::UnsupportedCard)), ..status() };
    assert_eq!(marks(&checked(reading(), Ok(("x".into(), foreign)))), "ooooox-oo");
}

#[test]
fn a_server_that_does_not_answer_leaves_its_clock_unknown() {
    let mut page = Page::open(checkup(), None);
    page.act(Action::Checkup(CheckupAction::Again));
    page.act(Action::ClockRead(Err(Trouble::Unreachable)));
    assert!(marks(&page).ends_with("-x"), "{}", marks(&page));
    assert_eq!(cause(&page, Part::Network), Some(Cause::Trouble(Trouble::Unreachable)));
}

#[test]
fn a_clock_is_right_within_five_minutes_either_way() {
    let off = |by_ms: i64| Reading { computer_ms: reading().unix_ms + by_ms, ..reading() };
    for (by_ms, fine) in [(299_999, true), (-299_999, true), (300_000, false), (-300_000, false)] {
        let page = checked(off(by_ms), Ok(("x".into(), status())));
        assert_eq!(cause(&page, Part::Clock).is_none(), fine, "{by_ms}");
    }
}

#[test]
fn a_browser_of_another_family_or_an_old_one_is_named() {
    let mut page = in_order();
    let firefox = Browser { name: "Firefox".into(), chromium: 0 };
    page.act(Action::Checkup(CheckupAction::BrowserRead(firefox)));
    assert_eq!(cause(&page, Part::Browser), Some(Cause::BrowserForeign));
    let old = Browser { name: "Chromium".into(), chromium: 119 };
    page.act(Action::Checkup(CheckupAction::BrowserRead(old)));
    assert_eq!(cause(&page, Part::Browser), Some(Cause::BrowserOld));
}

#[test]
fn the_check_and_the_clients_button_tell_the_same_truth() {
    let no_host = Status { host: None, service: None, ..status() };
    for (answer, ready) in [(status(), true), (no_host, false)] {
        let page = checked(reading(), Ok(("x".into(), answer.clone())));
        let mut at_client = Page::open(client(), None);
        let attempt = at_client.state.connection.attempt;
        at_client.act(Action::ClockRead(Ok(reading())));
        at_client.act(Action::ExtensionChecked { attempt, answer: Ok(("x".into(), answer)) });
        assert_eq!(page.state.connection.is_ready(), ready);
        assert_eq!(at_client.state.connection.is_ready(), ready);
        let all_ok = page.state.checkup_rows()[1..4].iter().all(|row| row.mark == Mark::Ok);
        assert_eq!(all_ok, ready);
    }
}

#[test]
fn a_card_that_would_be_accepted_is_shown_and_opens_nothing() {
    let mut page = in_order();
    try_certificate(&mut page);
    judged(&mut page, Ok(SessionView { purpose: Some(Purpose::Check), ..with_card(Purpose::Bid) }));
    assert!(page.asked(|ask| *ask == Ask::Clock), "everything is read again");
    for part in [Part::Reader, Part::Card, Part::Certificate] {
        let row = page.state.checkup_rows().into_iter().find(|row| row.part == part).unwrap();
        assert_eq!(row.mark, Mark::Ok, "{part:?}: one card is not both");
    }
    let Certificate::Accepted(card) = &page.state.checkup.certificate else { panic!("not accepted") };
    assert!(card.registered);
    assert_eq!(page.screen(), "check");
    assert!(page.state.view().is_none(), "no session was opened for the page");
    assert!(page.effects.contains(&Effect::Focus(Focus::Field("check-certificate"))));
    let attempt = page.state.connection.attempt;
    page.act(Action::ClockRead(Ok(reading())));
    // It was removed from the reader meanwhile.
    let pulled = Status { cards: 0, ..status() };
    page.act(Action::ExtensionChecked { attempt, answer: Ok(("extension-1".into(), pulled)) });
    assert_eq!(marks(&page), "ooooooooo");
}

#[test]
fn a_card_that_is_refused_says_why() {
    let mut page = in_order();
    try_certificate(&mut page);
    judged(&mut page, Err(ApiErrorCode::CertificateRevoked.into()));
    assert_eq!(marks(&page), "oooooox".to_owned() + "oo");
    assert_eq!(page.state.banner, None, "the line itself says it");
    try_certificate(&mut page);
    let attempt = page.state.card.attempt;
    page.act(Action::CardFailed { attempt, error: CardError::new(CardErrorCode::PinWrong).with_tries(2) });
    assert!(matches!(cause(&page, Part::Certificate), Some(Cause::Trouble(Trouble::Card(_)))));
    try_certificate(&mut page);
    page.act(Action::CancelCard);
    assert_eq!(marks(&page), "oooooo-oo", "giving up says nothing about the card");
}

#[test]
fn a_registration_that_is_under_way_is_left_as_it_is() {
    let mut page = Page::at_filled_form();
    page.act(Action::Follow(checkup()));
    page.connected();
    // The server has already accepted the session's card; trying one again would replace the session's.
    assert!(!page.state.may_check_certificate());
    assert!(marks(&page).ends_with("ooo"), "{}", marks(&page));
    page.act(Action::Checkup(CheckupAction::Certificate));
    assert!(page.effects.is_empty());
    page.act(Action::Back);
    assert_eq!(page.screen(), "form");
    assert_eq!(page.state.form.values.text(FieldId::CardContactName), "営業部");
}

#[test]
fn those_who_come_with_an_id_are_told_nothing_about_cards() {
    let by_id = Route::AccountClient { agency: "city".into(), category: "small".into() };
    let mut page = Page::open(by_id, None);
    page.act(Action::Follow(checkup()));
    let browser = Browser { name: "Microsoft Edge".into(), chromium: 138 };
    page.act(Action::Checkup(CheckupAction::BrowserRead(browser)));
    page.act(Action::ClockRead(Ok(reading())));
    assert_eq!(marks(&page), "o------oo");
    assert!(page.state.connection.is_ready(), "as 受注者クライアント says");
    assert!(!page.state.may_check_certificate());
    page.act(Action::Back);
    assert_eq!(page.screen(), "client");
}

#[test]
fn going_back_leads_out_of_the_check_however_one_moved_in_it() {
    let mut page = Page::at_client();
    page.act(Action::Follow(Route::Check));
    page.act(Action::Follow(checkup()));
    page.act(Action::Back);
    assert_eq!(page.screen(), "client");
}

#[test]
fn the_text_for_the_help_desk_names_causes_and_nobody() {
    let mut page = in_order();
    try_certificate(&mut page);
    judged(&mut page, Ok(with_card(Purpose::Bid)));
    let rows = page.state.checkup_rows();
    let report = texts::checkup::report(&page.state, &rows);
    assert!(report.contains("北東市") && report.contains("O=Test CA,C=JP"), "{report}");
    assert!(!report.contains("北東 次郎") && !report.contains("121"), "{report}");
    let missing = CardError::new(CardErrorCode::ExtensionMissing);
    let page = checked(reading(), Err(missing));
    let rows = page.state.checkup_rows();
    assert!(texts::checkup::report(&page.state, &rows).contains("[extension_missing]"));
}

#[test]
fn what_is_missing_comes_from_where_the_agency_says_and_else_from_where_the_server_says() {
    let everywhere = Page::open(Route::Check, None).state.install();
    assert_eq!(everywhere.extension_url, "https://all.example.jp/extension");
    let mut page = Page::at_client();
    assert_eq!(page.state.install(), everywhere, "the agency says nothing");
    let mut own = profile();
    own.install.host_url = "https://city.example.jp/host".into();
    page.act(Action::ProfileLoaded { code: "city".into(), answer: Ok(own.into()) });
    assert_eq!(page.state.install().host_url, "https://city.example.jp/host");
    assert_eq!(page.state.install().extension_url, everywhere.extension_url);
}

#[test]
fn without_an_agency_the_check_still_works_and_an_unknown_one_does_no_harm() {
    let mut page = Page::open(Route::Check, None);
    page.act(Action::Checkup(CheckupAction::Certificate));
    assert!(page.effects.is_empty(), "nobody is there to judge the card");
    page.state.wanted = Some(Route::CheckOf { agency: "nowhere".into() });
    let unknown = ApiErrorCode::AgencyUnknown;
    page.act(Action::ProfileLoaded { code: "nowhere".into(), answer: Err(unknown.into()) });
    assert_eq!(page.state.route, Some(Route::Check));
    page.act(Action::Checkup(CheckupAction::Copied(false)));
    assert_eq!(page.state.notice, Some(Notice::NotCopied));
}
