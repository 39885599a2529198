//! Opening the database: one connection that writes and several that read on SQLite, two pools on PostgreSQL.
//!
//! It does not know any table, nor which of several servers is the primary. No password leaves this file: messages name the
//! place by user, host, port and database.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sea_orm::DatabaseConnection;
use sqlx::ConnectOptions;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::task::JoinSet;

use crate::error::{Sorted, StoreError, sort};
use crate::servers::Servers;
use crate::words::Backend;

/// How long a caller waits for SQLite's writing connection before it hears that the database is busy.
const PATIENCE: Duration = Duration::from_secs(30);
/// The same on PostgreSQL, where a server that restarts also takes this long to come back before anyone is told.
const SERVER_PATIENCE: Duration = Duration::from_secs(10);

/// Memory for pages of a SQLite file, as SQLite's pragma wants it: KiB, negative. The writer touches many indexes in one group,
/// and each reader holds its own.
const WRITER_CACHE: &str = "-65536";
const READER_CACHE: &str = "-8192";

/// Pages of SQLite's write-ahead log after which the writer copies them into the file: 32 MiB. A busy index is changed in
/// every group, and is copied once for many of them.
const CHECKPOINT: &str = "8192";

/// How to open the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreOptions {
    /// Most connections that read at the same time, at least 1. PostgreSQL gets as many again that write.
    pub max_read_connections: u32,
    /// How long SQLite waits for a lock another process holds, in milliseconds.
    pub busy_timeout_ms: u64,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            max_read_connections: 8,
            busy_timeout_ms: 5_000,
        }
    }
}

/// The open pools.
#[derive(Debug)]
pub(crate) struct Pools {
    pub(crate) backend: Backend,
    pub(crate) read: DatabaseConnection,
    pub(crate) write: DatabaseConnection,
    /// For the one connection that listens, on PostgreSQL.
    pub(crate) listen: Option<sqlx::PgPool>,
    /// Leads the pools after the primary while they are used, where there are several servers.
    pub(crate) following: JoinSet<()>,
}

pub(crate) async fn open(url: &str, options: &StoreOptions) -> Result<Pools, StoreError> {
    if let Some(path) = url.strip_prefix("sqlite://") {
        open_sqlite(path, options).await
    } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        open_postgres(url, options).await
    } else {
        Err(unusable(
            "given",
            "its URL starts with neither sqlite:// nor postgres://",
            "Write --database sqlite:///path/to/peshi.db or --database postgres://user@host/database",
        ))
    }
}

async fn open_sqlite(path: &str, options: &StoreOptions) -> Result<Pools, StoreError> {
    let place = format!("file {path}");
    if path.is_empty() || path.contains('?') || path.starts_with(":memory:") {
        return Err(unusable(
            &place,
            "a path to a file is needed, without parameters; a database in memory cannot be shared by its connections",
            "Write --database sqlite:///path/to/peshi.db",
        ));
    }
    let path = PathBuf::from(path);
    create_private(&path).map_err(|error| {
        unusable(
            &place,
            &error.to_string(),
            "Check that the folder exists and that you may write to it",
        )
    })?;
    let base = SqliteConnectOptions::new()
        .filename(&path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        // What is deleted is overwritten: the destroyed key of an erased case must not stay on the disk.
        .pragma("secure_delete", "ON")
        .busy_timeout(Duration::from_millis(options.busy_timeout_ms))
        // A statement that writes many rows keeps a journal of its own in case it fails half way; a file for it would cost
        // as much as the rows. Nothing durable ever lies there.
        .pragma("temp_store", "MEMORY")
        .disable_statement_logging();
    // Not testing a connection before its use saves a hop to the driver's thread: a file does not hang up.
    let pool = || {
        SqlitePoolOptions::new()
            .acquire_timeout(PATIENCE)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
    };
    let write = patiently(
        &place,
        options,
        &pool().min_connections(1).max_connections(1),
        &base
            .clone()
            .pragma("cache_size", WRITER_CACHE)
            .pragma("wal_autocheckpoint", CHECKPOINT),
    )
    .await?;
    let read = pool()
        .max_connections(options.max_read_connections.max(1))
        .connect_with(base.pragma("query_only", "ON").pragma("cache_size", READER_CACHE))
        .await
        .map_err(|error| explain(&place, &error))?;
    Ok(Pools {
        backend: Backend::Sqlite,
        read: read.into(),
        write: write.into(),
        listen: None,
        following: JoinSet::new(),
    })
}

/// Tries again while the file is locked. Turning on the write-ahead log, which only the very first connection to a file
/// does, fails at once when another process is just doing the same: SQLite's own busy timeout does not cover it.
async fn patiently(
    place: &str,
    options: &StoreOptions,
    pool: &SqlitePoolOptions,
    file: &SqliteConnectOptions,
) -> Result<sqlx::SqlitePool, StoreError> {
    let mut locked = explain(place, &sqlx::Error::PoolTimedOut);
    let attempts = async {
        loop {
            match pool.clone().connect_with(file.clone()).await {
                Ok(pool) => return Ok(pool),
                Err(error) if matches!(sort(&error), Sorted::Busy(_)) => {
                    locked = explain(place, &error);
                }
                Err(error) => return Err(explain(place, &error)),
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    };
    let patience = Duration::from_millis(options.busy_timeout_ms) + Duration::from_secs(1);
    match tokio::time::timeout(patience, attempts).await {
        Ok(outcome) => outcome,
        Err(_) => Err(locked),
    }
}

/// Makes the file, if it is not there, so that only its owner may read it. SQLite gives the files beside it the same rights.
///
/// A file that exists is not even opened: closing it would drop the locks another connection of this process holds on it.
fn create_private(path: &Path) -> std::io::Result<()> {
    let mut open = std::fs::OpenOptions::new();
    open.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    match open.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

async fn open_postgres(url: &str, options: &StoreOptions) -> Result<Pools, StoreError> {
    let servers = Arc::new(Servers::parse(url)?);
    servers.find().await?;
    let pool = |most: u32| {
        let pool = PgPoolOptions::new().acquire_timeout(SERVER_PATIENCE);
        servers.pool(pool.max_connections(most))
    };
    let most = options.max_read_connections.max(1);
    // Two pools, so that a transaction that reads in between never waits for a connection another transaction holds.
    let (read, write, listen) = (pool(most), pool(most), pool(1));
    Ok(Pools {
        backend: Backend::Postgres,
        following: servers.follow(vec![read.clone(), write.clone(), listen.clone()]),
        read: read.into(),
        write: write.into(),
        listen: Some(listen),
    })
}

pub(crate) fn unusable(place: &str, what: &str, remedy: &str) -> StoreError {
    StoreError::Unreachable {
        place: place.to_owned(),
        what: what.to_owned(),
        remedy: remedy.to_owned(),
    }
}

pub(crate) fn explain(place: &str, error: &sqlx::Error) -> StoreError {
    match sort(error) {
        Sorted::Unreachable(what, remedy) => unusable(place, &what, remedy),
        Sorted::Busy(what) => unusable(
            place,
            &what,
            "Another program holds it; stop that program, or wait until it is done, and start again",
        ),
        Sorted::Lost(what) => unusable(
            place,
            &what,
            "Check that the server runs and that host and port in --database are right",
        ),
        Sorted::Contended(what) | Sorted::Conflict(what) | Sorted::Inconsistent(what) => {
            unusable(place, &what, "Run `peshi doctor`")
        }
        Sorted::Other => unusable(place, &error.to_string(), "Run `peshi doctor`"),
    }
}
