//! Every date equals a slow reckoning, day by day, written from the register's rules of calculation and not from the code:
//! the trigger's day is left out; months are calendar months; working days only where the rule says so; a closed last day
//! of a limitation moves to the day the court reopens; a vacation moves nothing; time for the copy and a stopped clock do
//! not count; hours run through nights and holidays.

#![expect(clippy::unwrap_used, reason = "tests may unwrap")]

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use peshi_calendar::{
    Calendar, ClosedDay, ClosedLastDay, Counting, CourtWeek, DayStatus, Excluded, Only, Period, Place,
    Vacation, Why, due_without,
};
use proptest::prelude::*;

/// What a case gives to its rule.
#[derive(Debug, Clone)]
struct Life {
    trigger: DateTime<Utc>,
    period: Period,
    limitation: bool,
    city: Option<&'static str>,
    court: Option<&'static str>,
    /// Days after the trigger on which the clock stopped, and for how many days.
    stops: Vec<(u64, u64)>,
}

/// A court's days as sets, for the reckoning alone.
#[derive(Debug, Clone)]
struct Days0 {
    week: BTreeSet<u8>,
    high_court_week: BTreeSet<u8>,
    closed_everywhere: BTreeSet<u64>,
    closed_in_lahore: BTreeSet<u64>,
    vacation: (u64, u64),
}

/// Pakistan has been five hours ahead of Greenwich without a break since the end of 2009.
fn local_day(at: DateTime<Utc>) -> NaiveDate {
    at.with_timezone(&FixedOffset::east_opt(5 * 3600).unwrap())
        .date_naive()
}

fn start_of(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc() - TimeDelta::hours(5)
}

impl Days0 {
    fn calendar(&self, base: NaiveDate) -> Calendar {
        let weekdays = |days: &BTreeSet<u8>| {
            days.iter()
                .map(|d| Weekday::try_from(*d).unwrap())
                .collect::<Vec<_>>()
        };
        let closed = |offset: &u64, only| ClosedDay {
            date: base + Days::new(*offset),
            name: format!("day {offset}"),
            status: DayStatus::Confirmed,
            only,
        };
        let lahore = Only {
            city: Some("lahore".to_owned()),
            ..Only::default()
        };
        let everywhere = self.closed_everywhere.iter().map(|d| closed(d, Only::default()));
        let local = self.closed_in_lahore.iter().map(|d| closed(d, lahore.clone()));
        Calendar {
            name: "random".to_owned(),
            zone: chrono_tz::Asia::Karachi,
            open_weekdays: weekdays(&self.week),
            closed: everywhere.chain(local).collect(),
            vacations: vec![Vacation {
                from: base + Days::new(self.vacation.0),
                until: base + Days::new(self.vacation.0 + self.vacation.1),
                name: "vacation".to_owned(),
            }],
            hours: vec![],
            courts: BTreeMap::from([(
                "high_court".to_owned(),
                CourtWeek {
                    open_weekdays: weekdays(&self.high_court_week),
                    hours: vec![],
                },
            )]),
        }
    }

    fn is_open(&self, base: NaiveDate, day: NaiveDate, life: &Life) -> bool {
        let week = if life.court == Some("high_court") {
            &self.high_court_week
        } else {
            &self.week
        };
        let offset = u64::try_from((day - base).num_days()).ok();
        let shut = |days: &BTreeSet<u64>| offset.is_some_and(|n| days.contains(&n));
        week.contains(&u8::try_from(day.weekday().num_days_from_monday()).unwrap())
            && !shut(&self.closed_everywhere)
            && !(life.city == Some("Lahore") && shut(&self.closed_in_lahore))
    }
}

fn later(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap()
}

/// The same day of a later month, or that month's last day.
fn calendar_months(from: NaiveDate, months: u32) -> NaiveDate {
    let (mut year, mut month) = (from.year(), from.month());
    for _ in 0..months {
        month += 1;
        if month == 13 {
            (year, month) = (year + 1, 1);
        }
    }
    let mut day = from.day();
    loop {
        match NaiveDate::from_ymd_opt(year, month, day) {
            Some(date) => return date,
            None => day -= 1,
        }
    }
}

/// The last day, by walking.
fn reckon(days: &Days0, base: NaiveDate, life: &Life) -> NaiveDate {
    let trigger = local_day(life.trigger);
    let stands_still = |day: NaiveDate| {
        life.stops.iter().any(|(from, n)| {
            let from = trigger + Days::new(*from);
            from <= day && day < from + Days::new(*n)
        })
    };
    // How many days the period is long when nothing stops it, counted from the day after the trigger.
    let mut left = match life.period {
        Period::Days(n) | Period::WorkingDays(n) => i64::from(n),
        Period::Weeks(n) => 7 * i64::from(n),
        Period::Months(n) => (calendar_months(trigger, n) - trigger).num_days(),
        Period::Years(n) => (calendar_months(trigger, 12 * n) - trigger).num_days(),
        Period::Hours(_) | Period::Millis(_) => unreachable!("only days are drawn"),
    };
    let working = matches!(life.period, Period::WorkingDays(_));
    let mut day = trigger;
    while left > 0 {
        day = later(day);
        let counts = !stands_still(day) && (!working || days.is_open(base, day, life));
        left -= i64::from(counts);
    }
    while life.limitation && !days.is_open(base, day, life) {
        day = later(day);
    }
    day
}

fn week() -> impl Strategy<Value = BTreeSet<u8>> {
    proptest::collection::btree_set(0u8..7, 1..=7)
}

fn days() -> impl Strategy<Value = Days0> {
    let offsets = || proptest::collection::btree_set(0u64..400, 0..40);
    (week(), week(), offsets(), offsets(), (0u64..300, 0u64..60)).prop_map(
        |(week, high_court_week, closed_everywhere, closed_in_lahore, vacation)| Days0 {
            week,
            high_court_week,
            closed_everywhere,
            closed_in_lahore,
            vacation,
        },
    )
}

fn life() -> impl Strategy<Value = Life> {
    let period = prop_oneof![
        (1u32..200).prop_map(Period::Days),
        (1u32..20).prop_map(Period::Weeks),
        (1u32..12).prop_map(Period::Months),
        (1u32..3).prop_map(Period::Years),
        (1u32..60).prop_map(Period::WorkingDays),
    ];
    (
        1_300_000_000i64..1_900_000_000,
        period,
        any::<bool>(),
        prop_oneof![Just(None), Just(Some("Lahore")), Just(Some("Multan"))],
        prop_oneof![Just(None), Just(Some("high_court")), Just(Some("sessions_court"))],
        proptest::collection::vec((1u64..120, 0u64..40), 0..4),
    )
        .prop_map(|(start, period, limitation, city, court, stops)| Life {
            trigger: DateTime::from_timestamp(start, 0).unwrap(),
            period,
            limitation,
            city,
            court,
            stops,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn each_date_equals_the_walk(days in days(), life in life()) {
        let base = local_day(life.trigger);
        let calendar = days.calendar(base);
        let place = Place {
            province: Some("punjab".to_owned()),
            city: life.city.map(str::to_owned),
            court: life.court.map(str::to_owned),
        };
        let counting = Counting {
            period: life.period,
            closed_last_day: if life.limitation { ClosedLastDay::Moves } else { ClosedLastDay::Stays },
            internal_margin: None,
            due_time: None,
        };
        let stops: Vec<Excluded> = life.stops.iter().map(|(from, n)| Excluded {
            from: start_of(base + Days::new(*from)) + TimeDelta::hours(11),
            until: start_of(base + Days::new(from + n)) + TimeDelta::hours(11),
            why: Why::CopyTime,
        }).collect();

        let computed = due_without(life.trigger, &counting, &calendar.within(&place), &stops).unwrap();

        let last = reckon(&days, base, &life);
        prop_assert_eq!(computed.last_day, Some(last));
        prop_assert_eq!(computed.due_at, start_of(later(last)));
    }

    #[test]
    fn hours_run_through_nights_and_holidays(days in days(), life in life(), hours in 1u32..2000) {
        let counting = Counting {
            period: Period::Hours(hours),
            closed_last_day: ClosedLastDay::Stays,
            internal_margin: None,
            due_time: None,
        };
        let calendar = days.calendar(local_day(life.trigger));
        let computed = due_without(life.trigger, &counting, &calendar, &[]).unwrap();
        prop_assert_eq!(computed.due_at, life.trigger + TimeDelta::hours(i64::from(hours)));
    }
}
