//! ログイン and the link of a new account.

pub const HEADING: &str = "ログイン";
pub const LEAD: &str = "電子入札システムの、発注機関の担当者用の画面です。";
pub const AGENCY: &str = "発注機関";
pub const SIGN_IN: &str = "ログイン";
pub const SIGNING_IN: &str = "確かめています";
pub const BY_CARD: &str = "ICカードでログイン";
pub const CARD_HEADING: &str = "ICカードを結び付けている方";
pub const CARD_LEAD: &str =
    "自分のアカウントにICカードを結び付けていれば、パスワードと数字の代わりに使えます。";
pub const PASSWORD_HEADING: &str = "パスワードでログイン";
/// For people without an account or with a forgotten password.
pub const HELP: &str = "アカウントがない方、パスワードを忘れた方、認証アプリを使えなくなった方は、役割が「管理」の担当者に、新しいリンクを頼んでください。";

pub fn wait(seconds: u32) -> String {
    match seconds.div_ceil(60) {
        0 | 1 => format!("あと{seconds}秒お待ちください"),
        minutes => format!("あと約{minutes}分お待ちください"),
    }
}

/// Above the steps of the link.
pub fn set_up_lead(name: &str, login_id: &str, agency: &str) -> String {
    format!("{agency}　{name}さん（ログインID：{login_id}）のパスワードと認証アプリを決めます。")
}

pub const STEP_APP: &str = "1．認証アプリに登録する";
pub const STEP_APP_LEAD: &str = "スマートフォンの認証アプリ（Google Authenticator、Microsoft Authenticatorなど）で、この図を読み取ってください。";
pub const QR_NAME: &str = "認証アプリで読み取るQRコード";
pub const SECRET: &str = "読み取れないときは、この文字を認証アプリに入力してください。";
pub const STEP_PASSWORD: &str = "2．パスワードと、アプリの数字を入力する";
pub const FINISH: &str = "設定する";
pub const OPENING: &str = "リンクを確かめています";
pub const TO_SIGN_IN: &str = "ログインの画面へ";
