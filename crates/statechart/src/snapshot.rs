//! The resting state of one chart instance between two steps, and its return into tables.
//!
//! A [`Snapshot`] is plain data that anyone may have stored or damaged; it is checked whole each time it is used. It
//! knows no storage.

use crate::bits::BitSet;
use crate::chart::{ActiveTransition, Candidate, Chart, NodeKind, StateNo, Tables};
use crate::configuration::Configuration;
use crate::error::SnapshotError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where one instance of a chart stands: its active leaves and what its history states remember.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    chart: String,
    active: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    history: BTreeMap<String, Vec<String>>,
}

impl Snapshot {
    /// The ids of the active atomic and final states, in document order.
    pub fn active_leaves(&self) -> &[String] {
        &self.active
    }

    /// The hash of the chart this snapshot belongs to.
    pub fn chart_hash(&self) -> &str {
        &self.chart
    }

    /// What each history state remembers: the ids of the states, in document order.
    pub fn history(&self) -> &BTreeMap<String, Vec<String>> {
        &self.history
    }
}

impl<G, A> Chart<G, A> {
    /// Checks a snapshot against this chart.
    ///
    /// # Errors
    /// If it belongs to other content, names unknown states, or is not a legal configuration of this chart.
    pub fn restore(&self, snapshot: &Snapshot) -> Result<Configuration, SnapshotError> {
        let tables = &self.tables;
        if snapshot.chart != tables.hash {
            return Err(SnapshotError::OtherChart {
                chart: tables.name.clone(),
                expected: tables.hash.clone(),
                found: snapshot.chart.clone(),
            });
        }
        let leaves = tables.numbers(&snapshot.active)?;
        if let Some(&state) = leaves.iter().find(|&&leaf| !tables.is_leaf(leaf)) {
            return Err(SnapshotError::NotALeaf {
                state: tables.id(state).to_owned(),
            });
        }
        let active = tables.closure(&leaves, None);
        tables
            .check_legal(&active, Tables::ROOT)
            .map_err(|(state, why)| SnapshotError::Illegal {
                state: tables.id(state).to_owned(),
                why,
            })?;
        let mut restored = Configuration::new(tables);
        restored.done = tables.is_in_final_state(Tables::ROOT, &active);
        restored.active = active;
        tables.restore_history(&snapshot.history, &mut restored)?;
        Ok(restored)
    }

    /// A snapshot of this chart at the given leaves with the given history, as a migration between two versions of a
    /// chart needs.
    ///
    /// # Errors
    /// As [`Chart::restore`], if they do not fit this chart.
    pub fn snapshot_at(
        &self,
        active: Vec<String>,
        history: BTreeMap<String, Vec<String>>,
    ) -> Result<Snapshot, SnapshotError> {
        let chart = self.tables.hash.clone();
        let restored = self.restore(&Snapshot {
            chart,
            active,
            history,
        })?;
        Ok(self.tables.snapshot(&restored))
    }

    /// All transitions whose source is active and which match `event` by descriptor, innermost source first, then in
    /// document order. Guards are not asked. A done chart has none.
    ///
    /// # Errors
    /// If the snapshot does not fit this chart.
    pub fn candidates<'c>(
        &'c self,
        snapshot: &Snapshot,
        event: &str,
    ) -> Result<Vec<Candidate<'c, G, A>>, SnapshotError> {
        let mut sources = self.transition_sources(snapshot)?;
        // A stable sort, so document order stays within a depth.
        sources.sort_by_key(|&source| std::cmp::Reverse(self.tables.node(source).depth));
        let of_source = |source| {
            let numbered = self.transitions_of(source).iter().enumerate();
            numbered.map(move |(index, transition)| Candidate {
                source: self.tables.id(source),
                index,
                transition,
            })
        };
        let all = sources.into_iter().flat_map(of_source);
        Ok(all
            .filter(|candidate| candidate.transition.matches(event))
            .collect())
    }

    /// Every transition whose source is active, eventless ones included, with the source's id, in document order: for
    /// listing the events allowed now. A done chart has none.
    ///
    /// # Errors
    /// If the snapshot does not fit this chart.
    pub fn active_transitions<'c>(
        &'c self,
        snapshot: &Snapshot,
    ) -> Result<Vec<ActiveTransition<'c, G, A>>, SnapshotError> {
        let of_source = |source| {
            let id = self.tables.id(source);
            self.transitions_of(source)
                .iter()
                .map(move |transition| (id, transition))
        };
        let sources = self.transition_sources(snapshot)?;
        Ok(sources.into_iter().flat_map(of_source).collect())
    }

    /// Is the state active? False for an unknown id and for a snapshot that does not fit this chart.
    pub fn is_active(&self, snapshot: &Snapshot, id: &str) -> bool {
        let restored = self.restore(snapshot).ok();
        self.state(id)
            .zip(restored)
            .is_some_and(|(state, at)| at.is_active(state))
    }

    /// The ids of all active states in document order; empty for a snapshot that does not fit this chart.
    pub fn configuration(&self, snapshot: &Snapshot) -> Vec<&str> {
        self.restore(snapshot)
            .map(|at| at.active().map(|state| self.tables.id(state)).collect())
            .unwrap_or_default()
    }

    /// Is the root in a final state? False for a snapshot that does not fit this chart.
    pub fn is_done(&self, snapshot: &Snapshot) -> bool {
        self.restore(snapshot).is_ok_and(|at| at.is_done())
    }

    /// The active states whose transitions may still be taken, in document order.
    fn transition_sources(&self, snapshot: &Snapshot) -> Result<Vec<StateNo>, SnapshotError> {
        let restored = self.restore(snapshot)?;
        Ok(restored.active().filter(|_| !restored.done).collect())
    }
}

impl Tables {
    /// The snapshot of a configuration.
    pub(crate) fn snapshot(&self, at: &Configuration) -> Snapshot {
        let own = |state: StateNo| self.id(state).to_owned();
        let leaves = at.active().filter(|&state| self.is_leaf(state));
        let slots = self.histories.iter().enumerate();
        let remembered = slots.filter_map(|(slot, &state)| Some((state, at.history.get(slot)?)));
        Snapshot {
            chart: self.hash.clone(),
            active: leaves.map(own).collect(),
            history: remembered
                .map(|(state, remembered)| (own(state), remembered.iter().copied().map(own).collect()))
                .collect(),
        }
    }

    /// isInFinalState.
    pub(crate) fn is_in_final_state(&self, state: StateNo, active: &BitSet) -> bool {
        let children = &self.node(state).children;
        match self.kind(state) {
            NodeKind::Compound => children
                .iter()
                .any(|&child| self.kind(child) == NodeKind::Final && active.contains(child.0)),
            NodeKind::Parallel => children
                .iter()
                .all(|&child| self.is_in_final_state(child, active)),
            NodeKind::Atomic | NodeKind::Final | NodeKind::History { .. } => false,
        }
    }

    /// The numbers of these ids.
    fn numbers(&self, ids: &[String]) -> Result<Vec<StateNo>, SnapshotError> {
        let number = |id: &String| self.state(id).ok_or_else(|| self.unknown(id));
        ids.iter().map(number).collect()
    }

    fn unknown(&self, id: &str) -> SnapshotError {
        SnapshotError::UnknownState {
            chart: self.name.clone(),
            state: id.to_owned(),
        }
    }

    /// These states with their ancestors, up to but without `top`.
    fn closure(&self, states: &[StateNo], top: Option<StateNo>) -> BitSet {
        let mut all = BitSet::new(self.len());
        for &state in states {
            all.insert(state.0);
            for ancestor in self.ancestors(state).take_while(|&up| Some(up) != top) {
                all.insert(ancestor.0);
            }
        }
        all
    }

    /// Is the set, closed under parents up to `top`, a legal configuration of the tree under `top`? Else names the
    /// first state, in document order, whose children are wrong.
    pub(crate) fn check_legal(&self, active: &BitSet, top: StateNo) -> Result<(), (StateNo, &'static str)> {
        self.check_children(active, top)?;
        let below = active.iter_in(self.descendants(top)).map(StateNo);
        below
            .into_iter()
            .try_for_each(|state| self.check_children(active, state))
    }

    /// The rule for the children of one active state.
    fn check_children(&self, active: &BitSet, state: StateNo) -> Result<(), (StateNo, &'static str)> {
        let node = self.node(state);
        let count = node
            .children
            .iter()
            .filter(|child| active.contains(child.0))
            .count();
        match node.kind {
            NodeKind::Compound if count == 0 => Err((state, "no child is active")),
            NodeKind::Compound if count > 1 => Err((state, "more than one child is active")),
            NodeKind::Parallel if count < node.children.len() => Err((state, "not every region is active")),
            NodeKind::History { .. } => Err((state, "a history state is never active")),
            NodeKind::Atomic | NodeKind::Final | NodeKind::Compound | NodeKind::Parallel => Ok(()),
        }
    }

    fn restore_history(
        &self,
        history: &BTreeMap<String, Vec<String>>,
        restored: &mut Configuration,
    ) -> Result<(), SnapshotError> {
        for (id, remembered) in history {
            let state = self.state(id).ok_or_else(|| self.unknown(id))?;
            let mut states = self.numbers(remembered)?;
            states.sort_unstable();
            states.dedup();
            let slot = self
                .check_history(state, &states)
                .map_err(|why| SnapshotError::History {
                    state: id.clone(),
                    why,
                })?;
            restored.history.set(slot, states.into_iter());
        }
        Ok(())
    }

    /// Could `history` have come to remember `states`? Its slot, if so.
    fn check_history(&self, history: StateNo, states: &[StateNo]) -> Result<usize, &'static str> {
        let (NodeKind::History { deep, slot }, Some(parent)) =
            (self.kind(history), self.node(history).parent)
        else {
            return Err("it is not a history state");
        };
        if !states.iter().all(|&state| self.is_descendant(state, parent)) {
            return Err("it remembers a state outside its parent");
        }
        let remembered = self.closure(states, Some(parent));
        if deep {
            if !states.iter().all(|&state| self.is_leaf(state)) {
                return Err("it is deep and remembers a state that is no leaf");
            }
            self.check_legal(&remembered, parent).map_err(|(_, why)| why)?;
        } else {
            if !states
                .iter()
                .all(|&state| self.node(state).parent == Some(parent))
            {
                return Err("it is shallow and remembers a state that is no child of its parent");
            }
            if states
                .iter()
                .any(|&state| matches!(self.kind(state), NodeKind::History { .. }))
            {
                return Err("it remembers a history state");
            }
            self.check_children(&remembered, parent).map_err(|(_, why)| why)?;
        }
        Ok(slot)
    }
}
