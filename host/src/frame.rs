//! Native-messaging frames: a 32-bit length in the machine's byte order, then that many bytes of UTF-8 JSON.

use std::io::{self, Read, Write};

use touroku_proto::{MAX_HOST_INPUT, MAX_HOST_OUTPUT};
use zeroize::Zeroizing;

/// Why a frame could not be read or written. The stream is unusable after any of them.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The announced length is more than [`MAX_HOST_INPUT`] (or, written, more than [`MAX_HOST_OUTPUT`]).
    #[error("a frame of {0} bytes is too long")]
    TooLong(usize),
    /// The input ended inside a frame.
    #[error("the input ended inside a frame")]
    Truncated,
    #[error("the stream failed: {0}")]
    Io(#[from] io::Error),
}

/// Reads one frame; `None` at the end of input between two frames. Its contents are overwritten on drop, because
/// it may hold a PIN.
pub fn read(input: &mut impl Read) -> Result<Option<Zeroizing<Vec<u8>>>, FrameError> {
    let mut length = [0; 4];
    let first = read_some(input, &mut length)?;
    if first == 0 {
        return Ok(None);
    }
    read_rest(input, &mut length[first..])?;
    let length = usize::try_from(u32::from_ne_bytes(length)).unwrap_or(usize::MAX);
    if length > MAX_HOST_INPUT {
        return Err(FrameError::TooLong(length));
    }
    let mut body = Zeroizing::new(vec![0; length]);
    read_rest(input, &mut body)?;
    Ok(Some(body))
}

fn read_rest(input: &mut impl Read, buffer: &mut [u8]) -> Result<(), FrameError> {
    input.read_exact(buffer).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => FrameError::Truncated,
        _ => FrameError::Io(error),
    })
}

fn read_some(input: &mut impl Read, buffer: &mut [u8]) -> Result<usize, FrameError> {
    loop {
        match input.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return Ok(other?),
        }
    }
}

/// Writes one frame and flushes it.
pub fn write(output: &mut (impl Write + ?Sized), body: &[u8]) -> Result<(), FrameError> {
    let length = u32::try_from(body.len()).ok().filter(|_| body.len() <= MAX_HOST_OUTPUT);
    let length = length.ok_or(FrameError::TooLong(body.len()))?;
    output.write_all(&length.to_ne_bytes())?;
    output.write_all(body)?;
    output.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    fn framed(body: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&mut bytes, body).unwrap();
        bytes
    }

    #[test]
    fn the_end_between_frames_is_an_end_and_inside_a_frame_an_error() {
        let bytes = framed(b"{}");
        assert!(read(&mut Cursor::new(b"")).unwrap().is_none());
        for cut in 1..bytes.len() {
            assert!(matches!(read(&mut Cursor::new(&bytes[..cut])), Err(FrameError::Truncated)), "{cut}");
        }
    }

    #[test]
    fn a_frame_longer_than_the_limit_is_refused_by_its_length_alone() {
        let allowed = framed(&vec![b' '; MAX_HOST_INPUT]);
        assert_eq!(read(&mut Cursor::new(allowed)).unwrap().unwrap().len(), MAX_HOST_INPUT);
        let length = u32::try_from(MAX_HOST_INPUT + 1).unwrap().to_ne_bytes();
        assert!(
            matches!(read(&mut Cursor::new(length)), Err(FrameError::TooLong(too_long)) if too_long == MAX_HOST_INPUT + 1)
        );
        assert!(matches!(read(&mut Cursor::new([0xFF; 4])), Err(FrameError::TooLong(_))));
    }

    #[test]
    fn a_message_that_a_browser_would_refuse_is_not_written() {
        let mut output = Vec::new();
        assert!(write(&mut output, &vec![b' '; MAX_HOST_OUTPUT + 1]).is_err());
        assert!(output.is_empty());
    }

    proptest! {
        #[test]
        fn frames_survive_their_round_trip(bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..5)) {
            let mut stream = Cursor::new(bodies.iter().flat_map(|body| framed(body)).collect::<Vec<u8>>());
            for body in &bodies {
                prop_assert_eq!(read(&mut stream).unwrap().unwrap().to_vec(), body.clone());
            }
            prop_assert!(read(&mut stream).unwrap().is_none());
        }

        #[test]
        fn no_input_makes_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let mut stream = Cursor::new(bytes);
            while let Ok(Some(_)) = read(&mut stream) {}
        }
    }
}
