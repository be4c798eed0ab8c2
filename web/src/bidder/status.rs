//! 登録状況.

use touroku_proto::status::{CompanyStatus, Stop};

use crate::bidder::action::Answer;

#[derive(Clone, Default)]
pub struct StatusPage {
    pub status: Option<CompanyStatus>,
    pub busy: bool,
    /// What the person is asked to confirm stopping.
    pub asked: Option<Stop>,
    pub stopped: bool,
}

pub enum StatusAction {
    Read(Answer<CompanyStatus>),
    /// 利用を停止.
    Offer(Stop),
    /// やめる.
    Withdraw,
    /// 停止する.
    Confirm,
    Stopped(Answer<CompanyStatus>),
}
