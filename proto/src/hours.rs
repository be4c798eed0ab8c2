//! When an agency's system may be used (利用時間): what a page is told.
//!
//! Reckoned by the server, which alone knows the holidays.

use serde::{Deserialize, Serialize};

pub use touroku_japanese::hours::{
    BusinessHours, ClosedDays, NotClosedDays, NotTimeOfDay, TimeOfDay, Weekday,
};

/// `GET /api/agencies/{code}/hours`: whether the system may be used now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoursState {
    /// A session may be begun. One that runs at closing time may go on to its end.
    pub open: bool,
    /// When that changes next, Unix milliseconds; `None`: never, the agency names no hours.
    pub changes_unix_ms: Option<i64>,
}
