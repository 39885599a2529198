//! Why a rehearsal cannot go on. What a case refuses is no error here: a refusal is an answer.

use chrono::{DateTime, Utc};
use peshi_casework::Rejection;
use thiserror::Error;

/// Why a rehearsal cannot go on.
#[derive(Debug, Error)]
pub enum RehearsalError {
    /// The case cannot even begin.
    #[error("the case cannot begin: {}", said(.0))]
    Opening(Rejection),
    /// Timers keep arming timers.
    #[error(
        "{count} timers fired within one advance and the next is due at {at}: a delayed event sends itself again and \
         again; lengthen its delay, or advance by less"
    )]
    Endless {
        /// How many.
        count: usize,
        /// Where it was stopped.
        at: DateTime<Utc>,
    },
    /// A length of time that cannot be reckoned.
    #[error("the time cannot be advanced: {0}")]
    Time(#[from] peshi_calendar::CalendarError),
    /// Time would leave what a calendar can hold.
    #[error("advancing from {from} by {by} leaves the years that can be reckoned")]
    OutOfTime {
        /// Where it was.
        from: DateTime<Utc>,
        /// How far.
        by: String,
    },
    /// A script that cannot be read.
    #[error("{place}: {problem}")]
    Script {
        /// "element 3 of the script".
        place: String,
        /// What is wrong, and the remedy.
        problem: String,
    },
    /// A scenario that cannot be read.
    #[error("{file}:{line}: {problem}")]
    Scenario {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// What is wrong, and the remedy.
        problem: String,
    },
}

/// A refusal as an author reads it: there is no published pack to correct yet.
pub(crate) fn said(rejection: &Rejection) -> String {
    match rejection {
        Rejection::Pack { problem, .. } => problem.clone(),
        other => other.to_string(),
    }
}
