//! 監査記録.

use touroku_proto::officer::audit::AuditEntry;
use yew::prelude::*;

use super::{
    parts::{Scene, exporter, exporting, head, heading, moment, more, progress, scroll, value},
    trouble::messages,
};
use crate::{
    officer::{request::audit_export_path, route::Route},
    texts::officer::{audit as words, manage as texts, screen},
};

/// The newest first.
pub(super) fn view(scene: Scene) -> Html {
    let content = match &scene.state.audit {
        Some(page) if page.entries.is_empty() => html! { <p data-empty="">{ texts::NO_ENTRY }</p> },
        Some(page) => html! {
            <>
                { chain(page.broken_at) }
                { scroll(screen::heading(&Route::Audit), html! {
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
            { heading(screen::heading(&Route::Audit)) }
            { messages(scene) }
            <p class="lead">{ texts::AUDIT_LEAD }</p>
            <div class="actions">
                { exporter(scene, "audit", texts::EXPORT_AUDIT, audit_export_path()) }
            </div>
            { exporting(scene) }
            <div class="spaced">{ content }</div>
        </>
    }
}

fn chain(broken_at: Option<i64>) -> Html {
    match broken_at {
        Some(sequence) => html! {
            <section class="banner error" role="alert" data-broken-at={sequence.to_string()}>
                <p class="banner-what">{ texts::broken(sequence) }</p>
            </section>
        },
        None => html! { <div class="banner success" data-chain="sound"><p>{ texts::SOUND }</p></div> },
    }
}

fn line(entry: &AuditEntry, broken_at: Option<i64>) -> Html {
    let actor = match (entry.actor.as_str(), entry.address.is_empty()) {
        ("command", true) => texts::BY_COMMAND,
        ("", _) => texts::NOBODY,
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
            <td class="wraps">{ value(&words::detail(&entry.action, &entry.detail)) }</td>
        </tr>
    }
}
