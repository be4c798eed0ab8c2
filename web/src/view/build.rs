//! Puts nodes together, step by step: what `touroku_html::html!` is expanded to. Each step is compiled once, so that a
//! screen is little more than calls.

use std::rc::Rc;

use yew::{
    AttrValue, Html,
    virtual_dom::{AttributeOrProperty, Attributes, Key, Listener, Listeners, VList, VNode, VTag, VText},
};

use crate::texts::{Own, Text};

/// What is known of an element at build time.
pub(crate) struct Tag {
    pub(crate) name: &'static str,
    /// Attributes with a text of their own.
    pub(crate) fixed: &'static [(&'static str, AttributeOrProperty)],
    /// Where others follow: the names of all.
    pub(crate) keys: &'static [&'static str],
    /// Its child is one node, and not a list.
    pub(crate) single: bool,
}

/// An element or list to which children are added.
struct Open {
    tag: Option<&'static Tag>,
    values: Vec<Option<AttributeOrProperty>>,
    listeners: Vec<Option<Rc<dyn Listener>>>,
    key: Option<Key>,
    /// Where its children begin.
    start: usize,
}

#[derive(Default)]
pub(crate) struct Build {
    nodes: Vec<VNode>,
    open: Vec<Open>,
}

impl Build {
    #[inline(never)]
    fn push(&mut self, tag: Option<&'static Tag>) {
        let values = match tag {
            Some(Tag { fixed, keys, .. }) if !keys.is_empty() => {
                fixed.iter().map(|(_, value)| Some(value.clone())).collect()
            }
            _ => Vec::new(),
        };
        let start = self.nodes.len();
        self.open.push(Open { tag, values, listeners: Vec::new(), key: None, start });
    }

    #[inline(never)]
    pub(crate) fn open(&mut self, tag: &'static Tag) {
        self.push(Some(tag));
    }

    fn last(&mut self) -> &mut Open {
        self.open.last_mut().expect("an element is open")
    }

    #[inline(never)]
    pub(crate) fn attribute(&mut self, value: Option<AttrValue>) {
        self.last().values.push(value.map(AttributeOrProperty::Attribute));
    }

    pub(crate) fn flag(&mut self, name: &'static str, is_set: bool) {
        self.attribute(is_set.then_some(AttrValue::Static(name)));
    }

    #[inline(never)]
    pub(crate) fn listener(&mut self, listener: Option<Rc<dyn Listener>>) {
        self.last().listeners.push(listener);
    }

    #[inline(never)]
    pub(crate) fn key(&mut self, key: Key) {
        self.last().key = Some(key);
    }

    #[inline(never)]
    pub(crate) fn close(&mut self) {
        let Some(Open { tag: Some(tag), values, listeners, key, start }) = self.open.pop() else { return };
        let children = match tag.single {
            true => self.nodes.pop().unwrap_or_default(),
            false => self.children(start),
        };
        let attributes = match tag.keys {
            [] => Attributes::Static(tag.fixed),
            keys => Attributes::Dynamic { keys, values: values.into() },
        };
        let listeners = match listeners.is_empty() {
            true => Listeners::None,
            false => Listeners::Pending(listeners.into()),
        };
        let name = AttrValue::Static(tag.name);
        self.node(VTag::__new_other(name, Default::default(), key, attributes, listeners, children).into());
    }

    fn children(&mut self, start: usize) -> VNode {
        match self.nodes.split_off(start) {
            nodes if nodes.is_empty() => VNode::default(),
            nodes => VList::with_children(nodes, None).into(),
        }
    }

    /// Begins a list.
    #[inline(never)]
    pub(crate) fn begin(&mut self) {
        self.push(None);
    }

    #[inline(never)]
    pub(crate) fn end(&mut self) {
        if let Some(open) = self.open.pop() {
            let list = self.children(open.start);
            self.node(list);
        }
    }

    #[inline(never)]
    pub(crate) fn nothing(&mut self) {
        self.node(VNode::default());
    }

    #[inline(never)]
    pub(crate) fn text(&mut self, text: &'static str) {
        self.node(VText::new(text).into());
    }

    #[inline(never)]
    pub(crate) fn node(&mut self, node: VNode) {
        self.nodes.push(node);
    }

    #[inline(never)]
    pub(crate) fn finish(mut self) -> Html {
        self.nodes.pop().unwrap_or_default()
    }
}

/// What may stand in braces.
pub(crate) trait Child {
    fn add(self, to: &mut Build);
}

impl Child for VNode {
    fn add(self, to: &mut Build) {
        to.node(self);
    }
}

impl Child for Text {
    #[inline(never)]
    fn add(self, to: &mut Build) {
        to.text(self.get());
    }
}

impl Child for &str {
    #[inline(never)]
    fn add(self, to: &mut Build) {
        self.to_owned().add(to);
    }
}

impl Child for String {
    #[inline(never)]
    fn add(self, to: &mut Build) {
        to.node(VText::new(self).into());
    }
}

impl Child for &String {
    fn add(self, to: &mut Build) {
        self.clone().add(to);
    }
}

impl Child for AttrValue {
    #[inline(never)]
    fn add(self, to: &mut Build) {
        to.node(VText::new(self).into());
    }
}

impl Child for Own<'_> {
    #[inline(never)]
    fn add(self, to: &mut Build) {
        self.to_string().add(to);
    }
}

macro_rules! written {
    ($($kind:ty)*) => {
        $(impl Child for $kind {
            fn add(self, to: &mut Build) {
                self.to_string().add(to);
            }
        })*
    };
}

written! { i32 i64 u64 usize }

impl<T: Child> Child for Option<T> {
    fn add(self, to: &mut Build) {
        if let Some(child) = self {
            child.add(to);
        }
    }
}

impl<T: Child> Child for Vec<T> {
    fn add(self, to: &mut Build) {
        for child in self {
            child.add(to);
        }
    }
}

#[cfg(test)]
mod tests {
    use touroku_html::html;
    use yew::html as yews;

    /// Both macros make the same nodes of it. (Attributes are written as Yew sorts them: fixed ones, others, `class`.)
    macro_rules! same {
        ($($tokens:tt)*) => {
            assert_eq!(html! { $($tokens)* }, yews! { $($tokens)* });
        };
    }

    #[test]
    fn elements_have_the_attributes_and_children_that_yew_gives_them() {
        let (id, class, none) = ("a".to_owned(), "b", None::<String>);
        same! { <hr /> };
        same! { <p aria-hidden="true" class="lead"></p> };
        same! { <p id={id.clone()} data-of={none.clone()}>{ &id }</p> };
        same! { <p data-of={Some("x")} {class}>{ "text" }{ id.clone() }{ 5_u64 }</p> };
        same! { <div><ul><li><b>{ "one" }</b></li><li></li></ul>{ html! { <i /> } }</div> };
        same! { <button type="button" hidden={true}>{ Some("x") }{ None::<String> }</button> };
        same! { <form data-kind="a" novalidate=true><details open=false /></form> };
        same! { <li key="k" value="3">{ yews! { "three" } }</li> };
        same! { <p><input type="text" id={id.clone()} value="v" checked=true /></p> };
    }

    #[test]
    fn conditions_and_loops_keep_their_places_as_in_yew() {
        for (yes, number) in [(true, Some(1)), (false, None), (true, None)] {
            same! { if yes { <p /> } };
            same! { <>{ "a" }<p />{ for (0..3).map(|n| yews! { <li>{ n }</li> }) }</> };
            same! { <p>if yes { { "a" } { "b" } }<b /></p> };
            same! {
                <p>
                    if let Some(number) = number { <b>{ number }</b> } else if yes { { "yes" } } else { <i /> }
                    <></>
                    { for number.map(|number| yews! { { number } }) }
                </p>
            };
            same! { <ul>{ for number.iter().map(|n| yews! { <li>{ *n }</li> }) }</ul> };
        }
    }
}
