//! 登録内容確認.

use touroku_proto::api::Function;
use yew::prelude::*;

use super::{
    parts::{Scene, Weight, back, button, heading, progress, steps, steps_of},
    rows,
    trouble::messages,
};
use crate::{
    bidder::{action::Action, route::Route},
    texts::{
        change,
        screen::{self, button as label},
    },
};

/// All rows once more, and the card's.
pub(super) fn view(scene: Scene) -> Html {
    let Some((form, occasion)) = scene.state.session_form() else { return progress(screen::LOADING) };
    let section = |(index, (section, rows)): (usize, (&touroku_proto::form::Section, Vec<_>))| {
        let id = format!("section-{index}");
        html! {
            <section class="form-section" aria-labelledby={id.clone()}>
                <h2 {id}>{ &section.title }</h2>
                { rows::list(&rows, &scene.state.form.values) }
            </section>
        }
    };
    if scene.state.function() == Function::Change {
        return html! {
            <>
                { steps_of(change::STEPS_NAME, &change::STEPS, 2) }
                { heading(screen::heading_for(&Route::Confirm, Function::Change)) }
                { super::change::confirm(scene) }
            </>
        };
    }
    html! {
        <>
            { steps(3) }
            { heading(screen::heading_for(&Route::Confirm, scene.state.function())) }
            { messages(scene) }
            <p class="lead">{ screen::CONFIRM_LEAD }</p>
            <div class="banner warning"><p>{ screen::CONFIRM_NAMES }</p></div>
            { for rows::confirmed(form, occasion).into_iter().enumerate().map(section) }
            if scene.state.registering { { progress(screen::REGISTERING) } }
            <div class="actions">
                { button(scene, label::REGISTER, Weight::Solid, || Action::Register) }
                { back(scene) }
            </div>
        </>
    }
}
