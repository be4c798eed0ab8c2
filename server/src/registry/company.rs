//! A company's values: from the roster, from its registration, prefilled.

use touroku_proto::{
    agency::Category,
    field::{FieldId, Scope, Values},
    form::{Form, Mode, Occasion, Row},
};

use crate::{
    error::Error,
    store::{Company, Reader, RegisteredCard, RosterRow},
};

/// 等級 where the roster gives none.
const NO_GRADE: &str = "無し";

/// What the roster says about a company, by field.
pub(crate) fn roster_values(category: &Category, row: &RosterRow) -> Values {
    let row = &*row.dealing();
    let qualifications: Vec<String> = category
        .qualifications
        .iter()
        .map(|name| {
            let grade = row.qualifications.get(name).map_or("", String::as_str);
            format!("{name}：{}", if grade.is_empty() { NO_GRADE } else { grade })
        })
        .collect();
    [
        (FieldId::CompanyNumber, &row.number),
        (FieldId::CompanyName, &row.name),
        (FieldId::CompanyPostalCode, &row.postal_code),
        (FieldId::CompanyAddress, &row.address),
        (FieldId::RepresentativeName, &row.representative_name),
        (FieldId::RepresentativeTitle, &row.representative_title),
        (FieldId::CompanyPhone, &row.phone),
        (FieldId::CompanyFax, &row.fax),
        (FieldId::Branch, &row.branch),
        (FieldId::Qualifications, &qualifications.join("\n")),
        (FieldId::InformationUserId, &row.information_user_id),
        (FieldId::InformationPassword, &row.information_password_mask().to_owned()),
    ]
    .into_iter()
    .map(|(field, value)| (field, value.clone()))
    .collect()
}

/// All values of a company: the roster's, overridden by those its registration owns.
pub(crate) fn values(category: &Category, row: &RosterRow, company: Option<&Company>) -> Values {
    let mut values = roster_values(category, row);
    if let Some(company) = company {
        values.merge(company.values.clone());
        values.set(FieldId::CompanyId, company.company_id.clone());
    }
    values
}

/// A registered company with its row in the roster.
pub(crate) fn registered(
    reader: &Reader<'_>,
    agency: &str,
    number: &str,
) -> Result<(RosterRow, Company), Error> {
    let found = reader.roster_row(agency, number)?.zip(reader.company(agency, number)?);
    found.ok_or(Error::Defect("a registered card has no company"))
}

/// The company's values owned by its registration: whatever a person may edit on some occasion. The rest stays the
/// roster's, so that an import corrects it at once. `all` holds the roster's values and what was entered.
pub(crate) fn owned(form: &Form, all: &Values) -> Values {
    let may_be_edited = |row: &&Row| row.register == Mode::Edit || row.change == Mode::Edit;
    form.rows()
        .filter(|row| row.field.scope() == Scope::Company && !row.field.is_repetition())
        .filter(may_be_edited)
        .map(|row| (row.field, all.text(row.field).to_owned()))
        .collect()
}

/// What was entered on that occasion, validated; `around` provides the other values, for rows that are compared.
pub(crate) fn entered(
    form: &Form,
    occasion: Occasion,
    around: &Values,
    sent: &Values,
) -> Result<Values, Error> {
    // What was sent is validated, whether complete or not: previous values of edited rows do not stand in for it.
    let mut all = around.clone();
    for row in form.rows().filter(|row| row.mode(occasion) == Mode::Edit) {
        all.set(row.field, sent.text(row.field));
    }
    let wrong = form.check(occasion, &all);
    if wrong.is_empty() { Ok(form.entered(occasion, sent)) } else { Err(Error::Fields(wrong)) }
}

/// Counts the changes of a company and of one of its cards: each only rises, so their sum reveals any change.
pub(crate) fn revision(company: Option<&Company>, card: Option<&RegisteredCard>) -> i64 {
    company.map_or(0, |company| company.revision) + card.map_or(0, |card| card.revision)
}

/// Fills edited rows that are still empty from where the profile says.
pub(crate) fn prefill(form: &Form, occasion: Occasion, values: &mut Values) {
    for row in form.rows().filter(|row| row.mode(occasion) == Mode::Edit) {
        if let Some(from) = row.prefill
            && values.text(row.field).is_empty()
        {
            values.set(row.field, values.text(from).to_owned());
        }
    }
}

/// Only what the form shows on that occasion, and what identifies the company.
pub(crate) fn shown(form: &Form, occasion: Occasion, values: &Values) -> Values {
    let named = [FieldId::CompanyId, FieldId::CompanyNumber, FieldId::CompanyName];
    let rows = form.rows().filter(|row| row.mode(occasion) != Mode::Hidden).map(|row| row.field);
    rows.chain(named)
        .filter(|field| !field.is_repetition() && !field.is_secret())
        .map(|field| (field, values.text(field).to_owned()))
        .collect()
}

/// The card's own values.
pub(crate) fn of_card(values: &Values) -> Values {
    values.0.clone().into_iter().filter(|(field, _)| field.scope() == Scope::Card).collect()
}

/// Every row of 登録内容確認 and of the 利用者情報 printout.
pub(crate) fn printed(form: &Form, occasion: Occasion, values: &Values) -> Values {
    form.rows()
        .filter(|row| row.print || row.mode(occasion) != Mode::Hidden)
        .filter(|row| !row.field.is_repetition() && !row.field.is_secret())
        .map(|row| (row.field, values.text(row.field).to_owned()))
        .collect()
}
