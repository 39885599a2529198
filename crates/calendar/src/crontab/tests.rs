//! Tests of crontab lines: tables, clock changes, and a comparison with a scan of every minute.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{TimeDelta, Timelike};
use chrono_tz::{America, Asia, Europe};
use proptest::prelude::*;

use super::*;

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Occurrences between two moments, written as local times.
fn local(line: &str, zone: Tz, after: &str, until: &str) -> Vec<String> {
    CronLine::parse(line)
        .unwrap()
        .occurrences_between(moment(after), moment(until), zone, 1000)
        .iter()
        .map(|at| at.with_timezone(&zone).format("%a %d %H:%M%:::z").to_string())
        .collect()
}

#[test]
fn next_occurrences() {
    // 00:00 UTC on Thursday 1 January 2026 is 05:00 in Pakistan.
    for (line, next) in [
        ("0 7 * * *", "2026-01-01T02:00:00Z"),
        ("0 5 * * *", "2026-01-02T00:00:00Z"),
        ("*/15 * * * *", "2026-01-01T00:15:00Z"),
        ("30 8 * * MON-SAT", "2026-01-01T03:30:00Z"),
        ("0 9 * * 0", "2026-01-04T04:00:00Z"),
        ("0 9 * * 7", "2026-01-04T04:00:00Z"),
        ("0 9 * * 1", "2026-01-05T04:00:00Z"),
        ("0 9 * * sat", "2026-01-03T04:00:00Z"),
        ("0 9 * * 5-7", "2026-01-02T04:00:00Z"),
        ("0 9 * * FRI-MON", "2026-01-02T04:00:00Z"),
        ("0 9 15 * *", "2026-01-15T04:00:00Z"),
        ("0 9 15 * MON", "2026-01-05T04:00:00Z"),
        ("0 9 3 * MON", "2026-01-03T04:00:00Z"),
        ("0 9 1-31 * MON", "2026-01-01T04:00:00Z"),
        ("0 9 31 FEB,jun,JUL *", "2026-07-31T04:00:00Z"),
        ("0 9 29 2 *", "2028-02-29T04:00:00Z"),
        ("  0\t9 29   2 * ", "2028-02-29T04:00:00Z"),
        ("@hourly", "2026-01-01T01:00:00Z"),
        ("@daily", "2026-01-01T19:00:00Z"),
        ("@midnight", "2026-01-01T19:00:00Z"),
        ("@Weekly", "2026-01-03T19:00:00Z"),
        ("@monthly", "2026-01-31T19:00:00Z"),
        ("@yearly", "2026-12-31T19:00:00Z"),
    ] {
        let parsed = CronLine::parse(line).unwrap();
        assert_eq!(parsed.as_str(), line.trim());
        let result = parsed.next_after(moment("2026-01-01T00:00:00Z"), Asia::Karachi);
        assert_eq!(result, Some(moment(next)), "{line}");
    }
}

#[test]
fn refused_lines() {
    for (line, fields) in [
        ("", 0),
        ("* * * *", 4),
        ("0 0 7 * * MON", 6),
        ("0 0 7 * * MON 2026", 7),
    ] {
        assert_eq!(
            CronLine::parse(line),
            Err(CronError::Fields {
                line: line.to_owned(),
                found: fields
            })
        );
    }
    for line in ["@reboot", "@every 5m", "@", "@dailyy", "@daily 5"] {
        assert_eq!(
            CronLine::parse(line),
            Err(CronError::Shorthand {
                line: line.to_owned()
            })
        );
    }
    for line in [
        "0 9 */2 * MON",
        "0 9 1 * */2",
        "0 9 */2 * */2",
        "0 9 5,*/10 * MON",
    ] {
        assert!(
            matches!(CronLine::parse(line), Err(CronError::Ambiguous { .. })),
            "{line}"
        );
    }
    for line in ["0 9 30 2 *", "0 9 31 4,6,9,11 *"] {
        assert_eq!(
            CronLine::parse(line),
            Err(CronError::Never {
                line: line.to_owned()
            })
        );
    }
    for line in [
        "every day at nine please",
        "0 9 ? * MON",
        "0 9 L * *",
        "0 9 * * MON#1",
        "60 * * * *",
        "0 7 * * 8",
    ] {
        assert!(
            matches!(CronLine::parse(line), Err(CronError::Part { .. })),
            "{line}"
        );
    }
    insta::assert_snapshot!(CronLine::parse("0 0 7 * * MON").unwrap_err(), @r#"the schedule "0 0 7 * * MON" has 6 fields: a schedule has five (minute, hour, day of month, month, weekday), without seconds and without a year, such as "0 7 * * MON-SAT""#);
    insta::assert_snapshot!(CronLine::parse("0 9 */2 * MON").unwrap_err(), @r#"the schedule "0 9 */2 * MON" has a stepped star in one day field ("*/2") and a restriction in the other; crons disagree about its meaning: write the stepped field as a range such as "1-31/2" (then either field may match), or leave one of them as *"#);
    insta::assert_snapshot!(CronLine::parse("0 9 30 2 *").unwrap_err(), @r#"the schedule "0 9 30 2 *" never comes: no year has such a date; check day of month and month"#);
}

#[test]
fn either_day_field_suffices() {
    let days = local(
        "0 9 13 * FRI",
        Asia::Karachi,
        "2026-01-31T00:00:00Z",
        "2026-03-01T00:00:00Z",
    );
    // Friday the 13th is one day, fired once.
    assert_eq!(
        days,
        [
            "Fri 06 09:00+05",
            "Fri 13 09:00+05",
            "Fri 20 09:00+05",
            "Fri 27 09:00+05"
        ]
    );
    let days = local(
        "0 9 10 * FRI",
        Asia::Karachi,
        "2026-01-31T00:00:00Z",
        "2026-02-14T00:00:00Z",
    );
    assert_eq!(days, ["Fri 06 09:00+05", "Tue 10 09:00+05", "Fri 13 09:00+05"]);
}

#[test]
fn a_skipped_time_fires_once_after_the_gap() {
    for (line, zone, after, until, fires) in [
        // Berlin, 31 March 2024: 02:00 to 03:00 does not exist.
        (
            "30 2 * * *",
            Europe::Berlin,
            "2024-03-30T12:00:00Z",
            "2024-04-01T12:00:00Z",
            vec!["Sun 31 03:00+02", "Mon 01 02:30+02"],
        ),
        (
            "*/20 2,3 * * *",
            Europe::Berlin,
            "2024-03-31T00:00:00Z",
            "2024-03-31T02:00:00Z",
            vec!["Sun 31 03:00+02", "Sun 31 03:20+02", "Sun 31 03:40+02"],
        ),
        // Pakistan, 7 April 2002 and 1 June 2008: 00:00 to 01:00 does not exist.
        (
            "0 0 * * *",
            Asia::Karachi,
            "2002-04-05T20:00:00Z",
            "2002-04-07T20:00:00Z",
            vec!["Sun 07 01:00+06", "Mon 08 00:00+06"],
        ),
        (
            "@daily",
            Asia::Karachi,
            "2008-05-30T20:00:00Z",
            "2008-06-01T20:00:00Z",
            vec!["Sun 01 01:00+06", "Mon 02 00:00+06"],
        ),
        (
            "*/30 0,1 * * *",
            Asia::Karachi,
            "2008-05-31T12:00:00Z",
            "2008-06-01T12:00:00Z",
            vec!["Sun 01 01:00+06", "Sun 01 01:30+06"],
        ),
    ] {
        assert_eq!(local(line, zone, after, until), fires, "{line} in {zone}");
    }
}

#[test]
fn a_repeated_time_fires_once_at_the_first() {
    for (line, zone, after, until, fires) in [
        // Berlin, 27 October 2024: 02:00 to 03:00 comes twice.
        (
            "30 2 * * *",
            Europe::Berlin,
            "2024-10-26T12:00:00Z",
            "2024-10-28T12:00:00Z",
            vec!["Sun 27 02:30+02", "Mon 28 02:30+01"],
        ),
        (
            "*/30 2,3 * * *",
            Europe::Berlin,
            "2024-10-26T12:00:00Z",
            "2024-10-27T12:00:00Z",
            vec![
                "Sun 27 02:00+02",
                "Sun 27 02:30+02",
                "Sun 27 03:00+01",
                "Sun 27 03:30+01",
            ],
        ),
        // Asked from within the second pass, nothing of the repeated hour is left.
        (
            "*/30 * * * *",
            Europe::Berlin,
            "2024-10-27T01:05:00Z",
            "2024-10-27T02:00:00Z",
            vec!["Sun 27 03:00+01"],
        ),
        // Pakistan, 5 October 2002 and 31 October 2008: 23:00 to 24:00 comes twice.
        (
            "30 23 * * *",
            Asia::Karachi,
            "2002-10-05T12:00:00Z",
            "2002-10-06T20:00:00Z",
            vec!["Sat 05 23:30+06", "Sun 06 23:30+05"],
        ),
        (
            "0 0,23 * * *",
            Asia::Karachi,
            "2008-10-31T12:00:00Z",
            "2008-11-01T12:00:00Z",
            vec!["Fri 31 23:00+06", "Sat 01 00:00+05"],
        ),
    ] {
        assert_eq!(local(line, zone, after, until), fires, "{line} in {zone}");
    }
}

#[test]
fn bounds_of_a_query() {
    let line = CronLine::parse("0 * * * *").unwrap();
    let (from, to) = (moment("2026-01-01T00:00:00Z"), moment("2026-01-01T03:00:00Z"));
    let between = |after, until, limit| line.occurrences_between(after, until, Asia::Karachi, limit).len();
    assert_eq!(
        between(from, to, 10),
        3,
        "the start is left out, the end is included"
    );
    assert_eq!(between(from, to, 2), 2);
    assert_eq!(between(from, to, 0), 0);
    assert_eq!(between(to, from, 10), 0);
    assert_eq!(between(from - TimeDelta::nanoseconds(1), from, 10), 1);
    let last = moment("2100-12-31T18:00:00Z");
    assert_eq!(
        line.next_after(last, Asia::Karachi),
        None,
        "the years end with 2100"
    );
    for zone in [Asia::Karachi, America::New_York] {
        assert_eq!(line.next_after(DateTime::<Utc>::MAX_UTC, zone), None);
        assert_eq!(
            line.next_after(DateTime::<Utc>::MIN_UTC, zone)
                .unwrap()
                .with_timezone(&zone)
                .year(),
            1970
        );
    }
}

#[test]
fn a_line_is_text_in_files() {
    let line: CronLine = serde_json::from_str(r#""0 7 * * MON-SAT""#).unwrap();
    assert_eq!(serde_json::to_string(&line).unwrap(), r#""0 7 * * MON-SAT""#);
    assert_eq!(line.to_string().parse(), Ok(line));
    assert!(
        serde_json::from_str::<CronLine>(r#""0 0 7 * * MON""#)
            .unwrap_err()
            .to_string()
            .contains("6 fields")
    );
}

/// A field as drawn: its text, and the values it names by the meaning given to the strategy.
type Drawn = (String, BTreeSet<u32>);

fn everything(min: u32, max: u32) -> Drawn {
    ("*".to_owned(), (min..=max).collect())
}

/// Restricted fields without a star: numbers, lists, ranges, steps.
fn restricted(min: u32, max: u32) -> impl Strategy<Value = Drawn> {
    let range = (min..=max, min..=max, 1..=(max - min)).prop_map(|(a, b, step)| {
        let (low, high) = (a.min(b), a.max(b));
        let set = (low..=high)
            .filter(|value| (value - low).is_multiple_of(step))
            .collect();
        let text = if step == 1 {
            format!("{low}-{high}")
        } else {
            format!("{low}-{high}/{step}")
        };
        (text, set)
    });
    let list = proptest::collection::btree_set(min..=max, 1..4).prop_map(|set| {
        let words: Vec<String> = set.iter().map(u32::to_string).collect();
        (words.join(","), set)
    });
    prop_oneof![list, range]
}

/// Any field of numbers.
fn numbers(min: u32, max: u32) -> impl Strategy<Value = Drawn> {
    let stepped = (2..=(max - min)).prop_map(move |step| {
        (
            format!("*/{step}"),
            (min..=max)
                .filter(|value| (value - min).is_multiple_of(step))
                .collect(),
        )
    });
    prop_oneof![Just(everything(min, max)), stepped, restricted(min, max)]
}

/// Weekday fields without a star, including names, 7 for Sunday and ranges that wrap.
fn weekdays() -> impl Strategy<Value = Drawn> {
    const NAMES: [&str; 7] = ["Sun", "MON", "tue", "WED", "Thu", "FRI", "sat"];
    let list = proptest::collection::btree_set(0u32..=7, 1..4).prop_map(|set| {
        let words: Vec<String> = set.iter().map(u32::to_string).collect();
        (words.join(","), set.iter().map(|day| day % 7).collect())
    });
    let wrapping = (0usize..7, 0usize..7).prop_map(|(first, last)| {
        let mut set = BTreeSet::new();
        let mut day = first;
        loop {
            set.insert(u32::try_from(day).unwrap());
            if day == last {
                break;
            }
            day = (day + 1) % 7;
        }
        (format!("{}-{}", NAMES[first], NAMES[last]), set)
    });
    prop_oneof![list, wrapping]
}

/// The two day fields: unrestricted, one restricted, or both.
fn day_fields() -> impl Strategy<Value = (Drawn, Drawn)> {
    prop_oneof![
        Just((everything(1, 31), everything(0, 6))),
        (numbers(1, 31), Just(everything(0, 6))),
        (Just(everything(1, 31)), weekdays()),
        (restricted(1, 31), weekdays()),
    ]
}

/// Every local time of the window with the first instant at which the clock shows it.
fn first_instants(
    zone: Tz,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> BTreeMap<NaiveDateTime, DateTime<Utc>> {
    let mut shown = BTreeMap::new();
    let mut at = from;
    while at <= until {
        shown.entry(at.with_timezone(&zone).naive_local()).or_insert(at);
        at += TimeDelta::minutes(1);
    }
    shown
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn occurrences_equal_a_scan_of_every_minute(
        minute in numbers(0, 59),
        hour in numbers(0, 23),
        (day_of_month, weekday) in day_fields(),
        month in prop_oneof![3 => Just(everything(1, 12)), 1 => numbers(1, 12)],
        (zone, start) in prop_oneof![
            // Windows of three weeks around clock changes, and an arbitrary one.
            Just((Europe::Berlin, "2024-03-20T00:00:00Z")),
            Just((Europe::Berlin, "2024-10-15T00:00:00Z")),
            Just((Asia::Karachi, "2002-03-28T00:00:00Z")),
            Just((Asia::Karachi, "2002-09-28T00:00:00Z")),
            Just((Asia::Karachi, "2008-05-22T00:00:00Z")),
            Just((Asia::Karachi, "2008-10-22T00:00:00Z")),
            Just((America::New_York, "2024-02-26T00:00:00Z")),
            Just((Asia::Karachi, "2027-12-20T00:00:00Z")),
        ],
        shift in 0i64..2880,
    ) {
        let text = format!("{} {} {} {} {}", minute.0, hour.0, day_of_month.0, month.0, weekday.0);
        let line = match CronLine::parse(&text) {
            Ok(line) => line,
            Err(CronError::Never { .. }) => {
                // True only of days that no named month has.
                prop_assert!(weekday.0 == "*" && day_of_month.1.iter().all(|day| *day > 29));
                return Ok(());
            }
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        };
        let after = moment(start) + TimeDelta::minutes(shift);
        let until = after + TimeDelta::weeks(3);
        let margin = TimeDelta::days(1);
        let shown = first_instants(zone, after - margin, until + margin);

        let matches = |local: &NaiveDateTime| {
            let day = day_of_month.1.contains(&local.day());
            let of_week = weekday.1.contains(&local.weekday().num_days_from_sunday());
            let days = if day_of_month.0 != "*" && weekday.0 != "*" { day || of_week } else { day && of_week };
            days && minute.1.contains(&local.minute())
                && hour.1.contains(&local.hour())
                && month.1.contains(&local.month())
        };
        let mut expected = BTreeSet::new();
        let mut local = *shown.keys().next().unwrap();
        // Every minute a wall calendar has, also those no clock shows: these fire at the next one shown.
        while let Some((_, first)) = shown.range(local..).next() {
            if matches(&local) && *first > after && *first <= until {
                expected.insert(*first);
            }
            local += TimeDelta::minutes(1);
        }
        let expected: Vec<DateTime<Utc>> = expected.into_iter().collect();
        prop_assert_eq!(&line.occurrences_between(after, until, zone, usize::MAX), &expected, "{}", text);

        // Asking one at a time gives the same.
        let mut at = after;
        for next in expected.iter().take(50) {
            prop_assert_eq!(line.next_after(at, zone), Some(*next), "{}", text);
            at = *next;
        }
    }

    #[test]
    fn any_text_is_read_or_refused(line in "(@\\PC{0,8}|([0-9*/,A-Za-z?#L-]{1,6} ){0,6}\\PC{0,4})") {
        if let Ok(parsed) = CronLine::parse(&line) {
            prop_assert!(parsed.next_after(moment("2000-01-01T00:00:00Z"), Asia::Karachi).is_some());
        }
    }
}
