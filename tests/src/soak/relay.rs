//! A mail server that has good and bad days.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    time::sleep,
};

/// What it does now.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Mood {
    Usual,
    /// It thinks about each line.
    Slow,
    /// It hangs up on everybody, whatever they are saying.
    Dead,
    /// It refuses our sender for now.
    Refusing,
    /// It listens, and never says anything.
    Silent,
}

const SLOW: Duration = Duration::from_millis(700);

/// How often whoever is silent looks whether it may speak.
const LOOK: Duration = Duration::from_millis(50);

#[derive(Clone)]
pub(super) struct Relay {
    port: u16,
    mood: Arc<AtomicU8>,
    /// How often each mail was accepted, by its Message-ID.
    taken: Arc<Mutex<BTreeMap<String, u64>>>,
}

impl Relay {
    pub(super) async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let relay = Self { port: listener.local_addr()?.port(), mood: Arc::default(), taken: Arc::default() };
        let own = relay.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let relay = own.clone();
                // A connection that breaks is the server's to repeat.
                tokio::spawn(async move { drop(relay.talk(stream).await) });
            }
        });
        Ok(relay)
    }

    pub(super) fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    pub(super) fn is_now(&self, mood: Mood) {
        self.mood.store(mood as u8, Ordering::SeqCst);
    }

    pub(super) fn taken(&self) -> BTreeMap<String, u64> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is(&self, mood: Mood) -> bool {
        self.mood.load(Ordering::SeqCst) == mood as u8
    }

    async fn talk(&self, stream: TcpStream) -> Result<()> {
        stream.set_nodelay(true)?;
        let (reader, mut writer) = stream.into_split();
        let mut lines = BufReader::new(reader).lines();
        let mut mail: Option<String> = None;
        writer.write_all(b"220 relay\r\n").await?;
        while let Some(line) = lines.next_line().await? {
            if self.is(Mood::Dead) {
                return Ok(());
            }
            if let Some(id) = mail.as_mut().filter(|_| line != ".") {
                if let Some(found) = line.strip_prefix("Message-ID: ") {
                    found.clone_into(id);
                }
                continue;
            }
            if self.is(Mood::Slow) {
                sleep(SLOW).await;
            }
            while self.is(Mood::Silent) {
                sleep(LOOK).await;
            }
            let answer = match line.split([' ', ':']).next().unwrap_or_default() {
                "EHLO" => "250 relay",
                "MAIL" if self.is(Mood::Refusing) => "451 4.7.1 try again later",
                "DATA" => {
                    mail = Some(String::new());
                    "354 go on"
                }
                "." => {
                    let id = mail.take().unwrap_or_default();
                    *self.taken.lock().unwrap_or_else(PoisonError::into_inner).entry(id).or_default() += 1;
                    "250 taken"
                }
                "QUIT" => "221 bye",
                _ => "250 fine",
            };
            writer.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
        Ok(())
    }
}
