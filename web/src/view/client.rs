//! 受注者クライアント: the clock that shows that everything is ready, or what is not.

use touroku_html::html;
use touroku_proto::card::{CardErrorCode, Purpose};
use yew::prelude::*;

use super::{
    frame::clock_view,
    parts::{Scene, Weight, back, button, heading, link, progress},
    trouble::{messages, panel},
};
use crate::{
    bidder::{
        action::Action,
        checkup::{Mark, local_marks, mark_of},
        route::Route,
        state::{Check, Connection},
    },
    texts::{
        self, account, checkup as checkup_texts,
        screen::{self, button as label},
    },
};

/// Before 利用者登録 and before 電子入札.
pub(super) fn view(scene: Scene, route: &Route) -> Html {
    let connection = &scene.state.connection;
    let (ready, without_card) = (connection.is_ready(), connection.without_card);
    html! {
        <>
            { heading(&screen::heading(route)) }
            { messages(scene) }
            <p class="lead">{ if without_card { account::CLIENT_LEAD } else { screen::CLIENT_LEAD } }</p>
            <section class="client">
                if ready {
                    { clock_view(scene.state, "client-clock") }
                    <p class="client-state" role="status">{ screen::CHECKED }</p>
                    { hint(connection) }
                    <div class="actions centred">{ way_on(scene, route) }</div>
                } else if connection.is_waiting() {
                    { progress(screen::CHECKING) }
                } else {
                    <p class="client-state">{ screen::CHECK_FAILED }</p>
                    { failures(scene, connection) }
                    <div class="actions centred">
                        { button(scene, label::CHECK_AGAIN, Weight::Solid, || Action::CheckConnection) }
                    </div>
                }
                { checks(connection) }
            </section>
            <div class="actions">{ check(scene) }{ back(scene) }</div>
        </>
    }
}

/// 検証機能: each part separately.
fn check(scene: Scene) -> Html {
    let agency = scene.state.place().map(|(agency, _)| agency.to_owned());
    let route = agency.map_or(Route::Check, |agency| Route::CheckOf { agency });
    link(scene, &route, "button outline", checkup_texts::OPEN.into())
}

fn way_on(scene: Scene, route: &Route) -> Html {
    match route {
        Route::BidClient { .. } => {
            button(scene, label::BID, Weight::Solid, || Action::ShowCard(Purpose::Bid))
        }
        Route::AccountBidClient { .. } => button(scene, label::BID, Weight::Solid, || Action::OpenMenu),
        _ => button(scene, label::OPEN_MENU, Weight::Solid, || Action::OpenMenu),
    }
}

/// Every cause, with its own remedy.
fn failures(scene: Scene, connection: &Connection) -> Html {
    let failure = |check: &Check| match check {
        Check::Failed(trouble) => panel(scene, trouble, Html::default()),
        _ => Html::default(),
    };
    html! { <>{ failure(&connection.server) }{ failure(&connection.local) }</> }
}

/// A missing reader or card stops nobody here; the card window waits for it.
fn hint(connection: &Connection) -> Html {
    let Some(status) = &connection.status else { return Html::default() };
    let code = match (&status.error, status.readers, status.cards) {
        (Some(error), ..) => error.code,
        (None, 0, _) => CardErrorCode::NoReader,
        (None, _, 0) => CardErrorCode::NoCard,
        _ => return Html::default(),
    };
    let advice = texts::card::of(code);
    html! {
        <div class="banner warning" data-notice={code.as_str()}>
            <p class="banner-what">{ advice.what }</p>
            <p>{ advice.next }</p>
        </div>
    }
}

fn checks(connection: &Connection) -> Html {
    let [extension, host, service] = local_marks(connection);
    let line = |name: &'static str, mark: Mark| {
        let (class, sign, text) = match mark {
            Mark::Ok => ("check ready", "○", screen::RESULT_READY),
            Mark::Bad => ("check failed", "×", screen::RESULT_FAILED),
            Mark::Waiting => ("check", "…", screen::RESULT_WAITING),
            Mark::Unknown => ("check", "－", screen::RESULT_UNKNOWN),
        };
        html! {
            <li {class}>
                <span class="check-sign" aria-hidden="true">{ sign }</span>
                <span class="check-name">{ name }</span>
                <span class="check-text">{ text }</span>
            </li>
        }
    };
    html! {
        <ul class="checks" aria-label={screen::CHECKS}>
            { line(&screen::CHECK_SERVER, mark_of(&connection.server)) }
            if !connection.without_card {
                { line(&screen::CHECK_EXTENSION, extension) }
                { line(&screen::CHECK_HOST, host) }
                { line(&screen::CHECK_SERVICE, service) }
            }
        </ul>
    }
}
