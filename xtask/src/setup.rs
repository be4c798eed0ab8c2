//! What a fresh machine lacks, announced and then installed.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

use crate::{
    dist::WINDOWS,
    run::{cargo, command, exists, is_root, output, run},
};

const WASM: &str = "wasm32-unknown-unknown";

/// Something that must be on the machine.
pub(crate) struct Need {
    /// Present when this program is on the PATH, this absolute path exists, or (with `pc:`) pkg-config knows it.
    found_by: &'static str,
    /// Debian package.
    package: &'static str,
    /// Why, for the person watching the installation.
    why: &'static str,
}

/// What to install, and how much.
pub(crate) struct Needs {
    debian: &'static [&'static [Need]],
    components: &'static [&'static str],
    targets: &'static [&'static str],
}

const MINGW: Need = Need {
    found_by: "x86_64-w64-mingw32-gcc",
    package: "gcc-mingw-w64-x86-64",
    why: "links the host for Windows",
};

const COMPILE: &[Need] = &[
    Need { found_by: "cc", package: "build-essential", why: "links Rust programs and builds SQLite" },
    Need { found_by: "pkg-config", package: "pkg-config", why: "finds the C libraries below" },
    Need { found_by: "pc:libpcsclite", package: "libpcsclite-dev", why: "PC/SC, for the host" },
    Need { found_by: "pc:openssl", package: "libssl-dev", why: "certificate paths, for the server" },
    Need { found_by: "node", package: "nodejs", why: "type check and tests of the extension" },
    Need {
        found_by: "npm",
        package: "npm",
        why: "wasm-opt, esbuild, TypeScript, axe-core, openid-client, holidays",
    },
];

const JOURNEYS: &[Need] = &[
    Need { found_by: "pcscd", package: "pcscd", why: "PC/SC service" },
    Need {
        found_by: "/etc/reader.conf.d/vpcd",
        package: "vsmartcard-vpcd",
        why: "virtual card readers, for the demo and the tests",
    },
    Need {
        found_by: "pkcs15-tool",
        package: "opensc",
        why: "an independent card reader program, for the tests",
    },
    Need {
        found_by: "softhsm2-util",
        package: "softhsm2",
        why: "tokens behind a PKCS#11 module, for the tests",
    },
    Need { found_by: "chromium", package: "chromium", why: "the browser" },
    Need { found_by: "chromedriver", package: "chromium-driver", why: "drives the browser" },
    Need { found_by: "pdftotext", package: "poppler-utils", why: "reads the printed PDF" },
    Need {
        found_by: "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
        package: "fonts-noto-cjk",
        why: "Japanese in screenshots and prints",
    },
    Need {
        found_by: "/usr/sbin/apache2",
        package: "apache2-bin",
        why: "the bidding system of demo and tests; without Debian's service",
    },
    Need {
        found_by: "/usr/lib/apache2/modules/mod_auth_openidc.so",
        package: "libapache2-mod-auth-openidc",
        why: "its sign-in by OpenID Connect",
    },
    Need { found_by: "/usr/lib/postgresql", package: "postgresql", why: "the store's other engine" },
    Need { found_by: "python3", package: "python3", why: "an independent reader of the mails" },
    Need {
        found_by: "/usr/lib/python3/dist-packages/authlib",
        package: "python3-authlib",
        why: "a bidding system in Python, for the tests",
    },
    Need {
        found_by: "/usr/lib/python3/dist-packages/requests",
        package: "python3-requests",
        why: "its HTTP client",
    },
    Need { found_by: "sqlite3", package: "sqlite3", why: "the import that `bench` compares with" },
    Need {
        found_by: "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
        package: "libfaketime",
        why: "a server's clock that is wrong, for `soak`",
    },
];

const WINE: &[Need] = &[
    MINGW,
    Need { found_by: "/usr/lib/wine/wine64", package: "wine64", why: "tries the Windows package out" },
];

const FUZZING: &[Need] =
    &[Need { found_by: "xz", package: "xz-utils", why: "packs what the fuzz targets found" }];

const PACKAGING: &[Need] = &[
    Need { found_by: "git", package: "git", why: "the commit's time, for reproducible packages" },
    Need { found_by: "openssl", package: "openssl", why: "signs the extension" },
    Need { found_by: "dpkg-deb", package: "dpkg", why: "makes Debian packages" },
    Need { found_by: "objdump", package: "binutils", why: "says which glibc the programs need" },
    Need { found_by: "wixl", package: "wixl", why: "makes the MSI" },
    Need { found_by: "msiinfo", package: "msitools", why: "reads the MSI back" },
    MINGW,
    Need { found_by: "osslsigncode", package: "osslsigncode", why: "signs it" },
    Need { found_by: "systemd-analyze", package: "systemd", why: "measures how tight the server's unit is" },
];

const CONTAINERS: &[Need] = &[Need {
    found_by: "mmdebstrap",
    package: "mmdebstrap",
    why: "fetches what the container image builds on",
}];

const HIGH_AVAILABILITY: &[Need] = &[
    Need { found_by: "patroni", package: "patroni", why: "looks after PostgreSQL and its standby" },
    Need {
        found_by: "/usr/lib/python3/dist-packages/etcd",
        package: "python3-etcd",
        why: "Patroni's client of etcd",
    },
    Need { found_by: "etcd", package: "etcd-server", why: "says which of both leads" },
];

/// For `cargo xtask dist`.
pub(crate) const DIST: Needs = Needs { debian: &[COMPILE, PACKAGING], components: &[], targets: &[WASM] };

/// For `cargo xtask dist --image`.
pub(crate) const IMAGE: Needs = Needs { debian: &[CONTAINERS], components: &[], targets: &[] };

/// For `cargo xtask build`.
pub(crate) const BUILD: Needs = Needs { debian: &[COMPILE], components: &[], targets: &[WASM] };

/// For `cargo xtask demo`, `bench` and `setup`. Nothing that Debian's own Rust lacks: it comes without rustup and
/// without Windows.
pub(crate) const DEMO: Needs = Needs { debian: &[COMPILE, JOURNEYS], components: &[], targets: &[WASM] };

/// For `cargo xtask fuzz`.
pub(crate) const FUZZ: Needs = Needs { debian: &[COMPILE, FUZZING], components: &[], targets: &[] };

/// For `cargo xtask test`.
pub(crate) const TEST: Needs = Needs {
    debian: &[COMPILE, JOURNEYS, WINE],
    components: &["clippy", "rustfmt"],
    targets: &[WASM, WINDOWS],
};

/// For `cargo xtask test --ha`.
pub(crate) const HA: Needs =
    Needs { debian: &[COMPILE, JOURNEYS, HIGH_AVAILABILITY], components: &[], targets: &[] };

/// Installs what is missing: Debian packages (as root, or through sudo), Rust targets, npm tools.
pub(crate) fn ensure(root: &Path, needs: &Needs) -> Result<()> {
    debian_packages(root, needs.debian)?;
    rust_parts(root, needs)?;
    npm_tools(root)
}

fn debian_packages(root: &Path, needs: &[&[Need]]) -> Result<()> {
    let missing: Vec<&Need> = needs.iter().copied().flatten().filter(|need| !is_there(root, need)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("── not on this machine yet:");
    for need in &missing {
        println!("   {:<18} {}", need.package, need.why);
    }
    if !exists("apt-get") {
        bail!("this is no Debian system; install the equivalents of the packages above and start again");
    }
    let administrator = is_root()?;
    if !administrator && !exists("sudo") {
        let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
        bail!("neither root nor sudo; have an administrator run: apt-get install {}", packages.join(" "));
    }
    let apt = |arguments: &[&str]| {
        let mut apt = if administrator {
            command(root, "env")
        } else {
            let mut sudo = command(root, "sudo");
            sudo.arg("env");
            sudo
        };
        apt.arg("DEBIAN_FRONTEND=noninteractive").arg("apt-get").args(arguments).stdout(Stdio::null());
        apt
    };
    run("apt-get update", &mut apt(&["update", "-q"]))?;
    let mut install = apt(&["install", "-q", "-y", "--no-install-recommends"]);
    install.args(missing.iter().map(|need| need.package));
    run("apt-get install", &mut install)
}

fn is_there(root: &Path, need: &Need) -> bool {
    match need.found_by.strip_prefix("pc:") {
        Some(library) => quiet(command(root, "pkg-config").args(["--exists", library])),
        None => exists(need.found_by),
    }
}

fn quiet(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Targets and cargo extensions. Without rustup they are up to Debian or the administrator.
fn rust_parts(root: &Path, needs: &Needs) -> Result<()> {
    let system_root = output(command(root, "rustc").args(["--print", "sysroot"]))?;
    let libraries = Path::new(system_root.trim()).join("lib/rustlib");
    for target in needs.targets.iter().filter(|target| !libraries.join(target).exists()) {
        run(&format!("target {target}"), command(root, "rustup").args(["target", "add", target]))?;
    }
    for component in needs.components {
        let program = if *component == "clippy" { "cargo-clippy" } else { component };
        if !exists(program) || !quiet(command(root, program).arg("--version")) {
            run(component, command(root, "rustup").args(["component", "add", component]))?;
        }
    }
    Ok(())
}

/// What runs the fuzz targets, from the registry: neither Debian nor rustup has it.
pub(crate) fn cargo_fuzz(root: &Path) -> Result<()> {
    if exists("cargo-fuzz") {
        return Ok(());
    }
    run("cargo-fuzz", cargo(root).args(["install", "--quiet", "--locked", "cargo-fuzz"]))
}

/// wasm-opt, esbuild, TypeScript, axe-core, openid-client and a table of holidays in the versions of
/// `xtask/tools/package-lock.json`, into target/tools.
fn npm_tools(root: &Path) -> Result<()> {
    let directory = tools(root);
    let lock = root.join("xtask/tools/package-lock.json");
    let installed = directory.join("installed-lock.json");
    let wanted = fs::read(&lock).with_context(|| format!("{} cannot be read", lock.display()))?;
    if fs::read(&installed).is_ok_and(|present| present == wanted) {
        return Ok(());
    }
    fs::create_dir_all(&directory)?;
    for name in ["package.json", "package-lock.json"] {
        fs::copy(root.join("xtask/tools").join(name), directory.join(name))?;
    }
    let mut npm = command(&directory, "npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    run("npm tools", &mut npm)?;
    // Written last: an interrupted install is repeated.
    fs::write(installed, wanted)?;
    Ok(())
}

/// Where the npm tools are installed.
pub(crate) fn tools(root: &Path) -> std::path::PathBuf {
    root.join("target/tools")
}
