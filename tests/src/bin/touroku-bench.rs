//! Measures; started by `cargo xtask bench`, which builds for release.

use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;
use touroku_tests::bench::{Figure, card, import, load, officer_import, page, search, workbook};

/// Each figure beside its limit.
#[derive(Parser)]
struct Arguments {
    /// The project's folder.
    #[arg(long)]
    workspace: PathBuf,
    /// Bytes of the contractor's first page, brotli, and how many it may have.
    #[arg(long, num_args = 2)]
    first_page: Vec<u64>,
    /// Bytes that an officer's first visit transfers, brotli, and how many it may have.
    #[arg(long, num_args = 2)]
    officer_page: Vec<u64>,
    /// The folder of the pages that ours are compared with.
    #[arg(long)]
    bare: PathBuf,
    /// `page`, `host`, `import`, `server` or `officer`; empty: all.
    #[arg(long, default_value = "")]
    only: String,
    /// An empty PostgreSQL, and one with a synchronous standby, for the server's figures.
    #[arg(long, requires = "replicated")]
    postgres: Option<String>,
    #[arg(long)]
    replicated: Option<String>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    // On the project's disk: a temporary folder may be in memory, where commits cost nothing.
    let folder = tempfile::tempdir_in(arguments.workspace.join("target"))?;
    let wanted = |part: &str| part.contains(arguments.only.as_str());
    println!("{:<52} {:>14}   {:<44} {:>6}   aim", "figure", "ours", "limit", "ratio");
    if wanted("page") {
        let weight = |name, page: &[u64]| {
            if let [bytes, most] = *page {
                Figure::count(name, bytes, most, "bytes", "≤ 1").print();
            }
        };
        weight("contractor's first page, brotli", &arguments.first_page);
        weight("officer's first page, brotli", &arguments.officer_page);
        let site = arguments.workspace.join("target/site");
        page::measure(folder.path(), &site, &arguments.bare).await?.iter().for_each(Figure::print);
    }
    if wanted("host") {
        card::measure(folder.path())?.iter().for_each(Figure::print);
    }
    if wanted("import") {
        import::measure(folder.path()).await?.iter().for_each(Figure::print);
        workbook::measure(folder.path())?.iter().for_each(Figure::print);
        officer_import::measure(folder.path()).await?.iter().for_each(Figure::print);
    }
    if wanted("server") {
        let others = arguments.postgres.as_deref().zip(arguments.replicated.as_deref());
        load::measure(folder.path(), others).await?.iter().for_each(Figure::print);
    }
    if wanted("officer") {
        search::measure(folder.path()).await?.iter().for_each(Figure::print);
    }
    Ok(())
}
