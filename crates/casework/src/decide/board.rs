//! What boards and days show of a case, derived from it and never stored as truth.

use chrono::{DateTime, NaiveDate, Utc};
use peshi_calendar::Calendar;
use serde::{Deserialize, Serialize};

use super::Touched;
use crate::case::Case;
use crate::deadline::Deadline;
use crate::ids::{EffectId, InstanceId};
use crate::pack::{LegalKind, Pack, StateSpec, WaitingOn};
use crate::time;

/// The line a case has on boards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Board {
    /// It counts as closed.
    pub closed: bool,
    /// Who must act.
    pub waiting_on: Option<WaitingOn>,
    /// Since when.
    pub waiting_since: Option<DateTime<Utc>>,
    /// The moment from which it counts as stalled.
    pub stalled_at: Option<DateTime<Utc>>,
    /// The next sitting of a court, or the last one that has no outcome yet.
    pub next_court_at: Option<DateTime<Utc>>,
    /// The next deadline that was not missed.
    pub next_deadline_at: Option<DateTime<Utc>>,
    /// The first missed deadline that still matters.
    pub overdue_since: Option<DateTime<Utc>>,
    /// An open proceeding has neither a date nor a chase.
    pub blind_since: Option<DateTime<Utc>>,
    /// What a family may be told.
    pub public_status: Option<String>,
}

/// A deadline, hearing or task as days and lists show it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgendaItem {
    /// Its id.
    pub item: EffectId,
    /// `deadline`, `hearing`, `task`.
    pub kind: &'static str,
    /// The rule's or the task's name.
    pub name: String,
    /// Its instance.
    pub instance: Option<InstanceId>,
    /// When it is due.
    pub due_at: Option<DateTime<Utc>>,
    /// The legal last day.
    pub last_day: Option<NaiveDate>,
    /// Where it stands.
    pub state: AgendaState,
    /// What it is in law.
    pub legal_kind: Option<LegalKind>,
}

/// Where an item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgendaState {
    /// It lies ahead, or is to be done.
    Open,
    /// It passed and still matters.
    Missed,
    /// It is over.
    Done,
}

/// One active state with its meaning and since when.
struct Active<'a> {
    instance: &'a InstanceId,
    spec: &'a StateSpec,
    since: Option<DateTime<Utc>>,
}

impl Board {
    /// The line of `case`.
    pub fn of(pack: &Pack, case: &Case, calendar: &Calendar) -> Self {
        let active = active(pack, case);
        // A root that has reached its end takes no further event: nothing about it is open.
        let ended = case.root().done;
        let closed = ended || active.iter().any(|a| a.instance.is_root() && a.spec.closes_case);
        let open: Vec<&Deadline> = case.deadlines.values().filter(|d| d.is_open()).collect();
        let is_hearing = |d: &Deadline| pack.deadlines.get(&d.rule).is_some_and(|r| r.hearing);
        let waiting = active
            .iter()
            .filter_map(|a| Some((a.spec.waiting_on?, a.since)))
            .min_by_key(|(who, since)| (*who, *since));
        let stalled_at = active
            .iter()
            .filter_map(|a| time::elapse(a.since?, a.spec.stalled_after?, calendar).ok())
            .min();
        Self {
            closed,
            waiting_on: waiting.map(|(who, _)| who).filter(|_| !closed),
            waiting_since: waiting.and_then(|(_, since)| since).filter(|_| !closed),
            stalled_at: stalled_at.filter(|_| !closed),
            next_court_at: open
                .iter()
                .filter(|d| is_hearing(d))
                .map(|d| d.computed.due_at)
                .min(),
            next_deadline_at: open
                .iter()
                .filter(|d| !is_hearing(d) && d.missed_at.is_none() && !d.is_stopped())
                .map(|d| d.computed.due_at)
                .min(),
            overdue_since: open.iter().filter_map(|d| d.missed_at).min(),
            blind_since: active
                .iter()
                .filter(|a| is_blind(pack, case, a))
                .filter_map(|a| a.since)
                .min()
                .filter(|_| !closed),
            public_status: active
                .iter()
                .filter(|a| a.instance.is_root())
                .find_map(|a| a.spec.public.clone()),
        }
    }
}

fn active<'a>(pack: &'a Pack, case: &'a Case) -> Vec<Active<'a>> {
    let mut active = Vec::new();
    // A root that has ended rests in its last states for ever; an ended child is gone.
    let lasting = case.instances.iter().filter(|(id, i)| !i.done || id.is_root());
    for (id, instance) in lasting {
        let (Some(spec), Some(snapshot)) = (pack.chart(&instance.chart), &instance.snapshot) else {
            continue;
        };
        for state in spec.chart.configuration(snapshot) {
            if let Some(meaning) = spec.states.get(state) {
                let since = instance.since.get(state).copied();
                active.push(Active {
                    instance: id,
                    spec: meaning,
                    since,
                });
            }
        }
    }
    active
}

/// A proceeding that waits on a court without a chase of its own needs a hearing that is not overdue for its outcome.
fn is_blind(pack: &Pack, case: &Case, state: &Active<'_>) -> bool {
    let instance = &case.instances[state.instance];
    let waits = instance.chart == "proceeding"
        && state.spec.waiting_on == Some(WaitingOn::Court)
        && state.spec.deadlines.is_empty();
    if !waits {
        return false;
    }
    let open_of = |child: &InstanceId| {
        let child = child.clone();
        case.deadlines
            .values()
            .filter(move |d| d.is_open() && d.instance == child)
    };
    // Orders and time limits are children too: only a sitting gives a date, and only its own missed outcome takes it away.
    let is_hearing = |d: &&Deadline| -> bool { pack.deadlines.get(&d.rule).is_some_and(|r| r.hearing) };
    let mut hearings = case
        .instances
        .iter()
        .filter(|(_, i)| i.parent.as_ref() == Some(state.instance) && !i.done)
        .map(|(id, _)| id)
        .filter(|id| open_of(id).any(|d| is_hearing(&d)))
        .peekable();
    hearings.peek().is_none() || hearings.any(|id| open_of(id).any(|d| d.missed_at.is_some()))
}

/// The agenda lines of what a decision touched.
pub(super) fn agenda(pack: &Pack, case: &Case, touched: Touched) -> Vec<AgendaItem> {
    touched
        .into_iter()
        .filter_map(|id| item(pack, case, id))
        .collect()
}

fn item(pack: &Pack, case: &Case, id: EffectId) -> Option<AgendaItem> {
    if let Some(deadline) = case.deadlines.get(&id) {
        let rule = pack.deadlines.get(&deadline.rule);
        let hearing = rule.is_some_and(|r| r.hearing);
        let state = match (deadline.ended_at, deadline.missed_at) {
            (Some(_), _) => AgendaState::Done,
            (None, Some(_)) => AgendaState::Missed,
            (None, None) => AgendaState::Open,
        };
        return Some(AgendaItem {
            item: id,
            kind: if hearing { "hearing" } else { "deadline" },
            name: deadline.rule.clone(),
            instance: Some(deadline.instance.clone()),
            // While its clock stands still, no day has it.
            due_at: Some(deadline.computed.due_at).filter(|_| !deadline.is_stopped()),
            last_day: deadline.computed.last_day.filter(|_| !deadline.is_stopped()),
            state,
            legal_kind: rule.map(|r| r.kind),
        });
    }
    let task = case.tasks.get(&id)?;
    Some(AgendaItem {
        item: id,
        kind: "task",
        name: task.key.clone(),
        instance: task.instance.clone(),
        due_at: Some(task.raised_at),
        last_day: None,
        state: if task.done_at.is_some() {
            AgendaState::Done
        } else {
            AgendaState::Open
        },
        legal_kind: None,
    })
}
