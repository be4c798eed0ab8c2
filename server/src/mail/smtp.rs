//! One connection to a mail server, step by step: each with a time limit, so that a failure is known with its
//! step.

use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use lettre::{
    Address,
    transport::smtp::{
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters},
        commands::{Data, Mail, Quit, Rcpt, Rset},
        extension::ClientId,
    },
};
use tokio::net::TcpStream;

use super::{
    failure::{Failure, Step},
    relay::{Relay, Tls},
    tls::TlsStream,
};

/// The time limit of each step.
///
/// RFC 5321, 4.5.3.2, asks for five minutes per command for arbitrary hosts. This is the agency's own mail
/// server: if it takes longer than a minute something is wrong, and the mail waits in the outbox, not in a
/// connection. After the text the ten minutes remain, because giving up there duplicates mails.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// Name lookup, TCP and TLS.
    pub connect: Duration,
    /// The greeting and the reply to EHLO.
    pub greeting: Duration,
    pub command: Duration,
    /// From the text to its reply.
    pub text: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            greeting: Duration::from_secs(60),
            command: Duration::from_secs(120),
            text: Duration::from_secs(600),
        }
    }
}

/// Whether the end of a mail's text may have reached the mail server.
#[derive(Default)]
pub(super) struct Handed(AtomicBool);

impl Handed {
    pub(super) fn is_possible(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A connection that is greeted and logged in.
pub(super) struct Connection {
    smtp: AsyncSmtpConnection,
    times: Times,
    /// Whether it has carried a mail: the mail server may have hung up since.
    is_used: bool,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("is_used", &self.is_used).finish_non_exhaustive()
    }
}

impl Connection {
    pub(super) async fn open(relay: &Relay) -> Result<Self, Failure> {
        let times = relay.times;
        let stream = bounded(Step::Connect, times.connect, connect(relay)).await?;
        let greeting = AsyncSmtpConnection::connect_with_transport(stream, &relay.hello);
        let mut smtp = step(Step::Greeting, times.greeting, greeting).await?;
        let is_offered = smtp.can_starttls();
        if relay.tls == Tls::Required || (relay.tls == Tls::Opportunistic && is_offered) {
            if !is_offered {
                return Err(Failure::new(Step::Tls, "not offered"));
            }
            let parameters =
                TlsParameters::new(relay.host.clone()).map_err(|_| Failure::new(Step::Tls, "host name"))?;
            let hello: &ClientId = &relay.hello;
            step(Step::Tls, times.greeting, smtp.starttls(parameters, hello)).await?;
        }
        if let Some((user, password)) = &relay.credentials {
            let credentials = Credentials::new(user.clone(), password.clone());
            step(Step::Auth, times.command, smtp.auth(DEFAULT_MECHANISMS, &credentials)).await?;
        }
        Ok(Self { smtp, times, is_used: false })
    }

    pub(super) fn is_used(&self) -> bool {
        self.is_used
    }

    /// Hands a mail over. After a failure without a reply, or with 421, the connection is unusable.
    pub(super) async fn send(
        &mut self,
        from: Address,
        to: Address,
        text: &[u8],
        handed: &Handed,
    ) -> Result<(), Failure> {
        let sent = self.dialogue(from, to, text, handed).await;
        if let Err(failure) = &sent
            && !failure.ends_connection()
        {
            // The reply to RSET is always 250 (RFC 5321, 4.1.1.5); anything else shows at the next mail.
            drop(step(Step::Mail, self.times.command, self.smtp.command(Rset)).await);
        }
        self.is_used = true;
        sent
    }

    async fn dialogue(
        &mut self,
        from: Address,
        to: Address,
        text: &[u8],
        handed: &Handed,
    ) -> Result<(), Failure> {
        let wait = self.times.command;
        step(Step::Mail, wait, self.smtp.command(Mail::new(Some(from), Vec::new()))).await?;
        step(Step::Rcpt, wait, self.smtp.command(Rcpt::new(to, Vec::new()))).await?;
        let go_on = step(Step::Data, wait, self.smtp.command(Data)).await?;
        if !go_on.has_code(354) {
            return Err(Failure::new(Step::Data, "no 354"));
        }
        // The pieces are pulled one by one: when none is left, the end is written next.
        let pieces = std::iter::once(text).chain(std::iter::from_fn(|| {
            handed.set();
            None
        }));
        step(Step::Text, self.times.text, self.smtp.message_iter(pieces)).await?;
        Ok(())
    }

    /// Sends QUIT, without waiting long for the reply.
    pub(super) async fn quit(mut self) {
        drop(tokio::time::timeout(Duration::from_secs(1), self.smtp.command(Quit)).await);
    }
}

async fn connect(relay: &Relay) -> Result<Box<dyn AsyncTokioStream>, Failure> {
    let lost = |error: std::io::Error| Failure::new(Step::Connect, error.kind());
    let stream = TcpStream::connect((relay.host.as_str(), relay.port)).await.map_err(lost)?;
    // Without it the last line of each mail waits for the previous acknowledgement, some 40 ms.
    stream.set_nodelay(true).map_err(lost)?;
    if relay.tls != Tls::Always {
        return Ok(Box::new(stream));
    }
    Ok(Box::new(TlsStream::connect(&relay.host, stream).await?))
}

async fn step<T>(
    step: Step,
    wait: Duration,
    work: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
) -> Result<T, Failure> {
    bounded(step, wait, async { work.await.map_err(|error| Failure::from_smtp(step, &error)) }).await
}

async fn bounded<T>(
    step: Step,
    wait: Duration,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::time::timeout(wait, work).await.unwrap_or_else(|_| Err(Failure::new(step, "no answer in time")))
}
