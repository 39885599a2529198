//! Properties over random charts and random event sequences.

use super::oracle::Oracle;
use super::random::{Guard, RandomChart, Recorder, chart, events};
use crate::{Interpreter, Snapshot, StateKind, StateNo, StateRef, Step, StepError};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::convert::Infallible;

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

/// Both interpreters did the same and stand at the same place.
fn assert_agree(
    oracle: &Oracle<'_>,
    interpreter: &Interpreter<'_, Guard, &'static str>,
    host: &mut Recorder,
) -> Result<(), TestCaseError> {
    let chart = interpreter.chart();
    let ids = |states: &[StateNo]| {
        states
            .iter()
            .map(|&s| chart.id_of(s).to_owned())
            .collect::<Vec<_>>()
    };
    prop_assert_eq!(&std::mem::take(&mut host.calls), &oracle.calls);
    prop_assert_eq!(&ids(interpreter.exited()), &oracle.exited);
    prop_assert_eq!(&ids(interpreter.entered()), &oracle.entered);
    prop_assert_eq!(interpreter.configuration().is_done(), oracle.done());
    let snapshot = interpreter.snapshot();
    prop_assert_eq!(snapshot.active_leaves(), oracle.leaves());
    prop_assert_eq!(snapshot.history(), &oracle.history());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn random_charts_keep_every_promise((_, chart) in chart(), events in events()) {
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

    #[test]
    fn the_interpreter_does_what_appendix_d_says((definition, chart) in chart(), events in events()) {
        let mut oracle = Oracle::new(&definition);
        let mut host = Recorder::default();
        let expected = oracle.start();
        let started = Interpreter::start(&chart, &mut host);
        let Ok(mut interpreter) = started else {
            prop_assert!(expected.is_err());
            return Ok(());
        };
        prop_assert!(expected.is_ok());
        assert_agree(&oracle, &interpreter, &mut host)?;
        for event in events {
            let before = interpreter.snapshot();
            let expected = oracle.send(event);
            match interpreter.send(event, &mut host) {
                Ok(handled) => prop_assert_eq!(handled, expected.unwrap()),
                Err(error) => {
                    prop_assert!(expected.is_err(), "{}", error);
                    prop_assert_eq!(&host.calls, &oracle.calls);
                    // It stands where it stood, and goes on from there as if nothing had happened.
                    prop_assert_eq!(interpreter.snapshot(), before.clone());
                    prop_assert!(interpreter.entered().is_empty() && interpreter.exited().is_empty());
                    let next = interpreter.send("other", &mut Recorder::default()).ok();
                    let again = chart.step(&before, "other", &mut Recorder::default()).ok();
                    prop_assert_eq!(next, again.as_ref().map(|step| step.handled));
                    prop_assert_eq!(interpreter.snapshot(), again.map_or(before, |step| step.snapshot));
                    return Ok(());
                }
            }
            assert_agree(&oracle, &interpreter, &mut host)?;
        }
    }
}
