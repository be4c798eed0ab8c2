//! 簡易認証: the screens for ID and password.

mod confirm;
mod done;
mod login;

use touroku_html::html;
use touroku_proto::{
    account::{ApplicationState, OwnApplication},
    agency::{Access, DeskKind},
};
use yew::prelude::*;

use super::{
    parts::{Scene, Weight, back, button, heading, link, steps_of, unconfirmed},
    rows,
    trouble::{contact, messages},
};
use crate::{
    bidder::{account::AccountAction, action::Action, clock, route::Route},
    texts::{
        Text,
        account::{self as texts, button as label},
        screen,
    },
};

/// A screen specific to ID and password; `None`: the card's is used here, too.
pub(super) fn view(scene: Scene, route: &Route) -> Option<Html> {
    let account = scene.state.is_account();
    match route {
        Route::Entry { agency, category } => entry(scene, agency, category),
        Route::Application => Some(application(scene)),
        Route::Login | Route::ChangeLogin => Some(login::login(scene, route)),
        Route::Forgotten { .. } => Some(login::forgotten(scene, route)),
        Route::Reset => Some(login::reset(scene, route)),
        Route::Result => Some(login::result(scene)),
        Route::Mail => Some(login::mail(scene, route)),
        Route::Menu if account => Some(menu(scene)),
        Route::Confirm if account => Some(confirm::view(scene)),
        Route::Done if account => Some(done::done(scene)),
        Route::Bid if account => Some(done::bid(scene)),
        _ => None,
    }
}

/// The steps of ID登録申請; a 変更 has none.
pub(super) fn steps(scene: Scene, present: usize) -> Html {
    let changing = scene.state.view().is_some_and(|view| view.login_id.is_some());
    if changing { Html::default() } else { steps_of(texts::STEPS_NAME, &texts::STEPS, present) }
}

/// The screen's own h1.
fn title(scene: Scene) -> Html {
    let route = scene.state.route.as_ref();
    heading(&texts::heading(scene.state).or(route.map(screen::heading)).unwrap_or(Text::NONE))
}

/// 利用者申請・変更／電子入札 selection, where the category allows ID and password.
fn entry(scene: Scene, agency: &str, category: &str) -> Option<Html> {
    let access = scene.state.category()?.access;
    if access == Access::Card {
        return None;
    }
    let place = || (agency.to_owned(), category.to_owned());
    let entry = |route: Route, name: &'static str, is: &'static str| {
        html! {
            <li>
                { link(scene, &route, "choice", html! { name }) }
                <p class="choice-note">{ is }</p>
            </li>
        }
    };
    let (agency_code, category_code) = place();
    let account = Route::AccountClient { agency: agency_code, category: category_code };
    let (agency_code, category_code) = place();
    let by_card = Route::BidClient { agency: agency_code, category: category_code };
    let (agency_code, category_code) = place();
    let by_id = Route::AccountBidClient { agency: agency_code, category: category_code };
    Some(html! {
        <>
            { title(scene) }
            { messages(scene) }
            <ul class="choices wide">
                { entry(account, &texts::ACCOUNT, &texts::ACCOUNT_IS) }
                if access == Access::Either {
                    { entry(by_card, &texts::BID_BY_CARD, &texts::BID_BY_CARD_IS) }
                }
                { entry(by_id, &texts::BID_BY_ID, &texts::BID_BY_ID_IS) }
            </ul>
            { super::entry::notices_and_list(scene) }
            <div class="actions">{ back(scene) }</div>
        </>
    })
}

/// 簡易認証利用者登録メニュー.
fn menu(scene: Scene) -> Html {
    let agency = scene.state.view().map(|view| view.agency.clone()).unwrap_or_default();
    html! {
        <>
            { title(scene) }
            { messages(scene) }
            <p class="lead">{ texts::MENU_LEAD }</p>
            <ul class="menu">
                <li>
                    { button(scene, label::APPLY, Weight::Solid, || Action::Account(AccountAction::Apply)) }
                    <p>{ texts::APPLY_IS }</p>
                </li>
                <li>
                    { button(scene, label::CHANGE, Weight::Outline, || Action::Follow(Route::ChangeLogin)) }
                    <p>{ texts::CHANGE_IS }</p>
                </li>
                <li>
                    { link(scene, &Route::Forgotten { agency }, "button outline", label::FORGOTTEN.into()) }
                    <p>{ texts::FORGOTTEN_IS }</p>
                </li>
            </ul>
            <div class="actions">{ back(scene) }</div>
        </>
    }
}

/// The state of one's own application, and what to do now; or how to prove which one that is.
fn application(scene: Scene) -> Html {
    let Some(application) = scene.state.view().and_then(|view| view.application.as_ref()) else {
        return Html::default();
    };
    match &application.own {
        Some(own) => own_application(scene, own),
        None => some_applications(scene, &application.numbers.join(&screen::AND)),
    }
}

fn own_application(scene: Scene, own: &OwnApplication) -> Html {
    let (word, code) = (texts::state(own.state), state_code(own.state));
    let by_card = own.login_id.is_empty();
    let way_on = match own.state {
        ApplicationState::Pending => withdrawal(scene, own),
        ApplicationState::Approved => {
            button(scene, label::TO_LOGIN, Weight::Solid, || Action::Follow(Route::Login))
        }
        ApplicationState::Rejected | ApplicationState::Withdrawn => {
            button(scene, label::APPLY_AGAIN, Weight::Solid, || Action::Follow(Route::Form))
        }
    };
    html! {
        <>
            if by_card { { heading(&texts::HEADING_WAITING) } } else { { title(scene) } }
            { messages(scene) }
            <section data-application={code}>
                <dl class="rows result">
                    <div class="row"><dt>{ texts::STATE }</dt><dd><strong>{ word }</strong></dd></div>
                    { rows::company(scene) }
                    <div class="row"><dt>{ texts::NUMBER }</dt><dd>{ &own.number }</dd></div>
                    if !by_card {
                        <div class="row"><dt>{ texts::APPLIED_ID }</dt><dd>{ &own.login_id }</dd></div>
                    }
                    <div class="row">
                        <dt>{ texts::APPLIED_AT }</dt>
                        <dd>{ clock::shown(own.at_unix_ms) }</dd>
                    </div>
                    if own.state == ApplicationState::Rejected {
                        <div class="row" data-reason="">
                            <dt>{ texts::REASON }</dt>
                            <dd class="reason">{ &own.reason }</dd>
                        </div>
                    }
                </dl>
                <p>{ if by_card { texts::STATE_IS_WAITING } else { texts::state_is(own.state) } }</p>
                { unconfirmed(scene, &own.unconfirmed) }
                if own.state != ApplicationState::Approved {
                    { contact(scene.state.profile().map(AsRef::as_ref), DeskKind::Agency) }
                }
            </section>
            <div class="actions">{ way_on }{ back(scene) }</div>
        </>
    }
}

/// 修正, 取下げ; once one is pressed, the question in its place.
fn withdrawal(scene: Scene, own: &OwnApplication) -> Html {
    let offer = |correct| move || Action::Account(AccountAction::OfferWithdrawal(correct));
    let Some(correct) = scene.state.account.withdrawing else {
        return html! {
            <>
                if own.entered { { button(scene, screen::button::AMEND, Weight::Outline, offer(Some(true))) } }
                { button(scene, label::WITHDRAW, Weight::Outline, offer(Some(false))) }
            </>
        };
    };
    html! {
        <div class="banner warning" role="alert" data-asked="">
            <p>{ if correct { texts::CORRECT_IS } else { texts::WITHDRAW_IS } }</p>
            <div class="banner-actions">
                { button(scene, label::WITHDRAW_YES, Weight::Solid, || Action::Account(AccountAction::Withdraw)) }
                { button(scene, label::WITHDRAW_NO, Weight::Small, offer(None)) }
            </div>
        </div>
    }
}

/// Everything that number and name alone reveal.
fn some_applications(scene: Scene, numbers: &str) -> Html {
    html! {
        <>
            { title(scene) }
            { login::mistakes(scene, &Route::Application) }
            { messages(scene) }
            <p class="lead">{ texts::SOME }</p>
            <dl class="rows result" data-application="some">
                <div class="row"><dt>{ texts::NUMBER }</dt><dd>{ numbers }</dd></div>
            </dl>
            <section class="form-section" aria-labelledby="yours">
                <h2 id="yours">{ texts::YOURS }</h2>
                <p>{ texts::YOURS_IS }</p>
                { login::proof(scene) }
            </section>
            <section class="form-section" aria-labelledby="not-yours">
                <h2 id="not-yours">{ texts::NOT_YOURS }</h2>
                <p>{ texts::NOT_YOURS_IS }</p>
                { contact(scene.state.profile().map(AsRef::as_ref), DeskKind::Agency) }
                <div class="actions">
                    { button(scene, label::APPLY_ANEW, Weight::Outline, || Action::Follow(Route::Form)) }
                </div>
            </section>
            <div class="actions">{ back(scene) }</div>
        </>
    }
}

fn state_code(state: ApplicationState) -> &'static str {
    match state {
        ApplicationState::Pending => "pending",
        ApplicationState::Approved => "approved",
        ApplicationState::Rejected => "rejected",
        ApplicationState::Withdrawn => "withdrawn",
    }
}
