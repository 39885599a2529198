//! What a line does on the days on which clocks are set forward or back, in zones that do it differently.

use chrono_tz::{Africa, America, Asia, Australia, Europe};

use super::*;

/// Line, zone, after, until, occurrences by the wall clock.
type Story = (
    &'static str,
    Tz,
    &'static str,
    &'static str,
    &'static [&'static str],
);

fn check(stories: &[Story]) {
    for (line, zone, after, until, fires) in stories {
        assert_eq!(local(line, *zone, after, until), *fires, "{line} in {zone}");
    }
}

#[test]
fn a_skipped_time_of_day_fires_once_after_the_gap() {
    check(&[
        // London, 29 March 2026: 01:00 to 02:00 does not exist.
        (
            "30 1 * * *",
            Europe::London,
            "2026-03-28T12:00:00Z",
            "2026-03-30T12:00:00Z",
            &["Sun 29 02:00+01", "Mon 30 01:30+01"],
        ),
        // New York, 8 March 2026: 02:00 to 03:00. Several skipped times fire once, and with what falls on the same instant.
        (
            "*/20 2,3 * * *",
            America::New_York,
            "2026-03-08T05:00:00Z",
            "2026-03-08T08:00:00Z",
            &["Sun 08 03:00-04", "Sun 08 03:20-04", "Sun 08 03:40-04"],
        ),
        // Lord Howe, 4 October 2026: half an hour, 02:00 to 02:30.
        (
            "0,15,45 2 * * *",
            Australia::Lord_Howe,
            "2026-10-03T12:00:00Z",
            "2026-10-03T18:00:00Z",
            &["Sun 04 02:30+11", "Sun 04 02:45+11"],
        ),
        // Casablanca, 22 March 2026, the end of Ramadan: 02:00 to 03:00.
        (
            "0 */2 * * *",
            Africa::Casablanca,
            "2026-03-21T23:30:00Z",
            "2026-03-22T05:00:00Z",
            &[
                "Sun 22 00:00+00",
                "Sun 22 03:00+01",
                "Sun 22 04:00+01",
                "Sun 22 06:00+01",
            ],
        ),
        // Pakistan, 7 April 2002 and 1 June 2008: 00:00 to 01:00.
        (
            "0 0 * * *",
            Asia::Karachi,
            "2002-04-05T20:00:00Z",
            "2002-04-07T20:00:00Z",
            &["Sun 07 01:00+06", "Mon 08 00:00+06"],
        ),
        (
            "@daily",
            Asia::Karachi,
            "2008-05-30T20:00:00Z",
            "2008-06-01T20:00:00Z",
            &["Sun 01 01:00+06", "Mon 02 00:00+06"],
        ),
        (
            "*/30 0,1 * * *",
            Asia::Karachi,
            "2008-05-31T12:00:00Z",
            "2008-06-01T12:00:00Z",
            &["Sun 01 01:00+06", "Sun 01 01:30+06"],
        ),
    ]);
}

#[test]
fn a_repeated_time_of_day_fires_once_at_the_first() {
    check(&[
        // London, 25 October 2026: 01:00 to 02:00 comes twice.
        (
            "30 1 * * *",
            Europe::London,
            "2026-10-24T12:00:00Z",
            "2026-10-26T12:00:00Z",
            &["Sun 25 01:30+01", "Mon 26 01:30+00"],
        ),
        // New York, 1 November 2026: 01:00 to 02:00.
        (
            "*/30 1,2 * * *",
            America::New_York,
            "2026-11-01T04:30:00Z",
            "2026-11-01T09:00:00Z",
            &[
                "Sun 01 01:00-04",
                "Sun 01 01:30-04",
                "Sun 01 02:00-05",
                "Sun 01 02:30-05",
            ],
        ),
        // Asked in the second pass, nothing of the repeated hour is left.
        (
            "*/30 1,2 * * *",
            America::New_York,
            "2026-11-01T06:05:00Z",
            "2026-11-01T07:00:00Z",
            &["Sun 01 02:00-05"],
        ),
        // Lord Howe, 5 April 2026: half an hour, 01:30 to 02:00.
        (
            "0,45 1,2 * * *",
            Australia::Lord_Howe,
            "2026-04-04T12:00:00Z",
            "2026-04-04T18:00:00Z",
            &[
                "Sun 05 01:00+11",
                "Sun 05 01:45+11",
                "Sun 05 02:00+10:30",
                "Sun 05 02:45+10:30",
            ],
        ),
        // Casablanca, 15 February 2026, before Ramadan: 02:00 to 03:00.
        (
            "30 2 * * *",
            Africa::Casablanca,
            "2026-02-14T12:00:00Z",
            "2026-02-16T12:00:00Z",
            &["Sun 15 02:30+01", "Mon 16 02:30+00"],
        ),
        // Pakistan, 5 October 2002 and 31 October 2008: 23:00 to 24:00.
        (
            "30 23 * * *",
            Asia::Karachi,
            "2002-10-05T12:00:00Z",
            "2002-10-06T20:00:00Z",
            &["Sat 05 23:30+06", "Sun 06 23:30+05"],
        ),
        (
            "0 0,23 * * *",
            Asia::Karachi,
            "2008-10-31T12:00:00Z",
            "2008-11-01T12:00:00Z",
            &["Fri 31 23:00+06", "Sat 01 00:00+05"],
        ),
    ]);
}

#[test]
fn a_line_for_every_hour_runs_by_the_clock_as_it_goes() {
    check(&[
        // No hour is silent when London's clocks go back, and none is made up for when they go forward.
        (
            "@hourly",
            Europe::London,
            "2026-10-24T23:30:00Z",
            "2026-10-25T02:30:00Z",
            &["Sun 25 01:00+01", "Sun 25 01:00+00", "Sun 25 02:00+00"],
        ),
        (
            "@hourly",
            Europe::London,
            "2026-03-28T23:30:00Z",
            "2026-03-29T02:30:00Z",
            &["Sun 29 00:00+00", "Sun 29 02:00+01", "Sun 29 03:00+01"],
        ),
        // The same however every hour is written.
        (
            "20 0-23 * * *",
            Europe::London,
            "2026-03-28T23:30:00Z",
            "2026-03-29T01:30:00Z",
            &["Sun 29 00:20+00", "Sun 29 02:20+01"],
        ),
        // Asked in the first pass, the second pass is there from its beginning.
        (
            "*/15 * * * *",
            America::New_York,
            "2026-11-01T05:35:00Z",
            "2026-11-01T06:30:00Z",
            &[
                "Sun 01 01:45-04",
                "Sun 01 01:00-05",
                "Sun 01 01:15-05",
                "Sun 01 01:30-05",
            ],
        ),
        // Asked in the second pass.
        (
            "*/15 * * * *",
            America::New_York,
            "2026-11-01T06:35:00Z",
            "2026-11-01T07:15:00Z",
            &["Sun 01 01:45-05", "Sun 01 02:00-05", "Sun 01 02:15-05"],
        ),
        // Half an hour repeated, half an hour skipped.
        (
            "40 * * * *",
            Australia::Lord_Howe,
            "2026-04-04T14:00:00Z",
            "2026-04-04T17:00:00Z",
            &["Sun 05 01:40+11", "Sun 05 01:40+10:30", "Sun 05 02:40+10:30"],
        ),
        (
            "15 * * * *",
            Australia::Lord_Howe,
            "2026-10-03T14:00:00Z",
            "2026-10-03T17:00:00Z",
            &["Sun 04 01:15+10:30", "Sun 04 03:15+11"],
        ),
    ]);
}
