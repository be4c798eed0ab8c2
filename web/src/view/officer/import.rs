//! Comes.
use super::{parts::Scene, trouble::messages};
use crate::officer::route::RowKind;
use yew::prelude::*;
pub(super) fn view(scene: Scene, _: i64, _: RowKind) -> Html {
    messages(scene)
}
