//! A page with nothing on it: what Yew alone costs, which `cargo xtask bench` compares the pages with.

use yew::prelude::*;

struct Bare;

impl Component for Bare {
    type Message = ();
    type Properties = ();

    fn create(_: &Context<Self>) -> Self {
        Self
    }

    fn view(&self, _: &Context<Self>) -> Html {
        html! { <p data-screen="bare">{ "." }</p> }
    }
}

fn main() {
    yew::Renderer::<Bare>::new().render();
}
