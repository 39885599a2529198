//! The promises, checked against what the database says after every part of a story. It keeps its own memory of what
//! was acknowledged and what left the house, and believes nothing else.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use peshi_casework::{
    Actor, Case, Command, Context, EffectId, Entry, Fact, MessageOrder, Permission, Recipient, decide,
};
use peshi_service::Service;
use peshi_store::{CaseFilter, JobFilter, JobKind, JobState, Page, Store};
use uuid::Uuid;

use super::weather::Left;

/// Why a promise is broken, in words.
pub(super) type Broken = String;

/// What is remembered of one case.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) id: Uuid,
    pub(super) reference: String,
    pub(super) case: Case,
    pub(super) journal: Vec<Entry>,
    /// Events that people were told are recorded.
    pub(super) acknowledged: usize,
    /// Events whose answer never came.
    pub(super) unanswered: usize,
    recorded: usize,
    armed: BTreeMap<EffectId, DateTime<Utc>>,
    fired: BTreeSet<EffectId>,
    missed: BTreeSet<EffectId>,
    messages: BTreeMap<EffectId, (MessageOrder, bool)>,
    /// Names of documents whose addition was acknowledged.
    pub(super) documents: Vec<String>,
}

/// What is remembered of the whole house.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) cases: Vec<Known>,
    /// Openings whose answer never came.
    pub(super) unanswered_openings: usize,
    /// How late the machine may be: the longest it was away.
    pub(super) slack: TimeDelta,
    /// Messages that left, each with how many nodes were lost when its first copy did, and how many copies followed.
    left: BTreeMap<String, (u32, u32)>,
}

fn promise(holds: bool, words: impl FnOnce() -> String) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(words()) }
}

impl Memory {
    /// Looks at everything that is new; `whole`: also at the cases that have not changed.
    pub(super) async fn check(
        &mut self,
        service: &Service,
        store: &Store,
        left: Vec<Left>,
        now: DateTime<Utc>,
        whole: bool,
    ) -> Result<(), Broken> {
        let versions = self.discover(service, store).await?;
        for known in &mut self.cases {
            if whole || versions.get(&known.id) != Some(&known.case.version) {
                known.read_on(service, self.slack, now).await?;
                known.timers_are_jobs(store).await?;
            }
        }
        for Left { id, losses, at } in left {
            self.one_copy(&id, losses)?;
            self.with_permission(&id, at)?;
        }
        Ok(())
    }

    /// The versions of the cases that are there; one nobody was told of must come from an opening without an answer.
    async fn discover(&mut self, service: &Service, store: &Store) -> Result<BTreeMap<Uuid, i64>, Broken> {
        let rows = store
            .cases(&CaseFilter::default(), &Page::first(100))
            .await
            .map_err(|e| e.to_string())?;
        for row in &rows {
            if self.cases.iter().any(|k| k.id == row.id) {
                continue;
            }
            promise(self.unanswered_openings > 0, || {
                format!("{} was opened by nobody", row.reference)
            })?;
            self.unanswered_openings -= 1;
            self.remember(service, row.id).await?;
        }
        promise(rows.len() == self.cases.len(), || "a case is gone".to_owned())?;
        Ok(rows.iter().map(|row| (row.id, row.version)).collect())
    }

    /// A case that was opened.
    pub(super) async fn remember(&mut self, service: &Service, id: Uuid) -> Result<(), Broken> {
        let journal = service.entries(id, 0).await.map_err(|e| e.to_string())?;
        let first = journal.first().ok_or("a case has no journal")?;
        let case = Case::opened(first).map_err(|e| e.to_string())?;
        self.cases.push(Known {
            id,
            reference: case.reference.clone(),
            case,
            journal: vec![first.clone()],
            acknowledged: 0,
            unanswered: 0,
            recorded: 0,
            armed: BTreeMap::new(),
            fired: BTreeSet::new(),
            missed: BTreeSet::new(),
            messages: BTreeMap::new(),
            documents: Vec::new(),
        });
        Ok(())
    }

    /// How many messages left.
    pub(super) fn copies(&self) -> usize {
        self.left.len()
    }

    /// Every copy has one Message-ID, and each further one asks for one more node that was lost since the first.
    fn one_copy(&mut self, id: &str, losses: u32) -> Result<(), Broken> {
        let (first, more) = self
            .left
            .entry(id.to_owned())
            .and_modify(|(_, more)| *more += 1)
            .or_insert((losses, 0));
        promise(*more <= losses - *first, || {
            format!("message {id} left {more} more times, and fewer nodes were lost since")
        })
    }

    /// Silence by default: a person of a case is written to only with a permission recorded in that case.
    fn with_permission(&self, id: &str, now: DateTime<Utc>) -> Result<(), Broken> {
        let id = EffectId::named(id.replace('.', ":"));
        for known in &self.cases {
            let Some((order, suppressed)) = known.messages.get(&id) else {
                continue;
            };
            promise(!suppressed, || {
                format!("{id} was suppressed and left all the same")
            })?;
            if let Recipient::Person(person) = &order.to {
                let permissions = &known.case.people[person].permissions;
                let frozen = known.case.safety_critical();
                Permission::check(permissions, 0, frozen, now)
                    .map_err(|e| format!("{id} was written to {person} without permission: {e}"))?;
            }
        }
        Ok(())
    }

    /// After a death the whole history is read again: what was seen is there as it was.
    pub(super) async fn after_death(&mut self, service: &Service) -> Result<(), Broken> {
        for known in &self.cases {
            let journal = service.entries(known.id, 0).await.map_err(|e| e.to_string())?;
            promise(journal.starts_with(&known.journal), || {
                format!("{}: entries that were there are lost or changed", known.reference)
            })?;
        }
        Ok(())
    }

    /// When all has come to rest: chains hold, every message has a fate, what did not arrive raised a task.
    pub(super) async fn at_rest(
        &self,
        service: &Service,
        store: &Store,
        now: DateTime<Utc>,
    ) -> Result<(), Broken> {
        let verified = service.verify(None, |_| ()).await.map_err(|e| e.to_string())?;
        promise(verified.broken.is_empty(), || format!("{:?}", verified.broken))?;
        let oldest = store.oldest_due(now).await.map_err(|e| e.to_string())?;
        promise(oldest.is_none(), || {
            format!("a job due at {oldest:?} still waits")
        })?;
        service.refresh_calendars().await.map_err(|e| e.to_string())?;
        for known in &self.cases {
            for (id, (_, suppressed)) in &known.messages {
                self.has_a_fate(store, known, id, *suppressed, now).await?;
            }
            known.dates_follow_the_calendars(service, now)?;
        }
        Ok(())
    }

    async fn has_a_fate(
        &self,
        store: &Store,
        known: &Known,
        id: &EffectId,
        suppressed: bool,
        now: DateTime<Utc>,
    ) -> Result<(), Broken> {
        let job = store.job(id.as_str()).await.map_err(|e| e.to_string())?;
        let job = job.ok_or_else(|| format!("message {id} has no row"))?;
        let left = self.left.contains_key(&id.as_str().replace(':', "."));
        match job.state {
            JobState::Done => promise(left, || format!("{id} is called done and never left")),
            JobState::Suppressed => promise(job.reason.is_some(), || {
                format!("{id} was suppressed without a reason")
            }),
            JobState::Failed | JobState::Dead => {
                let task = known.case.tasks.values().any(|t| t.key == "message_failed");
                promise(task, || format!("{id} failed and nobody was told"))
            }
            JobState::Waiting => promise(job.due_at > now, || format!("{id} is due and waits")),
            JobState::Running | JobState::Cancelled => Err(format!("{id} rests as {:?}", job.state)),
        }?;
        promise(!suppressed || job.state == JobState::Suppressed, || {
            format!("{id} should be suppressed, not {:?}", job.state)
        })
    }
}

impl Known {
    /// Folds what was written since and checks each entry.
    async fn read_on(
        &mut self,
        service: &Service,
        slack: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<(), Broken> {
        let entries = service
            .entries(self.id, self.case.version)
            .await
            .map_err(|e| e.to_string())?;
        for entry in entries {
            self.entry(&entry, slack, now)
                .map_err(|e| format!("{} entry {}: {e}", self.reference, entry.seq))?;
            self.case.apply(&entry).map_err(|e| e.to_string())?;
            self.journal.push(entry);
        }
        for name in &self.documents {
            let there = self.case.documents.iter().filter(|d| d.name == *name).count();
            promise(there == 1, || {
                format!(
                    "{}: `{name}` was acknowledged and is there {there} times",
                    self.reference
                )
            })?;
        }
        let (least, most) = (self.acknowledged, self.acknowledged + self.unanswered);
        promise((least..=most).contains(&self.recorded), || {
            format!(
                "{}: {least} events were acknowledged, {} had no answer, {} are recorded",
                self.reference, self.unanswered, self.recorded
            )
        })
    }

    fn entry(&mut self, entry: &Entry, slack: TimeDelta, now: DateTime<Utc>) -> Result<(), Broken> {
        match &entry.fact {
            Fact::EventAccepted { .. } if matches!(entry.actor, Actor::Account(_)) => self.recorded += 1,
            Fact::TimerArmed { timer, .. } => {
                // A node whose clock is behind writes an earlier moment, at which nobody could have fired it.
                self.armed.insert(timer.clone(), entry.recorded_at.max(now));
            }
            Fact::TimerFired { timer } => {
                promise(self.fired.insert(timer.clone()), || {
                    format!("timer {timer} fired twice")
                })?;
                let due_at = self
                    .case
                    .timers
                    .get(timer)
                    .ok_or("a timer fired that was not armed")?
                    .due_at;
                promise(entry.recorded_at >= due_at, || {
                    format!("timer {timer} fired before it was due")
                })?;
                // What is recorded late may arm a timer that is due already; it cannot fire before it is there.
                let late =
                    entry.recorded_at - self.armed.get(timer).map_or(due_at, |armed| due_at.max(*armed));
                promise(late <= slack, || {
                    format!("timer {timer} fired {late} late; nothing was away longer than {slack}")
                })?;
            }
            Fact::DeadlineMissed { deadline } => {
                promise(self.missed.insert(deadline.clone()), || {
                    format!("deadline {deadline} missed twice")
                })?;
            }
            Fact::MessageExpected {
                message,
                order,
                suppressed,
            } => {
                let new = self
                    .messages
                    .insert(message.clone(), (order.clone(), suppressed.is_some()));
                promise(new.is_none(), || format!("message {message} expected twice"))?;
                if let (Recipient::Person(person), None) = (&order.to, suppressed) {
                    let frozen = self.case.safety_critical();
                    Permission::check(
                        &self.case.people[person].permissions,
                        0,
                        frozen,
                        entry.recorded_at,
                    )
                    .map_err(|e| format!("{message} expected for {person}: {e}"))?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// No date ahead would move if it were reckoned again.
    fn dates_follow_the_calendars(&self, service: &Service, now: DateTime<Utc>) -> Result<(), Broken> {
        let library = service.library();
        let pack = library
            .current(&self.case.pack.name)
            .ok_or("the pack is not there")?;
        let calendar = library
            .calendar_in(&pack, self.case.province())
            .map_err(|e| e.to_string())?;
        let ctx = Context {
            pack: &pack,
            calendar: &calendar,
            now,
            occurred_at: now,
            actor: &Actor::Machine,
            role: None,
            expected_version: None,
        };
        let decision = decide(Some(&self.case), &Command::FollowCalendar, &ctx)
            .map_err(|e| format!("{}: its dates cannot follow the calendars: {e}", self.reference))?;
        let late = decision.entries().iter().find_map(|entry| match &entry.fact {
            Fact::DeadlineMoved { deadline, .. } => {
                let known = self.case.deadlines.get(deadline)?;
                (known.computed.due_at > now).then(|| format!("{known:?} should move: {:?}", entry.fact))
            }
            _ => None,
        });
        late.map_or(Ok(()), |late| {
            Err(format!(
                "{}: a date did not follow the calendars: {late}",
                self.reference
            ))
        })
    }

    /// Each armed timer of the case is one waiting job, due no earlier, and there is no other.
    async fn timers_are_jobs(&self, store: &Store) -> Result<(), Broken> {
        let filter = JobFilter {
            case_id: Some(self.id),
            kinds: vec![JobKind::Timer],
            states: vec![JobState::Waiting, JobState::Running],
            ..JobFilter::all(10_000)
        };
        let jobs = store.jobs(&filter).await.map_err(|e| e.to_string())?;
        let waiting: BTreeSet<String> = jobs
            .iter()
            .filter(|j| j.state == JobState::Waiting)
            .map(|j| j.id.clone())
            .collect();
        let jobs: BTreeMap<String, DateTime<Utc>> = jobs.into_iter().map(|j| (j.id, j.due_at)).collect();
        let timers: BTreeMap<String, DateTime<Utc>> = self
            .case
            .timers
            .iter()
            .map(|(id, t)| (id.as_str().to_owned(), t.due_at))
            .collect();
        let lost: Vec<_> = timers.keys().filter(|id| !jobs.contains_key(*id)).collect();
        // What a lost node still holds is called off when its claim ends.
        let stray: Vec<_> = waiting.iter().filter(|id| !timers.contains_key(*id)).collect();
        promise(lost.is_empty() && stray.is_empty(), || {
            format!(
                "{}: armed timers without a job {lost:?}, jobs without a timer {stray:?}",
                self.reference
            )
        })?;
        // One that failed waits before it is tried again, so it may be later, and is never earlier.
        let early = jobs
            .iter()
            .find(|(id, due_at)| timers.get(*id).is_some_and(|timer| *due_at < timer));
        promise(early.is_none(), || {
            format!("{}: {early:?} is due before its timer", self.reference)
        })
    }
}
