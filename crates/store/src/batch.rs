//! What one or many commands want written, gathered so that the store needs only a few statements.
//!
//! It does not know how commands are decided, nor how rows are written.

use std::fmt;

use uuid::Uuid;

use crate::rows::{AgendaRow, CaseRow, DocumentPartRow, JournalRow, NewJob, TeamRow, ViolationRow};

/// A case row to insert, or to write over the row whose version is still the expected one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseWrite {
    /// The row as it shall be.
    pub row: CaseRow,
    /// The version it was decided upon; `None` inserts a new case.
    pub expected_version: Option<i64>,
}

/// Everything a group of commands writes, in one transaction.
///
/// Where two rows of a batch have the same key, the later one wins; a chain of writes to one case must each expect the
/// version the one before left behind.
#[derive(Clone, Default, PartialEq)]
pub struct CaseBatch {
    /// Journal entries to append.
    pub journal: Vec<JournalRow>,
    /// Cases to insert or update. An update leaves `reference`, `pack_name`, `external_key` and `opened_at` as they are.
    pub cases: Vec<CaseWrite>,
    /// Wrapped keys of new cases, or new wrappings of old ones.
    pub keys: Vec<(Uuid, Vec<u8>)>,
    /// Blind indexes of names to add, as (case, token).
    pub names: Vec<(Uuid, String)>,
    /// Team members to add or change.
    pub team: Vec<TeamRow>,
    /// Team members to remove, as (case, account); done after the additions.
    pub team_removed: Vec<(Uuid, Uuid)>,
    /// Agenda items to add or change.
    pub agenda: Vec<AgendaRow>,
    /// Violations to add or change.
    pub violations: Vec<ViolationRow>,
    /// Parts of documents to add.
    pub documents: Vec<DocumentPartRow>,
    /// Documents whose parts go, as (case, document); done after the additions.
    pub documents_removed: Vec<(Uuid, i32)>,
    /// Jobs to add; known ids are left alone.
    pub jobs: Vec<NewJob>,
    /// Jobs to cancel while they wait, as (id, reason); done after the additions.
    pub cancel: Vec<(String, String)>,
}

impl CaseBatch {
    /// Adds what a later command wants to what earlier ones wanted.
    ///
    /// A member the later command adds is no longer removed, and one it removes is no longer added.
    pub fn absorb(&mut self, later: Self) {
        self.team_removed.retain(|pair| {
            !later
                .team
                .iter()
                .any(|row| (row.case_id, row.account_id) == *pair)
        });
        self.team
            .retain(|row| !later.team_removed.contains(&(row.case_id, row.account_id)));
        self.journal.extend(later.journal);
        self.cases.extend(later.cases);
        self.keys.extend(later.keys);
        self.names.extend(later.names);
        self.team.extend(later.team);
        self.team_removed.extend(later.team_removed);
        self.agenda.extend(later.agenda);
        self.violations.extend(later.violations);
        self.documents.extend(later.documents);
        self.documents_removed.extend(later.documents_removed);
        self.jobs.extend(later.jobs);
        self.cancel.extend(later.cancel);
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.journal.is_empty()
            && self.cases.is_empty()
            && self.keys.is_empty()
            && self.names.is_empty()
            && self.team.is_empty()
            && self.team_removed.is_empty()
            && self.agenda.is_empty()
            && self.violations.is_empty()
            && self.documents.is_empty()
            && self.documents_removed.is_empty()
            && self.jobs.is_empty()
            && self.cancel.is_empty()
    }
}

impl fmt::Debug for CaseBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CaseBatch")
            .field("journal", &self.journal)
            .field("cases", &self.cases)
            .field("keys", &self.keys.len())
            .field("names", &self.names.len())
            .field("team", &self.team)
            .field("team_removed", &self.team_removed)
            .field("agenda", &self.agenda)
            .field("violations", &self.violations)
            .field("documents", &self.documents)
            .field("documents_removed", &self.documents_removed)
            .field("jobs", &self.jobs)
            .field("cancel", &self.cancel)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn a_later_command_has_the_last_word_on_the_team() {
        let member = |role: &str| TeamRow {
            case_id: Uuid::from_u128(1),
            account_id: Uuid::from_u128(2),
            role: role.to_owned(),
            since: DateTime::UNIX_EPOCH,
        };
        let pair = (Uuid::from_u128(1), Uuid::from_u128(2));
        let add = CaseBatch {
            team: vec![member("lawyer")],
            ..CaseBatch::default()
        };
        let remove = CaseBatch {
            team_removed: vec![pair],
            ..CaseBatch::default()
        };

        let mut batch = add.clone();
        batch.absorb(remove.clone());
        assert_eq!((batch.team.len(), batch.team_removed.len()), (0, 1));

        let mut batch = remove;
        batch.absorb(add);
        assert_eq!((batch.team.len(), batch.team_removed.len()), (1, 0));
        assert!(!batch.is_empty());
    }
}
