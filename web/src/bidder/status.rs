//! 登録状況.

use touroku_proto::{
    officer::company::Timeline,
    status::{CompanyStatus, ShownPassword, Stop},
};

use crate::bidder::action::Answer;

#[derive(Clone, Default)]
pub struct StatusPage {
    pub status: Option<CompanyStatus>,
    pub busy: bool,
    /// What happened earlier is being read.
    pub reads_older: bool,
    /// What the person is asked to confirm stopping.
    pub asked: Option<Stop>,
    pub stopped: bool,
    /// That of the 入札情報公開システム, while it is shown.
    pub password: Option<String>,
    pub asks_password: bool,
}

pub enum StatusAction {
    Read(Answer<CompanyStatus>),
    /// さらに前を表示: what happened earlier.
    Older,
    /// From where on, and what it is.
    OlderRead(String, Answer<Timeline>),
    /// 利用を停止.
    Offer(Stop),
    /// やめる.
    Withdraw,
    /// 停止する.
    Confirm,
    Stopped(Answer<CompanyStatus>),
    /// パスワードを表示する.
    ShowPassword,
    PasswordRead(Answer<ShownPassword>),
    /// 隠す.
    HidePassword,
}
