//! The Windows package and program under Wine: as an administrator rolls them out, updates and repairs them, and
//! with a PIN prompt that answers by itself. What only a real Windows can show is not tested here: its browsers,
//! its smart card service, its own prompt.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use touroku_tests::harness::{
    programs,
    rollout::{Deployment, files, run},
};

/// Rust's name of Windows.
const TARGET: &str = "x86_64-pc-windows-gnu";

/// Wine 8 lacks this library, from which Rust's standard library takes random numbers; Windows 10 has it.
const RANDOM_SOURCE: &str = "#include <windows.h>\n\
    BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);\n\
    __declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size) { return SystemFunction036(data, (ULONG)size); }\n";

/// Answers by itself; Wine's own is a stub.
const PROMPT_SOURCE: &str = include_str!("windows/credui.c");

/// Where browsers look up the host, in Wine's notation: the 32-bit view, then the 64-bit one.
const CHROME: [&str; 2] = [
    r"HKLM\Software\Wow6432Node\Google\Chrome\NativeMessagingHosts\jp.touroku.host",
    r"HKLM\Software\Google\Chrome\NativeMessagingHosts\jp.touroku.host",
];

#[test]
fn the_package_is_installed_mended_upgraded_and_removed_and_leaves_the_administrators_file_alone()
-> Result<()> {
    let folder = tempfile::tempdir()?;
    let deployment = Deployment::new(folder.path())?;
    deployment.add_program(&built()?)?;
    let wine = Wine::new(folder.path())?;
    let first = package(&deployment, 0)?;
    wine.msiexec(&["/i"], &first, &["EDGE=0", "CHROMEPOLICY=1"])?;
    let registry = wine.registry()?;
    for expected in [
        r"[Software\\Policies\\Google\\Chrome\\ExtensionInstallForcelist]",
        // 青森市, as Wine writes it.
        r"\x9752\x68ee\x5e02",
    ] {
        ensure!(registry.contains(expected), "{expected} is not in the registry");
    }
    ensure!(!registry.contains(r"Edge\\NativeMessagingHosts"), "Edge was to be left out");
    let manifest = r"C:\Program Files\Touroku\jp.touroku.host.json";
    for key in CHROME {
        ensure!(wine.value(key)?.as_deref() == Some(manifest), "{key}");
    }
    ensure!(!wine.installed("host.toml").exists() && wine.installed("host.d/test.toml").exists());
    answers(&wine)?;

    // A key left by an older product, and a per-user one that points nowhere.
    wine.set(CHROME[0], r"C:\Old\jp.touroku.host.json")?;
    wine.set(
        r"HKCU\Software\Google\Chrome\NativeMessagingHosts\jp.touroku.host",
        r"C:\Gone\jp.touroku.host.json",
    )?;
    ensure!(chrome_codes(&wine.doctor(&[])?) == ["manifest_missing"]);
    let mended = wine.doctor(&["--repair"])?;
    ensure!(chrome_codes(&mended).is_empty(), "{mended:#}");
    ensure!(chrome_codes(&wine.doctor(&["--repair"])?).is_empty());

    let added = "c".repeat(32);
    let own = format!("# Ours, not installed\r\nallowed_extensions = [\"{added}\"]\r\n");
    fs::write(wine.installed("host.toml"), &own)?;
    wine.set(CHROME[0], r"C:\Old\jp.touroku.host.json")?;
    wine.set(CHROME[1], r"C:\Old\jp.touroku.host.json")?;
    let second = package(&deployment, 1)?;
    wine.msiexec(&["/i"], &second, &[])?;
    ensure!(
        fs::read_to_string(wine.installed("host.toml"))? == own,
        "the upgrade touched the administrator's file"
    );
    for key in CHROME {
        ensure!(wine.value(key)?.as_deref() == Some(manifest), "{key} after the upgrade");
    }
    answers(&wine)?;
    ensure!(wine.registered()?.contains(&added), "the upgrade forgot what the administrator allowed");

    wine.msiexec(&["/x"], &second, &[])?;
    let left: Vec<PathBuf> = files(&wine.installed(""))?;
    ensure!(left == [wine.installed("host.toml")], "{left:?}");
    let registry = wine.registry()?;
    ensure!(
        !registry.contains("jp.touroku.host") && !registry.contains("Software\\\\Touroku"),
        "the registry holds something of ours"
    );
    fs::remove_dir_all(wine.installed(""))?;
    wine.msiexec(&["/i"], &second, &[])?;
    wine.msiexec(&["/x"], &second, &[])?;
    ensure!(!wine.installed("").exists(), "without a file of the administrator's nothing is left");
    Ok(())
}

/// The installed program responds as a browser expects, and the doctor finds nothing wrong for Chrome.
fn answers(wine: &Wine) -> Result<()> {
    let doctor = wine.doctor(&[])?;
    let chrome = &doctor["browsers"][0];
    ensure!(
        chrome["browser"] == "chrome" && chrome["host"]["version"] == env!("CARGO_PKG_VERSION"),
        "{doctor:#}"
    );
    ensure!(chrome_codes(&doctor).is_empty(), "{doctor:#}");
    Ok(())
}

#[test]
fn agencies_packages_share_one_program_the_newest_which_goes_with_the_last() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let wine = Wine::new(folder.path())?;
    let (old, new) = (built()?, folder.path().join("touroku-host.exe"));
    fs::write(&new, newer(&fs::read(&old)?)?)?;
    let agencies = ["aomori", "kagoshima", "shimonoseki", "yamaguchi", "x2"]
        .into_iter()
        .enumerate()
        .map(|(number, name)| {
            Agency::new(&folder.path().join(name), name, if number == 1 { &new } else { &old })
        })
        .collect::<Result<Vec<_>>>()?;
    let is_newer =
        || -> Result<bool> { Ok(fs::read(wine.installed("touroku-host.exe"))? == fs::read(&new)?) };

    for (come, go) in [([0, 1], [0, 1]), ([0, 1], [1, 0]), ([1, 0], [0, 1]), ([1, 0], [1, 0])] {
        let mut there: Vec<&Agency> = Vec::new();
        for at in come {
            wine.msiexec(&["/i"], &agencies[at].package, &[])?;
            there.push(&agencies[at]);
            wine.ensure_there(&there)?;
        }
        ensure!(is_newer()?, "{come:?}: the older program replaced the newer one");
        for at in go {
            wine.msiexec(&["/x"], &agencies[at].package, &[])?;
            there.retain(|agency| agency.name != agencies[at].name);
            wine.ensure_there(&there)?;
        }
        wine.ensure_nothing_left()?;
    }

    // Five, with an upgrade in between, removing the one with the newer program first.
    let mut there: Vec<&Agency> = Vec::new();
    for agency in &agencies {
        wine.msiexec(&["/i"], &agency.package, &[])?;
        there.push(agency);
    }
    wine.ensure_there(&there)?;
    agencies[2].deployment.dist(1, &["extension", "host-windows"])?;
    let upgraded = agencies[2].deployment.msi("")?;
    wine.msiexec(&["/i"], &upgraded, &[])?;
    wine.ensure_there(&there)?;
    ensure!(is_newer()?, "an upgrade with an older program replaced the newer one");
    for at in [1, 4, 0, 2, 3] {
        let package = if at == 2 { &upgraded } else { &agencies[at].package };
        wine.msiexec(&["/x"], package, &[])?;
        there.retain(|agency| agency.name != agencies[at].name);
        wine.ensure_there(&there)?;
    }
    wine.ensure_nothing_left()
}

/// An agency and its package.
struct Agency {
    name: &'static str,
    id: String,
    deployment: Deployment,
    package: PathBuf,
}

impl Agency {
    fn new(folder: &Path, name: &'static str, program: &Path) -> Result<Self> {
        let deployment = Deployment::named(name, folder)?;
        deployment.add_program(program)?;
        deployment.dist(0, &["extension", "host-windows"])?;
        // An upgrade is built in the same place.
        let package = folder.join("first.msi");
        fs::copy(deployment.msi("")?, &package)?;
        Ok(Self { name, id: deployment.extension_id()?, deployment, package })
    }
}

/// The same program in a later version, by its resources.
fn newer(program: &[u8]) -> Result<Vec<u8>> {
    let signature = [0xbd, 0x04, 0xef, 0xfe, 0, 0, 1, 0];
    let at = program.windows(signature.len()).position(|window| window == signature);
    let at = at.context("the program has no version")? + signature.len();
    let mut newer = program.to_vec();
    // The first of the four numbers.
    newer[at + 2] = 9;
    Ok(newer)
}

fn chrome_codes(doctor: &Value) -> Vec<&str> {
    let findings = doctor["findings"].as_array().into_iter().flatten();
    let own = findings.filter(|finding| finding["browser"] == "chrome");
    own.filter_map(|finding| finding["code"].as_str()).collect()
}

#[test]
fn a_person_without_rights_installs_and_uninstalls_for_themselves_and_leaves_nothing() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let wine = Wine::new(folder.path())?;
    fs::create_dir_all(wine.installed(""))?;
    fs::copy(built()?, wine.installed("touroku-host.exe"))?;
    let id = "abcdefghijklmnopabcdefghijklmnop";
    let key = r"HKCU\Software\Microsoft\Edge\NativeMessagingHosts\jp.touroku.host";
    for again in [false, true] {
        let said = wine.host(&["install", "--user", "--extension-id", id], &[0])?;
        ensure!(said.contains("変更なし"), "{again}: {said}");
        let manifest = wine.value(key)?.context("Edge is registered")?;
        ensure!(manifest.ends_with(r"\AppData\Local\Touroku\jp.touroku.host.json"), "{manifest}");
    }
    ensure!(!wine.registry()?.contains("jp.touroku.host"), "everybody's registry was written");
    let said = wine.host(&["uninstall", "--user"], &[0])?;
    ensure!(said.contains("取り消しました"), "{said}");
    ensure!(wine.value(key)?.is_none());
    let said = wine.host(&["uninstall", "--user"], &[0])?;
    ensure!(!said.contains("取り消しました"), "{said}");
    ensure!(
        !wine.installed("jp.touroku.host.json").exists() && !wine.registry()?.contains("jp.touroku.host")
    );
    Ok(())
}

#[test]
fn the_hosts_unit_tests_pass_and_the_prompt_for_the_pin_comes_and_goes() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let wine = Wine::new(folder.path())?;
    let system = wine.prefix.join("drive_c/windows/system32");
    fs::remove_file(system.join("credui.dll"))?;
    // Windows without a screen, where there is none: otherwise no window can be created.
    let arguments = ["reg", "add", r"HKCU\Software\Wine\Drivers", "/v", "Graphics", "/d", "null", "/f"];
    wine.run(&arguments.map(OsStr::new), &[0])?;
    compile(&folder.path().join("credui.c"), PROMPT_SOURCE, &system.join("credui.dll"))?;
    run(cargo()
        .args(["test", "--quiet", "--package", "touroku-host", "--lib", "--target", TARGET])
        .args(["--", "--include-ignored"])
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", WINE)
        .env("WINEPREFIX", &wine.prefix)
        .env("WINEDEBUG", "-all")
        .env("WINEDLLOVERRIDES", "credui=n")
        .env_remove("DISPLAY"))
}

/// Debian's place.
const WINE: &str = "/usr/lib/wine/wine64";

/// A separate Windows.
struct Wine {
    folder: PathBuf,
    prefix: PathBuf,
}

impl Wine {
    fn new(folder: &Path) -> Result<Self> {
        let wine = Self { folder: folder.to_owned(), prefix: folder.join("wine") };
        wine.start()?;
        wine.run(&["wineboot".as_ref(), "--init".as_ref()], &[0])?;
        let library = wine.prefix.join("drive_c/windows/system32/bcryptprimitives.dll");
        compile(&wine.folder.join("random.c"), RANDOM_SOURCE, &library)?;
        Ok(wine)
    }

    /// Starts the server, which keeps running: otherwise each program boots Windows itself, in three seconds.
    fn start(&self) -> Result<()> {
        fs::create_dir_all(&self.prefix)?;
        let started =
            self.server().arg("--persistent").stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        ensure!(started.success(), "wineserver: {started}");
        Ok(())
    }

    fn server(&self) -> Command {
        let mut server = Command::new("/usr/lib/wine/wineserver");
        server.env("WINEPREFIX", &self.prefix).env("WINEDEBUG", "-all").env_remove("DISPLAY");
        server
    }

    /// A program's output; its exit status must be one of these. On a loaded machine Wine sometimes fails to start a
    /// program at all; then it is started again.
    fn run(&self, arguments: &[&OsStr], statuses: &[i32]) -> Result<String> {
        for _ in 0..2 {
            match self.run_once(arguments, statuses) {
                Err(error) if error.to_string().contains("Application could not be started") => {}
                ran => return ran,
            }
        }
        self.run_once(arguments, statuses)
    }

    fn run_once(&self, arguments: &[&OsStr], statuses: &[i32]) -> Result<String> {
        let mut wine = Command::new(WINE);
        wine.env("WINEPREFIX", &self.prefix).env("WINEDEBUG", "-all").env_remove("DISPLAY").args(arguments);
        // No pipe: Windows' services inherit it and outlive the program.
        let (output, errors) = (self.folder.join("stdout"), self.folder.join("stderr"));
        wine.stdout(fs::File::create(&output)?).stderr(fs::File::create(&errors)?);
        let status = wine.status().context("wine did not start")?.code();
        let said = String::from_utf8_lossy(&fs::read(output)?).into_owned();
        ensure!(
            status.is_some_and(|status| statuses.contains(&status)),
            "{wine:?}: {status:?}\n{said}\n{}",
            String::from_utf8_lossy(&fs::read(errors)?)
        );
        Ok(said)
    }

    fn msiexec(&self, what: &[&str], msi: &Path, properties: &[&str]) -> Result<()> {
        let mut arguments: Vec<&OsStr> = vec!["msiexec".as_ref()];
        arguments.extend(what.iter().map(OsStr::new));
        arguments.extend([msi.as_os_str(), "/qn".as_ref()]);
        arguments.extend(properties.iter().map(OsStr::new));
        self.run(&arguments, &[0]).map(drop)
    }

    /// A file of the installed program.
    fn installed(&self, name: &str) -> PathBuf {
        let folder = self.prefix.join("drive_c/Program Files/Touroku");
        if name.is_empty() { folder } else { folder.join(name) }
    }

    fn host(&self, arguments: &[&str], statuses: &[i32]) -> Result<String> {
        let program = self.installed("touroku-host.exe");
        let arguments = arguments.iter().map(OsStr::new);
        let all: Vec<&OsStr> = std::iter::once(program.as_os_str()).chain(arguments).collect();
        self.run(&all, statuses)
    }

    /// The report. Without a smart card service something is always wrong.
    fn doctor(&self, arguments: &[&str]) -> Result<Value> {
        Ok(serde_json::from_str(&self.host(&[&["doctor", "--json"], arguments].concat(), &[1])?)?)
    }

    /// The extensions that may call.
    fn registered(&self) -> Result<Vec<String>> {
        let manifest: Value = serde_json::from_slice(&fs::read(self.installed("jp.touroku.host.json"))?)?;
        let origins = manifest["allowed_origins"].as_array().context("a list")?;
        Ok(origins.iter().filter_map(|origin| Some(origin.as_str()?.split('/').nth(2)?.to_owned())).collect())
    }

    /// Asserts that program, registration and drop-ins are what these agencies need.
    fn ensure_there(&self, there: &[&Agency]) -> Result<()> {
        if there.is_empty() {
            return self.ensure_nothing_left();
        }
        let mut there: Vec<&&Agency> = there.iter().collect();
        there.sort_by_key(|agency| agency.name);
        let names: Vec<_> = there.iter().map(|agency| agency.name).collect();
        let ids: Vec<_> = there.iter().map(|agency| agency.id.clone()).collect();
        ensure!(self.registered()? == ids, "{names:?}: {:?}", self.registered()?);
        for key in CHROME {
            ensure!(self.value(key)?.is_some(), "{names:?}: {key}");
        }
        let doctor = self.doctor(&[])?;
        let brought = doctor["drop_ins"].as_array().into_iter().flatten();
        let brought: Vec<_> = brought.filter_map(|one| one["name"].as_str()).collect();
        ensure!(brought == names && chrome_codes(&doctor).is_empty(), "{doctor:#}");
        Ok(())
    }

    fn ensure_nothing_left(&self) -> Result<()> {
        ensure!(!self.installed("").exists(), "{:?}", files(&self.installed(""))?);
        for key in CHROME {
            ensure!(self.value(key)?.is_none(), "{key}");
        }
        for key in [r"HKLM\Software\Touroku", r"HKLM\Software\Wow6432Node\Touroku"] {
            let said = self.run(&["reg", "query", key].map(OsStr::new), &[0, 1])?;
            ensure!(!said.contains("Touroku"), "the registry holds something of ours: {said}");
        }
        Ok(())
    }

    /// The default value of a key.
    fn value(&self, key: &str) -> Result<Option<String>> {
        let said = self.run(&["reg".as_ref(), "query".as_ref(), key.as_ref(), "/ve".as_ref()], &[0, 1])?;
        Ok(said.split_once("REG_SZ").map(|(_, value)| value.trim().to_owned()))
    }

    fn set(&self, key: &str, value: &str) -> Result<()> {
        let arguments = ["reg", "add", key, "/ve", "/d", value, "/f"].map(OsStr::new);
        self.run(&arguments, &[0]).map(drop)
    }

    /// The machine registry, which the server writes when it ends.
    fn registry(&self) -> Result<String> {
        run(self.server().arg("--kill"))?;
        run(self.server().arg("--wait"))?;
        let registry = fs::read_to_string(self.prefix.join("system.reg"))?;
        self.start()?;
        Ok(registry)
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        let _ = self.server().arg("--kill").status();
    }
}

/// The host for Windows, built.
fn built() -> Result<PathBuf> {
    let target = programs::target_directory()?;
    run(cargo()
        .args(["build", "--quiet", "--package", "touroku-host", "--target", TARGET, "--target-dir"])
        .arg(&target))?;
    Ok(target.join(TARGET).join("debug/touroku-host.exe"))
}

/// Makes the MSI of a release.
fn package(deployment: &Deployment, release: u16) -> Result<PathBuf> {
    deployment.dist(release, &["host-windows"])?;
    deployment.msi("")
}

fn compile(source: &Path, text: &str, library: &Path) -> Result<()> {
    fs::write(source, text)?;
    run(Command::new("x86_64-w64-mingw32-gcc")
        .args(["-shared", "-o"])
        .args([library, source])
        .args(["-ladvapi32", "-lole32"]))
}

fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(programs::workspace());
    cargo
}
