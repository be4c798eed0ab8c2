//! 電子入札: the company that the card is registered to.

use touroku_html::html;
use touroku_proto::{
    api::{ApiErrorCode, CardView, CompanyView, SessionView},
    card::Purpose,
    field::FieldId,
};
use yew::prelude::*;

use super::{
    parts::{Scene, Weight, back, button, heading, link},
    sign_in,
    trouble::{messages, panel},
};
use crate::{
    bidder::{action::Action, route::Route, trouble::Trouble},
    texts::{
        screen::{self, button as label},
        status,
    },
};

/// Company and card, with nothing to enter.
pub(super) fn view(scene: Scene) -> Html {
    let Some(view) = scene.state.view() else { return Html::default() };
    let content = match (&view.company, &view.card) {
        (Some(company), Some(card)) if card.registered => {
            html! {
                <>
                    <p class="lead">{ screen::BID_LEAD }</p>
                    { company_section(company) }
                    { card_section(scene, card) }
                    { actions(scene) }
                    { sign_in::next(scene) }
                </>
            }
        }
        _ => unregistered(scene, view),
    };
    html! {
        <>
            { heading(&screen::heading(&Route::Bid)) }
            { messages(scene) }
            { content }
            <div class="actions">{ back(scene) }</div>
        </>
    }
}

fn company_section(company: &CompanyView) -> Html {
    let company_id = company.values.text(FieldId::CompanyId).to_owned();
    html! {
        <section class="form-section" aria-labelledby="company">
            <h2 id="company">{ screen::BID_COMPANY }</h2>
            <dl class="rows">
                { row(FieldId::CompanyName, &screen::COMPANY_NAME, company.values.text(FieldId::CompanyName)) }
                <div class="row">
                    <dt>{ screen::COMPANY_ID }</dt>
                    <dd data-company-id={company_id.clone()}>{ company_id }</dd>
                </div>
            </dl>
        </section>
    }
}

fn card_section(scene: Scene, card: &CardView) -> Html {
    let text = |field| card.values.text(field);
    html! {
        <section class="form-section" aria-labelledby="card">
            <h2 id="card">{ screen::BID_CARD }</h2>
            <dl class="rows">
                { row(FieldId::CardCompanyName, &screen::CARD_COMPANY, text(FieldId::CardCompanyName)) }
                { row(FieldId::CardHolderName, &screen::HOLDER, text(FieldId::CardHolderName)) }
                <div class="row" data-row="certificate_expiry">
                    <dt>{ screen::EXPIRY }</dt>
                    <dd>
                        { text(FieldId::CertificateExpiry).to_owned() }
                        <span class="days-left" data-days-left={card.days_left.to_string()}>
                            { screen::days_left(card.days_left) }
                        </span>
                    </dd>
                </div>
            </dl>
            if scene.state.expires_soon() {
                <div class="banner warning" data-notice="card_expiring">
                    <p>{ screen::EXPIRY_WARNING }</p>
                    <div class="banner-actions">
                        { link(scene, &Route::RenewOld, "button outline small", label::TO_RENEWAL.into()) }
                    </div>
                </div>
            }
        </section>
    }
}

/// What can be done from here.
fn actions(scene: Scene) -> Html {
    html! {
        <section class="form-section" aria-labelledby="actions">
            <h2 id="actions">{ screen::BID_ACTIONS }</h2>
            <ul class="menu">
                <li>
                    { button(scene, label::CHANGE, Weight::Outline, || Action::ShowCard(Purpose::Change)) }
                    <p>{ screen::BID_CHANGE_IS }</p>
                </li>
                <li>
                    { link(scene, &Route::Status, "button outline", status::OPEN.into()) }
                    <p>{ status::OPEN_IS }</p>
                </li>
                <li>
                    { button(scene, label::RENEWAL, Weight::Outline, || Action::Follow(Route::RenewOld)) }
                    <p>{ screen::BID_RENEWAL_IS }</p>
                </li>
            </ul>
        </section>
    }
}

/// The card's registration ended during the session.
fn unregistered(scene: Scene, view: &SessionView) -> Html {
    let client = Route::Client { agency: view.agency.clone(), category: view.category.clone() };
    let actions = link(scene, &client, "button outline small", label::TO_REGISTRATION.into());
    panel(scene, &Trouble::from(ApiErrorCode::CardNotRegistered), actions)
}

fn row(field: FieldId, name: &'static str, text: &str) -> Html {
    html! { <div class="row" data-row={field.as_str()}><dt>{ name }</dt><dd>{ text.to_owned() }</dd></div> }
}
