use touroku_proto::{
    api::{ApiErrorCode, Prepared},
    card::{CardError, CardErrorCode},
    document::{Document, DocumentSignature},
};

use super::*;
use crate::bidder::{
    effect::Application,
    state::CardStep,
    trouble::{Retry, Trouble},
};

const ORIGIN: &str = "https://ebid.example.jp";

fn prepared() -> Prepared {
    Prepared {
        number: "20261121-ABCDE-FGHJK".into(),
        at: "2026/11/21 09:00:00".into(),
        nonce: Nonce::from_bytes(&[3; 32]),
        card: "ab".repeat(32),
    }
}

fn signature() -> DocumentSignature {
    DocumentSignature {
        certificate: "AA==".into(),
        algorithm: "ES256".into(),
        signed_at: 1_795_241_060,
        signature: "AA==".into(),
    }
}

/// At 登録内容確認 of an agency whose applications are signed.
fn at_confirm() -> Page {
    let mut page = Page::at_confirm();
    sign(&mut page);
    page
}

fn sign(page: &mut Page) {
    let profile = AgencyProfile { signed_applications: true, ..profile() };
    page.act(Action::ProfileLoaded { code: "city".into(), answer: Ok(Rc::new(profile)) });
}

fn prepare(page: &mut Page) -> Option<Document> {
    let attempt = page.state.card.attempt;
    page.act(Action::Prepared { attempt, answer: Ok(prepared()), origin: ORIGIN.into() });
    page.effects.iter().find_map(|effect| match effect {
        Effect::Sign { document, .. } => Some(document.clone()),
        _ => None,
    })
}

/// 登録, up to the card's signature.
fn up_to_signature(page: &mut Page) -> Document {
    page.act(Action::Register);
    let document = prepare(page).unwrap();
    let attempt = page.state.card.attempt;
    page.act(Action::CardWindowOpened { attempt });
    page.act(Action::DocumentSigned { attempt, signature: signature() });
    document
}

#[test]
fn what_the_confirmation_shows_is_signed_and_sent() {
    let mut page = at_confirm();
    page.act(Action::Register);
    assert!(page.sent_registration().is_none(), "nothing is registered before the card has signed");
    assert!(page.asked(
        |ask| matches!(ask, Ask::Prepare { application: Application::Register(it), .. } if it.signed.is_none())
    ));
    page.act(Action::Register);
    assert!(page.effects.is_empty(), "a double press asks once");
    let document = prepare(&mut page).unwrap();
    assert_eq!((document.origin(), document.number()), (ORIGIN, "20261121-ABCDE-FGHJK"));
    for row in
        ["北東建設株式会社", "総務部", "b@example.jp", "証明書シリアル番号\n　121", "照合番号\n　AwMDAw"]
    {
        assert!(document.as_str().contains(row), "{row}: {}", document.as_str());
    }
    let attempt = page.state.card.attempt;
    page.act(Action::CardWindowOpened { attempt });
    page.act(Action::DocumentSigned { attempt, signature: signature() });
    let signed = page.sent_registration().unwrap().signed.clone().unwrap();
    assert_eq!((signed.document.as_str(), &signed.signature), (document.as_str(), &signature()));
    page.act(Action::DocumentSigned { attempt, signature: signature() });
    assert!(page.effects.is_empty(), "a second signature is nobody's");
    page.act(Action::Registered(Ok(completed())));
    assert_eq!(page.screen(), "done");
}

#[test]
fn a_lost_answer_is_asked_for_again_with_the_same_signature_and_no_card() {
    let mut page = at_confirm();
    up_to_signature(&mut page);
    page.act(Action::Registered(Err(Trouble::Unreachable)));
    page.act(Action::Retry);
    assert!(page.sent_registration().unwrap().signed.is_some());
    page.act(Action::Registered(Err(ApiErrorCode::SignatureOutdated.into())));
    assert_eq!(page.error(), Some("signature_outdated"));
    assert_eq!(page.state.banner.as_ref().unwrap().retry, Some(Retry::Register));
    page.act(Action::Register);
    assert!(page.asked(|ask| matches!(ask, Ask::Prepare { .. })), "a refused one is not sent again");
}

#[test]
fn a_cancelled_pin_leaves_the_confirmation_as_it_was_and_can_be_tried_again() {
    let mut page = at_confirm();
    page.act(Action::Register);
    prepare(&mut page);
    let attempt = page.state.card.attempt;
    page.act(Action::CardFailed { attempt, error: CardError::new(CardErrorCode::Cancelled) });
    assert_eq!((page.screen(), page.error()), ("confirm", Some("cancelled")));
    assert_eq!(page.state.banner.as_ref().unwrap().retry, Some(Retry::Register));
    page.act(Action::DocumentSigned { attempt, signature: signature() });
    assert!(page.sent_registration().is_none(), "a late signature is not used");
    page.act(Action::Retry);
    assert!(page.asked(|ask| matches!(ask, Ask::Prepare { .. })));
    page.act(Action::CancelCard);
    assert_eq!((page.state.card.step, page.error()), (CardStep::Idle, Some("cancelled")));
    assert!(page.effects.contains(&Effect::CancelCard));
}

#[test]
fn whoever_leaves_the_confirmation_signs_nothing() {
    let mut page = at_confirm();
    page.act(Action::Register);
    prepare(&mut page);
    let attempt = page.state.card.attempt;
    page.act(Action::Back);
    assert!(page.effects.contains(&Effect::CancelCard));
    page.act(Action::DocumentSigned { attempt, signature: signature() });
    assert!(page.sent_registration().is_none());
}

#[test]
fn what_the_server_refuses_beforehand_is_told_as_if_it_had_been_sent() {
    let mut page = at_confirm();
    page.act(Action::Register);
    let attempt = page.state.card.attempt;
    let answer = Err(ApiErrorCode::Stale.into());
    page.act(Action::Prepared { attempt, answer, origin: ORIGIN.into() });
    assert_eq!((page.screen(), page.error()), ("form", Some("stale")));
    assert!(page.asked(|ask| matches!(ask, Ask::Session)));

    let mut page = at_confirm();
    up_to_signature(&mut page);
    page.act(Action::Registered(Err(ApiErrorCode::DocumentDiffers.into())));
    assert_eq!((page.screen(), page.error()), ("form", Some("document_differs")));
}

#[test]
fn parts_that_are_too_old_are_named_before_anything_is_prepared() {
    for (extension, host, code) in [(2, 3, "extension_too_old"), (3, 2, "host_too_old")] {
        let mut page = at_confirm();
        let status = page.state.connection.status.as_mut().unwrap();
        status.extension.protocol = extension;
        status.host.as_mut().unwrap().protocol = host;
        page.act(Action::Register);
        assert_eq!(page.error(), Some(code));
        assert!(!page.asked(|ask| matches!(ask, Ask::Prepare { .. })));
    }
    let mut page = at_confirm();
    page.state.connection.status = None;
    page.act(Action::Register);
    prepare(&mut page);
    let attempt = page.state.card.attempt;
    let error = CardError::new(CardErrorCode::BadRequest).with_field("type");
    page.act(Action::CardFailed { attempt, error });
    assert_eq!(page.error(), Some("extension_too_old"));
}

#[test]
fn an_agency_that_wants_signatures_since_is_asked_for_its_profile_again() {
    let mut page = Page::at_confirm();
    page.act(Action::Register);
    page.act(Action::Registered(Err(ApiErrorCode::SignatureRequired.into())));
    assert_eq!((page.screen(), page.error()), ("confirm", Some("signature_required")));
    assert!(page.asked(|ask| matches!(ask, Ask::Profile(_))));
    sign(&mut page);
    page.act(Action::Register);
    assert!(page.asked(|ask| matches!(ask, Ask::Prepare { .. })));
}
