//! Does the history still say what it said? Checks each case's chain, replays its journal and compares the row.

use peshi_casework::Case;
use peshi_store::{CaseFilter, CaseRow, JournalRow, Page};
use peshi_vault::chain::{GENESIS, Hash, verify};
use serde::Serialize;

use crate::Service;
use crate::error::ServiceError;
use crate::sealing::{link, open_case, open_entry, stored_hash};

/// Journal rows read at once.
const ROWS: u64 = 2_000;
/// Cases read at once.
const CASES: u64 = 200;

/// What was checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Cases looked at.
    pub cases: u64,
    /// Journal entries looked at.
    pub entries: u64,
    /// What does not hold.
    pub broken: Vec<Broken>,
}

/// A case whose history does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Broken {
    /// The case.
    pub reference: String,
    /// What is wrong, where, and what to do.
    pub problem: String,
}

impl Service {
    /// Verifies every case, or one; `progress` is told the number of cases done.
    ///
    /// # Errors
    /// When the database fails, or the one case does not exist. A broken history is a result, not an error.
    pub async fn verify(
        &self,
        reference: Option<&str>,
        mut progress: impl FnMut(u64),
    ) -> Result<Verified, ServiceError> {
        let mut verified = Verified::default();
        if let Some(reference) = reference {
            let row = self
                .store
                .case_by_reference(reference)
                .await?
                .ok_or(ServiceError::NotFound)?;
            self.verify_into(&row, &mut verified).await?;
            return Ok(verified);
        }
        let filter = CaseFilter::default();
        let mut page = Page::first(CASES);
        loop {
            let rows = self.store.cases(&filter, &page).await?;
            let Some(last) = rows.last() else {
                return Ok(verified);
            };
            page.after = Some(peshi_store::CaseCursor::after(last, filter.order));
            for row in &rows {
                self.verify_into(row, &mut verified).await?;
                progress(verified.cases);
            }
        }
    }

    /// How many cases there are to verify.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn case_count(&self) -> Result<u64, ServiceError> {
        Ok(self.store.count_cases(&CaseFilter::default()).await?)
    }

    async fn verify_into(&self, row: &CaseRow, verified: &mut Verified) -> Result<(), ServiceError> {
        verified.cases += 1;
        let journal = self.whole_journal(row).await?;
        verified.entries += journal.len() as u64;
        if let Err(problem) = self.check(row, &journal).await {
            verified.broken.push(Broken {
                reference: row.reference.clone(),
                problem,
            });
        }
        Ok(())
    }

    pub(crate) async fn whole_journal(&self, row: &CaseRow) -> Result<Vec<JournalRow>, ServiceError> {
        let mut journal: Vec<JournalRow> = Vec::new();
        loop {
            let after = journal.last().map_or(0, |r| r.seq);
            let rows = self.store.journal(row.id, after, ROWS).await?;
            if rows.is_empty() {
                return Ok(journal);
            }
            journal.extend(rows);
        }
    }

    async fn check(&self, row: &CaseRow, journal: &[JournalRow]) -> Result<(), String> {
        let case = row.id.to_string();
        let mut links = Vec::with_capacity(journal.len());
        for entry in journal {
            let prev = stored_hash(row.id, &entry.prev_hash).map_err(|e| e.to_string())?;
            let hash = stored_hash(row.id, &entry.hash).map_err(|e| e.to_string())?;
            links.push((link(entry, &case), prev, hash));
        }
        let head = verify(links.into_iter()).map_err(|e| e.to_string())?;
        let stored: Hash = stored_hash(row.id, &row.head).map_err(|e| e.to_string())?;
        if head != stored || head == GENESIS {
            return Err(format!(
                "the journal ends in {head}, but the case names {stored} as its head: entries were cut off or the \
                 head was changed; compare with the head in the last weekly digest"
            ));
        }
        let key = self.case_key(row.id).await.map_err(|e| e.to_string())?;
        let entries: Result<Vec<_>, _> = journal.iter().map(|r| open_entry(r, &key)).collect();
        let entries = entries.map_err(|e| e.to_string())?;
        let replayed = Case::replay(&entries).map_err(|e| e.to_string())?;
        let stored = open_case(row.id, &row.state, &key).map_err(|e| e.to_string())?;
        if replayed != stored {
            return Err(
                "the journal replayed gives another case than the stored one: the case row was \
                        changed outside Peshi; the journal is the truth"
                    .to_owned(),
            );
        }
        if row.version != stored.version {
            return Err(format!(
                "the row says version {}, the case {}",
                row.version, stored.version
            ));
        }
        Ok(())
    }
}
