//! Short ways to write charts, and a host that writes down what it is asked to do.

use crate::{
    Action, Chart, ChartDef, Host, RaisedEvents, StateDef, StateKind, Step, StepError, TransitionDef, View,
};
use std::collections::BTreeSet;

pub(super) type State = StateDef<&'static str, &'static str>;
pub(super) type Move = TransitionDef<&'static str, &'static str>;
pub(super) type TestChart = Chart<&'static str, &'static str>;

/// A normal state.
pub(super) fn state(id: &str, states: impl IntoIterator<Item = State>) -> State {
    State {
        states: states.into_iter().collect(),
        ..State::new(id)
    }
}

/// A state without children.
pub(super) fn leaf(id: &str) -> State {
    State::new(id)
}

pub(super) fn parallel(id: &str, states: impl IntoIterator<Item = State>) -> State {
    State {
        kind: StateKind::Parallel,
        ..state(id, states)
    }
}

pub(super) fn end(id: &str) -> State {
    State {
        kind: StateKind::Final,
        ..State::new(id)
    }
}

pub(super) fn history(id: &str, deep: bool, default: &str) -> State {
    State {
        kind: StateKind::History { deep },
        ..State::new(id)
    }
    .initial(default)
}

/// A transition: `events` and `to` are lists separated by white space.
pub(super) fn on(events: &str, to: &str) -> Move {
    Move {
        events: words(events),
        ..Move::to(words(to))
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// `raise X` raises the event X in the chart; all else goes to the host.
fn action(text: &'static str) -> Action<&'static str> {
    text.strip_prefix("raise ")
        .map_or(Action::Host(text), |event| Action::Raise(event.into()))
}

impl Move {
    pub(super) fn when(self, guard: &'static str) -> Self {
        Self {
            guard: Some(guard),
            ..self
        }
    }

    pub(super) fn internal(self) -> Self {
        Self {
            internal: true,
            ..self
        }
    }

    pub(super) fn run(mut self, text: &'static str) -> Self {
        self.actions.push(action(text));
        self
    }
}

impl State {
    pub(super) fn initial(self, ids: &str) -> Self {
        Self {
            initial: words(ids),
            ..self
        }
    }

    pub(super) fn on(self, events: &str, to: &str) -> Self {
        self.with(on(events, to))
    }

    pub(super) fn with(mut self, transition: Move) -> Self {
        self.transitions.push(transition);
        self
    }

    pub(super) fn entry(mut self, text: &'static str) -> Self {
        self.entry.push(action(text));
        self
    }

    pub(super) fn exit(mut self, text: &'static str) -> Self {
        self.exit.push(action(text));
        self
    }

    /// Every state below and itself writes down its entry and exit, first of all its actions.
    fn traced(mut self) -> Self {
        if !matches!(self.kind, StateKind::History { .. }) {
            self.entry.insert(0, Action::Host("+"));
            self.exit.insert(0, Action::Host("-"));
        }
        self.states = self.states.into_iter().map(Self::traced).collect();
        self
    }
}

/// Compiles a chart whose name is the root's id.
pub(super) fn chart(root: State) -> TestChart {
    ChartDef {
        name: root.id.clone(),
        root: root.traced(),
    }
    .compile(b"test")
    .unwrap()
}

/// The problems of a chart, as shown to people.
pub(super) fn problems(root: State) -> Vec<String> {
    let def = ChartDef {
        name: root.id.clone(),
        root,
    };
    let errors = def.compile(b"test").err().unwrap_or_default();
    errors.iter().map(ToString::to_string).collect()
}

/// A host for tests. The guard `in X` asks for a state; every other guard holds if it is in `truths`. The action
/// `emit X` raises an event through the queue, `fail` fails.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) lines: Vec<String>,
    pub(super) truths: BTreeSet<&'static str>,
    pub(super) asked: Vec<&'static str>,
}

impl Host<&'static str, &'static str> for Log {
    type Error = String;

    fn holds(&mut self, guard: &&'static str, view: &View<'_>) -> Result<bool, String> {
        self.asked.push(guard);
        match guard.strip_prefix("in ") {
            Some(id) => Ok(view.in_state(id)),
            None if *guard == "fail" => Err("guard out of order".to_owned()),
            None => Ok(self.truths.contains(guard)),
        }
    }

    fn run(
        &mut self,
        action: &&'static str,
        view: &View<'_>,
        queue: &mut RaisedEvents,
    ) -> Result<(), String> {
        match *action {
            "+" | "-" => self.lines.push(format!("{action}{}", view.state().unwrap())),
            "fail" => return Err("action out of order".to_owned()),
            "see" => self.lines.push(sight(view)),
            other => match other.strip_prefix("emit ") {
                Some(event) => queue.raise(event),
                None => self.lines.push(other.to_owned()),
            },
        }
        Ok(())
    }
}

/// All a view shows, in one line.
fn sight(view: &View<'_>) -> String {
    let active: Vec<&str> = view.active().collect();
    format!(
        "see(event={} external={} state={} source={} active={})",
        view.event.unwrap_or("none"),
        view.external,
        view.state().unwrap_or("none"),
        view.source().unwrap_or("none"),
        active.join(",")
    )
}

/// A chart being played, with its host.
pub(super) struct Play {
    pub(super) chart: TestChart,
    pub(super) host: Log,
    pub(super) last: Step,
}

impl Play {
    pub(super) fn start(root: State) -> Self {
        Self::start_knowing(root, [])
    }

    /// Starts with these guards true.
    pub(super) fn start_knowing(root: State, truths: impl IntoIterator<Item = &'static str>) -> Self {
        let chart = chart(root);
        let mut host = Log {
            truths: truths.into_iter().collect(),
            ..Log::default()
        };
        let last = chart.start(&mut host).unwrap();
        Self { chart, host, last }
    }

    /// What the host saw since the last call.
    pub(super) fn log(&mut self) -> String {
        std::mem::take(&mut self.host.lines).join(" ")
    }

    /// Sends an event and returns what the host saw during it.
    pub(super) fn send(&mut self, event: &str) -> String {
        self.host.lines.clear();
        self.try_send(event).unwrap();
        self.log()
    }

    pub(super) fn try_send(&mut self, event: &str) -> Result<(), StepError<String>> {
        self.last = self.chart.step(&self.last.snapshot, event, &mut self.host)?;
        Ok(())
    }

    /// The active leaves.
    pub(super) fn at(&self) -> String {
        self.last.snapshot.active_leaves().join(" ")
    }
}
