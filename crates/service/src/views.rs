//! What edges may read: plain, serialisable pictures of cases, days, boards and the outbox.
//! Everything a person reads is a key for the locales, a moment or the person's own words; no HTML, no language.

use chrono::{DateTime, NaiveDate, Utc};
use peshi_casework::pack::Form;
use serde::Serialize;
use serde_json::Value;

use crate::why::WhyLine;

/// One line of a list of cases.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseSummary {
    /// The neutral reference; also its address: `/cases/REFERENCE`.
    pub reference: String,
    /// The pack: the namespace of its locale keys.
    pub pack: String,
    /// Who must act: `us`, `police` …; locale key `waiting-WORD`.
    pub waiting_on: Option<String>,
    /// Since when.
    pub waiting_since: Option<DateTime<Utc>>,
    /// The next sitting of a court.
    pub next_court_at: Option<DateTime<Utc>>,
    /// The next deadline of any kind.
    pub next_deadline_at: Option<DateTime<Utc>>,
    /// A deadline was missed and still matters, since.
    pub overdue_since: Option<DateTime<Utc>>,
    /// An open proceeding has no next date, since.
    pub blind_since: Option<DateTime<Utc>>,
    /// It counts as stalled, since; none while it does not.
    pub stalled_since: Option<DateTime<Utc>>,
    /// It is closed.
    pub closed: bool,
    /// When something last happened.
    pub last_event_at: DateTime<Utc>,
    /// Names of the team.
    pub team: Vec<String>,
}

/// One case, whole.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseView {
    /// The line of the lists.
    pub summary: CaseSummary,
    /// The version to send back with a change.
    pub version: i64,
    /// The pack's version.
    pub pack_version: u32,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// The zone of its local dates.
    pub zone: String,
    /// The root chart's regions, in document order.
    pub regions: Vec<RegionView>,
    /// Child charts: proceedings with their hearings below them.
    pub children: Vec<ChildView>,
    /// Hearings and deadlines that still matter, soonest first.
    pub dates: Vec<DateView>,
    /// Rules that do not run although a state asks for them.
    pub idle: Vec<IdleView>,
    /// Tasks not done.
    pub tasks: Vec<TaskView>,
    /// What the pack computes from its data.
    pub panels: Vec<PanelView>,
    /// Codes this kind of case knows, for noting a violation by hand.
    pub violation_codes: Vec<String>,
    /// Violations noted.
    pub violations: Vec<ViolationView>,
    /// Its documents, in the order of their numbers.
    pub documents: Vec<DocumentView>,
    /// People of the case.
    pub people: Vec<PersonView>,
    /// Staff who work on it.
    pub team: Vec<TeamView>,
    /// What this reader may record now.
    pub actions: Vec<ActionView>,
    /// Facts recorded by forms in the root: field key and value.
    pub facts: Vec<FactView>,
    /// The chain's head: the hash of the last entry.
    pub head: String,
}

/// One region of the root chart.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RegionView {
    /// Locale key of its name.
    pub key: String,
    /// Its active leaf states.
    pub states: Vec<StateView>,
}

/// An active state.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StateView {
    /// Locale key.
    pub key: String,
    /// Since when.
    pub since: Option<DateTime<Utc>>,
    /// Who must act.
    pub waiting_on: Option<String>,
}

/// A child instance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChildView {
    /// `proceeding-1`.
    pub instance: String,
    /// The instance it belongs to; `case` for the root.
    pub parent: String,
    /// Locale key of its chart's name.
    pub key: String,
    /// Its active leaf states.
    pub states: Vec<StateView>,
    /// It has not ended.
    pub open: bool,
    /// Its kept fields.
    pub facts: Vec<FactView>,
}

/// A kept field.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FactView {
    /// Locale key of the field's name.
    pub key: String,
    /// The value as kept, but an identity number only by its last digits; a moment is local text `YYYY-MM-DDTHH:MM`.
    pub value: Value,
    /// For a choice: the locale key of its value.
    pub choice_key: Option<String>,
    /// For several choices: the locale keys of its values.
    pub choice_keys: Vec<String>,
    /// The field's type: `text`, `datetime`, `choice` …
    pub kind: String,
    /// `open`, `personal` or `narrative`.
    pub sensitivity: String,
}

/// A hearing or a deadline.
#[expect(
    clippy::struct_excessive_bools,
    reason = "a page asks each of them for itself"
)]
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DateView {
    /// The case; the lists of a day span cases.
    pub reference: String,
    /// The pack.
    pub pack: String,
    /// Locale key of the rule's name.
    pub key: String,
    /// `hearing` or `deadline`.
    pub kind: String,
    /// The instance it belongs to.
    pub instance: String,
    /// The moment after which it is missed.
    pub due_at: DateTime<Utc>,
    /// The moment to tell people: noon of the last day where the whole day counts, else the moment itself.
    pub shown_at: DateTime<Utc>,
    /// Only the day counts, not the hour.
    pub whole_day: bool,
    /// The legal last day.
    pub last_day: Option<NaiveDate>,
    /// The earlier, internal last day of a limitation.
    pub internal_last_day: Option<NaiveDate>,
    /// It was missed.
    pub missed: bool,
    /// `statutory`, `limitation`, `policy`, `internal`.
    pub legal_kind: String,
    /// The rule's code.
    pub code: Option<String>,
    /// The legal basis in words.
    pub basis: Option<String>,
    /// Where it was seen.
    pub source: Option<String>,
    /// How sure: `high`, `medium` …
    pub confidence: Option<String>,
    /// Who signed it off; none: nobody yet.
    pub signed_off: Option<String>,
    /// Whose duty.
    pub who: String,
    /// Its id within the case.
    pub id: String,
    /// Whether the law behind it is in force: `in_force`, `not_in_force`, `may_have_lapsed`.
    pub standing: String,
    /// The category of the reason why its clock stands still; none: it runs.
    pub stopped: Option<String>,
    /// The day as it was reckoned, where a person set another.
    pub reckoned_day: Option<NaiveDate>,
    /// It is counted from something, so that its clock can be stopped.
    pub counted: bool,
    /// It has ended.
    pub ended: bool,
    /// Why the date is what it is; empty in the lists of a day.
    pub why: Vec<WhyLine>,
}

/// A rule that a state of the case asks for and that does not run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IdleView {
    /// Locale key of the rule's name.
    pub key: String,
    /// The instance.
    pub instance: String,
    /// Why: `not_in_force`, `elsewhere`, `no_moment`.
    pub why: String,
}

/// A task.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskView {
    /// Its id.
    pub id: String,
    /// The case.
    pub reference: String,
    /// The pack.
    pub pack: String,
    /// Locale key.
    pub key: String,
    /// When it was raised.
    pub raised_at: DateTime<Utc>,
    /// The instance it is about.
    pub instance: Option<String>,
}

/// A page of the register of violations across cases.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RegisterView {
    /// The latest first.
    pub lines: Vec<RegisterLine>,
    /// The page, from 1.
    pub page: u64,
    /// There are older ones.
    pub more: bool,
}

/// One violation in the register across cases.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RegisterLine {
    /// The case.
    pub reference: String,
    /// The namespace of its words.
    pub pack: String,
    /// Its number in the case, from 1.
    pub number: i32,
    /// The code.
    pub code: String,
    /// Locale key.
    pub key: String,
    /// `noted`, `documented`, `verified`, `used`.
    pub status: String,
    /// It may be published.
    pub publishable: bool,
    /// When the event happened that noted it.
    pub noted_for: DateTime<Utc>,
}

/// Something the pack computes from the case's data.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PanelView {
    /// Locale key of its heading: `panel-NAME`.
    pub key: String,
    /// Its rows in order.
    pub rows: Vec<PanelRow>,
}

/// A row of a panel.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PanelRow {
    /// Locale key: `panel-NAME-ROW`.
    pub key: String,
    /// What was computed; none where the case does not say enough.
    pub value: Option<Value>,
    /// For a text that the pack words: `panel-NAME-ROW-TEXT`.
    pub value_key: Option<String>,
}

/// A violation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ViolationView {
    /// Its number in the case, from 1.
    pub number: usize,
    /// `noted`, `documented`, `verified`, `used`: locale key `register-status-WORD`.
    pub status: String,
    /// What is known of it: locale keys `detail-NAME`.
    pub details: Vec<FactView>,
    /// The complaints that rest on it.
    pub used: Vec<String>,
    /// It may be published.
    pub publishable: bool,
    /// The instance it concerns.
    pub concerns: Option<String>,
    /// The code.
    pub code: String,
    /// Locale key.
    pub key: String,
    /// When.
    pub occurred_at: DateTime<Utc>,
}

/// A document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DocumentView {
    /// Its number in the case, from 1.
    pub number: u32,
    /// As its file was called.
    pub name: String,
    /// Its kind: `application/pdf`.
    pub media_type: String,
    /// In bytes.
    pub size: u64,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// When it was added.
    pub added_at: DateTime<Utc>,
    /// By whom: a name, or the locale key of what is no person.
    pub added_by: String,
    /// How many copies people have taken.
    pub copies: u32,
    /// Why it was removed, if it was.
    pub removed: Option<String>,
}

/// A person of the case.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PersonView {
    /// `person-1`.
    pub id: String,
    /// Locale key of the role: `person-ROLE`.
    pub role_key: String,
    /// The name.
    pub name: String,
    /// Channels that may be used now, masked: `sms …001`.
    pub contact: Vec<String>,
}

/// A member of the team.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TeamView {
    /// The account.
    pub account: String,
    /// The name.
    pub name: String,
    /// Locale key of the role: `role-ROLE`.
    pub role_key: String,
}

/// An event this reader may record now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ActionView {
    /// The instance.
    pub instance: String,
    /// Locale key of its chart.
    pub chart_key: String,
    /// Locale key of the region of the case it belongs to, or of the child's chart.
    pub region_key: String,
    /// The event.
    pub event: String,
    /// Locale key of its name.
    pub key: String,
    /// The form to fill in.
    pub form: Option<Form>,
}

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JournalView {
    /// Its number.
    pub seq: i64,
    /// When Peshi learned it.
    pub recorded_at: DateTime<Utc>,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// The name of who did it, or the locale key `actor-machine` / `actor-importer`.
    pub actor: String,
    /// The instance.
    pub instance: Option<String>,
    /// Locale key `fact-KIND`.
    pub key: String,
    /// Locale key of what it names: the event, the deadline, the task, the violation; none if it names nothing.
    pub subject_key: Option<String>,
    /// States entered, as locale keys.
    pub entered: Vec<String>,
    /// The form as filled in.
    pub facts: Vec<FactView>,
    /// What was said of it beyond the form, or of a violation: locale keys `known-NAME`, `detail-NAME`.
    pub said: Vec<FactView>,
    /// A moment it sets: a due date.
    pub moment: Option<DateTime<Utc>>,
    /// A reason, as a locale key.
    pub reason_key: Option<String>,
    /// The words of another version of the pack, for an entry that was written under it; none for the case's own.
    pub words: Option<String>,
    /// The entry's hash.
    pub hash: String,
}

/// One person's day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DayView {
    /// The local date.
    pub date: NaiveDate,
    /// Hearings today.
    pub hearings_today: Vec<DateView>,
    /// Hearings in the next seven days.
    pub hearings_soon: Vec<DateView>,
    /// Deadlines in the next seven days.
    pub deadlines_soon: Vec<DateView>,
    /// Deadlines missed and still open.
    pub overdue: Vec<DateView>,
    /// Tasks not done.
    pub tasks: Vec<TaskView>,
}

/// The coordinator's board.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BoardView {
    /// Stalled cases, the longest first.
    pub stalled: Vec<CaseSummary>,
    /// Cases with an open proceeding and no next date.
    pub blind: Vec<CaseSummary>,
    /// Cases with a missed deadline.
    pub overdue: Vec<CaseSummary>,
    /// How many stalled cases wait on whom: word and count, most first.
    pub by_owner: Vec<(String, usize)>,
    /// Open cases in all.
    pub open_cases: u64,
    /// There are more: nobody counts them all to show a page.
    pub open_more: bool,
}

/// One expected message and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutboxView {
    /// Its id, also its Message-ID.
    pub id: String,
    /// The case; none for digests.
    pub reference: Option<String>,
    /// Locale key `message-KIND`.
    pub key: String,
    /// The recipient's name (staff), the role key of a person of the case, or the key `nobody`.
    pub recipient: String,
    /// `waiting`, `running`, `done`, `failed`, `suppressed`, `cancelled`, `dead`: locale key `fate-WORD`.
    pub state: String,
    /// The reason: a locale key `reason-KEY`, or the transport's words.
    pub reason: Option<String>,
    /// When it was or will be due.
    pub due_at: DateTime<Utc>,
    /// When its fate was settled.
    pub settled_at: Option<DateTime<Utc>>,
    /// How often it was tried.
    pub attempt: i32,
    /// A worker was lost over it: whatever became of it afterwards, it may have left then.
    pub may_have_left: bool,
}

/// How the system is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HealthView {
    /// The scheduler ticked recently enough.
    pub scheduler_ok: bool,
    /// The last tick of any scheduler.
    pub last_tick_at: Option<DateTime<Utc>>,
    /// The oldest job that is due and not done.
    pub oldest_due_at: Option<DateTime<Utc>>,
    /// Jobs by kind and state, each counted no further than ten thousand.
    pub jobs: Vec<(String, String, u64)>,
    /// `sqlite` or `postgres`.
    pub database: String,
}

/// A member of staff, for the administrator.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AccountView {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The address signed in with.
    pub login: String,
    /// The role.
    pub role: String,
    /// May sign in.
    pub active: bool,
}
