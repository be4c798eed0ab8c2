//! 担当者の管理, 自分のアカウント, 監査記録.

use touroku_proto::officer::{OfficerState, Role};

use super::screen::count;

pub fn role_is(role: Role) -> &'static str {
    match role {
        Role::View => "照会、本日の状況、CSVの書き出し",
        Role::Review => "閲覧のすべてと、審査、取込、番号の通知、停止と解除",
        Role::Manage => "審査のすべてと、担当者の管理、監査記録、機関設定",
    }
}

pub fn role_option(role: Role) -> String {
    format!("{}（{}）", role.name(), role_is(role))
}

pub fn state(state: OfficerState) -> &'static str {
    match state {
        OfficerState::Invited => "準備待ち",
        OfficerState::Active => "使用中",
        OfficerState::Stopped => "停止中",
    }
}

pub const LIST: &str = "担当者の一覧";
pub const COLUMNS: [&str; 6] = ["ログインID", "氏名", "役割", "状態", "最後のログイン", "操作"];
pub const STOP: &str = "停止";
pub const START: &str = "停止を解除";
pub const NEW_LINK: &str = "新しいリンク";
pub fn more(sessions: u32, has_card: bool) -> String {
    let card = if has_card { "、ICカードあり" } else { "" };
    format!("ログイン中{sessions}か所{card}")
}

pub const YOU: &str = "（自分）";
pub fn to_role(role: Role) -> String {
    format!("「{}」にする", role.name())
}

pub const ADD_HEADING: &str = "担当者を加える";
pub const ROLE: &str = "役割";
pub const ADD: &str = "加えてリンクを送る";

pub fn link(login_id: &str) -> String {
    format!("{login_id}の準備のリンクを送りました")
}

pub fn link_lead(email: &str, until: &str) -> String {
    format!(
        "{email}に、本人だけが使えるリンクを送りました。{until}まで、1回だけ使えます。届かないときは、迷惑メールの振り分けとアドレスを確かめて、「新しいリンク」からもう一度送ってください。2人の承認が要る審査では、このアカウントの承認は10日のあいだ数えません。"
    )
}

pub fn address(email: &str) -> &str {
    if email.is_empty() { "メールアドレスなし" } else { email }
}

pub const LOGIN_ID: &str = "ログインID";
pub const NAME: &str = "氏名";
pub const AGENCY: &str = "発注機関";
pub const SESSIONS: &str = "ログインしている場所";
pub const SESSION_COLUMNS: [&str; 5] = ["ログインした日時", "最後の操作", "アドレス", "方法", "操作"];
pub const CURRENT: &str = "この画面";
pub const END: &str = "終わらせる";
pub const BY_CARD: &str = "ICカード";
pub const BY_PASSWORD: &str = "パスワード";
pub const PASSWORD: &str = "パスワードを変える";
pub const PASSWORD_LEAD: &str = "変えると、ほかの場所のログインは終わります。";
pub const CHANGE_PASSWORD: &str = "パスワードを変える";
pub const NOTICES: &str = "お知らせメール";
/// What it contains, and whether it is sent.
pub fn daily_mail(on: bool) -> &'static str {
    if on {
        "利用者登録の前日の動きを、毎朝メールでお知らせします（何もなかった日には送りません）。"
    } else {
        "利用者登録の前日の動きのメールは、止めてあります。同じ内容は、ホームで見られます。"
    }
}
pub fn turn_daily_mail(on: bool) -> &'static str {
    if on { "毎朝のメールを止める" } else { "毎朝のメールを受け取る" }
}
pub const CARD: &str = "ICカードでのログイン";
pub const HAS_CARD: &str =
    "ICカードでもログインできます。別のICカードに替えるときは、もう一度結び付けてください。";
pub const NO_CARD: &str = "ICカードを結び付けると、パスワードと数字の代わりに使えます。";
pub const CARD_SERIAL: &str = "電子証明書のシリアル番号";
pub const CARD_SINCE: &str = "結び付けた日時";
pub const CARD_PROOF: &str =
    "結び付けるには、今のパスワードと認証アプリの数字が必要です。結び付けると、メールでお知らせします。";
pub const UNLINK_TOO: &str = "結び付けているICカードもはずす";

pub const UNLINK_TOO_IS: &str = "パスワードを人に知られたおそれがあるときや、上のICカードを結び付けた心当たりがないときは、はずしてください。はずさないと、そのICカードでは今までどおりログインできます";

pub const LINK_CARD: &str = "ICカードを結び付ける";
pub const UNLINK_CARD: &str = "ICカードをはずす";

pub const AUDIT_LEAD: &str = "だれが、いつ、どこから、何をしたかの記録です。後から書き換えられないように、1件ずつ前の記録とつないでいます。";
pub const AUDIT_COLUMNS: [&str; 7] = ["番号", "日時", "担当者", "アドレス", "操作", "対象", "内容"];
pub const SOUND: &str = "記録のつながりに、切れたところはありません。";

pub fn broken(sequence: i64) -> String {
    format!(
        "記録のつながりが、{sequence}番で切れています。データベースが書き換えられたおそれがあります。運用の担当者に、すぐに知らせてください。"
    )
}

pub const CHECKED_AT: &str = "すべての記録を最後に確かめた日時：";
pub const NEVER_CHECKED: &str = "すべての記録は、まだ確かめていません。毎日、夜のうちに自動で確かめます。";
/// It was checked, and the result is unknown.
pub const CHECK_FAILED: &str = "すべての記録を確かめる処理が、最後まで終わりませんでした。しばらくしてから、もう一度お試しください。\
     続けて終わらないときは、システムの管理者に連絡してください。";
pub const CHECK_AUDIT: &str = "すべての記録を今すぐ確かめる";

pub fn checking(proved: i64, entries: i64) -> String {
    let (proved, entries) = (count(proved.unsigned_abs()), count(entries.unsigned_abs()));
    format!("すべての記録を確かめています（{entries}件のうち{proved}件まで）。")
}

pub fn not_yet_proved(proved: i64, entries: i64) -> String {
    let (proved, entries) = (count(proved.unsigned_abs()), count(entries.unsigned_abs()));
    format!(
        "記録が一度に増えたため、{entries}件のうち{proved}件まで確かめました。残りは、夜のうちに自動で確かめます。"
    )
}

pub const EXPORT_AUDIT: &str = "すべての記録を書き出す（JSON Lines）";
pub const BY_COMMAND: &str = "コマンド";
pub const NOBODY: &str = "（ログイン前）";
pub const NO_ENTRY: &str = "記録はまだありません。";
