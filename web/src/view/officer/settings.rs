//! 機関設定: the text, its mistakes, putting it into effect.

use touroku_html::html;
use touroku_proto::officer::{
    Role,
    profile::{
        Confirmation, KeyChange, ProfileCheck, ProfileInForce, ProfileMistake, ProfileProposal,
        ProfileVersion,
    },
};
use yew::prelude::*;

use super::{
    field::{area, summary},
    part,
    parts::{
        Scene, Weight, button, chip, head, heading, link, moment, more, opener, progress, scroll, submit,
        value,
    },
    trouble::messages,
};
use crate::{
    officer::{action::Action, ask::Ask, dialog::Dialog, input::Input, part::Part, route::Route},
    texts::{
        Text,
        officer::{part as part_texts, screen, settings as texts},
    },
};

pub(super) fn view(scene: Scene) -> Html {
    let settings = &scene.state.settings;
    let content = match &settings.in_force {
        None if scene.state.banner.is_none() => progress(screen::READING),
        None => Html::default(),
        Some(in_force) => html! {
            <>
                if !in_force.writable {
                    <div class="banner warning" data-not-writable=""><p>{ texts::NOT_WRITABLE }</p></div>
                }
                if let Some(proposal) = &in_force.proposal { { waiting(scene, proposal) } }
                if scene.state.profile_was_stale() { { stale(scene) } }
                { parts(scene, in_force) }
                <h2 id="toml" class="spaced">{ texts::TOML }</h2>
                <p>{ texts::TOML_LEAD }</p>
                <form novalidate=true onsubmit={scene.on_submit(|| Action::Submit)} data-hash={in_force.hash.clone()}>
                    { area(scene, Input::Profile, true, 24) }
                    if scene.state.waits(|ask| matches!(ask, Ask::CheckProfile(_))) { { progress(texts::CHECKING) } }
                    if scene.state.waits(|ask| matches!(ask, Ask::TakeProfile(_))) { { progress(screen::SENDING) } }
                    <div class="actions">{ submit(texts::CHECK) }</div>
                </form>
                if let Some(check) = settings.check.as_ref().filter(|_| settings.check_of.is_none()) {
                    { checked(scene, check) }
                }
                { versions(scene, in_force) }
                <p class="below">{ link(&Route::Preview, "", texts::PREVIEW.into()) }</p>
                <p>{ link(&Route::Clients, "", screen::heading(&Route::Clients).into()) }</p>
            </>
        },
    };
    html! {
        <>
            { heading(&screen::heading(&Route::Settings)) }
            { summary(scene) }
            { messages(scene) }
            <p class="lead">{ texts::LEAD }</p>
            { content }
        </>
    }
}

/// What has a form.
fn parts(scene: Scene, in_force: &ProfileInForce) -> Html {
    if in_force.forms.is_empty() {
        return html! { <div class="banner warning" data-no-forms=""><p>{ texts::NO_FORMS }</p></div> };
    }
    let entry = |part: Part| {
        let (name, id) = (part_texts::title(part), format!("part-{}", part.as_str()));
        let below = if part == Part::Mails { Part::mails().collect() } else { vec![part] };
        let is_changed = below.iter().any(|part| scene.state.part_is_changed(*part));
        html! {
            <li data-part={part.as_str()}>
                <h3 {id}>{ name }</h3>
                <p>{ part_texts::lead(part) }</p>
                if is_changed { <p>{ chip("changed", texts::UNSAVED) }</p> }
                <p>
                    <a href={Route::Part(part).to_fragment()} class={Weight::Small.class()}
                        aria-label={texts::edit_of(&name)}>{ texts::EDIT }</a>
                </p>
            </li>
        }
    };
    html! {
        <section aria-labelledby="parts">
            <h2 id="parts">{ texts::PARTS }</h2>
            <ul class="parts">{ for Part::LISTED.into_iter().map(entry) }</ul>
        </section>
    }
}

/// Key by key: before and after.
fn changes(caption: &str, columns: &[Text], changes: &[KeyChange]) -> Html {
    let change = |change: &KeyChange| {
        html! {
            <tr data-key={change.key.clone()} key={change.key.clone()}>
                <th scope="row" class="wraps">
                    if let Some(name) = part::name_of(&change.key) { <div>{ name }</div> }
                    { &change.key }
                    if change.sensitive { <div class="mark">{ texts::SENSITIVE }</div> }
                </th>
                <td class="wraps">{ value(change.before.as_deref().unwrap_or_default()) }</td>
                <td class="wraps">{ value(change.after.as_deref().unwrap_or_default()) }</td>
            </tr>
        }
    };
    let table = html! {
        <table class="grid">
            <caption class="hidden">{ caption.to_owned() }</caption>
            { head(columns) }
            <tbody>{ for changes.iter().map(change) }</tbody>
        </table>
    };
    scroll(caption, table)
}

/// The texts it has had. Each can be put into the field again, where it is checked and compared like any other.
fn versions(scene: Scene, in_force: &ProfileInForce) -> Html {
    let (versions, there_are_more) = (&in_force.versions, in_force.earlier.is_some());
    if versions.is_empty() {
        return Html::default();
    }
    let version = |(index, version): (usize, &ProfileVersion)| {
        let (id, name) = (version.id, format!("version-{}", version.id));
        let by = if version.officer.is_empty() {
            texts::VERSION_FILE.to_string()
        } else {
            version.officer.clone()
        };
        let caption = texts::version_changes(version.changes.len());
        html! {
            <li data-version={id.to_string()} key={id}>
                <p id={name.clone()}>
                    { moment(version.at_unix_ms) }{ "　" }{ by }
                    if index == 0 { { "　" }{ texts::VERSION_LATEST } }
                </p>
                if !version.changes.is_empty() {
                    <details>
                        <summary>{ &caption }</summary>
                        { changes(&caption, &texts::VERSION_COLUMNS, &version.changes) }
                    </details>
                }
                if scene.state.may(Role::Manage) {
                    <button type="button" class={Weight::Small.class()} id={format!("bring-{id}")}
                        data-do={format!("bring-back-{id}")} aria-labelledby={format!("bring-{id} {name}")}
                        onclick={scene.on(move || Action::BringBack(id))}>{ texts::BRING_BACK }</button>
                }
            </li>
        }
    };
    html! {
        <section aria-labelledby="versions">
            <h2 id="versions" class="spaced">{ texts::VERSIONS }</h2>
            <p>{ texts::VERSIONS_LEAD }</p>
            if scene.state.waits(|ask| matches!(ask, Ask::ProfileVersion(_))) { { progress(screen::READING) } }
            <ul class="timeline">{ for versions.iter().enumerate().map(version) }</ul>
            { more(scene, there_are_more) }
        </section>
    }
}

/// A proposal that changes who is trusted, awaiting another administrator.
pub(super) fn waiting(scene: Scene, proposal: &ProfileProposal) -> Html {
    html! {
        <section class="banner warning" aria-labelledby="proposal-title" data-proposal={proposal.hash.clone()}>
            <h2 id="proposal-title" class="banner-what">{ texts::PROPOSAL }</h2>
            <p>{ texts::proposed_by(&proposal.officer) }{ "（" }{ moment(proposal.at_unix_ms) }{ "）" }</p>
            { changes(&texts::PROPOSAL, &texts::CHANGES, &proposal.changes) }
            <p>{ texts::confirmation(proposal.confirm) }</p>
            if scene.state.may(Role::Manage) {
                <div class="actions">
                    if proposal.confirm == Confirmation::Now {
                        { opener(scene, Dialog::ConfirmProfile, texts::CONFIRM, Weight::Solid, "") }
                    }
                    { opener(scene, Dialog::WithdrawProfile, texts::WITHDRAW, Weight::Outline, "") }
                </div>
            }
        </section>
    }
}

/// Somebody else was faster: the officer's own text stays on the screen.
pub(super) fn stale(scene: Scene) -> Html {
    let text = scene.state.text(Input::Profile).to_owned();
    let is_form = matches!(scene.state.route, Some(Route::Part(_)));
    html! {
        <div class="banner warning" data-stale="">
            <p>{ if is_form { texts::STALE_FORM } else { texts::STALE } }</p>
            <div class="banner-actions">
                if !is_form {
                    { button(scene, "copy-profile", texts::COPY, Weight::Small, move || Action::Copy(text.clone())) }
                }
                { button(scene, "reload-profile", texts::RELOAD, Weight::Small, || Action::ReloadProfile) }
            </div>
        </div>
    }
}

pub(super) fn checked(scene: Scene, check: &ProfileCheck) -> Html {
    let settings = &scene.state.settings;
    let changed = settings.check_of.is_none() && settings.checked != scene.state.text(Input::Profile);
    let same = settings.in_force.as_ref().is_some_and(|in_force| in_force.text == settings.checked);
    let mistake = |mistake: &ProfileMistake| {
        let (line, column) = (mistake.line, mistake.column);
        html! {
            <li data-line={line.to_string()} data-column={column.to_string()}>
                <button type="button" onclick={scene.on(move || Action::FindMistake { line, column })}>
                    { texts::place(line, column) }
                </button>
                { "：" }{ &mistake.message }
            </li>
        }
    };
    html! {
        <section id="check" tabindex="-1" role="status" data-mistakes={check.mistakes.len().to_string()}
            class={if check.mistakes.is_empty() { "banner success" } else { "banner error" }}>
            if check.mistakes.is_empty() {
                <p class="banner-what">{ texts::SOUND }</p>
            } else {
                <p class="banner-what">{ texts::mistakes(check.mistakes.len()) }</p>
                <ol class="mistakes">{ for check.mistakes.iter().map(mistake) }</ol>
            }
            if !changed && !check.changes.is_empty() {
                { changes(&texts::CHECK_CHANGES, &texts::CHANGES, &check.changes) }
            }
            if changed {
                <p data-changed-since="">{ texts::CHANGED_SINCE }</p>
            } else if same {
                <p>{ texts::SAME }</p>
            }
            if scene.state.may_take_profile() {
                <div class="actions">{ opener(scene, Dialog::TakeProfile, texts::TAKE, Weight::Solid, "") }</div>
            }
        </section>
    }
}
