//! Runs a piece of work in rounds and takes the median. The only file that reads a clock.

use anyhow::Result;
use std::time::{Duration, Instant};

/// How long to measure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// How many rounds; the median one counts.
    pub(crate) rounds: usize,
    /// About how long a round takes.
    pub(crate) round: Duration,
}

/// What the rounds gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Figure {
    /// The figure that counts.
    pub(crate) median: Round,
    /// The fastest round: far above the median, it says that the machine had other work.
    pub(crate) fastest: Round,
}

/// One round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Round {
    /// How many units of work were done in it.
    pub(crate) count: u64,
    /// How long it took.
    pub(crate) seconds: f64,
}

impl Round {
    /// Units a second.
    #[expect(
        clippy::cast_precision_loss,
        reason = "no round does more work than a float counts exactly"
    )]
    pub(crate) fn per_second(self) -> f64 {
        self.count as f64 / self.seconds
    }

    /// Nanoseconds a unit.
    pub(crate) fn ns_each(self) -> f64 {
        1e9 / self.per_second()
    }
}

impl Plan {
    /// Measures `work`, which does that many turns and says how many units of work it did. It is called with few turns
    /// first, until it is known how many fill a round.
    pub(crate) fn measure(&self, mut work: impl FnMut(u64) -> Result<u64>) -> Result<Figure> {
        let mut turns = 1;
        // One run alone may be long only because something else ran in its midst.
        while least(&mut work, turns)? < self.round.as_secs_f64() / 2.0 {
            turns *= 2;
        }
        let mut rounds = (0..self.rounds.max(1))
            .map(|_| time(&mut work, turns))
            .collect::<Result<Vec<Round>>>()?;
        rounds.sort_by(|one, other| one.per_second().total_cmp(&other.per_second()));
        Ok(Figure {
            median: rounds[rounds.len() / 2],
            fastest: rounds[rounds.len() - 1],
        })
    }
}

/// The least time, of three tries, that these turns take.
fn least(work: &mut impl FnMut(u64) -> Result<u64>, turns: u64) -> Result<f64> {
    (0..3).try_fold(f64::INFINITY, |least, _| {
        Ok(time(work, turns)?.seconds.min(least))
    })
}

#[expect(
    clippy::disallowed_methods,
    reason = "a bench measures real time; this is its one place"
)]
fn time(work: &mut impl FnMut(u64) -> Result<u64>, turns: u64) -> Result<Round> {
    let start = Instant::now();
    let count = work(turns)?;
    let seconds = start.elapsed().as_secs_f64().max(f64::MIN_POSITIVE);
    Ok(Round { count, seconds })
}

#[cfg(test)]
mod tests {
    use super::{Plan, Round};
    use std::time::Duration;

    #[test]
    fn turns_grow_until_they_fill_a_round_and_a_median_is_taken() {
        let plan = Plan {
            rounds: 3,
            round: Duration::from_micros(200),
        };
        let mut asked = Vec::new();
        let figure = plan
            .measure(|turns| {
                asked.push(turns);
                let sum = (0..turns * 1000)
                    .map(std::hint::black_box)
                    .fold(0, u64::wrapping_add);
                std::hint::black_box(sum);
                Ok(turns * 2)
            })
            .unwrap();
        assert_eq!(asked[0], 1);
        let last = asked[asked.len() - 3];
        assert!(asked.ends_with(&[last, last, last]));
        assert_eq!((figure.median.count, figure.fastest.count), (last * 2, last * 2));
        assert!(figure.median.seconds >= figure.fastest.seconds);
        let known = Round {
            count: 500,
            seconds: 0.25,
        };
        assert!((known.per_second() - 2000.0).abs() < 1e-9 && (known.ns_each() - 500_000.0).abs() < 1e-6);
    }

    #[test]
    fn a_failure_of_the_work_is_passed_on() {
        let plan = Plan {
            rounds: 1,
            round: Duration::ZERO,
        };
        assert!(plan.measure(|_| anyhow::bail!("no")).is_err());
    }
}
