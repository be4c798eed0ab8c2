//! What is said about extension, host, reader and card.

use touroku_proto::card::CardErrorCode;

use super::{Advice, agency, authority, helpdesk};

/// For a code that is newer than this page.
pub const UNKNOWN: Advice = helpdesk(
    "ICカードの確認中に、知らせのない問題が起きました。",
    "ページを読み込み直して、もう一度お試しください。続くときは、お問い合わせください。",
);

/// The advice for a code on a computer whose extension an administrator looks after: there the person can
/// install and update nothing. `None` where that makes no difference.
pub fn managed_advice(code: CardErrorCode) -> Option<Advice> {
    use CardErrorCode as Code;
    let next = match code {
        Code::ExtensionTooOld | Code::HostTooNew => {
            "拡張機能は、社内の管理者が配っています。ブラウザーを起動し直し、変わらないときは、管理者に拡張機能の更新を依頼してください。"
        }
        Code::HostTooOld => "社内の管理者に、ソフトウェア（touroku-host）の更新を依頼してください。",
        Code::HostMissing => {
            "社内の管理者に、ソフトウェア（touroku-host）をこのパソコンに入れるよう依頼してください。"
        }
        Code::HostForbidden | Code::CallerNotAllowed => {
            "社内の管理者に、ソフトウェア（touroku-host）の設定で、この拡張機能を許すよう依頼してください。"
        }
        Code::OriginNotAllowed => {
            "アドレスが正しいか確認してください。正しいときは、社内の管理者に、このサイトの許可を依頼してください。"
        }
        _ => return None,
    };
    Some(Advice { next, ..advice(code) })
}

/// The advice for a code.
pub fn advice(code: CardErrorCode) -> Advice {
    use CardErrorCode as Code;
    match code {
        Code::ExtensionMissing => helpdesk(
            "ブラウザーの拡張機能「登録（Touroku）ICカード連携」が見つかりません。",
            "拡張機能を入れてあるか、オンになっているかを確認してください。入れた直後は、このページを読み込み直してください。",
        ),
        Code::ExtensionTooOld => helpdesk(
            "ブラウザーの拡張機能が古く、このページと合いません。",
            "拡張機能の画面（chrome://extensions、edge://extensions）で更新し、ブラウザーを起動し直してください。",
        ),
        Code::ExtensionTooNew => helpdesk(
            "ブラウザーの拡張機能が、このページより新しくなっています。",
            "ページを読み込み直してください。変わらないときは、時間をおいてからお試しください。",
        ),
        Code::HostMissing => helpdesk(
            "ICカードを読むソフトウェア（touroku-host）が、このパソコンで見つかりません。",
            "ソフトウェアを入れてから、ブラウザーを起動し直してください。管理者がいるパソコンでは、管理者に依頼してください。",
        ),
        Code::HostForbidden => helpdesk(
            "拡張機能が、ICカードを読むソフトウェアの使用を許されていません。",
            "ソフトウェアを入れ直してください。管理者がいるパソコンでは、管理者に設定の確認を依頼してください。",
        ),
        Code::HostBlocked => helpdesk(
            "組織の設定により、ICカードを読むソフトウェアの起動が止められています。",
            "パソコンの管理者に、ブラウザーのポリシーで「jp.touroku.host」を許可するよう依頼してください。",
        ),
        Code::HostUnreachable => helpdesk(
            "ブラウザーが、ICカードを読むソフトウェアにつながりません。",
            "ブラウザーを起動し直してください。続くときは、下の番号にあるブラウザーの言葉を添えて、お問い合わせください。",
        ),
        Code::HostExited => helpdesk(
            "ICカードを読むソフトウェアが、途中で終了しました。",
            "もう一度お試しください。続くときは、ブラウザーを起動し直してください。",
        ),
        Code::HostProtocol => helpdesk(
            "ICカードを読むソフトウェアから、正しい応答がありません。",
            "ブラウザーを起動し直してください。続くときは、ソフトウェアを入れ直してください。",
        ),
        Code::HostTooOld => helpdesk(
            "ICカードを読むソフトウェアが古く、拡張機能と合いません。",
            "新しいソフトウェアを入れてから、このページを読み込み直してください。登録した内容やICカードはそのままです。",
        ),
        Code::HostTooNew => helpdesk(
            "ICカードを読むソフトウェアが、拡張機能より新しくなっています。",
            "拡張機能の画面（chrome://extensions、edge://extensions）で更新し、ブラウザーを起動し直してください。",
        ),
        Code::OriginNotAllowed => helpdesk(
            "このサイトは、ICカードの使用を許されていません。",
            "アドレスが正しいか確認してください。正しいときは、管理者に許可するサイトの設定を依頼してください。",
        ),
        Code::FrameNotAllowed => helpdesk(
            "別のページの中に埋め込まれた画面からは、ICカードを使えません。",
            "電子入札システムのアドレスを、ブラウザーで直接開いてください。",
        ),
        Code::CallerNotAllowed => helpdesk(
            "ICカードを読むソフトウェアが、この拡張機能を知りません。",
            "拡張機能とソフトウェアを、同じ配布元のものに入れ直してください。",
        ),
        Code::Busy => helpdesk(
            "ほかの画面で、ICカードの確認が開いています。",
            "開いているICカードの画面を終えるか閉じてから、もう一度お試しください。",
        ),
        Code::BadRequest => helpdesk(
            "ICカードへの依頼の形が正しくありません。",
            "ページを読み込み直して、もう一度お試しください。続くときは、お問い合わせください。",
        ),
        Code::Cancelled => helpdesk(
            "ICカードの確認を取りやめました。",
            "続けるときは、もう一度ICカードの確認を始めてください。",
        ),
        Code::TimedOut => helpdesk(
            "しばらく操作がなかったため、ICカードの確認を終了しました。",
            "ICカードとPIN番号を用意して、もう一度お試しください。",
        ),
        Code::ServiceOff => helpdesk(
            "パソコンのスマートカードの機能（PC/SCサービス）が動いていません。",
            "パソコンを起動し直してください。変わらないときは、管理者にスマートカードのサービスを有効にするよう依頼してください。",
        ),
        Code::NoReader => helpdesk(
            "ICカードリーダーが見つかりません。",
            "ICカードリーダーをパソコンにつなぎ、ランプの点灯を確認してください。",
        ),
        Code::NoCard => helpdesk(
            "ICカードリーダーに、ICカードがありません。",
            "ICカードを、向きを確かめて奥まで差し込んでください。",
        ),
        Code::UnsupportedCard => authority(
            "このICカードには対応していません。",
            "電子入札用のICカードかどうかを確認し、正しいカードを差し込んでください。",
        ),
        Code::MyNumberNotAccepted => agency(
            "この調達機関では、マイナンバーカードを使えません。",
            "電子入札用のICカードに入れ替えて、もう一度お試しください。",
        ),
        Code::CardRemoved => helpdesk(
            "確認の途中で、ICカードが抜かれました。",
            "ICカードを差し込み直して、もう一度お試しください。終わるまで抜かないでください。",
        ),
        Code::CardChanged => helpdesk(
            "確認の途中で、別のICカードに替わりました。",
            "使うICカードだけを差し込んで、もう一度お試しください。PIN番号は別のカードには使われていません。",
        ),
        Code::OtherCard => helpdesk(
            "この申請に署名するICカードではありません。",
            "申請の確認に使ったICカードに入れ替えて、もう一度お試しください。",
        ),
        Code::CardBusy => helpdesk(
            "ほかのソフトウェアが、ICカードを使っています。",
            "ICカードを使うほかのソフトウェアを終了してから、もう一度お試しください。",
        ),
        Code::ModuleFailed => helpdesk(
            "ICカード用のソフトウェア（PKCS#11モジュール）が正しく動いていません。",
            "下に名前のあるソフトウェアを最新の版に入れ直してから、もう一度お試しください。",
        ),
        Code::CardError => authority(
            "ICカードとの通信に失敗しました。",
            "ICカードの汚れや向きを確認し、差し込み直してください。続くときは、ICカードの故障も考えられます。",
        ),
        Code::PinWrong => {
            authority("PIN番号がちがいます。", "認証局から届いたPIN番号を確かめて、もう一度お試しください。")
        }
        Code::PinLastTry => authority(
            "PIN番号を入力できるのは、あと1回です。",
            "次にまちがえるとICカードがロックされます。PIN番号が確かでないときは、入力せずに認証局へお問い合わせください。",
        ),
        Code::PinLocked => authority(
            "PIN番号のまちがいが続き、ICカードがロックされています。",
            "このままでは使えません。ICカードを発行した認証局に、ロックの解除を依頼してください。数日かかることがあります。",
        ),
        Code::PinNotSet => authority(
            "ICカードに、PIN番号が設定されていません。",
            "ICカードを発行した認証局の案内に従って、PIN番号を設定してください。",
        ),
        Code::PinExpired => authority(
            "PIN番号の変更が必要です。変更するまで、このICカードは使えません。",
            "カードに付属のソフトウェアで、PIN番号を変更してください。方法は認証局へお問い合わせください。",
        ),
        Code::PinFormat => authority(
            "PIN番号の文字数や文字の種類が、ICカードと合いません。",
            "認証局から届いたPIN番号を、半角で正しく入力してください。入力できる回数は減っていません。",
        ),
        Code::PinEntryUnavailable => helpdesk(
            "このパソコンでは、決められた場所でPIN番号を入力できません。",
            "社内の管理者に、拡張機能とソフトウェア（touroku-host）のPIN番号の設定を確かめるよう依頼してください。",
        ),
        Code::CertificateMissing => authority(
            "ICカードに、本人を確認する電子証明書がありません。",
            "電子入札用のICカードかどうかを確認してください。",
        ),
        Code::CertificateUnreadable => authority(
            "ICカードの電子証明書を読み取れません。",
            "ICカードを差し込み直してください。続くときは、ICカードを発行した認証局へお問い合わせください。",
        ),
        Code::CertificateExpired => authority(
            "ICカードの電子証明書は、有効期限が過ぎています。",
            "有効期限内のICカードを使ってください。お持ちでないときは、認証局で新しいICカードを取得してください。",
        ),
        Code::CertificateNotYetValid => authority(
            "ICカードの電子証明書は、まだ有効期間が始まっていません。",
            "パソコンの日付と時刻を確認し、有効期間が始まってから使ってください。",
        ),
        Code::KeyUnsupported => authority(
            "ICカードの鍵の種類に対応していません。",
            "電子入札用の、新しいICカードを使ってください。",
        ),
        Code::Internal => helpdesk(
            "ICカードを読むソフトウェアの中で、問題が起きました。",
            "もう一度お試しください。続くときは、下の番号を添えてお問い合わせください。",
        ),
        // `CardErrorCode` may grow; a test asks for a text for every code it has now.
        _ => UNKNOWN,
    }
}
