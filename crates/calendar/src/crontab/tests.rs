//! Tests of crontab lines by tables; clock changes, and a comparison with a slow reckoning, have files of their own.

mod clock_changes;
mod reckoning;

use chrono::TimeDelta;
use chrono_tz::{America, Asia};

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
        .map(|at| at.with_timezone(&zone).format("%a %d %H:%M%:z").to_string())
        .map(|text| text.trim_end_matches(":00").to_owned())
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
    insta::assert_snapshot!(CronLine::parse("0 0 7 * * MON").unwrap_err(), @r#"the schedule "0 0 7 * * MON" has 6 fields: a schedule has five (minute, hour, day of month, month, day of week), without seconds and without a year, such as "0 7 * * MON-SAT""#);
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
