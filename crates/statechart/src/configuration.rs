//! Where one instance of a chart stands, in numbers: the working form, read and changed in place.
//!
//! It belongs to one chart, which its owner must know; the form that may be stored is [`crate::Snapshot`].

use crate::bits::BitSet;
use crate::chart::{StateNo, Tables};

/// The active states of one instance of a chart, and what its history states remember.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    pub(crate) active: BitSet,
    pub(crate) history: History,
    pub(crate) done: bool,
}

impl Configuration {
    /// Nothing is active and nothing remembered.
    pub(crate) fn new(tables: &Tables) -> Self {
        Self {
            active: BitSet::new(tables.len()),
            history: History {
                slots: vec![Vec::new(); tables.histories.len()],
            },
            done: false,
        }
    }

    /// Becomes equal to another configuration of the same chart.
    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.active.copy_from(&other.active);
        self.history.slots.clone_from(&other.history.slots);
        self.done = other.done;
    }

    /// Is the state active?
    pub fn is_active(&self, state: StateNo) -> bool {
        self.active.contains(state.0)
    }

    /// All active states, in document order.
    pub fn active(&self) -> impl Iterator<Item = StateNo> {
        self.active.iter().map(StateNo)
    }

    /// Is the root in a final state?
    pub fn is_done(&self) -> bool {
        self.done
    }
}

/// historyValue: what each history state of a chart remembers, by slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct History {
    /// In document order; empty before the parent was ever left, for a parent is never left without anything active.
    slots: Vec<Vec<StateNo>>,
}

impl History {
    /// What is remembered, if anything.
    pub(crate) fn get(&self, slot: usize) -> Option<&[StateNo]> {
        Some(self.slots[slot].as_slice()).filter(|remembered| !remembered.is_empty())
    }

    /// Remembers these instead.
    pub(crate) fn set(&mut self, slot: usize, states: impl Iterator<Item = StateNo>) {
        let remembered = &mut self.slots[slot];
        remembered.clear();
        remembered.extend(states);
    }
}
