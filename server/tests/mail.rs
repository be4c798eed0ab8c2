//! From the registration to the mail server.

#![allow(clippy::unwrap_used, reason = "a test may fail anywhere")]
#![allow(clippy::redundant_closure_for_method_calls, reason = "store closures are for any lifetime")]

mod support;

use std::sync::Arc;

use support::client::{TestServer, form};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpListener,
    sync::mpsc,
};
use touroku_server::mail::{Transport, deliver_due};

async fn registered() -> TestServer {
    let server = TestServer::start();
    let mut client = server.client();
    client.reach_form(&server.card(7)).await;
    assert_eq!(client.register("s-1", form()).await.code(), "");
    server
}

async fn counts(server: &TestServer) -> (u64, u64) {
    let counts = server.app.store.read(|reader| reader.mail_counts()).await.unwrap();
    (counts.queued, counts.refused)
}

#[tokio::test]
async fn each_registered_address_gets_one_file() {
    let server = registered().await;
    let folder = server.folder.path().join("mail");
    let transport = Transport::folder(&folder).unwrap();
    assert_eq!(deliver_due(&server.app, &transport).await.unwrap(), 2);
    assert_eq!(counts(&server).await, (0, 0));
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 2);
    let mail = std::fs::read_to_string(&files[0]).unwrap();
    for header in [
        "From: no-reply@ebid.example.jp\r\n",
        "To: representative@example.jp\r\n",
        "Subject: =?utf-8?b?",
        "Message-ID: <",
        "Date: ",
        "Auto-Submitted: auto-generated\r\n",
        "Content-Type: text/plain; charset=utf-8\r\n",
    ] {
        assert!(mail.contains(header), "{header}\n{mail}");
    }
    assert!(mail.split("\r\n").all(|line| line.len() <= 78), "{mail}");
    assert_eq!(deliver_due(&server.app, &transport).await.unwrap(), 0, "nothing is sent twice");
}

#[tokio::test]
async fn a_dead_mail_server_loses_nothing() {
    let server = registered().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let dead = Transport::smtp(&format!("smtp://127.0.0.1:{port}"), None).unwrap();
    assert_eq!(deliver_due(&server.app, &dead).await.unwrap(), 0);
    assert_eq!(counts(&server).await, (2, 0));
    assert_eq!(deliver_due(&server.app, &dead).await.unwrap(), 0, "not again before its time");

    let server = server.restart();
    let alive = Transport::folder(&server.folder.path().join("mail")).unwrap();
    assert_eq!(deliver_due(&server.app, &alive).await.unwrap(), 0);
    server.wait(30_000);
    assert_eq!(deliver_due(&server.app, &alive).await.unwrap(), 2);
}

#[tokio::test]
async fn a_mail_server_takes_the_mail_or_refuses_it_for_good() {
    let server = registered().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (heard, mut lines) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(talk(stream, heard.clone()));
        }
    });
    let transport = Transport::smtp(&format!("smtp://127.0.0.1:{port}"), None).unwrap();
    assert_eq!(deliver_due(&server.app, &transport).await.unwrap(), 1);
    assert_eq!(counts(&server).await, (0, 1));
    let mut said = Vec::new();
    while let Ok(line) = lines.try_recv() {
        said.push(line);
    }
    assert!(said.iter().any(|line: &String| line == "RCPT TO:<card@example.jp>"), "{said:?}");
}

/// A mail server that does not know representative@.
async fn talk(stream: tokio::net::TcpStream, heard: mpsc::UnboundedSender<String>) {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    writer.write_all(b"220 test\r\n").await.unwrap();
    let mut in_data = false;
    while let Ok(Some(line)) = lines.next_line().await {
        let answer = match line.as_str() {
            "." => "250 taken",
            _ if in_data => continue,
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            line if line.starts_with("RCPT TO:<representative@") => "550 unknown",
            _ => "250 fine",
        };
        in_data = answer.starts_with("354");
        heard.send(line).ok();
        if writer.write_all(format!("{answer}\r\n").as_bytes()).await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn the_mailer_wakes_up_for_a_new_mail() {
    let server = TestServer::start();
    let folder = server.folder.path().join("mail");
    let transport = Transport::folder(&folder).unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let mailer = tokio::spawn(touroku_server::mail::run(Arc::clone(&server.app), transport, async {
        stopped.await.ok();
    }));
    let mut client = server.client();
    client.reach_form(&server.card(7)).await;
    client.register("s-1", form()).await;
    // Far below the mailer's own timer; ends as soon as the files are there.
    let arrived = async {
        while counts(&server).await.0 > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), arrived)
        .await
        .expect("the mails were delivered");
    stop.send(()).unwrap();
    mailer.await.unwrap();
}
