//! How a deadline begins and how its date is reckoned again: from which moment its rule counts, which date that gives, and
//! the ladder that hangs on it. Knows rules and the draft of one decision; not why the deadline begins or moves.

use chrono::{DateTime, NaiveTime, Utc};
use peshi_calendar::{
    Calendar, CalendarError, Computed, Counting, Excluded, Explained, Rung, Why, at, due_without,
};
use serde_json::Value;

use super::applies::{applies, calendar_for, inherited};
use super::draft::Draft;
use crate::case::Case;
use crate::command::Fault;
use crate::deadline::Deadline;
use crate::fact::{Fact, MessageOrder, Purpose, Recipient};
use crate::ids::{EffectId, InstanceId};
use crate::pack::{DeadlineRule, LadderStep};
use crate::permission::Refusal;
use crate::time;

/// The local time of a rung that names none.
const RUNG_TIME: NaiveTime = NaiveTime::from_hms_opt(8, 0, 0).expect("08:00 is a time of day");

/// When the certified copy was asked for, and when it came.
const COPY: [&str; 2] = ["copy_applied_on", "copy_received_on"];

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
    if rule.at_once || !applies(draft.ctx.pack, &draft.case, instance, rule, happened) {
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

/// The date that a rule gives to an instance when it counts from `trigger`, without the time for the copy.
pub(super) fn compute(
    draft: &Draft<'_>,
    instance: &InstanceId,
    rule: &DeadlineRule,
    trigger: DateTime<Utc>,
) -> Result<Computed, CalendarError> {
    let Some(counting) = &rule.counting else {
        return Ok(at(trigger));
    };
    let calendar = calendar_for(&draft.case, instance, draft.ctx.calendar);
    let excluded: Vec<Excluded> = copy_time(&draft.case, instance, rule, &calendar)
        .into_iter()
        .collect();
    due_without(trigger, counting, &calendar, &excluded)
}

/// The time for the copy, once it has come. A copy that is still awaited changes nothing yet: the date without it is the
/// safe one.
fn copy_time(
    case: &Case,
    instance: &InstanceId,
    rule: &DeadlineRule,
    calendar: &Calendar,
) -> Option<Excluded> {
    let [from, until] =
        COPY.map(|field| inherited(case, instance, field).and_then(|value| time::instant(value, calendar)));
    let (from, until) = (from?, until?);
    (rule.excludes_copy_time && from < until).then_some(Excluded {
        from,
        until,
        why: Why::CopyTime,
    })
}

/// The date of a running deadline, reckoned anew from the moment and the period it was counted with. None for a date that
/// was not counted: a fixed moment, or one that a person set.
pub(super) fn again(draft: &Draft<'_>, deadline: &Deadline) -> Result<Option<Computed>, Fault> {
    let Some(rule) = draft.ctx.pack.deadlines.get(&deadline.rule) else {
        return Ok(None);
    };
    let known = &deadline.computed;
    let (Some(counting), Some(period)) = (&rule.counting, known.period) else {
        return Ok(None);
    };
    let calendar = calendar_for(&draft.case, &deadline.instance, draft.ctx.calendar);
    let stops = deadline.stops.iter().filter_map(|stop| {
        Some(Excluded {
            from: stop.from,
            until: stop.until?,
            why: Why::Stopped {
                category: stop.category.clone(),
            },
        })
    });
    let copy = copy_time(&draft.case, &deadline.instance, rule, &calendar);
    let excluded: Vec<Excluded> = stops.chain(copy).collect();
    let counting = Counting {
        period,
        ..counting.clone()
    };
    Ok(Some(due_without(known.trigger, &counting, &calendar, &excluded)?))
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
        let fires_at = rung_at(draft, instance, step.rung, computed)?;
        hang(draft, instance, &deadline, &step, computed.due_at, fires_at)?;
    }
    Ok(())
}

/// When a rung of a date fires.
pub(super) fn rung_at(
    draft: &Draft<'_>,
    instance: &InstanceId,
    rung: &Rung,
    computed: &Computed,
) -> Result<DateTime<Utc>, CalendarError> {
    let calendar = calendar_for(&draft.case, instance, draft.ctx.calendar);
    rung.fires_at(computed, &calendar, RUNG_TIME)
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

/// Arms the last moment and the ladder of a running deadline for the date it has now. What was armed for another moment is
/// called off; what waits for the right one is left alone. A rung that is past is sent no more.
pub(super) fn rearm(draft: &mut Draft<'_>, id: &EffectId, reason: &str) -> Result<(), Fault> {
    let Some(Deadline {
        rule,
        instance,
        computed,
        ..
    }) = draft.case.deadlines.get(id).cloned()
    else {
        return Ok(());
    };
    let mut wanted = vec![(Purpose::Due { deadline: id.clone() }, computed.due_at)];
    for step in draft
        .ctx
        .pack
        .deadlines
        .get(&rule)
        .into_iter()
        .flat_map(DeadlineRule::ladders)
    {
        let fires_at = rung_at(draft, &instance, step.rung, &computed)?;
        if fires_at >= draft.ctx.now {
            let purpose = Purpose::Rung {
                deadline: id.clone(),
                rung: step.rung.to_string(),
                to: step.to.map(str::to_owned),
            };
            wanted.push((purpose, fires_at));
        }
    }
    let armed: Vec<(Purpose, DateTime<Utc>)> = draft
        .case
        .timers
        .values()
        .filter(|timer| timer.purpose.deadline() == Some(id))
        .map(|timer| (timer.purpose.clone(), timer.due_at))
        .collect();
    let right = |purpose: &Purpose| {
        armed
            .iter()
            .any(|armed| &armed.0 == purpose && wanted.contains(armed))
    };
    draft.disarm(&instance, reason, |p| p.deadline() == Some(id) && !right(p))?;
    for (purpose, due_at) in wanted {
        if !armed.contains(&(purpose.clone(), due_at)) {
            draft.arm(&instance, purpose, due_at)?;
        }
    }
    draft.touched.insert(id.clone());
    Ok(())
}

/// Gives a running deadline the date that its rule gives now; says whether that is another date. One that is missed,
/// stopped, or set by a person stays as it is.
pub(super) fn move_on(draft: &mut Draft<'_>, id: &EffectId, because: &str) -> Result<bool, Fault> {
    let Some(deadline) = draft.case.deadlines.get(id).filter(|d| d.is_ahead()).cloned() else {
        return Ok(false);
    };
    let Some(computed) = again(draft, &deadline)?.filter(|c| *c != deadline.computed) else {
        return Ok(false);
    };
    let other = computed.due_at != deadline.computed.due_at
        || computed.internal_last_day != deadline.computed.internal_last_day;
    let fact = Fact::DeadlineMoved {
        deadline: id.clone(),
        rule: deadline.rule.clone(),
        computed,
        because: Some(because.to_owned()),
    };
    draft.record(Some(&deadline.instance), fact)?;
    rearm(draft, id, because)?;
    Ok(other)
}

/// The copy came, or its dates were corrected: the limitations that wait for it are reckoned anew.
pub(super) fn follow_copies(draft: &mut Draft<'_>) -> Result<(), Fault> {
    let pack = draft.ctx.pack;
    let waiting: Vec<EffectId> = draft
        .case
        .deadlines
        .iter()
        .filter(|(_, d)| d.is_ahead() && pack.deadlines.get(&d.rule).is_some_and(|r| r.excludes_copy_time))
        .map(|(id, _)| id.clone())
        .collect();
    for id in waiting {
        if copy_changed(draft, &id) && move_on(draft, &id, "copy_time")? {
            super::clock::tell(draft, &id)?;
        }
    }
    Ok(())
}

/// Whether the time for the copy, as the case has it now, is another than the date was reckoned with.
fn copy_changed(draft: &Draft<'_>, id: &EffectId) -> bool {
    let known = &draft.case.deadlines[id];
    let Some(rule) = draft.ctx.pack.deadlines.get(&known.rule) else {
        return false;
    };
    let calendar = calendar_for(&draft.case, &known.instance, draft.ctx.calendar);
    let first_day = calendar.local_date(known.computed.trigger).succ_opt();
    let now = copy_time(&draft.case, &known.instance, rule, &calendar).map(|copy| {
        let from = calendar.local_date(copy.from);
        (
            first_day.map_or(from, |first| first.max(from)),
            calendar.local_date(copy.until),
        )
    });
    let then = known.computed.steps.iter().find_map(|step| match step {
        Explained::Excluded {
            from,
            until,
            reason: Why::CopyTime,
            ..
        } => Some((*from, *until)),
        _ => None,
    });
    now != then
}
