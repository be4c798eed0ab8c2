//! 受付番号, one for whatever is submitted; and the two files of a signed application, for whoever has just signed
//! it.

use std::sync::Arc;

use touroku_proto::api::{ApiErrorCode, ReceiptFile};

use crate::{app::App, bidder::SessionKey, error::Error, japan, outside::Outside, store::Receipt};

/// The part of a 受付番号 after its date: capital letters and digits that are not confused on paper. Sixteen, so
/// that each carries half a byte.
const CHARACTERS: &[u8; 16] = b"3479ACEFHJKMNPRT";

/// A 受付番号: the date in Japan and forty random bits.
pub(super) fn receipt_number(outside: &Outside, at: i64) -> String {
    let day = japan::date(at).replace('-', "");
    let bytes: [u8; 10] = outside.random();
    let drawn: String = bytes.iter().map(|byte| char::from(CHARACTERS[usize::from(byte % 16)])).collect();
    let (first, second) = drawn.split_at(5);
    format!("{day}-{first}-{second}")
}

/// A file's name, media type and content.
pub fn receipt_content(file: ReceiptFile, receipt: Receipt) -> (String, &'static str, Vec<u8>) {
    let Receipt { number, document, signature, .. } = receipt;
    match file {
        ReceiptFile::Document => {
            (format!("{number}.txt"), "text/plain; charset=utf-8", document.into_bytes())
        }
        // RFC 8551, 3.2.1.
        ReceiptFile::Signature => (format!("{number}.p7s"), "application/pkcs7-signature", signature),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::told::japanese_moment;

    #[test]
    fn a_number_begins_with_the_day_in_japan_and_no_two_are_the_same() {
        let drawn = std::sync::atomic::AtomicU8::new(0);
        let fill = move |bytes: &mut [u8]| {
            bytes.fill(drawn.fetch_add(1, std::sync::atomic::Ordering::SeqCst));
        };
        let outside = Outside::new(|| 0, fill);
        // 2026-11-21T15:00:00Z is midnight in Japan.
        let at = 1_795_273_200_000;
        assert_eq!(japanese_moment(at), "2026/11/22 00:00:00");
        assert_eq!(receipt_number(&outside, at), "20261122-33333-33333");
        assert_eq!(receipt_number(&outside, at - 1), "20261121-44444-44444");
    }
}
