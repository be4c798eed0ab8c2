//! ID登録申請内容確認, and 変更内容確認 of an ID.

use touroku_html::html;
use touroku_proto::form::Occasion;
use yew::prelude::*;

use super::{
    super::{
        change::{comparison, differing, nothing},
        parts::{Scene, Weight, back, button, progress, submit},
        rows,
        trouble::messages,
    },
    login::input,
    steps, title,
};
use crate::{
    bidder::{account::AccountField, action::Action},
    texts::{
        account as texts, change,
        screen::{self, button as label},
    },
};

/// All rows again; at 変更 beside their previous values.
pub(super) fn view(scene: Scene) -> Html {
    let Some((form, occasion)) = scene.state.session_form() else { return progress(screen::LOADING) };
    if occasion == Occasion::ChangeAccount {
        let differing = differing(scene, form, occasion);
        return html! {
            <>
                { title(scene) }
                { messages(scene) }
                if differing == 0 {
                    { nothing() }
                } else {
                    <p class="lead">{ texts::CONFIRM_CHANGE_LEAD }</p>
                    <p data-changes={differing.to_string()}>{ change::rows(differing) }</p>
                }
                { comparison(scene, form, occasion) }
                <form novalidate=true onsubmit={scene.on_submit(|| Action::Register)}>
                    if differing > 0 {
                        <div class="fields">{ input(scene, AccountField::CurrentPassword) }</div>
                    }
                    if scene.state.registering { { progress(texts::SENDING) } }
                    <div class="actions">
                        if differing > 0 { { submit(label::CHANGE) } }
                        { back(scene) }
                    </div>
                </form>
            </>
        };
    }
    html! {
        <>
            { steps(scene, 2) }
            { title(scene) }
            { messages(scene) }
            <p class="lead">{ texts::CONFIRM_LEAD }</p>
            <div class="banner warning"><p>{ texts::CONFIRM_NAME }</p></div>
            { rows::confirmation(scene, form, occasion) }
            if scene.state.registering { { progress(texts::SENDING) } }
            <div class="actions">
                { button(scene, label::REGISTER, Weight::Solid, || Action::Register) }
                { back(scene) }
            </div>
        </>
    }
}
