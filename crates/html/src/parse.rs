//! What stands in the macro.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{
    Expr, Ident, Lit, LitStr, Token, braced,
    ext::IdentExt as _,
    parse::{Parse, ParseStream, Result},
    token,
};

/// All of it.
pub(crate) enum Root {
    Node(Node),
    /// For Yew.
    Other(TokenStream),
}

pub(crate) enum Node {
    Element(Element),
    Fragment(Vec<Node>),
    If(If),
    /// `{ expression }`.
    Value(Expr),
    /// `{ for iterator }`.
    Each(Expr),
    Text(Lit),
    /// For Yew: one node.
    Other(TokenStream),
}

pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) children: Vec<Node>,
}

pub(crate) struct Attribute {
    pub(crate) name: LitStr,
    pub(crate) value: Expr,
}

pub(crate) struct If {
    pub(crate) condition: Expr,
    pub(crate) then: Vec<Node>,
    pub(crate) otherwise: Option<Else>,
}

pub(crate) enum Else {
    If(Box<If>),
    Nodes(Vec<Node>),
}

impl Parse for Root {
    fn parse(input: ParseStream) -> Result<Self> {
        if input.peek(Token![<]) || input.peek(Token![if]) {
            return input.parse().map(Self::Node);
        }
        input.parse().map(Self::Other)
    }
}

impl Parse for Node {
    fn parse(input: ParseStream) -> Result<Self> {
        if input.peek(Token![if]) {
            return input.parse().map(Self::If);
        }
        if input.peek(token::Brace) {
            let content;
            braced!(content in input);
            if content.peek(Token![for]) {
                content.parse::<Token![for]>()?;
                return content.parse().map(Self::Each);
            }
            return content.parse().map(Self::Value);
        }
        if !input.peek(Token![<]) {
            return input.parse().map(Self::Text);
        }
        if input.peek2(Token![>]) {
            input.parse::<Token![<]>()?;
            input.parse::<Token![>]>()?;
            let children = children(input)?;
            input.parse::<Token![>]>()?;
            return Ok(Self::Fragment(children));
        }
        let fork = input.fork();
        fork.parse::<Token![<]>()?;
        let name = name(&fork)?;
        let is_component = name.starts_with(|first: char| first.is_ascii_uppercase());
        if is_component || matches!(name.as_str(), "input" | "textarea") {
            return verbatim(input, &name).map(Self::Other);
        }
        element(input).map(Self::Element)
    }
}

impl Parse for If {
    fn parse(input: ParseStream) -> Result<Self> {
        input.parse::<Token![if]>()?;
        let condition = input.call(Expr::parse_without_eager_brace)?;
        let then = block(input)?;
        let otherwise = match input.parse::<Option<Token![else]>>()? {
            None => None,
            Some(_) if input.peek(Token![if]) => Some(Else::If(input.parse()?)),
            Some(_) => Some(Else::Nodes(block(input)?)),
        };
        Ok(Self { condition, then, otherwise })
    }
}

fn block(input: ParseStream) -> Result<Vec<Node>> {
    let content;
    braced!(content in input);
    let mut nodes = Vec::new();
    while !content.is_empty() {
        nodes.push(content.parse()?);
    }
    Ok(nodes)
}

/// As far as `</`.
fn children(input: ParseStream) -> Result<Vec<Node>> {
    let mut nodes = Vec::new();
    while !(input.peek(Token![<]) && input.peek2(Token![/])) {
        nodes.push(input.parse()?);
    }
    input.parse::<Token![<]>()?;
    input.parse::<Token![/]>()?;
    Ok(nodes)
}

fn element(input: ParseStream) -> Result<Element> {
    input.parse::<Token![<]>()?;
    let name = name(input)?;
    let mut attributes = Vec::new();
    loop {
        if input.parse::<Option<Token![/]>>()?.is_some() {
            input.parse::<Token![>]>()?;
            return Ok(Element { name, attributes, children: Vec::new() });
        }
        if input.parse::<Option<Token![>]>>()?.is_some() {
            break;
        }
        attributes.push(attribute(input)?);
    }
    let children = children(input)?;
    let end = input.fork();
    if self::name(input)? != name {
        return Err(end.error(format!("`</{name}>` is missing")));
    }
    input.parse::<Token![>]>()?;
    Ok(Element { name, attributes, children })
}

/// A name with dashes.
fn name(input: ParseStream) -> Result<String> {
    let mut name = input.call(Ident::parse_any)?.to_string();
    while input.parse::<Option<Token![-]>>()?.is_some() {
        name.push('-');
        name.push_str(&input.call(Ident::parse_any)?.to_string());
    }
    Ok(name)
}

/// `name="text"`, `name={expression}` or `{name}`.
fn attribute(input: ParseStream) -> Result<Attribute> {
    if input.peek(token::Brace) {
        let content;
        braced!(content in input);
        let name = content.call(Ident::parse_any)?;
        let value = syn::parse2(name.to_token_stream())?;
        return Ok(Attribute { name: LitStr::new(&name.to_string(), name.span()), value });
    }
    let span = input.span();
    let name = LitStr::new(&name(input)?, span);
    input.parse::<Token![=]>()?;
    if input.peek(token::Brace) {
        let content;
        braced!(content in input);
        return Ok(Attribute { name, value: content.parse()? });
    }
    let value: Lit = input.parse()?;
    Ok(Attribute { name, value: syn::parse2(value.to_token_stream())? })
}

/// A tag with all that it contains, as it stands.
fn verbatim(input: ParseStream, name: &str) -> Result<TokenStream> {
    let mut tokens = Vec::new();
    let ended = |tokens: &[TokenTree], end: &[&str]| {
        let last = tokens.iter().rev().take(end.len()).map(ToString::to_string);
        last.eq(end.iter().rev().map(|&part| part.to_owned()))
    };
    let mut has_children = false;
    loop {
        let next: TokenTree = input.parse()?;
        let is_group = matches!(&next, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        tokens.push(next);
        if !is_group && !has_children && ended(&tokens, &["/", ">"]) {
            break;
        }
        has_children |= !is_group && ended(&tokens, &[">"]);
        if has_children && ended(&tokens, &["<", "/", name, ">"]) {
            break;
        }
    }
    Ok(tokens.into_iter().collect())
}
