//! A house on virtual time: two nodes on the same files, people, an administrator, and the clock.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, TimeDelta, Utc};
use peshi_casework::{Actor, Allowed, Context, allowed};
use peshi_delivery::{FileTransport, Sender};
use peshi_service::{
    DayStatusWord, GrantPermission, NewCase, NewDay, Only, RecordEvent, Role, ServiceError, Viewer,
};
use peshi_store::{JobKind, Wanted};
use peshi_test_support::{Database, DatabaseKind, House};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::Tally;
use super::form::filled;
use super::node::{Desk, Ground, Node, runtime};
use super::promises::{Broken, Memory};
use super::story::Part;
use super::turns::{Pace, Turns};
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
    administrator: Viewer,
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
    let administrator = house
        .staff(Role::Administrator, "administrator", beginning())
        .await;
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
        administrator,
        files,
    }
}

/// When the next thing is to be done.
enum Next {
    At(DateTime<Utc>),
    Nothing,
    /// A node died over the question.
    Died,
}

/// What is there, across deaths.
pub(super) struct World {
    _dir: TempDir,
    ground: Ground,
    nodes: [Node; 2],
    people: Vec<Viewer>,
    administrator: Viewer,
    now: DateTime<Utc>,
    /// When the claims of dead or lost nodes end.
    rescues: BTreeSet<DateTime<Utc>>,
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
        let sender = Sender::new("desk@peshi.invalid", None).expect("the sender is an address");
        let outbox = FileTransport::new(dir.path().join("outbox"), sender).expect("the outbox is made");
        let losses = Arc::default();
        let ground = Ground {
            folder: dir.path().to_owned(),
            seed,
            weather: Arc::new(Weather::new(outbox, Arc::clone(&losses))),
            turns: Arc::new(Turns::new(losses)),
        };
        Self {
            _dir: dir,
            nodes: [0, 1].map(|number| Node::new(number, &ground)),
            ground,
            people: template.people.clone(),
            administrator: template.administrator.clone(),
            now: beginning(),
            rescues: BTreeSet::new(),
            memory: Memory::default(),
        }
    }

    /// Lets a node do something; none if it died of it. Then a new process stands in its place.
    fn run<T>(
        &mut self,
        node: usize,
        work: impl AsyncFnOnce(&Desk, DateTime<Utc>) -> T,
    ) -> Result<Option<T>, Broken> {
        let done = self.nodes[node].run(self.now, work);
        if done.is_none() {
            self.raise(node)?;
        }
        Ok(done)
    }

    /// A node has died: its claims hold until their lease ends, and what was seen is there as it was.
    fn raise(&mut self, node: usize) -> Result<(), Broken> {
        self.lost();
        self.nodes[node].open(&self.ground);
        let memory = &mut self.memory;
        self.nodes[node].look(async |desk| memory.after_death(&desk.service).await)
    }

    /// A node is gone, and what it claimed with it.
    fn lost(&mut self) {
        self.away(UNTIL_RESCUE);
        self.rescues.insert(self.now + UNTIL_RESCUE);
    }

    /// The machine was away that long, so it may be that late.
    fn away(&mut self, long: TimeDelta) {
        self.memory.slack += long;
    }

    fn check(&mut self, whole: bool) -> Result<(), Broken> {
        let left = self.ground.weather.take();
        let (memory, now) = (&mut self.memory, self.now);
        self.nodes[0].look(async |desk| memory.check(&desk.service, &desk.store, left, now, whole).await)
    }

    /// Lives one part and checks the promises.
    pub(super) fn live(&mut self, part: &Part) -> Result<(), Broken> {
        match part {
            Part::Open { form } => self.open_case(*form)?,
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
            Part::Document { person, case, seed } => self.document(*person, *case, *seed)?,
            Part::Pass { minutes } => self.pass(self.now + TimeDelta::minutes(*minutes))?,
            Part::Outage { minutes } => {
                let long = TimeDelta::minutes(*minutes);
                self.now += long;
                self.away(long);
            }
            Part::SlowClock { minutes } => {
                let behind = TimeDelta::minutes(*minutes);
                let ticked = self.run(1, async |desk, now| desk.scheduler.tick(now - behind).await)?;
                ticked.transpose().map_err(|e| e.to_string())?;
            }
            Part::TwoNodes { turns } => {
                if self.until_due()? {
                    self.both(
                        Pace::Mixed(Box::new(ChaCha8Rng::seed_from_u64(*turns))),
                        TimeDelta::zero(),
                    )?;
                }
            }
            Part::Stalled { statements, minutes } => {
                if self.until_due()? {
                    self.both(Pace::Stalled(*statements), TimeDelta::minutes(*minutes))?;
                }
            }
            Part::LostNode => self.lost_node()?,
            Part::ClosedDay {
                days,
                calendar,
                status,
            } => self.closed_day(*days, calendar, *status)?,
            Part::Weather(sky) => self.ground.weather.set(*sky),
            Part::Crash { node, steps } => self.nodes[*node].fuse().set(*steps),
            Part::Sabotage => {
                let database = Database::at(&self.ground.url());
                self.nodes[0].look(async |_| {
                    database
                        .tamper("DELETE FROM jobs WHERE kind = 'timer' AND state = 'waiting'")
                        .await;
                });
            }
        }
        self.check(true)
    }

    /// Lets everything come to rest in good weather, and looks at the whole.
    pub(super) fn rest(&mut self) -> Result<(), Broken> {
        for node in &self.nodes {
            node.fuse().set(i64::MAX);
        }
        self.ground.weather.set(Sky::Clear);
        // Eight tries with waits of up to six hours, and a night's rest for a family's phone.
        self.pass(self.now + TimeDelta::days(3))?;
        self.check(true)?;
        let (memory, now) = (&self.memory, self.now);
        self.nodes[0].look(async |desk| memory.at_rest(&desk.service, &desk.store, now).await)
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
            losses: u64::from(self.ground.weather.losses().load(Ordering::SeqCst)),
            days: (self.now - beginning()).num_days(),
        }
    }

    /// When something is to be done next: a job, a schedule, or what a node that is gone had claimed.
    fn next(&mut self, node: usize) -> Result<Next, Broken> {
        let next = self.run(node, async |desk, now| desk.scheduler.next_due(now).await)?;
        let Some(next) = next else { return Ok(Next::Died) };
        let next = next.map_err(|e| e.to_string())?;
        let next = next.into_iter().chain(self.rescues.first().copied()).min();
        Ok(next.map_or(Next::Nothing, Next::At))
    }

    /// Moves the clock on; whose claims have ended by then may be looked for.
    fn moves(&mut self, to: DateTime<Utc>) {
        self.now = self.now.max(to);
        let now = self.now;
        self.rescues.retain(|at| *at > now);
    }

    /// Passes time, doing a round whenever something is due.
    fn pass(&mut self, until: DateTime<Utc>) -> Result<(), Broken> {
        for _ in 0..ROUNDS {
            let node = usize::from(self.now.timestamp() % 2 == 0);
            match self.next(node)? {
                Next::Died => continue,
                Next::At(next) if next <= until => self.moves(next),
                Next::At(_) | Next::Nothing => {
                    self.moves(until);
                    return Ok(());
                }
            }
            let node = usize::from(self.now.timestamp() % 2 == 0);
            let ticked = self.run(node, async |desk, now| {
                desk.scheduler.tick(now).await.map_err(|e| e.to_string())?;
                // As the loop around the tick does.
                desk.service.keep_calendars(now).await.map_err(|e| e.to_string())
            })?;
            ticked.transpose()?;
            self.check(false)?;
        }
        Err(format!("the scheduler does not come to rest at {}", self.now))
    }

    /// Goes to the instant at which something is due, nobody having done it yet; whether there is one.
    fn until_due(&mut self) -> Result<bool, Broken> {
        if let Next::At(next) = self.next(0)? {
            self.moves(next);
            return Ok(true);
        }
        Ok(false)
    }

    /// Both nodes do a round, one statement at a time, the second one by a clock that is so much later.
    fn both(&mut self, pace: Pace, later: TimeDelta) -> Result<(), Broken> {
        let (turns, now) = (Arc::clone(&self.ground.turns), self.now);
        self.away(later);
        turns.begin(pace);
        let nodes = &self.nodes;
        let tick = |number: usize, now: DateTime<Utc>| {
            let _mine = turns.take(number);
            nodes[number].run(now, async |desk, now| {
                desk.scheduler.tick(now).await.map_err(|e| e.to_string())
            })
        };
        let ticked = std::thread::scope(|scope| {
            [(0, now), (1, now + later)]
                .map(|(number, now)| scope.spawn(move || tick(number, now)))
                .map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
        });
        self.moves(now + later);
        for (number, ticked) in ticked.into_iter().enumerate() {
            match ticked {
                None => self.raise(number)?,
                Some(ticked) => drop(ticked.map_err(|e| format!("node {number}: {e}"))?),
            }
        }
        Ok(())
    }

    fn lost_node(&mut self) -> Result<(), Broken> {
        if !self.until_due()? {
            return Ok(());
        }
        let kinds = [JobKind::Timer, JobKind::Message, JobKind::Schedule];
        let claimed = self.run(0, async |desk, now| {
            let wanted = Wanted::of(&kinds, 10);
            desk.store.claim(now, wanted, LEASE, "lost").await
        })?;
        claimed.transpose().map_err(|e| e.to_string())?;
        self.ground.weather.losses().fetch_add(1, Ordering::SeqCst);
        self.lost();
        Ok(())
    }

    /// The administrator adds a day to a calendar, and the dates follow.
    fn closed_day(&mut self, days: i64, calendar: &str, status: DayStatusWord) -> Result<(), Broken> {
        let new = NewDay {
            calendar: calendar.to_owned(),
            day: (self.now + TimeDelta::days(days)).date_naive(),
            name: "Strike".to_owned(),
            status,
            only: Only::default(),
        };
        let administrator = self.administrator.clone();
        let added = self.run(1, async |desk, now| {
            desk.service.add_calendar_day(&administrator, &new, now).await
        })?;
        added
            .transpose()
            .map(drop)
            .map_err(|e| format!("a day could not be added: {e}"))
    }

    fn open_case(&mut self, form: u64) -> Result<(), Broken> {
        if self.memory.cases.len() + self.memory.unanswered_openings >= super::story::CASES {
            return Ok(());
        }
        let people = self.people.clone();
        let opened = self.run(self.memory.cases.len() % 2, async |desk, now| {
            let pack = desk.service.library().current(PACK).expect("the pack is shipped");
            let opening = pack.opening.as_deref().expect("it has an opening form");
            let new = NewCase {
                pack: PACK.to_owned(),
                form: filled(&pack, Some(opening), form, now),
                team: people[1..]
                    .iter()
                    .map(|p| (p.account, p.role.as_str().to_owned()))
                    .collect(),
                occurred_at: None,
            };
            desk.service.open_case_with(&people[0], new, now).await
        })?;
        match opened {
            None => self.memory.unanswered_openings += 1,
            Some(Err(error)) => return Err(format!("a case could not be opened: {error}")),
            Some(Ok(reference)) => {
                let memory = &mut self.memory;
                self.nodes[0].look(async |desk| {
                    let row = desk.store.case_by_reference(&reference).await;
                    let row = row.map_err(|e| e.to_string())?;
                    let row = row.ok_or("an opened case is not there")?;
                    memory.remember(&desk.service, row.id).await
                })?;
            }
        }
        Ok(())
    }

    /// What a person may record in a case now.
    fn possible(&self, person: usize, case: usize) -> Vec<Allowed> {
        let Some(known) = self.memory.cases.get(case) else {
            return Vec::new();
        };
        let library = self.nodes[0].desk().service.library();
        let pack = library.current(PACK).expect("the pack is shipped");
        let calendar = library.calendar_of(&pack).expect("its calendar is shipped");
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
        let recorded = self.run(person % 2, async |desk, now| {
            let pack = desk.service.library().current(PACK).expect("the pack is shipped");
            let event = RecordEvent {
                instance: chosen.instance.as_str().to_owned(),
                event: chosen.event.clone(),
                form: filled(&pack, chosen.form.as_deref(), form, now),
                occurred_at: None,
                expected_version: Some(if stale { version - 1 } else { version }),
                known: peshi_casework::Knowledge::default(),
            };
            desk.service.record(&viewer, &reference, event, now).await
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
        let done = self.run(case % 2, async |desk, now| {
            let service = &desk.service;
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
        let done = self.run(case % 2, async |desk, now| {
            desk.service
                .revoke_permission(&viewer, &reference, &person, now)
                .await
        })?;
        done.unwrap_or(Ok(())).map_err(|e| e.to_string())
    }

    fn document(&mut self, person: usize, case: usize, seed: u32) -> Result<(), Broken> {
        let Some(known) = self.memory.cases.get(case) else {
            return Ok(());
        };
        let (viewer, reference) = (self.people[person].clone(), known.reference.clone());
        let name = format!("document {seed}.txt");
        let text = name.repeat(1 + seed as usize % 10_000);
        let added = self.run(person % 2, async |desk, now| {
            let file = text.clone().into_bytes();
            desk.service
                .add_document(&viewer, &reference, &name, file, now)
                .await
        })?;
        match added {
            None => Ok(()),
            Some(Ok(_)) => {
                self.memory.cases[case].documents.push(name);
                Ok(())
            }
            Some(Err(error)) => Err(format!("a document could not be added: {error}")),
        }
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
        let done = self.run(case % 2, async |desk, now| {
            desk.service.finish_task(&viewer, &reference, &task, now).await
        })?;
        done.unwrap_or(Ok(())).map_err(|e| e.to_string())
    }
}
