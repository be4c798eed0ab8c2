//! Figures: how registration is going.

use serde::{Deserialize, Serialize};

/// The figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Figures {
    /// When days, stock, cards, times and settled mails were counted, Unix milliseconds: at large agencies up to a
    /// minute ago. What officers act on (suspended, pending, queued) is counted at each request.
    #[serde(default)]
    pub counted_unix_ms: i64,
    /// The last 90 days in Japan time, oldest first, including days without events.
    pub days: Vec<DayFigures>,
    /// 紙入札業者.
    pub paper: u64,
    /// 電子入札業者.
    pub electronic: u64,
    /// Companies that are suspended.
    pub suspended: u64,
    /// Cards in use.
    pub cards: u64,
    /// Cards that expire within 30 days.
    pub expiring_30: u64,
    /// Cards that expire within 90 days, those within 30 included.
    pub expiring_90: u64,
    /// Cards in use whose issuer revoked them.
    pub revoked: u64,
    /// Whether the server checks for revoked cards at all.
    #[serde(default = "yes")]
    pub checks_revocation: bool,
    /// Applications that wait.
    pub pending: u64,
    /// When the oldest of them was submitted, Unix milliseconds.
    pub oldest_pending_unix_ms: Option<i64>,
    /// Companies whose 利用申請書 was received and is not permitted yet.
    #[serde(default)]
    pub permits: u64,
    /// Median processing time of the applications decided in these 90 days, milliseconds.
    pub median_processing_ms: Option<i64>,
    /// Its 90th percentile, milliseconds.
    pub slow_processing_ms: Option<i64>,
    /// Mails that wait.
    pub mail_queued: u64,
    /// Mails sent in these 90 days.
    pub mail_sent: u64,
    /// Mails refused in these 90 days.
    pub mail_refused: u64,
}

fn yes() -> bool {
    true
}

/// What was completed on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DayFigures {
    /// `YYYY-MM-DD`, Japan time.
    pub day: String,
    /// 登録.
    pub registered: u32,
    /// 変更.
    pub changed: u32,
    /// ICカード更新.
    pub renewed: u32,
    /// ID登録申請.
    pub applied: u32,
}
