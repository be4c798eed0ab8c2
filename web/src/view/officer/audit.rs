//! 監査記録.

use touroku_proto::{
    endpoint::{NoQuery, officer as calls},
    officer::audit::{AuditCheck, AuditEntry, AuditPage},
};
use yew::prelude::*;

use super::{
    parts::{
        Scene, Weight, button, exporter, exporting, head, heading, moment, more, progress, scroll, value,
    },
    trouble::messages,
};
use crate::{
    call::file_at,
    officer::{action::Action, route::Route},
    texts::officer::{audit as words, manage as texts, screen},
};

/// Newest first.
pub(super) fn view(scene: Scene) -> Html {
    let content = match &scene.state.audit {
        Some(page) if page.entries.is_empty() => html! { <p data-empty="">{ texts::NO_ENTRY }</p> },
        Some(page) => html! {
            <>
                { chain(page) }
                { check(scene, page) }
                { scroll(&screen::heading(&Route::Audit), html! {
                    <table class="grid">
                        <caption class="hidden">{ screen::heading(&Route::Audit) }</caption>
                        { head(&texts::AUDIT_COLUMNS) }
                        <tbody>{ for page.entries.iter().map(|entry| line(entry, page.broken_at)) }</tbody>
                    </table>
                }) }
                { more(scene, page.next.is_some()) }
            </>
        },
        None if scene.state.banner.is_none() => progress(screen::READING),
        None => Html::default(),
    };
    html! {
        <>
            { heading(&screen::heading(&Route::Audit)) }
            { messages(scene) }
            <p class="lead">{ texts::AUDIT_LEAD }</p>
            <div class="actions">
                { exporter(scene, "audit", texts::EXPORT_AUDIT, file_at::<calls::ExportAudit>((), NoQuery {})) }
            </div>
            { exporting(scene) }
            <div class="spaced">{ content }</div>
        </>
    }
}

fn chain(page: &AuditPage) -> Html {
    match page.broken_at {
        Some(sequence) => html! {
            <section class="banner error" role="alert" data-broken-at={sequence.to_string()}>
                <p class="banner-what">{ texts::broken(sequence) }</p>
            </section>
        },
        None => html! { <div class="banner success" data-chain="sound"><p>{ texts::SOUND }</p></div> },
    }
}

/// When all entries were last checked, and the button to check them now.
fn check(scene: Scene, page: &AuditPage) -> Html {
    let AuditCheck { proved, entries, checked_unix_ms, .. } = page.check;
    let last = match checked_unix_ms {
        Some(at) => html! { <>{ texts::CHECKED_AT }{ moment(at) }</> },
        None => html! { texts::NEVER_CHECKED },
    };
    let at_work = proved.map(|proved| texts::checking(proved, entries));
    html! {
        <div class="spaced" data-checked={checked_unix_ms.map(|at| at.to_string())}
            data-checking={proved.map(|proved| proved.to_string())}>
            <p>{ last }</p>
            if page.broken_at.is_none() && page.proved_to < entries {
                <p>{ texts::not_yet_proved(page.proved_to, entries) }</p>
            }
            if scene.state.audit_check_failed {
                <div class="banner error" role="alert" data-check-failed="">
                    <p class="banner-what">{ texts::CHECK_FAILED }</p>
                </div>
            }
            // In the page from the beginning, so that what is put into it is announced.
            <p role="status">{ at_work.clone().unwrap_or_default() }</p>
            if at_work.is_none() {
                <div class="actions">
                    { button(scene, "check-audit", texts::CHECK_AUDIT, Weight::Small, || Action::CheckAudit) }
                </div>
            }
        </div>
    }
}

fn line(entry: &AuditEntry, broken_at: Option<i64>) -> Html {
    let actor = match (entry.actor.as_str(), entry.address.is_empty()) {
        ("command", true) => texts::BY_COMMAND.get(),
        ("", _) => texts::NOBODY.get(),
        (actor, _) => actor,
    };
    let broken = broken_at == Some(entry.sequence);
    html! {
        <tr data-entry={entry.sequence.to_string()} data-action={entry.action.clone()} key={entry.sequence}>
            <th scope="row" class="number">
                if broken { <span aria-hidden="true">{ "◆ " }</span> }
                { entry.sequence }
            </th>
            <td>{ moment(entry.at_unix_ms) }</td>
            <td>{ actor.to_owned() }</td>
            <td>{ value(&entry.address) }</td>
            <td>{ words::action(&entry.action).to_owned() }</td>
            <td>{ value(&words::subject(&entry.subject)) }</td>
            <td class="wraps">{ value(&words::detail(&entry.detail)) }</td>
        </tr>
    }
}
