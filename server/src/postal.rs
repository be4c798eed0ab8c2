//! 郵便番号: Japan Post's table, and the addresses of a code.

use std::{path::Path, sync::Arc};

use touroku_japanese::postal::PostalTable;
use touroku_proto::{
    api::{ApiErrorCode, PostalMatches},
    text,
};

use crate::{app::App, error::Error};

/// Reads a file.
///
/// # Errors
/// [`Error::File`]; [`Error::Content`] with every mistake by line and column.
pub fn load(path: &Path) -> Result<PostalTable, Error> {
    let bytes = std::fs::read(path).map_err(Error::file(path))?;
    PostalTable::parse(&bytes).map_err(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        Error::Content { path: path.to_owned(), message: lines.join("\n") }
    })
}

/// All addresses of a code, in the table's order; empty if there are none. The code is seven digits, with
/// or without its hyphen.
///
/// # Errors
/// `bad_request` for anything else.
pub async fn matches(app: &Arc<App>, code: &str) -> Result<PostalMatches, Error> {
    let code = text::to_half_width(code);
    let code = match code.split_once('-') {
        Some((before, after)) if before.len() == 3 => format!("{before}{after}"),
        _ => code,
    };
    if code.len() != 7 || !code.bytes().all(|b| b.is_ascii_digit()) {
        return Err(ApiErrorCode::BadRequest.into());
    }
    let addresses = app.store.read(move |reader| reader.postal_addresses(&code)).await?;
    Ok(PostalMatches { addresses })
}
