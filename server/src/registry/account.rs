//! The values of an ID, among the company's rows.

use touroku_proto::{
    account::ApplicationState,
    agency::Category,
    field::{FieldId, Rule, Values},
    form::{Form, Mode, Occasion, Row},
    mail::Recipient,
};

use super::company;
use crate::{
    error::Error,
    store::{Account, Reader},
};

/// How many of a company's applications are considered.
pub(crate) const MOST_APPLICATIONS: u32 = 50;

/// The initial values of an application's form: the roster only. The searcher has proved nothing, so contacts
/// registered by the company are not shown.
pub(crate) fn applicant_values(
    reader: &Reader<'_>,
    agency: &str,
    category: &Category,
    number: &str,
) -> Result<Values, Error> {
    let row = reader.roster_row(agency, number)?;
    let row = row.ok_or(Error::Defect("a session's company is not in the roster"))?;
    let mut values = company::roster_values(category, &row);
    values.0.remove(&FieldId::InformationUserId);
    Ok(values)
}

/// All values of an ID except its password.
pub(crate) fn account_values(
    reader: &Reader<'_>,
    agency: &str,
    category: &Category,
    account: &Account,
) -> Result<Values, Error> {
    let mut values = applicant_values(reader, agency, category, &account.number)?;
    if let Some(company) = reader.company(agency, &account.number)? {
        values.set(FieldId::CompanyId, company.company_id);
    }
    values.merge(account.values.clone());
    values.set(FieldId::LoginId, account.login_id.clone());
    Ok(values)
}

/// What a mail to whoever holds an ID may contain: its values if an officer has approved it. Otherwise nothing that was
/// entered: anybody could have it sent to anybody's address in our name.
pub(crate) fn mailed_values(
    reader: &Reader<'_>,
    agency: &str,
    category: &Category,
    account: &Account,
) -> Result<Values, Error> {
    match reader.is_admitted(account.id)? {
        true => account_values(reader, agency, category, account),
        false => applicant_values(reader, agency, category, &account.number),
    }
}

/// The addresses that an ID has entered.
pub(crate) fn addresses(account: &Account) -> Vec<String> {
    let addresses = Recipient::ALL.map(|who| account.values.text(who.address()).trim().to_owned());
    addresses.into_iter().filter(|address| !address.is_empty()).collect()
}

/// The form of an application as filled in, except for the password.
pub(crate) fn entered_before(form: &Form, account: &Account) -> Values {
    let mut values = account.values.clone();
    values.set(FieldId::LoginId, account.login_id.clone());
    as_entered(form, Occasion::Apply, values)
}

/// The form rows from which these values came, except for the password.
pub(crate) fn as_entered(form: &Form, occasion: Occasion, mut values: Values) -> Values {
    let repeated = |row: &Row| match &row.rule {
        Some(Rule::Repeat { of }) => Some((row.field, values.text(*of).to_owned())),
        _ => None,
    };
    let repeated: Values = form.rows().filter_map(repeated).collect();
    values.merge(repeated);
    let is_edited = |row: &&Row| row.mode(occasion) == Mode::Edit && !row.field.is_secret();
    form.rows().filter(is_edited).map(|row| (row.field, values.text(row.field).to_owned())).collect()
}

/// Whether somebody has that ユーザーID: of several who want it, the first to be approved. `own`: the caller's
/// row.
pub(crate) fn is_login_id_taken(
    reader: &Reader<'_>,
    agency: &str,
    login_id: &str,
    own: Option<i64>,
) -> Result<bool, Error> {
    let holder = reader.account_by_login(agency, login_id)?;
    Ok(holder.is_some_and(|holder| Some(holder.id) != own && holder.state == ApplicationState::Approved))
}

/// What a person entered, in its parts.
pub(crate) struct Entered {
    /// ユーザーID; `None` where the form does not ask for it.
    pub(crate) login_id: Option<String>,
    /// パスワード; `None` where it was left empty or is not asked for.
    pub(crate) password: Option<String>,
    pub(crate) values: Values,
}

/// Validates what was sent; `around` provides the other values, for rows that are compared.
pub(crate) fn entered(
    form: &Form,
    occasion: Occasion,
    around: &Values,
    sent: &Values,
) -> Result<Entered, Error> {
    let mut values = company::entered(form, occasion, around, sent)?;
    let mut take = |field| values.0.remove(&field).filter(|text| !text.is_empty());
    let (login_id, password) = (take(FieldId::LoginId), take(FieldId::LoginPassword));
    Ok(Entered { login_id, password, values })
}
