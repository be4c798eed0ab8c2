//! The encodings that Japanese files come in.

/// How a file's text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without byte order mark.
    Utf8,
    /// Windows code page 932 (Shift_JIS with NEC's and IBM's extensions).
    Cp932,
}

impl Encoding {
    /// For messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Cp932 => "CP932（Shift_JIS）",
        }
    }

    /// Decodes the text; fails if any byte is invalid in this encoding.
    pub fn decode(self, bytes: &[u8]) -> Option<std::borrow::Cow<'_, str>> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).ok().map(Into::into),
            Self::Cp932 => {
                // Private-use characters (外字) decode, but mean something on one machine only.
                let text =
                    encoding_rs::SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes)?;
                (!text.chars().any(crate::text::is_private)).then_some(text)
            }
        }
    }
}
