//! The officer making a request.

use std::sync::Arc;

use axum::{
    extract::{FromRef as _, FromRequestParts},
    http::request::Parts,
};
use touroku_proto::{api::ApiErrorCode, officer::Role};

use crate::{
    app::{App, Live},
    error::Error,
    http::{cookie, limits::Address},
    officer::{Acting, acting},
};

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
    Viewer: Role::View;
    /// An officer with role 審査 or 管理.
    Reviewer: Role::Review;
    /// An officer with role 管理.
    Manager: Role::Manage;
}

async fn officer(parts: &Parts, live: &Live, least: Role) -> Result<Acting, Error> {
    let key = cookie::read_officer(&parts.headers).ok_or(Error::Refused(ApiErrorCode::SessionMissing))?;
    let address = parts.extensions.get::<Address>().map(ToString::to_string).unwrap_or_default();
    let app = Arc::<App>::from_ref(live);
    let acting = acting(&app, key, address, least).await?;
    app.governor.admit_session(&acting.session)?;
    Ok(acting)
}
