//! Chance records events for months or years: the reminders and messages a case would bring, each with its date.
//! The same seed walks the same way. Knows no terminal.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, TimeDelta, Utc};
use peshi_casework::pack::{Act, deed};
use peshi_casework::{Channel, Command, ContactPermission, InstanceId, Rejection, time};
use peshi_statechart::Action;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use crate::error::{RehearsalError, said};
use crate::life::{FiredWhat, Happened, Rehearsal, Stage, Who};
use crate::{script, values};

/// How to walk.
#[derive(Debug, Clone, Copy)]
pub struct Walk {
    /// From when.
    pub from: DateTime<Utc>,
    /// How many days.
    pub days: u32,
    /// What chance begins with.
    pub seed: u64,
}

/// One thing that happened on the way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// When, UTC.
    pub at: String,
    /// When, by the clock on the wall of the pack's zone.
    pub local: String,
    /// Where.
    pub instance: String,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum What {
    /// Somebody recorded an event.
    Event {
        /// Its name.
        event: String,
    },
    /// A delayed event came.
    Came {
        /// Its name.
        event: String,
    },
    /// A deadline passed.
    Missed {
        /// The rule.
        deadline: String,
    },
    /// A message was expected.
    Message {
        /// Its kind.
        kind: String,
        /// The role it is for.
        to: String,
        /// The rule it announces.
        deadline: Option<String>,
        /// The rung of the rule's ladder that brought it.
        reminder: Option<String>,
        /// The moment it speaks of, by the wall's clock.
        moment: Option<String>,
        /// Why it is suppressed, if it is.
        suppressed: Option<String>,
    },
    /// A timer came to nothing.
    Fault {
        /// Why.
        problem: String,
    },
}

/// Where a walk led.
#[derive(Debug, Clone, PartialEq)]
pub struct Walked {
    /// What happened, in order.
    pub lines: Vec<Line>,
    /// Events recorded.
    pub events: usize,
    /// Events that chance tried and a condition refused.
    pub refused: usize,
    /// Messages that go out.
    pub sent: usize,
    /// Messages suppressed.
    pub suppressed: usize,
    /// Where the root rests at the end.
    pub configuration: Vec<String>,
    /// Children that still live.
    pub children: usize,
    /// The case counts as closed.
    pub closed: bool,
}

impl Walk {
    /// Walks.
    ///
    /// # Errors
    /// [`RehearsalError`], when the case cannot begin or never comes to rest.
    pub fn walk(&self, stage: Stage<'_>) -> Result<Walked, RehearsalError> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let until = self
            .from
            .checked_add_days(Days::new(u64::from(self.days)))
            .ok_or_else(|| RehearsalError::OutOfTime {
                from: self.from,
                by: format!("{} days", self.days),
            })?;
        let opening = stage
            .pack
            .opening
            .as_ref()
            .and_then(|name| stage.pack.forms.get(name));
        let local_now = time::local(self.from, stage.calendar);
        let opening = opening.map(|form| values::fill(form, local_now, &mut |n| rng.random_range(0..n)));
        let team = ["team".to_owned()];
        let (mut case, happened) = Rehearsal::open(stage, self.from, opening.unwrap_or_default(), &team)?;
        let mut trace = Trace::new(stage);
        trace.take(&happened);
        introduce(&mut case, until)?;
        while case.now() < until {
            trace.take(&case.advance_to((case.now() + pause(&mut rng)).min(until))?);
            if case.now() < until {
                step(&mut case, &mut rng, &mut trace)?;
            }
        }
        let root = case.configuration(&InstanceId::root()).to_vec();
        Ok(Walked {
            configuration: root,
            children: case.children().len(),
            closed: case.board().closed,
            ..trace.walked
        })
    }
}

/// Most things follow within days, some after weeks of silence.
fn pause(rng: &mut ChaCha8Rng) -> TimeDelta {
    let hours = match rng.random_range(0..10_u32) {
        0..4 => rng.random_range(1..24_i64),
        4..8 => rng.random_range(24..7 * 24_i64),
        _ => rng.random_range(7 * 24..42 * 24_i64),
    };
    TimeDelta::hours(hours)
}

/// Chance records one of the events that are possible.
fn step(case: &mut Rehearsal<'_>, rng: &mut ChaCha8Rng, trace: &mut Trace<'_>) -> Result<(), RehearsalError> {
    let possible = case.allowed(Who::Somebody);
    if possible.is_empty() {
        return Ok(());
    }
    let chosen = &possible[rng.random_range(0..possible.len())];
    let local_now = time::local(case.now(), case.stage().calendar);
    let form = chosen
        .form
        .as_ref()
        .and_then(|name| case.stage().pack.forms.get(name));
    let form = form.map(|form| values::fill(form, local_now, &mut |n| rng.random_range(0..n)));
    let recorded = case.record(
        Who::Somebody,
        &chosen.instance,
        &chosen.event,
        form.unwrap_or_default(),
        None,
    )?;
    match recorded {
        Ok(happened) => {
            let event = chosen.event.clone();
            trace.push(case.now(), &chosen.instance, What::Event { event });
            trace.walked.events += 1;
            trace.take(&happened);
        }
        Err(Rejection::Guarded { .. }) => trace.walked.refused += 1,
        Err(other) => {
            let problem = format!("`{}`: {}", chosen.event, said(&other));
            trace.push(case.now(), &chosen.instance, What::Fault { problem });
        }
    }
    Ok(())
}

/// One person for each role that the pack writes to, who allowed it for the whole walk: else there is nothing to see.
fn introduce(case: &mut Rehearsal<'_>, until: DateTime<Utc>) -> Result<(), RehearsalError> {
    for (n, role) in written_to(case.stage()).into_iter().enumerate() {
        let add = Command::AddPerson {
            role,
            name: "Somebody Invented".to_owned(),
        };
        let permission = ContactPermission {
            channel: Channel::Sms,
            address: "+923000000000".to_owned(),
            language: "ur".to_owned(),
            level: 0,
            safe_from: None,
            safe_until: None,
            phone_at_risk: false,
            granted_at: case.now(),
            expires_at: until + TimeDelta::days(1),
        };
        let grant = Command::GrantPermission {
            person: format!("person-{}", n + 1),
            permission,
        };
        for command in [add, grant] {
            // Both are of a new case's own making and cannot be refused.
            let _ = case.command(Who::Somebody, &command, None)?;
        }
    }
    Ok(())
}

/// Roles of people that some `notify` writes to.
fn written_to(stage: Stage<'_>) -> BTreeSet<String> {
    let mut roles = BTreeSet::new();
    let mut see = |actions: &[Action<Act>]| {
        for action in actions {
            if let Some(Act::Notify { to, .. }) = deed(action)
                && to != "team"
            {
                roles.insert(to.clone());
            }
        }
    };
    for spec in stage.pack.charts.values() {
        for state in spec.chart.states() {
            see(state.entry());
            see(state.exit());
            for transition in state.transitions() {
                see(transition.actions());
            }
        }
    }
    roles
}

/// What happened, being written down.
struct Trace<'p> {
    stage: Stage<'p>,
    walked: Walked,
}

impl<'p> Trace<'p> {
    fn new(stage: Stage<'p>) -> Self {
        Self {
            stage,
            walked: Walked {
                lines: Vec::new(),
                events: 0,
                refused: 0,
                sent: 0,
                suppressed: 0,
                configuration: Vec::new(),
                children: 0,
                closed: false,
            },
        }
    }

    fn local(&self, at: DateTime<Utc>) -> String {
        time::local(at, self.stage.calendar)
            .format("%Y-%m-%d %a %H:%M")
            .to_string()
    }

    fn push(&mut self, at: DateTime<Utc>, instance: &InstanceId, what: What) {
        self.walked.lines.push(Line {
            at: script::utc(at),
            local: self.local(at),
            instance: instance.to_string(),
            what,
        });
    }

    fn take(&mut self, happened: &[Happened]) {
        for one in happened {
            let root = InstanceId::root();
            let mut reminder = None;
            if let Some(fired) = &one.fired {
                match &fired.what {
                    FiredWhat::Event(event) => {
                        let event = event.clone();
                        self.push(one.at, &fired.instance, What::Came { event });
                    }
                    FiredWhat::Due(rule) if missed(one) => {
                        let deadline = rule.clone();
                        self.push(one.at, &fired.instance, What::Missed { deadline });
                    }
                    FiredWhat::Due(_) => {}
                    FiredWhat::Rung(_, rung) => reminder = Some(rung.clone()),
                }
            }
            if let Some(fault) = &one.fault {
                let problem = said(fault);
                self.push(
                    one.at,
                    one.fired.as_ref().map_or(&root, |f| &f.instance),
                    What::Fault { problem },
                );
            }
            for message in &one.messages {
                if message.suppressed.is_some() {
                    self.walked.suppressed += 1;
                } else {
                    self.walked.sent += 1;
                }
                let what = What::Message {
                    kind: message.order.kind.clone(),
                    to: message.to.clone(),
                    deadline: message.rule.clone(),
                    reminder: reminder.clone(),
                    moment: message.order.moment.map(|m| self.local(m)),
                    suppressed: message.suppressed.map(|r| r.key().to_owned()),
                };
                self.push(message.at, message.instance.as_ref().unwrap_or(&root), what);
            }
        }
    }
}

fn missed(one: &Happened) -> bool {
    one.entries.iter().any(|e| e.fact.kind() == "deadline_missed")
}
