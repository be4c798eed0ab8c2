//! Login, forgotten password, new password.

use touroku_html::html;
use touroku_proto::{agency::DeskKind, field::Rule};
use yew::prelude::*;

use super::super::{
    field::{Field, summary},
    parts::{Scene, Weight, back, button, link, progress, submit},
    shared::field::Mistake,
    trouble::{contact, messages},
};
use super::title;
use crate::{
    bidder::{
        account::{AccountAction, AccountField},
        action::Action,
        route::Route,
    },
    texts::{
        Text,
        account::{self as texts, button as label},
        field::problem,
        screen::button as common,
    },
};

/// How wide an ID field is drawn; which values it accepts is up to the server.
const ID_RULE: Rule = Rule::Alphanumeric { min: 1, max: 20 };

/// Login for 電子入札 and for 変更.
pub(super) fn login(scene: Scene, route: &Route) -> Html {
    let agency = scene.state.view().map(|view| view.agency.clone()).unwrap_or_default();
    let lead = if *route == Route::Login { texts::LOGIN_LEAD } else { texts::CHANGE_LOGIN_LEAD };
    html! {
        <>
            { form(scene, route, lead, label::LOG_IN, texts::LOGGING_IN) }
            <p class="below">{ link(scene, &Route::Forgotten { agency }, "", label::FORGOTTEN.into()) }</p>
        </>
    }
}

/// パスワードを忘れた方: the answer is the same for everybody.
pub(super) fn forgotten(scene: Scene, route: &Route) -> Html {
    if !scene.state.account.finished {
        return form(scene, route, texts::FORGOTTEN_LEAD, label::SEND, texts::SENDING);
    }
    html! {
        <>
            { title(scene) }
            <div class="banner info" role="status" data-sent=""><p>{ texts::FORGOTTEN_DONE }</p></div>
            <p>{ texts::FORGOTTEN_NEXT }</p>
            { contact(scene.state.profile().map(AsRef::as_ref), DeskKind::Agency) }
            <div class="actions">{ back(scene) }</div>
        </>
    }
}

/// A new password, through the mailed link.
pub(super) fn reset(scene: Scene, route: &Route) -> Html {
    let top = || link(scene, &Route::Agencies, "button outline", common::TOP.into());
    if scene.state.account.finished {
        return html! {
            <>
                { title(scene) }
                <div class="banner success" role="status" data-reset-done="">
                    <p class="banner-what">{ texts::RESET_DONE }</p>
                </div>
                <div class="actions">{ top() }</div>
            </>
        };
    }
    if scene.state.account.has_token() {
        return form(scene, route, texts::RESET_LEAD, label::SET, texts::SENDING);
    }
    no_link(scene, texts::RESET_NO_LINK_NEXT)
}

/// The outcome of an application, through the mailed link: being fetched, or why not.
pub(super) fn result(scene: Scene) -> Html {
    if !scene.state.account.has_token() {
        return no_link(scene, texts::RESULT_NO_LINK_NEXT);
    }
    html! {
        <>
            { title(scene) }
            { messages(scene) }
            if scene.state.account.busy { { progress(texts::OPENING) } }
            <div class="actions">{ link(scene, &Route::Agencies, "button outline", common::TOP.into()) }</div>
        </>
    }
}

/// Confirming a mail address, through the mailed link.
pub(super) fn mail(scene: Scene, route: &Route) -> Html {
    if scene.state.account.finished {
        return html! {
            <>
                { title(scene) }
                <div class="banner success" role="status" data-confirmed="">
                    <p class="banner-what">{ texts::MAIL_DONE }</p>
                </div>
                <div class="actions">{ link(scene, &Route::Agencies, "button outline", common::TOP.into()) }</div>
            </>
        };
    }
    if !scene.state.account.has_token() {
        return no_link(scene, texts::MAIL_NO_LINK_NEXT);
    }
    form(scene, route, texts::MAIL_LEAD, label::CONFIRM_ADDRESS, texts::SENDING)
}

/// A mailed link's screen that was opened without the link.
fn no_link(scene: Scene, next: Text) -> Html {
    html! {
        <>
            { title(scene) }
            { messages(scene) }
            <div class="banner error" data-error="link_missing">
                <p class="banner-what">{ texts::RESET_NO_LINK }</p>
                <p>{ next }</p>
            </div>
            <div class="actions">{ link(scene, &Route::Agencies, "button outline", common::TOP.into()) }</div>
        </>
    }
}

/// Fields and button to prove ownership of an application.
pub(super) fn proof(scene: Scene) -> Html {
    html! {
        <form novalidate=true onsubmit={scene.on_submit(|| Action::Account(AccountAction::Send))}>
            <div class="fields">
                { for AccountField::of(&Route::Application).iter().map(|&field| input(scene, field)) }
            </div>
            if scene.state.account.busy { { progress(texts::LOGGING_IN) } }
            <div class="actions">{ submit(label::PROVE) }</div>
        </form>
    }
}

/// The list of mistakes on a screen with these fields.
pub(super) fn mistakes(scene: Scene, route: &Route) -> Html {
    let account = &scene.state.account;
    let mistake = |&field: &AccountField| {
        let name = texts::label(field);
        let text = problem(&name, account.problems.get(&field)?);
        Some(Mistake { id: field.as_str(), name: name.to_owned().to_string(), text: text.into() })
    };
    let mistakes = AccountField::of(route).iter().filter_map(mistake);
    summary(scene, if account.summary { mistakes.collect() } else { Vec::new() })
}

fn form(scene: Scene, route: &Route, lead: Text, button_label: Text, busy: Text) -> Html {
    let account = &scene.state.account;
    let fields = AccountField::of(route);
    html! {
        <>
            { title(scene) }
            { mistakes(scene, route) }
            { messages(scene) }
            <p class="lead">{ lead }</p>
            <form novalidate=true onsubmit={scene.on_submit(|| Action::Account(AccountAction::Send))}>
                <div class="fields">{ for fields.iter().map(|&field| input(scene, field)) }</div>
                if account.busy { { progress(busy) } }
                <div class="actions">
                    { submit(button_label) }
                    if matches!(route, Route::Reset | Route::Mail) {
                        { button(scene, common::TOP, Weight::Outline, || Action::Follow(Route::Agencies)) }
                    } else {
                        { back(scene) }
                    }
                </div>
            </form>
        </>
    }
}

/// One input; 現在のパスワード stands alone on a confirmation.
pub(super) fn input(scene: Scene, field: AccountField) -> Html {
    let account = &scene.state.account;
    let autocomplete = match field {
        AccountField::LoginId => "username",
        AccountField::Password | AccountField::CurrentPassword => "current-password",
        AccountField::Email => "email",
        AccountField::NewPassword | AccountField::NewPasswordAgain => "new-password",
    };
    Field {
        id: field.as_str(),
        label: texts::label(field).into(),
        hint: texts::hint(field).into(),
        required: true,
        rule: (field == AccountField::LoginId).then_some(&ID_RULE),
        value: account.text(field),
        problem: account.problems.get(&field),
        beside: Html::default(),
        meant: None,
        accused: scene.state.banner.is_some() && field == AccountField::CurrentPassword,
        kind: if field.is_secret() { "password" } else { "text" },
        autocomplete,
        on_input: scene.dispatch.reform(move |text| Action::Account(AccountAction::Typed(field, text))),
        on_leave: scene.on(move || Action::Account(AccountAction::Left(field))),
        on_convert: Callback::noop(),
    }
    .view()
}
