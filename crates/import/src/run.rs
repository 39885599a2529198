//! One run: groups of rows at one instant, timers before them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use peshi_casework::pack::Pack;
use peshi_casework::{Actor, CaseId, Command, Fields, InstanceId, Rejection};
use peshi_service::{Outcome, Service, ServiceError, Submission};
use peshi_store::{JobKind, JobRow, Store, StoreError, Wanted};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::ImportError;
use crate::fit;
use crate::mapping::Mapping;
use crate::report::{Report, reason};
use crate::table::{Row, Table, read};
use crate::tally::Tally;

/// Most rows of one transaction.
const GROUP: usize = 500;
/// Timers claimed at once.
const TIMERS: u64 = 1_000;
/// Case rows read at once when a run goes on.
const CASES: usize = 500;
/// A claim made on virtual time lasts no real moment: whoever goes on after a crash finds it run out.
const LEASE: TimeDelta = TimeDelta::zero();
/// A scheduler that ticked so lately is still at work.
const AT_WORK: TimeDelta = TimeDelta::minutes(1);

/// Where a run is.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Rows behind it.
    pub done: usize,
    /// Rows in all.
    pub total: usize,
    /// The virtual time.
    pub at: DateTime<Utc>,
}

/// An import of one log onto one pack.
#[derive(Debug)]
pub struct Import {
    service: Arc<Service>,
    store: Arc<Store>,
    pack: Arc<Pack>,
    mapping: Mapping,
    now: Option<DateTime<Utc>>,
}

/// What a group of commands led to, each in its place.
type Outcomes = Vec<Result<Outcome, Rejection>>;

impl Import {
    /// An import onto the current version of `pack`.
    ///
    /// # Errors
    /// [`ImportError::Misfit`]: a pack that is not there, or a map that names what it does not have.
    pub fn new(
        service: Arc<Service>,
        store: Arc<Store>,
        pack: &str,
        mapping: Mapping,
    ) -> Result<Self, ImportError> {
        let misfit = |problem: String| ImportError::Misfit {
            pack: pack.to_owned(),
            problem,
        };
        let found = service
            .library()
            .current(pack)
            .ok_or_else(|| misfit("there is no such pack".to_owned()))?;
        fit::check(&mapping, &found).map_err(misfit)?;
        Ok(Self {
            service,
            store,
            pack: found,
            mapping,
            now: None,
        })
    }

    /// Tells the real time, which an import otherwise does not know. Rows that lie after it are refused, since they would
    /// bring forward the timers of every case; and the import does not begin while a scheduler is at work on the same
    /// database, since that would fire the log's timers at once, before the rows that belong before them.
    #[must_use]
    pub fn as_of(mut self, now: DateTime<Utc>) -> Self {
        self.now = Some(now);
        self
    }

    /// Applies a log; `progress` may stop it by returning false.
    ///
    /// # Errors
    /// A file that cannot be read or a scheduler at work (nothing was changed), a database that fails, or a stop (what was
    /// applied stays, and the next run goes on from there).
    pub async fn run(
        &self,
        mut source: impl Read,
        mut progress: impl FnMut(Progress) -> bool,
    ) -> Result<Report, ImportError> {
        let mut bytes = Vec::new();
        source.read_to_end(&mut bytes).map_err(|e| ImportError::Table {
            problem: e.to_string(),
        })?;
        let table = read(bytes.as_slice(), &self.mapping, self.now)?;
        self.alone().await?;
        let name = self.name(&bytes);
        let Table { rows, bad } = table;
        let mut tally = self.begin(&name, &rows, bad).await?;
        let applied = self.service.steps_applied(&name).await?;
        let mut done = 0;
        let mut first = true;
        for (n, group) in groups(&rows).enumerate() {
            let step = i64::try_from(n).unwrap_or(i64::MAX).saturating_add(1);
            let at = group[0].at;
            done += group.len();
            if step <= applied {
                tally.report.rows_known += group.len();
                continue;
            }
            if std::mem::take(&mut first) {
                self.take_back(at).await?;
            }
            self.timers(at, &mut tally).await?;
            self.apply(&name, step, group, at, &mut tally).await?;
            if !progress(Progress {
                done,
                total: rows.len(),
                at,
            }) {
                return Err(ImportError::Stopped { rows: done });
            }
        }
        if let Some(last) = rows.last() {
            self.take_back(last.at).await?;
            self.timers(last.at, &mut tally).await?;
        }
        let applied_now = rows.get(tally.report.rows_known..).unwrap_or_default();
        Ok(tally.finish(applied_now, &self.mapping))
    }

    /// Refuses to begin beside a scheduler.
    async fn alone(&self) -> Result<(), ImportError> {
        let Some(now) = self.now else { return Ok(()) };
        let workers = self.store.heartbeats().await?;
        match workers.into_iter().find(|w| w.at > now - AT_WORK) {
            None => Ok(()),
            Some(worker) => Err(ImportError::SchedulerAtWork {
                worker: worker.worker,
            }),
        }
    }

    /// The run's name: the same file, cut into the same steps, onto the same pack is the same run.
    fn name(&self, bytes: &[u8]) -> String {
        let map = &self.mapping;
        let order = map.order.as_deref().unwrap_or_default();
        let steps = [
            &self.pack.id.name,
            &map.case,
            &map.activity,
            &map.at,
            map.zone.name(),
            order,
        ];
        let parts: Vec<&[u8]> = steps.iter().map(|p| p.as_bytes()).chain([bytes]).collect();
        let digest = hash(&parts);
        let short = digest[..12].iter().fold(String::new(), |mut hex, b| {
            let _ = std::fmt::Write::write_fmt(&mut hex, format_args!("{b:02x}"));
            hex
        });
        format!("import:{short}")
    }

    /// Gives each case of the log its id, and finds those that another log had opened: they are left alone whole, since
    /// half of another account of the same case would be worse than none.
    async fn begin(
        &self,
        name: &str,
        rows: &[Row],
        bad: Vec<crate::table::BadRow>,
    ) -> Result<Tally, ImportError> {
        let count = rows.len() + bad.len();
        let ids: BTreeMap<String, Uuid> = rows
            .iter()
            .map(|r| r.case.as_str())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .map(|key| (key.to_owned(), case_id(name, key)))
            .collect();
        let keys: Vec<String> = ids.keys().cloned().collect();
        let mut known = self.store.external_keys(&self.pack.id.name, &keys).await?;
        let theirs: Vec<(String, Uuid)> = known.iter().map(|k| (k.clone(), ids[k])).collect();
        for some in theirs.chunks(CASES) {
            let wanted: Vec<Uuid> = some.iter().map(|(_, id)| *id).collect();
            let ours: BTreeSet<Uuid> = self
                .store
                .cases_by_ids(&wanted)
                .await?
                .into_iter()
                .map(|c| c.id)
                .collect();
            for (key, _) in some.iter().filter(|(_, id)| ours.contains(id)) {
                known.remove(key);
            }
        }
        Ok(Tally::new(count, bad, ids, known))
    }

    /// Takes back the timers that a run which died by `at` had claimed and not brought into their cases.
    async fn take_back(&self, at: DateTime<Utc>) -> Result<(), ImportError> {
        self.store.rescue(at + TimeDelta::microseconds(1)).await?;
        Ok(())
    }

    /// Fires every timer due by `until`, each at its own instant.
    async fn timers(&self, until: DateTime<Utc>, tally: &mut Tally) -> Result<(), ImportError> {
        loop {
            let jobs = self.next_timers(until).await?;
            let Some(due) = jobs.last().map(|job| job.due_at) else {
                return Ok(());
            };
            for fired in self.service.fire_timers(&jobs, due).await? {
                match fired {
                    Ok(outcome) => tally.fired(&outcome, &self.mapping),
                    Err(ServiceError::Rejected(_)) => {}
                    Err(fault) => return Err(fault.into()),
                }
            }
        }
    }

    /// Claims the timers of the earliest instant at which one is due, up to `until`; none if none is.
    async fn next_timers(&self, until: DateTime<Utc>) -> Result<Vec<JobRow>, ImportError> {
        let claim = |now, limit| {
            let wanted = Wanted::of(&[JobKind::Timer], limit);
            self.store.claim(now, wanted, LEASE, "import")
        };
        let Some(due) = self.store.next_due().await?.filter(|due| *due <= until) else {
            return Ok(Vec::new());
        };
        let jobs = claim(due, TIMERS).await?;
        if !jobs.is_empty() {
            return Ok(jobs);
        }
        // What is due first is no timer but, say, a message of another case: look past it.
        let mut jobs = claim(until, 1).await?;
        if let Some(first) = jobs.first().map(|job| job.due_at) {
            jobs.extend(claim(first, TIMERS).await?);
        }
        Ok(jobs)
    }

    async fn apply(
        &self,
        name: &str,
        step: i64,
        rows: &[Row],
        at: DateTime<Utc>,
        tally: &mut Tally,
    ) -> Result<(), ImportError> {
        let mut group: Vec<(&Row, Submission)> = Vec::new();
        for row in rows {
            if tally.is_known(&row.case) {
                tally.refused(row, "the case is here already, from another file", "");
            } else if self.mapping.observed.contains_key(&row.activity) {
                // The machine does it by itself, or not; the report says which.
            } else if let Some(submission) = self.submission(row, tally) {
                group.push((row, submission));
            } else {
                *tally
                    .report
                    .unknown_activities
                    .entry(row.activity.clone())
                    .or_default() += 1;
                tally.refused(row, "the map does not know this activity", "");
            }
        }
        let Some(outcomes) = self.submit(name, step, &mut group, at, tally).await? else {
            tally.report.rows_known += rows.len();
            return Ok(());
        };
        for ((row, _), outcome) in group.iter().zip(outcomes) {
            match outcome {
                Ok(outcome) => tally.accepted(row, &outcome, &self.mapping),
                Err(rejection) => {
                    let (kind, detail) = reason(&rejection, &row.activity);
                    tally.refused(row, kind, detail);
                }
            }
        }
        Ok(())
    }

    /// Submits a group; if a reference is taken, the openings that want it are refused and the others go in.
    async fn submit(
        &self,
        name: &str,
        step: i64,
        group: &mut Vec<(&Row, Submission)>,
        at: DateTime<Utc>,
        tally: &mut Tally,
    ) -> Result<Option<Outcomes>, ImportError> {
        let commands =
            |group: &[(&Row, Submission)]| group.iter().map(|(_, s)| s.clone()).collect::<Vec<_>>();
        let conflict = match self.service.submit_step(name, step, &commands(group), at).await {
            Err(ServiceError::Store(e @ StoreError::Conflict { .. })) => e,
            other => return Ok(other?),
        };
        let mut taken = BTreeSet::new();
        for (row, submission) in group.iter() {
            let Command::Open { reference, .. } = &submission.command else {
                continue;
            };
            if self
                .store
                .case_by_reference(reference)
                .await?
                .is_some_and(|c| c.id != submission.case)
            {
                tally.refused(
                    row,
                    "another case bears this reference; change `reference` in the map",
                    reference,
                );
                taken.insert(row.line);
            }
        }
        if taken.is_empty() {
            return Err(conflict.into());
        }
        group.retain(|(row, _)| !taken.contains(&row.line));
        Ok(self.service.submit_step(name, step, &commands(group), at).await?)
    }

    fn submission(&self, row: &Row, tally: &Tally) -> Option<Submission> {
        let id = tally.id(&row.case)?;
        let command = if row.activity == self.mapping.opening.activity {
            Command::Open {
                case: CaseId(id),
                reference: self.mapping.reference.replace("{case}", &row.case),
                form: form(row, &self.mapping.opening.fields),
                team: Vec::new(),
            }
        } else {
            let event = self.mapping.events.get(&row.activity)?;
            let instance = event
                .instance
                .clone()
                .map_or_else(InstanceId::root, InstanceId::named);
            Command::Event {
                instance,
                event: event.event.clone(),
                form: form(row, &event.fields),
                known: peshi_casework::Knowledge::default(),
            }
        };
        Some(Submission {
            pack: Some(self.pack.id.name.clone()),
            external_key: Some(row.case.clone()),
            ..Submission::new(id, command, Actor::Importer, Some("importer".to_owned()), row.at)
        })
    }
}

/// A case's id follows from the run and the log's key: a run that goes on finds its own cases, and no other run's.
fn case_id(run: &str, key: &str) -> Uuid {
    let digest = hash(&[run.as_bytes(), key.as_bytes()]);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

/// SHA-256 over the parts, each after its length.
fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut sha = Sha256::new();
    for part in parts {
        sha.update((part.len() as u64).to_be_bytes());
        sha.update(part);
    }
    sha.finalize().into()
}

/// Rows of one instant together, in bounded groups.
fn groups(rows: &[Row]) -> impl Iterator<Item = &[Row]> {
    rows.chunk_by(|a, b| a.at == b.at)
        .flat_map(|same| same.chunks(GROUP))
}

fn form(row: &Row, fields: &BTreeMap<String, String>) -> Fields {
    fields
        .iter()
        .filter_map(|(field, column)| Some((field.clone(), Value::String(row.values.get(column)?.clone()))))
        .collect()
}
