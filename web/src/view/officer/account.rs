//! 自分のアカウント: sessions, password, card.

use touroku_html::html;
use touroku_proto::officer::{MailWhen, Notices, OfficerView, OpenSession};
use yew::prelude::*;

use super::{
    field::{line, select, summary, tick},
    parts::{
        Scene, Weight, button, chip, head, heading, moment, moment_or_none, opener, progress, row, scroll,
        submit,
    },
    trouble::messages,
};
use crate::{
    bidder::clock,
    officer::{
        action::{Action, Tick},
        ask::Ask,
        dialog::Dialog,
        input::{CARD, PASSWORD},
        route::Route,
    },
    texts::{
        Text,
        officer::{manage as texts, screen},
    },
};

/// What belongs to the current officer.
pub(super) fn view(scene: Scene) -> Html {
    let Some(officer) = scene.state.officer() else { return Html::default() };
    html! {
        <>
            { heading(&screen::heading(&Route::Account)) }
            { summary(scene) }
            { messages(scene) }
            <dl class="rows">
                { row(texts::LOGIN_ID, html! { &officer.login_id }) }
                { row(texts::NAME, html! { &officer.name }) }
                { row(texts::AGENCY, html! { &officer.agency_name }) }
                { row(texts::ROLE, html! { texts::role_option(officer.role) }) }
            </dl>
            { sessions(scene) }
            { notices(scene, officer.notices) }
            { card(scene, officer) }
            { password(scene, officer) }
        </>
    }
}

fn sessions(scene: Scene) -> Html {
    let Some(list) = &scene.state.officers.sessions else {
        return if scene.state.banner.is_none() { progress(screen::READING) } else { Html::default() };
    };
    let line = |session: &OpenSession| {
        html! {
            <tr data-session={session.id.clone()} data-current={session.current.then_some("true")}
                key={session.id.clone()}>
                <td>{ moment(session.began_unix_ms) }</td>
                <td>{ moment(session.seen_unix_ms) }</td>
                <td>{ &session.address }</td>
                <td>{ if session.by_card { texts::BY_CARD } else { texts::BY_PASSWORD } }</td>
                <td>
                    if session.current {
                        { chip("good", texts::CURRENT) }
                    } else {
                        { opener(scene, Dialog::EndSession(session.id.clone()), texts::END, Weight::Small,
                            &clock::shown(session.began_unix_ms)) }
                    }
                </td>
            </tr>
        }
    };
    html! {
        <section id="sessions" tabindex="-1" aria-labelledby="sessions-title">
            <h2 id="sessions-title" class="spaced">{ texts::SESSIONS }</h2>
            { scroll(&texts::SESSIONS, html! {
                <table class="grid">
                    <caption class="hidden">{ texts::SESSIONS }</caption>
                    { head(&texts::SESSION_COLUMNS) }
                    <tbody>{ for list.iter().map(line) }</tbody>
                </table>
            }) }
        </section>
    }
}

fn notices(scene: Scene, notices: Notices) -> Html {
    let turned = Notices { daily: !notices.daily, ..notices };
    let choice =
        |id: &str, label: Text, whens: &[MailWhen], now: MailWhen, set: fn(&mut Notices, MailWhen)| {
            let options: Vec<_> = whens
                .iter()
                .map(|&when| (when.as_str().to_owned(), texts::mail_when(when).to_string(), when == now))
                .collect();
            let on_pick = scene.dispatch.reform(move |code: String| {
                let mut changed = notices;
                if let Some(when) = MailWhen::from_text(&code) {
                    set(&mut changed, when);
                }
                Action::SetNotices(changed)
            });
            select(id, &label, false, &options, on_pick)
        };
    // The morning's mail always has incidents.
    let incident = [MailWhen::Daily, MailWhen::AtOnce];
    html! {
        <section aria-labelledby="notices" data-daily-mail={notices.daily.to_string()}>
            <h2 id="notices" class="spaced">{ texts::NOTICES }</h2>
            <p>{ texts::daily_mail(notices.daily) }</p>
            <div class="actions">
                { button(scene, "daily-mail", texts::turn_daily_mail(notices.daily), Weight::Outline,
                    move || Action::SetNotices(turned)) }
            </div>
            <p>{ texts::NOTICES_ARE }</p>
            <div class="fields">
                { choice("application_mail", texts::MAIL_APPLICATION, MailWhen::ALL, notices.application,
                    |notices, when| notices.application = when) }
                { choice("card_mail", texts::MAIL_CARD, MailWhen::ALL, notices.card,
                    |notices, when| notices.card = when) }
                { choice("import_mail", texts::MAIL_IMPORT, MailWhen::ALL, notices.import,
                    |notices, when| notices.import = when) }
                { choice("incident_mail", texts::MAIL_INCIDENT, &incident, notices.incident,
                    |notices, when| notices.incident = when) }
            </div>
        </section>
    }
}

fn card(scene: Scene, officer: &OfficerView) -> Html {
    let onsubmit = scene.dispatch.reform(|event: SubmitEvent| {
        event.prevent_default();
        Action::UseCard
    });
    html! {
        <section aria-labelledby="card" data-has-card={officer.has_card.to_string()}>
            <h2 id="card" class="spaced">{ texts::CARD }</h2>
            <p>{ if officer.has_card { texts::HAS_CARD } else { texts::NO_CARD } }</p>
            if let Some(linked) = &officer.card {
                <dl class="rows" data-card={linked.serial.clone()}>
                    { row(texts::CARD_SERIAL, html! { &linked.serial }) }
                    { row(texts::CARD_SINCE, moment_or_none(linked.linked_unix_ms)) }
                </dl>
            }
            <p>{ texts::CARD_PROOF }</p>
            <form novalidate=true {onsubmit}>
                <div class="fields">{ for CARD.iter().map(|&input| line(scene, input, true)) }</div>
                <div class="actions">
                    { button(scene, "link-card", texts::LINK_CARD, Weight::Outline, || Action::UseCard) }
                    if officer.has_card {
                        { opener(scene, Dialog::UnlinkCard, texts::UNLINK_CARD, Weight::Outline, "") }
                    }
                </div>
            </form>
        </section>
    }
}

fn password(scene: Scene, officer: &OfficerView) -> Html {
    html! {
        <section aria-labelledby="password-title">
            <h2 id="password-title" class="spaced">{ texts::PASSWORD }</h2>
            <p>{ texts::PASSWORD_LEAD }</p>
            <form novalidate=true onsubmit={scene.on_submit(|| Action::Submit)}>
                // A password manager stores the new password with this.
                <input type="text" class="hidden" name="username" autocomplete="username" tabindex="-1"
                    aria-hidden="true" readonly=true value={officer.login_id.clone()} />
                <div class="fields">{ for PASSWORD.iter().map(|&input| line(scene, input, true)) }</div>
                if officer.card.is_some() {
                    { tick("unlink_card", texts::UNLINK_TOO, texts::UNLINK_TOO_IS,
                        scene.state.officers.unlink_card,
                        scene.dispatch.reform(|on| Action::Tick(Tick::UnlinkCard, on))) }
                }
                if scene.state.waits(|ask| matches!(ask, Ask::ChangePassword(_))) { { progress(screen::SENDING) } }
                <div class="actions">{ submit(texts::CHANGE_PASSWORD) }</div>
            </form>
        </section>
    }
}
