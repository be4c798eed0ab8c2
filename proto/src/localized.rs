//! An agency's own words, in Japanese and, where provided, in other languages.

use std::{fmt, ops::Deref};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};

/// A text of a profile. Unless another language is asked for it is its Japanese: that is what is stored, signed,
/// mailed and shown to officers. Written as a string, or as a table: `{ ja = "工事", en = "Works" }`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Localized(Box<Words>);

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Words {
    ja: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    en: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    easy: String,
}

impl Localized {
    /// The Japanese.
    pub fn as_str(&self) -> &str {
        &self.0.ja
    }

    /// The text in a language other than Japanese, by the language's name in the profile; `None` where the agency
    /// does not provide it.
    pub fn translation(&self, language: &str) -> Option<&str> {
        let text = match language {
            "en" => &self.0.en,
            "easy" => &self.0.easy,
            _ => return None,
        };
        (!text.trim().is_empty()).then_some(text)
    }

    /// The text in that language, by its name in the profile; empty: there is none.
    pub fn written(&self, language: &str) -> &str {
        match language {
            "en" => &self.0.en,
            "easy" => &self.0.easy,
            _ => &self.0.ja,
        }
    }

    /// Puts another text in that language in its place.
    pub fn write(&mut self, language: &str, text: String) {
        let words = &mut *self.0;
        match language {
            "en" => words.en = text,
            "easy" => words.easy = text,
            _ => words.ja = text,
        }
    }

    /// This text and the other one, side by side, in each language that either has.
    pub fn followed_by(&self, other: &Self) -> Self {
        let in_language = |language: &str| {
            let [first, second] = [self, other].map(|text| text.translation(language));
            match (first, second) {
                (None, None) => String::new(),
                _ => format!("{} {}", first.unwrap_or(self), second.unwrap_or(other)),
            }
        };
        Self(Box::new(Words {
            ja: format!("{self}\u{3000}{other}"),
            en: in_language("en"),
            easy: in_language("easy"),
        }))
    }
}

impl Deref for Localized {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for Localized {
    fn as_ref(&self) -> &str {
        self
    }
}

impl fmt::Display for Localized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl PartialEq<str> for Localized {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Localized {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialEq<String> for Localized {
    fn eq(&self, other: &String) -> bool {
        self.as_str() == other
    }
}

impl From<String> for Localized {
    fn from(ja: String) -> Self {
        Self(Box::new(Words { ja, ..Words::default() }))
    }
}

impl From<&str> for Localized {
    fn from(ja: &str) -> Self {
        ja.to_owned().into()
    }
}

impl From<Localized> for String {
    fn from(text: Localized) -> Self {
        text.0.ja
    }
}

impl Serialize for Localized {
    /// A plain string where there is only Japanese, as before there were languages.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.en.is_empty() && self.0.easy.is_empty() {
            true => serializer.serialize_str(self),
            false => self.0.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Localized {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct StringOrTable;

        impl<'de> Visitor<'de> for StringOrTable {
            type Value = Localized;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E>(self, text: &str) -> Result<Localized, E> {
                Ok(text.into())
            }

            fn visit_string<E>(self, text: String) -> Result<Localized, E> {
                Ok(text.into())
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Localized, A::Error> {
                Words::deserialize(MapAccessDeserializer::new(map)).map(|words| Localized(Box::new(words)))
            }
        }

        deserializer.deserialize_any(StringOrTable)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Localized {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Localized".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "anyOf": [{ "type": "string" }, generator.subschema_for::<Words>()] })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn japanese_alone_is_written_as_a_string() {
        let text: Localized = serde_json::from_value(json!("工事")).unwrap();
        assert_eq!(text, "工事");
        assert_eq!(serde_json::to_value(&text).unwrap(), json!("工事"));
        assert_eq!(text.translation("en"), None);
    }

    #[test]
    fn other_languages_are_kept_and_blank_ones_are_not_there() {
        let written = json!({"ja": "工事", "en": "Works"});
        let text: Localized = serde_json::from_value(written.clone()).unwrap();
        assert_eq!((&*text, text.translation("en"), text.translation("easy")), ("工事", Some("Works"), None));
        assert_eq!(serde_json::to_value(&text).unwrap(), written);
        let blank: Localized = serde_json::from_value(json!({"ja": "工事", "en": " "})).unwrap();
        assert_eq!(blank.translation("en"), None);
    }

    #[test]
    fn two_texts_side_by_side_are_so_in_each_language() {
        let both = |one, other| {
            let [one, other]: [Localized; 2] = [one, other].map(|text| serde_json::from_value(text).unwrap());
            serde_json::to_value(one.followed_by(&other)).unwrap()
        };
        assert_eq!(both(json!("県"), json!("市")), json!("県\u{3000}市"));
        let english = json!({"ja": "市", "en": "City"});
        assert_eq!(both(json!("県"), english), json!({"ja": "県\u{3000}市", "en": "県 City"}));
    }

    #[test]
    fn a_table_without_japanese_or_with_an_unknown_language_is_refused() {
        for wrong in [json!({"en": "Works"}), json!({"ja": "工事", "fr": "Travaux"}), json!(1)] {
            assert!(serde_json::from_value::<Localized>(wrong).is_err());
        }
    }
}
