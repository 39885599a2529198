//! One rung of a reminder ladder: how long before or after a date a reminder fires.
//!
//! It knows the text form and the moment of firing. Whether a rung is late, already sent or no longer
//! useful is not known here.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveTime, Timelike, Utc};
use serde::{Deserialize, Serialize};

use crate::calendar::Direction;
use crate::{Calendar, CalendarError, Computed, Period};

/// Where a rung stands relative to the date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Offset {
    /// This long before.
    Before(Period),
    /// On the day itself.
    SameDay,
    /// This long after.
    After(Period),
    /// On the internal day of a date that has one; on the last day of one that has none.
    InternalDay,
}

/// One rung of a reminder ladder: `7 days before`, `1 working day before at 09:00`, `same day at 07:00`,
/// `24 hours before`, `1 day after at 18:00`, `internal day at 09:00`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rung {
    /// Where it stands.
    pub offset: Offset,
    /// Local time of day for a rung counted in days; `None` leaves the time to the ladder's default.
    pub at: Option<NaiveTime>,
}

impl Rung {
    /// The moment the rung fires.
    ///
    /// A rung counted in hours or less fires exactly that long from the moment of the date. A rung counted in days, weeks,
    /// months or years is counted from its day (see [`Computed::day`]), which for a limitation is the legal last day, and
    /// fires at its own local time, or else at `default_time`; it
    /// does not move when that day is closed. Working days are counted by the calendar's open days.
    ///
    /// # Errors
    /// [`CalendarError::RungTime`] if a clock rung names a time of day, [`CalendarError::PeriodBounds`] for
    /// a period out of bounds, [`CalendarError::NoOpenDay`] or [`CalendarError::OutOfRange`] if no such day
    /// is found.
    pub fn fires_at(
        &self,
        computed: &Computed,
        calendar: &Calendar,
        default_time: NaiveTime,
    ) -> Result<DateTime<Utc>, CalendarError> {
        let (due, day) = (computed.due_at, computed.day(calendar));
        let (period, direction) = match self.offset {
            Offset::SameDay => (Period::Days(0), Direction::Earlier),
            Offset::InternalDay => {
                let day = computed.internal_last_day.unwrap_or(day);
                return Ok(calendar.at_local(day, self.at.unwrap_or(default_time)));
            }
            Offset::Before(period) => (period.checked()?, Direction::Earlier),
            Offset::After(period) => (period.checked()?, Direction::Later),
        };
        self.check_time(period)?;
        let out_of_range = || CalendarError::OutOfRange {
            period: self.to_string(),
            from: day.to_string(),
        };
        let fires = if let Some(length) = period.clock() {
            match direction {
                Direction::Earlier => due.checked_sub_signed(length),
                Direction::Later => due.checked_add_signed(length),
            }
            .ok_or_else(out_of_range)?
        } else {
            let date = match (period, direction) {
                (Period::WorkingDays(days), _) => calendar.count_open(day, days, direction, |_, _| ())?,
                (_, Direction::Earlier) => period.before(day).ok_or_else(out_of_range)?,
                (_, Direction::Later) => period.after(day).ok_or_else(out_of_range)?,
            };
            calendar.at_local(date, self.at.unwrap_or(default_time))
        };
        if (1..=9999).contains(&fires.year()) {
            Ok(fires)
        } else {
            Err(out_of_range())
        }
    }

    /// Refuses a time of day on a rung that runs on the clock.
    fn check_time(&self, period: Period) -> Result<(), CalendarError> {
        if period.is_clock() && self.at.is_some() {
            return Err(CalendarError::RungTime {
                text: self.to_string(),
                period: period.to_string(),
            });
        }
        Ok(())
    }
}

impl fmt::Display for Rung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.offset {
            Offset::Before(period) => write!(f, "{period} before")?,
            Offset::SameDay => f.write_str("same day")?,
            Offset::InternalDay => f.write_str("internal day")?,
            Offset::After(period) => write!(f, "{period} after")?,
        }
        match self.at {
            None => Ok(()),
            Some(time) if time.second() == 0 => write!(f, " at {}", time.format("%H:%M")),
            Some(time) => write!(f, " at {}", time.format("%H:%M:%S")),
        }
    }
}

impl FromStr for Rung {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unreadable = || CalendarError::RungText {
            text: text.to_owned(),
        };
        let lower = text.to_ascii_lowercase();
        let words: Vec<&str> = lower.split_whitespace().collect();
        let (head, at) = match words.as_slice() {
            [head @ .., "at", time] => (head, Some(time_of_day(time).ok_or_else(unreadable)?)),
            head => (head, None),
        };
        let offset = match head {
            ["same", "day"] => Offset::SameDay,
            ["internal", "day"] => Offset::InternalDay,
            [period @ .., "before"] if !period.is_empty() => Offset::Before(period.join(" ").parse()?),
            [period @ .., "after"] if !period.is_empty() => Offset::After(period.join(" ").parse()?),
            _ => return Err(unreadable()),
        };
        let rung = Self { offset, at };
        match offset {
            Offset::Before(period) | Offset::After(period) => rung.check_time(period)?,
            Offset::SameDay | Offset::InternalDay => {}
        }
        Ok(rung)
    }
}

impl TryFrom<String> for Rung {
    type Error = CalendarError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Rung> for String {
    fn from(rung: Rung) -> Self {
        rung.to_string()
    }
}

/// Reads `07:30` or `07:30:15`; no leap second, no fraction.
fn time_of_day(text: &str) -> Option<NaiveTime> {
    let mut parts = text.split(':').map(|part| match part.len() {
        1 | 2 if part.bytes().all(|byte| byte.is_ascii_digit()) => part.parse::<u32>().ok(),
        _ => None,
    });
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = match parts.next() {
        Some(second) => second?,
        None => 0,
    };
    if parts.next().is_some() {
        return None;
    }
    NaiveTime::from_hms_opt(hour, minute, second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ClosedDay, DayStatus, at};
    use chrono::Weekday;
    use chrono_tz::Asia;
    use proptest::prelude::*;

    fn court() -> Calendar {
        use Weekday::{Fri, Mon, Sat, Thu, Tue, Wed};
        Calendar {
            name: "Sample court".to_owned(),
            zone: Asia::Karachi,
            open_weekdays: vec![Mon, Tue, Wed, Thu, Fri, Sat],
            closed: vec![ClosedDay {
                date: "2026-03-23".parse().unwrap(),
                name: "Pakistan Day".to_owned(),
                status: DayStatus::Confirmed,
                only: crate::Only::default(),
            }],
            vacations: vec![],
            hours: Vec::new(),
            courts: std::collections::BTreeMap::new(),
        }
    }

    #[test]
    fn rungs_of_a_hearing() {
        // Tuesday 24 March 2026, 09:30 in Pakistan.
        let hearing = at("2026-03-24T04:30:00Z".parse().unwrap());
        let default_time = NaiveTime::from_hms_opt(8, 0, 0).unwrap();
        for (text, fires) in [
            ("7 days before", "2026-03-17T03:00:00Z"),
            ("7 days before at 09:00", "2026-03-17T04:00:00Z"),
            ("1 week before at 09:00", "2026-03-17T04:00:00Z"),
            ("1 month before", "2026-02-24T03:00:00Z"),
            // Monday is a holiday and Sunday is closed, so the working day before is Saturday.
            ("1 working day before", "2026-03-21T03:00:00Z"),
            ("2 court days before at 16:30", "2026-03-20T11:30:00Z"),
            ("1 day before", "2026-03-23T03:00:00Z"),
            ("same day at 07:00", "2026-03-24T02:00:00Z"),
            ("same day", "2026-03-24T03:00:00Z"),
            ("2 hours before", "2026-03-24T02:30:00Z"),
            ("30 minutes before", "2026-03-24T04:00:00Z"),
            ("24 hours after", "2026-03-25T04:30:00Z"),
            ("1 day after at 18:00", "2026-03-25T13:00:00Z"),
            ("5 working days after", "2026-03-30T03:00:00Z"),
        ] {
            let rung: Rung = text.parse().unwrap();
            let fires: DateTime<Utc> = fires.parse().unwrap();
            let result = rung.fires_at(&hearing, &court(), default_time);
            assert_eq!(result, Ok(fires), "{text}");
        }
    }

    #[test]
    fn a_rung_may_fall_on_the_internal_day() {
        let date = Computed {
            last_day: Some("2026-03-24".parse().unwrap()),
            internal_last_day: Some("2026-03-17".parse().unwrap()),
            ..at("2026-03-24T19:00:00Z".parse().unwrap())
        };
        let none = at(date.due_at);
        let rung: Rung = "internal day at 09:00".parse().unwrap();
        for (date, fires) in [(&date, "2026-03-17T04:00:00Z"), (&none, "2026-03-25T04:00:00Z")] {
            let fires: DateTime<Utc> = fires.parse().unwrap();
            assert_eq!(rung.fires_at(date, &court(), NaiveTime::MIN), Ok(fires));
        }
    }

    #[test]
    fn text_forms() {
        for (text, canonical) in [
            ("7 days before", "7 days before"),
            (" 7  Days  BEFORE ", "7 days before"),
            ("P7D before at 9:00", "7 days before at 09:00"),
            ("1 court day before at 09:00", "1 working day before at 09:00"),
            ("same day at 07:00", "same day at 07:00"),
            ("same day at 07:00:30", "same day at 07:00:30"),
            ("24 hours before", "24 hours before"),
            ("Internal day", "internal day"),
            ("internal day at 9:00", "internal day at 09:00"),
            ("1 day after at 18:00", "1 day after at 18:00"),
        ] {
            assert_eq!(text.parse::<Rung>().unwrap().to_string(), canonical);
            let json = serde_json::to_string(&text.parse::<Rung>().unwrap()).unwrap();
            assert_eq!(json, format!("{canonical:?}"));
            assert_eq!(
                serde_json::from_str::<Rung>(&json).unwrap(),
                text.parse().unwrap()
            );
        }
    }

    #[test]
    fn refused_rungs() {
        for text in [
            "",
            "before",
            "after at 09:00",
            "7 days",
            "same day at",
            "same day at 24:00",
            "same day at 9",
            "at 09:00",
            "same day at 09:00:00:00",
            "same day at 23:59:60",
            "same day at +9:00",
            "same day before",
            "noon",
            "7 days before at 09:00 sharp",
            "7 days before at 009:00",
        ] {
            let error = text.parse::<Rung>().unwrap_err();
            assert!(
                matches!(
                    error,
                    CalendarError::RungText { .. } | CalendarError::PeriodText { .. }
                ),
                "{text}: {error}"
            );
        }
        insta::assert_snapshot!("2 hours before at 09:00".parse::<Rung>().unwrap_err(), @r#"the reminder rung "2 hours before at 09:00" counts 2 hours on the clock and also names a time of day: drop the "at" part, or count in days"#);
        insta::assert_snapshot!("the day before".parse::<Rung>().unwrap_err(), @r#"the period "the day" cannot be read: write a whole number and one unit, such as "24 hours", "30 minutes", "30 days", "2 weeks", "6 months", "1 year" or "7 working days", or the ISO 8601 form with one unit, such as P30D, P2W, P6M, P1Y, PT24H, PT30M or PT0.5S"#);
    }

    #[test]
    fn built_by_hand_it_is_still_checked() {
        let due = at("2026-03-24T04:30:00Z".parse().unwrap());
        let clock_with_time = Rung {
            offset: Offset::Before(Period::Hours(2)),
            at: Some(NaiveTime::MIN),
        };
        let negative = Rung {
            offset: Offset::Before(Period::Millis(-5)),
            at: None,
        };
        let too_early = Rung {
            offset: Offset::Before(Period::Years(200)),
            at: None,
        };
        let fires = |rung: &Rung, date: &Computed| rung.fires_at(date, &court(), NaiveTime::MIN);
        assert!(matches!(
            fires(&clock_with_time, &due),
            Err(CalendarError::RungTime { .. })
        ));
        assert!(matches!(
            fires(&negative, &due),
            Err(CalendarError::PeriodBounds { .. })
        ));
        let early_day = at("0100-01-01T00:00:00Z".parse().unwrap());
        assert!(matches!(
            fires(&too_early, &early_day),
            Err(CalendarError::OutOfRange { .. })
        ));
        let never = Rung {
            offset: Offset::Before(Period::WorkingDays(3)),
            at: None,
        };
        let shut = Calendar {
            open_weekdays: vec![],
            ..court()
        };
        assert!(matches!(
            never.fires_at(&due, &shut, NaiveTime::MIN),
            Err(CalendarError::NoOpenDay { .. })
        ));
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            period in crate::period::tests::any_period(),
            place in 0u8..4,
            time in proptest::option::of(0u32..86_400),
        ) {
            let offset = match place {
                0 => Offset::Before(period),
                3 => Offset::InternalDay,
                1 => Offset::SameDay,
                _ => Offset::After(period),
            };
            let on_clock = place != 1 && period.is_clock();
            let at = time
                .filter(|_| !on_clock)
                .map(|seconds| NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0).unwrap());
            let rung = Rung { offset, at };
            prop_assert_eq!(rung.to_string().parse(), Ok(rung));
        }
    }
}
