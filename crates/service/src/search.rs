//! Finding cases by a name nobody can read in the database. The blind index narrows the search to cases that have names of
//! the same skeleton; of those, the ones the asker may see are opened and their names compared as they sound.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use peshi_casework::Case;
use peshi_store::{AuditEntry, CaseCursor, CaseFilter, CaseOrder, CaseRow, Page};
use peshi_vault::OrganisationKey;
use uuid::Uuid;

use crate::Service;
use crate::access::{Viewer, Visible};

use crate::error::ServiceError;
use crate::names::{groups, matches, skeletons};
use crate::views::CaseSummary;

/// Cases opened at once.
const PORTION: u64 = 100;
/// Cases opened for one search at most.
const OPENED: usize = 5_000;
/// Cases found at most: who sees more has asked for too little.
const FOUND: usize = 100;
/// Digits of a blind index that are kept.
const DIGITS: usize = 24;

/// What a search found.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Found {
    /// The cases, the last changed first.
    pub cases: Vec<CaseSummary>,
    /// There may be more: ask for more words of the name.
    pub more: bool,
}

/// The blind indexes of names.
pub(crate) fn tokens<'a>(
    key: &OrganisationKey,
    names: impl IntoIterator<Item = &'a str>,
) -> BTreeSet<String> {
    names
        .into_iter()
        .flat_map(skeletons)
        .map(|skeleton| token(key, &skeleton))
        .collect()
}

fn token(key: &OrganisationKey, skeleton: &str) -> String {
    let mut token = key.blind_index("people.name", skeleton);
    token.truncate(DIGITS);
    token
}

/// The blind indexes of the people of a case, as rows.
pub(crate) fn rows_of(key: &OrganisationKey, case: &Case) -> Vec<(Uuid, String)> {
    tokens(key, case.people.values().map(|person| person.name.as_str()))
        .into_iter()
        .map(|token| (case.id.0, token))
        .collect()
}

impl Service {
    /// Cases open to the viewer in which a person has this name, in whatever spelling. That somebody searched is noted in the
    /// audit, not for whom.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] when nothing that can be a name was given; when the database fails.
    pub async fn find_by_name(
        &self,
        viewer: &Viewer,
        name: &str,
        now: DateTime<Utc>,
    ) -> Result<Found, ServiceError> {
        let asked = self.asked(name);
        if asked.is_empty() {
            return Err(ServiceError::invalid(
                "this is not a name; write at least one word of it",
            ));
        }
        let mut found = Found {
            cases: Vec::new(),
            more: false,
        };
        let team_member = match Visible::to(viewer) {
            Visible::All => None,
            Visible::Team(account) => Some(account.0),
            Visible::Nothing => return Ok(found),
        };
        self.note_search(viewer, now).await?;
        let filter = CaseFilter {
            team_member,
            names: asked,
            readable: true,
            order: CaseOrder::LastEvent,
            ..CaseFilter::default()
        };
        let mut page = Page::first(PORTION);
        let (mut hits, mut opened) = (Vec::new(), 0);
        loop {
            let rows = self.store.cases(&filter, &page).await?;
            let Some(last) = rows.last() else { break };
            page.after = Some(CaseCursor::after(last, filter.order));
            opened += rows.len();
            for row in rows {
                if self.has_name(&row, name).await? {
                    hits.push(row);
                }
            }
            if hits.len() >= FOUND || opened >= OPENED {
                found.more = true;
                hits.truncate(FOUND);
                break;
            }
        }
        let ids: Vec<Uuid> = hits.iter().map(|row| row.id).collect();
        let mut teams = self.names(&ids).await?;
        for row in &hits {
            let team = teams.remove(&row.id).unwrap_or_default();
            found
                .cases
                .push(self.summary(row, team.into_iter().map(|(_, name)| name).collect(), now));
        }
        Ok(found)
    }

    /// For each word that was asked, the blind indexes of which one must be there.
    fn asked(&self, name: &str) -> Vec<Vec<String>> {
        groups(name)
            .into_iter()
            .map(|group| group.iter().map(|bones| token(&self.key, bones)).collect())
            .collect()
    }

    async fn has_name(&self, row: &CaseRow, name: &str) -> Result<bool, ServiceError> {
        let case = self.opened(row).await?;
        Ok(case.people.values().any(|person| matches(name, &person.name)))
    }

    async fn note_search(&self, viewer: &Viewer, now: DateTime<Utc>) -> Result<(), ServiceError> {
        let mut tx = self.store.begin().await?;
        tx.audit(&[AuditEntry {
            at: now,
            actor: format!("account:{}", viewer.account),
            action: "name_search".to_owned(),
            resource: "cases".to_owned(),
            detail: None,
        }])
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Compares the blind index of every case with its names and mends what differs; gives the number of cases mended.
    ///
    /// # Errors
    /// When the database fails; a case that cannot be opened is left to `verify`.
    pub async fn mend_names(&self, mut progress: impl FnMut(u64)) -> Result<u64, ServiceError> {
        let (mut after, mut mended, mut done) = (None, 0, 0);
        loop {
            let ids = self.store.cases_with_keys(after, PORTION).await?;
            let Some(last) = ids.last() else {
                return Ok(mended);
            };
            after = Some(*last);
            let mut tx = self.store.begin().await?;
            for row in tx.cases_for_update(&ids).await? {
                let Ok(case) = self.opened(&row).await else {
                    continue;
                };
                let right = rows_of(&self.key, &case);
                let stored = self.store.name_tokens(row.id).await?;
                if !right.iter().map(|(_, token)| token).eq(&stored) {
                    tx.forget_names(&[row.id]).await?;
                    tx.add_names(&right).await?;
                    mended += 1;
                }
            }
            tx.commit().await?;
            done += ids.len() as u64;
            progress(done);
        }
    }
}
