//! The plain definition of a chart, as a loader builds it.
//!
//! Nothing here is checked; [`ChartDef::compile`] does that. It knows no file format and no guard language. Who builds
//! definitions from foreign input and may drop them uncompiled must bound their depth: they are plain nested data.

use std::sync::Arc;

/// A whole chart, not yet checked. `G` is the host's guard, `A` the host's action; both are opaque here.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartDef<G, A> {
    /// The chart's name. It becomes the root state's id, whatever `root.id` says.
    pub name: String,
    /// The root state: a compound or a parallel.
    pub root: StateDef<G, A>,
}

/// One state and everything below it.
#[derive(Debug, Clone, PartialEq)]
pub struct StateDef<G, A> {
    /// The id, unique within the chart.
    pub id: String,
    /// What kind of state this is.
    pub kind: StateKind,
    /// Compound: the descendants entered by default; empty means the first child. History: the default targets, if
    /// its transition names none. Must be empty for every other kind.
    pub initial: Vec<String>,
    /// The children, in document order.
    pub states: Vec<StateDef<G, A>>,
    /// Actions run on entering, in order.
    pub entry: Vec<Action<A>>,
    /// Actions run on leaving, in order.
    pub exit: Vec<Action<A>>,
    /// The transitions, in document order: the first that matches and whose guard holds is taken.
    pub transitions: Vec<TransitionDef<G, A>>,
}

/// The kind of a state as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateKind {
    /// Atomic if it has no children, else compound: exactly one child is active.
    Normal,
    /// All children are active together; they are called regions.
    Parallel,
    /// An atomic state that completes its parent.
    Final,
    /// A pseudo-state that stands for what was active when its parent was last left. Its default, before the parent
    /// was ever left, is the target of its single transition, or `initial`. The actions of that transition run after
    /// the parent's entry actions, so only when the parent is entered too.
    History {
        /// `true` remembers the leaves below the parent, `false` only the parent's own children.
        deep: bool,
    },
}

/// One transition.
#[derive(Debug, Clone, PartialEq)]
pub struct TransitionDef<G, A> {
    /// Event descriptors (`a.b` matches `a.b` and `a.b.c`; `*` matches all). Empty: an eventless transition.
    pub events: Vec<String>,
    /// The guard; none always holds.
    pub guard: Option<G>,
    /// The target states. Empty: a targetless transition, which leaves no state.
    pub to: Vec<String>,
    /// An internal transition does not leave its source, if the source is compound and every target lies below it.
    pub internal: bool,
    /// Actions run after the exits and before the entries, in order.
    pub actions: Vec<Action<A>>,
}

/// One action.
#[derive(Debug, Clone, PartialEq)]
pub enum Action<A> {
    /// Put an event at the end of the internal queue.
    Raise(Arc<str>),
    /// Hand this to the host.
    Host(A),
}

impl<G, A> StateDef<G, A> {
    /// A normal state with nothing in it.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            kind: StateKind::Normal,
            initial: Vec::new(),
            states: Vec::new(),
            entry: Vec::new(),
            exit: Vec::new(),
            transitions: Vec::new(),
        }
    }
}

impl<G, A> TransitionDef<G, A> {
    /// A plain transition without event, guard or action to these targets.
    pub fn to<T: Into<String>>(targets: impl IntoIterator<Item = T>) -> Self {
        Self {
            events: Vec::new(),
            guard: None,
            to: targets.into_iter().map(Into::into).collect(),
            internal: false,
            actions: Vec::new(),
        }
    }
}
