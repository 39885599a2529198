//! The errors of this crate: what happened, where, and what to do.
//!
//! This file holds wording only; it knows no rule of reckoning.

use chrono::{NaiveDate, NaiveTime};

/// Why a period, a calendar, a deadline or a reminder rung could not be read or reckoned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CalendarError {
    /// The text of a period is not in an accepted form.
    #[error(
        "the period {text:?} cannot be read: write a whole number and one unit, such as \"24 hours\", \"30 minutes\", \
         \"30 days\", \"2 weeks\", \"6 months\", \"1 year\" or \"7 working days\", or the ISO 8601 form with one unit, \
         such as P30D, P2W, P6M, P1Y, PT24H, PT30M or PT0.5S"
    )]
    PeriodText {
        /// The text as given.
        text: String,
    },
    /// The text of a period mixes units.
    #[error(
        "the period {text:?} mixes several units: days are counted on the calendar and hours on the clock, so a period \
         has exactly one unit; write for example PT26H or \"26 hours\" instead of P1DT2H"
    )]
    PeriodCompound {
        /// The text as given.
        text: String,
    },
    /// A period is negative or longer than 200 years.
    #[error("the period {text:?} is outside 0 to 200 years: check the number and the unit")]
    PeriodBounds {
        /// The text as given, or the period written out.
        text: String,
    },
    /// The text of a reminder rung is not in an accepted form.
    #[error(
        "the reminder rung {text:?} cannot be read: write \"7 days before\", \"1 working day before at 09:00\", \
         \"same day at 07:00\", \"24 hours before\", \"1 day after at 18:00\" or \"internal day at 09:00\" (times are 00:00 to 23:59)"
    )]
    RungText {
        /// The text as given.
        text: String,
    },
    /// A rung counted in hours or minutes also names a time of day.
    #[error(
        "the reminder rung {text:?} counts {period} on the clock and also names a time of day: drop the \"at\" part, \
         or count in days"
    )]
    RungTime {
        /// The rung written out.
        text: String,
        /// Its period.
        period: String,
    },
    /// A counting rule on the clock also asks for something only a last day can have.
    #[error(
        "a period of {period} runs on the clock and has no last day, so {what} cannot apply: remove it, or count in \
         days"
    )]
    NeedsLastDay {
        /// The period written out.
        period: String,
        /// What was asked for.
        what: &'static str,
    },
    /// A time of day on the last day is not in an accepted form.
    #[error("{text:?} is not a time of day: write \"18:00\", opening or closing")]
    DueTimeText {
        /// The text as given.
        text: String,
    },
    /// A calendar names no weekday on which the court is open.
    #[error(
        "the calendar {calendar:?} has no open weekday: list at least one under open_weekdays, such as mon"
    )]
    NoOpenWeekday {
        /// Name of the calendar.
        calendar: String,
    },
    /// No open day lies within the bounded search.
    #[error(
        "the calendar {calendar:?} has no open day within {days} days of {from}: check its open weekdays and closed \
         days"
    )]
    NoOpenDay {
        /// Name of the calendar.
        calendar: String,
        /// Where the search began.
        from: NaiveDate,
        /// How many days were searched.
        days: u32,
    },
    /// A vacation ends before it begins.
    #[error(
        "in the calendar {calendar:?} the vacation {name:?} runs from {from} back to {until}: swap the dates"
    )]
    VacationBackwards {
        /// Name of the calendar.
        calendar: String,
        /// Name of the vacation.
        name: String,
        /// First day as given.
        from: NaiveDate,
        /// Last day as given.
        until: NaiveDate,
    },
    /// Office hours end before they begin.
    #[error(
        "in the calendar {calendar:?} the hours {hours:?} that open at {opens} end before they begin: swap the times or \
         the dates"
    )]
    HoursBackwards {
        /// Name of the calendar.
        calendar: String,
        /// Their name.
        hours: String,
        /// When they open.
        opens: NaiveTime,
    },
    /// A date left the years this crate reckons with.
    #[error("counting {period} from {from} leaves the years 1 to 9999: check the date and the period")]
    OutOfRange {
        /// The period written out.
        period: String,
        /// The date or moment the count began from.
        from: String,
    },
}

/// Why a crontab line is refused. A line is refused rather than read in a sense its writer may not mean.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CronError {
    /// The line has not five fields.
    #[error(
        "the schedule {line:?} has {found} fields: a schedule has five (minute, hour, day of month, month, day of \
         week), without seconds and without a year, such as \"0 7 * * MON-SAT\""
    )]
    Fields {
        /// The line as given.
        line: String,
        /// Number of fields found.
        found: usize,
    },
    /// An unknown `@` word.
    #[error(
        "the schedule {line:?} is not known: use @hourly, @daily (or @midnight), @weekly, @monthly or \
         @yearly (or @annually), or five fields"
    )]
    Shorthand {
        /// The line as given.
        line: String,
    },
    /// One part of a field is not understood.
    #[error("the schedule {line:?} is wrong in its {field} field at {part:?}: {advice}")]
    Part {
        /// The line as given.
        line: String,
        /// Which field.
        field: &'static str,
        /// The part of it that is wrong.
        part: String,
        /// What to write instead.
        advice: String,
    },
    /// A stepped star in one day field together with a restriction in the other, which crons read differently.
    #[error(
        "the schedule {line:?} has a stepped star in one day field ({part:?}) and a restriction in the other; crons \
         disagree about its meaning: write the stepped field as a range such as {instead:?} (then either field may \
         match), or leave one of them as *"
    )]
    Ambiguous {
        /// The line as given.
        line: String,
        /// The field with the stepped star.
        part: String,
        /// The same days as a range.
        instead: &'static str,
    },
    /// The line names a date that no year has.
    #[error("the schedule {line:?} never comes: no year has such a date; check day of month and month")]
    Never {
        /// The line as given.
        line: String,
    },
    /// The schedule engine refused the translated line; a fault of this crate worth reporting.
    #[error(
        "the schedule {line:?} was translated to {translated:?}, which was refused ({reason}): write it more simply"
    )]
    Engine {
        /// The line as given.
        line: String,
        /// The translation.
        translated: String,
        /// What the engine said.
        reason: String,
    },
}
