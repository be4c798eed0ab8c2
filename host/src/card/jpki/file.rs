//! Files of the application: selecting one, and reading exactly its contents.

use crate::{
    card::apdu::{Channel, Command, Expect, StatusWord},
    error::Error,
};

/// Elementary files for user authentication, by identifier. Those for digital signature are not among them.
#[derive(Clone, Copy)]
pub(super) enum File {
    Certificate = 0x000A,
    Key = 0x0017,
    Pin = 0x0018,
}

/// What is needed to tell a certificate's length: the tag SEQUENCE, `82`, and two bytes of length.
const HEAD: usize = 4;

/// The last offset that READ BINARY can express is 7FFF (ISO 7816-4, 11.2.2).
const MAX_FILE: usize = 0x8000;

/// The most data in a reply to a command with a short length field.
const PIECE: u16 = 256;

/// Makes a file the current one.
pub(super) fn select(channel: &mut Channel<'_>, file: File) -> Result<(), Error> {
    let identifier = (file as u16).to_be_bytes().to_vec();
    let command = Command::new("SELECT", [0xA4, 0x02, 0x0C], identifier, Expect::Nothing);
    let reply = channel.exchange(&command)?;
    match (reply.status.0, file) {
        (0x9000, _) => Ok(()),
        (0x6A82 | 0x6A83 | 0x6A88, File::Certificate) => Err(Error::CertificateMissing),
        (0x6A82 | 0x6A83 | 0x6A88, File::Pin) => Err(Error::PinNotSet),
        _ => Err(command.refused(reply.status)),
    }
}

/// Reads the DER structure at the beginning of the current file, and nothing beyond it.
pub(super) fn read(channel: &mut Channel<'_>) -> Result<Vec<u8>, Error> {
    let mut content = Vec::new();
    fill(channel, &mut content, HEAD)?;
    let length = match content[..] {
        [0x30, 0x82, high, low] => HEAD + usize::from(u16::from_be_bytes([high, low])),
        // A file that was created and never written, or was emptied.
        [0x00, 0x00, 0x00, 0x00] | [0xFF, 0xFF, 0xFF, 0xFF] => return Err(Error::CertificateMissing),
        _ => return Err(unreadable("no certificate in its file")),
    };
    if length > MAX_FILE {
        return Err(unreadable("too long for its file"));
    }
    fill(channel, &mut content, length)?;
    Ok(content)
}

/// Reads on until `content` has that length. Requests exactly what is missing: cards differ in how they respond to
/// a request past the end of the file. Shorter replies are accepted.
fn fill(channel: &mut Channel<'_>, content: &mut Vec<u8>, length: usize) -> Result<(), Error> {
    while content.len() < length {
        let offset = u16::try_from(content.len()).map_err(|_| unreadable("too long for its file"))?;
        let [high, low] = offset.to_be_bytes();
        let missing = u16::try_from(length - content.len()).unwrap_or(PIECE);
        let wanted = missing.min(PIECE);
        let command = Command::new("READ BINARY", [0xB0, high, low], Vec::new(), Expect::Exactly(wanted));
        let reply = channel.exchange(&command)?;
        match reply.status {
            // 6282: the end of the file came before Le bytes were read; the data is valid.
            StatusWord(0x9000 | 0x6282) if reply.data.len() > usize::from(wanted) => {
                return Err(Error::Malformed("more of a file than asked for"));
            }
            StatusWord(0x9000 | 0x6282) if !reply.data.is_empty() => content.extend_from_slice(&reply.data),
            StatusWord(0x9000 | 0x6282) => return Err(Error::Malformed("file cut short")),
            // A phone shows its certificate only after the PIN.
            StatusWord(0x6982) => return Err(unreadable("READ BINARY answered 6982")),
            status => return Err(command.refused(status)),
        }
    }
    Ok(())
}

fn unreadable(why: &str) -> Error {
    Error::CertificateUnreadable(why.to_owned())
}
