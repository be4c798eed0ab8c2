//! What an agency shows beside the steps: links, 更新情報, hours, help desks, where to get the programs, the
//! footer.

use touroku_html::html;
use touroku_proto::{
    agency::{AgencyProfile, DeskKind},
    guide::{Link, News},
};
use yew::prelude::*;

use super::{parts::Scene, trouble::contact};
use crate::texts::{Text, guide as texts, own, screen};

/// On the entry pages.
pub(super) fn entry(scene: Scene) -> Html {
    let Some(profile) = scene.state.profile() else { return Html::default() };
    html! {
        <>
            if !profile.hours_rule.is_empty() {
                <p data-hours-rule="">{ texts::HOURS }{ screen::COLON }{ own(&profile.hours_rule) }</p>
            }
            { news(&profile.news) }
            { links(&profile.links) }
        </>
    }
}

/// Whom to ask about the roster. The help desk stands at the foot of every page.
pub(super) fn agency_desk(profile: &AgencyProfile) -> Html {
    html! { if profile.desk(DeskKind::Agency).is_some() { { contact(Some(profile), DeskKind::Agency) } } }
}

fn news(news: &[News]) -> Html {
    let line = |news: &News| {
        html! { <li><time datetime={news.date.clone()}>{ news.date.replace('-', "/") }</time>{ "　" }{ own(&news.text) }</li> }
    };
    html! {
        if !news.is_empty() {
            <section class="notices" aria-labelledby="news" data-news="">
                <h2 id="news">{ texts::NEWS }</h2>
                <ul>{ for news.iter().map(line) }</ul>
            </section>
        }
    }
}

fn links(links: &[Link]) -> Html {
    let line = |link: &Link| {
        html! {
            <li>
                <a href={link.url.clone()}>{ own(&link.label) }</a>
                if !link.note.is_empty() { <p>{ own(&link.note) }</p> }
            </li>
        }
    };
    html! {
        if !links.is_empty() {
            <section class="notices" aria-labelledby="links" data-links="">
                <h2 id="links">{ texts::LINKS }</h2>
                <ul>{ for links.iter().map(line) }</ul>
            </section>
        }
    }
}

/// The footer of every page: help desk, manual, statements.
pub(super) fn foot(scene: Scene) -> Html {
    let Some(profile) = scene.state.profile() else { return Html::default() };
    let foot = &profile.footer;
    let pages = [
        (&foot.manual_url, texts::MANUAL),
        (&foot.accessibility_url, texts::ACCESSIBILITY),
        (&foot.privacy_url, texts::PRIVACY),
    ];
    let desk = profile.desk(DeskKind::Helpdesk).is_some();
    if !desk && pages.iter().all(|(url, _)| url.is_empty()) {
        return Html::default();
    }
    let page = |(url, name): (&String, Text)| {
        html! { if !url.is_empty() { <li><a href={url.clone()}>{ name }</a></li> } }
    };
    html! {
        <footer class="foot no-print">
            if desk { { contact(Some(profile), DeskKind::Helpdesk) } }
            <ul class="foot-links">{ for pages.into_iter().map(page) }</ul>
        </footer>
    }
}
