//! A pure statechart interpreter: `step(chart, snapshot, event)`.
//!
//! The semantics are those of the W3C SCXML Recommendation, Appendix D. This crate knows no case, no time, no
//! identifier of a person, no database and no async. Guards and actions are opaque: the caller implements [`Host`]
//! and every effect leaves through it. Delays and timers are the host's business; they come back as events.
//!
//! The way through the crate: build a [`ChartDef`], [`ChartDef::compile`] it into a [`Chart`] (an unchecked chart
//! cannot be stepped, it is another type), then [`Chart::start`] once and [`Chart::step`] for each event.
//!
//! Where the Recommendation leaves a choice, or its pseudo-code falls short of its prose:
//!
//! * The root is a state like any other, inside an invisible document element. An external transition whose source
//!   is the root therefore leaves and re-enters the root; make it `internal` to keep the root active.
//! * A chart is done when its root is in a final state: a final child of a compound root, or every region of a
//!   parallel root final. A done chart stops at once, keeps its configuration (no exit action runs) and takes no
//!   further event.
//! * `done.state.ID` climbs through parallels nested directly in parallels, as the prose asks.
//! * A transition enters only below the domain its exits went by: a history never re-enters what was not left, and
//!   a history whose parent was left by the very same transition stands for what was just left.

mod bits;
mod chart;
mod compile;
mod configuration;
mod def;
mod descriptor;
mod enter;
mod error;
mod events;
mod host;
mod interpreter;
mod resolve;
mod select;
mod snapshot;
mod step;

#[cfg(test)]
mod tests;

pub use chart::{ActiveTransition, Candidate, Chart, StateNo, StateRef, Transition};
pub use configuration::Configuration;
pub use def::{Action, ChartDef, StateDef, StateKind, TransitionDef};
pub use descriptor::matches as descriptor_matches;
pub use error::{ChartError, ChartProblem, HostPlace, SnapshotError, StepError};
pub use host::{Host, RaisedEvents, View};
pub use interpreter::Interpreter;
pub use snapshot::Snapshot;
pub use step::Step;

/// The most microsteps one call of [`Chart::start`] or [`Chart::step`] may take before it ends in
/// [`StepError::Endless`].
pub const MAX_MICROSTEPS: usize = 1000;

/// The deepest a state may lie below the root (the root has depth 0).
pub const MAX_DEPTH: u32 = 64;

/// The most states one chart may have, root and history states included.
pub const MAX_STATES: usize = 10_000;
