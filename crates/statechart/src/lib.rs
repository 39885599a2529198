//! A pure statechart interpreter: `step(chart, snapshot, event)`.
//!
//! The semantics are those of the W3C SCXML Recommendation, Appendix D. This crate knows no case, no time, no
//! identifier of a person, no database and no async. Guards and actions are opaque: the caller implements [`Host`]
//! and every effect leaves through it. Delays and timers are the host's business; they come back as events.
//!
//! The way through the crate: build a [`ChartDef`], [`ChartDef::compile`] it into a [`Chart`] (an unchecked chart
//! cannot be stepped, it is another type). Then either [`Chart::start`] once and [`Chart::step`] for each event, from
//! [`Snapshot`] to [`Snapshot`], or keep an [`Interpreter`], which is restored once and stepped many times. Both do the
//! same; the second validates nothing again, tells what it did by state numbers and allocates nothing of its own on a
//! transition.
//!
//! The procedures of Appendix D keep their names here, in Rust's spelling, so that one can be held beside the other:
//! selecting is in `select.rs`, entering in `enter.rs`, the rest in `step.rs`. Two things differ in form, not in
//! outcome. Conflicts are removed as transitions are found. And a state is asked for its transitions once in one
//! selection, however many leaves lead to it.
//!
//! Where the Recommendation leaves a choice, or its pseudo-code falls short of its prose:
//!
//! * The root is a state like any other, inside an invisible document element. An external transition whose source
//!   is the root therefore leaves and re-enters the root; make it `internal` to keep the root active.
//! * A chart is done when its root is in a final state: a final child of a compound root, or every region of a
//!   parallel root final. A done chart stops at once, keeps its configuration (exitInterpreter, which would run every
//!   exit action, is left out: a case that ended still stands where it ended) and takes no further event.
//! * `done.state.ID` climbs through parallels nested directly in parallels, as the prose asks.
//! * A transition enters only below the domain its exits went by: a history never re-enters what was not left, and
//!   a history whose parent was left by the very same transition stands for what was just left.
//! * A default history may name another history, unless both have the same parent.
//! * A macrostep that does not end is stopped at [`MAX_MICROSTEPS`] and changes nothing.
//!
//! Left out of the Recommendation, and why:
//!
//! * The datamodel (`data`, `assign`, `foreach`, `if`, `script`, `donedata`, `_event`, `_sessionid`): data is the
//!   host's. Guards and actions are its own types, and it keeps an event's data itself.
//! * `invoke`, `finalize`, `autoforward` and `done.invoke`: a child is another instance of another chart, which the
//!   host starts and whose events it delivers.
//! * `send` and `cancel`, and with them delays, targets and I/O processors: a step is pure and knows no time. The host
//!   keeps delayed events under ids of its own, cancels them, and sends the event when its hour has come.
//! * Platform errors (`error.execution`, `error.communication`): a guard or an action that fails ends the step with
//!   [`StepError::Host`] and nothing has changed; a wrong rule must not become an event that a chart may overlook.
//! * The content of an `initial` element's transition, and late binding: a state's entry actions do as well.
//! * A final state as a region of a parallel, or with transitions, is refused rather than ignored.

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
