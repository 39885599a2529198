//! How far to advance: one period or several in a row, read more freely than a pack's periods, for a script lives on no
//! calendar of its own. Knows texts; what a day is, the calendar says.

use chrono::{DateTime, Utc};
use peshi_calendar::{Calendar, CalendarError, Period};
use peshi_casework::time;

/// Periods that pass one after another.
#[derive(Debug, Clone, PartialEq)]
pub struct Span(Vec<Period>);

impl Span {
    /// Reads `3 days`, `90 minutes`, `1 day 2 hours`, `P1DT2H`, `PT1.5S`, `10 ms`, `0.25s`.
    ///
    /// # Errors
    /// The error of the plain period, which lists the forms.
    pub fn parse(text: &str) -> Result<Self, CalendarError> {
        let plain = match text.parse::<Period>() {
            Ok(period) => return Ok(Self(vec![period])),
            Err(error) => error,
        };
        let lower = text.trim().to_ascii_lowercase();
        let parts = match lower.strip_prefix('p') {
            Some(iso) => iso_parts(iso),
            None => word_parts(&lower),
        };
        let read = |parts: Vec<(String, String)>| {
            let periods: Option<Vec<Period>> = parts.iter().map(|(n, unit)| period(n, unit)).collect();
            periods.filter(|p| !p.is_empty()).map(Self)
        };
        parts.and_then(read).ok_or(plain)
    }

    /// The instant this far after `at`; none when it leaves the years that can be reckoned.
    ///
    /// # Errors
    /// When the calendar's reckoning fails.
    pub fn after(&self, at: DateTime<Utc>, calendar: &Calendar) -> Result<DateTime<Utc>, CalendarError> {
        self.0
            .iter()
            .try_fold(at, |at, period| time::elapse(at, *period, calendar))
    }
}

impl From<Period> for Span {
    fn from(period: Period) -> Self {
        Self(vec![period])
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts: Vec<String> = self.0.iter().map(Period::to_string).collect();
        f.write_str(&parts.join(" "))
    }
}

/// `1dt2h30m` as numbers with spelt-out units.
fn iso_parts(iso: &str) -> Option<Vec<(String, String)>> {
    let (date, clock) = iso.split_once('t').unwrap_or((iso, ""));
    let mut parts = Vec::new();
    for (part, months) in [(date, true), (clock, false)] {
        for (number, unit) in numbers_with_units(part)? {
            let unit = match (unit.as_str(), months) {
                ("y", true) => "years",
                ("m", true) => "months",
                ("w", true) => "weeks",
                ("d", true) => "days",
                ("h", false) => "hours",
                ("m", false) => "minutes",
                ("s", false) => "seconds",
                _ => return None,
            };
            parts.push((number, unit.to_owned()));
        }
    }
    Some(parts)
}

/// `1 day 2 hours`, `250ms` as numbers with their units.
fn word_parts(text: &str) -> Option<Vec<(String, String)>> {
    let parts = numbers_with_units(&text.replace(" and ", " ").replace(", ", " "))?;
    let spelt = |unit: &str| {
        Some(match unit {
            "ms" | "msec" | "millisecond" | "milliseconds" => "milliseconds",
            "s" | "sec" | "secs" | "second" | "seconds" => "seconds",
            "min" | "mins" | "minute" | "minutes" => "minutes",
            "h" | "hr" | "hrs" | "hour" | "hours" => "hours",
            "d" | "day" | "days" => "days",
            "w" | "week" | "weeks" => "weeks",
            "month" | "months" => "months",
            "y" | "year" | "years" => "years",
            "working day" | "working days" | "court day" | "court days" => "working days",
            _ => return None,
        })
    };
    parts
        .into_iter()
        .map(|(number, unit)| Some((number, spelt(&unit)?.to_owned())))
        .collect()
}

/// `1 day 2 hours` → (1, day), (2, hours).
fn numbers_with_units(text: &str) -> Option<Vec<(String, String)>> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',')?;
        let (number, after) = rest.split_at(number_end);
        let unit_end = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        if number.is_empty() || unit.trim().is_empty() {
            return None;
        }
        parts.push((number.to_owned(), unit.trim().to_owned()));
        rest = after;
    }
    Some(parts)
}

/// One part. Fractions only of what runs on the clock: half a month is no length of time.
fn period(number: &str, unit: &str) -> Option<Period> {
    if let Ok(period) = format!("{number} {unit}").parse() {
        return Some(period);
    }
    let length: i64 = match unit {
        "milliseconds" => 1,
        "seconds" => 1000,
        "minutes" => 60_000,
        "hours" => 3_600_000,
        _ => return None,
    };
    let (whole, decimals) = number.split_once(['.', ','])?;
    if decimals.is_empty() || decimals.len() > 9 || whole.is_empty() {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let fraction: i64 = decimals.parse().ok()?;
    let scale = 10_i64.pow(u32::try_from(decimals.len()).ok()?);
    let scaled = i128::from(fraction) * i128::from(length);
    if scaled % i128::from(scale) != 0 {
        return None;
    }
    let fraction = i64::try_from(scaled / i128::from(scale)).ok()?;
    let millis = whole.checked_mul(length)?.checked_add(fraction)?;
    Period::Millis(millis).checked().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_freely() {
        for (text, means) in [
            ("3 days", "3 days"),
            ("90 minutes", "90 minutes"),
            ("PT1.5S", "1500 milliseconds"),
            ("P1DT2H", "1 day 2 hours"),
            ("P1Y6M", "1 year 6 months"),
            ("PT1H30M", "90 minutes"),
            ("0.25s", "250 milliseconds"),
            ("PT0.25S", "250 milliseconds"),
            ("1.5 hours", "90 minutes"),
            ("PT1.5H", "90 minutes"),
            ("10 ms", "10 milliseconds"),
            ("250ms", "250 milliseconds"),
            ("1 day 2 hours", "1 day 2 hours"),
            ("1 day, 2 hours and 5 min", "1 day 2 hours 5 minutes"),
            ("3d", "3 days"),
            ("7 working days", "7 working days"),
            ("0 seconds", "0 minutes"),
        ] {
            assert_eq!(
                Span::parse(text).map(|s| s.to_string()).as_deref(),
                Ok(means),
                "{text}"
            );
        }
        for text in [
            "", "soon", "3", "1.5 days", "P", "3 moons", "0.0001s", "-1 day", "5 m",
        ] {
            let read = Span::parse(text);
            assert!(read.is_err(), "{text}: {read:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[Pp]?([0-9.,]{0,5} ?(\\PC{0,4}|D|T|H|M|S|ms|days?|hours?|working days) ?){0,4}") {
            if let Ok(span) = Span::parse(&text) {
                let again = Span::parse(&span.to_string());
                proptest::prop_assert_eq!(again, Ok(span));
            }
        }
    }

    #[test]
    fn days_keep_their_local_hour_and_months_their_day() {
        let calendar = crate::everyday_calendar();
        let from: DateTime<Utc> = "2026-01-31T10:00:00Z".parse().unwrap();
        let later = Span::parse("P1MT2H").unwrap().after(from, &calendar).unwrap();
        assert_eq!(later.to_rfc3339(), "2026-02-28T12:00:00+00:00");
    }
}
