//! Deadlines: from a trigger and a counting rule to a last day, with every step explained.
//!
//! The rules are those of the General Clauses Act 1897, ss. 9 and 10, and the Limitation Act 1908, ss. 4
//! and 12: the day of the trigger is excluded, months are calendar months, and a last day on which the
//! office is closed moves to its next open day where the rule says so. Vacations move nothing. Time that does not
//! count (a clock that was stopped, the wait for a certified copy) is left out. Which rule applies to which matter is
//! not known here, nor what missing the date means.

use std::fmt;
use std::str::FromStr;

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
    pub due_time: Option<DueTime>,
}

/// A time of day on the last day: `18:00`, `opening` or `closing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum DueTime {
    /// That time.
    At(NaiveTime),
    /// When the office opens. With a period of no working days: the next time it opens.
    Opening,
    /// When the office closes.
    Closing,
}

impl fmt::Display for DueTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(time) => write!(f, "{}", time.format("%H:%M")),
            Self::Opening => f.write_str("opening"),
            Self::Closing => f.write_str("closing"),
        }
    }
}

impl FromStr for DueTime {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "opening" => Ok(Self::Opening),
            "closing" => Ok(Self::Closing),
            time => NaiveTime::parse_from_str(time, "%H:%M")
                .map(Self::At)
                .map_err(|_| CalendarError::DueTimeText {
                    text: text.to_owned(),
                }),
        }
    }
}

impl TryFrom<String> for DueTime {
    type Error = CalendarError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<DueTime> for String {
    fn from(time: DueTime) -> Self {
        time.to_string()
    }
}

/// Time that does not count: from its first moment to the moment from which time counts again. In days, the local day of
/// `from` is left out and the local day of `until` counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excluded {
    /// When time ceases to count.
    pub from: DateTime<Utc>,
    /// When it counts again.
    pub until: DateTime<Utc>,
    /// Why.
    pub why: Why,
}

/// Why time does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Why {
    /// The certified copy was being made (Limitation Act 1908, s. 12).
    CopyTime,
    /// The clock was stopped.
    Stopped {
        /// The category of the reason.
        category: String,
    },
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
    /// The period that was counted, so that the count can be repeated; none for a fixed moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
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
    /// Time was left out of the count.
    Excluded {
        /// The first local day left out.
        from: NaiveDate,
        /// The local day from which time counts again.
        until: NaiveDate,
        /// The days by which the count grew: only open ones for working days; none on the clock.
        days: Option<u32>,
        /// Why.
        reason: Why,
    },
    /// The time of day comes from the office hours.
    OfficeHour {
        /// The day.
        date: NaiveDate,
        /// The hour.
        time: NaiveTime,
        /// The office opens then; else it closes.
        opening: bool,
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
    due_without(trigger, counting, calendar, &[])
}

/// Computes a deadline, leaving out time that does not count. What is left out once is not left out twice, and time that
/// ceases to count after the period has run changes nothing.
///
/// # Errors
/// As [`due`].
pub fn due_without(
    trigger: DateTime<Utc>,
    counting: &Counting,
    calendar: &Calendar,
    excluded: &[Excluded],
) -> Result<Computed, CalendarError> {
    counting.check()?;
    let mut excluded = excluded.to_vec();
    excluded.sort_by_key(|span| (span.from, span.until));
    let computed = match counting.period.clock() {
        Some(length) => on_the_clock(trigger, counting.period, length, calendar, &excluded)?,
        None => due_in_days(trigger, counting, calendar, &excluded)?,
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

/// Computes a deadline that runs on the clock.
fn on_the_clock(
    trigger: DateTime<Utc>,
    period: Period,
    length: chrono::TimeDelta,
    calendar: &Calendar,
    excluded: &[Excluded],
) -> Result<Computed, CalendarError> {
    let beyond = || out_of_range(period, &trigger.naive_utc());
    let mut due_at = trigger.checked_add_signed(length).ok_or_else(beyond)?;
    let (mut seen, mut left_out) = (trigger, Vec::new());
    for span in excluded {
        let from = span.from.max(seen);
        if from >= due_at || span.until <= from {
            continue;
        }
        due_at = due_at.checked_add_signed(span.until - from).ok_or_else(beyond)?;
        seen = span.until;
        left_out.push(Explained::Excluded {
            from: calendar.local_date(from),
            until: calendar.local_date(span.until),
            days: None,
            reason: span.why.clone(),
        });
    }
    left_out.push(Explained::ClockHours {
        from: trigger,
        to: due_at,
    });
    Ok(Computed {
        trigger,
        due_at,
        last_day: None,
        internal_last_day: None,
        period: Some(period),
        steps: left_out,
    })
}

/// A fixed moment, such as a hearing, in the form of a deadline.
pub fn at(moment: DateTime<Utc>) -> Computed {
    Computed {
        trigger: moment,
        due_at: moment,
        last_day: None,
        internal_last_day: None,
        period: None,
        steps: Vec::new(),
    }
}

/// A date that a person set: the day, its time of day if it has one, and the internal day before it.
pub fn by_hand(
    trigger: DateTime<Utc>,
    day: NaiveDate,
    time: Option<NaiveTime>,
    margin: Option<u32>,
    calendar: &Calendar,
) -> Computed {
    let mut steps = Vec::new();
    let trigger_day = calendar.local_date(trigger).min(day);
    let internal_last_day = margin.map(|margin| internal_day(trigger_day, day, margin, calendar, &mut steps));
    let due_at = match (time, day.succ_opt()) {
        (Some(time), _) => calendar.at_local(day, time),
        (None, Some(next)) => calendar.at_local(next, NaiveTime::MIN),
        (None, None) => calendar.at_local(day, NaiveTime::MIN),
    };
    Computed {
        trigger,
        due_at,
        last_day: Some(day),
        internal_last_day,
        period: None,
        steps,
    }
}

/// Computes a deadline counted on the calendar.
fn due_in_days(
    trigger: DateTime<Utc>,
    counting: &Counting,
    calendar: &Calendar,
    excluded: &[Excluded],
) -> Result<Computed, CalendarError> {
    let period = counting.period;
    let trigger_day = calendar.local_date(trigger);
    let next_opening = counting.due_time == Some(DueTime::Opening) && period == Period::WorkingDays(0);
    let opens_today = next_opening
        && calendar.is_open(trigger_day)
        && trigger < calendar.at_local(trigger_day, hour(calendar, trigger_day, true).unwrap_or_default());
    let mut steps = vec![Explained::TriggerDay {
        date: trigger_day,
        excluded: !opens_today,
    }];

    let counted = if let Period::WorkingDays(days) = period {
        let days = if next_opening {
            u32::from(!opens_today)
        } else {
            days
        };
        calendar.count_open(trigger_day, days, Direction::Later, |date, reason| {
            skip(&mut steps, date, reason);
        })?
    } else {
        period
            .after(trigger_day)
            .ok_or_else(|| out_of_range(period, &trigger_day))?
    };
    steps.push(Explained::Counted { period, to: counted });
    let counted = leave_out(counted, trigger_day, period, calendar, excluded, &mut steps)?;

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

    let time = match counting.due_time {
        None => None,
        Some(DueTime::At(time)) => Some(time),
        Some(DueTime::Opening) => office_hour(calendar, last_day, true, &mut steps).or(Some(NaiveTime::MIN)),
        Some(DueTime::Closing) => office_hour(calendar, last_day, false, &mut steps),
    };
    let due_at = if let Some(time) = time {
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
        period: Some(period),
        steps,
    })
}

/// Lengthens the count by the days that do not count.
fn leave_out(
    counted: NaiveDate,
    trigger_day: NaiveDate,
    period: Period,
    calendar: &Calendar,
    excluded: &[Excluded],
    steps: &mut Vec<Explained>,
) -> Result<NaiveDate, CalendarError> {
    let beyond = || out_of_range(period, &trigger_day);
    let working = matches!(period, Period::WorkingDays(_));
    let (mut counted, mut free) = (counted, trigger_day.succ_opt().ok_or_else(beyond)?);
    for span in excluded {
        let from = calendar.local_date(span.from).max(free);
        let until = calendar.local_date(span.until);
        if from > counted || until <= from {
            continue;
        }
        let days = from.iter_days().take_while(|day| *day < until);
        let days = days.filter(|day| !working || calendar.is_open(*day)).count();
        let days = u32::try_from(days).map_err(|_| beyond())?;
        steps.push(Explained::Excluded {
            from,
            until,
            days: Some(days),
            reason: span.why.clone(),
        });
        counted = if working {
            calendar.count_open(counted, days, Direction::Later, |date, reason| {
                skip(steps, date, reason);
            })?
        } else {
            counted
                .checked_add_days(chrono::Days::new(u64::from(days)))
                .ok_or_else(beyond)?
        };
        steps.push(Explained::Counted { period, to: counted });
        free = until;
    }
    Ok(counted)
}

/// When the office opens or closes on a day, if the calendar says so.
fn hour(calendar: &Calendar, day: NaiveDate, opening: bool) -> Option<NaiveTime> {
    calendar
        .hours_on(day)
        .map(|(opens, closes)| if opening { opens } else { closes })
}

/// The same with its explanation.
fn office_hour(
    calendar: &Calendar,
    date: NaiveDate,
    opening: bool,
    steps: &mut Vec<Explained>,
) -> Option<NaiveTime> {
    let time = hour(calendar, date, opening)?;
    steps.push(Explained::OfficeHour { date, time, opening });
    Some(time)
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
