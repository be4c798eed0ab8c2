//! The server's own key, which hashes or seals what the database must not reveal when it is stolen.
//!
//! 32 random bytes in a file beside the database, not in it, readable only by the server's user. Without it issued
//! numbers and the officers' authenticators have to be set up again; a backup keeps it apart from the database.

use std::{
    fmt,
    fs::OpenOptions,
    io::{Read as _, Write as _},
    path::Path,
};

use openssl::{
    hash::MessageDigest,
    pkey::PKey,
    sign::Signer,
    symm::{Cipher, decrypt_aead, encrypt_aead},
};

use crate::{error::Error, outside::Outside};

const NONCE: usize = 12;
const TAG: usize = 16;

pub struct ServerKey([u8; 32]);

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerKey(…)")
    }
}

impl ServerKey {
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads the file, or creates it if missing.
    ///
    /// # Errors
    /// [`Error::File`]; [`Error::Content`] when it holds something else.
    pub fn open(path: &Path, outside: &Outside) -> Result<Self, Error> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(path) {
            Ok(mut file) => {
                let bytes: [u8; 32] = outside.random();
                let written = file.write_all(hex::encode(bytes).as_bytes()).and_then(|()| file.sync_all());
                if let Err(error) = written {
                    // Half a key would make the next start fail.
                    drop(std::fs::remove_file(path));
                    return Err(Error::file(path)(error));
                }
                Ok(Self(bytes))
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Self::read(path),
            Err(error) => Err(Error::file(path)(error)),
        }
    }

    /// Reads the file, if it exists.
    pub fn existing(path: &Path) -> Result<Option<Self>, Error> {
        if path.exists() { Self::read(path).map(Some) } else { Ok(None) }
    }

    /// A name for the key that reveals nothing about it.
    pub fn name(&self) -> Result<String, Error> {
        Ok(hex::encode(&self.hash("name of the key", b"")?[..4]))
    }

    pub fn read(path: &Path) -> Result<Self, Error> {
        let mut text = String::new();
        let file = std::fs::File::open(path).map_err(Error::file(path))?;
        file.take(128).read_to_string(&mut text).map_err(Error::file(path))?;
        Self::parse(&text, path)
    }

    /// Parses the contents of its file.
    pub fn parse(text: &str, path: &Path) -> Result<Self, Error> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.trim(), &mut bytes).map_err(|_| Error::Content {
            path: path.to_owned(),
            message: "サーバーの鍵ではありません（16進数64文字）。控えから戻してください".to_owned(),
        })?;
        Ok(Self(bytes))
    }

    /// Tells keys apart without revealing them: stored in the database, so that no other key is mistaken for its
    /// own.
    pub fn fingerprint(&self) -> Result<String, Error> {
        Ok(hex::encode(&self.hash("fingerprint", b"")?[..16]))
    }

    /// The file holds another key than the database's.
    pub fn another(path: &Path) -> Error {
        let message = "このデータベースの鍵ではありません。控え（backup）に入っている鍵をtouroku-server restoreで戻すか、\
             正しい鍵のファイルを置いてください。鍵をなくしたときだけ、touroku-server key acceptでこの鍵に替えます";
        Error::Content { path: path.to_owned(), message: message.to_owned() }
    }

    /// The file is missing, and the database belongs to a key.
    pub fn missing(path: &Path) -> Error {
        let message = "サーバーの鍵がありません。控え（backup）からtouroku-server restoreで戻してください。\
             どこにも残っていないときだけ、touroku-server key acceptで新しい鍵に替えます";
        Error::Content { path: path.to_owned(), message: message.to_owned() }
    }

    /// HMAC-SHA-256 of `data` for one purpose: equal data for the same purpose can be looked up, and nobody
    /// without the key can guess it by trial.
    pub fn hash(&self, purpose: &str, data: &[u8]) -> Result<[u8; 32], Error> {
        let mut hash = [0; 32];
        let key = PKey::hmac(&self.0)?;
        let mut signer = Signer::new(MessageDigest::sha256(), &key)?;
        signer.update(&u64::try_from(purpose.len()).unwrap_or(u64::MAX).to_be_bytes())?;
        signer.update(purpose.as_bytes())?;
        signer.update(data)?;
        signer.sign(&mut hash)?;
        Ok(hash)
    }

    /// Seals `data` (AES-256-GCM): only this key and the same purpose open it.
    pub fn seal(&self, purpose: &str, data: &[u8], outside: &Outside) -> Result<Vec<u8>, Error> {
        let nonce: [u8; NONCE] = outside.random();
        let mut tag = [0; TAG];
        let key = self.sealing_key()?;
        let sealed =
            encrypt_aead(Cipher::aes_256_gcm(), &key, Some(&nonce), purpose.as_bytes(), data, &mut tag)?;
        Ok([&nonce[..], &tag[..], &sealed[..]].concat())
    }

    /// Opens sealed data. `None`: another key, another purpose, or damaged.
    pub fn unseal(&self, purpose: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, rest) = sealed.split_at_checked(NONCE)?;
        let (tag, data) = rest.split_at_checked(TAG)?;
        let key = self.sealing_key().ok()?;
        decrypt_aead(Cipher::aes_256_gcm(), &key, Some(nonce), purpose.as_bytes(), data, tag).ok()
    }

    /// Separate from the one that hashes.
    fn sealing_key(&self) -> Result<[u8; 32], Error> {
        self.hash("seal", b"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outside() -> Outside {
        Outside::new(|| 0, |bytes| bytes.fill(7))
    }

    #[test]
    fn what_is_sealed_opens_with_the_same_key_and_purpose_only() {
        let key = ServerKey::from_bytes([1; 32]);
        let sealed = key.seal("a", b"secret", &outside()).unwrap();
        assert_eq!(key.unseal("a", &sealed).as_deref(), Some(&b"secret"[..]));
        assert_eq!(key.unseal("b", &sealed), None);
        assert_eq!(ServerKey::from_bytes([2; 32]).unseal("a", &sealed), None);
        assert_eq!(key.unseal("a", &sealed[..20]), None);
    }

    #[test]
    fn a_key_file_is_made_once_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("touroku.key");
        let first = ServerKey::open(&path, &outside()).unwrap();
        let again = ServerKey::open(&path, &Outside::new(|| 0, |bytes| bytes.fill(9))).unwrap();
        assert_eq!(first.hash("x", b"1").unwrap(), again.hash("x", b"1").unwrap());
        std::fs::write(&path, "not a key").unwrap();
        assert!(ServerKey::open(&path, &outside()).is_err());
    }
}
