//! The seam to the outside: guards and actions are the host's.
//!
//! It knows what a host may see during a step, and nothing of what it does with it.

use crate::bits::BitSet;
use crate::chart::{StateNo, Tables};
use std::collections::VecDeque;
use std::sync::Arc;

/// The host: it judges guards and runs actions. All effects leave through it.
///
/// For a step to be repeatable, both methods must depend on nothing but their arguments and data the caller fixed
/// before the step. Within one selection each guard is asked at most once.
pub trait Host<G, A> {
    /// What a failing guard or action reports; it stops the step.
    type Error;

    /// Does the guard hold?
    ///
    /// # Errors
    /// If the guard cannot be judged; the step ends with [`crate::StepError::Host`].
    fn holds(&mut self, guard: &G, view: &View<'_>) -> Result<bool, Self::Error>;

    /// Runs one action. `queue` is the internal event queue.
    ///
    /// # Errors
    /// If the action cannot be run; the step ends with [`crate::StepError::Host`].
    fn run(&mut self, action: &A, view: &View<'_>, queue: &mut RaisedEvents) -> Result<(), Self::Error>;
}

/// The internal event queue: first in, first out, and always emptied before the next external event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RaisedEvents {
    names: VecDeque<Arc<str>>,
}

impl RaisedEvents {
    /// Puts an event at the end of the queue.
    pub fn raise(&mut self, event: impl Into<Arc<str>>) {
        self.names.push_back(event.into());
    }

    /// The waiting events, next first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(AsRef::as_ref)
    }

    /// Takes the next event.
    pub(crate) fn next(&mut self) -> Option<Arc<str>> {
        self.names.pop_front()
    }

    /// Forgets what is waiting.
    pub(crate) fn clear(&mut self) {
        self.names.clear();
    }
}

/// What a guard or an action may see of the running step.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The event that selected the transitions of this microstep; none on start and for eventless transitions.
    pub event: Option<&'a str>,
    /// Is `event` the external event given to [`crate::Chart::step`]? Else it was raised inside.
    pub external: bool,
    pub(crate) tables: &'a Tables,
    pub(crate) active: &'a BitSet,
    pub(crate) state: Option<StateNo>,
    pub(crate) source: Option<StateNo>,
}

impl<'a> View<'a> {
    /// Is the state active at this moment? An unknown id is not. During its own exit actions a state still is; during
    /// its own entry actions it already is.
    pub fn in_state(&self, id: &str) -> bool {
        self.tables
            .state(id)
            .is_some_and(|state| self.active.contains(state.0))
    }

    /// The ids of all states active at this moment, in document order.
    pub fn active(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let tables = self.tables;
        self.active.iter().map(move |n| tables.id(StateNo(n)))
    }

    /// The state whose entry or exit actions run; none in a guard or a transition's actions.
    pub fn state(&self) -> Option<&'a str> {
        self.state.map(|state| self.tables.id(state))
    }

    /// The source of the transition whose guard or actions run (for a history's default, the history state); none in
    /// entry and exit actions.
    pub fn source(&self) -> Option<&'a str> {
        self.source.map(|state| self.tables.id(state))
    }
}
