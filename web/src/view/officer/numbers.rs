//! 番号の通知: issuing, and the letters, one per page.

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
    let on = |tick| scene.dispatch.reform(move |on| Action::Tick(tick, on));
    if let Some(issued) = &numbers.issued {
        return letters(scene, issued);
    }
    html! {
        <>
            { heading(&screen::heading(&Route::Numbers)) }
            { summary(scene) }
            { messages(scene) }
            <p class="lead">{ texts::LEAD }</p>
            { waiting(scene) }
            <form novalidate=true onsubmit={scene.on_submit(|| Action::Submit)}>
                <fieldset>
                    <legend>{ texts::WHOM }</legend>
                    { tick("next_numbers", texts::NEXT, texts::NEXT_IS, !numbers.chosen, on(Tick::NextNumbers)) }
                    if numbers.chosen { { area(scene, Input::Numbers, true, 6) } }
                    { tick("by_mail", texts::BY_MAIL, texts::BY_MAIL_IS, numbers.by_mail, on(Tick::ByMail)) }
                </fieldset>
                if scene.state.waits(|ask| matches!(ask, Ask::Issue(_))) { { progress(texts::ISSUING) } }
                <div class="actions">
                    <button type="submit" class={Weight::Solid.class()} id={Dialog::Issue.opener()} data-do="issue"
                        aria-haspopup="dialog">{ texts::ISSUE }</button>
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
    html! {
        <>
            <div class="no-print">
                { heading(&screen::heading(&Route::Numbers)) }
                { messages(scene) }
                <div id="letters" tabindex="-1" data-letters={issued.letters.len().to_string()}
                    data-mailed={issued.mailed.to_string()} data-left={issued.left.to_string()}>
                    if scene.state.numbers.opened {
                        <p>{ texts::opened(issued.letters.len()) }</p>
                    } else {
                        <p>{ texts::done(issued.letters.len(), issued.mailed, issued.left) }</p>
                    }
                    if !issued.unknown.is_empty() {
                        <div class="banner warning" data-unknown=""><p>{ texts::unknown(&issued.unknown) }</p></div>
                    }
                    if !issued.letters.is_empty() {
                        <div class="banner warning"><p class="banner-what">{ texts::KEPT }</p></div>
                    }
                </div>
                <div class="actions">
                    if !issued.letters.is_empty() {
                        { button(scene, "print", screen::PRINT, Weight::Solid, || Action::Print) }
                        { opener(scene, Dialog::LettersSent(issued.letters.len()), texts::SENT, Weight::Outline, "") }
                    }
                    { button(scene, "close-letters", if scene.state.numbers.opened { texts::BACK } else { texts::AGAIN },
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
    let desk = scene.state.profile.as_ref().and_then(|profile| profile.desk(DeskKind::Agency));
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
            <h3>{ texts::TITLE }</h3>
            <p>{ texts::TEXT }</p>
            <p class="hidden">{ texts::NUMBER }</p>
            <p class="letter-number" data-number="">{ &letter.number }</p>
            if letter.reissued { <p data-reissued="">{ texts::REISSUED }</p> }
            <dl class="rows">
                { row(texts::COMPANY, html! { &letter.company }) }
                { row(texts::ISSUED, html! { clock::shown(letter.issued_unix_ms) }) }
            </dl>
            <p>{ texts::KEEP }</p>
            <p>
                { agency }
                if let Some(desk) = desk { <br />{ format!("{}：{}　{}", texts::FROM, desk.name, desk.phone) } }
            </p>
        </article>
    }
}
