//! Mails written by the server, read by an independent parser: Python's `email` package.

use std::{path::Path, process::Command};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

/// A mail as a mail program would show it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Mail {
    /// From, decoded.
    pub from: String,
    /// To, decoded.
    pub to: String,
    /// Subject, decoded.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// Decodes headers and body according to RFC 2047 and RFC 2045; a defect found by the package is an error.
const READER: &str = r"
import email, email.policy, glob, json, sys
mails = []
for path in sorted(glob.glob(sys.argv[1] + '/*.eml')):
    with open(path, 'rb') as file:
        mail = email.message_from_binary_file(file, policy=email.policy.default)
    assert not mail.defects, mail.defects
    body = mail.get_body(('plain',)).get_content()
    mails.append(dict(to=mail['to'], subject=mail['subject'], body=body.replace('\r\n', '\n'), **{'from': mail['from']}))
print(json.dumps(mails))
";

/// All mails in a folder of `.eml` files, in the order of their names.
pub fn read(directory: &Path) -> Result<Vec<Mail>> {
    let output = Command::new("python3").arg("-c").arg(READER).arg(directory).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).context("the reader's own output")
}
