//! What a microstep enters: the entering half of SCXML Appendix D.
//!
//! It computes sets from the tables and the history; it runs nothing.

use crate::bits::BitSet;
use crate::chart::{NodeKind, StateNo, Tables};
use crate::select::{Enabled, effective_targets};
use crate::snapshot::History;
use std::collections::BTreeMap;
use std::ops::Range;

/// What is to be entered.
#[derive(Debug)]
pub(crate) struct Entry {
    /// statesToEnter.
    pub(crate) states: BitSet,
    /// defaultHistoryContent: by parent, the history whose default content runs after the parent's entry.
    pub(crate) default_history: BTreeMap<StateNo, StateNo>,
}

impl Entry {
    /// computeEntrySet for these transitions, with the history as it is after the exits: a history whose parent was
    /// just left stands for what was just left, while the domain stays what the exits went by.
    pub(crate) fn of_transitions<G, A>(
        tables: &Tables,
        history: &History,
        taken: &[Enabled<'_, G, A>],
    ) -> Self {
        let mut set = EntrySet::new(tables, history);
        for enabled in taken {
            set.within = enabled.span.clone();
            for &target in &enabled.transition.targets {
                set.add_descendant_states_to_enter(target);
            }
            for target in effective_targets(tables, history, &enabled.transition.targets) {
                set.add_ancestor_states_to_enter(target, None);
            }
        }
        set.entry
    }

    /// The entry set of the document's initial transition, which goes to the root.
    pub(crate) fn of_document(tables: &Tables, history: &History) -> Self {
        let mut set = EntrySet::new(tables, history);
        set.add_descendant_states_to_enter(Tables::ROOT);
        set.entry
    }
}

/// An entry set as it grows.
struct EntrySet<'c> {
    tables: &'c Tables,
    history: &'c History,
    /// The range below the domain of the transition at work. Nothing outside it was exited, so nothing outside it is
    /// entered. (Appendix D forgets this for a history whose parent stays active.)
    within: Range<u32>,
    entry: Entry,
}

impl<'c> EntrySet<'c> {
    fn new(tables: &'c Tables, history: &'c History) -> Self {
        Self {
            tables,
            history,
            within: tables.span(None),
            entry: Entry {
                states: BitSet::new(tables.len()),
                default_history: BTreeMap::new(),
            },
        }
    }

    /// addDescendantStatesToEnter.
    fn add_descendant_states_to_enter(&mut self, state: StateNo) {
        let tables = self.tables;
        let node = tables.node(state);
        match node.kind {
            NodeKind::History { .. } => self.add_history(state),
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
    fn add_history(&mut self, state: StateNo) {
        let (tables, history) = (self.tables, self.history);
        let node = tables.node(state);
        if let Some(remembered) = history.get(&state) {
            self.add_all(remembered, node.parent);
        } else {
            if let Some(parent) = node.parent {
                self.entry.default_history.insert(parent, state);
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
