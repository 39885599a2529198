//! Tries a pack without a database: simulate, explore, scenarios.
//!
//! Everything here builds on [`Rehearsal`], one case in memory on virtual time, lived by the same decisions as in the
//! house. [`script`] runs a list of events and pauses, [`walk`] lets chance record events for years, [`explore`] searches
//! what can happen at all, [`scenario`] compares a told story with what the pack makes of it. The crate knows no store,
//! no terminal, no clock and no random source but a seed.

mod error;
pub mod explore;
mod life;
pub mod scenario;
pub mod script;
mod span;
pub mod values;
pub mod walk;

use chrono::Weekday;
use peshi_calendar::Calendar;

pub use error::RehearsalError;
pub use life::{Fired, FiredWhat, Happened, MAX_FIRED, Message, Rehearsal, Stage, Who};
pub use span::Span;

/// A calendar without closed days, in UTC: for charts that name none.
pub fn everyday_calendar() -> Calendar {
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    Calendar {
        name: "every day".to_owned(),
        zone: chrono_tz::UTC,
        open_weekdays: vec![Mon, Tue, Wed, Thu, Fri, Sat, Sun],
        closed: Vec::new(),
        vacations: Vec::new(),
        hours: Vec::new(),
        courts: std::collections::BTreeMap::new(),
    }
}
