//! A connection that ends when its peer stops reading.

use std::{
    future::Future as _,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// How long a peer may read nothing of what is waiting for it.
const PATIENCE: Duration = Duration::from_secs(25);

/// How long a peer may be waited for in all, whatever it reads. Who takes a byte now and then would hold a place for ever.
const WAITED: Duration = Duration::from_secs(60);

/// How many bytes it must have read for each second above that.
const PACE: u64 = 1024;

/// How many bytes read fast count for the time after.
const CREDIT: u64 = 256 * 1024;

/// A stream whose writes fail after making no progress, or next to none, for some time.
pub(super) struct Stalled<S> {
    stream: S,
    /// While a write waits: since when, and until when at most.
    waits: Option<(Instant, Pin<Box<Sleep>>)>,
    /// How long writes have waited so far, and what was written, up to [`CREDIT`] more than had to be.
    waited: Duration,
    written: u64,
}

impl<S> Stalled<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, waits: None, waited: Duration::ZERO, written: 0 }
    }

    /// `count`: how many bytes were written.
    fn bounded<T>(
        &mut self,
        context: &mut Context<'_>,
        wrote: Poll<io::Result<T>>,
        count: impl Fn(&T) -> usize,
    ) -> Poll<io::Result<T>> {
        if let Poll::Ready(Ok(wrote)) = &wrote {
            self.written = self.written.saturating_add(count(wrote) as u64);
        }
        if wrote.is_ready() {
            if let Some((since, _)) = self.waits.take() {
                self.waited += since.elapsed();
            }
            let least = self.waited.saturating_sub(WAITED).as_secs() * PACE;
            // What was read fast long ago pays for little.
            self.written = self.written.min(least + CREDIT);
            return match self.written < least {
                true => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
                false => wrote,
            };
        }
        let (_, until) = self.waits.get_or_insert_with(|| (Instant::now(), Box::pin(sleep(PATIENCE))));
        ready!(until.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Stalled<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Stalled<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.bounded(context, wrote, |count| *count)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.bounded(context, wrote, |count| *count)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        self.bounded(context, flushed, |()| 0)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = Pin::new(&mut self.stream).poll_shutdown(context);
        self.bounded(context, shut, |()| 0)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_peer_that_takes_nothing_is_given_up_and_a_slow_one_is_not() {
        const PIECE: usize = 30_000;
        let (ours, mut theirs) = duplex(PIECE);
        let mut ours = Stalled::new(ours);
        let writing = tokio::spawn(async move {
            let slow = ours.write_all(&[1; 4 * PIECE]).await.map_err(|error| error.kind());
            (slow, ours.write_all(&[1; 4 * PIECE]).await.map_err(|error| error.kind()))
        });
        let mut buffer = vec![0; PIECE];
        for _ in 0..4 {
            sleep(PATIENCE - Duration::from_secs(1)).await;
            theirs.read_exact(&mut buffer).await.unwrap();
        }
        assert_eq!(writing.await.unwrap(), (Ok(()), Err(io::ErrorKind::TimedOut)));
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_a_byte_now_and_then_is_given_up_and_a_line_of_two_kilobytes_a_second_is_not() {
        for (piece, ends) in [(100, true), (40_000, false)] {
            let (ours, mut theirs) = duplex(piece);
            let mut ours = Stalled::new(ours);
            let writing = tokio::spawn(async move { ours.write_all(&vec![1; 30 * piece]).await.is_err() });
            let mut buffer = vec![0; piece];
            for _ in 0..30 {
                sleep(Duration::from_secs(20)).await;
                if theirs.read_exact(&mut buffer).await.is_err() {
                    break;
                }
            }
            assert_eq!(writing.await.unwrap(), ends, "{piece} bytes every 20 s");
        }
    }
}
