//! Comes.
use super::{parts::Scene, trouble::messages};
use crate::officer::route::CompanySearch;
use yew::prelude::*;
pub(super) fn view(scene: Scene, _: &CompanySearch) -> Html {
    messages(scene)
}
