//! Read-only rows: label and value.

use touroku_html::html;
use touroku_proto::{
    field::{FieldId, Values},
    form::{Form, Mode, Occasion, Row, Section},
    localized::Localized,
};
use yew::prelude::*;

use super::parts::{Scene, Weight};
use crate::{
    bidder::action::Action,
    texts::{account::HIDDEN, label, label_of, own, screen::button},
};

/// The session's company: its number, unless that is secret, and its name.
pub(super) fn company(scene: Scene) -> Html {
    let (Some(company), Some(profile)) =
        (scene.state.view().and_then(|view| view.company.as_ref()), scene.state.session_profile())
    else {
        return Html::default();
    };
    let search = &profile.search;
    let number = (!search.number_secret).then_some((FieldId::CompanyNumber, &search.number_label));
    let entry = |(field, label): (FieldId, &Localized)| {
        html! {
            <div class="row" data-of={field.as_str()}>
                <dt>{ label_of(field, label) }</dt>
                <dd>{ company.values.text(field).to_owned() }</dd>
            </div>
        }
    };
    html! { <>{ for number.into_iter().chain([(FieldId::CompanyName, &search.name_label)]).map(entry) }</> }
}

/// Rows as a description list.
pub(super) fn list(rows: &[&Row], values: &Values) -> Html {
    let entry = |row: &&Row| {
        html! {
            <div class="row" data-row={row.field.as_str()}>
                <dt>{ label(row) }</dt>
                <dd>{ value(row.field, values.text(row.field)) }</dd>
            </div>
        }
    };
    html! { <dl class="rows">{ for rows.iter().map(entry) }</dl> }
}

/// Every section that 登録内容確認 shows on that occasion, with its rows and links back to them.
pub(super) fn confirmation(scene: Scene, form: &Form, occasion: Occasion) -> Html {
    let section = |(index, (section, rows)): (usize, (&Section, Vec<&Row>))| {
        let id = format!("section-{index}");
        let amend = format!("amend-{index}");
        let first = rows.iter().find(|row| row.mode(occasion) == Mode::Edit).map(|row| row.field.as_str());
        html! {
            <section class="form-section" aria-labelledby={id.clone()}>
                <h2 id={id.clone()}>{ own(&section.title) }</h2>
                { list(&rows, &scene.state.form.values) }
                if let Some(first) = first {
                    <button type="button" class={Weight::Small.class()} id={amend.clone()} data-amend={first}
                        aria-labelledby={format!("{amend} {id}")}
                        onclick={scene.on(move || Action::FindField(first))}>{ button::AMEND }</button>
                }
            </section>
        }
    };
    html! { <>{ for confirmed(form, occasion).into_iter().enumerate().map(section) }</> }
}

/// A value as text. Some have several lines; an absent one is empty.
pub(super) fn value(field: FieldId, text: &str) -> Html {
    match field {
        // Always the same length: not even the real one is revealed.
        _ if field.is_secret() => html! { HIDDEN },
        FieldId::Qualifications => {
            html! { <ul>{ for text.lines().map(|line| html! { <li>{ line.to_owned() }</li> }) }</ul> }
        }
        _ => html! { text.to_owned() },
    }
}

/// The contents of 登録内容確認: every section with its rows on that occasion, without repetitions.
pub(super) fn confirmed(form: &Form, occasion: Occasion) -> Vec<(&Section, Vec<&Row>)> {
    let sections =
        form.sections.iter().map(|section| (section, section.confirmed(occasion).collect::<Vec<_>>()));
    sections.filter(|(_, rows)| !rows.is_empty()).collect()
}

/// What is printed, on any occasion: 企業ID exists from the first registration on.
pub(super) fn printed(form: &Form) -> Vec<(&Section, Vec<&Row>)> {
    sections(form, |row| row.print && !row.field.is_secret())
}

fn sections(form: &Form, keep: impl Fn(&Row) -> bool) -> Vec<(&Section, Vec<&Row>)> {
    form.sections
        .iter()
        .map(|section| (section, section.rows.iter().filter(|row| keep(row)).collect::<Vec<_>>()))
        .filter(|(_, rows)| !rows.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> Form {
        let row = |field: &str, register: &str, print: bool| serde_json::json!({"field": field, "label": field, "register": register, "print": print});
        serde_json::from_value(serde_json::json!({"sections": [
            {"title": "企業情報", "rows": [
                row("company_id", "hidden", true),
                row("company_name", "show", true),
                row("qualifications", "show", false)]},
            {"title": "連絡先", "rows": [
                row("card_contact_email", "edit", true),
                row("card_contact_email_again", "edit", false),
                row("card_contact_name", "edit", true)]},
            {"title": "ICカード情報", "rows": [row("certificate_serial", "confirm", false)]}
        ]}))
        .unwrap()
    }

    fn labels<'a>(sections: &[(&'a Section, Vec<&'a Row>)]) -> Vec<(&'a str, Vec<&'a str>)> {
        let rows = |rows: &[&'a Row]| rows.iter().map(|row| row.label.as_str()).collect();
        sections.iter().map(|(section, list)| (section.title.as_str(), rows(list))).collect()
    }

    #[test]
    fn the_print_has_the_rows_that_the_profile_prints_in_its_order() {
        assert_eq!(
            labels(&printed(&form())),
            [
                ("企業情報", vec!["company_id", "company_name"]),
                ("連絡先", vec!["card_contact_email", "card_contact_name"])
            ]
        );
    }

    #[test]
    fn the_confirmation_adds_the_cards_rows_and_leaves_repetitions_out() {
        assert_eq!(
            labels(&confirmed(&form(), Occasion::Register)),
            [
                ("企業情報", vec!["company_name", "qualifications"]),
                ("連絡先", vec!["card_contact_email", "card_contact_name"]),
                ("ICカード情報", vec!["certificate_serial"])
            ]
        );
    }
}
