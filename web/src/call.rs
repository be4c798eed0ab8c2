//! Calls of the server's API, as proto declares them: how each is sent, and what becomes of its answer.

use std::marker::PhantomData;

use touroku_proto::{
    api::ApiErrorCode,
    endpoint::{Content, Endpoint, Media, Method, NoQuery, Nothing, Parts, Query, Url},
};

use crate::bidder::action::Answer;

/// What is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub kind: &'static Kind,
    pub url: String,
    /// JSON.
    pub body: Option<String>,
}

/// What all requests of a call have in common.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    pub method: Method,
    path: &'static str,
    /// May be carried out twice.
    pub is_repeatable: bool,
    /// The answer is a file, to be saved.
    pub is_file: bool,
}

trait Known: Endpoint {
    const KIND: Kind = Kind {
        method: Self::METHOD,
        path: Self::PATH,
        is_repeatable: Self::IS_REPEATABLE,
        is_file: matches!(Self::Response::MEDIA, Media::File(_)),
    };
}

impl<E: Endpoint> Known for E {}

impl Request {
    pub fn of<E: Endpoint>(path: E::Path, query: E::Query, body: Option<String>) -> Self {
        Self::write(&E::KIND, &path, &query, body)
    }

    /// Compiled once and not for every call, like whatever else can be: the page is lighter for it.
    #[inline(never)]
    fn write(kind: &'static Kind, path: &dyn Parts, query: &dyn Query, body: Option<String>) -> Self {
        Self { kind, url: Url::of(kind.path, path, query), body }
    }
}

/// A request, and what becomes of its answer.
pub struct Call<T> {
    pub request: Request,
    pub read: Box<dyn FnOnce(Answer<String>) -> T>,
}

/// A call of which only the request is known.
pub struct Asked<E: Endpoint>(Request, PhantomData<E>);

impl<E: Endpoint> From<Asked<E>> for Request {
    fn from(asked: Asked<E>) -> Self {
        asked.0
    }
}

impl<E: Endpoint> Asked<E> {
    /// Says what becomes of the answer.
    pub fn then<T>(self, then: impl FnOnce(Answer<E::Response>) -> T + 'static) -> Call<T> {
        Call { request: self.0, read: Box::new(|text| then(text.and_then(|text| parse(&text)))) }
    }

    /// The same where all that matters is whether it succeeded.
    pub fn done<T>(self, then: impl FnOnce(Answer<()>) -> T + 'static) -> Call<T> {
        Call { request: self.0, read: Box::new(|text| then(text.map(|_| ()))) }
    }
}

/// Parses an answer.
pub fn parse<T: Content>(text: &str) -> Answer<T> {
    // A server newer than this page; reloading the page brings them together.
    T::from_text(text).ok_or_else(|| ApiErrorCode::Internal.into())
}

/// A call that is its address.
pub fn get<E: Endpoint<Path = (), Query = NoQuery, Request = Nothing>>() -> Asked<E> {
    at((), NoQuery {})
}

/// A call fully described by path and query.
pub fn at<E: Endpoint<Request = Nothing>>(path: E::Path, query: E::Query) -> Asked<E> {
    Asked(Request::of::<E>(path, query, None), PhantomData)
}

/// A call with a body.
pub fn send<E: Endpoint<Path = (), Query = NoQuery>>(body: &E::Request) -> Asked<E> {
    send_to((), body)
}

/// A call with a body, about what its path names.
pub fn send_to<E: Endpoint<Query = NoQuery>>(path: E::Path, body: &E::Request) -> Asked<E> {
    Asked(Request::of::<E>(path, NoQuery {}, body.to_text()), PhantomData)
}

/// A request for a file.
pub fn file_at<E: Endpoint<Request = Nothing>>(path: E::Path, query: E::Query) -> Request {
    const { assert!(matches!(E::Response::MEDIA, Media::File(_)), "its answer is a file") };
    Request::of::<E>(path, query, None)
}
