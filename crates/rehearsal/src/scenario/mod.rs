//! A pack's own stories: what happens, told by the pack's author, and what should be seen after each step.
//!
//! `yaml` is the story as written, `situation` what can be seen of a case at one moment, `compare` the difference
//! between the two; [`run`] lives the story. Only `run` knows a [`crate::Rehearsal`]: whoever makes situations of a case in
//! the house can tell the same stories there.

mod compare;
mod run;
mod situation;
mod yaml;

pub use run::{Report, Scenario, run};
pub use situation::{DeadlineSeen, MessageSeen, Situation};

use serde::Serialize;

/// One thing that is not as the story says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The file.
    pub file: String,
    /// The line of what was expected, from 1.
    pub line: u64,
    /// The step, from 1; 0 is the opening.
    pub step: usize,
    /// What the step does, in short.
    pub doing: String,
    /// What is compared: `states`, `message` …
    pub what: String,
    /// What the story says.
    pub expected: String,
    /// What is.
    pub got: String,
}
