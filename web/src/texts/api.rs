//! What is said about the server's refusals.

use touroku_proto::api::ApiErrorCode;

use super::{Advice, agency, authority, helpdesk};

/// For a code that is newer than this page.
pub const UNKNOWN: Advice = helpdesk(
    "サーバーが、この画面の知らない理由で受け付けませんでした。",
    "ページを読み込み直して、もう一度お試しください。続くときは、お問い合わせください。",
);

/// What to do about a suspension that comes in the middle of the work.
pub const SUSPENDED_AT_WORK: &str = "停止の理由と再開については、調達機関へお問い合わせください。入力した内容は、この画面に残っています。利用が再開されたら、ここから続けられます。";

/// The session that completed a signed application has ended.
pub const RECEIPT_GONE: Advice = agency(
    "接続が終了しているため、ファイルを保存できませんでした。手続きは済んでいて、取り消されてはいません。",
    "申請書と電子署名は、調達機関に残っています。必要なときは、この画面の受付番号を控えて、調達機関へお問い合わせください。",
);

/// The advice for a code.
pub fn advice(code: ApiErrorCode) -> Advice {
    use ApiErrorCode as Code;
    match code {
        Code::BadRequest => helpdesk(
            "送った内容を、サーバーが読み取れませんでした。",
            "ページを読み込み直して、もう一度お試しください。続くときは、お問い合わせください。",
        ),
        Code::PayloadTooLarge => {
            helpdesk("送った内容が大きすぎます。", "長すぎる項目がないか確認し、短くしてからお試しください。")
        }
        Code::UnsupportedMediaType => helpdesk(
            "送った内容の形式が、サーバーと合いません。",
            "ページを読み込み直してください。続くときは、お問い合わせください。",
        ),
        Code::CrossSite => helpdesk(
            "別のサイトからの操作とみなされ、受け付けられませんでした。",
            "電子入札システムのアドレスを、ブラウザーで直接開いてお試しください。",
        ),
        Code::NotFound => {
            helpdesk("お探しのページや機能が見つかりません。", "最初の画面から選び直してください。")
        }
        Code::RateLimited => helpdesk(
            "短い時間に操作が続いたため、受け付けを一時的に止めています。",
            "しばらく待ってから、もう一度お試しください。",
        ),
        Code::Unavailable => helpdesk(
            "サーバーが混み合っているか、準備中です。",
            "少し待ってから、もう一度お試しください。入力した内容は、この画面に残っています。",
        ),
        Code::Internal => helpdesk(
            "サーバーで問題が起きました。",
            "少し待ってから、もう一度お試しください。続くときは、下の番号を添えてお問い合わせください。",
        ),

        Code::SessionMissing => helpdesk(
            "しばらく操作がなかったため、接続が終了しています。",
            "もう一度確認を済ませると、続きから操作できます。入力途中の内容は残っています。",
        ),
        Code::AgencyUnknown => helpdesk(
            "この調達機関は、このシステムにありません。",
            "アドレスを確認するか、最初の画面から調達機関を選んでください。",
        ),
        Code::CategoryUnknown => helpdesk(
            "この区分は、選んだ調達機関にありません。",
            "最初の画面から、調達機関と区分を選び直してください。",
        ),
        Code::WayNotAllowed => agency(
            "この区分では、その方法で申請や入札ができません。",
            "区分の画面に戻り、案内されている方法（ICカード、またはID/パスワード）を選んでください。",
        ),
        Code::OutsideHours => agency(
            "いまは、利用時間の外です。",
            "次に始まる時刻を確かめて、利用時間の中でもう一度お試しください。",
        ),
        Code::CardNotPresented => helpdesk(
            "先に、ICカードの確認が必要です。",
            "利用者登録メニューに戻り、ICカードの確認からやり直してください。",
        ),
        Code::CompanyNotSelected => helpdesk(
            "先に、資格審査情報の検索が必要です。",
            "資格審査情報検索の画面に戻り、検索からやり直してください。",
        ),

        Code::NonceMissing => helpdesk(
            "ICカードの確認の手順が、サーバーに残っていません。",
            "もう一度、ICカードの確認を始めてください。",
        ),
        Code::NonceExpired => helpdesk(
            "ICカードの確認に時間がかかり、期限を過ぎました。",
            "PIN番号を用意して、もう一度ICカードの確認を始めてください。",
        ),
        Code::NonceUsed => helpdesk(
            "同じ確認が2回送られたため、受け付けませんでした。",
            "もう一度、ICカードの確認を始めてください。",
        ),
        Code::SignatureOutdated => helpdesk(
            "署名の期限を過ぎたか、ほかの画面で同じ申請が進められたため、この署名は受け付けませんでした。",
            "内容を確かめて、もう一度ボタンを押してください。入力した内容は残っています。",
        ),
        Code::ClockWrong => helpdesk(
            "パソコンの日付か時刻が大きくずれているため、署名を受け付けませんでした。",
            "パソコンの日付と時刻を合わせてから、もう一度ボタンを押してください。",
        ),
        Code::TokenMalformed => helpdesk(
            "ICカードの確認の結果を、サーバーが読み取れませんでした。",
            "もう一度お試しください。続くときは、拡張機能とソフトウェアを更新してください。",
        ),
        Code::TokenFormat => helpdesk(
            "ICカードの確認の結果が、対応していない形式です。",
            "拡張機能と、ICカードを読むソフトウェアを更新してください。",
        ),
        Code::TokenAlgorithm => authority(
            "ICカードの署名の方式が、受け付けられないものです。",
            "電子入札用の、新しいICカードを使ってください。",
        ),
        Code::TokenSignature => helpdesk(
            "ICカードの署名を確認できませんでした。",
            "アドレスが正しいか確かめ、もう一度ICカードの確認を始めてください。",
        ),

        Code::CertificateMalformed => authority(
            "ICカードの電子証明書を正しく読み取れません。",
            "ICカードを差し込み直してお試しください。続くときは、認証局へお問い合わせください。",
        ),
        Code::CertificateExpired => authority(
            "ICカードの電子証明書は、有効期限が過ぎています。",
            "有効期限内のICカードを使ってください。お持ちでないときは、認証局で新しいICカードを取得してください。",
        ),
        Code::CertificateNotYetValid => authority(
            "ICカードの電子証明書は、まだ有効期間が始まっていません。",
            "有効期間が始まってから、もう一度お試しください。",
        ),
        Code::CertificateUnknownIssuer => agency(
            "このICカードを発行した認証局は、この調達機関では使えません。",
            "電子入札に対応した認証局のICカードかどうかを確認してください。",
        ),
        Code::CertificateRevoked => authority(
            "ICカードの電子証明書は、失効しています。",
            "このICカードは使えません。認証局で新しいICカードを取得してください。",
        ),
        Code::CertificateKeyUsage => authority(
            "この電子証明書は、ログインに使えない種類のものです。",
            "電子入札用のICカードかどうかを確認してください。",
        ),
        Code::CertificateWeak => authority(
            "電子証明書の暗号の方式が古く、安全ではないため使えません。",
            "認証局で、新しい方式のICカードを取得してください。",
        ),
        Code::CertificatePath => authority(
            "電子証明書の発行元のつながりを確認できませんでした。",
            "ICカードを発行した認証局へお問い合わせください。",
        ),
        Code::CertificatePolicy => authority(
            "この電子証明書は、この調達機関が受け付ける種類のものではありません。",
            "電子入札用のICカードかどうかを確認してください。",
        ),
        Code::AuthorityNotAccepted => agency(
            "このICカードを発行した認証局のカードは、この調達機関では使えません。",
            "この調達機関が受け付ける認証局のICカードで、もう一度お試しください。",
        ),
        Code::CertificateForged => agency(
            "このICカードの電子証明書は、同じ番号で登録されている電子証明書とは別のものです。受け付けませんでした。",
            "調達機関にも記録が残っています。お使いのICカードのまま、調達機関と、ICカードを発行した認証局へお問い合わせください。",
        ),
        Code::CompanyMismatch => agency(
            "ICカードの電子証明書にある会社が、名簿の会社と違うため、登録できません。",
            "自社のICカードか、番号と名称が自社のものかを確かめてください。社名の変更や委任などで名称が違うときは、調達機関へお問い合わせください。",
        ),
        Code::MyNumberNotAccepted => agency(
            "この調達機関では、マイナンバーカードを使えません。",
            "電子入札用のICカードで、もう一度お試しください。",
        ),
        Code::CrlMissing => helpdesk(
            "電子証明書が失効していないかを、いま確認できません。",
            "サーバー側の準備が必要です。時間をおいても変わらないときは、お問い合わせください。",
        ),
        Code::CrlExpired => helpdesk(
            "電子証明書の失効を確認する情報が古くなっています。",
            "サーバー側で更新が必要です。時間をおいても変わらないときは、お問い合わせください。",
        ),
        Code::CrlInvalid => helpdesk(
            "電子証明書の失効を確認する情報に、問題があります。",
            "サーバー側で修正が必要です。お手数ですが、お問い合わせください。",
        ),

        Code::CardAlreadyRegistered => agency(
            "このICカードは、すでに登録されています。",
            "もう一度登録する必要はありません。電子入札へ進むか、別のICカードを差し込んでください。",
        ),
        Code::CardNotRegistered => agency(
            "このICカードは、まだ利用者登録されていません。",
            "先に、利用者登録をしてください。登録が終わると、電子入札を利用できます。",
        ),
        Code::NumberNotFound => agency(
            "入力した番号は、名簿に見つかりません。",
            "番号を確かめて、入力し直してください。区分（工事、物品など）が違う場合もあります。",
        ),
        Code::NameMismatch => agency(
            "番号は見つかりましたが、商号又は名称が名簿と違います。",
            "入札参加資格を申請したときの正式な名称を入力してください。支店などに委任しているときは、その名称まで入力します。",
        ),
        Code::CredentialsWrong => agency(
            "ユーザIDまたはパスワードが違います。",
            "調達機関から通知されたものを入力してください。通知がないときは、空欄のままにしてください。",
        ),
        Code::CompanyNotFound => agency(
            "入力した番号と名称の組み合わせでは、見つかりません。",
            "どちらも、調達機関からの通知のとおりに入力してください。",
        ),
        Code::SameCard => helpdesk(
            "新しいICカードとして、いままでと同じICカードが確認されました。",
            "現在のICカードを抜き、新しいICカードに差し替えてから、もう一度お進みください。",
        ),
        Code::NewCardRegistered => agency(
            "新しいICカードは、すでに利用者登録されています。",
            "登録されていないICカードを差し込んでください。登録した覚えがないときは、お問い合わせください。",
        ),
        Code::ApplicationPending => agency(
            "ID登録申請は、まだ審査中です。",
            "審査の結果は、申請で入力したメールアドレスにお知らせします。しばらくお待ちください。",
        ),
        Code::ApplicationRejected => agency(
            "ID登録申請は、却下されています。",
            "「ID登録申請」から自社を検索すると、却下の理由と申請した内容を確かめ、直して、もう一度申請できます。",
        ),
        Code::LoginIdTaken => agency(
            "このユーザーIDは、すでに使われています。",
            "別のユーザーIDに変えて、もう一度お進みください。",
        ),
        Code::LinkInvalid => helpdesk(
            "パスワードを決め直すためのリンクが、使えなくなっています。",
            "リンクは1回だけ使え、期限もあります。「パスワードを忘れた方」から、もう一度メールを受け取ってください。",
        ),
        Code::FieldsInvalid => helpdesk(
            "入力内容に、直すところがあります。",
            "示された項目を直してから、もう一度お進みください。",
        ),
        Code::Stale => helpdesk(
            "確認している間に、登録内容が変わりました。",
            "前の画面に戻り、いまの内容を確かめてから、もう一度お進みください。",
        ),
        Code::SignatureRequired => agency(
            "この調達機関への申請には、ICカードによる署名が必要です。",
            "この画面のボタンをもう一度押してください。署名の画面が開きます。",
        ),
        Code::DocumentDiffers => helpdesk(
            "署名した内容が、いまサーバーにある内容と違います。登録はしていません。",
            "確認している間に、名簿などが変わったと考えられます。いまの内容を確かめて、もう一度お進みください。",
        ),
        Code::SignedByOtherCard => helpdesk(
            "確認したICカードとは別のICカードで署名されました。登録はしていません。",
            "はじめに確認したICカードに入れ替えて、もう一度お試しください。",
        ),
        Code::RegistrationPending => agency(
            "このICカードの利用者登録は、まだ審査中です。",
            "審査の結果は、登録で入力したメールアドレスにお知らせします。しばらくお待ちください。",
        ),
        Code::CompanySuspended => agency(
            "この会社の電子入札の利用は、調達機関が停止しています。",
            "停止の理由と再開については、調達機関へお問い合わせください。",
        ),
        Code::AccountSuspended => agency(
            "このユーザーIDの利用は、調達機関または自社のICカードをお持ちの方が停止しています。",
            "停止の理由と再開については、社内の方か、調達機関へお問い合わせください。",
        ),
        Code::CardSuspended => agency(
            "このICカードの利用は、調達機関または自社の別のICカードをお持ちの方が停止しています。",
            "停止の理由と再開については、調達機関へお問い合わせください。登録済みの別のICカードは使えます。",
        ),
        // `ApiErrorCode` may grow; a test asks for a text for every code it has now.
        _ => UNKNOWN,
    }
}
