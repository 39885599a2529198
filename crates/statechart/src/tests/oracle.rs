//! A second interpreter, slow and plain: the pseudo-code of Appendix D procedure by procedure, over the definition as
//! written, with sets and lists and no tables. It is what the fast one is compared with.
//!
//! It departs from the pseudo-code only where the crate's own documentation says so; each place is marked CHOICE.

use super::random::{Definition, Guard, TRACE, call, judge};
use crate::{Action, MAX_MICROSTEPS, StateDef, StateKind, TransitionDef, descriptor_matches};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

type State = StateDef<Guard, &'static str>;

/// The document element, the invisible parent of the root.
const SCXML: usize = 0;

struct Node<'d> {
    parent: Option<usize>,
    children: Vec<usize>,
    /// None for the document element.
    state: Option<&'d State>,
}

/// A transition, by its source and its place there.
type Transition = (usize, usize);

/// A transition with the domain it had when it was selected.
#[derive(Debug, Clone, PartialEq)]
struct Enabled {
    transition: Transition,
    domain: Option<usize>,
}

/// The global variables of the algorithm.
pub(super) struct Oracle<'d> {
    /// In document order, so a number is a place in it.
    nodes: Vec<Node<'d>>,
    pub(super) configuration: BTreeSet<usize>,
    history_value: BTreeMap<usize, Vec<usize>>,
    internal_queue: VecDeque<String>,
    running: bool,
    microsteps: usize,
    /// What the host is asked and told, as the recorder writes it down.
    pub(super) calls: Vec<String>,
    pub(super) entered: Vec<String>,
    pub(super) exited: Vec<String>,
}

/// The chart did not settle.
#[derive(Debug)]
pub(super) struct Endless;

/// What set a microstep off.
type Event<'e> = Option<&'e str>;

impl<'d> Oracle<'d> {
    pub(super) fn new(definition: &'d Definition) -> Self {
        let mut nodes = vec![Node {
            parent: None,
            children: Vec::new(),
            state: None,
        }];
        number(&definition.root, SCXML, &mut nodes);
        Self {
            nodes,
            configuration: BTreeSet::new(),
            history_value: BTreeMap::new(),
            internal_queue: VecDeque::new(),
            running: true,
            microsteps: 0,
            calls: Vec::new(),
            entered: Vec::new(),
            exited: Vec::new(),
        }
    }

    /// interpret.
    pub(super) fn start(&mut self) -> Result<(), Endless> {
        let root = Enabled {
            transition: (SCXML, 0),
            domain: Some(SCXML),
        };
        self.enter_states(&[root], None);
        self.macrostep()
    }

    /// One round of mainEventLoop. Was the event handled?
    pub(super) fn send(&mut self, event: &str) -> Result<bool, Endless> {
        self.calls.clear();
        self.entered.clear();
        self.exited.clear();
        self.microsteps = 0;
        if !self.running {
            return Ok(false);
        }
        let enabled = self.select_transitions(Some(event));
        self.microstep(&enabled, Some(event))?;
        self.macrostep()?;
        Ok(!enabled.is_empty())
    }

    pub(super) fn done(&self) -> bool {
        !self.running
    }

    pub(super) fn leaves(&self) -> Vec<String> {
        let leaves = self.configuration.iter().filter(|&&s| self.is_atomic(s));
        leaves.map(|&s| self.id(s).to_owned()).collect()
    }

    pub(super) fn history(&self) -> BTreeMap<String, Vec<String>> {
        let ids = |states: &Vec<usize>| states.iter().map(|&s| self.id(s).to_owned()).collect();
        self.history_value
            .iter()
            .map(|(&h, states)| (self.id(h).to_owned(), ids(states)))
            .collect()
    }

    /// mainEventLoop, its inner loop.
    fn macrostep(&mut self) -> Result<(), Endless> {
        let mut macrostep_done = false;
        while self.running && !macrostep_done {
            let mut enabled = self.select_transitions(None);
            let mut event = None;
            if enabled.is_empty() {
                match self.internal_queue.pop_front() {
                    None => macrostep_done = true,
                    Some(internal) => {
                        enabled = self.select_transitions(Some(&internal));
                        event = Some(internal);
                    }
                }
            }
            self.microstep(&enabled, event.as_deref())?;
        }
        // CHOICE: what is left when the chart is done is forgotten.
        self.internal_queue.clear();
        Ok(())
    }

    /// selectEventlessTransitions and selectTransitions.
    fn select_transitions(&mut self, event: Event<'_>) -> Vec<Enabled> {
        let mut enabled: Vec<Enabled> = Vec::new();
        // CHOICE: a guard is asked once in one selection, though several leaves may lead to it.
        let mut asked = BTreeMap::new();
        let atomic: Vec<usize> = self
            .configuration
            .iter()
            .copied()
            .filter(|&s| self.is_atomic(s))
            .collect();
        for state in atomic {
            let ways = std::iter::once(state).chain(self.get_proper_ancestors(state, Some(SCXML)));
            'up: for s in ways {
                for index in 0..self.transitions(s).len() {
                    let t = (s, index);
                    if self.matches(t, event)
                        && *asked.entry(t).or_insert_with(|| self.condition_match(t, event))
                    {
                        let found = Enabled {
                            transition: t,
                            domain: self.get_transition_domain(t),
                        };
                        if !enabled.contains(&found) {
                            enabled.push(found);
                        }
                        break 'up;
                    }
                }
            }
        }
        self.remove_conflicting_transitions(&enabled)
    }

    fn matches(&self, t: Transition, event: Event<'_>) -> bool {
        let events = &self.transition(t).events;
        match event {
            None => events.is_empty(),
            Some(name) => events
                .iter()
                .any(|descriptor| descriptor_matches(descriptor, name)),
        }
    }

    fn condition_match(&mut self, t: Transition, event: Event<'_>) -> bool {
        let Some(guard) = self.transition(t).guard.clone() else {
            return true;
        };
        let active = self.active();
        self.calls.push(call(
            &format!("{guard:?}"),
            None,
            Some(self.id(t.0)),
            event,
            &active,
        ));
        judge(&guard, &active)
    }

    fn remove_conflicting_transitions(&self, enabled: &[Enabled]) -> Vec<Enabled> {
        let mut filtered: Vec<Enabled> = Vec::new();
        for t1 in enabled {
            let mut t1_preempted = false;
            let mut transitions_to_remove = Vec::new();
            for t2 in &filtered {
                let (one, two) = (
                    self.compute_exit_set(std::slice::from_ref(t1)),
                    self.compute_exit_set(std::slice::from_ref(t2)),
                );
                if !one.is_disjoint(&two) {
                    if self.is_descendant(t1.transition.0, t2.transition.0) {
                        transitions_to_remove.push(t2.clone());
                    } else {
                        t1_preempted = true;
                        break;
                    }
                }
            }
            if !t1_preempted {
                filtered.retain(|t| !transitions_to_remove.contains(t));
                filtered.push(t1.clone());
            }
        }
        filtered
    }

    fn microstep(&mut self, enabled: &[Enabled], event: Event<'_>) -> Result<(), Endless> {
        if enabled.is_empty() {
            return Ok(());
        }
        // CHOICE: a bound.
        if self.microsteps == MAX_MICROSTEPS {
            return Err(Endless);
        }
        self.microsteps += 1;
        self.exit_states(enabled, event);
        for taken in enabled {
            let content = self.transition(taken.transition).actions.clone();
            self.execute(&content, None, Some(taken.transition.0), event);
        }
        self.enter_states(enabled, event);
        Ok(())
    }

    fn exit_states(&mut self, enabled: &[Enabled], event: Event<'_>) {
        let states_to_exit = self.compute_exit_set(enabled);
        for &s in states_to_exit.iter().rev() {
            for h in self.nodes[s].children.clone() {
                if let StateKind::History { deep } = self.kind(h) {
                    let remembered = self.configuration.iter().copied().filter(|&s0| {
                        if deep {
                            self.is_atomic(s0) && self.is_descendant(s0, s)
                        } else {
                            self.nodes[s0].parent == Some(s)
                        }
                    });
                    let remembered = remembered.collect();
                    self.history_value.insert(h, remembered);
                }
            }
        }
        for &s in states_to_exit.iter().rev() {
            let content = self.def(s).exit.clone();
            self.execute(&content, Some(s), None, event);
            self.configuration.remove(&s);
            self.exited.push(self.id(s).to_owned());
        }
    }

    fn compute_exit_set(&self, enabled: &[Enabled]) -> BTreeSet<usize> {
        let mut states_to_exit = BTreeSet::new();
        for t in enabled {
            if let Some(domain) = t.domain {
                states_to_exit.extend(
                    self.configuration
                        .iter()
                        .filter(|&&s| self.is_descendant(s, domain)),
                );
            }
        }
        states_to_exit
    }

    fn enter_states(&mut self, enabled: &[Enabled], event: Event<'_>) {
        let mut sets = EntrySets::default();
        self.compute_entry_set(enabled, &mut sets);
        for &s in &sets.states_to_enter {
            self.configuration.insert(s);
            self.entered.push(self.id(s).to_owned());
            let content = self.def(s).entry.clone();
            self.execute(&content, Some(s), None, event);
            // CHOICE: the transition of an initial has no content of its own.
            if let Some(&history) = sets.default_history_content.get(&s) {
                let content = self.transitions(history).first().map(|t| t.actions.clone());
                self.execute(&content.unwrap_or_default(), None, Some(history), event);
            }
            if self.kind(s) == StateKind::Final {
                self.completed(self.parent(s));
                let mut above = self.nodes[self.parent(s)].parent;
                // CHOICE: the pseudo-code looks only at the grandparent, the prose at every parallel.
                while let Some(parallel) =
                    above.filter(|&p| self.is_parallel_state(p) && self.is_in_final_state(p))
                {
                    self.completed(parallel);
                    above = self.nodes[parallel].parent;
                }
            }
        }
    }

    /// CHOICE: the chart is done when its root is.
    fn completed(&mut self, s: usize) {
        if self.parent(s) == SCXML {
            self.running = false;
        } else {
            self.internal_queue
                .push_back(format!("done.state.{}", self.id(s)));
        }
    }

    fn compute_entry_set(&self, enabled: &[Enabled], sets: &mut EntrySets) {
        for t in enabled {
            // CHOICE: the domain is the one the exits went by.
            let Some(domain) = t.domain else { continue };
            let targets = self.targets(t.transition);
            for &s in &targets {
                self.add_descendant_states_to_enter(s, domain, sets);
            }
            for s in self.get_effective_target_states(&targets) {
                self.add_ancestor_states_to_enter(s, domain, domain, sets);
            }
        }
    }

    fn add_descendant_states_to_enter(&self, state: usize, domain: usize, sets: &mut EntrySets) {
        if matches!(self.kind(state), StateKind::History { .. }) {
            let parent = self.parent(state);
            let stands_for = self.history_value.get(&state).cloned().unwrap_or_else(|| {
                sets.default_history_content.insert(parent, state);
                self.default_targets(state)
            });
            self.add_all(&stands_for, parent, domain, sets);
            return;
        }
        sets.states_to_enter.insert(state);
        if self.is_compound_state(state) {
            self.add_all(&self.initial_targets(state), state, domain, sets);
        } else if self.is_parallel_state(state) {
            self.add_regions(state, domain, sets);
        }
    }

    fn add_all(&self, states: &[usize], top: usize, domain: usize, sets: &mut EntrySets) {
        for &s in states {
            self.add_descendant_states_to_enter(s, domain, sets);
        }
        for &s in states {
            self.add_ancestor_states_to_enter(s, top, domain, sets);
        }
    }

    fn add_ancestor_states_to_enter(
        &self,
        state: usize,
        ancestor: usize,
        domain: usize,
        sets: &mut EntrySets,
    ) {
        for anc in self.get_proper_ancestors(state, Some(ancestor)) {
            // CHOICE: nothing is entered that was not left.
            if !self.is_descendant(anc, domain) {
                break;
            }
            sets.states_to_enter.insert(anc);
            if self.is_parallel_state(anc) {
                self.add_regions(anc, domain, sets);
            }
        }
    }

    fn add_regions(&self, parallel: usize, domain: usize, sets: &mut EntrySets) {
        for child in self.get_child_states(parallel) {
            if !sets.states_to_enter.iter().any(|&s| self.is_descendant(s, child)) {
                self.add_descendant_states_to_enter(child, domain, sets);
            }
        }
    }

    fn is_in_final_state(&self, s: usize) -> bool {
        let children = self.get_child_states(s);
        if self.is_compound_state(s) {
            let finals = |c: &usize| self.kind(*c) == StateKind::Final && self.configuration.contains(c);
            children.iter().any(finals)
        } else {
            self.is_parallel_state(s) && children.iter().all(|&c| self.is_in_final_state(c))
        }
    }

    fn get_transition_domain(&self, t: Transition) -> Option<usize> {
        let tstates = self.get_effective_target_states(&self.targets(t));
        if tstates.is_empty() {
            return None;
        }
        let inside = tstates.iter().all(|&s| self.is_descendant(s, t.0));
        if self.transition(t).internal && self.is_compound_state(t.0) && inside {
            return Some(t.0);
        }
        self.find_lcca(t.0, &tstates)
    }

    fn find_lcca(&self, head: usize, tail: &[usize]) -> Option<usize> {
        let compound_or_scxml = |&anc: &usize| anc == SCXML || self.is_compound_state(anc);
        let mut ancestors = self
            .get_proper_ancestors(head, None)
            .into_iter()
            .filter(compound_or_scxml);
        ancestors.find(|&anc| tail.iter().all(|&s| self.is_descendant(s, anc)))
    }

    fn get_effective_target_states(&self, targets: &[usize]) -> Vec<usize> {
        let mut effective = Vec::new();
        for &s in targets {
            if !matches!(self.kind(s), StateKind::History { .. }) {
                effective.push(s);
            } else if let Some(remembered) = self.history_value.get(&s) {
                effective.extend(remembered);
            } else {
                effective.extend(self.get_effective_target_states(&self.default_targets(s)));
            }
        }
        effective
    }

    /// From the parent up to, and without, the second state; null stands for beyond the document.
    fn get_proper_ancestors(&self, state1: usize, state2: Option<usize>) -> Vec<usize> {
        let mut ancestors = Vec::new();
        let mut up = self.nodes[state1].parent;
        while let Some(ancestor) = up.filter(|&ancestor| Some(ancestor) != state2) {
            ancestors.push(ancestor);
            up = self.nodes[ancestor].parent;
        }
        ancestors
    }

    fn is_descendant(&self, state1: usize, state2: usize) -> bool {
        self.get_proper_ancestors(state1, None).contains(&state2)
    }

    fn get_child_states(&self, s: usize) -> Vec<usize> {
        let children = self.nodes[s].children.iter().copied();
        children
            .filter(|&c| !matches!(self.kind(c), StateKind::History { .. }))
            .collect()
    }

    fn execute(
        &mut self,
        content: &[Action<&'static str>],
        state: Option<usize>,
        source: Option<usize>,
        event: Event<'_>,
    ) {
        for action in content {
            match action {
                Action::Raise(name) => self.internal_queue.push_back(name.to_string()),
                Action::Host(name) => {
                    let [state, source] = [state, source].map(|s| s.map(|s| self.id(s)));
                    let line = call(name, state, source, event, &self.active());
                    self.calls.push(line);
                    if *name != TRACE {
                        self.internal_queue.push_back((*name).to_owned());
                    }
                }
            }
        }
    }

    fn active(&self) -> Vec<String> {
        self.configuration
            .iter()
            .map(|&s| self.id(s).to_owned())
            .collect()
    }

    fn def(&self, s: usize) -> &'d State {
        self.nodes[s]
            .state
            .expect("only a state of the chart is asked for its definition")
    }

    fn id(&self, s: usize) -> &'d str {
        &self.def(s).id
    }

    fn kind(&self, s: usize) -> StateKind {
        self.nodes[s].state.map_or(StateKind::Normal, |state| state.kind)
    }

    fn parent(&self, s: usize) -> usize {
        self.nodes[s].parent.expect("a state lies in the document")
    }

    fn is_atomic(&self, s: usize) -> bool {
        self.kind(s) == StateKind::Final
            || self.kind(s) == StateKind::Normal && self.nodes[s].children.is_empty()
    }

    fn is_compound_state(&self, s: usize) -> bool {
        s != SCXML && self.kind(s) == StateKind::Normal && !self.nodes[s].children.is_empty()
    }

    fn is_parallel_state(&self, s: usize) -> bool {
        self.kind(s) == StateKind::Parallel
    }

    fn transitions(&self, s: usize) -> &'d [TransitionDef<Guard, &'static str>] {
        self.nodes[s]
            .state
            .map_or(&[], |state| state.transitions.as_slice())
    }

    fn transition(&self, (source, index): Transition) -> &'d TransitionDef<Guard, &'static str> {
        &self.transitions(source)[index]
    }

    /// The targets, each once. The document's own transition goes to the root.
    fn targets(&self, t: Transition) -> Vec<usize> {
        if t.0 == SCXML {
            return self.nodes[SCXML].children.clone();
        }
        self.numbers(&self.transition(t).to)
    }

    fn initial_targets(&self, s: usize) -> Vec<usize> {
        match self.numbers(&self.def(s).initial) {
            named if named.is_empty() => self.get_child_states(s).into_iter().take(1).collect(),
            named => named,
        }
    }

    fn default_targets(&self, history: usize) -> Vec<usize> {
        let transition = self.transitions(history).first().map(|t| &t.to);
        self.numbers(
            transition
                .filter(|to| !to.is_empty())
                .unwrap_or(&self.def(history).initial),
        )
    }

    fn numbers(&self, ids: &[String]) -> Vec<usize> {
        let mut found = Vec::new();
        for id in ids {
            let number = (1..self.nodes.len()).find(|&s| self.id(s) == id);
            let number = number.expect("the definition was compiled, so its names are known");
            if !found.contains(&number) {
                found.push(number);
            }
        }
        found
    }
}

#[derive(Default)]
struct EntrySets {
    states_to_enter: BTreeSet<usize>,
    default_history_content: BTreeMap<usize, usize>,
}

fn number<'d>(state: &'d State, parent: usize, nodes: &mut Vec<Node<'d>>) {
    let own = nodes.len();
    nodes[parent].children.push(own);
    nodes.push(Node {
        parent: Some(parent),
        children: Vec::new(),
        state: Some(state),
    });
    for child in &state.states {
        number(child, own, nodes);
    }
}
