//! Documents of a case: what the case knows of a file. Where its bytes are kept, and what they show, it does not know.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::case::{Case, ReplayError, unknown};
use crate::fact::{Actor, Entry, Fact};

/// A document of a case. Its number is its place in the order in which documents were added, from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// As its file was called; sealed like everything else of the case.
    pub name: String,
    /// Its kind: `application/pdf`.
    pub media_type: String,
    /// In bytes.
    pub size: u64,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// When it was added.
    pub added_at: DateTime<Utc>,
    /// By whom.
    pub added_by: Actor,
    /// How many copies people have taken.
    pub copies: u32,
    /// Why it was removed, if it was: its bytes are gone, that it was there stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<String>,
}

impl Case {
    /// The document with a number, removed or not.
    pub fn document(&self, number: u32) -> Option<&Document> {
        self.documents.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    /// The documents that are there, with their numbers.
    pub fn present_documents(&self) -> impl Iterator<Item = (u32, &Document)> {
        (1..).zip(&self.documents).filter(|(_, d)| d.removed.is_none())
    }

    fn document_mut(&mut self, entry: &Entry, number: u32) -> Result<&mut Document, ReplayError> {
        let index = usize::try_from(number).ok().and_then(|n| n.checked_sub(1));
        index
            .and_then(|n| self.documents.get_mut(n))
            .ok_or_else(|| unknown(entry, &format!("document {number}")))
    }

    /// Applies what an entry says of documents.
    pub(crate) fn change_documents(&mut self, entry: &Entry) -> Result<(), ReplayError> {
        match &entry.fact {
            Fact::DocumentAdded {
                name,
                media_type,
                size,
                sha256,
            } => self.documents.push(Document {
                name: name.clone(),
                media_type: media_type.clone(),
                size: *size,
                sha256: sha256.clone(),
                added_at: entry.recorded_at,
                added_by: entry.actor.clone(),
                copies: 0,
                removed: None,
            }),
            Fact::DocumentCopied { document } => self.document_mut(entry, *document)?.copies += 1,
            Fact::DocumentRemoved { document, reason } => {
                self.document_mut(entry, *document)?.removed = Some(reason.clone());
            }
            _ => {}
        }
        Ok(())
    }
}
