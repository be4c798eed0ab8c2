//! How enums of error codes are defined.

/// Defines an enum of stable codes with their text forms, so that the list of all of them can't go stale.
macro_rules! codes {
    (
        $(#[$enum_doc:meta])*
        pub enum $enum:ident { $($(#[$doc:meta])* $name:ident = $text:literal,)* }
    ) => {
        $(#[$enum_doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $enum {
            $($(#[$doc])* $name,)*
        }

        words!($enum);

        impl $enum {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The text form, as in JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

/// Serialises an enum as its text form. By hand: what serde derives for enums with many names weighs more on the
/// page than all the rest of `proto`.
macro_rules! words {
    ($enum:ident) => {
        impl serde::Serialize for $enum {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $enum {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                let known = Self::ALL.iter().find(|word| word.as_str() == text);
                known
                    .copied()
                    .ok_or_else(|| serde::de::Error::custom(format_args!("unknown variant `{text}`")))
            }
        }
    };
}
