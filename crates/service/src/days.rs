//! Days that administrators add to court calendars: what they would move, and the moving itself, case by case through the
//! one write path.
//!
//! A day is kept before anything moves, with the mark that its dates have not followed yet. Whoever finds such a mark goes
//! on: a case that has followed already does not change again.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use peshi_calendar::{Calendar, ClosedDay, DayStatus, Only, Period};
use peshi_casework::{Actor, Case, Command, Context, Fact, calendar_for, decide};
use peshi_store::{AuditEntry, CalendarDayRow, DatesFrom, WriteTx};
use serde::Serialize;
use uuid::Uuid;

use crate::Service;
use crate::access::{Action, Viewer, require};
use crate::core::Core;
use crate::erasure::is_erased;
use crate::error::ServiceError;
use crate::library::{AddedDay, AddedDays};
use crate::writing::Submission;

/// Cases looked at or moved in one go.
const BATCH: u64 = 100;
/// Most dates that a preview names.
const MOST_NAMED: usize = 500;
/// A date that counts no working days rests on closed days this near before it at most: the internal margin and the
/// longest run of feast days.
const REACH: u64 = 28;
/// Another process may still be at it so soon after a day was added.
const PATIENCE: TimeDelta = TimeDelta::minutes(5);

/// What an added day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DayStatusWord {
    /// Closed, and announced.
    Confirmed,
    /// Closed, as far as one can tell.
    Provisional,
    /// Open, though it was thought closed.
    Open,
}

impl DayStatusWord {
    /// The word stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Provisional => "provisional",
            Self::Open => "open",
        }
    }

    /// The one that a word names.
    pub fn named(word: &str) -> Option<Self> {
        [Self::Confirmed, Self::Provisional, Self::Open]
            .into_iter()
            .find(|known| known.as_str() == word)
    }
}

/// A day to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDay {
    /// The calendar's name; those that extend it have the day too.
    pub calendar: String,
    /// The local date.
    pub day: NaiveDate,
    /// What it is called.
    pub name: String,
    /// What it is.
    pub status: DayStatusWord,
    /// For whom alone.
    pub only: Only,
}

/// A day of a calendar, from its file or added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DayView {
    /// The calendar.
    pub calendar: String,
    /// The local date.
    pub day: NaiveDate,
    /// What it is called.
    pub name: String,
    /// `confirmed`, `provisional`, `open`.
    pub status: String,
    /// For whom alone, in words; empty for everybody.
    pub only: Vec<String>,
    /// It was added by an administrator.
    pub added: bool,
    /// Its dates have all moved.
    pub followed: bool,
}

/// One date that would move, or a hearing on a closed day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DateMove {
    /// The case's neutral reference; nothing else of the case is said.
    pub reference: String,
    /// The words' pack.
    pub pack: String,
    /// The locale key of the rule.
    pub key: String,
    /// The day now.
    pub from: NaiveDate,
    /// The day then; none for a hearing, which only its court can move.
    pub to: Option<NaiveDate>,
}

/// What a day would do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct WouldMove {
    /// The dates, by case; the first five hundred.
    pub moves: Vec<DateMove>,
    /// How many there are.
    pub count: usize,
}

impl Core {
    /// Holds the calendars as they are, and lays days over them here that another process has added.
    pub(crate) async fn hold_calendars(&self, tx: &mut WriteTx) -> Result<(), ServiceError> {
        if tx.hold_added_days().await? != self.library.added_days() {
            let rows = tx.calendar_days().await?;
            self.library.add_days(&added(&rows));
        }
        Ok(())
    }
}

impl Service {
    /// Reads the added days again and lays them over the calendars; every process does so before it reckons.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn refresh_calendars(&self) -> Result<(), ServiceError> {
        let rows = self.store.calendar_days().await?;
        self.library.add_days(&added(&rows));
        Ok(())
    }

    /// The same, and goes on with days whose dates have not all followed, if whoever added them seems to have died over it.
    ///
    /// # Errors
    /// When the database fails; the next call goes on.
    pub async fn keep_calendars(&self, now: DateTime<Utc>) -> Result<(), ServiceError> {
        let rows = self.store.calendar_days().await?;
        self.library.add_days(&added(&rows));
        let left = rows
            .iter()
            .filter(|row| row.followed_at.is_none() && row.added_at + PATIENCE <= now);
        for row in left {
            self.follow(row, now).await?;
        }
        Ok(())
    }

    /// The days of every calendar from a date on, the earliest first.
    ///
    /// # Errors
    /// Whoever is no administrator is refused.
    pub async fn calendar_days(
        &self,
        viewer: &Viewer,
        from: NaiveDate,
    ) -> Result<Vec<DayView>, ServiceError> {
        require(viewer.role, Action::Administer, "read the calendars")?;
        let rows = self.store.calendar_days().await?;
        let written = self.library.calendars_with(&AddedDays::new());
        let of_files = written.iter().flat_map(|(name, calendar)| {
            calendar.closed.iter().map(move |day| DayView {
                calendar: name.clone(),
                day: day.date,
                name: day.name.clone(),
                status: status_of(day.status).as_str().to_owned(),
                only: only_words(&day.only),
                added: false,
                followed: true,
            })
        });
        let of_staff = rows.iter().map(|row| DayView {
            calendar: row.calendar.clone(),
            day: row.day,
            name: row.name.clone(),
            status: row.status.clone(),
            only: only_words(&only_of(row)),
            added: true,
            followed: row.followed_at.is_some(),
        });
        let mut days: Vec<DayView> = of_files.chain(of_staff).filter(|d| d.day >= from).collect();
        days.sort_by(|a, b| (a.day, &a.calendar, a.added).cmp(&(b.day, &b.calendar, b.added)));
        Ok(days)
    }

    /// Which dates of which cases a day would move. Changes nothing.
    ///
    /// # Errors
    /// Whoever is no administrator is refused; a calendar that does not exist, a day without a name.
    pub async fn preview_calendar_day(
        &self,
        viewer: &Viewer,
        new: &NewDay,
        now: DateTime<Utc>,
    ) -> Result<WouldMove, ServiceError> {
        require(viewer.role, Action::Administer, "change the calendars")?;
        self.sensible(new)?;
        let mut rows = self.store.calendar_days().await?;
        let row = row(new, Uuid::nil(), now);
        rows.push(row.clone());
        let calendars = self.library.calendars_with(&added(&rows));
        let mut would = WouldMove::default();
        let mut after = None;
        loop {
            let ids = self.store.cases_with_dates(&self.range(&row, now, after)).await?;
            let Some(last) = ids.last() else {
                return Ok(would);
            };
            after = Some(*last);
            for case in self.store.cases_by_ids(&ids).await? {
                if is_erased(&case) {
                    continue;
                }
                let case = self.opened(&case).await?;
                let moves = self.moves_of(&case, &calendars, now).await?;
                would.count += moves.len();
                let room = MOST_NAMED.saturating_sub(would.moves.len());
                would.moves.extend(moves.into_iter().take(room));
            }
        }
    }

    /// Adds a day and moves every date that follows from it. Gives how many cases changed.
    ///
    /// # Errors
    /// As [`Service::preview_calendar_day`]; when the database fails halfway, the day is kept and the rest follows later.
    pub async fn add_calendar_day(
        &self,
        viewer: &Viewer,
        new: &NewDay,
        now: DateTime<Utc>,
    ) -> Result<u64, ServiceError> {
        require(viewer.role, Action::Administer, "change the calendars")?;
        self.sensible(new)?;
        let row = row(new, self.new_id(now), now);
        let mut tx = self.store.begin().await?;
        tx.put_calendar_day(&row).await?;
        tx.audit(&[AuditEntry {
            at: now,
            actor: format!("account:{}", viewer.account),
            action: "calendar_day_added".to_owned(),
            resource: format!("calendar:{}", row.calendar),
            detail: Some(format!("{} {} ({})", row.day, row.name, row.status)),
        }])
        .await?;
        tx.commit().await?;
        self.follow(&row, now).await
    }

    fn sensible(&self, new: &NewDay) -> Result<(), ServiceError> {
        if self.library.named(&new.calendar).is_none() {
            let known: Vec<String> = self.library.calendars().into_keys().collect();
            return Err(ServiceError::invalid(format!(
                "there is no calendar `{}`; use one of {}",
                new.calendar,
                known.join(", ")
            )));
        }
        if new.name.trim().is_empty() {
            return Err(ServiceError::invalid(
                "the day has no name: say why it is closed, such as `strike`",
            ));
        }
        if new.status == DayStatusWord::Open && !new.only.is_everywhere() {
            return Err(ServiceError::invalid(
                "a day opens for everybody or not at all: leave out province, city and court, and close it again for \
                 those for whom it stays closed",
            ));
        }
        Ok(())
    }

    /// Moves the dates of every case that a day may concern, and marks the day as followed.
    async fn follow(&self, day: &CalendarDayRow, now: DateTime<Utc>) -> Result<u64, ServiceError> {
        self.refresh_calendars().await?;
        let (mut after, mut changed) = (None, 0);
        loop {
            let ids = self.store.cases_with_dates(&self.range(day, now, after)).await?;
            let Some(last) = ids.last() else { break };
            after = Some(*last);
            let group: Vec<Submission> = ids
                .iter()
                .map(|id| Submission::new(*id, Command::FollowCalendar, Actor::Machine, None, now))
                .collect();
            let outcomes = self.submit_again(&group, now).await?;
            let moved = outcomes.iter().flatten();
            changed += moved.filter(|o| !o.decision.entries().is_empty()).count() as u64;
        }
        let mut tx = self.store.begin().await?;
        tx.calendar_day_followed(day.id, now).await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Where the dates stand that a day may move: those due soon after it, and those of rules that count working days.
    fn range(&self, day: &CalendarDayRow, now: DateTime<Utc>, after: Option<Uuid>) -> DatesFrom {
        let start = |date: NaiveDate| date.and_time(NaiveTime::MIN).and_utc();
        let counts_days = |period: Period| matches!(period, Period::WorkingDays(_));
        let mut rules: Vec<String> = self
            .library
            .packs()
            .flat_map(|pack| pack.deadlines.values())
            .filter(|rule| rule.counting.as_ref().is_some_and(|c| counts_days(c.period)))
            .map(|rule| rule.name.clone())
            .collect();
        rules.sort();
        rules.dedup();
        DatesFrom {
            // No zone is more than a day away.
            from: (start(day.day) - TimeDelta::days(1)).max(now),
            until: start(day.day.checked_add_days(Days::new(REACH)).unwrap_or(day.day)),
            rules,
            after,
            limit: BATCH,
        }
    }

    /// What the calendars would move in one case.
    async fn moves_of(
        &self,
        case: &Case,
        calendars: &BTreeMap<String, Arc<Calendar>>,
        now: DateTime<Utc>,
    ) -> Result<Vec<DateMove>, ServiceError> {
        let pack = self.core.pinned(case).await?;
        let name = pack.calendar_in(case.province());
        let Some(calendar) = calendars.get(name) else {
            return Ok(Vec::new());
        };
        let ctx = Context {
            pack: &pack,
            calendar,
            now,
            occurred_at: now,
            actor: &Actor::Machine,
            role: None,
            expected_version: None,
        };
        let Ok(decision) = decide(Some(case), &Command::FollowCalendar, &ctx) else {
            return Ok(Vec::new());
        };
        let words = self.library.words(&case.pack.name, &case.pack.hash);
        let told = decision.entries().iter().filter_map(|entry| {
            let (id, to) = match &entry.fact {
                Fact::DeadlineMoved {
                    deadline, computed, ..
                } => (deadline, Some(computed)),
                Fact::TaskRaised {
                    key,
                    deadline: Some(deadline),
                    ..
                } if key == "hearing_on_closed_day" => (deadline, None),
                _ => return None,
            };
            let known = case.deadlines.get(id)?;
            let here = calendar_for(case, &known.instance, calendar);
            let (from, to) = (known.computed.day(&here), to.map(|computed| computed.day(&here)));
            (to != Some(from)).then(|| DateMove {
                reference: case.reference.clone(),
                pack: words.clone(),
                key: format!("deadline-{}", known.rule),
                from,
                to,
            })
        });
        Ok(told.collect())
    }
}

fn row(new: &NewDay, id: Uuid, now: DateTime<Utc>) -> CalendarDayRow {
    let word = |word: &Option<String>| {
        let word = word.as_deref().map(str::trim).filter(|w| !w.is_empty());
        word.map(str::to_owned)
    };
    CalendarDayRow {
        id,
        calendar: new.calendar.clone(),
        day: new.day,
        name: new.name.trim().to_owned(),
        status: new.status.as_str().to_owned(),
        province: word(&new.only.province),
        city: word(&new.only.city),
        court: word(&new.only.court),
        added_at: now,
        followed_at: None,
    }
}

/// The rows as days of calendars, in the order in which they were added.
fn added(rows: &[CalendarDayRow]) -> AddedDays {
    let mut rows: Vec<&CalendarDayRow> = rows.iter().collect();
    rows.sort_by_key(|row| (row.added_at, row.id));
    let mut days = AddedDays::new();
    for row in rows {
        let status = DayStatusWord::named(&row.status).unwrap_or(DayStatusWord::Provisional);
        days.entry(row.calendar.clone()).or_default().push(AddedDay {
            day: ClosedDay {
                date: row.day,
                name: row.name.clone(),
                status: match status {
                    DayStatusWord::Provisional => DayStatus::Provisional,
                    DayStatusWord::Confirmed | DayStatusWord::Open => DayStatus::Confirmed,
                },
                only: only_of(row),
            },
            opens: status == DayStatusWord::Open,
        });
    }
    days
}

fn only_of(row: &CalendarDayRow) -> Only {
    Only {
        province: row.province.clone(),
        city: row.city.clone(),
        court: row.court.clone(),
    }
}

fn only_words(only: &Only) -> Vec<String> {
    [&only.province, &only.city, &only.court]
        .into_iter()
        .flatten()
        .cloned()
        .collect()
}

fn status_of(status: DayStatus) -> DayStatusWord {
    match status {
        DayStatus::Confirmed => DayStatusWord::Confirmed,
        DayStatus::Provisional => DayStatusWord::Provisional,
    }
}
