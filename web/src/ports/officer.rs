//! The officers' page: its requests, the chosen file, what this computer stores.

use std::cell::RefCell;

use touroku_proto::{endpoint::officer as calls, officer::import::ImportView};
use wasm_bindgen::JsCast as _;
use web_sys::{File, HtmlTextAreaElement};

use super::{api, page};
use crate::{
    bidder::{action::Answer, trouble::Trouble},
    officer::ask::{Ask, Reply},
    texts::officer::import,
};

/// How long a piece of a roster may take: 2 MiB need half a minute at 0.5 Mbit/s.
const PIECE_TIMEOUT_MS: u32 = 120_000;

/// The name under which this computer stores the agency.
const AGENCY: &str = "touroku-officer-agency";

thread_local! {
    /// The chosen file. The state knows its name and size; only the browser can read it.
    static FILE: RefCell<Option<File>> = const { RefCell::new(None) };
}

/// Sends a request to the server.
pub async fn ask(ask: &Ask) -> Answer<Reply> {
    api::send(ask.call()).await
}

/// Keeps the chosen file; returns its name and size. The name includes when the file was last saved: an upload
/// that stopped continues only with the very file it began with, not with one that was edited since and has the
/// same size.
pub fn keep_file(file: File) -> (String, u64) {
    let known = (import::saved_at(&file.name(), file.last_modified() as i64), file.size() as u64);
    FILE.with_borrow_mut(|kept| *kept = Some(file));
    known
}

pub fn forget_file() {
    FILE.with_borrow_mut(|kept| *kept = None);
}

/// Sends bytes of the chosen file.
pub async fn send_piece(import: i64, offset: u64, end: u64) -> Answer<ImportView> {
    let piece = FILE.with_borrow(|file| {
        file.as_ref().and_then(|file| file.slice_with_f64_and_f64(offset as f64, end as f64).ok())
    });
    let piece = piece.ok_or(Trouble::Unreachable)?;
    api::upload::<calls::AddPiece>((import,), calls::Place { offset }, piece.into(), PIECE_TIMEOUT_MS).await
}

/// The agency last chosen on this computer.
pub fn remembered_agency() -> Option<String> {
    storage()?.get_item(AGENCY).ok()?
}

/// Keeps the chosen agency.
pub fn remember_agency(code: &str) {
    if let Some(storage) = storage() {
        // If nothing is stored the agency is chosen again; nothing else depends on it.
        let _ = storage.set_item(AGENCY, code);
    }
}

/// Puts the cursor of a text area on a line and column, both from 1, and shows it.
pub fn select(id: &str, line: usize, column: usize) {
    let element = page::document().and_then(|document| document.get_element_by_id(id));
    let Some(area) = element.and_then(|element| element.dyn_into::<HtmlTextAreaElement>().ok()) else {
        return;
    };
    let text = area.value();
    let before: usize =
        text.split_inclusive('\n').take(line.saturating_sub(1)).map(|line| line.encode_utf16().count()).sum();
    let within = text.split('\n').nth(line.saturating_sub(1)).unwrap_or_default();
    let column: usize = within.chars().take(column.saturating_sub(1)).map(char::len_utf16).sum();
    let start = u32::try_from(before + column).unwrap_or(u32::MAX);
    let end = u32::try_from(before + within.encode_utf16().count()).unwrap_or(u32::MAX);
    let _ = area.focus();
    let _ = area.set_selection_range(start, end.max(start));
    // Browsers scroll to the cursor only when something is typed.
    let lines = text.split('\n').count().max(1) as i32;
    let line_height = area.scroll_height() / lines;
    area.set_scroll_top(line_height * (i32::try_from(line).unwrap_or(0) - 4).max(0));
}

/// Puts a text into a text area where its cursor is, as if it had been typed.
pub fn insert(id: &str, text: &str) {
    let element = page::document().and_then(|document| document.get_element_by_id(id));
    let Some(area) = element.and_then(|element| element.dyn_into::<HtmlTextAreaElement>().ok()) else {
        return;
    };
    let _ = area.focus();
    if area.set_range_text(text).is_ok() {
        let end = area.selection_start().ok().flatten().unwrap_or_default()
            + u32::try_from(text.encode_utf16().count()).unwrap_or_default();
        let _ = area.set_selection_range(end, end);
        if let Ok(event) = web_sys::Event::new("input") {
            let _ = area.dispatch_event(&event);
        }
    }
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
