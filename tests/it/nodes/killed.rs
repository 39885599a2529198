//! Three nodes, and any of them may die at any moment: one, or two at once, and they come back.

use peshi_test_support::{Database, DatabaseKind};
use rand::seq::IndexedRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::desk::{Desk, Kind};
use super::people::{Bases, Tally};

/// Moments of death in an ordinary run.
const ROUNDS: usize = 8;

fn rounds() -> usize {
    std::env::var("PESHI_TEST_NODE_ROUNDS").map_or(ROUNDS, |text| text.parse().expect("a number of rounds"))
}

#[test]
fn nodes_that_die_lose_nothing_and_double_nothing() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let folder = tempfile::tempdir().expect("a folder");
    let database = runtime.block_on(Database::fresh(DatabaseKind::Postgres, folder.path()));
    let url = database.url.clone();
    let mut desk = Desk::new(&url, &[Kind::Serve, Kind::Serve, Kind::Work]);
    let (bases, tally) = (Bases::default(), Tally::default());
    desk.start(&[0, 1, 2], &bases);
    let mut rng = ChaCha8Rng::seed_from_u64(12);
    desk.under_load(&bases, &tally, |desk, progress| {
        for _ in 0..rounds() {
            progress.wait(rng.random_range(1..12));
            let many = if rng.random_ratio(1, 4) { 2 } else { 1 };
            let victims: Vec<usize> = [0, 1, 2].sample(&mut rng, many).copied().collect();
            desk.kill(&victims, &bases);
            desk.bury(&url);
            desk.start(&victims, &bases);
        }
        progress.wait(10);
    });
    desk.settle(&url);
    desk.check(&url, &tally);
    drop(desk);
    runtime.block_on(database.remove());
}
