//! Answers that several routes give.

use touroku_proto::api::{ApiErrorCode, ReceiptFile};

use crate::{error::Error, http::call::Download, store::Receipt, submission};

pub(super) async fn not_found() -> Error {
    ApiErrorCode::NotFound.into()
}

pub(super) fn receipt_download(file: ReceiptFile, receipt: Receipt) -> Download<Vec<u8>> {
    let (name, media_type, content) = submission::receipt_content(file, receipt);
    Download { name, media_type, content }
}
