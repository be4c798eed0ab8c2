//! Texts about 利用時間.

use super::{Text, said::contractor::hours as said};
use crate::bidder::{clock, hours::Hours};

/// What happened, and what to do next.
pub struct Words {
    pub what: String,
    /// What to do next; empty for nothing.
    pub next: Text,
}

/// The notice, if there is anything to say. `at_work`: something is in progress that may be finished.
pub fn words(hours: Hours, at_work: bool) -> Option<Words> {
    Some(match hours {
        Hours::Open { closes: None } => return None,
        Hours::Open { .. } if at_work => return None,
        Hours::Open { closes: Some(closes) } => {
            Words { what: said::open_until(&clock::moment(closes)), next: Text::NONE }
        }
        Hours::Closing { at } => Words {
            what: said::closing(&clock::time_of_day(at)),
            next: if at_work { said::MAY_FINISH } else { said::BEGIN_SOON },
        },
        Hours::Closed { opens } if at_work => {
            let opens = opens.map(|opens| said::over_until(&clock::moment(opens)));
            Words { what: opens.unwrap_or_else(|| said::OVER.to_string()), next: said::MAY_FINISH }
        }
        Hours::Closed { opens: Some(opens) } => {
            Words { what: said::closed_until(&clock::moment(opens)), next: said::COME_BACK }
        }
        Hours::Closed { opens: None } => Words { what: said::CLOSED.to_string(), next: said::COME_BACK },
    })
}
