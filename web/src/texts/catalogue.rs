//! The texts of the chosen language, found by position.

use std::{
    cell::Cell,
    fmt::{self, Display},
    ops::Deref,
};

use crate::bidder::language::Language;
use yew::{AttrValue, Html, html::IntoPropValue, virtual_dom::VText};

thread_local! {
    /// The language's lines. A browser's page has one thread; each native test has its own.
    static LINES: Cell<&'static [&'static str]> = const { Cell::new(&[]) };
    static SPOKEN: Cell<Language> = const { Cell::new(Language::Japanese) };
}

/// Sets the texts of a language, one per line. Previous ones stay in memory: texts handed out refer to them.
pub fn speak(language: Language, lines: String) {
    SPOKEN.set(language);
    let lines: Vec<&'static str> = lines.leak().lines().collect();
    LINES.set(lines.leak());
}

/// The language whose texts were last set.
pub(crate) fn spoken() -> Language {
    SPOKEN.get()
}

/// A sentence or a word of the page, in whichever language is in use.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text(u16);

impl Text {
    pub(crate) const NONE: Self = Self(u16::MAX);

    pub(crate) const fn new(line: u16) -> Self {
        Self(line)
    }

    /// The text, unless it is empty.
    pub(crate) fn said(self) -> Option<Self> {
        (!self.is_empty()).then_some(self)
    }

    pub(crate) fn get(self) -> &'static str {
        #[cfg(test)]
        if LINES.get().is_empty() {
            speak(Language::Japanese, include_str!(concat!(env!("OUT_DIR"), "/ja.txt")).to_owned());
        }
        LINES.get().get(usize::from(self.0)).copied().unwrap_or_default()
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &'static str {
        self.get()
    }
}

impl Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.get())
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.get())
    }
}

impl From<Text> for AttrValue {
    fn from(text: Text) -> Self {
        Self::Static(text.get())
    }
}

impl IntoPropValue<AttrValue> for Text {
    fn into_prop_value(self) -> AttrValue {
        self.into()
    }
}

impl IntoPropValue<Option<AttrValue>> for Text {
    fn into_prop_value(self) -> Option<AttrValue> {
        Some(self.into())
    }
}

impl IntoPropValue<Html> for Text {
    fn into_prop_value(self) -> Html {
        VText::new(self).into()
    }
}

/// A text with its placeholders filled in.
pub(crate) fn fill(text: Text, values: &[(&str, &dyn Display)]) -> String {
    let (mut filled, mut rest) = (String::new(), text.get());
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?)))
    {
        filled.push_str(before);
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            filled.push_str(&value.to_string());
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_looks_like_a_placeholder_stays_as_it_is() {
        speak(Language::Japanese, "「{typed}」は{count}件\n".to_owned());
        let filled = fill(Text::new(0), &[("count", &3), ("typed", &"{count}")]);
        assert_eq!(filled, "「{count}」は3件");
    }

    #[test]
    fn a_language_that_is_taken_later_is_spoken_from_then_on() {
        let text = Text::new(1);
        speak(Language::Japanese, "一\n二\n".to_owned());
        assert_eq!(&*text, "二");
        speak(Language::English, "one\ntwo\n".to_owned());
        assert_eq!(&*text, "two");
    }
}
