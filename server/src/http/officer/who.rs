//! The officer of a request.

use std::sync::Arc;

use axum::{
    extract::{FromRef as _, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};
use touroku_proto::{
    api::ApiErrorCode,
    officer::{OFFICER_COOKIE, Role},
};

use crate::{
    app::{App, Live},
    error::Error,
    http::limits::Address,
    officer::{Acting, OfficerKey, acting},
};

/// The key that the request's cookie holds.
pub(in crate::http) fn read_key(headers: &HeaderMap) -> Option<OfficerKey> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == OFFICER_COOKIE)
        .and_then(|(_, value)| OfficerKey::parse(value))
}

macro_rules! who {
    ($($(#[$doc:meta])* $name:ident: $role:expr;)*) => {
        $(
            $(#[$doc])*
            pub(in crate::http) struct $name(pub(in crate::http) Acting);

            impl FromRequestParts<Live> for $name {
                type Rejection = Error;

                async fn from_request_parts(parts: &mut Parts, live: &Live) -> Result<Self, Error> {
                    officer(parts, live, $role).await.map(Self)
                }
            }
        )*
    };
}

who! {
    /// Any officer.
    Viewer: Role::View;
    /// An officer with role 審査 or 管理.
    Reviewer: Role::Review;
    /// An officer with role 管理.
    Manager: Role::Manage;
}

async fn officer(parts: &Parts, live: &Live, least: Role) -> Result<Acting, Error> {
    let key = read_key(&parts.headers).ok_or(Error::Refused(ApiErrorCode::SessionMissing))?;
    let address = parts.extensions.get::<Address>().map(ToString::to_string).unwrap_or_default();
    acting(&Arc::<App>::from_ref(live), key, address, least).await
}
