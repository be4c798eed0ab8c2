//! Test programs, found by cargo and run in lanes: several at once, each with a time limit, failures reported in
//! full.

use std::{
    collections::VecDeque,
    io::{Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use serde::Deserialize;

use crate::{
    lane::Lane,
    run::{cargo, is_root, output},
};

/// Anything slower hangs, even on a busy machine.
const BOUND: Duration = Duration::from_secs(20 * 60);

/// How many of the slowest are listed.
const SLOWEST: usize = 10;

/// A test program that cargo has built.
#[derive(Clone)]
pub(crate) struct Binary {
    /// Package and target: `touroku-server it`.
    name: String,
    program: PathBuf,
    /// The directory in which cargo would start it.
    directory: PathBuf,
}

/// Something to run in a lane.
pub(crate) struct Test {
    name: String,
    program: PathBuf,
    directory: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(&'static str, String)>,
    /// It ends processes that no lane sees, and needs no reader.
    outside: bool,
    /// `cargo xtask test --journey` starts it by name.
    journey: bool,
}

/// Builds the tests of these packages, and the programs they start.
pub(crate) fn build(root: &Path, what: &str, packages: &[&str]) -> Result<Vec<Binary>> {
    println!("── {what}");
    let started = Instant::now();
    let mut build = cargo(root);
    build.args(["test", "--quiet", "--no-run", "--message-format", "json-render-diagnostics"]);
    // Errors are reported on standard error.
    let messages = output(build.args(packages).stderr(Stdio::inherit()))?;
    println!("   {:.1} s: {what}", started.elapsed().as_secs_f64());
    binaries(&messages)
}

fn binaries(messages: &str) -> Result<Vec<Binary>> {
    #[derive(Deserialize)]
    struct Message {
        reason: String,
        executable: Option<PathBuf>,
        manifest_path: Option<PathBuf>,
        target: Option<Target>,
        profile: Option<Profile>,
    }
    #[derive(Deserialize)]
    struct Target {
        name: String,
    }
    #[derive(Deserialize)]
    struct Profile {
        test: bool,
    }
    let mut found = Vec::new();
    for line in messages.lines() {
        let message: Message = serde_json::from_str(line).context("cargo's message")?;
        let (Some(program), Some(manifest), Some(target)) =
            (message.executable, message.manifest_path, message.target)
        else {
            continue;
        };
        if message.reason != "compiler-artifact" || !message.profile.is_some_and(|profile| profile.test) {
            continue;
        }
        let directory = manifest.parent().context("a manifest lies in a folder")?.to_owned();
        let package = directory.file_name().unwrap_or_default().to_string_lossy();
        found.push(Binary { name: format!("{package} {}", target.name), program, directory });
    }
    Ok(found)
}

impl Binary {
    /// Whether it is the test program with that name.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name == name
    }

    /// All its tests at once.
    pub(crate) fn whole(self) -> Test {
        Test {
            name: self.name,
            program: self.program,
            directory: self.directory,
            // Test times are reported only with unstable features enabled.
            arguments: ["-Zunstable-options", "--report-time"].map(str::to_owned).to_vec(),
            environment: vec![("RUSTC_BOOTSTRAP", "1".to_owned())],
            outside: false,
            journey: false,
        }
    }

    /// All but the tests whose names begin with one of these, under another name.
    pub(crate) fn again(&self, name: &str, without: &[&str]) -> Result<Test> {
        let again = Self { name: format!("{} {name}", self.name), ..self.clone() };
        let list = output(Command::new(&self.program).args(["--list", "--format", "terse"]))?;
        let mut test = again.whole();
        // `--skip` alone looks anywhere in a name: `cli::` would leave out `officer_cli::`.
        test.arguments.push("--exact".to_owned());
        test.arguments
            .extend(left_out(&list, without).flat_map(|name| ["--skip".to_owned(), name.to_owned()]));
        Ok(test)
    }

    /// One of its tests.
    pub(crate) fn one(&self, test: &str) -> Test {
        Test {
            name: format!("{} {test}", self.name),
            program: self.program.clone(),
            directory: self.directory.clone(),
            arguments: ["--exact", "--include-ignored", test].map(str::to_owned).to_vec(),
            environment: Vec::new(),
            outside: false,
            journey: false,
        }
    }

    /// Each test whose name contains this, separately.
    pub(crate) fn journeys(&self, wanted: &str) -> Result<Vec<Test>> {
        let list = output(Command::new(&self.program).args(["--list", "--format", "terse"]))?;
        let names: Vec<&str> = names(&list).filter(|name| name.contains(wanted)).collect();
        let pictures = std::env::var_os("TOUROKU_PICTURES").map(PathBuf::from);
        let journey = |name: &&str| {
            // Several would overwrite one another's pictures.
            let folder = pictures.as_ref().filter(|_| names.len() > 1);
            let folder = folder.map(|folder| folder.join(name.replace("::", "/")).display().to_string());
            Test {
                name: (*name).to_owned(),
                program: self.program.clone(),
                directory: self.directory.clone(),
                arguments: [name, "--exact", "--nocapture"].map(str::to_owned).to_vec(),
                environment: folder.map(|folder| ("TOUROKU_PICTURES", folder)).into_iter().collect(),
                outside: false,
                journey: true,
            }
        };
        Ok(names.iter().map(journey).collect())
    }
}

impl Test {
    /// With an environment variable.
    pub(crate) fn told(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.environment.push((name, value.into()));
        self
    }

    /// Not in a lane.
    pub(crate) fn outside(mut self) -> Self {
        self.outside = true;
        self
    }

    /// A journey's is `file::test`.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    fn run(self, lane: &Lane) -> Result<Outcome> {
        let mut said = tempfile::tempfile()?;
        let mut command = match self.outside {
            true => Lane::shared().command(&self.directory, &self.program),
            false => lane.command(&self.directory, &self.program),
        };
        command.args(&self.arguments).envs(self.environment);
        command.stdin(Stdio::null()).stdout(said.try_clone()?).stderr(said.try_clone()?);
        let started = Instant::now();
        let mut child = command.spawn().with_context(|| format!("{} did not start", self.name))?;
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break Some(status);
            }
            if started.elapsed() > BOUND {
                child.kill()?;
                child.wait()?;
                break None;
            }
            thread::sleep(Duration::from_millis(20));
        };
        let took = started.elapsed();
        said.seek(SeekFrom::Start(0))?;
        let mut bytes = Vec::new();
        said.read_to_end(&mut bytes)?;
        let said = String::from_utf8_lossy(&bytes).into_owned();
        let parts = if self.journey { vec![(self.name.clone(), took)] } else { times(&said) };
        let failure = match status {
            Some(status) if status.success() => None,
            Some(status) => Some(format!("{said}\nit ended with {status}")),
            None => Some(format!("{said}\nit hung, and was ended after {} s", BOUND.as_secs())),
        };
        Ok(Outcome { name: self.name, journey: self.journey, took, parts, failure })
    }
}

/// The time of each test in a test program's output: `test a::b ... ok <0.012s>`.
fn times(said: &str) -> Vec<(String, Duration)> {
    let time = |line: &str| {
        let (name, rest) = line.strip_prefix("test ")?.split_once(" ... ")?;
        let (_, seconds) = rest.strip_suffix("s>")?.rsplit_once('<')?;
        Some((name.to_owned(), Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?))
    };
    said.lines().filter_map(time).collect()
}

/// The result of a test.
struct Outcome {
    name: String,
    journey: bool,
    took: Duration,
    /// Every test in it that reported its time.
    parts: Vec<(String, Duration)>,
    /// Its output, if it failed.
    failure: Option<String>,
}

impl Outcome {
    /// At once, in one piece.
    fn tell(&self) {
        let Self { name, took, failure, .. } = self;
        let took = took.as_secs_f64();
        match failure {
            None => println!("   {took:6.1} s  {name}"),
            Some(said) => println!("── failed after {took:.1} s: {name}\n{said}\n── end of {name}"),
        }
    }

    /// How to run it again.
    fn again(&self) -> String {
        let Self { name, journey, .. } = self;
        if *journey { format!("cargo xtask test --journey {name}") } else { name.clone() }
    }
}

/// The tests of a terse list.
fn names(list: &str) -> impl Iterator<Item = &str> {
    list.lines().filter_map(|line| line.strip_suffix(": test"))
}

/// Those whose names begin with one of these.
fn left_out<'l>(list: &'l str, without: &[&str]) -> impl Iterator<Item = &'l str> {
    names(list).filter(|name| without.iter().any(|begins| name.starts_with(begins)))
}

/// Runs the tests in order, in this many lanes; the error names the failed ones.
pub(crate) fn run(tests: Vec<Test>, lanes: usize) -> Result<()> {
    // Only root can open lanes; otherwise there is one, with the computer's own readers.
    let several = is_root()?;
    let lanes = if several { lanes.clamp(1, tests.len().max(1)) } else { 1 };
    println!("── tests: {} in lanes: {lanes}", tests.len());
    let (queue, outcomes) = (Mutex::new(VecDeque::from(tests)), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        let work = || -> Result<()> {
            let lane = if several { Lane::open()? } else { Lane::shared() };
            while let Some(test) = next(&queue) {
                let outcome = test.run(&lane)?;
                outcome.tell();
                locked(&outcomes).push(outcome);
            }
            Ok(())
        };
        let workers: Vec<_> = (0..lanes).map(|_| scope.spawn(work)).collect();
        // Wait for every lane, whatever became of the others.
        let ends: Vec<_> = workers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        ends.into_iter().try_for_each(|end| end.unwrap_or_else(|_| bail!("a lane panicked")))
    })?;
    let outcomes = outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
    tell_slowest(&outcomes);
    let failed: Vec<String> =
        outcomes.iter().filter(|outcome| outcome.failure.is_some()).map(Outcome::again).collect();
    ensure!(failed.is_empty(), "{} of {} failed:\n  {}", failed.len(), outcomes.len(), failed.join("\n  "));
    Ok(())
}

/// Taken before the test runs, so that the queue is not locked meanwhile.
fn next(queue: &Mutex<VecDeque<Test>>) -> Option<Test> {
    locked(queue).pop_front()
}

/// A lane that panicked leaves valid data behind.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn tell_slowest(outcomes: &[Outcome]) {
    let mut parts: Vec<_> = outcomes.iter().flat_map(|outcome| &outcome.parts).collect();
    parts.sort_by_key(|(_, took)| std::cmp::Reverse(*took));
    println!("── the slowest");
    for (name, took) in parts.into_iter().take(SLOWEST) {
        println!("   {:6.1} s  {name}", took.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_that_is_left_out_leaves_out_none_whose_name_ends_like_it() {
        let list = "cli::a: test\nofficer_cli::a: test\ncli::b: test\n\n3 tests, 0 benchmarks\n";
        assert_eq!(left_out(list, &["cli::", "oidc::"]).collect::<Vec<_>>(), ["cli::a", "cli::b"]);
    }

    #[test]
    fn test_programs_are_told_from_what_else_cargo_builds() {
        let messages = [
            r#"{"reason":"compiler-artifact","manifest_path":"/t/host/Cargo.toml","target":{"name":"it"},"profile":{"test":true},"executable":"/t/target/debug/deps/it-1"}"#,
            r#"{"reason":"compiler-artifact","manifest_path":"/t/host/Cargo.toml","target":{"name":"touroku-host"},"profile":{"test":false},"executable":"/t/target/debug/touroku-host"}"#,
            r#"{"reason":"compiler-artifact","manifest_path":"/t/host/Cargo.toml","target":{"name":"touroku_host"},"profile":{"test":false},"executable":null}"#,
            r#"{"reason":"build-finished","success":true}"#,
        ];
        let found = binaries(&messages.join("\n")).unwrap();
        let [binary] = &found[..] else { panic!("{} were found", found.len()) };
        assert!(binary.is("host it"));
        assert_eq!(binary.directory, Path::new("/t/host"));
    }

    #[test]
    fn the_time_of_a_test_is_read_from_what_it_says() {
        let said =
            "running 2 tests\ntest a::b ... ok <0.250s>\ntest c ... FAILED <1.000s>\ntest d ... ignored\n";
        let expected = [("a::b", 250), ("c", 1000)];
        assert_eq!(times(said), expected.map(|(name, ms)| (name.to_owned(), Duration::from_millis(ms))));
    }

    fn shell(name: &str, script: &str) -> Test {
        Test {
            name: name.to_owned(),
            program: "/bin/sh".into(),
            directory: "/".into(),
            arguments: ["-c", script].map(str::to_owned).to_vec(),
            environment: Vec::new(),
            outside: false,
            journey: true,
        }
    }

    #[test]
    fn of_a_failed_test_everything_is_kept_that_it_said_and_how_it_ended() {
        let failed = shell("a", "echo said; echo why >&2; exit 3").run(&Lane::shared()).unwrap();
        assert_eq!(failed.failure.as_deref(), Some("said\nwhy\n\nit ended with exit status: 3"));
        assert_eq!(failed.again(), "cargo xtask test --journey a");
        assert!(shell("b", "echo fine").run(&Lane::shared()).unwrap().failure.is_none());
    }
}
