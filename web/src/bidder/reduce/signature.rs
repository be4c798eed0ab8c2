//! Sends a confirmation; where the agency wants it, signed by the card first.

use touroku_proto::{
    SIGN_SINCE,
    api::{Prepared, SessionView, Signed},
    card::{CardError, CardErrorCode, Part},
    document::{self, Document, DocumentSignature, Head},
};

use crate::bidder::{
    action::Answer,
    effect::{Application, Ask, Effect, Focus},
    state::{CardStep, Signing, State},
    trouble::{Banner, Retry, Trouble},
};

impl State {
    /// Sends what was confirmed. One request at a time.
    pub(super) fn file(&mut self, application: Application) -> Vec<Effect> {
        if self.card.step != CardStep::Idle {
            return Vec::new();
        }
        self.banner = None;
        self.notice = None;
        let signed = self.signed.clone().filter(|signed| signed.clone().with(None) == application);
        if let Some(again) = signed {
            return self.send(again);
        }
        self.signed = None;
        if !self.session_profile().is_some_and(|profile| profile.signed_applications) {
            return self.send(application);
        }
        self.card.signing =
            Some(Box::new(Signing { application: application.clone(), document: String::new() }));
        self.card.purpose = self.view().and_then(|view| view.purpose);
        self.card.attempt += 1;
        if let Some(error) = self.too_old_to_sign() {
            return self.not_signed(error);
        }
        self.card.step = CardStep::Challenging;
        let attempt = self.card.attempt;
        vec![Effect::Ask(Ask::Prepare { attempt, application }), Effect::Focus(Focus::CardPanel)]
    }

    fn send(&mut self, application: Application) -> Vec<Effect> {
        self.registering = true;
        vec![Effect::Ask(application.into())]
    }

    /// Number and nonce have arrived: what this page shows becomes the text to be signed.
    pub(super) fn prepared(&mut self, attempt: u32, answer: Answer<Prepared>, origin: &str) -> Vec<Effect> {
        if !self.awaits(attempt, CardStep::Challenging) || self.card.signing.is_none() {
            return Vec::new();
        }
        let prepared = match answer {
            Ok(prepared) => prepared,
            Err(trouble) => return self.not_prepared(trouble),
        };
        let text = self.document(&prepared, origin).and_then(|text| Document::parse(text).ok());
        let (Some(document), Some(signing)) = (text, self.card.signing.as_mut()) else {
            return self.not_signed(CardError::new(CardErrorCode::BadRequest).with_field("document"));
        };
        document.as_str().clone_into(&mut signing.document);
        self.card.step = CardStep::Opening;
        vec![Effect::Sign { ids: self.extension_ids(), attempt, document, card: prepared.card }]
    }

    /// The confirmation as a 申請書.
    fn document(&self, prepared: &Prepared, origin: &str) -> Option<String> {
        let (form, occasion) = self.session_form()?;
        let (view, agency) = (self.view()?, self.session_profile()?);
        let category = agency.category(&view.category)?;
        let shown = view.card.as_ref()?;
        let card = view.new_card.as_ref().unwrap_or(shown);
        let function = self.function();
        let head = Head { function, origin, prepared, agency, category, card: &card.values };
        Some(match self.card.signing.as_ref()?.application {
            Application::Register(_) => document::registration(&head, form, occasion, &self.form.values),
            Application::Change(_) => document::change(&head, form, &self.form.base, &self.form.values),
            Application::Renew(_) => {
                document::renewal(&head, &view.company.as_ref()?.values, &shown.values, &card.values)
            }
        })
    }

    pub(super) fn document_signed(&mut self, attempt: u32, signature: DocumentSignature) -> Vec<Effect> {
        if !self.awaits_card_window(attempt) {
            return Vec::new();
        }
        let Some(signing) = self.card.signing.take() else { return Vec::new() };
        self.card.step = CardStep::Idle;
        let Signing { application, document } = *signing;
        let signed = application.with(Some(Signed { document, signature }));
        self.signed = Some(signed.clone());
        self.send(signed)
    }

    /// The server refused before anything was signed, as it would have refused the request itself.
    fn not_prepared(&mut self, trouble: Trouble) -> Vec<Effect> {
        self.card.step = CardStep::Idle;
        match self.card.signing.take().map(|signing| signing.application) {
            Some(Application::Renew(_)) => self.renewed(Err(trouble)),
            Some(Application::Change(_)) => self.submitted(Err(trouble), Retry::Change),
            _ => self.submitted(Err(trouble), Retry::Register),
        }
    }

    /// The card did not sign; the same can be tried again.
    pub(super) fn not_signed(&mut self, error: CardError) -> Vec<Effect> {
        self.card.step = CardStep::Idle;
        let retry = match self.card.signing.take().map(|signing| signing.application) {
            Some(Application::Renew(_)) => Retry::Renew,
            Some(Application::Change(_)) => Retry::Change,
            _ => Retry::Register,
        };
        // An extension that predates applications does not know this request.
        let unknown = error.code == CardErrorCode::BadRequest && error.field.as_deref() == Some("type");
        let error = if unknown { CardError::new(CardErrorCode::ExtensionTooOld) } else { error };
        self.banner = Some(Banner { trouble: Trouble::Card(error), retry: Some(retry) });
        vec![Effect::Focus(Focus::Banner)]
    }

    /// As far as known: after a reload nobody has asked.
    fn too_old_to_sign(&self) -> Option<CardError> {
        let status = self.connection.status.as_ref()?;
        let old = |part: &Part| part.protocol < SIGN_SINCE;
        if old(&status.extension) {
            Some(CardError::new(CardErrorCode::ExtensionTooOld).with_detail(&status.extension.version))
        } else {
            let host = status.host.as_ref().filter(|host| old(host))?;
            Some(CardError::new(CardErrorCode::HostTooOld).with_detail(&host.version))
        }
    }

    /// A signature whose answer may still arrive is kept; any other answer settles it.
    pub(super) fn forget_signature(&mut self, answer: &Answer<SessionView>) {
        if !matches!(answer, Err(trouble) if trouble.passes_by_itself()) {
            self.signed = None;
        }
    }

    /// The agency has required signatures since this page read its profile.
    pub(super) fn ask_for_signature(&mut self, trouble: Trouble) -> Vec<Effect> {
        let agency = self.view().map(|view| view.agency.clone());
        self.banner = Some(Banner { trouble, retry: None });
        let mut effects = vec![Effect::Focus(Focus::Banner)];
        effects.extend(agency.map(|agency| Effect::Ask(Ask::Profile(agency))));
        effects
    }
}
