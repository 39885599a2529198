//! From a definition to a chart: numbers the states and keeps within the limits, then has the names resolved and the
//! tables for stepping built. Every fault is found at once.
//!
//! Reachability and the like are a linter's work.

use crate::bits::BitSet;
use crate::chart::{Answer, Chart, Node, NodeKind, StateNo, Tables};
use crate::def::{Action, ChartDef, StateDef, StateKind, TransitionDef};
use crate::descriptor::is_event_name;
use crate::error::{ChartError, ChartProblem};
use crate::events::Events;
use crate::{MAX_DEPTH, MAX_STATES};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

impl<G, A> ChartDef<G, A> {
    /// Checks the definition and compiles it. `content` is what binds snapshots to this very chart, normally the bytes
    /// of the file it was read from.
    ///
    /// # Errors
    /// All faults of the definition, in document order.
    pub fn compile(self, content: &[u8]) -> Result<Chart<G, A>, Vec<ChartError>> {
        let mut compiler = Compiler::new(&self.name, content);
        let mut root = self.root;
        root.id = self.name;
        compiler.number(root, None, 0);
        if compiler.faults.iter().any(Fault::is_about_size) {
            // States were left out, so names could not be resolved honestly.
            return Err(compiler.into_errors());
        }
        let (behaviour, transitions) = compiler.resolve();
        if compiler.faults.is_empty() {
            let mut chart = Chart {
                tables: compiler.tables,
                behaviour,
                transitions,
                answers: Vec::new(),
            };
            chart.index();
            Ok(chart)
        } else {
            Err(compiler.into_errors())
        }
    }
}

/// A fault with its place in document order.
struct Fault {
    place: usize,
    error: ChartError,
}

impl Fault {
    fn is_about_size(&self) -> bool {
        matches!(
            self.error.problem,
            ChartProblem::TooDeep { .. } | ChartProblem::TooManyStates { .. }
        )
    }
}

/// What is left of a state's definition once it has a number.
pub(crate) struct Pending<G, A> {
    pub(crate) has_children: bool,
    pub(crate) initial: Vec<String>,
    pub(crate) entry: Vec<Action<A>>,
    pub(crate) exit: Vec<Action<A>>,
    pub(crate) transitions: Vec<TransitionDef<G, A>>,
}

pub(crate) struct Compiler<G, A> {
    pub(crate) tables: Tables,
    pub(crate) pending: Vec<Pending<G, A>>,
    /// How many states were seen, those left out for lying too deep included.
    seen: usize,
    faults: Vec<Fault>,
}

impl<G, A> Compiler<G, A> {
    fn new(name: &str, content: &[u8]) -> Self {
        Self {
            tables: Tables {
                name: name.to_owned(),
                hash: content_hash(content),
                ids: Vec::new(),
                by_id: BTreeMap::new(),
                nodes: Vec::new(),
                histories: Vec::new(),
                leaves: BitSet::new(0),
                events: Events::of(std::iter::empty()),
            },
            pending: Vec::new(),
            seen: 0,
            faults: Vec::new(),
        }
    }

    fn into_errors(mut self) -> Vec<ChartError> {
        self.faults.sort_by_key(|fault| fault.place);
        self.faults.into_iter().map(|fault| fault.error).collect()
    }

    pub(crate) fn fault(&mut self, state: StateNo, problem: ChartProblem) {
        self.fault_in(state, None, problem);
    }

    pub(crate) fn fault_in(&mut self, state: StateNo, transition: Option<usize>, problem: ChartProblem) {
        self.faults.push(Fault {
            place: state.index(),
            error: ChartError {
                state: self.tables.id(state).to_owned(),
                transition,
                problem,
            },
        });
    }

    /// Gives the state and its descendants their numbers. None if it was left out because of a size limit.
    fn number(&mut self, def: StateDef<G, A>, parent: Option<StateNo>, depth: u32) -> Option<StateNo> {
        let place = self.tables.len();
        self.seen += 1;
        if let Some(problem) = self.over_limit(depth) {
            // Of too many states only the first is named; it may be met again by the states around it.
            if self.seen <= MAX_STATES + 1 {
                let error = ChartError {
                    state: def.id.clone(),
                    transition: None,
                    problem,
                };
                self.faults.push(Fault { place, error });
            }
            dismantle(def);
            return None;
        }
        let state = StateNo(u32::try_from(place).expect("MAX_STATES fits in 32 bits"));
        self.push_node(state, &def, parent, depth);
        self.pending.push(Pending {
            has_children: !def.states.is_empty(),
            initial: def.initial,
            entry: def.entry,
            exit: def.exit,
            transitions: def.transitions,
        });
        for child in def.states {
            let is_history = matches!(child.kind, StateKind::History { .. });
            if let Some(child) = self.number(child, Some(state), depth + 1) {
                let node = &mut self.tables.nodes[state.index()];
                let list = if is_history {
                    &mut node.histories
                } else {
                    &mut node.children
                };
                list.push(child);
            }
        }
        let end = u32::try_from(self.tables.len()).expect("MAX_STATES fits in 32 bits");
        self.tables.nodes[state.index()].end = end;
        Some(state)
    }

    /// The size limit that the state just seen, at this depth, breaks.
    fn over_limit(&self, depth: u32) -> Option<ChartProblem> {
        if self.seen > MAX_STATES {
            Some(ChartProblem::TooManyStates { limit: MAX_STATES })
        } else if depth > MAX_DEPTH {
            Some(ChartProblem::TooDeep { limit: MAX_DEPTH })
        } else {
            None
        }
    }

    fn push_node(&mut self, state: StateNo, def: &StateDef<G, A>, parent: Option<StateNo>, depth: u32) {
        let kind = match def.kind {
            StateKind::Normal if def.states.is_empty() => NodeKind::Atomic,
            StateKind::Normal => NodeKind::Compound,
            StateKind::Parallel => NodeKind::Parallel,
            StateKind::Final => NodeKind::Final,
            StateKind::History { deep } => {
                self.tables.histories.push(state);
                let slot = self.tables.histories.len() - 1;
                NodeKind::History { deep, slot }
            }
        };
        let done_event = matches!(kind, NodeKind::Compound | NodeKind::Parallel)
            .then(|| format!("done.state.{}", def.id).into());
        self.tables.nodes.push(Node {
            kind,
            parent,
            end: state.0 + 1,
            depth,
            children: Vec::new(),
            histories: Vec::new(),
            initial: Vec::new(),
            done_event,
        });
        self.tables.ids.push(def.id.clone());
        if !is_event_name(&def.id) {
            self.fault(state, ChartProblem::BadId);
        }
        if self.tables.by_id.contains_key(&def.id) {
            self.fault(state, ChartProblem::DuplicateId);
        } else {
            self.tables.by_id.insert(def.id.clone(), state);
        }
    }
}

impl<G, A> Chart<G, A> {
    /// Builds what stepping looks up: the leaves, the numbers of event names, and who answers to each.
    fn index(&mut self) {
        let descriptors = self
            .transitions
            .iter()
            .flat_map(|transition| &transition.descriptors);
        let mut events = Events::of(descriptors);
        let mut leaves = BitSet::new(self.tables.len());
        for (state, behaviour) in (0..).map(StateNo).zip(&mut self.behaviour) {
            if self.tables.is_leaf(state) {
                leaves.insert(state.0);
            }
            let first = self.answers.len();
            for number in behaviour.transitions.clone() {
                let transition = &self.transitions[number];
                let none = transition.is_eventless().then_some(None);
                for descriptor in none.into_iter().chain(transition.descriptors.iter().map(Some)) {
                    self.answers.push(Answer {
                        transition: number,
                        events: events.add_source(descriptor, state),
                    });
                }
            }
            behaviour.answers = first..self.answers.len();
        }
        (self.tables.leaves, self.tables.events) = (leaves, events);
    }
}

/// Drops a definition level by level: left to itself, a very deep one would be dropped by a recursion that could
/// exhaust the stack.
fn dismantle<G, A>(def: StateDef<G, A>) {
    let mut left = vec![def];
    while let Some(mut state) = left.pop() {
        left.append(&mut state.states);
    }
}

/// The first 16 hexadecimal digits of the SHA-256.
fn content_hash(content: &[u8]) -> String {
    use std::fmt::Write;
    let digest = Sha256::digest(content);
    digest
        .iter()
        .take(8)
        .fold(String::with_capacity(16), |mut text, byte| {
            write!(text, "{byte:02x}").expect("writing to a string cannot fail");
            text
        })
}
