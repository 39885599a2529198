//! Tests of deadlines: tables, explanations, and a comparison with a slow day-by-day reckoning.

use super::*;
use crate::{ClosedDay, Vacation};
use chrono::{TimeDelta, TimeZone, Weekday};
use chrono_tz::{Asia, Europe, Tz};
use proptest::prelude::*;
use std::collections::BTreeSet;

mod left_out;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Monday to Saturday, with a three-day feast of which the last day is not certain, and an August vacation.
fn court() -> Calendar {
    use Weekday::{Fri, Mon, Sat, Thu, Tue, Wed};
    let closed = |date: &str, name: &str, status| ClosedDay {
        date: day(date),
        name: name.to_owned(),
        status,
        only: crate::Only::default(),
    };
    Calendar {
        name: "Sample court".to_owned(),
        zone: Asia::Karachi,
        open_weekdays: vec![Mon, Tue, Wed, Thu, Fri, Sat],
        closed: vec![
            closed("2026-03-20", "Feast, first day", DayStatus::Confirmed),
            closed("2026-03-21", "Feast, second day", DayStatus::Provisional),
            closed("2026-03-23", "Pakistan Day", DayStatus::Confirmed),
        ],
        vacations: vec![Vacation {
            from: day("2026-08-01"),
            until: day("2026-08-31"),
            name: "August vacation".to_owned(),
        }],
        hours: Vec::new(),
        courts: std::collections::BTreeMap::new(),
    }
}

fn rule(period: Period, closed_last_day: ClosedLastDay) -> Counting {
    Counting {
        period,
        closed_last_day,
        internal_margin: None,
        due_time: None,
    }
}

#[test]
fn last_days() {
    use ClosedLastDay::{Moves, Stays};
    // 10:00 UTC is 15:00 in Pakistan; 20:00 UTC is 01:00 on the next day there.
    for (trigger, period, closed, last, why) in [
        (
            "2026-01-05T10:00:00Z",
            Period::Days(30),
            Moves,
            "2026-02-04",
            "the trigger day is left out",
        ),
        (
            "2026-01-05T20:00:00Z",
            Period::Days(30),
            Moves,
            "2026-02-05",
            "the local day counts, not the UTC day",
        ),
        (
            "2026-02-18T10:00:00Z",
            Period::Days(30),
            Moves,
            "2026-03-24",
            "moves over feast, Sunday, national day",
        ),
        (
            "2026-02-18T10:00:00Z",
            Period::Days(30),
            Stays,
            "2026-03-20",
            "a duty that needs no open office stays",
        ),
        (
            "2026-01-31T10:00:00Z",
            Period::Months(1),
            Moves,
            "2026-02-28",
            "no 31 February",
        ),
        (
            "2026-02-23T10:00:00Z",
            Period::Months(1),
            Moves,
            "2026-03-24",
            "moves from the national day",
        ),
        (
            "2028-02-29T10:00:00Z",
            Period::Years(1),
            Moves,
            "2029-02-28",
            "no 29 February",
        ),
        (
            "2026-03-18T10:00:00Z",
            Period::WorkingDays(1),
            Moves,
            "2026-03-19",
            "next working day",
        ),
        (
            "2026-03-18T10:00:00Z",
            Period::WorkingDays(2),
            Moves,
            "2026-03-24",
            "closed days do not count",
        ),
        (
            "2026-03-18T10:00:00Z",
            Period::WorkingDays(7),
            Moves,
            "2026-03-30",
            "seven working days",
        ),
        (
            "2026-03-18T10:00:00Z",
            Period::Weeks(2),
            Moves,
            "2026-04-01",
            "weeks are seven days",
        ),
        (
            "2026-03-20T10:00:00Z",
            Period::Days(0),
            Moves,
            "2026-03-24",
            "the same day, were it open",
        ),
        (
            "2026-03-20T10:00:00Z",
            Period::Days(0),
            Stays,
            "2026-03-20",
            "the same day",
        ),
        (
            "2026-07-15T10:00:00Z",
            Period::Days(30),
            Moves,
            "2026-08-14",
            "a vacation moves nothing",
        ),
    ] {
        let computed = due(moment(trigger), &rule(period, closed), &court()).unwrap();
        assert_eq!(computed.last_day, Some(day(last)), "{why}");
        assert_eq!(computed.day(&court()), day(last), "{why}");
        assert_eq!(
            computed.due_at,
            court().at_local(day(last).succ_opt().unwrap(), NaiveTime::MIN),
            "{why}"
        );
    }
}

#[test]
fn the_clock_runs_through_nights_and_holidays() {
    for (trigger, period, end) in [
        ("2026-03-19T20:00:00Z", Period::Hours(24), "2026-03-20T20:00:00Z"),
        ("2026-03-22T23:30:00Z", Period::Hours(2), "2026-03-23T01:30:00Z"),
        (
            "2026-03-22T00:00:00Z",
            Period::Millis(500),
            "2026-03-22T00:00:00.500Z",
        ),
    ] {
        let computed = due(moment(trigger), &rule(period, ClosedLastDay::Moves), &court()).unwrap();
        assert_eq!(computed.due_at, moment(end), "{trigger} + {period}");
        assert_eq!(computed.last_day, None);
        let steps = vec![Explained::ClockHours {
            from: moment(trigger),
            to: moment(end),
        }];
        assert_eq!(computed.steps, steps);
    }
}

#[test]
fn a_move_is_explained_day_by_day() {
    let counting = Counting {
        internal_margin: Some(5),
        due_time: NaiveTime::from_hms_opt(15, 30, 0).map(DueTime::At),
        ..rule(Period::Days(30), ClosedLastDay::Moves)
    };
    let computed = due(moment("2026-02-18T10:00:00Z"), &counting, &court()).unwrap();
    let lines: Vec<String> = computed
        .steps
        .iter()
        .map(|step| serde_json::to_string(step).unwrap())
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    {"step":"trigger_day","date":"2026-02-18","excluded":true}
    {"step":"counted","period":"30 days","to":"2026-03-20"}
    {"step":"skipped_closed","date":"2026-03-20","reason":{"kind":"holiday","name":"Feast, first day","status":"confirmed"}}
    {"step":"skipped_closed","date":"2026-03-21","reason":{"kind":"holiday","name":"Feast, second day","status":"provisional"}}
    {"step":"provisional_day","date":"2026-03-21","name":"Feast, second day"}
    {"step":"skipped_closed","date":"2026-03-22","reason":{"kind":"weekly"}}
    {"step":"skipped_closed","date":"2026-03-23","reason":{"kind":"holiday","name":"Pakistan Day","status":"confirmed"}}
    {"step":"moved_from_closed","from":"2026-03-20","to":"2026-03-24"}
    {"step":"skipped_closed","date":"2026-03-23","reason":{"kind":"holiday","name":"Pakistan Day","status":"confirmed"}}
    {"step":"skipped_closed","date":"2026-03-22","reason":{"kind":"weekly"}}
    {"step":"skipped_closed","date":"2026-03-21","reason":{"kind":"holiday","name":"Feast, second day","status":"provisional"}}
    {"step":"provisional_day","date":"2026-03-21","name":"Feast, second day"}
    {"step":"skipped_closed","date":"2026-03-20","reason":{"kind":"holiday","name":"Feast, first day","status":"confirmed"}}
    {"step":"skipped_closed","date":"2026-03-15","reason":{"kind":"weekly"}}
    {"step":"internal_margin","working_days":5,"to":"2026-03-14"}
    "#);
    assert_eq!(
        computed.due_at,
        moment("2026-03-24T10:30:00Z"),
        "15:30 in Pakistan on the last day"
    );
    let text = serde_json::to_string(&computed).unwrap();
    assert_eq!(serde_json::from_str::<Computed>(&text).unwrap(), computed);
}

#[test]
fn skipped_working_days_and_vacations_are_explained() {
    let computed = due(
        moment("2026-03-18T10:00:00Z"),
        &rule(Period::WorkingDays(2), ClosedLastDay::Moves),
        &court(),
    )
    .unwrap();
    let skipped: Vec<NaiveDate> = computed
        .steps
        .iter()
        .filter_map(|step| match step {
            Explained::SkippedClosed { date, .. } => Some(*date),
            _ => None,
        })
        .collect();
    assert_eq!(
        skipped,
        ["2026-03-20", "2026-03-21", "2026-03-22", "2026-03-23"].map(day)
    );
    let vacation = due(
        moment("2026-07-15T10:00:00Z"),
        &rule(Period::Days(30), ClosedLastDay::Moves),
        &court(),
    )
    .unwrap();
    let note = Explained::VacationNote {
        name: "August vacation".to_owned(),
        date: day("2026-08-14"),
    };
    assert!(vacation.steps.contains(&note));
}

#[test]
fn the_internal_date_never_lies_before_the_trigger() {
    for (trigger, days, margin, internal, granted) in [
        ("2026-04-01T10:00:00Z", 30, 5, "2026-04-25", 5),
        ("2026-04-01T10:00:00Z", 3, 5, "2026-04-01", 3),
        ("2026-04-01T10:00:00Z", 3, 0, "2026-04-04", 0),
        // The trigger's own day and the day after are closed, so nothing is granted.
        ("2026-03-22T10:00:00Z", 2, 5, "2026-03-24", 0),
    ] {
        let counting = Counting {
            internal_margin: Some(margin),
            ..rule(Period::Days(days), ClosedLastDay::Moves)
        };
        let computed = due(moment(trigger), &counting, &court()).unwrap();
        assert_eq!(
            computed.internal_last_day,
            Some(day(internal)),
            "{trigger} {days} days"
        );
        let step = Explained::InternalMargin {
            working_days: granted,
            to: day(internal),
        };
        assert_eq!(computed.steps.last(), Some(&step), "{trigger} {days} days");
    }
}

#[test]
fn days_with_a_clock_change_end_at_their_own_midnight() {
    // In 2002 and 2008 Pakistan's clocks changed at midnight: the midnight that ends the day before was
    // skipped in spring, and in autumn the last hour of the day came twice.
    for (last, due_at) in [
        ("2002-04-06", "2002-04-06T19:00:00Z"),
        ("2008-05-31", "2008-05-31T19:00:00Z"),
        ("2008-10-31", "2008-10-31T19:00:00Z"),
    ] {
        let trigger = court().at_local(
            day(last).pred_opt().unwrap(),
            NaiveTime::from_hms_opt(12, 0, 0).unwrap(),
        );
        let computed = due(trigger, &rule(Period::Days(1), ClosedLastDay::Stays), &court()).unwrap();
        assert_eq!(
            (computed.last_day, computed.due_at),
            (Some(day(last)), moment(due_at)),
            "{last}"
        );
    }
}

#[test]
fn contradictions_and_overflow_are_errors() {
    let now = moment("2026-01-01T00:00:00Z");
    let margin = Counting {
        internal_margin: Some(5),
        ..rule(Period::Hours(24), ClosedLastDay::Moves)
    };
    let time = Counting {
        due_time: Some(DueTime::At(NaiveTime::MIN)),
        ..rule(Period::Millis(5), ClosedLastDay::Moves)
    };
    for counting in [margin, time] {
        assert!(matches!(
            counting.check(),
            Err(CalendarError::NeedsLastDay { .. })
        ));
        assert!(due(now, &counting, &court()).is_err());
    }
    for period in [
        Period::Years(201),
        Period::Millis(-1),
        Period::Hours(u32::MAX),
        Period::Months(u32::MAX),
    ] {
        let result = due(now, &rule(period, ClosedLastDay::Stays), &court());
        assert!(
            matches!(result, Err(CalendarError::PeriodBounds { .. })),
            "{period}"
        );
    }
    for trigger in [
        DateTime::<Utc>::MAX_UTC,
        DateTime::<Utc>::MIN_UTC,
        moment("9999-12-31T12:00:00Z"),
    ] {
        for period in [
            Period::Days(1),
            Period::Months(1),
            Period::Hours(12),
            Period::WorkingDays(3),
        ] {
            let result = due(trigger, &rule(period, ClosedLastDay::Moves), &court());
            assert!(
                matches!(result, Err(CalendarError::OutOfRange { .. })),
                "{trigger} {period}"
            );
        }
    }
    let shut = Calendar {
        open_weekdays: vec![],
        ..court()
    };
    let result = due(now, &rule(Period::Days(3), ClosedLastDay::Moves), &shut);
    assert!(matches!(result, Err(CalendarError::NoOpenDay { .. })));
}

#[test]
fn a_fixed_moment_is_its_own_date() {
    let hearing = at(moment("2026-03-19T04:00:00Z"));
    assert_eq!(hearing.due_at, hearing.trigger);
    assert_eq!(hearing.day(&court()), day("2026-03-19"));
    assert!(hearing.steps.is_empty());
}

#[test]
fn a_rule_as_written_in_a_file() {
    let text = r#"{"period":"30 days","closed_last_day":"moves","internal_margin":5,"due_time":"15:30"}"#;
    let expected = Counting {
        internal_margin: Some(5),
        due_time: NaiveTime::from_hms_opt(15, 30, 0).map(DueTime::At),
        ..rule(Period::Days(30), ClosedLastDay::Moves)
    };
    assert_eq!(serde_json::from_str::<Counting>(text).unwrap(), expected);
}

/// The slow reckoning: one day at a time, by other means than the code under test.
struct Slow {
    open: Vec<u32>,
    closed: BTreeSet<NaiveDate>,
    zone: Tz,
}

impl Slow {
    fn is_open(&self, date: NaiveDate) -> bool {
        self.open.contains(&date.weekday().num_days_from_monday()) && !self.closed.contains(&date)
    }

    fn local_date(&self, at: DateTime<Utc>) -> NaiveDate {
        self.zone.from_utc_datetime(&at.naive_utc()).date_naive()
    }

    fn last_day(&self, from: NaiveDate, period: Period, moves: bool) -> NaiveDate {
        let mut date = from;
        match period {
            Period::Days(n) => (0..n).for_each(|_| date = date.succ_opt().unwrap()),
            Period::Weeks(n) => (0..n * 7).for_each(|_| date = date.succ_opt().unwrap()),
            Period::WorkingDays(n) => {
                let mut left = n;
                while left > 0 {
                    date = date.succ_opt().unwrap();
                    left -= u32::from(self.is_open(date));
                }
            }
            Period::Months(n) => date = slow_months(from, n),
            Period::Years(n) => date = slow_months(from, 12 * n),
            Period::Hours(_) | Period::Millis(_) => unreachable!("only calendar periods are drawn"),
        }
        while moves && !self.is_open(date) {
            date = date.succ_opt().unwrap();
        }
        date
    }

    /// The first quarter of an hour whose local date is later than the day.
    fn end_of(&self, date: NaiveDate) -> DateTime<Utc> {
        let mut at = date.and_time(NaiveTime::MIN).and_utc() - TimeDelta::days(1);
        while self.local_date(at) <= date {
            at += TimeDelta::minutes(15);
        }
        at
    }
}

fn slow_months(from: NaiveDate, months: u32) -> NaiveDate {
    let (mut year, mut month) = (from.year(), from.month());
    for _ in 0..months {
        (year, month) = if month == 12 {
            (year + 1, 1)
        } else {
            (year, month + 1)
        };
    }
    (1..=from.day())
        .rev()
        .find_map(|last| NaiveDate::from_ymd_opt(year, month, last))
        .unwrap()
}

fn calendar_period() -> impl Strategy<Value = Period> {
    prop_oneof![
        (0u32..400).prop_map(Period::Days),
        (0u32..60).prop_map(Period::Weeks),
        (0u32..30).prop_map(Period::Months),
        (0u32..5).prop_map(Period::Years),
        (0u32..120).prop_map(Period::WorkingDays),
    ]
}

proptest! {
    #[test]
    fn due_equals_the_slow_reckoning(
        start in 1_000_000_000i64..1_900_000_000,
        period in calendar_period(),
        moves in any::<bool>(),
        margin in proptest::option::of(0u32..8),
        weekdays in proptest::collection::btree_set(0u8..7, 1..=7),
        holidays in proptest::collection::vec((0u64..500, any::<bool>()), 0..60),
        zone in prop_oneof![Just(Asia::Karachi), Just(Europe::Berlin)],
    ) {
        let trigger = DateTime::from_timestamp(start, 0).unwrap();
        let base = trigger.date_naive();
        let calendar = Calendar {
            name: "Random".to_owned(),
            zone,
            open_weekdays: weekdays.iter().map(|day| Weekday::try_from(*day).unwrap()).collect(),
            closed: holidays.iter().map(|(offset, sure)| ClosedDay {
                date: base + chrono::Days::new(*offset),
                name: format!("Day {offset}"),
                status: if *sure { DayStatus::Confirmed } else { DayStatus::Provisional },
                only: crate::Only::default(),
            }).collect(),
            vacations: vec![],
            hours: Vec::new(),
            courts: std::collections::BTreeMap::new(),
        };
        let slow = Slow {
            open: weekdays.iter().map(|day| u32::from(*day)).collect(),
            closed: calendar.closed.iter().map(|closed| closed.date).collect(),
            zone,
        };
        let closed_last_day = if moves { ClosedLastDay::Moves } else { ClosedLastDay::Stays };
        let counting = Counting { period, closed_last_day, internal_margin: margin, due_time: None };

        let computed = due(trigger, &counting, &calendar).unwrap();
        let trigger_day = slow.local_date(trigger);
        let last_day = slow.last_day(trigger_day, period, moves);
        prop_assert_eq!(computed.last_day, Some(last_day));
        prop_assert_eq!(computed.due_at, slow.end_of(last_day));

        // The internal date: the margin-th open day before the last day, or the earliest there is.
        let earlier: Vec<NaiveDate> =
            last_day.iter_days().rev().skip(1).take_while(|d| *d >= trigger_day).filter(|d| slow.is_open(*d)).collect();
        let internal = margin.map(|margin| {
            earlier.iter().take(margin as usize).next_back().copied().unwrap_or(last_day)
        });
        prop_assert_eq!(computed.internal_last_day, internal);

        // Every skipped day is really closed, and every uncertain one is marked.
        for pair in computed.steps.windows(2) {
            if let Explained::SkippedClosed { date, reason } = &pair[0] {
                prop_assert!(!slow.is_open(*date));
                let uncertain = matches!(reason, ClosedReason::Holiday { status: DayStatus::Provisional, .. });
                prop_assert_eq!(uncertain, matches!(&pair[1], Explained::ProvisionalDay { .. }));
            }
        }
    }

    #[test]
    fn a_longer_period_never_ends_earlier(
        start in 1_000_000_000i64..1_900_000_000,
        days in 0u32..3000,
    ) {
        let trigger = DateTime::from_timestamp(start, 0).unwrap();
        let end = |n| due(trigger, &rule(Period::Days(n), ClosedLastDay::Moves), &court()).unwrap().due_at;
        prop_assert!(end(days) <= end(days + 1));
        prop_assert!(trigger < end(days));
    }
}
