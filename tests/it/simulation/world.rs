//! A house on virtual time that can die at any statement and is opened again on the same files, as after a power cut.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, TimeDelta, Utc};
use peshi_casework::pack::{Field, FieldKind, Pack};
use peshi_casework::{Actor, Allowed, Context, Fields, allowed};
use peshi_delivery::{FileTransport, Sender};
use peshi_scheduler::{Scheduler, Settings};
use peshi_service::{GrantPermission, NewCase, RecordEvent, Role, Service, ServiceError, Viewer};
use peshi_store::{JobKind, Store, StoreOptions, Wanted};
use peshi_test_support::{Database, DatabaseKind, House, shipped};
use peshi_vault::OrganisationKey;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::{ChaCha8Rng, ChaCha20Rng};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::Tally;
use super::fuse::{Death, Fuse};
use super::promises::{Broken, Memory};
use super::story::Part;
use super::weather::{Sky, Weather};

/// The pack whose cases are lived.
const PACK: &str = "abduction";
/// A claim's lease.
const LEASE: TimeDelta = TimeDelta::minutes(5);
/// Until a node looks again after a lease has ended.
const UNTIL_RESCUE: TimeDelta = TimeDelta::seconds(301);
/// Most rounds of one stretch of time: beyond it the scheduler does not come to rest.
const ROUNDS: usize = 20_000;
const ROLES: [(Role, &str); 3] = [
    (Role::Lawyer, "lawyer"),
    (Role::Paralegal, "paralegal"),
    (Role::Coordinator, "coordinator"),
];

fn beginning() -> DateTime<Utc> {
    "2026-01-05T05:00:00Z".parse().expect("an instant")
}

/// A house with three people and no case, made once and copied for every seed.
struct Template {
    _house: House,
    people: Vec<Viewer>,
    files: BTreeMap<String, Vec<u8>>,
}

fn template() -> &'static Template {
    static TEMPLATE: OnceLock<Template> = OnceLock::new();
    TEMPLATE.get_or_init(|| runtime().block_on(make_template()))
}

async fn make_template() -> Template {
    let house = House::new(DatabaseKind::Sqlite, beginning()).await;
    let mut people = Vec::new();
    for (role, login) in ROLES {
        people.push(house.staff(role, login, beginning()).await);
    }
    house.database.tamper("PRAGMA wal_checkpoint(TRUNCATE)").await;
    let files = ["peshi.sqlite", "key"]
        .map(|name| {
            let bytes = std::fs::read(house.dir.path().join(name)).expect("the house has this file");
            (name.to_owned(), bytes)
        })
        .into_iter()
        .collect();
    Template {
        _house: house,
        people,
        files,
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// A running process.
struct Running {
    service: Arc<Service>,
    store: Arc<Store>,
    nodes: [Scheduler; 2],
}

/// What is there, across deaths.
pub(super) struct World {
    dir: TempDir,
    seed: u64,
    lives: u64,
    process: Option<(Runtime, Running)>,
    fuse: Arc<Fuse>,
    weather: Arc<Weather>,
    people: Vec<Viewer>,
    now: DateTime<Utc>,
    /// When the claims of a dead or lost node end.
    rescue_at: Option<DateTime<Utc>>,
    pub(super) memory: Memory,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        // Memory, where there is some: what is lost with the power is another test's business.
        let shm = Path::new("/dev/shm");
        let dir = if shm.is_dir() {
            tempfile::tempdir_in(shm)
        } else {
            tempfile::tempdir()
        };
        let dir = dir.expect("a temporary folder");
        let template = template();
        for (name, bytes) in &template.files {
            std::fs::write(dir.path().join(name), bytes).expect("the folder can be written");
        }
        // A key file that others may read is refused.
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(dir.path().join("key"), private).expect("the key is made private");
        let fuse = Arc::new(Fuse::new());
        let sender = Sender::new("desk@peshi.invalid", None).expect("the sender is an address");
        let outbox = FileTransport::new(dir.path().join("outbox"), sender).expect("the outbox is made");
        let mut world = Self {
            dir,
            seed,
            lives: 0,
            process: None,
            weather: Arc::new(Weather::new(outbox, Arc::clone(&fuse))),
            fuse,
            people: template.people.clone(),
            now: beginning(),
            rescue_at: None,
            memory: Memory::default(),
        };
        world.open();
        world
    }

    fn url(&self) -> String {
        format!("sqlite://{}", self.dir.path().join("peshi.sqlite").display())
    }

    /// Starts a process on the files.
    fn open(&mut self) {
        let rt = runtime();
        self.lives += 1;
        let url = self.url();
        let running = rt.block_on(async {
            let mut store = Store::connect(&url, &StoreOptions::default())
                .await
                .expect("the database opens");
            let fuse = Arc::clone(&self.fuse);
            store.on_statement(move || fuse.burn());
            let store = Arc::new(store);
            let key = OrganisationKey::load(&self.dir.path().join("key")).expect("the key is there");
            let mut random = ChaCha20Rng::seed_from_u64(self.seed.wrapping_mul(1_000) + self.lives);
            let service = Arc::new(Service::new(
                Arc::clone(&store),
                Arc::new(key),
                shipped().library(),
                Box::new(move |bytes: &mut [u8]| random.fill_bytes(bytes)),
            ));
            let node = |name: &str| {
                Scheduler::new(
                    Arc::clone(&service),
                    Arc::clone(&store),
                    Arc::clone(&shipped().renderer),
                    self.weather.clone(),
                    Settings::usual(name),
                )
            };
            let nodes = [node("node-a"), node("node-b")];
            Running {
                service,
                store,
                nodes,
            }
        });
        self.process = Some((rt, running));
    }

    /// Lets the process do something; none if it died of it. Then a new process stands on its files.
    fn run<T>(&mut self, work: impl AsyncFnOnce(&Running, DateTime<Utc>) -> T) -> Result<Option<T>, Broken> {
        let (rt, running) = self.process.take().expect("a process runs between two parts");
        let now = self.now;
        self.fuse.light(true);
        let done = catch_unwind(AssertUnwindSafe(|| rt.block_on(work(&running, now))));
        self.fuse.light(false);
        if let Err(panic) = &done
            && panic.downcast_ref::<Death>().is_none()
        {
            resume_unwind(done.err().expect("it is an error"));
        }
        if !self.fuse.revive() {
            self.process = Some((rt, running));
            return Ok(done.ok());
        }
        drop(running);
        drop(rt);
        self.away(UNTIL_RESCUE);
        self.rescue_at = Some(self.now + UNTIL_RESCUE);
        self.open();
        let (rt, running) = self.process.as_ref().expect("it was just opened");
        rt.block_on(self.memory.after_death(&running.service))?;
        Ok(None)
    }

    /// The machine was away that long, so it may be that late.
    fn away(&mut self, long: TimeDelta) {
        self.memory.slack += long;
    }

    fn check(&mut self) -> Result<(), Broken> {
        let (rt, running) = self.process.as_ref().expect("a process runs between two parts");
        let left = self.weather.take();
        rt.block_on(
            self.memory
                .check(&running.service, &running.store, left, self.now),
        )
    }

    /// Lives one part and checks the promises.
    pub(super) fn live(&mut self, part: &Part) -> Result<(), Broken> {
        match part {
            Part::Open => self.open_case()?,
            Part::Record {
                person,
                case,
                pick,
                form,
                stale,
            } => self.record(*person, *case, *pick, *form, *stale)?,
            Part::Permit { case, days, at_risk } => self.permit(*case, *days, *at_risk)?,
            Part::Revoke { case } => self.revoke(*case)?,
            Part::FinishTask { case, pick } => self.finish_task(*case, *pick)?,
            Part::Pass { minutes } => self.pass(self.now + TimeDelta::minutes(*minutes))?,
            Part::Outage { minutes } => {
                let long = TimeDelta::minutes(*minutes);
                self.now += long;
                self.away(long);
            }
            Part::SlowClock { minutes } => {
                let behind = TimeDelta::minutes(*minutes);
                self.run(async |house, now| house.nodes[1].tick(now - behind).await.map(drop))?;
            }
            Part::TwoNodes => {
                self.run(async |house, now| {
                    let both = tokio::join!(house.nodes[0].tick(now), house.nodes[1].tick(now));
                    both.0.and(both.1).map(drop)
                })?;
            }
            Part::LostNode => self.lost_node()?,
            Part::Weather(sky) => self.weather.set(*sky),
            Part::Crash { statements } => self.fuse.set(*statements),
            Part::Sabotage => {
                let (rt, _) = self.process.as_ref().expect("a process runs between two parts");
                let database = Database::at(&self.url());
                rt.block_on(database.tamper("DELETE FROM jobs WHERE kind = 'timer' AND state = 'waiting'"));
            }
        }
        self.check()
    }

    /// Lets everything come to rest in good weather, and looks at the whole.
    pub(super) fn rest(&mut self) -> Result<(), Broken> {
        self.fuse.set(i64::MAX);
        self.weather.set(Sky::Clear);
        // Eight tries with waits of up to six hours, and a night's rest for a family's phone.
        self.pass(self.now + TimeDelta::days(3))?;
        self.check()?;
        let (rt, running) = self.process.as_ref().expect("a process runs between two parts");
        rt.block_on(self.memory.at_rest(&running.service, &running.store, self.now))
    }

    /// Every entry of every case, for comparing two runs.
    pub(super) fn journals(&self) -> Vec<(String, Value)> {
        self.memory
            .cases
            .iter()
            .map(|k| (k.reference.clone(), json!(k.journal)))
            .collect()
    }

    /// What happened so far, in numbers.
    pub(super) fn lived(&self) -> Tally {
        let cases = &self.memory.cases;
        let number = |n: usize| u64::try_from(n).expect("a small number");
        Tally {
            seeds: 1,
            cases: number(cases.len()),
            entries: number(cases.iter().map(|k| k.journal.len()).sum()),
            events: number(cases.iter().map(|k| k.acknowledged).sum()),
            messages: number(self.memory.copies()),
            losses: u64::from(self.fuse.losses()),
            days: (self.now - beginning()).num_days(),
        }
    }

    /// Passes time, doing a round whenever something is due.
    fn pass(&mut self, until: DateTime<Utc>) -> Result<(), Broken> {
        for _ in 0..ROUNDS {
            let next = self.run(async |house, now| house.nodes[0].next_due(now).await)?;
            let next = match next {
                Some(next) => next.map_err(|e| e.to_string())?,
                None => continue,
            };
            let next = [next, self.rescue_at].into_iter().flatten().min();
            let Some(next) = next.filter(|at| *at <= until) else {
                self.now = until.max(self.now);
                return Ok(());
            };
            self.now = self.now.max(next);
            if self.rescue_at.is_some_and(|at| at <= self.now) {
                self.rescue_at = None;
            }
            let node = usize::from(self.now.timestamp() % 2 == 0);
            if let Some(done) = self.run(async |house, now| house.nodes[node].tick(now).await)? {
                done.map_err(|e| e.to_string())?;
            }
            self.check()?;
        }
        Err(format!("the scheduler does not come to rest at {}", self.now))
    }

    fn lost_node(&mut self) -> Result<(), Broken> {
        // What a node lost before this one held is taken up in its time, while the clock goes on to the next due job.
        if let Some(rescue) = self.rescue_at {
            let next = self.run(async |house, now| house.nodes[0].next_due(now).await)?;
            if matches!(next, Some(Ok(Some(next))) if rescue <= next) {
                self.pass(rescue)?;
            }
        }
        let next = self.run(async |house, now| house.nodes[0].next_due(now).await)?;
        let Some(Ok(Some(next))) = next else { return Ok(()) };
        self.now = self.now.max(next);
        let kinds = [JobKind::Timer, JobKind::Message, JobKind::Schedule];
        self.run(async |house, now| {
            house
                .store
                .claim(now, Wanted::of(&kinds, 10), LEASE, "lost")
                .await
                .map(drop)
        })?;
        self.fuse.lose();
        self.away(UNTIL_RESCUE);
        self.rescue_at = Some(self.now + UNTIL_RESCUE);
        Ok(())
    }

    fn open_case(&mut self) -> Result<(), Broken> {
        if self.memory.cases.len() + self.memory.unanswered_openings >= super::story::CASES {
            return Ok(());
        }
        let people = self.people.clone();
        let opened = self.run(async |house, now| {
            let pack = house
                .service
                .library()
                .current(PACK)
                .expect("the pack is shipped");
            let opening = pack.opening.as_deref().expect("it has an opening form");
            let new = NewCase {
                pack: PACK.to_owned(),
                form: filled(&pack, Some(opening), 1, now),
                team: people[1..]
                    .iter()
                    .map(|p| (p.account, p.role.as_str().to_owned()))
                    .collect(),
                occurred_at: None,
            };
            house.service.open_case_with(&people[0], new, now).await
        })?;
        match opened {
            None => self.memory.unanswered_openings += 1,
            Some(Err(error)) => return Err(format!("a case could not be opened: {error}")),
            Some(Ok(reference)) => {
                let (rt, running) = self.process.as_ref().expect("a process runs between two parts");
                let row = rt
                    .block_on(running.store.case_by_reference(&reference))
                    .map_err(|e| e.to_string())?
                    .ok_or("an opened case is not there")?;
                rt.block_on(self.memory.remember(&running.service, row.id))?;
            }
        }
        Ok(())
    }

    /// What a person may record in a case now.
    fn possible(&self, person: usize, case: usize) -> Vec<Allowed> {
        let Some(known) = self.memory.cases.get(case) else {
            return Vec::new();
        };
        let (_, running) = self.process.as_ref().expect("a process runs between two parts");
        let pack = running
            .service
            .library()
            .current(PACK)
            .expect("the pack is shipped");
        let calendar = running
            .service
            .library()
            .calendar_of(&pack)
            .expect("its calendar is shipped");
        let actor = Actor::Account(self.people[person].account);
        let ctx = Context {
            pack: &pack,
            calendar: &calendar,
            now: self.now,
            occurred_at: self.now,
            actor: &actor,
            role: Some(self.people[person].role.as_str()),
            expected_version: None,
        };
        allowed(&ctx, &known.case)
    }

    fn record(
        &mut self,
        person: usize,
        case: usize,
        pick: usize,
        form: u64,
        stale: bool,
    ) -> Result<(), Broken> {
        let possible = self.possible(person, case);
        let Some(chosen) = possible.get(pick % possible.len().max(1)).cloned() else {
            return Ok(());
        };
        let (viewer, known) = (self.people[person].clone(), &self.memory.cases[case]);
        let (reference, version) = (known.reference.clone(), known.case.version);
        let recorded = self.run(async |house, now| {
            let pack = house
                .service
                .library()
                .current(PACK)
                .expect("the pack is shipped");
            let event = RecordEvent {
                instance: chosen.instance.as_str().to_owned(),
                event: chosen.event.clone(),
                form: filled(&pack, chosen.form.as_deref(), form, now),
                occurred_at: None,
                expected_version: Some(if stale { version - 1 } else { version }),
                known: peshi_casework::Knowledge::default(),
            };
            house.service.record(&viewer, &reference, event, now).await
        })?;
        match recorded {
            None => self.memory.cases[case].unanswered += 1,
            Some(Ok(_)) if stale => return Err("an event on a page out of date was accepted".to_owned()),
            Some(Ok(_)) => self.memory.cases[case].acknowledged += 1,
            Some(Err(ServiceError::Rejected(_))) => {}
            Some(Err(error)) => return Err(format!("{}: {error}", chosen.event)),
        }
        Ok(())
    }

    /// The family contact of a case, if one is recorded.
    fn contact(&self, case: usize) -> Option<String> {
        let known = self.memory.cases.get(case)?;
        known.case.people.keys().next().cloned()
    }

    fn permit(&mut self, case: usize, days: i64, at_risk: bool) -> Result<(), Broken> {
        let Some(known) = self.memory.cases.get(case) else {
            return Ok(());
        };
        let (viewer, reference) = (self.people[0].clone(), known.reference.clone());
        let person = self.contact(case);
        let given = GrantPermission {
            channel: "email".to_owned(),
            address: "contact@demo.invalid".to_owned(),
            language: "ur".to_owned(),
            days,
            safe_from: None,
            safe_until: None,
            phone_at_risk: at_risk,
        };
        let done = self.run(async |house, now| {
            let service = &house.service;
            let person = match person {
                Some(person) => person,
                None => {
                    service
                        .add_person(&viewer, &reference, "family_contact", "Contact Invented", now)
                        .await?
                }
            };
            service
                .grant_permission(&viewer, &reference, &person, given, now)
                .await
        })?;
        done.unwrap_or(Ok(())).map_err(|e: ServiceError| e.to_string())
    }

    fn revoke(&mut self, case: usize) -> Result<(), Broken> {
        let Some(person) = self.contact(case) else {
            return Ok(());
        };
        let (viewer, reference) = (self.people[0].clone(), self.memory.cases[case].reference.clone());
        let done = self.run(async |house, now| {
            house
                .service
                .revoke_permission(&viewer, &reference, &person, now)
                .await
        })?;
        done.unwrap_or(Ok(())).map_err(|e| e.to_string())
    }

    fn finish_task(&mut self, case: usize, pick: usize) -> Result<(), Broken> {
        let Some(known) = self.memory.cases.get(case) else {
            return Ok(());
        };
        let open: Vec<_> = known
            .case
            .tasks
            .iter()
            .filter(|(_, t)| t.done_at.is_none())
            .collect();
        let Some((task, _)) = open.get(pick % open.len().max(1)) else {
            return Ok(());
        };
        let (viewer, reference, task) = (
            self.people[0].clone(),
            known.reference.clone(),
            task.as_str().to_owned(),
        );
        let done =
            self.run(async |house, now| house.service.finish_task(&viewer, &reference, &task, now).await)?;
        done.unwrap_or(Ok(())).map_err(|e| e.to_string())
    }
}

/// A form filled in at random, the required fields always.
fn filled(pack: &Pack, form: Option<&str>, seed: u64, now: DateTime<Utc>) -> Fields {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let Some(form) = form.and_then(|name| pack.forms.get(name)) else {
        return Fields::new();
    };
    let fields = form.fields.iter();
    fields
        .filter_map(|field| {
            let wanted = field.required || rng.random_range(0..3) > 0;
            wanted.then(|| (field.name.clone(), value(field, &mut rng, now)))
        })
        .collect()
}

fn value(field: &Field, rng: &mut impl Rng, now: DateTime<Utc>) -> Value {
    let days = rng.random_range(1..40);
    let moment = now + TimeDelta::days(if field.future { days } else { -days });
    match field.kind {
        FieldKind::Choice => json!(field.choices[rng.random_range(0..field.choices.len())]),
        FieldKind::Choices => json!([field.choices[rng.random_range(0..field.choices.len())]]),
        FieldKind::ApproximateDate => json!("about 2010"),
        FieldKind::ApproximateTime => json!("morning"),
        FieldKind::Datetime => json!(moment.format("%Y-%m-%dT09:00").to_string()),
        FieldKind::Date => json!(moment.format("%Y-%m-%d").to_string()),
        FieldKind::Number => json!(rng.random_range(0..30)),
        FieldKind::Money => json!(10.5),
        FieldKind::YesNo => json!(rng.random::<bool>()),
        FieldKind::Phone => json!("0300-0000000"),
        FieldKind::Cnic => json!("10000-0000000-0"),
        FieldKind::Text | FieldKind::LongText => json!("invented"),
    }
}
