//! 登録状況: the company's cards, IDs, contacts and history; and the 利用者情報 printout.

use touroku_html::html;
use touroku_proto::{
    form::{Row, Section},
    officer::{
        company::{CardState, LabelledValue, Timeline, TimelineItem},
        review::ReviewState,
    },
    status::{CompanyStatus, Information, InformationPassword, StatusAccount, StatusCard, Stop},
};
use yew::prelude::*;

use super::{
    parts::{Scene, Weight, back, button, heading, progress},
    rows,
    trouble::messages,
};
use crate::{
    bidder::{action::Action, clock, route::Route, status::StatusAction},
    texts::{own, screen, status as texts},
};

pub(super) fn view(scene: Scene) -> Html {
    let page = &scene.state.status;
    html! {
        <>
            <div class="no-print">
                { heading(&screen::heading(&Route::Status)) }
                { messages(scene) }
                if page.stopped {
                    <div class="banner success" role="status" data-stopped=""><p>{ texts::STOP_DONE }</p></div>
                }
                if page.status.as_ref().is_some_and(|status| !status.is_admitted) {
                    <p class="lead" data-limited="">{ texts::LIMITED }</p>
                } else {
                    <p class="lead">{ texts::LEAD }</p>
                }
                if page.busy && page.status.is_none() { { progress(texts::READING) } }
                { for page.status.as_ref().map(|status| parts(scene, status)) }
            </div>
            { for page.status.as_ref().map(|status| sheet(scene, status)) }
            <div class="actions no-print">{ back(scene) }</div>
        </>
    }
}

fn parts(scene: Scene, status: &CompanyStatus) -> Html {
    html! {
        <>
            if !status.cards.is_empty() {
                { section("cards", &texts::CARDS,
                    html! { <>{ for status.cards.iter().map(|item| card(scene, item)) }</> }) }
            }
            if !status.accounts.is_empty() {
                { section("accounts", &texts::ACCOUNTS,
                    html! { <>{ for status.accounts.iter().map(|item| account(scene, item)) }</> }) }
            }
            if let Some(information) = &status.information {
                { section("information", &texts::INFORMATION, self::information(scene, information)) }
            }
            if !status.contacts.is_empty() {
                { section("contacts", &texts::CONTACTS, labelled(&status.contacts)) }
            }
            if !status.timeline.items.is_empty() {
                { section("timeline", &texts::TIMELINE, timeline(scene, &status.timeline)) }
            }
            <p>{ texts::PRINT_IS }</p>
            <div class="actions">{ button(scene, texts::PRINT, Weight::Outline, || Action::Print) }</div>
        </>
    }
}

fn section(id: &'static str, title: &'static str, content: Html) -> Html {
    html! {
        <section class="form-section" aria-labelledby={id}>
            <h2 {id} tabindex="-1">{ title }</h2>
            { content }
        </section>
    }
}

fn row(label: &str, value: &str) -> Html {
    html! { <div class="row"><dt>{ label.to_owned() }</dt><dd>{ value.to_owned() }</dd></div> }
}

fn labelled(values: &[LabelledValue]) -> Html {
    html! { <dl class="rows">{ for values.iter().map(|item| row(&item.label, &item.value)) }</dl> }
}

fn card(scene: Scene, card: &StatusCard) -> Html {
    let last = card.last_login_unix_ms.map_or_else(|| texts::NO_LOGIN.to_string().to_string(), clock::shown);
    let can_stop =
        !card.is_own && !card.is_stopped && matches!(card.state, CardState::Active | CardState::Pending);
    html! {
        <section class="box" data-card={card.serial.clone()} data-stopped={card.is_stopped.then_some("true")}>
            <h3>
                { &card.holder }
                { "　" }
                { if card.is_stopped { texts::STOPPED } else { texts::card_state(card.state) } }
                if card.is_own { { "　" }<span class="chip">{ texts::OWN }</span> }
            </h3>
            <dl class="rows">
                { row(&texts::HOLDER, &card.holder) }
                { row(&texts::COMPANY, &card.company_match.certificate_name) }
                { row(&texts::ISSUER, &card.issuer) }
                { row(&texts::SERIAL, &card.serial) }
                { row(&texts::EXPIRES, &clock::shown(card.expires_unix_ms)) }
                { row(&texts::REGISTERED, &clock::shown(card.registered_unix_ms)) }
                { row(&texts::LAST_LOGIN, &last) }
            </dl>
            { labelled(&card.contacts) }
            if can_stop { { stop(scene, Stop::Card(card.id)) } }
        </section>
    }
}

fn account(scene: Scene, account: &StatusAccount) -> Html {
    let can_stop = !account.is_own
        && !account.is_stopped
        && !matches!(account.state, ReviewState::Rejected | ReviewState::Withdrawn);
    let state = if account.is_stopped { texts::STOPPED } else { texts::account_state(account.state) };
    html! {
        <section class="box" data-account={account.id.to_string()}>
            <h3>
                { &account.login_id }
                if account.is_own { { "　" }<span class="chip">{ texts::OWN_ID }</span> }
            </h3>
            <dl class="rows">
                { row(&texts::LOGIN_ID, &account.login_id) }
                { row(&texts::CATEGORY, &account.category) }
                { row(&texts::STATE, &state) }
                { row(&texts::REGISTERED, &clock::shown(account.applied_unix_ms)) }
            </dl>
            if can_stop { { stop(scene, Stop::Account(account.id)) } }
        </section>
    }
}

/// Access to the 入札情報公開システム.
fn information(scene: Scene, information: &Information) -> Html {
    let shown = scene.state.status.password.as_ref();
    let act = |action: fn() -> StatusAction| move || Action::Status(action());
    let more = match (information.password, shown) {
        (InformationPassword::Ready, None) => html! {
            <>
                <p>{ texts::INFORMATION_ONCE }</p>
                <div class="actions">
                    { button(scene, texts::INFORMATION_SHOW, Weight::Outline, act(|| StatusAction::ShowPassword)) }
                </div>
            </>
        },
        (InformationPassword::Ready, Some(_)) => html! {
            <>
                <p>{ texts::INFORMATION_SHOWN }</p>
                <div class="actions">
                    { button(scene, texts::INFORMATION_HIDE, Weight::Outline, act(|| StatusAction::HidePassword)) }
                </div>
            </>
        },
        (InformationPassword::Shown { at_unix_ms }, _) => {
            html! { <p data-gone="">{ texts::information_gone(&clock::shown(at_unix_ms)) }</p> }
        }
        (InformationPassword::NotHere, _) => html! { <p>{ texts::INFORMATION_NOT_HERE }</p> },
        (InformationPassword::ForCards, _) => html! { <p>{ texts::INFORMATION_FOR_CARDS }</p> },
    };
    html! {
        <>
            <dl class="rows">
                if !information.user_id.is_empty() { { row(&texts::INFORMATION_ID, &information.user_id) } }
                <div class="row">
                    <dt>{ texts::INFORMATION_PASSWORD }</dt>
                    <dd id="information-password" tabindex="-1" data-shown={shown.map(|_| "")}>
                        { shown.map_or("＊＊＊＊＊＊", String::as_str).to_owned() }
                    </dd>
                </div>
            </dl>
            { more }
        </>
    }
}

/// The button; once pressed, the question in its place.
fn stop(scene: Scene, what: Stop) -> Html {
    let offer = move || Action::Status(StatusAction::Offer(what));
    if scene.state.status.asked != Some(what) {
        return html! { <div class="actions">{ button(scene, texts::STOP, Weight::Small, offer) }</div> };
    }
    html! {
        <div class="banner warning" role="alert" data-asked="">
            <p class="banner-what">{ texts::STOP_WHAT }</p>
            <p>{ texts::STOP_IS }</p>
            <div class="banner-actions">
                { button(scene, texts::STOP_YES, Weight::Solid, || Action::Status(StatusAction::Confirm)) }
                { button(scene, texts::STOP_NO, Weight::Small, || Action::Status(StatusAction::Withdraw)) }
            </div>
        </div>
    }
}

fn timeline(scene: Scene, timeline: &Timeline) -> Html {
    let entry = |item: &TimelineItem| {
        html! {
            <li>
                { clock::shown(item.at_unix_ms) }
                { "　" }
                { &item.text }
                if !item.officer.is_empty() { { format!("（{}）", item.officer) } }
            </li>
        }
    };
    html! {
        <>
            <ol data-timeline="">{ for timeline.items.iter().map(entry) }</ol>
            if timeline.next.is_some() {
                <div class="actions">
                    { button(scene, texts::OLDER, Weight::Small, || Action::Status(StatusAction::Older)) }
                </div>
            }
        </>
    }
}

/// 利用者情報 in its current state.
fn sheet(scene: Scene, status: &CompanyStatus) -> Html {
    let Some((form, _)) = scene.state.session_form() else { return Html::default() };
    let section = |(section, rows): (&Section, Vec<&Row>)| {
        html! {
            <section class="form-section">
                <h3>{ own(&section.title) }</h3>
                { rows::list(&rows, &status.values) }
            </section>
        }
    };
    html! {
        <article class="sheet" data-sheet="">
            <h2>{ texts::SHEET }</h2>
            { for rows::printed(form).into_iter().map(section) }
        </article>
    }
}
