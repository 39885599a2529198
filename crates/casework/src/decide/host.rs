//! The statechart's host: gates ask role and condition, acts become facts and effects.
//! Knows the draft of one decision and the instance being stepped.

use std::collections::VecDeque;

use peshi_statechart::{Host, RaisedEvents, View};
use serde_json::{Map, Value, json};

use super::deadline;
use super::draft::Draft;
use crate::command::Context;
use crate::command::Fault;
use crate::expression::{Expression, Scope};
use crate::fact::{Actor, Fact, Fields, MessageOrder, Purpose, Recipient};
use crate::ids::{EffectId, InstanceId};
use crate::pack::{Act, Gate, Given};
use crate::permission::{Permission, Refusal};
use crate::time;
use crate::violation::Details;

/// What is still to be done before the decision is complete.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Work {
    /// Start a new child.
    Start(InstanceId),
    /// Bring an event of the machine's own to an instance.
    Deliver(InstanceId, String),
}

/// Steps one instance.
pub(super) struct Stepper<'d, 'a> {
    pub(super) draft: &'d mut Draft<'a>,
    pub(super) instance: InstanceId,
    /// The event comes from the machine: nobody's role is asked.
    pub(super) by_machine: bool,
    pub(super) form: Fields,
    pub(super) work: VecDeque<Work>,
    /// The condition that refused last, for the explanation.
    pub(super) refused: Option<String>,
}

impl Host<Gate, Act> for Stepper<'_, '_> {
    type Error = Fault;

    fn holds(&mut self, gate: &Gate, view: &View<'_>) -> Result<bool, Fault> {
        if view.external && !self.by_machine && !may(gate, self.draft.ctx) {
            return Ok(false);
        }
        let Some(condition) = &gate.condition else {
            return Ok(true);
        };
        // Copying the ids of all active states costs more than most conditions.
        let active = if condition.uses("in_state") {
            active(view)
        } else {
            Vec::new()
        };
        let holds = self.evaluate(&active, condition, Expression::holds)?;
        // Eventless transitions that follow ask their own conditions; they do not explain why the event was refused.
        if !holds && view.external {
            self.refused = Some(condition.source().to_owned());
        }
        Ok(holds)
    }

    fn run(&mut self, act: &Act, view: &View<'_>, queue: &mut RaisedEvents) -> Result<(), Fault> {
        let active = if asks_for_states(act) {
            active(view)
        } else {
            Vec::new()
        };
        if let Some(event) = self.perform(act, &active)? {
            queue.raise(event);
        }
        Ok(())
    }
}

/// Whether the condition of an act or what it computes asks which states are active.
pub(super) fn asks_for_states(act: &Act) -> bool {
    let mut expressions = act.condition().into_iter().chain(act.expressions());
    expressions.any(|e| e.uses("in_state"))
}

/// The active states, as expressions see them.
fn active(view: &View<'_>) -> Vec<String> {
    view.active().map(str::to_owned).collect()
}

/// Whether the asker's role passes the gate.
pub(super) fn may(gate: &Gate, ctx: &Context<'_>) -> bool {
    match (ctx.actor, &gate.roles) {
        (Actor::Machine, _) => true,
        (_, Some(roles)) if roles.is_empty() => false,
        (Actor::Importer, _) => true,
        (Actor::Account(_), roles) => {
            let allowed = roles.as_ref().unwrap_or(&ctx.pack.roles);
            ctx.role.is_some_and(|role| allowed.iter().any(|r| r == role))
        }
    }
}

impl Stepper<'_, '_> {
    fn evaluate<T>(
        &self,
        active: &[String],
        expression: &Expression,
        ask: impl FnOnce(&Expression, &Scope<'_>) -> Result<T, crate::expression::ExpressionError>,
    ) -> Result<T, Fault> {
        let scope = ScopeParts::of(self.draft, &self.instance, expression);
        Ok(ask(expression, &scope.scope(self.draft, active, &self.form))?)
    }

    /// Carries out one act, if its condition holds now; gives the event it raises.
    pub(super) fn perform(&mut self, act: &Act, active: &[String]) -> Result<Option<String>, Fault> {
        match act {
            Act::If(condition, act) => {
                if self.evaluate(active, condition, Expression::holds)? {
                    self.perform(act, active)
                } else {
                    Ok(None)
                }
            }
            Act::Raise(event) => Ok(Some(event.clone())),
            other => self.carry_out(other, active).map(|()| None),
        }
    }

    fn carry_out(&mut self, act: &Act, active: &[String]) -> Result<(), Fault> {
        match act {
            Act::If(..) | Act::Raise(_) => Ok(()),
            Act::Set(fields) => {
                let mut values = Fields::new();
                for (name, expression) in fields {
                    values.insert(
                        name.clone(),
                        self.evaluate(active, expression, Expression::value)?,
                    );
                }
                let instance = self.instance.clone();
                self.draft.record(Some(&instance), Fact::DataSet { values })
            }
            Act::Send { event, after, key } => {
                let due_at = time::elapse(self.draft.occurred_at, *after, self.draft.ctx.calendar)?;
                let purpose = Purpose::Event {
                    event: event.clone(),
                    key: key.clone(),
                };
                self.draft.arm(&self.instance, purpose, due_at).map(drop)
            }
            Act::Cancel { key } => self.draft.disarm(
                &self.instance,
                "left_state",
                |p| matches!(p, Purpose::Event { key: k, .. } if k == key),
            ),
            Act::Spawn { chart, with } => self.spawn(chart, with, active),
            Act::Tell { to, event } => {
                self.tell(to, event);
                Ok(())
            }
            Act::Notify { message, to, about } => self.notify(message, to, about.as_deref()),
            Act::Task(key) => {
                let task = self.draft.next_effect(0);
                self.draft.touched.insert(task.clone());
                let fact = Fact::TaskRaised {
                    task,
                    key: key.clone(),
                    deadline: None,
                };
                self.draft.record(Some(&self.instance.clone()), fact)
            }
            Act::Violation { code, with } => self.note(code, with, active),
            Act::StartDeadline(rule) => self.start_deadline(rule),
            Act::EndDeadline(rule) => self.draft.end_deadlines(&self.instance, |r| r == rule),
        }
    }

    /// A chart that spawns its own kind makes a sibling: an adjourned hearing is followed by another hearing of
    /// the same proceeding.
    fn spawn(&mut self, chart: &str, with: &[(String, Given)], active: &[String]) -> Result<(), Fault> {
        let data = self.given(with, active)?;
        let spawner = &self.draft.case.instances[&self.instance];
        let parent = match &spawner.parent {
            Some(parent) if spawner.chart == chart => parent.clone(),
            _ => self.instance.clone(),
        };
        let child = InstanceId::child(chart, self.draft.case.next_number(chart));
        let fact = Fact::Spawned {
            chart: chart.to_owned(),
            parent,
            data,
        };
        self.draft.record(Some(&child), fact)?;
        self.work.push_back(Work::Start(child));
        Ok(())
    }

    fn given(&self, with: &[(String, Given)], active: &[String]) -> Result<Fields, Fault> {
        let mut fields = Fields::new();
        for (name, given) in with {
            let value = match given {
                Given::Literal(value) => value.clone(),
                // An optional field left empty is not handed on, and no reason to refuse the event.
                Given::Computed(expression)
                    if expression.handed_on().is_some_and(|f| !self.form.contains_key(f)) =>
                {
                    continue;
                }
                Given::Computed(expression) => self.evaluate(active, expression, Expression::value)?,
            };
            fields.insert(name.clone(), value);
        }
        Ok(fields)
    }

    /// Notes a violation with what the event tells of it.
    fn note(&mut self, code: &str, with: &[(String, Given)], active: &[String]) -> Result<(), Fault> {
        let mut fields = self.given(with, active)?;
        for value in fields.values_mut().filter(|v| v.is_number() || v.is_boolean()) {
            *value = Value::String(value.to_string());
        }
        let details = Details::read(&fields).map_err(|faults| {
            let list: Vec<String> = faults
                .iter()
                .map(|f| format!("{}: {}", f.field, f.problem))
                .collect();
            Fault::Unknown(format!(
                "the violation `{code}` is told wrongly: {}",
                list.join("; ")
            ))
        })?;
        let instance = self.instance.clone();
        let fact = Fact::ViolationNoted {
            code: code.to_owned(),
            concerns: Some(instance.clone()),
            details,
        };
        self.draft.record(Some(&instance), fact)
    }

    fn tell(&mut self, to: &str, event: &str) {
        let case = &self.draft.case;
        if to == "parent" {
            if let Some(parent) = case.instances.get(&self.instance).and_then(|i| i.parent.clone()) {
                self.work.push_back(Work::Deliver(parent, event.to_owned()));
            }
            return;
        }
        let live: Vec<InstanceId> = case
            .live_children(&self.instance, to)
            .map(|(id, _)| id.clone())
            .collect();
        self.work
            .extend(live.into_iter().map(|id| Work::Deliver(id, event.to_owned())));
    }

    fn start_deadline(&mut self, name: &str) -> Result<(), Fault> {
        let ctx = self.draft.ctx;
        let Some(rule) = ctx.pack.deadlines.get(name) else {
            if ctx.pack.loose {
                return Ok(());
            }
            return Err(Fault::Unknown(format!("there is no deadline rule `{name}`")));
        };
        let instance = self.instance.clone();
        match deadline::trigger(self.draft, &instance, rule, self.draft.occurred_at)? {
            None => Ok(()),
            Some(trigger) => {
                let computed = deadline::compute(self.draft, &instance, rule, trigger)?;
                deadline::begin(self.draft, &instance, rule, &computed)
            }
        }
    }

    fn notify(&mut self, message: &str, to: &str, about: Option<&str>) -> Result<(), Fault> {
        let instance = self.instance.clone();
        let data = &self.draft.case.instances[&instance].data;
        let moment = about
            .and_then(|field| data.get(field))
            .and_then(|v| time::instant(v, self.draft.ctx.calendar));
        let order = |to: Recipient| MessageOrder {
            kind: message.to_owned(),
            to,
            deadline: None,
            task: None,
            moment,
            useful_until: moment,
        };
        if to == "team" {
            return self.tell_team(&instance, order);
        }
        self.tell_people(&instance, to, order)
    }

    /// Expects one message for each person of a role.
    fn tell_people(
        &mut self,
        instance: &InstanceId,
        role: &str,
        order: impl Fn(Recipient) -> MessageOrder,
    ) -> Result<(), Fault> {
        let frozen = self.draft.case.safety_critical();
        let now = self.draft.ctx.now;
        let people: Vec<(String, Option<Refusal>)> = self
            .draft
            .case
            .people
            .iter()
            .filter(|(_, p)| p.role == role)
            .map(|(id, p)| {
                (
                    id.clone(),
                    Permission::check(&p.permissions, 0, frozen, now).err(),
                )
            })
            .collect();
        if people.is_empty() {
            let nobody = order(Recipient::Nobody(role.to_owned()));
            return self.draft.expect(instance, nobody, Some(Refusal::NoContact));
        }
        for (person, refusal) in people {
            self.draft
                .expect(instance, order(Recipient::Person(person)), refusal)?;
        }
        Ok(())
    }

    /// Expects one message for each member of the team.
    pub(super) fn tell_team(
        &mut self,
        instance: &InstanceId,
        order: impl Fn(Recipient) -> MessageOrder,
    ) -> Result<(), Fault> {
        let team: Vec<_> = self.draft.case.team.keys().copied().collect();
        if team.is_empty() {
            let nobody = order(Recipient::Nobody("team".to_owned()));
            return self.draft.expect(instance, nobody, Some(Refusal::NoContact));
        }
        for account in team {
            self.draft
                .expect(instance, order(Recipient::Account(account)), None)?;
        }
        Ok(())
    }

    /// One rung of a ladder is due.
    pub(super) fn rung(&mut self, deadline: &EffectId, to: Option<&str>) -> Result<(), Fault> {
        let now = self.draft.ctx.now;
        let Some(known) = self.draft.case.deadlines.get(deadline).filter(|d| d.is_open()) else {
            return Ok(());
        };
        let due_at = known.computed.due_at;
        let ahead = self.draft.occurred_at <= due_at;
        let rule = self.draft.ctx.pack.deadlines.get(&known.rule);
        let kind = match to {
            None => rule.map_or("reminder", |r| r.message.as_str()).to_owned(),
            Some(role) => match rule.and_then(|r| r.also.iter().find(|l| l.to == role)) {
                Some(ladder) => ladder.message.clone(),
                None => return Ok(()),
            },
        };
        // After an outage several rungs of one ladder may be due together: the latest speaks for all.
        let overtaken = self.draft.case.timers.values().any(|t| {
            t.due_at <= now
                && matches!(&t.purpose, Purpose::Rung { deadline: d, to: t, .. } if d == deadline && t.as_deref() == to)
                && t.due_at > self.draft.occurred_at
        });
        let order = |to: Recipient| MessageOrder {
            kind: kind.clone(),
            to,
            deadline: Some(deadline.clone()),
            task: None,
            moment: Some(due_at),
            useful_until: ahead.then_some(due_at),
        };
        let instance = self.instance.clone();
        if overtaken {
            let nobody = order(Recipient::Nobody(to.unwrap_or("team").to_owned()));
            return self.draft.expect(&instance, nobody, Some(Refusal::Superseded));
        }
        if ahead && now > due_at {
            self.draft.expect(
                &instance,
                order(Recipient::Nobody(to.unwrap_or("team").to_owned())),
                Some(Refusal::TooLate),
            )?;
            let task = self.draft.next_effect(0);
            self.draft.touched.insert(task.clone());
            let fact = Fact::TaskRaised {
                task,
                key: "late_reminder".to_owned(),
                deadline: Some(deadline.clone()),
            };
            return self.draft.record(Some(&instance), fact);
        }
        match to {
            None => self.tell_team(&instance, order),
            Some(role) => self.tell_people(&instance, role, order),
        }
    }

    /// A deadline's last moment has come.
    pub(super) fn due(&mut self, deadline: &EffectId) -> Result<(), Fault> {
        let Some(known) = self
            .draft
            .case
            .deadlines
            .get(deadline)
            .filter(|d| d.is_open() && d.missed_at.is_none())
        else {
            return Ok(());
        };
        let (rule, due_at) = (known.rule.clone(), known.computed.due_at);
        let Some(rule) = self.draft.ctx.pack.deadlines.get(&rule) else {
            return Err(Fault::Unknown(format!("there is no deadline rule `{rule}`")));
        };
        // A hearing that begins is not missed; whether it has an outcome is another rule's question.
        if rule.hearing {
            return Ok(());
        }
        let instance = self.instance.clone();
        self.draft.record(
            Some(&instance),
            Fact::DeadlineMissed {
                deadline: deadline.clone(),
            },
        )?;
        self.draft.touched.insert(deadline.clone());
        let active = if rule.on_miss.iter().any(asks_for_states) {
            configuration(self.draft, &instance)
        } else {
            Vec::new()
        };
        for act in &rule.on_miss {
            if let Some(event) = self.perform(act, &active)? {
                self.work.push_back(Work::Deliver(instance.clone(), event));
            }
        }
        self.tell_team(&instance, |to| MessageOrder {
            kind: "missed".to_owned(),
            to,
            deadline: Some(deadline.clone()),
            task: None,
            moment: Some(due_at),
            useful_until: None,
        })?;
        self.work
            .push_back(Work::Deliver(instance, format!("deadline.missed.{}", rule.name)));
        Ok(())
    }
}

/// What a scope borrows and the draft does not hold ready.
pub(super) struct ScopeParts {
    children: Vec<Value>,
    case_active: Vec<String>,
    instance: InstanceId,
}

impl ScopeParts {
    /// Gathers what `expression` uses, and nothing else.
    pub(super) fn of(draft: &Draft<'_>, instance: &InstanceId, expression: &Expression) -> Self {
        let mut parts = Self {
            children: Vec::new(),
            case_active: Vec::new(),
            instance: instance.clone(),
        };
        if expression.uses("children") {
            parts.children = draft.case.instances.keys().map(|id| child(draft, id)).collect();
        }
        if expression.uses("case_in_state") {
            parts.case_active = configuration(draft, &InstanceId::root());
        }
        parts
    }

    /// The scope, borrowed.
    pub(super) fn scope<'s>(
        &'s self,
        draft: &'s Draft<'_>,
        active: &'s [String],
        form: &'s Map<String, Value>,
    ) -> Scope<'s> {
        Scope {
            data: &draft.case.instances[&self.instance].data,
            form,
            root: &draft.case.root().data,
            active,
            case_active: &self.case_active,
            children: &self.children,
            now: draft.ctx.now,
            today: time::local_date(draft.ctx.now, draft.ctx.calendar),
            occurred_at: time::local(draft.occurred_at, draft.ctx.calendar),
        }
    }
}

fn child(draft: &Draft<'_>, id: &InstanceId) -> Value {
    let instance = &draft.case.instances[id];
    json!({
        "id": id.as_str(),
        "chart": instance.chart,
        "open": !instance.done,
        "states": configuration(draft, id),
        "data": instance.data,
    })
}

pub(super) fn configuration(draft: &Draft<'_>, id: &InstanceId) -> Vec<String> {
    let instance = &draft.case.instances[id];
    let (Some(spec), Some(snapshot)) = (draft.ctx.pack.chart(&instance.chart), &instance.snapshot) else {
        return Vec::new();
    };
    spec.chart
        .configuration(snapshot)
        .into_iter()
        .map(str::to_owned)
        .collect()
}
