//! When an agency's system is open (利用時間), as a page is told.
//!
//! Computed by the server, because only the server knows the holidays.

use serde::{Deserialize, Serialize};

pub use touroku_japanese::hours::{
    BusinessHours, ClosedDays, NotClosedDays, NotTimeOfDay, TimeOfDay, Weekday, days_in, working_days,
};

/// Whether an agency's system is open now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HoursState {
    /// A session may be begun. One running at closing time may go on to its end.
    pub open: bool,
    /// When that changes next, Unix milliseconds; `None`: never, because the agency names no hours.
    pub changes_unix_ms: Option<i64>,
}
