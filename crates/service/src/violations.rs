//! The register of violations: noting, documenting, verifying, using and publishing a record, each through the gate.
//! What must be known before a record moves on is the case's own law.

use chrono::{DateTime, Utc};
use peshi_casework::violation::{Details, Status};
use peshi_casework::{Command, Fields, InstanceId, Rejection};
use peshi_store::{ListedViolation, ViolationFilter};

use crate::Service;
use crate::access::{Action, Viewer, require};
use crate::error::ServiceError;
use crate::views::{RegisterLine, RegisterView};

/// How many violations stand on one page of the register.
const LINES: u64 = 50;

/// Which violations of the register across cases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RegisterFilter {
    /// Only those with this code.
    pub code: Option<String>,
    /// Only those that have come so far.
    pub status: Option<Status>,
    /// The page, from 1.
    pub page: u64,
}

impl Service {
    /// The register across cases: what is noted where and how far it has come, nothing of what was told.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`] for anybody but a coordinator.
    pub async fn register(
        &self,
        viewer: &Viewer,
        filter: &RegisterFilter,
    ) -> Result<RegisterView, ServiceError> {
        require(
            viewer.role,
            Action::PublishViolation,
            "read the register of violations",
        )?;
        let page = filter.page.max(1);
        let wanted = ViolationFilter {
            code: filter.code.clone(),
            status: filter.status.map(|status| status.as_str().to_owned()),
            offset: (page - 1).saturating_mul(LINES),
            // One more tells whether there are others.
            limit: LINES + 1,
        };
        let mut found = self.store.violations(&wanted).await?;
        let more = found.len() as u64 > LINES;
        found.truncate(usize::try_from(LINES).unwrap_or(usize::MAX));
        let line = |listed: ListedViolation| RegisterLine {
            pack: self.library.words(&listed.pack, &listed.pack_hash),
            reference: listed.reference,
            number: listed.row.number,
            key: format!("violation-{}", listed.row.code),
            code: listed.row.code,
            status: listed.row.status,
            publishable: listed.row.publishable,
            noted_for: listed.row.noted_for,
        };
        Ok(RegisterView {
            lines: found.into_iter().map(line).collect(),
            page,
            more,
        })
    }

    /// Notes a violation by hand; gives its number in the case.
    ///
    /// # Errors
    /// As [`Service::record`]; a code the pack does not know, details with faults.
    pub async fn note_violation(
        &self,
        viewer: &Viewer,
        reference: &str,
        code: &str,
        concerns: Option<&str>,
        details: &Fields,
        now: DateTime<Utc>,
    ) -> Result<usize, ServiceError> {
        let command = Command::NoteViolation {
            code: code.to_owned(),
            concerns: concerns.map(InstanceId::named),
            details: read(details)?,
        };
        let outcome = self.simple(viewer, reference, command, now).await?;
        Ok(outcome.decision.case().violations.len())
    }

    /// Tells what happened and what proves it; what is not told stays as it was.
    ///
    /// # Errors
    /// As [`Service::record`]; details with faults, or not enough of them.
    pub async fn document_violation(
        &self,
        viewer: &Viewer,
        reference: &str,
        violation: u32,
        details: &Fields,
        now: DateTime<Utc>,
    ) -> Result<(), ServiceError> {
        let command = Command::DocumentViolation {
            violation,
            details: read(details)?,
        };
        self.simple(viewer, reference, command, now).await?;
        Ok(())
    }

    /// Says that account and proof were looked at.
    ///
    /// # Errors
    /// As [`Service::record`]; [`ServiceError::Forbidden`] for a role that may not.
    pub async fn verify_violation(
        &self,
        viewer: &Viewer,
        reference: &str,
        violation: u32,
        now: DateTime<Utc>,
    ) -> Result<(), ServiceError> {
        let reserved = (Action::VerifyViolation, "verify a violation");
        let command = Command::VerifyViolation { violation };
        self.reserved(viewer, reference, reserved, command, now).await?;
        Ok(())
    }

    /// Says which complaint rests on it.
    ///
    /// # Errors
    /// As [`Service::record`].
    pub async fn use_violation(
        &self,
        viewer: &Viewer,
        reference: &str,
        violation: u32,
        complaint: &str,
        now: DateTime<Utc>,
    ) -> Result<(), ServiceError> {
        let complaint = complaint.to_owned();
        let command = Command::UseViolation { violation, complaint };
        self.simple(viewer, reference, command, now).await?;
        Ok(())
    }

    /// Says whether it may be published, and why.
    ///
    /// # Errors
    /// As [`Service::record`]; [`ServiceError::Forbidden`] for anybody but a coordinator.
    pub async fn publish_violation(
        &self,
        viewer: &Viewer,
        reference: &str,
        violation: u32,
        publishable: bool,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<(), ServiceError> {
        let reserved = (Action::PublishViolation, "say what may be published");
        let command = Command::PublishViolation {
            violation,
            publishable,
            reason: reason.to_owned(),
        };
        self.reserved(viewer, reference, reserved, command, now).await?;
        Ok(())
    }
}

fn read(details: &Fields) -> Result<Details, ServiceError> {
    Details::read(details).map_err(|faults| ServiceError::Rejected(Rejection::Form(faults)))
}
