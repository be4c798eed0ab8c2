//! `html!` as Yew has it, expanded to a fraction of the code.
//!
//! Yew's own macro writes down for every element how its node is put together; a page with hundreds of elements is
//! mostly that. This one writes a call for each piece (`crate::view::build`), and leaves to Yew what is rare:
//! components, inputs and text areas, and expressions alone.

mod parse;
mod write;

use proc_macro::TokenStream;
use syn::parse_macro_input;

/// Yew's `html!`: elements, fragments, `if`, `{ expression }`, `{ for iterator }`.
#[proc_macro]
pub fn html(input: TokenStream) -> TokenStream {
    let root = parse_macro_input!(input as parse::Root);
    write::root(&root).into()
}
