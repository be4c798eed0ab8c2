//! Agencies' own texts, in the page's language where there is such a text.

use std::{borrow::Cow, fmt, ops::Deref};

use touroku_proto::{
    field::{FieldId, Rule},
    form::Row,
    localized::Localized,
};
use yew::{Html, html, html::IntoPropValue, virtual_dom::VText};

use super::{
    Text,
    catalogue::spoken,
    field::said::hint as said,
    said::contractor::{labels, screen::of_what},
};
use crate::bidder::language::Language;

/// A text that may be Japanese on a page in another language.
#[derive(Clone, Debug)]
pub struct Own<'a> {
    text: Cow<'a, str>,
    /// The text is Japanese, and the page is not.
    foreign: bool,
    /// The agency's Japanese word, after a text that is not the agency's.
    term: Option<&'a str>,
}

pub fn own(text: &Localized) -> Own<'_> {
    let language = spoken();
    match text.translation(language.code()) {
        Some(translation) => Own::plain(translation),
        None => Own { foreign: language.tag() != Language::Japanese.tag(), ..Own::plain(text) },
    }
}

pub fn label(row: &Row) -> Own<'_> {
    label_of(row.field, &row.label)
}

/// A field's label. In languages other than Japanese every field has the same name on every agency's page.
pub fn label_of(field: FieldId, label: &Localized) -> Own<'_> {
    match labels::name(field).filter(|_| untranslated(label)) {
        Some(name) => Own { term: Some(label), ..name.into() },
        None => own(label),
    }
}

/// What is said beside a field.
pub fn hint<'a>(hint: &'a Localized, rule: Option<&Rule>) -> Own<'a> {
    match rule.filter(|_| untranslated(hint)) {
        Some(rule) => Own { text: Cow::Owned(hint_of(rule)), foreign: false, term: None },
        None => own(hint),
    }
}

fn untranslated(text: &Localized) -> bool {
    let language = spoken();
    language != Language::Japanese && text.translation(language.code()).is_none()
}

fn hint_of(rule: &Rule) -> String {
    let counted = |kind: Text, min: usize, max: usize| match min == max {
        true => said::exactly(&kind, max),
        false => said::between(&kind, min, max),
    };
    match *rule {
        Rule::Text { max } => said::text(max),
        Rule::FullWidth { max } => said::full_width(max),
        Rule::Alphanumeric { min, max } => counted(said::ALPHANUMERIC, min, max),
        Rule::MixedAlphanumeric { min, max } => counted(said::MIXED, min, max),
        Rule::Digits { min, max } => counted(said::DIGITS, min, max),
        Rule::PostalCode => said::POSTAL_CODE.to_string(),
        Rule::Phone => said::PHONE.to_string(),
        Rule::Email { max } => said::email(max),
        Rule::Repeat { .. } => said::REPEAT.to_string(),
    }
}

impl<'a> Own<'a> {
    fn plain(text: &'a str) -> Self {
        Self { text: Cow::Borrowed(text), foreign: false, term: None }
    }

    /// For an attribute: the language, if it is not the page's.
    pub fn lang(&self) -> Option<&'static str> {
        self.foreign.then_some(Language::Japanese.tag())
    }
}

impl Deref for Own<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Own<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl From<Text> for Own<'_> {
    fn from(text: Text) -> Self {
        Self { text: Cow::Borrowed(text.get()), foreign: false, term: None }
    }
}

impl IntoPropValue<Html> for Own<'_> {
    fn into_prop_value(self) -> Html {
        let text = VText::new(self.text.to_string());
        match (self.lang(), self.term) {
            (Some(lang), _) => html! { <span {lang}>{ self.text.to_string() }</span> },
            (None, Some(term)) => html! {
                <>{ Html::from(text) }<span lang={Language::Japanese.tag()}>{ of_what(term) }</span></>
            },
            (None, None) => text.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::texts::speak;

    fn speak_english() {
        speak(Language::English, include_str!(concat!(env!("OUT_DIR"), "/en.txt")).to_owned());
    }

    fn localized(text: serde_json::Value) -> Localized {
        serde_json::from_value(text).unwrap()
    }

    #[test]
    fn an_agencys_text_is_japanese_and_said_to_be_so_where_there_is_no_other() {
        speak_english();
        let (works, goods) = (localized(json!({"ja": "工事", "en": "Works"})), localized(json!("物品")));
        assert_eq!((&*own(&works), own(&works).lang()), ("Works", None));
        assert_eq!((&*own(&goods), own(&goods).lang()), ("物品", Some("ja")));
    }

    #[test]
    fn a_field_without_an_english_label_has_its_usual_name() {
        speak_english();
        let phone = localized(json!("代表電話番号"));
        assert_eq!(&*label_of(FieldId::CompanyPhone, &phone), "Company phone number");
        let own = localized(json!({"ja": "代表電話番号", "en": "Head office phone"}));
        assert_eq!(&*label_of(FieldId::CompanyPhone, &own), "Head office phone");
        let said = |rule| hint(&phone, Some(&rule)).to_string();
        assert_eq!(said(Rule::Phone), "Example: 03-0000-0000");
        assert_eq!(
            said(Rule::Alphanumeric { min: 9, max: 9 }),
            "Half-width letters and digits (半角英数字), exactly 9 characters"
        );
    }

    #[test]
    fn in_japanese_all_is_as_the_agency_writes_it() {
        let text = localized(json!({"ja": "代表電話", "en": "Phone"}));
        assert_eq!(&*label_of(FieldId::CompanyPhone, &text), "代表電話");
        assert_eq!(&*hint(&text, Some(&Rule::Phone)), "代表電話");
    }
}
