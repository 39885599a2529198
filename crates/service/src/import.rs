//! Steps of an import: numbered, each with its commands in one transaction, so that an interrupted run goes on where it
//! stopped and a finished one changes nothing.

use chrono::{DateTime, Utc};
use peshi_casework::Rejection;

use crate::Service;
use crate::error::ServiceError;
use crate::writing::{Outcome, Request, Submission};

impl Service {
    /// How many steps of the run named `run` have been applied.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn steps_applied(&self, run: &str) -> Result<i64, ServiceError> {
        Ok(self.store.counter(run).await?)
    }

    /// Applies step `step` (from 1) of `run`; none if it was applied before.
    ///
    /// # Errors
    /// When the whole step fails; nothing of it happened then.
    pub async fn submit_step(
        &self,
        run: &str,
        step: i64,
        group: &[Submission],
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<Result<Outcome, Rejection>>>, ServiceError> {
        let request = Request {
            step: Some((run.to_owned(), step)),
            ..Request::of(group.to_vec(), now)
        };
        self.writer.write(request).await
    }
}
