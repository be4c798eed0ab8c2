//! 電子入札: the company that the card is registered to.

use touroku_proto::{api::ApiErrorCode, field::FieldId};
use yew::prelude::*;

use super::{
    parts::{Scene, back, heading, link},
    trouble::{messages, panel},
};
use crate::{
    bidder::{route::Route, trouble::Trouble},
    texts::screen::{self, button as label},
};

/// Company and card, without anything typed.
pub(super) fn view(scene: Scene) -> Html {
    let Some(view) = scene.state.view() else { return Html::default() };
    let content = match (&view.company, &view.card) {
        (Some(company), Some(card)) if card.registered => {
            let row = |name: &'static str, text: &str| {
                html! { <div class="row"><dt>{ name }</dt><dd>{ text.to_owned() }</dd></div> }
            };
            let company_id = company.values.text(FieldId::CompanyId).to_owned();
            html! {
                <>
                    <p class="lead">{ screen::BID_LEAD }</p>
                    <section class="form-section" aria-labelledby="company">
                        <h2 id="company">{ screen::BID_COMPANY }</h2>
                        <dl class="rows">
                            { row(screen::COMPANY_NAME, company.values.text(FieldId::CompanyName)) }
                            <div class="row">
                                <dt>{ screen::COMPANY_ID }</dt>
                                <dd data-company-id={company_id.clone()}>{ company_id }</dd>
                            </div>
                        </dl>
                    </section>
                    <section class="form-section" aria-labelledby="card">
                        <h2 id="card">{ screen::BID_CARD }</h2>
                        <dl class="rows">
                            { row(screen::HOLDER, card.values.text(FieldId::CardHolderName)) }
                            <div class="row" data-row="certificate_expiry">
                                <dt>{ screen::EXPIRY }</dt>
                                <dd>
                                    { card.values.text(FieldId::CertificateExpiry).to_owned() }
                                    <span class="days-left">{ screen::days_left(card.days_left) }</span>
                                </dd>
                            </div>
                        </dl>
                        if card.days_left <= screen::EXPIRY_SOON {
                            <div class="banner warning"><p>{ screen::EXPIRY_WARNING }</p></div>
                        }
                    </section>
                    <p>{ screen::BID_NEXT }</p>
                </>
            }
        }
        _ => {
            let client = Route::Client { agency: view.agency.clone(), category: view.category.clone() };
            let actions = link(scene, &client, "button outline small", label::TO_REGISTRATION.into());
            panel(scene, &Trouble::from(ApiErrorCode::CardNotRegistered), actions)
        }
    };
    html! {
        <>
            { heading(screen::heading(&Route::Bid)) }
            { messages(scene) }
            { content }
            <div class="actions">{ back(scene) }</div>
        </>
    }
}
