//! Hands a finished message to a mail server or a folder.
//!
//! Never sees a case: an [`Envelope`] is words, an address and the Message-ID its caller chose. It decides nothing about
//! permission, hours or retries; it says only whether the message was accepted, may be tried again, or never will be. The
//! only crate that names lettre.

mod address;
mod config;
mod envelope;
mod error;
mod file;
mod smtp;
mod transport;

pub use address::Address;
pub use config::{DeliveryConfig, Kind, SmtpConfig, Tls, from_config};
pub use envelope::{Envelope, Sender};
pub use error::DeliveryError;
pub use file::FileTransport;
pub use smtp::SmtpTransport;
pub use transport::{Outcome, Transport};
