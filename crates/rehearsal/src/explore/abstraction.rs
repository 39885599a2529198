//! From a case to what conditions can tell apart: the case is cut down in place, and gets a key that equal situations
//! share. Knows what may be left out without changing what can happen next.

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::{DateTime, Utc};
use peshi_casework::{Case, EffectId, Fields, Instance, InstanceId, Purpose};
use serde_json::{Value, json};

use super::reads::Reads;

/// Cuts `case` down and gives its key.
pub(super) fn cut(case: &mut Case, reads: &Reads, base: DateTime<Utc>) -> String {
    case.tasks.clear();
    case.violations.clear();
    case.deadlines.retain(|_, deadline| deadline.is_open());
    let large = i32::try_from(reads.large()).map_or(f64::MAX, f64::from);
    for instance in case.instances.values_mut() {
        keep_what_matters(&mut instance.data, reads, large);
    }
    for timer in case.timers.values_mut() {
        timer.due_at = base;
    }
    let key = renumber(case, reads);
    case.opened_at = base;
    case.last_event_at = base;
    key
}

fn keep_what_matters(data: &mut Fields, reads: &Reads, large: f64) {
    data.retain(|name, value| {
        !value.is_null() && (reads.fields.contains(name) || reads.presence.contains(name))
    });
    for value in data.values_mut() {
        if let Some(number) = value.as_f64().filter(|n| n.abs() > large) {
            // An amount stays an amount and a count a count: conditions do not mix them.
            let whole = value.is_i64() || value.is_u64();
            *value = match whole {
                true if number < 0.0 => json!(-reads.large()),
                true => json!(reads.large()),
                false => json!(large.copysign(number)),
            };
        }
    }
}

/// Gives each child a number by what it is like, and leaves out the ended ones that nobody can see.
fn renumber(case: &mut Case, reads: &Reads) -> String {
    let notes = notes(case);
    let root = InstanceId::root();
    let mut order = Vec::new();
    let key = describe(case, reads, &notes, &root, &mut order);
    let mut counted: BTreeMap<String, u32> = BTreeMap::new();
    let mut names: BTreeMap<InstanceId, InstanceId> = BTreeMap::from([(root.clone(), root)]);
    for id in order {
        let chart = &case.instances[&id].chart;
        let n = counted.entry(chart.clone()).or_default();
        *n += 1;
        names.insert(id.clone(), InstanceId::child(chart, *n));
    }
    let renamed = |id: &InstanceId| names.get(id).cloned();
    let instances = std::mem::take(&mut case.instances);
    case.instances = instances
        .into_iter()
        .filter_map(|(id, mut instance)| {
            instance.parent = instance.parent.as_ref().and_then(renamed);
            Some((renamed(&id)?, instance))
        })
        .collect();
    case.timers.retain(|_, timer| match renamed(&timer.instance) {
        Some(id) => {
            timer.instance = id;
            true
        }
        None => false,
    });
    case.deadlines
        .retain(|_, deadline| match renamed(&deadline.instance) {
            Some(id) => {
                deadline.instance = id;
                true
            }
            None => false,
        });
    key
}

/// What is armed and running in each instance, in words.
fn notes(case: &Case) -> BTreeMap<&InstanceId, Vec<String>> {
    let mut notes: BTreeMap<&InstanceId, Vec<String>> = BTreeMap::new();
    for timer in case.timers.values() {
        if let Purpose::Event { event, key } = &timer.purpose {
            notes
                .entry(&timer.instance)
                .or_default()
                .push(format!("{event}@{key}"));
        }
    }
    let due: Vec<&EffectId> = case.timers.values().filter_map(due_of).collect();
    for (id, deadline) in &case.deadlines {
        let armed = if due.contains(&id) { "" } else { "!" };
        let missed = if deadline.missed_at.is_some() { "-" } else { "" };
        let note = format!("{armed}{missed}{}", deadline.rule);
        notes.entry(&deadline.instance).or_default().push(note);
    }
    for list in notes.values_mut() {
        list.sort_unstable();
    }
    notes
}

fn due_of(timer: &peshi_casework::Timer) -> Option<&EffectId> {
    match &timer.purpose {
        Purpose::Due { deadline } => Some(deadline),
        Purpose::Event { .. } | Purpose::Rung { .. } => None,
    }
}

/// The key of an instance and, behind it, of its children in the order of their keys; `order` receives their ids.
fn describe(
    case: &Case,
    reads: &Reads,
    notes: &BTreeMap<&InstanceId, Vec<String>>,
    id: &InstanceId,
    order: &mut Vec<InstanceId>,
) -> String {
    let instance = &case.instances[id];
    let mut key = own_key(instance, reads);
    for note in notes.get(id).into_iter().flatten() {
        let _ = write!(key, " {note}");
    }
    let children = case
        .instances
        .iter()
        .filter(|(_, child)| child.parent.as_ref() == Some(id) && (!child.done || reads.ended_children));
    let mut described: Vec<(String, InstanceId, Vec<InstanceId>)> = children
        .map(|(child, _)| {
            let mut below = Vec::new();
            let key = describe(case, reads, notes, child, &mut below);
            (key, child.clone(), below)
        })
        .collect();
    described.sort();
    // Of ended children that are alike one is enough: conditions ask whether there is one.
    described.dedup_by(|a, b| a.0 == b.0 && case.instances[&a.1].done && case.instances[&b.1].done);
    for (child_key, child, below) in described {
        let _ = write!(key, " ({child_key})");
        order.push(child);
        order.extend(below);
    }
    key
}

fn own_key(instance: &Instance, reads: &Reads) -> String {
    let mut key = instance.chart.clone();
    if instance.done {
        key.push('*');
    }
    if let Some(snapshot) = &instance.snapshot {
        let _ = write!(key, ":{}", snapshot.active_leaves().join(","));
        for (history, states) in snapshot.history() {
            let _ = write!(key, " {history}={}", states.join(","));
        }
    }
    // Fields come in the order they were first filled in; a situation does not depend on it.
    let sorted: BTreeMap<&String, &Value> = instance.data.iter().collect();
    for (name, value) in sorted {
        if reads.fields.contains(name) {
            let _ = write!(key, " {name}={value}");
        } else {
            let _ = write!(key, " {name}");
        }
    }
    key
}
