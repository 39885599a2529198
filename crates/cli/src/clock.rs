//! The real world: the clock and the source of randomness. The only file that may read either.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use chrono::{DateTime, SubsecRound, Utc};
use peshi_service::{Clock, Entropy};
use rand::TryRng;

/// The machine's clock, to the microsecond, as every database keeps it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the real time enters"
    )]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where the real time enters"
    )]
    fn steady(&self) -> Duration {
        static BEGUN: OnceLock<Instant> = OnceLock::new();
        BEGUN.get_or_init(Instant::now).elapsed()
    }
}

/// The operating system's random source.
pub(crate) fn entropy() -> Entropy {
    Box::new(|bytes: &mut [u8]| {
        rand::rngs::SysRng
            .try_fill_bytes(bytes)
            .expect("the operating system has a random source, or nothing here is safe");
    })
}
