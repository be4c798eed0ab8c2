//! Where the host's messages go.

use std::{
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};

use touroku_proto::card::HostMessage;

use crate::{frame, journal};

/// Sends messages one at a time, each flushed. Clones share it.
#[derive(Clone)]
pub struct Output(Arc<Mutex<dyn Write + Send>>);

impl Output {
    /// Writes to `sink`.
    pub fn to(sink: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(sink)))
    }

    pub fn send(&self, message: &HostMessage) {
        journal::message(message);
        // All our messages are plain data with string keys.
        let body = serde_json::to_vec(message).expect("a message of ours is JSON");
        let mut sink = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody listens any more: the end of the input follows, and with it the end of the process.
        let _ = frame::write(&mut *sink, &body);
    }
}
