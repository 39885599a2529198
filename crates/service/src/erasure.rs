//! Erasing a case: its key is destroyed, so nothing sealed with it can be read again by anybody, here or in the journal. The
//! chain stays whole, and its last entry says when the case was erased and by whom.

use chrono::{DateTime, Utc};
use peshi_casework::Actor;
use peshi_store::{AuditEntry, CaseRow, JournalRow};
use serde::Serialize;

use crate::Service;
use crate::access::{Action, Viewer};
use crate::error::ServiceError;
use crate::sealing::{row_hash, stored_hash};

/// The kind of the entry that ends the journal of an erased case.
pub(crate) const ERASED: &str = "case_erased";

/// What was erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// The case.
    pub reference: String,
    /// Entries of its journal that nobody can read any more.
    pub entries: i64,
    /// Timers and messages that will not happen.
    pub cancelled: u64,
}

/// Whether a case was erased: nothing is left of its state.
pub(crate) fn is_erased(row: &CaseRow) -> bool {
    row.state.is_empty()
}

impl Service {
    /// Erases a case for good. Whoever asks must repeat its reference; the edge asks for that.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] if the case is not open to the viewer, [`ServiceError::Forbidden`] if their role may not
    /// erase, [`ServiceError::Erased`] if it is erased already.
    pub async fn erase_case(
        &self,
        viewer: &Viewer,
        reference: &str,
        now: DateTime<Utc>,
    ) -> Result<Erased, ServiceError> {
        let seen = self.allowed_case(viewer, reference, Action::ReadCase).await?;
        crate::access::require(viewer.role, Action::EraseCase, "erase a case")?;
        // Nor may anything stay in tables that only a newer version knows.
        self.store.schema().await?;
        let mut tx = self.store.begin().await?;
        let row = tx.cases_for_update(&[seen.id]).await?.pop();
        let row = row.ok_or(ServiceError::NotFound)?;
        if is_erased(&row) {
            return Err(ServiceError::Erased {
                reference: row.reference,
            });
        }
        let last = last_entry(&row, viewer, now)?;
        let cancelled = tx.erase_case(&last, ERASED, now).await?;
        tx.audit(&[AuditEntry {
            at: now,
            actor: last.actor.clone(),
            action: ERASED.to_owned(),
            resource: format!("case:{}", row.id),
            detail: None,
        }])
        .await?;
        tx.commit().await?;
        self.scrub_after("a case was erased").await;
        Ok(Erased {
            reference: row.reference,
            entries: row.version,
            cancelled,
        })
    }

    /// Makes the database's files forget what was deleted.
    pub(crate) async fn scrub_after(&self, what: &'static str) {
        if let Err(error) = self.store.scrub().await {
            // What was deleted is deleted; only the database's files may hold old pages a little longer.
            tracing::warn!(%error, what, "the database's log was not emptied; it is at the next checkpoint");
        }
    }
}

/// An entry without a payload: what it says stands in its kind, because no key is left to seal anything with.
fn last_entry(row: &CaseRow, viewer: &Viewer, now: DateTime<Utc>) -> Result<JournalRow, ServiceError> {
    let head = stored_hash(row.id, &row.head)?;
    let mut last = JournalRow {
        case_id: row.id,
        seq: row.version + 1,
        recorded_at: now,
        occurred_at: now,
        actor: Actor::Account(viewer.account).to_string(),
        instance: None,
        kind: ERASED.to_owned(),
        payload: Vec::new(),
        prev_hash: row.head.clone(),
        hash: Vec::new(),
    };
    last.hash = row_hash(&last, head).0.to_vec();
    Ok(last)
}
