//! ICカード更新: 現在のICカードの確認, 新しいICカードの確認, 電子証明書更新確認.

use touroku_html::html;
use touroku_proto::{
    api::{CardView, SessionView},
    card::Purpose,
    document::RENEWAL_ROWS,
    field::{FieldId, Scope},
};
use yew::prelude::*;

use super::{
    compare::{Mark, Pair, Words, table},
    identity,
    parts::{Scene, Weight, back, button, heading, progress, signed, steps_of},
    trouble::messages,
};
use crate::{
    bidder::{action::Action, route::Route},
    texts::{
        renew,
        screen::{self, button as label},
    },
};

const WORDS: Words = Words {
    left: renew::OLD_COLUMN,
    right: renew::NEW_COLUMN,
    differs: renew::DIFFERS,
    same: renew::SAME,
    empty: renew::EMPTY,
    mark: Mark::Differs,
};

/// What is shown of the old card before the new one is presented.
const PROVED: [FieldId; 4] = [
    FieldId::CardCompanyName,
    FieldId::CardHolderName,
    FieldId::CertificateSerial,
    FieldId::CertificateExpiry,
];

/// 現在のICカードの確認.
pub(super) fn old_card(scene: Scene) -> Html {
    html! {
        <>
            { steps_of(renew::STEPS_NAME, &renew::STEPS, 0) }
            { heading(&screen::heading(&Route::RenewOld)) }
            { messages(scene) }
            <p class="lead">{ renew::OLD_LEAD }</p>
            <p>{ renew::NEEDS }</p>
            <p>{ renew::TWO_PINS }</p>
            <p>{ renew::OLD_EXPIRED }</p>
            <div class="actions">
                { button(scene, label::OK, Weight::Solid, || Action::ShowCard(Purpose::RenewOld)) }
                { back(scene) }
            </div>
        </>
    }
}

/// 新しいICカードの確認.
pub(super) fn new_card(scene: Scene) -> Html {
    let Some(card) = scene.state.view().and_then(|view| view.card.as_ref()) else { return Html::default() };
    let row = |(field, name): &(FieldId, &'static str)| {
        html! {
            <div class="row" data-row={field.as_str()}>
                <dt>{ *name }</dt>
                <dd>{ card.values.text(*field).to_owned() }</dd>
            </div>
        }
    };
    html! {
        <>
            { steps_of(renew::STEPS_NAME, &renew::STEPS, 1) }
            { heading(&screen::heading(&Route::RenewNew)) }
            { messages(scene) }
            <p class="lead">{ renew::NEW_LEAD }</p>
            <p>{ renew::TWO_PINS }</p>
            <section class="form-section" aria-labelledby="old-card">
                <h2 id="old-card">{ renew::OLD_CARD }</h2>
                <dl class="rows">{ for RENEWAL_ROWS.iter().filter(|(field, _)| PROVED.contains(field)).map(row) }</dl>
            </section>
            <div class="actions">
                { button(scene, label::OK, Weight::Solid, || Action::ShowCard(Purpose::RenewNew)) }
                { back(scene) }
            </div>
        </>
    }
}

/// 電子証明書更新確認.
pub(super) fn confirm(scene: Scene) -> Html {
    let Some(view) = scene.state.view() else { return Html::default() };
    let (Some(old), Some(new)) = (&view.card, &view.new_card) else { return Html::default() };
    let name = |card: &CardView| card.values.text(FieldId::CardCompanyName).trim().to_owned();
    html! {
        <>
            { steps_of(renew::STEPS_NAME, &renew::STEPS, 2) }
            { heading(&screen::heading(&Route::RenewConfirm)) }
            { messages(scene) }
            <p class="lead">{ renew::CONFIRM_LEAD }</p>
            if name(old) != name(new) {
                <div class="banner warning" data-notice="other_company" role="status">
                    <p class="banner-what">{ renew::OTHER_COMPANY }</p>
                    <p>{ renew::OTHER_COMPANY_NEXT }</p>
                </div>
            }
            if new.days_left <= old.days_left {
                <div class="banner warning" data-notice="expires_sooner" role="status">
                    <p class="banner-what">{ renew::EXPIRES_SOONER }</p>
                    <p>{ renew::EXPIRES_SOONER_NEXT }</p>
                </div>
            }
            { identity::view(view, Some(new), renew::CONFIRM_NAMES) }
            <div class="banner warning">
                <p>{ if view.review.is_empty() { renew::CONFIRM_AFTER } else { renew::CONFIRM_AFTER_REVIEW } }</p>
            </div>
            { table(&renew::COMPARISON, WORDS, &pairs(view, old, new)) }
            { signed(scene) }
            if scene.state.registering { { progress(renew::RENEWING) } }
            <div class="actions">
                { button(scene, label::RENEW, Weight::Solid, || Action::Renew) }
                { back(scene) }
            </div>
        </>
    }
}

fn pairs(view: &SessionView, old: &CardView, new: &CardView) -> Vec<Pair> {
    let of = |card: &CardView, field: FieldId| {
        let company = view.company.as_ref().filter(|_| field.scope() == Scope::Company);
        company.map_or(&card.values, |company| &company.values).text(field).trim().to_owned()
    };
    RENEWAL_ROWS
        .iter()
        .map(|&(field, name)| {
            let (left, right) = (of(old, field), of(new, field));
            let differs = left != right;
            Pair { id: field.as_str(), label: name.to_owned(), left, right, differs }
        })
        .collect()
}
