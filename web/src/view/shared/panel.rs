//! What went wrong; the panel while the card is requested.

use touroku_html::html;
use touroku_proto::card::CardErrorCode;
use yew::prelude::*;

use crate::{
    bidder::trouble::Trouble,
    texts::{
        self, Advice, Text,
        screen::{COLON, REFERENCE},
    },
};

/// What happened and what to do next.
pub(in crate::view) struct Panel<'a> {
    pub(in crate::view) trouble: &'a Trouble,
    pub(in crate::view) advice: Advice,
    /// Tries left, seconds to wait.
    pub(in crate::view) addition: Option<String>,
    /// What follows the advice.
    pub(in crate::view) more: Html,
    /// Whom to call.
    pub(in crate::view) contact: Html,
    pub(in crate::view) actions: Html,
}

impl Panel<'_> {
    pub(in crate::view) fn view(self) -> Html {
        let Self { trouble, advice, addition, more, contact, actions } = self;
        // Cancelling is not an error; nobody needs to be called.
        let calm = matches!(trouble, Trouble::Card(error) if error.code == CardErrorCode::Cancelled);
        html! {
            <section class={if calm { "banner info" } else { "banner error" }} data-error={trouble.code()}
                role="alert">
                <p class="banner-what">{ advice.what }</p>
                <p>{ advice.next }</p>
                if let Some(addition) = addition { <p>{ addition }</p> }
                { more }
                if !calm {
                    { contact }
                    <p class="reference">{ REFERENCE }{ COLON }<code>{ texts::reference(trouble) }</code></p>
                }
                <div class="banner-actions">{ actions }</div>
            </section>
        }
    }
}

/// The card is requested; `cancel` is a button, where it can still be cancelled.
pub(in crate::view) fn card(title: Text, step: Text, cancel: Option<Html>) -> Html {
    html! {
        <div class="veil">
            <section class="card-panel" id="card-panel" tabindex="-1" role="dialog" aria-modal="true"
                aria-labelledby="card-panel-title" data-card-panel="">
                <h2 id="card-panel-title">{ title }</h2>
                <p class="progress" role="status"><span class="spinner" aria-hidden="true" />{ step }</p>
                if let Some(cancel) = cancel { <div class="actions">{ cancel }</div> }
            </section>
        </div>
    }
}
