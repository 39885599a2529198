//! Where the active states of one instance go in another version of its chart.
//! Knows two charts and the mapping between them; no clock, no case around the instance.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use peshi_statechart::{Snapshot, StateKind, StateNo};

use crate::case::Instance;
use crate::fact::Placed;
use crate::pack::mapping::Mapping;
use crate::pack::{ChartSpec, PackChart};

/// Places one instance in the new version, or says in words what has no place there.
pub(super) fn place(
    mapping: &Mapping<'_>,
    name: &str,
    instance: &Instance,
    now: DateTime<Utc>,
) -> Result<Placed, Vec<String>> {
    let Some(chart) = mapping.chart(&instance.chart) else {
        return Err(vec![format!(
            "`{name}` runs the chart `{}`, which it does not have",
            instance.chart
        )]);
    };
    let spec = &mapping.new.charts[chart];
    let Some(snapshot) = &instance.snapshot else {
        return Ok(Placed {
            chart: chart.to_owned(),
            snapshot: None,
            since: BTreeMap::new(),
            left: Vec::new(),
        });
    };
    let mut missing = Vec::new();
    let mut goals = Vec::new();
    for leaf in snapshot.active_leaves() {
        match mapping.states(&instance.chart, leaf, spec) {
            Some(ids) => goals.extend(ids),
            None => missing.push(format!("`{name}` is in `{leaf}`, which it does not have")),
        }
    }
    let remembered = history(mapping, name, instance, snapshot, spec, &mut missing);
    if !missing.is_empty() {
        return Err(missing);
    }
    let active = complete(&spec.chart, &goals, None);
    let placed = spec
        .chart
        .snapshot_at(leaves(&spec.chart, &active), remembered)
        .map_err(|e| vec![format!("`{name}` would not stand in it rightly: {e}")])?;
    match (instance.done, spec.chart.is_done(&placed)) {
        (false, true) => {
            return Err(vec![format!(
                "`{name}` still runs and would be at an end there, in {}",
                list(placed.active_leaves())
            )]);
        }
        (true, false) => {
            return Err(vec![format!(
                "`{name}` has ended and would not be at an end there, in {}",
                list(placed.active_leaves())
            )]);
        }
        _ => {}
    }
    Ok(Placed {
        chart: chart.to_owned(),
        since: since(mapping, instance, spec, &active, now),
        snapshot: Some(placed),
        left: snapshot.active_leaves().to_vec(),
    })
}

fn list(ids: &[String]) -> String {
    let quoted: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
    quoted.join(", ")
}

/// What history states remember, in the new version's names.
fn history(
    mapping: &Mapping<'_>,
    name: &str,
    instance: &Instance,
    snapshot: &Snapshot,
    spec: &ChartSpec,
    missing: &mut Vec<String>,
) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    for (marker, ids) in snapshot.history() {
        let Some(markers) = mapping.markers(&instance.chart, marker, spec) else {
            missing.push(format!(
                "`{name}` remembers where it was in `{marker}`, which it does not have"
            ));
            continue;
        };
        let mut goals = Vec::new();
        for id in ids {
            match mapping.states(&instance.chart, id, spec) {
                Some(to) => goals.extend(to),
                None => missing.push(format!(
                    "`{name}` remembers `{id}` in `{marker}`, which it does not have"
                )),
            }
        }
        for marker in markers {
            let remembered = remembered(&spec.chart, &marker, &goals);
            if !remembered.is_empty() {
                all.insert(marker, remembered);
            }
        }
    }
    all
}

/// The states a history marker remembers when these are where it leads: leaves if it is deep, else children of its parent.
fn remembered(chart: &PackChart, marker: &str, goals: &[String]) -> Vec<String> {
    let Some(number) = chart.state(marker).filter(|_| !goals.is_empty()) else {
        return Vec::new();
    };
    let state = chart.state_ref(number);
    let parent = state.parent().and_then(|id| chart.state(id));
    let below = complete(chart, goals, parent);
    if state.kind() == (StateKind::History { deep: true }) {
        return leaves(chart, &below);
    }
    let children: BTreeSet<&str> = parent
        .map(|p| chart.state_ref(p).children().collect())
        .unwrap_or_default();
    ids(chart, &below)
        .filter(|id| children.contains(id))
        .map(str::to_owned)
        .collect()
}

/// These states with everything that is active when they are: the states around them, and inside each of them, where
/// nothing is said, the state it begins with. `top` bounds it from above; none means the whole chart.
fn complete(chart: &PackChart, goals: &[String], top: Option<StateNo>) -> BTreeSet<StateNo> {
    let root = chart.state(chart.name()).expect("a chart's root bears its name");
    let top = top.unwrap_or(root);
    let mut active = BTreeSet::from([top]);
    for goal in goals {
        enclose(chart, goal, top, &mut active);
    }
    descend(chart, top, &mut active);
    active
}

/// Adds a state and those around it, up to `top`.
fn enclose(chart: &PackChart, id: &str, top: StateNo, active: &mut BTreeSet<StateNo>) {
    let around = std::iter::successors(chart.state(id), |no| {
        chart.state_ref(*no).parent().and_then(|id| chart.state(id))
    });
    active.extend(around.take_while(|no| *no != top));
}

fn descend(chart: &PackChart, at: StateNo, active: &mut BTreeSet<StateNo>) {
    let state = chart.state_ref(at);
    if state.is_atomic() {
        return;
    }
    let children: Vec<StateNo> = state.children().filter_map(|id| chart.state(id)).collect();
    if state.kind() == StateKind::Parallel {
        active.extend(&children);
    } else if !children.iter().any(|child| active.contains(child)) {
        for id in state.initial() {
            // What begins with a history marker begins with the marker's default: there is nothing to remember yet.
            let target = chart.state(id).map(|no| chart.state_ref(no));
            let marker = target.filter(|t| matches!(t.kind(), StateKind::History { .. }));
            match marker {
                Some(marker) => marker.initial().for_each(|id| enclose(chart, id, at, active)),
                None => enclose(chart, id, at, active),
            }
        }
    }
    for child in children {
        if active.contains(&child) {
            descend(chart, child, active);
        }
    }
}

fn ids<'c>(chart: &'c PackChart, states: &'c BTreeSet<StateNo>) -> impl Iterator<Item = &'c str> {
    states.iter().map(|no| chart.id_of(*no))
}

fn leaves(chart: &PackChart, states: &BTreeSet<StateNo>) -> Vec<String> {
    let is_leaf = |no: &&StateNo| chart.state_ref(**no).is_atomic();
    states
        .iter()
        .filter(is_leaf)
        .map(|no| chart.id_of(*no).to_owned())
        .collect()
}

/// A state counts as entered since the state that goes there was; one that nothing goes to, since now.
fn since(
    mapping: &Mapping<'_>,
    instance: &Instance,
    spec: &ChartSpec,
    active: &BTreeSet<StateNo>,
    now: DateTime<Utc>,
) -> BTreeMap<String, DateTime<Utc>> {
    let mut earliest: BTreeMap<String, DateTime<Utc>> = BTreeMap::new();
    for (old, at) in &instance.since {
        for id in mapping.states(&instance.chart, old, spec).unwrap_or_default() {
            let known = earliest.entry(id).or_insert(*at);
            *known = (*known).min(*at);
        }
    }
    ids(&spec.chart, active)
        .map(|id| (id.to_owned(), earliest.get(id).copied().unwrap_or(now)))
        .collect()
}
