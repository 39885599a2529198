//! Messages to a mail server over SMTP, with pooled connections.
//!
//! One attempt a call; the server's answer decides between "again later" and "never". A fault of our own set-up (password,
//! certificate, unreachable host) is always "again later": no message may die of a wrong setting.

use std::time::Duration;

use async_trait::async_trait;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls as WireTls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error as SmtpError, response::Response};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::ExposeSecret;

use crate::config::{SmtpConfig, Tls};
use crate::envelope::{Envelope, Sender};
use crate::error::DeliveryError;
use crate::transport::{Outcome, Transport, log};

/// A mail server.
#[derive(Debug)]
pub struct SmtpTransport {
    pool: AsyncSmtpTransport<Tokio1Executor>,
    sender: Sender,
    timeout: Duration,
    description: String,
}

impl SmtpTransport {
    /// Prepares the connection pool; the first message opens the first connection. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`DeliveryError::Tls`] for a host name or certificate store that cannot serve TLS; [`DeliveryError::Missing`] for a
    /// user name without a password.
    pub fn connect(config: &SmtpConfig, sender: Sender) -> Result<Self, DeliveryError> {
        let timeout = Duration::from_secs(config.timeout_seconds.max(1));
        let parameters = || {
            TlsParameters::new(config.host.clone()).map_err(|e| DeliveryError::Tls {
                host: config.host.clone(),
                reason: e.to_string(),
            })
        };
        let tls = match config.tls {
            Tls::None => WireTls::None,
            // "Required": without STARTTLS neither password nor message leaves.
            Tls::StartTls => WireTls::Required(parameters()?),
            Tls::Tls => WireTls::Wrapper(parameters()?),
        };
        let port = config.port();
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(config.host.as_str())
            .port(port)
            .tls(tls)
            .timeout(Some(timeout))
            // Not the machine's own name, which may say more than the sender's domain.
            .hello_name(ClientId::Domain(sender.domain().to_owned()));
        if let Some(user) = &config.username {
            let password = config.password.as_ref().ok_or(DeliveryError::Missing {
                kind: "smtp",
                setting: "password",
            })?;
            builder = builder.credentials(Credentials::new(
                user.clone(),
                password.expose_secret().to_owned(),
            ));
        }
        let description = format!("SMTP to {}:{port} ({})", config.host, config.tls.name());
        Ok(SmtpTransport {
            pool: builder.build(),
            sender,
            timeout,
            description,
        })
    }

    async fn attempt(&self, envelope: &Envelope, message: Message) -> Outcome {
        // Connecting has its own limit in the pool; this one also ends a server that stops answering in mid-dialogue.
        let limit = self.timeout.saturating_mul(2);
        match tokio::time::timeout(limit, self.pool.send(message)).await {
            Err(_) => Outcome::Transient {
                reason: format!(
                    "{} did not answer within {} s: check the server and the network",
                    self.description,
                    limit.as_secs()
                ),
            },
            Ok(Ok(response)) => Outcome::Accepted {
                detail: scrub(&words(&response), envelope),
            },
            Ok(Err(error)) => self.judge(&error, envelope),
        }
    }

    fn judge(&self, error: &SmtpError, envelope: &Envelope) -> Outcome {
        let text = scrub(&error.to_string(), envelope);
        match verdict(error.status().map(|code| code.to_string()).as_deref()) {
            Verdict::Refused => Outcome::Permanent {
                reason: format!("the mail server refused the message ({text}): check the address"),
            },
            Verdict::Later => Outcome::Transient {
                reason: format!("the mail server asks to try later ({text})"),
            },
            Verdict::Login => Outcome::Transient {
                reason: format!(
                    "the mail server refused the login ({text}): check `username` and `password`"
                ),
            },
            Verdict::Trouble if error.is_tls() => Outcome::Transient {
                reason: format!(
                    "no safe connection: {} ({text}): check `tls`, `host` and the certificate",
                    self.description
                ),
            },
            Verdict::Trouble => Outcome::Transient {
                reason: format!(
                    "{} cannot be used ({text}): check host, port, `tls` and the network",
                    self.description
                ),
            },
        }
    }
}

#[async_trait]
impl Transport for SmtpTransport {
    async fn send(&self, envelope: &Envelope) -> Outcome {
        let outcome = match self.sender.compose(envelope) {
            Err(reason) => Outcome::Permanent { reason },
            Ok(message) => self.attempt(envelope, message).await,
        };
        log(&self.sender.message_id(envelope), envelope, &outcome);
        outcome
    }

    fn describe(&self) -> String {
        self.description.clone()
    }
}

/// What a reply code means for a retry.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Refused,
    Later,
    Login,
    Trouble,
}

/// RFC 5321 4.2.1: 4yz is transient, 5yz is permanent. RFC 4954's login refusals speak of our settings, not of the message.
fn verdict(code: Option<&str>) -> Verdict {
    match code {
        Some("530" | "534" | "535" | "538" | "454") => Verdict::Login,
        Some(code) if code.starts_with('5') => Verdict::Refused,
        Some(code) if code.starts_with('4') => Verdict::Later,
        _ => Verdict::Trouble,
    }
}

fn words(response: &Response) -> String {
    let first: String = response
        .first_line()
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect();
    format!("{} {first}", response.code())
}

/// Servers like to repeat the recipient's address; it is masked before the words are kept.
fn scrub(text: &str, envelope: &Envelope) -> String {
    let address = envelope.to.as_str();
    let lower = text.to_ascii_lowercase();
    let needle = address.to_ascii_lowercase();
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    // ASCII lower-casing keeps byte positions, so places in `lower` are places in `text`.
    while let Some(at) = lower[from..].find(&needle) {
        out.push_str(&text[from..from + at]);
        out.push_str(&envelope.to.masked());
        from += at + needle.len();
    }
    out.push_str(&text[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::tests::{sample, sender};

    #[test]
    fn reply_codes() {
        for (code, expected) in [
            (Some("550"), Verdict::Refused),
            (Some("552"), Verdict::Refused),
            (Some("451"), Verdict::Later),
            (Some("421"), Verdict::Later),
            (Some("535"), Verdict::Login),
            (Some("530"), Verdict::Login),
            (None, Verdict::Trouble),
        ] {
            assert_eq!(verdict(code), expected, "{code:?}");
        }
    }

    #[test]
    fn the_recipient_is_masked_in_the_servers_words() {
        assert_eq!(
            scrub("550 <Anyone@Example.org> unknown, anyone@example.org!", &sample()),
            "550 <a***@e…> unknown, a***@e…!"
        );
        assert_eq!(scrub("نہیں", &sample()), "نہیں");
    }

    #[tokio::test]
    async fn a_user_without_a_password_is_a_fault_of_the_set_up() {
        let config = SmtpConfig {
            username: Some("office".to_owned()),
            ..SmtpConfig::new("mail.example.org")
        };
        let error = SmtpTransport::connect(&config, sender()).unwrap_err();
        assert!(error.to_string().contains("`password`"), "{error}");
    }
}
