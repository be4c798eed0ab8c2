//! A call's URL: the parts of its path and its query.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Characters that a URL keeps as they are: RFC 3986, 2.3.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Encodes a text as part of a URL.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

/// A URL while it is written: a path whose named parts, `{…}`, are filled in from left to right, then its query.
pub struct Url {
    template: &'static str,
    text: String,
}

impl Url {
    /// The URL of a call.
    pub fn of(template: &'static str, path: &dyn Parts, query: &dyn Query) -> String {
        let mut url = Self { template, text: String::new() };
        path.write(&mut url);
        url.text.push_str(url.template);
        query.write(&mut url);
        url.text
    }

    fn part(&mut self, part: &dyn Part) {
        // That a template has as many parts as its type is asserted where it is declared.
        let (before, rest) = self.template.split_once('{').unwrap_or((self.template, "}"));
        self.text.push_str(before);
        self.template = rest.split_once('}').map_or("", |(_, after)| after);
        part.write(&mut |text| self.text.push_str(&encode(text)));
    }

    /// Adds to the query.
    pub fn pair(&mut self, name: &str, value: &dyn Value) {
        value.write(&mut |text| {
            self.text.push(if self.text.contains('?') { '&' } else { '?' });
            self.text.push_str(name);
            self.text.push('=');
            self.text.push_str(&encode(text));
        });
    }
}

/// How many parts a path has.
pub(super) const fn count(template: &str) -> usize {
    let (mut at, mut parts) = (0, 0);
    while at < template.len() {
        parts += (template.as_bytes()[at] == b'{') as usize;
        at += 1;
    }
    parts
}

/// A value that stands in a path.
pub trait Part {
    /// Writes its text.
    fn write(&self, to: &mut dyn FnMut(&str));

    /// Parses its text. `None`: nothing has such a name.
    fn read(text: &str) -> Option<Self>
    where
        Self: Sized;
}

impl Part for String {
    fn write(&self, to: &mut dyn FnMut(&str)) {
        to(self);
    }

    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {
        $(impl Part for $number {
            fn write(&self, to: &mut dyn FnMut(&str)) {
                to(&self.to_string());
            }

            fn read(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        })*
    };
}

numbers!(i64, u64);

impl Part for bool {
    fn write(&self, to: &mut dyn FnMut(&str)) {
        to(if *self { "true" } else { "false" });
    }

    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// The named parts of a path, in its order.
pub trait Parts {
    /// Fills them in.
    fn write(&self, url: &mut Url);

    /// Parses them. `None`: nothing has such a name.
    fn read(texts: &[&str]) -> Option<Self>
    where
        Self: Sized;
}

impl Parts for () {
    fn write(&self, _: &mut Url) {}

    fn read(texts: &[&str]) -> Option<Self> {
        texts.is_empty().then_some(())
    }
}

impl<A: Part> Parts for (A,) {
    fn write(&self, url: &mut Url) {
        url.part(&self.0);
    }

    fn read(texts: &[&str]) -> Option<Self> {
        let [a] = texts else { return None };
        Some((A::read(a)?,))
    }
}

impl<A: Part, B: Part> Parts for (A, B) {
    fn write(&self, url: &mut Url) {
        url.part(&self.0);
        url.part(&self.1);
    }

    fn read(texts: &[&str]) -> Option<Self> {
        let [a, b] = texts else { return None };
        Some((A::read(a)?, B::read(b)?))
    }
}

impl<A: Part, B: Part, C: Part> Parts for (A, B, C) {
    fn write(&self, url: &mut Url) {
        url.part(&self.0);
        url.part(&self.1);
        url.part(&self.2);
    }

    fn read(texts: &[&str]) -> Option<Self> {
        let [a, b, c] = texts else { return None };
        Some((A::read(a)?, B::read(b)?, C::read(c)?))
    }
}

/// A value that stands in a query.
pub trait Value {
    /// Writes its text; nothing if there is none.
    fn write(&self, to: &mut dyn FnMut(&str));
}

impl<T: Part> Value for T {
    fn write(&self, to: &mut dyn FnMut(&str)) {
        Part::write(self, to);
    }
}

impl<T: Part> Value for Option<T> {
    fn write(&self, to: &mut dyn FnMut(&str)) {
        if let Some(value) = self {
            Part::write(value, to);
        }
    }
}

/// What follows `?`.
pub trait Query {
    /// Adds its pairs.
    fn write(&self, url: &mut Url);
}

/// A call without a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NoQuery {}

impl Query for NoQuery {
    fn write(&self, _: &mut Url) {}
}

/// Defines the query of a call.
macro_rules! query {
    (
        $(#[$meta:meta])*
        pub struct $name:ident { $($(#[$field_meta:meta])* pub $field:ident: $type:ty,)* }
    ) => {
        #[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        $(#[$meta])*
        pub struct $name { $($(#[$field_meta])* pub $field: $type,)* }

        impl crate::endpoint::Query for $name {
            fn write(&self, url: &mut crate::endpoint::Url) {
                $(url.pair(stringify!($field), &self.$field);)*
            }
        }
    };
}

#[cfg(test)]
#[allow(unreachable_pub, reason = "what the macro defines is public")]
mod tests {
    use super::*;

    query! {
        /// A query.
        pub struct Wanted {
            /// Text.
            pub text: Option<String>,
            /// Number.
            pub number: i64,
        }
    }

    #[test]
    fn whatever_stands_in_a_url_is_encoded_and_what_is_missing_leaves_nothing() {
        let path = ("0/1 (株)".to_owned(), -3_i64);
        let mut query = Wanted { text: Some("a&b=%".to_owned()), number: 2 };
        let url = |query: &Wanted| Url::of("/api/a/{name}/b/{id}/c", &path, query);
        assert_eq!(url(&query), "/api/a/0%2F1%20%28%E6%A0%AA%29/b/-3/c?text=a%26b%3D%25&number=2");
        query.text = None;
        assert_eq!(url(&query), "/api/a/0%2F1%20%28%E6%A0%AA%29/b/-3/c?number=2");
        assert_eq!(Url::of("/api/a", &(), &NoQuery {}), "/api/a");
    }

    #[test]
    fn a_part_that_is_no_such_value_names_nothing() {
        assert_eq!(<(String, i64)>::read(&["a", "7"]), Some(("a".to_owned(), 7)));
        assert_eq!(<(String, i64)>::read(&["a", "b"]), None);
        assert_eq!(<(i64,)>::read(&["1", "2"]), None);
    }
}
