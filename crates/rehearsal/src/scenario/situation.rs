//! What can be seen of a case at one moment, in plain words: the only thing a story is compared with.
//! Knows no story; made from a rehearsal here, and as well from whatever else keeps a case.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use peshi_calendar::Calendar;
use peshi_casework::pack::Pack;
use peshi_casework::{Board, Case, time};
use serde_json::{Map, Value};

use crate::life::Message;

/// What can be seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Situation {
    /// Active states of each live instance, and nothing for one that has ended.
    pub instances: BTreeMap<String, Option<Vec<String>>>,
    /// The public status.
    pub public: Option<String>,
    /// Who must act.
    pub waiting_on: Option<String>,
    /// The case counts as closed.
    pub closed: bool,
    /// It is blind.
    pub blind: bool,
    /// It is stalled.
    pub stalled: bool,
    /// Every deadline, in the order they began.
    pub deadlines: Vec<DeadlineSeen>,
    /// Open tasks.
    pub tasks: Vec<String>,
    /// Violations noted.
    pub violations: Vec<String>,
    /// Messages expected since the last look.
    pub messages: Vec<MessageSeen>,
    /// Kept fields of the root.
    pub data: Map<String, Value>,
}

/// A deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadlineSeen {
    /// Its rule.
    pub rule: String,
    /// Its instance.
    pub instance: String,
    /// The local day it falls on.
    pub day: NaiveDate,
    /// Its last moment, local.
    pub due: NaiveDateTime,
    /// The earlier day the office works towards.
    pub internal: Option<NaiveDate>,
    /// It was missed.
    pub missed: bool,
    /// It no longer runs.
    pub ended: bool,
}

/// A message expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageSeen {
    /// Its kind.
    pub kind: String,
    /// The role it is for.
    pub to: String,
    /// The rule it announces.
    pub rule: Option<String>,
    /// When, local.
    pub at: NaiveDateTime,
    /// The moment it speaks of, local.
    pub moment: Option<NaiveDateTime>,
    /// The key of the reason it is suppressed for.
    pub suppressed: Option<String>,
}

impl Situation {
    /// What can be seen of `case` at `now`.
    pub fn of(
        pack: &Pack,
        calendar: &Calendar,
        case: &Case,
        board: &Board,
        messages: &[Message],
        now: DateTime<Utc>,
    ) -> Self {
        let local = |at: DateTime<Utc>| time::local(at, calendar);
        let instances = case.instances.iter().map(|(id, instance)| {
            let states = instance
                .snapshot
                .as_ref()
                .filter(|_| id.is_root() || !instance.done);
            let states = states.zip(pack.chart(&instance.chart)).map(|(snapshot, spec)| {
                let all = spec.chart.configuration(snapshot);
                all.into_iter().map(str::to_owned).collect()
            });
            (id.to_string(), states)
        });
        let mut deadlines: Vec<_> = case.deadlines.iter().collect();
        deadlines.sort_by_key(|(id, _)| crate::life::order(id));
        let deadlines = deadlines.into_iter().map(|(_, d)| DeadlineSeen {
            rule: d.rule.clone(),
            instance: d.instance.to_string(),
            day: d.computed.day(calendar),
            due: local(d.computed.due_at),
            internal: d.computed.internal_last_day,
            missed: d.missed_at.is_some(),
            ended: !d.is_open(),
        });
        let open = case.tasks.values().filter(|t| t.done_at.is_none());
        Self {
            instances: instances.collect(),
            public: board.public_status.clone(),
            waiting_on: board.waiting_on.map(|w| w.as_str().to_owned()),
            closed: board.closed,
            blind: board.blind_since.is_some(),
            stalled: board.stalled_at.is_some_and(|at| at <= now),
            deadlines: deadlines.collect(),
            tasks: open.map(|t| t.key.clone()).collect(),
            violations: case.violations.iter().map(|v| v.code.clone()).collect(),
            messages: messages
                .iter()
                .map(|m| MessageSeen {
                    kind: m.order.kind.clone(),
                    to: m.to.clone(),
                    rule: m.rule.clone(),
                    at: local(m.at),
                    moment: m.order.moment.map(local),
                    suppressed: m.suppressed.map(|r| r.key().to_owned()),
                })
                .collect(),
            data: case.root().data.clone(),
        }
    }
}
