//! The second half of compiling: resolves the names and checks the rules of a well-formed chart.
//!
//! It knows the states by their numbers and finds every fault; it knows nothing of guards, actions or good style.

use crate::chart::{Behaviour, NodeKind, Reach, StateNo, Tables, Transition};
use crate::compile::{Compiler, Pending};
use crate::def::{Action, TransitionDef};
use crate::descriptor::{Descriptor, is_event_name};
use crate::error::ChartProblem;

impl<G, A> Compiler<G, A> {
    /// Checks every state and resolves its names, in document order.
    pub(crate) fn resolve(&mut self) -> (Vec<Behaviour<A>>, Vec<Transition<G, A>>) {
        let mut behaviour = Vec::with_capacity(self.pending.len());
        let mut transitions = Vec::new();
        for (state, mut pending) in (0..).map(StateNo).zip(std::mem::take(&mut self.pending)) {
            self.check_structure(state, &pending);
            let default = if matches!(self.tables.kind(state), NodeKind::History { .. }) {
                self.resolve_history(state, &mut pending)
            } else {
                self.resolve_initial(state, &pending.initial);
                Vec::new()
            };
            self.check_raised(state, None, pending.entry.iter().chain(&pending.exit));
            self.check_raised(state, Some(0), default.iter());
            let first = transitions.len();
            for (index, def) in pending.transitions.into_iter().enumerate() {
                transitions.push(self.resolve_transition(state, index, def));
            }
            behaviour.push(Behaviour {
                entry: pending.entry,
                exit: pending.exit,
                default,
                transitions: first..transitions.len(),
                answers: 0..0,
            });
        }
        (behaviour, transitions)
    }

    /// The rules about kinds, children and parents.
    fn check_structure(&mut self, state: StateNo, pending: &Pending<G, A>) {
        let node = self.tables.node(state);
        let (kind, empty) = (node.kind, node.children.is_empty());
        let in_parallel = node
            .parent
            .is_some_and(|parent| self.tables.kind(parent) == NodeKind::Parallel);
        let wrong = |when: bool, problem: ChartProblem| when.then_some(problem);
        let no_children = |kind| ChartProblem::ChildrenNotAllowed { kind };
        let is_root = state == Tables::ROOT;
        let found = match kind {
            NodeKind::Atomic => [wrong(is_root, ChartProblem::RootIsLeaf), None, None, None],
            NodeKind::Compound => [wrong(empty, ChartProblem::OnlyHistory), None, None, None],
            NodeKind::Parallel => [wrong(empty, ChartProblem::EmptyParallel), None, None, None],
            NodeKind::Final => [
                wrong(is_root, ChartProblem::RootIsLeaf),
                wrong(pending.has_children, no_children("final")),
                wrong(in_parallel, ChartProblem::FinalRegion),
                wrong(
                    !pending.transitions.is_empty(),
                    ChartProblem::FinalWithTransitions,
                ),
            ],
            NodeKind::History { .. } => [
                wrong(is_root, ChartProblem::RootIsLeaf),
                wrong(pending.has_children, no_children("history")),
                wrong(
                    !pending.entry.is_empty() || !pending.exit.is_empty(),
                    ChartProblem::HistoryWithActions,
                ),
                None,
            ],
        };
        for problem in found.into_iter().flatten() {
            self.fault(state, problem);
        }
    }

    /// Resolves the initial states of a state that is no history.
    fn resolve_initial(&mut self, state: StateNo, ids: &[String]) {
        if self.tables.kind(state) != NodeKind::Compound {
            if !ids.is_empty() {
                self.fault(state, ChartProblem::InitialNotAllowed);
            }
            return;
        }
        if ids.is_empty() {
            // The first child in document order; none is already a fault.
            let first = self.tables.node(state).children.first().copied();
            self.tables.nodes[state.index()].initial = first.into_iter().collect();
            return;
        }
        let unknown = |target| ChartProblem::UnknownInitial { target };
        let targets = self.lookup(state, None, ids, unknown);
        for &target in &targets {
            if !self.tables.is_descendant(target, state) {
                let target = self.tables.id(target).to_owned();
                self.fault(state, ChartProblem::InitialOutside { target });
            }
        }
        self.check_together(state, None, &targets);
        self.tables.nodes[state.index()].initial = targets;
    }

    /// Resolves a history's default and takes its transition; returns the default's actions.
    fn resolve_history(&mut self, state: StateNo, pending: &mut Pending<G, A>) -> Vec<Action<A>> {
        let mut transitions = std::mem::take(&mut pending.transitions).into_iter();
        let transition = transitions.next();
        let both =
            !pending.initial.is_empty() && transition.as_ref().is_some_and(|single| !single.to.is_empty());
        if both || transitions.next().is_some() {
            self.fault(state, ChartProblem::HistoryDefaultTwice);
        }
        let (to, actions, plain) = transition.map_or_else(
            || (Vec::new(), Vec::new(), true),
            |single| {
                let plain = single.events.is_empty() && single.guard.is_none() && !single.internal;
                (single.to, single.actions, plain)
            },
        );
        if !plain {
            self.fault_in(state, Some(0), ChartProblem::HistoryTransitionNotPlain);
        }
        let ids = if to.is_empty() { &pending.initial } else { &to };
        if ids.is_empty() {
            self.fault(state, ChartProblem::HistoryWithoutDefault);
        }
        self.resolve_default(state, ids);
        actions
    }

    fn resolve_default(&mut self, state: StateNo, ids: &[String]) {
        let Some(parent) = self.tables.node(state).parent else {
            // A root that is a history state is already a fault.
            return;
        };
        let targets = self.lookup(state, None, ids, |target| ChartProblem::UnknownDefault { target });
        for &number in &targets {
            let target = self.tables.id(number).to_owned();
            let node = self.tables.node(number);
            let sibling = matches!(node.kind, NodeKind::History { .. }) && node.parent == Some(parent);
            if sibling {
                // Two of them could refer to each other for ever.
                self.fault(state, ChartProblem::HistoryLoop { target });
            } else if !self.tables.is_descendant(number, parent) {
                self.fault(state, ChartProblem::HistoryDefaultOutside { target });
            }
        }
        self.check_together(state, None, &targets);
        self.tables.nodes[state.index()].initial = targets;
    }

    fn resolve_transition(
        &mut self,
        source: StateNo,
        index: usize,
        def: TransitionDef<G, A>,
    ) -> Transition<G, A> {
        let mut descriptors = Vec::with_capacity(def.events.len());
        for event in &def.events {
            if let Some(descriptor) = Descriptor::parse(event) {
                descriptors.push(descriptor);
            } else {
                let descriptor = event.clone();
                self.fault_in(source, Some(index), ChartProblem::BadDescriptor { descriptor });
            }
        }
        self.check_raised(source, Some(index), def.actions.iter());
        let unknown = |target| ChartProblem::UnknownTarget { target };
        let targets = self.lookup(source, Some(index), &def.to, unknown);
        self.check_together(source, Some(index), &targets);
        let target_ids = targets.iter().map(|&target| self.tables.id(target).to_owned());
        Transition {
            source,
            target_ids: target_ids.collect(),
            reach: self.reach(source, def.internal, &targets),
            targets,
            events: def.events,
            descriptors,
            guard: def.guard,
            internal: def.internal,
            actions: def.actions,
        }
    }

    /// The exit range of a transition, where it does not depend on a history.
    fn reach(&self, source: StateNo, internal: bool, targets: &[StateNo]) -> Reach {
        let is_history = |&target: &StateNo| matches!(self.tables.kind(target), NodeKind::History { .. });
        if targets.is_empty() {
            Reach::Nothing
        } else if targets.iter().any(is_history) {
            Reach::History
        } else {
            Reach::Span(
                self.tables
                    .span(self.tables.transition_domain(source, internal, targets)),
            )
        }
    }

    /// The states of these ids, repetitions left out, reporting what is unknown.
    fn lookup(
        &mut self,
        state: StateNo,
        transition: Option<usize>,
        ids: &[String],
        unknown: impl Fn(String) -> ChartProblem,
    ) -> Vec<StateNo> {
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            match self.tables.state(id) {
                Some(target) if found.contains(&target) => {}
                Some(target) => found.push(target),
                None => self.fault_in(state, transition, unknown(id.clone())),
            }
        }
        found
    }

    /// Reports the first two targets that no configuration could enter together. In document order it is enough to look
    /// at neighbours: where two others meet, two neighbours between them meet too.
    fn check_together(&mut self, state: StateNo, transition: Option<usize>, targets: &[StateNo]) {
        let mut ordered = targets.to_vec();
        ordered.sort_by_key(|&target| self.tables.decides(target));
        let mut neighbours = ordered.windows(2).map(|pair| (pair[0], pair[1]));
        let clash = neighbours.find(|&(first, second)| !self.tables.fit_together(first, second));
        if let Some((first, second)) = clash {
            let [first, second] = [first, second].map(|target| self.tables.id(target).to_owned());
            self.fault_in(state, transition, ChartProblem::TargetsClash { first, second });
        }
    }

    fn check_raised<'a>(
        &mut self,
        state: StateNo,
        transition: Option<usize>,
        actions: impl Iterator<Item = &'a Action<A>>,
    ) where
        A: 'a,
    {
        for action in actions {
            if let Action::Raise(event) = action
                && !is_event_name(event)
            {
                let event = event.to_string();
                self.fault_in(state, transition, ChartProblem::BadEventName { event });
            }
        }
    }
}

impl Tables {
    /// Can two different states be targets of one transition? They must meet in a parallel, and neither may contain
    /// the other, for entering the outer one already decides what is entered inside.
    fn fit_together(&self, first: StateNo, second: StateNo) -> bool {
        let (first, second) = (self.decides(first), self.decides(second));
        if first == second || self.is_descendant(first, second) || self.is_descendant(second, first) {
            return false;
        }
        self.ancestors(first)
            .find(|&ancestor| self.is_descendant(second, ancestor))
            .is_some_and(|meeting| self.kind(meeting) == NodeKind::Parallel)
    }

    /// The state whose whole inside a target decides: for a history, its parent.
    fn decides(&self, target: StateNo) -> StateNo {
        match (self.kind(target), self.node(target).parent) {
            (NodeKind::History { .. }, Some(parent)) => parent,
            _ => target,
        }
    }
}
