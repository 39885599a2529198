//! How a deadline begins: from which moment its rule counts, which date that gives, and the ladder that hangs on it.
//! Knows rules and the draft of one decision; not why the deadline begins.

use chrono::{DateTime, NaiveTime, Utc};
use peshi_calendar::{Calendar, CalendarError, Computed, Rung, at, due};
use serde_json::Value;

use super::draft::Draft;
use crate::command::Fault;
use crate::fact::{Fact, MessageOrder, Purpose, Recipient};
use crate::ids::{EffectId, InstanceId};
use crate::pack::{DeadlineRule, LadderStep};
use crate::permission::Refusal;
use crate::time;

/// The local time of a rung that names none.
const RUNG_TIME: NaiveTime = NaiveTime::from_hms_opt(8, 0, 0).expect("08:00 is a time of day");

/// The moment a rule counts from when its state was entered at `entered`; none if it does not apply here, or its field is
/// not filled in.
pub(super) fn trigger(
    draft: &Draft<'_>,
    instance: &InstanceId,
    rule: &DeadlineRule,
    entered: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, Fault> {
    let calendar = draft.ctx.calendar;
    let happened = time::local_date(entered, calendar);
    let in_force =
        rule.in_force_from.is_none_or(|d| d <= happened) && rule.in_force_until.is_none_or(|d| happened <= d);
    let province = draft.case.root().data.get("province").and_then(Value::as_str);
    let here = rule
        .province
        .as_deref()
        .is_none_or(|p| province.is_none_or(|q| p == q));
    if !in_force || !here {
        return Ok(None);
    }
    let Some(field) = &rule.from else {
        return Ok(Some(entered));
    };
    match draft.case.instances[instance].data.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match time::instant(value, calendar) {
            Some(moment) => Ok(Some(moment)),
            None => Err(Fault::NoMoment(field.clone())),
        },
    }
}

/// The date that a rule gives when it counts from `trigger`.
pub(super) fn compute(
    rule: &DeadlineRule,
    trigger: DateTime<Utc>,
    calendar: &Calendar,
) -> Result<Computed, CalendarError> {
    match &rule.counting {
        None => Ok(at(trigger)),
        Some(counting) => due(trigger, counting, calendar),
    }
}

/// Begins a deadline: its date, its last moment and every rung of its ladder.
pub(super) fn begin(
    draft: &mut Draft<'_>,
    instance: &InstanceId,
    rule: &DeadlineRule,
    computed: &Computed,
) -> Result<(), Fault> {
    let deadline = draft.next_effect(0);
    let fact = Fact::DeadlineStarted {
        deadline: deadline.clone(),
        rule: rule.name.clone(),
        computed: computed.clone(),
    };
    draft.record(Some(instance), fact)?;
    draft.touched.insert(deadline.clone());
    let due = Purpose::Due {
        deadline: deadline.clone(),
    };
    draft.arm(instance, due, computed.due_at)?;
    for step in rule.ladders() {
        let fires_at = rung_at(step.rung, computed, draft.ctx.calendar)?;
        hang(draft, instance, &deadline, &step, computed.due_at, fires_at)?;
    }
    Ok(())
}

/// When a rung of a date fires.
pub(super) fn rung_at(
    rung: &Rung,
    computed: &Computed,
    calendar: &Calendar,
) -> Result<DateTime<Utc>, CalendarError> {
    rung.fires_at(computed.due_at, computed.day(calendar), calendar, RUNG_TIME)
}

/// Arms one rung; one whose moment is past is not sent, and the case says why.
pub(super) fn hang(
    draft: &mut Draft<'_>,
    instance: &InstanceId,
    deadline: &EffectId,
    step: &LadderStep<'_>,
    due_at: DateTime<Utc>,
    fires_at: DateTime<Utc>,
) -> Result<(), Fault> {
    if fires_at < draft.ctx.now {
        let order = MessageOrder {
            kind: step.message.to_owned(),
            to: Recipient::Nobody(step.to.unwrap_or("team").to_owned()),
            deadline: Some(deadline.clone()),
            task: None,
            moment: Some(due_at),
            useful_until: None,
        };
        return draft.expect(instance, order, Some(Refusal::BeforeCreation));
    }
    let purpose = Purpose::Rung {
        deadline: deadline.clone(),
        rung: step.rung.to_string(),
        to: step.to.map(str::to_owned),
    };
    draft.arm(instance, purpose, fires_at).map(drop)
}
