//! Waits for conditions, never for a fixed time.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How long anything may take before it counts as never. Generous: a loaded machine is not a failure.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How often a condition is polled that cannot notify by itself.
const INTERVAL: Duration = Duration::from_millis(25);

/// Waits until `look` finds something; names `what` if it never does.
pub async fn until<T>(what: &str, look: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    until_within(PATIENCE, what, look).await
}

/// The same for what takes long by itself.
pub async fn until_within<T>(
    patience: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> Result<Option<T>>,
) -> Result<T> {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        if Instant::now() > deadline {
            bail!("waited {} s in vain for {what}", patience.as_secs());
        }
        tokio::time::sleep(INTERVAL).await;
    }
}
