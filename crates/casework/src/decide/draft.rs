//! A decision in the making: entries are recorded one by one and the case moves with them.
//! Knows facts and effects; no chart.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::case::Case;
use crate::command::Context;
use crate::command::Fault;
use crate::effect::Effect;
use crate::fact::{Entry, Fact, MessageOrder, Purpose};
use crate::ids::{EffectId, InstanceId};
use crate::permission::Refusal;

/// A decision in the making.
pub(super) struct Draft<'a> {
    pub(super) case: Case,
    pub(super) entries: Vec<Entry>,
    pub(super) effects: Vec<Effect>,
    pub(super) touched: BTreeSet<EffectId>,
    pub(super) ctx: &'a Context<'a>,
    /// When what is being recorded happened: the command's moment, or a timer's own.
    pub(super) occurred_at: DateTime<Utc>,
}

impl<'a> Draft<'a> {
    pub(super) fn of(case: Case, ctx: &'a Context<'a>) -> Self {
        Self {
            case,
            entries: Vec::new(),
            effects: Vec::new(),
            touched: BTreeSet::new(),
            ctx,
            occurred_at: ctx.occurred_at,
        }
    }

    /// Opens a case with its first entry.
    pub(super) fn opened(fact: Fact, ctx: &'a Context<'a>) -> Result<Self, Fault> {
        let entry = Entry {
            seq: 1,
            recorded_at: ctx.now,
            occurred_at: ctx.occurred_at,
            actor: ctx.actor.clone(),
            instance: Some(InstanceId::root()),
            fact,
        };
        let mut draft = Self::of(Case::opened(&entry)?, ctx);
        draft.entries.push(entry);
        Ok(draft)
    }

    /// The id of the `n`th effect of the next entry.
    pub(super) fn next_effect(&self, n: u32) -> EffectId {
        EffectId::new(self.case.id, self.case.version + 1, n)
    }

    /// Appends a fact and moves the case by it.
    pub(super) fn record(&mut self, instance: Option<&InstanceId>, fact: Fact) -> Result<(), Fault> {
        let entry = Entry {
            seq: self.case.version + 1,
            recorded_at: self.ctx.now,
            occurred_at: self.occurred_at,
            actor: self.ctx.actor.clone(),
            instance: instance.cloned(),
            fact,
        };
        self.case.apply(&entry)?;
        self.entries.push(entry);
        Ok(())
    }

    /// Arms a timer.
    pub(super) fn arm(
        &mut self,
        instance: &InstanceId,
        purpose: Purpose,
        due_at: DateTime<Utc>,
    ) -> Result<EffectId, Fault> {
        let timer = self.next_effect(0);
        self.record(
            Some(instance),
            Fact::TimerArmed {
                timer: timer.clone(),
                purpose,
                due_at,
            },
        )?;
        self.effects.push(Effect::Arm {
            id: timer.clone(),
            due_at,
        });
        Ok(timer)
    }

    /// Disarms every timer of `instance` that `which` picks.
    pub(super) fn disarm(
        &mut self,
        instance: &InstanceId,
        reason: &str,
        which: impl Fn(&Purpose) -> bool,
    ) -> Result<(), Fault> {
        let picked: Vec<EffectId> = self
            .case
            .timers
            .iter()
            .filter(|(_, t)| &t.instance == instance && which(&t.purpose))
            .map(|(id, _)| id.clone())
            .collect();
        for timer in picked {
            let fact = Fact::TimerCancelled {
                timer: timer.clone(),
                reason: reason.to_owned(),
            };
            self.record(Some(instance), fact)?;
            self.effects.push(Effect::Cancel {
                id: timer,
                reason: reason.to_owned(),
            });
        }
        Ok(())
    }

    /// Expects a message: one entry, one row, whatever becomes of it.
    pub(super) fn expect(
        &mut self,
        instance: &InstanceId,
        order: MessageOrder,
        suppressed: Option<Refusal>,
    ) -> Result<(), Fault> {
        let message = self.next_effect(0);
        let fact = Fact::MessageExpected {
            message: message.clone(),
            order: order.clone(),
            suppressed,
        };
        self.record(Some(instance), fact)?;
        self.effects.push(match suppressed {
            None => Effect::Message {
                id: message,
                order,
                due_at: self.ctx.now,
            },
            Some(reason) => Effect::Suppressed {
                id: message,
                order,
                reason,
            },
        });
        Ok(())
    }

    /// Stops every open deadline of `instance` that `which` picks, and its ladder.
    pub(super) fn end_deadlines(
        &mut self,
        instance: &InstanceId,
        which: impl Fn(&str) -> bool,
    ) -> Result<(), Fault> {
        let picked: Vec<EffectId> = self
            .case
            .deadlines
            .iter()
            .filter(|(_, d)| d.is_open() && &d.instance == instance && which(&d.rule))
            .map(|(id, _)| id.clone())
            .collect();
        for deadline in picked {
            self.record(
                Some(instance),
                Fact::DeadlineEnded {
                    deadline: deadline.clone(),
                },
            )?;
            self.disarm(instance, "deadline_ended", |p| match p {
                Purpose::Due { deadline: d } | Purpose::Rung { deadline: d, .. } => *d == deadline,
                Purpose::Event { .. } => false,
            })?;
            self.touched.insert(deadline);
        }
        Ok(())
    }
}
