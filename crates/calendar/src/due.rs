//! Deadlines: from a trigger and a counting rule to a last day, with every step explained.
//!
//! The rules are those of the General Clauses Act 1897, ss. 9 and 10, and the Limitation Act 1908, ss. 4
//! and 12: the day of the trigger is excluded, months are calendar months, and a last day on which the
//! office is closed moves to its next open day where the rule says so. Vacations move nothing. Which rule
//! applies to which matter is not known here, nor what missing the date means.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

use crate::calendar::Direction;
use crate::{Calendar, CalendarError, ClosedReason, DayStatus, Period};

/// What happens when the last day falls on a closed day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosedLastDay {
    /// It moves to the next open day (limitation, and whatever needs the court's office). A period on the
    /// clock never moves.
    Moves,
    /// It stays (whoever is bound needs no open office).
    Stays,
}

/// How a rule counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counting {
    /// The length.
    pub period: Period,
    /// What a closed last day does.
    pub closed_last_day: ClosedLastDay,
    /// Working days between the internal date and the legal last day; only for periods counted in days.
    #[serde(default)]
    pub internal_margin: Option<u32>,
    /// Local time on the last day after which the date is missed; by default the end of the day. Only for
    /// periods counted in days.
    #[serde(default)]
    pub due_time: Option<NaiveTime>,
}

impl Counting {
    /// Checks a rule when it is loaded, so that it cannot fail for its own sake when a case needs it.
    ///
    /// # Errors
    /// [`CalendarError::PeriodBounds`], or [`CalendarError::NeedsLastDay`] when a period on the clock also
    /// names a margin or a time of day.
    pub fn check(&self) -> Result<(), CalendarError> {
        self.period.checked()?;
        let needless = if self.internal_margin.is_some() {
            "an internal margin in working days"
        } else if self.due_time.is_some() {
            "a time of day on the last day"
        } else {
            return Ok(());
        };
        if self.period.is_clock() {
            return Err(CalendarError::NeedsLastDay {
                period: self.period.to_string(),
                what: needless,
            });
        }
        Ok(())
    }
}

/// A deadline as computed, with its explanation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Computed {
    /// The moment the count began from.
    pub trigger: DateTime<Utc>,
    /// The moment after which the date is missed. For a whole last day this is the local midnight that ends
    /// it, which belongs to the next date: ask [`Computed::day`] for the day.
    pub due_at: DateTime<Utc>,
    /// The legal last day, local; `None` for periods on the clock and fixed moments.
    pub last_day: Option<NaiveDate>,
    /// The earlier day the office works towards, local.
    pub internal_last_day: Option<NaiveDate>,
    /// How the date came about, in order. Closed days skipped on the way to the internal date stand between
    /// the steps of the last day and [`Explained::InternalMargin`].
    pub steps: Vec<Explained>,
}

impl Computed {
    /// The local day the date falls on: the legal last day, or the local date of the moment.
    pub fn day(&self, calendar: &Calendar) -> NaiveDate {
        self.last_day.unwrap_or_else(|| calendar.local_date(self.due_at))
    }
}

/// One line of the explanation: data, not prose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Explained {
    /// The local day of the trigger.
    TriggerDay {
        /// That day.
        date: NaiveDate,
        /// Whether it is left out of the count.
        excluded: bool,
    },
    /// The period was counted on the calendar.
    Counted {
        /// The period.
        period: Period,
        /// The day it led to, before any move.
        to: NaiveDate,
    },
    /// The period ran on the clock, through nights and closed days.
    ClockHours {
        /// Start.
        from: DateTime<Utc>,
        /// End.
        to: DateTime<Utc>,
    },
    /// A closed day was passed over.
    SkippedClosed {
        /// The day.
        date: NaiveDate,
        /// Why it is closed.
        reason: ClosedReason,
    },
    /// The last day moved to the next open day.
    MovedFromClosed {
        /// The closed day.
        from: NaiveDate,
        /// The open day.
        to: NaiveDate,
    },
    /// The last day falls in a vacation and did not move for it.
    VacationNote {
        /// Name of the vacation.
        name: String,
        /// The last day.
        date: NaiveDate,
    },
    /// The internal date.
    InternalMargin {
        /// Working days really left between it and the last day; fewer than the rule asks for when the
        /// trigger is nearer than that.
        working_days: u32,
        /// The internal date.
        to: NaiveDate,
    },
    /// The closed day named just before is not yet confirmed, and the result rests on it.
    ProvisionalDay {
        /// The day.
        date: NaiveDate,
        /// Its name.
        name: String,
    },
}

/// Computes a deadline.
///
/// # Errors
/// [`CalendarError`] when the rule contradicts itself, the calendar has no open day, or the date leaves the
/// years 1 to 9999.
pub fn due(
    trigger: DateTime<Utc>,
    counting: &Counting,
    calendar: &Calendar,
) -> Result<Computed, CalendarError> {
    counting.check()?;
    let computed = match counting.period.clock() {
        Some(length) => {
            let due_at = trigger
                .checked_add_signed(length)
                .ok_or_else(|| out_of_range(counting.period, &trigger.naive_utc()))?;
            let steps = vec![Explained::ClockHours {
                from: trigger,
                to: due_at,
            }];
            Computed {
                trigger,
                due_at,
                last_day: None,
                internal_last_day: None,
                steps,
            }
        }
        None => due_in_days(trigger, counting, calendar)?,
    };
    if [computed.trigger, computed.due_at]
        .iter()
        .all(|at| (1..=9999).contains(&at.year()))
    {
        Ok(computed)
    } else {
        Err(out_of_range(counting.period, &trigger.naive_utc()))
    }
}

/// A fixed moment, such as a hearing, in the form of a deadline.
pub fn at(moment: DateTime<Utc>) -> Computed {
    Computed {
        trigger: moment,
        due_at: moment,
        last_day: None,
        internal_last_day: None,
        steps: Vec::new(),
    }
}

/// Computes a deadline counted on the calendar.
fn due_in_days(
    trigger: DateTime<Utc>,
    counting: &Counting,
    calendar: &Calendar,
) -> Result<Computed, CalendarError> {
    let period = counting.period;
    let trigger_day = calendar.local_date(trigger);
    let mut steps = vec![Explained::TriggerDay {
        date: trigger_day,
        excluded: true,
    }];

    let counted = if let Period::WorkingDays(days) = period {
        calendar.count_open(trigger_day, days, Direction::Later, |date, reason| {
            skip(&mut steps, date, reason);
        })?
    } else {
        period
            .after(trigger_day)
            .ok_or_else(|| out_of_range(period, &trigger_day))?
    };
    steps.push(Explained::Counted { period, to: counted });

    let last_day = match counting.closed_last_day {
        ClosedLastDay::Moves => move_to_open(counted, calendar, &mut steps)?,
        ClosedLastDay::Stays => counted,
    };
    steps.extend(
        calendar
            .vacations_on(last_day)
            .map(|vacation| Explained::VacationNote {
                name: vacation.name.clone(),
                date: last_day,
            }),
    );
    let internal_last_day = counting
        .internal_margin
        .map(|margin| internal_day(trigger_day, last_day, margin, calendar, &mut steps));

    let due_at = if let Some(time) = counting.due_time {
        calendar.at_local(last_day, time)
    } else {
        let next = last_day
            .succ_opt()
            .ok_or_else(|| out_of_range(period, &trigger_day))?;
        calendar.at_local(next, NaiveTime::MIN)
    };
    Ok(Computed {
        trigger,
        due_at,
        last_day: Some(last_day),
        internal_last_day,
        steps,
    })
}

/// Moves a closed day to the next open one and explains each day passed.
fn move_to_open(
    counted: NaiveDate,
    calendar: &Calendar,
    steps: &mut Vec<Explained>,
) -> Result<NaiveDate, CalendarError> {
    let Some(reason) = calendar.why_closed(counted) else {
        return Ok(counted);
    };
    skip(steps, counted, reason);
    let open = calendar.count_open(counted, 1, Direction::Later, |date, reason| {
        skip(steps, date, reason);
    })?;
    steps.push(Explained::MovedFromClosed {
        from: counted,
        to: open,
    });
    Ok(open)
}

/// Counts working days back from the last day, but never to before the trigger's own day: an internal date
/// in the past would only be noise.
fn internal_day(
    trigger_day: NaiveDate,
    last_day: NaiveDate,
    margin: u32,
    calendar: &Calendar,
    steps: &mut Vec<Explained>,
) -> NaiveDate {
    let (mut internal, mut granted, mut day) = (last_day, 0, last_day);
    // Closed days are explained only once an open day is found beyond them.
    let mut passed = Vec::new();
    while granted < margin {
        let Some(previous) = day.pred_opt().filter(|previous| *previous >= trigger_day) else {
            break;
        };
        day = previous;
        if let Some(reason) = calendar.why_closed(day) {
            skip(&mut passed, day, reason);
        } else {
            granted += 1;
            internal = day;
            steps.append(&mut passed);
        }
    }
    steps.push(Explained::InternalMargin {
        working_days: granted,
        to: internal,
    });
    internal
}

/// Explains one closed day passed over, and says so when its closing is not certain.
fn skip(steps: &mut Vec<Explained>, date: NaiveDate, reason: ClosedReason) {
    let provisional = match &reason {
        ClosedReason::Holiday {
            name,
            status: DayStatus::Provisional,
        } => Some(name.clone()),
        _ => None,
    };
    steps.push(Explained::SkippedClosed { date, reason });
    steps.extend(provisional.map(|name| Explained::ProvisionalDay { date, name }));
}

fn out_of_range(period: Period, from: &impl ToString) -> CalendarError {
    CalendarError::OutOfRange {
        period: period.to_string(),
        from: from.to_string(),
    }
}

#[cfg(test)]
mod tests;
