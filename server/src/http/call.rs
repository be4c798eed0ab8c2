//! A call of the API as its handler gets it, and how it is mounted: proto says who may make it, where, and what it
//! takes and answers.

use std::sync::Arc;

use axum::{
    Json as Answer, Router,
    body::Bytes,
    extract::{
        DefaultBodyLimit, FromRequest as _, FromRequestParts as _, Query, RawPathParams, Request, State,
        rejection::BytesRejection,
    },
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE, SET_COOKIE},
    },
    response::{IntoResponse, Response},
    routing::{MethodFilter, on},
};
use touroku_proto::{
    api::ApiErrorCode,
    endpoint::{Content, Endpoint, Media, Method, Nothing, Parts, ROOT},
};

use super::{caller::Admits, limits::Address};
use crate::{
    app::{App, Live},
    error::Error,
};

/// A call that is admitted and complete.
pub(super) struct Call<E: Endpoint<Caller: Admits>> {
    /// The session, or the officer; nobody in particular where everybody may call.
    pub(super) who: <E::Caller as Admits>::As,
    /// The path's parts.
    pub(super) path: E::Path,
    pub(super) query: E::Query,
    pub(super) body: E::Request,
    pub(super) address: Address,
    /// For the cookies that are no session.
    pub(super) headers: HeaderMap,
    /// For what exchanges the agencies.
    pub(super) live: Live,
}

impl<E: Endpoint<Caller: Admits>> Call<E> {
    async fn read(request: Request, app: &Arc<App>, live: Live) -> Result<Self, Error> {
        let (mut parts, body) = request.into_parts();
        let who = <E::Caller as Admits>::admit(&parts, app, E::WHO).await?;
        let path = RawPathParams::from_request_parts(&mut parts, &()).await;
        let path = path.map_err(|_| Error::Refused(ApiErrorCode::NotFound))?;
        let path: Vec<&str> = path.iter().map(|(_, text)| text).collect();
        let path = E::Path::read(&path).ok_or(ApiErrorCode::NotFound)?;
        // Nothing that we keep has one, and PostgreSQL takes none.
        if parts.uri.query().is_some_and(|query| query.contains("%00")) {
            return Err(ApiErrorCode::BadRequest.into());
        }
        let query = Query::<E::Query>::try_from_uri(&parts.uri);
        let Query(query) = query.map_err(|_| Error::Refused(ApiErrorCode::BadRequest))?;
        let address = *parts.extensions.get::<Address>().ok_or(Error::Defect("every call has an address"))?;
        let headers = parts.headers.clone();
        let body = read_body::<E::Request>(Request::from_parts(parts, body)).await?;
        Ok(Self { who, path, query, body, address, headers, live })
    }
}

async fn read_body<B: Content>(request: Request) -> Result<B, Error> {
    let expected = match B::MEDIA {
        Media::Json => "application/json",
        Media::Octets => "application/octet-stream",
        Media::None | Media::File(_) => {
            return B::from_bytes(Vec::new()).ok_or(Error::Defect("such a body has no content"));
        }
    };
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|value| value.split(';').next()).unwrap_or_default();
    if !media_type.trim().eq_ignore_ascii_case(expected) {
        return Err(ApiErrorCode::UnsupportedMediaType.into());
    }
    let body = Bytes::from_request(request, &()).await.map_err(|rejection| match rejection {
        BytesRejection::FailedToBufferBody(
            axum::extract::rejection::FailedToBufferBody::LengthLimitError(_),
        ) => ApiErrorCode::PayloadTooLarge,
        _ => ApiErrorCode::BadRequest,
    })?;
    B::from_bytes(body.into()).ok_or(ApiErrorCode::BadRequest.into())
}

/// What answers a call.
pub(super) trait Answers<E: Endpoint> {
    fn into_answer(self) -> Response;
}

impl<E: Endpoint<Response = T>, T: serde::Serialize> Answers<E> for Answer<T> {
    fn into_answer(self) -> Response {
        self.into_response()
    }
}

impl<E: Endpoint<Response = Nothing>> Answers<E> for Nothing {
    fn into_answer(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

/// An answer that sets cookies.
pub(super) struct WithCookies<A>(pub(super) A, pub(super) Vec<HeaderValue>);

impl<E: Endpoint, A: Answers<E>> Answers<E> for WithCookies<A> {
    fn into_answer(self) -> Response {
        let mut response = self.0.into_answer();
        for cookie in self.1 {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        response
    }
}

/// JSON that was written before.
pub(super) struct Written(pub(super) Response);

impl<E: Endpoint> Answers<E> for Written {
    fn into_answer(self) -> Response {
        const { assert!(matches!(E::Response::MEDIA, Media::Json)) };
        self.0
    }
}

/// A file to be saved under its name.
pub(super) struct Download<B> {
    pub(super) name: String,
    pub(super) media_type: &'static str,
    pub(super) content: B,
}

impl<E: Endpoint, B: IntoResponse> Answers<E> for Download<B> {
    fn into_answer(self) -> Response {
        const { assert!(matches!(E::Response::MEDIA, Media::File(_))) };
        let disposition = format!("attachment; filename=\"{}\"", self.name);
        let headers = [(CONTENT_TYPE, self.media_type.to_owned()), (CONTENT_DISPOSITION, disposition)];
        (headers, self.content).into_response()
    }
}

/// A function that serves a call.
pub(super) trait Handler<E: Endpoint<Caller: Admits>>: Clone + Send + Sync + 'static {
    fn handle(&self, app: Arc<App>, call: Call<E>) -> impl Future<Output = Response> + Send;
}

impl<E, F, Answered, A> Handler<E> for F
where
    E: Endpoint<Caller: Admits>,
    F: Fn(Arc<App>, Call<E>) -> Answered + Clone + Send + Sync + 'static,
    Answered: Future<Output = Result<A, Error>> + Send,
    A: Answers<E>,
{
    fn handle(&self, app: Arc<App>, call: Call<E>) -> impl Future<Output = Response> + Send {
        let answered = self(app, call);
        async { answered.await.map_or_else(IntoResponse::into_response, Answers::into_answer) }
    }
}

/// Routers that are made of calls.
pub(super) trait Calls: Sized {
    /// Serves that call.
    fn call<E: Endpoint<Caller: Admits>>(self, handler: impl Handler<E>) -> Self;
}

impl Calls for Router<Live> {
    fn call<E: Endpoint<Caller: Admits>>(self, handler: impl Handler<E>) -> Self {
        let method = match E::METHOD {
            Method::GET => MethodFilter::GET,
            Method::POST => MethodFilter::POST,
            Method::PUT => MethodFilter::PUT,
            Method::DELETE => MethodFilter::DELETE,
        };
        let serve = move |State(live): State<Live>, request: Request| async move {
            let app = live.now();
            match Call::read(request, &app, live).await {
                Ok(call) => handler.handle(app, call).await,
                Err(error) => error.into_response(),
            }
        };
        let limit = DefaultBodyLimit::max(E::MAX_BODY);
        self.route(below_root(E::PATH), on(method, serve).layer(limit))
    }
}

/// A call's path in the router that is mounted at [`ROOT`].
fn below_root(path: &'static str) -> &'static str {
    path.strip_prefix(ROOT).expect("proto's tests: every path begins with it")
}
