//! Which events somebody may record now: the same gates that `decide` asks, asked in advance.

use std::collections::BTreeSet;

use super::draft::Draft;
use super::host::{ScopeParts, may};
use crate::case::Case;
use crate::command::Context;
use crate::fact::Fields;
use crate::ids::InstanceId;
use crate::pack::{Gate, raised_by_engine};

/// An event that may be recorded now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// Where.
    pub instance: InstanceId,
    /// The chart it runs.
    pub chart: String,
    /// The state it would leave.
    pub source: String,
    /// What.
    pub event: String,
    /// With which form.
    pub form: Option<String>,
}

/// Every event the asker may record now, in document order, each once per instance.
/// A condition that does not depend on the form is asked; one that does is left for the form to answer.
pub fn allowed(ctx: &Context<'_>, case: &Case) -> Vec<Allowed> {
    let draft = Draft::of(case.clone(), ctx);
    let mut seen = BTreeSet::new();
    let mut events = Vec::new();
    for (id, instance) in case.instances.iter().filter(|(_, i)| !i.done) {
        let (Some(spec), Some(snapshot)) = (ctx.pack.chart(&instance.chart), &instance.snapshot) else {
            continue;
        };
        let Ok(transitions) = spec.chart.active_transitions(snapshot) else {
            continue;
        };
        let active: Vec<String> = spec
            .chart
            .configuration(snapshot)
            .into_iter()
            .map(str::to_owned)
            .collect();
        for (source, transition) in transitions {
            let Some(gate) = transition.guard() else { continue };
            if !may(gate, ctx) || !could_hold(gate, &draft, id, &active) {
                continue;
            }
            for event in transition.events().iter().filter(|e| is_for_people(e)) {
                if seen.insert((id.clone(), event.clone())) {
                    events.push(Allowed {
                        instance: id.clone(),
                        chart: instance.chart.clone(),
                        source: source.to_owned(),
                        event: event.clone(),
                        form: gate.form.clone(),
                    });
                }
            }
        }
    }
    events
}

fn is_for_people(event: &str) -> bool {
    !event.contains('*') && !raised_by_engine(event)
}

fn could_hold(gate: &Gate, draft: &Draft<'_>, instance: &InstanceId, active: &[String]) -> bool {
    let Some(condition) = &gate.condition else {
        return true;
    };
    if condition.uses("form") {
        return true;
    }
    let empty = Fields::new();
    let parts = ScopeParts::of(draft, instance, condition);
    condition
        .holds(&parts.scope(draft, active, &empty))
        .unwrap_or(false)
}
