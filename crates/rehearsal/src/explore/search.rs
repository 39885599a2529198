//! The search itself: situations still to be looked at, ways back, and what was found on the way.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use chrono::{DateTime, Utc};
use peshi_casework::pack::{Pack, is_passed_through};
use peshi_casework::{
    Actor, Board, Case, CaseId, Command, Context, Decision, Fact, Fields, InstanceId, Purpose, Rejection,
    broken, decide, time,
};
use peshi_statechart::{Snapshot, StateKind};
use uuid::Uuid;

use super::abstraction::cut;
use super::inputs::ways;
use super::reads::{Reads, by_the_program};
use super::{Bounds, Explored, Found, Move};
use crate::error::{RehearsalError, said};
use crate::life::Stage;

/// Most situations listed of one kind.
const LISTED: usize = 10;
/// The moment at which everything happens: a Monday morning.
const BASE: &str = "2026-03-02T05:00:00Z";

/// Searches; `watch` hears now and then how many situations were looked at and how many wait.
///
/// # Errors
/// [`RehearsalError::Opening`] when the case cannot begin in any way.
pub fn explore(
    stage: Stage<'_>,
    bounds: Bounds,
    watch: &mut dyn FnMut(usize, usize),
) -> Result<Explored, RehearsalError> {
    // Reminders tell people and change nothing: without them there is far less to reckon.
    let mut pack = stage.pack.clone();
    for rule in pack.deadlines.values_mut() {
        rule.reminders.clear();
        rule.also.clear();
    }
    let stage = Stage {
        pack: &pack,
        calendar: stage.calendar,
    };
    let mut search = Search::new(stage, bounds);
    search.open()?;
    search.run(watch);
    Ok(search.report())
}

/// A situation.
struct Node {
    parent: Option<usize>,
    step: Move,
    depth: usize,
    /// Until it was looked at.
    case: Option<Box<Case>>,
}

/// What a step led to.
enum Outcome {
    Decided(Box<Decision>),
    Refused,
    Fault(String),
}

/// The search.
struct Search<'p> {
    stage: Stage<'p>,
    bounds: Bounds,
    reads: Reads,
    /// The ways to fill in a form with an event, as far as they were asked for.
    forms: RefCell<BTreeMap<(String, String), Vec<Fields>>>,
    base: DateTime<Utc>,
    nodes: Vec<Node>,
    known: HashMap<String, usize>,
    /// In order of breadth.
    waiting: VecDeque<usize>,
    /// Those that show a state, or a pair of states, never seen before.
    fresh: [VecDeque<usize>; 2],
    states: BTreeMap<(String, String), u32>,
    seen: HashSet<u32>,
    pairs: HashSet<(u32, u32)>,
    decisions: usize,
    looked_at: usize,
    by_breadth: bool,
    stopped_by: BTreeSet<&'static str>,
    dead_ends: Listed,
    unwatched: Listed,
    faults: Listed,
    broken: BTreeMap<String, usize>,
}

/// Things found, each kind of them once.
#[derive(Default)]
struct Listed {
    keys: BTreeSet<String>,
    found: Vec<(String, usize, Option<Move>)>,
    more: usize,
}

impl Listed {
    fn add(&mut self, key: String, what: String, node: usize, step: Option<Move>) {
        if !self.keys.insert(key) {
            return;
        }
        if self.found.len() < LISTED {
            self.found.push((what, node, step));
        } else {
            self.more += 1;
        }
    }
}

impl<'p> Search<'p> {
    fn new(stage: Stage<'p>, bounds: Bounds) -> Self {
        let mut states = BTreeMap::new();
        for (chart, spec) in &stage.pack.charts {
            for state in spec.chart.states() {
                let n = u32::try_from(states.len()).unwrap_or(u32::MAX);
                states.insert((chart.clone(), state.id().to_owned()), n);
            }
        }
        let base = BASE.parse().expect("the base is a moment");
        let reads = Reads::of(stage.pack);
        Self {
            stage,
            bounds,
            forms: RefCell::default(),
            reads,
            base,
            nodes: Vec::new(),
            known: HashMap::new(),
            waiting: VecDeque::new(),
            fresh: [VecDeque::new(), VecDeque::new()],
            states,
            seen: HashSet::new(),
            pairs: HashSet::new(),
            decisions: 0,
            looked_at: 0,
            by_breadth: true,
            stopped_by: BTreeSet::new(),
            dead_ends: Listed::default(),
            unwatched: Listed::default(),
            faults: Listed::default(),
            broken: BTreeMap::new(),
        }
    }

    fn context<'a>(&'a self, actor: &'a Actor) -> Context<'a> {
        Context {
            pack: self.stage.pack,
            calendar: self.stage.calendar,
            now: self.base,
            occurred_at: self.base,
            actor,
            role: None,
            expected_version: None,
        }
    }

    fn pack(&self) -> &'p Pack {
        self.stage.pack
    }

    /// Every way to fill in the form of an event, or the one of no form.
    fn forms(&self, event: &str, form: Option<&String>) -> Vec<Fields> {
        let Some(form) = form.and_then(|name| self.pack().forms.get(name)) else {
            return vec![Fields::new()];
        };
        let key = (event.to_owned(), form.name.clone());
        let mut known = self.forms.borrow_mut();
        let local_now = time::local(self.base, self.stage.calendar);
        known
            .entry(key)
            .or_insert_with(|| ways(event, form, &self.reads, local_now))
            .clone()
    }

    fn open(&mut self) -> Result<(), RehearsalError> {
        let mut why = None;
        for form in self.forms("", self.pack().opening.as_ref()) {
            let command = Command::Open {
                case: CaseId(Uuid::nil()),
                reference: "explore".to_owned(),
                form: form.clone(),
                team: Vec::new(),
            };
            let decided = decide(None, &command, &self.context(&Actor::Machine));
            self.decisions += 1;
            match decided {
                Ok(decision) => {
                    self.meet(None, Move::Open { form }, &decision);
                }
                Err(rejection) => why = Some(rejection),
            }
        }
        match why {
            Some(why) if self.nodes.is_empty() => Err(RehearsalError::Opening(why)),
            _ => Ok(()),
        }
    }

    fn run(&mut self, watch: &mut dyn FnMut(usize, usize)) {
        while let Some(node) = self.next() {
            if self.looked_at >= self.bounds.limit {
                self.stopped_by.insert("limit");
                return;
            }
            self.by_breadth &= self.looked_at < self.bounds.limit / 2;
            self.looked_at += 1;
            if self.looked_at.is_multiple_of(256) {
                watch(self.looked_at, self.nodes.len() - self.looked_at);
            }
            self.look_at(node);
        }
    }

    fn next(&mut self) -> Option<usize> {
        if !self.by_breadth
            && let Some(node) = self.fresh.iter_mut().find_map(|queue| take(&self.nodes, queue))
        {
            return Some(node);
        }
        take(&self.nodes, &mut self.waiting)
    }

    fn look_at(&mut self, node: usize) {
        let Some(case) = self.nodes[node].case.take() else {
            return;
        };
        let depth = self.nodes[node].depth;
        let mut moved = false;
        for step in self.steps(&case) {
            if depth >= self.bounds.depth {
                self.stopped_by.insert("depth");
                moved = true;
                break;
            }
            self.decisions += 1;
            match self.take(&case, &step) {
                Outcome::Decided(decision) => {
                    moved = true;
                    self.meet(Some(node), step, &decision);
                }
                Outcome::Refused => {}
                Outcome::Fault(problem) => {
                    moved = true;
                    self.faults.add(problem.clone(), problem, node, Some(step));
                }
            }
        }
        if !moved {
            let board = Board::of(self.pack(), &case, self.stage.calendar);
            if !board.closed {
                let key = configuration(&case).join("; ");
                self.dead_ends
                    .add(key, "nothing can happen any more".to_owned(), node, None);
            }
        }
    }

    /// Everything that may happen next.
    fn steps(&self, case: &Case) -> Vec<Move> {
        let mut steps = Vec::new();
        let mut armed: Vec<_> = case.timers.values().map(|timer| comes(case, timer)).collect();
        armed.sort_by_key(Move::to_string);
        steps.append(&mut armed);
        for (instance, event, form) in self.events(case) {
            for form in self.forms(event, form) {
                steps.push(Move::Record {
                    instance: instance.to_string(),
                    event: event.to_owned(),
                    form,
                });
            }
        }
        steps
    }

    /// Every event that a person might record, whatever its condition says: one that cannot be answered is to be found.
    fn events<'c>(&self, case: &'c Case) -> BTreeSet<(&'c InstanceId, &'p str, Option<&'p String>)> {
        let mut events = BTreeSet::new();
        for (id, instance) in &case.instances {
            let (Some(spec), Some(snapshot)) = (self.pack().chart(&instance.chart), &instance.snapshot)
            else {
                continue;
            };
            for (_, transition) in spec.chart.active_transitions(snapshot).unwrap_or_default() {
                let gate = transition.guard();
                if gate.and_then(|g| g.roles.as_ref()).is_some_and(Vec::is_empty) {
                    continue;
                }
                let form = gate.and_then(|g| g.form.as_ref());
                let recorded = transition.events().iter().filter(|e| !by_the_program(e));
                events.extend(recorded.map(|event| (id, event.as_str(), form)));
            }
        }
        events
    }

    fn take(&self, case: &Case, step: &Move) -> Outcome {
        let (actor, command) = match step {
            Move::Record {
                instance,
                event,
                form,
            } => (
                Actor::Importer,
                Command::Event {
                    instance: InstanceId::named(instance),
                    event: event.clone(),
                    form: form.clone(),
                    known: peshi_casework::Knowledge::default(),
                },
            ),
            Move::Comes { .. } | Move::Passes { .. } | Move::Open { .. } => {
                let timer = case.timers.iter().find(|(_, timer)| comes(case, timer) == *step);
                let Some((timer, _)) = timer else {
                    return Outcome::Refused;
                };
                (Actor::Machine, Command::TimerDue { timer: timer.clone() })
            }
        };
        match decide(Some(case), &command, &self.context(&actor)) {
            Ok(decision) => Outcome::Decided(Box::new(decision)),
            Err(fault @ Rejection::Pack { .. }) => Outcome::Fault(said(&fault)),
            Err(_) => Outcome::Refused,
        }
    }

    /// Keeps a situation if it is new, and notes what is wrong with it.
    fn meet(&mut self, parent: Option<usize>, step: Move, decision: &Decision) {
        let first = self.see(decision);
        let board = decision.board();
        let mut case = Box::new(decision.case().clone());
        let key = cut(&mut case, &self.reads, self.base);
        if self.known.contains_key(&key) {
            return;
        }
        if self.crowded(&case) {
            self.stopped_by.insert("children");
            return;
        }
        let node = self.nodes.len();
        self.known.insert(key, node);
        let depth = parent.map_or(0, |p| self.nodes[p].depth + 1);
        for name in self.broken_by(&case) {
            self.broken.entry(name).or_insert(node);
        }
        if !board.closed && board.waiting_on.is_none() && board.stalled_at.is_none() && case.timers.is_empty()
        {
            let key = configuration(&case).join("; ");
            self.unwatched
                .add(key, "nobody must act and no clock runs".to_owned(), node, None);
        }
        let fresh = if self.pair_up(&case) { Some(1) } else { None };
        let fresh = if first { Some(0) } else { fresh };
        self.nodes.push(Node {
            parent,
            step,
            depth,
            case: Some(case),
        });
        self.waiting.push_back(node);
        if let Some(rank) = fresh {
            self.fresh[rank].push_back(node);
        }
    }

    fn broken_by(&self, case: &Case) -> Vec<String> {
        let broken = broken(&self.context(&Actor::Machine), case);
        broken.into_iter().map(|b| b.invariant.name.clone()).collect()
    }

    /// Nothing that may happen next is possible.
    fn is_dead(&self, case: &Case) -> bool {
        let steps = self.steps(case);
        steps
            .iter()
            .all(|step| matches!(self.take(case, step), Outcome::Refused))
    }

    fn crowded(&self, case: &Case) -> bool {
        let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
        for (id, instance) in &case.instances {
            if !id.is_root() && !instance.done {
                *counted.entry(&instance.chart).or_default() += 1;
            }
        }
        counted.values().any(|n| *n > self.bounds.children)
    }

    /// Notes the states that a decision entered, even those it left again; whether one was never seen.
    fn see(&mut self, decision: &Decision) -> bool {
        let mut first = false;
        for entry in decision.entries() {
            let (Fact::Moved { entered, .. }, Some(id)) = (&entry.fact, &entry.instance) else {
                continue;
            };
            let chart = &decision.case().instances[id].chart;
            for state in entered {
                let known = self.states.get(&(chart.clone(), state.clone()));
                first |= known.is_some_and(|n| self.seen.insert(*n));
            }
        }
        first
    }

    /// Notes which states are active together; whether some were never before.
    fn pair_up(&mut self, case: &Case) -> bool {
        let mut active = Vec::new();
        for instance in case.instances.values() {
            let leaves = instance.snapshot.iter().flat_map(Snapshot::active_leaves);
            let numbers = leaves.filter_map(|s| self.states.get(&(instance.chart.clone(), s.clone())));
            active.extend(numbers.copied());
        }
        active.sort_unstable();
        let mut first = false;
        for (n, one) in active.iter().enumerate() {
            for other in &active[n + 1..] {
                first |= self.pairs.insert((*one, *other));
            }
        }
        first
    }

    fn path(&self, node: usize) -> Vec<Move> {
        let back = std::iter::successors(Some(node), |n| self.nodes[*n].parent);
        let mut path: Vec<Move> = back.map(|n| self.nodes[n].step.clone()).collect();
        path.reverse();
        path
    }

    /// Lives a way; none if a step of it is not possible.
    fn live(&self, path: &[Move]) -> Option<Box<Case>> {
        let mut steps = path.iter();
        let Some(Move::Open { form }) = steps.next() else {
            return None;
        };
        let command = Command::Open {
            case: CaseId(Uuid::nil()),
            reference: "explore".to_owned(),
            form: form.clone(),
            team: Vec::new(),
        };
        let opened = decide(None, &command, &self.context(&Actor::Machine)).ok()?;
        let mut case = Box::new(opened.case().clone());
        cut(&mut case, &self.reads, self.base);
        for step in steps {
            let Outcome::Decided(decision) = self.take(&case, step) else {
                return None;
            };
            *case = decision.case().clone();
            cut(&mut case, &self.reads, self.base);
        }
        Some(case)
    }

    /// Leaves out steps as long as what is left still ends in what `is_it` recognises.
    fn shorten(&self, path: Vec<Move>, is_it: &dyn Fn(&Case) -> bool) -> Vec<Move> {
        let mut path = path;
        let mut at = path.len();
        while at > 1 {
            at -= 1;
            let mut less = path.clone();
            less.remove(at);
            if self.live(&less).is_some_and(|case| is_it(&case)) {
                path = less;
                at = at.min(path.len());
            }
        }
        path
    }

    fn report(mut self) -> Explored {
        let broken = std::mem::take(&mut self.broken);
        let mut broken: Vec<(String, usize)> = broken.into_iter().collect();
        broken.sort_by_key(|(_, node)| *node);
        let broken = broken
            .into_iter()
            .map(|(name, node)| self.broken_found(&name, node))
            .collect();
        let dead_ends = std::mem::take(&mut self.dead_ends);
        let unwatched = std::mem::take(&mut self.unwatched);
        let faults = std::mem::take(&mut self.faults);
        Explored {
            configurations: self.looked_at,
            decisions: self.decisions,
            complete: self.stopped_by.is_empty(),
            never_reached: self.never_reached(),
            more_dead_ends: dead_ends.more,
            more_unwatched: unwatched.more,
            dead_ends: self.list(dead_ends, true),
            unwatched: self.list(unwatched, false),
            faults: self.list(faults, false),
            broken,
            clock_bound: self.reads.clock_bound,
            stopped_by: self.stopped_by.into_iter().collect(),
        }
    }

    fn broken_found(&self, name: &str, node: usize) -> Found {
        let is_it = |case: &Case| self.broken_by(case).iter().any(|b| b == name);
        let path = self.shorten(self.path(node), &is_it);
        let case = self.live(&path);
        let invariant = self.pack().invariants.iter().find(|i| i.name == name);
        let says = invariant.and_then(|i| i.says.get("en")).cloned();
        Found {
            what: says.map_or_else(|| name.to_owned(), |says| format!("{name}: {says}")),
            configuration: case.map(|case| configuration(&case)).unwrap_or_default(),
            path,
        }
    }

    fn list(&self, listed: Listed, dead: bool) -> Vec<Found> {
        let found = listed.found.into_iter().map(|(what, node, last)| {
            let path = self.path(node);
            let case = self.live(&path);
            let there = case.as_ref().map(|case| configuration(case)).unwrap_or_default();
            // A fault ends no situation, so only what led to it can be shortened by its own end.
            let path = if last.is_none() {
                let is_it = |case: &Case| configuration(case) == there && (!dead || self.is_dead(case));
                self.shorten(path, &is_it)
            } else {
                path
            };
            Found {
                what,
                configuration: there,
                path: path.into_iter().chain(last).collect(),
            }
        });
        found.collect()
    }

    fn never_reached(&self) -> Vec<String> {
        let mut never = Vec::new();
        for (chart, spec) in &self.pack().charts {
            for state in spec.chart.states() {
                let n = self.states[&(chart.clone(), state.id().to_owned())];
                let real = !matches!(state.kind(), StateKind::History { .. }) && !is_passed_through(&state);
                if real && !self.seen.contains(&n) {
                    never.push(format!("{chart}.{}", state.id()));
                }
            }
        }
        never
    }
}

/// The next situation of a queue that was not looked at yet.
fn take(nodes: &[Node], queue: &mut VecDeque<usize>) -> Option<usize> {
    while let Some(node) = queue.pop_front() {
        if nodes[node].case.is_some() {
            return Some(node);
        }
    }
    None
}

/// A timer as a step.
fn comes(case: &Case, timer: &peshi_casework::Timer) -> Move {
    let instance = timer.instance.to_string();
    match &timer.purpose {
        Purpose::Event { event, .. } => Move::Comes {
            instance,
            event: event.clone(),
        },
        Purpose::Due { deadline } | Purpose::Rung { deadline, .. } => Move::Passes {
            instance,
            deadline: case
                .deadlines
                .get(deadline)
                .map_or_else(|| deadline.to_string(), |d| d.rule.clone()),
        },
    }
}

/// The leaves of each live instance.
fn configuration(case: &Case) -> Vec<String> {
    let live = case.instances.iter().filter(|(id, i)| id.is_root() || !i.done);
    live.map(|(id, instance)| {
        let leaves = instance.snapshot.as_ref().map(|s| s.active_leaves().join(", "));
        format!("{id}: {}", leaves.unwrap_or_default())
    })
    .collect()
}
