//! What each message is told: one plain struct a kind, and a sample of each.
//!
//! Holds no case type: the caller copies what the recipient may know. Instants are UTC; `zone` says where they are read.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

mod samples;

/// Whose duty a deadline is, and what a miss means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineKind {
    /// The law binds the state; a miss is to be documented and acted on.
    Statutory,
    /// The law binds us; a miss loses the remedy.
    Limitation,
    /// A policy or an office's own rule binds an authority.
    Policy,
    /// Our own service level; no law.
    Internal,
}

/// How sure the source of a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Checked against the text of the law or settled authority.
    High,
    /// Reported by good sources, to be checked.
    Medium,
    /// Sources differ or are weak.
    Low,
    /// Nobody has said.
    Unknown,
}

impl Confidence {
    /// The confidence a pack states in words; any other word, or none, is [`Confidence::Unknown`], which asks for an advocate.
    #[must_use]
    pub fn from_word(word: Option<&str>) -> Self {
        match word {
            Some("high") => Confidence::High,
            Some("medium") => Confidence::Medium,
            Some("low") => Confidence::Low,
            _ => Confidence::Unknown,
        }
    }
}

/// Who must act before a case moves on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitingOn {
    /// The organisation itself.
    Us,
    /// The family.
    Family,
    /// The police.
    Police,
    /// The prosecution.
    Prosecution,
    /// A court.
    Court,
    /// Anybody else.
    Other,
}

/// What a reminder is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matter {
    /// A hearing, at an instant.
    Hearing,
    /// A deadline, by the end of a day or at an instant.
    Deadline,
}

/// `reminder`: a hearing or deadline of a case is coming.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReminderContext {
    /// The case's neutral reference.
    pub reference: String,
    /// The hearing's or rule's title in the recipient's language.
    pub title: String,
    /// What is coming.
    pub matter: Matter,
    /// When.
    pub when: DateTime<Utc>,
    /// The zone `when` is read in.
    pub zone: Tz,
    /// Whether only the day counts, not the hour.
    pub all_day: bool,
    /// The day to finish by, earlier than the legal last day (limitation rules carry both).
    pub internal_due: Option<NaiveDate>,
    /// Where, for a hearing.
    pub place: Option<String>,
    /// The legal basis as the rule states it.
    pub basis: Option<String>,
    /// The kind of deadline.
    pub kind: Option<DeadlineKind>,
    /// How sure the rule is.
    pub confidence: Option<Confidence>,
    /// What must be said of the law itself: `not_in_force`, `may_have_lapsed`.
    pub caution: Option<String>,
    /// Address of the case page, by reference.
    pub url: Option<String>,
}

/// `outcome_question`: the evening of a hearing without a recorded outcome.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutcomeQuestionContext {
    /// The case's neutral reference.
    pub reference: String,
    /// The hearing's title in the recipient's language.
    pub title: String,
    /// When the hearing was.
    pub when: DateTime<Utc>,
    /// The zone `when` is read in.
    pub zone: Tz,
    /// Address of the form, by reference.
    pub url: Option<String>,
}

/// `missed`: a deadline passed unmet.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MissedContext {
    /// The case's neutral reference.
    pub reference: String,
    /// The rule's title in the recipient's language.
    pub title: String,
    /// When it was due.
    pub when: DateTime<Utc>,
    /// The zone `when` is read in.
    pub zone: Tz,
    /// Whether only the day counts, not the hour.
    pub all_day: bool,
    /// The legal basis as the rule states it.
    pub basis: Option<String>,
    /// The kind of deadline.
    pub kind: Option<DeadlineKind>,
    /// How sure the rule is.
    pub confidence: Option<Confidence>,
    /// What must be said of the law itself: `not_in_force`, `may_have_lapsed`.
    pub caution: Option<String>,
    /// What the rule says to do now, in the recipient's language.
    pub next_step: Option<String>,
    /// Address of the case page, by reference.
    pub url: Option<String>,
}

/// `task`: something to be done by a person was raised.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskContext {
    /// The case's neutral reference; a task of the office has none.
    pub reference: Option<String>,
    /// What to do, in the recipient's language.
    pub title: String,
    /// By when.
    pub due: Option<NaiveDate>,
    /// Why it was raised, in the recipient's language.
    pub reason: Option<String>,
    /// Address of the task, by reference.
    pub url: Option<String>,
}

/// A hearing in a digest.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HearingLine {
    /// The case's neutral reference.
    pub reference: String,
    /// The hearing's title in the recipient's language.
    pub title: String,
    /// When.
    pub when: DateTime<Utc>,
    /// Where.
    pub place: Option<String>,
    /// Address of the case page, by reference.
    pub url: Option<String>,
}

/// A deadline in a digest.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeadlineLine {
    /// The case's neutral reference.
    pub reference: String,
    /// The rule's title in the recipient's language.
    pub title: String,
    /// When it is due.
    pub when: DateTime<Utc>,
    /// The kind of deadline.
    pub kind: DeadlineKind,
    /// Address of the case page, by reference.
    pub url: Option<String>,
}

/// `morning_digest`: one person's day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MorningDigestContext {
    /// The day the digest is for.
    pub today: NaiveDate,
    /// The zone all instants are read in.
    pub zone: Tz,
    /// Hearings today.
    pub hearings_today: Vec<HearingLine>,
    /// Hearings in the seven days after today.
    pub hearings_week: Vec<HearingLine>,
    /// Deadlines today and in the seven days after.
    pub deadlines_week: Vec<DeadlineLine>,
    /// Deadlines that passed unmet.
    pub overdue: Vec<DeadlineLine>,
    /// Hearings without a recorded outcome.
    pub outcomes_owed: Vec<HearingLine>,
    /// Open tasks.
    pub tasks: Vec<TaskContext>,
    /// Address of the "today" page.
    pub url: Option<String>,
    /// Address that ends these digests with one click.
    pub unsubscribe_url: Option<String>,
}

/// A case that does not move, in the coordinator's digest.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StalledLine {
    /// The case's neutral reference.
    pub reference: String,
    /// The state it stands in, in the recipient's language.
    pub title: String,
    /// Whose delay it is.
    pub waiting_on: WaitingOn,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Address of the case page, by reference.
    pub url: Option<String>,
}

/// A case with no next date, no reservation and no task.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BlindLine {
    /// The case's neutral reference.
    pub reference: String,
    /// The proceeding's title in the recipient's language.
    pub title: String,
    /// The last date it had, if any.
    pub last: Option<NaiveDate>,
    /// Address of the case page, by reference.
    pub url: Option<String>,
}

/// The head of a case's journal: a paper copy proves later that nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JournalHead {
    /// The case's neutral reference.
    pub reference: String,
    /// Number of the last entry.
    pub seq: u64,
    /// Its hash, shortened or whole, in hexadecimal.
    pub hash: String,
}

/// `stalled_digest`: a coordinator's weekly review.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StalledDigestContext {
    /// The day the digest is for.
    pub today: NaiveDate,
    /// The instant durations are counted to.
    pub now: DateTime<Utc>,
    /// The zone all instants are read in.
    pub zone: Tz,
    /// Cases that do not move.
    pub stalled: Vec<StalledLine>,
    /// Cases nobody would be reminded of.
    pub blind: Vec<BlindLine>,
    /// Journal heads; may be empty.
    pub heads: Vec<JournalHead>,
    /// Address of the board.
    pub url: Option<String>,
    /// Address that ends these digests with one click.
    pub unsubscribe_url: Option<String>,
}

/// `scheduler_alarm`: the scheduler was silent and is back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlarmContext {
    /// Its last sign of life before.
    pub from: DateTime<Utc>,
    /// When it was back.
    pub until: DateTime<Utc>,
    /// The zone both are read in.
    pub zone: Tz,
    /// Address of the reader's day.
    pub url: Option<String>,
}

/// Every `family_…` kind: an instant and nothing else, so that nothing else can leak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FamilyContext {
    /// The meeting, or its new time. `family_postponed` without one says that the new date follows.
    pub when: Option<DateTime<Utc>>,
    /// The zone `when` is read in.
    pub zone: Tz,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unstated_confidence_is_never_high() {
        for (word, expected) in [
            (Some("high"), Confidence::High),
            (Some("medium"), Confidence::Medium),
            (Some("low"), Confidence::Low),
            (Some("High "), Confidence::Unknown),
            (None, Confidence::Unknown),
        ] {
            assert_eq!(Confidence::from_word(word), expected, "{word:?}");
        }
    }
}
