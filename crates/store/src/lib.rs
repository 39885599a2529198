//! The only room that speaks to the database.
//!
//! It keeps sealed bytes, ids, moments and flags; it does not know what a case means, who may see what, or how anything
//! is sealed. It never reads a clock and never makes an id: both are arguments. One [`Store`] works over SQLite and over
//! PostgreSQL, and one contract suite (`tests/contract.rs`) holds both to the same behaviour. No type of the ORM appears
//! in a public signature.
//!
//! Reading goes through [`Store`]; everything that belongs together is written through a [`WriteTx`], an owned object
//! that `commit` consumes and whose drop rolls back.

mod batch;
mod bell;
mod connect;
mod copy;
mod days;
mod entities;
mod erase;
mod error;
mod filters;
mod keys;
mod queue;
mod read;
mod rows;
mod schema;
mod servers;
mod sql;
mod store;
mod tx;
mod watch;
mod words;
mod write;

pub use batch::{CaseBatch, CaseWrite};
pub use bell::Bell;
pub use connect::StoreOptions;
pub use copy::{Restoration, Snapshot, TableCount};
pub use days::DatesFrom;
pub use error::StoreError;
pub use filters::{
    AgendaFilter, BadCursor, CaseCursor, CaseFilter, CaseOrder, JobCursor, JobFilter, Page, ViolationFilter,
};
pub use keys::KeyRow;
pub use queue::{Outcome, Settlement, WORKER_LOST, Wanted};
pub use read::COUNTED;
pub use read::ListedViolation;
pub use rows::{
    AccountRow, AgendaRow, AuditEntry, AuditRow, CalendarDayRow, CaseRow, DocumentPartRow, HeartbeatRow,
    JobCount, JobRow, JournalRow, NewJob, PackRow, PermissionRow, ScheduleRow, SessionRow, TeamRow,
    ViolationRow,
};
pub use store::Store;
pub use tx::WriteTx;
pub use watch::Step;
pub use words::{AgendaState, Backend, DigestRate, JobKind, JobState, KeyState, UnknownWord};
pub use write::Heads;
