//! One company: roster, contacts, cards, IDs, mails, what happened.

use touroku_html::html;
use touroku_proto::{
    api::ReceiptFile,
    endpoint::{NoQuery, officer as calls},
    identity::{CompanyMatch, Verdict},
    officer::{
        Role,
        company::{
            CardState, CompanyCard, CompanyDetail, LabelledValue, MailState, PermitState, Suspension,
            TimelineItem,
        },
        review::{ReviewKind, ReviewState},
    },
};
use yew::prelude::*;

use super::{
    parts::{
        Scene, Weight, button, chip, exporter, exporting, head, heading, link, moment, moment_or_none, more,
        opener, progress, row, scroll, value,
    },
    queue::state_chip,
    trouble::messages,
};
use crate::{
    call::file_at,
    officer::{
        action::Action,
        ask::Target,
        dialog::Dialog,
        route::{CompanySearch, Route},
    },
    texts::{
        Text, identity as identity_texts,
        officer::{company as texts, screen},
    },
    view::identity::comparison,
};

/// The company of that number.
pub(super) fn view(scene: Scene, number: &str) -> Html {
    let content = match &scene.state.company {
        Some(company) if company.number == number => drawn(scene, company),
        _ if scene.state.banner.is_none() => progress(screen::READING),
        _ => Html::default(),
    };
    html! {
        <>
            { heading(&screen::heading(&Route::Company { number: number.to_owned() })) }
            { messages(scene) }
            { content }
            <p class="below">{ link(&Route::Companies(CompanySearch::default()), "", texts::TO_SEARCH.into()) }</p>
        </>
    }
}

fn drawn(scene: Scene, company: &CompanyDetail) -> Html {
    let target = Target::Company(company.number.clone());
    html! {
        <>
            <dl class="rows" data-company={company.number.clone()}
                data-suspended={company.suspension.as_ref().filter(|it| it.in_force).map(|_| "true")}>
                { row(texts::NUMBER, html! { &company.number }) }
                { row(texts::NAME, value(&company.name)) }
                { row(texts::COMPANY_ID, value(&company.company_id)) }
                { row(texts::REGISTERED, moment_or_none(company.registered_unix_ms)) }
                if scene.state.issues_numbers() {
                    { row(texts::NUMBER_ISSUED, moment_or_none(company.number_issued_unix_ms)) }
                } else {
                    { row(texts::NUMBER_NOTIFIED, moment_or_none(company.number_issued_unix_ms)) }
                }
            </dl>
            { suspension(scene, &company.suspension, target, &company.name) }
            { permit(scene, company) }
            { section("roster", &texts::ROSTER, roster(scene, company)) }
            { section("contacts", &texts::CONTACTS, values(&company.contacts)) }
            { section("cards", &texts::CARDS, html! { <>{ for company.cards.iter().map(|item| card(scene, item)) }</> }) }
            { accounts(scene, company) }
            { receipts(scene, company) }
            { mails(scene, company) }
            { timeline(scene, company) }
        </>
    }
}

fn section(id: &'static str, title: &'static str, content: Html) -> Html {
    html! {
        <section aria-labelledby={id}>
            <h2 {id} class="spaced" tabindex="-1">{ title }</h2>
            { content }
        </section>
    }
}

fn values(values: &[LabelledValue]) -> Html {
    if values.is_empty() {
        return html! { <p>{ texts::NOTHING }</p> };
    }
    html! { <dl class="rows">{ for values.iter().map(|item| row(item.label.clone(), value(&item.value))) }</dl> }
}

fn roster(scene: Scene, company: &CompanyDetail) -> Html {
    html! {
        <>
            if let Some(text) = texts::validity(&company.validity) {
                <div class="banner warning" data-validity=""><p>{ text }</p></div>
            }
            { values(&company.roster) }
            if company.kept { <p data-kept="">{ texts::KEPT }</p> }
            if scene.state.may(Role::Review) {
                <p class="below">
                    { link(&Route::Row { number: company.number.clone() }, "", texts::TO_ROW.into()) }
                </p>
            }
        </>
    }
}

/// 利用申請書, where a category asks for it.
fn permit(scene: Scene, company: &CompanyDetail) -> Html {
    if !scene.state.asks_permits() {
        return Html::default();
    }
    let state = company.permit.as_ref().map(|permit| permit.state);
    let set =
        |name, label, state| button(scene, name, label, Weight::Small, move || Action::SetPermit(state));
    let content = html! {
        <>
            <p data-permit={state.map_or("none", PermitState::as_str)}>{ texts::permit(company.permit.as_ref()) }</p>
            if scene.state.may(Role::Review) {
                <div class="actions">
                    if state.is_none() {
                        { set("receive", texts::PERMIT_RECEIVE, Some(PermitState::Received)) }
                    }
                    if state != Some(PermitState::Permitted) {
                        { set("permit", texts::PERMIT_GRANT, Some(PermitState::Permitted)) }
                    }
                    if state.is_some() { { set("withdraw-permit", texts::PERMIT_WITHDRAW, None) } }
                </div>
            }
        </>
    };
    section("permit", &texts::PERMIT, content)
}

/// A suspension with its reason and days, and the buttons that suspend, correct or lift.
fn suspension(scene: Scene, suspension: &Option<Suspension>, target: Target, about: &str) -> Html {
    let may = scene.state.may(Role::Review);
    let correct = suspension.as_ref().and_then(|suspension| match &target {
        Target::Company(number) => Some(Dialog::CorrectSuspension(number.clone(), suspension.at_unix_ms)),
        _ => None,
    });
    let (dialog, label) = match suspension {
        Some(_) => (Dialog::Lift(target), texts::LIFT),
        None => (Dialog::Suspend(target), texts::SUSPEND),
    };
    html! {
        <>
            if let Some(suspension) = suspension {
                <div class="banner warning" data-suspension="">
                    <p class="banner-what">{ texts::suspension(suspension) }</p>
                    if let Some(period) = texts::period(&suspension.period) { <p>{ period }</p> }
                    <p>{ texts::reason(&suspension.reason) }</p>
                </div>
            }
            if may {
                <div class="actions">
                    { for correct.map(|dialog| opener(scene, dialog, texts::CORRECT, Weight::Small, about)) }
                    { opener(scene, dialog, label, Weight::Small, about) }
                </div>
            }
        </>
    }
}

fn card(scene: Scene, card: &CompanyCard) -> Html {
    let id = format!("card-{}", card.id);
    let kind = match card.state {
        CardState::Active => "good",
        CardState::Pending => "busy",
        CardState::Revoked | CardState::Rejected => "bad",
        CardState::Replaced | CardState::Expired => "",
    };
    let in_use = card.state == CardState::Active || card.suspension.is_some();
    // What no officer has approved is reviewed, not suspended; only its company stops it meanwhile.
    let applied = matches!(card.state, CardState::Pending | CardState::Rejected);
    let since = if applied { texts::CARD_APPLIED } else { texts::CARD_REGISTERED };
    html! {
        <section class="box" aria-labelledby={id.clone()} data-card={card.id.to_string()}
            data-suspended={card.suspension.as_ref().map(|_| "true")}>
            <h3 {id}>{ texts::card(&card.holder) }{ " " }{ chip(kind, texts::card_state(card.state)) }</h3>
            if card.former_representative {
                <p data-former=""><span aria-hidden="true">{ "◆ " }</span>{ texts::FORMER }</p>
            }
            { identity(&card.company_match) }
            <dl class="rows">
                { row(texts::CARD_ADDRESS, address(card)) }
                { row(texts::HOLDER, value(&card.holder)) }
                { row(texts::SERIAL, value(&card.serial)) }
                { row(texts::ISSUER, value(&card.issuer)) }
                { row(texts::EXPIRES, moment(card.expires_unix_ms)) }
                { row(texts::PERSON, value(&card.person_in_charge)) }
                { row(since, moment(card.registered_unix_ms)) }
            </dl>
            if !card.contacts.is_empty() {
                <details><summary>{ texts::CARD_CONTACTS }</summary>{ values(&card.contacts) }</details>
            }
            if let Some(id) = CompanyCard::application(card.id) {
                <p class="below">
                    { link(&Route::Application { kind: ReviewKind::Card, id }, "", texts::TO_REVIEW.into()) }
                </p>
            }
            if in_use {
                { suspension(scene, &card.suspension, Target::Card(card.id), &texts::card(&card.holder)) }
            }
        </section>
    }
}

/// ICカード企業住所, and the roster's where it differs.
fn address(card: &CompanyCard) -> Html {
    let found = &card.company_match;
    html! {
        <>
            { value(&found.certificate_address) }
            if found.other_address {
                <div class="mark" data-other-address="">
                    <span aria-hidden="true">{ "◆ " }</span>{ texts::other_address(&found.roster_address) }
                </div>
            }
        </>
    }
}

/// ICカード企業名称 beside the roster's.
fn identity(found: &CompanyMatch) -> Html {
    html! {
        <div data-same-company={(found.verdict() == Verdict::Same).to_string()}>
            <p>
                if found.verdict() != Verdict::Same { <span aria-hidden="true">{ "◆ " }</span> }
                { identity_texts::finding(found.finding) }
            </p>
            { comparison(found) }
        </div>
    }
}

fn accounts(scene: Scene, company: &CompanyDetail) -> Html {
    if company.accounts.is_empty() {
        return Html::default();
    }
    let line = |account: &touroku_proto::officer::company::CompanyAccount| {
        let route = Route::Application { kind: ReviewKind::Account, id: account.id };
        html! {
            <tr>
                <th scope="row">{ link(&route, "", html! { &account.receipt }) }</th>
                <td>{ &account.category }</td>
                <td>{ value(&account.login_id) }</td>
                <td>{ state_chip(account.state) }</td>
                <td>{ moment(account.applied_unix_ms) }</td>
                <td>
                    if account.state == ReviewState::Approved || account.suspension.is_some() {
                        { suspension(scene, &account.suspension, Target::Account(account.id), &account.login_id) }
                    }
                </td>
            </tr>
        }
    };
    let table = html! {
        <table class="grid">
            <caption class="hidden">{ texts::ACCOUNTS }</caption>
            { head(&texts::ACCOUNT_COLUMNS) }
            <tbody>{ for company.accounts.iter().map(line) }</tbody>
        </table>
    };
    section("accounts", &texts::ACCOUNTS, scroll(&texts::ACCOUNTS, table))
}

fn receipts(scene: Scene, company: &CompanyDetail) -> Html {
    if company.receipts.is_empty() {
        return Html::default();
    }
    let line = |receipt: &touroku_proto::officer::company::CompanyReceipt| {
        let file = |which: ReceiptFile, label: Text| {
            let path = (company.number.clone(), receipt.number.clone(), which);
            exporter(scene, which.as_str(), label, file_at::<calls::ReceiptOfCompany>(path, NoQuery {}))
        };
        html! {
            <tr data-receipt={receipt.number.clone()}>
                <th scope="row">{ &receipt.number }</th>
                <td>{ texts::function(receipt.function) }</td>
                <td>{ moment(receipt.at_unix_ms) }</td>
                <td>
                    { file(ReceiptFile::Document, texts::RECEIPT_DOCUMENT) }
                    { "　" }
                    { file(ReceiptFile::Signature, texts::RECEIPT_SIGNATURE) }
                </td>
            </tr>
        }
    };
    let table = html! {
        <table class="grid">
            <caption class="hidden">{ texts::RECEIPTS }</caption>
            { head(&texts::RECEIPT_COLUMNS) }
            <tbody>{ for company.receipts.iter().map(line) }</tbody>
        </table>
    };
    let content = html! {
        <>
            { scroll(&texts::RECEIPTS, table) }
            if company.more_receipts { <p data-more-receipts="">{ texts::MORE_RECEIPTS }</p> }
            { exporting(scene) }
        </>
    };
    section("receipts", &texts::RECEIPTS, content)
}

fn mails(scene: Scene, company: &CompanyDetail) -> Html {
    let may = scene.state.may(Role::Review);
    let line = |mail: &touroku_proto::officer::company::CompanyMail| {
        let kind = match mail.state {
            MailState::Queued => "busy",
            MailState::Sent => "good",
            MailState::Refused => "bad",
            MailState::GivenUp | MailState::Unconfirmed => "",
            MailState::OverLimit | MailState::NeverSent => "bad",
        };
        let is_open = !matches!(mail.state, MailState::Sent | MailState::GivenUp | MailState::NeverSent);
        html! {
            <tr data-mail={mail.id.to_string()}>
                <td>{ moment(mail.at_unix_ms) }</td>
                <td>{ &mail.recipient }</td>
                <td>{ &mail.subject }</td>
                <td>
                    { chip(kind, texts::mail_state(mail.state)) }
                    if is_open && !mail.reason.is_empty() { <p>{ texts::mail_reason(&mail.reason) }</p> }
                    if is_open && may {
                        <div class="actions">
                            if mail.sendable {
                                { opener(scene, Dialog::SendMail(mail.id), texts::SEND_MAIL, Weight::Small, &mail.subject) }
                            }
                            { opener(scene, Dialog::GiveMailUp(mail.id), texts::GIVE_MAIL_UP, Weight::Small, &mail.subject) }
                        </div>
                    }
                </td>
            </tr>
        }
    };
    let content = if company.mails.is_empty() {
        html! { <p>{ texts::NOTHING }</p> }
    } else {
        let table = html! {
            <table class="grid">
                <caption class="hidden">{ texts::MAILS }</caption>
                { head(&texts::MAIL_COLUMNS) }
                <tbody>{ for company.mails.iter().map(line) }</tbody>
            </table>
        };
        scroll(&texts::MAILS, table)
    };
    section("mails", &texts::MAILS, content)
}

fn timeline(scene: Scene, company: &CompanyDetail) -> Html {
    let entry = |item: &TimelineItem| {
        html! {
            <li>
                { moment(item.at_unix_ms) }
                { &item.text }
                if !item.officer.is_empty() { { format!("（{}）", item.officer) } }
            </li>
        }
    };
    let content = html! {
        <>
            <ol class="timeline" data-timeline="">{ for company.timeline.items.iter().map(entry) }</ol>
            { more(scene, company.timeline.next.is_some()) }
        </>
    };
    section("timeline", &texts::TIMELINE, content)
}
