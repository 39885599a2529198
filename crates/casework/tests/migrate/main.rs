//! Cases that move to another version of their pack: where states go, what becomes of every clock, and what is refused.
#![expect(clippy::unwrap_used, reason = "tests may unwrap")]

mod clocks;
mod places;
mod sample;
mod versions;
