//! Moves cases to another version of their pack: finds those on other versions, says of each where it goes, and, unless it
//! is only asked, sends them through the one write path in batches.
//!
//! A run that was stopped is simply started again: what has moved is on the new version and is left alone.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use peshi_casework::pack::migration::names_version;
use peshi_casework::pack::{Pack, PackFiles, TimerPolicy, load};
use peshi_casework::{Actor, Case, Command, Context, Decision, PackRef, Rejection, migrate};
use peshi_store::{AuditEntry, CaseCursor, CaseFilter, CaseRow, PackRow, Page};
use serde::Serialize;
use serde_json::json;

use crate::Service;
use crate::clock::Clock;
use crate::core::Core;
use crate::error::ServiceError;
use crate::writing::{Outcome, Submission};

/// How often a batch is tried again when others are in the way.
const TRIES: u32 = 5;

/// What is asked.
#[derive(Debug, Clone)]
pub struct Migrate {
    /// Only cases on these versions: numbers or beginnings of hashes; empty means any.
    pub from: Vec<String>,
    /// What becomes of running clocks where the new version does not say.
    pub timers: Option<TimerPolicy>,
    /// Cases in one transaction.
    pub batch: u64,
    /// Say what would happen and change nothing.
    pub dry_run: bool,
}

/// What became of all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Migrated {
    /// Cases that moved, or would.
    pub moved: u64,
    /// Cases that have no place in the new version.
    pub refused: u64,
    /// Cases that are on it already.
    pub there: u64,
    /// Cases on versions that were not asked for.
    pub passed_over: u64,
}

/// What becomes of one case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseMove {
    /// Its reference.
    pub reference: String,
    /// The version it is on.
    pub from: PackRef,
    /// Where each of its charts stands, before and after.
    pub instances: Vec<InstanceMove>,
    /// Each deadline that ran before or runs after.
    pub deadlines: Vec<DeadlineMove>,
    /// Why it stays where it is.
    pub refused: Option<String>,
}

/// Where one chart stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InstanceMove {
    /// The instance.
    pub instance: String,
    /// Its states before.
    pub from: Vec<String>,
    /// Its states after.
    pub to: Vec<String>,
    /// It has ended.
    pub ended: bool,
}

/// What becomes of one deadline. Without a date before it begins; without one after it ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeadlineMove {
    /// The instance.
    pub instance: String,
    /// The rule before.
    pub rule: Option<String>,
    /// The rule after.
    pub new_rule: Option<String>,
    /// When it was due.
    pub due_at: Option<DateTime<Utc>>,
    /// When it is due.
    pub new_due_at: Option<DateTime<Utc>>,
    /// It was missed before.
    pub missed: bool,
}

impl Service {
    /// How many cases of a pack there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cases_of_pack(&self, name: &str) -> Result<u64, ServiceError> {
        Ok(self.store.count_cases(&filter(name)).await?)
    }

    /// Moves cases to `target`, or says what would become of them; `tell` hears of each case and how many were looked at.
    ///
    /// # Errors
    /// When the database fails, also after some cases have moved; asked again, it goes on with the others. A case that has
    /// no place in the new version is no error.
    pub async fn migrate_cases(
        &self,
        target: &Arc<Pack>,
        asked: &Migrate,
        clock: &dyn Clock,
        mut tell: impl FnMut(u64, Option<&CaseMove>),
    ) -> Result<Migrated, ServiceError> {
        self.library.remember(Arc::clone(target));
        if !asked.dry_run {
            self.announce(target, clock.now()).await?;
        }
        let filter = filter(&target.id.name);
        let mut page = Page::first(asked.batch.max(1));
        let (mut all, mut seen) = (Migrated::default(), 0);
        loop {
            let rows = self.store.cases(&filter, &page).await?;
            let Some(last) = rows.last() else {
                return Ok(all);
            };
            page.after = Some(CaseCursor::after(last, filter.order));
            seen += rows.len() as u64;
            let mut batch = Vec::new();
            for row in &rows {
                if row.pack_hash == target.id.hash {
                    all.there += 1;
                } else if asked.from.is_empty()
                    || asked.from.iter().any(|v| names_version(v, &version_of(row)))
                {
                    batch.push(row);
                } else {
                    all.passed_over += 1;
                }
            }
            for case in self.move_batch(&batch, target, asked, clock.now()).await? {
                match &case.refused {
                    None => all.moved += 1,
                    Some(_) => all.refused += 1,
                }
                tell(seen, Some(&case));
            }
            tell(seen, None);
        }
    }

    /// Keeps the new version's files, and notes who it is that changes many cases at once.
    async fn announce(&self, target: &Pack, now: DateTime<Utc>) -> Result<(), ServiceError> {
        let mut tx = self.store.begin().await?;
        tx.put_pack(&PackRow {
            hash: target.id.hash.clone(),
            name: target.id.name.clone(),
            version: i32::try_from(target.id.version).unwrap_or(i32::MAX),
            content: json!(target.files),
            first_used_at: now,
        })
        .await?;
        tx.audit(&[AuditEntry {
            at: now,
            actor: Actor::Machine.to_string(),
            action: "cases_migrated".to_owned(),
            resource: format!("pack:{}", target.id.name),
            detail: Some(format!("to version {} ({})", target.id.version, target.id.hash)),
        }])
        .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn move_batch(
        &self,
        rows: &[&CaseRow],
        target: &Arc<Pack>,
        asked: &Migrate,
        now: DateTime<Utc>,
    ) -> Result<Vec<CaseMove>, ServiceError> {
        let mut told = Vec::new();
        let mut ready = Vec::new();
        for row in rows {
            match self.plan(row, target, asked.timers, now).await {
                Ok((_, Err(refused))) => told.push(refusal(row, refused.to_string())),
                Ok((before, Ok(decision))) if asked.dry_run => {
                    told.push(case_move(&before, decision.case()));
                }
                Ok((before, Ok(_))) => ready.push(before),
                // One unreadable case must not hold up the others.
                Err(ServiceError::Corrupt { problem, .. }) => told.push(refusal(row, problem)),
                Err(other) => return Err(other),
            }
        }
        if !ready.is_empty() {
            let group: Vec<Submission> = ready
                .iter()
                .map(|case| submission(case, target, asked, now))
                .collect();
            let outcomes = self.submit_again(&group, now).await?;
            for (before, outcome) in ready.iter().zip(outcomes) {
                match outcome {
                    Ok(outcome) => told.push(case_move(before, outcome.decision.case())),
                    // Another run was faster.
                    Err(Rejection::SameVersion) => {}
                    Err(refused) => told.push(CaseMove {
                        refused: Some(refused.to_string()),
                        ..case_move(before, before)
                    }),
                }
            }
        }
        told.sort_by(|a, b| a.reference.cmp(&b.reference));
        Ok(told)
    }

    /// Submits a group, again if somebody else held the database or one of its cases.
    pub(crate) async fn submit_again(
        &self,
        group: &[Submission],
        now: DateTime<Utc>,
    ) -> Result<Vec<Result<Outcome, Rejection>>, ServiceError> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.submit(group, now).await {
                Err(error) if error.is_retryable() && tries < TRIES => {}
                other => return other,
            }
        }
    }

    /// The case as it is, and the decision to move it.
    async fn plan(
        &self,
        row: &CaseRow,
        target: &Pack,
        timers: Option<TimerPolicy>,
        now: DateTime<Utc>,
    ) -> Result<(Case, Result<Decision, Rejection>), ServiceError> {
        let case = self.opened(row).await?;
        let old = self.core.pinned(&case).await?;
        let decided = self
            .core
            .move_to(&case, &old, target, timers, (&Actor::Machine, now, now))?;
        Ok((case, decided))
    }

    /// The version with a hash, from the library or the store; none if it was never used.
    pub(crate) async fn version(&self, hash: &str) -> Result<Option<Arc<Pack>>, ServiceError> {
        if let Some(known) = self.library.pinned(hash) {
            return Ok(Some(known));
        }
        let Some(row) = self.store.pack(hash).await? else {
            return Ok(None);
        };
        let files: Option<PackFiles> = serde_json::from_value(row.content).ok();
        let Some(pack) = files.and_then(|files| load(&files).0) else {
            return Ok(None);
        };
        let pack = Arc::new(pack);
        self.library.remember(Arc::clone(&pack));
        Ok(Some(pack))
    }
}

impl Core {
    fn move_to(
        &self,
        case: &Case,
        old: &Pack,
        target: &Pack,
        timers: Option<TimerPolicy>,
        (actor, now, occurred_at): (&Actor, DateTime<Utc>, DateTime<Utc>),
    ) -> Result<Result<Decision, Rejection>, ServiceError> {
        let calendar = self.library.calendar_in(target, case.province())?;
        let ctx = Context {
            pack: target,
            calendar: &calendar,
            now,
            occurred_at,
            actor,
            role: None,
            expected_version: None,
        };
        Ok(migrate(case, old, &ctx, timers))
    }

    /// Decides [`Command::Migrate`] for the write path.
    pub(crate) fn decide_migration(
        &self,
        (case, old): (Option<&Case>, &Pack),
        submission: &Submission,
        (to, timers): (&str, Option<TimerPolicy>),
        now: DateTime<Utc>,
    ) -> Result<Result<Decision, Rejection>, ServiceError> {
        let unknown = |what, name: &str| Rejection::Unknown {
            what,
            name: name.to_owned(),
        };
        let Some(case) = case else {
            return Ok(Err(unknown("journal", "of this case")));
        };
        let Some(target) = self.library.pinned(to) else {
            return Ok(Err(unknown("way to the version", to)));
        };
        let by = (&submission.actor, now, submission.occurred_at);
        self.move_to(case, old, &target, timers, by)
    }
}

fn filter(pack: &str) -> CaseFilter {
    CaseFilter {
        pack: Some(pack.to_owned()),
        ..CaseFilter::default()
    }
}

fn version_of(row: &CaseRow) -> PackRef {
    PackRef {
        name: row.pack_name.clone(),
        version: u32::try_from(row.pack_version).unwrap_or(0),
        hash: row.pack_hash.clone(),
    }
}

fn submission(case: &Case, target: &Pack, asked: &Migrate, now: DateTime<Utc>) -> Submission {
    let command = Command::Migrate {
        to: target.id.hash.clone(),
        timers: asked.timers,
    };
    Submission::new(case.id.0, command, Actor::Machine, None, now)
}

fn refusal(row: &CaseRow, problem: String) -> CaseMove {
    CaseMove {
        reference: row.reference.clone(),
        from: version_of(row),
        instances: Vec::new(),
        deadlines: Vec::new(),
        refused: Some(problem),
    }
}

fn case_move(before: &Case, after: &Case) -> CaseMove {
    let leaves = |case: &Case, id| {
        let snapshot = case.instances.get(id).and_then(|i| i.snapshot.as_ref());
        snapshot.map(|s| s.active_leaves().to_vec()).unwrap_or_default()
    };
    let instances = before.instances.iter().map(|(id, known)| InstanceMove {
        instance: id.to_string(),
        from: leaves(before, id),
        to: leaves(after, id),
        ended: known.done,
    });
    let deadlines = after.deadlines.iter().filter_map(|(id, is)| {
        let was = before.deadlines.get(id).filter(|d| d.is_open());
        let is = Some(is).filter(|d| d.is_open());
        let either = was.or(is)?;
        Some(DeadlineMove {
            instance: either.instance.to_string(),
            rule: was.map(|d| d.rule.clone()),
            new_rule: is.map(|d| d.rule.clone()),
            due_at: was.map(|d| d.computed.due_at),
            new_due_at: is.map(|d| d.computed.due_at),
            missed: either.missed_at.is_some(),
        })
    });
    CaseMove {
        reference: before.reference.clone(),
        from: before.pack.clone(),
        instances: instances.collect(),
        deadlines: deadlines.collect(),
        refused: None,
    }
}
