//! Documents of a case: adding one, taking a copy away, removing one. Each is an entry of the journal, in one transaction with
//! the sealed bytes; a copy is given only after its entry is kept. Knows no page and no folder.

use chrono::{DateTime, Utc};
use peshi_casework::{Actor, Case, Command, Document, DocumentCommand, Rejection};
use peshi_vault::CaseKey;
use peshi_vault::chain::{Hash, payload_sha256};
use uuid::Uuid;

use crate::Service;
use crate::access::{Action, Viewer};
use crate::error::ServiceError;
use crate::journal_view::who;
use crate::media::{ending, media_type};
use crate::sealing::open_document;
use crate::views::DocumentView;
use crate::writing::{FileBytes, Submission};

/// The largest document, in bytes: a long scanned file, a few minutes of video from a phone.
pub const MAX_DOCUMENT: usize = 20 * 1024 * 1024;

/// A document, taken away.
#[derive(Clone, PartialEq, Eq)]
pub struct DocumentCopy {
    /// Its kind: `application/pdf`.
    pub media_type: String,
    /// What to call the file: `2026-0007-document-3.pdf`. The document's own name stays inside.
    pub file_name: String,
    /// The file.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for DocumentCopy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DocumentCopy")
            .field("file_name", &self.file_name)
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

impl Service {
    /// Adds a document; gives its number in the case.
    ///
    /// # Errors
    /// As [`Service::record`]; a file that is empty, too large or of a kind that is not taken, a name that cannot be shown
    /// ([`Rejection::Form`]); the same file a second time ([`Rejection::Known`]).
    pub async fn add_document(
        &self,
        viewer: &Viewer,
        reference: &str,
        name: &str,
        bytes: Vec<u8>,
        now: DateTime<Utc>,
    ) -> Result<u32, ServiceError> {
        let (case, role) = self.changeable(viewer, reference).await?;
        if bytes.len() > MAX_DOCUMENT {
            return Err(fault("too_large"));
        }
        let media_type = media_type(&bytes).ok_or_else(|| fault("not_a_document"))?;
        let command = Command::Document(DocumentCommand::Add {
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            size: bytes.len() as u64,
            sha256: sha256(&bytes),
        });
        let actor = Actor::Account(viewer.account);
        let submission = Submission {
            file: Some(FileBytes::new(bytes)),
            ..Submission::new(case.id, command, actor, Some(role), now)
        };
        let outcome = self.submit(&[submission], now).await?.pop();
        let outcome = outcome.ok_or(ServiceError::NotFound)??;
        let documents = outcome.decision.case().documents.len();
        Ok(u32::try_from(documents).unwrap_or(u32::MAX))
    }

    /// Takes a copy of a document away, which the journal says from then on.
    ///
    /// # Errors
    /// As [`Service::record`]; a document that is not there; [`ServiceError::Corrupt`] if its bytes are not those that were
    /// added.
    pub async fn copy_document(
        &self,
        viewer: &Viewer,
        reference: &str,
        document: u32,
        now: DateTime<Utc>,
    ) -> Result<DocumentCopy, ServiceError> {
        let (row, role) = self.changeable(viewer, reference).await?;
        let case = self.opened(&row).await?;
        let known = case.document(document).filter(|known| known.removed.is_none());
        let known = known.ok_or_else(|| Rejection::Unknown {
            what: "document",
            name: document.to_string(),
        })?;
        let key = self.case_key(row.id).await?;
        let bytes = self.read_document(row.id, document, known, &key).await;
        let bytes = bytes.map_err(|problem| ServiceError::Corrupt {
            case: row.reference.clone(),
            problem,
        })?;
        let command = Command::Document(DocumentCommand::Copy { document });
        self.submit_as(viewer, &row, role, command, now, None, now)
            .await?;
        Ok(DocumentCopy {
            media_type: known.media_type.clone(),
            file_name: format!(
                "{}-document-{document}.{}",
                row.reference,
                ending(&known.media_type)
            ),
            bytes,
        })
    }

    /// Removes the bytes of a document for good; that it was there stays in the journal. Older backups still have it.
    ///
    /// # Errors
    /// As [`Service::record`]; [`ServiceError::Forbidden`] for a role that may not; a document that is not there; no reason.
    pub async fn remove_document(
        &self,
        viewer: &Viewer,
        reference: &str,
        document: u32,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<(), ServiceError> {
        let reserved = (Action::RemoveDocument, "remove a document");
        let reason = reason.to_owned();
        let command = Command::Document(DocumentCommand::Remove { document, reason });
        self.reserved(viewer, reference, reserved, command, now).await?;
        self.scrub_after("a document was removed").await;
        Ok(())
    }

    /// The bytes of a document, or what is wrong with them.
    pub(crate) async fn read_document(
        &self,
        case: Uuid,
        number: u32,
        document: &Document,
        key: &CaseKey,
    ) -> Result<Vec<u8>, String> {
        let stored = i32::try_from(number).map_err(|e| e.to_string())?;
        let parts = self.store.document_parts(case, stored).await;
        let parts = parts.map_err(|e| e.to_string())?;
        if parts.is_empty() {
            return Err(format!(
                "the bytes of document {number} are missing; restore them from a backup"
            ));
        }
        let bytes = open_document(case, stored, &parts, key)
            .map_err(|e| format!("document {number} cannot be opened: {e}; restore it from a backup"))?;
        if bytes.len() as u64 != document.size || sha256(&bytes) != document.sha256 {
            return Err(format!(
                "the bytes of document {number} are not those that were added: pieces of it were cut off or changed; restore \
                 it from a backup"
            ));
        }
        Ok(bytes)
    }

    /// The documents of a case, for its page.
    pub(crate) async fn document_views(&self, case: &Case) -> Result<Vec<DocumentView>, ServiceError> {
        let adders = case.documents.iter().filter_map(|d| match &d.added_by {
            Actor::Account(id) => Some(id.0),
            Actor::Machine | Actor::Importer => None,
        });
        let names = self.names_of(adders).await?;
        let view = |(number, document): (u32, &Document)| DocumentView {
            number,
            name: document.name.clone(),
            media_type: document.media_type.clone(),
            size: document.size,
            sha256: document.sha256.clone(),
            added_at: document.added_at,
            added_by: who(&document.added_by, &names),
            copies: document.copies,
            removed: document.removed.clone(),
        };
        Ok((1..).zip(&case.documents).map(view).collect())
    }
}

/// SHA-256 of a file, hexadecimal.
fn sha256(bytes: &[u8]) -> String {
    Hash(payload_sha256(bytes)).to_string()
}

fn fault(problem: &str) -> ServiceError {
    Rejection::of_field("file", problem).into()
}
