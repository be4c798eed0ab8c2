//! 名簿: one company by hand.

use std::sync::Arc;

use axum::{Json as Answer, Router};
use touroku_proto::{
    endpoint::officer as calls,
    officer::roster::{RosterForm, SavedRow},
};

use crate::{
    app::{App, Live},
    error::Error,
    http::call::{Call, Calls as _},
    officer::roster,
};

pub(super) fn routes() -> Router<Live> {
    Router::new().call::<calls::RosterRow>(form).call::<calls::SaveRosterRow>(save)
}

async fn form(app: Arc<App>, call: Call<calls::RosterRow>) -> Result<Answer<RosterForm>, Error> {
    roster::form(&app, call.who, call.query.number.unwrap_or_default()).await.map(Answer)
}

async fn save(app: Arc<App>, call: Call<calls::SaveRosterRow>) -> Result<Answer<SavedRow>, Error> {
    roster::save(&app, call.who, call.body).await.map(Answer)
}
