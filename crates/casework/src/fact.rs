//! The journal: what happened, as entries that are appended and never changed.
//! Knows the words of history; how they change a case is in `case`.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use peshi_calendar::Computed;
use peshi_statechart::Snapshot;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::approximate::{self, ApproximateDate};
use crate::command::FieldError;
use crate::form::MAX_TEXT;
use crate::ids::{AccountId, CaseId, EffectId, InstanceId};
use crate::permission::{ContactPermission, Refusal};
use crate::violation::Details;

/// Fields as filled in, by name.
pub type Fields = Map<String, Value>;

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A member of staff.
    Account(AccountId),
    /// The machine itself: a timer.
    Machine,
    /// An event log being replayed.
    Importer,
}

impl Purpose {
    /// The deadline it is about.
    pub fn deadline(&self) -> Option<&EffectId> {
        match self {
            Self::Due { deadline } | Self::Rung { deadline, .. } => Some(deadline),
            Self::Event { .. } => None,
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => write!(f, "account:{id}"),
            Self::Machine => f.write_str("machine"),
            Self::Importer => f.write_str("importer"),
        }
    }
}

/// Which pack a case is pinned to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackRef {
    /// The pack's name.
    pub name: String,
    /// The author's count.
    pub version: u32,
    /// SHA-256 of its files, hexadecimal.
    pub hash: String,
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its place in the case's history, from 1.
    pub seq: i64,
    /// When Peshi learned it.
    pub recorded_at: DateTime<Utc>,
    /// When it happened, as far as is known.
    pub occurred_at: DateTime<Utc>,
    /// Who did it.
    pub actor: Actor,
    /// Which instance it concerns.
    pub instance: Option<InstanceId>,
    /// What happened.
    pub fact: Fact,
}

/// What a timer does when it is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Purpose {
    /// Sends an event to its instance.
    Event {
        /// The event's name.
        event: String,
        /// The sender's own name for it, for cancelling.
        key: String,
    },
    /// A deadline's last moment.
    Due {
        /// The deadline.
        deadline: EffectId,
    },
    /// One rung of a deadline's ladder.
    Rung {
        /// The deadline.
        deadline: EffectId,
        /// The rung as written in the rule.
        rung: String,
        /// The role of people it speaks to; none speaks to the team.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    },
}

/// Whom a message is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// A member of staff.
    Account(AccountId),
    /// A person of the case.
    Person(String),
    /// Somebody was expected and there is nobody: the row still says so.
    Nobody(String),
}

/// A message that is expected to go out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageOrder {
    /// The message kind: the template's name.
    pub kind: String,
    /// Whom it is for.
    pub to: Recipient,
    /// The deadline it announces.
    #[serde(default)]
    pub deadline: Option<EffectId>,
    /// The task it speaks of.
    #[serde(default)]
    pub task: Option<EffectId>,
    /// The moment it speaks of.
    #[serde(default)]
    pub moment: Option<DateTime<Utc>>,
    /// After this it is of no use.
    #[serde(default)]
    pub useful_until: Option<DateTime<Utc>>,
}

/// Where an instance stands after a move to another version of its pack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Placed {
    /// The chart it runs.
    pub chart: String,
    /// Its configuration; none before its first step.
    pub snapshot: Option<Snapshot>,
    /// Since when each active state counts as entered.
    pub since: BTreeMap<String, DateTime<Utc>>,
    /// The leaf states it stood in before.
    pub left: Vec<String>,
}

/// What is said of an event beyond its form: how far its moment is sure, and how it became known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Knowledge {
    /// When it happened, where that is known only roughly: the kept form of an approximate date. The entry's own moment is
    /// then the earliest possible, so that no date that counts from it comes too late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub happened: Option<String>,
    /// Since when the organisation knows it, exactly or roughly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Who told it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl Knowledge {
    /// The kept form of what somebody typed.
    ///
    /// # Errors
    /// Every fault at once, under the names `happened`, `known_since` and `source`.
    pub fn read(&self) -> Result<Self, Vec<FieldError>> {
        let mut faults = Vec::new();
        let mut fault = |field: &str, problem: &str| {
            faults.push(FieldError {
                field: field.to_owned(),
                problem: problem.to_owned(),
            });
        };
        let told = |text: &Option<String>| {
            let text = text.as_deref().map(str::trim).filter(|text| !text.is_empty());
            text.map(str::to_owned)
        };
        let happened = told(&self.happened).and_then(|text| {
            let read = ApproximateDate::read(&text).map(|date| date.to_string());
            if read.is_none() {
                fault("happened", "not_an_approximate_date");
            }
            read
        });
        let since = told(&self.since).and_then(|text| {
            let read = approximate::moment(&text);
            if read.is_none() {
                fault("known_since", "not_an_approximate_date");
            }
            read
        });
        let source = told(&self.source);
        if source.as_ref().is_some_and(|s| s.chars().count() > MAX_TEXT) {
            fault("source", "too_long");
        }
        if faults.is_empty() {
            Ok(Self {
                happened,
                since,
                source,
            })
        } else {
            Err(faults)
        }
    }

    /// Nothing was said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// The case was opened.
    Opened {
        /// The case.
        case: CaseId,
        /// Its neutral reference.
        reference: String,
        /// The pack it is pinned to.
        pack: PackRef,
        /// The opening form.
        form: Fields,
    },
    /// The case was moved to another version of its pack. No state was left or entered by it: nothing else happened.
    Migrated {
        /// The version it was pinned to.
        from: PackRef,
        /// The version it is pinned to from now on.
        to: PackRef,
        /// Where each instance stands in the new version.
        instances: BTreeMap<InstanceId, Placed>,
    },
    /// Somebody recorded an event, or a timer brought one, and a transition accepted it.
    EventAccepted {
        /// Its name.
        event: String,
        /// The form, as filled in.
        form: Fields,
        /// What else was said of it.
        #[serde(default, skip_serializing_if = "Knowledge::is_empty")]
        known: Knowledge,
    },
    /// An instance's configuration changed.
    Moved {
        /// The configuration after it.
        snapshot: Snapshot,
        /// States entered, in order.
        entered: Vec<String>,
        /// States left, in order.
        exited: Vec<String>,
        /// The instance has ended.
        done: bool,
    },
    /// A child instance began.
    Spawned {
        /// The chart it runs.
        chart: String,
        /// The instance it belongs to.
        parent: InstanceId,
        /// Its first fields.
        data: Fields,
    },
    /// Fields of an instance were set.
    DataSet {
        /// The fields.
        values: Fields,
    },
    /// Something will happen at a moment.
    TimerArmed {
        /// Its id.
        timer: EffectId,
        /// What it does.
        purpose: Purpose,
        /// When.
        due_at: DateTime<Utc>,
    },
    /// It happened.
    TimerFired {
        /// The timer.
        timer: EffectId,
    },
    /// It will not happen.
    TimerCancelled {
        /// The timer.
        timer: EffectId,
        /// Why: `left_state`, `deadline_ended`, `cancelled`, `too_early`, `migrated`, `stopped`, `resumed`,
        /// `overridden`, `copy_time`, `calendar`.
        reason: String,
    },
    /// A deadline began to run.
    DeadlineStarted {
        /// Its id.
        deadline: EffectId,
        /// The rule's name.
        rule: String,
        /// How the date was reckoned.
        computed: Computed,
    },
    /// A running deadline has another date or another rule from now on.
    DeadlineMoved {
        /// The deadline.
        deadline: EffectId,
        /// The rule's name in the new version.
        rule: String,
        /// Its date from now on.
        computed: Computed,
        /// Why: `copy_time`, `calendar`, `resumed`; none for a move to another version of the pack.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        because: Option<String>,
    },
    /// Its clock stands still from then on.
    DeadlineStopped {
        /// The deadline.
        deadline: EffectId,
        /// The category of the reason.
        category: String,
        /// The reason in words.
        reason: String,
    },
    /// Its clock runs again.
    DeadlineResumed {
        /// The deadline.
        deadline: EffectId,
    },
    /// A person set its date; the one that was reckoned is kept beside it.
    DeadlineOverridden {
        /// The deadline.
        deadline: EffectId,
        /// Its date from now on.
        computed: Computed,
        /// Why.
        reason: String,
    },
    /// A person ended it: it was met, or it need not be.
    DeadlineSettled {
        /// The deadline.
        deadline: EffectId,
        /// It was not met, and need not be.
        excused: bool,
        /// The proof, or the reason.
        text: String,
    },
    /// Its last moment passed.
    DeadlineMissed {
        /// The deadline.
        deadline: EffectId,
    },
    /// It no longer runs: done in time, or late if it was missed before.
    DeadlineEnded {
        /// The deadline.
        deadline: EffectId,
    },
    /// A person must do something.
    TaskRaised {
        /// Its id.
        task: EffectId,
        /// The kind: worded as `task-KEY`.
        key: String,
        /// The deadline it is about.
        deadline: Option<EffectId>,
    },
    /// It was done.
    TaskDone {
        /// The task.
        task: EffectId,
    },
    /// A violation was noted; documenting and verifying it is people's work.
    ViolationNoted {
        /// The code (`P01`).
        code: String,
        /// The instance it concerns.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        concerns: Option<InstanceId>,
        /// What is known of it.
        #[serde(default, skip_serializing_if = "Details::is_empty")]
        details: Details,
    },
    /// It was told what happened and what proves it, for the first time or better than before.
    ViolationDocumented {
        /// Its number in the case.
        violation: u32,
        /// What is known from now on.
        details: Details,
    },
    /// Somebody looked at account and proof.
    ViolationVerified {
        /// Its number in the case.
        violation: u32,
    },
    /// A complaint rests on it.
    ViolationUsed {
        /// Its number in the case.
        violation: u32,
        /// Which complaint.
        complaint: String,
    },
    /// It may be published, or may not any more.
    ViolationPublishable {
        /// Its number in the case.
        violation: u32,
        /// It may.
        publishable: bool,
        /// Why.
        reason: String,
    },
    /// A document was added; its bytes are kept beside the journal, sealed.
    DocumentAdded {
        /// As its file was called.
        name: String,
        /// Its kind: `application/pdf`.
        media_type: String,
        /// In bytes.
        size: u64,
        /// SHA-256 of the file, hexadecimal.
        sha256: String,
    },
    /// A person took a copy of it away.
    DocumentCopied {
        /// Its number in the case.
        document: u32,
    },
    /// Its bytes were removed for good.
    DocumentRemoved {
        /// Its number in the case.
        document: u32,
        /// Why.
        reason: String,
    },
    /// A message is expected.
    MessageExpected {
        /// Its id: the job's key and Message-ID.
        message: EffectId,
        /// What and for whom.
        order: MessageOrder,
        /// Why it will not be sent, where that is known at once.
        suppressed: Option<Refusal>,
    },
    /// Somebody joined the case's team.
    TeamJoined {
        /// Who.
        account: AccountId,
        /// As what.
        role: String,
    },
    /// Somebody left it.
    TeamLeft {
        /// Who.
        account: AccountId,
    },
    /// A person of the case was recorded.
    PersonAdded {
        /// The id within the case: `person-2`.
        person: String,
        /// `affected_person`, `family_contact`, `accused`, `witness` …
        role: String,
        /// The name, sealed with the rest of the entry.
        name: String,
    },
    /// A person allowed contact.
    PermissionGranted {
        /// Who.
        person: String,
        /// What was allowed.
        permission: ContactPermission,
    },
    /// A person withdrew it, for every channel.
    PermissionRevoked {
        /// Who.
        person: String,
    },
}

impl Fact {
    /// The word under which the journal stores it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Opened { .. } => "opened",
            Self::Migrated { .. } => "migrated",
            Self::EventAccepted { .. } => "event_accepted",
            Self::Moved { .. } => "moved",
            Self::Spawned { .. } => "spawned",
            Self::DataSet { .. } => "data_set",
            Self::TimerArmed { .. } => "timer_armed",
            Self::TimerFired { .. } => "timer_fired",
            Self::TimerCancelled { .. } => "timer_cancelled",
            Self::DeadlineStarted { .. } => "deadline_started",
            Self::DeadlineMoved { .. } => "deadline_moved",
            Self::DeadlineStopped { .. } => "deadline_stopped",
            Self::DeadlineResumed { .. } => "deadline_resumed",
            Self::DeadlineOverridden { .. } => "deadline_overridden",
            Self::DeadlineSettled { .. } => "deadline_settled",
            Self::DeadlineMissed { .. } => "deadline_missed",
            Self::DeadlineEnded { .. } => "deadline_ended",
            Self::TaskRaised { .. } => "task_raised",
            Self::TaskDone { .. } => "task_done",
            Self::ViolationNoted { .. } => "violation_noted",
            Self::ViolationDocumented { .. } => "violation_documented",
            Self::ViolationVerified { .. } => "violation_verified",
            Self::ViolationUsed { .. } => "violation_used",
            Self::ViolationPublishable { .. } => "violation_publishable",
            Self::DocumentAdded { .. } => "document_added",
            Self::DocumentCopied { .. } => "document_copied",
            Self::DocumentRemoved { .. } => "document_removed",
            Self::MessageExpected { .. } => "message_expected",
            Self::TeamJoined { .. } => "team_joined",
            Self::TeamLeft { .. } => "team_left",
            Self::PersonAdded { .. } => "person_added",
            Self::PermissionGranted { .. } => "permission_granted",
            Self::PermissionRevoked { .. } => "permission_revoked",
        }
    }
}
