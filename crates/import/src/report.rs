//! What an import did, for people and programs.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use peshi_casework::Rejection;
use serde::Serialize;

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// Rows of the log.
    pub rows: usize,
    /// Rows that an earlier run of the same file had applied.
    pub rows_known: usize,
    /// Cases opened.
    pub cases_opened: usize,
    /// Cases of the log that were here before, from another file; all their rows are refused.
    pub cases_known: usize,
    /// Events accepted, openings among them.
    pub accepted: usize,
    /// Rows refused, with the reason.
    pub refused: Vec<Refused>,
    /// How many for each reason.
    pub refused_by_reason: BTreeMap<String, usize>,
    /// Activities the map does not know, with their number.
    pub unknown_activities: BTreeMap<String, usize>,
    /// What the machine did itself.
    pub observed: Observed,
    /// Timers that fired.
    pub timers_fired: usize,
    /// The cases of this run by their final states.
    pub final_states: BTreeMap<String, usize>,
}

/// A row that was refused.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Refused {
    /// Its line in the file.
    pub line: u64,
    /// The log's key of the case.
    pub case: String,
    /// What the log says happened.
    pub activity: String,
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// Why it was refused; the same words for the same kind.
    pub reason: String,
    /// More, where there is more.
    pub detail: String,
}

/// The machine's own acts against the log's.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Observed {
    /// Rows applied by this run that tell of an act of the machine.
    pub expected: usize,
    /// The machine did it in that case on that date.
    pub matched: usize,
    /// Rows without a counterpart: line, case and date.
    pub unmatched: Vec<String>,
    /// Acts of the machine that the log does not tell: case and date.
    pub unexpected: Vec<String>,
}

impl Report {
    pub(crate) fn refuse(&mut self, refused: Refused) {
        *self.refused_by_reason.entry(refused.reason.clone()).or_default() += 1;
        self.refused.push(refused);
    }
}

/// The kind of a rejection, in the same words each time, and what is particular to it.
pub(crate) fn reason(rejection: &Rejection, activity: &str) -> (String, String) {
    let detail = rejection.to_string();
    let kind = match rejection {
        Rejection::NotNow { .. } => format!("{activity}: not possible in the state the case is in"),
        Rejection::Guarded { condition, .. } => {
            format!("{activity}: the condition `{condition}` does not hold")
        }
        Rejection::Form(_) => format!("{activity}: the form has faults"),
        Rejection::AlreadyOpen => "the case is open already".to_owned(),
        Rejection::Unknown { what: "case", .. } => "the case was never opened".to_owned(),
        Rejection::Ended(_) => format!("{activity}: the case has ended"),
        other => format!("{activity}: {other}"),
    };
    (kind, detail)
}
