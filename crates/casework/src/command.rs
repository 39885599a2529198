//! What may be asked of a case, by whom, at what moment, and why it may be refused.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use peshi_calendar::{Calendar, CalendarError};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::case::ReplayError;
use crate::fact::{Actor, Fields, Knowledge};
use crate::ids::{AccountId, CaseId, EffectId, InstanceId};
use crate::pack::{Pack, TimerPolicy};
use crate::permission::ContactPermission;
use crate::violation::{Details, Status};

/// Something asked of a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Open it.
    Open {
        /// The new case.
        case: CaseId,
        /// Its reference.
        reference: String,
        /// The opening form.
        form: Fields,
        /// Who works on it, with their role.
        team: Vec<(AccountId, String)>,
    },
    /// Record that something happened.
    Event {
        /// Where.
        instance: InstanceId,
        /// What.
        event: String,
        /// As filled in.
        form: Fields,
        /// What else was said of it.
        #[serde(default)]
        known: Knowledge,
    },
    /// Somebody notes a violation by hand.
    NoteViolation {
        /// Its code.
        code: String,
        /// The instance it concerns; none: the case.
        concerns: Option<InstanceId>,
        /// What is known of it.
        details: Details,
    },
    /// Somebody tells what happened and what proves it.
    DocumentViolation {
        /// Its number in the case.
        violation: u32,
        /// What is said now; what is not said stays as it was.
        details: Details,
    },
    /// Somebody looked at account and proof.
    VerifyViolation {
        /// Its number in the case.
        violation: u32,
    },
    /// A complaint rests on it.
    UseViolation {
        /// Its number in the case.
        violation: u32,
        /// Which complaint.
        complaint: String,
    },
    /// A coordinator says whether it may be published.
    PublishViolation {
        /// Its number in the case.
        violation: u32,
        /// It may.
        publishable: bool,
        /// Why.
        reason: String,
    },
    /// Something is done with a document.
    Document(DocumentCommand),
    /// A timer is due.
    TimerDue {
        /// Which.
        timer: EffectId,
    },
    /// A person belongs to the case.
    AddPerson {
        /// The role.
        role: String,
        /// The name.
        name: String,
    },
    /// A person allowed contact.
    GrantPermission {
        /// Who.
        person: String,
        /// What.
        permission: ContactPermission,
    },
    /// A person withdrew it.
    RevokePermission {
        /// Who.
        person: String,
    },
    /// Somebody joins the team.
    JoinTeam {
        /// Who.
        account: AccountId,
        /// As what.
        role: String,
    },
    /// Somebody leaves it.
    LeaveTeam {
        /// Who.
        account: AccountId,
    },
    /// Something is done to a running deadline.
    Deadline {
        /// Which.
        deadline: EffectId,
        /// What.
        act: DeadlineAct,
    },
    /// The calendar is another one now: every date that it moves is moved, and hearings on closed days are pointed out.
    FollowCalendar,
    /// The case moves to another version of its pack. Decided by [`crate::migrate`], which also knows the version it
    /// comes from.
    Migrate {
        /// The content hash of the version it goes to.
        to: String,
        /// What becomes of running clocks where the version itself does not say.
        timers: Option<TimerPolicy>,
    },
    /// The machine found something that a person must look at.
    RaiseTask {
        /// Its kind, worded as `task-KEY`.
        key: String,
    },
    /// A task is done.
    FinishTask {
        /// Which.
        task: EffectId,
    },
}

/// What a person may do with a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum DocumentCommand {
    /// Add it. Its bytes travel beside the command.
    Add {
        /// As its file was called.
        name: String,
        /// Its kind: `application/pdf`.
        media_type: String,
        /// In bytes.
        size: u64,
        /// SHA-256 of the file, hexadecimal.
        sha256: String,
    },
    /// Take a copy of it away.
    Copy {
        /// Its number in the case.
        document: u32,
    },
    /// Remove its bytes for good.
    Remove {
        /// Its number in the case.
        document: u32,
        /// Why.
        reason: String,
    },
}

/// What a person may do to a running deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum DeadlineAct {
    /// Stop its clock.
    Stop {
        /// One of [`crate::STOP_CATEGORIES`].
        category: String,
        /// The reason in words.
        reason: String,
    },
    /// Let it run again with the time that was left.
    Resume,
    /// Set its date in place of the one that was reckoned.
    Override {
        /// The last day.
        day: NaiveDate,
        /// The local time on it; none: the whole day.
        time: Option<NaiveTime>,
        /// The reason in words.
        reason: String,
    },
    /// End it: it was met.
    Met {
        /// How one can see that: a diary number, a receipt.
        proof: String,
    },
    /// End it: it was not met, and need not be.
    Excuse {
        /// The reason in words.
        reason: String,
    },
}

impl DeadlineAct {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Stop { .. } => "stop",
            Self::Resume => "resume",
            Self::Override { .. } => "override",
            Self::Met { .. } => "met",
            Self::Excuse { .. } => "excuse",
        }
    }
}

/// Why a deadline cannot be changed so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DeadlineProblem {
    /// It has ended.
    #[error("it does not run any more")]
    Over,
    /// It was missed.
    #[error("it was missed already: record that it was met late, or excuse it")]
    Missed,
    /// It stands still.
    #[error("its clock stands still already; let it run again first")]
    Stopped,
    /// It does not stand still.
    #[error("its clock is not stopped")]
    Running,
    /// It is a fixed moment, or a date set by a person.
    #[error("its date was not counted from anything, so no clock runs; set another date instead")]
    NoClock,
    /// A limitation runs on.
    #[error("it is a limitation: only the stay of a court stops it, whatever the parties agree")]
    Limitation,
    /// The category is not one of those known.
    #[error(
        "the category must be court_stay, adjourned_by_consent, record_requisitioned, family_request or other"
    )]
    Category,
    /// Nothing is said.
    #[error("a reason in words is needed: whoever reads the case later must understand it")]
    NoReason,
    /// The clock cannot run again before it stopped.
    #[error("it cannot run again before it was stopped; correct the date")]
    Backwards,
}

/// Everything a decision may depend on besides the case and the command.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The pack the case is pinned to.
    pub pack: &'a Pack,
    /// The days on which courts sit.
    pub calendar: &'a Calendar,
    /// The instant of recording.
    pub now: DateTime<Utc>,
    /// When it happened; facts are often known late.
    pub occurred_at: DateTime<Utc>,
    /// Who asks.
    pub actor: &'a Actor,
    /// Their role.
    pub role: Option<&'a str>,
    /// The version the asker saw; none for the machine.
    pub expected_version: Option<i64>,
}

/// One thing wrong with a filled-in form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// The field.
    pub field: String,
    /// The key of what is wrong, worded as `error-KEY`: `required`, `not_a_date`, `not_future` …
    pub problem: String,
}

/// Why a command changed nothing.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Rejection {
    /// Somebody else was faster.
    #[error(
        "the case has moved on: you saw version {seen}, it is now {now}; look at what changed and try again"
    )]
    Conflict {
        /// What the asker saw.
        seen: i64,
        /// What it is.
        now: i64,
    },
    /// No such chart is running.
    #[error("the case has no `{0}`")]
    NoInstance(InstanceId),
    /// The instance has ended.
    #[error("`{0}` has ended; nothing more can be recorded in it")]
    Ended(InstanceId),
    /// No transition takes it now.
    #[error("`{event}` cannot be recorded now in `{instance}`; possible: {}", .possible.join(", "))]
    NotNow {
        /// The event.
        event: String,
        /// Where.
        instance: InstanceId,
        /// What could.
        possible: Vec<String>,
    },
    /// The asker's role may not.
    #[error("the role `{role}` may not record `{event}`")]
    NotYours {
        /// The event.
        event: String,
        /// The role.
        role: String,
    },
    /// The condition says no.
    #[error("`{event}` is not possible: the condition `{condition}` does not hold")]
    Guarded {
        /// The event.
        event: String,
        /// The condition.
        condition: String,
    },
    /// The form has faults.
    #[error("{}", form_faults(.0))]
    Form(Vec<FieldError>),
    /// It happened later than now.
    #[error("it cannot have happened in the future ({occurred_at}); correct the date")]
    Future {
        /// The moment given.
        occurred_at: DateTime<Utc>,
    },
    /// The timer is gone: fired, or cancelled.
    #[error("the timer is no longer armed")]
    TimerGone,
    /// The timer is not due yet: a clock went back.
    #[error("the timer is not due before {due_at}; the clock seems to have gone back")]
    TimerEarly {
        /// When it is due.
        due_at: DateTime<Utc>,
    },
    /// No such person, task …
    #[error("the case has no {what} `{name}`")]
    Unknown {
        /// `person`, `task`.
        what: &'static str,
        /// The name given.
        name: String,
    },
    /// The case has this very file already.
    #[error("the case has this file already, as document {document}")]
    Known {
        /// Its number in the case.
        document: u32,
    },
    /// The violation has not come so far.
    #[error("violation {violation} is {}; it must be {} first", .is.as_str(), .needs.as_str())]
    TooSoon {
        /// Its number in the case.
        violation: u32,
        /// How far it is.
        is: Status,
        /// How far it must be.
        needs: Status,
    },
    /// The case exists already.
    #[error("the case is already open")]
    AlreadyOpen,
    /// The deadline does not allow it.
    #[error("`{deadline}` cannot be changed so: {problem}")]
    Deadline {
        /// Its rule.
        deadline: String,
        /// Why.
        problem: DeadlineProblem,
    },
    /// It is on that version.
    #[error("the case is on this version of its pack already")]
    SameVersion,
    /// The new version is no way on for it.
    #[error("case {case} cannot go to version {to}: {why}")]
    NoWay {
        /// The case's reference.
        case: String,
        /// The author's number of the new version.
        to: u32,
        /// Why, and what to do.
        why: String,
    },
    /// The new version does not say where something of the case goes.
    #[error("case {case} cannot go to version {to}: {}; say in the new version's migration.yaml where it goes", .places.join("; "))]
    Unmapped {
        /// The case's reference.
        case: String,
        /// The author's number of the new version.
        to: u32,
        /// Each place, in words.
        places: Vec<String>,
    },
    /// The pack asks for something that cannot be done.
    #[error(
        "the pack `{pack}` cannot do this: {problem}; correct the pack and move the case to the new version"
    )]
    Pack {
        /// The pack.
        pack: String,
        /// What went wrong.
        problem: String,
    },
}

impl Rejection {
    /// A form with one fault.
    pub fn of_field(field: &str, problem: &str) -> Self {
        Self::Form(vec![FieldError {
            field: field.to_owned(),
            problem: problem.to_owned(),
        }])
    }
}

fn form_faults(faults: &[FieldError]) -> String {
    let list: Vec<String> = faults
        .iter()
        .map(|f| format!("{}: {}", f.field, f.problem))
        .collect();
    format!("the form has faults: {}", list.join("; "))
}

/// What can go wrong inside a decision, before it is known whose fault it is.
#[derive(Debug, Clone, PartialEq, Error)]
pub(crate) enum Fault {
    #[error("{0}")]
    Expression(#[from] crate::expression::ExpressionError),
    #[error("{0}")]
    Calendar(#[from] CalendarError),
    #[error("{0}")]
    Replay(#[from] ReplayError),
    #[error("the field `{0}` should hold a date and time but does not")]
    NoMoment(String),
    #[error("{0}")]
    Unknown(String),
}
