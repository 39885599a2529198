//! Does the history still say what it said? Checks each case's chain, replays its journal and compares the row.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt};
use peshi_casework::{Case, EffectId, Entry};
use peshi_store::{CaseFilter, CaseRow, JobFilter, JobKind, JobState, JournalRow, Page};
use peshi_vault::CaseKey;
use peshi_vault::chain::{GENESIS, Hash, verify};
use serde::Serialize;
use uuid::Uuid;

use crate::Service;
use crate::erasure::{ERASED, is_erased};
use crate::error::ServiceError;
use crate::sealing::{link, open_case, open_entry, stored_hash};

/// Journal rows read at once.
const ROWS: u64 = 2_000;
/// Cases read at once.
const CASES: u64 = 200;
/// Cases under way at the same time.
const AHEAD: usize = 4;

/// What was checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Cases looked at.
    pub cases: u64,
    /// Journal entries looked at.
    pub entries: u64,
    /// Documents whose bytes were compared with what was added.
    pub documents: u64,
    /// Cases that were erased: of these only the chain is left to check.
    pub erased: u64,
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
        if let Some(reference) = reference {
            let row = self
                .store
                .case_by_reference(reference)
                .await?
                .ok_or(ServiceError::NotFound)?;
            return self.verify_case(&row).await;
        }
        let mut verified = Verified::default();
        let filter = CaseFilter::default();
        let mut page = Page::first(CASES);
        loop {
            let rows = self.store.cases(&filter, &page).await?;
            let Some(last) = rows.last() else {
                return Ok(verified);
            };
            page.after = Some(peshi_store::CaseCursor::after(last, filter.order));
            // While one case is hashed and replayed the database reads the next ones.
            let mut cases = stream::iter(rows.iter().map(|row| self.verify_case(row))).buffered(AHEAD);
            while let Some(one) = cases.next().await.transpose()? {
                verified += one;
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

    /// The entries of a case's journal after `after`, opened: for the operator's own checks, behind no gate.
    ///
    /// # Errors
    /// When the database fails, the case was erased, or an entry cannot be opened.
    pub async fn entries(&self, case: Uuid, after: i64) -> Result<Vec<Entry>, ServiceError> {
        let key = self.case_key(case).await?;
        let rows = self.journal_after(case, after).await?;
        rows.iter().map(|row| open_entry(row, &key)).collect()
    }

    /// One case: what was looked at, and what does not hold.
    async fn verify_case(&self, row: &CaseRow) -> Result<Verified, ServiceError> {
        let mut row = row.clone();
        loop {
            let journal = self.journal_after(row.id, 0).await?;
            let (documents, problem) = match self.check(&row, &journal).await {
                Ok(documents) => (documents, None),
                Err(problem) => (0, Some(problem)),
            };
            if problem.is_some() {
                // Somebody may have written between the reading of the row and of the rest: then it is looked at again.
                let fresh = self.store.case(row.id).await?.ok_or(ServiceError::NotFound)?;
                if fresh.version != row.version {
                    row = fresh;
                    continue;
                }
            }
            return Ok(Verified {
                cases: 1,
                entries: journal.len() as u64,
                documents,
                erased: u64::from(is_erased(&row)),
                broken: problem
                    .map(|problem| Broken {
                        reference: row.reference.clone(),
                        problem,
                    })
                    .into_iter()
                    .collect(),
            });
        }
    }

    pub(crate) async fn journal_after(
        &self,
        case: Uuid,
        after: i64,
    ) -> Result<Vec<JournalRow>, ServiceError> {
        let mut journal: Vec<JournalRow> = Vec::new();
        loop {
            let after = journal.last().map_or(after, |r| r.seq);
            let rows = self.store.journal(case, after, ROWS).await?;
            if rows.is_empty() {
                return Ok(journal);
            }
            journal.extend(rows);
        }
    }

    /// How many documents were compared, or what does not hold.
    async fn check(&self, row: &CaseRow, journal: &[JournalRow]) -> Result<u64, String> {
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
        if is_erased(row) {
            let recorded = journal.last().is_some_and(|last| last.kind == ERASED);
            let gone = self
                .store
                .case_key(row.id)
                .await
                .map_err(|e| e.to_string())?
                .is_none();
            return match (recorded, gone) {
                (true, true) => Ok(0),
                (false, _) => {
                    Err("its state is gone, and no erasure is recorded; restore it from a backup".to_owned())
                }
                (true, false) => Err("it was erased, but its key is still there; erase it again".to_owned()),
            };
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
        self.check_timers(&stored).await?;
        self.check_documents(&stored, &key).await
    }

    /// Every document has the bytes that were added, and there are no others.
    async fn check_documents(&self, case: &Case, key: &CaseKey) -> Result<u64, String> {
        let mut kept = self.store.documents(case.id.0).await.map_err(|e| e.to_string())?;
        let mut compared = 0;
        for (number, document) in case.present_documents() {
            self.read_document(case.id.0, number, document, key).await?;
            kept.retain(|stored| u32::try_from(*stored) != Ok(number));
            compared += 1;
        }
        match kept.first() {
            None => Ok(compared),
            Some(stray) => Err(format!(
                "there are bytes of document {stray}, which the case does not have"
            )),
        }
    }

    /// Each armed timer has its job, and no job waits for a timer that is not armed.
    async fn check_timers(&self, case: &Case) -> Result<(), String> {
        let mut filter = JobFilter::all(u64::from(u32::MAX));
        filter.case_id = Some(case.id.0);
        filter.kinds = vec![JobKind::Timer];
        let jobs = self.store.jobs(&filter).await.map_err(|e| e.to_string())?;
        let known: BTreeMap<&str, JobState> = jobs.iter().map(|job| (job.id.as_str(), job.state)).collect();
        for timer in case.timers.keys() {
            match known.get(timer.as_str()) {
                None => {
                    return Err(format!(
                        "timer {timer} is armed, but its job is missing: it will never fire"
                    ));
                }
                Some(JobState::Done | JobState::Cancelled) => {
                    return Err(format!(
                        "timer {timer} is armed, but its job has ended: it will never fire"
                    ));
                }
                // A dead one has raised a task of its own.
                Some(_) => {}
            }
        }
        let stray = jobs.iter().find(|job| {
            job.state == JobState::Waiting && !case.timers.contains_key(&EffectId::named(job.id.as_str()))
        });
        match stray {
            Some(job) => Err(format!(
                "job {} waits for a timer that the case has not armed",
                job.id
            )),
            None => Ok(()),
        }
    }
}

impl std::ops::AddAssign for Verified {
    fn add_assign(&mut self, more: Self) {
        self.cases += more.cases;
        self.entries += more.entries;
        self.documents += more.documents;
        self.erased += more.erased;
        self.broken.extend(more.broken);
    }
}
