//! Requests that are resent automatically: the server is being restarted, or another one takes its place.

use std::cell::Cell;

use js_sys::Promise;
use touroku_proto::api::{ApiError, ApiErrorCode};
use wasm_bindgen_futures::JsFuture;

use super::page::steady_ms;
use crate::texts::screen;

/// How long a request is repeated before the person is told, milliseconds.
const PATIENCE_MS: f64 = 10_000.0;

/// The pause where the server gives none.
const PAUSE_MS: u32 = 1000;

/// The result of an attempt: status and body, or nothing.
pub(super) type Outcome<'a> = Option<(u16, &'a str)>;

/// How long to wait before the same request is resent; `None`: the result stands.
fn pause(is_repeatable: bool, outcome: Outcome<'_>) -> Option<u32> {
    match outcome {
        Some((502..=504, text)) => match touroku_json::from_str::<ApiError>(text) {
            Ok(error) if error.code != ApiErrorCode::Unavailable => None,
            Ok(error) => match error.retry_after {
                // Refused before any of it was done, whatever it is.
                Some(seconds) => u32::try_from(seconds).ok()?.checked_mul(1000),
                // Its database has just died, or is too busy: it may be done or not.
                None => is_repeatable.then_some(PAUSE_MS),
            },
            // A proxy without a server behind it.
            Err(_) => is_repeatable.then_some(PAUSE_MS),
        },
        Some(_) => None,
        None => is_repeatable.then_some(PAUSE_MS),
    }
}

/// A request that may be resent.
pub(super) struct Again {
    began_ms: f64,
    notice: Option<Notice>,
}

impl Again {
    pub(super) fn begin() -> Self {
        Self { began_ms: steady_ms(), notice: None }
    }

    /// Waits, if the request is to be resent.
    pub(super) async fn wait(&mut self, is_repeatable: bool, outcome: Outcome<'_>) -> bool {
        let Some(pause) = pause(is_repeatable, outcome) else { return false };
        if steady_ms() + f64::from(pause) - self.began_ms > PATIENCE_MS {
            return false;
        }
        self.notice.get_or_insert_with(Notice::show);
        sleep(pause).await;
        true
    }
}

async fn sleep(milliseconds: u32) {
    let promise = Promise::new(&mut |resolve, _| {
        let milliseconds = i32::try_from(milliseconds).unwrap_or(i32::MAX);
        if let Some(window) = web_sys::window() {
            // No browser refuses this; the page would wait forever.
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
        }
    });
    drop(JsFuture::from(promise).await);
}

thread_local! {
    /// How many requests wait.
    static WAITING: Cell<u32> = const { Cell::new(0) };
}

const ID: &str = "again";

/// Shows, for as long as it exists, that the page waits for the server.
struct Notice;

impl Notice {
    fn show() -> Self {
        if WAITING.replace(WAITING.get() + 1) == 0
            && let Some(document) = web_sys::window().and_then(|window| window.document())
            && let Some(body) = document.body()
            && let Ok(notice) = document.create_element("p")
        {
            notice.set_id(ID);
            notice.set_class_name(ID);
            // Nothing depends on whether a person is told.
            let _ = notice.set_attribute("role", "status");
            let _ = body.insert_adjacent_element("beforeend", &notice);
            // Once the element exists: a change is read out, existing content is not.
            notice.set_inner_html(&screen::AGAIN);
        }
        Self
    }
}

impl Drop for Notice {
    fn drop(&mut self) {
        if WAITING.replace(WAITING.get() - 1) == 1
            && let Some(document) = web_sys::window().and_then(|window| window.document())
            && let Some(notice) = document.get_element_by_id(ID)
        {
            notice.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use touroku_proto::endpoint::{Endpoint as _, bidder, officer};

    use super::*;

    #[test]
    fn what_a_stopping_server_refused_is_sent_again_whatever_it_is_and_what_a_busy_one_did_where_twice_is_as_good()
     {
        let stopping = r#"{"code":"unavailable","request_id":"r-1","retry_after":1}"#;
        assert_eq!(pause(false, Some((503, stopping))), Some(1000));
        let busy = r#"{"code":"unavailable","request_id":"r-1"}"#;
        assert_eq!(pause(bidder::Register::IS_REPEATABLE, Some((503, busy))), Some(PAUSE_MS));
        assert_eq!(pause(bidder::AccountLogin::IS_REPEATABLE, Some((503, busy))), None);
        let closed = r#"{"code":"outside_hours","request_id":"r-1","retry_after":3600}"#;
        assert_eq!(pause(true, Some((503, closed))), None);
    }

    #[test]
    fn what_nobody_answered_is_sent_again_only_where_twice_is_as_good_as_once() {
        for outcome in [None, Some((502, "<html>Bad Gateway</html>"))] {
            assert_eq!(pause(bidder::Portal::IS_REPEATABLE, outcome), Some(PAUSE_MS));
            assert_eq!(pause(bidder::Register::IS_REPEATABLE, outcome), Some(PAUSE_MS));
            assert_eq!(pause(bidder::AccountLogin::IS_REPEATABLE, outcome), None);
            assert_eq!(pause(officer::AddOfficer::IS_REPEATABLE, outcome), None);
        }
        assert_eq!(pause(true, Some((200, "{}"))), None);
    }
}
