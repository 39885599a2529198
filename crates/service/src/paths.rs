//! The way a case went through its charts, as its journal tells it. Knows charts and facts; no picture, no words.
//!
//! The journal holds where an instance came to stand, not which transitions led there. They are found again from what was
//! left, what was entered and the event: exactly so, up to several transitions between the same states.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use peshi_casework::pack::{Act, ChartSpec, Gate, Pack};
use peshi_casework::{Case, Entry, Fact, InstanceId};
use peshi_statechart::{StateKind, Transition};

use crate::Service;
use crate::access::{Action, Viewer};
use crate::error::ServiceError;
use crate::sealing::{open_case, open_entry};

/// The most entries that are looked through. What came before is not marked.
const LOOKED_THROUGH: u64 = 5_000;

/// The ways of a case, with the pack it is pinned to.
#[derive(Debug, Clone)]
pub struct CasePaths {
    /// The pack.
    pub pack: Arc<Pack>,
    /// The root and its children, in order.
    pub instances: Vec<InstancePath>,
}

/// The way of one instance.
#[derive(Debug, Clone, PartialEq)]
pub struct InstancePath {
    /// `case`, `proceeding-1`.
    pub instance: String,
    /// The chart it runs.
    pub chart: String,
    /// It has not ended.
    pub open: bool,
    /// The leaf states it is in.
    pub active: Vec<String>,
    /// Every state it has been in.
    pub visited: BTreeSet<String>,
    /// The transitions it took, oldest first.
    pub steps: Vec<PathStep>,
}

/// One transition taken.
#[derive(Debug, Clone, PartialEq)]
pub struct PathStep {
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The state it belongs to.
    pub source: String,
    /// The event; empty if it needed none.
    pub event: String,
    /// The state it led to.
    pub target: String,
}

impl Service {
    /// The ways of one case.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when the case is absent or not open to the viewer.
    pub async fn paths(&self, viewer: &Viewer, reference: &str) -> Result<CasePaths, ServiceError> {
        let row = self.allowed_case(viewer, reference, Action::ReadCase).await?;
        let key = self.case_key(row.id).await?;
        let case = open_case(row.id, &row.state, &key)?;
        let pack = self.core.pinned(&case).await?;
        let after = (case.version - i64::try_from(LOOKED_THROUGH).unwrap_or(i64::MAX)).max(0);
        let rows = self.store.journal(row.id, after, LOOKED_THROUGH).await?;
        let entries: Vec<Entry> = rows
            .iter()
            .map(|row| open_entry(row, &key))
            .collect::<Result<_, _>>()?;
        let instances = walked(&pack, &case, &entries);
        Ok(CasePaths { pack, instances })
    }
}

fn walked(pack: &Pack, case: &Case, entries: &[Entry]) -> Vec<InstancePath> {
    let mut walkers: BTreeMap<&InstanceId, Walker<'_>> = case
        .instances
        .iter()
        .filter_map(|(id, instance)| Some((id, Walker::new(pack.chart(&instance.chart)?))))
        .collect();
    for entry in entries {
        let walker = entry.instance.as_ref().and_then(|id| walkers.get_mut(id));
        let Some(walker) = walker else { continue };
        match &entry.fact {
            Fact::EventAccepted { event, .. } => walker.event = Some(event.clone()),
            Fact::Moved {
                snapshot,
                entered,
                exited,
                ..
            } => walker.moved(entry.occurred_at, snapshot.active_leaves(), entered, exited),
            _ => {}
        }
    }
    case.instances
        .iter()
        .filter_map(|(id, instance)| {
            let walker = walkers.remove(id)?;
            let active = instance.snapshot.as_ref().map(|s| s.active_leaves().to_vec());
            Some(InstancePath {
                instance: id.to_string(),
                chart: instance.chart.clone(),
                open: !instance.done,
                active: active.unwrap_or_default(),
                visited: walker.visited,
                steps: walker.steps,
            })
        })
        .collect()
}

/// Follows one instance.
struct Walker<'a> {
    spec: &'a ChartSpec,
    parents: BTreeMap<&'a str, &'a str>,
    /// The active states, compounds included.
    active: BTreeSet<String>,
    event: Option<String>,
    visited: BTreeSet<String>,
    steps: Vec<PathStep>,
}

/// How surely a transition was the one: by the event, by none, by one raised inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    Event,
    Nothing,
    Raised,
}

/// A transition that would explain a part of a move.
struct Candidate<'a> {
    cause: Cause,
    source: &'a str,
    event: String,
    target: &'a str,
}

impl<'a> Walker<'a> {
    fn new(spec: &'a ChartSpec) -> Self {
        let parents = spec.chart.states().filter_map(|s| Some((s.id(), s.parent()?)));
        Self {
            spec,
            parents: parents.collect(),
            active: BTreeSet::new(),
            event: None,
            visited: BTreeSet::new(),
            steps: Vec::new(),
        }
    }

    fn moved(&mut self, at: DateTime<Utc>, leaves: &[String], entered: &[String], exited: &[String]) {
        let event = self.event.take();
        self.visited.extend(entered.iter().cloned());
        // The first move is the start: nothing led there.
        if !self.active.is_empty() {
            let steps = self.steps(at, event.as_deref(), entered, exited);
            self.steps.extend(steps);
        }
        self.active = leaves
            .iter()
            .flat_map(|leaf| {
                std::iter::successors(Some(leaf.as_str()), |id| self.parents.get(id).copied())
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            })
            .collect();
    }

    /// The transitions that explain a move, in the order in which their targets were entered.
    fn steps(
        &self,
        at: DateTime<Utc>,
        event: Option<&str>,
        entered: &[String],
        exited: &[String],
    ) -> Vec<PathStep> {
        let all = self.candidates(event, entered, exited);
        // A state was left once, and a state was reached once: by the surest of what could have done it.
        let surest =
            |same: &dyn Fn(&Candidate<'_>) -> bool| all.iter().filter(|c| same(c)).map(|c| c.cause).min();
        let mut steps: Vec<&Candidate<'_>> = all
            .iter()
            .filter(|c| surest(&|o| o.source == c.source) == Some(c.cause))
            .filter(|c| surest(&|o| o.target == c.target) == Some(c.cause))
            // An inner state answers before those around it.
            .filter(|c| {
                !all.iter()
                    .any(|o| o.target == c.target && o.cause == c.cause && self.below(o.source, c.source))
            })
            .collect();
        let place = |target: &str| entered.iter().position(|id| id == target).unwrap_or(usize::MAX);
        steps.sort_by_key(|c| place(c.target));
        steps
            .into_iter()
            .map(|c| PathStep {
                at,
                source: c.source.to_owned(),
                event: c.event.clone(),
                target: c.target.to_owned(),
            })
            .collect()
    }

    /// Every transition that could have been taken.
    fn candidates(&self, event: Option<&str>, entered: &[String], exited: &[String]) -> Vec<Candidate<'a>> {
        let mut found = Vec::new();
        for state in self.spec.chart.states() {
            let was = self.active.contains(state.id());
            if !was && !entered.iter().any(|id| id == state.id()) {
                continue;
            }
            let left = exited.iter().any(|id| id == state.id());
            for transition in state.transitions() {
                let Some(target) = transition
                    .targets()
                    .first()
                    .filter(|_| self.leads(transition, entered))
                else {
                    continue;
                };
                // Unless it stays inside, a transition leaves the state it belongs to.
                let inside = transition.internal() && self.below(target, state.id());
                if !left && !inside {
                    continue;
                }
                // The event itself was answered from where the instance stood.
                let (cause, event) = cause(transition, event.filter(|_| was));
                found.push(Candidate {
                    cause,
                    source: state.id(),
                    event,
                    target,
                });
            }
        }
        found
    }

    /// Whether everything a transition leads to was entered. A history stands for whatever of its parent was.
    fn leads(&self, transition: &Transition<Gate, Act>, entered: &[String]) -> bool {
        let was_entered = |target: &String| {
            let history =
                self.spec.chart.state(target).is_some_and(|n| {
                    matches!(self.spec.chart.state_ref(n).kind(), StateKind::History { .. })
                });
            match self.parents.get(target.as_str()) {
                Some(parent) if history => entered
                    .iter()
                    .any(|id| self.parents.get(id.as_str()) == Some(parent)),
                _ => entered.contains(target),
            }
        };
        !transition.targets().is_empty() && transition.targets().iter().all(was_entered)
    }

    fn below(&self, state: &str, of: &str) -> bool {
        std::iter::successors(self.parents.get(state).copied(), |id| {
            self.parents.get(id).copied()
        })
        .any(|id| id == of)
    }
}

fn cause(transition: &Transition<Gate, Act>, event: Option<&str>) -> (Cause, String) {
    match event {
        Some(event) if transition.matches(event) => (Cause::Event, event.to_owned()),
        _ if transition.is_eventless() => (Cause::Nothing, String::new()),
        _ => {
            let descriptor = transition.events().first().map_or("", String::as_str);
            let event = descriptor.trim_end_matches(".*").trim_end_matches('.');
            (Cause::Raised, event.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use peshi_casework::pack::{PackFiles, load};

    use super::*;

    const CHART: &str = r"
workflow: sample
version: 1
title: { en: Sample, ur: Sample }
calendar: pk
roles: [lawyer]
charts:
  case:
    type: parallel
    states:
      work:
        states:
          idle: { on: { begin: { to: busy }, leap: { to: checked } } }
          busy:
            on: { pause: { to: paused }, note: {}, again: { to: busy } }
            states:
              drafting: { on: { done: { to: checked } } }
              checked: { always: [{ if: 'data.x == 1', to: sent }] }
              sent: {}
              so_far: { type: history, default: drafting }
          paused: { on: { resume: { to: so_far } } }
      watch:
        on: { alarm: { to: loud, internal: true } }
        states:
          quiet: { on: { work.begun: { to: loud } } }
          loud: {}
";

    /// An event, the leaves after it, the states entered and left.
    type Move = (
        &'static str,
        &'static [&'static str],
        &'static [&'static str],
        &'static [&'static str],
    );

    fn walk(moves: &[Move]) -> Vec<String> {
        let files = PackFiles::from([
            ("workflow.yaml".to_owned(), CHART.to_owned()),
            ("locales/en.ftl".to_owned(), String::new()),
            ("locales/ur.ftl".to_owned(), String::new()),
        ]);
        let (pack, findings) = load(&files);
        let pack = pack.unwrap_or_else(|| panic!("{findings:#?}"));
        let mut walker = Walker::new(pack.chart("case").unwrap());
        let own = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        for (event, leaves, entered, exited) in moves {
            walker.event = (!event.is_empty()).then(|| (*event).to_owned());
            walker.moved(DateTime::UNIX_EPOCH, &own(leaves), &own(entered), &own(exited));
        }
        walker
            .steps
            .iter()
            .map(|s| format!("{} -{}-> {}", s.source, s.event, s.target))
            .collect()
    }

    const START: Move = (
        "",
        &["idle", "quiet"],
        &["case", "work", "idle", "watch", "quiet"],
        &[],
    );

    #[test]
    fn the_start_is_no_step() {
        assert_eq!(walk(&[START]), Vec::<String>::new());
    }

    #[test]
    fn an_event_leads_and_what_it_raised_leads_on() {
        let begun: Move = (
            "begin",
            &["drafting", "loud"],
            &["busy", "drafting", "loud"],
            &["idle", "quiet"],
        );
        assert_eq!(
            walk(&[START, begun]),
            ["idle -begin-> busy", "quiet -work.begun-> loud"]
        );
    }

    #[test]
    fn steps_without_an_event_follow_in_order() {
        let leapt: Move = (
            "leap",
            &["sent", "quiet"],
            &["busy", "checked", "sent"],
            &["idle", "checked"],
        );
        assert_eq!(
            walk(&[START, leapt]),
            ["idle -leap-> checked", "checked --> sent"]
        );
    }

    #[test]
    fn a_history_is_entered_by_what_it_stood_for() {
        let moves: [Move; 4] = [
            START,
            ("begin", &["drafting", "quiet"], &["busy", "drafting"], &["idle"]),
            ("pause", &["paused", "quiet"], &["paused"], &["drafting", "busy"]),
            (
                "resume",
                &["drafting", "quiet"],
                &["busy", "drafting"],
                &["paused"],
            ),
        ];
        assert_eq!(
            walk(&moves),
            [
                "idle -begin-> busy",
                "busy -pause-> paused",
                "paused -resume-> so_far"
            ]
        );
    }

    #[test]
    fn a_state_entered_again_and_a_region_s_own_event_are_steps() {
        let moves: [Move; 4] = [
            START,
            ("begin", &["drafting", "quiet"], &["busy", "drafting"], &["idle"]),
            (
                "again",
                &["drafting", "quiet"],
                &["busy", "drafting"],
                &["drafting", "busy"],
            ),
            ("alarm", &["drafting", "loud"], &["loud"], &["quiet"]),
        ];
        assert_eq!(
            walk(&moves),
            ["idle -begin-> busy", "busy -again-> busy", "watch -alarm-> loud"]
        );
    }
}
