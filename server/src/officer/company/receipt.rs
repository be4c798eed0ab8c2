//! The two files of a company's signed application.

use std::sync::Arc;

use touroku_proto::{
    api::ApiErrorCode,
    officer::audit::{AuditAction, Detail},
};

use crate::{app::App, error::Error, officer::Acting, store::Receipt};

/// The receipt with that number. Records the download.
///
/// # Errors
/// `not_found`.
pub async fn receipt(
    app: &Arc<App>,
    acting: Acting,
    company: String,
    number: String,
) -> Result<Receipt, Error> {
    let now = app.outside.now();
    app.store
        .write(move |writer| {
            let receipt = writer.receipt(acting.agency(), &number)?;
            let receipt =
                receipt.filter(|receipt| receipt.company == company).ok_or(ApiErrorCode::NotFound)?;
            acting.record(writer, AuditAction::ReceiptDownloaded, &company, &Detail::Receipt(number), now)?;
            Ok(receipt)
        })
        .await
}
