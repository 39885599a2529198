//! A seeded simulation: months of virtual time in a second, people, a bad mail server, clocks that differ, nodes that are
//! lost, and death at any statement of the database. The promises are checked after every part of a story, and a
//! seed that breaks one prints the shortest story that still does.
//!
//! `cargo xtask simulate --seeds N --from S` lives more of them.

mod form;
mod fuse;
mod node;
mod promises;
mod story;
mod turns;
mod weather;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use self::promises::Broken;
use self::story::{Part, shrink, story};
use self::world::World;

/// Seeds of an ordinary run.
const SEEDS: u64 = 200;

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number of seeds"))
}

/// What was lived through, so that a reader of "ok" knows what it means.
#[derive(Debug, Default)]
struct Tally {
    seeds: u64,
    cases: u64,
    entries: u64,
    events: u64,
    messages: u64,
    losses: u64,
    days: i64,
}

impl Tally {
    fn add(&mut self, lived: &Self) {
        self.seeds += lived.seeds;
        self.cases += lived.cases;
        self.entries += lived.entries;
        self.events += lived.events;
        self.messages += lived.messages;
        self.losses += lived.losses;
        self.days += lived.days;
        if self.seeds.is_multiple_of(100) {
            println!("{} seeds", self.seeds);
        }
    }
}

/// Lives a story to its end.
fn live(seed: u64, story: &[Part]) -> Result<World, Broken> {
    let lived = catch_unwind(AssertUnwindSafe(|| {
        let mut world = World::new(seed);
        for (at, part) in story.iter().enumerate() {
            world
                .live(part)
                .map_err(|broken| format!("part {at}, {part:?}: {broken}"))?;
        }
        world.rest().map_err(|broken| format!("at rest: {broken}"))?;
        Ok(world)
    }));
    lived.unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        let words = words.or_else(|| panic.downcast_ref::<&str>().map(|w| (*w).to_owned()));
        Err(format!("a panic: {}", words.unwrap_or_default()))
    })
}

/// Which promise it was: the last words without what differs from story to story.
fn kind(broken: &str) -> String {
    let words = broken.rsplit(": ").next().unwrap_or_default();
    words.chars().filter(|c| c.is_alphabetic() || *c == ' ').collect()
}

/// What is said of a story that breaks a promise.
fn report(seed: u64, whole: Vec<Part>, broken: &str) -> String {
    let short = shrink(whole, |parts| {
        live(seed, parts).is_err_and(|other| kind(&other) == kind(broken))
    });
    let again = live(seed, &short).err().unwrap_or_default();
    format!(
        "seed {seed}: {broken}\nthe shortest story found that breaks a promise:\n{short:#?}\nwhich gives: {again}"
    )
}

#[test]
fn every_seed_keeps_the_promises() {
    let (from, seeds) = (
        setting("PESHI_TEST_SIMULATION_FROM", 0),
        setting("PESHI_TEST_SIMULATION_SEEDS", SEEDS),
    );
    let next = AtomicU64::new(from);
    let tally = Mutex::new(Tally::default());
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + seeds {
                        return;
                    }
                    match live(seed, &story(seed)) {
                        Ok(world) => tally.lock().expect("no panic holds it").add(&world.lived()),
                        Err(broken) => {
                            next.store(from + seeds, Ordering::Relaxed);
                            panic!("{}", report(seed, story(seed), &broken));
                        }
                    }
                }
            });
        }
    });
    let tally = tally.into_inner().expect("no panic holds it");
    println!("{tally:?}");
    // What nobody lived through proves nothing.
    assert!(
        tally.events > seeds && tally.messages > seeds && tally.losses > seeds,
        "{tally:?}"
    );
}

#[test]
fn two_runs_of_a_seed_write_the_same_journals() {
    for seed in [3, 14, 159] {
        let story = story(seed);
        let runs = [(); 2]
            .map(|()| live(seed, &story).map_or_else(|broken| panic!("{broken}"), |world| world.journals()));
        assert!(!runs[0].is_empty(), "seed {seed} opens a case");
        assert_eq!(runs[0], runs[1], "seed {seed}");
    }
}

#[test]
fn a_broken_promise_is_noticed_and_its_story_shrunk() {
    let mut whole = story(5);
    for at in [50, 40, 30, 20, 10] {
        whole.insert(at, Part::Sabotage);
    }
    let broken = live(5, &whole)
        .map(drop)
        .expect_err("timers without jobs are noticed");
    assert!(broken.contains("armed timers without a job"), "{broken}");
    let short = shrink(whole, |parts| live(5, parts).is_err());
    assert!(short.len() <= 5, "{short:#?}");
    assert_eq!(short.last(), Some(&Part::Sabotage));
}
