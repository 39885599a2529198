//! When one court's office is open: weekdays, closed days, vacations and the zone.
//!
//! A calendar is data read from files and from staff entries. This file answers whether a day is open and
//! why not; it knows no deadline and never learns which day is today.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::CalendarError;
use crate::period::MAX_DAYS;
use crate::place::{CourtWeek, Hours, Only, merge_courts};
use crate::zone::{instant_of, local_of};

/// How many closed days in a row are believed; a longer run is a mistake in the data.
const MAX_CLOSED_RUN: u32 = 400;

/// How sure a closed day is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayStatus {
    /// Fixed by law or announced.
    Confirmed,
    /// Estimated, such as a feast that waits for the moon; the day may still move.
    Provisional,
}

/// One day on which a court is closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosedDay {
    /// The local date.
    pub date: NaiveDate,
    /// What the day is called, in the words of the calendar's author.
    pub name: String,
    /// How sure it is.
    pub status: DayStatus,
    /// For whom alone it is closed; by default for everybody.
    #[serde(default, skip_serializing_if = "Only::is_everywhere")]
    pub only: Only,
}

/// A court vacation: only urgent work is heard, but the office is open, so it neither closes a day nor
/// stops limitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vacation {
    /// First local day.
    pub from: NaiveDate,
    /// Last local day, included.
    pub until: NaiveDate,
    /// What the vacation is called.
    pub name: String,
}

/// Why a court is closed on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ClosedReason {
    /// The weekday is not one of the open weekdays.
    Weekly,
    /// A closed day of the calendar.
    Holiday {
        /// Name of the day.
        name: String,
        /// How sure it is.
        status: DayStatus,
    },
}

/// The calendar of one kind of court in one place.
///
/// A base calendar (province, court level) is usually [merged](Calendar::merged) with overlays (district,
/// ad-hoc closures).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// Name shown to staff and in errors.
    pub name: String,
    /// IANA zone of the court, such as `Asia/Karachi`.
    pub zone: Tz,
    /// Weekdays on which the office is open, written `mon` to `sun`. An overlay may leave the list empty.
    #[serde(with = "weekday_names")]
    pub open_weekdays: Vec<Weekday>,
    /// Days on which the office is closed, in any order.
    pub closed: Vec<ClosedDay>,
    /// Vacations, in any order.
    #[serde(default)]
    pub vacations: Vec<Vacation>,
    /// Office hours; of several that fit a day the last one counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<Hours>,
    /// Weeks and hours of kinds of courts that have their own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub courts: BTreeMap<String, CourtWeek>,
}

impl Calendar {
    /// Checks a calendar that is to be reckoned with. An overlay need not pass; the merged calendar must.
    ///
    /// # Errors
    /// [`CalendarError::NoOpenWeekday`], [`CalendarError::VacationBackwards`] or [`CalendarError::HoursBackwards`].
    pub fn check(&self) -> Result<(), CalendarError> {
        if self.open_weekdays.is_empty() {
            return Err(CalendarError::NoOpenWeekday {
                calendar: self.name.clone(),
            });
        }
        self.check_hours()?;
        match self
            .vacations
            .iter()
            .find(|vacation| vacation.until < vacation.from)
        {
            None => Ok(()),
            Some(vacation) => Err(CalendarError::VacationBackwards {
                calendar: self.name.clone(),
                name: vacation.name.clone(),
                from: vacation.from,
                until: vacation.until,
            }),
        }
    }

    /// Whether the office is open on a local day. A vacation does not close it.
    pub fn is_open(&self, day: NaiveDate) -> bool {
        self.open_weekdays.contains(&chrono::Datelike::weekday(&day))
            && !self.closed.iter().any(|closed| closed.date == day)
    }

    /// Why the office is closed on a local day; `None` if it is open.
    ///
    /// The weekday is named before a holiday on the same day, and a confirmed holiday before a provisional
    /// one, so that a day is called uncertain only when its closing really is.
    pub fn why_closed(&self, day: NaiveDate) -> Option<ClosedReason> {
        if !self.open_weekdays.contains(&chrono::Datelike::weekday(&day)) {
            return Some(ClosedReason::Weekly);
        }
        let same_day = || self.closed.iter().filter(|closed| closed.date == day);
        let firmest = same_day()
            .find(|closed| closed.status == DayStatus::Confirmed)
            .or_else(|| same_day().next())?;
        Some(ClosedReason::Holiday {
            name: firmest.name.clone(),
            status: firmest.status,
        })
    }

    /// The day itself if open, else the next open day.
    ///
    /// # Errors
    /// [`CalendarError::NoOpenDay`] if none of the next 400 days is open.
    pub fn next_open(&self, day: NaiveDate) -> Result<NaiveDate, CalendarError> {
        if self.is_open(day) {
            Ok(day)
        } else {
            self.count_open(day, 1, Direction::Later, |_, _| ())
        }
    }

    /// The vacations a local day falls in.
    pub fn vacations_on(&self, day: NaiveDate) -> impl Iterator<Item = &Vacation> {
        self.vacations
            .iter()
            .filter(move |vacation| vacation.from <= day && day <= vacation.until)
    }

    /// The local date of a moment.
    pub fn local_date(&self, at: DateTime<Utc>) -> NaiveDate {
        local_of(at, self.zone).date()
    }

    /// The moment of a local date and time.
    ///
    /// A local time that a clock change skips gives the first moment after the gap; one that occurs twice
    /// gives the earlier moment.
    pub fn at_local(&self, day: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
        instant_of(day.and_time(time), self.zone)
    }

    /// This calendar with an overlay on top: the overlay's closed days and vacations are added, its
    /// weekdays replace ours if it names any, its hours come after ours, both names are kept, and the zone stays ours.
    ///
    /// An overlay can confirm a provisional day by naming it again as confirmed; it cannot open a closed day.
    #[must_use]
    pub fn merged(&self, overlay: &Calendar) -> Calendar {
        let mut merged = self.clone();
        merged.name = format!("{} + {}", self.name, overlay.name);
        if !overlay.open_weekdays.is_empty() {
            merged.open_weekdays.clone_from(&overlay.open_weekdays);
        }
        merged.closed.extend(overlay.closed.iter().cloned());
        merged
            .closed
            .sort_by(|a, b| (a.date, &a.name, &a.only.city).cmp(&(b.date, &b.name, &b.only.city)));
        merged.closed.dedup();
        merged.vacations.extend(overlay.vacations.iter().cloned());
        merged
            .vacations
            .sort_by(|a, b| (a.from, a.until, &a.name).cmp(&(b.from, b.until, &b.name)));
        merged.vacations.dedup();
        merged.hours.extend(overlay.hours.iter().cloned());
        merge_courts(&mut merged.courts, &overlay.courts);
        merged
    }

    /// Counts open days from a day (itself not counted) in one direction and reports every closed day
    /// stepped over. Zero open days give the day itself.
    ///
    /// # Errors
    /// [`CalendarError::NoOpenDay`] after a run of 400 closed days, [`CalendarError::OutOfRange`] when the
    /// count takes more than 200 years or leaves representable time.
    pub(crate) fn count_open(
        &self,
        from: NaiveDate,
        open_days: u32,
        direction: Direction,
        mut skipped: impl FnMut(NaiveDate, ClosedReason),
    ) -> Result<NaiveDate, CalendarError> {
        let (mut day, mut left, mut run, mut walked) = (from, open_days, 0, 0);
        while left > 0 {
            walked += 1;
            let next = match direction {
                Direction::Later => day.succ_opt(),
                Direction::Earlier => day.pred_opt(),
            };
            day = next
                .filter(|_| walked <= MAX_DAYS)
                .ok_or_else(|| CalendarError::OutOfRange {
                    period: crate::Period::WorkingDays(open_days).to_string(),
                    from: from.to_string(),
                })?;
            let Some(reason) = self.why_closed(day) else {
                (left, run) = (left - 1, 0);
                continue;
            };
            run += 1;
            if run > MAX_CLOSED_RUN {
                return Err(CalendarError::NoOpenDay {
                    calendar: self.name.clone(),
                    from,
                    days: MAX_CLOSED_RUN,
                });
            }
            skipped(day, reason);
        }
        Ok(day)
    }
}

/// Which way days are counted.
#[derive(Clone, Copy)]
pub(crate) enum Direction {
    /// Towards the future.
    Later,
    /// Towards the past.
    Earlier,
}

/// Weekdays in files: `mon` to `sun`.
pub(crate) mod weekday_names {
    use chrono::Weekday;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(days: &[Weekday], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(days.iter().map(|day| day.to_string().to_ascii_lowercase()))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Weekday>, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        names
            .iter()
            .map(|name| {
                name.parse().map_err(|_| {
                    D::Error::custom(format!(
                        "{name:?} is not a weekday: write mon, tue, wed, thu, fri, sat or sun"
                    ))
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Asia::Karachi;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn closed(date: &str, name: &str, status: DayStatus) -> ClosedDay {
        ClosedDay {
            date: day(date),
            name: name.to_owned(),
            status,
            only: Only::default(),
        }
    }

    fn punjab() -> Calendar {
        use Weekday::{Fri, Mon, Sat, Thu, Tue, Wed};
        Calendar {
            name: "Sample sessions courts".to_owned(),
            zone: Karachi,
            open_weekdays: vec![Mon, Tue, Wed, Thu, Fri, Sat],
            closed: vec![
                closed("2026-03-23", "Pakistan Day", DayStatus::Confirmed),
                closed("2026-03-21", "Eid-ul-Fitr", DayStatus::Provisional),
            ],
            vacations: vec![Vacation {
                from: day("2026-08-01"),
                until: day("2026-08-31"),
                name: "August".to_owned(),
            }],
            hours: Vec::new(),
            courts: std::collections::BTreeMap::new(),
        }
    }

    #[test]
    fn open_and_closed_days() {
        let court = punjab();
        let holiday = |name: &str, status| {
            Some(ClosedReason::Holiday {
                name: name.to_owned(),
                status,
            })
        };
        for (date, reason, next) in [
            ("2026-03-20", None, "2026-03-20"),
            (
                "2026-03-21",
                holiday("Eid-ul-Fitr", DayStatus::Provisional),
                "2026-03-24",
            ),
            ("2026-03-22", Some(ClosedReason::Weekly), "2026-03-24"),
            (
                "2026-03-23",
                holiday("Pakistan Day", DayStatus::Confirmed),
                "2026-03-24",
            ),
            ("2026-08-14", None, "2026-08-14"),
        ] {
            assert_eq!(court.why_closed(day(date)), reason, "{date}");
            assert_eq!(court.is_open(day(date)), reason.is_none(), "{date}");
            assert_eq!(court.next_open(day(date)), Ok(day(next)), "{date}");
        }
        assert_eq!(court.vacations_on(day("2026-08-31")).count(), 1);
        assert_eq!(court.vacations_on(day("2026-09-01")).count(), 0);
    }

    #[test]
    fn an_overlay_adds_confirms_and_sets_weekdays() {
        let mut overlay = punjab();
        overlay.name = "Sample district".to_owned();
        overlay.open_weekdays = vec![];
        overlay.vacations = vec![];
        overlay.closed = vec![
            closed("2026-03-21", "Eid-ul-Fitr", DayStatus::Confirmed),
            closed("2026-08-15", "Local urs", DayStatus::Confirmed),
            closed("2026-03-23", "Pakistan Day", DayStatus::Confirmed),
        ];
        let merged = punjab().merged(&overlay);
        assert_eq!(merged.name, "Sample sessions courts + Sample district");
        assert_eq!(merged.open_weekdays, punjab().open_weekdays);
        assert_eq!(merged.closed.len(), 4, "an identical day is kept once");
        assert!(!merged.is_open(day("2026-08-15")));
        assert_eq!(merged.vacations, punjab().vacations);
        assert_eq!(
            merged.why_closed(day("2026-03-21")),
            Some(ClosedReason::Holiday {
                name: "Eid-ul-Fitr".to_owned(),
                status: DayStatus::Confirmed
            })
        );
        overlay.open_weekdays = vec![Weekday::Mon];
        assert_eq!(punjab().merged(&overlay).open_weekdays, vec![Weekday::Mon]);
    }

    #[test]
    fn broken_calendars_are_refused() {
        let mut never = punjab();
        never.open_weekdays.clear();
        assert_eq!(
            never.check(),
            Err(CalendarError::NoOpenWeekday {
                calendar: never.name.clone()
            })
        );
        assert_eq!(
            never.next_open(day("2026-01-01")),
            Err(CalendarError::NoOpenDay {
                calendar: never.name.clone(),
                from: day("2026-01-01"),
                days: 400
            })
        );
        let mut backwards = punjab();
        backwards.vacations[0].until = day("2026-07-01");
        assert!(matches!(
            backwards.check(),
            Err(CalendarError::VacationBackwards { .. })
        ));
        assert_eq!(punjab().check(), Ok(()));
        assert!(matches!(
            never.next_open(NaiveDate::MAX),
            Err(CalendarError::OutOfRange { .. })
        ));
    }

    #[test]
    fn local_dates_follow_the_zone_rules_of_their_year() {
        let court = punjab();
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        for (moment, date) in [
            ("2026-03-20T18:59:59Z", "2026-03-20"),
            ("2026-03-20T19:00:00Z", "2026-03-21"),
            ("2008-07-01T18:00:00Z", "2008-07-02"),
            ("2008-12-01T18:00:00Z", "2008-12-01"),
        ] {
            assert_eq!(court.local_date(at(moment)), day(date), "{moment}");
        }
        assert_eq!(
            court.at_local(day("2008-06-01"), NaiveTime::MIN),
            at("2008-05-31T19:00:00Z")
        );
    }

    #[test]
    fn the_file_form() {
        let text = serde_json::to_string(&punjab()).unwrap();
        insta::assert_snapshot!(text, @r#"{"name":"Sample sessions courts","zone":"Asia/Karachi","open_weekdays":["mon","tue","wed","thu","fri","sat"],"closed":[{"date":"2026-03-23","name":"Pakistan Day","status":"confirmed"},{"date":"2026-03-21","name":"Eid-ul-Fitr","status":"provisional"}],"vacations":[{"from":"2026-08-01","until":"2026-08-31","name":"August"}]}"#);
        assert_eq!(serde_json::from_str::<Calendar>(&text).unwrap(), punjab());
        for (wrong, message) in [
            (
                r#"{"name":"x","zone":"Asia/Karachi","open_weekdays":["peer"],"closed":[]}"#,
                "is not a weekday",
            ),
            (
                r#"{"name":"x","zone":"Asia/Nowhere","open_weekdays":[],"closed":[]}"#,
                "Asia/Nowhere",
            ),
            (
                r#"{"name":"x","zone":"Asia/Karachi","open_weekdays":[],"closed":[],"vacation":[]}"#,
                "unknown field",
            ),
        ] {
            let error = serde_json::from_str::<Calendar>(wrong).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
        let minimal = r#"{"name":"x","zone":"Asia/Karachi","open_weekdays":["Mon"],"closed":[]}"#;
        assert_eq!(
            serde_json::from_str::<Calendar>(minimal).unwrap().vacations,
            vec![]
        );
    }
}
