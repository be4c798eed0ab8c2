//! For tests: what a browser would have received.

use std::{
    io,
    sync::{Arc, Mutex},
};

use touroku_proto::card::HostMessage;

/// Collects frames. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<Vec<u8>>>);

impl io::Write for Recorder {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Recorder {
    /// All messages so far.
    pub(crate) fn messages(&self) -> Vec<HostMessage> {
        let bytes = self.0.lock().unwrap();
        let (mut rest, mut messages) = (bytes.as_slice(), Vec::new());
        while let Some((length, body)) = rest.split_first_chunk() {
            let (message, after) = body.split_at(u32::from_ne_bytes(*length) as usize);
            messages.push(serde_json::from_slice(message).unwrap());
            rest = after;
        }
        assert!(rest.is_empty(), "a frame that was cut off");
        messages
    }
}
