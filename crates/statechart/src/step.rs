//! One macrostep: the running half of SCXML Appendix D.
//!
//! It changes a configuration, keeps the internal queue and calls the host in order. It knows no clock and stores
//! nothing.

use crate::MAX_MICROSTEPS;
use crate::bits::BitSet;
use crate::chart::{Chart, NodeKind, StateNo, Tables};
use crate::configuration::Configuration;
use crate::def::Action;
use crate::error::{HostPlace, StepError};
use crate::events::EventNo;
use crate::host::{Host, View};
use crate::interpreter::{Interpreter, Work};
use crate::snapshot::Snapshot;

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

impl Step {
    fn of<G, A>(interpreter: &Interpreter<'_, G, A>, handled: bool) -> Self {
        let chart = interpreter.chart();
        let ids = |states: &[StateNo]| {
            states
                .iter()
                .map(|&state| chart.id_of(state).to_owned())
                .collect()
        };
        Self {
            snapshot: interpreter.snapshot(),
            handled,
            entered: ids(interpreter.entered()),
            exited: ids(interpreter.exited()),
            done: interpreter.configuration().is_done(),
        }
    }
}

impl<G, A> Chart<G, A> {
    /// Enters the chart's initial configuration and runs to completion, as [`Interpreter::start`] does.
    ///
    /// # Errors
    /// If the host fails, or the chart does not settle within [`MAX_MICROSTEPS`].
    pub fn start<H: Host<G, A>>(&self, host: &mut H) -> Result<Step, StepError<H::Error>> {
        Ok(Step::of(&Interpreter::start(self, host)?, false))
    }

    /// Gives an instance that rests at this snapshot one external event, as [`Interpreter::send`] does; who has more
    /// than one should use that.
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
        let mut interpreter = Interpreter::resume(self, snapshot)?;
        let handled = interpreter.send(event, host)?;
        Ok(Step::of(&interpreter, handled))
    }
}

/// What set a microstep off.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Trigger<'e> {
    pub(crate) event: Option<&'e str>,
    pub(crate) number: EventNo,
    pub(crate) external: bool,
}

impl Trigger<'_> {
    /// The start and eventless transitions.
    const NONE: Self = Self {
        event: None,
        number: EventNo::NONE,
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
    pub(crate) at: &'r mut Configuration,
    pub(crate) work: &'r mut Work,
    microsteps: usize,
}

impl<'r, G, A, H: Host<G, A>> Run<'r, G, A, H> {
    pub(crate) fn new(
        chart: &'r Chart<G, A>,
        host: &'r mut H,
        at: &'r mut Configuration,
        work: &'r mut Work,
    ) -> Self {
        Self {
            chart,
            host,
            at,
            work,
            microsteps: 0,
        }
    }

    /// interpret: enters the initial configuration, then the first macrostep.
    pub(crate) fn start(mut self) -> Result<(), StepError<H::Error>> {
        let entry = &mut self.work.entry;
        entry.compute_initial(&self.chart.tables, &self.at.history);
        self.enter_states(Trigger::NONE)?;
        self.macrostep()
    }

    /// mainEventLoop, one round: the external event, then what follows from it. Was it handled?
    pub(crate) fn external(mut self, event: &str) -> Result<bool, StepError<H::Error>> {
        let trigger = self.trigger(event, true);
        self.select_transitions(trigger)?;
        let handled = !self.work.enabled.is_empty();
        self.microstep(trigger)?;
        self.macrostep()?;
        Ok(handled)
    }

    fn trigger<'e>(&self, event: &'e str, external: bool) -> Trigger<'e> {
        Trigger {
            event: Some(event),
            number: self.chart.tables.events.number(event),
            external,
        }
    }

    /// mainEventLoop, its inner loop: eventless transitions first, then the next internal event, until neither gives
    /// anything or the chart is done.
    fn macrostep(&mut self) -> Result<(), StepError<H::Error>> {
        while !self.at.done {
            self.select_transitions(Trigger::NONE)?;
            if !self.work.enabled.is_empty() {
                self.microstep(Trigger::NONE)?;
                continue;
            }
            let Some(event) = self.work.queue.next() else {
                break;
            };
            let trigger = self.trigger(&event, false);
            self.select_transitions(trigger)?;
            self.microstep(trigger)?;
        }
        Ok(())
    }

    /// microstep, for the enabled transitions: exits, transition content, entries.
    fn microstep(&mut self, trigger: Trigger<'_>) -> Result<(), StepError<H::Error>> {
        if self.work.enabled.is_empty() {
            return Ok(());
        }
        if self.microsteps == MAX_MICROSTEPS {
            return Err(self.endless());
        }
        self.microsteps += 1;
        self.exit_states(trigger)?;
        self.execute_transition_content(trigger)?;
        let work = &mut *self.work;
        work.entry.compute(self.chart, &self.at.history, &work.enabled);
        self.enter_states(trigger)
    }

    /// exitStates: what is to be remembered first, then the exits in reverse document order.
    fn exit_states(&mut self, trigger: Trigger<'_>) -> Result<(), StepError<H::Error>> {
        let chart = self.chart;
        self.compute_exit_set();
        for &state in &self.work.exit_set {
            for &history in &chart.tables.node(state).histories {
                remember(&chart.tables, self.at, state, history);
            }
        }
        for index in 0..self.work.exit_set.len() {
            let state = self.work.exit_set[index];
            let place = Place::new(HostPlace::Exit, state);
            self.run_actions(&chart.behaviour[state.index()].exit, place, trigger)?;
            self.at.active.remove(state.0);
            self.work.exited.push(state);
        }
        Ok(())
    }

    /// computeExitSet, in exit order. The spans do not overlap, for conflicting transitions were removed.
    fn compute_exit_set(&mut self) {
        let (work, active) = (&mut *self.work, &self.at.active);
        let spans = work.enabled.iter().map(|taken| taken.span.clone());
        work.exit_set.clear();
        work.exit_set
            .extend(spans.flat_map(|span| active.iter_in(span)).map(StateNo));
        work.exit_set.sort_unstable_by(|one, other| other.cmp(one));
    }

    /// executeTransitionContent.
    fn execute_transition_content(&mut self, trigger: Trigger<'_>) -> Result<(), StepError<H::Error>> {
        let chart = self.chart;
        for index in 0..self.work.enabled.len() {
            let taken = &self.work.enabled[index];
            let place = Place::new(HostPlace::Transition, taken.source);
            let actions = &chart.transitions[taken.transition].actions;
            self.run_actions(actions, place, trigger)?;
        }
        Ok(())
    }

    /// enterStates, in document order, those in the entry set.
    fn enter_states(&mut self, trigger: Trigger<'_>) -> Result<(), StepError<H::Error>> {
        let chart = self.chart;
        let mut next = self.work.entry.states.next_from(0);
        while let Some(number) = next {
            let state = StateNo(number);
            self.at.active.insert(number);
            self.work.entered.push(state);
            let place = Place::new(HostPlace::Entry, state);
            self.run_actions(&chart.behaviour[state.index()].entry, place, trigger)?;
            if let Some(history) = self.work.entry.default_history_of(state) {
                let place = Place::new(HostPlace::HistoryDefault, history);
                self.run_actions(&chart.behaviour[history.index()].default, place, trigger)?;
            }
            if chart.tables.kind(state) == NodeKind::Final {
                self.complete(state);
            }
            next = self.work.entry.states.next_from(number + 1);
        }
        Ok(())
    }

    /// A final state was entered: raises `done.state.ID` for its parent, and for each parallel directly above that is
    /// thereby complete. If that reaches the root, the chart is done.
    fn complete(&mut self, final_state: StateNo) {
        let tables = &self.chart.tables;
        let active = &self.at.active;
        let parent = tables.node(final_state).parent;
        let parallels = parent
            .into_iter()
            .flat_map(|parent| tables.ancestors(parent))
            .take_while(|&above| {
                tables.kind(above) == NodeKind::Parallel && tables.is_in_final_state(above, active)
            });
        for complete in parent.into_iter().chain(parallels) {
            if complete == Tables::ROOT {
                self.at.done = true;
            } else if let Some(event) = &tables.node(complete).done_event {
                self.work.queue.raise(event.clone());
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
                Action::Raise(event) => self.work.queue.raise(event.clone()),
                Action::Host(action) => {
                    let view = view(tables, &self.at.active, trigger, place);
                    let ran = self.host.run(action, &view, &mut self.work.queue);
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
        let view = view(tables, &self.at.active, trigger, place);
        let holds = self.host.holds(guard, &view);
        holds.map_err(|source| host_error(tables, place, source))
    }

    fn endless(&self) -> StepError<H::Error> {
        StepError::Endless {
            limit: MAX_MICROSTEPS,
            active: self.chart.tables.snapshot(self.at).active_leaves().to_vec(),
        }
    }
}

/// A history of `parent` remembers what is active when the parent is left now.
fn remember(tables: &Tables, at: &mut Configuration, parent: StateNo, history: StateNo) {
    let NodeKind::History { deep, slot } = tables.kind(history) else {
        return;
    };
    let below = at.active.iter_in(tables.descendants(parent)).map(StateNo);
    let remembered = below.filter(|&state| {
        if deep {
            tables.is_leaf(state)
        } else {
            tables.node(state).parent == Some(parent)
        }
    });
    at.history.set(slot, remembered);
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
