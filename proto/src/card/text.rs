//! What is said of each card error, in Japanese.
//! Written by `cargo xtask generate` from proto. Changes made here are lost.

use super::CardErrorCode as Code;

/// Behind what happened, where the PIN had gone to the card and its answer never came.
#[rustfmt::skip]
pub const PIN_UNANSWERED: &str = "PIN番号は、カードに届いているかもしれません。番号が違っていたときは、残りの回数が1回減っています。";

/// What happened.
#[rustfmt::skip]
#[allow(unreachable_patterns)]
pub fn what(code: Code) -> &'static str {
    match code {
        Code::ExtensionMissing => "ブラウザーの拡張機能「登録（Touroku）ICカード連携」が見つかりません。",
        Code::ExtensionTooOld => "ブラウザーの拡張機能が古く、このページと合いません。",
        Code::ExtensionTooNew => "ブラウザーの拡張機能が、このページより新しくなっています。",
        Code::HostMissing => "カード接続プログラム（touroku-host）が、このパソコンで見つかりません。",
        Code::HostForbidden => "拡張機能が、カード接続プログラムを使うことを許可されていません。",
        Code::HostBlocked => "組織の設定により、カード接続プログラムの起動が止められています。",
        Code::HostUnreachable => "ブラウザーが、カード接続プログラムにつながりません。",
        Code::HostExited => "カード接続プログラムが、途中で終了しました。",
        Code::HostProtocol => "カード接続プログラムから、正しい応答がありません。",
        Code::HostTooOld => "カード接続プログラムが古く、拡張機能と合いません。",
        Code::HostTooNew => "カード接続プログラムが、拡張機能より新しくなっています。",
        Code::OriginNotAllowed => "このサイトでは、ICカードの使用が許可されていません。",
        Code::FrameNotAllowed => "別のページの中に埋め込まれた画面からは、ICカードを使えません。",
        Code::CallerNotAllowed => "カード接続プログラムに、この拡張機能が登録されていません。",
        Code::HostMisconfigured => "カード接続プログラムの設定ファイル（host.toml）に、誤りがあります。",
        Code::Busy => "ほかの画面で、ICカードの確認が開いています。",
        Code::BadRequest => "ICカードの確認に必要な情報が正しくありません。",
        Code::Cancelled => "ICカードの確認を取りやめました。",
        Code::TimedOut => "しばらく操作がなかったため、ICカードの確認を終了しました。",
        Code::ServiceOff => "パソコンのスマートカードの機能（PC/SCサービス）が動いていません。",
        Code::NoReader => "ICカードリーダーが見つかりません。",
        Code::NoCard => "ICカードリーダーに、ICカードがありません。",
        Code::UnsupportedCard => "このICカードには対応していません。",
        Code::MyNumberNotAccepted => "この発注機関では、マイナンバーカードを使えません。",
        Code::CardRemoved => "確認の途中で、ICカードが抜かれました。",
        Code::CardChanged => "確認の途中で、別のICカードに替わりました。",
        Code::OtherCard => "この申請に署名するICカードではありません。",
        Code::CardBusy => "ほかのソフトウェアが、ICカードを使っています。",
        Code::ModuleFailed => "ICカード用のソフトウェア（PKCS#11モジュール）が正しく動いていません。",
        Code::CardError => "ICカードとの通信に失敗しました。",
        Code::PinWrong => "PIN番号が違います。",
        Code::PinLastTry => "PIN番号を試せるのは、あと1回です。まだ試していません。",
        Code::PinLocked => "PIN番号の間違いが続き、ICカードがロックされています。",
        Code::PinNotSet => "ICカードに、PIN番号が設定されていません。",
        Code::PinExpired => "PIN番号の変更が必要です。変更するまで、このICカードは使えません。",
        Code::PinFormat => "PIN番号の形式が正しくありません。カードには送っていません。",
        Code::PinEntryUnavailable => "このパソコンでは、決められた場所でPIN番号を入力できません。",
        Code::CertificateMissing => "ICカードに、本人を確認する電子証明書がありません。",
        Code::CertificateUnreadable => "ICカードの電子証明書を読み取れません。",
        Code::CertificateExpired => "ICカードの電子証明書は、有効期限が過ぎています。",
        Code::CertificateNotYetValid => "ICカードの電子証明書は、まだ有効期間が始まっていません。",
        Code::CertificateUnsuitable => "ICカードの電子証明書は、本人の確認（ログイン）に使えない種類です。",
        Code::KeyUnsupported => "ICカードの鍵の種類に対応していません。",
        Code::Internal => "カード接続プログラムで、予期しないエラーが発生しました。",
        _ => "",
    }
}

/// What to do next.
#[rustfmt::skip]
#[allow(unreachable_patterns)]
pub fn next(code: Code) -> &'static str {
    match code {
        Code::ExtensionMissing => "拡張機能を入れてあるか、オンになっているかを確認してください。入れた直後は、このページを読み込み直してください。",
        Code::ExtensionTooOld => "拡張機能の画面（chrome://extensions、edge://extensions）で更新し、ブラウザーを起動し直してください。",
        Code::ExtensionTooNew => "ページを読み込み直してください。変わらないときは、時間をおいてからお試しください。",
        Code::HostMissing => "カード接続プログラムを入れてから、ブラウザーを起動し直してください。",
        Code::HostForbidden => "カード接続プログラムを入れ直してください。",
        Code::HostBlocked => "パソコンの管理者に、ブラウザーのポリシーで「jp.touroku.host」を許可するよう依頼してください。",
        Code::HostUnreachable => "ブラウザーを起動し直してください。続くときは、下に表示されたメッセージを添えて、お問い合わせください。",
        Code::HostExited => "もう一度お試しください。続くときは、ブラウザーを起動し直してください。",
        Code::HostProtocol => "ブラウザーを起動し直してください。続くときは、カード接続プログラムを入れ直してください。",
        Code::HostTooOld => "新しいカード接続プログラムを入れてから、このページを読み込み直してください。登録した内容やICカードはそのままです。",
        Code::HostTooNew => "拡張機能の画面（chrome://extensions、edge://extensions）で更新し、ブラウザーを起動し直してください。",
        Code::OriginNotAllowed => "アドレスが正しいか確認してください。正しいときは、管理者に許可するサイトの設定を依頼してください。",
        Code::FrameNotAllowed => "電子入札システムのアドレスを、ブラウザーで直接開いてください。",
        Code::CallerNotAllowed => "拡張機能とカード接続プログラムを、同じ配布元のものに入れ直してください。",
        Code::HostMisconfigured => "社内の管理者に、下のエラーコードに示す場所を直すよう依頼してください。",
        Code::Busy => "開いているICカードの画面を終えるか閉じてから、もう一度お試しください。",
        Code::BadRequest => "ページを読み込み直して、もう一度お試しください。続くときは、お問い合わせください。",
        Code::Cancelled => "続けるときは、もう一度ICカードの確認を始めてください。",
        Code::TimedOut => "ICカードとPIN番号を用意して、もう一度お試しください。",
        Code::ServiceOff => "パソコンを起動し直してください。変わらないときは、管理者にスマートカードのサービスを有効にするよう依頼してください。",
        Code::NoReader => "ICカードリーダーをパソコンにつなぎ、ランプの点灯を確認してください。",
        Code::NoCard => "ICカードを、向きを確かめて奥まで差し込んでください。",
        Code::UnsupportedCard => "電子入札用のICカードかどうかを確認し、正しいカードを差し込んでください。",
        Code::MyNumberNotAccepted => "電子入札用のICカードに入れ替えて、もう一度お試しください。",
        Code::CardRemoved => "ICカードを差し込み直して、もう一度お試しください。終わるまで抜かないでください。",
        Code::CardChanged => "使うICカードだけを差し込んで、もう一度お試しください。PIN番号は別のカードには使われていません。",
        Code::OtherCard => "申請の確認に使ったICカードに入れ替えて、もう一度お試しください。",
        Code::CardBusy => "ICカードを使うほかのソフトウェアを終了してから、もう一度お試しください。",
        Code::ModuleFailed => "下に示すソフトウェアを最新の版に入れ直してから、もう一度お試しください。",
        Code::CardError => "ICカードの汚れや向きを確認し、差し込み直してください。続くときは、ICカードの故障も考えられます。",
        Code::PinWrong => "認証局から届いたPIN番号を確かめて、もう一度お試しください。",
        Code::PinLastTry => "次に間違えるとICカードがロックされます。PIN番号が確かでないときは、入力せずに認証局へお問い合わせください。",
        Code::PinLocked => "このままでは使えません。ICカードを発行した認証局に、ロックの解除を依頼してください。数日かかることがあります。",
        Code::PinNotSet => "ICカードを発行した認証局の案内に従って、PIN番号を設定してください。",
        Code::PinExpired => "カードに付属のソフトウェアで、PIN番号を変更してください。方法は認証局へお問い合わせください。",
        Code::PinFormat => "認証局から届いたPIN番号を、半角で正しく入力してください。入力できる回数は減っていません。",
        Code::PinEntryUnavailable => "社内の管理者に、拡張機能とカード接続プログラム（touroku-host）のPIN番号の設定を確かめるよう依頼してください。",
        Code::CertificateMissing => "電子入札用のICカードかどうかを確認してください。",
        Code::CertificateUnreadable => "ICカードを差し込み直してください。続くときは、ICカードを発行した認証局へお問い合わせください。",
        Code::CertificateExpired => "有効期限内のICカードを使ってください。お持ちでないときは、認証局で新しいICカードを取得してください。",
        Code::CertificateNotYetValid => "パソコンの日付と時刻を確認し、有効期間が始まってから使ってください。",
        Code::CertificateUnsuitable => "電子入札用のICカードかどうかを確認してください。署名専用など、ほかの用途の証明書は使えません。",
        Code::KeyUnsupported => "電子入札用の、新しいICカードを使ってください。",
        Code::Internal => "もう一度お試しください。続くときは、下のエラーコードを添えてお問い合わせください。",
        _ => "",
    }
}

/// What to do next where an administrator looks after the computer.
#[rustfmt::skip]
#[allow(unreachable_patterns)]
pub fn managed(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::ExtensionTooOld => "拡張機能は、社内の管理者が配っています。ブラウザーを起動し直し、変わらないときは、管理者に拡張機能の更新を依頼してください。",
        Code::HostMissing => "社内の管理者に、カード接続プログラム（touroku-host）をこのパソコンに入れるよう依頼してください。",
        Code::HostForbidden => "社内の管理者に、カード接続プログラム（touroku-host）の設定で、この拡張機能を許可するよう依頼してください。",
        Code::HostTooOld => "社内の管理者に、カード接続プログラム（touroku-host）の更新を依頼してください。",
        Code::HostTooNew => "拡張機能は、社内の管理者が配っています。ブラウザーを起動し直し、変わらないときは、管理者に拡張機能の更新を依頼してください。",
        Code::OriginNotAllowed => "アドレスが正しいか確認してください。正しいときは、社内の管理者に、このサイトの許可を依頼してください。",
        Code::CallerNotAllowed => "社内の管理者に、カード接続プログラム（touroku-host）の設定で、この拡張機能を許可するよう依頼してください。",
        _ => return None,
    })
}

/// What to do next at the command line.
#[rustfmt::skip]
#[allow(unreachable_patterns)]
pub fn command(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::BadRequest => "下の項目を確かめてください。",
        Code::Cancelled => "続けるには、もう一度実行してください。",
        Code::TimedOut => "続けるには、もう一度実行してください。",
        Code::ServiceOff => "サービス（Windowsは Smart Card、Linuxは pcscd）を開始し直してから、もう一度実行してください。",
        Code::MyNumberNotAccepted => "電子入札用のカードに入れ替えてください。マイナンバーカードを受け付けるサイトのときは --my-number を付けて実行してください。",
        Code::PinLastTry => "次に間違えるとロックされます。それでもよければ --accept-last-try を付けて実行してください。",
        Code::PinFormat => "認証局から届いたPINを、半角で、標準入力の1行目に渡してください（PIVのカードは数字6〜8桁です）。",
        _ => return None,
    })
}

/// What happened, where the PIN had gone to the card.
#[rustfmt::skip]
#[allow(unreachable_patterns)]
pub fn sent(code: Code) -> Option<&'static str> {
    Some(match code {
        Code::PinFormat => "PIN番号の形式が正しくないため、カードに受け付けられませんでした。カードには送りましたが、残りの回数は減っていません。",
        _ => return None,
    })
}
