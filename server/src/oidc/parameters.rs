//! Request parameters.

use std::collections::BTreeMap;

use openidconnect::url::form_urlencoded;

/// The longest value, in bytes.
const MAX_VALUE: usize = 4096;

/// Parameters of a query or a form: each at most once (RFC 6749, 3.1), empty ones left out.
#[derive(Clone, Default)]
pub struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// Parses a query or a form's body. `None`: one occurs twice, or is too long.
    pub fn parse(text: &str) -> Option<Self> {
        let mut all = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            if value.len() > MAX_VALUE || value.contains('\0') {
                return None;
            }
            if all.insert(name.into_owned(), value.into_owned()).is_some() {
                return None;
            }
        }
        all.retain(|_, value| !value.is_empty());
        Some(Self(all))
    }

    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The space-separated words of a value.
    pub fn words(&self, name: &str) -> impl Iterator<Item = &str> {
        self.value(name).unwrap_or_default().split(' ').filter(|word| !word.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_that_is_there_twice_is_no_parameter() {
        assert!(Parameters::parse("a=1&b=2&a=1").is_none());
        let parsed = Parameters::parse("a=1%20x&b=").unwrap();
        assert_eq!((parsed.value("a"), parsed.value("b")), (Some("1 x"), None));
        assert_eq!(parsed.words("a").collect::<Vec<_>>(), ["1", "x"]);
        assert!(Parameters::parse(&format!("a={}", "x".repeat(5000))).is_none());
    }
}
