//! Which transitions are taken: the selecting half of SCXML Appendix D.
//!
//! It asks the host's guards and changes nothing.

use crate::chart::{NodeKind, Reach, StateNo, Tables};
use crate::configuration::History;
use crate::error::StepError;
use crate::events::EventNo;
use crate::host::Host;
use crate::step::{Run, Trigger};
use std::ops::Range;

/// A transition that will be taken in this microstep.
#[derive(Debug)]
pub(crate) struct Enabled {
    /// Its place in the chart's list.
    pub(crate) transition: usize,
    pub(crate) source: StateNo,
    /// The range below getTransitionDomain; empty for a targetless transition.
    pub(crate) span: Range<u32>,
}

impl<G, A, H: Host<G, A>> Run<'_, G, A, H> {
    /// selectEventlessTransitions (no event) and selectTransitions (an event): leaves the transitions to be taken in
    /// `enabled`, in the order of their leaves, conflicts removed.
    pub(crate) fn select_transitions(&mut self, trigger: Trigger<'_>) -> Result<(), StepError<H::Error>> {
        let tables = &self.chart.tables;
        self.work.enabled.clear();
        if !self.gather_sources(trigger.number) {
            return Ok(());
        }
        // A state asked for one leaf gives the same answer for the next, and so do its ancestors.
        self.work.asked.clear();
        let mut next = self.work.starts.next_from(0);
        while let Some(start) = next {
            let upwards = std::iter::once(StateNo(start)).chain(tables.ancestors(StateNo(start)));
            for state in upwards {
                if !self.work.asked.insert(state.0) {
                    break;
                }
                if self.work.sources.contains(state.0)
                    && let Some(transition) = self.first_enabled(state, trigger)?
                {
                    self.enable(transition);
                    break;
                }
            }
            next = self.work.starts.next_from(start + 1);
        }
        Ok(())
    }

    /// Finds the active states that answer to the event, and from where to climb to them: from every active leaf, or,
    /// if none of them lies below another, from themselves, for they are then met in the same order. Are there any?
    fn gather_sources(&mut self, event: EventNo) -> bool {
        let tables = &self.chart.tables;
        let (work, active) = (&mut *self.work, &self.at.active);
        work.sources.clear();
        let mut any = false;
        for sources in tables.events.sources(event) {
            any |= work.sources.add_common(sources, active);
        }
        if any {
            let mut end = 0;
            let apart = work.sources.iter().all(|source| {
                let after = source >= end;
                end = tables.node(StateNo(source)).end;
                after
            });
            if apart {
                work.starts.copy_from(&work.sources);
            } else {
                work.starts.set_common(active, &tables.leaves);
            }
        }
        any
    }

    /// The state's first transition, in document order, that matches and whose guard holds.
    fn first_enabled(
        &mut self,
        state: StateNo,
        trigger: Trigger<'_>,
    ) -> Result<Option<usize>, StepError<H::Error>> {
        let chart = self.chart;
        // A second descriptor of the same transition must not ask its guard again.
        let mut refused = None;
        for answer in &chart.answers[chart.behaviour[state.index()].answers.clone()] {
            if !trigger.number.is_in(&answer.events) || refused == Some(answer.transition) {
                continue;
            }
            match &chart.transitions[answer.transition].guard {
                Some(guard) if !self.guard_holds(guard, state, trigger)? => refused = Some(answer.transition),
                _ => return Ok(Some(answer.transition)),
            }
        }
        Ok(None)
    }

    /// Fixes what the transition leaves, and takes it in unless it is preempted.
    fn enable(&mut self, number: usize) {
        let tables = &self.chart.tables;
        let transition = &self.chart.transitions[number];
        let span = match &transition.reach {
            Reach::Nothing => 0..0,
            Reach::Span(span) => span.clone(),
            Reach::History => {
                let effective = &mut self.work.effective;
                effective.clear();
                effective_targets(tables, &self.at.history, &transition.targets, effective);
                tables.span(tables.transition_domain(transition.source, transition.internal, effective))
            }
        };
        let candidate = Enabled {
            transition: number,
            source: transition.source,
            span,
        };
        remove_conflicting_transitions(tables, &mut self.work.enabled, candidate);
    }
}

/// getEffectiveTargetStates: the targets with every history replaced by what it stands for now.
pub(crate) fn effective_targets(
    tables: &Tables,
    history: &History,
    targets: &[StateNo],
    effective: &mut Vec<StateNo>,
) {
    for &target in targets {
        if let NodeKind::History { slot, .. } = tables.kind(target) {
            match history.get(slot) {
                Some(remembered) => effective.extend_from_slice(remembered),
                None => effective_targets(tables, history, &tables.node(target).initial, effective),
            }
        } else {
            effective.push(target);
        }
    }
}

/// removeConflictingTransitions, for one more transition: two transitions conflict if their exit sets meet. The one
/// whose source lies deeper wins, else the earlier one.
///
/// Domains are nested or apart, and a domain always has something active below it; so exit sets meet exactly when the
/// ranges do.
fn remove_conflicting_transitions(tables: &Tables, filtered: &mut Vec<Enabled>, candidate: Enabled) {
    let conflicts = |earlier: &Enabled| overlap(&candidate.span, &earlier.span);
    let preempts = |earlier: &Enabled| tables.is_descendant(candidate.source, earlier.source);
    if filtered
        .iter()
        .all(|earlier| !conflicts(earlier) || preempts(earlier))
    {
        filtered.retain(|earlier| !conflicts(earlier));
        filtered.push(candidate);
    }
}

/// Do two ranges overlap?
fn overlap(one: &Range<u32>, other: &Range<u32>) -> bool {
    one.start.max(other.start) < one.end.min(other.end)
}
