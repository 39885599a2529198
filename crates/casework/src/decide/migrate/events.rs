//! What becomes of events on their way to an instance when its case moves to another version: those that were sent, and
//! the clocks of states (`after`).
//! Knows how `after` is built into a chart; not deadlines.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use peshi_calendar::Period;
use peshi_statechart::Action;

use super::Here;
use super::clocks::REASON;
use crate::case::Timer;
use crate::command::Fault;
use crate::decide::draft::Draft;
use crate::fact::Purpose;
use crate::pack::mapping::{AFTER, Renamed, cancel_key};
use crate::pack::{Act, ChartSpec, TimerPolicy};
use crate::time;

/// The clock of a state: the event of its `n`th `after`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Clock {
    state: String,
    n: String,
}

impl Clock {
    fn read(event: &str) -> Option<Self> {
        let (state, n) = event.strip_prefix(AFTER)?.rsplit_once('.')?;
        Some(Self {
            state: state.to_owned(),
            n: n.to_owned(),
        })
    }

    fn event(&self) -> String {
        format!("{AFTER}{}.{}", self.state, self.n)
    }

    /// How long it runs, if the chart has it.
    fn period(&self, spec: &ChartSpec) -> Option<Period> {
        let state = spec.chart.state_ref(spec.chart.state(&self.state)?);
        let event = self.event();
        state.entry().iter().find_map(|action| match action {
            Action::Host(Act::Send { after, key, .. }) if *key == event => Some(*after),
            _ => None,
        })
    }
}

/// Carries over what is on its way, and starts the clocks of states that have a new one.
pub(super) fn carry(draft: &mut Draft<'_>, here: &Here<'_>) -> Result<(), Fault> {
    let chart = draft.case.instances[here.id].chart.clone();
    let Some(spec) = here.mapping.new.chart(&chart) else {
        return Ok(());
    };
    let timers = draft.case.timers.values();
    let waiting: Vec<Timer> = timers
        .filter(|t| &t.instance == here.id && matches!(t.purpose, Purpose::Event { .. }))
        .cloned()
        .collect();
    let mut running = BTreeSet::new();
    for timer in waiting {
        let Purpose::Event { event, .. } = &timer.purpose else {
            continue;
        };
        match Clock::read(event) {
            Some(clock) => running.extend(go_on(draft, here, spec, &timer, &clock)?),
            None => sent(draft, here, spec, &timer, event)?,
        }
    }
    begin(draft, here, spec, &running)
}

/// Puts `purpose` and `due_at` in the place of a timer, if they differ from what it has.
fn replace(
    draft: &mut Draft<'_>,
    here: &Here<'_>,
    timer: &Timer,
    to: Option<(Purpose, DateTime<Utc>)>,
) -> Result<(), Fault> {
    if to
        .as_ref()
        .is_some_and(|(p, at)| *p == timer.purpose && *at == timer.due_at)
    {
        return Ok(());
    }
    draft.disarm(here.id, REASON, |p| *p == timer.purpose)?;
    match to {
        None => Ok(()),
        Some((purpose, due_at)) => draft.arm(here.id, purpose, due_at).map(drop),
    }
}

/// An event that was sent is due when it was due: nobody knows any more from when it would be counted anew.
fn sent(
    draft: &mut Draft<'_>,
    here: &Here<'_>,
    spec: &ChartSpec,
    timer: &Timer,
    event: &str,
) -> Result<(), Fault> {
    let Purpose::Event { key, .. } = &timer.purpose else {
        return Ok(());
    };
    let to = match here.mapping.event(event, spec) {
        Renamed::To(event) => {
            let key = cancel_key(spec, &event).unwrap_or_else(|| key.clone());
            Some((Purpose::Event { event, key }, timer.due_at))
        }
        Renamed::Dropped | Renamed::Unknown => None,
    };
    replace(draft, here, timer, to)
}

/// The clock of a state runs on in the state it goes to, if that has one too; gives the new one.
fn go_on(
    draft: &mut Draft<'_>,
    here: &Here<'_>,
    spec: &ChartSpec,
    timer: &Timer,
    clock: &Clock,
) -> Result<Option<Clock>, Fault> {
    let goals = here
        .mapping
        .states(&here.was.chart, &clock.state, spec)
        .unwrap_or_default();
    let since = &draft.case.instances[here.id].since;
    let found = goals.into_iter().find_map(|state| {
        let entered = *since.get(&state)?;
        let n = clock.n.clone();
        let there = Clock { state, n };
        Some((entered, there.period(spec)?, there))
    });
    let Some((entered, period, there)) = found else {
        replace(draft, here, timer, None)?;
        return Ok(None);
    };
    let due_at = match here.mapping.policy(None) {
        TimerPolicy::KeepDue | TimerPolicy::KeepRemaining => timer.due_at,
        TimerPolicy::Rederive => time::elapse(entered, period, draft.ctx.calendar)?,
    };
    let event = there.event();
    let key = event.clone();
    replace(draft, here, timer, Some((Purpose::Event { event, key }, due_at)))?;
    Ok(Some(there))
}

/// Starts the clocks that its states have now and had not before; one that had run out does not start again.
fn begin(
    draft: &mut Draft<'_>,
    here: &Here<'_>,
    spec: &ChartSpec,
    running: &BTreeSet<Clock>,
) -> Result<(), Fault> {
    let had = clocks_before(here, spec);
    let since = draft.case.instances[here.id].since.clone();
    for state in spec.chart.states() {
        let Some(entered) = since.get(state.id()) else {
            continue;
        };
        for action in state.entry() {
            let Action::Host(Act::Send { event, after, key }) = action else {
                continue;
            };
            let Some(clock) = Clock::read(key).filter(|c| c.state == state.id()) else {
                continue;
            };
            if running.contains(&clock) || had.contains(&clock) {
                continue;
            }
            let from = match here.mapping.policy(None) {
                TimerPolicy::Rederive => *entered,
                TimerPolicy::KeepDue | TimerPolicy::KeepRemaining => draft.ctx.now,
            };
            let due_at = time::elapse(from, *after, draft.ctx.calendar)?;
            let (event, key) = (event.clone(), key.clone());
            draft.arm(here.id, Purpose::Event { event, key }, due_at)?;
        }
    }
    Ok(())
}

/// The clocks of the states it was in, in the new version's names.
fn clocks_before(here: &Here<'_>, spec: &ChartSpec) -> BTreeSet<Clock> {
    let Some(old) = here.mapping.old.chart(&here.was.chart) else {
        return BTreeSet::new();
    };
    let mut all = BTreeSet::new();
    for id in here.were_active() {
        let Some(number) = old.chart.state(id) else {
            continue;
        };
        let goals = here.mapping.states(&here.was.chart, id, spec).unwrap_or_default();
        for action in old.chart.state_ref(number).entry() {
            let Action::Host(Act::Send { key, .. }) = action else {
                continue;
            };
            let clock = Clock::read(key).filter(|c| c.state == id);
            all.extend(clock.into_iter().flat_map(|c| {
                let n = c.n;
                goals.iter().map(move |state| Clock {
                    state: state.clone(),
                    n: n.clone(),
                })
            }));
        }
    }
    all
}
