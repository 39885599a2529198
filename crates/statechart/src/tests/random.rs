//! Random charts, random events, and a host for them.

use crate::{Action, Chart, ChartDef, Host, RaisedEvents, StateDef, StateKind, TransitionDef, View};
use proptest::prelude::*;
use std::convert::Infallible;

/// A guard over nothing but the view, so that a step depends on nothing hidden.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Guard {
    Never,
    In(String),
    OddNumberActive,
}

/// The action is the event to raise by the host's own hand, or [`TRACE`].
pub(super) type RandomChart = Chart<Guard, &'static str>;

pub(super) type Definition = ChartDef<Guard, &'static str>;

/// An action that does nothing but be seen.
pub(super) const TRACE: &str = "trace";

/// One call of the host, written down.
pub(super) fn call(
    what: &str,
    state: Option<&str>,
    source: Option<&str>,
    event: Option<&str>,
    active: &[String],
) -> String {
    format!("{what} {state:?} {source:?} {event:?} {}", active.join(","))
}

/// Does the guard hold where these states are active?
pub(super) fn judge(guard: &Guard, active: &[String]) -> bool {
    match guard {
        Guard::Never => false,
        Guard::In(id) => active.contains(id),
        Guard::OddNumberActive => active.len() % 2 == 1,
    }
}

/// A host without memory that still writes down its calls.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Recorder {
    pub(super) calls: Vec<String>,
}

impl Recorder {
    fn note(&mut self, what: &str, view: &View<'_>) -> Vec<String> {
        let active: Vec<String> = view.active().map(str::to_owned).collect();
        self.calls
            .push(call(what, view.state(), view.source(), view.event, &active));
        active
    }
}

impl Host<Guard, &'static str> for Recorder {
    type Error = Infallible;

    fn holds(&mut self, guard: &Guard, view: &View<'_>) -> Result<bool, Infallible> {
        let active = self.note(&format!("{guard:?}"), view);
        Ok(judge(guard, &active))
    }

    fn run(
        &mut self,
        action: &&'static str,
        view: &View<'_>,
        queue: &mut RaisedEvents,
    ) -> Result<(), Infallible> {
        self.note(action, view);
        if *action != TRACE {
            queue.raise(*action);
        }
        Ok(())
    }
}

/// The shape of a state, before it has a name.
#[derive(Debug, Clone)]
enum Shape {
    Leaf,
    Final,
    Inner {
        parallel: bool,
        history: Option<bool>,
        pick: u16,
        children: Vec<Shape>,
    },
}

fn shape() -> impl Strategy<Value = Shape> {
    let leaf = prop_oneof![4 => Just(Shape::Leaf), 1 => Just(Shape::Final)];
    leaf.prop_recursive(4, 40, 4, |inner| inner_shape(inner).boxed())
}

fn inner_shape(child: impl Strategy<Value = Shape>) -> impl Strategy<Value = Shape> {
    let children = prop::collection::vec(child, 1..4);
    (any::<bool>(), any::<Option<bool>>(), any::<u16>(), children).prop_map(
        |(parallel, history, pick, children)| Shape::Inner {
            parallel,
            history,
            pick,
            children,
        },
    )
}

/// A transition, before its states have names: numbers are taken modulo what there is.
#[derive(Debug, Clone)]
struct RawMove {
    source: u16,
    event: u8,
    guard: u8,
    targets: [u16; 2],
    target_count: u8,
    internal: bool,
    action: u8,
}

fn raw_move() -> impl Strategy<Value = RawMove> {
    (
        any::<u16>(),
        any::<u8>(),
        any::<u8>(),
        any::<[u16; 2]>(),
        0u8..8,
        any::<bool>(),
        0u8..10,
    )
        .prop_map(
            |(source, event, guard, targets, target_count, internal, action)| RawMove {
                source,
                event,
                guard,
                targets,
                target_count,
                internal,
                action,
            },
        )
}

/// Names the shape's states `s0`, `s1`, … in document order; histories get `h`.
fn name(shape: &Shape, in_parallel: bool, next: &mut usize) -> StateDef<Guard, &'static str> {
    let mut state = StateDef::new(format!("s{next}"));
    state.entry = vec![Action::Host(TRACE)];
    state.exit = vec![Action::Host(TRACE)];
    *next += 1;
    match shape {
        Shape::Leaf => {}
        // A final state cannot be a region.
        Shape::Final if in_parallel => {}
        Shape::Final => state.kind = StateKind::Final,
        Shape::Inner {
            parallel,
            history,
            pick,
            children,
        } => {
            state.states = children
                .iter()
                .map(|child| name(child, *parallel, next))
                .collect();
            let somewhere = descendant(&state.states, *pick);
            if *parallel {
                state.kind = StateKind::Parallel;
            } else if pick % 3 == 0 {
                state.initial = vec![somewhere.clone()];
            }
            if let Some(deep) = *history {
                let mut history = StateDef::new(format!("h{}", &state.id[1..]));
                history.kind = StateKind::History { deep };
                if pick % 2 == 0 {
                    history.initial = vec![somewhere];
                } else {
                    let mut default = TransitionDef::to([somewhere]);
                    default.actions = vec![Action::Host(TRACE), Action::Raise("f".into())];
                    history.transitions = vec![default];
                }
                // Histories come before, between or after the states they are about.
                let place = usize::from(*pick) % (state.states.len() + 1);
                state.states.insert(place, history);
            }
        }
    }
    state
}

/// One of the states of a forest.
fn descendant(forest: &[StateDef<Guard, &'static str>], pick: u16) -> String {
    let mut ids = Vec::new();
    for state in forest {
        collect_ids(state, &mut ids);
    }
    ids[usize::from(pick) % ids.len()].clone()
}

fn collect_ids(state: &StateDef<Guard, &'static str>, ids: &mut Vec<String>) {
    ids.push(state.id.clone());
    for child in &state.states {
        collect_ids(child, ids);
    }
}

/// Descriptors: some states are completed by each of these, some events are matched by several.
const EVENTS: [&str; 9] = [
    "e.a",
    "e.b",
    "f",
    "done.state",
    "e",
    "e.a.x",
    "*",
    "e.a f",
    "e e.a.*",
];

/// Puts the transitions where they belong.
fn attach(root: &mut StateDef<Guard, &'static str>, ids: &[String], raw: &RawMove) {
    let pick = |n: u16| ids[usize::from(n) % ids.len()].clone();
    let events = match raw.event {
        0..=12 => Vec::new(),
        n => {
            let descriptors = EVENTS[usize::from(n) % EVENTS.len()].split(' ');
            descriptors.map(str::to_owned).collect()
        }
    };
    let guard = match raw.guard {
        0..=30 => Some(Guard::Never),
        31..=80 => Some(Guard::In(pick(raw.targets[1].wrapping_add(7)))),
        81..=130 => Some(Guard::OddNumberActive),
        // An unguarded eventless transition would mostly spin.
        _ => events.is_empty().then_some(Guard::OddNumberActive),
    };
    let to = match raw.target_count {
        0 => Vec::new(),
        1..=5 => vec![pick(raw.targets[0])],
        _ => raw.targets.iter().copied().map(pick).collect(),
    };
    let actions = match raw.action {
        0 => vec![Action::Raise("e.b".into())],
        1 => vec![Action::Host("f")],
        2 => vec![Action::Raise("done.state.s1.x".into()), Action::Host(TRACE)],
        _ => vec![Action::Host(TRACE)],
    };
    let transition = TransitionDef {
        events,
        guard,
        to,
        internal: raw.internal,
        actions,
    };
    if let Some(state) = find(root, &pick(raw.source))
        && state.kind != StateKind::Final
        && !matches!(state.kind, StateKind::History { .. })
    {
        state.transitions.push(transition);
    }
}

fn find<'s>(
    state: &'s mut StateDef<Guard, &'static str>,
    id: &str,
) -> Option<&'s mut StateDef<Guard, &'static str>> {
    if state.id == id {
        return Some(state);
    }
    state.states.iter_mut().find_map(|child| find(child, id))
}

/// A random chart. Targets that clash are thinned out by asking the compiler where they are.
pub(super) fn chart() -> impl Strategy<Value = (Definition, RandomChart)> {
    let root = inner_shape(shape());
    (root, prop::collection::vec(raw_move(), 3..30)).prop_map(|(shape, moves)| {
        let mut root = name(&shape, false, &mut 0);
        let mut ids = Vec::new();
        collect_ids(&root, &mut ids);
        for raw in &moves {
            attach(&mut root, &ids, raw);
        }
        let define = |root| ChartDef {
            name: "s0".to_owned(),
            root,
        };
        if let Err(errors) = define(root.clone()).compile(b"random") {
            for error in errors {
                let transition = error
                    .transition
                    .expect("only targets of transitions are random enough to be wrong");
                find(&mut root, &error.state).unwrap().transitions[transition]
                    .to
                    .truncate(1);
            }
        }
        let definition = define(root);
        let chart = definition.clone().compile(b"random").unwrap();
        (definition, chart)
    })
}

pub(super) fn events() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(
        prop::sample::select(vec!["e.a", "e.b", "f", "f.x", "e.a.x.y", "other"]),
        0..12,
    )
}
