//! The two files of a signed application, for whoever has just signed it.

use std::sync::Arc;

use touroku_proto::api::ApiErrorCode;

use super::session::SessionKey;
use crate::{app::App, error::Error, store::Receipt};

/// One of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptFile {
    /// The text.
    Document,
    /// The signature, a `.p7s`.
    Signature,
}

impl ReceiptFile {
    /// By the last part of its address.
    pub fn parse(name: &str) -> Result<Self, Error> {
        match name {
            "document" => Ok(Self::Document),
            "signature" => Ok(Self::Signature),
            _ => Err(ApiErrorCode::NotFound.into()),
        }
    }

    /// File name, media type and content. The text with its bytes as they were signed.
    pub fn take(self, receipt: Receipt) -> (String, &'static str, Vec<u8>) {
        let Receipt { number, document, signature, .. } = receipt;
        match self {
            Self::Document => (format!("{number}.txt"), "text/plain; charset=utf-8", document.into_bytes()),
            // RFC 8551, 3.2.1.
            Self::Signature => (format!("{number}.p7s"), "application/pkcs7-signature", signature),
        }
    }
}

/// The receipt of what this session completed.
pub async fn receipt_file(app: &Arc<App>, key: SessionKey) -> Result<Receipt, Error> {
    let (id, now) = (key.id(), app.outside.now());
    app.store
        .read(move |reader| {
            let completion = reader.current_session(&id, now)?.completion.ok_or(ApiErrorCode::NotFound)?;
            reader.receipt_of_completion(completion)?.ok_or(ApiErrorCode::NotFound.into())
        })
        .await
}
