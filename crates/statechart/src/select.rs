//! Which transitions are taken: the selecting half of SCXML Appendix D.
//!
//! It asks the host's guards and changes nothing.

use crate::bits::BitSet;
use crate::chart::{NodeKind, Reach, StateNo, Tables, Transition};
use crate::error::StepError;
use crate::host::Host;
use crate::snapshot::History;
use crate::step::{Run, Trigger};
use std::ops::Range;

/// A transition that will be taken in this microstep.
#[derive(Debug)]
pub(crate) struct Enabled<'c, G, A> {
    pub(crate) transition: &'c Transition<G, A>,
    /// The range below getTransitionDomain; empty for a targetless transition.
    pub(crate) span: Range<u32>,
}

impl<'r, G, A, H: Host<G, A>> Run<'r, G, A, H> {
    /// selectEventlessTransitions (no event) and selectTransitions (an event): in the order of their leaves, conflicts
    /// removed.
    pub(crate) fn select_transitions(
        &mut self,
        trigger: Trigger<'_>,
    ) -> Result<Vec<Enabled<'r, G, A>>, StepError<H::Error>> {
        let tables = &self.chart.tables;
        let leaves: Vec<StateNo> = self
            .active
            .iter()
            .map(StateNo)
            .filter(|&state| tables.is_leaf(state))
            .collect();
        let mut enabled = Vec::new();
        // A state asked for one leaf gives the same answer for the next, and so do its ancestors.
        let mut asked = BitSet::new(tables.len());
        for leaf in leaves {
            let upwards = std::iter::once(leaf).chain(tables.ancestors(leaf));
            for state in upwards.take_while(|state| asked.insert(state.0)) {
                if let Some(transition) = self.first_enabled(state, trigger)? {
                    enabled.push(self.enable(transition));
                    break;
                }
            }
        }
        Ok(remove_conflicting_transitions(tables, enabled))
    }

    /// The state's first transition, in document order, that matches and whose guard holds.
    fn first_enabled(
        &mut self,
        state: StateNo,
        trigger: Trigger<'_>,
    ) -> Result<Option<&'r Transition<G, A>>, StepError<H::Error>> {
        for transition in self.chart.transitions_of(state) {
            let matches = match trigger.event {
                None => transition.is_eventless(),
                Some(event) => transition.matches(event),
            };
            let taken = matches
                && match &transition.guard {
                    None => true,
                    Some(guard) => self.guard_holds(guard, state, trigger)?,
                };
            if taken {
                return Ok(Some(transition));
            }
        }
        Ok(None)
    }

    /// Fixes what the transition leaves.
    fn enable(&self, transition: &'r Transition<G, A>) -> Enabled<'r, G, A> {
        let tables = &self.chart.tables;
        let span = match &transition.reach {
            Reach::Nothing => 0..0,
            Reach::Span(span) => span.clone(),
            Reach::History => {
                let targets = effective_targets(tables, &self.history, &transition.targets);
                tables.span(tables.transition_domain(transition.source, transition.internal, &targets))
            }
        };
        Enabled { transition, span }
    }
}

/// getEffectiveTargetStates: the targets with every history replaced by what it stands for now.
pub(crate) fn effective_targets(tables: &Tables, history: &History, targets: &[StateNo]) -> Vec<StateNo> {
    let mut effective = Vec::with_capacity(targets.len());
    for &target in targets {
        if !matches!(tables.kind(target), NodeKind::History { .. }) {
            effective.push(target);
        } else if let Some(remembered) = history.get(&target) {
            effective.extend_from_slice(remembered);
        } else {
            effective.extend(effective_targets(tables, history, &tables.node(target).initial));
        }
    }
    effective
}

/// removeConflictingTransitions: two transitions conflict if their exit sets meet. The one whose source lies deeper
/// wins, else the earlier one.
///
/// Domains are nested or apart, and a domain always has something active below it; so exit sets meet exactly when the
/// ranges do.
fn remove_conflicting_transitions<'c, G, A>(
    tables: &Tables,
    enabled: Vec<Enabled<'c, G, A>>,
) -> Vec<Enabled<'c, G, A>> {
    let mut filtered: Vec<Enabled<'c, G, A>> = Vec::with_capacity(enabled.len());
    for candidate in enabled {
        let source = candidate.transition.source;
        let conflicts = |earlier: &Enabled<'c, G, A>| overlap(&candidate.span, &earlier.span);
        let preempts = |earlier: &Enabled<'c, G, A>| tables.is_descendant(source, earlier.transition.source);
        if filtered
            .iter()
            .all(|earlier| !conflicts(earlier) || preempts(earlier))
        {
            filtered.retain(|earlier| !conflicts(earlier));
            filtered.push(candidate);
        }
    }
    filtered
}

/// Do two ranges overlap?
fn overlap(one: &Range<u32>, other: &Range<u32>) -> bool {
    one.start.max(other.start) < one.end.min(other.end)
}
