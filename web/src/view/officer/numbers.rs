//! 番号の通知: issuing, and the letters, one per page.

use touroku_html::html;
use touroku_proto::{
    agency::DeskKind,
    officer::number::{IssuedNumbers, NumberLetter},
};
use yew::prelude::*;

use super::{
    field::{area, summary, tick},
    parts::{Scene, Weight, button, heading, opener, progress, row},
    trouble::messages,
};
use crate::{
    bidder::clock,
    officer::{
        action::{Action, Tick},
        ask::Ask,
        dialog::Dialog,
        input::Input,
        route::Route,
    },
    texts::officer::{number as texts, screen},
};

/// The choice, or what was issued.
pub(super) fn view(scene: Scene) -> Html {
    let numbers = &scene.state.numbers;
    let issues = scene.state.issues_numbers();
    let of = |issued, plain| if issues { issued } else { plain };
    let on = |tick| scene.dispatch.reform(move |on| Action::Tick(tick, on));
    if let Some(issued) = &numbers.issued {
        return letters(scene, issued);
    }
    html! {
        <>
            { heading(&screen::heading(&Route::Numbers)) }
            { summary(scene) }
            { messages(scene) }
            <p class="lead">{ of(texts::LEAD, texts::plain::LEAD) }</p>
            { waiting(scene) }
            <form novalidate=true onsubmit={scene.on_submit(|| Action::Submit)}>
                <fieldset>
                    <legend>{ of(texts::WHOM, texts::plain::WHOM) }</legend>
                    { tick("next_numbers", of(texts::NEXT, texts::plain::NEXT), of(texts::NEXT_IS, texts::plain::NEXT_IS),
                        !numbers.chosen, on(Tick::NextNumbers)) }
                    if numbers.chosen { { area(scene, Input::Numbers, true, 6) } }
                    if issues {
                        { tick("by_mail", texts::BY_MAIL, texts::BY_MAIL_IS, numbers.by_mail, on(Tick::ByMail)) }
                    }
                </fieldset>
                if scene.state.waits(|ask| matches!(ask, Ask::Issue(_))) { { progress(of(texts::ISSUING, texts::plain::MAKING)) } }
                <div class="actions">
                    <button type="submit" class={Weight::Solid.class()} id={Dialog::Issue.opener()} data-do="issue"
                        aria-haspopup={issues.then_some("dialog")}>{ of(texts::ISSUE, texts::plain::MAKE) }</button>
                </div>
            </form>
        </>
    }
}

/// Letters that were not confirmed as sent.
fn waiting(scene: Scene) -> Html {
    let waiting = scene.state.numbers.waiting;
    html! {
        if waiting > 0 {
            <section class="banner warning" data-waiting={waiting.to_string()}>
                <p class="banner-what">{ texts::waiting_letters(waiting) }</p>
                if scene.state.waits(|ask| *ask == Ask::Letters) { { progress(texts::OPENING_LETTERS) } }
                <div class="banner-actions">
                    { button(scene, "open-letters", texts::OPEN_LETTERS, Weight::Small, || Action::OpenLetters) }
                </div>
            </section>
        }
    }
}

fn letters(scene: Scene, issued: &IssuedNumbers) -> Html {
    let issues = scene.state.issues_numbers();
    let of = |issued, plain| if issues { issued } else { plain };
    html! {
        <>
            <div class="no-print">
                { heading(&screen::heading(&Route::Numbers)) }
                { messages(scene) }
                <div id="letters" tabindex="-1" data-letters={issued.letters.len().to_string()}
                    data-mailed={issued.mailed.to_string()} data-left={issued.left.to_string()}>
                    if scene.state.numbers.opened {
                        <p>{ texts::opened(issued.letters.len()) }</p>
                    } else if !issues {
                        <p>{ texts::made(issued.letters.len(), issued.left) }</p>
                    } else {
                        <p>{ texts::done(issued.letters.len(), issued.mailed, issued.left) }</p>
                    }
                    if !issued.unknown.is_empty() {
                        <div class="banner warning" data-unknown=""><p>{ texts::unknown(&issued.unknown, issues) }</p></div>
                    }
                    if !issued.letters.is_empty() {
                        <div class="banner warning"><p class="banner-what">{ of(texts::KEPT, texts::plain::KEPT) }</p></div>
                    }
                </div>
                <div class="actions">
                    if !issued.letters.is_empty() {
                        { button(scene, "print", screen::PRINT, Weight::Solid, || Action::Print) }
                        { opener(scene, Dialog::LettersSent(issued.letters.len()), texts::SENT, Weight::Outline, "") }
                    }
                    { button(scene, "close-letters", if scene.state.numbers.opened { texts::BACK } else { of(texts::AGAIN, texts::plain::AGAIN) },
                        Weight::Outline, || Action::CloseLetters) }
                </div>
                <h2 class="spaced">{ texts::LETTERS }</h2>
            </div>
            { for issued.letters.iter().map(|item| letter(scene, item)) }
        </>
    }
}

fn letter(scene: Scene, letter: &NumberLetter) -> Html {
    let agency = scene.state.officer().map_or("", |officer| officer.agency_name.as_str());
    let profile = scene.state.profile.as_ref();
    let desk = profile.and_then(|profile| profile.desk(DeskKind::Agency));
    let search = profile.map(|profile| &profile.search);
    // Where it is only told, it has the agency's own name.
    let plain = search.filter(|search| !search.number_issued);
    let title =
        plain.map_or_else(|| texts::TITLE.to_string(), |search| texts::plain::title(&search.number_label));
    let text = plain.map_or_else(
        || texts::TEXT.to_string(),
        |search| texts::plain::text(&search.number_label, &search.name_label),
    );
    let number = plain.map_or_else(|| texts::NUMBER.to_string(), |search| search.number_label.to_string());
    html! {
        <article class="letter" data-letter={letter.company.clone()}>
            <div class="letter-to">
                if !letter.postal_code.is_empty() { <p>{ format!("〒{}", letter.postal_code) }</p> }
                <p>{ &letter.address }</p>
                if letter.representative.is_empty() {
                    <p>{ format!("{}　{}", letter.name, texts::TO_COMPANY) }</p>
                } else {
                    <p>{ &letter.name }</p>
                    <p>{ format!("{}　{}", letter.representative, texts::TO) }</p>
                }
            </div>
            <h3>{ title }</h3>
            <p>{ text }</p>
            <p class="hidden">{ number }</p>
            <p class="letter-number" data-number="">{ &letter.number }</p>
            if letter.reissued { <p data-reissued="">{ texts::REISSUED }</p> }
            <dl class="rows">
                if let Some(search) = plain {
                    { row(search.name_label.to_string(), html! { &letter.name }) }
                    { row(texts::plain::MADE, html! { clock::shown(letter.issued_unix_ms) }) }
                } else {
                    { row(texts::COMPANY, html! { &letter.company }) }
                    { row(texts::ISSUED, html! { clock::shown(letter.issued_unix_ms) }) }
                }
            </dl>
            if plain.is_none() { <p>{ texts::KEEP }</p> }
            <p>
                { agency }
                if let Some(desk) = desk { <br />{ format!("{}：{}　{}", texts::FROM, desk.name, desk.phone) } }
            </p>
        </article>
    }
}
