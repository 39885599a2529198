//! Working days, deadlines and cron occurrences, computed from data and never from the clock.
//!
//! The crate is pure: every moment, zone and holiday is an argument, and the same arguments always give
//! the same answer. It knows courts only as lists of open weekdays and closed days; it knows nothing of
//! cases, rules, messages or stores, and it never reads the clock.
//!
//! * [`Period`]: one length of time in one unit, written as `30 days` or `P30D`.
//! * [`Calendar`]: when one court's office is open, and its zone.
//! * [`Place`]: which court a question is about, for the days and hours that concern that court alone.
//! * [`due`]: a deadline with the steps that led to it, so that a person can check the sum.
//! * [`Rung`]: one reminder of a ladder, written as `7 days before at 09:00`.
//! * [`CronLine`]: a five-field crontab line, read as crontab reads it.

mod calendar;
mod crontab;
mod due;
mod error;
mod period;
mod place;
mod rung;
mod zone;

pub use calendar::{Calendar, ClosedDay, ClosedReason, DayStatus, Vacation};
pub use crontab::CronLine;
pub use due::{
    ClosedLastDay, Computed, Counting, DueTime, Excluded, Explained, Why, at, by_hand, due, due_without,
};
pub use error::{CalendarError, CronError};
pub use period::Period;
pub use place::{CourtWeek, Hours, Only, Place};
pub use rung::{Offset, Rung};
