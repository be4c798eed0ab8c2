//! 環境確認.

use touroku_html::html;
use touroku_proto::{
    card::{Finding, Severity},
    field::FieldId,
};
use yew::prelude::*;

use super::{
    parts::{Scene, Weight, back, button, heading, link},
    shared::install,
    trouble::{contact, messages},
};
use crate::{
    bidder::{
        action::Action,
        checkup::{Cause, CheckupAction, Mark, Part, Row},
        examination::Examination,
        route::Route,
    },
    texts::{checkup as texts, screen},
};

/// Every part in order, each with its cause and remedy.
pub(super) fn view(scene: Scene, route: &Route) -> Html {
    let rows = scene.state.checkup_rows();
    let report = texts::report(scene.state, &rows);
    let copied = report.clone();
    let again = || Action::Checkup(CheckupAction::Again);
    html! {
        <>
            { heading(&screen::heading(route)) }
            { messages(scene) }
            <p class="lead">{ texts::LEAD }</p>
            if scene.state.profile().is_none() { { agencies(scene) } }
            <p class="verdict" role="status" data-ready={scene.state.connection.is_ready().to_string()}>
                { texts::verdict(&scene.state.connection, &rows) }
            </p>
            <ol class="checkup" aria-label={texts::RESULTS}>
                { for rows.iter().map(|row| line(scene, row)) }
            </ol>
            { examination(scene) }
            <div class="actions">
                { button(scene, texts::AGAIN, Weight::Solid, again) }
                { button(scene, texts::COPY, Weight::Outline, move || {
                    Action::Checkup(CheckupAction::Copy(copied.clone()))
                }) }
                { back(scene) }
            </div>
            <details class="report">
                <summary>{ texts::REPORT }</summary>
                <p>{ texts::REPORT_NOTE }</p>
                <pre data-report="" tabindex="0" role="region" aria-label={texts::REPORT}>{ report }</pre>
            </details>
        </>
    }
}

/// Whose help desks? The URL may say so, or the person.
fn agencies(scene: Scene) -> Html {
    let agencies = scene.state.portal.as_ref().map(|portal| portal.agencies.as_slice()).unwrap_or_default();
    if agencies.is_empty() {
        return Html::default();
    }
    let entry = |agency: &touroku_proto::api::AgencySummary| {
        let route = Route::CheckOf { agency: agency.code.clone() };
        html! { <li>{ link(scene, &route, "", html! { agency.name.clone() }) }</li> }
    };
    html! {
        <section class="notices">
            <p>{ texts::CHOOSE_AGENCY }</p>
            <ul>{ for agencies.iter().map(entry) }</ul>
        </section>
    }
}

fn line(scene: Scene, row: &Row) -> Html {
    let (sign, word) = texts::mark(scene.state, row);
    let class = match row.mark {
        Mark::Ok => "checkup-row ready",
        Mark::Bad => "checkup-row failed",
        Mark::Unknown | Mark::Waiting => "checkup-row",
    };
    let detail = texts::detail(scene.state, row.part);
    html! {
        <li {class} id={format!("check-{}", row.part.as_str())} tabindex="-1" key={row.part.as_str()}
            data-check={row.part.as_str()} data-result={row.mark.as_str()}>
            <p class="checkup-head">
                <span class="check-sign" aria-hidden="true">{ sign }</span>
                <span class="check-name">{ texts::name(row.part) }</span>
                <span class="check-text">{ word }</span>
                if !detail.is_empty() { <span class="check-detail">{ detail }</span> }
            </p>
            if let Some(cause) = &row.cause { { why(scene, cause) } }
            if row.part == Part::Certificate && !scene.state.connection.without_card { { certificate(scene) } }
        </li>
    }
}

/// What happened, what to do next, whom to call.
fn why(scene: Scene, cause: &Cause) -> Html {
    let advice = texts::advice(scene.state, cause);
    html! {
        <div class="checkup-why" data-error={texts::cause_code(cause)}>
            <p class="banner-what">{ advice.what }</p>
            <p>{ advice.next }</p>
            if let Cause::Trouble(trouble) = cause { { install(trouble, &scene.state.install()) } }
            { contact(scene.state.profile().map(AsRef::as_ref), advice.desk) }
            <p class="reference">
                { screen::REFERENCE }{ screen::COLON }<code>{ texts::cause_reference(cause) }</code>
            </p>
        </div>
    }
}

/// The findings of the host's doctor, each with its remedy and whom to call.
fn examination(scene: Scene) -> Html {
    let examination = &scene.state.checkup.examination;
    let words = match examination {
        Examination::Unasked => return Html::default(),
        Examination::Unavailable(code) => texts::unavailable(*code),
        Examination::Waiting => texts::EXAMINING,
        Examination::Done(findings) if findings.is_empty() => texts::EXAMINED,
        Examination::Done(_) => texts::EXAMINED_FOUND,
        Examination::Failed(_) => texts::NOT_EXAMINED,
    };
    let findings = if let Examination::Done(findings) = examination { findings.as_slice() } else { &[] };
    html! {
        <section id="examination" data-examination={examination.as_str()}>
            <h2>{ texts::EXAMINATION }</h2>
            <p role="status">{ words }</p>
            if let Examination::Failed(trouble) = examination { { why(scene, &Cause::Trouble(trouble.clone())) } }
            if !findings.is_empty() {
                <ul class="checkup" aria-label={texts::EXAMINATION_RESULTS}>{ for findings.iter().map(finding) }</ul>
            }
        </section>
    }
}

fn finding(finding: &Finding) -> Html {
    let class = match finding.severity {
        Severity::Error | Severity::Warning => "checkup-row failed",
        Severity::Note => "checkup-row",
    };
    html! {
        <li {class} data-finding={finding.code.clone()}>
            <p class="checkup-head">
                <span class="check-text">{ texts::severity(finding.severity) }</span>
                <span class="check-name">{ finding.what.clone() }</span>
            </p>
            <div class="checkup-why">
                <p>{ finding.next.clone() }</p>
                <p>{ texts::ASK }{ screen::COLON }{ finding.ask.clone() }</p>
                <p class="reference">{ screen::REFERENCE }{ screen::COLON }<code>{ finding.code.clone() }</code></p>
            </div>
        </li>
    }
}

/// Holder, issuer and expiry of a card that would be accepted; otherwise how to find out.
fn certificate(scene: Scene) -> Html {
    if let Some(card) = scene.state.accepted_card() {
        let row = |name: &'static str, field: FieldId, more: Option<String>| {
            html! {
                <div class="row" data-row={field.as_str()}>
                    <dt>{ name }</dt>
                    <dd>
                        { card.values.text(field).to_owned() }
                        if let Some(more) = more { <span class="days-left">{ more }</span> }
                    </dd>
                </div>
            }
        };
        return html! {
            <dl class="rows" data-registered={card.registered.to_string()}>
                { row(&screen::HOLDER, FieldId::CardHolderName, None) }
                { row(&texts::ISSUER, FieldId::CertificateIssuer, None) }
                { row(&screen::EXPIRY, FieldId::CertificateExpiry, Some(screen::days_left(card.days_left))) }
            </dl>
        };
    }
    if !scene.state.may_check_certificate() {
        return html! { <p>{ texts::CERTIFICATE_LATER }</p> };
    }
    html! {
        <div class="checkup-try">
            <p>{ texts::CERTIFICATE_NEEDS_PIN }</p>
            { button(scene, texts::CHECK_CERTIFICATE, Weight::Small, || {
                Action::Checkup(CheckupAction::Certificate)
            }) }
        </div>
    }
}
