//! Every call of the server's HTTP API: method, address, who may make it, what it takes and what it answers. The
//! server mounts its handlers by these, the pages call by them, and `docs/openapi.json` is written from them.
//!
//! Every call except `GET` must come from the server's own origin. A refusal's body is an
//! [`ApiError`](crate::api::ApiError).

#[macro_use]
mod url;

pub mod bidder;
pub mod officer;

use serde::{Serialize, de::DeserializeOwned};

pub use self::url::{NoQuery, Part, Parts, Query, Url, Value, encode};
use crate::officer::Role;

/// What all addresses begin with.
pub const ROOT: &str = "/api";

/// The largest body, in bytes, where a call says nothing else.
pub const MAX_BODY: usize = 64 * 1024;

/// A call of the API.
pub trait Endpoint: 'static {
    /// The name of its type.
    const NAME: &'static str;
    /// What it does, line by line.
    const DOC: &'static [&'static str];
    /// The method.
    const METHOD: Method;
    /// The path, with its parts as `{name}`.
    const PATH: &'static str;
    /// Who may make it.
    const WHO: Who;
    /// Whether it may be carried out twice although it changes something: it names its submission, or replaces
    /// what was there. So it is resent when nobody has answered.
    const IS_REPEATABLE: bool;
    /// The largest body, in bytes.
    const MAX_BODY: usize;
    /// The kind of [`Self::WHO`].
    type Caller: 'static;
    /// The path's parts.
    type Path: Parts + Send + 'static;
    /// What follows `?`.
    type Query: Query + DeserializeOwned + Described + Send + 'static;
    /// The body.
    type Request: Content + Send + 'static;
    /// The body of the answer.
    type Response: Content + 'static;

    /// The schemas of the path's parts.
    #[cfg(feature = "schema")]
    fn part_schemas(generator: &mut schemars::SchemaGenerator) -> Vec<schemars::Schema>;
}

/// The method of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// Looks something up.
    GET,
    /// Makes or does something.
    POST,
    /// Replaces something.
    PUT,
    /// Removes something.
    DELETE,
}

impl Method {
    /// As in HTTP.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GET => "GET",
            Self::POST => "POST",
            Self::PUT => "PUT",
            Self::DELETE => "DELETE",
        }
    }
}

/// Who may make a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Everybody.
    Anybody,
    /// Whoever has the secret of a mailed link; it is in the body.
    Link,
    /// The browser that a bidding system sent here.
    SignIn,
    /// Anybody with a session, which everybody may begin.
    Session,
    /// A session in which a company's card or ID, a link or a password has proved something.
    Proved,
    /// A signed-in officer whose role is at least this one.
    Officer(Role),
}

/// The kinds of [`Who`]: what a handler knows of its caller depends on it.
pub mod caller {
    /// [`Who::Anybody`](super::Who::Anybody).
    pub struct Anybody;
    /// [`Who::Link`](super::Who::Link).
    pub struct Link;
    /// [`Who::SignIn`](super::Who::SignIn).
    pub struct SignIn;
    /// [`Who::Session`](super::Who::Session).
    pub struct Session;
    /// [`Who::Proved`](super::Who::Proved).
    pub struct Proved;
    /// [`Who::Officer`](super::Who::Officer).
    pub struct Officer;
}

/// A body.
pub trait Content: Described + Sized {
    /// Its form.
    const MEDIA: Media;

    /// Parses a request's body.
    fn from_bytes(body: Vec<u8>) -> Option<Self>;

    /// Parses an answer's body.
    fn from_text(text: &str) -> Option<Self>;

    /// As it is sent.
    fn to_text(&self) -> Option<String>;
}

/// The form of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// No body.
    None,
    /// JSON.
    Json,
    /// Bytes of a file that is sent.
    Octets,
    /// A file to be saved under the name that comes with it, of one of these types.
    File(&'static [&'static str]),
}

impl<T: Serialize + DeserializeOwned + Described> Content for T {
    const MEDIA: Media = Media::Json;

    fn from_bytes(body: Vec<u8>) -> Option<Self> {
        serde_json::from_slice(&body).ok()
    }

    fn from_text(text: &str) -> Option<Self> {
        touroku_json::from_str(text).ok()
    }

    fn to_text(&self) -> Option<String> {
        Some(touroku_json::to_string(self))
    }
}

/// The body of a call fully described by its URL: an empty object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Empty {}

/// Defines bodies that are not JSON.
macro_rules! bodies {
    ($($(#[$doc:meta])* $name:ident: $media:expr;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
            pub struct $name;

            impl Content for $name {
                const MEDIA: Media = $media;

                fn from_bytes(_: Vec<u8>) -> Option<Self> {
                    Some(Self)
                }

                fn from_text(_: &str) -> Option<Self> {
                    Some(Self)
                }

                fn to_text(&self) -> Option<String> {
                    None
                }
            }
        )*
    };
}

bodies! {
    /// No body: a request described by its URL, an answer 204.
    Nothing: Media::None;
    /// A list as CSV.
    Csv: Media::File(&["text/csv"]);
    /// A table as CSV or Excel workbook.
    Table: Media::File(&["text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"]);
    /// A signed 申請書: the text, or its signature (RFC 8551, 3.2.1).
    Receipt: Media::File(&["text/plain", "application/pkcs7-signature"]);
    /// JSON, a value on each line.
    JsonLines: Media::File(&["application/jsonl"]);
}

/// Bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Octets(pub Vec<u8>);

impl Content for Octets {
    const MEDIA: Media = Media::Octets;

    fn from_bytes(body: Vec<u8>) -> Option<Self> {
        Some(Self(body))
    }

    fn from_text(text: &str) -> Option<Self> {
        Some(Self(text.as_bytes().to_vec()))
    }

    /// A page sends a file as the browser keeps it.
    fn to_text(&self) -> Option<String> {
        None
    }
}

/// Whatever has a JSON schema, where one is wanted.
#[cfg(feature = "schema")]
pub use schemars::JsonSchema as Described;

/// Whatever has a JSON schema, where one is wanted: everything, here.
#[cfg(not(feature = "schema"))]
pub trait Described {}

#[cfg(not(feature = "schema"))]
impl<T> Described for T {}

/// Looks at every call.
pub trait Visitor {
    /// Looks at that one.
    fn visit<E: Endpoint>(&mut self);
}

/// Shows all calls.
pub fn visit(visitor: &mut impl Visitor) {
    bidder::visit(visitor);
    officer::visit(visitor);
}

/// Declares calls:
///
/// `NAME: METHOD "/path/{part}" (types of the parts) ? Query, [Request; max = BYTES] => Response, for Who, flags;`
///
/// What a call does not have is left out. The one flag is `repeatable`.
macro_rules! endpoints {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident: $method:ident $path:literal
        $(($($part:ty),+))? $(? $query:ty,)? $([$request:ty $(; max = $max:expr)?])?
        => $response:ty, for $who:ident $(($role:ident))? $(, $flag:ident)?;
    )*) => {
        $(
            $(#[doc = $doc])*
            pub struct $name;

            impl Endpoint for $name {
                const NAME: &'static str = stringify!($name);
                const DOC: &'static [&'static str] = &[$($doc),*];
                const METHOD: Method = Method::$method;
                const PATH: &'static str = $path;
                const WHO: Who = Who::$who $((Role::$role))?;
                const IS_REPEATABLE: bool = endpoints!(@flag $($flag)?) || matches!(Self::METHOD, Method::GET);
                const MAX_BODY: usize = endpoints!(@or (MAX_BODY) $($(($max))?)?);
                type Caller = caller::$who;
                type Path = ($($($part,)+)?);
                type Query = endpoints!(@type NoQuery $(, $query)?);
                type Request = endpoints!(@type Nothing $(, $request)?);
                type Response = $response;

                #[cfg(feature = "schema")]
                fn part_schemas(_generator: &mut schemars::SchemaGenerator) -> Vec<schemars::Schema> {
                    vec![$($(_generator.subschema_for::<$part>()),+)?]
                }
            }

            const _: () = assert!(
                url::count($path) == 0 $($(+ endpoints!(@count $part))+)?,
                "a path has as many parts as there are types of them"
            );
        )*

        /// Shows these calls.
        pub fn visit(visitor: &mut impl Visitor) {
            $(visitor.visit::<$name>();)*
        }
    };
    (@count $part:ty) => { 1 };
    (@flag) => { false };
    (@flag repeatable) => { true };
    (@or ($default:expr)) => { $default };
    (@or ($default:expr) ($given:expr)) => { $given };
    (@type $default:ty) => { $default };
    (@type $default:ty, $given:ty) => { $given };
}
use endpoints;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_calls_are_the_same_and_officers_calls_are_told_by_their_paths() {
        struct Seen(BTreeSet<(Method, &'static str)>);

        impl Visitor for Seen {
            fn visit<E: Endpoint>(&mut self) {
                assert!(E::PATH.starts_with("/api/"), "{}", E::PATH);
                assert!(self.0.insert((E::METHOD, E::PATH)), "{}", E::PATH);
                if matches!(E::WHO, Who::Officer(_)) {
                    assert!(E::PATH.starts_with("/api/officer/"), "{}", E::PATH);
                }
                assert!(!E::DOC.is_empty() && E::DOC[0].starts_with(' '), "{}", E::NAME);
            }
        }

        let mut seen = Seen(BTreeSet::new());
        visit(&mut seen);
        assert!(!seen.0.is_empty());
    }
}
