//! The real program as seen by browsers, administrators and modules: one binary, so that it is linked once.

#![allow(clippy::unwrap_used, reason = "a test may fail anywhere")]
// Computers, programs and modules are staged with Unix means.
#![cfg(unix)]

mod computer;
mod conversation;
mod doctor;
mod doctor_failures;
mod doctor_launch;
mod doctor_policy;
mod drop_ins;
mod install;
mod log;
mod native_messaging;
#[cfg(target_os = "linux")]
mod pin_memory;
mod pkcs11;
mod pkcs11_process;
mod silent_service;
mod token;
