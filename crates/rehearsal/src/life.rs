//! One case lived in memory: the same decisions as in the house, on virtual time, with the journal and the expected
//! messages at hand. Knows no store and no service; what is sent in the end, the house alone decides.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use peshi_calendar::Calendar;
use peshi_casework::pack::Pack;
use peshi_casework::{
    AccountId, Actor, Allowed, Board, Broken, Case, CaseId, Command, Context, Decision, Effect, EffectId,
    Entry, Fact, Fields, InstanceId, MessageOrder, Purpose, Recipient, Refusal, Rejection, allowed, broken,
    decide,
};
use uuid::Uuid;

use crate::error::RehearsalError;

/// Most timers that may fire in one advance.
pub const MAX_FIRED: usize = 100_000;
/// Most timers that may fire at one instant: more are a circle of delays of nothing.
const MAX_AT_ONCE: usize = 1_000;

/// The stage: the pack, and the calendar it counts in.
#[derive(Debug, Clone, Copy)]
pub struct Stage<'p> {
    /// The pack.
    pub pack: &'p Pack,
    /// The calendar.
    pub calendar: &'p Calendar,
}

/// Who records something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who<'r> {
    /// Somebody who may do whatever some role may.
    Somebody,
    /// The rehearser: may even cause what only the program may.
    Anything,
    /// A member of the team with this role.
    Role(&'r str),
}

/// A case in memory.
#[derive(Debug, Clone)]
pub struct Rehearsal<'p> {
    stage: Stage<'p>,
    case: Case,
    board: Board,
    now: DateTime<Utc>,
    journal: Vec<Entry>,
    team: Vec<(AccountId, String)>,
}

/// What one decision did.
#[derive(Debug, Clone)]
pub struct Happened {
    /// When.
    pub at: DateTime<Utc>,
    /// The timer that caused it, if it was one.
    pub fired: Option<Fired>,
    /// The journal's new entries.
    pub entries: Vec<Entry>,
    /// Messages expected by it.
    pub messages: Vec<Message>,
    /// Why the timer could not be carried out; it is gone then.
    pub fault: Option<Rejection>,
}

/// A timer that was due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fired {
    /// Its instance.
    pub instance: InstanceId,
    /// What it was for.
    pub what: FiredWhat,
}

/// What a timer was for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FiredWhat {
    /// An event sent or an `after`.
    Event(String),
    /// A deadline's last moment.
    Due(String),
    /// A reminder of a deadline: the rule and the rung as written.
    Rung(String, String),
}

/// A message expected by a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// When it was expected.
    pub at: DateTime<Utc>,
    /// Its instance.
    pub instance: Option<InstanceId>,
    /// Whom it is for, in the case's words: a role of the team, a role of people, `team`.
    pub to: String,
    /// The rule it announces.
    pub rule: Option<String>,
    /// The order.
    pub order: MessageOrder,
    /// Why it is suppressed already; none: it goes out, if its time still finds it right.
    pub suppressed: Option<Refusal>,
}

impl<'p> Rehearsal<'p> {
    /// Opens a case at `now`; the team has one member for each role of `team`.
    ///
    /// # Errors
    /// [`RehearsalError::Opening`] with the reason; [`RehearsalError::Endless`] when it never comes to rest.
    pub fn open(
        stage: Stage<'p>,
        now: DateTime<Utc>,
        form: Fields,
        team: &[String],
    ) -> Result<(Self, Vec<Happened>), RehearsalError> {
        let numbered = (1u128..).zip(team);
        let team: Vec<(AccountId, String)> = numbered
            .map(|(n, role)| (AccountId(Uuid::from_u128(n)), role.clone()))
            .collect();
        let command = Command::Open {
            case: CaseId(Uuid::nil()),
            reference: "rehearsal".to_owned(),
            form,
            team: team.clone(),
        };
        let ctx = context(stage, now, now, &Actor::Machine, None);
        let decision = decide(None, &command, &ctx).map_err(RehearsalError::Opening)?;
        let mut rehearsal = Self {
            stage,
            case: decision.case().clone(),
            board: decision.board().clone(),
            now,
            journal: Vec::new(),
            team,
        };
        let mut happened = vec![rehearsal.take(&decision, None)];
        happened.extend(rehearsal.advance_to(now)?);
        Ok((rehearsal, happened))
    }

    /// Records an event now; it happened at `occurred_at`, or now.
    ///
    /// # Errors
    /// Inside: why nothing changed. Outside: the case never comes to rest.
    pub fn record(
        &mut self,
        who: Who<'_>,
        instance: &InstanceId,
        event: &str,
        form: Fields,
        occurred_at: Option<DateTime<Utc>>,
    ) -> Result<Result<Vec<Happened>, Rejection>, RehearsalError> {
        let command = Command::Event {
            instance: instance.clone(),
            event: event.to_owned(),
            form,
            known: peshi_casework::Knowledge::default(),
        };
        self.command(who, &command, occurred_at)
    }

    /// Any other command.
    ///
    /// # Errors
    /// As [`Rehearsal::record`].
    pub fn command(
        &mut self,
        who: Who<'_>,
        command: &Command,
        occurred_at: Option<DateTime<Utc>>,
    ) -> Result<Result<Vec<Happened>, Rejection>, RehearsalError> {
        let (actor, role) = self.actor(who);
        let ctx = context(
            self.stage,
            self.now,
            occurred_at.unwrap_or(self.now),
            &actor,
            role,
        );
        let decision = match decide(Some(&self.case), command, &ctx) {
            Ok(decision) => decision,
            Err(rejection) => return Ok(Err(rejection)),
        };
        let mut happened = vec![self.take(&decision, None)];
        happened.extend(self.advance_to(self.now)?);
        Ok(Ok(happened))
    }

    /// Lets time pass to `until`: what is due fires in order of its due time, each at its own instant; what falls due
    /// together fires in the order it was armed.
    ///
    /// # Errors
    /// [`RehearsalError::Endless`] when timers arm timers without end.
    pub fn advance_to(&mut self, until: DateTime<Utc>) -> Result<Vec<Happened>, RehearsalError> {
        let mut happened = Vec::new();
        let (mut instant, mut at_once) = (self.now, 0);
        while let Some((id, due_at)) = self.next_timer().filter(|(_, due_at)| *due_at <= until) {
            if due_at > instant {
                (instant, at_once) = (due_at, 0);
            }
            at_once += 1;
            if happened.len() >= MAX_FIRED || at_once > MAX_AT_ONCE {
                return Err(RehearsalError::Endless {
                    count: happened.len(),
                    at: due_at,
                });
            }
            self.now = self.now.max(due_at);
            happened.push(self.fire(&id, due_at));
        }
        self.now = self.now.max(until);
        Ok(happened)
    }

    /// Lets time pass to `until` while the scheduler sleeps, as in an outage: nothing fires on the way, and what was due
    /// fires late, at `until`, in order of its due time.
    ///
    /// # Errors
    /// As [`Rehearsal::advance_to`].
    pub fn sleep_until(&mut self, until: DateTime<Utc>) -> Result<Vec<Happened>, RehearsalError> {
        self.now = self.now.max(until);
        self.advance_to(until)
    }

    /// When the next timer is due.
    pub fn next_due(&self) -> Option<DateTime<Utc>> {
        self.next_timer().map(|(_, due_at)| due_at)
    }

    fn next_timer(&self) -> Option<(EffectId, DateTime<Utc>)> {
        let timers = self.case.timers.iter();
        timers
            .min_by_key(|(id, timer)| (timer.due_at, order(id)))
            .map(|(id, timer)| (id.clone(), timer.due_at))
    }

    /// Fires a timer; what it does happens at the moment it was due, however late that is noticed.
    fn fire(&mut self, id: &EffectId, due_at: DateTime<Utc>) -> Happened {
        let timer = &self.case.timers[id];
        let fired = Fired {
            instance: timer.instance.clone(),
            what: self.purpose(&timer.purpose),
        };
        let ctx = context(self.stage, self.now, due_at, &Actor::Machine, None);
        match decide(Some(&self.case), &Command::TimerDue { timer: id.clone() }, &ctx) {
            Ok(decision) => self.take(&decision, Some(fired)),
            Err(fault) => {
                // The house would try again and in the end ask a person; a rehearsal says so and goes on.
                self.case.timers.remove(id);
                Happened {
                    at: self.now,
                    fired: Some(fired),
                    entries: Vec::new(),
                    messages: Vec::new(),
                    fault: Some(fault),
                }
            }
        }
    }

    /// What a timer is for, in the pack's words.
    pub fn purpose(&self, purpose: &Purpose) -> FiredWhat {
        let rule = |deadline: &EffectId| {
            let known = self.case.deadlines.get(deadline);
            known.map_or_else(|| deadline.to_string(), |d| d.rule.clone())
        };
        match purpose {
            Purpose::Event { event, .. } => FiredWhat::Event(event.clone()),
            Purpose::Due { deadline } => FiredWhat::Due(rule(deadline)),
            Purpose::Rung { deadline, rung, .. } => FiredWhat::Rung(rule(deadline), rung.clone()),
        }
    }

    fn take(&mut self, decision: &Decision, fired: Option<Fired>) -> Happened {
        self.case = decision.case().clone();
        self.board = decision.board().clone();
        self.journal.extend_from_slice(decision.entries());
        let whose: BTreeMap<&EffectId, Option<&InstanceId>> = decision
            .entries()
            .iter()
            .filter_map(|e| match &e.fact {
                Fact::MessageExpected { message, .. } => Some((message, e.instance.as_ref())),
                _ => None,
            })
            .collect();
        let messages = decision.effects().iter().filter_map(|effect| {
            let (id, order, suppressed) = match effect {
                Effect::Message { id, order, .. } => (id, order, None),
                Effect::Suppressed { id, order, reason } => (id, order, Some(*reason)),
                Effect::Arm { .. } | Effect::Cancel { .. } => return None,
            };
            let instance = whose.get(id).copied().flatten().cloned();
            Some(self.message(instance, order, suppressed))
        });
        Happened {
            at: self.now,
            fired,
            entries: decision.entries().to_vec(),
            messages: messages.collect(),
            fault: None,
        }
    }

    fn message(
        &self,
        instance: Option<InstanceId>,
        order: &MessageOrder,
        suppressed: Option<Refusal>,
    ) -> Message {
        let to = match &order.to {
            Recipient::Account(account) => self.case.team.get(account).cloned().unwrap_or_default(),
            Recipient::Person(person) => {
                let known = self.case.people.get(person);
                known.map_or_else(|| person.clone(), |p| p.role.clone())
            }
            Recipient::Nobody(role) => role.clone(),
        };
        let deadline = order.deadline.as_ref().and_then(|id| self.case.deadlines.get(id));
        Message {
            at: self.now,
            instance,
            to,
            rule: deadline.map(|d| d.rule.clone()),
            order: order.clone(),
            suppressed,
        }
    }

    /// What may be recorded now, in document order.
    pub fn allowed(&self, who: Who<'_>) -> Vec<Allowed> {
        let (actor, role) = self.actor(who);
        allowed(&context(self.stage, self.now, self.now, &actor, role), &self.case)
    }

    /// Invariants that do not hold now.
    pub fn broken(&self) -> Vec<Broken<'p>> {
        broken(
            &context(self.stage, self.now, self.now, &Actor::Machine, None),
            &self.case,
        )
    }

    fn actor<'r>(&self, who: Who<'r>) -> (Actor, Option<&'r str>) {
        match who {
            Who::Anything => (Actor::Machine, None),
            Who::Somebody => (Actor::Importer, None),
            Who::Role(role) => {
                let member = self.team.iter().find(|(_, r)| r == role);
                let account = member.map_or(AccountId(Uuid::nil()), |(account, _)| *account);
                (Actor::Account(account), Some(role))
            }
        }
    }

    /// The ids of the active leaf states of an instance, in document order; none before it began.
    pub fn configuration(&self, instance: &InstanceId) -> &[String] {
        let snapshot = self
            .case
            .instances
            .get(instance)
            .and_then(|i| i.snapshot.as_ref());
        snapshot.map_or(&[], |s| s.active_leaves())
    }

    /// Live children, by chart and number.
    pub fn children(&self) -> Vec<&InstanceId> {
        let mut live: Vec<_> = self
            .case
            .instances
            .iter()
            .filter(|(id, instance)| !id.is_root() && !instance.done)
            .map(|(id, _)| id)
            .collect();
        live.sort_by(|a, b| age(a).cmp(&age(b)));
        live
    }

    /// The case.
    pub fn case(&self) -> &Case {
        &self.case
    }

    /// The line it would have on a board.
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// Its whole journal.
    pub fn journal(&self) -> &[Entry] {
        &self.journal
    }

    /// The instant.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The stage.
    pub fn stage(&self) -> Stage<'p> {
        self.stage
    }
}

/// Effects in the order they were made: ids are texts, and as texts 10 stands before 9.
pub(crate) fn order(id: &EffectId) -> (i64, u32) {
    let mut parts = id.as_str().rsplit(':');
    let n = parts.next().and_then(|n| n.parse().ok()).unwrap_or(0);
    let seq = parts.next().and_then(|seq| seq.parse().ok()).unwrap_or(0);
    (seq, n)
}

/// Children by chart, then by number.
fn age(id: &InstanceId) -> (&str, u32) {
    id.as_str()
        .rsplit_once('-')
        .and_then(|(chart, n)| Some((chart, n.parse().ok()?)))
        .unwrap_or((id.as_str(), 0))
}

fn context<'a>(
    stage: Stage<'a>,
    now: DateTime<Utc>,
    occurred_at: DateTime<Utc>,
    actor: &'a Actor,
    role: Option<&'a str>,
) -> Context<'a> {
    Context {
        pack: stage.pack,
        calendar: stage.calendar,
        now,
        occurred_at,
        actor,
        role,
        expected_version: None,
    }
}
