//! Deadlines of a case: which rule applies where, what leaves time out, and what people do to a running clock.
#![expect(clippy::unwrap_used, reason = "tests may unwrap")]

mod applies;
mod clocks;
mod lives;
mod sample;
