//! The compiled chart: dense tables in document order, and the questions one may ask of them.
//!
//! States are numbered in document order, so the descendants of a state are one contiguous range. A [`Chart`] comes
//! only from [`crate::ChartDef::compile`] and is therefore valid. It knows no step.

use crate::bits::BitSet;
use crate::def::{Action, StateKind};
use crate::descriptor::Descriptor;
use crate::events::Events;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// A state's number within its chart: its place in document order, the root being first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateNo(pub(crate) u32);

impl StateNo {
    /// The number, from 0.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a state is once its children are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NodeKind {
    Atomic,
    Compound,
    Parallel,
    Final,
    /// `slot` numbers the chart's history states, in document order.
    History {
        deep: bool,
        slot: usize,
    },
}

/// The structure of one state.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) kind: NodeKind,
    pub(crate) parent: Option<StateNo>,
    /// One past the last descendant.
    pub(crate) end: u32,
    pub(crate) depth: u32,
    /// getChildStates: the children that are not history states, in document order.
    pub(crate) children: Vec<StateNo>,
    /// The history children, in document order.
    pub(crate) histories: Vec<StateNo>,
    /// Compound: the initial targets. History: the default targets. Else empty.
    pub(crate) initial: Vec<StateNo>,
    /// `done.state.ID`, of a compound or a parallel.
    pub(crate) done_event: Option<Arc<str>>,
}

/// The structure of a chart, without guards and actions.
#[derive(Debug, Clone)]
pub(crate) struct Tables {
    pub(crate) name: String,
    pub(crate) hash: String,
    pub(crate) ids: Vec<String>,
    pub(crate) by_id: BTreeMap<String, StateNo>,
    pub(crate) nodes: Vec<Node>,
    /// The history states, by slot.
    pub(crate) histories: Vec<StateNo>,
    /// The atomic and final states.
    pub(crate) leaves: BitSet,
    pub(crate) events: Events,
}

impl Tables {
    /// The root state.
    pub(crate) const ROOT: StateNo = StateNo(0);

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn node(&self, state: StateNo) -> &Node {
        &self.nodes[state.index()]
    }

    pub(crate) fn kind(&self, state: StateNo) -> NodeKind {
        self.node(state).kind
    }

    pub(crate) fn id(&self, state: StateNo) -> &str {
        &self.ids[state.index()]
    }

    pub(crate) fn state(&self, id: &str) -> Option<StateNo> {
        self.by_id.get(id).copied()
    }

    /// Is this an atomic or final state, the leaves of a configuration?
    pub(crate) fn is_leaf(&self, state: StateNo) -> bool {
        matches!(self.kind(state), NodeKind::Atomic | NodeKind::Final)
    }

    /// The proper descendants, histories included, as a range of state numbers.
    pub(crate) fn descendants(&self, state: StateNo) -> Range<u32> {
        state.0 + 1..self.node(state).end
    }

    /// isDescendant: is `state` a proper descendant of `of`?
    pub(crate) fn is_descendant(&self, state: StateNo, of: StateNo) -> bool {
        self.descendants(of).contains(&state.0)
    }

    /// getProperAncestors(state, null): from the parent up to the root.
    pub(crate) fn ancestors(&self, state: StateNo) -> impl Iterator<Item = StateNo> + '_ {
        std::iter::successors(self.node(state).parent, |&up| self.node(up).parent)
    }

    /// What leaving by a transition with this domain can exit: everything below the domain, or everything at all if
    /// the domain is the invisible document element.
    pub(crate) fn span(&self, domain: Option<StateNo>) -> Range<u32> {
        domain.map_or_else(|| 0..self.document_end(), |state| self.descendants(state))
    }

    fn document_end(&self) -> u32 {
        self.node(Self::ROOT).end
    }

    /// getTransitionDomain for a transition that has targets. `targets` are the effective ones. None is the document
    /// element around the root.
    pub(crate) fn transition_domain(
        &self,
        source: StateNo,
        internal: bool,
        targets: &[StateNo],
    ) -> Option<StateNo> {
        let below_source = |target: &StateNo| self.is_descendant(*target, source);
        if internal && self.kind(source) == NodeKind::Compound && targets.iter().all(below_source) {
            Some(source)
        } else {
            self.find_lcca(source, targets)
        }
    }

    /// findLCCA: the least common compound ancestor of `head` and `tail`; None is the document element.
    fn find_lcca(&self, head: StateNo, tail: &[StateNo]) -> Option<StateNo> {
        self.ancestors(head).find(|&ancestor| {
            self.kind(ancestor) == NodeKind::Compound
                && tail.iter().all(|&state| self.is_descendant(state, ancestor))
        })
    }
}

/// What a transition exits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reach {
    /// A targetless transition exits nothing.
    Nothing,
    /// All active states in this range; known at compile time.
    Span(Range<u32>),
    /// A target is a history state, so it depends on what is remembered.
    History,
}

/// A compiled transition.
#[derive(Debug, Clone)]
pub struct Transition<G, A> {
    pub(crate) source: StateNo,
    pub(crate) events: Vec<String>,
    pub(crate) descriptors: Vec<Descriptor>,
    pub(crate) guard: Option<G>,
    pub(crate) target_ids: Vec<String>,
    pub(crate) targets: Vec<StateNo>,
    pub(crate) internal: bool,
    pub(crate) actions: Vec<Action<A>>,
    pub(crate) reach: Reach,
}

impl<G, A> Transition<G, A> {
    /// The state this transition belongs to.
    pub fn source(&self) -> StateNo {
        self.source
    }

    /// The event descriptors as written; empty for an eventless transition.
    pub fn events(&self) -> &[String] {
        &self.events
    }

    /// The guard.
    pub fn guard(&self) -> Option<&G> {
        self.guard.as_ref()
    }

    /// The ids of the targets as written, without repetitions; empty for a targetless transition.
    pub fn targets(&self) -> &[String] {
        &self.target_ids
    }

    /// Was the transition written as internal?
    pub fn internal(&self) -> bool {
        self.internal
    }

    /// The actions, in order.
    pub fn actions(&self) -> &[Action<A>] {
        &self.actions
    }

    /// Is it taken without any event?
    pub fn is_eventless(&self) -> bool {
        self.descriptors.is_empty()
    }

    /// Does a descriptor match the event name? Never for an eventless transition.
    pub fn matches(&self, event: &str) -> bool {
        self.descriptors
            .iter()
            .any(|descriptor| descriptor.matches(event))
    }
}

/// The actions of one state and where its transitions lie.
#[derive(Debug, Clone)]
pub(crate) struct Behaviour<A> {
    pub(crate) entry: Vec<Action<A>>,
    pub(crate) exit: Vec<Action<A>>,
    /// The content of a history's default transition.
    pub(crate) default: Vec<Action<A>>,
    /// The state's transitions within the chart's list.
    pub(crate) transitions: Range<usize>,
    /// What sets them off, within the chart's list of answers.
    pub(crate) answers: Range<usize>,
}

/// One descriptor of a transition, or that it has none.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The transition's place in the chart's list.
    pub(crate) transition: usize,
    /// The numbers of the event names it answers to.
    pub(crate) events: Range<u32>,
}

/// A validated chart, ready to be stepped.
#[derive(Debug, Clone)]
pub struct Chart<G, A> {
    pub(crate) tables: Tables,
    pub(crate) behaviour: Vec<Behaviour<A>>,
    /// All transitions, in document order.
    pub(crate) transitions: Vec<Transition<G, A>>,
    /// What sets them off, in the same order.
    pub(crate) answers: Vec<Answer>,
}

/// A transition that an event could take, its guard not yet asked.
#[derive(Debug)]
pub struct Candidate<'c, G, A> {
    /// The id of the source state.
    pub source: &'c str,
    /// The transition's place among its source's transitions, from 0.
    pub index: usize,
    /// The transition.
    pub transition: &'c Transition<G, A>,
}

/// The id of an active state and one of its transitions.
pub type ActiveTransition<'c, G, A> = (&'c str, &'c Transition<G, A>);

/// One state of a chart, for reading.
#[derive(Debug)]
pub struct StateRef<'c, G, A> {
    chart: &'c Chart<G, A>,
    number: StateNo,
}

impl<G, A> Chart<G, A> {
    /// The chart's name, which is also the root state's id.
    pub fn name(&self) -> &str {
        &self.tables.name
    }

    /// The first 16 hexadecimal digits of the SHA-256 of the content given to [`crate::ChartDef::compile`].
    pub fn hash(&self) -> &str {
        &self.tables.hash
    }

    /// All states in document order, the root first, history states included.
    pub fn states(&self) -> impl Iterator<Item = StateRef<'_, G, A>> {
        (0..self.tables.document_end()).map(|n| self.state_ref(StateNo(n)))
    }

    /// The state of this id.
    pub fn state(&self, id: &str) -> Option<StateNo> {
        self.tables.state(id)
    }

    /// A state for reading.
    ///
    /// # Panics
    /// If the number comes from another, larger chart.
    pub fn state_ref(&self, number: StateNo) -> StateRef<'_, G, A> {
        assert!(
            number.index() < self.tables.len(),
            "a state number belongs to the chart it came from"
        );
        StateRef { chart: self, number }
    }

    /// The id of a state.
    ///
    /// # Panics
    /// If the number comes from another, larger chart.
    pub fn id_of(&self, state: StateNo) -> &str {
        self.tables.id(state)
    }

    /// The transitions of a state, in document order. A history state has none (see [`StateRef::initial`]).
    ///
    /// # Panics
    /// If the number comes from another, larger chart.
    pub fn transitions_of(&self, state: StateNo) -> &[Transition<G, A>] {
        &self.transitions[self.behaviour[state.index()].transitions.clone()]
    }
}

impl<'c, G, A> StateRef<'c, G, A> {
    /// The state's number.
    pub fn number(&self) -> StateNo {
        self.number
    }

    /// The state's id.
    pub fn id(&self) -> &'c str {
        self.chart.tables.id(self.number)
    }

    /// The state's kind.
    pub fn kind(&self) -> StateKind {
        match self.chart.tables.kind(self.number) {
            NodeKind::Atomic | NodeKind::Compound => StateKind::Normal,
            NodeKind::Parallel => StateKind::Parallel,
            NodeKind::Final => StateKind::Final,
            NodeKind::History { deep, .. } => StateKind::History { deep },
        }
    }

    /// The parent's id; none for the root.
    pub fn parent(&self) -> Option<&'c str> {
        self.node().parent.map(|parent| self.chart.tables.id(parent))
    }

    /// How many levels below the root; the root has 0.
    pub fn depth(&self) -> u32 {
        self.node().depth
    }

    /// Is it an atomic or a final state, that is, a leaf of a configuration?
    pub fn is_atomic(&self) -> bool {
        self.chart.tables.is_leaf(self.number)
    }

    /// The ids of the children in document order, history states left out.
    pub fn children(&self) -> impl Iterator<Item = &'c str> + use<'c, G, A> {
        self.ids(&self.node().children)
    }

    /// Compound: the ids of the states entered by default. History: the ids of its default targets. Else nothing.
    pub fn initial(&self) -> impl Iterator<Item = &'c str> + use<'c, G, A> {
        self.ids(&self.node().initial)
    }

    /// The transitions, in document order.
    pub fn transitions(&self) -> &'c [Transition<G, A>] {
        self.chart.transitions_of(self.number)
    }

    /// The entry actions, in order.
    pub fn entry(&self) -> &'c [Action<A>] {
        &self.behaviour().entry
    }

    /// The exit actions, in order.
    pub fn exit(&self) -> &'c [Action<A>] {
        &self.behaviour().exit
    }

    /// The actions of a history's default transition, in order; empty for other states.
    pub fn default_actions(&self) -> &'c [Action<A>] {
        &self.behaviour().default
    }

    fn node(&self) -> &'c Node {
        self.chart.tables.node(self.number)
    }

    fn behaviour(&self) -> &'c Behaviour<A> {
        &self.chart.behaviour[self.number.index()]
    }

    fn ids(&self, states: &'c [StateNo]) -> impl Iterator<Item = &'c str> + use<'c, G, A> {
        let tables = &self.chart.tables;
        states.iter().map(move |&state| tables.id(state))
    }
}
