//! What can go wrong in the vault, each with what to do about it. Knows no secret: an error never
//! carries key bytes, clear text or a password.

use std::io;
use std::path::PathBuf;

/// Everything the vault can refuse or fail at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// A key file is already where one was to be created.
    #[error(
        "a key file already exists at {}; it was left untouched, because data sealed with it can be read with no other key. \
         To use it, start without creating a key; to start afresh, choose another data folder",
        path.display()
    )]
    KeyFileExists {
        /// Where the key was to be written.
        path: PathBuf,
    },
    /// No key file where one was expected.
    #[error(
        "no key file at {}. Without it the sealed data cannot be read by anybody. \
         Restore it from the safe copy made at installation (chmod 600), then start again",
        path.display()
    )]
    KeyFileMissing {
        /// Where the key was looked for.
        path: PathBuf,
    },
    /// Other users of the machine may read or write the key file.
    #[error(
        "the key file {} is open to other users of this machine (mode {mode:03o}). \
         Close it with `chmod 600 {}`, and if others may have read it, treat the key as known to them",
        path.display(),
        path.display()
    )]
    KeyFileExposed {
        /// The key file.
        path: PathBuf,
        /// Its permission bits, as `chmod` writes them.
        mode: u32,
    },
    /// The file is there, but it is not a key file.
    #[error(
        "the file {} is not a key file: it must hold one line, `peshi-key-1` and 64 hexadecimal digits. \
         Restore it from the safe copy",
        path.display()
    )]
    KeyFileMalformed {
        /// The key file.
        path: PathBuf,
    },
    /// The operating system refused to read or write the key file.
    #[error("could not {doing} the key file {}: {source}. Check the folder, its owner and the free space", path.display())]
    KeyFileIo {
        /// What was attempted: `create`, `write`, `open` or `read`.
        doing: &'static str,
        /// The key file.
        path: PathBuf,
        /// The operating system's own words.
        source: io::Error,
    },
    /// The random source handed in left the new key all zeros.
    #[error(
        "the random source gave only zeros, so no key was made. Check the system's random source (/dev/urandom)"
    )]
    NoRandomness,
    /// A line typed from paper does not fit.
    #[error(
        "line {line} of the key does not fit: a key has eight lines of eight digits or letters a to f, each with two \
         more that check it. Compare that line with the paper"
    )]
    Paper {
        /// Its number, from 1.
        line: usize,
    },
    /// A sealed value did not open.
    #[error(
        "the sealed value at {aad} does not open: it was sealed with another key, moved here from another place, or altered. \
         Check that the key file belongs to this database; if it does, restore this row from a backup"
    )]
    DoesNotOpen {
        /// The associated data the caller gave: the place, never the content.
        aad: String,
    },
    /// Hashing a password failed.
    #[error("could not hash the password: {reason}. If memory is short, free some: one hash needs 19 MiB")]
    PasswordHash {
        /// The hash function's own words.
        reason: String,
    },
}
