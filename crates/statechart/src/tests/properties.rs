//! Properties over random charts and random event sequences.

use crate::{
    Action, Chart, ChartDef, Host, RaisedEvents, Snapshot, StateDef, StateKind, StateRef, Step, StepError,
    TransitionDef, View,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::convert::Infallible;

/// A guard over nothing but the view, so that a step depends on nothing hidden.
#[derive(Debug, Clone, PartialEq)]
enum Guard {
    Never,
    In(String),
    OddNumberActive,
}

/// The action is the event to raise by the host's own hand.
type RandomChart = Chart<Guard, &'static str>;

/// A host without memory that still writes down its calls.
#[derive(Debug, Default, PartialEq, Eq)]
struct Recorder {
    calls: Vec<String>,
}

impl Host<Guard, &'static str> for Recorder {
    type Error = Infallible;

    fn holds(&mut self, guard: &Guard, view: &View<'_>) -> Result<bool, Infallible> {
        self.calls
            .push(format!("{guard:?} {:?} {:?}", view.source(), view.event));
        Ok(match guard {
            Guard::Never => false,
            Guard::In(id) => view.in_state(id),
            Guard::OddNumberActive => view.active().count() % 2 == 1,
        })
    }

    fn run(
        &mut self,
        action: &&'static str,
        view: &View<'_>,
        queue: &mut RaisedEvents,
    ) -> Result<(), Infallible> {
        self.calls.push(format!(
            "{action} {:?} {:?} {:?}",
            view.state(),
            view.source(),
            view.event
        ));
        queue.raise(*action);
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
                let history = StateDef::new(format!("h{}", &state.id[1..]));
                state.states.push(StateDef {
                    kind: StateKind::History { deep },
                    initial: vec![somewhere],
                    ..history
                });
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

const EVENTS: [&str; 5] = ["e.a", "e.b", "f", "done.state", "e"];

/// Puts the transitions where they belong.
fn attach(root: &mut StateDef<Guard, &'static str>, ids: &[String], raw: &RawMove) {
    let pick = |n: u16| ids[usize::from(n) % ids.len()].clone();
    let events = match raw.event {
        0..=25 => Vec::new(),
        n => vec![EVENTS[usize::from(n) % EVENTS.len()].to_owned()],
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
        _ => Vec::new(),
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
fn chart() -> impl Strategy<Value = RandomChart> {
    let root = inner_shape(shape());
    (root, prop::collection::vec(raw_move(), 0..25)).prop_map(|(shape, moves)| {
        let mut root = name(&shape, false, &mut 0);
        let mut ids = Vec::new();
        collect_ids(&root, &mut ids);
        for raw in &moves {
            attach(&mut root, &ids, raw);
        }
        let build = |root| {
            ChartDef {
                name: "s0".to_owned(),
                root,
            }
            .compile(b"random")
        };
        build(root.clone()).unwrap_or_else(|errors| {
            for error in errors {
                let transition = error
                    .transition
                    .expect("only targets of transitions are random enough to be wrong");
                find(&mut root, &error.state).unwrap().transitions[transition]
                    .to
                    .truncate(1);
            }
            build(root).unwrap()
        })
    })
}

fn events() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(
        prop::sample::select(vec!["e.a", "e.b", "f", "f.x", "other"]),
        0..12,
    )
}

/// The rules of a legal configuration, said again without the crate's tables.
fn assert_legal(chart: &RandomChart, snapshot: &Snapshot) -> Result<(), TestCaseError> {
    let active = chart.configuration(snapshot);
    prop_assert_eq!(active.first(), Some(&chart.name()));
    for id in &active {
        let state: StateRef<'_, _, _> = chart.state_ref(chart.state(id).unwrap());
        let children: Vec<&str> = state.children().collect();
        let below = children.iter().filter(|child| active.contains(child)).count();
        let expected = match state.kind() {
            StateKind::Parallel => children.len(),
            StateKind::Normal => children.len().min(1),
            StateKind::Final => 0,
            StateKind::History { .. } => return Err(TestCaseError::fail(format!("{id} is a history"))),
        };
        prop_assert_eq!(below, expected, "children of {}", id);
        prop_assert!(state.parent().is_none_or(|parent| active.contains(&parent)));
    }
    let leaves = active
        .iter()
        .filter(|id| chart.state_ref(chart.state(id).unwrap()).is_atomic());
    prop_assert!(leaves.eq(snapshot.active_leaves()));
    Ok(())
}

/// Each state's entries less its exits are what the configuration gained.
fn assert_balanced(before: &[&str], step: &Step, after: &[&str]) -> Result<(), TestCaseError> {
    let mut balance: BTreeMap<&str, i32> = BTreeMap::new();
    let entered = step.entered.iter().map(|id| (id.as_str(), 1));
    let exited = step.exited.iter().map(|id| (id.as_str(), -1));
    let was = before.iter().map(|id| (*id, 1));
    let is = after.iter().map(|id| (*id, -1));
    for (id, change) in entered.chain(exited).chain(was).chain(is) {
        *balance.entry(id).or_default() += change;
    }
    balance.retain(|_, sum| *sum != 0);
    prop_assert!(balance.is_empty(), "entries and exits do not add up: {balance:?}");
    Ok(())
}

/// Steps twice, the second time from a snapshot that went through JSON; both must agree in everything.
fn step_twice(
    chart: &RandomChart,
    from: &Snapshot,
    event: &str,
) -> Result<Result<Step, StepError<Infallible>>, TestCaseError> {
    let json = serde_json::to_string(from).unwrap();
    let again: Snapshot = serde_json::from_str(&json).unwrap();
    prop_assert_eq!(&again, from);
    let (mut one, mut two) = (Recorder::default(), Recorder::default());
    let step = chart.step(from, event, &mut one);
    prop_assert_eq!(&chart.step(&again, event, &mut two), &step);
    prop_assert_eq!(one, two);
    Ok(step)
}

/// What a step says of itself agrees with what the listings said before it.
fn assert_announced(
    chart: &RandomChart,
    from: &Snapshot,
    event: &str,
    step: &Step,
) -> Result<(), TestCaseError> {
    let candidates = chart.candidates(from, event).unwrap();
    prop_assert!(!step.handled || !candidates.is_empty());
    let unguarded = candidates
        .iter()
        .any(|candidate| candidate.transition.guard().is_none());
    prop_assert!(step.handled || !unguarded);
    let listed = chart.active_transitions(from).unwrap();
    prop_assert_eq!(
        listed
            .iter()
            .filter(|(_, transition)| transition.matches(event))
            .count(),
        candidates.len()
    );
    prop_assert_eq!(step.done, chart.is_done(&step.snapshot));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn random_charts_keep_every_promise(chart in chart(), events in events()) {
        let (mut one, mut two) = (Recorder::default(), Recorder::default());
        let start = chart.start(&mut one);
        prop_assert_eq!(&chart.start(&mut two), &start);
        prop_assert_eq!(one, two);
        // A chart that never settles has nothing more to promise.
        let Ok(start) = start else { return Ok(()) };
        prop_assert!(!start.handled);
        assert_balanced(&[], &start, &chart.configuration(&start.snapshot))?;
        assert_legal(&chart, &start.snapshot)?;
        let mut at = start.snapshot;
        for event in events {
            let Ok(step) = step_twice(&chart, &at, event)? else { return Ok(()) };
            assert_legal(&chart, &step.snapshot)?;
            assert_balanced(&chart.configuration(&at), &step, &chart.configuration(&step.snapshot))?;
            assert_announced(&chart, &at, event, &step)?;
            at = step.snapshot;
        }
    }
}
