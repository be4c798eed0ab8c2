//! 接続先のシステム: the systems that the agency knows, and their webhooks.

use touroku_html::html;
use touroku_proto::officer::client::{ClientView, ClientsView, WebhookView};
use yew::prelude::*;

use super::{
    field::{area, summary},
    parts::{
        Scene, Weight, button, heading, link, moment, moment_or_none, opener, progress, row, submit, value,
    },
    trouble::messages,
};
use crate::{
    officer::{
        action::{Action, ClientAct},
        ask::Ask,
        dialog::Dialog,
        input::Input,
        route::Route,
    },
    texts::{
        Text,
        officer::{clients as texts, screen, settings},
    },
};

pub(super) fn view(scene: Scene) -> Html {
    let content = match &scene.state.clients.view {
        None if scene.state.banner.is_none() => progress(screen::READING),
        None => Html::default(),
        Some(view) => html! {
            <>
                if !view.writable {
                    <div class="banner warning"><p>{ settings::NOT_WRITABLE }</p></div>
                } else if view.waits {
                    <div class="banner warning" data-waits="">
                        <p>{ texts::WAITS }{ " " }{ link(&Route::Settings, "", settings::TO_SETTINGS.into()) }</p>
                    </div>
                }
                { outcome(scene, view) }
                <dl class="rows">{ row(texts::ISSUER, value(&view.issuer)) }</dl>
                if view.clients.is_empty() { <p>{ texts::NONE }</p> }
                { for view.clients.iter().map(|found| client(scene, view, found)) }
                if view.writable && !view.waits { { form(scene) } }
            </>
        },
    };
    html! {
        <>
            { heading(&screen::heading(&Route::Clients)) }
            { summary(scene) }
            { messages(scene) }
            <p class="lead">{ texts::LEAD }</p>
            { content }
        </>
    }
}

/// What is wrong with a description, a secret, or how a test went.
fn outcome(scene: Scene, view: &ClientsView) -> Html {
    let content = if !view.mistakes.is_empty() {
        html! {
            <div class="banner error" data-mistakes={view.mistakes.len().to_string()}>
                <p class="banner-what">{ texts::NOT_SAVED }</p>
                <ul>{ for view.mistakes.iter().map(|mistake| html! {
                    <li>{ settings::place(mistake.line, mistake.column) }{ "：" }{ &mistake.message }</li>
                }) }</ul>
            </div>
        }
    } else if let Some(secret) = &view.secret {
        let shown = secret.secret.clone();
        html! {
            <div class="banner success" data-secret={secret.code.clone()}>
                <p class="banner-what">
                    { if secret.of_webhook { texts::webhook_secret(&secret.code) } else { texts::secret(&secret.code) } }
                </p>
                <p data-shown="">{ &secret.secret }</p>
                <div class="banner-actions">
                    { button(scene, "copy-secret", texts::COPY, Weight::Small, move || Action::Copy(shown.clone())) }
                </div>
                if !secret.of_webhook { <p>{ texts::SECRET_ONCE }</p> }
            </div>
        }
    } else if let Some(tried) = &view.tried {
        html! {
            if tried.error.is_empty() {
                <div class="banner success" data-tried="ok"><p>{ texts::arrived(&tried.code) }</p></div>
            } else {
                <div class="banner error" data-tried="failed">
                    <p class="banner-what">{ texts::not_arrived(&tried.code) }</p>
                    <p>{ &tried.error }</p>
                </div>
            }
        }
    } else {
        return Html::default();
    };
    html! { <div id="client-outcome" tabindex="-1" role="status">{ content }</div> }
}

fn client(scene: Scene, view: &ClientsView, client: &ClientView) -> Html {
    let id = format!("client-{}", client.code);
    let may_change = view.writable && !view.waits && client.text.is_some();
    html! {
        <section class="box" aria-labelledby={id.clone()} data-client={client.code.clone()} key={client.code.clone()}>
            <h2 {id}>{ &client.name }</h2>
            <dl class="rows">
                { row(texts::CODE, value(&client.code)) }
                { row(texts::PROOF, html! { texts::proof_of(client.secrets, client.keys) }) }
                { row(texts::DESCRIPTION, client.text.as_deref().map_or_else(|| texts::INHERITED.into(), value)) }
            </dl>
            { for client.webhook.as_ref().map(|found| webhook(scene, &client.code, found)) }
            if may_change {
                <div class="actions">
                    { act(scene, "edit-client", texts::EDIT, ClientAct::Edit, &client.code) }
                    { opener(scene, Dialog::RenewSecret(client.code.clone()), texts::RENEW, Weight::Small, &client.name) }
                    { opener(scene, Dialog::RemoveClient(client.code.clone()), texts::REMOVE, Weight::Small, &client.name) }
                </div>
            }
        </section>
    }
}

fn webhook(scene: Scene, code: &str, webhook: &WebhookView) -> Html {
    html! {
        <>
            <dl class="rows" data-webhook={if webhook.attempts > 0 { "failing" } else { "ok" }}>
                { row(texts::WEBHOOK, value(&webhook.uri)) }
                { row(texts::LAST_ARRIVED, moment_or_none(webhook.arrived_unix_ms)) }
                if let Some(next) = webhook.next_unix_ms {
                    { row(texts::FAILING, html! {
                        <>{ texts::failed_times(webhook.attempts, &webhook.error) }{ " " }{ moment(next) }</>
                    }) }
                }
            </dl>
            <div class="actions">
                { act(scene, "try-webhook", texts::TRY, ClientAct::Try, code) }
                { act(scene, "webhook-secret", texts::SHOW_SECRET, ClientAct::WebhookSecret, code) }
            </div>
        </>
    }
}

fn act(scene: Scene, name: &'static str, label: Text, act: ClientAct, code: &str) -> Html {
    let code = code.to_owned();
    button(scene, name, label, Weight::Small, move || Action::OfClient(act, code.clone()))
}

fn form(scene: Scene) -> Html {
    let editing = &scene.state.clients.editing;
    html! {
        <form novalidate=true onsubmit={scene.on_submit(|| Action::Submit)} aria-labelledby="client-form">
            <h2 id="client-form">
                if editing.is_empty() { { texts::ADD } } else { { texts::edit_one(editing) } }
            </h2>
            { area(scene, Input::Client, true, 10) }
            if scene.state.waits(|ask| matches!(ask, Ask::Clients(_))) { { progress(screen::SENDING) } }
            <div class="actions">
                { submit(texts::SAVE) }
                if !editing.is_empty() {
                    { act(scene, "new-client", texts::CANCEL, ClientAct::Edit, "") }
                }
            </div>
        </form>
    }
}
