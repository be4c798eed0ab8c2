//! 登録完了, 変更完了, 電子証明書更新結果.

use touroku_html::html;
use touroku_proto::api::{Function, ReceiptFile};
use yew::prelude::*;

use super::{
    parts::{Scene, Weight, button, heading, link, progress, steps, steps_of, unconfirmed},
    rows,
    trouble::messages,
};
use crate::{
    bidder::{action::Action, clock, route::Route},
    texts::{
        change, renew,
        screen::{self, button as label},
    },
};

/// The texts of a completion.
struct Words {
    lead: &'static str,
    mailed: &'static str,
    print: &'static str,
}

fn words(function: Function, pending: bool) -> Words {
    match function {
        Function::Renew if pending => Words {
            lead: &renew::DONE_PENDING,
            mailed: &screen::MAILED_PENDING,
            print: &screen::APPLIED_PRINT,
        },
        _ if pending => Words {
            lead: &screen::DONE_PENDING,
            mailed: &screen::MAILED_PENDING,
            print: &screen::APPLIED_PRINT,
        },
        Function::Change => {
            Words { lead: &change::DONE_LEAD, mailed: &change::MAILED, print: &change::DONE_PRINT }
        }
        Function::Renew => {
            Words { lead: &renew::DONE_LEAD, mailed: &renew::MAILED, print: &renew::DONE_PRINT }
        }
        _ => Words { lead: &screen::DONE_LEAD, mailed: &screen::MAILED, print: &screen::DONE_PRINT },
    }
}

/// The 企業ID, and where the mail went.
pub(super) fn view(scene: Scene) -> Html {
    let Some(completed) = scene.state.view().and_then(|view| view.completed.as_ref()) else {
        return Html::default();
    };
    let function = completed.function;
    let Words { lead, mailed, print } = words(function, completed.pending);
    let steps = match function {
        Function::Change => steps_of(change::STEPS_NAME, &change::STEPS, 3),
        Function::Renew => steps_of(renew::STEPS_NAME, &renew::STEPS, 3),
        _ => steps(4),
    };
    html! {
        <>
            { steps }
            { heading(&screen::done(function, completed.pending)) }
            { messages(scene) }
            <div class="banner success" data-pending={completed.pending.to_string()}>
                <p class="banner-what">{ lead }</p>
            </div>
            if function == Function::Renew {
                <div class="banner warning">
                    <p>{ if completed.pending { renew::DONE_PENDING_OLD } else { renew::DONE_OLD } }</p>
                </div>
            }
            <dl class="rows result">
                { rows::company(scene) }
                if !completed.company_id.is_empty() {
                    <div class="row">
                        <dt>{ screen::COMPANY_ID }</dt>
                        <dd class="company-id" data-company-id={completed.company_id.clone()}>
                            { &completed.company_id }
                        </dd>
                    </div>
                }
                if !completed.receipt.is_empty() {
                    <div class="row">
                        <dt>{ screen::RECEIPT }</dt>
                        <dd data-receipt={completed.receipt.clone()}>{ &completed.receipt }</dd>
                    </div>
                }
                <div class="row">
                    <dt>{ screen::completed_at(function, completed.pending) }</dt>
                    <dd>{ clock::shown(completed.at_unix_ms) }</dd>
                </div>
            </dl>
            if !completed.mailed_to.is_empty() {
                <p>{ mailed }</p>
                <ul class="addresses" data-mailed-to="">
                    { for completed.mailed_to.iter().map(|address| html! { <li>{ address.clone() }</li> }) }
                </ul>
                { unconfirmed(scene, &completed.unconfirmed) }
                <p>{ screen::MAIL_MISSING }</p>
            }
            if completed.signed { { receipt(scene) } }
            <p>{ print }</p>
            <div class="actions">
                { button(scene, label::PRINT, Weight::Solid, || Action::Follow(Route::Print)) }
                { link(scene, &Route::Agencies, "button outline", label::TOP.into()) }
            </div>
        </>
    }
}

/// Both files of a signed application. Buttons instead of links: a refused link would be a download that fails
/// silently.
fn receipt(scene: Scene) -> Html {
    let file = |file: ReceiptFile, name: &'static str| {
        html! {
            <button type="button" class={Weight::Small.class()} data-save={file.as_str()}
                onclick={scene.on(move || Action::SaveReceipt(file))}>{ name }</button>
        }
    };
    html! {
        <section class="form-section">
            <p>{ screen::RECEIPT_FILES }</p>
            <div class="actions">
                { file(ReceiptFile::Document, &screen::RECEIPT_DOCUMENT) }
                { file(ReceiptFile::Signature, &screen::RECEIPT_SIGNATURE) }
            </div>
            if !scene.state.saving.is_empty() { { progress(screen::RECEIPT_SAVING) } }
        </section>
    }
}
