//! Soaks; started by `cargo xtask soak`, which builds what it needs.

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use touroku_tests::soak;

/// People work while everything around them fails.
#[derive(Parser)]
struct Arguments {
    /// How long.
    #[arg(long)]
    minutes: u32,
    /// How many.
    #[arg(long, default_value_t = 200)]
    people: usize,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let folder = tempfile::tempdir()?;
    let well = soak::run(folder.path(), arguments.minutes, arguments.people).await?;
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
