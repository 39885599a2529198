//! What may be submitted to the one write path, and what comes back. How it is decided is in `group`, how it waits its
//! turn and is written in `writer`.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use peshi_casework::{Actor, Command, Decision, Rejection};
use peshi_store::{AuditEntry, Settlement};
use uuid::Uuid;

use crate::Service;
use crate::error::ServiceError;
use crate::trace::{self, Trace};

/// The bytes of a document on their way.
#[derive(Clone)]
pub struct FileBytes(Arc<Vec<u8>>);

impl FileBytes {
    pub(crate) fn new(bytes: Vec<u8>) -> Self {
        Self(Arc::new(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for FileBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileBytes({} bytes)", self.0.len())
    }
}

/// One command on its way, with who asks and when it happened.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The case; for an opening, the new id.
    pub case: Uuid,
    /// What is asked.
    pub command: Command,
    /// Who asks.
    pub actor: Actor,
    /// Their role in the case.
    pub role: Option<String>,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// The version they saw.
    pub expected_version: Option<i64>,
    /// For a document: the file.
    pub file: Option<FileBytes>,
    /// For an opening: the pack.
    pub pack: Option<String>,
    /// For an opening: the year whose next number makes the reference, in place of the one in the command.
    pub numbered_in: Option<i32>,
    /// For an import: the key of the row that opened it.
    pub external_key: Option<String>,
    /// The claimed job this command settles: both happen or neither.
    pub settles: Option<Settles>,
    /// The chain of events it is part of; its jobs carry it on. None: that of the running work, if that has one.
    pub trace: Option<Trace>,
}

impl Submission {
    /// A command on a case, asked by `actor` in `role`; what else there is to say is set by field.
    pub fn new(
        case: Uuid,
        command: Command,
        actor: Actor,
        role: Option<String>,
        occurred_at: DateTime<Utc>,
    ) -> Self {
        Self {
            case,
            command,
            actor,
            role,
            occurred_at,
            expected_version: None,
            file: None,
            pack: None,
            numbered_in: None,
            external_key: None,
            settles: None,
            trace: None,
        }
    }
}

/// A claimed job, and what it is settled as.
#[derive(Debug, Clone)]
pub struct Settles {
    /// The job.
    pub job: String,
    /// The attempt under which it was claimed.
    pub attempt: i32,
    /// What it becomes if the command is accepted.
    pub settlement: Settlement,
}

/// What a command led to.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The case's new version.
    pub version: i64,
    /// Its reference.
    pub reference: String,
    /// The decision, for callers that report on it.
    pub decision: Decision,
}

/// What became of one caller's commands, in order; none if its step had been applied before.
pub(crate) type Answer = Option<Vec<Result<Outcome, Rejection>>>;

/// One caller's commands: written together or not at all, answered together.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// The commands.
    pub(crate) group: Vec<Submission>,
    /// A numbered step of a run that may be applied only once.
    pub(crate) step: Option<(String, i64)>,
    /// What is to be noted in the audit trail with it.
    pub(crate) audit: Vec<AuditEntry>,
    /// When it came.
    pub(crate) now: DateTime<Utc>,
}

impl Request {
    /// The same, each command with the trace of the running work, unless it has one of its own.
    pub(crate) fn traced(mut self) -> Self {
        if let Some(trace) = trace::current() {
            for submission in &mut self.group {
                submission.trace.get_or_insert(trace);
            }
        }
        self
    }

    pub(crate) const fn of(group: Vec<Submission>, now: DateTime<Utc>) -> Self {
        Self {
            group,
            step: None,
            audit: Vec::new(),
            now,
        }
    }
}

impl Service {
    /// Submits commands as one group: in one transaction, perhaps together with what others submit at the same time.
    /// Answers after the commit has reached the disk.
    ///
    /// The commands happen even if the caller stops waiting.
    ///
    /// # Errors
    /// When the database or a stored case fails the whole group; a rejection is the answer of its own command only.
    pub async fn submit(
        &self,
        group: &[Submission],
        now: DateTime<Utc>,
    ) -> Result<Vec<Result<Outcome, Rejection>>, ServiceError> {
        let request = Request::of(group.to_vec(), now);
        Ok(self.writer.write(request).await?.unwrap_or_default())
    }

    /// Notes something in the audit trail; if this cannot be written, what it is about must not happen.
    pub(crate) async fn note(&self, entry: AuditEntry) -> Result<(), ServiceError> {
        let request = Request {
            audit: vec![entry.clone()],
            ..Request::of(Vec::new(), entry.at)
        };
        self.writer.write(request).await?;
        Ok(())
    }

    /// Waits until everything submitted is written, and takes nothing more: for an orderly end.
    pub async fn finish(&self) {
        self.writer.finish().await;
    }
}
