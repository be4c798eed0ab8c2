//! A mail server that behaves as a test says.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use touroku_server::mail::Transport;

/// What a sink does with a line.
#[derive(Clone, Copy)]
pub enum Does {
    /// What a mail server usually does.
    Usual,
    Says(&'static str),
    HangsUp,
    IsSilent,
    /// Accepts the mail, and hangs up instead of saying so.
    TakesAndHangsUp,
}

type Script = dyn FnMut(&str) -> Does + Send;

/// A mail server on this machine.
#[derive(Clone)]
pub struct Sink {
    port: u16,
    script: Arc<Mutex<Box<Script>>>,
    taken: Arc<watch::Sender<Vec<Taken>>>,
    heard: Arc<Mutex<Vec<String>>>,
}

/// A mail that it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub to: String,
    pub subject: String,
    pub message_id: String,
}

impl Sink {
    /// Takes everything.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sink = Self {
            port: listener.local_addr().unwrap().port(),
            script: Arc::new(Mutex::new(Box::new(|_| Does::Usual))),
            taken: Arc::new(watch::Sender::default()),
            heard: Arc::default(),
        };
        let own = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(own.clone().talk(stream));
            }
        });
        sink
    }

    /// From now on it asks `script` about each line. The greeting is the line "", the end of a mail is ".".
    pub fn does(&self, script: impl FnMut(&str) -> Does + Send + 'static) {
        *self.script.lock().unwrap() = Box::new(script);
    }

    /// From now on it does `what` with lines that begin like this.
    pub fn with(&self, start: &'static str, what: Does) {
        self.does(move |line| if matches(line, start) { what } else { Does::Usual });
    }

    /// From now on it accepts everything.
    pub fn is_mended(&self) {
        self.does(|_| Does::Usual);
    }

    pub fn transport(&self) -> Transport {
        let credentials = Some(("user".to_owned(), "password".to_owned()));
        Transport::smtp(&self.url(), credentials).unwrap()
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// The Message-IDs of mails, in order of arrival.
    pub fn message_ids(&self) -> Vec<String> {
        self.taken.borrow().iter().map(|taken| taken.message_id.clone()).collect()
    }

    /// Waits until it has accepted each of them.
    pub async fn has_all(&self, message_ids: &BTreeSet<String>) {
        let mut taken = self.taken.subscribe();
        let missing = |taken: &Vec<Taken>| {
            let arrived: BTreeSet<&String> = taken.iter().map(|mail| &mail.message_id).collect();
            message_ids.iter().filter(|id| !arrived.contains(id)).count()
        };
        let all = taken.wait_for(|taken| missing(taken) == 0);
        let waited = tokio::time::timeout(std::time::Duration::from_secs(60), all).await;
        assert!(waited.is_ok(), "{} mails are missing", missing(&self.taken.borrow()));
    }

    /// The recipients of mails, in order of arrival.
    pub fn taken(&self) -> Vec<String> {
        self.taken.borrow().iter().map(|taken| taken.to.clone()).collect()
    }

    /// What it was sent, without the mails' texts.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// Waits until it has accepted that many.
    pub async fn has_taken(&self, many: usize) {
        let mut taken = self.taken.subscribe();
        let enough = taken.wait_for(|taken| taken.len() >= many);
        let waited = tokio::time::timeout(std::time::Duration::from_secs(60), enough).await;
        assert!(waited.is_ok(), "{many} of them: {:?}", self.taken());
    }

    /// Waits until it has received such a line.
    pub async fn has_heard(&self, start: &str) {
        while !self.heard().iter().any(|line| line.starts_with(start)) {
            tokio::task::yield_now().await;
        }
    }

    async fn talk(self, stream: TcpStream) {
        stream.set_nodelay(true).unwrap();
        let (reader, mut writer) = stream.into_split();
        let mut lines = BufReader::new(reader).lines();
        let mut to = String::new();
        let mut text: Option<Vec<String>> = None;
        let mut line = String::new();
        loop {
            if let Some(lines_of_text) = text.as_mut().filter(|_| line != ".") {
                lines_of_text.push(line);
            } else {
                self.heard.lock().unwrap().push(line.clone());
                if let Some(address) = line.strip_prefix("RCPT TO:<") {
                    to = address.trim_end_matches('>').to_owned();
                }
                let does = (self.script.lock().unwrap())(&line);
                let answer = match (does, line.split([' ', ':']).next().unwrap_or_default()) {
                    (Does::Says(answer), _) => answer,
                    (Does::IsSilent, _) => std::future::pending().await,
                    (Does::HangsUp, _) => return,
                    (Does::TakesAndHangsUp, _) => "",
                    (Does::Usual, "") => "220 sink",
                    (Does::Usual, "EHLO") => "250-sink\r\n250 AUTH PLAIN",
                    (Does::Usual, "AUTH") => "235 welcome",
                    (Does::Usual, "DATA") => "354 go on",
                    (Does::Usual, "QUIT") => "221 bye",
                    (Does::Usual, _) => "250 fine",
                };
                let text_of = text.take();
                if line == "." && (answer.is_empty() || answer.starts_with("250")) {
                    let header = |name: &str| {
                        let found = text_of.iter().flatten().find_map(|line| line.strip_prefix(name));
                        found.unwrap_or_default().to_owned()
                    };
                    let (subject, message_id) = (header("Subject: "), header("Message-ID: "));
                    self.taken.send_modify(|taken| taken.push(Taken { to: to.clone(), subject, message_id }));
                }
                if answer.is_empty() {
                    return;
                }
                if answer.starts_with("354") {
                    text = Some(Vec::new());
                }
                if writer.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
                    return;
                }
            }
            match lines.next_line().await {
                Ok(Some(next)) => line = next,
                _ => return,
            }
        }
    }
}

fn matches(line: &str, start: &str) -> bool {
    if start.is_empty() { line.is_empty() } else { line.starts_with(start) }
}
