//! Keys, sealed fields, password hashes, tokens and the journal's hash chain.
//!
//! Without the key file nobody reads a sealed field; without any key at all everybody can check
//! that a journal is whole. What this crate does not know: cases, people, tables, the database,
//! the network, the time. It does no I/O but creating and reading the key file, and it has no
//! random source of its own: whoever needs fresh bytes hands in a [`Fill`].

pub mod chain;
mod cipher;
mod error;
mod frames;
mod hex;
mod key;
mod key_file;
mod paper;
pub mod password;
mod sealed;
mod token;

pub use error::VaultError;
pub use frames::{FRAME_OVERHEAD, FrameOpener, FrameSealer, SALT_BYTES};
pub use key::{CaseKey, OrganisationKey};
pub use sealed::{Sealed, WrappedKey};
pub use token::{readable_secret, token, token_hash};

/// A source of random bytes: it must overwrite the whole slice with unpredictable bytes.
///
/// The operating system's source in production, a seeded one in tests.
pub type Fill<'a> = dyn FnMut(&mut [u8]) + Send + 'a;
