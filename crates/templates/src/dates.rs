//! Instants and dates in words: local, by zone, in the reader's language, always in Latin digits.
//!
//! Never reads the clock: what "ago" and "in days" compare with is an argument. Names of months and days are texts
//! (`locales/common.*.ftl`), so a language is added without code.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use chrono_tz::Tz;
use fluent_bundle::FluentArgs;

use crate::lang::Lang;
use crate::texts::Texts;

/// The zone in which dates are read when a template names none.
pub(crate) const DEFAULT_ZONE: Tz = chrono_tz::Asia::Karachi;

/// A local date, with the local time where the input had one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Local {
    date: NaiveDate,
    time: Option<NaiveTime>,
}

/// How a moment is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `9 March 2026`.
    Date,
    /// `Thursday 12 March`.
    Day,
    /// `Thu 12 March 2026, 09:00`.
    DateTime,
    /// `09:00`.
    Time,
    /// `09/03/2026`.
    Dmy,
}

impl Local {
    /// Reads an RFC 3339 instant (turned to `zone`) or a bare date `YYYY-MM-DD`.
    pub(crate) fn parse(text: &str, zone: Tz) -> Result<Self, String> {
        if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
            let local: NaiveDateTime = instant.with_timezone(&zone).naive_local();
            return Ok(Local {
                date: local.date(),
                time: Some(local.time()),
            });
        }
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .map(|date| Local { date, time: None })
            .map_err(|_| format!("`{text}` is neither an RFC 3339 instant nor a date YYYY-MM-DD"))
    }

    /// Whole local calendar days from `other` to `self`.
    pub(crate) fn days_since(self, other: Local) -> i64 {
        self.date.signed_duration_since(other.date).num_days()
    }

    /// Writes the moment; a style that needs a time refuses a bare date.
    pub(crate) fn write(self, texts: &dyn Words, style: Style) -> Result<String, String> {
        match style {
            Style::Dmy => Ok(self.date.format("%d/%m/%Y").to_string()),
            Style::Date => self.fill(texts, "format-date", None),
            Style::Day => self.fill(texts, "format-day", None),
            Style::Time => write_time(texts, self.needed_time()?),
            Style::DateTime => {
                let time = write_time(texts, self.needed_time()?)?;
                self.fill(texts, "format-datetime", Some(&time))
            }
        }
    }

    fn needed_time(self) -> Result<NaiveTime, String> {
        self.time
            .ok_or_else(|| format!("{} is a date without a time: use `date` or `day`", self.date))
    }

    fn fill(self, texts: &dyn Words, pattern: &str, time: Option<&str>) -> Result<String, String> {
        let plain = FluentArgs::new();
        let weekday = self.date.weekday().number_from_monday();
        let mut args = FluentArgs::new();
        // Digits go in as text: Fluent must not group or localise them.
        args.set("day", self.date.day().to_string());
        args.set("year", self.date.year().to_string());
        args.set(
            "month",
            texts.word(&format!("month-{}", self.date.month()), &plain)?,
        );
        args.set("weekday", texts.word(&format!("weekday-{weekday}"), &plain)?);
        args.set(
            "weekday-short",
            texts.word(&format!("weekday-short-{weekday}"), &plain)?,
        );
        if let Some(time) = time {
            args.set("time", time.to_owned());
        }
        texts.word(pattern, &args)
    }
}

fn write_time(texts: &dyn Words, time: NaiveTime) -> Result<String, String> {
    let (hour, minute) = (time.hour(), time.minute());
    let mut args = FluentArgs::new();
    args.set("hour24", format!("{hour:02}"));
    args.set("hour12", (time.hour12().1).to_string());
    args.set("minute", format!("{minute:02}"));
    args.set("part", texts.word(part_of_day(hour), &FluentArgs::new())?);
    texts.word(
        if minute == 0 {
            "format-time-full-hour"
        } else {
            "format-time"
        },
        &args,
    )
}

/// Urdu says the part of the day instead of AM and PM: morning, noon to afternoon, evening, night.
const fn part_of_day(hour: u32) -> &'static str {
    match hour {
        5..=11 => "part-morning",
        12..=15 => "part-noon",
        16..=19 => "part-evening",
        _ => "part-night",
    }
}

/// Where the names of months, days and parts of the day come from.
pub(crate) trait Words {
    /// The text of `key`, or why there is none.
    fn word(&self, key: &str, args: &FluentArgs<'_>) -> Result<String, String>;
}

/// The words of one language, the program's own.
pub(crate) struct Dictionary<'t> {
    pub(crate) texts: &'t Texts,
    pub(crate) lang: Lang,
}

impl Words for Dictionary<'_> {
    fn word(&self, key: &str, args: &FluentArgs<'_>) -> Result<String, String> {
        let found = self
            .texts
            .lookup(self.lang, key, args, false)
            .ok_or_else(|| format!("the locale files lack `{key}`"))?;
        match found.problem {
            None => Ok(found.text),
            Some(problem) => Err(format!("`{key}`: {problem}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(lang: Lang, style: Style, text: &str) -> String {
        let texts = Texts::new();
        let words = Dictionary { texts: &texts, lang };
        Local::parse(text, DEFAULT_ZONE)
            .unwrap()
            .write(&words, style)
            .unwrap()
    }

    #[test]
    fn moments_in_three_languages() {
        let nine = "2026-03-12T04:00:00Z"; // 09:00 in Karachi
        for (lang, style, expected) in [
            (Lang::En, Style::Date, "12 March 2026"),
            (Lang::En, Style::Day, "Thursday 12 March"),
            (Lang::En, Style::DateTime, "Thu 12 March 2026, 09:00"),
            (Lang::En, Style::Time, "09:00"),
            (Lang::En, Style::Dmy, "12/03/2026"),
            (Lang::Ur, Style::Date, "12 مارچ 2026"),
            (Lang::Ur, Style::Day, "جمعرات 12 مارچ"),
            (Lang::Ur, Style::DateTime, "جمعرات 12 مارچ 2026، صبح 9 بجے"),
            (Lang::Ur, Style::Time, "صبح 9 بجے"),
            (Lang::Ur, Style::Dmy, "12/03/2026"),
            (Lang::UrLatn, Style::Day, "jumerat 12 March"),
            (
                Lang::UrLatn,
                Style::DateTime,
                "jumerat 12 March 2026, subah 9 baje",
            ),
        ] {
            assert_eq!(write(lang, style, nine), expected, "{lang} {style:?}");
        }
    }

    #[test]
    fn parts_of_the_day() {
        for (utc, expected) in [
            ("19:00", "رات 12 بجے"), // midnight
            ("23:59", "رات 4:59 بجے"),
            ("00:00", "صبح 5 بجے"),
            ("06:59", "صبح 11:59 بجے"),
            ("07:00", "دوپہر 12 بجے"), // noon
            ("10:30", "دوپہر 3:30 بجے"),
            ("11:00", "شام 4 بجے"),
            ("15:00", "رات 8 بجے"),
        ] {
            assert_eq!(
                write(Lang::Ur, Style::Time, &format!("2026-03-12T{utc}:00Z")),
                expected,
                "{utc}"
            );
        }
    }

    #[test]
    fn the_local_date_follows_the_zone_not_utc() {
        // 20:30 UTC on the 8th is already the 9th in Karachi.
        assert_eq!(
            write(Lang::En, Style::Date, "2026-03-08T20:30:00Z"),
            "9 March 2026"
        );
        let utc = Local::parse("2026-03-08T20:30:00Z", Tz::UTC).unwrap();
        let local = Local::parse("2026-03-08T20:30:00Z", DEFAULT_ZONE).unwrap();
        assert_eq!(local.days_since(utc), 1);
    }

    #[test]
    fn bare_dates_have_no_time_and_nonsense_is_named() {
        assert_eq!(write(Lang::Ur, Style::Date, "2026-05-09"), "9 مئی 2026");
        let texts = Texts::new();
        let words = Dictionary {
            texts: &texts,
            lang: Lang::En,
        };
        let date = Local::parse("2026-05-09", DEFAULT_ZONE).unwrap();
        assert!(
            date.write(&words, Style::Time)
                .unwrap_err()
                .contains("without a time")
        );
        assert!(
            Local::parse("09/05/2026", DEFAULT_ZONE)
                .unwrap_err()
                .contains("09/05/2026")
        );
    }
}
