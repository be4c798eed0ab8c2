//! How enums with names of their own are defined.

/// Defines an enum with the names of its values on the wire, so that neither these nor the list of all values can
/// go stale.
macro_rules! named {
    (
        $(#[$enum_doc:meta])*
        pub enum $enum:ident { $($(#[$doc:meta])* $name:ident = $text:literal,)* }
    ) => {
        $(#[$enum_doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $enum {
            $($(#[$doc])* $name,)*
        }

        words!($enum);

        impl $enum {
            /// All, in this order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The text form, as in JSON and in URLs.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The one with that text form.
            pub fn from_text(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == text)
            }
        }

        impl crate::endpoint::Part for $enum {
            fn write(&self, to: &mut dyn FnMut(&str)) {
                to(self.as_str());
            }

            fn read(text: &str) -> Option<Self> {
                Self::from_text(text)
            }
        }
    };
}

/// Defines an enum of stable codes, to which later versions may add.
macro_rules! codes {
    ($(#[$enum_doc:meta])* pub enum $($rest:tt)*) => {
        named! {
            $(#[$enum_doc])*
            #[non_exhaustive]
            pub enum $($rest)*
        }
    };
}

/// Serialises an enum as its text form. By hand: what serde derives for enums with many names weighs more on the
/// page than all the rest of `proto`.
macro_rules! words {
    ($enum:ident) => {
        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $enum {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($enum).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let names: Vec<&str> = Self::ALL.iter().map(|word| word.as_str()).collect();
                schemars::json_schema!({ "type": "string", "enum": names })
            }
        }

        impl serde::Serialize for $enum {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $enum {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Word;

                impl serde::de::Visitor<'_> for Word {
                    type Value = $enum;

                    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                        f.write_str("a word")
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$enum, E> {
                        let known = $enum::ALL.iter().find(|word| word.as_str() == text);
                        known.copied().ok_or_else(|| E::custom(format_args!("unknown variant `{text}`")))
                    }
                }

                deserializer.deserialize_str(Word)
            }
        }
    };
}
