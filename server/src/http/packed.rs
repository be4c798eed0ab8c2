//! Rarely changing responses: built and compressed once, and sent again only when changed.

use std::{
    collections::HashMap,
    io::{Read as _, Write as _},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::error::Error;

/// From 0 to 11: beyond it, a profile gains little.
const BROTLI_QUALITY: u32 = 9;

/// Values as pages receive them, by code.
pub struct PackedAnswers<T>(Mutex<HashMap<String, Known<T>>>);

/// A value, and the responses built from it.
type Known<T> = (Arc<T>, Arc<Packed>);

impl<T> Default for PackedAnswers<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Serialize> PackedAnswers<T> {
    pub(super) fn of(&self, code: &str, value: &Arc<T>) -> Result<Arc<Packed>, Error> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, packed)) = all.get(code)
            && Arc::ptr_eq(known, value)
        {
            return Ok(Arc::clone(packed));
        }
        let packed = Arc::new(Packed::new(written(value.as_ref())?));
        all.insert(code.to_owned(), (Arc::clone(value), Arc::clone(&packed)));
        Ok(packed)
    }
}

/// A value that never changes.
#[derive(Default)]
pub struct PackedAnswer(OnceLock<Packed>);

impl PackedAnswer {
    pub(super) fn of<T: Serialize>(&self, value: impl FnOnce() -> T) -> Result<&Packed, Error> {
        if self.0.get().is_none() {
            // Somebody else may have been faster, with the same.
            let _ = self.0.set(Packed::new(written(&value())?));
        }
        self.0.get().ok_or(Error::Defect("an answer was not kept"))
    }
}

/// JSON in the encodings that browsers accept.
pub(super) struct Packed {
    tag: HeaderValue,
    plain: Bytes,
    brotli: OnceLock<Bytes>,
    gzip: OnceLock<Bytes>,
}

impl Packed {
    fn new(plain: Vec<u8>) -> Self {
        // Weak (RFC 9110, 8.8.1): the encodings share it.
        let tag = format!("W/\"{}\"", hex::encode(&Sha256::digest(&plain)[..8]));
        let tag = HeaderValue::from_str(&tag).expect("hex digits in quotes are a header's value");
        Self { tag, plain: plain.into(), brotli: OnceLock::new(), gzip: OnceLock::new() }
    }

    pub(super) fn answer(&self, asked: &HeaderMap) -> Response {
        let mut response = Response::default();
        let is_known = asked.get(header::IF_NONE_MATCH).is_some_and(|known| names(known, &self.tag));
        if is_known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        } else {
            let (encoding, body) = self.encoded(asked);
            *response.body_mut() = Body::from(body);
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            if let Some(encoding) = encoding {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
            }
        }
        let headers = response.headers_mut();
        headers.insert(header::ETAG, self.tag.clone());
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        // Cached, but revalidated each time: a profile may change at any moment.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        response
    }

    fn encoded(&self, asked: &HeaderMap) -> (Option<&'static str>, Bytes) {
        if accepts(asked, "br") {
            (Some("br"), self.brotli.get_or_init(|| brotli(&self.plain)).clone())
        } else if accepts(asked, "gzip") {
            (Some("gzip"), self.gzip.get_or_init(|| gzip(&self.plain)).clone())
        } else {
            (None, self.plain.clone())
        }
    }
}

fn written(value: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(value).map_err(|_| Error::Defect("an answer can't be written as JSON"))
}

fn brotli(plain: &[u8]) -> Bytes {
    let mut packed = Vec::new();
    brotli::CompressorReader::new(plain, 4096, BROTLI_QUALITY, 20)
        .read_to_end(&mut packed)
        .expect("memory can be read");
    packed.into()
}

fn gzip(plain: &[u8]) -> Bytes {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(plain).and_then(|()| packed.finish()).expect("memory can be written").into()
}

/// Whether a header's `If-None-Match` names that tag.
pub(super) fn names(known: &HeaderValue, tag: &HeaderValue) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let (Ok(known), Ok(tag)) = (known.to_str(), tag.to_str()) else { return false };
    known.split(',').any(|known| known.trim() == "*" || bare(known) == bare(tag))
}

/// Whether the browser accepts that encoding; with `q=0` it does not.
fn accepts(asked: &HeaderMap, encoding: &str) -> bool {
    let values = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|named| {
        let (name, quality) = named.split_once(';').unwrap_or((named, ""));
        let is_refused =
            quality.trim().strip_prefix("q=").is_some_and(|q| q.trim_matches(['0', '.']).is_empty());
        name.trim().eq_ignore_ascii_case(encoding) && !is_refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(headers: &[(header::HeaderName, &str)]) -> HeaderMap {
        headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn what_the_browser_takes_is_packed_and_what_it_has_is_not_sent() {
        let text = "あ".repeat(1000);
        let packed = Packed::new(text.clone().into_bytes());
        for (accepted, encoding) in [
            ("gzip, deflate, br", Some("br")),
            ("gzip;q=1.0, br;q=0", Some("gzip")),
            ("identity", None),
            ("", None),
        ] {
            let (chosen, bytes) = packed.encoded(&asked(&[(header::ACCEPT_ENCODING, accepted)]));
            assert_eq!(chosen, encoding, "{accepted}");
            let mut read = Vec::new();
            match chosen {
                Some("br") => brotli::Decompressor::new(&bytes[..], 4096).read_to_end(&mut read).unwrap(),
                Some(_) => flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut read).unwrap(),
                None => std::io::Write::write(&mut read, &bytes).unwrap(),
            };
            assert_eq!(read, text.as_bytes());
        }
        let tag = packed.tag.to_str().unwrap();
        for (known, status) in [(tag, 304), (&tag[2..], 304), ("W/\"other\"", 200), ("\"x\", *", 304)] {
            let answer = packed.answer(&asked(&[(header::IF_NONE_MATCH, known)]));
            assert_eq!(answer.status().as_u16(), status, "{known}");
            assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-cache");
        }
    }
}
