//! What is said about 利用時間.

use crate::bidder::{clock, hours::Hours};

/// What happened, and what to do next.
pub struct Words {
    /// What happened.
    pub what: String,
    /// What to do next; empty for nothing.
    pub next: &'static str,
}

/// The notice, if there is anything to say. `at_work`: something is under way that may be finished.
pub fn words(hours: Hours, at_work: bool) -> Option<Words> {
    Some(match hours {
        Hours::Open { closes: None } => return None,
        Hours::Open { .. } if at_work => return None,
        Hours::Open { closes: Some(closes) } => Words {
            what: format!("ただいま利用できます（{}まで）。", clock::moment(closes)),
            next: "",
        },
        Hours::Closing { at } => Words {
            what: format!("まもなく利用時間が終わります（{}まで）。", clock::time_of_day(at)),
            next: if at_work { MAY_FINISH } else { BEGIN_SOON },
        },
        Hours::Closed { opens } if at_work => {
            let opens = opens.map(|opens| format!("次は、{}から利用できます。", clock::moment(opens)));
            Words {
                what: format!("利用時間が終わりました。{}", opens.unwrap_or_default()), next: MAY_FINISH
            }
        }
        Hours::Closed { opens: Some(opens) } => Words {
            what: format!("ただいま利用時間外です。次は、{}から利用できます。", clock::moment(opens)),
            next: COME_BACK,
        },
        Hours::Closed { opens: None } => {
            Words { what: "ただいま利用時間外です。".to_owned(), next: COME_BACK }
        }
    })
}

const MAY_FINISH: &str = "いま進めている操作は、このまま最後まで続けられます。ログアウトしたり、途中でやめたりすると、次の利用時間まで始められません。";
const BEGIN_SOON: &str = "利用時間のうちに始めた操作は、時間が過ぎても最後まで続けられます。";
const COME_BACK: &str = "利用者登録や電子入札は、利用時間になってから始めてください。";
