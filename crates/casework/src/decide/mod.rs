//! The one place where a case changes: `decide(case, command, context)` is pure and gives entries, the next case and
//! effects as data, or the reason why nothing changes. Knows no store, no clock, no text for people.

mod allowed;
mod applies;
mod board;
mod clock;
mod deadline;
mod document;
mod draft;
mod host;
mod invariant;
mod migrate;
mod panel;
mod violation;

use std::collections::{BTreeSet, VecDeque};

use chrono::{DateTime, NaiveTime, Utc};
use peshi_statechart::StepError;

pub use allowed::{Allowed, allowed};
pub use applies::{Idle, WhyIdle, calendar_for, idle_rules, place};
pub use board::{AgendaItem, AgendaState, Board};
pub use invariant::{Broken, broken};
pub use migrate::migrate;
pub use panel::{ShownPanel, shown_panels};

use self::draft::Draft;
use self::host::{Stepper, Work, may};
use crate::approximate::ApproximateDate;
use crate::case::Case;
use crate::command::{Command, Context, Fault, Rejection};
use crate::effect::Effect;
use crate::expression::Scope;
use crate::fact::{Actor, Entry, Fact, Fields, Knowledge, Purpose};
use crate::form;
use crate::ids::{EffectId, InstanceId};
use crate::pack::{Form, Gate, Pack};
use crate::time;

/// Most internal deliveries within one decision: tells and spawns that feed each other end here.
pub const MAX_WORK: usize = 1_000;

/// What was decided. There is no other way to make one, so nothing else can change a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    entries: Vec<Entry>,
    case: Case,
    effects: Vec<Effect>,
    board: Board,
    agenda: Vec<AgendaItem>,
}

impl Decision {
    /// The journal's next entries.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The case after them.
    pub fn case(&self) -> &Case {
        &self.case
    }

    /// What the world should do.
    pub fn effects(&self) -> &[Effect] {
        &self.effects
    }

    /// What boards show of the case now.
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// Deadlines, hearings and tasks that changed.
    pub fn agenda(&self) -> &[AgendaItem] {
        &self.agenda
    }
}

/// Decides one command on one case; `case` is none only for [`Command::Open`].
///
/// # Errors
/// [`Rejection`]: nothing changed, and why.
pub fn decide(case: Option<&Case>, command: &Command, ctx: &Context<'_>) -> Result<Decision, Rejection> {
    let draft = match (case, command) {
        (None, Command::Open { .. }) => open(command, ctx)?,
        (Some(_), Command::Open { .. }) => return Err(Rejection::AlreadyOpen),
        (None, _) => {
            return Err(Rejection::Unknown {
                what: "journal",
                name: "of this case".to_owned(),
            });
        }
        (Some(case), command) => change(case, command, ctx)?,
    };
    Ok(finish(draft))
}

fn finish(draft: Draft<'_>) -> Decision {
    let board = Board::of(draft.ctx.pack, &draft.case, draft.ctx.calendar);
    let agenda = board::agenda(draft.ctx.pack, &draft.case, draft.touched);
    Decision {
        entries: draft.entries,
        case: draft.case,
        effects: draft.effects,
        board,
        agenda,
    }
}

fn open<'a>(command: &Command, ctx: &'a Context<'a>) -> Result<Draft<'a>, Rejection> {
    let Command::Open {
        case,
        reference,
        form,
        team,
    } = command
    else {
        return Err(Rejection::AlreadyOpen);
    };
    not_ahead(ctx)?;
    let form = opening_form(ctx, form)?;
    let fact = Fact::Opened {
        case: *case,
        reference: reference.clone(),
        pack: ctx.pack.id.clone(),
        form,
    };
    let opened = || -> Result<Draft<'a>, Fault> {
        let mut draft = Draft::opened(fact, ctx)?;
        for (account, role) in team {
            draft.record(
                None,
                Fact::TeamJoined {
                    account: *account,
                    role: role.clone(),
                },
            )?;
        }
        Ok(draft)
    };
    let mut draft = opened().map_err(|e| pack_fault(ctx.pack, &e))?;
    run(&mut draft, VecDeque::from([Work::Start(InstanceId::root())]))?;
    Ok(draft)
}

/// The asker saw the case as it is.
fn unmoved(case: &Case, ctx: &Context<'_>) -> Result<(), Rejection> {
    match ctx.expected_version.filter(|seen| *seen != case.version) {
        None => Ok(()),
        Some(seen) => Err(Rejection::Conflict {
            seen,
            now: case.version,
        }),
    }
}

fn change<'a>(case: &Case, command: &Command, ctx: &'a Context<'a>) -> Result<Draft<'a>, Rejection> {
    unmoved(case, ctx)?;
    let mut draft = Draft::of(case.clone(), ctx);
    match command {
        Command::Event {
            instance,
            event,
            form,
            known,
        } => record_event(&mut draft, instance, event, form, known)?,
        Command::TimerDue { timer } => timer_due(&mut draft, timer)?,
        Command::Deadline { deadline, act } => clock::change(&mut draft, deadline, act)?,
        Command::FollowCalendar => {
            clock::follow_calendar(&mut draft).map_err(|e| pack_fault(ctx.pack, &e))?;
        }
        other => {
            if !violation::register(&mut draft, other)? {
                people(&mut draft, other)?;
            }
        }
    }
    if matches!(command, Command::Event { .. } | Command::TimerDue { .. }) {
        deadline::follow_copies(&mut draft).map_err(|e| pack_fault(ctx.pack, &e))?;
    }
    Ok(draft)
}

/// A person, the importer or an edge reports an event.
fn record_event(
    draft: &mut Draft<'_>,
    instance: &InstanceId,
    event: &str,
    given: &Fields,
    known: &Knowledge,
) -> Result<(), Rejection> {
    let ctx = draft.ctx;
    not_ahead(ctx)?;
    let known = known_of(draft, known)?;
    let running = draft
        .case
        .instances
        .get(instance)
        .ok_or_else(|| Rejection::NoInstance(instance.clone()))?;
    if running.done {
        return Err(Rejection::Ended(instance.clone()));
    }
    let gates = gates(draft, instance, event)?;
    if gates.is_empty() {
        let possible = allowed(ctx, &draft.case);
        return Err(Rejection::NotNow {
            event: event.to_owned(),
            instance: instance.clone(),
            possible: possible
                .into_iter()
                .filter(|a| &a.instance == instance)
                .map(|a| a.event)
                .collect(),
        });
    }
    let Some(gate) = gates.iter().find(|g| may(g, ctx)) else {
        return Err(Rejection::NotYours {
            event: event.to_owned(),
            role: ctx.role.unwrap_or("none").to_owned(),
        });
    };
    let form = checked(draft, instance, gate.form.as_deref(), given)?;
    let fact = Fact::EventAccepted {
        event: event.to_owned(),
        form: form.clone(),
        known,
    };
    draft
        .record(Some(instance), fact)
        .map_err(|e| pack_fault(ctx.pack, &e))?;
    let (handled, refused, work) = step(draft, instance, Some(event), false, form)?;
    if !handled {
        return Err(Rejection::Guarded {
            event: event.to_owned(),
            condition: refused.unwrap_or_else(|| "none of its transitions applies".to_owned()),
        });
    }
    run(draft, work)
}

/// The gates of the transitions that could take `event` now, innermost first.
fn gates(draft: &Draft<'_>, instance: &InstanceId, event: &str) -> Result<Vec<Gate>, Rejection> {
    let running = &draft.case.instances[instance];
    let (Some(spec), Some(snapshot)) = (draft.ctx.pack.chart(&running.chart), &running.snapshot) else {
        return Err(Rejection::NoInstance(instance.clone()));
    };
    let candidates = spec
        .chart
        .candidates(snapshot, event)
        .map_err(|e| pack_fault(draft.ctx.pack, &Fault::Unknown(e.to_string())))?;
    Ok(candidates
        .iter()
        .filter_map(|c| c.transition.guard().cloned())
        .collect())
}

/// A timer fires: what it does happened when it was due, however late the machine is.
fn timer_due(draft: &mut Draft<'_>, id: &EffectId) -> Result<(), Rejection> {
    let pack = draft.ctx.pack;
    let Some(timer) = draft.case.timers.get(id).cloned() else {
        return Err(Rejection::TimerGone);
    };
    if draft.ctx.now < timer.due_at {
        return Err(Rejection::TimerEarly { due_at: timer.due_at });
    }
    draft.occurred_at = timer.due_at;
    let fired = Fact::TimerFired { timer: id.clone() };
    draft
        .record(Some(&timer.instance), fired)
        .map_err(|e| pack_fault(pack, &e))?;
    let work = match &timer.purpose {
        Purpose::Event { event, .. } => {
            VecDeque::from([Work::Deliver(timer.instance.clone(), event.clone())])
        }
        Purpose::Due { deadline } | Purpose::Rung { deadline, .. } => {
            let mut stepper = Stepper {
                draft,
                instance: timer.instance.clone(),
                by_machine: true,
                form: Fields::new(),
                work: VecDeque::new(),
                refused: None,
            };
            match &timer.purpose {
                Purpose::Rung { to, .. } => stepper.rung(deadline, to.as_deref()),
                _ => stepper.due(deadline),
            }
            .map_err(|e| pack_fault(pack, &e))?;
            stepper.work
        }
    };
    run(draft, work)
}

/// Carries out what is still to be done, in order, until nothing is left.
fn run(draft: &mut Draft<'_>, mut work: VecDeque<Work>) -> Result<(), Rejection> {
    let mut done = 0;
    while let Some(next) = work.pop_front() {
        done += 1;
        if done > MAX_WORK {
            let endless = Fault::Unknown(format!("more than {MAX_WORK} events follow from one"));
            return Err(pack_fault(draft.ctx.pack, &endless));
        }
        let (instance, event) = match next {
            Work::Start(instance) => (instance, None),
            Work::Deliver(instance, event) => (instance, Some(event)),
        };
        if draft.case.instances.get(&instance).is_none_or(|i| i.done) {
            continue;
        }
        let (_, _, more) = step(draft, &instance, event.as_deref(), true, Fields::new())?;
        work.extend(more);
    }
    Ok(())
}

/// Steps one instance, or starts it, and records the move.
fn step(
    draft: &mut Draft<'_>,
    instance: &InstanceId,
    event: Option<&str>,
    by_machine: bool,
    form: Fields,
) -> Result<(bool, Option<String>, VecDeque<Work>), Rejection> {
    let pack = draft.ctx.pack;
    let running = &draft.case.instances[instance];
    let (chart_name, parent) = (running.chart.clone(), running.parent.clone());
    let snapshot = running.snapshot.clone();
    let Some(spec) = pack.chart(&chart_name) else {
        return Err(pack_fault(
            pack,
            &Fault::Unknown(format!("there is no chart `{chart_name}`")),
        ));
    };
    let mut stepper = Stepper {
        draft: &mut *draft,
        instance: instance.clone(),
        by_machine,
        form,
        work: VecDeque::new(),
        refused: None,
    };
    let step = match (&snapshot, event) {
        (Some(snapshot), Some(event)) => spec.chart.step(snapshot, event, &mut stepper),
        _ => spec.chart.start(&mut stepper),
    };
    let (mut work, refused) = (stepper.work, stepper.refused);
    let step = step.map_err(|e| match e {
        StepError::Host { source, .. } => pack_fault(pack, &source),
        other => pack_fault(pack, &Fault::Unknown(other.to_string())),
    })?;
    // A state left and entered again leaves the same snapshot, but its clock begins anew.
    if snapshot.as_ref() != Some(&step.snapshot) || !step.entered.is_empty() {
        // What was only passed through on the way was not entered: nothing waits there.
        let rests: BTreeSet<&str> = spec.chart.configuration(&step.snapshot).into_iter().collect();
        let entered = step
            .entered
            .into_iter()
            .filter(|id| rests.contains(id.as_str()))
            .collect();
        let moved = Fact::Moved {
            snapshot: step.snapshot,
            entered,
            exited: step.exited,
            done: step.done,
        };
        draft
            .record(Some(instance), moved)
            .map_err(|e| pack_fault(pack, &e))?;
    }
    if step.done {
        ended(draft, instance).map_err(|e| pack_fault(pack, &e))?;
        if let Some(parent) = parent {
            work.push_back(Work::Deliver(parent, format!("done.{chart_name}")));
        }
    }
    Ok((step.handled, refused, work))
}

/// An ended instance leaves nothing running.
fn ended(draft: &mut Draft<'_>, instance: &InstanceId) -> Result<(), Fault> {
    draft.end_deadlines(instance, |_| true)?;
    draft.disarm(instance, "left_state", |_| true)
}

/// Commands about people, teams and tasks.
fn people(draft: &mut Draft<'_>, command: &Command) -> Result<(), Rejection> {
    let known = |what: &'static str, there: bool, name: &str| {
        if there {
            Ok(())
        } else {
            Err(Rejection::Unknown {
                what,
                name: name.to_owned(),
            })
        }
    };
    let fact = match command {
        Command::AddPerson { role, name } => Fact::PersonAdded {
            person: format!("person-{}", draft.case.people.len() + 1),
            role: role.clone(),
            name: name.clone(),
        },
        Command::GrantPermission { person, permission } => {
            known("person", draft.case.people.contains_key(person), person)?;
            Fact::PermissionGranted {
                person: person.clone(),
                permission: permission.clone(),
            }
        }
        Command::RevokePermission { person } => {
            known("person", draft.case.people.contains_key(person), person)?;
            Fact::PermissionRevoked {
                person: person.clone(),
            }
        }
        Command::JoinTeam { account, role } => Fact::TeamJoined {
            account: *account,
            role: role.clone(),
        },
        Command::LeaveTeam { account } => {
            known(
                "member",
                draft.case.team.contains_key(account),
                &account.to_string(),
            )?;
            Fact::TeamLeft { account: *account }
        }
        Command::RaiseTask { key } => {
            let task = draft.next_effect(0);
            draft.touched.insert(task.clone());
            Fact::TaskRaised {
                task,
                key: key.clone(),
                deadline: None,
            }
        }
        Command::FinishTask { task } => {
            let open = draft.case.tasks.get(task).is_some_and(|t| t.done_at.is_none());
            known("open task", open, task.as_str())?;
            draft.touched.insert(task.clone());
            Fact::TaskDone { task: task.clone() }
        }
        Command::Document(asked) => document::documents(draft, asked)?,
        Command::Migrate { .. } => {
            let alone = Fault::Unknown("a move needs both versions of the pack; ask `migrate`".to_owned());
            return Err(pack_fault(draft.ctx.pack, &alone));
        }
        Command::Open { .. }
        | Command::Event { .. }
        | Command::TimerDue { .. }
        | Command::NoteViolation { .. }
        | Command::DocumentViolation { .. }
        | Command::VerifyViolation { .. }
        | Command::UseViolation { .. }
        | Command::PublishViolation { .. }
        | Command::Deadline { .. }
        | Command::FollowCalendar => return Ok(()),
    };
    draft
        .record(None, fact)
        .map_err(|e| pack_fault(draft.ctx.pack, &e))
}

/// What was said of an event beyond its form, in its kept form. A moment known only roughly counts from its first day, so that
/// no date that follows from it comes too late.
fn known_of(draft: &mut Draft<'_>, given: &Knowledge) -> Result<Knowledge, Rejection> {
    let known = given.read().map_err(Rejection::Form)?;
    let first = known.happened.as_deref().and_then(ApproximateDate::read);
    if let Some(first) = first.and_then(|d| d.earliest()) {
        let ctx = draft.ctx;
        let occurred_at = ctx.calendar.at_local(first, NaiveTime::MIN);
        if occurred_at > ctx.now {
            return Err(Rejection::Future { occurred_at });
        }
        draft.occurred_at = occurred_at;
    }
    Ok(known)
}

/// The form of an event, as it is kept.
fn checked(
    draft: &Draft<'_>,
    instance: &InstanceId,
    form: Option<&str>,
    given: &Fields,
) -> Result<Fields, Rejection> {
    let (data, root) = (&draft.case.instances[instance].data, &draft.case.root().data);
    filled_in(draft.ctx, form, given, (data, root), draft.occurred_at)
}

/// The form of an opening: there is no case yet that a field could depend on.
fn opening_form(ctx: &Context<'_>, given: &Fields) -> Result<Fields, Rejection> {
    let empty = Fields::new();
    let form = ctx.pack.opening.as_deref();
    filled_in(ctx, form, given, (&empty, &empty), ctx.occurred_at)
}

fn filled_in(
    ctx: &Context<'_>,
    form: Option<&str>,
    given: &Fields,
    (data, root): (&Fields, &Fields),
    occurred_at: DateTime<Utc>,
) -> Result<Fields, Rejection> {
    let Some(form) = named_form(ctx, form)? else {
        return Ok(given.clone());
    };
    let local_now = time::local(ctx.now, ctx.calendar);
    let scope = Scope {
        data,
        form: &Fields::new(),
        root,
        active: &[],
        case_active: &[],
        children: &[],
        now: ctx.now,
        today: local_now.date(),
        occurred_at: time::local(occurred_at, ctx.calendar),
    };
    form::validate(form, given, local_now, &scope).map_err(Rejection::Form)
}

/// The form by its name; an empty one for an event without a form; none where a loose pack takes whatever is given.
fn named_form<'a>(ctx: &Context<'a>, form: Option<&str>) -> Result<Option<&'a Form>, Rejection> {
    static EMPTY: Form = Form {
        name: String::new(),
        fields: Vec::new(),
    };
    match form {
        None if ctx.pack.loose => Ok(None),
        Some(name) if ctx.pack.loose && !ctx.pack.forms.contains_key(name) => Ok(None),
        None => Ok(Some(&EMPTY)),
        Some(name) => ctx
            .pack
            .forms
            .get(name)
            .map(Some)
            .ok_or_else(|| pack_fault(ctx.pack, &Fault::Unknown(format!("there is no form `{name}`")))),
    }
}

fn not_ahead(ctx: &Context<'_>) -> Result<(), Rejection> {
    if ctx.occurred_at > ctx.now && *ctx.actor != Actor::Machine {
        return Err(Rejection::Future {
            occurred_at: ctx.occurred_at,
        });
    }
    Ok(())
}

fn pack_fault(pack: &Pack, fault: &Fault) -> Rejection {
    Rejection::Pack {
        pack: pack.id.name.clone(),
        problem: fault.to_string(),
    }
}

/// Kept together so that a reader finds what a decision touched.
type Touched = BTreeSet<EffectId>;
