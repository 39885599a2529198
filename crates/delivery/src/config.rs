//! The settings of delivery, and the transport they ask for.

use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;
use serde::Deserialize;

use crate::envelope::Sender;
use crate::error::DeliveryError;
use crate::file::FileTransport;
use crate::smtp::SmtpTransport;
use crate::transport::Transport;

/// Everything delivery needs to know.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeliveryConfig {
    /// Where messages go.
    #[serde(default)]
    pub kind: Kind,
    /// The sender, `name@domain` or `Neutral Name <name@domain>`. The name is read on lock screens: no organisation, no law word.
    pub from: String,
    /// Right part of Message-IDs; the sender's domain if not set.
    #[serde(default)]
    pub domain: Option<String>,
    /// The folder of the file transport.
    #[serde(default)]
    pub dir: Option<PathBuf>,
    /// The mail server of the SMTP transport.
    #[serde(default)]
    pub smtp: Option<SmtpConfig>,
}

/// The transports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Files in a folder.
    #[default]
    File,
    /// A mail server.
    Smtp,
}

/// A mail server and the way to it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpConfig {
    /// Host name, as its certificate carries it.
    pub host: String,
    /// Port; 465 for TLS, 587 for STARTTLS, 25 without encryption if not set.
    #[serde(default)]
    pub port: Option<u16>,
    /// Encryption; STARTTLS if not set.
    #[serde(default)]
    pub tls: Tls,
    /// Login name; no login if not set.
    #[serde(default)]
    pub username: Option<String>,
    /// Password. Never printed.
    #[serde(default)]
    pub password: Option<SecretString>,
    /// Seconds to wait for a connection; an attempt ends after twice as long.
    #[serde(default = "default_timeout")]
    pub timeout_seconds: u64,
}

const fn default_timeout() -> u64 {
    30
}

impl SmtpConfig {
    /// The defaults for a host: STARTTLS, no login, 30 seconds.
    #[must_use]
    pub fn new(host: &str) -> Self {
        SmtpConfig {
            host: host.to_owned(),
            port: None,
            tls: Tls::default(),
            username: None,
            password: None,
            timeout_seconds: default_timeout(),
        }
    }

    /// The port set, or the usual one for the encryption.
    pub(crate) fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            Tls::None => 25,
            Tls::StartTls => 587,
            Tls::Tls => 465,
        })
    }
}

/// Encryption of the way to the mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// None: for a server on the same machine only.
    None,
    /// Begins in the clear and must be upgraded before anything is said.
    #[default]
    StartTls,
    /// Encrypted from the first byte.
    Tls,
}

impl Tls {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Tls::None => "not encrypted",
            Tls::StartTls => "STARTTLS",
            Tls::Tls => "TLS",
        }
    }
}

/// The transport the settings ask for. For SMTP this must be called inside a tokio runtime.
///
/// # Errors
/// A setting that is missing or cannot be used, with the remedy.
pub fn from_config(config: &DeliveryConfig) -> Result<Arc<dyn Transport>, DeliveryError> {
    let sender = Sender::new(&config.from, config.domain.as_deref())?;
    match config.kind {
        Kind::File => {
            let dir = config.dir.as_ref().ok_or(DeliveryError::Missing {
                kind: "file",
                setting: "dir",
            })?;
            Ok(Arc::new(FileTransport::new(dir, sender)?))
        }
        Kind::Smtp => {
            let smtp = config.smtp.as_ref().ok_or(DeliveryError::Missing {
                kind: "smtp",
                setting: "smtp.host",
            })?;
            Ok(Arc::new(SmtpTransport::connect(smtp, sender)?))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: serde_json::Value) -> DeliveryConfig {
        serde_json::from_value(value).unwrap()
    }

    #[tokio::test]
    async fn settings_choose_the_transport() {
        let dir = tempfile::tempdir().unwrap();
        let file = read(json!({ "from": "office@example.org", "dir": dir.path() }));
        assert!(from_config(&file).unwrap().describe().starts_with("files in "));
        for (tls, expected) in [
            ("none", "SMTP to mail.example.org:25 (not encrypted)"),
            ("starttls", "SMTP to mail.example.org:587 (STARTTLS)"),
            ("tls", "SMTP to mail.example.org:465 (TLS)"),
        ] {
            let smtp = read(
                json!({ "kind": "smtp", "from": "office@example.org", "smtp": { "host": "mail.example.org", "tls": tls } }),
            );
            assert_eq!(from_config(&smtp).unwrap().describe(), expected);
        }
    }

    #[test]
    fn missing_settings_are_named() {
        for (value, expected) in [
            (json!({ "from": "office@example.org" }), "`dir`"),
            (
                json!({ "kind": "smtp", "from": "office@example.org" }),
                "`smtp.host`",
            ),
            (json!({ "from": "office", "dir": "x" }), "`office`"),
            (json!({ "from": "office@example.org", "domain": "a b" }), "`a b`"),
        ] {
            let error = from_config(&read(value)).err().unwrap().to_string();
            assert!(error.contains(expected), "{error}");
        }
        assert!(
            serde_json::from_value::<DeliveryConfig>(json!({ "from": "a@example.org", "dri": "x" })).is_err()
        );
    }

    #[test]
    fn the_password_is_not_printed() {
        let config = read(
            json!({ "kind": "smtp", "from": "a@example.org", "smtp": { "host": "h", "username": "u", "password": "open sesame" } }),
        );
        assert!(!format!("{config:?}").contains("sesame"));
    }
}
