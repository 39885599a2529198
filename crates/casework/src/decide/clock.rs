//! What people do to a running deadline: stop its clock, let it run again, set another date, end it; and what a changed
//! calendar does to every date of a case. Knows the draft of one decision; how a date is reckoned is in `deadline`.

use peshi_calendar::{Computed, by_hand};

use super::applies::calendar_for;
use super::deadline::{move_on, rearm};
use super::draft::Draft;
use super::{not_ahead, pack_fault};
use crate::command::{DeadlineAct, DeadlineProblem, Fault, Rejection};
use crate::deadline::{Deadline, STOP_CATEGORIES};
use crate::fact::Fact;
use crate::ids::EffectId;
use crate::pack::LegalKind;
use crate::time;

/// The role that may set a date in place of the one that was reckoned, in packs that have it.
const MAY_OVERRIDE: &str = "lawyer";
/// The task that tells people that a date is another one now.
const MOVED: &str = "date_moved";
/// The task that says that a hearing stands on a day on which its court is closed.
const CLOSED: &str = "hearing_on_closed_day";

/// Changes one running deadline.
pub(super) fn change(draft: &mut Draft<'_>, id: &EffectId, act: &DeadlineAct) -> Result<(), Rejection> {
    not_ahead(draft.ctx)?;
    let Some(known) = draft.case.deadlines.get(id).cloned() else {
        return Err(Rejection::Unknown {
            what: "deadline",
            name: id.to_string(),
        });
    };
    let refuse = |problem| {
        Err(Rejection::Deadline {
            deadline: known.rule.clone(),
            problem,
        })
    };
    if !known.is_open() {
        return refuse(DeadlineProblem::Over);
    }
    if let Some(problem) = wrong(draft, &known, act) {
        return refuse(problem);
    }
    may_override(draft, act)?;
    carry_out(draft, id, &known, act).map_err(|e| pack_fault(draft.ctx.pack, &e))
}

/// What stands against it.
fn wrong(draft: &Draft<'_>, known: &Deadline, act: &DeadlineAct) -> Option<DeadlineProblem> {
    let words = match act {
        DeadlineAct::Stop { reason, .. }
        | DeadlineAct::Override { reason, .. }
        | DeadlineAct::Excuse { reason } => Some(reason),
        DeadlineAct::Met { proof } => Some(proof),
        DeadlineAct::Resume => None,
    };
    if words.is_some_and(|words| words.trim().is_empty()) {
        return Some(DeadlineProblem::NoReason);
    }
    let limitation = || {
        let rule = draft.ctx.pack.deadlines.get(&known.rule);
        rule.is_some_and(|r| r.kind == LegalKind::Limitation)
    };
    match act {
        DeadlineAct::Stop { category, .. } => {
            let (known_category, stay) = (
                STOP_CATEGORIES.contains(&category.as_str()),
                category == "court_stay",
            );
            match () {
                () if !known_category => Some(DeadlineProblem::Category),
                () if known.missed_at.is_some() => Some(DeadlineProblem::Missed),
                () if known.is_stopped() => Some(DeadlineProblem::Stopped),
                () if known.computed.period.is_none() => Some(DeadlineProblem::NoClock),
                () if limitation() && !stay => Some(DeadlineProblem::Limitation),
                () => None,
            }
        }
        DeadlineAct::Resume => match known.stops.last().filter(|_| known.is_stopped()) {
            None => Some(DeadlineProblem::Running),
            Some(stop) if draft.occurred_at < stop.from => Some(DeadlineProblem::Backwards),
            Some(_) => None,
        },
        DeadlineAct::Override { .. } if known.missed_at.is_some() => Some(DeadlineProblem::Missed),
        DeadlineAct::Override { .. } if known.is_stopped() => Some(DeadlineProblem::Stopped),
        DeadlineAct::Override { .. } | DeadlineAct::Met { .. } | DeadlineAct::Excuse { .. } => None,
    }
}

fn may_override(draft: &Draft<'_>, act: &DeadlineAct) -> Result<(), Rejection> {
    let ctx = draft.ctx;
    let guarded = ctx.pack.roles.iter().any(|role| role == MAY_OVERRIDE);
    if matches!(act, DeadlineAct::Override { .. }) && guarded && ctx.role != Some(MAY_OVERRIDE) {
        return Err(Rejection::NotYours {
            event: act.word().to_owned(),
            role: ctx.role.unwrap_or("none").to_owned(),
        });
    }
    Ok(())
}

fn carry_out(draft: &mut Draft<'_>, id: &EffectId, known: &Deadline, act: &DeadlineAct) -> Result<(), Fault> {
    let (deadline, instance) = (id.clone(), Some(&known.instance));
    draft.touched.insert(id.clone());
    match act {
        DeadlineAct::Stop { category, reason } => {
            let fact = Fact::DeadlineStopped {
                deadline,
                category: category.clone(),
                reason: reason.trim().to_owned(),
            };
            draft.record(instance, fact)?;
            draft.disarm(&known.instance, "stopped", |p| p.deadline() == Some(id))
        }
        DeadlineAct::Resume => {
            draft.record(instance, Fact::DeadlineResumed { deadline })?;
            // A clock stopped and started on one day leaves the date as it was, but its timers are gone.
            move_on(draft, id, "resumed")?;
            rearm(draft, id, "resumed")
        }
        DeadlineAct::Override { day, time, reason } => {
            let computed = by_person(draft, known, *day, *time);
            let fact = Fact::DeadlineOverridden {
                deadline,
                computed,
                reason: reason.trim().to_owned(),
            };
            draft.record(instance, fact)?;
            rearm(draft, id, "overridden")
        }
        DeadlineAct::Met { proof } => settle(draft, id, known, false, proof),
        DeadlineAct::Excuse { reason } => settle(draft, id, known, true, reason),
    }
}

fn by_person(
    draft: &Draft<'_>,
    known: &Deadline,
    day: chrono::NaiveDate,
    time: Option<chrono::NaiveTime>,
) -> Computed {
    let rule = draft.ctx.pack.deadlines.get(&known.rule);
    let margin = rule.and_then(|r| r.counting.as_ref()?.internal_margin);
    let calendar = calendar_for(&draft.case, &known.instance, draft.ctx.calendar);
    by_hand(known.computed.trigger, day, time, margin, &calendar)
}

fn settle(
    draft: &mut Draft<'_>,
    id: &EffectId,
    known: &Deadline,
    excused: bool,
    text: &str,
) -> Result<(), Fault> {
    let fact = Fact::DeadlineSettled {
        deadline: id.clone(),
        excused,
        text: text.trim().to_owned(),
    };
    draft.record(Some(&known.instance), fact)?;
    draft.disarm(&known.instance, "deadline_ended", |p| p.deadline() == Some(id))
}

/// People hear of a date that is another one now: its reminders may have gone out for the old one.
pub(super) fn tell(draft: &mut Draft<'_>, id: &EffectId) -> Result<(), Fault> {
    raise(draft, id, MOVED)
}

fn raise(draft: &mut Draft<'_>, id: &EffectId, key: &str) -> Result<(), Fault> {
    let instance = draft.case.deadlines.get(id).map(|d| d.instance.clone());
    let task = draft.next_effect(0);
    draft.touched.insert(task.clone());
    let fact = Fact::TaskRaised {
        task,
        key: key.to_owned(),
        deadline: Some(id.clone()),
    };
    draft.record(instance.as_ref(), fact)
}

/// Moves every date that the calendar gives otherwise now. A hearing stays where its court put it: when the court is closed
/// that day, a person must find out the new date. Done twice, it changes nothing the second time.
pub(super) fn follow_calendar(draft: &mut Draft<'_>) -> Result<(), Fault> {
    let open: Vec<(EffectId, Deadline)> = draft
        .case
        .deadlines
        .iter()
        .filter(|(_, d)| d.is_open() && d.missed_at.is_none())
        .map(|(id, d)| (id.clone(), d.clone()))
        .collect();
    for (id, known) in open {
        let rule = draft.ctx.pack.deadlines.get(&known.rule);
        if rule.is_some_and(|r| r.hearing) {
            flag(draft, &id, &known)?;
        } else if move_on(draft, &id, "calendar")? {
            tell(draft, &id)?;
        }
    }
    Ok(())
}

fn flag(draft: &mut Draft<'_>, id: &EffectId, hearing: &Deadline) -> Result<(), Fault> {
    let calendar = calendar_for(&draft.case, &hearing.instance, draft.ctx.calendar);
    let day = time::local_date(hearing.computed.due_at, &calendar);
    let ahead = hearing.computed.due_at > draft.ctx.now;
    let known = draft
        .case
        .tasks
        .values()
        .any(|task| task.key == CLOSED && task.deadline.as_ref() == Some(id));
    if ahead && !calendar.is_open(day) && !known {
        raise(draft, id, CLOSED)?;
    }
    Ok(())
}
