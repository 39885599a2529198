//! What makes a transport or an address unusable before anything is sent.

use std::path::PathBuf;

/// Why delivery cannot be set up, or an address cannot be written to. No message shows a whole address or a password.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// Not one plain mail address.
    #[error(
        "`{masked}` is not a mail address this program can write to: give one address like name@example.org in ASCII letters"
    )]
    Address {
        /// The masked text.
        masked: String,
    },
    /// The sender in the configuration is not a mailbox.
    #[error(
        "the sender `{from}` is not a mailbox: set `from` to an address, or a neutral name and an address like `Office <office@example.org>`"
    )]
    From {
        /// The setting as given.
        from: String,
    },
    /// The domain for Message-IDs is not a domain.
    #[error("`{domain}` cannot stand in a Message-ID: set `domain` to a host name like example.org")]
    Domain {
        /// The setting as given.
        domain: String,
    },
    /// A setting the chosen transport needs is missing.
    #[error("the {kind} transport needs the setting `{setting}`: add it to the delivery configuration")]
    Missing {
        /// The transport.
        kind: &'static str,
        /// The setting.
        setting: &'static str,
    },
    /// The outbox folder cannot be made.
    #[error("the folder {dir} for outgoing messages cannot be used ({source}): create it, or correct `dir` and its permissions", dir = .dir.display())]
    Folder {
        /// The folder.
        dir: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// TLS cannot be set up for the host.
    #[error(
        "TLS to {host} cannot be set up ({reason}): check the host's name and this machine's certificate store"
    )]
    Tls {
        /// The host.
        host: String,
        /// The library's reason.
        reason: String,
    },
}
