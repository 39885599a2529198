//! Lists across cases: my cases, my day, the coordinator's board, the outbox, health. Each passes the gate's `Visible`
//! and none reads more rows than a page shows.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use peshi_casework::pack::{Form, Pack, Standing};
use peshi_store::{
    AgendaFilter, AgendaRow, AgendaState, COUNTED, CaseFilter, CaseOrder, JobFilter, JobKind, JobRow,
    JobState, Page, WORKER_LOST,
};
use serde::Serialize;
use uuid::Uuid;

use crate::Service;
use crate::access::{Action, Viewer, Visible, require};
use crate::alarm::{SILENCE, SKEW};
use crate::case_view::shown;
use crate::error::ServiceError;
use crate::views::{BoardView, CaseSummary, DateView, DayView, HealthView, OutboxView, TaskView};

/// Rows of a page of cases.
const CASES_A_PAGE: u64 = 25;
/// Pages of cases at most: who looks further back chooses a filter or asks for a name.
const CASE_PAGES: u64 = 40;
/// Rows of a page of messages.
const MESSAGES_A_PAGE: u64 = 50;
/// Most lines of one part of a board or a day.
const LINES: u64 = 100;
/// How long the day looks ahead.
const AHEAD: TimeDelta = TimeDelta::days(7);

/// Which cases of mine.
#[derive(Debug, Clone, Default)]
pub struct CaseListFilter {
    /// Open, closed, or both.
    pub closed: Option<bool>,
    /// Only those waiting on this party.
    pub waiting_on: Option<String>,
    /// From 1; 0 counts as 1.
    pub page: u64,
}

/// A page of cases.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseList {
    /// The lines.
    pub cases: Vec<CaseSummary>,
    /// Cases in all, as far as there are pages for them.
    pub total: u64,
    /// There may be more than these.
    pub more: bool,
    /// This page.
    pub page: u64,
    /// Pages in all, at least 1.
    pub pages: u64,
}

/// A pack a case may be opened with.
#[derive(Debug, Clone, Serialize)]
pub struct PackView {
    /// Its name.
    pub name: String,
    /// Its title by language.
    pub title: BTreeMap<String, String>,
    /// The opening form.
    pub opening: Option<Form>,
}

impl Service {
    /// The packs a case may be opened with.
    pub fn packs(&self, _viewer: &Viewer) -> Vec<PackView> {
        self.library
            .packs()
            .map(|pack| PackView {
                name: pack.id.name.clone(),
                title: pack.title.clone(),
                opening: pack
                    .opening
                    .as_ref()
                    .and_then(|name| pack.forms.get(name))
                    .cloned(),
            })
            .collect()
    }

    /// The viewer's cases, the last changed first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn my_cases(
        &self,
        viewer: &Viewer,
        filter: &CaseListFilter,
        now: DateTime<Utc>,
    ) -> Result<CaseList, ServiceError> {
        let Some(mut rows) = visible(viewer) else {
            return Ok(CaseList {
                cases: Vec::new(),
                total: 0,
                more: false,
                page: 1,
                pages: 1,
            });
        };
        rows.closed = filter.closed;
        rows.waiting_on.clone_from(&filter.waiting_on);
        rows.order = CaseOrder::LastEvent;
        let most = CASES_A_PAGE * CASE_PAGES;
        let total = self.store.count_cases_up_to(&rows, most).await?;
        let pages = total.div_ceil(CASES_A_PAGE).max(1);
        let page = filter.page.clamp(1, pages);
        let mut at = Page::first(CASES_A_PAGE);
        at.skip = CASES_A_PAGE * (page - 1);
        Ok(CaseList {
            cases: self.summaries(&rows, at, now).await?,
            total,
            more: total == most,
            page,
            pages,
        })
    }

    async fn summaries(
        &self,
        filter: &CaseFilter,
        page: Page,
        now: DateTime<Utc>,
    ) -> Result<Vec<CaseSummary>, ServiceError> {
        let rows = self.store.cases(filter, &page).await?;
        let ids: Vec<Uuid> = rows.iter().map(|r| r.id).collect();
        let mut names = self.names(&ids).await?;
        let team =
            |names: Vec<(peshi_casework::AccountId, String)>| names.into_iter().map(|(_, n)| n).collect();
        Ok(rows
            .iter()
            .map(|r| self.summary(r, team(names.remove(&r.id).unwrap_or_default()), now))
            .collect())
    }

    /// The viewer's day: hearings, deadlines and tasks of their teams' cases.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn day(&self, viewer: &Viewer, now: DateTime<Utc>) -> Result<DayView, ServiceError> {
        let date = now.with_timezone(&self.zone()).date_naive();
        let mut day = DayView {
            date,
            hearings_today: Vec::new(),
            hearings_soon: Vec::new(),
            deadlines_soon: Vec::new(),
            overdue: Vec::new(),
            tasks: Vec::new(),
        };
        let mut all = AgendaFilter::all(LINES * 3);
        match Visible::to(viewer) {
            Visible::Nothing => return Ok(day),
            // A coordinator's own day is that of their own teams; the office's is the board.
            Visible::All | Visible::Team(_) => all.team_member = Some(viewer.account.0),
        }
        all.states = vec![AgendaState::Open, AgendaState::Missed];
        let (midnight, tomorrow) = (
            local_midnight(date, self.zone()),
            local_midnight(date + TimeDelta::days(1), self.zone()),
        );
        let lines = self.store.agenda(&all).await?;
        let cases = self.rows_of(&lines).await?;
        for (row, reference) in lines {
            let Some(pack) = cases.get(&row.case_id) else {
                continue;
            };
            match (row.kind.as_str(), row.due_at) {
                ("task", _) => day.tasks.push(task_line(&row, &reference, pack, now)),
                (kind, Some(due)) => {
                    let line = self.date_line(&row, &reference, pack, (due, now));
                    match (kind, row.state) {
                        (_, AgendaState::Missed) => day.overdue.push(line),
                        // An older one waits for its outcome; that is a deadline of its own.
                        ("hearing", _) if due < midnight => {}
                        ("hearing", _) if due < tomorrow => day.hearings_today.push(line),
                        ("hearing", _) if due < now + AHEAD => day.hearings_soon.push(line),
                        ("deadline", _) if due < now + AHEAD => day.deadlines_soon.push(line),
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        Ok(day)
    }

    async fn rows_of(
        &self,
        lines: &[(AgendaRow, String)],
    ) -> Result<BTreeMap<Uuid, (String, String)>, ServiceError> {
        let mut ids: Vec<Uuid> = lines.iter().map(|(row, _)| row.case_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let rows = self.store.cases_by_ids(&ids).await?;
        let hashes: std::collections::BTreeSet<&str> = rows.iter().map(|r| r.pack_hash.as_str()).collect();
        for hash in hashes {
            // A version that cannot be read leaves its cases to the current one's rules rather than the day without a page.
            let _read = self.version(hash).await;
        }
        Ok(rows
            .into_iter()
            .map(|r| (r.id, (r.pack_name, r.pack_hash)))
            .collect())
    }

    fn date_line(
        &self,
        row: &AgendaRow,
        reference: &str,
        (pack, hash): &(String, String),
        (due_at, now): (DateTime<Utc>, DateTime<Utc>),
    ) -> DateView {
        let pinned = self.library.pinned(hash).or_else(|| self.library.current(pack));
        let calendar = pinned.as_deref().and_then(|p| self.library.calendar_of(p).ok());
        let (shown_at, whole_day) =
            calendar.map_or((due_at, false), |calendar| shown(due_at, row.last_day, &calendar));
        let rule = pinned
            .as_deref()
            .and_then(|p: &Pack| p.deadlines.get(&row.rule).cloned());
        DateView {
            reference: reference.to_owned(),
            pack: self.library.words(pack, hash),
            key: format!("deadline-{}", row.rule),
            kind: row.kind.clone(),
            instance: row.instance.clone().unwrap_or_default(),
            due_at,
            shown_at,
            whole_day,
            last_day: row.last_day,
            internal_last_day: None,
            missed: row.state == AgendaState::Missed,
            legal_kind: row.legal_kind.clone().unwrap_or_else(|| "internal".to_owned()),
            code: rule.as_ref().and_then(|r| r.code.clone()),
            basis: rule.as_ref().and_then(|r| r.basis.clone()),
            source: rule.as_ref().and_then(|r| r.source.clone()),
            confidence: rule.as_ref().and_then(|r| r.confidence.clone()),
            signed_off: rule.as_ref().and_then(|r| r.signed_off.clone()),
            id: row.item.clone(),
            standing: rule
                .as_ref()
                .map_or(Standing::InForce, |r| r.standing(now.date_naive()))
                .as_str()
                .to_owned(),
            stopped: None,
            reckoned_day: None,
            counted: false,
            ended: false,
            why: Vec::new(),
            who: rule.as_ref().map_or("us", |r| r.who.as_str()).to_owned(),
        }
    }

    /// The office's board.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`] for anybody but a coordinator.
    pub async fn board(&self, viewer: &Viewer, now: DateTime<Utc>) -> Result<BoardView, ServiceError> {
        require(viewer.role, Action::ReadBoard, "read the board of the office")?;
        let open = CaseFilter {
            closed: Some(false),
            ..CaseFilter::default()
        };
        let stalled = CaseFilter {
            stalled_at_or_before: Some(now),
            order: CaseOrder::StalledAt,
            ..open.clone()
        };
        let blind = CaseFilter {
            blind: true,
            order: CaseOrder::BlindSince,
            ..open.clone()
        };
        let overdue = CaseFilter {
            overdue: true,
            order: CaseOrder::OverdueSince,
            ..open.clone()
        };
        let stalled = self.summaries(&stalled, Page::first(LINES), now).await?;
        let mut owners: BTreeMap<String, usize> = BTreeMap::new();
        for owner in stalled.iter().filter_map(|c| c.waiting_on.clone()) {
            *owners.entry(owner).or_default() += 1;
        }
        let mut by_owner: Vec<(String, usize)> = owners.into_iter().collect();
        by_owner.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
        let open_cases = self.store.count_cases_up_to(&open, COUNTED).await?;
        Ok(BoardView {
            blind: self.summaries(&blind, Page::first(LINES), now).await?,
            overdue: self.summaries(&overdue, Page::first(LINES), now).await?,
            open_cases,
            open_more: open_cases == COUNTED,
            stalled,
            by_owner,
        })
    }

    /// Expected messages the viewer may know of, with what became of them and why: newest first, those of one fate by
    /// when they were due.
    ///
    /// # Errors
    /// An unknown fate, or a failing database.
    pub async fn outbox(
        &self,
        viewer: &Viewer,
        page: u64,
        state: Option<&str>,
    ) -> Result<Vec<OutboxView>, ServiceError> {
        // Deeper pages cost more rows; nobody reads that far back without choosing a fate.
        let page = page.clamp(1, 40);
        let mut filter = JobFilter::all(MESSAGES_A_PAGE * page);
        filter.kinds = vec![JobKind::Message];
        if let Some(word) = state {
            let known = word
                .parse::<JobState>()
                .map_err(|e| ServiceError::invalid(e.to_string()))?;
            filter.states = vec![known];
            filter.by_due = true;
        }
        let mut jobs = match Visible::to(viewer) {
            Visible::Nothing => Vec::new(),
            Visible::Team(account) => {
                let of_teams = JobFilter {
                    team_member: Some(account.0),
                    ..filter.clone()
                };
                self.store.jobs(&of_teams).await?
            }
            Visible::All => self.store.jobs(&filter).await?,
        };
        // Digests belong to no case; everybody sees their own.
        let own = JobFilter {
            account_id: Some(viewer.account.0),
            ..filter
        };
        jobs.extend(self.store.jobs(&own).await?);
        let at = |job: &JobRow| {
            if state.is_some() {
                job.due_at
            } else {
                job.created_at
            }
        };
        jobs.sort_by(|a, b| (at(b), &b.id).cmp(&(at(a), &a.id)));
        jobs.dedup_by(|a, b| a.id == b.id);
        let skip = usize::try_from(MESSAGES_A_PAGE * (page - 1)).unwrap_or(usize::MAX);
        let shown = usize::try_from(MESSAGES_A_PAGE).unwrap_or(usize::MAX);
        let jobs: Vec<JobRow> = jobs.into_iter().skip(skip).take(shown).collect();
        self.outbox_lines(&jobs).await
    }

    /// The messages of one case.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] when the case is absent or not open to the viewer.
    pub async fn case_outbox(
        &self,
        viewer: &Viewer,
        reference: &str,
    ) -> Result<Vec<OutboxView>, ServiceError> {
        let row = self.allowed_case(viewer, reference, Action::ReadCase).await?;
        let mut filter = JobFilter::all(LINES * 2);
        filter.case_id = Some(row.id);
        self.messages(filter).await
    }

    async fn messages(&self, mut filter: JobFilter) -> Result<Vec<OutboxView>, ServiceError> {
        filter.kinds = vec![JobKind::Message];
        let jobs = self.store.jobs(&filter).await?;
        self.outbox_lines(&jobs).await
    }

    async fn outbox_lines(&self, jobs: &[JobRow]) -> Result<Vec<OutboxView>, ServiceError> {
        let mut ids: Vec<Uuid> = jobs.iter().filter_map(|j| j.case_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let references: BTreeMap<Uuid, String> = self
            .store
            .cases_by_ids(&ids)
            .await?
            .into_iter()
            .map(|r| (r.id, r.reference))
            .collect();
        let names = self.names_of(jobs.iter().filter_map(|j| j.account_id)).await?;
        Ok(jobs
            .iter()
            .map(|job| outbox_line(job, &references, &names))
            .collect())
    }

    /// How the system is, with the jobs counted, for the administrator.
    ///
    /// # Errors
    /// [`ServiceError::Forbidden`] for anybody else.
    pub async fn health_in_full(
        &self,
        viewer: &Viewer,
        now: DateTime<Utc>,
    ) -> Result<HealthView, ServiceError> {
        require(viewer.role, Action::Administer, "read the state of the system")?;
        let counts = self.store.job_counts().await?;
        let jobs = counts
            .into_iter()
            .map(|c| (c.kind.to_string(), c.state.to_string(), c.count))
            .collect();
        Ok(HealthView {
            jobs,
            ..self.health(now).await?
        })
    }

    /// The metrics of this process and of the queue, as Prometheus reads them. A database that does not answer is a metric
    /// too.
    pub async fn metrics(&self, now: DateTime<Utc>) -> String {
        let meters = self.meters();
        let seen = async {
            let oldest = self.store.oldest_due(now).await?;
            Ok::<_, ServiceError>((oldest, self.store.count_due(now).await?))
        };
        match seen.await {
            Ok((oldest, due)) => {
                meters.seen.database.set(1);
                let late = oldest.map_or(0.0, |at| (now - at).as_seconds_f64());
                meters.seen.oldest_due.set(late);
                for (kind, count) in due {
                    let gauge = meters.seen.due.get_or_create(&[("kind", kind.as_str())]);
                    gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
                }
            }
            Err(error) => {
                tracing::error!(%error, "the queue could not be read for the metrics");
                meters.seen.database.set(0);
            }
        }
        let waiting = i64::try_from(self.writer.waiting()).unwrap_or(i64::MAX);
        meters.seen.queue.set(waiting);
        meters.text()
    }

    /// Whether requests can be served: the database answers, and its schema is the one of this program.
    ///
    /// # Errors
    /// When the database fails, or was made by another version.
    pub async fn ready(&self) -> Result<bool, ServiceError> {
        Ok(self.store.pending_migrations().await?.is_empty())
    }

    /// How the system is; nothing personal in it, and nothing counted: every page asks.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn health(&self, now: DateTime<Utc>) -> Result<HealthView, ServiceError> {
        let last_tick_at = self.store.last_tick(now, SKEW).await?;
        Ok(HealthView {
            scheduler_ok: last_tick_at.is_some_and(|at| now - at < SILENCE),
            last_tick_at,
            oldest_due_at: self.store.oldest_due(now).await?,
            jobs: Vec::new(),
            database: self.store.backend().to_string(),
        })
    }
}

fn visible(viewer: &Viewer) -> Option<CaseFilter> {
    match Visible::to(viewer) {
        Visible::All => Some(None),
        Visible::Team(account) => Some(Some(account.0)),
        Visible::Nothing => None,
    }
    .map(|team_member| CaseFilter {
        team_member,
        readable: true,
        ..CaseFilter::default()
    })
}

fn local_midnight(date: chrono::NaiveDate, zone: Tz) -> DateTime<Utc> {
    date.and_time(NaiveTime::MIN)
        .and_local_timezone(zone)
        .earliest()
        .map_or_else(
            || date.and_time(NaiveTime::MIN).and_utc(),
            |local| local.with_timezone(&Utc),
        )
}

fn task_line(row: &AgendaRow, reference: &str, pack: &(String, String), now: DateTime<Utc>) -> TaskView {
    TaskView {
        id: row.item.clone(),
        reference: reference.to_owned(),
        pack: pack.0.clone(),
        key: format!("task-{}", row.rule),
        raised_at: row.due_at.unwrap_or(now),
        instance: row.instance.clone(),
    }
}

fn outbox_line(
    job: &JobRow,
    references: &BTreeMap<Uuid, String>,
    names: &BTreeMap<Uuid, String>,
) -> OutboxView {
    let recipient = match (&job.account_id, job.person_id.as_deref()) {
        (Some(account), _) => names.get(account).cloned().unwrap_or_else(|| account.to_string()),
        (None, Some(person)) if person.starts_with("nobody:") => "nobody".to_owned(),
        (None, Some(_)) => "person-family_contact".to_owned(),
        (None, None) => "nobody".to_owned(),
    };
    OutboxView {
        id: job.id.clone(),
        reference: job.case_id.and_then(|id| references.get(&id).cloned()),
        key: format!("message-{}", job.message_kind.as_deref().unwrap_or("other")),
        recipient,
        state: job.state.to_string(),
        reason: job.reason.clone(),
        due_at: job.due_at,
        settled_at: job.settled_at,
        attempt: job.tries(),
        may_have_left: job.state != JobState::Done && job.result.as_deref() == Some(WORKER_LOST),
    }
}
