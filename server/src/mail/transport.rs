//! Where mails go: a mail server, or files.

use std::path::{Path, PathBuf};

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor, transport::smtp::authentication::Credentials,
};

use super::message;
use crate::{error::Error, store::OutboxMail};

/// The way out.
pub enum Transport {
    /// One `.eml` file a mail, for trials and for systems that collect files.
    Folder(PathBuf),
    /// A mail server.
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
}

impl Transport {
    /// Files in this folder, which is made if need be.
    pub fn folder(path: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(path).map_err(Error::file(path))?;
        Ok(Self::Folder(path.to_owned()))
    }

    /// A mail server: `smtp://host:port` (`?tls=required` for STARTTLS) or `smtps://host`.
    pub fn smtp(url: &str, credentials: Option<(String, String)>) -> Result<Self, Error> {
        let setting = |message: String| Error::Setting { name: "mail.smtp", message };
        if !url.starts_with("smtp://") && !url.starts_with("smtps://") {
            return Err(setting("smtp://ホスト:ポート または smtps://ホスト の形で書きます".to_owned()));
        }
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            // The error may repeat the URL, and with it a password.
            .map_err(|_| setting("アドレスとして読めません".to_owned()))?;
        if let Some((user, password)) = credentials {
            builder = builder.credentials(Credentials::new(user, password));
        }
        Ok(Self::Smtp(builder.build()))
    }

    /// Hands a mail over.
    ///
    /// # Errors
    /// [`Error::MailRefused`]: for good. [`Error::MailDeferred`]: worth another attempt.
    pub(super) async fn deliver(&self, queued: &OutboxMail) -> Result<(), Error> {
        let message = message::build(queued)?;
        match self {
            Self::Folder(folder) => {
                // The number makes a repetition after a crash overwrite, not double.
                let path = folder.join(format!("{:08}.eml", queued.id));
                let part = folder.join(format!("{:08}.part", queued.id));
                let written = async {
                    tokio::fs::write(&part, message.formatted()).await?;
                    tokio::fs::rename(&part, &path).await
                };
                written.await.map_err(|error| Error::MailDeferred(error.to_string()))
            }
            Self::Smtp(server) => match server.send(message).await {
                Ok(_) => Ok(()),
                Err(error) => {
                    // The server's own words may hold the recipient's address; its code does not.
                    let status =
                        error.status().map_or_else(|| "no answer".to_owned(), |code| code.to_string());
                    Err(if error.is_permanent() {
                        Error::MailRefused(status)
                    } else {
                        Error::MailDeferred(status)
                    })
                }
            },
        }
    }
}
