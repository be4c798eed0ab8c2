//! Comes.
use super::{parts::Scene, trouble::messages};
use yew::prelude::*;
pub(super) fn view(scene: Scene) -> Html {
    messages(scene)
}
