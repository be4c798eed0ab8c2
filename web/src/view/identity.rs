//! The company in the card's certificate beside the roster's, and why a confirmation waits for officers.

use touroku_html::html;
use touroku_proto::{
    api::{CardView, SessionView},
    identity::{CompanyMatch, Verdict},
};
use yew::prelude::*;

use super::compare::{Mark, Pair, Words, table};
use crate::texts::{Text, identity as texts};

const WORDS: Words = Words {
    left: texts::CERTIFICATE,
    right: texts::ROSTER,
    differs: texts::DIFFERS,
    same: texts::SAME,
    empty: texts::EMPTY,
    mark: Mark::Differs,
};

/// Both names of that card's company side by side, and the consequence; `by_eye` where nothing was compared.
pub(super) fn view(session: &SessionView, card: Option<&CardView>, by_eye: Text) -> Html {
    let found = card.and_then(|card| card.company_match.as_ref());
    html! {
        <>
            if let Some(found) = found {
                { compared(found) }
            } else {
                <div class="banner warning"><p>{ by_eye }</p></div>
            }
            { review(session) }
        </>
    }
}

/// Before the form is filled in: only what is not as it should be.
pub(super) fn warning(session: &SessionView) -> Html {
    let found = session.card.as_ref().and_then(|card| card.company_match.as_ref());
    let found = found.filter(|found| found.verdict() != Verdict::Same);
    html! {
        <>
            { for found.map(compared) }
            { review(session) }
        </>
    }
}

fn compared(found: &CompanyMatch) -> Html {
    let same = found.verdict() == Verdict::Same;
    html! {
        <section class="form-section" aria-labelledby="identity" data-same-company={same.to_string()}>
            <h2 id="identity">{ texts::COMPARISON }</h2>
            if !same {
                <div class="banner warning" role="status" data-notice="company_differs">
                    <p class="banner-what">{ texts::LOOK }</p>
                    <p>{ texts::finding(found.finding) }</p>
                    <p>{ texts::LOOK_NEXT }</p>
                </div>
            } else {
                <p>{ texts::finding(found.finding) }</p>
            }
            { comparison(found) }
        </section>
    }
}

pub(super) fn comparison(found: &CompanyMatch) -> Html {
    let numbers = [&found.certificate_number, &found.roster_number];
    let name = Pair {
        id: "company_name",
        label: texts::NAME.to_string(),
        left: found.certificate_name.clone(),
        right: found.roster_name.clone(),
        differs: found.verdict() != Verdict::Same,
    };
    let number = numbers.iter().all(|number| !number.is_empty()).then(|| Pair {
        id: "corporate_number",
        label: texts::NUMBER.to_string(),
        left: found.certificate_number.clone(),
        right: found.roster_number.clone(),
        differs: found.certificate_number != found.roster_number,
    });
    let address = (found.other_address && found.verdict() != Verdict::Same).then(|| Pair {
        id: "company_address",
        label: texts::ADDRESS.to_string(),
        left: found.certificate_address.clone(),
        right: found.roster_address.clone(),
        differs: true,
    });
    table(&texts::COMPARISON, WORDS, &[name].into_iter().chain(number).chain(address).collect::<Vec<_>>())
}

fn review(session: &SessionView) -> Html {
    if session.review.is_empty() {
        return Html::default();
    }
    html! {
        <div class="banner info" role="status" data-review="">
            <p class="banner-what">{ texts::REVIEW }</p>
            <ul>{ for session.review.iter().map(|&cause| html! { <li>{ texts::cause(cause) }</li> }) }</ul>
            <p>{ texts::REVIEW_NEXT }</p>
        </div>
    }
}
