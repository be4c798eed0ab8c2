//! Questions before something is done.

use super::screen::count;
use crate::officer::{
    ask::Target,
    dialog::{Dialog, TakeOver},
};

/// A question, its consequences, and the button that carries it out.
pub struct Question {
    pub title: String,
    pub text: String,
    /// はい, worded as the action.
    pub yes: &'static str,
}

pub const NO: &str = "やめる";

pub fn question(dialog: &Dialog) -> Question {
    let ask = |title: &str, text: &str, yes| Question { title: title.to_owned(), text: text.to_owned(), yes };
    match dialog {
        Dialog::Approve => {
            ask("承認しますか", "申請した会社に、承認したことをメールでお知らせします。", "承認する")
        }
        Dialog::Reject => {
            ask("却下しますか", "申請した会社に、次の理由をメールでお知らせします。", "却下する")
        }
        Dialog::Take(take) => {
            Question {
                title: "名簿に取り込みますか".to_owned(), text: take_over(take), yes: "取り込む"
            }
        }
        Dialog::TakeMany(take) => Question {
            title: format!(
                "名簿から{}件を除きます。本当によろしいですか",
                count(take.removed + take.suspended)
            ),
            text: format!(
                "名簿にある{}件のうち{}件（{}%）がファイルにありません。{}件を削除し、{}件を停止します。停止した会社は、ただちにログイン\
                 できなくなります。ファイルが途中で切れていないか、別の名簿でないか、もう一度確かめてください。",
                count(take.before),
                count(take.removed + take.suspended),
                ((take.removed + take.suspended) * 100).checked_div(take.before).unwrap_or(0),
                count(take.removed),
                count(take.suspended)
            ),
            yes: "削除と停止をして取り込む",
        },
        Dialog::Undo(_) => ask(
            "取り込みを元に戻しますか",
            "名簿を、この取り込みの前の状態に戻します。取り込んだ会社が登録や申請をした後は、元に戻せません。",
            "元に戻す",
        ),
        Dialog::CancelImport(_) => ask(
            "取り込みをやめますか",
            "送ったファイルと確かめた結果を消します。名簿は変わりません。",
            "取り込みをやめる",
        ),
        Dialog::Suspend(Target::Company(_)) => ask(
            "この会社を停止しますか",
            "ただちに、この会社のすべてのICカードとIDでログインできなくなります。",
            "停止する",
        ),
        Dialog::Suspend(Target::Account(_)) => {
            ask("このIDを停止しますか", "ただちに、このIDでログインできなくなります。", "停止する")
        }
        Dialog::Lift(Target::Account(_)) => {
            ask("このIDの停止を解除しますか", "ただちに、このIDでログインできるようになります。", "解除する")
        }
        Dialog::Suspend(Target::Card(_)) => ask(
            "このICカードを停止しますか",
            "ただちに、このICカードでログインできなくなります。",
            "停止する",
        ),
        Dialog::Lift(Target::Company(_)) => {
            ask("この会社の停止を解除しますか", "ただちに、ログインできるようになります。", "解除する")
        }
        Dialog::Lift(Target::Card(_)) => ask(
            "このICカードの停止を解除しますか",
            "ただちに、このICカードでログインできるようになります。",
            "解除する",
        ),
        Dialog::SendMail(_) => ask(
            "このメールを今すぐ送りますか",
            "同じ内容を、同じあて先へ送ります。あて先が間違っているときは、会社に登録内容の変更を案内してください。",
            "送る",
        ),
        Dialog::GiveMailUp(_) => ask(
            "このメールを送るのをやめますか",
            "本文は消えて、もう送れなくなります。必要な内容は、電話や郵便でお知らせください。",
            "送るのをやめる",
        ),
        Dialog::Issue => ask(
            "番号を発行しますか",
            "発行した番号は、この後の画面で1回だけ表示します。発行済みの会社に発行し直すと、前の番号は使えなくなります。",
            "発行する",
        ),
        Dialog::CloseLetters => ask(
            "通知書を閉じますか",
            "表示している番号は、もう表示できなくなります。印刷が済んでいることを確かめてください。",
            "閉じる",
        ),
        Dialog::StopOfficer(login_id) => Question {
            title: format!("{login_id}を停止しますか"),
            text: "ただちにログインできなくなり、開いている画面も使えなくなります。".to_owned(),
            yes: "停止する",
        },
        Dialog::StartOfficer(login_id) => Question {
            title: format!("{login_id}の停止を解除しますか"),
            text: "前のパスワードと認証アプリで、ログインできるようになります。".to_owned(),
            yes: "解除する",
        },
        Dialog::ChangeRole(login_id, role) => Question {
            title: format!("{login_id}の役割を「{}」に変えますか", role.name()),
            text: "ただちに、新しい役割でできることだけができるようになります。".to_owned(),
            yes: "役割を変える",
        },
        Dialog::NewLink(login_id) => Question {
            title: format!("{login_id}に新しいリンクを送りますか"),
            text:
                "今のパスワードと認証アプリは、ただちに使えなくなります。本人が、メールで届く新しいリンクで決め直します。2人の承認が要る審査では、このアカウントの承認は10日のあいだ数えません。"
                    .to_owned(),
            yes: "リンクを送る",
        },
        Dialog::EndSession(_) => ask(
            "このログインを終わらせますか",
            "そのパソコンでは、もう一度ログインが必要になります。",
            "終わらせる",
        ),
        Dialog::UnlinkCard => ask(
            "ICカードでのログインをやめますか",
            "今後は、パスワードと認証アプリの数字でログインします。",
            "ICカードをはずす",
        ),
        Dialog::ConfirmProfile => ask(
            "確認した設定を使い始めますか",
            "ただちに、受注者の画面と、だれを本人と認めるかが、新しい設定に変わります。",
            "使い始める",
        ),
        Dialog::WithdrawProfile => {
            ask("確認待ちの設定を取り下げますか", "今の設定のまま変わりません。", "取り下げる")
        }
        Dialog::TakeProfile => {
            ask("この設定を使い始めますか", "ただちに、受注者の画面が新しい設定に変わります。", "使い始める")
        }
    }
}

/// What a take-over does, in numbers.
fn take_over(take: &TakeOver) -> String {
    let left_out = match take.left_out {
        0 => String::new(),
        rows => format!("エラーの{}件は取り込みません。", count(rows)),
    };
    format!(
        "追加{}件、変更{}件、削除{}件、停止{}件です。{left_out}途中で失敗したときは、1件も取り込みません。",
        count(take.added),
        count(take.changed),
        count(take.removed),
        count(take.suspended)
    )
}
