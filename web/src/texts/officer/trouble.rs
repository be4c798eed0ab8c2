//! What went wrong and what to do about it, said to officers.

use touroku_proto::{agency::DeskKind, api::ApiErrorCode};

use crate::{
    bidder::trouble::Trouble,
    texts::{self, Advice},
};

/// Advice whose question is that of whoever runs the system.
const fn system(what: &'static str, next: &'static str) -> Advice {
    Advice { what, next, desk: DeskKind::Helpdesk }
}

/// The advice for a trouble.
pub fn advice(trouble: &Trouble) -> Advice {
    match trouble {
        Trouble::Api(error) => own(error.code).unwrap_or_else(|| texts::advice(trouble)),
        Trouble::Card(_) | Trouble::Unreachable => texts::advice(trouble),
    }
}

/// What is said otherwise to an officer than to a contractor, and what only officers meet.
pub fn own(code: ApiErrorCode) -> Option<Advice> {
    use ApiErrorCode as Code;
    Some(match code {
        Code::SessionMissing => system(
            "しばらく操作がなかったため、ログインが終わっています。",
            "もう一度ログインしてください。入力した内容は残っていて、続きから操作できます。",
        ),
        Code::CredentialsWrong => system(
            "ログインID、パスワード、6桁の数字のどれかが違います。",
            "入力を確かめてください。6桁の数字は、認証アプリに今出ているものを入力します。合っているはずのときは、役割が「管理」の担当者に、アカウントが停止されていないか確かめてください。",
        ),
        Code::RateLimited => system(
            "失敗が続いたため、しばらく受け付けを止めています。",
            "表示されている時間だけ待ってから、もう一度お試しください。",
        ),
        Code::LinkInvalid => system(
            "このリンクは使えません。",
            "リンクは1回だけ使え、期限もあります。役割が「管理」の担当者に、新しいリンクを頼んでください。",
        ),
        Code::LoginIdTaken => {
            system("このログインIDは、すでに使われています。", "別のログインIDにしてください。")
        }
        Code::CardNotRegistered => system(
            "このICカードは、担当者のアカウントに結び付けられていません。",
            "パスワードでログインし、「自分のアカウント」でICカードを結び付けてください。",
        ),
        Code::CardAlreadyRegistered => system(
            "このICカードは、すでに別の担当者のアカウントに結び付けられています。",
            "自分のICカードを差し込んで、もう一度お試しください。",
        ),
        Code::NotFound => system(
            "探しているものが見つかりません。",
            "番号を確かめるか、一覧から選び直してください。ほかの機関の情報は表示できません。",
        ),
        Code::Stale => system(
            "この画面を見ている間に、内容が変わりました。",
            "今の内容を表示しました。変わったところを確かめてから、もう一度操作してください。",
        ),
        Code::Forbidden => system(
            "あなたの役割では、この操作ができません。",
            "必要なときは、役割が「管理」の担当者に、役割の変更を頼んでください。",
        ),
        Code::PasswordWeak => system(
            "このパスワードは、ほかの人に当てられやすいため使えません。",
            "よく使われる言葉や並びを避け、12文字以上の別のパスワードにしてください。",
        ),
        Code::LastManager => system(
            "自分のアカウントの停止や、自分の役割を下げることはできません。",
            "必要なときは、役割が「管理」の別の担当者に頼んでください。",
        ),
        Code::SameOfficer => system(
            "1人目として承認した人は、2人目として承認できません。",
            "別の担当者に、この申請の審査を頼んでください。",
        ),
        Code::ApproverDependent => system(
            "あなたの承認は、この申請の2人目として数えられません。",
            "1人目の承認者とのあいだで、一方がもう一方のアカウントを作ったか、新しいリンクを送っています。または、あなたのアカウントが作られてから10日たっていません。別の担当者に、審査を頼んでください。",
        ),
        Code::ReasonMissing => system("理由が入力されていません。", "理由を500文字以内で入力してください。"),
        Code::ImportRunning => system(
            "ほかの取り込みが終わっていません。",
            "下の一覧で、進行中の取り込みを確かめてください。終わるか、やめるかすると、新しく始められます。",
        ),
        Code::ImportColumns => system(
            "この列の読み方では取り込めません。",
            "必要な項目がすべてあり、同じ項目を2つの列に選んでいないことを確かめてください。",
        ),
        Code::WrongState => system(
            "今の状態では、この操作ができません。",
            "ほかの担当者が先に操作したか、設定が変わったのかもしれません。今の状態を確かめてください。",
        ),
        Code::ProfileInvalid => system(
            "設定に誤りがあるため、使い始められません。",
            "「確かめる」を押し、示された誤りを直してください。",
        ),
        Code::PayloadTooLarge => system(
            "送ったものが大きすぎます。",
            "名簿は512MB、機関設定は256KBまでです。分けるか、短くしてください。",
        ),
        _ => return None,
    })
}
