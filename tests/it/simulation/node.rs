//! A node: a process on the files, that can die at any statement and is opened again, as after a power cut. It has a desk
//! for people and a scheduler. What is done there it does not know.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use chrono::{DateTime, Utc};
use peshi_scheduler::{Scheduler, Settings};
use peshi_service::Service;
use peshi_store::{Step, Store, StoreOptions};
use peshi_test_support::shipped;
use peshi_vault::OrganisationKey;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use tokio::runtime::Runtime;

use super::fuse::{Death, Fuse};
use super::turns::Turns;
use super::weather::{Door, Weather};

/// What all nodes of a house stand on.
pub(super) struct Ground {
    pub(super) folder: PathBuf,
    pub(super) seed: u64,
    pub(super) weather: Arc<Weather>,
    pub(super) turns: Arc<Turns>,
}

impl Ground {
    pub(super) fn url(&self) -> String {
        format!("sqlite://{}", self.folder.join("peshi.sqlite").display())
    }
}

/// What a running process offers.
pub(super) struct Desk {
    pub(super) service: Arc<Service>,
    pub(super) store: Arc<Store>,
    pub(super) scheduler: Scheduler,
}

/// A place where a process runs, now this one, after its death the next.
pub(super) struct Node {
    number: usize,
    lives: u64,
    fuse: Arc<Fuse>,
    door: Arc<Door>,
    process: Option<(Runtime, Desk)>,
}

pub(super) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

impl Node {
    pub(super) fn new(number: usize, ground: &Ground) -> Self {
        let fuse = Arc::new(Fuse::new(ground.weather.losses()));
        let mut node = Self {
            number,
            lives: 0,
            door: Arc::new(Door::new(Arc::clone(&ground.weather), Arc::clone(&fuse))),
            fuse,
            process: None,
        };
        node.open(ground);
        node
    }

    /// Starts a process on the files; one that was there is gone.
    pub(super) fn open(&mut self, ground: &Ground) {
        self.process = None;
        self.fuse.revive();
        self.lives += 1;
        let rt = runtime();
        let (number, fuse, turns) = (self.number, Arc::clone(&self.fuse), Arc::clone(&ground.turns));
        let open = AtomicI32::new(0);
        let desk = rt.block_on(async {
            let mut store = Store::connect(&ground.url(), &StoreOptions::default())
                .await
                .expect("the database opens");
            store.watch(move |step| {
                let changed = match step {
                    Step::Begun => 1,
                    Step::Ended => -1,
                    Step::Statement | Step::Committed => 0,
                };
                let open = open.fetch_add(changed, Ordering::SeqCst) + changed;
                if step != Step::Ended {
                    fuse.burn();
                }
                if open == 0 && fuse.is_lit() {
                    turns.pause(number);
                }
            });
            let store = Arc::new(store);
            let key = OrganisationKey::load(&ground.folder.join("key")).expect("the key is there");
            let seed = ground.seed.wrapping_mul(1_000) + self.lives * 2 + self.number as u64;
            let mut random = ChaCha20Rng::seed_from_u64(seed);
            let service = Arc::new(Service::new(
                Arc::clone(&store),
                Arc::new(key),
                shipped().library(),
                Box::new(move |bytes: &mut [u8]| random.fill_bytes(bytes)),
            ));
            service.refresh_calendars().await.expect("the calendars are read");
            let scheduler = Scheduler::new(
                Arc::clone(&service),
                Arc::clone(&store),
                Arc::clone(&shipped().renderer),
                Arc::clone(&self.door) as Arc<dyn peshi_delivery::Transport>,
                Settings::usual(format!("node-{}", self.number)),
            );
            Desk {
                service,
                store,
                scheduler,
            }
        });
        self.process = Some((rt, desk));
    }

    pub(super) fn fuse(&self) -> &Fuse {
        &self.fuse
    }

    fn process(&self) -> &(Runtime, Desk) {
        self.process
            .as_ref()
            .expect("a process runs between two parts of a story")
    }

    pub(super) fn desk(&self) -> &Desk {
        &self.process().1
    }

    /// Lets the process do something at an instant; none if it died of it.
    pub(super) fn run<T>(
        &self,
        now: DateTime<Utc>,
        work: impl AsyncFnOnce(&Desk, DateTime<Utc>) -> T,
    ) -> Option<T> {
        let (rt, desk) = self.process();
        self.door.opens(now);
        self.fuse.light(true);
        let done = catch_unwind(AssertUnwindSafe(|| rt.block_on(work(desk, now))));
        self.fuse.light(false);
        match done {
            _ if self.fuse.is_dead() => None,
            Ok(done) => Some(done),
            Err(panic) if panic.is::<Death>() => None,
            Err(panic) => resume_unwind(panic),
        }
    }

    /// Looks at something; nobody dies of that.
    pub(super) fn look<T>(&self, work: impl AsyncFnOnce(&Desk) -> T) -> T {
        let (rt, desk) = self.process();
        rt.block_on(work(desk))
    }
}
