//! What a use case can fail with, by what the caller can do about it.

use chrono::{DateTime, Utc};
use peshi_casework::Rejection;
use peshi_store::StoreError;
use peshi_vault::VaultError;
use thiserror::Error;

use crate::backup::BackupError;

/// Why a use case did not happen.
#[derive(Debug, Error)]
pub enum ServiceError {
    /// It is not there, or the asker may not know that it is: both look the same.
    #[error("there is nothing here under that name, or it is not open to you")]
    NotFound,
    /// The case was erased.
    #[error(
        "case {reference} was erased; nothing of it can be read any more, only that its history was not changed"
    )]
    Erased {
        /// Its reference.
        reference: String,
    },
    /// The key is not the one the database is sealed with.
    #[error(
        "the key file holds the organisation key {given}, and this database is sealed with {needed}. Nothing was changed. \
         Put the key file with {needed} in its place; the safe copy or the paper has it"
    )]
    OtherKey {
        /// Fingerprint of the key that was given.
        given: String,
        /// Fingerprint of the key that is needed.
        needed: String,
    },
    /// The organisation key is being replaced.
    #[error(
        "the organisation key is being replaced, and that is not finished: run `peshi key rotate` to finish it. Nothing is \
         lost; until then no new case or account can be sealed"
    )]
    KeyRotation,
    /// The asker may not.
    #[error("your role does not allow this: {what}")]
    Forbidden {
        /// What was tried.
        what: &'static str,
    },
    /// The name and the password do not belong together.
    #[error("this name and password do not belong together")]
    WrongSignIn,
    /// Too many wrong passwords.
    #[error("too many wrong passwords; try again after {until}")]
    TooManyTries {
        /// When it may be tried again.
        until: DateTime<Utc>,
    },
    /// The case does not allow it now.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// Something given makes no sense.
    #[error("{what}")]
    Invalid {
        /// What, and how to correct it.
        what: String,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key does not open what is stored.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A backup.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// What is stored cannot be understood.
    #[error("case {case} cannot be read: {problem}; run `peshi verify {case}`, and compare with a backup")]
    Corrupt {
        /// The case's reference or id.
        case: String,
        /// Why.
        problem: String,
    },
    /// The program broke off: a fault of Peshi's own.
    #[error("Peshi broke off while working on this ({what}); nothing of it was saved. Please report this")]
    Faulty {
        /// What it said.
        what: String,
    },
}

impl ServiceError {
    /// Whether the same call may succeed in a moment without anyone's help.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Store(e) if e.is_retryable())
    }

    /// Whether the database is in trouble: then other work fails as well, and this piece is not to blame.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Store(e) if e.is_outage())
    }

    /// Whether it is not known if the change was saved: the person must look before doing it again.
    pub fn is_uncertain(&self) -> bool {
        matches!(self, Self::Store(StoreError::Uncertain { .. }))
    }

    pub(crate) fn invalid(what: impl Into<String>) -> Self {
        Self::Invalid { what: what.into() }
    }
}

impl From<crate::library::LibraryError> for ServiceError {
    fn from(error: crate::library::LibraryError) -> Self {
        Self::invalid(error.to_string())
    }
}
