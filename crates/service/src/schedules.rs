//! Recurring schedules: which occurrences have come, which of them run, which are skipped and why.
//! Knows crontab lines and their rows; not what an occurrence does, nor who claims it.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use chrono_tz::Tz;
use peshi_calendar::CronLine;
use peshi_store::{AuditEntry, JobFilter, JobKind, JobRow, JobState, NewJob, ScheduleRow};
use serde::Serialize;
use serde_json::json;

use crate::Service;
use crate::error::ServiceError;

/// Occurrences recorded one by one when many lie in the past; older ones share one record that counts them.
const SINGLY: usize = 1_000;

/// An occurrence this recent is on time, not past.
const ON_TIME: TimeDelta = TimeDelta::minutes(10);

/// A plan that reaches further ahead than this was made by a clock that was wrong; less is two nodes that differ a little.
const AHEAD: TimeDelta = TimeDelta::minutes(10);

/// What happens to occurrences that lie in the past when the scheduler comes to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatchUp {
    /// None runs; the last one still does if it is at most ten minutes late.
    Skip,
    /// The last one runs.
    Once,
    /// The last `n` run.
    All(usize),
}

impl CatchUp {
    /// The most missed occurrences that may run after an outage: more would flood whoever reads them.
    pub const MOST: usize = 100;
}

impl fmt::Display for CatchUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Skip => f.write_str("skip"),
            Self::Once => f.write_str("once"),
            Self::All(n) => write!(f, "all up to {n}"),
        }
    }
}

impl FromStr for CatchUp {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let found = match words.as_slice() {
            ["skip"] => Some(Self::Skip),
            ["once"] => Some(Self::Once),
            ["all", "up", "to", n] => n
                .parse()
                .ok()
                .filter(|n| (1..=Self::MOST).contains(n))
                .map(Self::All),
            _ => None,
        };
        found.ok_or_else(|| {
            format!(
                "the catch-up {text:?} is not known: write \"skip\", \"once\", or \"all up to N\" with N from 1 to {}",
                Self::MOST
            )
        })
    }
}

/// A schedule as configured.
#[derive(Debug, Clone)]
pub struct ScheduleSpec {
    /// Its name: also the message kind it fans out.
    pub name: String,
    /// The crontab line.
    pub line: CronLine,
    /// The zone the line is read in.
    pub zone: Tz,
    /// What becomes of past occurrences.
    pub catch_up: CatchUp,
}

impl ScheduleSpec {
    /// When there is something to plan: at the next occurrence that is not planned yet, before `now` if it has come
    /// already; now if the plan was made by a clock that was ahead.
    pub fn next(&self, known: Option<&ScheduleRow>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let begin = Begin::of(self, known, now);
        if begin.early {
            return Some(now);
        }
        self.line.next_after(begin.from, self.zone)
    }
}

/// What planning wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Planned {
    /// Occurrences that will run.
    pub due: usize,
    /// Occurrences recorded as skipped.
    pub skipped: usize,
}

/// A schedule as it stands, for people.
#[derive(Debug, Clone, Serialize)]
pub struct ScheduleView {
    /// Its name.
    pub name: String,
    /// The crontab line.
    pub line: String,
    /// The zone the line is read in.
    pub zone: String,
    /// What becomes of missed occurrences.
    pub catch_up: String,
    /// The next occurrence.
    pub next_at: Option<DateTime<Utc>>,
    /// Every occurrence up to here is recorded; none if the scheduler has not seen it yet.
    pub planned_until: Option<DateTime<Utc>>,
    /// The last occurrences, newest first.
    pub occurrences: Vec<OccurrenceView>,
}

/// One occurrence, or a row of skipped ones that share a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OccurrenceView {
    /// When it was due; of several, the first.
    pub at: DateTime<Utc>,
    /// Of several, the last.
    pub until: Option<DateTime<Utc>>,
    /// How many; 1 but for a shared record.
    pub count: u64,
    /// What became of it.
    pub state: String,
    /// Why it did not run, or what it did.
    pub because: Option<String>,
    /// When that was decided.
    pub settled_at: Option<DateTime<Utc>>,
}

/// Where planning begins.
struct Begin {
    /// Occurrences after this are not planned yet.
    from: DateTime<Utc>,
    /// The line and zone before they were changed, and how far they are planned.
    before: Option<(CronLine, Tz, DateTime<Utc>)>,
    /// The plan was made by a clock that ran ahead.
    early: bool,
    /// There is something to write even if no occurrence has come.
    news: bool,
}

impl Begin {
    fn of(spec: &ScheduleSpec, known: Option<&ScheduleRow>, now: DateTime<Utc>) -> Self {
        // A schedule first seen within the minute of an occurrence has not missed it.
        let minute = now.duration_trunc(TimeDelta::minutes(1)).unwrap_or(now);
        let fresh = Self {
            from: minute - TimeDelta::microseconds(1),
            before: None,
            early: false,
            news: true,
        };
        let Some(row) = known else { return fresh };
        if row.planned_until > now + AHEAD {
            return Self {
                from: now,
                early: true,
                ..fresh
            };
        }
        if row.line != spec.line.as_str() || row.zone != spec.zone.name() {
            // What the old line still owed is settled by it; the new one owes nothing for the time before it was there.
            let line = CronLine::parse(&row.line).ok();
            let before = line
                .zip(row.zone.parse().ok())
                .map(|(line, zone)| (line, zone, row.planned_until));
            return Self { before, ..fresh };
        }
        Self {
            from: row.planned_until,
            news: false,
            ..fresh
        }
    }
}

impl Service {
    /// Writes the occurrences of schedules up to `now` as jobs, each once however many nodes plan, the skipped ones with
    /// their reason. A schedule seen for the first time begins with the minute in which it is seen.
    ///
    /// If the plan reaches ahead of `now`, the clock was ahead when it was made: what was skipped in that time is taken
    /// back and planned anew, by the right clock; what ran then does not run again.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn plan_schedules(
        &self,
        specs: &[ScheduleSpec],
        now: DateTime<Utc>,
    ) -> Result<Planned, ServiceError> {
        let known = by_name(self.store.schedules().await?);
        let ripe = specs.iter().any(|spec| {
            let known = known.get(&spec.name);
            Begin::of(spec, known, now).news || spec.next(known, now).is_some_and(|at| at <= now)
        });
        if !ripe {
            return Ok(Planned::default());
        }
        let mut planned = Planned::default();
        let mut tx = self.store.begin().await?;
        let locked = by_name(tx.schedules_for_update().await?);
        for spec in specs {
            let known = locked.get(&spec.name);
            let mut begin = Begin::of(spec, known, now);
            if begin.early {
                let back = tx.take_back_skipped(&spec.name, now).await?;
                if let Some((earliest, _)) = back {
                    begin.from = begin.from.min(earliest - TimeDelta::microseconds(1));
                }
                let count = back.map_or(0, |(_, count)| count);
                tx.audit(&[taken_back(&spec.name, known, count, now)]).await?;
            }
            if let Some((line, zone, from)) = &begin.before {
                let jobs = occurrences(spec, (line, *zone), *from, now, &mut planned);
                tx.insert_jobs(&jobs).await?;
            }
            let jobs = occurrences(spec, (&spec.line, spec.zone), begin.from, now, &mut planned);
            tx.insert_jobs(&jobs).await?;
            tx.plan_schedule(
                &spec.name,
                spec.line.as_str(),
                spec.zone.name(),
                now.max(begin.from),
            )
            .await?;
        }
        tx.commit().await?;
        Ok(planned)
    }

    /// Each schedule with its next and its last occurrences, `last` of them at most.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn schedule_views(
        &self,
        specs: &[ScheduleSpec],
        last: u64,
        now: DateTime<Utc>,
    ) -> Result<Vec<ScheduleView>, ServiceError> {
        let known = by_name(self.store.schedules().await?);
        let mut views = Vec::new();
        for spec in specs {
            let row = known.get(&spec.name);
            let mut filter = JobFilter::all(last);
            filter.kinds = vec![JobKind::Schedule];
            filter.message_kind = Some(spec.name.clone());
            let mut occurrences: Vec<OccurrenceView> = self
                .store
                .jobs(&filter)
                .await?
                .iter()
                .map(occurrence_view)
                .collect();
            occurrences.sort_by_key(|o| std::cmp::Reverse(o.at));
            views.push(ScheduleView {
                name: spec.name.clone(),
                line: spec.line.to_string(),
                zone: spec.zone.name().to_owned(),
                catch_up: spec.catch_up.to_string(),
                next_at: spec.line.next_after(now, spec.zone),
                planned_until: row.map(|r| r.planned_until),
                occurrences,
            });
        }
        Ok(views)
    }
}

fn by_name(rows: Vec<ScheduleRow>) -> BTreeMap<String, ScheduleRow> {
    rows.into_iter().map(|row| (row.name.clone(), row)).collect()
}

fn taken_back(name: &str, known: Option<&ScheduleRow>, back: u64, now: DateTime<Utc>) -> AuditEntry {
    let ahead = known
        .map(|row| row.planned_until.to_rfc3339())
        .unwrap_or_default();
    AuditEntry {
        at: now,
        actor: "machine".to_owned(),
        action: "schedule_taken_back".to_owned(),
        resource: format!("schedule:{name}"),
        detail: Some(format!(
            "planned until {ahead} by a clock that was ahead; {back} skipped occurrences taken back"
        )),
    }
}

/// The jobs of the occurrences after `from` up to `now`: those that run, and those that catch-up skips.
fn occurrences(
    spec: &ScheduleSpec,
    (line, zone): (&CronLine, Tz),
    from: DateTime<Utc>,
    now: DateTime<Utc>,
    planned: &mut Planned,
) -> Vec<NewJob> {
    let mut singly: VecDeque<DateTime<Utc>> = VecDeque::new();
    let mut older: Option<(DateTime<Utc>, DateTime<Utc>, usize)> = None;
    for at in line.occurrences_after(from, zone).take_while(|at| *at <= now) {
        singly.push_back(at);
        if singly.len() > SINGLY
            && let Some(last) = singly.pop_front()
        {
            let (first, count) = older.map_or((last, 0), |(first, _, count)| (first, count));
            older = Some((first, last, count + 1));
        }
    }
    let keep = match spec.catch_up {
        CatchUp::Skip => usize::from(singly.back().is_some_and(|at| now - *at <= ON_TIME)),
        CatchUp::Once => 1,
        CatchUp::All(n) => n,
    };
    let skipped = singly.len().saturating_sub(keep);
    planned.due += singly.len() - skipped;
    planned.skipped += skipped + older.map_or(0, |(_, _, count)| count);
    let shared = older.map(|(first, last, count)| {
        let mut job = occurrence(spec, &format!("{}..{}", stamp(first), stamp(last)), first, now);
        job.payload = json!({ "until": last, "count": count });
        skip(job)
    });
    let single = singly.iter().enumerate().map(|(n, at)| {
        let job = occurrence(spec, &stamp(*at), *at, now);
        if n < skipped { skip(job) } else { job }
    });
    shared.into_iter().chain(single).collect()
}

fn stamp(at: DateTime<Utc>) -> String {
    at.format("%Y%m%dT%H%M").to_string()
}

/// The job of an occurrence; its id is the occurrence's key, so that any number of nodes write it once.
fn occurrence(spec: &ScheduleSpec, stamp: &str, at: DateTime<Utc>, now: DateTime<Utc>) -> NewJob {
    let mut job = NewJob::new(
        format!("schedule:{}:{stamp}", spec.name),
        JobKind::Schedule,
        at,
        now,
    );
    job.message_kind = Some(spec.name.clone());
    job
}

fn skip(mut job: NewJob) -> NewJob {
    job.settled = Some((JobState::Suppressed, "catch_up".to_owned()));
    job
}

fn occurrence_view(job: &JobRow) -> OccurrenceView {
    let of = |key: &str| job.payload.get(key).cloned().unwrap_or_default();
    OccurrenceView {
        at: job.due_at,
        until: serde_json::from_value(of("until")).ok(),
        count: of("count").as_u64().unwrap_or(1),
        state: job.state.to_string(),
        because: job.reason.clone().or_else(|| job.result.clone()),
        settled_at: job.settled_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Asia::Karachi;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn spec(line: &str, catch_up: CatchUp) -> ScheduleSpec {
        ScheduleSpec {
            name: "morning_digest".to_owned(),
            line: CronLine::parse(line).unwrap(),
            zone: Karachi,
            catch_up,
        }
    }

    /// The occurrences between two moments that run, and how many are skipped.
    fn split(line: &str, catch_up: CatchUp, from: &str, now: &str) -> (Vec<String>, usize) {
        let spec = spec(line, catch_up);
        let mut planned = Planned::default();
        let jobs = occurrences(&spec, (&spec.line, spec.zone), at(from), at(now), &mut planned);
        let run: Vec<String> = jobs
            .iter()
            .filter(|job| job.settled.is_none())
            .map(|job| job.id.clone())
            .collect();
        assert_eq!(run.len(), planned.due);
        (run, planned.skipped)
    }

    #[test]
    fn catch_up_decides_which_missed_occurrences_run() {
        let (from, late, on_time) = (
            "2026-04-13T05:00:00Z",
            "2026-04-16T05:00:00Z",
            "2026-04-16T02:39:00Z",
        );
        let last = "schedule:morning_digest:20260416T0230".to_owned();
        let before = "schedule:morning_digest:20260415T0230".to_owned();
        for (catch_up, now, run, skipped) in [
            (CatchUp::Skip, late, vec![], 3),
            (CatchUp::Skip, on_time, vec![last.clone()], 2),
            (CatchUp::Once, late, vec![last.clone()], 2),
            (CatchUp::All(2), late, vec![before, last.clone()], 1),
        ] {
            assert_eq!(
                split("30 7 * * *", catch_up, from, now),
                (run, skipped),
                "{catch_up} at {now}"
            );
        }
        assert_eq!(split("30 7 * * *", CatchUp::All(9), from, late).0.len(), 3);
    }

    #[test]
    fn two_months_of_minutes_are_all_accounted_for() {
        let spec = spec("* * * * *", CatchUp::Once);
        let mut planned = Planned::default();
        let (from, now) = (at("2026-01-01T00:00:30Z"), at("2026-03-01T00:00:30Z"));
        let jobs = occurrences(&spec, (&spec.line, spec.zone), from, now, &mut planned);
        let minutes = usize::try_from((now - from).num_minutes()).unwrap();
        assert_eq!((planned.due, planned.skipped), (1, minutes - 1));
        assert_eq!(jobs.len(), SINGLY + 1);
        // The last of them all runs, not the last of the first thousand.
        let runs: Vec<&NewJob> = jobs.iter().filter(|job| job.settled.is_none()).collect();
        assert_eq!(runs[0].due_at, at("2026-03-01T00:00:00Z"));
        let shared = &jobs[0];
        assert_eq!(shared.id, "schedule:morning_digest:20260101T0001..20260228T0720");
        assert_eq!(shared.payload["count"], json!(minutes - SINGLY));
        assert_eq!(jobs[1].due_at, at("2026-02-28T07:21:00Z"));
    }

    #[test]
    fn a_schedule_first_seen_in_its_own_minute_runs() {
        let spec = spec("30 7 * * *", CatchUp::Once);
        for (now, next) in [
            ("2026-04-13T02:30:00Z", "2026-04-13T02:30:00Z"),
            ("2026-04-13T02:30:59Z", "2026-04-13T02:30:00Z"),
            ("2026-04-13T02:31:00Z", "2026-04-14T02:30:00Z"),
        ] {
            assert_eq!(spec.next(None, at(now)), Some(at(next)), "{now}");
        }
    }

    #[test]
    fn a_changed_line_owes_nothing_for_the_time_before_it() {
        let old = ScheduleRow {
            name: "morning_digest".to_owned(),
            line: "0 8 * * MON".to_owned(),
            zone: "Asia/Karachi".to_owned(),
            planned_until: at("2026-04-13T03:00:00Z"),
        };
        let now = at("2026-04-16T05:00:00Z");
        let new = spec("30 7 * * *", CatchUp::Once);
        assert_eq!(new.next(Some(&old), now), Some(at("2026-04-17T02:30:00Z")));
        let same = ScheduleSpec {
            line: CronLine::parse(&old.line).unwrap(),
            ..new
        };
        assert_eq!(same.next(Some(&old), now), Some(at("2026-04-20T03:00:00Z")));
    }

    #[test]
    fn catch_up_in_words() {
        for text in ["skip", "once", "all up to 3"] {
            assert_eq!(text.parse::<CatchUp>().unwrap().to_string(), text);
        }
        for text in ["", "all", "all up to 0", "all up to 101", "twice", "all up to x"] {
            let error = text.parse::<CatchUp>().unwrap_err();
            assert!(error.contains("all up to N"), "{error}");
        }
    }
}
