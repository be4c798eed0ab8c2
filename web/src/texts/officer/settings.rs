//! 機関設定 and its preview.

use touroku_proto::officer::profile::Confirmation;
use yew::AttrValue;

use super::Text;
pub(crate) use super::said::settings::*;
use crate::{bidder::clock, officer::state::PreviewScreen};

pub(crate) fn screen(screen: PreviewScreen) -> Text {
    match screen {
        PreviewScreen::Menu => SCREEN_MENU,
        PreviewScreen::Search => SCREEN_SEARCH,
        PreviewScreen::Form => SCREEN_FORM,
        PreviewScreen::Confirm => SCREEN_CONFIRM,
    }
}

pub(crate) fn confirmation(confirm: Confirmation) -> AttrValue {
    match confirm {
        Confirmation::Now => CONFIRMATION_NOW.into(),
        Confirmation::Another => CONFIRMATION_ANOTHER.into(),
        Confirmation::From(at) => confirmation_from(&clock::shown(at)).into(),
    }
}

pub(crate) const CHANGES: [Text; 3] = [CHANGES_1, CHANGES_2, CHANGES_3];

/// Of an earlier change.
pub(crate) const VERSION_COLUMNS: [Text; 3] = [CHANGES_1, VERSION_BEFORE, VERSION_AFTER];
