//! The shape of charts: states nothing leads to, states nothing leads out of, waiting without an owner or a clock,
//! moves that never settle.
//! Knows states and transitions; of conditions only whether there is one and whether two are the same.

use std::collections::BTreeSet;

use peshi_statechart::{Action, StateKind};

use super::{ChartView, Lint, StateRef, Transition, by_people};
use crate::pack::places::{StatePlaces, TransitionPlaces};
use crate::pack::{Act, deed, is_passed_through};

/// Charts with more eventless transitions than this are not searched for loops; the machine bounds them at run time.
const MAX_EVENTLESS: usize = 500;

impl<'a> Lint<'a> {
    pub(super) fn shape(&mut self) {
        for chart in self.charts() {
            self.reachable(chart);
            self.loops(chart);
            for (state, places) in chart.states() {
                self.waiting(chart, &state, places);
                self.dead_end(chart, &state, places);
            }
        }
    }

    /// Every state can be entered by some transition or default.
    fn reachable(&mut self, chart: ChartView<'a>) {
        let reached = reached(chart);
        for (state, places) in chart.states() {
            if reached.contains(state.id()) || matches!(state.kind(), StateKind::History { .. }) {
                continue;
            }
            let around = state.parent().is_some_and(|parent| !reached.contains(parent));
            if around {
                continue; // said of the state around it
            }
            self.warn(
                "unreachable-state",
                &places.id,
                format!("nothing leads to `{}`", state.id()),
                "add a transition to it, name it under `initial:`, or delete it",
            );
        }
    }

    /// A state in which somebody must act says who; a state in which somebody waits has a clock.
    fn waiting(&mut self, chart: ChartView<'a>, state: &StateRef<'a>, places: &StatePlaces) {
        let Some(meaning) = chart.spec.states.get(state.id()) else {
            return;
        };
        let line = chart.line(state);
        let leaves = line
            .iter()
            .any(|s| s.transitions().iter().any(|t| !t.targets().is_empty()));
        if !state.is_atomic()
            || !leaves
            || is_passed_through(state)
            || matches!(state.kind(), StateKind::Final)
            || meaning.closes_case
        {
            return;
        }
        let meanings = || line.iter().filter_map(|s| chart.spec.states.get(s.id()));
        if let Some(owner) = meaning.waiting_on {
            let clock = meanings().any(|m| m.stalled_after.is_some() || !m.deadlines.is_empty())
                || line.iter().any(has_timer);
            if !clock {
                let place = places.waiting_on.as_ref().unwrap_or(&places.id);
                self.warn(
                    "no-clock",
                    place,
                    format!("`{}` waits on {} without any clock", state.id(), owner.as_str()),
                    "add `stalled_after: 14 days`, a deadline, or `after:`; else nobody notices when nothing happens",
                );
            }
            return;
        }
        // Within regions a state may be at rest, unless it says itself that it can stall. A check that leads back to
        // the same state is a standing duty: it stalls, and the case waits on nobody.
        let alone = line.iter().all(|s| s.kind() != StateKind::Parallel);
        let recurs = state
            .transitions()
            .iter()
            .any(|t| by_people(t) && t.targets().iter().any(|to| to == state.id()));
        let stalls = meaning.stalled_after.is_some() && !recurs;
        if (alone || stalls) && meanings().all(|m| m.waiting_on.is_none()) {
            let place = places.stalled_after.as_ref().unwrap_or(&places.id);
            let message = if stalls {
                format!("`{}` can stall, but does not say whose delay that is", state.id())
            } else {
                format!("`{}` does not say who must act next", state.id())
            };
            self.warn(
                "no-owner",
                place,
                message,
                "add `waiting_on:` with us, family, police, prosecution, court or other",
            );
        }
    }

    /// A state out of which nothing leads is final, or closes the case.
    fn dead_end(&mut self, chart: ChartView<'a>, state: &StateRef<'a>, places: &StatePlaces) {
        let is_leaf = state.is_atomic() && state.kind() == StateKind::Normal;
        let line = chart.line(state);
        let leads_out = line
            .iter()
            .any(|s| s.transitions().iter().any(|t| !t.targets().is_empty()));
        let closes = line
            .iter()
            .filter_map(|s| chart.spec.states.get(s.id()))
            .any(|m| m.closes_case);
        if is_leaf && !leads_out && !closes {
            self.warn(
                "dead-end",
                &places.id,
                format!("nothing leads out of `{}`", state.id()),
                "add a transition, or say that it is meant: `type: final`, or `closes_case: true` in the root chart",
            );
        }
    }

    /// Eventless transitions that lead back to where they began, under one condition or none, never settle.
    fn loops(&mut self, chart: ChartView<'a>) {
        let eventless: Vec<Eventless<'a>> = chart
            .states()
            .flat_map(|(state, places)| {
                let transitions = state.transitions();
                let source = state.id();
                transitions
                    .iter()
                    .zip(&places.transitions)
                    .filter(|(t, at)| t.is_eventless() && (condition(t).is_some() || at.condition.is_none()))
                    .map(move |(transition, places)| Eventless {
                        source,
                        transition,
                        places,
                    })
            })
            .collect();
        if eventless.len() > MAX_EVENTLESS {
            return;
        }
        let follows: Vec<Vec<usize>> = eventless
            .iter()
            .map(|from| {
                let active = active_after(chart, from);
                let next = eventless.iter().enumerate();
                next.filter(|(_, to)| active.contains(to.source))
                    .map(|(n, _)| n)
                    .collect()
            })
            .collect();
        let mut told: BTreeSet<usize> = BTreeSet::new();
        for (start, one) in eventless.iter().enumerate() {
            let same = |other: &Eventless<'_>| {
                let condition = other.condition();
                condition.is_none() || condition == one.condition() && !other.sets()
            };
            if !same(one) || told.contains(&start) {
                continue;
            }
            let Some(round) = round(start, &follows, &|n| same(&eventless[n])) else {
                continue;
            };
            told.extend(&round);
            let states: Vec<&str> = round.iter().map(|n| eventless[*n].source).collect();
            self.warn(
                "eventless-loop",
                &one.places.head,
                format!("`always` goes round and never settles: {}", states.join(" → ")),
                "give one of the transitions a condition that the others undo, or an event",
            );
        }
    }
}

/// An eventless transition and where it begins.
struct Eventless<'a> {
    source: &'a str,
    transition: &'a Transition,
    places: &'a TransitionPlaces,
}

impl Eventless<'_> {
    fn condition(&self) -> Option<&str> {
        condition(self.transition)
    }

    /// Whether it changes what conditions see.
    fn sets(&self) -> bool {
        let mut actions = self.transition.actions().iter();
        actions.any(|a| matches!(deed(a), Some(Act::Set(_))))
    }
}

fn condition(transition: &Transition) -> Option<&str> {
    let gate = transition.guard()?;
    gate.condition.as_ref().map(crate::expression::Expression::source)
}

/// The states that may be active because of a transition: its targets, all around them, and what they enter by default.
fn active_after<'a>(chart: ChartView<'a>, from: &Eventless<'a>) -> BTreeSet<&'a str> {
    let compiled = &chart.spec.chart;
    let mut active = BTreeSet::new();
    let targets: Vec<&'a str> = match from.transition.targets() {
        [] => vec![from.source],
        targets => targets.iter().map(String::as_str).collect(),
    };
    let mut todo = Vec::new();
    for target in targets {
        let Some(number) = compiled.state(target) else {
            continue;
        };
        let line = chart.line(&compiled.state_ref(number));
        active.extend(line.iter().map(StateRef::id));
        todo.push(target);
    }
    while let Some(id) = todo.pop() {
        let Some(number) = compiled.state(id) else {
            continue;
        };
        let state = compiled.state_ref(number);
        active.insert(state.id());
        match state.kind() {
            StateKind::Parallel => todo.extend(state.children()),
            _ => todo.extend(state.initial().filter(|id| !active.contains(id))),
        }
    }
    active
}

/// A way from `start` back to it through transitions that `may` be taken.
fn round(start: usize, follows: &[Vec<usize>], may: &dyn Fn(usize) -> bool) -> Option<Vec<usize>> {
    let mut seen = BTreeSet::from([start]);
    let mut path = vec![(start, 0)];
    while let Some((at, next)) = path.last_mut() {
        let Some(&to) = follows[*at].get(*next) else {
            path.pop();
            continue;
        };
        *next += 1;
        if to == start {
            return Some(path.iter().map(|(n, _)| *n).collect());
        }
        if may(to) && seen.insert(to) {
            path.push((to, 0));
        }
    }
    None
}

fn has_timer(state: &StateRef<'_>) -> bool {
    let mut entry = state.entry().iter();
    entry.any(|a| matches!(a, Action::Host(Act::Send { .. })))
}

/// The states that can be active, seen from the chart's start.
fn reached(chart: ChartView<'_>) -> BTreeSet<&str> {
    let compiled = &chart.spec.chart;
    let mut reached = BTreeSet::new();
    // Entered itself, so by default its first state too; or only around something that was entered.
    let mut entered = BTreeSet::new();
    let mut todo: Vec<(&str, bool)> = vec![(compiled.name(), true)];
    while let Some((id, by_default)) = todo.pop() {
        let new = reached.insert(id);
        let news = by_default && entered.insert(id);
        let Some(number) = compiled.state(id).filter(|_| new || news) else {
            continue;
        };
        let state = compiled.state_ref(number);
        match state.kind() {
            StateKind::Parallel => todo.extend(state.children().map(|child| (child, true))),
            _ if news => todo.extend(state.initial().map(|child| (child, true))),
            _ => {}
        }
        if new {
            todo.extend(state.parent().map(|parent| (parent, false)));
            for transition in state.transitions() {
                todo.extend(transition.targets().iter().map(|to| (to.as_str(), true)));
            }
        }
    }
    reached
}
