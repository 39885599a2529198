//! What a list query may ask for, and the bookmarks that carry it from page to page.
//!
//! It does not know who may see what: the access gate fills in `team_member`, and the store obeys.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::rows::{CaseRow, JobRow};
use crate::words::{AgendaState, JobKind, JobState};

/// How a list of cases is ordered. Cases without the moment in question come last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CaseOrder {
    /// By reference.
    #[default]
    Reference,
    /// The longest stalled first.
    StalledAt,
    /// The longest overdue first.
    OverdueSince,
    /// The longest without a next date first.
    BlindSince,
    /// The most recently changed first.
    LastEvent,
}

/// Which cases.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CaseFilter {
    /// Only cases this account is in the team of.
    pub team_member: Option<Uuid>,
    /// Only closed, or only open ones.
    pub closed: Option<bool>,
    /// Only those that count as stalled at this moment.
    pub stalled_at_or_before: Option<DateTime<Utc>>,
    /// Only those with an overdue deadline.
    pub overdue: bool,
    /// Only those with an open proceeding and no next date.
    pub blind: bool,
    /// Only those in which this party must act.
    pub waiting_on: Option<String>,
    /// Only those of this pack.
    pub pack: Option<String>,
    /// Only those that have, of each of these groups, at least one blind index of a name.
    pub names: Vec<Vec<String>>,
    /// Leave out those that were erased.
    pub readable: bool,
    /// In which order.
    pub order: CaseOrder,
}

/// Which part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// At most so many rows.
    pub limit: u64,
    /// Only rows after this bookmark, which must come from a list with the same order.
    pub after: Option<CaseCursor>,
    /// So many rows are passed over first. Passing over costs as much as reading: for few.
    pub skip: u64,
}

impl Page {
    /// The first page.
    pub const fn first(limit: u64) -> Self {
        Self {
            limit,
            after: None,
            skip: 0,
        }
    }
}

/// A bookmark in a list of cases: the row it was made from, by the list's order. Its text form fits a URL and names nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseCursor {
    /// After this reference.
    Reference(String),
    /// After the case with this moment and id.
    Moment {
        /// The moment the list is ordered by.
        at: Option<DateTime<Utc>>,
        /// Id of the case.
        id: Uuid,
    },
}

impl CaseCursor {
    /// The bookmark behind a row in a list of this order.
    pub fn after(row: &CaseRow, order: CaseOrder) -> Self {
        let at = match order {
            CaseOrder::Reference => return Self::Reference(row.reference.clone()),
            CaseOrder::StalledAt => row.stalled_at,
            CaseOrder::OverdueSince => row.overdue_since,
            CaseOrder::BlindSince => row.blind_since,
            CaseOrder::LastEvent => Some(row.last_event_at),
        };
        Self::Moment { at, id: row.id }
    }
}

impl fmt::Display for CaseCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reference(reference) => write!(f, "r.{reference}"),
            Self::Moment { at: Some(at), id } => write!(f, "t.{}.{}", at.timestamp_micros(), id.simple()),
            Self::Moment { at: None, id } => write!(f, "t..{}", id.simple()),
        }
    }
}

/// The text is not a bookmark of this list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the page bookmark cannot be read; start again from the first page")]
pub struct BadCursor;

impl FromStr for CaseCursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        match text.split_once('.') {
            Some(("r", reference)) => Ok(Self::Reference(reference.to_owned())),
            Some(("t", rest)) => {
                let (at, id) = rest.split_once('.').ok_or(BadCursor)?;
                let at = if at.is_empty() { None } else { Some(moment(at)?) };
                Ok(Self::Moment {
                    at,
                    id: id.parse().map_err(|_| BadCursor)?,
                })
            }
            _ => Err(BadCursor),
        }
    }
}

fn moment(micros: &str) -> Result<DateTime<Utc>, BadCursor> {
    let micros = micros.parse().map_err(|_| BadCursor)?;
    DateTime::from_timestamp_micros(micros).ok_or(BadCursor)
}

/// Which violations of the register across cases. The latest come first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ViolationFilter {
    /// Only those with this code.
    pub code: Option<String>,
    /// Only those that have come so far.
    pub status: Option<String>,
    /// So many are passed over.
    pub offset: u64,
    /// At most so many.
    pub limit: u64,
}

/// Which agenda items. The earliest due come first, those without a date last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgendaFilter {
    /// Only items of cases this account is in the team of.
    pub team_member: Option<Uuid>,
    /// Only items of these cases; `None` means all, an empty list none.
    pub cases: Option<Vec<Uuid>>,
    /// Only items in one of these states; empty means any.
    pub states: Vec<AgendaState>,
    /// Only items of one of these kinds; empty means any.
    pub kinds: Vec<String>,
    /// Only items due at or after this moment.
    pub due_from: Option<DateTime<Utc>>,
    /// Only items due before this moment.
    pub due_until: Option<DateTime<Utc>>,
    /// At most so many.
    pub limit: u64,
}

impl AgendaFilter {
    /// Everything, up to a limit.
    pub const fn all(limit: u64) -> Self {
        Self {
            team_member: None,
            cases: None,
            states: Vec::new(),
            kinds: Vec::new(),
            due_from: None,
            due_until: None,
            limit,
        }
    }
}

/// Which jobs. The newest come first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobFilter {
    /// Only jobs of this case.
    pub case_id: Option<Uuid>,
    /// Only jobs for this staff member.
    pub account_id: Option<Uuid>,
    /// Only jobs for this person of a case.
    pub person_id: Option<String>,
    /// Only jobs about this.
    pub about: Option<String>,
    /// Only jobs of one of these kinds; empty means any.
    pub kinds: Vec<JobKind>,
    /// Only jobs in one of these states; empty means any.
    pub states: Vec<JobState>,
    /// Only jobs with this kind of message.
    pub message_kind: Option<String>,
    /// Only jobs of cases this account is in the team of.
    pub team_member: Option<Uuid>,
    /// Only jobs written at or after this moment.
    pub created_from: Option<DateTime<Utc>>,
    /// Only jobs written before this moment.
    pub created_until: Option<DateTime<Utc>>,
    /// Only jobs due before this moment.
    pub due_until: Option<DateTime<Utc>>,
    /// The latest due first instead, for lists of one kind in one state. Bookmarks are of the other order.
    pub by_due: bool,
    /// At most so many.
    pub limit: u64,
    /// Only jobs after this bookmark.
    pub before: Option<JobCursor>,
}

impl JobFilter {
    /// Everything, up to a limit.
    pub const fn all(limit: u64) -> Self {
        Self {
            case_id: None,
            account_id: None,
            person_id: None,
            about: None,
            kinds: Vec::new(),
            states: Vec::new(),
            message_kind: None,
            team_member: None,
            created_from: None,
            created_until: None,
            due_until: None,
            by_due: false,
            limit,
            before: None,
        }
    }
}

/// A bookmark in a list of jobs: the last row seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobCursor {
    /// When that job was written.
    pub created_at: DateTime<Utc>,
    /// Its id.
    pub id: String,
}

impl JobCursor {
    /// The bookmark behind a row.
    pub fn after(row: &JobRow) -> Self {
        Self {
            created_at: row.created_at,
            id: row.id.clone(),
        }
    }
}

impl fmt::Display for JobCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.created_at.timestamp_micros(), self.id)
    }
}

impl FromStr for JobCursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let (created_at, id) = text.split_once('.').ok_or(BadCursor)?;
        Ok(Self {
            created_at: moment(created_at)?,
            id: id.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bookmarks_read_back() {
        let at = DateTime::from_timestamp_micros(1_750_000_000_123_456).unwrap();
        for cursor in [
            CaseCursor::Reference("2026-0007".to_owned()),
            CaseCursor::Moment {
                at: Some(at),
                id: Uuid::from_u128(7),
            },
            CaseCursor::Moment {
                at: None,
                id: Uuid::from_u128(7),
            },
        ] {
            assert_eq!(cursor.to_string().parse::<CaseCursor>().unwrap(), cursor);
        }
        let cursor = JobCursor {
            created_at: at,
            id: "00000000-0000-7000-8000-000000000007:3:1".to_owned(),
        };
        assert_eq!(cursor.to_string().parse::<JobCursor>().unwrap(), cursor);
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "x.1",
            "t.",
            "t.abc.1",
            "t.9999999999999999999.00000000000000000000000000000001",
            "t.1.zz",
        ] {
            assert_eq!(text.parse::<CaseCursor>(), Err(BadCursor), "{text}");
        }
        assert_eq!("17".parse::<JobCursor>(), Err(BadCursor));
    }
}
