//! Lookups in Unicode's tables. A browser has them already, so the page need not ship its own.

#[cfg(not(target_arch = "wasm32"))]
mod tables {
    use unicode_normalization::UnicodeNormalization as _;
    use unicode_segmentation::UnicodeSegmentation as _;

    pub(crate) fn grapheme_clusters(text: &str) -> usize {
        text.graphemes(true).count()
    }

    pub(crate) fn nfc(text: &str) -> String {
        text.nfc().collect()
    }

    pub(crate) fn nfd(text: &str) -> String {
        text.nfd().collect()
    }

    pub(crate) fn nfkc(text: &str) -> String {
        text.nfkc().collect()
    }
}

#[cfg(target_arch = "wasm32")]
mod tables {
    use js_sys::{Array, Intl::Segmenter, JsString, Object};

    pub(crate) fn grapheme_clusters(text: &str) -> usize {
        // This is the default granularity.
        let segments = Segmenter::new(&Array::new(), &Object::new()).segment(text);
        Array::from(&segments).length() as usize
    }

    pub(crate) fn nfc(text: &str) -> String {
        JsString::from(text).normalize("NFC").into()
    }

    pub(crate) fn nfd(text: &str) -> String {
        JsString::from(text).normalize("NFD").into()
    }

    pub(crate) fn nfkc(text: &str) -> String {
        JsString::from(text).normalize("NFKC").into()
    }
}

pub(crate) use tables::{grapheme_clusters, nfc, nfd, nfkc};
