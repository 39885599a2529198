//! Whether the clock can be believed: a worker with a wrong one does nothing rather than something too early.
//! Knows readings only; not what is due, nor any database.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use peshi_service::SKEW;

/// A clock that leaps further than this within one process, while no such time passed, is doubted.
const LEAP: TimeDelta = TimeDelta::hours(1);
/// A stop longer than this is more likely a wrong clock than an outage.
const LONGEST_STOP: TimeDelta = TimeDelta::days(180);
/// How long a doubted clock is watched; one that still stands by its time is then believed.
const WATCHED: Duration = Duration::from_mins(10);

/// What a worker reads before each round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The clock on the wall.
    pub now: DateTime<Utc>,
    /// Time passed by a clock that nobody can set.
    pub steady: Duration,
    /// The clock of the database server, if that is another machine's.
    pub server: Option<DateTime<Utc>>,
}

/// Why a clock is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// It leapt forward.
    Leapt {
        /// What it should show.
        expected: DateTime<Utc>,
        /// What it shows.
        shown: DateTime<Utc>,
    },
    /// It differs from the database server's.
    Differs {
        /// The server's.
        server: DateTime<Utc>,
        /// What it shows.
        shown: DateTime<Utc>,
    },
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leapt { expected, shown } => write!(
                f,
                "the clock leapt from {expected} to {shown}; nothing is done until it is set back, or has stood by this \
                 time for {} minutes",
                WATCHED.as_secs() / 60
            ),
            Self::Differs { server, shown } => write!(
                f,
                "this machine's clock shows {shown}, the database server's {server}; nothing is done here until they \
                 agree within {} minutes: set the clocks by NTP",
                SKEW.num_minutes()
            ),
        }
    }
}

/// A worker's judgement of its clock, from reading to reading.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    /// The last believed reading.
    believed: Option<(DateTime<Utc>, Duration)>,
    /// Since when a doubted time is watched.
    watched: Option<(DateTime<Utc>, Duration)>,
}

impl Watch {
    /// Judges a reading; `last_tick` is the latest round that any worker noted, by whatever clock.
    ///
    /// A clock set back is believed: what is due then is due in any case, and what was done is not done again.
    ///
    /// # Errors
    /// The doubt, if the clock is not believed.
    pub fn judge(&mut self, reading: &Reading, last_tick: Option<DateTime<Utc>>) -> Result<(), Doubt> {
        let Reading { now, steady, server } = *reading;
        if let Some(server) = server.filter(|server| (now - *server).abs() > SKEW) {
            return Err(Doubt::Differs { server, shown: now });
        }
        let expected = match (self.believed, last_tick) {
            (Some(believed), _) => moved_on(believed, steady),
            (None, Some(last)) if now - last > LONGEST_STOP => last,
            (None, _) => now,
        };
        // A clock that lagged behind what has been lived already was wrong before, not now.
        let mended = self.believed.is_some() && last_tick.is_some_and(|last| expected + LEAP < last);
        if now - expected <= LEAP || mended || self.stood_by(now, steady) {
            if expected - now > LEAP {
                tracing::warn!(%expected, shown = %now, "the clock was set back; what was done early is not done again");
            }
            (self.believed, self.watched) = (Some((now, steady)), None);
            return Ok(());
        }
        Err(Doubt::Leapt { expected, shown: now })
    }

    /// Whether a doubted time was watched long enough; a time that leaps again is watched anew.
    fn stood_by(&mut self, now: DateTime<Utc>, steady: Duration) -> bool {
        match self.watched {
            Some(first) if (now - moved_on(first, steady)).abs() <= LEAP => {
                steady.saturating_sub(first.1) >= WATCHED
            }
            _ => {
                self.watched = Some((now, steady));
                false
            }
        }
    }
}

/// What a clock that showed `at` when `since` had passed shows now.
fn moved_on((at, since): (DateTime<Utc>, Duration), steady: Duration) -> DateTime<Utc> {
    let passed = TimeDelta::from_std(steady.saturating_sub(since)).unwrap_or(TimeDelta::MAX);
    at.checked_add_signed(passed).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn read(now: &str, minutes: u64) -> Reading {
        Reading {
            now: at(now),
            steady: Duration::from_mins(minutes),
            server: None,
        }
    }

    #[test]
    fn a_leap_is_watched_before_it_is_believed() {
        let mut watch = Watch::default();
        assert_eq!(watch.judge(&read("2026-03-01T00:00:00Z", 0), None), Ok(()));
        // An hour late is a slow machine, and an hour passes.
        assert_eq!(watch.judge(&read("2026-03-01T02:00:00Z", 60), None), Ok(()));
        let leapt = watch.judge(&read("2027-03-01T02:01:00Z", 61), None).unwrap_err();
        assert_eq!(
            leapt,
            Doubt::Leapt {
                expected: at("2026-03-01T02:01:00Z"),
                shown: at("2027-03-01T02:01:00Z")
            }
        );
        assert!(watch.judge(&read("2027-03-01T02:10:00Z", 70), None).is_err());
        let mut mended = watch.clone();
        assert_eq!(
            mended.judge(&read("2026-03-01T02:11:00Z", 71), None),
            Ok(()),
            "set back"
        );
        assert_eq!(
            watch.judge(&read("2027-03-01T02:11:00Z", 71), None),
            Ok(()),
            "it stood by it"
        );
        assert_eq!(watch.judge(&read("2027-03-01T02:12:00Z", 72), None), Ok(()));
        // From there set back at once.
        assert_eq!(watch.judge(&read("2026-03-01T02:13:00Z", 73), None), Ok(()));
    }

    #[test]
    fn a_second_leap_is_watched_anew() {
        let mut watch = Watch::default();
        assert_eq!(watch.judge(&read("2026-03-01T00:00:00Z", 0), None), Ok(()));
        assert!(watch.judge(&read("2027-03-01T00:01:00Z", 1), None).is_err());
        assert!(watch.judge(&read("2028-03-01T00:09:00Z", 9), None).is_err());
        assert!(watch.judge(&read("2028-03-01T00:12:00Z", 12), None).is_err());
        assert_eq!(watch.judge(&read("2028-03-01T00:19:00Z", 19), None), Ok(()));
    }

    #[test]
    fn an_outage_is_believed_and_a_stop_of_a_year_is_watched() {
        for (last, believed) in [
            ("2026-02-27T00:00:00Z", true),
            ("2026-01-01T00:00:00Z", true),
            ("2025-03-01T00:00:00Z", false),
            // Left by a clock that was ahead.
            ("2027-03-01T00:00:00Z", true),
        ] {
            let judged = Watch::default().judge(&read("2026-03-01T00:00:00Z", 0), Some(at(last)));
            assert_eq!(judged.is_ok(), believed, "{last}");
        }
    }

    #[test]
    fn a_clock_without_a_battery_is_believed_once_it_is_set() {
        let mut watch = Watch::default();
        let last = Some(at("2026-03-01T00:00:00Z"));
        assert_eq!(watch.judge(&read("1970-01-01T00:00:10Z", 0), last), Ok(()));
        assert_eq!(watch.judge(&read("2026-03-02T00:00:00Z", 1), last), Ok(()));
    }

    #[test]
    fn who_differs_from_the_database_server_waits_whichever_way() {
        for (now, believed) in [
            ("2026-03-01T11:00:00Z", false),
            ("2026-03-01T11:58:30Z", true),
            ("2026-03-01T12:01:30Z", true),
            ("2026-03-01T13:00:00Z", false),
        ] {
            let reading = Reading {
                server: Some(at("2026-03-01T12:00:00Z")),
                ..read(now, 0)
            };
            assert_eq!(Watch::default().judge(&reading, None).is_ok(), believed, "{now}");
        }
    }
}
