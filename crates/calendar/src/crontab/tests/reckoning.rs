//! A slow reckoning, minute by minute and written without the code under test, against which lines are compared.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Timelike;
use chrono_tz::{Africa, Asia, Australia, Europe, Pacific};
use proptest::prelude::*;

use super::*;

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// Whether a field names a value, by walking each of its parts one value at a time.
fn names(field: &str, (min, max): (u32, u32), words: &[&str], value: u32) -> bool {
    let read = |text: &str| match words.iter().position(|word| word.eq_ignore_ascii_case(text)) {
        Some(place) => min + u32::try_from(place).unwrap(),
        None => text.parse().unwrap(),
    };
    field.split(',').any(|part| {
        let (base, step) = part.split_once('/').unwrap_or((part, "1"));
        let step: u32 = step.parse().unwrap();
        let (first, last) = match base.split_once('-') {
            Some((first, last)) => (read(first), read(last)),
            None if base == "*" => (min, max),
            None => (read(base), read(base)),
        };
        // Weekdays end with 6, or with 7 where a line says so.
        let end = max.max(last);
        let (mut at, mut steps) = (first, 0);
        loop {
            let same = if words == DAYS {
                at % 7 == value
            } else {
                at == value
            };
            if same && steps % step == 0 {
                return true;
            }
            if at == last {
                return false;
            }
            at = if at == end { min } else { at + 1 };
            steps += 1;
        }
    })
}

/// Whether a line names a local time.
fn matches(line: &str, local: NaiveDateTime) -> bool {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let day = names(fields[2], (1, 31), &[], local.day());
    let weekday = names(fields[4], (0, 6), &DAYS, local.weekday().num_days_from_sunday());
    let either = fields[2] != "*" && fields[4] != "*";
    names(fields[0], (0, 59), &[], local.minute())
        && names(fields[1], (0, 23), &[], local.hour())
        && names(fields[3], (1, 12), &MONTHS, local.month())
        && if either { day || weekday } else { day && weekday }
}

/// All occurrences after a moment up to another, by looking at every minute.
fn slowly(line: &str, zone: Tz, after: DateTime<Utc>, until: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    // Two days more on both sides: whole days have been skipped.
    let (from, to) = (after - TimeDelta::days(2), until + TimeDelta::days(2));
    let minutes = std::iter::successors(from.with_second(0), |at| Some(*at + TimeDelta::minutes(1)))
        .take_while(|at| *at <= to)
        .map(|at| (at.with_timezone(&zone).naive_local(), at));
    let hours = line.split_whitespace().nth(1).unwrap();
    let mut found = BTreeSet::new();
    if (0..24).all(|hour| names(hours, (0, 23), &[], hour)) {
        found.extend(
            minutes
                .filter(|(local, _)| matches(line, *local))
                .map(|(_, at)| at),
        );
    } else {
        let mut shown: BTreeMap<NaiveDateTime, DateTime<Utc>> = BTreeMap::new();
        for (local, at) in minutes {
            shown.entry(local).or_insert(at);
        }
        // Every minute a wall calendar has, also those no clock shows: these fire at the next one shown.
        let mut local = *shown.keys().next().unwrap();
        while let Some((_, first)) = shown.range(local..).next() {
            if matches(line, local) {
                found.insert(*first);
            }
            local += TimeDelta::minutes(1);
        }
    }
    found
        .into_iter()
        .filter(|at| *at > after && *at <= until)
        .collect()
}

/// A number of a field, a range or a list; without a star.
fn restricted(min: u32, max: u32) -> impl Strategy<Value = String> {
    let range = (min..=max, min..=max, 1..=(max - min)).prop_map(|(a, b, step)| {
        let (low, high) = (a.min(b), a.max(b));
        if step == 1 {
            format!("{low}-{high}")
        } else {
            format!("{low}-{high}/{step}")
        }
    });
    let number = (min..=max).prop_map(|value| value.to_string());
    let part = prop_oneof![3 => number, 2 => range];
    proptest::collection::vec(part, 1..4).prop_map(|parts| parts.join(","))
}

/// Any field of numbers.
fn field(min: u32, max: u32) -> impl Strategy<Value = String> {
    let stepped = (2..=(max - min + 1)).prop_map(|step| format!("*/{step}"));
    prop_oneof![2 => Just("*".to_owned()), 1 => stepped, 2 => restricted(min, max)]
}

/// Two names with a range between them, which may wrap, in any case of letters.
fn name_range(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    (0..words.len(), 0..words.len(), 1..4_u32, any::<bool>()).prop_map(|(first, last, step, loud)| {
        let text = format!("{}-{}", words[first], words[last]);
        let text = if step == 1 { text } else { format!("{text}/{step}") };
        if loud { text.to_uppercase() } else { text }
    })
}

fn weekdays() -> impl Strategy<Value = String> {
    prop_oneof![
        restricted(0, 7),
        name_range(&DAYS),
        (0..7_usize).prop_map(|day| DAYS[day].to_owned())
    ]
}

fn lines() -> impl Strategy<Value = String> {
    let star = || Just("*".to_owned());
    let days = prop_oneof![
        2 => (star(), star()),
        2 => (field(1, 31), star()),
        2 => (star(), prop_oneof![weekdays(), Just("*/2".to_owned())]),
        3 => (restricted(1, 31), weekdays()),
    ];
    let months = prop_oneof![4 => star(), 1 => field(1, 12), 1 => name_range(&MONTHS)];
    (field(0, 59), field(0, 23), days, months)
        .prop_map(|(minute, hour, (day, weekday), month)| format!("{minute} {hour} {day} {month} {weekday}"))
}

/// Windows around clock changes, and moments anywhere.
fn starts() -> impl Strategy<Value = (Tz, DateTime<Utc>)> {
    let changes = prop_oneof![
        Just((Europe::London, "2026-03-20T00:00:00Z")),
        Just((Europe::London, "2026-10-15T00:00:00Z")),
        Just((America::New_York, "2026-02-28T00:00:00Z")),
        Just((America::New_York, "2026-10-24T00:00:00Z")),
        Just((Australia::Lord_Howe, "2026-03-28T00:00:00Z")),
        Just((Australia::Lord_Howe, "2026-09-26T00:00:00Z")),
        Just((Africa::Casablanca, "2026-02-08T00:00:00Z")),
        Just((Africa::Casablanca, "2026-03-14T00:00:00Z")),
        Just((Asia::Karachi, "2002-03-28T00:00:00Z")),
        Just((Asia::Karachi, "2002-09-28T00:00:00Z")),
        Just((Asia::Karachi, "2008-05-22T00:00:00Z")),
        Just((Asia::Karachi, "2008-10-22T00:00:00Z")),
        // Whole days that were skipped.
        Just((Pacific::Apia, "2011-12-23T00:00:00Z")),
        Just((Pacific::Kwajalein, "1993-08-14T00:00:00Z")),
    ];
    let changes = (changes, 0..20_160_i64)
        .prop_map(|((zone, start), shift)| (zone, moment(start) + TimeDelta::minutes(shift)));
    let zones = prop_oneof![
        Just(Asia::Karachi),
        Just(Europe::London),
        Just(America::New_York),
        Just(Australia::Lord_Howe),
        Just(Africa::Casablanca),
        Just(Tz::UTC),
    ];
    let anywhere = (zones, 946_684_800_i64..4_070_908_800)
        .prop_map(|(zone, seconds)| (zone, DateTime::from_timestamp(seconds, 0).unwrap()));
    prop_oneof![2 => changes, 1 => anywhere]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn occurrences_equal_the_slow_reckoning(text in lines(), (zone, after) in starts()) {
        let line = match CronLine::parse(&text) {
            Ok(line) => line,
            Err(CronError::Never { .. }) => {
                // True only of days that no named month has: the slow reckoning finds none in four years either.
                let days = (0..1461).map(|day| moment("2028-01-01T00:00:00Z") + TimeDelta::days(day));
                let fields: Vec<&str> = text.split_whitespace().collect();
                let any_time = format!("* * {} {} {}", fields[2], fields[3], fields[4]);
                for day in days {
                    prop_assert!(!matches(&any_time, day.naive_utc()), "{} on {}", text, day);
                }
                return Ok(());
            }
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        };
        let until = after + TimeDelta::days(9);
        let expected = slowly(&text, zone, after, until);
        let found = line.occurrences_between(after, until, zone, usize::MAX);
        prop_assert_eq!(&found, &expected, "{} in {} after {}", text, zone, after);
        // Asking one at a time gives the same.
        let mut at = after;
        for next in expected.iter().take(60) {
            prop_assert_eq!(line.next_after(at, zone), Some(*next), "{} in {} after {}", text, zone, at);
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
