//! Moments of a case: local texts to instants, periods elapsed by the calendar's zone.
//! Knows zones by the calendar it is given; reads no clock.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use peshi_calendar::{Calendar, CalendarError, ClosedLastDay, Counting, Period, due};
use serde_json::Value;

use crate::form;

/// The instant of a kept field: `2026-03-12T09:00` or `2026-03-12` (then the day's beginning) in the calendar's zone.
pub fn instant(value: &Value, calendar: &Calendar) -> Option<DateTime<Utc>> {
    let text = value.as_str()?;
    let local = form::moment(text).or_else(|| Some(form::date(text)?.and_time(NaiveTime::MIN)))?;
    Some(calendar.at_local(local.date(), local.time()))
}

/// The local date and time of an instant.
pub fn local(at: DateTime<Utc>, calendar: &Calendar) -> NaiveDateTime {
    at.with_timezone(&calendar.zone).naive_local()
}

/// The local date of an instant.
pub fn local_date(at: DateTime<Utc>, calendar: &Calendar) -> NaiveDate {
    local(at, calendar).date()
}

/// The instant `period` after `at`: on the clock for hours and less, else at the same local time on the later day.
///
/// # Errors
/// When the calendar's reckoning fails.
pub fn elapse(
    at: DateTime<Utc>,
    period: Period,
    calendar: &Calendar,
) -> Result<DateTime<Utc>, CalendarError> {
    let counting = Counting {
        period,
        closed_last_day: ClosedLastDay::Stays,
        internal_margin: None,
        due_time: None,
    };
    let computed = due(at, &counting, calendar)?;
    Ok(match computed.last_day {
        Some(day) => calendar.at_local(day, local(at, calendar).time()),
        None => computed.due_at,
    })
}
