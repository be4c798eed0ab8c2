//! Release builds whose bytes do not depend on where they are built.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};

use super::{Build, Programs};
use crate::{
    reproducible,
    run::{cargo, command, output, run},
    site::{self, target_directory},
};

/// Linux on this kind of machine.
pub(crate) const LINUX: &str = "x86_64-unknown-linux-gnu";
/// Windows 10 and later.
pub(crate) const WINDOWS: &str = "x86_64-pc-windows-gnu";

/// Our programs and their targets; the page is one of them.
pub(crate) const PRODUCTS: [(&str, &str); 4] = [
    ("touroku-host", LINUX),
    ("touroku-host", WINDOWS),
    ("touroku-server", LINUX),
    ("touroku-web", "wasm32-unknown-unknown"),
];

/// The contents of the server's package, which includes the page.
pub(crate) const SERVER: [(&str, &str); 2] = [PRODUCTS[2], PRODUCTS[3]];

/// The newest glibc that a program may require: Ubuntu 22.04's. Debian 12 has 2.36.
const NEWEST_GLIBC: (u32, u32) = (2, 35);

/// Builds a program and returns its path.
pub(crate) fn build(build: &Build<'_>, package: &str, target: &str) -> Result<PathBuf> {
    let Build { root, epoch, ref programs, .. } = *build;
    let extension = if target == WINDOWS { ".exe" } else { "" };
    match programs {
        Programs::Release => {}
        Programs::Debug => return build_for_debugging(root, package, target),
        Programs::Given(folder) => return Ok(folder.join(format!("{package}{extension}"))),
    }
    let mut build = cargo(root);
    build.args(["build", "--quiet", "--locked", "--release", "--package", package, "--bin", package]);
    build.args(["--target", target]).env("SOURCE_DATE_EPOCH", epoch.seconds().to_string());
    let mut flags = reproducible::rust_flags(root)?;
    if target == WINDOWS {
        // No time in the header, and MinGW's libraries inside: one file is the whole program. No symbols: rustc
        // makes import libraries in a randomly named folder, which dlltool makes part of their symbol names.
        flags.extend(
            [
                "-Clink-arg=-Wl,--no-insert-timestamp",
                "-Clink-arg=-Wl,--strip-all",
                "-Ctarget-feature=+crt-static",
            ]
            .map(str::to_owned),
        );
    }
    build.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
    build.env("CFLAGS", reproducible::c_flags(root)?.join(" "));
    run(&format!("{package} for {target}"), &mut build)?;
    let program = target_directory(root).join(target).join("release").join(format!("{package}{extension}"));
    reproducible::check(root, &fs::read(&program)?)
        .with_context(|| format!("{} would differ elsewhere", program.display()))?;
    Ok(program)
}

/// Builds the pages and returns their folder.
pub(crate) fn site(build: &Build<'_>) -> Result<PathBuf> {
    if let Programs::Given(folder) = &build.programs {
        return Ok(folder.join("site"));
    }
    site::build(build.root)?;
    Ok(build.root.join("target/site"))
}

/// Builds like `cargo build`, reusing what it may have built already.
fn build_for_debugging(root: &Path, package: &str, target: &str) -> Result<PathBuf> {
    let mut build = cargo(root);
    build.args(["build", "--quiet", "--package", package, "--bin", package]);
    let mut folder = target_directory(root);
    let mut file = package.to_owned();
    if target == WINDOWS {
        build.args(["--target", target]);
        folder.push(target);
        file.push_str(".exe");
    }
    run(&format!("{package} for {target}, to try out"), &mut build)?;
    Ok(folder.join("debug").join(file))
}

/// The glibc version that a program needs, in Debian's notation; an error if older systems lack it.
pub(crate) fn glibc(root: &Path, program: &Path) -> Result<String> {
    let symbols = output(command(root, "objdump").arg("-T").arg(program))?;
    let needed = old_enough(&symbols).with_context(|| program.display().to_string())?;
    println!("   needs glibc {needed}");
    Ok(needed)
}

fn old_enough(symbols: &str) -> Result<String> {
    let (major, minor) = newest_glibc(symbols).context("the program uses no glibc")?;
    if (major, minor) > NEWEST_GLIBC {
        bail!("it needs glibc {major}.{minor}; Ubuntu 22.04 has {}.{}", NEWEST_GLIBC.0, NEWEST_GLIBC.1);
    }
    Ok(format!("{major}.{minor}"))
}

fn newest_glibc(symbols: &str) -> Option<(u32, u32)> {
    let versions = symbols.split("GLIBC_").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(rest.len());
        let mut numbers = rest[..end].split('.').map(str::parse);
        Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
    });
    versions.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let symbols =
            "0000 DF *UND* 0000 (GLIBC_2.9) a\n0000 DF *UND* 0000 (GLIBC_2.34) b\n0000 (GLIBC_2.2.5) c";
        assert_eq!(newest_glibc(symbols), Some((2, 34)));
        assert_eq!(newest_glibc("nothing"), None);
    }

    #[test]
    fn a_program_that_ubuntu_22_04_cannot_start_is_refused() {
        assert_eq!(old_enough("(GLIBC_2.35) a (GLIBC_2.4) b").unwrap(), "2.35");
        assert!(old_enough("(GLIBC_2.4) a (GLIBC_2.36) b").is_err());
        assert!(old_enough("").is_err());
    }
}
