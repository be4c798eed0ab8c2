//! Online revocation checking (OCSP, RFC 6960): `message` encodes requests and parses responses, `answer` judges a
//! response.

mod answer;
mod message;

use crate::{question::OcspQuestion, trust::Trust};

pub(crate) use self::answer::judge;
use self::{answer::repeats, message::Subject};

impl OcspQuestion {
    /// The OCSPRequest (DER), with a nonce if one is wanted. `None`: a certificate can't be parsed.
    pub fn request(&self, nonce: Option<&[u8]>) -> Option<Vec<u8>> {
        Subject::read(&self.certificate.to_der().ok()?, &self.issuer.to_der().ok()?)?.request(nonce)
    }

    /// Judges a response (DER) at that time, Unix seconds; returns until when it is valid. If a nonce is given,
    /// the response must repeat it.
    ///
    /// # Errors
    /// Why it is not trusted, in Japanese.
    pub fn judge(&self, trust: &Trust, der: &[u8], nonce: Option<&[u8]>, at: i64) -> Result<i64, String> {
        let answer = judge(trust, der, &self.certificate, &self.issuer, at)?;
        if nonce.is_some_and(|nonce| !repeats(der, nonce)) {
            return Err("問い合わせた乱数（nonce）に対する応答ではありません".to_owned());
        }
        Ok(answer.until)
    }
}
