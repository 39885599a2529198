//! The store's one error type, sorted by what the caller can do about it, and the reading of driver errors into it.
//!
//! It does not know who calls. "Not found" is no error here: such methods answer `Ok(None)`.

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, SqlxError};
use uuid::Uuid;

use crate::filters::BadCursor;

/// What went wrong in the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database cannot be used at all: an operator must act.
    #[error("the database {place} cannot be used: {what}. {remedy}")]
    Unreachable {
        /// Which database, without any password.
        place: String,
        /// What happened.
        what: String,
        /// What to do.
        remedy: String,
    },
    /// Someone else holds what was needed; the same call may well succeed in a moment.
    #[error("the database is busy ({what}) while working on {table}; try again in a moment")]
    Busy {
        /// Where.
        table: &'static str,
        /// What happened.
        what: String,
    },
    /// Two writers met, and the database broke this one off so that the other could go on: nothing of it was kept.
    #[error("another change came first ({what}) while working on {table}; try again in a moment")]
    Contended {
        /// Where.
        table: &'static str,
        /// What happened.
        what: String,
    },
    /// The connection broke before anything was kept.
    #[error(
        "the connection to the database was lost ({what}) while working on {table}; nothing of this was saved. Try again in a moment; if it stays so, check that PostgreSQL runs and can be reached"
    )]
    Lost {
        /// Where.
        table: &'static str,
        /// What happened.
        what: String,
    },
    /// The connection broke between the order to keep everything and the answer: it may have been kept, or not.
    #[error(
        "the connection to the database was lost ({what}) at the moment of saving, so it is not known whether this was saved; look before you do it again"
    )]
    Uncertain {
        /// What happened.
        what: String,
    },
    /// A case was changed by someone else since it was read: read it again and decide anew.
    #[error(
        "case {case} was changed meanwhile: version {expected} was expected, {} was found; read it again",
        found.map_or_else(|| "no such case".to_owned(), |version| format!("version {version}"))
    )]
    VersionMoved {
        /// The case.
        case: Uuid,
        /// The version the change was decided upon.
        expected: i64,
        /// The version in the database, if the case exists.
        found: Option<i64>,
    },
    /// Something that must be unique exists already.
    #[error("there is already a row with this {unique}; use another value, or change the existing row")]
    Conflict {
        /// The columns that must be unique, as `table.column`, separated by commas.
        unique: String,
    },
    /// The database holds, or was given, something that cannot be: the data or the program is at fault.
    #[error("table {table} is inconsistent: {what}; run `peshi verify`, and compare with a backup")]
    Inconsistent {
        /// Where.
        table: &'static str,
        /// What was found.
        what: String,
    },
    /// A write in this transaction failed or was broken off, so nothing of it may be kept.
    #[error("this transaction failed earlier and was rolled back; begin a new one")]
    Abandoned,
    /// A copy of the database could not be written down.
    #[error(
        "the copy could not be written: {source}. Free some space, check the folder and its owner, and begin again"
    )]
    Copy {
        /// What the writing end said.
        source: std::io::Error,
    },
    /// A copy was to be read into a place that holds something.
    #[error(
        "the database is not empty: table {table} has rows. A backup is restored only into an empty place: \
         name another --data folder or another --database"
    )]
    NotEmpty {
        /// The table.
        table: String,
    },
    /// A copy cannot be read into this database.
    #[error("the copy cannot be read{}: {what}. {remedy}", table.as_ref().map(|t| format!(" at table {t}")).unwrap_or_default())]
    Unreadable {
        /// The table it was reading, if it had come so far.
        table: Option<String>,
        /// What does not fit.
        what: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A page bookmark belongs to another list.
    #[error(transparent)]
    BadCursor(#[from] BadCursor),
    /// Anything else the driver reports.
    #[error("the database refused work on {table}: {source}; `peshi doctor` checks the database")]
    Driver {
        /// Where.
        table: &'static str,
        /// What the driver said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl StoreError {
    /// Whether doing the same again, from the start of the transaction, may succeed without anyone's help.
    pub const fn is_retryable(&self) -> bool {
        self.is_momentary() || matches!(self, Self::Busy { .. } | Self::VersionMoved { .. })
    }

    /// Whether nothing was kept and the cause is likely gone already, so that doing it again at once makes sense. Where
    /// [`Self::Busy`] is the answer, somebody has waited long enough.
    pub const fn is_momentary(&self) -> bool {
        matches!(self, Self::Contended { .. } | Self::Lost { .. })
    }

    /// Whether the database itself is in trouble: then every piece of work fails alike, and none is to blame for it.
    pub const fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::Busy { .. }
                | Self::Contended { .. }
                | Self::Lost { .. }
                | Self::Uncertain { .. }
        )
    }

    /// The same once more, for each of those whom one failure concerns. What the driver said becomes text.
    #[must_use]
    pub fn repeated(&self) -> Self {
        match self {
            Self::Unreachable { place, what, remedy } => Self::Unreachable {
                place: place.clone(),
                what: what.clone(),
                remedy: remedy.clone(),
            },
            Self::Busy { table, what } => Self::Busy {
                table,
                what: what.clone(),
            },
            Self::Contended { table, what } => Self::Contended {
                table,
                what: what.clone(),
            },
            Self::Lost { table, what } => Self::Lost {
                table,
                what: what.clone(),
            },
            Self::Uncertain { what } => Self::Uncertain { what: what.clone() },
            Self::VersionMoved {
                case,
                expected,
                found,
            } => Self::VersionMoved {
                case: *case,
                expected: *expected,
                found: *found,
            },
            Self::Conflict { unique } => Self::Conflict {
                unique: unique.clone(),
            },
            Self::Copy { source } => Self::Copy {
                source: std::io::Error::new(source.kind(), source.to_string()),
            },
            Self::NotEmpty { table } => Self::NotEmpty { table: table.clone() },
            Self::Unreadable { table, what, remedy } => Self::Unreadable {
                table: table.clone(),
                what: what.clone(),
                remedy,
            },
            Self::Inconsistent { table, what } => Self::Inconsistent {
                table,
                what: what.clone(),
            },
            Self::Abandoned => Self::Abandoned,
            Self::BadCursor(cursor) => Self::BadCursor(cursor.clone()),
            Self::Driver { table, source } => Self::Driver {
                table,
                source: source.to_string().into(),
            },
        }
    }
}

/// What a failed `COMMIT` means. A lost connection leaves it open, and so does what nobody foresaw; every other failure is
/// an answer, and the answer is no.
pub(crate) fn committing(error: DbErr) -> StoreError {
    match read(error, "cases") {
        StoreError::Lost { what, .. } => StoreError::Uncertain { what },
        StoreError::Driver { source, .. } => StoreError::Uncertain {
            what: source.to_string(),
        },
        other => other,
    }
}

/// Gives a driver's result the table it was about and the store's error.
pub(crate) trait OnTable<T> {
    /// Reads the error as one about `table`.
    fn on(self, table: &'static str) -> Result<T, StoreError>;
}

impl<T> OnTable<T> for Result<T, DbErr> {
    fn on(self, table: &'static str) -> Result<T, StoreError> {
        self.map_err(|error| read(error, table))
    }
}

fn read(error: DbErr, table: &'static str) -> StoreError {
    match &error {
        DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => StoreError::Busy {
            table,
            what: NO_CONNECTION.to_owned(),
        },
        DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => unreachable(
            "the connection was closed",
            "The process is shutting down, or the server ended the connection; start again",
        ),
        DbErr::Type(what) | DbErr::Json(what) => StoreError::Inconsistent {
            table,
            what: what.clone(),
        },
        DbErr::Exec(RuntimeErr::SqlxError(cause))
        | DbErr::Query(RuntimeErr::SqlxError(cause))
        | DbErr::Conn(RuntimeErr::SqlxError(cause)) => match sort(cause) {
            Sorted::Unreachable(what, remedy) => unreachable(&what, remedy),
            Sorted::Busy(what) => StoreError::Busy { table, what },
            Sorted::Contended(what) => StoreError::Contended { table, what },
            Sorted::Lost(what) => StoreError::Lost { table, what },
            Sorted::Conflict(unique) => StoreError::Conflict { unique },
            Sorted::Inconsistent(what) => StoreError::Inconsistent { table, what },
            Sorted::Other => StoreError::Driver {
                table,
                source: Box::new(error),
            },
        },
        _ => StoreError::Driver {
            table,
            source: Box::new(error),
        },
    }
}

const NO_CONNECTION: &str =
    "no connection became free in time: the server does not answer, or every connection is in use";

fn unreachable(what: &str, remedy: &str) -> StoreError {
    StoreError::Unreachable {
        place: "in use".to_owned(),
        what: what.to_owned(),
        remedy: remedy.to_owned(),
    }
}

/// A driver error by its remedy.
pub(crate) enum Sorted {
    /// What happened, and what to do.
    Unreachable(String, &'static str),
    /// What happened.
    Busy(String),
    /// What happened.
    Contended(String),
    /// What happened.
    Lost(String),
    /// The unique columns.
    Conflict(String),
    /// What was found.
    Inconsistent(String),
    /// None of these.
    Other,
}

/// Sorts a driver error. The texts come from the database and from the system; neither contains a password.
pub(crate) fn sort(error: &SqlxError) -> Sorted {
    match error {
        SqlxError::Database(cause) => {
            if let Some(postgres) = cause.try_downcast_ref::<sqlx::postgres::PgDatabaseError>() {
                sort_postgres(postgres)
            } else {
                sort_sqlite(
                    cause.code().and_then(|code| code.parse().ok()).unwrap_or(0),
                    cause.message(),
                )
            }
        }
        SqlxError::Io(cause) => Sorted::Lost(cause.to_string()),
        SqlxError::Tls(cause) => Sorted::Unreachable(
            format!("no encrypted connection could be made: {cause}"),
            "Check the server's certificate, or the sslmode in --database",
        ),
        SqlxError::PoolTimedOut => Sorted::Busy(NO_CONNECTION.to_owned()),
        SqlxError::ColumnDecode { .. } | SqlxError::Decode(_) | SqlxError::ColumnNotFound(_) => {
            Sorted::Inconsistent(error.to_string())
        }
        _ => Sorted::Other,
    }
}

const MIGRATE: &str = "Run `peshi migrate`";

fn sort_postgres(error: &sqlx::postgres::PgDatabaseError) -> Sorted {
    let what = error.message().to_owned();
    match error.code() {
        "23505" => Sorted::Conflict(unique_of(error.constraint().unwrap_or(error.message()))),
        "23503" => Sorted::Inconsistent(what),
        // Serialisation failure, deadlock.
        "40001" | "40P01" => Sorted::Contended(what),
        // Lock not available.
        "55P03" => Sorted::Busy(what),
        "28P01" | "28000" => Sorted::Unreachable(what, "Check user and password in --database"),
        "3D000" => Sorted::Unreachable(what, "Create it with `createdb`, or correct --database"),
        "42P01" | "42703" => Sorted::Unreachable(what, MIGRATE),
        "42501" => Sorted::Unreachable(what, "Grant the database user rights on the schema"),
        "53300" => Sorted::Unreachable(what, "Raise max_connections on the server, or run fewer nodes"),
        "53100" => Sorted::Unreachable(what, "Free some space on the server's disk"),
        "25006" => Sorted::Unreachable(what, "Point --database at the primary server, not at a replica"),
        "57P04" => Sorted::Unreachable(what, "Point --database at a database that exists"),
        // The server is starting or stopping, an operator ended the connection, or the line is cut.
        code if code.starts_with("57P") || code.starts_with("08") => Sorted::Lost(what),
        _ => Sorted::Other,
    }
}

fn sort_sqlite(code: i32, message: &str) -> Sorted {
    let what = message.to_owned();
    match (code, code & 0xff) {
        (1555 | 2067, _) => Sorted::Conflict(unique_of(
            message
                .strip_prefix("UNIQUE constraint failed: ")
                .unwrap_or(message),
        )),
        (787, _) => Sorted::Inconsistent(what),
        (_, 5 | 6) => Sorted::Busy(what),
        (_, 3 | 8 | 23) => Sorted::Unreachable(
            what,
            "Make the file and its folder writable for the user who runs Peshi",
        ),
        (_, 10) => Sorted::Unreachable(
            what,
            "Check that the disk the file lies on is sound and has space left",
        ),
        (_, 11) => Sorted::Unreachable(what, "The file is damaged: restore a backup with `peshi restore`"),
        (_, 13) => Sorted::Unreachable(what, "Free some space on the disk the file lies on"),
        (_, 14) => Sorted::Unreachable(what, "Check that the folder exists and may be written to"),
        (_, 26) => Sorted::Unreachable(what, "Point --database at a file made by Peshi"),
        (_, 1) if message.starts_with("no such table") || message.starts_with("no such column") => {
            Sorted::Unreachable(what, MIGRATE)
        }
        _ => Sorted::Other,
    }
}

/// The columns behind a constraint, the same on both databases: SQLite names columns, PostgreSQL names constraints.
fn unique_of(name: &str) -> String {
    let columns = match name {
        "cases_reference" => "cases.reference",
        "cases_external_key" => "cases.pack_name, cases.external_key",
        "accounts_login" => "accounts.login_index",
        "cases_pkey" => "cases.id",
        "case_keys_pkey" => "case_keys.case_id",
        "journal_pkey" => "journal.case_id, journal.seq",
        "accounts_pkey" => "accounts.id",
        "permissions_pkey" => "permissions.id",
        other => other,
    };
    columns.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_codes_lead_to_the_right_remedy() {
        let kind = |code, message| match sort_sqlite(code, message) {
            Sorted::Unreachable(what, remedy) => format!("{what} / {remedy}"),
            Sorted::Busy(what) | Sorted::Contended(what) | Sorted::Lost(what) => format!("busy: {what}"),
            Sorted::Conflict(unique) => format!("conflict: {unique}"),
            Sorted::Inconsistent(what) => format!("inconsistent: {what}"),
            Sorted::Other => "other".to_owned(),
        };
        assert_eq!(kind(5, "database is locked"), "busy: database is locked");
        assert_eq!(kind(517, "database is locked"), "busy: database is locked");
        assert_eq!(
            kind(2067, "UNIQUE constraint failed: cases.reference"),
            "conflict: cases.reference"
        );
        assert_eq!(
            kind(787, "FOREIGN KEY constraint failed"),
            "inconsistent: FOREIGN KEY constraint failed"
        );
        assert_eq!(
            kind(1, "no such table: cases"),
            "no such table: cases / Run `peshi migrate`"
        );
        assert_eq!(kind(1, "near \"x\": syntax error"), "other");
    }

    #[test]
    fn only_what_may_pass_by_itself_is_retried() {
        let moved = StoreError::VersionMoved {
            case: Uuid::nil(),
            expected: 3,
            found: None,
        };
        assert!(moved.is_retryable());
        assert_eq!(
            moved.to_string(),
            "case 00000000-0000-0000-0000-000000000000 was changed meanwhile: version 3 was expected, no such case was found; read it again"
        );
        assert!(
            StoreError::Busy {
                table: "jobs",
                what: String::new()
            }
            .is_retryable()
        );
        assert!(
            !StoreError::Conflict {
                unique: "cases.reference".to_owned()
            }
            .is_retryable()
        );
        assert!(!StoreError::Abandoned.is_retryable());
    }
}
