//! Finds what a sound pack still gets wrong: names that lead nowhere, states nobody owns, events nobody may raise,
//! conditions that cannot hold, words missing in a language.
//! Knows a built pack and where everything in it was written; cannot change it. One file for each family of findings.

mod conditions;
mod events;
mod kinds;
mod law;
mod names;
mod shape;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use peshi_statechart::Action;

use super::chart::FILE;
use super::finding::{Finding, Place};
use super::load::Built;
use super::places::{ActPlaces, ChartPlaces, StatePlaces};
use super::yaml::WorkflowYaml;
use super::{Act, ChartSpec, Gate, Pack, deed};
use crate::spelling::{listed, nearest};

type Transition = peshi_statechart::Transition<Gate, Act>;
type StateRef<'c> = peshi_statechart::StateRef<'c, Gate, Act>;

/// Findings beyond this number are not looked into.
const MOST: usize = 2_000;

/// Every check.
pub(super) fn check(workflow: &WorkflowYaml, built: &Built, findings: &mut Vec<Finding>) {
    let mut lint = Lint {
        workflow,
        built,
        pack: &built.pack,
        findings,
    };
    lint.names();
    lint.law();
    lint.shape();
    lint.events();
    lint.conditions();
    lint.words();
}

struct Lint<'a> {
    workflow: &'a WorkflowYaml,
    built: &'a Built,
    pack: &'a Pack,
    findings: &'a mut Vec<Finding>,
}

/// A chart with its name and its places.
#[derive(Clone, Copy)]
struct ChartView<'a> {
    name: &'a str,
    spec: &'a ChartSpec,
    places: &'a ChartPlaces,
}

/// An action with what surrounds it.
struct ActView<'a> {
    action: &'a Action<Act>,
    places: &'a ActPlaces,
}

impl<'a> Lint<'a> {
    fn charts(&self) -> impl Iterator<Item = ChartView<'a>> + use<'a> {
        let places = &self.built.charts;
        self.pack.charts.iter().filter_map(|(name, spec)| {
            Some(ChartView {
                name,
                spec,
                places: places.get(name)?,
            })
        })
    }

    fn error(&mut self, code: &'static str, place: &Place, message: String, help: impl Into<String>) {
        self.findings.push(Finding::error(code, place, message, help));
    }

    fn warn(&mut self, code: &'static str, place: &Place, message: String, help: impl Into<String>) {
        self.findings.push(Finding::warning(code, place, message, help));
    }

    /// Whether there are so many findings that looking for what was meant is of no use any more.
    fn full(&self) -> bool {
        self.findings.len() > MOST
    }

    /// A name that nothing bears, with the one that was probably meant.
    fn unknown<'k>(
        &mut self,
        code: &'static str,
        place: &Place,
        what: &str,
        name: &str,
        known: impl IntoIterator<Item = &'k String>,
    ) {
        if self.full() {
            return;
        }
        let known: Vec<&str> = known.into_iter().map(String::as_str).collect();
        let help = match nearest(name, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => format!("there is no {what} at all yet; write one, or take this out"),
            None => format!("known: {}", listed(&known)),
        };
        self.error(code, place, format!("there is no {what} named `{name}`"), help);
    }

    /// Which charts start which: parent → children. A chart that starts its own kind makes a sibling.
    fn families(&self) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
        let mut children: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for chart in self.charts() {
            for act in chart.acts() {
                if let Some(Act::Spawn { chart: child, .. }) = deed(act.action)
                    && child != chart.name
                {
                    children.entry(chart.name).or_default().insert(child);
                }
            }
        }
        children
    }
}

impl<'a> ChartView<'a> {
    /// Its states with their places, in document order.
    fn states(self) -> impl Iterator<Item = (StateRef<'a>, &'a StatePlaces)> {
        self.spec
            .chart
            .states()
            .filter_map(move |state| Some((state_of(self.spec, &state), self.places.get(state.id())?)))
    }

    /// Every action: of entries, exits and transitions, with its place.
    fn acts(self) -> Vec<ActView<'a>> {
        let mut acts = Vec::new();
        for (state, places) in self.states() {
            let transitions = state.transitions().iter().zip(&places.transitions);
            let lists = [(state.entry(), &places.entry), (state.exit(), &places.exit)];
            let lists = lists
                .into_iter()
                .chain(transitions.map(|(t, places)| (t.actions(), &places.actions)));
            for (actions, places) in lists {
                acts.extend(
                    actions
                        .iter()
                        .zip(places)
                        .map(|(action, places)| ActView { action, places }),
                );
            }
        }
        acts
    }

    /// The state and all around it, innermost first.
    fn line(self, state: &StateRef<'a>) -> Vec<StateRef<'a>> {
        let chart = &self.spec.chart;
        let mut line = vec![state_of(self.spec, state)];
        while let Some(parent) = line
            .last()
            .and_then(StateRef::parent)
            .and_then(|id| chart.state(id))
        {
            line.push(chart.state_ref(parent));
        }
        line
    }
}

/// A second view of the same state: views cannot be copied.
fn state_of<'a>(spec: &'a ChartSpec, state: &StateRef<'_>) -> StateRef<'a> {
    spec.chart.state_ref(state.number())
}

/// Whether people may cause it: not the program alone.
fn by_people(transition: &Transition) -> bool {
    let roles = transition.guard().and_then(|gate| gate.roles.as_ref());
    roles.is_none_or(|roles| !roles.is_empty())
}

fn whole() -> Place {
    Place::file(FILE)
}
