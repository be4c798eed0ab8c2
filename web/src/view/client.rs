//! 受注者クライアント: the clock that says that all is ready, or what is not.

use touroku_proto::card::{CardErrorCode, Purpose, ServiceState};
use yew::prelude::*;

use super::{
    frame::clock_view,
    parts::{Scene, Weight, back, button, heading, progress},
    trouble::{messages, panel},
};
use crate::{
    bidder::{
        action::Action,
        route::Route,
        state::{Check, Connection},
        trouble::Trouble,
    },
    texts::{
        self,
        screen::{self, button as label},
    },
};

/// Before 利用者登録 and before 電子入札.
pub(super) fn view(scene: Scene, route: &Route) -> Html {
    let connection = &scene.state.connection;
    let ready = connection.is_ready();
    html! {
        <>
            { heading(screen::heading(route)) }
            { messages(scene) }
            <p class="lead">{ screen::CLIENT_LEAD }</p>
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
            <div class="actions">{ back(scene) }</div>
        </>
    }
}

fn way_on(scene: Scene, route: &Route) -> Html {
    match route {
        Route::BidClient { .. } => {
            button(scene, label::BID, Weight::Solid, || Action::ShowCard(Purpose::Bid))
        }
        _ => button(scene, label::OPEN_MENU, Weight::Solid, || Action::OpenMenu),
    }
}

/// Every cause, with its own fix.
fn failures(scene: Scene, connection: &Connection) -> Html {
    let failure = |check: &Check| match check {
        Check::Failed(trouble) => panel(scene, trouble, Html::default()),
        _ => Html::default(),
    };
    html! { <>{ failure(&connection.server) }{ failure(&connection.local) }</> }
}

/// A reader or card that is missing does not stop anybody here; the card window waits for it.
fn hint(connection: &Connection) -> Html {
    let Some(status) = &connection.status else { return Html::default() };
    let code = match (&status.error, status.readers, status.cards) {
        (Some(error), ..) => error.code,
        (None, 0, _) => CardErrorCode::NoReader,
        (None, _, 0) => CardErrorCode::NoCard,
        _ => return Html::default(),
    };
    let advice = texts::card::advice(code);
    html! {
        <div class="banner warning" data-notice={code.as_str()}>
            <p class="banner-what">{ advice.what }</p>
            <p>{ advice.next }</p>
        </div>
    }
}

/// How one part is.
#[derive(Clone, Copy)]
enum Mark {
    Ready,
    Failed,
    Waiting,
    Unknown,
}

fn checks(connection: &Connection) -> Html {
    let [extension, host, service] = local_marks(connection);
    let line = |name: &'static str, mark: Mark| {
        let (class, sign, text) = match mark {
            Mark::Ready => ("check ready", "○", screen::RESULT_READY),
            Mark::Failed => ("check failed", "×", screen::RESULT_FAILED),
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
            { line(screen::CHECK_SERVER, mark(&connection.server)) }
            { line(screen::CHECK_EXTENSION, extension) }
            { line(screen::CHECK_HOST, host) }
            { line(screen::CHECK_SERVICE, service) }
        </ul>
    }
}

fn mark(check: &Check) -> Mark {
    match check {
        Check::Unknown | Check::Waiting => Mark::Waiting,
        Check::Ready => Mark::Ready,
        Check::Failed(_) => Mark::Failed,
    }
}

/// Extension, host and PC/SC service: the first that fails hides what is behind it.
fn local_marks(connection: &Connection) -> [Mark; 3] {
    use CardErrorCode as Code;
    let code = match &connection.local {
        Check::Ready => return [Mark::Ready; 3],
        Check::Failed(Trouble::Card(error)) => error.code,
        Check::Failed(_) => return [Mark::Failed, Mark::Unknown, Mark::Unknown],
        Check::Unknown | Check::Waiting => return [Mark::Waiting; 3],
    };
    match (&connection.status, code) {
        (None, _)
        | (
            _,
            Code::ExtensionMissing
            | Code::ExtensionTooOld
            | Code::ExtensionTooNew
            | Code::OriginNotAllowed
            | Code::FrameNotAllowed,
        ) => [Mark::Failed, Mark::Unknown, Mark::Unknown],
        (Some(status), _) if status.service == Some(ServiceState::Off) || code == Code::ServiceOff => {
            [Mark::Ready, Mark::Ready, Mark::Failed]
        }
        _ => [Mark::Ready, Mark::Failed, Mark::Unknown],
    }
}
