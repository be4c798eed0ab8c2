//! 番号の通知.

pub const LEAD: &str = "会社が登録に使う「登録番号」を発行し、通知書を作ります。番号は発行後に再表示できないため、発行したときに1回だけ表示します。";
pub const WHOM: &str = "発行する会社";
pub const NEXT: &str = "まだ番号のない会社に、番号順で500社まで発行する";
pub const NEXT_IS: &str =
    "選ばないときは、下に業者番号を入力します。番号のある会社を入力すると、発行し直します。";
pub const BY_MAIL: &str = "メールアドレスのある会社には、メールで送る";
pub const BY_MAIL_IS: &str = "メールで送った会社の通知書は作りません。";
pub const ISSUE: &str = "番号を発行する";
pub const ISSUING: &str = "番号を発行しています";
pub const LETTERS: &str = "通知書";
pub const ONCE: &str = "「続けて発行する」を押すか、ページを閉じるか、ログアウトすると、番号はもう表示できません。その前に、すべて印刷してください。印刷できなかった会社には、発行し直しが必要です。";

pub fn done(letters: usize, mailed: u32, left: u64) -> String {
    let done = match (letters, mailed) {
        (0, 0) => "発行した番号はありません。".to_owned(),
        (letters, 0) => format!("通知書{letters}通を作りました。"),
        (0, mailed) => format!("{mailed}社にメールで送りました。"),
        (letters, mailed) => format!("通知書{letters}通を作り、{mailed}社にメールで送りました。"),
    };
    let left = match left {
        0 => "番号のない会社はありません。".to_owned(),
        left => format!("番号のない会社は、あと{left}社です。"),
    };
    done + &left
}

pub fn unknown(numbers: &[String]) -> String {
    format!("次の業者番号は名簿にないため、発行していません：{}", numbers.join("、"))
}

pub const AGAIN: &str = "続けて発行する";
pub const TO: &str = "様";
/// The honorific after a company whose representative is not known.
pub const TO_COMPANY: &str = "御中";
pub const TITLE: &str = "電子入札システム　登録番号のお知らせ";
pub const TEXT: &str = "電子入札システムの利用者登録に必要な登録番号を、次のとおりお知らせします。利用者登録の画面で、この番号と商号又は名称を入力してください。";
pub const NUMBER: &str = "登録番号";
pub const COMPANY: &str = "業者番号";
pub const ISSUED: &str = "発行した日時";
pub const KEEP: &str = "この番号は、貴社だけが使うものです。ほかの人に知らせず、大切に保管してください。なくしたときは、発行し直しますので、ご連絡ください。";
pub const REISSUED: &str = "前にお知らせした番号は、使えなくなっています。";
pub const FROM: &str = "お問い合わせ先";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_is_said_without_noughts() {
        assert_eq!(done(3, 0, 0), "通知書3通を作りました。番号のない会社はありません。");
        assert_eq!(done(0, 2, 5), "2社にメールで送りました。番号のない会社は、あと5社です。");
        assert_eq!(done(1, 2, 0), "通知書1通を作り、2社にメールで送りました。番号のない会社はありません。");
        assert_eq!(done(0, 0, 1), "発行した番号はありません。番号のない会社は、あと1社です。");
    }
}
