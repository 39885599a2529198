//! What becomes of an instance's deadlines when its case moves to another version: kept, moved, stopped, or begun.
//! Knows rules of both versions and the draft; asks nobody where states go.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use peshi_calendar::{Calendar, Computed, Counting, Period, due};

use super::Here;
use crate::command::Fault;
use crate::deadline::Deadline;
use crate::decide::applies::calendar_for;
use crate::decide::deadline::{again, begin, compute, hang, rung_at, trigger};
use crate::decide::draft::Draft;
use crate::fact::{Fact, Purpose};
use crate::ids::EffectId;
use crate::pack::mapping::Renamed;
use crate::pack::{DeadlineRule, LadderStep, TimerPolicy};

/// Why a timer of the old version is called off.
pub(super) const REASON: &str = "migrated";
/// The task that tells people that a date is another one now.
const MOVED: &str = "date_moved";

/// Carries every running deadline over and begins those that the new version asks for.
pub(super) fn carry(draft: &mut Draft<'_>, here: &Here<'_>) -> Result<(), Fault> {
    let wanted = wanted(draft, here);
    let mut carried = BTreeSet::new();
    let running = draft.case.deadlines.iter();
    let running: Vec<(EffectId, Deadline)> = running
        .filter(|(_, d)| d.is_open() && &d.instance == here.id)
        .map(|(id, d)| (id.clone(), d.clone()))
        .collect();
    for (id, deadline) in running {
        let Renamed::To(name) = here.mapping.rule(&deadline.rule) else {
            stop(draft, here, &id)?;
            continue;
        };
        let rule = here.mapping.new.deadlines.get(&name);
        match (rule, wanted.iter().find(|(rule, _)| *rule == name)) {
            (Some(rule), Some((_, entered))) => {
                carried.insert(name);
                follow(draft, here, &id, &deadline, rule, *entered)?;
            }
            // No state it is in asks for it any more, so none would ever end it.
            _ => stop(draft, here, &id)?,
        }
    }
    // What its states asked for before and does not run had no date to count from; a move is no reason to begin it.
    let asked_before = asked_before(here);
    for (name, entered) in wanted {
        if !carried.contains(&name) && !asked_before.contains(&name) {
            start(draft, here, &name, entered)?;
        }
    }
    Ok(())
}

/// The rules that the states it is in ask for, each with the moment its state was entered.
fn wanted(draft: &Draft<'_>, here: &Here<'_>) -> Vec<(String, DateTime<Utc>)> {
    let instance = &draft.case.instances[here.id];
    let Some(spec) = here.mapping.new.chart(&instance.chart) else {
        return Vec::new();
    };
    let mut wanted = Vec::new();
    for state in spec
        .chart
        .states()
        .filter(|s| instance.since.contains_key(s.id()))
    {
        let rules = spec.states.get(state.id()).map(|s| s.deadlines.as_slice());
        for rule in rules.unwrap_or_default() {
            wanted.push((rule.clone(), instance.since[state.id()]));
        }
    }
    wanted
}

fn asked_before(here: &Here<'_>) -> BTreeSet<String> {
    let Some(spec) = here.mapping.old.chart(&here.was.chart) else {
        return BTreeSet::new();
    };
    let states = here
        .were_active()
        .into_iter()
        .filter_map(|id| spec.states.get(id));
    states
        .flat_map(|s| &s.deadlines)
        .filter_map(|rule| match here.mapping.rule(rule) {
            Renamed::To(name) => Some(name),
            _ => None,
        })
        .collect()
}

fn stop(draft: &mut Draft<'_>, here: &Here<'_>, id: &EffectId) -> Result<(), Fault> {
    let deadline = id.clone();
    draft.record(Some(here.id), Fact::DeadlineEnded { deadline })?;
    draft.touched.insert(id.clone());
    draft.disarm(here.id, REASON, |p| concerns(p, id))
}

fn concerns(purpose: &Purpose, id: &EffectId) -> bool {
    match purpose {
        Purpose::Due { deadline } | Purpose::Rung { deadline, .. } => deadline == id,
        Purpose::Event { .. } => false,
    }
}

/// A rule that its states did not ask for before begins now; where clocks are reckoned anew, when its state was entered.
fn start(draft: &mut Draft<'_>, here: &Here<'_>, name: &str, entered: DateTime<Utc>) -> Result<(), Fault> {
    let Some(rule) = here.mapping.new.deadlines.get(name) else {
        return Ok(());
    };
    let from = match here.mapping.policy(Some(name)) {
        TimerPolicy::Rederive => entered,
        TimerPolicy::KeepDue | TimerPolicy::KeepRemaining => draft.ctx.now,
    };
    match trigger(draft, here.id, rule, from)? {
        None => Ok(()),
        Some(trigger) => {
            let computed = compute(draft, here.id, rule, trigger)?;
            begin(draft, here.id, rule, &computed)
        }
    }
}

/// A running deadline follows `rule` from now on.
fn follow(
    draft: &mut Draft<'_>,
    here: &Here<'_>,
    id: &EffectId,
    deadline: &Deadline,
    rule: &DeadlineRule,
    entered: DateTime<Utc>,
) -> Result<(), Fault> {
    let ahead = draft
        .case
        .timers
        .values()
        .any(|t| matches!(&t.purpose, Purpose::Due { deadline } if deadline == id));
    let old = here.mapping.old.deadlines.get(&deadline.rule);
    // A date that has come is history, and one that a person set is theirs: no policy gives it another.
    let policy = if ahead && deadline.overridden.is_none() {
        here.mapping.policy(Some(&rule.name))
    } else {
        TimerPolicy::KeepDue
    };
    let computed = match policy {
        TimerPolicy::KeepDue => deadline.computed.clone(),
        TimerPolicy::KeepRemaining => remaining(draft, here, &deadline.computed, old, rule)?,
        TimerPolicy::Rederive => match trigger(draft, here.id, rule, entered)? {
            Some(trigger) => rederived(draft, here, deadline, rule, trigger)?,
            // It does not apply here any more.
            None => return stop(draft, here, id),
        },
    };
    if computed != deadline.computed || rule.name != deadline.rule {
        let fact = Fact::DeadlineMoved {
            deadline: id.clone(),
            rule: rule.name.clone(),
            computed: computed.clone(),
            because: None,
        };
        draft.record(Some(here.id), fact)?;
    }
    // A clock that stands still has nothing armed; its ladder is hung when it runs again.
    if deadline.is_stopped() {
        draft.touched.insert(id.clone());
        return Ok(());
    }
    if ahead && computed.due_at != deadline.computed.due_at {
        draft.disarm(
            here.id,
            REASON,
            |p| matches!(p, Purpose::Due { deadline } if deadline == id),
        )?;
        let deadline = id.clone();
        draft.arm(here.id, Purpose::Due { deadline }, computed.due_at)?;
        tell(draft, here, id)?;
    }
    ladder(draft, here, id, old, rule, &computed)
}

/// The date that the new rule gives from `trigger`, without the times its clock stood still.
fn rederived(
    draft: &Draft<'_>,
    here: &Here<'_>,
    deadline: &Deadline,
    rule: &DeadlineRule,
    trigger: DateTime<Utc>,
) -> Result<Computed, Fault> {
    let computed = compute(draft, here.id, rule, trigger)?;
    let renamed = Deadline {
        rule: rule.name.clone(),
        computed: computed.clone(),
        ..deadline.clone()
    };
    Ok(again(draft, &renamed)?.unwrap_or(computed))
}

/// People hear of a date that is another one now: its reminders may have gone out for the old one.
fn tell(draft: &mut Draft<'_>, here: &Here<'_>, id: &EffectId) -> Result<(), Fault> {
    let task = draft.next_effect(0);
    draft.touched.insert(task.clone());
    let fact = Fact::TaskRaised {
        task,
        key: MOVED.to_owned(),
        deadline: Some(id.clone()),
    };
    draft.record(Some(here.id), fact)
}

/// The rungs of the new rule: one that waits for the same moment stays as it is, one that has gone out does not come back.
fn ladder(
    draft: &mut Draft<'_>,
    here: &Here<'_>,
    id: &EffectId,
    old: Option<&DeadlineRule>,
    rule: &DeadlineRule,
    computed: &Computed,
) -> Result<(), Fault> {
    type Key = (String, Option<String>);
    let waiting: Vec<(Key, DateTime<Utc>)> = draft
        .case
        .timers
        .values()
        .filter_map(|t| match &t.purpose {
            Purpose::Rung { deadline, rung, to } if deadline == id => {
                Some(((rung.clone(), to.clone()), t.due_at))
            }
            _ => None,
        })
        .collect();
    let key = |step: &LadderStep<'_>| (step.rung.to_string(), step.to.map(str::to_owned));
    let mut kept = BTreeSet::new();
    let mut to_hang = Vec::new();
    for step in rule.ladders() {
        let fires_at = rung_at(draft, here.id, step.rung, computed)?;
        let had = old.is_some_and(|old| old.ladders().any(|other| key(&other) == key(&step)));
        match waiting.iter().find(|(known, _)| *known == key(&step)) {
            Some((_, at)) if *at == fires_at => {
                kept.insert(key(&step));
            }
            None if had => {}
            _ => to_hang.push((step, fires_at)),
        }
    }
    draft.disarm(here.id, REASON, |p| match p {
        Purpose::Rung { deadline, rung, to } => deadline == id && !kept.contains(&(rung.clone(), to.clone())),
        _ => false,
    })?;
    for (step, fires_at) in to_hang {
        hang(draft, here.id, id, &step, computed.due_at, fires_at)?;
    }
    Ok(())
}

/// What is left of a date, counted from now by the new rule. The number of days left is kept, whichever days the new rule
/// counts; time on the clock is left as it is, for as much of it is left as before.
fn remaining(
    draft: &Draft<'_>,
    here: &Here<'_>,
    known: &Computed,
    old: Option<&DeadlineRule>,
    rule: &DeadlineRule,
) -> Result<Computed, Fault> {
    let now = draft.ctx.now;
    let calendar = &*calendar_for(&draft.case, here.id, draft.ctx.calendar);
    let (Some(last_day), Some(counting)) = (known.last_day, &rule.counting) else {
        return Ok(known.clone());
    };
    let today = calendar.local_date(now);
    if counting.period.is_clock() || last_day < today {
        return Ok(known.clone());
    }
    let by_working_days = |rule: &DeadlineRule| {
        let period = rule.counting.as_ref().map(|c| c.period);
        matches!(period, Some(Period::WorkingDays(_)))
    };
    let left = if old.is_some_and(by_working_days) {
        open_days(today, last_day, calendar)
    } else {
        u32::try_from((last_day - today).num_days()).unwrap_or(0)
    };
    let period = if by_working_days(rule) {
        Period::WorkingDays(left)
    } else {
        Period::Days(left)
    };
    let computed = due(
        now,
        &Counting {
            period,
            ..counting.clone()
        },
        calendar,
    )?;
    let same = computed.due_at == known.due_at && computed.internal_last_day == known.internal_last_day;
    Ok(if same { known.clone() } else { computed })
}

/// Open days after `from`, up to and with `until`.
fn open_days(from: chrono::NaiveDate, until: chrono::NaiveDate, calendar: &Calendar) -> u32 {
    let days = from.iter_days().skip(1).take_while(|day| *day <= until);
    u32::try_from(days.filter(|day| calendar.is_open(*day)).count()).unwrap_or(u32::MAX)
}
