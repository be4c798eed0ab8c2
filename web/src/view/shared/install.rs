//! Where to get what was not found.

use touroku_html::html;
use touroku_proto::guide::Install;
use yew::prelude::*;

use crate::{
    bidder::trouble::{Missing, Trouble},
    ports::page,
    texts::{Text, guide as texts},
};

/// Its page, with the steps for the current browser, and the guide.
pub(in crate::view) fn install(trouble: &Trouble, install: &Install) -> Html {
    let (url, name, steps) = match trouble.missing() {
        None => return Html::default(),
        Some(Missing::Extension) => {
            (&install.extension_url, texts::GET_EXTENSION, Some(texts::steps(&page::browser().name)))
        }
        // The browser replaces it; there is nothing to add.
        Some(Missing::NewExtension) => (&install.extension_url, texts::GET_EXTENSION, None),
        Some(Missing::Program) => (&install.host_url, texts::GET_HOST, Some(texts::HOST_STEPS)),
    };
    let link = |url: &str, name: Text| {
        // In another tab, because the person comes back to this page.
        html! { if !url.is_empty() { <li><a href={url.to_owned()} target="_blank" rel="noopener">{ name }</a></li> } }
    };
    html! {
        if !(url.is_empty() && install.guide_url.is_empty()) {
            <div data-install="">
                if let Some(steps) = steps.filter(|_| !url.is_empty()) { <p>{ steps }</p> }
                <ul>{ link(url, name) }{ link(&install.guide_url, texts::GUIDE) }</ul>
            </div>
        }
    }
}
