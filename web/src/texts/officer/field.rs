//! Labels, support texts and mistakes of fields.

use touroku_proto::field::Guessable;

use crate::officer::input::{Fault, Input};

pub fn label(input: Input) -> &'static str {
    match input {
        Input::LoginId | Input::OfficerLoginId => "ログインID",
        Input::Password => "パスワード",
        Input::Code | Input::CardCode => "認証アプリの6桁の数字",
        Input::CurrentPassword | Input::CardPassword => "今のパスワード",
        Input::NewPassword => "新しいパスワード",
        Input::NewPasswordAgain => "新しいパスワード（もう一度）",
        Input::Reason => "理由",
        Input::Query => "検索する言葉",
        Input::Numbers => "業者番号",
        Input::OfficerName => "氏名",
        Input::OfficerEmail | Input::LinkEmail => "本人のメールアドレス",
        Input::Profile => "機関設定（TOML）",
    }
}

pub fn hint(input: Input) -> &'static str {
    match input {
        Input::Code | Input::CardCode => "半角数字6桁。30秒ごとに変わります",
        Input::NewPassword => "12文字以上、128文字以内。ログインIDと同じもの、よく使われるものは使えません",
        Input::Reason => "500文字以内",
        Input::Query => "番号、商号又は名称の一部、企業ID、ICカードのシリアル番号、メールアドレスのどれか",
        Input::Numbers => "1行に1つ。500件まで",
        Input::OfficerLoginId => "半角の英小文字、数字、「.」「_」「-」で3文字以上、32文字以内",
        Input::OfficerName => "60文字以内",
        Input::OfficerEmail | Input::LinkEmail => {
            "準備のリンクを、このアドレスに送ります。リンクは本人だけが見られます"
        }
        _ => "",
    }
}

/// What is wrong with a field.
pub fn fault(input: Input, fault: Fault) -> String {
    let label = label(input);
    match fault {
        Fault::Missing => format!("{label}を入力してください"),
        Fault::Code => "数字6桁を入力してください".to_owned(),
        Fault::Short => "12文字以上にしてください".to_owned(),
        Fault::Long(max) => format!("{max}文字以内にしてください"),
        Fault::TooMany(max) => format!("一度に{max}件までにしてください"),
        Fault::Guessable(why) => match why {
            Guessable::Common => {
                "多くの人が使っているものと同じか、よく似ています。ほかの言葉や文字の並びにしてください"
            }
            Guessable::Own => "ログインIDや氏名が入っています。それらを入れずに決めてください",
            Guessable::Sequence => {
                "「abc」「123」のような続いた文字や、キーボードで隣り合う文字の並びです。並びをばらばらにしてください"
            }
            Guessable::Repeated => "同じ文字や並びの繰り返しです。繰り返さずに決めてください",
            Guessable::Date => "日付や西暦が入っています。日付のほかの文字を増やしてください",
            Guessable::Short => "当てられやすい並びです。無関係な言葉や文字を増やしてください",
        }
        .to_owned(),
        Fault::IsLoginId => "ログインIDとは別のものにしてください".to_owned(),
        Fault::Differs => "上の欄と一致していません。同じものを入力してください".to_owned(),
        Fault::Email => "メールアドレスの形になっていません".to_owned(),
        Fault::LoginId => {
            "半角の英小文字、数字、「.」「_」「-」で、3文字以上32文字以内にしてください".to_owned()
        }
    }
}
