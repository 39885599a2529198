//! Where "now" comes from: an argument everywhere, read from a clock only at the edges.
//! The real clock lives in the binary; the manual one serves virtual time.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

/// A source of the current instant.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> DateTime<Utc>;

    /// Time passed since some fixed moment, which nobody can set: by it a jump of [`Self::now`] is noticed.
    fn steady(&self) -> Duration;

    /// Whether other clocks should agree with it, the database server's for one. Virtual time agrees with none.
    fn is_shared(&self) -> bool {
        true
    }
}

/// A clock that stands still until it is set: for replaying logs, opening a demonstration and tests.
#[derive(Debug)]
pub struct ManualClock(Mutex<DateTime<Utc>>);

impl ManualClock {
    /// A clock standing at `at`.
    pub fn at(at: DateTime<Utc>) -> Self {
        Self(Mutex::new(at))
    }

    /// Moves it, forward or back.
    pub fn set(&self, at: DateTime<Utc>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Virtual time passes as it is set.
    fn steady(&self) -> Duration {
        (self.now() - DateTime::UNIX_EPOCH).to_std().unwrap_or_default()
    }

    fn is_shared(&self) -> bool {
        false
    }
}
