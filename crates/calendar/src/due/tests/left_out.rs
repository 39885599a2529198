//! Time that does not count, and dates that fall on the hours of an office.

use super::*;

/// The clock stood still between two local noons of Pakistan.
fn stopped(from: &str, until: &str) -> Excluded {
    let noon = |date: &str| Asia::Karachi.from_local_datetime(&day(date).and_hms_opt(12, 0, 0).unwrap());
    Excluded {
        from: noon(from).unwrap().to_utc(),
        until: noon(until).unwrap().to_utc(),
        why: Why::Stopped {
            category: "court_stay".to_owned(),
        },
    }
}

#[test]
fn time_left_out_lengthens_the_count() {
    use ClosedLastDay::Stays;
    let trigger = "2026-04-01T06:00:00Z";
    for (period, spans, last, why) in [
        (Period::Days(10), vec![], "2026-04-11", "nothing left out"),
        (
            Period::Days(10),
            vec![("2026-04-03", "2026-04-06")],
            "2026-04-14",
            "three days",
        ),
        (
            Period::Days(10),
            vec![("2026-04-03", "2026-04-03")],
            "2026-04-11",
            "stopped and resumed on one day",
        ),
        (
            Period::Days(10),
            vec![("2026-04-11", "2026-04-13")],
            "2026-04-13",
            "stopped on the very last day",
        ),
        (
            Period::Days(10),
            vec![("2026-04-12", "2026-04-20")],
            "2026-04-11",
            "too late to matter",
        ),
        (
            Period::Days(10),
            vec![("2026-03-20", "2026-04-04")],
            "2026-04-13",
            "from before the trigger",
        ),
        (
            Period::Days(10),
            vec![("2026-04-03", "2026-04-06"), ("2026-04-05", "2026-04-08")],
            "2026-04-16",
            "what is left out twice counts once",
        ),
        // Friday to Tuesday: Friday, Saturday and Monday are open, Sunday is not.
        (
            Period::WorkingDays(3),
            vec![("2026-04-03", "2026-04-07")],
            "2026-04-08",
            "open days only",
        ),
        (
            Period::Months(1),
            vec![("2026-04-10", "2026-04-12")],
            "2026-05-03",
            "days on top of a month",
        ),
    ] {
        let spans: Vec<Excluded> = spans.iter().map(|(from, until)| stopped(from, until)).collect();
        let computed = due_without(moment(trigger), &rule(period, Stays), &court(), &spans).unwrap();
        assert_eq!(computed.last_day, Some(day(last)), "{why}");
    }
}

#[test]
fn a_stopped_clock_keeps_the_hours_that_are_left() {
    let spans = [stopped("2026-04-01", "2026-04-03")];
    let rule = rule(Period::Hours(24), ClosedLastDay::Stays);
    let computed = due_without(moment("2026-04-01T06:00:00Z"), &rule, &court(), &spans).unwrap();
    assert_eq!(computed.due_at, moment("2026-04-04T06:00:00Z"));
    assert!(matches!(
        computed.steps[0],
        Explained::Excluded { days: None, .. }
    ));
}

#[test]
fn the_next_opening() {
    use crate::place::Hours;
    let calendar = Calendar {
        hours: vec![Hours {
            name: None,
            from: None,
            until: None,
            days: court().open_weekdays,
            opens: "08:00:00".parse().unwrap(),
            closes: "15:30:00".parse().unwrap(),
        }],
        ..court()
    };
    let counting = |period, due_time| Counting {
        due_time: Some(due_time),
        ..rule(period, ClosedLastDay::Stays)
    };
    let now = Period::WorkingDays(0);
    // 08:00 in Pakistan is 03:00 UTC.
    for (trigger, period, time, due_at, why) in [
        (
            "2026-04-01T21:00:00Z",
            now,
            DueTime::Opening,
            "2026-04-02T03:00:00Z",
            "at night: the same morning",
        ),
        (
            "2026-04-02T03:00:00Z",
            now,
            DueTime::Opening,
            "2026-04-03T03:00:00Z",
            "at the opening: the next day",
        ),
        (
            "2026-04-04T12:00:00Z",
            now,
            DueTime::Opening,
            "2026-04-06T03:00:00Z",
            "Saturday evening: Monday",
        ),
        (
            "2026-04-04T20:00:00Z",
            now,
            DueTime::Opening,
            "2026-04-06T03:00:00Z",
            "Sunday: Monday",
        ),
        (
            "2026-04-01T21:00:00Z",
            Period::WorkingDays(1),
            DueTime::Opening,
            "2026-04-03T03:00:00Z",
            "a day later",
        ),
        (
            "2026-04-01T21:00:00Z",
            Period::Days(1),
            DueTime::Closing,
            "2026-04-03T10:30:00Z",
            "by closing",
        ),
    ] {
        let computed = due(moment(trigger), &counting(period, time), &calendar).unwrap();
        assert_eq!(computed.due_at, moment(due_at), "{why}");
    }
    let silent = due(
        moment("2026-04-01T21:00:00Z"),
        &counting(Period::Days(1), DueTime::Opening),
        &court(),
    )
    .unwrap();
    assert_eq!(
        silent.due_at,
        moment("2026-04-02T19:00:00Z"),
        "hours unknown: the beginning of the day"
    );
}
