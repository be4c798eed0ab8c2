//! Authenticode: by osslsigncode where deploy.toml names a certificate, else by the command that it names.

use std::{fs, io::Write as _, path::Path};

use anyhow::{Context as _, Result};

use crate::{
    dist::{Build, deployment::FILE},
    run::{command, output},
};

/// Signs a program or package in place; does nothing where deploy.toml does not say how.
pub(crate) fn sign(build: &Build<'_>, file: &Path) -> Result<()> {
    if let Some((program, arguments)) = build.deployment.signing_command.split_first() {
        let name = file.to_str().context("our file names are UTF-8")?;
        let mut sign = command(build.root, program);
        sign.args(arguments.iter().map(|argument| argument.replace(FILE, name)));
        output(&mut sign).with_context(|| format!("{name} could not be signed"))?;
        println!("   signed {}", file.file_name().unwrap_or_default().display());
        return Ok(());
    }
    let Some(signing) = &build.deployment.signing else { return Ok(()) };
    let password = std::env::var(&signing.password_variable).with_context(|| {
        format!("the variable {} with the certificate's password is not set", signing.password_variable)
    })?;
    // Passed in an owner-only file: arguments are visible to everybody.
    let mut password_file = tempfile::NamedTempFile::new()?;
    password_file.write_all(password.as_bytes())?;
    let signed = file.with_extension("signed");
    let mut sign = command(build.root, "osslsigncode");
    sign.args(["sign", "-h", "sha256", "-n", "Touroku", "-time", &build.epoch.seconds().to_string()]);
    sign.arg("-pkcs12").arg(&signing.certificate).arg("-readpass").arg(password_file.path());
    if let Some(url) = &signing.timestamp_url {
        sign.args(["-ts", url]);
    }
    sign.arg("-in").arg(file).arg("-out").arg(&signed);
    output(&mut sign).with_context(|| format!("{} could not be signed", file.display()))?;
    fs::rename(&signed, file)?;
    println!("   signed {}", file.file_name().unwrap_or_default().display());
    Ok(())
}
