//! Mail: invitations and forgotten passwords, by SMTP or, for trying and for tests, as files in a folder.

use lettre::message::{Mailbox, header::ContentType};
use lettre::{Address, AsyncFileTransport, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

use crate::config::ConfigError;
use crate::error::{ApiError, ApiResult};

/// How mail leaves.
enum Way {
    Off,
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(AsyncFileTransport<Tokio1Executor>),
}

/// Sends letters.
pub struct Mailer {
    way: Way,
    from: Mailbox,
}

/// A letter in plain text.
pub struct Letter {
    /// Address of who gets it.
    pub to: String,
    /// Their name.
    pub name: String,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub body: String,
}

impl Mailer {
    /// Mail by `url`, `smtp://…`, `smtps://…` or `file:///FOLDER`, from the address `from`; without a url there is none.
    pub fn new(url: Option<&str>, from: Option<&str>) -> Result<Self, ConfigError> {
        let wrong = |name: &str, why: String| ConfigError::new(name, why);
        let from = from.unwrap_or("Tyrian <tyrian@localhost>").parse().map_err(|e| wrong("mail_from", format!("{e}")))?;
        let way = match url {
            None => Way::Off,
            Some(url) if url.starts_with("file://") => Way::Folder(AsyncFileTransport::new(url.trim_start_matches("file://"))),
            Some(url) if url.starts_with("smtp://") || url.starts_with("smtps://") => {
                Way::Smtp(AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|e| wrong("smtp_url", e.to_string()))?.build())
            }
            Some(_) => return Err(wrong("smtp_url", "starts with none of smtp://, smtps:// and file://".into())),
        };
        Ok(Self { way, from })
    }

    /// Is there a way for mail to leave?
    pub fn is_on(&self) -> bool {
        !matches!(self.way, Way::Off)
    }

    /// Sends a letter; without a way it goes nowhere.
    pub async fn send(&self, letter: Letter) -> ApiResult<()> {
        let to: Address = letter.to.parse().map_err(ApiError::internal)?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(Some(letter.name), to))
            .subject(letter.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.body)
            .map_err(ApiError::internal)?;
        match &self.way {
            Way::Off => {}
            Way::Smtp(server) => drop(server.send(message).await.map_err(ApiError::internal)?),
            Way::Folder(folder) => drop(folder.send(message).await.map_err(ApiError::internal)?),
        }
        Ok(())
    }
}
