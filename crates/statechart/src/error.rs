//! What can go wrong: in a definition, with a snapshot, during a step.
//!
//! It knows neither files nor lines; a loader maps a state's id and a transition's place back to its source.

use thiserror::Error;

/// One fault of a chart's definition. [`crate::ChartDef::compile`] returns all of them at once.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("state `{state}`{}: {problem}", transition_suffix(*.transition))]
pub struct ChartError {
    /// The id of the state at fault (of the first one, for duplicates of an id).
    pub state: String,
    /// The place of the transition at fault among the state's transitions, from 0; none if it is the state itself.
    pub transition: Option<usize>,
    /// What is wrong.
    pub problem: ChartProblem,
}

impl ChartError {
    /// What the author of the chart can do about it.
    pub fn help(&self) -> &'static str {
        self.problem.help()
    }
}

/// The part of the message that names a transition, counted from 1 for people.
fn transition_suffix(transition: Option<usize>) -> String {
    transition.map_or_else(String::new, |index| format!(", transition {}", index + 1))
}

/// What is wrong with a state or one of its transitions.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChartProblem {
    /// The id is empty or could not stand inside an event name.
    #[error("its id is empty or contains white space or `*`, so `done.state.ID` could not name it")]
    BadId,
    /// Two states have this id.
    #[error("another state has the same id")]
    DuplicateId,
    /// The root has no state below it, or is a final or history state.
    #[error("the root of a chart must be a compound or a parallel state")]
    RootIsLeaf,
    /// The state lies too deep.
    #[error("it lies more than {limit} levels below the root")]
    TooDeep {
        /// [`crate::MAX_DEPTH`].
        limit: u32,
    },
    /// The chart is too large.
    #[error("the chart has more than {limit} states; this is the first one too many")]
    TooManyStates {
        /// [`crate::MAX_STATES`].
        limit: usize,
    },
    /// A parallel without a region.
    #[error("it is a parallel state without any region")]
    EmptyParallel,
    /// A compound whose children are all history states.
    #[error("its only children are history states, so nothing in it could be active")]
    OnlyHistory,
    /// A final or history state has children.
    #[error("a {kind} state cannot have child states")]
    ChildrenNotAllowed {
        /// `final` or `history`.
        kind: &'static str,
    },
    /// A region of a parallel is a final state.
    #[error("a final state cannot be a region of a parallel state")]
    FinalRegion,
    /// A final state has transitions.
    #[error("a final state cannot have transitions")]
    FinalWithTransitions,
    /// `initial` on a state that takes none.
    #[error("it names an initial state, but only compound states have one")]
    InitialNotAllowed,
    /// `initial` names a state that does not exist.
    #[error("its initial state `{target}` does not exist in this chart")]
    UnknownInitial {
        /// The id as written.
        target: String,
    },
    /// `initial` names a state elsewhere.
    #[error("its initial state `{target}` does not lie inside it")]
    InitialOutside {
        /// The id as written.
        target: String,
    },
    /// A transition names a state that does not exist.
    #[error("its target `{target}` does not exist in this chart")]
    UnknownTarget {
        /// The id as written.
        target: String,
    },
    /// Two targets (of a transition, an initial or a history default) exclude each other.
    #[error("`{first}` and `{second}` cannot be entered together")]
    TargetsClash {
        /// One target.
        first: String,
        /// The other.
        second: String,
    },
    /// A history state without a default.
    #[error("this history state says nothing about where to go before its parent was ever left")]
    HistoryWithoutDefault,
    /// A history state with more than one default.
    #[error("this history state has more than one default")]
    HistoryDefaultTwice,
    /// The default transition of a history has an event, a guard or is internal.
    #[error("the default transition of a history state takes no event and no guard and is not internal")]
    HistoryTransitionNotPlain,
    /// A history state has entry or exit actions.
    #[error("a history state has entry or exit actions, which would never run")]
    HistoryWithActions,
    /// A history's default names a state that does not exist.
    #[error("its default `{target}` does not exist in this chart")]
    UnknownDefault {
        /// The id as written.
        target: String,
    },
    /// A history's default lies outside the history's parent.
    #[error("its default `{target}` does not lie inside the parent of this history state")]
    HistoryDefaultOutside {
        /// The id as written.
        target: String,
    },
    /// A history's default is a history of the same parent.
    #[error("its default `{target}` is a history state of the same parent")]
    HistoryLoop {
        /// The id as written.
        target: String,
    },
    /// An event descriptor is malformed.
    #[error("`{descriptor}` is not an event descriptor")]
    BadDescriptor {
        /// The descriptor as written.
        descriptor: String,
    },
    /// A raised event's name is malformed.
    #[error("`{event}` is not an event name")]
    BadEventName {
        /// The name as written.
        event: String,
    },
}

impl ChartProblem {
    /// What the author can do about it.
    fn help(&self) -> &'static str {
        match self {
            Self::BadId => "Give the state a short id made of letters, digits, `_` and `-`.",
            Self::DuplicateId => {
                "Rename one of the two; ids are unique within a chart, and the root's id is the chart's name."
            }
            Self::RootIsLeaf => {
                "Put at least one state under the root, or make the root a parallel state with regions."
            }
            Self::TooDeep { .. } => "Flatten the chart, or move the inner part to a chart of its own.",
            Self::TooManyStates { .. } => "Split the chart into several charts.",
            Self::EmptyParallel => "Add at least one region, or make it a plain state.",
            Self::OnlyHistory => "Add the states that the history is to remember.",
            Self::ChildrenNotAllowed { .. } => "Move the children out, or make this a plain state.",
            Self::FinalRegion => "Wrap the final state in a compound state and make that the region.",
            Self::FinalWithTransitions => {
                "Put the transitions on the parent, or make this a plain state if it can be left."
            }
            Self::InitialNotAllowed => {
                "Remove `initial`; a parallel state enters all its regions, so set `initial` on each region instead."
            }
            Self::UnknownInitial { .. } | Self::UnknownTarget { .. } | Self::UnknownDefault { .. } => {
                "Check the spelling, or define the state."
            }
            Self::InitialOutside { .. } => "Name a state below this one.",
            Self::TargetsClash { .. } => {
                "Several targets must lie in different regions of a parallel state, and none may contain another or stand for its parent's history."
            }
            Self::HistoryWithoutDefault => "Name a default state inside the history's parent.",
            Self::HistoryDefaultTwice => "Keep a single default.",
            Self::HistoryTransitionNotPlain => "Leave only the target and, if wanted, actions.",
            Self::HistoryWithActions => {
                "Move the actions to the history's parent, or to the default transition."
            }
            Self::HistoryDefaultOutside { .. } => "Name a state below the history's parent.",
            Self::HistoryLoop { .. } => "Name an ordinary state, or a history further down.",
            Self::BadDescriptor { .. } => {
                "Write dotted tokens without white space, like `hearing.adjourned`; `*` may only stand alone or as the last token."
            }
            Self::BadEventName { .. } => {
                "Write dotted tokens without white space or `*`, like `hearing.adjourned`."
            }
        }
    }
}

/// Why a snapshot cannot be used with this chart.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// The snapshot was taken with other content.
    #[error(
        "the snapshot belongs to chart version {found}, but chart `{chart}` is version {expected}; use the version the snapshot was taken with, or migrate the snapshot"
    )]
    OtherChart {
        /// The chart's name.
        chart: String,
        /// The chart's hash.
        expected: String,
        /// The snapshot's hash.
        found: String,
    },
    /// A state named in the snapshot does not exist.
    #[error(
        "the snapshot names the state `{state}`, which chart `{chart}` does not have; rebuild it by replaying its events"
    )]
    UnknownState {
        /// The chart's name.
        chart: String,
        /// The id in the snapshot.
        state: String,
    },
    /// A state listed as an active leaf is no leaf.
    #[error(
        "the snapshot lists `{state}` as an active leaf, but it is not an atomic or final state; rebuild it by replaying its events"
    )]
    NotALeaf {
        /// The id in the snapshot.
        state: String,
    },
    /// The active leaves do not make a legal configuration.
    #[error(
        "the snapshot's active states are not a legal configuration: {why} at `{state}`; rebuild it by replaying its events"
    )]
    Illegal {
        /// The state whose children are wrong.
        state: String,
        /// What is wrong there.
        why: &'static str,
    },
    /// A remembered history does not fit the chart.
    #[error("the snapshot's history of `{state}` is wrong: {why}; rebuild it by replaying its events")]
    History {
        /// The id in the snapshot's history map.
        state: String,
        /// What is wrong with it.
        why: &'static str,
    },
}

/// Where in the chart the host was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HostPlace {
    /// A guard of a transition of the state.
    Guard,
    /// An entry action of the state.
    Entry,
    /// An exit action of the state.
    Exit,
    /// An action of a transition of the state.
    Transition,
    /// An action of the default transition of the history state.
    HistoryDefault,
}

impl std::fmt::Display for HostPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Guard => "a guard",
            Self::Entry => "an entry action",
            Self::Exit => "an exit action",
            Self::Transition => "a transition action",
            Self::HistoryDefault => "a history default action",
        })
    }
}

/// Why a step could not be taken. The snapshot given to the step still stands; effects the host already saw must be
/// thrown away with it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StepError<E> {
    /// The host refused a guard or an action.
    #[error("{place} of state `{state}` failed: {source}")]
    Host {
        /// The state whose guard or action it was.
        state: String,
        /// Which of its guards and actions.
        place: HostPlace,
        /// What the host said.
        source: E,
    },
    /// The chart did not settle.
    #[error(
        "the chart did not settle within {limit} microsteps and was stopped in {}; look there for eventless transitions or raised events that feed each other",
        .active.join(", ")
    )]
    Endless {
        /// [`crate::MAX_MICROSTEPS`].
        limit: usize,
        /// The active leaves when it was stopped.
        active: Vec<String>,
    },
    /// The snapshot does not fit the chart.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
}
