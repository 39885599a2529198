//! One macrostep: the running half of SCXML Appendix D.
//!
//! It changes a configuration, keeps the internal queue and calls the host in order. It knows no clock and stores
//! nothing; a failed step leaves the snapshot it started from untouched.

use crate::MAX_MICROSTEPS;
use crate::bits::BitSet;
use crate::chart::{Chart, NodeKind, StateNo, Tables};
use crate::def::Action;
use crate::enter::Entry;
use crate::error::{HostPlace, StepError};
use crate::host::{Host, RaisedEvents, View};
use crate::select::Enabled;
use crate::snapshot::{History, Restored, Snapshot};

/// What one call of [`Chart::start`] or [`Chart::step`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Where the chart rests now.
    pub snapshot: Snapshot,
    /// Was any transition taken for the external event? Always false for a start.
    pub handled: bool,
    /// The ids of the states entered, in the order it happened, over the whole macrostep.
    pub entered: Vec<String>,
    /// The ids of the states exited, in the order it happened, over the whole macrostep.
    pub exited: Vec<String>,
    /// Is the root in a final state now?
    pub done: bool,
}

impl<G, A> Chart<G, A> {
    /// Enters the chart's initial configuration and runs to completion.
    ///
    /// # Errors
    /// If the host fails, or the chart does not settle within [`MAX_MICROSTEPS`].
    pub fn start<H: Host<G, A>>(&self, host: &mut H) -> Result<Step, StepError<H::Error>> {
        let nothing = Restored {
            active: BitSet::new(self.tables.len()),
            history: History::new(),
        };
        let mut run = Run::new(self, host, nothing);
        let entry = Entry::of_document(&self.tables, &run.history);
        run.enter_states(&entry, Trigger::NONE)?;
        run.macrostep()?;
        Ok(run.finish(false))
    }

    /// Gives the chart one external event and runs to completion: the event's transitions, then eventless ones and
    /// internal events until nothing more happens. Eventless transitions are looked at even if the event itself is
    /// not handled. A done chart handles nothing.
    ///
    /// # Errors
    /// If the snapshot does not fit this chart, the host fails, or the chart does not settle within
    /// [`MAX_MICROSTEPS`].
    pub fn step<H: Host<G, A>>(
        &self,
        snapshot: &Snapshot,
        event: &str,
        host: &mut H,
    ) -> Result<Step, StepError<H::Error>> {
        let mut run = Run::new(self, host, self.restore(snapshot)?);
        let mut handled = false;
        if !run.done {
            let trigger = Trigger {
                event: Some(event),
                external: true,
            };
            let enabled = run.select_transitions(trigger)?;
            handled = !enabled.is_empty();
            run.microstep(&enabled, trigger)?;
            run.macrostep()?;
        }
        Ok(run.finish(handled))
    }
}

/// What set a microstep off.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trigger<'e> {
    pub(crate) event: Option<&'e str>,
    pub(crate) external: bool,
}

impl Trigger<'_> {
    /// The start and eventless transitions.
    const NONE: Self = Self {
        event: None,
        external: false,
    };
}

/// Where the host is called.
#[derive(Debug, Clone, Copy)]
struct Place {
    kind: HostPlace,
    state: StateNo,
}

impl Place {
    fn new(kind: HostPlace, state: StateNo) -> Self {
        Self { kind, state }
    }
}

/// A macrostep under way.
pub(crate) struct Run<'r, G, A, H> {
    pub(crate) chart: &'r Chart<G, A>,
    host: &'r mut H,
    pub(crate) active: BitSet,
    pub(crate) history: History,
    queue: RaisedEvents,
    entered: Vec<StateNo>,
    exited: Vec<StateNo>,
    microsteps: usize,
    done: bool,
}

impl<'r, G, A, H: Host<G, A>> Run<'r, G, A, H> {
    fn new(chart: &'r Chart<G, A>, host: &'r mut H, from: Restored) -> Self {
        Self {
            chart,
            host,
            done: chart.tables.is_in_final_state(Tables::ROOT, &from.active),
            active: from.active,
            history: from.history,
            queue: RaisedEvents::default(),
            entered: Vec::new(),
            exited: Vec::new(),
            microsteps: 0,
        }
    }

    fn finish(self, handled: bool) -> Step {
        let tables = &self.chart.tables;
        let ids = |states: Vec<StateNo>| {
            states
                .into_iter()
                .map(|state| tables.id(state).to_owned())
                .collect()
        };
        Step {
            snapshot: tables.snapshot(&self.active, &self.history),
            handled,
            entered: ids(self.entered),
            exited: ids(self.exited),
            done: self.done,
        }
    }

    /// Eventless transitions first, then the next internal event, until neither gives anything or the chart is done.
    fn macrostep(&mut self) -> Result<(), StepError<H::Error>> {
        while !self.done {
            let eventless = self.select_transitions(Trigger::NONE)?;
            if !eventless.is_empty() {
                self.microstep(&eventless, Trigger::NONE)?;
                continue;
            }
            let Some(event) = self.queue.next() else { break };
            let trigger = Trigger {
                event: Some(&event),
                external: false,
            };
            let enabled = self.select_transitions(trigger)?;
            self.microstep(&enabled, trigger)?;
        }
        Ok(())
    }

    /// microstep: exits, transition content, entries.
    fn microstep(
        &mut self,
        enabled: &[Enabled<'r, G, A>],
        trigger: Trigger<'_>,
    ) -> Result<(), StepError<H::Error>> {
        if enabled.is_empty() {
            return Ok(());
        }
        if self.microsteps == MAX_MICROSTEPS {
            return Err(self.endless());
        }
        self.microsteps += 1;
        self.exit_states(enabled, trigger)?;
        // executeTransitionContent
        for taken in enabled {
            let place = Place::new(HostPlace::Transition, taken.transition.source);
            self.run_actions(&taken.transition.actions, place, trigger)?;
        }
        let entry = Entry::of_transitions(&self.chart.tables, &self.history, enabled);
        self.enter_states(&entry, trigger)
    }

    /// exitStates: what is to be remembered first, then the exits in reverse document order.
    fn exit_states(
        &mut self,
        enabled: &[Enabled<'r, G, A>],
        trigger: Trigger<'_>,
    ) -> Result<(), StepError<H::Error>> {
        let chart = self.chart;
        let exit_set = self.compute_exit_set(enabled);
        for &state in &exit_set {
            for &history in &chart.tables.node(state).histories {
                let remembered = self.to_remember(state, history);
                self.history.insert(history, remembered);
            }
        }
        for state in exit_set {
            let place = Place::new(HostPlace::Exit, state);
            self.run_actions(&chart.behaviour[state.index()].exit, place, trigger)?;
            self.active.remove(state.0);
            self.exited.push(state);
        }
        Ok(())
    }

    /// computeExitSet, in exit order. The spans do not overlap, for conflicting transitions were removed.
    fn compute_exit_set(&self, enabled: &[Enabled<'r, G, A>]) -> Vec<StateNo> {
        let spans = enabled.iter().map(|taken| taken.span.clone());
        let mut states: Vec<StateNo> = spans
            .flat_map(|span| self.active.iter_in(span))
            .map(StateNo)
            .collect();
        states.sort_unstable_by(|one, other| other.cmp(one));
        states
    }

    /// What a history of `parent` remembers when the parent is left now.
    fn to_remember(&self, parent: StateNo, history: StateNo) -> Vec<StateNo> {
        let tables = &self.chart.tables;
        let deep = tables.kind(history) == NodeKind::History { deep: true };
        let below = self.active.iter_in(tables.descendants(parent)).map(StateNo);
        below
            .filter(|&state| {
                if deep {
                    tables.is_leaf(state)
                } else {
                    tables.node(state).parent == Some(parent)
                }
            })
            .collect()
    }

    /// enterStates, in document order.
    fn enter_states(&mut self, entry: &Entry, trigger: Trigger<'_>) -> Result<(), StepError<H::Error>> {
        let chart = self.chart;
        for state in entry.states.iter().map(StateNo) {
            self.active.insert(state.0);
            self.entered.push(state);
            let place = Place::new(HostPlace::Entry, state);
            self.run_actions(&chart.behaviour[state.index()].entry, place, trigger)?;
            if let Some(&history) = entry.default_history.get(&state) {
                let place = Place::new(HostPlace::HistoryDefault, history);
                self.run_actions(&chart.behaviour[history.index()].default, place, trigger)?;
            }
            if chart.tables.kind(state) == NodeKind::Final {
                self.complete(state);
            }
        }
        Ok(())
    }

    /// A final state was entered: raises `done.state.ID` for its parent, and for each parallel directly above that is
    /// thereby complete. If that reaches the root, the chart is done.
    fn complete(&mut self, final_state: StateNo) {
        let tables = &self.chart.tables;
        let parent = tables.node(final_state).parent;
        let parallels = parent
            .into_iter()
            .flat_map(|parent| tables.ancestors(parent))
            .take_while(|&above| {
                tables.kind(above) == NodeKind::Parallel && tables.is_in_final_state(above, &self.active)
            });
        for complete in parent.into_iter().chain(parallels) {
            if complete == Tables::ROOT {
                self.done = true;
            } else {
                self.queue.raise(format!("done.state.{}", tables.id(complete)));
            }
        }
    }

    /// Runs these actions in order.
    fn run_actions(
        &mut self,
        actions: &[Action<A>],
        place: Place,
        trigger: Trigger<'_>,
    ) -> Result<(), StepError<H::Error>> {
        let tables = &self.chart.tables;
        for action in actions {
            match action {
                Action::Raise(event) => self.queue.raise(event.as_str()),
                Action::Host(action) => {
                    let view = view(tables, &self.active, trigger, place);
                    let ran = self.host.run(action, &view, &mut self.queue);
                    ran.map_err(|source| host_error(tables, place, source))?;
                }
            }
        }
        Ok(())
    }

    /// Asks the host whether a guard of the state holds.
    pub(crate) fn guard_holds(
        &mut self,
        guard: &G,
        state: StateNo,
        trigger: Trigger<'_>,
    ) -> Result<bool, StepError<H::Error>> {
        let tables = &self.chart.tables;
        let place = Place::new(HostPlace::Guard, state);
        let view = view(tables, &self.active, trigger, place);
        let holds = self.host.holds(guard, &view);
        holds.map_err(|source| host_error(tables, place, source))
    }

    fn endless(&self) -> StepError<H::Error> {
        let leaves = self.chart.tables.snapshot(&self.active, &self.history);
        StepError::Endless {
            limit: MAX_MICROSTEPS,
            active: leaves.active_leaves().to_vec(),
        }
    }
}

/// What the host may see at this place.
fn view<'a>(tables: &'a Tables, active: &'a BitSet, trigger: Trigger<'a>, place: Place) -> View<'a> {
    let of_state = matches!(place.kind, HostPlace::Entry | HostPlace::Exit);
    View {
        event: trigger.event,
        external: trigger.external,
        tables,
        active,
        state: of_state.then_some(place.state),
        source: (!of_state).then_some(place.state),
    }
}

fn host_error<E>(tables: &Tables, place: Place, source: E) -> StepError<E> {
    StepError::Host {
        state: tables.id(place.state).to_owned(),
        place: place.kind,
        source,
    }
}
