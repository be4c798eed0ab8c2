//! The command line's Japanese: what happened, and what to do next. The card window has its own texts.

use touroku_proto::card::{CardError, CardErrorCode as Code};

/// What happened and what to do, for a person at the command line.
pub fn explain(error: &CardError) -> String {
    let (happened, next) = texts(error.code);
    let mut text = happened.to_owned();
    if let Some(tries) = error.tries_left {
        text.push_str(&format!("（残り{tries}回）"));
    }
    let code = error.code.as_str();
    let detail = error.detail.as_ref().or(error.field.as_ref());
    let detail = detail.map_or_else(String::new, |detail| format!(" {detail}"));
    format!("{text}\n  → {next}\n  [{code}]{detail}")
}

/// The exit status for a failure; 0 is success, 1 and 2 belong to the host and the command line itself.
pub fn exit_code(code: Code) -> u8 {
    match code {
        Code::BadRequest => 2,
        Code::ServiceOff => 10,
        Code::NoReader => 11,
        Code::NoCard => 12,
        Code::UnsupportedCard => 13,
        Code::MyNumberNotAccepted => 19,
        Code::CardRemoved => 14,
        Code::CardChanged => 15,
        Code::CardBusy => 16,
        Code::CardError => 17,
        Code::ModuleFailed => 18,
        Code::PinWrong => 20,
        Code::PinLastTry => 21,
        Code::PinLocked => 22,
        Code::PinNotSet => 23,
        Code::PinFormat => 24,
        Code::PinExpired => 25,
        Code::CertificateMissing => 30,
        Code::CertificateUnreadable => 31,
        Code::CertificateExpired => 32,
        Code::CertificateNotYetValid => 33,
        Code::KeyUnsupported => 34,
        Code::Cancelled => 40,
        Code::TimedOut => 41,
        _ => 1,
    }
}

fn texts(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::ServiceOff => (
            "スマートカードサービス（PC/SC）が動いていません。",
            "サービス（Windowsは Smart Card、Linuxは pcscd）を開始してから、もう一度実行してください。",
        ),
        Code::NoReader => {
            ("ICカードリーダーが見つかりません。", "リーダーをつないでから、もう一度実行してください。")
        }
        Code::NoCard => ("ICカードが入っていません。", "カードを差し込んでから、もう一度実行してください。"),
        Code::UnsupportedCard => (
            "このカードには対応していません。",
            "電子入札用のカードか確かめてください。分からないときは認証局にお問い合わせください。",
        ),
        Code::MyNumberNotAccepted => (
            "マイナンバーカードは、受け付けるサイトでしか使えません。",
            "電子入札用のカードに入れ替えてください。マイナンバーカードを受け付けるサイトのときは --my-number を付けて実行してください。",
        ),
        Code::CardRemoved => ("カードが抜かれました。", "カードを差し込み直して、もう一度実行してください。"),
        Code::CardChanged => {
            ("別のカードに入れ替わっています。", "使うカードを確かめて、もう一度実行してください。")
        }
        Code::CardBusy => (
            "ほかのプログラムがカードを使っています。",
            "そのプログラムを終えてから、もう一度実行してください。",
        ),
        Code::CardError => (
            "カードとのやり取りに失敗しました。",
            "カードを差し込み直してください。続くときは、下の記号を添えて認証局にお問い合わせください。",
        ),
        Code::ModuleFailed => (
            "カードのPKCS#11モジュール（カード用ソフトの部品）が正しく動いていません。",
            "下に名前のあるモジュールのソフトを、最新の版に入れ直してください。続くときは、下の記号を添えて、そのソフトの配布元（認証局）にお問い合わせください。",
        ),
        Code::PinExpired => (
            "PINの変更が必要です。変更するまで、このカードは使えません。",
            "カードに付属のソフトでPINを変更してください。方法は、カードを発行した認証局にお問い合わせください。",
        ),
        Code::PinWrong => ("PINが違います。", "認証局から届いたPINを確かめて、もう一度実行してください。"),
        Code::PinLastTry => (
            "PINを試せるのはあと1回です。まだ試していません。",
            "次に間違えるとロックされます。それでもよければ --accept-last-try を付けて実行してください。",
        ),
        Code::PinLocked => {
            ("PINがロックされています。", "ロックの解除は、カードを発行した認証局にお問い合わせください。")
        }
        Code::PinNotSet => {
            ("カードにPINが設定されていません。", "カードを発行した認証局にお問い合わせください。")
        }
        Code::PinFormat => (
            "PINの形が正しくありません。カードには送っていません。",
            "認証局から届いたPINを、半角で、標準入力の1行目に渡してください（PIVのカードは数字6〜8桁です）。",
        ),
        Code::CertificateMissing => {
            ("カードに認証用の証明書がありません。", "カードを発行した認証局にお問い合わせください。")
        }
        Code::CertificateUnreadable => {
            ("カードの証明書を読み取れません。", "カードを発行した認証局にお問い合わせください。")
        }
        Code::CertificateExpired => {
            ("証明書の有効期限が切れています。", "新しいカードを認証局に申し込んでください。")
        }
        Code::CertificateNotYetValid => (
            "証明書の有効期間がまだ始まっていません。",
            "パソコンの日付と時刻を確かめてください。正しければ、開始日まで待ってください。",
        ),
        Code::KeyUnsupported => {
            ("カードの鍵の種類に対応していません。", "カードを発行した認証局にお問い合わせください。")
        }
        Code::BadRequest => ("指定が正しくありません。", "下の項目を確かめてください。"),
        Code::Cancelled => ("取りやめました。", "続けるには、もう一度実行してください。"),
        Code::TimedOut => (
            "時間内にPINが入力されませんでした。カードには送っていません。",
            "続けるには、もう一度実行してください。",
        ),
        _ => ("内部の誤りが起きました。", "下の記号を添えて、システムの窓口にお問い合わせください。"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_that_a_caller_can_tell_apart_has_an_exit_code_and_words_of_its_own() {
        let own = Code::ALL.iter().filter(|&&code| exit_code(code) != 1);
        let mut codes: Vec<u8> = own.clone().map(|&code| exit_code(code)).collect();
        let mut words: Vec<_> = own.map(|&code| texts(code).0).collect();
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        words.sort_unstable();
        words.dedup();
        assert_eq!((codes.len(), words.len()), (count, count));
        assert!(!codes.contains(&0));
    }

    #[test]
    fn an_explanation_names_what_to_do_the_tries_left_and_the_stable_code() {
        let text = explain(&CardError::new(Code::PinWrong).with_tries(2));
        assert!(text.contains("残り2回") && text.contains("→") && text.ends_with("[pin_wrong]"), "{text}");
    }
}
