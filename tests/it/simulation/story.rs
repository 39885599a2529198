//! A story: what people, the weather and fate do to a house, as data. A seed makes one; leaving parts out makes a shorter
//! one that still makes sense, so a failing story can be shrunk. It knows no house.

use peshi_service::DayStatusWord;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::weather::Sky;

/// Most cases of one story.
pub(super) const CASES: usize = 3;
/// People who act: a lawyer, a paralegal, a coordinator.
pub(super) const PEOPLE: usize = 3;
/// Parts of a story.
const LENGTH: usize = 60;

/// One part of a story. Numbers named `pick` choose among what is possible when the part comes up.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    /// A case is opened.
    Open { form: u64 },
    /// Somebody records one of the events that are possible; perhaps on a page that is out of date.
    Record {
        person: usize,
        case: usize,
        pick: usize,
        form: u64,
        stale: bool,
    },
    /// A family contact is recorded and may be written to.
    Permit { case: usize, days: i64, at_risk: bool },
    /// The contact's permission is withdrawn.
    Revoke { case: usize },
    /// An open task is done.
    FinishTask { case: usize, pick: usize },
    /// Somebody adds a document, large or small.
    Document { person: usize, case: usize, seed: u32 },
    /// Time passes, the scheduler awake.
    Pass { minutes: i64 },
    /// Time passes, nothing running.
    Outage { minutes: i64 },
    /// A second node whose clock is behind does a round.
    SlowClock { minutes: i64 },
    /// Two nodes do a round at the same instant, in turns that chance decides.
    TwoNodes { turns: u64 },
    /// A node stands still in the middle of its round, perhaps beyond its lease, while another does one; then it goes on.
    Stalled { statements: u32, minutes: i64 },
    /// A node claims what is due next and is never heard of again.
    LostNode,
    /// The mail server behaves like this for a while.
    Weather(Sky),
    /// An administrator adds a day to a calendar.
    ClosedDay {
        days: i64,
        calendar: &'static str,
        status: DayStatusWord,
    },
    /// A node dies after so many more steps of its database.
    Crash { node: usize, steps: i64 },
    /// Somebody with the disk in hands removes the waiting timers. No story of a seed does it: it proves that a broken
    /// promise is noticed.
    Sabotage,
}

/// The story of a seed.
pub(super) fn story(seed: u64) -> Vec<Part> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut parts = vec![Part::Open { form: rng.random() }];
    parts.extend((1..LENGTH).map(|_| part(&mut rng)));
    parts
}

fn part(rng: &mut impl Rng) -> Part {
    let case = rng.random_range(0..CASES);
    match rng.random_range(0..100) {
        0..4 => Part::Open { form: rng.random() },
        4..48 => Part::Record {
            person: rng.random_range(0..PEOPLE),
            case,
            pick: rng.random_range(0..1_000),
            form: rng.random(),
            stale: rng.random_range(0..12) == 0,
        },
        48..53 => Part::Permit {
            case,
            days: rng.random_range(1..=90),
            at_risk: rng.random_range(0..5) == 0,
        },
        53..55 => Part::Revoke { case },
        55..58 => Part::FinishTask {
            case,
            pick: rng.random_range(0..1_000),
        },
        58..60 => Part::Document {
            person: rng.random_range(0..PEOPLE),
            case,
            seed: rng.random(),
        },
        60..82 => Part::Pass {
            // From minutes to six weeks, short stretches as likely as long ones.
            minutes: 10_i64.pow(rng.random_range(1..=4)) * rng.random_range(1..=6),
        },
        82..84 => Part::Outage {
            minutes: 10_i64.pow(rng.random_range(1..=4)) * rng.random_range(1..=6),
        },
        84..85 => Part::SlowClock {
            minutes: rng.random_range(1..3_000),
        },
        85..87 => Part::TwoNodes { turns: rng.random() },
        87..89 => Part::Stalled {
            statements: rng.random_range(0..20),
            minutes: rng.random_range(1..30),
        },
        89..90 => Part::LostNode,
        90..92 => Part::ClosedDay {
            days: rng.random_range(0..60),
            calendar: ["pk", "punjab", "sindh"][rng.random_range(0..3)],
            status: [
                DayStatusWord::Confirmed,
                DayStatusWord::Provisional,
                DayStatusWord::Open,
            ][rng.random_range(0..3)],
        },
        92..95 => Part::Weather(match rng.random_range(0..4) {
            0 => Sky::Clear,
            1 => Sky::Busy(rng.random_range(1..12)),
            2 => Sky::Refusing(rng.random_range(1..3)),
            _ => Sky::DeathAfterAcceptance,
        }),
        _ => Part::Crash {
            node: rng.random_range(0..2),
            steps: rng.random_range(0..60),
        },
    }
}

/// The shortest story found by leaving parts out that still `fails` (delta debugging: Zeller and Hildebrandt, 2002).
pub(super) fn shrink(story: Vec<Part>, mut fails: impl FnMut(&[Part]) -> bool) -> Vec<Part> {
    let mut story = story;
    let mut size = story.len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        let mut shorter = false;
        while at < story.len() {
            let mut without = story.clone();
            without.drain(at..(at + size).min(story.len()));
            if fails(&without) {
                story = without;
                shorter = true;
            } else {
                at += size;
            }
        }
        if !shorter || size > 1 {
            size /= 2;
        }
    }
    story
}
