//! After an application or change, and 電子入札 by ID.

use touroku_html::html;
use touroku_proto::{api::Function, field::FieldId};
use yew::prelude::*;

use super::super::{
    parts::{Scene, Weight, back, button, link, unconfirmed},
    rows, sign_in,
    trouble::messages,
};
use super::{steps, title};
use crate::{
    bidder::{action::Action, clock, route::Route},
    texts::{
        account as texts, change,
        screen::{self, button as label},
        status,
    },
};

/// What was received, and what happens next.
pub(super) fn done(scene: Scene) -> Html {
    let Some(completed) = scene.state.view().and_then(|view| view.completed.as_ref()) else {
        return Html::default();
    };
    let changed = completed.function == Function::ChangeAccount;
    let (what, next, mailed, print) = match changed {
        true => (texts::CHANGED, texts::CHANGED_NOTE, texts::CHANGED_MAILED, change::DONE_PRINT),
        false => {
            let next = texts::after_application(scene.state.category());
            (texts::APPLIED, next, texts::MAILED, screen::APPLIED_PRINT)
        }
    };
    html! {
        <>
            if !changed { { steps(scene, 3) } }
            { title(scene) }
            { messages(scene) }
            <div class="banner success"><p class="banner-what">{ what }</p></div>
            <p>{ next }</p>
            <dl class="rows result">
                { rows::company(scene) }
                <div class="row">
                    <dt>{ screen::RECEIPT }</dt>
                    <dd data-receipt={completed.receipt.clone()}>{ &completed.receipt }</dd>
                </div>
                <div class="row">
                    <dt>{ texts::DONE_AT }</dt>
                    <dd>{ clock::shown(completed.at_unix_ms) }</dd>
                </div>
            </dl>
            <p>{ mailed }</p>
            <ul class="addresses" data-mailed-to="">
                { for completed.mailed_to.iter().map(|address| html! { <li>{ address.clone() }</li> }) }
            </ul>
            { unconfirmed(scene, &completed.unconfirmed) }
                <p>{ screen::MAIL_MISSING }</p>
            <p>{ texts::DONE_NOTE }</p>
            <p>{ print }</p>
            <div class="actions">
                { button(scene, label::PRINT, Weight::Solid, || Action::Follow(Route::Print)) }
                { link(scene, &Route::Agencies, "button outline", label::TOP.into()) }
            </div>
        </>
    }
}

/// Company and ID, without a card.
pub(super) fn bid(scene: Scene) -> Html {
    let Some(view) = scene.state.view() else { return Html::default() };
    let company = view.company.as_ref().map(|company| &company.values);
    let company = |field| company.map(|values| values.text(field).to_owned()).unwrap_or_default();
    let company_id = company(FieldId::CompanyId);
    html! {
        <>
            { title(scene) }
            { messages(scene) }
            <p class="lead">{ texts::BID_LEAD }</p>
            <section class="form-section" aria-labelledby="company">
                <h2 id="company">{ screen::BID_COMPANY }</h2>
                <dl class="rows">
                    <div class="row" data-row="company_name">
                        <dt>{ screen::COMPANY_NAME }</dt>
                        <dd>{ company(FieldId::CompanyName) }</dd>
                    </div>
                    if !company_id.is_empty() {
                        <div class="row">
                            <dt>{ screen::COMPANY_ID }</dt>
                            <dd data-company-id={company_id.clone()}>{ company_id }</dd>
                        </div>
                    }
                    <div class="row">
                        <dt>{ texts::BID_ID }</dt>
                        <dd data-login-id="">{ view.login_id.clone().unwrap_or_default() }</dd>
                    </div>
                </dl>
            </section>
            <section class="form-section" aria-labelledby="actions">
                <h2 id="actions">{ screen::BID_ACTIONS }</h2>
                <ul class="menu">
                    <li>
                        { link(scene, &Route::Status, "button outline", status::OPEN.into()) }
                        <p>{ status::OPEN_IS }</p>
                    </li>
                    <li>
                        { link(scene, &Route::ChangeLogin, "button outline", label::CHANGE.into()) }
                        <p>{ texts::CHANGE_IS }</p>
                    </li>
                </ul>
            </section>
            { sign_in::next(scene) }
            <div class="actions">{ back(scene) }</div>
        </>
    }
}
