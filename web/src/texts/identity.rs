//! Whose card, whose company: what a comparison found, and why officers look at a card.

use touroku_proto::identity::{Finding, ReviewCause};

/// What the comparison of the certificate's company with the roster's found.
pub fn finding(finding: Finding) -> &'static str {
    match finding {
        Finding::SameNumber => "法人番号が同じです。",
        Finding::SameName => "会社の名称が同じです。",
        Finding::SameBranch => "会社の名称が同じで、片方に支店などの名称が付いています。",
        Finding::OtherNumber => "法人番号が違います。別の会社のICカードと考えられます。",
        Finding::OtherName => "会社の名称が違います。",
        Finding::NoName => "ICカードの電子証明書に、会社の名称がありません。比べられません。",
        Finding::Romaji => "ICカードの電子証明書の会社の名称は、ローマ字だけです。比べられません。",
        Finding::BranchUnclear => {
            "片方の名称が長く、支店などの名称なのか、別の会社なのかを見分けられません。"
        }
    }
}

/// Why officers look at a card.
pub fn cause(cause: ReviewCause) -> &'static str {
    match cause {
        ReviewCause::Category => "この区分では、ICカードの登録をすべて審査します。",
        ReviewCause::SecondCard => "この会社には、すでに登録されたICカードがあります。",
        ReviewCause::CompanyDiffers => "ICカードの会社が、名簿の会社と違います。",
        ReviewCause::CompanyUnclear => "ICカードの会社を、名簿の会社と比べられません。",
        ReviewCause::HolderDiffers => "新しいICカードの取得者が、今までのICカードの取得者と違います。",
    }
}

/// Heading of the comparison, and its caption.
pub const COMPARISON: &str = "ICカードの会社と名簿の会社";
/// The certificate's column.
pub const CERTIFICATE: &str = "ICカードの電子証明書";
/// The roster's column.
pub const ROSTER: &str = "名簿";
/// The names' row.
pub const NAME: &str = "会社の名称";
/// The numbers' row.
pub const NUMBER: &str = "法人番号";
/// A row that differs.
pub const DIFFERS: &str = "違いあり";
/// A row that does not.
pub const SAME: &str = "同じ";
/// An empty value.
pub const EMPTY: &str = "（記載なし）";
/// Above what differs.
pub const LOOK: &str = "ICカードの会社と名簿の会社が、同じかどうかを確かめてください。";
/// Below what differs.
pub const LOOK_NEXT: &str = "自社のICカードで、社名の変更などの理由が分かっているときだけ、先へ進んでください。ほかの会社の番号を入力していないかも確かめてください。";
/// What waits for officers.
pub const REVIEW: &str = "この手続きは、調達機関の審査のあとに有効になります。";
/// Until then.
pub const REVIEW_NEXT: &str =
    "審査が終わるまで、このICカードではログインできません。結果はメールでお知らせします。";
/// Officers: why it is here.
pub const CAUSES: &str = "審査の理由";
/// Officers: which card it would replace.
pub const REPLACES: &str = "置き換えるICカード（証明書シリアル番号）";
/// Officers: the certificate names another company.
pub const OTHER_COMPANY: &str = "ICカードの会社が名簿の会社と違う";
/// Officers: the kind of an application that is a renewal.
pub const RENEWAL: &str = "ICカード更新";
