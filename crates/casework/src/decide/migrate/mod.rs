//! Moves a case to another version of its pack: states and clocks go where the new version says, and a case for which it
//! says nothing stays as it is. Nothing is left or entered by it, so no entry or exit act runs.
//!
//! Knows two versions and one case; which cases move, and when, is for others to say.

mod clocks;
mod events;
mod place;

use std::collections::BTreeMap;

use super::draft::Draft;
use super::{Decision, finish, pack_fault, unmoved};
use crate::case::{Case, Instance};
use crate::command::{Context, Fault, Rejection};
use crate::fact::{Fact, Placed, Purpose};
use crate::ids::InstanceId;
use crate::pack::mapping::{Mapping, Renamed, belongs_to_a_state};
use crate::pack::{Pack, TimerPolicy};

/// Decides the move of a case from `old`, the version it is pinned to, to the version in `ctx`. `timers` says what becomes
/// of running clocks where the new version itself does not.
///
/// A clock that has run out does not start again: fired reminders stay fired, missed deadlines stay missed.
///
/// # Errors
/// [`Rejection::Unmapped`] with every place for which the new version has no answer; nothing changed then.
pub fn migrate(
    case: &Case,
    old: &Pack,
    ctx: &Context<'_>,
    timers: Option<TimerPolicy>,
) -> Result<Decision, Rejection> {
    unmoved(case, ctx)?;
    if case.pack.hash == ctx.pack.id.hash {
        return Err(Rejection::SameVersion);
    }
    if let Some(why) = no_way(case, ctx.pack) {
        return Err(Rejection::NoWay {
            case: case.reference.clone(),
            to: ctx.pack.id.version,
            why,
        });
    }
    let mapping = Mapping {
        old,
        new: ctx.pack,
        timers,
    };
    let instances = planned(&mapping, case, ctx).map_err(|places| Rejection::Unmapped {
        case: case.reference.clone(),
        to: ctx.pack.id.version,
        places,
    })?;
    let mut draft = Draft::of(case.clone(), ctx);
    carry_out(&mut draft, &mapping, case, instances).map_err(|e| pack_fault(ctx.pack, &e))?;
    Ok(finish(draft))
}

/// Why nothing leads from the case's version to the new one.
fn no_way(case: &Case, new: &Pack) -> Option<String> {
    if case.pack.name != new.id.name {
        return Some(format!(
            "it belongs to the pack `{}`, not `{}`",
            case.pack.name, new.id.name
        ));
    }
    let written = new.migration.as_ref().filter(|w| !w.speaks_of(&case.pack))?;
    Some(format!(
        "migration.yaml there speaks of cases from {}, and this one is on version {} ({}); add it to `from:`, or move the \
         case to one of those versions first",
        written.from.join(", "),
        case.pack.version,
        case.pack.hash.get(..12).unwrap_or(&case.pack.hash)
    ))
}

/// Where every instance goes; or everything that has no place.
fn planned(
    mapping: &Mapping<'_>,
    case: &Case,
    ctx: &Context<'_>,
) -> Result<BTreeMap<InstanceId, Placed>, Vec<String>> {
    let mut placed = BTreeMap::new();
    let mut missing = Vec::new();
    for (id, instance) in &case.instances {
        match place::place(mapping, id.as_str(), instance, ctx.now) {
            Ok(there) => {
                placed.insert(id.clone(), there);
            }
            Err(places) => missing.extend(places),
        }
    }
    missing.extend(unnamed_rules(mapping, case));
    missing.extend(unnamed_events(mapping, case));
    if missing.is_empty() {
        Ok(placed)
    } else {
        Err(missing)
    }
}

fn unnamed_rules(mapping: &Mapping<'_>, case: &Case) -> Vec<String> {
    let running = case.deadlines.values().filter(|d| d.is_open());
    running
        .filter(|d| mapping.rule(&d.rule) == Renamed::Unknown)
        .map(|d| {
            format!(
                "the deadline `{}` runs in `{}`, and it has no such rule",
                d.rule, d.instance
            )
        })
        .collect()
}

fn unnamed_events(mapping: &Mapping<'_>, case: &Case) -> Vec<String> {
    let mut missing = Vec::new();
    for timer in case.timers.values() {
        let Purpose::Event { event, .. } = &timer.purpose else {
            continue;
        };
        let there = case
            .instances
            .get(&timer.instance)
            .and_then(|i| mapping.chart(&i.chart));
        if let Some(spec) = there.and_then(|chart| mapping.new.chart(chart))
            && !belongs_to_a_state(event)
            && mapping.event(event, spec) == Renamed::Unknown
        {
            missing.push(format!(
                "the event `{event}` is on its way to `{}`, and nothing there takes it",
                timer.instance
            ));
        }
    }
    missing
}

fn carry_out(
    draft: &mut Draft<'_>,
    mapping: &Mapping<'_>,
    before: &Case,
    instances: BTreeMap<InstanceId, Placed>,
) -> Result<(), Fault> {
    let fact = Fact::Migrated {
        from: before.pack.clone(),
        to: mapping.new.id.clone(),
        instances,
    };
    draft.record(None, fact)?;
    for (id, was) in before.instances.iter().filter(|(_, i)| !i.done) {
        let here = Here { mapping, id, was };
        clocks::carry(draft, &here)?;
        events::carry(draft, &here)?;
    }
    // Days and lists show a date by its rule, which may be called or classed otherwise now.
    let open = draft.case.deadlines.iter().filter(|(_, d)| d.is_open());
    let open: Vec<_> = open.map(|(id, _)| id.clone()).collect();
    draft.touched.extend(open);
    Ok(())
}

/// One live instance on its way.
struct Here<'m> {
    mapping: &'m Mapping<'m>,
    id: &'m InstanceId,
    /// As it was before.
    was: &'m Instance,
}

impl Here<'_> {
    /// The ids of the states that were active, in the old version.
    fn were_active(&self) -> Vec<&str> {
        match (self.mapping.old.chart(&self.was.chart), &self.was.snapshot) {
            (Some(spec), Some(snapshot)) => spec.chart.configuration(snapshot),
            _ => Vec::new(),
        }
    }
}
