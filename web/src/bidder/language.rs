//! The languages of the page.

/// A language that the page may be read in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// 日本語: what agencies write, and what is registered.
    #[default]
    Japanese,
    /// やさしい日本語.
    Easy,
    English,
}

impl Language {
    /// In the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Japanese, Self::Easy, Self::English];

    /// The name of its catalogues.
    pub fn code(self) -> &'static str {
        match self {
            Self::Japanese => "ja",
            Self::Easy => "easy",
            Self::English => "en",
        }
    }

    /// The language of that name.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.code() == code)
    }

    /// Its tag for browsers and screen readers (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Self::Japanese | Self::Easy => "ja",
            Self::English => "en",
        }
    }

    /// Its name, recognisable to its readers whatever language is in use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Japanese => "日本語",
            Self::Easy => "やさしい日本語",
            Self::English => "English",
        }
    }
}

/// The language in use, and those offered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Languages {
    pub spoken: Language,
    /// Those with texts; nothing is offered if there is only one.
    pub offered: Vec<Language>,
}
