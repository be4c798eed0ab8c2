//! From the registration to the mail server.

use std::sync::Arc;

use tokio::net::TcpListener;
use touroku_server::{
    mail::{Transport, deliver_due},
    store::{Attachment, NewMail},
};

use crate::support::{
    authority::NOW,
    client::{TestServer, form},
};

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
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;

        let mode = std::fs::metadata(folder.join("00000001.eml")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
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
    let server = server.restart();
    let alive = Transport::folder(&server.folder.path().join("mail")).unwrap();
    assert_eq!(deliver_due(&server.app, &alive).await.unwrap(), 2);
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
    // Well below the mailer's own timer; ends as soon as the files exist.
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

#[tokio::test]
async fn a_file_goes_with_its_mail_and_the_message_stays_the_same_at_every_attempt() {
    let server = TestServer::start();
    let text = "BEGIN:VCALENDAR\r\nSUMMARY:有効期限\r\nEND:VCALENDAR\r\n";
    server
        .app
        .store
        .write(move |writer| {
            let mail = NewMail {
                message_id: "1@example.jp".into(),
                sender: "a@example.jp".into(),
                recipient: "b@example.jp".into(),
                subject: "有効期限のお知らせ：株式会社とても長い名前の会社の担当者さま、あと三十日です"
                    .into(),
                body: "本文です。\n".into(),
                ..NewMail::default()
            };
            let attachment = Attachment {
                name: "expiry.ics".into(),
                media_type: "text/calendar; charset=utf-8; method=PUBLISH".into(),
                text: text.into(),
            };
            writer.queue_mail_with("aomori", &mail, Some(&attachment), NOW * 1000)
        })
        .await
        .unwrap();
    let due = server.app.store.read(|reader| reader.due_mails(NOW * 1000, 9)).await.unwrap();
    assert_eq!(due[0].attachment.as_ref().unwrap().text, text);
    let folder = server.folder.path().join("mail");
    let transport = Transport::folder(&folder).unwrap();
    assert_eq!(deliver_due(&server.app, &transport).await.unwrap(), 1);
    let mail = std::fs::read_to_string(folder.join("00000001.eml")).unwrap();
    assert!(mail.split("\r\n").all(|line| line.len() <= 78 && line.is_ascii()), "{mail}");
    let script = "import email, email.policy, sys\n\
        m = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)\n\
        a = next(m.iter_attachments())\n\
        print(m['subject'])\n\
        print(m.get_body().get_content().strip())\n\
        print(a.get_filename(), a.get_content_type(), a['content-type'].params['method'])\n\
        print(a.get_payload(decode=True).decode().splitlines()[1])\n\
        print(len(m.defects) + sum(len(p.defects) for p in m.walk()))";
    let read = std::process::Command::new("python3")
        .args(["-c", script])
        .arg(folder.join("00000001.eml"))
        .output()
        .unwrap();
    let said = String::from_utf8(read.stdout).unwrap();
    assert_eq!(
        said,
        "有効期限のお知らせ：株式会社とても長い名前の会社の担当者さま、あと三十日です\n本文です。\n\
         expiry.ics text/calendar PUBLISH\nSUMMARY:有効期限\n0\n",
        "{}\n{mail}",
        String::from_utf8_lossy(&read.stderr)
    );
    assert!(mail.contains("boundary=\"=_"), "{mail}");
}
