//! Which court a question is about, and what of a calendar concerns that court alone: its week, its hours, its closed days.
//! It knows no cases: province, city and court are words that the caller takes from wherever they stand.

use std::borrow::Cow;
use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime, Weekday};
use serde::{Deserialize, Serialize};

use crate::calendar::weekday_names;
use crate::{Calendar, CalendarError};

/// Where a court sits and what kind it is. A word that is not known matches no closed day that asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The province: `punjab`.
    pub province: Option<String>,
    /// The city or district.
    pub city: Option<String>,
    /// The kind of court: `high_court`.
    pub court: Option<String>,
}

/// For whom alone a day is closed. Every word given must be the place's own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Only {
    /// This province.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub province: Option<String>,
    /// This city or district.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// This kind of court.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub court: Option<String>,
}

impl Only {
    /// Everybody: no word is given.
    pub fn is_everywhere(&self) -> bool {
        self.province.is_none() && self.city.is_none() && self.court.is_none()
    }

    fn concerns(&self, place: &Place) -> bool {
        let same = |asked: &Option<String>, is: &Option<String>| {
            asked.as_deref().is_none_or(|asked| {
                is.as_deref()
                    .is_some_and(|is| is.trim().eq_ignore_ascii_case(asked.trim()))
            })
        };
        same(&self.province, &place.province)
            && same(&self.city, &place.city)
            && same(&self.court, &place.court)
    }
}

/// Office hours of some weekdays, all year or in a part of it. Of several that fit a day the last one written counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// What the season is called: `Ramadan 2026`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// First local day; none: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// Last local day, included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// The weekdays.
    #[serde(with = "weekday_names")]
    pub days: Vec<Weekday>,
    /// When the office opens.
    #[serde(with = "clock")]
    pub opens: NaiveTime,
    /// When it closes.
    #[serde(with = "clock")]
    pub closes: NaiveTime,
}

impl Hours {
    fn fits(&self, day: NaiveDate) -> bool {
        self.days.contains(&chrono::Datelike::weekday(&day))
            && self.from.is_none_or(|from| from <= day)
            && self.until.is_none_or(|until| day <= until)
    }
}

/// The week of one kind of court, where it differs from the calendar's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CourtWeek {
    /// Its open weekdays; empty: the calendar's.
    #[serde(default, with = "weekday_names", skip_serializing_if = "Vec::is_empty")]
    pub open_weekdays: Vec<Weekday>,
    /// Its hours; empty: the calendar's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<Hours>,
}

impl Calendar {
    /// The calendar as it is for one court: that court's week and hours, and of the closed days those that concern it.
    pub fn within(&self, place: &Place) -> Cow<'_, Calendar> {
        let own = place.court.as_ref().and_then(|court| self.courts.get(court));
        if own.is_none() && self.closed.iter().all(|day| day.only.is_everywhere()) {
            return Cow::Borrowed(self);
        }
        let mut here = self.clone();
        here.closed.retain(|day| day.only.concerns(place));
        if let Some(own) = own {
            if !own.open_weekdays.is_empty() {
                here.open_weekdays.clone_from(&own.open_weekdays);
            }
            if !own.hours.is_empty() {
                here.hours.clone_from(&own.hours);
            }
        }
        Cow::Owned(here)
    }

    /// The office hours of a local day; `None` where the calendar does not say.
    pub fn hours_on(&self, day: NaiveDate) -> Option<(NaiveTime, NaiveTime)> {
        let hours = self.hours.iter().rev().find(|hours| hours.fits(day))?;
        Some((hours.opens, hours.closes))
    }

    /// Whether the hours of every open weekday are known, here and in every court with a week of its own.
    pub fn has_hours(&self) -> bool {
        let known = |week: &[Weekday], hours: &[Hours]| {
            week.iter().all(|day| {
                hours
                    .iter()
                    .any(|h| h.days.contains(day) && h.from.is_none() && h.until.is_none())
            })
        };
        known(&self.open_weekdays, &self.hours)
            && self.courts.values().all(|court| {
                let week = first_filled(&court.open_weekdays, &self.open_weekdays);
                known(week, first_filled(&court.hours, &self.hours))
            })
    }

    /// Checks the hours: none may close before it opens, none may end before it begins.
    pub(crate) fn check_hours(&self) -> Result<(), CalendarError> {
        let every = self
            .hours
            .iter()
            .chain(self.courts.values().flat_map(|court| &court.hours));
        for hours in every {
            let backwards = hours.closes <= hours.opens
                || matches!((hours.from, hours.until), (Some(from), Some(until)) if until < from);
            if backwards {
                return Err(CalendarError::HoursBackwards {
                    calendar: self.name.clone(),
                    hours: hours.name.clone().unwrap_or_else(|| "usual hours".to_owned()),
                    opens: hours.opens,
                });
            }
        }
        Ok(())
    }
}

fn first_filled<'a, T>(own: &'a [T], common: &'a [T]) -> &'a [T] {
    if own.is_empty() { common } else { own }
}

/// The courts of an overlay laid over those of a base.
pub(crate) fn merge_courts(base: &mut BTreeMap<String, CourtWeek>, overlay: &BTreeMap<String, CourtWeek>) {
    for (court, week) in overlay {
        let known = base.entry(court.clone()).or_default();
        if !week.open_weekdays.is_empty() {
            known.open_weekdays.clone_from(&week.open_weekdays);
        }
        known.hours.extend(week.hours.iter().cloned());
    }
}

/// Times of day in files: `08:00`.
mod clock {
    use chrono::NaiveTime;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands a field over by reference"
    )]
    pub(super) fn serialize<S: Serializer>(time: &NaiveTime, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&time.format("%H:%M"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveTime, D::Error> {
        let text = String::deserialize(deserializer)?;
        NaiveTime::parse_from_str(&text, "%H:%M")
            .map_err(|_| D::Error::custom(format!("{text:?} is not a time of day: write \"08:00\"")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ClosedDay, DayStatus};
    use chrono_tz::Asia;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn time(text: &str) -> NaiveTime {
        text.parse().unwrap()
    }

    fn usual(days: &[Weekday], opens: &str, closes: &str) -> Hours {
        Hours {
            name: None,
            from: None,
            until: None,
            days: days.to_vec(),
            opens: time(opens),
            closes: time(closes),
        }
    }

    fn sample() -> Calendar {
        use Weekday::{Fri, Mon, Sat, Thu, Tue, Wed};
        let fasting = Hours {
            name: Some("Ramadan".to_owned()),
            from: Some(day("2026-02-19")),
            until: Some(day("2026-03-20")),
            ..usual(&[Mon, Tue, Wed, Thu, Sat], "09:00:00", "15:00:00")
        };
        Calendar {
            name: "Sample".to_owned(),
            zone: Asia::Karachi,
            open_weekdays: vec![Mon, Tue, Wed, Thu, Fri, Sat],
            closed: vec![ClosedDay {
                date: day("2025-08-15"),
                name: "Urs".to_owned(),
                status: DayStatus::Confirmed,
                only: Only {
                    city: Some("lahore".to_owned()),
                    ..Only::default()
                },
            }],
            vacations: vec![],
            hours: vec![
                usual(&[Mon, Tue, Wed, Thu, Sat], "08:00:00", "15:30:00"),
                usual(&[Fri], "08:00:00", "12:30:00"),
                fasting,
            ],
            courts: BTreeMap::from([(
                "high_court".to_owned(),
                CourtWeek {
                    open_weekdays: vec![Mon, Tue, Wed, Thu, Fri],
                    hours: vec![],
                },
            )]),
        }
    }

    fn place(city: Option<&str>, court: Option<&str>) -> Place {
        Place {
            province: Some("punjab".to_owned()),
            city: city.map(str::to_owned),
            court: court.map(str::to_owned),
        }
    }

    #[test]
    fn a_city_s_day_closes_that_city_alone() {
        let calendar = sample();
        for (city, open) in [(Some("Lahore "), false), (Some("Multan"), true), (None, true)] {
            let here = calendar.within(&place(city, None));
            assert_eq!(here.is_open(day("2025-08-15")), open, "{city:?}");
        }
    }

    #[test]
    fn a_court_may_have_a_week_of_its_own() {
        let calendar = sample();
        let saturday = day("2025-08-16");
        assert!(calendar.within(&place(None, Some("sessions"))).is_open(saturday));
        assert!(
            !calendar
                .within(&place(None, Some("high_court")))
                .is_open(saturday)
        );
    }

    #[test]
    fn the_last_hours_that_fit_count() {
        let calendar = sample();
        for (date, opens, closes) in [
            ("2026-02-18", "08:00:00", "15:30:00"),
            ("2026-02-19", "09:00:00", "15:00:00"),
            ("2026-02-20", "08:00:00", "12:30:00"),
            ("2026-03-21", "08:00:00", "15:30:00"),
        ] {
            assert_eq!(
                calendar.hours_on(day(date)),
                Some((time(opens), time(closes))),
                "{date}"
            );
        }
        assert_eq!(calendar.hours_on(day("2026-02-22")), None, "Sunday");
        assert!(calendar.has_hours());
    }

    #[test]
    fn hours_that_run_backwards_are_refused() {
        let mut calendar = sample();
        calendar.hours[1].closes = time("08:00:00");
        insta::assert_snapshot!(calendar.check().unwrap_err(), @r#"in the calendar "Sample" the hours "usual hours" that open at 08:00:00 end before they begin: swap the times or the dates"#);
        calendar.hours.remove(1);
        assert!(!calendar.has_hours(), "Friday has none");
    }
}
