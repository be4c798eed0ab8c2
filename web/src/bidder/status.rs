//! 登録状況.

use touroku_proto::status::{CompanyStatus, Stop};

use crate::bidder::action::Answer;

/// What the screen shows.
#[derive(Clone, Default)]
pub struct StatusPage {
    /// As the server said last.
    pub status: Option<CompanyStatus>,
    /// Whether an answer is on its way.
    pub busy: bool,
    /// What the person is asked whether it shall be stopped.
    pub asked: Option<Stop>,
    /// Something was stopped.
    pub stopped: bool,
}

/// Something happened on it.
pub enum StatusAction {
    /// `GET /api/status`.
    Read(Answer<CompanyStatus>),
    /// 利用を停止.
    Offer(Stop),
    /// やめる.
    Withdraw,
    /// 停止する.
    Confirm,
    /// `POST /api/status/stop`.
    Stopped(Answer<CompanyStatus>),
}
