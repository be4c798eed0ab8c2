//! Headings, buttons and sentences of the screens.

use touroku_proto::{api::Function, card::Purpose};

use crate::bidder::{
    route::Route,
    state::{CardStep, Notice},
};

/// The heading (h1) of a screen.
pub fn heading(route: &Route) -> &'static str {
    match route {
        Route::Agencies => "調達機関の選択",
        Route::Categories { .. } => "区分の選択",
        Route::Entry { .. } => ENTRY,
        Route::Client { .. } | Route::BidClient { .. } => "受注者クライアント",
        Route::Menu => "利用者登録メニュー",
        Route::Search => "資格審査情報検索",
        Route::Form => "利用者登録",
        Route::Confirm => "登録内容確認",
        Route::Done => "登録完了",
        Route::Print => "利用者情報",
        Route::Bid => "電子入札",
        Route::Status => "登録状況",
        Route::Application => "ID登録申請の状態",
        Route::Result => "ID登録申請の結果",
        Route::Login => "電子入札 ログイン",
        Route::ChangeLogin => "変更 ログイン",
        Route::Forgotten { .. } => "パスワードを忘れた方",
        Route::Reset => "新しいパスワード",
        Route::AccountClient { .. } | Route::AccountBidClient { .. } => "受注者クライアント",
        Route::Companies { .. } => "業者番号一覧",
        Route::Check | Route::CheckOf { .. } => "環境確認",
        Route::RenewOld => "現在のICカードの確認",
        Route::RenewNew => "新しいICカードの確認",
        Route::RenewConfirm => "電子証明書更新確認",
        Route::NotFound => "ページが見つかりません",
    }
}

/// 利用者登録／電子入札 selection.
pub const ENTRY: &str = "利用者登録／電子入札の選択";
/// The heading of a screen that several functions share.
pub fn heading_for(route: &Route, function: Function) -> &'static str {
    match (route, function) {
        (Route::Form, Function::Change) => "利用者変更",
        (Route::Confirm, Function::Change) => "変更内容確認",
        (Route::Done, Function::Change) => "変更完了",
        (Route::Done, Function::Renew) => "電子証明書更新結果",
        _ => heading(route),
    }
}

/// The system's name while no agency has been chosen.
pub const SYSTEM: &str = "電子入札システム";
/// The name of the contractors' side, beside the system's.
pub const SIDE: &str = "受注者";
/// First link of the page.
pub const SKIP: &str = "本文へ移動";
/// 調達機関.
pub const AGENCY: &str = "調達機関";
/// While a request waits for the server to be there again.
pub const AGAIN: &str = "サーバーの応答を待っています。このままお待ちください。";
/// While something is loaded.
pub const LOADING: &str = "読み込んでいます";
/// Heading of a page that could not be loaded.
pub const LOADING_FAILED: &str = "ページを開けませんでした";

/// The steps of 利用者登録.
pub const STEPS: [&str; 5] = ["ICカードの確認", "資格審査情報検索", "利用者登録", "登録内容確認", "完了"];
/// Name of the list of steps.
pub const STEPS_NAME: &str = "利用者登録の手順";

/// Hidden text beside the steps.
pub fn steps_reached(step: usize, of: usize) -> String {
    format!("全{of}ステップ中、{}ステップ目です", step + 1)
}

/// Hidden text of a step that is over.
pub const STEP_DONE: &str = "（完了）";

/// Buttons.
pub mod button {
    /// 登録.
    pub const REGISTER: &str = "登録";
    /// 変更.
    pub const CHANGE: &str = "変更";
    /// ICカード更新.
    pub const RENEWAL: &str = "ICカード更新";
    /// 更新.
    pub const RENEW: &str = "更新";
    /// OK.
    pub const OK: &str = "OK";
    /// From a card that expires soon.
    pub const TO_RENEWAL: &str = "ICカード更新へ進む";
    /// 検索.
    pub const SEARCH: &str = "検索";
    /// 戻る.
    pub const BACK: &str = "戻る";
    /// 入力内容確認.
    pub const CONFIRM: &str = "入力内容確認";
    /// 印刷.
    pub const PRINT: &str = "印刷";
    /// 利用者登録処理.
    pub const OPEN_MENU: &str = "利用者登録処理";
    /// キャンセル.
    pub const CANCEL: &str = "キャンセル";
    /// 電子入札: log in with the card.
    pub const BID: &str = "電子入札処理";
    /// もう一度.
    pub const AGAIN: &str = "もう一度";
    /// もう一度確認.
    pub const CHECK_AGAIN: &str = "もう一度確認";
    /// 住所を検索.
    pub const FIND_ADDRESS: &str = "住所を検索";
    /// None of the addresses.
    pub const KEEP_ADDRESS: &str = "選ばずに閉じる";
    /// 変換する.
    pub const CONVERT: &str = "変換する";
    /// 同じ内容にする.
    pub const COPY: &str = "同じ内容にする";
    /// ログアウト.
    pub const LOG_OUT: &str = "ログアウト";
    /// After the session was lost.
    pub const CARD_AGAIN: &str = "ICカードをもう一度確認する";
    /// After the session of an ICカード更新 was lost.
    pub const OLD_CARD_AGAIN: &str = "現在のICカードをもう一度確認する";
    /// To the first screen.
    pub const TOP: &str = "最初の画面へ";
    /// From an unregistered card.
    pub const TO_REGISTRATION: &str = "利用者登録へ進む";
    /// From a registered card.
    pub const TO_BIDDING: &str = "電子入札へ進む";
    /// An unfinished registration.
    pub const CONTINUE: &str = "続きから入力する";
}

/// 調達機関 selection.
pub const CHOOSE_AGENCY: &str = "利用する調達機関を選んでください。";
/// 区分 selection.
pub const CHOOSE_CATEGORY: &str = "利用する区分を選んでください。";
/// No agency at all.
pub const NO_AGENCY: &str = "利用できる調達機関が、まだありません。";
/// Heading of an agency's notices.
pub const NOTICES: &str = "お知らせ";
/// Heading of the search's notices.
pub const CAUTIONS: &str = "注意事項";
/// Something typed waits to be finished.
pub fn unfinished(function: Function) -> &'static str {
    match function {
        Function::Change | Function::ChangeAccount => "入力途中の利用者変更があります。",
        Function::Apply => "入力途中のID登録申請があります。",
        Function::Register | Function::Renew => "入力途中の利用者登録があります。",
    }
}

/// 利用者登録 on the entry screen.
pub const REGISTRATION: &str = "利用者登録";
/// What it is for.
pub const REGISTRATION_IS: &str = "電子入札で使うICカードの登録、登録内容の変更、ICカードの更新をします。";
/// 電子入札 on the entry screen.
pub const BIDDING: &str = "電子入札";
/// What it is for.
pub const BIDDING_IS: &str = "登録したICカードでログインします。";
/// Needed for both.
pub const NEEDS_CARD: &str = "どちらも、ICカードとICカードリーダー、PIN番号を使います。";

/// 受注者クライアント, above the clock.
pub const CLIENT_LEAD: &str =
    "電子入札システムと、このパソコンの準備を確認します。日付と時刻が表示されたら、お進みください。";
/// Name of the clock.
pub const CLOCK: &str = "サーバーの日付と時刻";
/// The connection is being checked.
pub const CHECKING: &str = "接続を確認しています";
/// Everything answered.
pub const CHECKED: &str = "準備ができました";
/// Something did not.
pub const CHECK_FAILED: &str = "このままでは、先へ進めません";
/// Name of the list of checks.
pub const CHECKS: &str = "接続の確認結果";
/// The server.
pub const CHECK_SERVER: &str = "電子入札システムのサーバー";
/// The extension.
pub const CHECK_EXTENSION: &str = "ブラウザーの拡張機能";
/// The host.
pub const CHECK_HOST: &str = "ICカードを読むソフトウェア";
/// The PC/SC service.
pub const CHECK_SERVICE: &str = "スマートカードの機能（PC/SC）";
/// Works.
pub const RESULT_READY: &str = "つながりました";
/// Does not.
pub const RESULT_FAILED: &str = "つながりません";
/// Not known yet.
pub const RESULT_WAITING: &str = "確認中";
/// Not known because something before failed.
pub const RESULT_UNKNOWN: &str = "確認できません";

/// 利用者登録メニュー.
pub const MENU_LEAD: &str = "ここからは、ICカードとICカードリーダーを使います。ICカードをICカードリーダーに差し込み、PIN番号を用意してください。";
/// What 登録 does.
pub const REGISTER_IS: &str = "ICカードを確認してから、会社と連絡先の情報を登録します。";

/// The panel while the card is asked for, or asked to sign.
pub fn card_panel(signing: bool) -> &'static str {
    if signing {
        "ICカードで申請内容に署名します"
    } else {
        "ただいまICカードの確認をしています"
    }
}

/// On a confirmation, where applications are signed.
pub const SIGNED: &str = "この調達機関への申請には、ICカードによる署名が必要です。この画面の下のボタンを押すと、署名する内容を示す画面が別に開きます。内容を確かめて、PIN番号を入力してください。";
/// 受付番号.
pub const RECEIPT: &str = "受付番号";
/// Above both files.
pub const RECEIPT_FILES: &str = "署名した申請書と電子署名は、ファイルで保存できます。あとから、内容と署名者をほかの機関でも確かめられます。2つとも保存して、受付番号とともに保管してください。";
/// While a file is on its way.
pub const RECEIPT_SAVING: &str = "保存しています";
/// The text that was signed.
pub const RECEIPT_DOCUMENT: &str = "申請書を保存（.txt）";
/// The signature.
pub const RECEIPT_SIGNATURE: &str = "電子署名を保存（.p7s）";

/// What the panel says at each step.
pub fn card_step(step: CardStep, purpose: Option<Purpose>) -> &'static str {
    match step {
        CardStep::Idle => "",
        CardStep::Starting | CardStep::Challenging => "サーバーに接続しています。",
        CardStep::Opening => "ICカードの画面を開いています。",
        CardStep::Open => match purpose {
            Some(Purpose::RenewOld) => {
                "別に開いた画面で、現在のICカードのPIN番号を入力してください。この画面は閉じないでください。"
            }
            Some(Purpose::RenewNew) => {
                "別に開いた画面で、新しいICカードのPIN番号を入力してください。この画面は閉じないでください。"
            }
            _ => "別に開いた画面で、PIN番号を入力してください。この画面は閉じないでください。",
        },
        CardStep::Checking => match purpose {
            Some(Purpose::Bid) => "登録されているICカードかどうかを、サーバーで確認しています。",
            _ => "ICカードの電子証明書を、サーバーで確認しています。",
        },
    }
}

/// 資格審査情報検索.
pub const SEARCH_LEAD: &str = "入札参加資格の名簿から、自社の情報を探します。";
/// Above a form with required fields.
pub const REQUIRED_NOTE: &str = "「※必須」の項目は、必ず入力してください。";
/// ユーザID.
pub const USER_ID: &str = "ユーザID";
/// パスワード.
pub const PASSWORD: &str = "パスワード";
/// Beside both.
pub const CREDENTIAL_HINT: &str = "半角英数字20文字以内";
/// Searching.
pub const SEARCHING: &str = "検索しています";

/// 利用者登録.
pub const FORM_LEAD: &str = "会社の情報を確認し、連絡先を入力してください。";
/// The roster's company, after a name that was typed otherwise.
pub fn matched_name(typed: &str, found: &str) -> String {
    format!("「{typed}」の入力から、名簿の「{found}」が見つかりました。自社かどうかを確かめてください。")
}
/// Required mark.
pub const REQUIRED: &str = "※必須";
/// Optional mark.
pub const OPTIONAL: &str = "※任意";
/// Chip of rows that cannot be edited.
pub const FIXED: &str = "編集不可";
/// Why company rows cannot be edited.
pub const FIXED_COMPANY: &str =
    "名簿や登録済みの内容のため、この画面では変えられません。違うときは、調達機関へお知らせください。";
/// Why card rows cannot be edited.
pub const FIXED_CARD: &str = "ICカードの電子証明書に書かれている内容のため、変えられません。";
/// Beside the copy button.
pub const COPY_NOTE: &str = "連絡先を、代表窓口情報から写します。入力済みの内容は置き換わります。";
/// Beside the copy button where both must be the same.
pub const COPY_MUST: &str = "代表窓口情報と同じ内容にしてください。ボタンで写せます。";
/// Heading of the list of errors.
pub fn summary(count: usize) -> String {
    format!("入力内容に、直すところが{count}か所あります")
}
/// All typed is saved.
pub const SAVED: &str = "入力した内容を保存しました";
/// Saving.
pub const SAVING: &str = "入力した内容を保存しています";
/// Saving failed.
pub const NOT_SAVED: &str = "保存できていません。入力は続けられます。つながると、自動で保存します。";

/// 登録内容確認.
pub const CONFIRM_LEAD: &str =
    "次の内容で登録します。間違いがなければ「登録」を押してください。直すときは「戻る」を押してください。";
/// The names must be looked at.
pub const CONFIRM_NAMES: &str =
    "企業情報の企業名称と、ICカード企業名称が、どちらも自社の名称であることを確かめてください。";
/// Registering.
pub const REGISTERING: &str = "登録しています。このままお待ちください。";

/// The heading of a completion. What waits for the agency's review is not registered yet.
pub fn done(function: Function, pending: bool) -> &'static str {
    match function {
        Function::Register if pending => "登録の受付完了",
        Function::Renew if pending => "ICカード更新の受付完了",
        _ => heading_for(&Route::Done, function),
    }
}

/// 登録完了.
pub const DONE_LEAD: &str = "利用者登録が終わりました。このICカードで、電子入札を利用できます。";
/// After 登録 that waits for the agency's review.
pub const DONE_PENDING: &str = "利用者登録を受け付けました。調達機関が内容を審査しています。承認されるまで、このICカードではログインできません。";
/// Where the mails about the review go.
pub const MAILED_PENDING: &str = "審査の結果は、次のメールアドレスにお知らせします。";
/// 企業ID.
pub const COMPANY_ID: &str = "企業ID";
/// Where the mail went.
pub const MAILED: &str = "次のメールアドレスに、登録をお知らせするメールを送ります。";
/// If it does not arrive.
pub const MAIL_MISSING: &str =
    "しばらくしても届かないときは、迷惑メールの設定と、登録したアドレスを確かめてください。";
/// When a function was completed, or was taken in to be reviewed.
pub fn completed_at(function: Function, pending: bool) -> &'static str {
    match function {
        Function::Register | Function::Renew if pending => "受付日時",
        Function::Change | Function::ChangeAccount => "変更日時",
        Function::Renew => "更新日時",
        Function::Register => "登録日時",
        Function::Apply => "申請日時",
    }
}
/// Keep a print.
pub const DONE_PRINT: &str = "登録した内容は、印刷して保管してください。";

/// After what officers still look at.
pub const APPLIED_PRINT: &str = "申請した内容は、印刷して保管してください。";
/// Above the print button.
pub const PRINT_LEAD: &str =
    "「印刷」を押すと、この内容をA4の用紙に印刷できます。PDFに保存することもできます。";

/// 電子入札, 受注者クライアント.
pub const BID_LEAD: &str = "ICカードから、登録されている会社を確認しました。";
/// Heading of the company.
pub const BID_COMPANY: &str = "登録されている会社";
/// Heading of the card.
pub const BID_CARD: &str = "使用中のICカード";
/// 企業名称.
pub const COMPANY_NAME: &str = "企業名称";
/// ICカード企業名称.
pub const CARD_COMPANY: &str = "ICカード企業名称";
/// ICカード取得者氏名.
pub const HOLDER: &str = "ICカード取得者氏名";
/// 証明書有効期限.
pub const EXPIRY: &str = "証明書有効期限";
/// Days left. A certificate without an end has some millions, which say nothing.
pub fn days_left(days: i64) -> String {
    match days {
        100_000.. => String::new(),
        ..0 => "有効期限が過ぎています".to_owned(),
        0 => "今日まで使えます".to_owned(),
        days => format!("あと{days}日"),
    }
}
/// The expiry is near.
pub const EXPIRY_WARNING: &str = "有効期限が近づいています。期限が切れる前に新しいICカードを用意して、ICカード更新をしてください。期限が切れると、更新はできません。";
/// Heading of what can be done now.
pub const BID_ACTIONS: &str = "できること";
/// What 変更 does, from here.
pub const BID_CHANGE_IS: &str = "会社と連絡先の登録内容を直します。もう一度、ICカードを確認します。";
/// What ICカード更新 does, from here.
pub const BID_RENEWAL_IS: &str = "このICカードの登録内容を、新しいICカードに引き継ぎます。";
/// The end of the work.
pub const BID_NEXT: &str = "ログインが完了しました。操作を終えるときは、ログアウトしてください。";

/// A calm message.
pub fn notice(notice: Notice) -> &'static str {
    match notice {
        Notice::Restored => "前に入力した内容を表示しています。",
        Notice::Resumed => "ICカードを確認しました。入力した内容はそのままです。続けて操作できます。",
        Notice::SearchAgain => "ICカードを確認しました。もう一度検索すると、入力した内容に戻ります。",
        Notice::OldCardAgain => "現在のICカードを確認しました。続けて、新しいICカードを確認してください。",
        Notice::LoggedOut => "ログアウトしました。",
        Notice::Saved => "保存しました。ブラウザーのダウンロードの一覧から開けます。",
        Notice::Copied => "コピーしました。貼り付けて使えます。",
        Notice::NotCopied => "コピーできませんでした。文を選択してコピーしてください。",
    }
}

/// Heading of a desk.
pub const CONTACT: &str = "お問い合わせ先";
/// Heading of what is known of the certification authorities.
pub const AUTHORITIES: &str = "認証局ごとの連絡先とロックの解除";
/// Above the authorities whose cards an agency takes.
pub const ACCEPTED_AUTHORITIES: &str = "この調達機関で使えるのは、次の認証局のICカードです。";
/// After how many wrong PINs an authority's cards lock.
pub fn tries(tries: u8) -> String {
    format!("PIN番号を続けて{tries}回間違えると、ロックされます。")
}
/// A desk's phone.
pub const PHONE: &str = "電話";
/// A desk's mail address.
pub const EMAIL: &str = "メール";
/// A desk's web page.
pub const WEB: &str = "ホームページ";
/// Before the code for the help desk.
pub const REFERENCE: &str = "エラーコード";
