//! Why the caseload could not be opened.

use chrono::{DateTime, Utc};
use peshi_scheduler::SchedulerError;
use peshi_service::ServiceError;
use thiserror::Error;

/// Why the caseload could not be opened.
#[derive(Debug, Error)]
pub enum DemoError {
    /// A story asked for something the pack does not allow: the story is wrong.
    #[error("{reference}: `{what}` on {at} was not possible")]
    Story {
        /// The case.
        reference: String,
        /// What was asked.
        what: String,
        /// When.
        at: DateTime<Utc>,
        /// Why not.
        source: ServiceError,
    },
    /// A use case.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The scheduler.
    #[error(transparent)]
    Scheduler(#[from] SchedulerError),
}
