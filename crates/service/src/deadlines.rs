//! Use cases on the running deadlines of a case: see them with their reasons, stop, resume, set, meet, excuse.

use chrono::{DateTime, Utc};
use peshi_casework::{Command, DeadlineAct, EffectId};

use crate::Service;
use crate::access::{Action, Viewer};
use crate::case_view::date_view;
use crate::error::ServiceError;
use crate::views::DateView;

/// Something done to a deadline, as an edge brings it.
#[derive(Debug, Clone)]
pub struct ChangeDeadline {
    /// The deadline's id within the case.
    pub deadline: String,
    /// What is done.
    pub act: DeadlineAct,
    /// When it happened; none means now.
    pub occurred_at: Option<DateTime<Utc>>,
    /// The version the person saw.
    pub expected_version: Option<i64>,
}

impl Service {
    /// Changes a running deadline of a case.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] if the case is not open to the viewer; the rejection with its reason.
    pub async fn change_deadline(
        &self,
        viewer: &Viewer,
        reference: &str,
        change: ChangeDeadline,
        now: DateTime<Utc>,
    ) -> Result<i64, ServiceError> {
        let (case, role) = self.changeable(viewer, reference).await?;
        let command = Command::Deadline {
            deadline: EffectId::named(change.deadline),
            act: change.act,
        };
        let occurred_at = change.occurred_at.unwrap_or(now);
        let seen = change.expected_version;
        let outcome = self
            .submit_as(viewer, &case, role, command, occurred_at, seen, now)
            .await?;
        Ok(outcome.version)
    }

    /// Every deadline of a case, running or ended, the next first, with why each date is what it is.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] if the case is not open to the viewer.
    pub async fn deadlines(
        &self,
        viewer: &Viewer,
        reference: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<DateView>, ServiceError> {
        let row = self.allowed_case(viewer, reference, Action::ReadCase).await?;
        self.note_reading(viewer, "case_read", row.id, now).await?;
        let case = self.opened(&row).await?;
        let pack = self.core.pinned(&case).await?;
        let calendar = self.library.calendar_in(&pack, case.province())?;
        let words = self.library.words(&case.pack.name, &case.pack.hash);
        let mut dates: Vec<DateView> = case
            .deadlines
            .iter()
            .map(|known| date_view(&pack, &words, &case, known, &calendar, now))
            .collect();
        dates.sort_by(|a, b| (a.ended, a.due_at, &a.key).cmp(&(b.ended, b.due_at, &b.key)));
        Ok(dates)
    }
}
