//! What people meet while everything around them fails. `cargo xtask soak` does the same for as long as one likes.

use anyhow::Result;
use touroku_tests::soak;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn for_two_minutes_everything_fails_in_turn_and_nothing_is_lost() -> Result<()> {
    let folder = tempfile::tempdir()?;
    assert!(soak::run(folder.path(), 2, 200).await?);
    Ok(())
}
