//! Replays event logs onto packs, on virtual time.
//!
//! A log is read whole, put in time order and applied instant by instant: first the timers that were due by then, then
//! the log's own events, so that the pack's deadlines fire on the way as they would have. The time of recording is the
//! log's. Steps are numbered in the same transaction that applies them: a second run changes nothing, an interrupted one
//! goes on. This crate changes cases only by submitting commands to the service.

mod error;
mod fit;
mod mapping;
mod report;
mod run;
mod table;
mod tally;

pub use error::ImportError;
pub use mapping::{Event, Mapping, Opening};
pub use report::{Observed, Refused, Report};
pub use run::{Import, Progress};
