//! Journal heads to be kept elsewhere. A chain shows every change but one: that it was written anew from some entry on. That
//! shows only against a hash that somebody kept on paper or in a mailbox, so the weekly digest carries them.

use chrono::{DateTime, TimeDelta, Utc};
use peshi_store::{CaseFilter, CaseOrder, Page};

use crate::Service;
use crate::error::ServiceError;
use crate::sealing::stored_hash;

/// Most heads of one digest.
const HEADS: u64 = 200;
/// A case that was closed earlier stands in the digest of an earlier week.
const CLOSED_WITHIN: TimeDelta = TimeDelta::days(8);
/// Digits of a hash that are shown: 128 bits, which nobody can hit by trying.
const DIGITS: usize = 32;

/// How far a case's journal had come, and the hash that stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseHead {
    /// The case.
    pub reference: String,
    /// Its last entry.
    pub seq: i64,
    /// The first half of that entry's hash, hexadecimal.
    pub hash: String,
}

impl Service {
    /// The heads of the open cases and of those closed since the last digest, the last changed first.
    pub(crate) async fn heads(&self, now: DateTime<Utc>) -> Result<Vec<CaseHead>, ServiceError> {
        let mut heads = Vec::new();
        for closed in [false, true] {
            let filter = CaseFilter {
                closed: Some(closed),
                order: CaseOrder::LastEvent,
                ..CaseFilter::default()
            };
            for row in self.store.cases(&filter, &Page::first(HEADS)).await? {
                if closed && row.last_event_at < now - CLOSED_WITHIN {
                    break;
                }
                heads.push(CaseHead {
                    hash: stored_hash(row.id, &row.head)?.to_string()[..DIGITS].to_owned(),
                    reference: row.reference,
                    seq: row.version,
                });
            }
        }
        Ok(heads)
    }

    /// Whether a case's journal still has, at that entry, the hash that was kept: `17:9f2c51aa07e3…`.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] with what does not fit.
    pub async fn check_head(&self, reference: &str, kept: &str) -> Result<(), ServiceError> {
        let unreadable = || {
            ServiceError::invalid(
                "a head is written ENTRY:HASH with at least 12 digits, as in the weekly digest",
            )
        };
        let (seq, hash) = kept.trim().split_once(':').ok_or_else(unreadable)?;
        let seq: i64 = seq.trim().parse().map_err(|_| unreadable())?;
        let hash = hash.trim().to_lowercase();
        if hash.len() < 12 || !hash.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(unreadable());
        }
        let row = self
            .store
            .case_by_reference(reference)
            .await?
            .ok_or(ServiceError::NotFound)?;
        let entry = self.store.journal(row.id, seq - 1, 1).await?.pop();
        let found = match entry.filter(|entry| entry.seq == seq) {
            Some(entry) => stored_hash(row.id, &entry.hash)?.to_string(),
            None => String::new(),
        };
        if found.starts_with(&hash) {
            Ok(())
        } else {
            Err(ServiceError::invalid(format!(
                "entry {seq} of case {reference} is not the one whose hash was kept: its history was written anew or cut \
                 off since then. Keep this database as evidence, and compare it with a backup from that time"
            )))
        }
    }
}
