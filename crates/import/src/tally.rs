//! What a run remembers of the log's cases while it goes: where each stands, what the machine did in it. Ends as the
//! report. Knows decisions; no database.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use peshi_casework::{Actor, Case, Fact};
use peshi_service::Outcome;
use uuid::Uuid;

use crate::mapping::Mapping;
use crate::report::{Refused, Report};
use crate::table::{BadRow, Row};

/// The run so far.
pub(crate) struct Tally {
    pub(crate) report: Report,
    /// The id of each case of this log, by the log's key.
    ids: BTreeMap<String, Uuid>,
    /// The same the other way round.
    keys: BTreeMap<Uuid, String>,
    /// Cases of this log that another log had opened.
    known: BTreeSet<String>,
    /// The leaf states of each case as of its last change.
    states: BTreeMap<Uuid, String>,
    /// What the machine did: case and local date, by the state it entered.
    done: BTreeMap<String, BTreeSet<(Uuid, NaiveDate)>>,
}

impl Tally {
    /// At the beginning: `ids` are the log's cases, `known` those of them that another log had opened.
    pub(crate) fn new(
        rows: usize,
        bad: Vec<BadRow>,
        ids: BTreeMap<String, Uuid>,
        known: BTreeSet<String>,
    ) -> Self {
        let mut report = Report {
            rows,
            cases_known: known.len(),
            ..Report::default()
        };
        for row in bad {
            report.refuse(Refused {
                line: row.line,
                case: row.case,
                activity: row.activity,
                at: row.at,
                reason: row.problem,
                detail: String::new(),
            });
        }
        let keys = ids.iter().map(|(key, id)| (*id, key.clone())).collect();
        Self {
            report,
            ids,
            keys,
            known,
            states: BTreeMap::new(),
            done: BTreeMap::new(),
        }
    }

    /// The id of a case of this log.
    pub(crate) fn id(&self, key: &str) -> Option<Uuid> {
        self.ids.get(key).copied()
    }

    /// Whether another log had opened the case.
    pub(crate) fn is_known(&self, key: &str) -> bool {
        self.known.contains(key)
    }

    /// A timer brought something into a case; those of other cases are not this log's story.
    pub(crate) fn fired(&mut self, outcome: &Outcome, mapping: &Mapping) {
        let id = outcome.decision.case().id.0;
        if self.keys.contains_key(&id) {
            self.report.timers_fired += 1;
            self.note(outcome, mapping);
        }
    }

    /// A row was accepted.
    pub(crate) fn accepted(&mut self, row: &Row, outcome: &Outcome, mapping: &Mapping) {
        self.report.accepted += 1;
        self.report.cases_opened += usize::from(row.activity == mapping.opening.activity);
        self.note(outcome, mapping);
    }

    /// A row was refused.
    pub(crate) fn refused(&mut self, row: &Row, reason: impl Into<String>, detail: impl Into<String>) {
        self.report.refuse(Refused {
            line: row.line,
            case: row.case.clone(),
            activity: row.activity.clone(),
            at: Some(row.at),
            reason: reason.into(),
            detail: detail.into(),
        });
    }

    /// Remembers where a case stands and what the machine did.
    fn note(&mut self, outcome: &Outcome, mapping: &Mapping) {
        let case = outcome.decision.case();
        self.states.insert(case.id.0, leaves(case));
        for entry in outcome
            .decision
            .entries()
            .iter()
            .filter(|e| e.actor == Actor::Machine)
        {
            let Fact::Moved { entered, .. } = &entry.fact else {
                continue;
            };
            for state in entered
                .iter()
                .filter(|s| mapping.observed.values().any(|o| &o.entered == *s))
            {
                let act = (case.id.0, day(entry.occurred_at, mapping.zone));
                self.done.entry(state.clone()).or_default().insert(act);
            }
        }
    }

    /// The report: final states, and the log's account of the machine's acts held against what it did.
    pub(crate) fn finish(mut self, applied_now: &[Row], mapping: &Mapping) -> Report {
        for states in self.states.values() {
            *self.report.final_states.entry(states.clone()).or_default() += 1;
        }
        for row in applied_now.iter().filter(|row| !self.known.contains(&row.case)) {
            let Some(observed) = mapping.observed.get(&row.activity) else {
                continue;
            };
            let date = day(row.at, mapping.zone);
            self.report.observed.expected += 1;
            let acts = self.done.entry(observed.entered.clone()).or_default();
            if self
                .ids
                .get(&row.case)
                .is_some_and(|id| acts.remove(&(*id, date)))
            {
                self.report.observed.matched += 1;
            } else {
                let line = format!("line {}: {} {date}", row.line, row.case);
                self.report.observed.unmatched.push(line);
            }
        }
        for (case, date) in self.done.values().flatten() {
            let key = self.keys.get(case).map_or("?", String::as_str);
            self.report.observed.unexpected.push(format!("{key} {date}"));
        }
        self.report
    }
}

fn day(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

fn leaves(case: &Case) -> String {
    case.root()
        .snapshot
        .as_ref()
        .map(|s| s.active_leaves().join(" + "))
        .unwrap_or_default()
}
