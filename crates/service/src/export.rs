//! One case's journal as a file that anybody can check without Peshi and without a key. What the entries say stays sealed.
//! The form is described in `docs/journal-format.md`; `docs/verify_case.py` checks it.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, Utc};
use peshi_store::JournalRow;
use serde::Serialize;

use crate::Service;
use crate::access::{Action, Viewer};
use crate::error::ServiceError;
use crate::sealing::stored_hash;

/// The first line of an exported case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExportHeader {
    format: &'static str,
    /// The case's id, which every hash covers.
    pub case: String,
    /// Its reference.
    pub reference: String,
    /// Entries that follow.
    pub entries: u64,
    /// The hash of the last, hexadecimal.
    pub head: String,
    /// When it was exported.
    pub exported_at: DateTime<Utc>,
}

/// One line for each entry. Moments are microseconds since 1970.
#[derive(Serialize)]
struct Line<'a> {
    seq: i64,
    recorded_at: i64,
    occurred_at: i64,
    actor: &'a str,
    instance: &'a str,
    kind: &'a str,
    payload: String,
    prev: String,
    hash: String,
}

impl Service {
    /// Writes a case's journal, sealed as it is, as lines of JSON. That it was exported is noted in the audit.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when the case is absent or its journal not open to the viewer; when `out` fails.
    pub async fn export_case(
        &self,
        viewer: &Viewer,
        reference: &str,
        out: &mut (dyn Write + Send),
        now: DateTime<Utc>,
    ) -> Result<ExportHeader, ServiceError> {
        let row = self
            .allowed_case(viewer, reference, Action::ExportJournal)
            .await?;
        self.note_reading(viewer, "case_exported", row.id, now).await?;
        let journal = self.journal_after(row.id, 0).await?;
        let head = journal.last().map_or(&row.head, |last| &last.hash);
        let header = ExportHeader {
            format: "peshi-case-1",
            case: row.id.to_string(),
            reference: row.reference.clone(),
            entries: journal.len() as u64,
            head: stored_hash(row.id, head)?.to_string(),
            exported_at: now,
        };
        write_line(out, &header)?;
        for entry in &journal {
            write_line(out, &line(entry)?)?;
        }
        out.flush().map_err(not_written)?;
        Ok(header)
    }
}

fn line(row: &JournalRow) -> Result<Line<'_>, ServiceError> {
    Ok(Line {
        seq: row.seq,
        recorded_at: row.recorded_at.timestamp_micros(),
        occurred_at: row.occurred_at.timestamp_micros(),
        actor: &row.actor,
        instance: row.instance.as_deref().unwrap_or(""),
        kind: &row.kind,
        payload: BASE64.encode(&row.payload),
        prev: stored_hash(row.case_id, &row.prev_hash)?.to_string(),
        hash: stored_hash(row.case_id, &row.hash)?.to_string(),
    })
}

fn write_line(out: &mut (dyn Write + Send), line: &impl Serialize) -> Result<(), ServiceError> {
    let text = serde_json::to_string(line).map_err(not_written)?;
    writeln!(out, "{text}").map_err(not_written)
}

fn not_written(error: impl std::fmt::Display) -> ServiceError {
    ServiceError::invalid(format!(
        "the export cannot be written: {error}; check the folder and the free space"
    ))
}
