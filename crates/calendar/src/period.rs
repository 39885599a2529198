//! One length of time in exactly one unit, and its text form.
//!
//! It knows how to read, write and bound a period, and which units run on the clock. It knows no
//! calendar, so it cannot say how long a working day is.

use std::fmt;
use std::str::FromStr;

use chrono::{Days, Months, NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};

use crate::CalendarError;

/// The longest period accepted, in years.
const MAX_YEARS: u32 = 200;
/// [`MAX_YEARS`] in days, leap days included.
pub(crate) const MAX_DAYS: u32 = 73_050;
/// [`MAX_YEARS`] in milliseconds.
const MAX_MILLIS: i64 = MAX_DAYS as i64 * 86_400_000;

/// A length of time in exactly one unit.
///
/// Hours and smaller units run on the clock, through nights and holidays. Days and larger units are
/// counted on the calendar, where a month is a calendar month (General Clauses Act 1897, s. 3). The text
/// form is `30 days`, `24 hours`, `7 working days` and so on; ISO 8601 is read too, with one unit (`P30D`, `PT24H`,
/// `PT0.5S`) or several that all run on the clock (`PT1H30M`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Period {
    /// Milliseconds on the clock; also holds seconds and minutes.
    Millis(i64),
    /// Hours on the clock.
    Hours(u32),
    /// Calendar days.
    Days(u32),
    /// Calendar months; a day the month does not have becomes its last day.
    Months(u32),
    /// Calendar years; 29 February becomes 28 February in a common year.
    Years(u32),
    /// Days on which the court is open. `court days` is a synonym.
    WorkingDays(u32),
    /// Weeks of seven calendar days.
    Weeks(u32),
}

impl Period {
    /// Whether the period runs on the clock, through nights and holidays, rather than on the calendar.
    pub fn is_clock(self) -> bool {
        matches!(self, Self::Millis(_) | Self::Hours(_))
    }

    /// The exact duration of a period that runs on the clock, if it is one and within the bounds.
    pub fn clock(self) -> Option<TimeDelta> {
        match self {
            Self::Millis(millis) if millis >= 0 => TimeDelta::try_milliseconds(millis),
            Self::Hours(hours) => TimeDelta::try_hours(i64::from(hours)),
            _ => None,
        }
    }

    /// The period itself, if it is not negative and not longer than 200 years.
    ///
    /// # Errors
    /// [`CalendarError::PeriodBounds`] otherwise.
    pub fn checked(self) -> Result<Self, CalendarError> {
        let within = match self {
            Self::Millis(n) => (0..=MAX_MILLIS).contains(&n),
            Self::Hours(n) => n <= MAX_DAYS * 24,
            Self::Days(n) | Self::WorkingDays(n) => n <= MAX_DAYS,
            Self::Weeks(n) => n <= MAX_DAYS / 7,
            Self::Months(n) => n <= MAX_YEARS * 12,
            Self::Years(n) => n <= MAX_YEARS,
        };
        if within {
            Ok(self)
        } else {
            Err(CalendarError::PeriodBounds {
                text: self.to_string(),
            })
        }
    }

    /// The date this many calendar days, weeks, months or years later; `None` for other units and on overflow.
    pub(crate) fn after(self, date: NaiveDate) -> Option<NaiveDate> {
        match self.calendar()? {
            CalendarSpan::Days(days) => date.checked_add_days(days),
            CalendarSpan::Months(months) => date.checked_add_months(months),
        }
    }

    /// The date this many calendar days, weeks, months or years earlier; `None` for other units and on overflow.
    pub(crate) fn before(self, date: NaiveDate) -> Option<NaiveDate> {
        match self.calendar()? {
            CalendarSpan::Days(days) => date.checked_sub_days(days),
            CalendarSpan::Months(months) => date.checked_sub_months(months),
        }
    }

    fn calendar(self) -> Option<CalendarSpan> {
        Some(match self {
            Self::Days(n) => CalendarSpan::Days(Days::new(u64::from(n))),
            Self::Weeks(n) => CalendarSpan::Days(Days::new(u64::from(n) * 7)),
            Self::Months(n) => CalendarSpan::Months(Months::new(n)),
            Self::Years(n) => CalendarSpan::Months(Months::new(n.checked_mul(12)?)),
            Self::Millis(_) | Self::Hours(_) | Self::WorkingDays(_) => return None,
        })
    }
}

/// A calendar period in the two measures chrono counts in.
enum CalendarSpan {
    Days(Days),
    Months(Months),
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (number, unit) = match *self {
            Self::Millis(n) if n % 60_000 == 0 => (n / 60_000, "minute"),
            Self::Millis(n) if n % 1000 == 0 => (n / 1000, "second"),
            Self::Millis(n) => (n, "millisecond"),
            Self::Hours(n) => (i64::from(n), "hour"),
            Self::Days(n) => (i64::from(n), "day"),
            Self::Months(n) => (i64::from(n), "month"),
            Self::Years(n) => (i64::from(n), "year"),
            Self::WorkingDays(n) => (i64::from(n), "working day"),
            Self::Weeks(n) => (i64::from(n), "week"),
        };
        let plural = if number == 1 { "" } else { "s" };
        write!(f, "{number} {unit}{plural}")
    }
}

impl FromStr for Period {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let lower = text.trim().to_ascii_lowercase();
        let parsed = match lower.strip_prefix('p') {
            Some(iso) => parse_iso(iso, text)?,
            None => parse_words(&lower, text)?,
        };
        parsed.checked().map_err(|_| CalendarError::PeriodBounds {
            text: text.to_owned(),
        })
    }
}

impl TryFrom<String> for Period {
    type Error = CalendarError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

/// Reads `30 days` and the like. `lower` is the trimmed lower-case text, `text` the original for the error.
fn parse_words(lower: &str, text: &str) -> Result<Period, CalendarError> {
    let words: Vec<&str> = lower.split_whitespace().collect();
    let Some((number, unit)) = words.split_first() else {
        return Err(unreadable(text));
    };
    match *unit {
        ["millisecond" | "milliseconds"] => Ok(Period::Millis(millis(number, 1, text)?)),
        ["second" | "seconds"] => Ok(Period::Millis(millis(number, 1000, text)?)),
        ["minute" | "minutes"] => Ok(Period::Millis(millis(number, 60_000, text)?)),
        ["hour" | "hours"] => Ok(Period::Hours(whole(number, text)?)),
        ["day" | "days"] => Ok(Period::Days(whole(number, text)?)),
        ["week" | "weeks"] => Ok(Period::Weeks(whole(number, text)?)),
        ["month" | "months"] => Ok(Period::Months(whole(number, text)?)),
        ["year" | "years"] => Ok(Period::Years(whole(number, text)?)),
        ["working" | "court", "day" | "days"] => Ok(Period::WorkingDays(whole(number, text)?)),
        _ if words
            .iter()
            .filter(|word| word.starts_with(|c: char| c.is_ascii_digit()))
            .count()
            > 1 =>
        {
            Err(CalendarError::PeriodCompound {
                text: text.to_owned(),
            })
        }
        _ => Err(unreadable(text)),
    }
}

/// Reads the part of an ISO 8601 duration after its `P`. `iso` is lower-case.
fn parse_iso(iso: &str, text: &str) -> Result<Period, CalendarError> {
    let (date, clock) = match iso.split_once('t') {
        Some((date, clock)) => (date, Some(clock)),
        None => (iso, None),
    };
    let letters = |part: &str| {
        part.chars()
            .filter(|c| c.is_ascii_alphabetic() && *c != 't')
            .count()
    };
    if date.is_empty() && clock.is_some_and(|clock| letters(clock) > 1) {
        return iso_clock(clock.unwrap_or_default(), text);
    }
    if letters(date) + clock.map_or(0, letters) > 1 {
        return Err(CalendarError::PeriodCompound {
            text: text.to_owned(),
        });
    }
    if let Some(clock) = clock {
        if !date.is_empty() {
            return Err(unreadable(text));
        }
        return match split_unit(clock) {
            Some((number, 'h')) => Ok(Period::Hours(whole(number, text)?)),
            Some((number, 'm')) => Ok(Period::Millis(millis(number, 60_000, text)?)),
            Some((number, 's')) => Ok(Period::Millis(iso_seconds(number, text)?)),
            _ => Err(unreadable(text)),
        };
    }
    match split_unit(date) {
        Some((number, 'd')) => Ok(Period::Days(whole(number, text)?)),
        Some((number, 'w')) => Ok(Period::Weeks(whole(number, text)?)),
        Some((number, 'm')) => Ok(Period::Months(whole(number, text)?)),
        Some((number, 'y')) => Ok(Period::Years(whole(number, text)?)),
        _ => Err(unreadable(text)),
    }
}

/// Several units that all run on the clock (`1h30m`): one length in milliseconds. Each at most once, largest first.
fn iso_clock(clock: &str, text: &str) -> Result<Period, CalendarError> {
    let bounds = || CalendarError::PeriodBounds {
        text: text.to_owned(),
    };
    let (mut rest, mut sum) = (clock, 0_i64);
    for (unit, length) in [('h', 3_600_000), ('m', 60_000), ('s', 1000)] {
        let Some((number, after)) = rest.split_once(unit) else {
            continue;
        };
        let part = if unit == 's' {
            iso_seconds(number, text)?
        } else {
            millis(number, length, text)?
        };
        sum = sum.checked_add(part).ok_or_else(bounds)?;
        rest = after;
    }
    if rest.is_empty() {
        Ok(Period::Millis(sum))
    } else {
        Err(unreadable(text))
    }
}

/// Splits the unit letter from the end.
fn split_unit(part: &str) -> Option<(&str, char)> {
    let unit = part.chars().last()?;
    part.strip_suffix(unit).map(|number| (number, unit))
}

/// Seconds with up to three decimals, as milliseconds.
fn iso_seconds(number: &str, text: &str) -> Result<i64, CalendarError> {
    let Some((whole_part, decimals)) = number.split_once(['.', ',']) else {
        return millis(number, 1000, text);
    };
    if decimals.is_empty() || decimals.len() > 3 || !all_digits(decimals) {
        return Err(unreadable(text));
    }
    let fraction = millis(&format!("{decimals:0<3}"), 1, text)?;
    let seconds = millis(whole_part, 1000, text)?;
    seconds
        .checked_add(fraction)
        .ok_or_else(|| CalendarError::PeriodBounds {
            text: text.to_owned(),
        })
}

/// A whole number of units.
fn whole(number: &str, text: &str) -> Result<u32, CalendarError> {
    if !all_digits(number) {
        return Err(unreadable(text));
    }
    // Digits that do not fit are too large, not unreadable.
    number.parse().map_err(|_| CalendarError::PeriodBounds {
        text: text.to_owned(),
    })
}

/// A whole number of units of `unit` milliseconds.
fn millis(number: &str, unit: i64, text: &str) -> Result<i64, CalendarError> {
    if !all_digits(number) {
        return Err(unreadable(text));
    }
    let count: Option<i64> = number.parse().ok();
    count
        .and_then(|count| count.checked_mul(unit))
        .ok_or_else(|| CalendarError::PeriodBounds {
            text: text.to_owned(),
        })
}

fn all_digits(number: &str) -> bool {
    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn unreadable(text: &str) -> CalendarError {
    CalendarError::PeriodText {
        text: text.to_owned(),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_and_writes_the_text_forms() {
        for (text, period, canonical) in [
            ("24 hours", Period::Hours(24), "24 hours"),
            ("1 hour", Period::Hours(1), "1 hour"),
            ("30 minutes", Period::Millis(1_800_000), "30 minutes"),
            ("90 seconds", Period::Millis(90_000), "90 seconds"),
            ("500 milliseconds", Period::Millis(500), "500 milliseconds"),
            ("30 days", Period::Days(30), "30 days"),
            ("  1   DAY ", Period::Days(1), "1 day"),
            ("0 days", Period::Days(0), "0 days"),
            ("2 weeks", Period::Weeks(2), "2 weeks"),
            ("6 months", Period::Months(6), "6 months"),
            ("1 year", Period::Years(1), "1 year"),
            ("7 working days", Period::WorkingDays(7), "7 working days"),
            ("5 court days", Period::WorkingDays(5), "5 working days"),
            ("1 court day", Period::WorkingDays(1), "1 working day"),
            ("P30D", Period::Days(30), "30 days"),
            ("P2W", Period::Weeks(2), "2 weeks"),
            ("P6M", Period::Months(6), "6 months"),
            ("P1Y", Period::Years(1), "1 year"),
            ("PT24H", Period::Hours(24), "24 hours"),
            ("PT30M", Period::Millis(1_800_000), "30 minutes"),
            ("PT0.5S", Period::Millis(500), "500 milliseconds"),
            ("PT0,25S", Period::Millis(250), "250 milliseconds"),
            ("PT1.005S", Period::Millis(1005), "1005 milliseconds"),
            ("pt2s", Period::Millis(2000), "2 seconds"),
            ("PT1H30M", Period::Millis(5_400_000), "90 minutes"),
            ("PT1M1.5S", Period::Millis(61_500), "61500 milliseconds"),
            ("200 years", Period::Years(200), "200 years"),
        ] {
            assert_eq!(text.parse(), Ok(period), "{text}");
            assert_eq!(period.to_string(), canonical, "{text}");
        }
    }

    #[test]
    fn refuses_with_the_fitting_reason() {
        let text_error = |text: &str| CalendarError::PeriodText {
            text: text.to_owned(),
        };
        for text in [
            "",
            " ",
            "days",
            "30",
            "30days",
            "-3 days",
            "+3 days",
            "1.5 days",
            "three days",
            "3 moons",
            "3 working",
            "3 working hours",
            "٣ days",
            "P",
            "PT",
            "P1",
            "PT1",
            "P1H",
            "PT1D",
            "PT1.5H",
            "P1.5D",
            "PT0.0001S",
            "PT.5S",
            "PT1.S",
            "P-1D",
            "1 day please",
            "PTT1H",
            "P3DT",
            "PT30M1H",
            "PT1H2H",
            "PT1HM",
        ] {
            assert_eq!(text.parse::<Period>(), Err(text_error(text)), "{text:?}");
        }
        for text in ["P1DT2H", "P1Y6M", "1 day 2 hours", "1 hour 30 minutes"] {
            assert_eq!(
                text.parse::<Period>(),
                Err(CalendarError::PeriodCompound {
                    text: text.to_owned()
                }),
                "{text}"
            );
        }
        for text in [
            "201 years",
            "2401 months",
            "73051 days",
            "99999999999999999999 hours",
            "PT99999999999999999999S",
        ] {
            assert_eq!(
                text.parse::<Period>(),
                Err(CalendarError::PeriodBounds {
                    text: text.to_owned()
                }),
                "{text}"
            );
        }
    }

    #[test]
    fn messages_say_the_text_and_the_forms() {
        insta::assert_snapshot!("soon".parse::<Period>().unwrap_err(), @r#"the period "soon" cannot be read: write a whole number and one unit, such as "24 hours", "30 minutes", "30 days", "2 weeks", "6 months", "1 year" or "7 working days", or the ISO 8601 form with one unit, such as P30D, P2W, P6M, P1Y, PT24H, PT30M or PT0.5S"#);
        insta::assert_snapshot!("P1DT2H".parse::<Period>().unwrap_err(), @r#"the period "P1DT2H" mixes several units: days are counted on the calendar and hours on the clock, so a period has exactly one unit; write for example PT26H or "26 hours" instead of P1DT2H"#);
    }

    #[test]
    fn a_period_is_text_in_files() {
        assert_eq!(
            serde_json::to_string(&Period::WorkingDays(7)).unwrap(),
            r#""7 working days""#
        );
        assert_eq!(
            serde_json::from_str::<Period>(r#""PT24H""#).unwrap(),
            Period::Hours(24)
        );
        assert!(
            serde_json::from_str::<Period>(r#""P1DT2H""#)
                .unwrap_err()
                .to_string()
                .contains("mixes several units")
        );
        assert!(Period::Millis(-1).checked().is_err() && Period::Millis(-1).clock().is_none());
    }

    #[test]
    fn month_ends_are_clamped() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        for (period, from, later) in [
            (Period::Months(1), "2026-01-31", "2026-02-28"),
            (Period::Months(1), "2028-01-31", "2028-02-29"),
            (Period::Months(6), "2026-08-31", "2027-02-28"),
            (Period::Years(1), "2028-02-29", "2029-02-28"),
            (Period::Weeks(2), "2026-02-20", "2026-03-06"),
        ] {
            assert_eq!(period.after(day(from)), Some(day(later)), "{period} from {from}");
        }
        assert_eq!(
            Period::Months(1).before(day("2026-03-31")),
            Some(day("2026-02-28"))
        );
        assert_eq!(Period::Days(1).after(NaiveDate::MAX), None);
    }

    pub(crate) fn any_period() -> impl Strategy<Value = Period> {
        prop_oneof![
            (0..=MAX_MILLIS).prop_map(Period::Millis),
            (0..=MAX_DAYS * 24).prop_map(Period::Hours),
            (0..=MAX_DAYS).prop_map(Period::Days),
            (0..=MAX_YEARS * 12).prop_map(Period::Months),
            (0..=MAX_YEARS).prop_map(Period::Years),
            (0..=MAX_DAYS).prop_map(Period::WorkingDays),
            (0..=MAX_DAYS / 7).prop_map(Period::Weeks),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(period in any_period()) {
            prop_assert_eq!(period.to_string().parse(), Ok(period));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "(P|PT|p)?[0-9.,]{0,24} ?(\\PC{0,6}|D|H|S|M|Y|days|working days)") {
            if let Ok(period) = text.parse::<Period>() {
                prop_assert_eq!(period.checked(), Ok(period));
            }
        }
    }
}
