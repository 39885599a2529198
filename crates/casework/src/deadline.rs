//! A running or ended deadline of a case: its date, the times its clock stood still, and what people did to it.
//! Knows no rule and no calendar; how a date is reckoned is decided elsewhere.

use chrono::{DateTime, Utc};
use peshi_calendar::Computed;
use serde::{Deserialize, Serialize};

use crate::fact::Actor;
use crate::ids::InstanceId;

/// A deadline of the case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deadline {
    /// The rule's name in the pack.
    pub rule: String,
    /// The instance it belongs to.
    pub instance: InstanceId,
    /// How it was reckoned.
    pub computed: Computed,
    /// When it was missed.
    pub missed_at: Option<DateTime<Utc>>,
    /// When it stopped running.
    pub ended_at: Option<DateTime<Utc>>,
    /// The times its clock stood still; the last one may last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stops: Vec<Stop>,
    /// A person set its date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overridden: Option<Override>,
    /// How a person ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Settled>,
}

/// A time during which a deadline's clock stood still.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// The category: one of [`STOP_CATEGORIES`].
    pub category: String,
    /// The reason in words.
    pub reason: String,
    /// When it stopped.
    pub from: DateTime<Utc>,
    /// When it ran again; none while it stands still.
    pub until: Option<DateTime<Utc>>,
}

/// Why a clock may stand still.
pub const STOP_CATEGORIES: [&str; 5] = [
    "court_stay",
    "adjourned_by_consent",
    "record_requisitioned",
    "family_request",
    "other",
];

/// A date set by a person in place of the one that was reckoned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Override {
    /// Why.
    pub reason: String,
    /// The date as it was reckoned.
    pub reckoned: Computed,
    /// Who set it.
    pub by: Actor,
    /// When.
    pub at: DateTime<Utc>,
}

/// How a person ended a deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// It was not met, and need not be; else it was met.
    pub excused: bool,
    /// The proof, or the reason.
    pub text: String,
}

impl Deadline {
    /// It still matters: neither done nor left behind.
    pub fn is_open(&self) -> bool {
        self.ended_at.is_none()
    }

    /// Its clock stands still.
    pub fn is_stopped(&self) -> bool {
        self.is_open() && self.stops.last().is_some_and(|stop| stop.until.is_none())
    }

    /// Its date lies ahead and is the one that was reckoned: nobody set it, nothing stopped it.
    pub fn is_ahead(&self) -> bool {
        self.is_open() && self.missed_at.is_none() && self.overridden.is_none() && !self.is_stopped()
    }
}
