//! Decides which of several servers on one database does a job.

use std::{future::Future, pin::pin, time::Duration};

use crate::{app::App, error::Error};

/// How long a lease lasts without renewal, milliseconds: a job whose server died is taken over after that.
const LIFE: i64 = 120_000;

/// How often the holder renews it.
const RENEWED_EVERY: Duration = Duration::from_secs(30);

/// A server among those sharing its database.
#[derive(Clone)]
pub struct Holder(String);

impl Holder {
    /// A new one: a restarted server is a different holder.
    pub fn fresh(app: &App) -> Self {
        Self(hex::encode(app.outside.random::<8>()))
    }

    /// Does the job unless another server is doing it. `None`: one is, or took it over meanwhile.
    pub async fn lead<T>(
        &self,
        app: &App,
        job: &'static str,
        work: impl Future<Output = T>,
    ) -> Result<Option<T>, Error> {
        if !self.take(app, job).await? {
            return Ok(None);
        }
        let mut work = pin!(work);
        loop {
            tokio::select! {
                result = &mut work => {
                    self.give_back(app, job).await?;
                    return Ok(Some(result));
                }
                () = tokio::time::sleep(RENEWED_EVERY) => {}
            }
            // A briefly busy database does not end the work; the lease is longer than that.
            if let Ok(false) = self.take(app, job).await {
                tracing::warn!(job, "another server took the job over");
                return Ok(None);
            }
        }
    }

    async fn take(&self, app: &App, job: &'static str) -> Result<bool, Error> {
        let (holder, now) = (self.0.clone(), app.outside.now());
        app.store.write(move |writer| writer.take_lease(job, &holder, now, LIFE)).await
    }

    async fn give_back(&self, app: &App, job: &'static str) -> Result<(), Error> {
        let holder = self.0.clone();
        app.store.write(move |writer| writer.end_lease(job, &holder)).await
    }

    /// Releases the leases of interrupted work.
    pub async fn end(&self, app: &App) -> Result<(), Error> {
        let holder = self.0.clone();
        app.store.write(move |writer| writer.end_leases(&holder)).await
    }
}
