//! One run: groups of rows at one instant, timers before them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use peshi_casework::pack::Pack;
use peshi_casework::{Actor, Case, CaseId, Command, Fact, Fields, InstanceId};
use peshi_service::{Outcome, Service, Submission};
use peshi_store::{JobKind, Store};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::ImportError;
use crate::mapping::Mapping;
use crate::report::{Refused, Report, reason};
use crate::table::{Row, read};

/// Most rows of one transaction.
const GROUP: usize = 500;
/// Timers claimed at once.
const TIMERS: u64 = 1_000;
/// How long a claim holds; the import settles within milliseconds.
const LEASE: TimeDelta = TimeDelta::minutes(5);

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
}

/// What a run remembers.
struct Run {
    report: Report,
    /// The log's key of each case of this log.
    keys: BTreeMap<Uuid, String>,
    /// The leaf states of each case as of its last change.
    states: BTreeMap<Uuid, String>,
    /// What the machine did: case and local date, by the state it entered.
    done: BTreeMap<String, BTreeSet<(Uuid, NaiveDate)>>,
}

impl Import {
    /// An import onto the current version of `pack`.
    ///
    /// # Errors
    /// A pack that is not there, or a map that names events it does not have.
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
        let root = found
            .chart("case")
            .ok_or_else(|| misfit("it has no root chart".to_owned()))?;
        for observed in mapping.observed.values() {
            if root.chart.state(&observed.entered).is_none() {
                return Err(misfit(format!("it has no state `{}`", observed.entered)));
            }
        }
        for (activity, event) in &mapping.events {
            let known = found
                .charts
                .values()
                .flat_map(|c| c.chart.states())
                .any(|state| state.transitions().iter().any(|t| t.matches(&event.event)));
            if !known {
                return Err(misfit(format!(
                    "nothing in it takes the event `{}` of `{activity}`",
                    event.event
                )));
            }
        }
        Ok(Self {
            service,
            store,
            pack: found,
            mapping,
        })
    }

    /// Applies a log; `progress` may stop it by returning false.
    ///
    /// # Errors
    /// A file that cannot be read (nothing was changed), a database that fails, or a stop (what was applied stays).
    pub async fn run(
        &self,
        mut source: impl Read,
        mut progress: impl FnMut(Progress) -> bool,
    ) -> Result<Report, ImportError> {
        let mut bytes = Vec::new();
        source.read_to_end(&mut bytes).map_err(|e| ImportError::Table {
            problem: e.to_string(),
        })?;
        let table = read(bytes.as_slice(), &self.mapping)?;
        let name = self.name(&bytes);
        let mut run = Run {
            report: Report {
                rows: table.rows.len() + table.bad.len(),
                ..Report::default()
            },
            keys: table
                .rows
                .iter()
                .map(|r| (self.case_id(&r.case), r.case.clone()))
                .collect(),
            states: BTreeMap::new(),
            done: BTreeMap::new(),
        };
        for bad in table.bad {
            run.report.refuse(Refused {
                line: bad.line,
                case: bad.case,
                activity: bad.activity,
                at: None,
                reason: bad.problem,
                detail: String::new(),
            });
        }
        let applied = self.service.steps_applied(&name).await?;
        let mut done = 0;
        for (n, group) in groups(&table.rows).enumerate() {
            let step = i64::try_from(n).unwrap_or(i64::MAX) + 1;
            let at = group[0].at;
            done += group.len();
            if step <= applied {
                run.report.rows_known += group.len();
                continue;
            }
            self.timers(at, &mut run).await?;
            self.apply(&name, step, group, at, &mut run).await?;
            if !progress(Progress {
                done,
                total: table.rows.len(),
                at,
            }) {
                return Err(ImportError::Stopped { rows: done });
            }
        }
        if let Some(last) = table.rows.last() {
            self.timers(last.at, &mut run).await?;
        }
        let applied_now = table.rows.get(run.report.rows_known..).unwrap_or_default();
        self.observe(applied_now, &mut run);
        for states in run.states.values() {
            *run.report.final_states.entry(states.clone()).or_default() += 1;
        }
        Ok(run.report)
    }

    /// The run's name: the same file onto the same pack is the same run.
    fn name(&self, bytes: &[u8]) -> String {
        let mut sha = Sha256::new();
        sha.update(self.pack.id.name.as_bytes());
        sha.update([0]);
        sha.update(bytes);
        let digest = sha.finalize();
        let short = digest[..12].iter().fold(String::new(), |mut hex, b| {
            let _ = std::fmt::Write::write_fmt(&mut hex, format_args!("{b:02x}"));
            hex
        });
        format!("import:{short}")
    }

    /// A case's id follows from the pack and the log's key, so that no run can open it twice.
    fn case_id(&self, key: &str) -> Uuid {
        let mut sha = Sha256::new();
        sha.update(b"peshi-import\0");
        sha.update(self.pack.id.name.as_bytes());
        sha.update([0]);
        sha.update(key.as_bytes());
        let digest = sha.finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }

    /// Fires every timer due by `until`, each at its own instant.
    async fn timers(&self, until: DateTime<Utc>, run: &mut Run) -> Result<(), ImportError> {
        while let Some(due) = self.store.next_due().await?.filter(|due| *due <= until) {
            let jobs = self
                .store
                .claim(due, TIMERS, LEASE, "import", &[JobKind::Timer])
                .await?;
            if jobs.is_empty() {
                return Ok(());
            }
            for outcome in self.service.fire_timers(&jobs, due).await?.into_iter().flatten() {
                run.report.timers_fired += 1;
                self.note(&outcome, run);
            }
        }
        Ok(())
    }

    async fn apply(
        &self,
        name: &str,
        step: i64,
        rows: &[Row],
        at: DateTime<Utc>,
        run: &mut Run,
    ) -> Result<(), ImportError> {
        let mut group = Vec::new();
        let mut of = Vec::new();
        for row in rows {
            if self.mapping.observed.contains_key(&row.activity) {
                continue;
            }
            if let Some(submission) = self.submission(row) {
                group.push(submission);
                of.push(row);
            } else {
                *run.report.unknown_activities.entry(row.activity.clone()).or_default() += 1;
                let reason = "the map does not know this activity".to_owned();
                run.report.refuse(refused(row, reason, String::new()));
            }
        }
        let Some(outcomes) = self.service.submit_step(name, step, &group, at).await? else {
            run.report.rows_known += rows.len();
            return Ok(());
        };
        for (row, outcome) in of.into_iter().zip(outcomes) {
            match outcome {
                Ok(outcome) => {
                    run.report.accepted += 1;
                    run.report.cases_opened += usize::from(row.activity == self.mapping.opening.activity);
                    self.note(&outcome, run);
                }
                Err(rejection) => {
                    let (kind, detail) = reason(&rejection, &row.activity);
                    run.report.refuse(refused(row, kind, detail));
                }
            }
        }
        Ok(())
    }

    fn submission(&self, row: &Row) -> Option<Submission> {
        let opens = row.activity == self.mapping.opening.activity;
        let id = self.case_id(&row.case);
        let command = if opens {
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
            }
        };
        Some(Submission {
            case: id,
            command,
            actor: Actor::Importer,
            role: Some("importer".to_owned()),
            occurred_at: row.at,
            expected_version: None,
            pack: Some(self.pack.id.name.clone()),
            external_key: Some(row.case.clone()),
            settles: None,
        })
    }

    /// Remembers where a case stands and what the machine did.
    fn note(&self, outcome: &Outcome, run: &mut Run) {
        let case = outcome.decision.case();
        run.states.insert(case.id.0, leaves(case));
        for entry in outcome
            .decision
            .entries()
            .iter()
            .filter(|e| e.actor == Actor::Machine)
        {
            let Fact::Moved { entered, .. } = &entry.fact else {
                continue;
            };
            for state in entered {
                if self.mapping.observed.values().any(|o| &o.entered == state) {
                    let date = entry.occurred_at.with_timezone(&self.mapping.zone).date_naive();
                    run.done
                        .entry(state.clone())
                        .or_default()
                        .insert((case.id.0, date));
                }
            }
        }
    }

    /// Holds the log's account of the machine's acts against what the machine did.
    fn observe(&self, rows: &[Row], run: &mut Run) {
        let mut left = run.done.clone();
        for row in rows {
            let Some(observed) = self.mapping.observed.get(&row.activity) else {
                continue;
            };
            let date = row.at.with_timezone(&self.mapping.zone).date_naive();
            run.report.observed.expected += 1;
            let acts = left.entry(observed.entered.clone()).or_default();
            if acts.remove(&(self.case_id(&row.case), date)) {
                run.report.observed.matched += 1;
            } else {
                let line = format!("line {}: {} {date}", row.line, row.case);
                run.report.observed.unmatched.push(line);
            }
        }
        for (case, date) in left.values().flatten() {
            let key = run.keys.get(case).map_or("?", String::as_str);
            run.report.observed.unexpected.push(format!("{key} {date}"));
        }
    }
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

fn refused(row: &Row, reason: String, detail: String) -> Refused {
    Refused {
        line: row.line,
        case: row.case.clone(),
        activity: row.activity.clone(),
        at: Some(row.at),
        reason,
        detail,
    }
}

fn leaves(case: &Case) -> String {
    case.root()
        .snapshot
        .as_ref()
        .map(|s| s.active_leaves().join(" + "))
        .unwrap_or_default()
}
