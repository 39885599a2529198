//! Rows as the rest of Peshi sees them: plain data, no database type.
//!
//! It does not know what a sealed blob says. `Debug` shows a blob's length and never its bytes, a login index or a
//! password hash, so a row may be logged by mistake without telling anything.
//!
//! Moments are stored in whole microseconds on both databases; finer parts are cut off when a row is written.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use uuid::Uuid;

use crate::words::{AgendaState, DigestRate, JobKind, JobState};

/// Stands in for bytes or text that must not be printed.
struct Hidden(usize);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} bytes>", self.0)
    }
}

/// One case: its sealed state and what boards and lists need to find it.
#[derive(Clone, PartialEq, Eq)]
pub struct CaseRow {
    /// Identity of the case, never reused.
    pub id: Uuid,
    /// Neutral number people use; unique.
    pub reference: String,
    /// Name of the pack the case follows.
    pub pack_name: String,
    /// Version of that pack.
    pub pack_version: i32,
    /// Content hash of that pack.
    pub pack_hash: String,
    /// Sequence number of the last journal entry.
    pub version: i64,
    /// Hash of the last journal entry.
    pub head: Vec<u8>,
    /// When the case was opened.
    pub opened_at: DateTime<Utc>,
    /// Whether the case is closed.
    pub closed: bool,
    /// Who must act next.
    pub waiting_on: Option<String>,
    /// Since when they must.
    pub waiting_since: Option<DateTime<Utc>>,
    /// Moment from which the case counts as stalled.
    pub stalled_at: Option<DateTime<Utc>>,
    /// Next date in court.
    pub next_court_at: Option<DateTime<Utc>>,
    /// Next running deadline.
    pub next_deadline_at: Option<DateTime<Utc>>,
    /// Since when a deadline is overdue.
    pub overdue_since: Option<DateTime<Utc>>,
    /// Since when an open proceeding has no next date.
    pub blind_since: Option<DateTime<Utc>>,
    /// When the last event was recorded.
    pub last_event_at: DateTime<Utc>,
    /// Key of the public sentence a family may read.
    pub public_status: Option<String>,
    /// Sealed snapshot and data.
    pub state: Vec<u8>,
    /// Key of the imported row this case came from; unique within its pack.
    pub external_key: Option<String>,
}

impl fmt::Debug for CaseRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CaseRow")
            .field("id", &self.id)
            .field("reference", &self.reference)
            .field("pack", &format_args!("{} v{}", self.pack_name, self.pack_version))
            .field("version", &self.version)
            .field("closed", &self.closed)
            .field("waiting_on", &self.waiting_on)
            .field("stalled_at", &self.stalled_at)
            .field("next_court_at", &self.next_court_at)
            .field("next_deadline_at", &self.next_deadline_at)
            .field("overdue_since", &self.overdue_since)
            .field("blind_since", &self.blind_since)
            .field("last_event_at", &self.last_event_at)
            .field("state", &Hidden(self.state.len()))
            .finish_non_exhaustive()
    }
}

/// One entry of a case's journal.
#[derive(Clone, PartialEq, Eq)]
pub struct JournalRow {
    /// The case.
    pub case_id: Uuid,
    /// Place in the case's journal, from 1.
    pub seq: i64,
    /// When it was written down.
    pub recorded_at: DateTime<Utc>,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// Who recorded it.
    pub actor: String,
    /// Which child chart it is about, if not the case itself.
    pub instance: Option<String>,
    /// What kind of entry it is.
    pub kind: String,
    /// Sealed content.
    pub payload: Vec<u8>,
    /// Hash of the entry before.
    pub prev_hash: Vec<u8>,
    /// Hash of this entry.
    pub hash: Vec<u8>,
}

impl fmt::Debug for JournalRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JournalRow")
            .field("case_id", &self.case_id)
            .field("seq", &self.seq)
            .field("recorded_at", &self.recorded_at)
            .field("occurred_at", &self.occurred_at)
            .field("actor", &self.actor)
            .field("instance", &self.instance)
            .field("kind", &self.kind)
            .field("payload", &Hidden(self.payload.len()))
            .finish_non_exhaustive()
    }
}

/// A member of a case's team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamRow {
    /// The case.
    pub case_id: Uuid,
    /// The member.
    pub account_id: Uuid,
    /// Their role in this case.
    pub role: String,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// A deadline, hearing or task of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgendaRow {
    /// The case.
    pub case_id: Uuid,
    /// Identity of the item within its case.
    pub item: String,
    /// `deadline`, `hearing` or `task`.
    pub kind: String,
    /// Rule of the pack it comes from.
    pub rule: String,
    /// Which child chart it belongs to, if not the case itself.
    pub instance: Option<String>,
    /// When it is due.
    pub due_at: Option<DateTime<Utc>>,
    /// The legal last day, where it differs.
    pub last_day: Option<NaiveDate>,
    /// Where it stands.
    pub state: AgendaState,
    /// What kind of legal time limit it is.
    pub legal_kind: Option<String>,
    /// Who is to do it.
    pub account_id: Option<Uuid>,
}

/// A violation in the register across cases: what it is called and how far it has come, nothing of what was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViolationRow {
    /// The case.
    pub case_id: Uuid,
    /// Its number in the case, from 1.
    pub number: i32,
    /// Its code in the pack.
    pub code: String,
    /// How far it has come.
    pub status: String,
    /// It may be published.
    pub publishable: bool,
    /// When the event happened that noted it.
    pub noted_for: DateTime<Utc>,
}

/// A sealed piece of a document.
#[derive(Clone, PartialEq, Eq)]
pub struct DocumentPartRow {
    /// The case.
    pub case_id: Uuid,
    /// The document's number in the case, from 1.
    pub document: i32,
    /// The piece's number in the document, from 0.
    pub part: i32,
    /// The piece.
    pub sealed: Vec<u8>,
}

impl fmt::Debug for DocumentPartRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DocumentPartRow")
            .field("case_id", &self.case_id)
            .field("document", &self.document)
            .field("part", &self.part)
            .field("sealed", &Hidden(self.sealed.len()))
            .finish()
    }
}

/// A job: a timer, a message or an occurrence of a schedule, and what became of it.
#[derive(Clone, PartialEq)]
pub struct JobRow {
    /// Effect id; the same effect is never written twice.
    pub id: String,
    /// The case it serves.
    pub case_id: Option<Uuid>,
    /// What it is.
    pub kind: JobKind,
    /// When it may be claimed.
    pub due_at: DateTime<Utc>,
    /// Where it stands.
    pub state: JobState,
    /// How often it was claimed. Only ever grows, so it also tells a late worker that another one has taken over.
    pub attempt: i32,
    /// How many of those claims do not count as attempts, because the work was put off rather than tried.
    pub deferrals: i32,
    /// Until when the claim holds. Left standing when a job is rescued, as the mark of an unfinished claim.
    pub lease_until: Option<DateTime<Utc>>,
    /// Who claimed it.
    pub worker: Option<String>,
    /// Kind of message.
    pub message_kind: Option<String>,
    /// Recipient on the staff.
    pub account_id: Option<Uuid>,
    /// Recipient among the people of the case.
    pub person_id: Option<String>,
    /// What it is about, for instance an agenda item.
    pub about: Option<String>,
    /// What the handler needs.
    pub payload: Value,
    /// What the handler reported, or [`crate::WORKER_LOST`].
    pub result: Option<String>,
    /// Why it stands where it stands.
    pub reason: Option<String>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it reached its end.
    pub settled_at: Option<DateTime<Utc>>,
    /// After this moment doing it helps nobody.
    pub useful_until: Option<DateTime<Utc>>,
    /// Trace context of the request that caused it.
    pub trace: Option<String>,
}

impl JobRow {
    /// How often the work was really tried: claims without the put-off ones. Back-off and the limit of attempts go by this.
    pub const fn tries(&self) -> i32 {
        self.attempt.saturating_sub(self.deferrals)
    }
}

impl fmt::Debug for JobRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobRow")
            .field("id", &self.id)
            .field("case_id", &self.case_id)
            .field("kind", &self.kind)
            .field("due_at", &self.due_at)
            .field("state", &self.state)
            .field("attempt", &self.attempt)
            .field("deferrals", &self.deferrals)
            .field("lease_until", &self.lease_until)
            .field("worker", &self.worker)
            .field("message_kind", &self.message_kind)
            .field("account_id", &self.account_id)
            .field("reason", &self.reason)
            .field("settled_at", &self.settled_at)
            .finish_non_exhaustive()
    }
}

/// A job to be written. One with a known end is written as already settled.
#[derive(Clone, PartialEq)]
pub struct NewJob {
    /// Effect id; a second job with the same id is ignored.
    pub id: String,
    /// The case it serves.
    pub case_id: Option<Uuid>,
    /// What it is.
    pub kind: JobKind,
    /// When it may be claimed.
    pub due_at: DateTime<Utc>,
    /// Kind of message.
    pub message_kind: Option<String>,
    /// Recipient on the staff.
    pub account_id: Option<Uuid>,
    /// Recipient among the people of the case.
    pub person_id: Option<String>,
    /// What it is about.
    pub about: Option<String>,
    /// What the handler needs.
    pub payload: Value,
    /// When it is written.
    pub created_at: DateTime<Utc>,
    /// After this moment doing it helps nobody.
    pub useful_until: Option<DateTime<Utc>>,
    /// Trace context of the request that caused it.
    pub trace: Option<String>,
    /// Its end and the reason, if known already: a reminder that was due before its hearing was entered is written as
    /// suppressed, so that it can be explained later.
    pub settled: Option<(JobState, String)>,
}

impl NewJob {
    /// A job with nothing but the necessary; set the rest by field.
    pub fn new(
        id: impl Into<String>,
        kind: JobKind,
        due_at: DateTime<Utc>,
        created_at: DateTime<Utc>,
    ) -> Self {
        Self {
            id: id.into(),
            case_id: None,
            kind,
            due_at,
            message_kind: None,
            account_id: None,
            person_id: None,
            about: None,
            payload: Value::Null,
            created_at,
            useful_until: None,
            trace: None,
            settled: None,
        }
    }
}

impl fmt::Debug for NewJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewJob")
            .field("id", &self.id)
            .field("case_id", &self.case_id)
            .field("kind", &self.kind)
            .field("due_at", &self.due_at)
            .field("message_kind", &self.message_kind)
            .field("account_id", &self.account_id)
            .field("settled", &self.settled)
            .finish_non_exhaustive()
    }
}

/// A day that staff have added to a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarDayRow {
    /// Its id.
    pub id: Uuid,
    /// The calendar's name.
    pub calendar: String,
    /// The local date.
    pub day: NaiveDate,
    /// What it is called.
    pub name: String,
    /// `confirmed`, `provisional`, or `open`: a day that was thought closed is not.
    pub status: String,
    /// For this province alone.
    pub province: Option<String>,
    /// For this city or district alone.
    pub city: Option<String>,
    /// For this kind of court alone.
    pub court: Option<String>,
    /// When it was added.
    pub added_at: DateTime<Utc>,
    /// When every date that it moves had moved; none: that is not finished.
    pub followed_at: Option<DateTime<Utc>>,
}

/// A pack as it was when first used.
#[derive(Clone, PartialEq)]
pub struct PackRow {
    /// Content hash.
    pub hash: String,
    /// Name of the pack.
    pub name: String,
    /// Its version.
    pub version: i32,
    /// Its files.
    pub content: Value,
    /// When it was first used.
    pub first_used_at: DateTime<Utc>,
}

impl fmt::Debug for PackRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PackRow")
            .field("hash", &self.hash)
            .field("name", &self.name)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// Someone who may log in.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// Identity of the account.
    pub id: Uuid,
    /// Blind index of the login name; unique.
    pub login_index: String,
    /// Sealed name and addresses.
    pub profile: Vec<u8>,
    /// Role in the organisation.
    pub role: String,
    /// Language of pages and messages.
    pub language: String,
    /// Password hash in PHC form.
    pub password_hash: String,
    /// Whether the account may log in and receive anything.
    pub active: bool,
    /// How often a digest is wanted.
    pub digest: DigestRate,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// Failed logins in a row.
    pub failed_logins: i32,
    /// Until when logins are refused.
    pub locked_until: Option<DateTime<Utc>>,
}

impl fmt::Debug for AccountRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountRow")
            .field("id", &self.id)
            .field("profile", &Hidden(self.profile.len()))
            .field("role", &self.role)
            .field("language", &self.language)
            .field("active", &self.active)
            .field("digest", &self.digest)
            .field("failed_logins", &self.failed_logins)
            .field("locked_until", &self.locked_until)
            .finish_non_exhaustive()
    }
}

/// A staff member's leave to be written to on one channel. A family's permissions live inside the sealed case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PermissionRow {
    /// Identity of the permission.
    pub id: Uuid,
    /// Whose.
    pub account_id: Uuid,
    /// Which channel.
    pub channel: String,
    /// In which language.
    pub language: String,
    /// How much a message may disclose, 0 to 3.
    pub level: i32,
    /// From when.
    pub granted_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Who recorded it.
    pub granted_by: String,
}

/// A login session.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Hash of the token; the token itself is nowhere stored.
    pub id: String,
    /// Whose session, once logged in.
    pub account_id: Option<Uuid>,
    /// What the web edge keeps in it.
    pub data: String,
    /// Until when it holds.
    pub expires_at: DateTime<Utc>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl fmt::Debug for SessionRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionRow")
            .field("account_id", &self.account_id)
            .field("data", &Hidden(self.data.len()))
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Something done that must be accounted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub resource: String,
    /// More, if it helps; nothing sealed.
    pub detail: Option<String>,
}

/// An audit entry with its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Number, growing with time; gaps mean nothing.
    pub id: i64,
    /// The entry.
    pub entry: AuditEntry,
}

/// A recurring schedule and how far its occurrences have been written as jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleRow {
    /// Its name.
    pub name: String,
    /// Its crontab line.
    pub line: String,
    /// Its time zone.
    pub zone: String,
    /// Every occurrence up to and including this moment is planned.
    pub planned_until: DateTime<Utc>,
}

/// A worker's last sign of life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeartbeatRow {
    /// Which worker.
    pub worker: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What it reported.
    pub detail: String,
}

impl HeartbeatRow {
    /// What a worker reports that did its round; anything else says why it did not.
    pub const TICK: &str = "tick";
}

/// How many jobs of one kind stand in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobCount {
    /// The kind.
    pub kind: JobKind,
    /// The state.
    pub state: JobState,
    /// How many; those beyond [`COUNTED`](crate::COUNTED) are not counted.
    pub count: u64,
}
