//! 機関設定: a mail's subject and body, with what may stand in it and what arrives.

use touroku_html::html;
use touroku_proto::{
    field::{FieldId, Values},
    form::Form,
    mail::{MAILS, MailKind, MailText},
    officer::settings::KeyValue,
};
use yew::prelude::*;

use super::{
    form_field::{Field, on_typed},
    part::source,
    parts::{Scene, Weight, button, link},
};
use crate::{
    officer::{action::Action, part::Part, route::Route},
    texts::officer::part as texts,
};

/// All of them, each with what it is for.
pub(super) fn list(scene: Scene) -> Html {
    let entry = |(index, mail): (usize, &MailKind)| {
        let part = Part::Mail(index);
        let found = || part.keys().into_iter().filter_map(|key| scene.state.form_key(&key));
        let state = if found().any(|key| key.own) {
            texts::STATE_OWN
        } else if found().any(|key| key.shared) {
            texts::STATE_SHARED
        } else {
            texts::STATE_OURS
        };
        let name = texts::mails_of(&texts::title(part), &state);
        html! {
            <li data-mail={mail.key}>{ link(&Route::Part(part), "", name.into()) }<p>{ texts::lead(part) }</p></li>
        }
    };
    html! { <ul class="mails">{ for MAILS.iter().enumerate().map(entry) }</ul> }
}

pub(super) fn form(scene: Scene, index: usize) -> Html {
    let Some(mail) = MAILS.get(index) else { return Html::default() };
    let [subject_key, body_key] = ["subject", "body"].map(|part| format!("mail.{}.{part}", mail.key));
    let text = |key: &str| match scene.state.key_value(key) {
        Some(KeyValue::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let (subject, body) = (text(&subject_key), text(&body_key));
    let edit = |key: &str| on_typed(scene, key, 0, "");
    html! {
        <div class="beside">
            <div>
                { source(scene, &[&subject_key, &body_key], &texts::title(Part::Mail(index))) }
                { Field::new(scene, subject_key.clone(), texts::SUBJECT).line(&subject, "text", edit(&subject_key)) }
                { Field::new(scene, body_key.clone(), texts::BODY).area(&body, 18, edit(&body_key)) }
                { placeholders(scene, mail, &body_key) }
            </div>
            { preview(scene, mail, &subject, &body) }
        </div>
    }
}

/// The fields of the agency's forms by name, with the agency's own labels.
fn fields(scene: Scene) -> Vec<(FieldId, String)> {
    let in_force = scene.state.settings.in_force.as_ref();
    let forms = in_force.into_iter().flat_map(|in_force| in_force.profile.forms.values());
    let mut fields: Vec<(FieldId, String)> = Vec::new();
    for row in forms.flat_map(Form::rows) {
        let is_known = fields.iter().any(|(field, _)| *field == row.field);
        if !is_known && !row.field.is_secret() && !row.field.is_repetition() {
            fields.push((row.field, row.label.to_string()));
        }
    }
    fields
}

fn placeholders(scene: Scene, mail: &MailKind, body: &str) -> Html {
    let others = std::iter::once("agency").chain(mail.extra.iter().copied()).enumerate();
    let others = others.map(|(place, name)| {
        let needed =
            if mail.needed && place == 1 { texts::PLACEHOLDER_NEEDED.to_string() } else { String::new() };
        (name, format!("{}{needed}", texts::placeholder(name)))
    });
    let fields = fields(scene);
    let fields = fields.iter().map(|(field, label)| (field.as_str(), label.clone()));
    let entry = |(name, label): (&str, String)| {
        let (id, text) = (body.to_owned(), format!("{{{name}}}"));
        let shown = format!("{label} {text}");
        let insert = move || Action::Insert { id: id.clone(), text: text.clone() };
        html! { <li>{ button(scene, "insert", shown, Weight::Small, insert) }</li> }
    };
    html! {
        <details class="placeholders" open=true>
            <summary>{ texts::PLACEHOLDERS }</summary>
            <p>{ texts::PLACEHOLDERS_LEAD }</p>
            <ul>{ for others.chain(fields).map(entry) }</ul>
        </details>
    }
}

/// The mail as it arrives, with what is different for each company in brackets.
fn preview(scene: Scene, mail: &MailKind, subject: &str, body: &str) -> Html {
    let values: Values =
        fields(scene).into_iter().map(|(field, label)| (field, format!("（{label}）"))).collect();
    let agency = scene.state.officer().map(|officer| officer.agency_name.clone()).unwrap_or_default();
    let extra: Vec<(&str, String)> =
        mail.extra.iter().map(|&name| (name, format!("（{}）", texts::placeholder(name)))).collect();
    let mut others: Vec<(&str, &str)> = extra.iter().map(|(name, value)| (*name, value.as_str())).collect();
    others.push(("agency", &agency));
    let filled = |template: &str| match MailText::fill(template, &values, &others) {
        Ok(text) => html! { <>{ text }</> },
        Err(wrong) => html! { <strong>{ texts::preview_wrong(&format!("{{{}}}", wrong.0)) }</strong> },
    };
    html! {
        <section class="box mail-preview" aria-labelledby="mail-preview" data-mail-preview="">
            <h2 id="mail-preview">{ texts::PREVIEW }</h2>
            <p>{ texts::PREVIEW_LEAD }</p>
            <p class="mail-subject">{ filled(subject) }</p>
            <p class="mail-body">{ filled(body) }</p>
        </section>
    }
}
