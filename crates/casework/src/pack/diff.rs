//! What differs between two versions of a pack, and whether cases of the old one find their place in the new one.
//! Pure: knows two packs, no case.

use std::collections::BTreeSet;

use peshi_statechart::StateKind;
use serde::Serialize;

use super::mapping::{Mapping, Renamed, belongs_to_a_state, sends};
use super::sheet::{INSIDE, Row, sheet};
use super::{ChartSpec, Pack};
use crate::fact::PackRef;

pub use super::sheet::Area;

/// What differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PackDiff {
    /// The old version.
    pub from: PackRef,
    /// The new one.
    pub to: PackRef,
    /// The parts that differ, in the order in which people read a pack.
    pub changes: Vec<Change>,
    /// Names of the old version for which the new one has no answer: a case that uses one cannot come over.
    pub needs_mapping: Vec<Needed>,
    /// Names in the new version's `migration.yaml` that the old version does not have.
    pub idle_mapping: Vec<Needed>,
}

impl PackDiff {
    /// Every case of the old version has a place in the new one.
    pub fn is_safe(&self) -> bool {
        self.needs_mapping.is_empty()
    }
}

/// One part that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// What it is.
    pub area: Area,
    /// Its name: `case: refused` for a state of a chart.
    pub name: String,
    /// How it differs.
    pub kind: ChangeKind,
    /// What is said of it otherwise.
    pub details: Vec<Detail>,
}

/// How a part differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Only the new version has it.
    Added,
    /// Only the old version has it.
    Removed,
    /// A state that lies inside another one now.
    Moved,
    /// Both have it, and say something else of it.
    Changed,
}

/// One property.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Detail {
    /// Its name in words.
    pub what: &'static str,
    /// In the old version.
    pub old: Option<String>,
    /// In the new one.
    pub new: Option<String>,
}

/// A name that cases of the old version may use.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Needed {
    /// Where it is said in `migration.yaml`: `charts`, `states`, `deadlines`, `events`.
    pub under: &'static str,
    /// The chart it belongs to, for states.
    pub chart: Option<String>,
    /// The name.
    pub name: String,
}

impl Needed {
    fn new(under: &'static str, chart: Option<&str>, name: &str) -> Self {
        Self {
            under,
            chart: chart.map(str::to_owned),
            name: name.to_owned(),
        }
    }
}

/// Lays two versions side by side.
pub fn diff(old: &Pack, new: &Pack) -> PackDiff {
    PackDiff {
        from: old.id.clone(),
        to: new.id.clone(),
        changes: changes(old, new),
        needs_mapping: needs_mapping(old, new),
        idle_mapping: idle_mapping(old, new),
    }
}

fn changes(old: &Pack, new: &Pack) -> Vec<Change> {
    let (before, after) = (sheet(old), sheet(new));
    let parts: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let none = Row::new();
    parts
        .into_iter()
        .filter_map(|part| {
            let (was, is) = (before.get(part), after.get(part));
            let details = details(was.unwrap_or(&none), is.unwrap_or(&none));
            let kind = match (was, is) {
                (None, _) => ChangeKind::Added,
                (_, None) => ChangeKind::Removed,
                _ if details.is_empty() => return None,
                _ if details.iter().any(|d| d.what == INSIDE) => ChangeKind::Moved,
                _ => ChangeKind::Changed,
            };
            Some(Change {
                area: part.0,
                name: part.1.clone(),
                kind,
                details,
            })
        })
        .collect()
}

fn details(was: &Row, is: &Row) -> Vec<Detail> {
    let value = |row: &Row, what: &str| row.iter().find(|(w, _)| *w == what).map(|(_, v)| v.clone());
    let mut seen = BTreeSet::new();
    was.iter()
        .chain(is)
        .filter(|(what, _)| seen.insert(*what))
        .filter_map(|(what, _)| {
            let (old, new) = (value(was, what), value(is, what));
            (old != new).then_some(Detail { what, old, new })
        })
        .collect()
}

fn is_marker(kind: StateKind) -> bool {
    matches!(kind, StateKind::History { .. })
}

fn needs_mapping(old: &Pack, new: &Pack) -> Vec<Needed> {
    let mapping = Mapping {
        old,
        new,
        timers: None,
    };
    let mut needed = BTreeSet::new();
    for (name, was) in &old.charts {
        let Some(spec) = mapping.chart(name).and_then(|chart| new.charts.get(chart)) else {
            needed.insert(Needed::new("charts", None, name));
            continue;
        };
        for state in was
            .chart
            .states()
            .filter(|s| s.is_atomic() || is_marker(s.kind()))
        {
            let there = if is_marker(state.kind()) {
                mapping.markers(name, state.id(), spec)
            } else {
                mapping.states(name, state.id(), spec)
            };
            if there.is_none() {
                needed.insert(Needed::new("states", Some(name), state.id()));
            }
        }
        for (event, _) in sends(was).filter(|(event, _)| !belongs_to_a_state(event)) {
            if mapping.event(event, spec) == Renamed::Unknown {
                needed.insert(Needed::new("events", None, event));
            }
        }
    }
    let rules = old
        .deadlines
        .keys()
        .filter(|rule| mapping.rule(rule) == Renamed::Unknown);
    needed.extend(rules.map(|rule| Needed::new("deadlines", None, rule)));
    needed.into_iter().collect()
}

fn idle_mapping(old: &Pack, new: &Pack) -> Vec<Needed> {
    let Some(written) = &new.migration else {
        return Vec::new();
    };
    let mut idle = Vec::new();
    let charts = written.charts.keys().filter(|c| !old.charts.contains_key(*c));
    idle.extend(charts.map(|c| Needed::new("charts", None, c)));
    for (chart, states) in &written.states {
        let spec: Option<&ChartSpec> = old.charts.get(chart);
        let there = |id: &String| spec.is_some_and(|s| s.chart.state(id).is_some());
        let gone = states.keys().filter(|id| !there(id));
        idle.extend(gone.map(|id| Needed::new("states", Some(chart), id)));
    }
    let rules = written
        .deadlines
        .keys()
        .filter(|r| !old.deadlines.contains_key(*r));
    idle.extend(rules.map(|r| Needed::new("deadlines", None, r)));
    let sent = |event: &String| {
        old.charts
            .values()
            .any(|spec| sends(spec).any(|(e, _)| e == event))
    };
    let events = written.events.keys().filter(|e| !sent(e));
    idle.extend(events.map(|e| Needed::new("events", None, e)));
    idle
}
