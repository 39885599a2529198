//! The floor: what the disk and the database do without Peshi. The same rows as a transition writes, by plain SQL, one
//! statement a row, on a table layout of Peshi's own making.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use peshi_store::{CaseRow, JobRow, JournalRow};
use peshi_test_support::{Database, DatabaseKind};
use sqlx::{Connection, Executor};
use uuid::Uuid;

use crate::ground::{Stopwatch, float};

/// Flushes a second of the disk under `folder`: 4 KiB appended, then `fdatasync`.
pub(crate) fn flushes(folder: &Path, time: Duration) -> Result<f64> {
    let path = folder.join("flushes");
    let mut file = File::create(&path).with_context(|| format!("{} cannot be made", path.display()))?;
    let page = [7_u8; 4096];
    let watch = Stopwatch::start();
    let mut count = 0_u64;
    while watch.elapsed() < time {
        file.write_all(&page)?;
        file.sync_data()?;
        count += 1;
    }
    let rate = float(count) / watch.seconds();
    drop(file);
    std::fs::remove_file(&path)?;
    Ok(rate)
}

/// The rows one transition writes, as a real one left them.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) case: CaseRow,
    pub(crate) journal: Vec<JournalRow>,
    pub(crate) jobs: Vec<JobRow>,
}

/// How long plain SQL takes to write the rows of `group` transitions, each on a case of its own, in one transaction; again
/// and again for some time. Each `slice` has cases of its own.
pub(crate) async fn plain(
    database: &Database,
    kind: DatabaseKind,
    sample: &Sample,
    group: u128,
    slice: u128,
    time: Duration,
) -> Result<Vec<Duration>> {
    match kind {
        DatabaseKind::Sqlite => {
            let path = database.url.trim_start_matches("sqlite://");
            let options = sqlx::sqlite::SqliteConnectOptions::new()
                .filename(path)
                .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
                .synchronous(sqlx::sqlite::SqliteSynchronous::Full)
                .foreign_keys(true);
            let mut connection = sqlx::SqliteConnection::connect_with(&options).await?;
            sqlite(&mut connection, sample, group, slice, time).await
        }
        DatabaseKind::Postgres => {
            let mut connection = sqlx::PgConnection::connect(&database.url).await?;
            postgres(&mut connection, sample, group, slice, time).await
        }
    }
}

/// A look from outside, on a connection of its own, by plain SQL.
pub(crate) enum Plain {
    Sqlite(sqlx::SqliteConnection),
    Postgres(sqlx::PgConnection),
}

/// The index alone answers this, so that looking costs next to nothing.
const TIMERS: &str = "SELECT count(*) FROM jobs WHERE state = $1 AND kind = 'timer' AND due_at <= $2";
const WAITING_TIMERS: &str = "SELECT count(*) FROM jobs WHERE state = 'waiting' AND kind = 'timer'";
const ONE_CASE: &str = "SELECT state FROM cases WHERE id = $1";
const LAST_CHANGED: &str =
    "SELECT state FROM cases WHERE closed = false ORDER BY last_event_at DESC LIMIT 25";

impl Plain {
    pub(crate) async fn at(database: &Database, kind: DatabaseKind) -> Result<Self> {
        Ok(match kind {
            DatabaseKind::Sqlite => {
                let path = database.url.trim_start_matches("sqlite://");
                let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
                Self::Sqlite(sqlx::SqliteConnection::connect_with(&options).await?)
            }
            DatabaseKind::Postgres => Self::Postgres(sqlx::PgConnection::connect(&database.url).await?),
        })
    }

    /// How many timers due by `due` are in a state.
    pub(crate) async fn timers(&mut self, state: &str, due: DateTime<Utc>) -> Result<i64> {
        Ok(match self {
            Self::Sqlite(db) => {
                let query = sqlx::query_scalar(TIMERS).bind(state).bind(due);
                query.fetch_one(db).await?
            }
            Self::Postgres(db) => {
                let query = sqlx::query_scalar(TIMERS).bind(state).bind(due);
                query.fetch_one(db).await?
            }
        })
    }

    /// How many timers wait at all.
    pub(crate) async fn waiting_timers(&mut self) -> Result<i64> {
        Ok(match self {
            Self::Sqlite(db) => sqlx::query_scalar(WAITING_TIMERS).fetch_one(db).await?,
            Self::Postgres(db) => sqlx::query_scalar(WAITING_TIMERS).fetch_one(db).await?,
        })
    }

    /// How large the database is.
    pub(crate) async fn bytes(&mut self) -> Result<i64> {
        Ok(match self {
            Self::Sqlite(db) => {
                let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
                    .fetch_one(&mut *db)
                    .await?;
                let size: i64 = sqlx::query_scalar("PRAGMA page_size").fetch_one(db).await?;
                pages * size
            }
            Self::Postgres(db) => {
                let size = sqlx::query_scalar("SELECT pg_database_size(current_database())");
                size.fetch_one(db).await?
            }
        })
    }

    /// One case's sealed state.
    pub(crate) async fn case(&mut self, id: Uuid) -> Result<Vec<u8>> {
        Ok(match self {
            Self::Sqlite(db) => sqlx::query_scalar(ONE_CASE).bind(id).fetch_one(db).await?,
            Self::Postgres(db) => sqlx::query_scalar(ONE_CASE).bind(id).fetch_one(db).await?,
        })
    }

    /// The states of a page of open cases.
    pub(crate) async fn last_changed(&mut self) -> Result<Vec<Vec<u8>>> {
        Ok(match self {
            Self::Sqlite(db) => sqlx::query_scalar(LAST_CHANGED).fetch_all(db).await?,
            Self::Postgres(db) => sqlx::query_scalar(LAST_CHANGED).fetch_all(db).await?,
        })
    }
}

/// The ids of the floor's own cases, out of the way of real ones.
fn floor_case(group: u128, slice: u128, n: u128) -> Uuid {
    Uuid::from_u128((0xF100 << 96) | (group << 64) | (slice << 32) | n)
}

const CASE: &str = "INSERT INTO cases (id, reference, pack_name, pack_version, pack_hash, version, head, opened_at, closed, \
    waiting_on, waiting_since, stalled_at, last_event_at, public_status, state) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (id) DO UPDATE SET \
    version = excluded.version, head = excluded.head, waiting_on = excluded.waiting_on, waiting_since = excluded.waiting_since, \
    stalled_at = excluded.stalled_at, last_event_at = excluded.last_event_at, state = excluded.state";
const JOURNAL: &str = "INSERT INTO journal (case_id, seq, recorded_at, occurred_at, actor, instance, kind, payload, prev_hash, \
    hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const JOB: &str = "INSERT INTO jobs (id, case_id, kind, due_at, state, attempt, deferrals, payload, created_at) \
    VALUES ($1, $2, $3, $4, $5, 0, 0, $6, $7)";
const CANCEL: &str = "UPDATE jobs SET state = 'cancelled', reason = 'left', settled_at = $2 WHERE id = $1 AND state = 'waiting'";

/// The same for both drivers, whose types differ and whose words do not.
macro_rules! plain_sql {
    ($name:ident, $connection:ty, $begin:literal) => {
        async fn $name(
            db: &mut $connection,
            sample: &Sample,
            group: u128,
            slice: u128,
            time: Duration,
        ) -> Result<Vec<Duration>> {
            let watch = Stopwatch::start();
            let mut times = Vec::new();
            let mut turn = 0_i64;
            while watch.elapsed() < time {
                let one = Stopwatch::start();
                db.execute($begin).await?;
                for n in 0..group {
                    let id = floor_case(group, slice, n);
                    let row = &sample.case;
                    sqlx::query(CASE)
                        .bind(id)
                        .bind(format!("floor-{group}-{slice}-{n}"))
                        .bind(&row.pack_name)
                        .bind(row.pack_version)
                        .bind(&row.pack_hash)
                        .bind(turn)
                        .bind(&row.head)
                        .bind(row.opened_at)
                        .bind(row.closed)
                        .bind(&row.waiting_on)
                        .bind(row.waiting_since)
                        .bind(row.stalled_at)
                        .bind(row.last_event_at)
                        .bind(&row.public_status)
                        .bind(&row.state)
                        .execute(&mut *db)
                        .await?;
                    for (seq, row) in (0_i64..).zip(&sample.journal) {
                        let count = i64::try_from(sample.journal.len())?;
                        sqlx::query(JOURNAL)
                            .bind(id)
                            .bind(turn * count + seq)
                            .bind(row.recorded_at)
                            .bind(row.occurred_at)
                            .bind(&row.actor)
                            .bind(&row.instance)
                            .bind(&row.kind)
                            .bind(&row.payload)
                            .bind(&row.prev_hash)
                            .bind(&row.hash)
                            .execute(&mut *db)
                            .await?;
                    }
                    for (number, job) in sample.jobs.iter().enumerate() {
                        sqlx::query(JOB)
                            .bind(format!("{id}:{turn}:{number}"))
                            .bind(id)
                            .bind(job.kind.as_str())
                            .bind(job.due_at)
                            .bind("waiting")
                            .bind(job.payload.to_string())
                            .bind(job.created_at)
                            .execute(&mut *db)
                            .await?;
                        if turn > 0 {
                            sqlx::query(CANCEL)
                                .bind(format!("{id}:{}:{number}", turn - 1))
                                .bind(job.created_at)
                                .execute(&mut *db)
                                .await?;
                        }
                    }
                }
                db.execute("COMMIT").await?;
                times.push(one.elapsed());
                turn += 1;
            }
            Ok(times)
        }
    };
}

plain_sql!(sqlite, sqlx::SqliteConnection, "BEGIN IMMEDIATE");
plain_sql!(postgres, sqlx::PgConnection, "BEGIN");
