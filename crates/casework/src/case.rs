//! A case as its journal tells it: the state that results from applying entries in order.
//! Knows neither packs nor calendars, so an old history stays readable whatever the law became.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use peshi_statechart::Snapshot;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::deadline::{Deadline, Override, Settled, Stop};
use crate::document::Document;
use crate::fact::{Entry, Fact, Fields, PackRef, Purpose};
use crate::ids::{AccountId, CaseId, EffectId, InstanceId};
use crate::permission::ContactPermission;
use crate::violation::{Status, Violation};

/// A case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// Its neutral reference.
    pub reference: String,
    /// The pack it is pinned to.
    pub pack: PackRef,
    /// The versions it was pinned to before, the first one first. Left out while there are none, so that a case stored
    /// before it could be moved still equals its replay.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_packs: Vec<PackRef>,
    /// The number of its last journal entry.
    pub version: i64,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// When something last happened to it.
    pub last_event_at: DateTime<Utc>,
    /// Its running and ended charts.
    pub instances: BTreeMap<InstanceId, Instance>,
    /// What is armed.
    pub timers: BTreeMap<EffectId, Timer>,
    /// Every deadline, running or ended.
    pub deadlines: BTreeMap<EffectId, Deadline>,
    /// Every task.
    pub tasks: BTreeMap<EffectId, Task>,
    /// The register of violations, in the order noted.
    pub violations: Vec<Violation>,
    /// Its documents, in the order added. Left out while there are none, for cases stored before there could be any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<Document>,
    /// People of the case.
    pub people: BTreeMap<String, Person>,
    /// Staff who work on it, with their role.
    pub team: BTreeMap<AccountId, String>,
}

/// One running chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// The chart.
    pub chart: String,
    /// The instance it belongs to; none for the root.
    pub parent: Option<InstanceId>,
    /// The configuration; none before its first step.
    pub snapshot: Option<Snapshot>,
    /// Kept fields.
    pub data: Fields,
    /// When each active state was entered (the moment it happened, not when it was recorded).
    pub since: BTreeMap<String, DateTime<Utc>>,
    /// It has ended.
    pub done: bool,
}

/// Something armed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timer {
    /// The instance it belongs to.
    pub instance: InstanceId,
    /// What it does.
    pub purpose: Purpose,
    /// When.
    pub due_at: DateTime<Utc>,
}

/// Something a person must do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Its kind.
    pub key: String,
    /// The instance it is about.
    pub instance: Option<InstanceId>,
    /// The deadline it is about.
    pub deadline: Option<EffectId>,
    /// When it was raised.
    pub raised_at: DateTime<Utc>,
    /// When it was done.
    pub done_at: Option<DateTime<Utc>>,
}

/// A person of the case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Person {
    /// The role.
    pub role: String,
    /// The name.
    pub name: String,
    /// What contact they allowed.
    pub permissions: Vec<ContactPermission>,
}

/// The journal cannot be read as one case's history.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReplayError {
    /// Nothing there.
    #[error("the journal is empty")]
    Empty,
    /// The first entry does not open a case.
    #[error("the journal begins with `{0}` instead of the opening of the case")]
    NotOpened(&'static str),
    /// A gap or a repetition.
    #[error("entry {found} follows entry {after}: the journal has a gap or a repetition there")]
    Order {
        /// The entry before.
        after: i64,
        /// What came.
        found: i64,
    },
    /// It speaks of something that is not there.
    #[error("entry {seq} speaks of {what}, which the case does not have")]
    Unknown {
        /// The entry.
        seq: i64,
        /// What it names.
        what: String,
    },
}

impl Case {
    /// The case that a whole journal tells.
    ///
    /// # Errors
    /// When the entries are not the unbroken history of one case.
    pub fn replay<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Result<Self, ReplayError> {
        let mut entries = entries.into_iter();
        let mut case = Self::opened(entries.next().ok_or(ReplayError::Empty)?)?;
        for entry in entries {
            case.apply(entry)?;
        }
        Ok(case)
    }

    /// The case that its first entry opens.
    ///
    /// # Errors
    /// When it is not the opening.
    pub fn opened(entry: &Entry) -> Result<Self, ReplayError> {
        let Fact::Opened {
            case,
            reference,
            pack,
            form,
        } = &entry.fact
        else {
            return Err(ReplayError::NotOpened(entry.fact.kind()));
        };
        let root = Instance {
            chart: "case".to_owned(),
            parent: None,
            snapshot: None,
            data: form.clone(),
            since: BTreeMap::new(),
            done: false,
        };
        Ok(Self {
            id: *case,
            reference: reference.clone(),
            pack: pack.clone(),
            earlier_packs: Vec::new(),
            version: entry.seq,
            opened_at: entry.recorded_at,
            last_event_at: entry.recorded_at,
            instances: BTreeMap::from([(InstanceId::root(), root)]),
            timers: BTreeMap::new(),
            deadlines: BTreeMap::new(),
            tasks: BTreeMap::new(),
            violations: Vec::new(),
            documents: Vec::new(),
            people: BTreeMap::new(),
            team: BTreeMap::new(),
        })
    }

    /// Applies the next entry.
    ///
    /// # Errors
    /// When it is not the next one, or names what is not there; the case is then unchanged in substance
    /// and must be thrown away.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), ReplayError> {
        if entry.seq != self.version + 1 {
            return Err(ReplayError::Order {
                after: self.version,
                found: entry.seq,
            });
        }
        self.change(entry)?;
        self.version = entry.seq;
        if matches!(entry.fact, Fact::EventAccepted { .. }) {
            self.last_event_at = entry.recorded_at;
        }
        Ok(())
    }

    fn change(&mut self, entry: &Entry) -> Result<(), ReplayError> {
        match &entry.fact {
            Fact::Opened { .. } => {
                return Err(ReplayError::Order {
                    after: self.version,
                    found: entry.seq,
                });
            }
            Fact::Migrated { to, instances, .. } => {
                for (id, placed) in instances {
                    let known = self
                        .instances
                        .get_mut(id)
                        .ok_or_else(|| unknown(entry, id.as_str()))?;
                    known.chart.clone_from(&placed.chart);
                    known.snapshot.clone_from(&placed.snapshot);
                    known.since.clone_from(&placed.since);
                }
                self.earlier_packs
                    .push(std::mem::replace(&mut self.pack, to.clone()));
            }
            Fact::EventAccepted { form, .. } => {
                let data = &mut self.instance_mut(entry)?.data;
                data.extend(form.iter().map(|(k, v)| (k.clone(), v.clone())));
            }
            Fact::Moved {
                snapshot,
                entered,
                exited,
                done,
            } => {
                let instance = self.instance_mut(entry)?;
                for id in exited {
                    instance.since.remove(id);
                }
                for id in entered {
                    instance.since.insert(id.clone(), entry.occurred_at);
                }
                instance.snapshot = Some(snapshot.clone());
                instance.done = *done;
            }
            Fact::Spawned { chart, parent, data } => {
                let child = Instance {
                    chart: chart.clone(),
                    parent: Some(parent.clone()),
                    snapshot: None,
                    data: data.clone(),
                    since: BTreeMap::new(),
                    done: false,
                };
                self.instances.insert(Self::instance_of(entry)?, child);
            }
            Fact::DataSet { values } => {
                let data = &mut self.instance_mut(entry)?.data;
                data.extend(values.iter().map(|(k, v)| (k.clone(), v.clone())));
            }
            Fact::TimerArmed {
                timer,
                purpose,
                due_at,
            } => {
                let armed = Timer {
                    instance: Self::instance_of(entry)?,
                    purpose: purpose.clone(),
                    due_at: *due_at,
                };
                self.timers.insert(timer.clone(), armed);
            }
            Fact::TimerFired { timer } | Fact::TimerCancelled { timer, .. } => {
                self.timers.remove(timer);
            }
            Fact::DeadlineStarted { .. }
            | Fact::DeadlineMoved { .. }
            | Fact::DeadlineMissed { .. }
            | Fact::DeadlineStopped { .. }
            | Fact::DeadlineResumed { .. }
            | Fact::DeadlineOverridden { .. }
            | Fact::DeadlineSettled { .. }
            | Fact::DeadlineEnded { .. } => {
                self.change_deadline(entry)?;
            }
            Fact::TaskRaised { task, key, deadline } => {
                let raised = Task {
                    key: key.clone(),
                    instance: entry.instance.clone(),
                    deadline: deadline.clone(),
                    raised_at: entry.recorded_at,
                    done_at: None,
                };
                self.tasks.insert(task.clone(), raised);
            }
            Fact::TaskDone { task } => {
                let known = self
                    .tasks
                    .get_mut(task)
                    .ok_or_else(|| unknown(entry, task.as_str()))?;
                known.done_at = Some(entry.recorded_at);
            }
            Fact::ViolationNoted { .. }
            | Fact::ViolationDocumented { .. }
            | Fact::ViolationVerified { .. }
            | Fact::ViolationUsed { .. }
            | Fact::ViolationPublishable { .. } => self.change_violations(entry)?,
            Fact::DocumentAdded { .. } | Fact::DocumentCopied { .. } | Fact::DocumentRemoved { .. } => {
                self.change_documents(entry)?;
            }
            Fact::MessageExpected { .. } => {}
            Fact::TeamJoined { .. }
            | Fact::TeamLeft { .. }
            | Fact::PersonAdded { .. }
            | Fact::PermissionGranted { .. }
            | Fact::PermissionRevoked { .. } => self.change_people(entry)?,
        }
        Ok(())
    }

    fn change_deadline(&mut self, entry: &Entry) -> Result<(), ReplayError> {
        match &entry.fact {
            Fact::DeadlineStarted {
                deadline,
                rule,
                computed,
            } => {
                let started = Deadline {
                    rule: rule.clone(),
                    instance: Self::instance_of(entry)?,
                    computed: computed.clone(),
                    missed_at: None,
                    ended_at: None,
                    stops: Vec::new(),
                    overridden: None,
                    settled: None,
                };
                self.deadlines.insert(deadline.clone(), started);
            }
            Fact::DeadlineMoved {
                deadline,
                rule,
                computed,
                ..
            } => {
                let known = self.deadline_mut(entry, deadline)?;
                known.rule.clone_from(rule);
                known.computed = computed.clone();
            }
            Fact::DeadlineMissed { deadline } => {
                self.deadline_mut(entry, deadline)?.missed_at = Some(entry.occurred_at);
            }
            Fact::DeadlineStopped {
                deadline,
                category,
                reason,
            } => {
                let from = entry.occurred_at;
                self.deadline_mut(entry, deadline)?.stops.push(Stop {
                    category: category.clone(),
                    reason: reason.clone(),
                    from,
                    until: None,
                });
            }
            Fact::DeadlineResumed { deadline } => {
                let until = entry.occurred_at;
                if let Some(stop) = self.deadline_mut(entry, deadline)?.stops.last_mut() {
                    stop.until = Some(until);
                }
            }
            Fact::DeadlineOverridden {
                deadline,
                computed,
                reason,
            } => {
                let (by, at) = (entry.actor.clone(), entry.recorded_at);
                let known = self.deadline_mut(entry, deadline)?;
                let before = std::mem::replace(&mut known.computed, computed.clone());
                // The date of the rule is kept, whatever people set after each other.
                let reckoned = known.overridden.take().map_or(before, |earlier| earlier.reckoned);
                known.overridden = Some(Override {
                    reason: reason.clone(),
                    reckoned,
                    by,
                    at,
                });
            }
            Fact::DeadlineSettled {
                deadline,
                excused,
                text,
            } => {
                let ended_at = entry.occurred_at;
                let known = self.deadline_mut(entry, deadline)?;
                known.ended_at = Some(ended_at);
                known.settled = Some(Settled {
                    excused: *excused,
                    text: text.clone(),
                });
            }
            Fact::DeadlineEnded { deadline } => {
                self.deadline_mut(entry, deadline)?.ended_at = Some(entry.occurred_at);
            }
            _ => {}
        }
        Ok(())
    }

    fn change_violations(&mut self, entry: &Entry) -> Result<(), ReplayError> {
        match &entry.fact {
            Fact::ViolationNoted {
                code,
                concerns,
                details,
            } => {
                self.violations.push(Violation {
                    code: code.clone(),
                    occurred_at: entry.occurred_at,
                    concerns: concerns.clone(),
                    details: details.clone(),
                    status: Status::Noted,
                    used: Vec::new(),
                    publishable: false,
                });
            }
            Fact::ViolationDocumented { violation, details } => {
                let known = self.violation_mut(entry, *violation)?;
                known.details = details.clone();
                // Who looked at it looked at something else.
                known.status = Status::Documented;
                known.publishable = false;
            }
            Fact::ViolationVerified { violation } => {
                self.violation_mut(entry, *violation)?.status = Status::Verified;
            }
            Fact::ViolationUsed { violation, complaint } => {
                let known = self.violation_mut(entry, *violation)?;
                known.status = Status::Used;
                known.used.push(complaint.clone());
            }
            Fact::ViolationPublishable {
                violation,
                publishable,
                ..
            } => {
                self.violation_mut(entry, *violation)?.publishable = *publishable;
            }
            _ => {}
        }
        Ok(())
    }

    /// The violation with a number in the register, from 1.
    pub fn violation(&self, number: u32) -> Option<&Violation> {
        self.violations.get(usize::try_from(number).ok()?.checked_sub(1)?)
    }

    fn violation_mut(&mut self, entry: &Entry, number: u32) -> Result<&mut Violation, ReplayError> {
        let index = usize::try_from(number).ok().and_then(|n| n.checked_sub(1));
        index
            .and_then(|n| self.violations.get_mut(n))
            .ok_or_else(|| unknown(entry, &format!("violation {number}")))
    }

    fn change_people(&mut self, entry: &Entry) -> Result<(), ReplayError> {
        match &entry.fact {
            Fact::TeamJoined { account, role } => {
                self.team.insert(*account, role.clone());
            }
            Fact::TeamLeft { account } => {
                self.team.remove(account);
            }
            Fact::PersonAdded { person, role, name } => {
                let added = Person {
                    role: role.clone(),
                    name: name.clone(),
                    permissions: Vec::new(),
                };
                self.people.insert(person.clone(), added);
            }
            Fact::PermissionGranted { person, permission } => {
                let known = self
                    .people
                    .get_mut(person)
                    .ok_or_else(|| unknown(entry, person))?;
                known
                    .permissions
                    .retain(|p| p.channel != permission.channel || p.address != permission.address);
                known.permissions.push(permission.clone());
            }
            Fact::PermissionRevoked { person } => {
                let known = self
                    .people
                    .get_mut(person)
                    .ok_or_else(|| unknown(entry, person))?;
                known.permissions.clear();
            }
            _ => {}
        }
        Ok(())
    }

    /// The root instance.
    pub fn root(&self) -> &Instance {
        self.instances
            .get(&InstanceId::root())
            .expect("every opened case has its root instance")
    }

    /// The province, if the case says it.
    pub fn province(&self) -> Option<&str> {
        province(&self.root().data)
    }

    /// Children of `parent` that have not ended, running `chart`.
    pub fn live_children<'a>(
        &'a self,
        parent: &'a InstanceId,
        chart: &'a str,
    ) -> impl Iterator<Item = (&'a InstanceId, &'a Instance)> + 'a {
        self.instances
            .iter()
            .filter(move |(_, i)| i.chart == chart && !i.done && i.parent.as_ref() == Some(parent))
    }

    /// The next number for an instance of `chart`. An instance keeps its name when its chart is renamed in a later version,
    /// so a number may be taken by one of another chart.
    pub fn next_number(&self, chart: &str) -> u32 {
        let running = self
            .instances
            .values()
            .filter(|i| i.chart == chart && i.parent.is_some())
            .count();
        let mut number = u32::try_from(running).unwrap_or(u32::MAX - 1) + 1;
        while self.instances.contains_key(&InstanceId::child(chart, number)) && number < u32::MAX {
            number += 1;
        }
        number
    }

    /// Whether `person`'s phones and mails are frozen: the case is in a state named `critical`.
    pub fn safety_critical(&self) -> bool {
        self.root().since.contains_key("critical")
    }

    fn deadline_mut(&mut self, entry: &Entry, id: &EffectId) -> Result<&mut Deadline, ReplayError> {
        self.deadlines
            .get_mut(id)
            .ok_or_else(|| unknown(entry, id.as_str()))
    }

    fn instance_of(entry: &Entry) -> Result<InstanceId, ReplayError> {
        entry
            .instance
            .clone()
            .ok_or_else(|| unknown(entry, "no instance"))
    }

    fn instance_mut(&mut self, entry: &Entry) -> Result<&mut Instance, ReplayError> {
        let id = Self::instance_of(entry)?;
        self.instances
            .get_mut(&id)
            .ok_or_else(|| unknown(entry, id.as_str()))
    }
}

/// The province that a form or the data of a root names.
pub fn province(fields: &Fields) -> Option<&str> {
    fields.get("province").and_then(serde_json::Value::as_str)
}

pub(crate) fn unknown(entry: &Entry, what: &str) -> ReplayError {
    ReplayError::Unknown {
        seq: entry.seq,
        what: format!("`{what}`"),
    }
}
