//! What can happen at all in a pack: a bounded search through abstract situations of a case.
//!
//! A situation is kept as what the pack's own conditions can tell apart (`abstraction`): active states, armed timers,
//! running deadlines, the fields that conditions read; dates and everything else are left out. Any armed timer may be the
//! next to fire. Forms are filled in with the values that conditions compare with, and with one other (`inputs`). The
//! search goes by breadth; when half its bound is used up it turns to what leads to states, and pairs of states, not seen
//! before, and ways found then are shortened by leaving steps out (`search`).

mod abstraction;
mod inputs;
mod reads;
mod search;

use std::fmt;

use peshi_casework::Fields;
use serde::Serialize;

pub use search::explore;

/// How far to look.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The most situations.
    pub limit: usize,
    /// The longest way, in steps.
    pub depth: usize,
    /// The most live children of one chart.
    pub children: usize,
}

/// One step of a way.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Move {
    /// The case is opened.
    Open {
        /// With these fields, as far as they matter.
        form: Fields,
    },
    /// Somebody records an event.
    Record {
        /// Where.
        instance: String,
        /// What.
        event: String,
        /// With these fields.
        form: Fields,
    },
    /// A delayed event comes.
    Comes {
        /// Where.
        instance: String,
        /// What.
        event: String,
    },
    /// A deadline passes.
    Passes {
        /// Where.
        instance: String,
        /// The rule.
        deadline: String,
    },
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = |form: &Fields| {
            let list: Vec<String> = form.iter().map(|(k, v)| format!("{k}: {v}")).collect();
            if list.is_empty() {
                String::new()
            } else {
                format!(" {{ {} }}", list.join(", "))
            }
        };
        match self {
            Self::Open { form } => write!(f, "open{}", fields(form)),
            Self::Record {
                instance,
                event,
                form,
            } => write!(f, "{instance}: {event}{}", fields(form)),
            Self::Comes { instance, event } => write!(f, "{instance}: {event} comes in its time"),
            Self::Passes { instance, deadline } => write!(f, "{instance}: the deadline {deadline} passes"),
        }
    }
}

/// Something found, and a way to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    /// What.
    pub what: String,
    /// Active leaf states there: `case: a, b`, one text an instance.
    pub configuration: Vec<String>,
    /// The way.
    pub path: Vec<Move>,
}

/// What the search saw.
#[derive(Debug, Clone, Serialize)]
pub struct Explored {
    /// Situations looked at.
    pub configurations: usize,
    /// Decisions made to find them.
    pub decisions: usize,
    /// Every situation within the abstraction was looked at.
    pub complete: bool,
    /// Which bounds stopped it, if it is not complete.
    pub stopped_by: Vec<&'static str>,
    /// States never active: `CHART.STATE`.
    pub never_reached: Vec<String>,
    /// Situations of an open case in which nothing can happen any more.
    pub dead_ends: Vec<Found>,
    /// Situations of an open case that nobody must act in and no clock watches.
    pub unwatched: Vec<Found>,
    /// Steps that the pack itself cannot carry out.
    pub faults: Vec<Found>,
    /// Invariants broken; the first way to each.
    pub broken: Vec<Found>,
    /// How many more situations than those listed are dead ends.
    pub more_dead_ends: usize,
    /// How many more than those listed are unwatched.
    pub more_unwatched: usize,
    /// Conditions that read the clock: they were answered for one moment only.
    pub clock_bound: Vec<String>,
}

impl Explored {
    /// Something is wrong for certain.
    pub fn is_bad(&self) -> bool {
        !(self.dead_ends.is_empty() && self.faults.is_empty() && self.broken.is_empty())
    }
}
