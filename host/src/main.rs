//! `touroku-host`: brings clock, standard streams and configuration to the library.

use std::{
    alloc::System,
    fs::File,
    io,
    path::PathBuf,
    process,
    time::{SystemTime, UNIX_EPOCH},
};

use touroku_host::{
    card::pkcs11::{modules::Modules, worker},
    cli::Invocation,
    config::{Config, ExtensionId, machine_wide_file},
    journal,
    output::Output,
    session::{self, Caller},
    system::Environment,
};
use zeroizing_alloc::ZeroAlloc;

/// Overwrites all memory on release, so that no intermediate buffer, such as a parser's, keeps a PIN.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() {
    forbid_core_dumps();
    let environment = environment();
    let status = match (Invocation::parse(std::env::args_os().skip(1).collect()), unbuffered_input()) {
        (_, Err(error)) => {
            eprintln!("標準入力を開けません: {error}");
            1
        }
        (Invocation::Browser { caller, config, window }, Ok(mut input)) => {
            if std::env::var_os(journal::SILENCE).is_none() {
                journal::begin(&environment, unix_time);
            }
            let config = config.unwrap_or_else(|| machine_wide_file(environment.program.as_deref()));
            let extension = ExtensionId::from_caller(&caller).ok();
            let caller = Caller { extension, config, environment, window };
            match session::run(&mut input, &Output::to(io::stdout()), caller, unix_time) {
                Ok(()) => 0,
                Err(error) => {
                    eprintln!("touroku-host: {error}");
                    1
                }
            }
        }
        (Invocation::Module(file, config), Ok(input)) => {
            let config = config.unwrap_or_else(|| machine_wide_file(environment.program.as_deref()));
            // An unreadable file lists nothing.
            let known = Modules::new(None, &Config::read(&config).unwrap_or_default());
            worker::run(input, &mut io::stdout(), &file, &known)
        }
        (Invocation::Person(arguments), Ok(input)) => {
            arguments.run(input, &mut io::stdout(), unix_time, &environment)
        }
    };
    // Threads that wait for a card or for PC/SC end with the process.
    process::exit(status.into());
}

/// A crash, even of a PKCS#11 module's process, must not write a PIN to disk.
#[cfg(unix)]
fn forbid_core_dumps() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    // Lowering a limit is always allowed.
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
}

/// Windows Error Reporting keeps dumps of a process only where an administrator asks for them.
#[cfg(windows)]
fn forbid_core_dumps() {}

fn environment() -> Environment {
    let folder = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    Environment {
        home: folder(if cfg!(windows) { "USERPROFILE" } else { "HOME" }),
        config_home: if cfg!(windows) {
            folder("LOCALAPPDATA")
        } else {
            folder("CHROME_CONFIG_HOME").or_else(|| folder("XDG_CONFIG_HOME"))
        },
        state_home: folder("XDG_STATE_HOME"),
        program: std::env::current_exe().ok(),
        command_prompt: folder("COMSPEC"),
        #[cfg(windows)]
        registry: Some(std::sync::Arc::new(touroku_host::registry::Windows)),
        #[cfg(not(windows))]
        registry: None,
    }
}

fn unix_time() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    // A clock before 1970 makes every certificate "not valid yet", and the text then names the clock.
    since.ok().and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or(0)
}

/// Standard input without std's buffer, in which a PIN would stay behind.
#[cfg(unix)]
fn unbuffered_input() -> io::Result<File> {
    use std::os::fd::AsFd as _;
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

/// Standard input without std's buffer, in which a PIN would stay behind.
#[cfg(windows)]
fn unbuffered_input() -> io::Result<File> {
    use std::os::windows::io::AsHandle as _;
    Ok(File::from(io::stdin().as_handle().try_clone_to_owned()?))
}
