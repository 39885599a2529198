//! Why an import cannot begin or go on; a single bad row is no error but a line of the report.

use peshi_service::ServiceError;
use peshi_store::StoreError;
use thiserror::Error;

/// Why an import stopped. What was applied before stays; the same command goes on from there.
#[derive(Debug, Error)]
pub enum ImportError {
    /// The map cannot be read.
    #[error("the map {file} cannot be read: {problem}; docs/import.md shows its form")]
    Map {
        /// The file.
        file: String,
        /// What is wrong.
        problem: String,
    },
    /// The map and the pack do not fit.
    #[error("the map does not fit the pack `{pack}`: {problem}")]
    Misfit {
        /// The pack.
        pack: String,
        /// What does not fit.
        problem: String,
    },
    /// The file is not a table.
    #[error(
        "the log cannot be read as a table: {problem}; it must be CSV in UTF-8 with a line of column names"
    )]
    Table {
        /// What is wrong.
        problem: String,
    },
    /// A column is missing.
    #[error("the log has no column `{column}`, which the map names; it has: {found}")]
    Column {
        /// The column.
        column: String,
        /// What there is.
        found: String,
    },
    /// There is nothing in it.
    #[error("the log has no rows; nothing was changed")]
    Empty,
    /// A scheduler would fire the log's timers ahead of the log.
    #[error(
        "the scheduler `{worker}` is at work on this database and would fire the log's deadlines before the log's own \
         events; stop `peshi serve` and `peshi work`, wait a minute, and import again. Nothing was changed"
    )]
    SchedulerAtWork {
        /// Its name.
        worker: String,
    },
    /// Somebody asked to stop.
    #[error("the import was stopped after {rows} rows; the same command goes on from there")]
    Stopped {
        /// Rows applied.
        rows: usize,
    },
    /// A use case.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}
