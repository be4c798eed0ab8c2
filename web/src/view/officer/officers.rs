//! 担当者の管理.

use touroku_html::html;
use touroku_proto::officer::{LinkSent, OfficerAccount, OfficerState, Role};
use yew::prelude::*;

use super::{
    field::{line, select, summary},
    parts::{Scene, Weight, chip, head, heading, moment_or_none, opener, progress, scroll, submit},
    trouble::messages,
};
use crate::{
    bidder::clock,
    officer::{action::Action, ask::Ask, dialog::Dialog, input::ADD_OFFICER, route::Route},
    texts::officer::{manage as texts, screen},
};

/// All accounts, and a form for a new one.
pub(super) fn view(scene: Scene) -> Html {
    html! {
        <>
            { heading(&screen::heading(&Route::Officers)) }
            { summary(scene) }
            { messages(scene) }
            if let Some((login_id, link)) = &scene.state.officers.link { { link_box(login_id, link) } }
            { list(scene) }
            { add(scene) }
        </>
    }
}

fn link_box(login_id: &str, link: &LinkSent) -> Html {
    html! {
        <section class="banner success" id="setup-link" tabindex="-1" role="status"
            aria-labelledby="setup-link-title" data-link-of={login_id.to_owned()}>
            <h2 id="setup-link-title" class="banner-what">{ texts::link(login_id) }</h2>
            <p>{ texts::link_lead(&link.email, &clock::shown(link.expires_unix_ms)) }</p>
        </section>
    }
}

fn list(scene: Scene) -> Html {
    let Some(list) = &scene.state.officers.list else {
        return if scene.state.banner.is_none() { progress(screen::READING) } else { Html::default() };
    };
    html! {
        <section aria-labelledby="officers">
            <h2 id="officers">{ texts::LIST }</h2>
            { scroll(&texts::LIST, html! {
                <table class="grid">
                    <caption class="hidden">{ texts::LIST }</caption>
                    { head(&texts::COLUMNS) }
                    <tbody>{ for list.iter().map(|account| row(scene, account)) }</tbody>
                </table>
            }) }
        </section>
    }
}

fn row(scene: Scene, account: &OfficerAccount) -> Html {
    let login_id = account.login_id.clone();
    let own = scene.state.officer().is_some_and(|officer| officer.login_id == login_id);
    let (kind, state) = match account.state {
        OfficerState::Invited => ("busy", "invited"),
        OfficerState::Active => ("good", "active"),
        OfficerState::Stopped => ("bad", "stopped"),
    };
    let small =
        |dialog: Dialog, label: AttrValue| opener(scene, dialog, label, Weight::Small, &account.login_id);
    let roles = Role::ALL.iter().copied().filter(|&role| role != account.role);
    html! {
        <tr data-account={login_id.clone()} data-state={state} data-role={account.role.as_str()}
            key={account.login_id.clone()}>
            <th scope="row">{ &account.login_id }if own { { texts::YOU } }</th>
            <td>{ &account.name }<div class="mark">{ texts::address(&account.email) }</div></td>
            <td>{ account.role.name() }</td>
            <td>
                { chip(kind, texts::state(account.state)) }
                <div class="mark">{ texts::more(account.sessions, account.has_card) }</div>
            </td>
            <td>{ moment_or_none(account.last_login_unix_ms) }</td>
            <td>
                // Nobody can stop or demote themselves: the agency would be left without an administrator.
                if !own {
                    if account.state == OfficerState::Stopped {
                        { small(Dialog::StartOfficer(login_id.clone()), texts::START.into()) }
                    } else {
                        { small(Dialog::StopOfficer(login_id.clone()), texts::STOP.into()) }
                        { small(Dialog::NewLink(login_id.clone()), texts::NEW_LINK.into()) }
                    }
                    { for roles.map(|role| small(Dialog::ChangeRole(login_id.clone(), role), texts::to_role(role).into())) }
                }
            </td>
        </tr>
    }
}

fn add(scene: Scene) -> Html {
    let chosen = scene.state.officers.role.unwrap_or(Role::View);
    let options: Vec<_> = Role::ALL
        .iter()
        .map(|&role| (role.as_str().to_owned(), texts::role_option(role), role == chosen))
        .collect();
    let on_role =
        scene.dispatch.reform(|code: String| Action::PickRole(Role::from_text(&code).unwrap_or(Role::View)));
    html! {
        <section aria-labelledby="add">
            <h2 id="add" class="spaced">{ texts::ADD_HEADING }</h2>
            <form novalidate=true onsubmit={scene.on_submit(|| Action::Submit)}>
                <div class="fields">
                    { for ADD_OFFICER.iter().map(|&input| line(scene, input, true)) }
                    { select("officer_role", &texts::ROLE, false, &options, on_role) }
                </div>
                if scene.state.waits(|ask| matches!(ask, Ask::AddOfficer(_))) { { progress(screen::SENDING) } }
                <div class="actions">{ submit(texts::ADD) }</div>
            </form>
        </section>
    }
}
