//! 業者番号一覧: what is requested and what is shown.

use touroku_proto::{
    api::{CompanyPage, ListedCompany},
    endpoint::bidder::CompanyQuery,
};

use crate::bidder::action::Answer;

pub enum ListingAction {
    /// A row of 五十音; `None`: all.
    Row(Option<&'static str>),
    /// The search box changed.
    Typed(String),
    /// 検索.
    Search,
    /// 次へ.
    Next,
    /// 前へ.
    Previous,
    /// A page of the list, for that request.
    Read { attempt: u32, answer: Answer<CompanyPage> },
    /// この番号で登録する.
    Pick(ListedCompany),
    /// 番号をコピー.
    Copy(String),
}

/// 業者番号一覧 as shown.
#[derive(Clone, Default)]
pub struct Listing {
    /// Counts the requests, to recognise late answers.
    pub attempt: u32,
    /// Whose list it is.
    pub(super) agency: String,
    /// The row shown.
    pub row: Option<&'static str>,
    pub typed: String,
    /// The current query.
    pub(super) query: String,
    /// Where each page up to the present one begins, and how many companies precede it.
    pub(super) pages: Vec<(Option<String>, usize)>,
    pub companies: Vec<ListedCompany>,
    /// Where the next one begins.
    pub(super) next: Option<String>,
    /// The total, if known.
    pub total: Option<u64>,
    /// The list is being fetched.
    pub busy: bool,
    /// A list has arrived.
    pub read: bool,
}

impl Listing {
    /// How many companies precede the present page.
    pub fn before(&self) -> usize {
        self.pages.last().map_or(0, |&(_, before)| before)
    }

    /// Whether 次へ leads anywhere.
    pub fn has_next(&self) -> bool {
        self.next.is_some()
    }

    /// Whether 前へ leads anywhere.
    pub fn has_previous(&self) -> bool {
        self.pages.len() > 1
    }

    /// The request for the present page, for a search in that category.
    pub(super) fn request(&self, category: Option<String>) -> CompanyQuery {
        CompanyQuery {
            category,
            row: self.row.map(str::to_owned),
            query: Some(self.query.clone()).filter(|query| !query.is_empty()),
            after: self.pages.last().and_then(|(after, _)| after.clone()),
        }
    }
}
