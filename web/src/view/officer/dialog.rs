//! A question before something is done, and the panel while the card is asked for.

use touroku_html::html;
use yew::prelude::*;

use super::{
    super::shared,
    field::{area, line},
    part,
    parts::{Scene, Weight, button},
};
use crate::{
    officer::{action::Action, ask::Target, dialog::Dialog, input::Input, state::CardStep},
    texts::officer::{dialog as texts, screen},
};

/// The dialog, if there is one. Everything else is inert meanwhile, so the focus stays in it.
pub(super) fn view(scene: Scene, dialog: &Dialog) -> Html {
    let question = texts::question(dialog);
    let asks_period = matches!(dialog, Dialog::Suspend(Target::Company(_)) | Dialog::CorrectSuspension(..));
    let asks_reason = asks_period || matches!(dialog, Dialog::Suspend(_) | Dialog::Lift(_));
    let others_too = *dialog == Dialog::TakeProfile && !scene.state.others_too().is_empty();
    let described_by = if others_too { "dialog-text dialog-others" } else { "dialog-text" };
    let dispatch = scene.dispatch.clone();
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        if event.key() == "Escape" && !event.is_composing() {
            event.prevent_default();
            dispatch.emit(Action::Dismiss);
        }
    });
    html! {
        <div class="veil">
            <section class="card-panel" id="dialog" tabindex="-1" role="dialog" aria-modal="true"
                aria-labelledby="dialog-title" aria-describedby={described_by} data-dialog={dialog.name()} {onkeydown}>
                <h2 id="dialog-title">{ question.title }</h2>
                <p id="dialog-text">{ question.text }</p>
                if *dialog == Dialog::Reject { <p class="quoted reason">{ scene.state.text(Input::Reason) }</p> }
                if others_too { { part::others_too(scene) } }
                if matches!(dialog, Dialog::NewLink(_)) { { line(scene, Input::LinkEmail, true) } }
                if asks_reason { { area(scene, Input::Reason, true, 4) } }
                if asks_period {
                    { line(scene, Input::From, false) }
                    { line(scene, Input::Until, false) }
                }
                <div class="actions">
                    { button(scene, "confirm", question.yes, Weight::Solid, || Action::Confirm) }
                    { button(scene, "dismiss", texts::NO, Weight::Outline, || Action::Dismiss) }
                </div>
            </section>
        </div>
    }
}

/// Shown while the card is requested.
pub(super) fn card(scene: Scene) -> Html {
    let step = scene.state.card.step;
    let cancel = (step != CardStep::Checking)
        .then(|| button(scene, "cancel-card", screen::CANCEL, Weight::Outline, || Action::CancelCard));
    shared::panel::card(screen::CARD_PANEL, screen::card_step(step), cancel)
}
