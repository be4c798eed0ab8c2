//! A server whose connections for long reads have something to do.

use std::sync::Arc;

use touroku_server::error::Error;

use super::client::TestServer;

/// Both connections for long reads have something to do.
pub struct Busy {
    go_on: std::sync::mpsc::Sender<()>,
    scans: Vec<tokio::task::JoinHandle<Result<bool, Error>>>,
}

impl Busy {
    pub async fn scanning(server: &TestServer) -> Self {
        let (go_on, wait) = std::sync::mpsc::channel::<()>();
        let wait = Arc::new(std::sync::Mutex::new(wait));
        let scan = |_| {
            let (store, wait) = (Arc::clone(&server.app.store), Arc::clone(&wait));
            tokio::spawn(async move { store.scan(move |_| Ok(wait.lock().unwrap().recv().is_ok())).await })
        };
        let scans = (0..8).map(scan).collect();
        tokio::task::yield_now().await;
        Self { go_on, scans }
    }

    pub async fn go_on(self) {
        for _ in &self.scans {
            self.go_on.send(()).unwrap();
        }
        for scan in self.scans {
            assert!(scan.await.unwrap().unwrap());
        }
    }
}
