//! What went wrong, what to do next and whom to call.

use touroku_html::html;
use touroku_proto::{
    agency::{AgencyProfile, DeskKind},
    api::{ApiErrorCode, AuthorityView},
    card::Purpose,
    field::FieldId,
};
use yew::prelude::*;

use super::{
    parts::{Scene, Weight, button, link},
    shared::{install, panel::Panel},
};
use crate::{
    bidder::{
        account::AccountAction,
        action::Action,
        hours::Hours,
        route::Route,
        trouble::{Banner, Trouble, authorities as authorities_of},
    },
    texts::{
        self,
        screen::{self, button as label},
    },
};

/// The banner at the top of a screen, or the notice.
pub(super) fn messages(scene: Scene) -> Html {
    html! {
        <>
            { hours(scene) }
            if let Some(banner) = &scene.state.banner { { view(scene, banner) } }
            if let Some(notice) = scene.state.notice {
                <div class="banner info" role="status"><p>{ screen::notice(notice) }</p></div>
            }
        </>
    }
}

/// 利用時間: when it closes or opens, and that what is in progress may be finished.
fn hours(scene: Scene) -> Html {
    let Some(hours) = scene.state.hours() else { return Html::default() };
    let words = texts::hours::words(hours, scene.state.is_at_work());
    let class = match hours {
        Hours::Open { .. } => "hours",
        Hours::Closing { .. } => "hours banner info",
        Hours::Closed { .. } => "hours banner warning",
    };
    // Rendered even when empty: a live region announces only changes within it.
    html! {
        <div id="hours" class={words.is_some().then_some(class)} tabindex="-1" role="status"
            data-hours={hours.as_str()}>
            if let Some(words) = words {
                <p class={(class != "hours").then_some("banner-what")}>{ words.what }</p>
                if !words.next.is_empty() { <p>{ words.next }</p> }
            }
        </div>
    }
}

fn view(scene: Scene, banner: &Banner) -> Html {
    let again = banner
        .retry
        .map(|_| button(scene, label::AGAIN, Weight::Small, || Action::Retry))
        .unwrap_or_default();
    let actions = html! { <>{ again }{ way_out(scene, &banner.trouble) }</> };
    html! { <div id="banner" tabindex="-1">{ panel(scene, &banner.trouble, actions) }</div> }
}

/// What happened, what to do next, whom to call; and buttons.
pub(super) fn panel(scene: Scene, trouble: &Trouble, actions: Html) -> Html {
    let state = scene.state;
    let purpose = state.card.purpose.or_else(|| state.view().and_then(|view| view.purpose));
    let advice = texts::lost_advice(state, trouble)
        .or_else(|| texts::receipt_advice(state, trouble))
        .or_else(|| texts::account::advice(state, trouble))
        .or_else(|| texts::managed_advice(state, trouble))
        .unwrap_or_else(|| texts::advice_for(trouble, purpose));
    Panel {
        trouble,
        advice,
        addition: texts::addition(trouble),
        more: html! { <>{ accepted(scene, trouble) }{ install(trouble, &state.install()) }</> },
        contact: html! {
            <>
                { contact(profile(scene, trouble), advice.desk) }
                if advice.desk == DeskKind::CertificationAuthority { { authorities(scene) } }
            </>
        },
        actions,
    }
    .view()
}

/// The authorities whose cards the agency accepts, where this one's are not.
fn accepted(scene: Scene, trouble: &Trouble) -> Html {
    let refused = matches!(trouble, Trouble::Api(error) if error.code == ApiErrorCode::AuthorityNotAccepted);
    let Some(profile) = profile(scene, trouble).filter(|_| refused) else { return Html::default() };
    let known = scene.state.portal.as_ref().map(|portal| portal.authorities.as_slice()).unwrap_or_default();
    let name = |code: &String| {
        let known = known.iter().find(|authority| authority.code == *code);
        known.map_or_else(|| code.clone(), |authority| authority.name.clone())
    };
    html! {
        <>
            <p>{ screen::ACCEPTED_AUTHORITIES }</p>
            <ul data-accepted="">{ for profile.cards.authorities.iter().map(|code| html! { <li>{ name(code) }</li> }) }</ul>
        </>
    }
}

/// Whose help desks are shown.
fn profile<'a>(scene: Scene<'a>, trouble: &Trouble) -> Option<&'a AgencyProfile> {
    let state = scene.state;
    // Even on the first page it is known which agency suspended somebody.
    let of_session = || state.view().and_then(|view| state.profiles.get(&view.agency));
    let profile = state.profile().or_else(|| of_session().filter(|_| trouble.is_suspension()));
    profile.map(AsRef::as_ref)
}

/// Where a trouble has its own remedy.
fn way_out(scene: Scene, trouble: &Trouble) -> Html {
    let purpose = scene.state.card.purpose;
    if purpose == Some(Purpose::RenewOld) && trouble.is_expired_card() {
        return link(scene, &Route::Menu, "button outline small", label::TO_REGISTRATION.into());
    }
    let Trouble::Api(error) = trouble else { return Html::default() };
    let place =
        scene.state.place().and_then(|(agency, category)| Some((agency.to_owned(), category?.to_owned())));
    match (error.code, place) {
        _ if scene.state.lost && trouble.needs_card_again() && scene.state.is_account() => {
            let resume = || Action::Account(AccountAction::Resume);
            button(scene, texts::account::button::RESUME, Weight::Solid, resume)
        }
        (ApiErrorCode::ApplicationRejected, _) if scene.state.is_account() => {
            let apply = || Action::Account(AccountAction::Apply);
            button(scene, texts::account::button::APPLY, Weight::Small, apply)
        }
        _ if scene.state.lost && trouble.needs_card_again() => {
            let purpose = scene.state.view().and_then(|view| view.purpose).unwrap_or(Purpose::Register);
            let name = match purpose {
                Purpose::RenewOld | Purpose::RenewNew => label::OLD_CARD_AGAIN,
                _ => label::CARD_AGAIN,
            };
            button(scene, name, Weight::Solid, move || Action::ShowCard(purpose))
        }
        (ApiErrorCode::CardNotRegistered, Some((agency, category))) => link(
            scene,
            &Route::Client { agency, category },
            "button outline small",
            label::TO_REGISTRATION.into(),
        ),
        (ApiErrorCode::CardAlreadyRegistered | ApiErrorCode::NewCardRegistered, Some((agency, category))) => {
            link(
                scene,
                &Route::BidClient { agency, category },
                "button outline small",
                label::TO_BIDDING.into(),
            )
        }
        _ => Html::default(),
    }
}

/// Whom to call.
pub(super) fn contact(profile: Option<&AgencyProfile>, kind: DeskKind) -> Html {
    let desk = profile.and_then(|profile| profile.desk(kind));
    let name = desk.map_or_else(|| texts::desk_name(kind).into(), |desk| texts::own(&desk.name));
    html! {
        <div class="contact">
            <p><span class="contact-title">{ screen::CONTACT }{ screen::COLON }</span>{ name }</p>
            if let Some(desk) = desk { { addresses(&desk.phone, &desk.email, &desk.url) } }
        </div>
    }
}

/// What is known about the authorities that may have issued the card.
fn authorities(scene: Scene) -> Html {
    let card = scene.state.view().and_then(|view| view.card.as_ref());
    let issuer = card.and_then(|card| card.values.0.get(&FieldId::CertificateIssuer)).map(String::as_str);
    let found = scene.state.portal.as_ref().map(|portal| authorities_of(portal, issuer)).unwrap_or_default();
    if found.is_empty() {
        return Html::default();
    }
    let entry = |authority: &AuthorityView| {
        html! {
            <>
                <dt>{ authority.name.clone() }</dt>
                <dd>
                    { for authority.tries.map(|tries| html! { <p>{ screen::tries(tries) }</p> }) }
                    { for authority.unlock.iter().map(|text| html! { <p>{ text.clone() }</p> }) }
                    { addresses(&authority.phone, &authority.email, &authority.url) }
                </dd>
            </>
        }
    };
    html! {
        <details class="contact" data-authorities={found.len().to_string()}>
            <summary>{ screen::AUTHORITIES }</summary>
            <dl>{ for found.into_iter().map(entry) }</dl>
        </details>
    }
}

fn addresses(phone: &str, email: &str, url: &str) -> Html {
    let line = |name: &'static str, text: &str, href: String| {
        if text.is_empty() {
            return Html::default();
        }
        html! { <li>{ name }{ " " }<a {href}>{ text.to_owned() }</a></li> }
    };
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    html! {
        if !(phone.is_empty() && email.is_empty() && url.is_empty()) {
            <ul>
                { line(&screen::PHONE, phone, format!("tel:{digits}")) }
                { line(&screen::EMAIL, email, format!("mailto:{email}")) }
                // Only web URLs become links, whatever a profile says.
                if url.starts_with("https://") || url.starts_with("http://") {
                    { line(&screen::WEB, url, url.to_owned()) }
                }
            </ul>
        }
    }
}
