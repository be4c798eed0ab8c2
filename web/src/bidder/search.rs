//! 資格審査情報検索: its fields and the values they accept.

use touroku_proto::{
    agency::{Credentials, Search},
    api::{ApiErrorCode, CompanySearch},
    few::Few,
    field::{FieldId, Problem, Rule, Values},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SearchField {
    /// 業者番号 or 登録番号.
    Number,
    /// 商号又は名称.
    Name,
    /// ユーザID.
    UserId,
    /// パスワード.
    Password,
}

/// The longest ユーザID and パスワード that the reference systems accept.
const CREDENTIAL_MAX: usize = 20;

impl SearchField {
    /// The input's `id` and `name`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Number => "company_number",
            Self::Name => "company_name",
            Self::UserId => "user_id",
            Self::Password => "password",
        }
    }

    /// Which values it accepts.
    pub fn rule(self, search: &Search) -> Rule {
        match self {
            Self::Number => search.number_rule.clone(),
            Self::Name => search.name_rule.clone(),
            Self::UserId | Self::Password => Rule::Alphanumeric { min: 1, max: CREDENTIAL_MAX },
        }
    }

    pub fn required(self) -> bool {
        matches!(self, Self::Number | Self::Name)
    }

    /// The search field with the name given in the server's refusal.
    pub fn of(field: FieldId) -> Option<Self> {
        match field {
            FieldId::CompanyNumber => Some(Self::Number),
            FieldId::CompanyName => Some(Self::Name),
            _ => None,
        }
    }

    /// The field that a response of the server concerns.
    pub fn accused_by(code: ApiErrorCode) -> Option<Self> {
        match code {
            ApiErrorCode::NumberNotFound | ApiErrorCode::CompanyNotFound => Some(Self::Number),
            ApiErrorCode::NameMismatch => Some(Self::Name),
            ApiErrorCode::CredentialsWrong => Some(Self::UserId),
            _ => None,
        }
    }
}

/// The fields that a profile's search asks for.
pub fn fields(search: &Search) -> &'static [SearchField] {
    match search.credentials {
        Credentials::None => &[SearchField::Number, SearchField::Name],
        Credentials::WhenIssued => {
            &[SearchField::Number, SearchField::Name, SearchField::UserId, SearchField::Password]
        }
    }
}

/// What was typed into the search. No `Debug`: it holds a password.
#[derive(Clone, Default)]
pub struct SearchForm {
    pub typed: Few<SearchField, String>,
    /// What is wrong, by field.
    pub problems: Few<SearchField, Problem>,
    /// The field that the server's refusal concerns.
    pub accused: Option<SearchField>,
    /// The list of errors is shown.
    pub summary: bool,
    /// Asking the server.
    pub busy: bool,
}

impl SearchForm {
    /// What was typed; empty if nothing was.
    pub fn text(&self, field: SearchField) -> &str {
        self.typed.get(&field).map_or("", String::as_str)
    }

    /// What is wrong with a field.
    pub fn check(&self, field: SearchField, search: &Search) -> Result<(), Problem> {
        let typed = self.text(field).trim();
        if typed.is_empty() {
            return if field.required() { Err(Problem::Required) } else { Ok(()) };
        }
        match field {
            SearchField::Number => field.rule(search).check(&search.normal_number(typed), &Values::default()),
            SearchField::Name => search.check_name(typed),
            _ => field.rule(search).check(typed, &Values::default()),
        }
    }

    pub fn request(&self, search: &Search) -> CompanySearch {
        let asked = |field| match fields(search).contains(&field) {
            true => self.text(field).trim().to_owned(),
            false => String::new(),
        };
        CompanySearch {
            number: search.normal_number(self.text(SearchField::Number)),
            name: asked(SearchField::Name),
            user_id: asked(SearchField::UserId),
            // A space may be part of a password.
            password: match fields(search).contains(&SearchField::Password) {
                true => self.text(SearchField::Password).to_owned(),
                false => String::new(),
            },
        }
    }
}
