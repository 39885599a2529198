//! What a microstep enters: the entering half of SCXML Appendix D.
//!
//! It computes sets from the tables and the history; it runs nothing.

use crate::bits::BitSet;
use crate::chart::{Chart, NodeKind, StateNo, Tables};
use crate::configuration::History;
use crate::select::{Enabled, effective_targets};
use std::ops::Range;

/// What is to be entered.
#[derive(Debug)]
pub(crate) struct Entry {
    /// statesToEnter.
    pub(crate) states: BitSet,
    /// defaultHistoryContent: pairs of a parent and its history whose default content runs after the parent's entry.
    default_history: Vec<(StateNo, StateNo)>,
    /// getEffectiveTargetStates of the transition at work.
    effective: Vec<StateNo>,
}

impl Entry {
    /// Room for a chart's entry sets.
    pub(crate) fn new(tables: &Tables) -> Self {
        Self {
            states: BitSet::new(tables.len()),
            default_history: Vec::new(),
            effective: Vec::new(),
        }
    }

    /// computeEntrySet for these transitions, with the history as it is after the exits: a history whose parent was
    /// just left stands for what was just left, while the domain stays what the exits went by.
    pub(crate) fn compute<G, A>(&mut self, chart: &Chart<G, A>, history: &History, taken: &[Enabled]) {
        self.clear();
        let mut effective = std::mem::take(&mut self.effective);
        let mut set = EntrySet::new(&chart.tables, history, self);
        for enabled in taken {
            let targets = &chart.transitions[enabled.transition].targets;
            set.within = enabled.span.clone();
            for &target in targets {
                set.add_descendant_states_to_enter(target);
            }
            effective.clear();
            effective_targets(&chart.tables, history, targets, &mut effective);
            for &target in &effective {
                set.add_ancestor_states_to_enter(target, None);
            }
        }
        self.effective = effective;
    }

    /// The entry set of the document's initial transition, which goes to the root.
    pub(crate) fn compute_initial(&mut self, tables: &Tables, history: &History) {
        self.clear();
        EntrySet::new(tables, history, self).add_descendant_states_to_enter(Tables::ROOT);
    }

    /// The history whose default content runs after the entry of this state.
    pub(crate) fn default_history_of(&self, parent: StateNo) -> Option<StateNo> {
        let last = self.default_history.iter().rfind(|(of, _)| *of == parent);
        last.map(|&(_, history)| history)
    }

    fn clear(&mut self) {
        self.states.clear();
        self.default_history.clear();
    }
}

/// An entry set as it grows.
struct EntrySet<'r> {
    tables: &'r Tables,
    history: &'r History,
    /// The range below the domain of the transition at work. Nothing outside it was exited, so nothing outside it is
    /// entered. (Appendix D forgets this for a history whose parent stays active.)
    within: Range<u32>,
    entry: &'r mut Entry,
}

impl<'r> EntrySet<'r> {
    fn new(tables: &'r Tables, history: &'r History, entry: &'r mut Entry) -> Self {
        Self {
            tables,
            history,
            within: tables.span(None),
            entry,
        }
    }

    /// addDescendantStatesToEnter.
    fn add_descendant_states_to_enter(&mut self, state: StateNo) {
        let tables = self.tables;
        let node = tables.node(state);
        match node.kind {
            NodeKind::History { slot, .. } => self.add_history(state, slot),
            NodeKind::Atomic | NodeKind::Final => {
                self.entry.states.insert(state.0);
            }
            NodeKind::Compound => {
                self.entry.states.insert(state.0);
                self.add_all(&node.initial, Some(state));
            }
            NodeKind::Parallel => {
                self.entry.states.insert(state.0);
                self.add_missing_regions(state);
            }
        }
    }

    /// What a history stands for: what it remembers, else its default.
    fn add_history(&mut self, state: StateNo, slot: usize) {
        let (tables, history) = (self.tables, self.history);
        let node = tables.node(state);
        if let Some(remembered) = history.get(slot) {
            self.add_all(remembered, node.parent);
        } else {
            if let Some(parent) = node.parent {
                self.entry.default_history.push((parent, state));
            }
            self.add_all(&node.initial, node.parent);
        }
    }

    /// These states with their descendants, then the way down to them from `top`.
    fn add_all(&mut self, states: &[StateNo], top: Option<StateNo>) {
        for &state in states {
            self.add_descendant_states_to_enter(state);
        }
        for &state in states {
            self.add_ancestor_states_to_enter(state, top);
        }
    }

    /// addAncestorStatesToEnter, up to but without `top` and never beyond the transition's domain.
    fn add_ancestor_states_to_enter(&mut self, state: StateNo, top: Option<StateNo>) {
        let (tables, within) = (self.tables, self.within.clone());
        let inside = |ancestor: &StateNo| Some(*ancestor) != top && within.contains(&ancestor.0);
        for ancestor in tables.ancestors(state).take_while(inside) {
            self.entry.states.insert(ancestor.0);
            if tables.kind(ancestor) == NodeKind::Parallel {
                self.add_missing_regions(ancestor);
            }
        }
    }

    /// Every region of a parallel in which nothing is to be entered yet is entered by default.
    fn add_missing_regions(&mut self, parallel: StateNo) {
        let tables = self.tables;
        for &region in &tables.node(parallel).children {
            if !self.entry.states.any_in(tables.descendants(region)) {
                self.add_descendant_states_to_enter(region);
            }
        }
    }
}
