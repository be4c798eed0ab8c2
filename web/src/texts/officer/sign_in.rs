//! ログイン and the link of a new account.

/// Heading of the sign-in.
pub const HEADING: &str = "ログイン";
pub const LEAD: &str = "電子入札システムの、発注機関の担当者用の画面です。";
pub const AGENCY: &str = "発注機関";
/// ログイン.
pub const SIGN_IN: &str = "ログイン";
/// While the server looks.
pub const SIGNING_IN: &str = "確かめています";
pub const BY_CARD: &str = "ICカードでログイン";
/// Heading above it.
pub const CARD_HEADING: &str = "ICカードを結び付けている方";
pub const CARD_LEAD: &str =
    "自分のアカウントにICカードを結び付けていれば、パスワードと数字の代わりに使えます。";
/// Heading of the fields.
pub const PASSWORD_HEADING: &str = "パスワードでログイン";
/// For who has no account or has forgotten the password.
pub const HELP: &str = "アカウントがない方、パスワードを忘れた方、認証アプリを使えなくなった方は、役割が「管理」の担当者に、新しいリンクを頼んでください。";

/// How long until one may try again.
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

/// The first step.
pub const STEP_APP: &str = "1．認証アプリに登録する";
/// What to do with the picture.
pub const STEP_APP_LEAD: &str = "スマートフォンの認証アプリ（Google Authenticator、Microsoft Authenticatorなど）で、この図を読み取ってください。";
pub const QR_NAME: &str = "認証アプリで読み取るQRコード";
/// For who can't read it.
pub const SECRET: &str = "読み取れないときは、この文字を認証アプリに入力してください。";
pub const STEP_PASSWORD: &str = "2．パスワードと、アプリの数字を入力する";
/// 決定.
pub const FINISH: &str = "設定する";
/// While the server looks at the link.
pub const OPENING: &str = "リンクを確かめています";
/// Back to the sign-in.
pub const TO_SIGN_IN: &str = "ログインの画面へ";
