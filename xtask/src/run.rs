//! Runs other programs, announcing them and naming failures.

use std::{
    ffi::OsStr,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use anyhow::{Context as _, Result, bail};

/// A command in `directory`.
pub(crate) fn command(directory: &Path, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(directory);
    command
}

/// The Cargo that runs this task.
pub(crate) fn cargo(root: &Path) -> Command {
    command(root, std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs to the end, passing output through; anything but success is an error.
pub(crate) fn run(what: &str, command: &mut Command) -> Result<()> {
    println!("── {what}");
    let started = Instant::now();
    let status = command.status().with_context(|| format!("{what}: {} did not start", program(command)))?;
    if !status.success() {
        bail!("{what}: {} ended with {status}", program(command));
    }
    // With its name: something else may have begun meanwhile.
    println!("   {:.1} s: {what}", started.elapsed().as_secs_f64());
    Ok(())
}

/// Runs two things at the same time; of two errors, returns the first one's.
pub(crate) fn both<A: Send>(
    one: impl FnOnce() -> Result<A> + Send,
    other: impl FnOnce() -> Result<()>,
) -> Result<A> {
    std::thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        let one = one.join().unwrap_or_else(|_| bail!("a task panicked"))?;
        other.map(|()| one)
    })
}

/// Runs quietly and returns standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{} did not start", program(command)))?;
    if !output.status.success() {
        bail!(
            "{} ended with {}: {}",
            program(command),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    String::from_utf8(output.stdout).with_context(|| format!("{} wrote no UTF-8", program(command)))
}

/// Whether a program of that name is on the PATH (or, given an absolute path, exists).
pub(crate) fn exists(program: &str) -> bool {
    if program.starts_with('/') {
        return Path::new(program).exists();
    }
    let Some(path) = std::env::var_os("PATH") else { return false };
    // Debian keeps daemons in /usr/sbin, which a user's PATH may lack.
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .any(|directory| directory.join(program).is_file())
}

fn program(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

pub(crate) fn is_root() -> Result<bool> {
    Ok(output(Command::new("id").arg("-u"))?.trim() == "0")
}
