//! All calls of the API, as proto declares them.

use touroku_proto::endpoint::{Endpoint, Method, Visitor, Who, visit};

/// A call.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    pub name: &'static str,
    pub method: Method,
    pub path: &'static str,
    pub who: Who,
}

impl Known {
    pub fn is_officers(&self) -> bool {
        self.path.starts_with("/api/officer/")
    }
}

/// All of them; those that end something last, so that the others can be tried before.
pub fn all() -> Vec<Known> {
    struct List(Vec<Known>);

    impl Visitor for List {
        fn visit<E: Endpoint>(&mut self) {
            self.0.push(Known { name: E::NAME, method: E::METHOD, path: E::PATH, who: E::WHO });
        }
    }

    let mut list = List(Vec::new());
    visit(&mut list);
    list.0.sort_by_key(|call| call.method == Method::DELETE && call.path.ends_with("/session"));
    list.0
}
