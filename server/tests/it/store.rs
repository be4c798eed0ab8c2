//! The store's guarantees that no single request shows.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
    mpsc,
};

use touroku_server::{
    error::Error,
    store::{Exclusive, NewMail, Store},
};

use crate::support::client::TestServer;

fn mail(number: u32) -> NewMail {
    NewMail {
        message_id: format!("{number}@example.jp"),
        sender: "a@example.jp".into(),
        recipient: "b@example.jp".into(),
        ..NewMail::default()
    }
}

#[tokio::test]
async fn a_write_that_fails_or_panics_takes_none_of_its_neighbours_along() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::open(&folder.path().join("t.db")).unwrap());
    let writes = (0..90_u32).map(|number| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let wrote = store.write(move |writer| {
                writer.queue_mail("aomori", &mail(number), 0)?;
                match number % 3 {
                    0 => Ok(()),
                    1 => Err(Error::Defect("asked to fail")),
                    _ => panic!("asked to panic"),
                }
            });
            (number, wrote.await.is_ok())
        })
    });
    for write in writes.collect::<Vec<_>>() {
        let (number, kept) = write.await.unwrap();
        assert_eq!(kept, number % 3 == 0, "{number}");
    }
    let due = store.read(|reader| reader.due_mails(0, 100)).await.unwrap();
    assert_eq!(due.len(), 30);
    assert!(
        due.iter()
            .all(|mail| mail.mail.message_id.split('@').next().unwrap().parse::<u32>().unwrap() % 3 == 0)
    );
}

#[tokio::test]
async fn another_process_can_write_beside_the_server_and_both_survive() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.db");
    let store = Store::open(&path).unwrap();
    store.write(|writer| writer.queue_mail("aomori", &mail(1), 0)).await.unwrap();
    Exclusive::open(&path).unwrap().write(|writer| writer.queue_mail("aomori", &mail(2), 0)).unwrap();
    store.write(|writer| writer.queue_mail("aomori", &mail(3), 0)).await.unwrap();
    store.close();
    assert!(matches!(store.read(|reader| reader.due_mails(0, 9)).await, Err(Error::Busy)));
    let again = Store::open(&path).unwrap();
    assert_eq!(again.read(|reader| reader.due_mails(0, 9)).await.unwrap().len(), 3);
}

#[cfg(unix)]
#[test]
fn a_database_that_others_could_read_is_private_once_it_is_opened() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.db");
    let open_to_all = || {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    };
    drop(Exclusive::open(&path).unwrap());
    open_to_all();
    let _held = Store::open(&path).unwrap();
    for file in ["t.db", "t.db-wal", "t.db-shm"] {
        let mode = std::fs::metadata(folder.path().join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[tokio::test]
async fn a_long_read_that_nobody_waits_for_any_more_is_not_done() {
    let server = TestServer::start();
    let (open, opened) = mpsc::channel::<()>();
    let (opened, read) = (Arc::new(Mutex::new(opened)), Arc::new(AtomicUsize::new(0)));
    let scan = || {
        let (app, opened, read) = (Arc::clone(&server.app), Arc::clone(&opened), Arc::clone(&read));
        tokio::spawn(async move {
            app.store
                .scan(move |_| {
                    read.fetch_add(1, Ordering::SeqCst);
                    // Until the sender is dropped.
                    assert!(opened.lock().unwrap().recv().is_err());
                    Ok(())
                })
                .await
        })
    };
    // More than can run at once, and then those whose askers leave.
    let first: Vec<_> = (0..8).map(|_| scan()).collect();
    tokio::task::yield_now().await;
    let gone: Vec<_> = (0..20).map(|_| scan()).collect();
    tokio::task::yield_now().await;
    for asker in gone {
        asker.abort();
        assert!(asker.await.unwrap_err().is_cancelled());
    }
    drop(open);
    for asker in first {
        asker.await.unwrap().unwrap();
    }
    scan().await.unwrap().unwrap();
    assert_eq!(read.load(Ordering::SeqCst), 9);
}
