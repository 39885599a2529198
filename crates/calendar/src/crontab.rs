//! Five-field crontab lines on top of the crate `cron`.
//!
//! That crate reads another dialect: it wants seconds, numbers weekdays from 1 = Sunday, and asks that day
//! of month and weekday both match. A line is therefore read here, as crontab(5) reads it, and handed over
//! as plain lists that mean the same in both. What a schedule does when its time comes is not known here.

mod field;

use std::collections::VecDeque;
use std::iter::{Peekable, from_fn};

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;
use cron::Schedule;
use serde::{Deserialize, Serialize};

use crate::CronError;
use crate::zone::{instant_of, local_of, showings};
use field::{DAY_OF_MONTH, HOUR, MINUTE, MONTH, Star, Values, WEEKDAY};

/// The last local year with occurrences, a bound of the crate `cron`.
const LAST_YEAR: i32 = 2100;

/// A five-field crontab line: minute, hour, day of month, month, weekday.
///
/// * Fields take `*`, numbers, names of months and weekdays (`JAN`, `mon`), lists, ranges and steps.
///   Weekdays are 0 to 7, where 0 and 7 are Sunday. Ranges of weekdays and months may wrap (`FRI-MON`).
///   `@hourly`, `@daily` (`@midnight`), `@weekly`, `@monthly` and `@yearly` (`@annually`) are read too.
/// * If both day fields are restricted, the line fires on days that match **either**, as in crontab. A
///   stepped star in one with a restriction in the other is refused, since crons disagree about it.
/// * Times are local. At a clock change the line keeps what crontab(5) of Vixie's cron promises, and the hour
///   field decides:
///   * A line that names some hours means times of day. One that is skipped fires at the first instant after
///     the gap (several in one gap fire once); one that comes twice fires at the first.
///   * A line that names every hour runs by the clock as it goes: it fires whenever the clock shows a matching
///     time, so in both passes of a repeated hour, and never for a time that no clock showed.
/// * Occurrences lie in the years 1970 to 2100.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CronLine {
    text: String,
    /// One schedule, or two for an either-or line.
    schedules: Vec<Schedule>,
    /// It names every hour of the day.
    every_hour: bool,
}

impl CronLine {
    /// Reads a line.
    ///
    /// # Errors
    /// [`CronError`] if the line has not five fields, a part is not understood or could be misread, or no
    /// date ever matches.
    pub fn parse(line: &str) -> Result<Self, CronError> {
        let text = line.trim();
        let long = if text.starts_with('@') {
            expand(text)?
        } else {
            text
        };
        let fields: Vec<&str> = long.split_whitespace().collect();
        let [minute, hour, day_of_month, month, weekday] = fields.as_slice() else {
            return Err(CronError::Fields {
                line: text.to_owned(),
                found: fields.len(),
            });
        };
        let time = [MINUTE.parse(text, minute)?, HOUR.parse(text, hour)?];
        let every_hour = time[1].set == HOUR.all().set;
        let month = MONTH.parse(text, month)?;
        let (days, weekdays) = (
            DAY_OF_MONTH.parse(text, day_of_month)?,
            WEEKDAY.parse(text, weekday)?,
        );

        let schedules = day_choices(text, (day_of_month, days), (weekday, weekdays))?
            .iter()
            .map(|(days, weekdays)| translate(text, &time, days, &month, weekdays))
            .collect::<Result<Vec<_>, _>>()?;
        let parsed = Self {
            text: text.to_owned(),
            schedules,
            every_hour,
        };
        if parsed.local_times_after(beginning()).next().is_none() {
            return Err(CronError::Never { line: parsed.text });
        }
        Ok(parsed)
    }

    /// The line as written, without surrounding space.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The first occurrence later than a moment; `None` if there is none up to the year 2100.
    pub fn next_after(&self, after: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        self.occurrences_after(after, zone).next()
    }

    /// The occurrences later than `after` and not later than `until_inclusive`, oldest first, at most `limit`.
    pub fn occurrences_between(
        &self,
        after: DateTime<Utc>,
        until_inclusive: DateTime<Utc>,
        zone: Tz,
        limit: usize,
    ) -> Vec<DateTime<Utc>> {
        self.occurrences_after(after, zone)
            .take_while(|at| *at <= until_inclusive)
            .take(limit)
            .collect()
    }

    /// All occurrences later than a moment, in order, each once; they end with the year 2100.
    pub fn occurrences_after(&self, after: DateTime<Utc>, zone: Tz) -> impl Iterator<Item = DateTime<Utc>> {
        let local = local_of(after, zone);
        // In the first pass of a repeated hour, the second pass begins with local times that lie behind.
        let passed = showings(local, zone).and_then(|(first, second)| Some(second? - first));
        let start = passed
            .filter(|_| self.every_hour)
            .map_or(local, |pass| local - pass);
        let mut firsts = self
            .local_times_after(start)
            .filter_map(move |local| {
                if self.every_hour {
                    showings(local, zone)
                } else {
                    Some((instant_of(local, zone), None))
                }
            })
            .peekable();
        // First showings never run backwards, nor do second ones, so the two are merged.
        let mut seconds = VecDeque::new();
        let mut last = after;
        from_fn(move || {
            loop {
                let first = firsts.peek().map(|(first, _)| *first);
                let at = match (first, seconds.front()) {
                    (Some(first), Some(second)) if first < *second => firsts.next()?,
                    (Some(_), None) => firsts.next()?,
                    (_, Some(_)) => (seconds.pop_front()?, None),
                    (None, None) => return None,
                };
                seconds.extend(at.1);
                // Dropped are those up to `after`, and the further ones of a gap.
                if at.0 > last {
                    last = at.0;
                    return Some(last);
                }
            }
        })
    }

    /// The local times that match, later than a given one, in order, each once.
    fn local_times_after(&self, after: NaiveDateTime) -> impl Iterator<Item = NaiveDateTime> {
        let start = after.max(beginning());
        // The crate `cron` is asked in UTC, where every local time exists once: zones are our own concern.
        let mut streams: Vec<Peekable<_>> = self
            .schedules
            .iter()
            .filter(|_| start.year() <= LAST_YEAR)
            .map(|schedule| schedule.after_owned(start.and_utc()).peekable())
            .collect();
        from_fn(move || {
            let next = streams
                .iter_mut()
                .filter_map(|stream| stream.peek().copied())
                .min()?;
            for stream in &mut streams {
                stream.next_if_eq(&next);
            }
            Some(next.naive_utc())
        })
    }
}

impl std::fmt::Display for CronLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::str::FromStr for CronLine {
    type Err = CronError;

    fn from_str(line: &str) -> Result<Self, Self::Err> {
        Self::parse(line)
    }
}

impl TryFrom<String> for CronLine {
    type Error = CronError;

    fn try_from(line: String) -> Result<Self, Self::Error> {
        Self::parse(&line)
    }
}

impl From<CronLine> for String {
    fn from(line: CronLine) -> Self {
        line.text
    }
}

/// The second before the first year the crate `cron` knows.
fn beginning() -> NaiveDateTime {
    NaiveDate::from_ymd_opt(1969, 12, 31)
        .and_then(|day| day.and_hms_opt(23, 59, 59))
        .unwrap_or_default()
}

/// The five fields of an `@` word.
fn expand(text: &str) -> Result<&'static str, CronError> {
    match text.to_ascii_lowercase().as_str() {
        "@hourly" => Ok("0 * * * *"),
        "@daily" | "@midnight" => Ok("0 0 * * *"),
        "@weekly" => Ok("0 0 * * SUN"),
        "@monthly" => Ok("0 0 1 * *"),
        "@yearly" | "@annually" => Ok("0 0 1 1 *"),
        _ => Err(CronError::Shorthand {
            line: text.to_owned(),
        }),
    }
}

/// The pairs of day of month and weekday of which one must match: two pairs when both are restricted.
fn day_choices(
    line: &str,
    (day_text, days): (&str, Values),
    (weekday_text, weekdays): (&str, Values),
) -> Result<Vec<(Values, Values)>, CronError> {
    let ambiguous = |part: &str, instead| {
        Err(CronError::Ambiguous {
            line: line.to_owned(),
            part: part.to_owned(),
            instead,
        })
    };
    match (days.star, weekdays.star) {
        (Star::Bare, _) | (_, Star::Bare) => Ok(vec![(days, weekdays)]),
        (Star::Stepped, _) => ambiguous(day_text, "1-31/2"),
        (_, Star::Stepped) => ambiguous(weekday_text, "SUN-SAT/2"),
        (Star::Absent, Star::Absent) => Ok(vec![(days, WEEKDAY.all()), (DAY_OF_MONTH.all(), weekdays)]),
    }
}

/// Writes one schedule in the dialect of the crate `cron`: lists only, weekdays by name, second 0.
fn translate(
    line: &str,
    [minute, hour]: &[Values; 2],
    days: &Values,
    month: &Values,
    weekdays: &Values,
) -> Result<Schedule, CronError> {
    let translated = format!(
        "0 {} {} {} {} {}",
        MINUTE.write(minute),
        HOUR.write(hour),
        DAY_OF_MONTH.write(days),
        MONTH.write(month),
        WEEKDAY.write(weekdays)
    );
    Schedule::try_from(translated.as_str()).map_err(|error| CronError::Engine {
        line: line.to_owned(),
        translated,
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests;
