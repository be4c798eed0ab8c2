//! `cargo xtask test`: everything that must hold before a change lands.

use std::{
    fs,
    num::NonZero,
    path::{Path, PathBuf},
    thread::available_parallelism,
    time::Instant,
};

use anyhow::{Context as _, Result, ensure};

use crate::{
    dist::WINDOWS,
    patroni::Patroni,
    postgres::{Disk, Postgres, Replicated},
    run::{both, cargo, command, is_root, run},
    setup, site,
    suite::{self, Binary, Test},
};

/// Whose unit tests there are. The programs that journeys start are built with them: the same crates with the same
/// features are not compiled again. The harness is apart, so that its crates choose no features for the programs.
const UNITS: [&str; 3] = ["--workspace", "--exclude", "touroku-tests"];

/// What others could use, whose documentation has examples that run.
const LIBRARIES: [&str; 4] = ["--package", "touroku-pki", "--package", "touroku-japanese"];

/// The harness and its journeys.
const HARNESS: [&str; 2] = ["--package", "touroku-tests"];

/// The test program of all journeys.
const JOURNEYS: &str = "tests journeys";

/// The server's integration tests. They run its statements, which a test of its library then prepares on every engine.
const SERVER: &str = "server it";
const SERVERS_LIBRARY: &str = "server touroku_server";
const PREPARES: &str =
    "store::postgres::tests::every_statement_that_sqlite_has_run_is_prepared_by_postgresql";

const STANDBY: &str =
    "two_servers::of_a_database_that_dies_the_standby_goes_on_and_nothing_is_lost_or_doubled";

/// What they need no second run on PostgreSQL for: SQLite's files, what reads or writes no database, and what repeats
/// the statements of others to try a rule, a file or a word. Those with thousands of rows would take minutes.
const WITHOUT_POSTGRES: [&str; 30] = [
    "api::",
    "attacks::",
    "attacks_edges::",
    "attacks_mail::",
    "audit_seal::",
    "backup::",
    "cli::",
    "connections::",
    "crl_fetch::",
    "guards::",
    "hours::",
    "lock_out::",
    "mail_relay::",
    "metrics::",
    "migration::",
    "ocsp::",
    "officer_audit::",
    "officer_card::",
    "officer_figures::",
    "officer_import_file::",
    "officer_import_trouble::",
    "officer_independence::",
    "officer_profile::",
    "officer_sign_in::",
    "portals::",
    "profiles::",
    "reload::",
    "routes::",
    "same_name::",
    "trust_files::",
];

/// What only root can run.
const SOAK: &str = "soak::";

/// Those that take minutes: begun last, they would end alone.
const LONG: [&str; 5] = ["windows::", "deployment::", "image::", "managed_settings::", SOAK];

/// Options of the tests.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Leave out what needs a browser and card readers.
    #[arg(long)]
    fast: bool,
    /// Only the browser journeys, and of these only the ones whose name (`file::test`) contains this.
    #[arg(long, value_name = "NAME")]
    journey: Option<String>,
    /// Only what needs Patroni and etcd: a database dies, and its standby takes over by itself.
    #[arg(long, conflicts_with_all = ["fast", "journey"])]
    ha: bool,
    /// So many tests at the same time; without it one more than there are processors.
    #[arg(long, value_name = "N")]
    lanes: Option<NonZero<usize>>,
}

/// Builds and lints everything, then runs all tests.
pub(crate) fn test(root: &Path, options: &Options) -> Result<()> {
    let started = Instant::now();
    if options.ha {
        return high_availability(root);
    }
    setup::ensure(root, &setup::TEST)?;
    // Packages are built and inspected in separate tests.
    setup::ensure(root, &setup::DIST)?;
    setup::ensure(root, &setup::IMAGE)?;
    // Until the tests have ended.
    let mut databases = None;
    let (tests, after) = match &options.journey {
        Some(name) => (only_journeys(root, name)?, None),
        None => {
            let (one, pair) =
                databases.insert((Postgres::start(Disk::Careless)?, Replicated::start(Disk::Careless)?));
            whole(root, options.fast, one, pair)?
        }
    };
    // Journeys wait for their browsers often enough for one more to run meanwhile.
    let lanes =
        options.lanes.map_or_else(|| available_parallelism().map_or(2, |n| n.get() + 1), NonZero::get);
    suite::run(tests, lanes)?;
    if let Some(after) = after {
        suite::run(vec![after], 1)?;
    }
    println!("all of it in {:.1} min", started.elapsed().as_secs_f64() / 60.0);
    Ok(())
}

/// All tests, ready to run, and one to run after them; what is no test has been looked at. The page is one program of
/// one thread's work, so it is built beside the rest.
fn whole(
    root: &Path,
    fast: bool,
    postgres: &Postgres,
    pair: &Replicated,
) -> Result<(Vec<Test>, Option<Test>)> {
    let statements = site::target_directory(root).join("statements.jsonl");
    drop(fs::remove_file(&statements));
    let statements = statements.display().to_string();
    let (binaries, journeys) = if fast {
        (checked_and_built(root)?, Vec::new())
    } else {
        let binaries = both(|| checked_and_built(root), || site::build(root)?.ensure_light())?;
        let mut journeys = journeys(&binaries, "")?;
        if !is_root()? {
            println!("── not root: left out is {SOAK}, which mounts a disk of its own");
            journeys.retain(|test| !test.name().starts_with(SOAK));
        }
        (binaries, journeys)
    };
    let (long, short): (Vec<_>, Vec<_>) =
        journeys.into_iter().partition(|test| LONG.iter().any(|part| test.name().starts_with(part)));
    let library = binaries.iter().find(|binary| binary.is(SERVERS_LIBRARY));
    let prepares =
        library.map(|library| library.one(PREPARES).told("TOUROKU_STATEMENTS_TO_PREPARE", &statements));
    let server = binaries.iter().find(|binary| binary.is(SERVER));
    let on_postgres = server.map(|server| server.again("on PostgreSQL", &WITHOUT_POSTGRES)).transpose()?;
    let on_postgres = on_postgres.map(|test| test.told("TOUROKU_TEST_POSTGRES", postgres.address()));
    let standby = server.map(|server| on_a_pair(server, &pair.address(), pair.fail_over()));
    let unit = |binary: Binary| match binary.is(SERVER) {
        true => binary.whole().told("TOUROKU_STATEMENTS", &statements),
        false => binary.whole(),
    };
    let units = binaries.into_iter().filter(is_unit_test).map(unit);
    Ok((long.into_iter().chain(on_postgres).chain(units).chain(standby).chain(short).collect(), prepares))
}

/// The same test as with a standby, but nobody promotes it by hand.
fn high_availability(root: &Path) -> Result<()> {
    setup::ensure(root, &setup::HA)?;
    let binaries = suite::build(root, "the server's tests", &["--package", "touroku-server"])?;
    let server = binaries.iter().find(|binary| binary.is(SERVER)).context("cargo has built no tests")?;
    let cluster = Patroni::start(root)?;
    let test = on_a_pair(server, &cluster.address(), &cluster.fail_over());
    suite::run(vec![test], 1)
}

/// With a database that dies, and another that takes over.
fn on_a_pair(server: &Binary, address: &str, fail_over: &Path) -> Test {
    let test = server.one(STANDBY).outside().told("TOUROKU_TEST_POSTGRES", address);
    test.told("TOUROKU_TEST_FAIL_OVER", fail_over.display().to_string())
}

fn only_journeys(root: &Path, name: &str) -> Result<Vec<Test>> {
    let build = || {
        // As for the demo: running one journey does not wait for the programs' tests.
        run("programs", cargo(root).args(["build", "--quiet", "--bins"]))?;
        suite::build(root, "journeys", &HARNESS)
    };
    let journeys = journeys(&both(build, || site::build(root).map(drop))?, name)?;
    ensure!(!journeys.is_empty(), "no journey's name contains {name}");
    Ok(journeys)
}

fn journeys(binaries: &[Binary], name: &str) -> Result<Vec<Test>> {
    let binary = binaries.iter().find(|binary| binary.is(JOURNEYS));
    binary.context("cargo has built no journeys")?.journeys(name)
}

fn is_unit_test(binary: &Binary) -> bool {
    !binary.is(JOURNEYS)
}

/// Looks at everything, cheapest first, and builds the tests.
fn checked_and_built(root: &Path) -> Result<Vec<Binary>> {
    run("format", cargo(root).args(["fmt", "--all", "--check"]))?;
    extension(root)?;
    run(
        "holidays and words",
        command(root, "node").args(["--test", "tests/holidays.test.mjs", "tests/words.test.mjs"]),
    )?;
    run(
        "lints",
        cargo(root).args(["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]),
    )?;
    run(
        "lints of the page for the browser",
        cargo(root)
            .args(["clippy", "--quiet", "--package", "touroku-web", "--target", "wasm32-unknown-unknown"])
            .args(["--", "-D", "warnings"]),
    )?;
    run(
        "lints of the host for Windows",
        cargo(root)
            .args(["clippy", "--quiet", "--package", "touroku-host", "--all-targets", "--target", WINDOWS])
            .args(["--", "-D", "warnings"]),
    )?;
    run("examples", cargo(root).args(["test", "--quiet", "--doc"]).args(LIBRARIES))?;
    let mut binaries = suite::build(root, "tests and programs", &UNITS)?;
    binaries.extend(suite::build(root, "journeys", &HARNESS)?);
    Ok(binaries)
}

/// The extension's JavaScript: types, then behaviour.
fn extension(root: &Path) -> Result<()> {
    let tsc = setup::tools(root).join("node_modules/.bin/tsc");
    let types = setup::tools(root).join("node_modules/@types");
    run(
        "types of the extension",
        command(root, tsc).args(["--project", "extension/tsconfig.json", "--typeRoots"]).arg(types),
    )?;
    // Listed by name: given a folder, some versions of Node try to load it as a module.
    let mut tests: Vec<PathBuf> = fs::read_dir(root.join("extension/test"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    tests.retain(|path| path.to_string_lossy().ends_with(".test.js"));
    tests.sort();
    run("tests of the extension", command(root, "node").arg("--test").args(tests))
}
