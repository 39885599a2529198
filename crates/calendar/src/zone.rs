//! Between local time and instants, with a stated answer for skipped and repeated local times.
//!
//! It knows zones only through the IANA data of `chrono-tz`; it knows no court and no calendar.

use chrono::offset::LocalResult;
use chrono::{DateTime, NaiveDateTime, Offset, TimeZone, Utc};
use chrono_tz::{GapInfo, Tz};

/// The instant of a local time.
///
/// A local time skipped by a clock change becomes the first instant after the gap; a local time that
/// occurs twice becomes the earlier one. So the mapping never runs backwards.
pub(crate) fn instant_of(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
        LocalResult::None => GapInfo::new(&local, &zone)
            .and_then(|gap| gap.end)
            // Only at the edge of representable time is there neither an instant nor a gap's end.
            .map_or_else(|| local.and_utc(), |end| end.to_utc()),
    }
}

/// The instants at which the clocks of a zone show a local time: one, two, or none if it is skipped.
pub(crate) fn showings(local: NaiveDateTime, zone: Tz) -> Option<(DateTime<Utc>, Option<DateTime<Utc>>)> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) => Some((at.to_utc(), None)),
        LocalResult::Ambiguous(first, second) => Some((first.to_utc(), Some(second.to_utc()))),
        LocalResult::None => None,
    }
}

/// The local time of an instant. At the edge of representable time the offset is left out rather than overflowing.
pub(crate) fn local_of(at: DateTime<Utc>, zone: Tz) -> NaiveDateTime {
    let naive = at.naive_utc();
    let offset = zone.offset_from_utc_datetime(&naive).fix();
    naive.checked_add_offset(offset).unwrap_or(naive)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::{America, Asia, Europe};

    fn local(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap()
    }

    #[test]
    fn skipped_and_repeated_local_times() {
        for (zone, text, expected, why) in [
            (Asia::Karachi, "2026-03-20 09:00", "2026-03-20T04:00:00Z", "plain"),
            (
                Asia::Karachi,
                "2002-04-07 00:00",
                "2002-04-06T19:00:00Z",
                "gap at midnight, first minute",
            ),
            (
                Asia::Karachi,
                "2002-04-07 00:59",
                "2002-04-06T19:00:00Z",
                "gap at midnight, last minute",
            ),
            (
                Asia::Karachi,
                "2002-04-07 01:00",
                "2002-04-06T19:00:00Z",
                "the end of the gap itself",
            ),
            (
                Asia::Karachi,
                "2008-06-01 00:30",
                "2008-05-31T19:00:00Z",
                "gap of 2008",
            ),
            (
                Asia::Karachi,
                "2008-10-31 23:30",
                "2008-10-31T17:30:00Z",
                "repeated hour, the first",
            ),
            (
                Asia::Karachi,
                "2008-11-01 00:00",
                "2008-10-31T19:00:00Z",
                "just after the repeated hour",
            ),
            (
                Asia::Karachi,
                "2009-04-15 00:10",
                "2009-04-14T19:00:00Z",
                "gap of 2009",
            ),
            (Europe::Berlin, "2024-03-31 02:30", "2024-03-31T01:00:00Z", "gap"),
            (
                Europe::Berlin,
                "2024-10-27 02:30",
                "2024-10-27T00:30:00Z",
                "repeated, the first",
            ),
            (
                America::New_York,
                "2024-03-10 02:00",
                "2024-03-10T07:00:00Z",
                "gap, west of Greenwich",
            ),
        ] {
            let expected: DateTime<Utc> = expected.parse().unwrap();
            assert_eq!(instant_of(local(text), zone), expected, "{zone} {text}: {why}");
        }
    }

    #[test]
    fn the_edges_of_time_do_not_panic() {
        let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        assert_eq!(
            local_of(last, Asia::Karachi),
            last.naive_utc(),
            "the end has no local time in the east"
        );
        assert_eq!(
            local_of(first, America::New_York),
            first.naive_utc(),
            "nor the beginning in the west"
        );
        for zone in [Asia::Karachi, America::New_York] {
            let _ = instant_of(NaiveDateTime::MAX, zone);
            let _ = instant_of(NaiveDateTime::MIN, zone);
        }
    }
}
