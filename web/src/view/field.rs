//! A field with label, required mark, hint, counter, error and suggested conversion.

use touroku_html::html;
use touroku_proto::{
    field::{FieldId, Problem, Rule},
    text,
};
use yew::prelude::*;

use super::{
    parts::Scene,
    shared::{
        self, TextField,
        field::{Frame, Mistake, described_by},
    },
};
use crate::{
    bidder::action::Action,
    texts::{
        Own, field as texts,
        screen::{self, button},
    },
};

/// What a field is drawn from.
pub(super) struct Field<'a> {
    pub(super) id: &'static str,
    pub(super) label: Own<'a>,
    pub(super) hint: Own<'a>,
    pub(super) required: bool,
    pub(super) rule: Option<&'a Rule>,
    pub(super) value: &'a str,
    pub(super) problem: Option<&'a Problem>,
    /// What was probably meant, although nothing is wrong.
    pub(super) meant: Option<&'a str>,
    /// The server's refusal concerns this field; the banner with this id explains it.
    pub(super) accused: bool,
    pub(super) kind: &'static str,
    pub(super) autocomplete: &'static str,
    pub(super) on_input: Callback<String>,
    pub(super) on_leave: Callback<()>,
    pub(super) on_convert: Callback<MouseEvent>,
    /// Further elements of this field.
    pub(super) beside: Html,
}

impl Field<'_> {
    pub(super) fn view(self) -> Html {
        let Self { id, label, hint, required, rule, value, problem, .. } = self;
        let counted = rule.and_then(texts::counted).map(|max| (text::characters(value.trim()), max));
        // A password is used exactly as typed, and never shown converted.
        let suggestion =
            problem.and(rule).filter(|_| self.kind != "password").and_then(|rule| rule.suggest(value.trim()));
        let (suggested, suggestion) = match self.meant {
            Some(meant) => (screen::MEANT, Some(meant.to_owned())),
            None => (screen::SUGGESTION, suggestion),
        };
        let described_by = described_by([
            (!hint.is_empty()).then(|| format!("{id}-hint")),
            counted.map(|_| format!("{id}-counter")),
            problem.map(|_| format!("{id}-error")),
            self.accused.then(|| "banner".to_owned()),
        ]);
        let invalid = problem.is_some() || self.accused;
        let field = html! {
            <>
                <TextField {id} value={value.to_owned()} kind={self.kind} autocomplete={self.autocomplete}
                    inputmode={input_mode(rule)} width={width(rule)} {required} {invalid} {described_by}
                    on_input={self.on_input} on_leave={self.on_leave} />
                { self.beside }
                if let Some((actual, max)) = counted {
                    <p class={if actual > max { "field-counter over" } else { "field-counter" }}
                        id={format!("{id}-counter")}>{ texts::counter(actual, max) }</p>
                }
            </>
        };
        let after = html! {
            if let Some(suggestion) = suggestion {
                <div class="suggestion" data-meant={self.meant.map(str::to_owned)}
                    role={self.meant.map(|_| "status")}>
                    <span class="suggestion-text">{ suggested }<strong>{ suggestion }</strong></span>
                    <button type="button" class="button outline small" onclick={self.on_convert}>
                        { button::CONVERT }<span class="hidden">{ screen::of_what(&label) }</span>
                    </button>
                </div>
            }
        };
        Frame {
            id: id.into(),
            label: html! { label.clone() },
            required,
            hint: (!hint.is_empty()).then(|| html! { hint }),
            mistake: problem.map(|problem| texts::problem(&label, problem).into()),
            accused: self.accused,
            field,
            after,
        }
        .view()
    }
}

/// The keyboard that a phone or tablet shows.
fn input_mode(rule: Option<&Rule>) -> &'static str {
    match rule {
        Some(Rule::Phone | Rule::PostalCode) => "tel",
        Some(Rule::Email { .. }) => "email",
        Some(Rule::Repeat { of }) if !of.is_secret() => "email",
        Some(Rule::Digits { .. }) => "numeric",
        _ => "text",
    }
}

/// The width hints at the expected length.
fn width(rule: Option<&Rule>) -> &'static str {
    match rule {
        Some(Rule::PostalCode) => "short",
        Some(
            Rule::Phone | Rule::Alphanumeric { .. } | Rule::MixedAlphanumeric { .. } | Rule::Digits { .. },
        ) => "medium",
        Some(Rule::Text { max }) if *max <= 30 => "medium",
        _ => "wide",
    }
}

/// The list of mistakes at the top, with links to the fields.
pub(super) fn summary(scene: Scene, mistakes: Vec<Mistake>) -> Html {
    shared::field::summary(scene, mistakes, Action::FindField)
}

/// The `autocomplete` value of a field: the browser may fill in what the person typed elsewhere. The two contact
/// blocks are kept apart.
pub(super) fn autocomplete(field: FieldId) -> &'static str {
    use FieldId as Id;
    match field {
        Id::CompanyPhone => "work tel",
        Id::CompanyFax => "fax tel",
        Id::RepresentativeContactName => "section-representative organization",
        Id::RepresentativeContactPostalCode => "section-representative postal-code",
        Id::RepresentativeContactAddress => "section-representative address-line1",
        Id::RepresentativeContactPerson => "section-representative name",
        Id::RepresentativeContactPhone => "section-representative work tel",
        Id::RepresentativeContactFax => "section-representative fax tel",
        Id::RepresentativeContactEmail => "section-representative work email",
        Id::ApplicantContactName => "section-applicant organization",
        Id::ApplicantContactPostalCode => "section-applicant postal-code",
        Id::ApplicantContactAddress => "section-applicant address-line1",
        Id::ApplicantContactPerson => "section-applicant name",
        Id::ApplicantContactPhone => "section-applicant work tel",
        Id::ApplicantContactFax => "section-applicant fax tel",
        Id::ApplicantContactEmail => "section-applicant work email",
        Id::LoginId => "username",
        Id::LoginPassword | Id::LoginPasswordAgain => "new-password",
        Id::CardContactName => "section-card organization",
        Id::CardContactPostalCode => "section-card postal-code",
        Id::CardContactAddress => "section-card address-line1",
        Id::CardContactPerson => "section-card name",
        Id::CardContactPhone => "section-card work tel",
        Id::CardContactFax => "section-card fax tel",
        Id::CardContactEmail => "section-card work email",
        // A repetition filled in by the browser repeats nothing.
        _ => "off",
    }
}
