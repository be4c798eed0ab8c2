//! CRLs over LDAP (RFC 4511, RFC 4516, RFC 4523): one search for one attribute of one entry.
//!
//! Japanese government and municipal authorities put such URLs into their certificates. The existing LDAP
//! crates read a message of any length that a server announces, re-parsing it until it is complete; this
//! reads it once, bounded in size and time, and requests nothing else.

use std::time::Duration;

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use touroku_pki::{
    LdapAddress,
    der::{Reader, header, value},
};

/// The most messages read before the result must have arrived. A search of one entry is answered by two.
const MAX_MESSAGES: usize = 16;

/// Fetches the value of the attribute, of at most that many bytes. The failure is in Japanese.
pub(super) async fn fetch(address: &LdapAddress, most: usize, timeout: Duration) -> Result<Vec<u8>, String> {
    match tokio::time::timeout(timeout, search(address, most)).await {
        Ok(found) => found,
        Err(_) => Err("時間内に応答がありません".to_owned()),
    }
}

async fn search(address: &LdapAddress, most: usize) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| format!("取得できません（{error}）");
    let mut stream = TcpStream::connect((address.host.as_str(), address.port)).await.map_err(failed)?;
    stream.write_all(&request(address)).await.map_err(failed)?;
    receive(&mut stream, most).await
}

/// The value in a directory's response.
async fn receive(stream: &mut (impl AsyncRead + Unpin), most: usize) -> Result<Vec<u8>, String> {
    let mut found = None;
    for _ in 0..MAX_MESSAGES {
        let message = read_message(stream, most).await?;
        match Answer::read(&message) {
            Some(Answer::Entry(list)) => found = found.or(list),
            Some(Answer::Other) => {}
            Some(Answer::Done(0)) => return found.ok_or_else(|| "項目にCRLがありません".to_owned()),
            Some(Answer::Done(32)) => return Err("項目がありません（noSuchObject）".to_owned()),
            Some(Answer::Done(code)) => {
                return Err(format!("LDAPのサーバーが答えません（resultCode {code}）"));
            }
            None => break,
        }
    }
    Err("LDAPの応答として読めません".to_owned())
}

/// SearchRequest (RFC 4511, 4.5.1), unauthenticated: version 3 needs no bind before it (4.2.1).
fn request(address: &LdapAddress) -> Vec<u8> {
    let names: Vec<Vec<u8>> = address.attributes.iter().map(|name| value(0x04, &[name.as_bytes()])).collect();
    let names: Vec<&[u8]> = names.iter().map(Vec::as_slice).collect();
    let search = value(
        0x63,
        &[
            &value(0x04, &[address.entry.as_bytes()]),
            // baseObject, aliases followed, no server-side limits, attributes with their values.
            &value(0x0A, &[&[0]]),
            &value(0x0A, &[&[3]]),
            &value(0x02, &[&[0]]),
            &value(0x02, &[&[0]]),
            &value(0x01, &[&[0]]),
            // present: objectClass, which every entry has.
            &value(0x87, &[b"objectClass"]),
            &value(0x30, &names),
        ],
    );
    value(0x30, &[&value(0x02, &[&[1]]), &search])
}

/// One LDAPMessage.
async fn read_message(stream: &mut (impl AsyncRead + Unpin), most: usize) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| format!("取得できません（{error}）");
    let mut message = vec![0; 2];
    stream.read_exact(&mut message).await.map_err(failed)?;
    if let Some(more @ 0x81..=0x84) = message.get(1).copied() {
        message.resize(2 + usize::from(more & 0x7F), 0);
        stream.read_exact(message.get_mut(2..).unwrap_or_default()).await.map_err(failed)?;
    }
    let (start, length) = header(&message).ok_or_else(|| "LDAPの応答として読めません".to_owned())?;
    // Names and tags around the value.
    if length > most.saturating_add(4096) {
        return Err("大きすぎます".to_owned());
    }
    // Memory grows with what arrives, not with what was announced.
    let announced = u64::try_from(length).unwrap_or(u64::MAX);
    stream.take(announced).read_to_end(&mut message).await.map_err(failed)?;
    if message.len() == start + length { Ok(message) } else { Err("途中で切れました".to_owned()) }
}

/// Used by the fuzz target.
#[cfg(feature = "fuzzing")]
pub(super) fn read(bytes: &[u8]) {
    use futures_util::FutureExt as _;

    let most = 1024;
    let received = receive(&mut &*bytes, most).now_or_never().expect("all bytes are there").ok();
    assert!(received.is_none_or(|value| value.len() <= most + 4096));
    if let Some(address) = std::str::from_utf8(bytes).ok().and_then(LdapAddress::parse) {
        assert!(!address.host.is_empty() && !address.attributes.is_empty());
        drop(request(&address));
    }
}

enum Answer {
    /// SearchResultEntry, with its first value.
    Entry(Option<Vec<u8>>),
    /// SearchResultDone, with its resultCode.
    Done(u8),
    /// Something else, such as a referral, which is not followed.
    Other,
}

impl Answer {
    fn read(message: &[u8]) -> Option<Self> {
        let mut message = Reader::new(message).expect(0x30)?.inside();
        message.expect(0x02)?;
        let operation = message.next()?;
        let mut parts = operation.inside();
        match operation.tag {
            0x64 => {
                parts.expect(0x04)?;
                let mut attributes = parts.expect(0x30)?.inside();
                while !attributes.is_empty() {
                    let mut attribute = attributes.expect(0x30)?.inside();
                    attribute.expect(0x04)?;
                    let mut values = attribute.expect(0x31)?.inside();
                    if !values.is_empty() {
                        return Some(Self::Entry(Some(values.expect(0x04)?.content.to_vec())));
                    }
                }
                Some(Self::Entry(None))
            }
            0x65 => match parts.expect(0x0A)?.content {
                [code] => Some(Self::Done(*code)),
                _ => None,
            },
            _ => Some(Self::Other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_answer_however_broken_does_harm() {
        let bytes = value(0x30, &[&value(0x02, &[&[1]]), &value(0x64, &[&value(0x04, &[b"c=JP"])])]);
        for end in 0..=bytes.len() {
            assert!(Answer::read(&bytes[..end]).is_none());
        }
    }
}
