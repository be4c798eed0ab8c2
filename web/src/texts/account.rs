//! Headings, buttons and sentences of 簡易認証.

use touroku_proto::{
    account::ApplicationState,
    agency::{Access, Category},
    api::{ApiErrorCode, Function},
};

use super::{Advice, agency};
use crate::bidder::{account::AccountField, route::Route, state::State, trouble::Trouble};

/// The heading of a screen that is another one, or has another name, on this way.
pub fn heading(state: &State) -> Option<&'static str> {
    let route = state.route.as_ref()?;
    if let (Route::Entry { .. }, Some(category)) = (route, state.category())
        && category.access != Access::Card
    {
        return Some("利用者申請・変更／電子入札の選択");
    }
    if !state.is_account() {
        return None;
    }
    let changing = state.view().is_some_and(|view| view.login_id.is_some());
    let changed = state
        .view()
        .and_then(|view| view.completed.as_ref())
        .is_some_and(|completed| completed.function == Function::ChangeAccount);
    match route {
        Route::Menu => Some("簡易認証利用者登録メニュー"),
        Route::Form if changing => Some("利用者変更"),
        Route::Form => Some("ID登録申請"),
        Route::Confirm if changing => Some("変更内容確認"),
        Route::Confirm => Some("ID登録申請内容確認"),
        Route::Done if changed => Some("変更完了"),
        Route::Done => Some("ID登録申請完了"),
        _ => None,
    }
}

/// What is said here about a refusal that means something else with a card.
pub fn advice(state: &State, trouble: &Trouble) -> Option<Advice> {
    let Trouble::Api(error) = trouble else { return None };
    let route = state.route.as_ref()?;
    match (error.code, route) {
        (ApiErrorCode::CredentialsWrong, Route::Login | Route::ChangeLogin) => Some(agency(
            "ユーザーIDまたはパスワードが違います。",
            "半角・全角や大文字・小文字を確かめて、もう一度入力してください。忘れたときは「パスワードを忘れた方」へお進みください。",
        )),
        (ApiErrorCode::CredentialsWrong, Route::Application) => Some(agency(
            "この業者に、そのユーザーIDとパスワードで申請されたものはありません。",
            "申請したときのユーザーIDとパスワードを確かめて、もう一度入力してください。わからないときは、受付番号を伝えて窓口にお問い合わせください。",
        )),
        (ApiErrorCode::LinkInvalid, Route::Result) => Some(agency(
            "申請の結果を見るためのリンクが、使えなくなっています。",
            "リンクは、メールに書かれた期限まで、または、もう一度申請するまで使えます。「ID登録申請」から自社を検索し、申請したときのユーザーIDとパスワードで確かめてください。",
        )),
        (ApiErrorCode::CredentialsWrong, Route::Confirm) => Some(agency(
            "現在のパスワードが違います。",
            "いままで使っていたパスワードを、もう一度入力してください。まだ何も変わっていません。",
        )),
        _ => None,
    }
}

/// Buttons.
pub mod button {
    /// ID登録申請.
    pub const APPLY: &str = "ID登録申請";
    /// 変更.
    pub const CHANGE: &str = "変更";
    /// パスワードを忘れた方.
    pub const FORGOTTEN: &str = "パスワードを忘れた方";
    /// ログイン.
    pub const LOG_IN: &str = "ログイン";
    /// After 却下.
    pub const APPLY_AGAIN: &str = "内容を直して、もう一度申請する";
    /// See one's own application.
    pub const PROVE: &str = "申請の状態を確かめる";
    /// Apply beside an application that is not one's own.
    pub const APPLY_ANEW: &str = "新しく申請する";
    /// After 承認.
    pub const TO_LOGIN: &str = "電子入札（ID/パスワード）へ進む";
    /// Mail the link.
    pub const SEND: &str = "メールを送る";
    /// Set the password.
    pub const SET: &str = "パスワードを決める";
    /// The session was lost.
    pub const RESUME: &str = "もう一度確認して続ける";
    /// Show a password.
    pub const REVEAL: &str = "表示";
    /// Of what, for those who do not see where the button stands.
    pub const OF_PASSWORD: &str = "（パスワード）";
    /// Hide it.
    pub const CONCEAL: &str = "隠す";
}

/// 利用者申請・変更 on the entry screen.
pub const ACCOUNT: &str = "利用者申請・変更";
/// What it is for.
pub const ACCOUNT_IS: &str =
    "IDとパスワードの利用を申請します。申請の結果の確認や、ID・パスワード・連絡先の変更もこちらです。";
/// 電子入札 with a card on the entry screen.
pub const BID_BY_CARD: &str = "電子入札（ICカード）";
/// What it is for.
pub const BID_BY_CARD_IS: &str = "登録したICカードでログインします。ICカードリーダーとPIN番号を使います。";
/// 電子入札 with ID and password on the entry screen.
pub const BID_BY_ID: &str = "電子入札（ID/パスワード）";
/// What it is for.
pub const BID_BY_ID_IS: &str = "承認されたユーザーIDとパスワードでログインします。ICカードは使いません。";
/// 受注者クライアント, above the clock.
pub const CLIENT_LEAD: &str =
    "電子入札システムにつながるかを確認します。日付と時刻が表示されたら、お進みください。";

/// The steps of ID登録申請.
pub const STEPS: [&str; 4] = ["資格審査情報検索", "ID登録申請", "ID登録申請内容確認", "完了"];
/// Name of the list of steps.
pub const STEPS_NAME: &str = "ID登録申請の手順";

/// The menu.
pub const MENU_LEAD: &str = "行いたい手続きを選んでください。ICカードは使いません。";
/// What ID登録申請 does.
pub const APPLY_IS: &str = "自社の情報を検索し、使いたいユーザーIDとパスワード、連絡先を申請します。申請の結果も、ここから確認できます。";
/// What 変更 does.
pub const CHANGE_IS: &str = "承認されたIDでログインし、ユーザーID、パスワード、連絡先を変更します。";
/// What パスワードを忘れた方 does.
pub const FORGOTTEN_IS: &str = "登録したメールアドレスで、パスワードを決め直すためのメールを受け取ります。";

/// Heading of the application's state.
pub const STATE: &str = "申請の状態";
/// When it was made.
pub const APPLIED_AT: &str = "申請日時";
/// Why it was rejected.
pub const REASON: &str = "却下の理由";

/// 受付番号.
pub const NUMBER: &str = "受付番号";
/// ユーザーID of the application.
pub const APPLIED_ID: &str = "申請したユーザーID";
/// There are applications, and whoever looks has proved nothing.
pub const SOME: &str =
    "この業者のID登録申請を受け付けています。申請の内容と結果は、申請した方だけが確かめられます。";
/// Heading for whoever applied.
pub const YOURS: &str = "申請した方";
/// How to prove it.
pub const YOURS_IS: &str = "申請したときのユーザーIDとパスワードを入力してください。結果のメールが届いているときは、メールのリンクからも確かめられます。";
/// Heading for whoever has not.
pub const NOT_YOURS: &str = "まだ申請していない方";
/// What to do.
pub const NOT_YOURS_IS: &str = "ほかの申請があっても、新しく申請できます。それぞれを調達機関が審査します。社内のどなたも申請していないときは、受付番号を添えて、次の窓口へお知らせください。";
/// The result is on its way.
pub const OPENING: &str = "申請の結果を読み込んでいます";

/// The state in one word.
pub fn state(state: ApplicationState) -> &'static str {
    match state {
        ApplicationState::Pending => "申請中",
        ApplicationState::Approved => "承認",
        ApplicationState::Rejected => "却下",
    }
}

/// What the state means and what to do now.
pub fn state_is(state: ApplicationState) -> &'static str {
    match state {
        ApplicationState::Pending => {
            "申請を受け付け、審査をしています。結果は、申請で入力したメールアドレスにお知らせします。しばらくしても届かないときは、次の窓口にお問い合わせください。"
        }
        ApplicationState::Approved => {
            "申請は承認されています。申請したユーザーIDとパスワードで、電子入札を利用できます。"
        }
        ApplicationState::Rejected => {
            "申請は認められませんでした。理由を確かめ、内容を直して、もう一度申請してください。"
        }
    }
}

/// ID登録申請.
pub const FORM_LEAD: &str =
    "会社の情報を確認し、連絡先と、使いたいユーザーID・パスワードを入力してください。";
/// Its 変更.
pub const CHANGE_LEAD: &str =
    "変えたい項目を入力し直してください。パスワードを変えないときは、パスワードの欄を空けておきます。";
/// The password is not shown later.
pub const NOTE_PASSWORD: &str = "このあとの確認画面、印刷、メールには、パスワードは出ません。決めたユーザーIDとパスワードを、いま控えておいてください。";
/// The browser keeps what was typed.
pub const KEPT: &str = "入力した内容を、このパソコンに控えました（パスワードを除きます）";
/// It does not.
pub const NOT_KEPT: &str =
    "このパソコンに、入力の控えを残せません。申請が終わるまで、この画面を閉じないでください。";
/// In place of a password.
pub const HIDDEN: &str = "●●●●●●●●";

/// ID登録申請内容確認.
pub const CONFIRM_LEAD: &str =
    "次の内容で申請します。間違いがなければ「登録」を押してください。直すときは「戻る」を押してください。";
/// The name must be looked at.
pub const CONFIRM_NAME: &str = "企業名称が自社の名称であること、パスワードを控えたことを確かめてください。";
/// 変更内容確認.
pub const CONFIRM_CHANGE_LEAD: &str = "変わる項目には、いままでの内容を並べています。間違いがなければ、現在のパスワードを入力して「変更」を押してください。";
/// A password that changes.
pub const NEW_PASSWORD: &str = "新しいパスワードに変わります";
/// Sending.
pub const SENDING: &str = "送信しています。このままお待ちください。";

/// After ID登録申請.
pub const APPLIED: &str = "ID登録申請を受け付けました。";
/// … that goes to a review.
pub const APPLIED_NEXT: &str = "調達機関が申請の内容を審査します。結果は、下のメールアドレスにお知らせします。承認されると、申請したユーザーIDとパスワードで電子入札を利用できます。";
/// … that needs none.
pub const APPLIED_AT_ONCE: &str =
    "審査はありません。申請したユーザーIDとパスワードで、すぐに電子入札を利用できます。";
/// Where the mail went.
pub const MAILED: &str = "次のメールアドレスに、受け付けをお知らせするメールを送ります。";
/// The password is nowhere else.
pub const DONE_NOTE: &str =
    "メールにも印刷にも、パスワードは書かれません。控えたものを大切に保管してください。";
/// After 変更.
pub const CHANGED: &str = "変更が終わりました。次のログインから、新しい内容になります。";
/// … and its mail.
pub const CHANGED_MAILED: &str = "次のメールアドレスに、変更をお知らせするメールを送ります。";
/// What 変更 does not reach.
pub const CHANGED_NOTE: &str = "すでに提出した書類の連絡先は、提出したときのままです。";
/// When.
pub const DONE_AT: &str = "受付日時";

/// Login for 電子入札.
pub const LOGIN_LEAD: &str = "承認されたユーザーIDとパスワードを入力してください。";
/// Login for 変更.
pub const CHANGE_LOGIN_LEAD: &str = "変更する前に、いまのユーザーIDとパスワードで確認します。";
/// Logging in.
pub const LOGGING_IN: &str = "確認しています";

/// パスワードを忘れた方.
pub const FORGOTTEN_LEAD: &str = "ユーザーIDと、登録したメールアドレスを入力してください。パスワードを決め直すためのリンクを、メールで送ります。";
/// After the request, whether or not there is such an ID.
pub const FORGOTTEN_DONE: &str =
    "受け付けました。入力したユーザーIDとメールアドレスが登録の内容と合うときは、まもなくメールが届きます。";
/// If none comes.
pub const FORGOTTEN_NEXT: &str = "リンクは1回だけ使え、期限があります。届かないときは、迷惑メールの設定と、入力した内容を確かめてください。ユーザーIDがわからないときは、次の窓口にお問い合わせください。";

/// A new password.
pub const RESET_LEAD: &str =
    "新しいパスワードを決めます。半角の英字と数字を混ぜて入力し、控えておいてください。";
/// It is set.
pub const RESET_DONE: &str = "新しいパスワードに変わりました。次のログインから使えます。";
/// Without a link's token.
pub const RESET_NO_LINK: &str = "この画面は、メールで届いたリンクから開いてください。";
/// … and what to do.
pub const RESET_NO_LINK_NEXT: &str = "メールのリンクをもう一度開くか、リンクの全体をアドレス欄に貼り付けてください。それでも開けないときは、「パスワードを忘れた方」からメールを受け取り直してください。";

/// Without a link's token, at the result of an application.
pub const RESULT_NO_LINK_NEXT: &str = "メールのリンクをもう一度開くか、リンクの全体をアドレス欄に貼り付けてください。それでも開けないときは、「ID登録申請」から自社を検索し、申請したときのユーザーIDとパスワードで確かめてください。";

/// 電子入札.
pub const BID_LEAD: &str = "ユーザーIDから、登録されている会社を確認しました。";
/// Heading of the ID.
pub const BID_ID: &str = "ログイン中のユーザーID";

/// The label of a field.
pub fn label(field: AccountField) -> &'static str {
    match field {
        AccountField::LoginId => "ユーザーID",
        AccountField::Password => "パスワード",
        AccountField::Email => "メールアドレス",
        AccountField::CurrentPassword => "現在のパスワード",
        AccountField::NewPassword => "新しいパスワード",
        AccountField::NewPasswordAgain => "確認パスワード",
    }
}

/// The text under the label.
pub fn hint(field: AccountField) -> &'static str {
    match field {
        AccountField::Email => "登録した連絡先のメールアドレス（半角）",
        AccountField::CurrentPassword => "ご本人の変更であることを確かめるために使います。",
        AccountField::NewPassword => "半角英数字（英字と数字の両方を使います）",
        AccountField::NewPasswordAgain => "確認のため、同じパスワードをもう一度入力してください。",
        AccountField::LoginId | AccountField::Password => "半角英数字",
    }
}

/// What comes after an application in that category.
pub fn after_application(category: Option<&Category>) -> &'static str {
    if category.is_none_or(|category| category.review) { APPLIED_NEXT } else { APPLIED_AT_ONCE }
}
