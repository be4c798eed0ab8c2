//! A module's process: loads one module, answers questions about it, and ends with its input.

use std::{
    io::{Read, Write},
    path::Path,
    sync::mpsc,
    thread,
    time::Duration,
};

use cryptoki::{
    context::{CInitializeArgs, CInitializeFlags, Pkcs11},
    error::{Error as ModuleError, RvError},
};

use super::{
    modules::Modules,
    raw::Functions,
    signature,
    token::{self, Opened, Stored},
    wire::{self, Answer, Ask, Der, Fault, FaultKind},
};

/// How long a module may take to finish once the host is gone.
const GRACE: Duration = Duration::from_secs(1);

struct Module {
    module: Pkcs11,
    functions: Functions,
    prepared: Option<(Opened, Stored)>,
}

/// Serves the module in that file until the input ends, if the configuration knows it; returns the process's exit
/// status.
pub fn run(
    mut input: impl Read + Send + 'static,
    output: &mut impl Write,
    file: &Path,
    known: &Modules,
) -> u8 {
    let (sender, questions) = mpsc::channel();
    // Keeps reading while the module is working: one that hangs must not outlive the host.
    thread::spawn(move || {
        while let Ok(Some(question)) = wire::read::<Ask>(&mut input) {
            if sender.send(question).is_err() {
                break;
            }
        }
        drop(sender);
        // Not waiting for a condition: this is the end in case the module, which nobody can interrupt, does not
        // let the other thread end first.
        thread::sleep(GRACE);
        std::process::exit(0);
    });
    let mut module = if known.holds(file) {
        Module::load(file)
    } else {
        Err(Fault { kind: FaultKind::Load, detail: "not listed in the configuration".to_owned() })
    };
    for question in questions {
        let answer = match &mut module {
            Ok(module) => module.answer(question).unwrap_or_else(|fault| Answer::Failed { fault }),
            Err(fault) => Answer::Failed { fault: fault.clone() },
        };
        if wire::write(output, &answer).is_err() {
            return 1;
        }
    }
    if let Ok(Module { module, prepared, functions }) = module {
        drop((prepared, functions));
        // The host is gone; nobody could do anything about a failure.
        let _ = module.finalize();
    }
    0
}

impl Module {
    fn load(file: &Path) -> Result<Self, Fault> {
        // Whatever goes wrong until a module is ready: it can't be used as installed.
        let load = |error: &ModuleError| Fault { kind: FaultKind::Load, ..token::fault(error) };
        let module = Pkcs11::new(file).map_err(|error| load(&error))?;
        match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
            Ok(()) => {}
            // For modules without locks of their own. We call it from one thread only.
            Err(ModuleError::Pkcs11(RvError::CantLock, _)) => {
                let plain = CInitializeArgs::new(CInitializeFlags::empty());
                module.initialize(plain).map_err(|error| load(&error))?;
            }
            Err(error) => return Err(load(&error)),
        }
        let functions = Functions::load(file)
            .ok_or_else(|| Fault { kind: FaultKind::Load, detail: "no C_GetFunctionList".to_owned() })?;
        Ok(Self { module, functions, prepared: None })
    }

    fn answer(&mut self, question: Ask) -> Result<Answer, Fault> {
        match question {
            Ask::Tokens => {
                let tokens = token::all(&self.module)?.into_iter().map(|opened| opened.token).collect();
                Ok(Answer::Tokens { description: self.description(), tokens })
            }
            Ask::Wait => match self.module.wait_for_slot_event() {
                Ok(_) => Ok(Answer::Changed),
                // Not supported; or "no event" at once, although asked to wait for one; or a failure because PC/SC
                // is off. Whether the module is of any use shows in its tokens, which are requested next.
                Err(_) => Ok(Answer::CannotWait),
            },
            Ask::Prepare { certificate } => {
                let prepared = token::with_certificate(&self.module, &certificate)?;
                let (token, certificate) = (prepared.0.token.clone(), Der(prepared.1.der.clone()));
                self.prepared = Some(prepared);
                Ok(Answer::Ready { token, certificate })
            }
            Ask::Sign { pin, key, message } => {
                // Taken, so that no PIN can be tried twice on one preparation.
                let prepared = self.prepared.take();
                let prepared = prepared.ok_or_else(|| Fault {
                    kind: FaultKind::Failed,
                    detail: "asked to sign without preparation".to_owned(),
                })?;
                let signed = signature::sign(&self.module, &self.functions, &prepared, pin, key, &message);
                Ok(Answer::Signature { signature: signed? })
            }
        }
    }

    fn description(&self) -> String {
        let info = self.module.get_library_info();
        info.map_or_else(
            |_| String::new(),
            |info| {
                let version = info.library_version();
                format!("{} {}.{}", info.library_description(), version.major(), version.minor())
            },
        )
    }
}
