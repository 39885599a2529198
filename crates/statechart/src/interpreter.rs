//! One instance of a chart, kept in working form and stepped many times.
//!
//! It is the fast way through the crate: restored once, it steps without validating again and without allocating
//! beyond what the host does. It stores nothing; [`Interpreter::snapshot`] is the way out.

use crate::bits::BitSet;
use crate::chart::{Chart, StateNo, Tables};
use crate::configuration::Configuration;
use crate::enter::Entry;
use crate::error::{SnapshotError, StepError};
use crate::host::{Host, RaisedEvents};
use crate::select::Enabled;
use crate::snapshot::Snapshot;
use crate::step::Run;

/// A running instance of a chart.
#[derive(Debug)]
pub struct Interpreter<'c, G, A> {
    chart: &'c Chart<G, A>,
    at: Configuration,
    /// Where it stood before the step at work, to go back to if that fails.
    before: Configuration,
    work: Work,
}

/// What a macrostep needs besides the configuration, emptied and used again.
#[derive(Debug)]
pub(crate) struct Work {
    /// The active states with a transition for the event at work.
    pub(crate) sources: BitSet,
    /// Where the search for them begins.
    pub(crate) starts: BitSet,
    /// The states the search has met.
    pub(crate) asked: BitSet,
    /// enabledTransitions, conflicts removed.
    pub(crate) enabled: Vec<Enabled>,
    /// getEffectiveTargetStates of the transition at work.
    pub(crate) effective: Vec<StateNo>,
    /// statesToExit, in exit order.
    pub(crate) exit_set: Vec<StateNo>,
    pub(crate) entry: Entry,
    /// internalQueue.
    pub(crate) queue: RaisedEvents,
    pub(crate) entered: Vec<StateNo>,
    pub(crate) exited: Vec<StateNo>,
}

impl Work {
    fn new(tables: &Tables) -> Self {
        let set = || BitSet::new(tables.len());
        Self {
            sources: set(),
            starts: set(),
            asked: set(),
            enabled: Vec::new(),
            effective: Vec::new(),
            exit_set: Vec::new(),
            entry: Entry::new(tables),
            queue: RaisedEvents::default(),
            entered: Vec::new(),
            exited: Vec::new(),
        }
    }

    /// Forgets the last macrostep.
    fn begin(&mut self) {
        self.queue.clear();
        self.entered.clear();
        self.exited.clear();
    }
}

impl<'c, G, A> Interpreter<'c, G, A> {
    fn new(chart: &'c Chart<G, A>, at: Configuration) -> Self {
        Self {
            chart,
            before: at.clone(),
            at,
            work: Work::new(&chart.tables),
        }
    }

    /// Enters the chart's initial configuration and runs to completion.
    ///
    /// # Errors
    /// If the host fails, or the chart does not settle within [`crate::MAX_MICROSTEPS`].
    pub fn start<H: Host<G, A>>(chart: &'c Chart<G, A>, host: &mut H) -> Result<Self, StepError<H::Error>> {
        let mut new = Self::new(chart, Configuration::new(&chart.tables));
        Run::new(chart, host, &mut new.at, &mut new.work).start()?;
        Ok(new)
    }

    /// Goes on from a snapshot.
    ///
    /// # Errors
    /// If the snapshot does not fit this chart.
    pub fn resume(chart: &'c Chart<G, A>, snapshot: &Snapshot) -> Result<Self, SnapshotError> {
        Ok(Self::new(chart, chart.restore(snapshot)?))
    }

    /// Takes one external event and runs to completion: the event's transitions, then eventless ones and internal
    /// events until nothing more happens. Eventless transitions are looked at even if the event itself is not
    /// handled. A done chart handles nothing. Returns whether any transition was taken for the event itself.
    ///
    /// # Errors
    /// If the host fails, or the chart does not settle within [`crate::MAX_MICROSTEPS`]. The instance then stands where
    /// it stood before.
    pub fn send<H: Host<G, A>>(&mut self, event: &str, host: &mut H) -> Result<bool, StepError<H::Error>> {
        self.work.begin();
        if self.at.done {
            return Ok(false);
        }
        self.before.copy_from(&self.at);
        let handled = Run::new(self.chart, host, &mut self.at, &mut self.work).external(event);
        if handled.is_err() {
            std::mem::swap(&mut self.at, &mut self.before);
            self.work.begin();
        }
        handled
    }

    /// The chart.
    pub fn chart(&self) -> &'c Chart<G, A> {
        self.chart
    }

    /// Where it stands.
    pub fn configuration(&self) -> &Configuration {
        &self.at
    }

    /// The states entered by the last start or event, in the order it happened, over the whole macrostep.
    pub fn entered(&self) -> &[StateNo] {
        &self.work.entered
    }

    /// The states exited by the last event, in the order it happened, over the whole macrostep.
    pub fn exited(&self) -> &[StateNo] {
        &self.work.exited
    }

    /// Where it stands, to be stored.
    pub fn snapshot(&self) -> Snapshot {
        self.chart.tables.snapshot(&self.at)
    }
}
