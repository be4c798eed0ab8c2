//! What is made of it.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Expr, ExprLit, Ident, Lit};

use crate::parse::{Attribute, Element, Else, If, Node, Root};

/// Attributes that are there or not.
const BOOLEANS: [&str; 11] = [
    "autofocus",
    "disabled",
    "hidden",
    "inert",
    "multiple",
    "novalidate",
    "open",
    "readonly",
    "required",
    "reversed",
    "selected",
];

pub(crate) fn root(root: &Root) -> TokenStream {
    match root {
        Root::Other(tokens) => quote! { ::yew::html! { #tokens } },
        Root::Node(node) => {
            let (build, steps) = (build(), step(node));
            quote! {{
                let mut #build = crate::view::build::Build::default();
                #steps
                #build.finish()
            }}
        }
    }
}

fn build() -> Ident {
    Ident::new("__build", Span::mixed_site())
}

fn steps(nodes: &[Node]) -> TokenStream {
    nodes.iter().map(step).collect()
}

fn step(node: &Node) -> TokenStream {
    let build = build();
    match node {
        Node::Element(it) => element(it),
        Node::Fragment(nodes) => list(nodes),
        Node::If(it) => branch(it),
        Node::Value(Expr::Lit(ExprLit { lit: text @ Lit::Str(_), .. })) => quote! { #build.text(#text); },
        Node::Value(value) => quote! { crate::view::build::Child::add(#value, &mut #build); },
        Node::Each(values) => quote! {
            for value in ::std::iter::IntoIterator::into_iter(#values) {
                crate::view::build::Child::add(value, &mut #build);
            }
        },
        Node::Text(text) => quote! { #build.text(#text); },
        Node::Other(tokens) => quote! { #build.node(::yew::html! { #tokens }); },
    }
}

fn list(nodes: &[Node]) -> TokenStream {
    let (build, steps) = (build(), steps(nodes));
    if nodes.is_empty() {
        return quote! { #build.nothing(); };
    }
    quote! { #build.begin(); #steps #build.end(); }
}

/// Either branch is a list of its own, so that what follows keeps its place.
fn branch(If { condition, then, otherwise }: &If) -> TokenStream {
    let then = list(then);
    let otherwise = match otherwise {
        None => list(&[]),
        Some(Else::If(other)) => branch(other),
        Some(Else::Nodes(nodes)) => list(nodes),
    };
    quote! { if #condition { #then } else { #otherwise } }
}

fn element(Element { name, attributes, children }: &Element) -> TokenStream {
    let build = build();
    let (mut fixed, mut keys, mut values, mut more) = (vec![], vec![], vec![], vec![]);
    for Attribute { name, value } in attributes {
        let label = name.value();
        match value {
            _ if label == "key" => more.push(quote! { #build.key(::std::convert::Into::into(#value)); }),
            _ if label.starts_with("on") && !label.contains('-') => {
                let event = format_ident!("{label}");
                more.push(quote! { #build.listener(::yew::html::#event::Wrapper::__macro_new(#value)); });
            }
            Expr::Lit(ExprLit { lit: Lit::Bool(yes), .. }) if BOOLEANS.contains(&&*label) => {
                if yes.value {
                    fixed.push((name.clone(), quote! { #name }));
                }
            }
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => fixed.push((name.clone(), quote! { #text })),
            _ => {
                keys.push(name.clone());
                values.push(match &*label {
                    "class" => quote! {
                        #build.attribute(::yew::html::IntoPropValue::into_prop_value(
                            ::std::convert::Into::<::yew::html::Classes>::into(#value)
                        ));
                    },
                    _ if BOOLEANS.contains(&&*label) => quote! { #build.flag(#name, #value); },
                    _ => quote! {
                        #build.attribute(::yew::html::IntoPropValue::into_prop_value(#value));
                    },
                });
            }
        }
    }
    let (names, texts): (Vec<_>, Vec<_>) = fixed.into_iter().unzip();
    let keys = match keys.is_empty() {
        true => quote! {},
        false => quote! { #(#names,)* #(#keys,)* },
    };
    let single = matches!(children[..], [Node::Element(_) | Node::Value(_) | Node::Other(_)]);
    let children = match &children[..] {
        [Node::Value(value)] => quote! {
            #build.node(::yew::html::IntoPropValue::into_prop_value(#value));
        },
        children => steps(children),
    };
    quote! {
        #build.open(const { &crate::view::build::Tag {
            name: #name,
            fixed: &[#((#names, ::yew::virtual_dom::AttributeOrProperty::Static(#texts)),)*],
            keys: &[#keys],
            single: #single,
        } });
        #(#values)*
        #(#more)*
        #children
        #build.close();
    }
}
