//! Use cases: the access gate, the one writer of cases, the one reader for edges.
//!
//! One use case is one transaction: open it, ask the gate, decide, write, commit. Nothing here knows HTTP, HTML or mail;
//! nothing but this crate changes a case. Time is an argument of every method, and random bytes come from the source
//! handed in when the service is made.

mod access;
mod accounts;
mod alarm;
mod backup;
mod case_view;
mod cases;
mod clock;
mod core;
mod days;
mod deadlines;
mod documents;
mod effects;
mod erasure;
mod error;
mod export;
mod group;
mod heads;
mod held;
mod import;
mod jobs;
mod journal_view;
mod library;
mod lists;
mod media;
mod meters;
mod migrate;
mod names;
mod open;
mod outgoing;
mod paths;
mod pipeline;
mod rotation;
mod said;
mod schedules;
mod sealing;
mod search;
mod trace;
mod verify;
pub mod views;
mod violations;
mod why;
mod writer;
mod writing;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use peshi_casework::{AccountId, CaseId};
use peshi_store::Store;
use peshi_vault::{Fill, OrganisationKey};
use uuid::Uuid;

use crate::core::Core;
use crate::writer::Writer;

pub use access::{Action, Role, Viewer, may};
pub use accounts::{NewAccount, PERMISSION_DAYS};
pub use alarm::{SILENCE, SKEW};
pub use backup::{Backup, BackupError, BackupHeader};
pub use cases::{GrantPermission, NewCase, PERSON_ROLES, RecordEvent};
pub use clock::{Clock, ManualClock};
pub use days::{DateMove, DayStatusWord, DayView, NewDay, WouldMove};
pub use deadlines::ChangeDeadline;
pub use documents::{DocumentCopy, MAX_DOCUMENT};
pub use effects::settlement;
pub use erasure::Erased;
pub use error::ServiceError;
pub use export::ExportHeader;
pub use heads::CaseHead;
pub use library::{AddedDay, AddedDays, Library, LibraryError, earlier_words};
pub use lists::{CaseList, CaseListFilter, PackView};
pub use meters::Meters;
pub use migrate::{CaseMove, DeadlineMove, InstanceMove, Migrate, Migrated};
pub use outgoing::{About, DeadlineAbout, Outgoing, Prepared};
pub use paths::{CasePaths, InstancePath, PathStep};
pub use peshi_calendar::Only;
pub use rotation::Rotated;
pub use schedules::{CatchUp, OccurrenceView, Planned, ScheduleSpec, ScheduleView};
pub use search::Found;
pub use trace::{NoTrace, Trace, traced};
pub use verify::{Broken, Verified};
pub use violations::RegisterFilter;
pub use why::WhyLine;
pub use writing::{Outcome, Settles, Submission};

/// A source of random bytes, kept for the life of the service.
pub type Entropy = Box<Fill<'static>>;

/// The use cases.
pub struct Service {
    pub(crate) store: Arc<Store>,
    pub(crate) key: Arc<OrganisationKey>,
    pub(crate) library: Arc<Library>,
    pub(crate) core: Arc<Core>,
    pub(crate) writer: Writer,
    zone: Tz,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}

impl Service {
    /// A service over a store, with the organisation's key, its packs and a source of random bytes.
    pub fn new(store: Arc<Store>, key: Arc<OrganisationKey>, library: Library, entropy: Entropy) -> Self {
        let library = Arc::new(library);
        let core = Arc::new(Core::new(
            Arc::clone(&store),
            Arc::clone(&key),
            Arc::clone(&library),
            entropy,
        ));
        Self {
            store,
            key,
            library,
            writer: Writer::new(Arc::clone(&core)),
            core,
            zone: chrono_tz::Asia::Karachi,
        }
    }

    /// The same in the organisation's own zone; without a word it is Karachi's.
    #[must_use]
    pub fn in_zone(self, zone: Tz) -> Self {
        Self { zone, ..self }
    }

    /// The organisation's zone, in which a member of staff's day begins and ends. A case has the zone of its court.
    pub const fn zone(&self) -> Tz {
        self.zone
    }

    /// What this process counts and times about itself.
    pub fn meters(&self) -> &Meters {
        &self.core.meters
    }

    /// Packs and calendars at hand.
    pub fn library(&self) -> &Library {
        &self.library
    }

    /// Runs `use_it` with the random source; never across an await.
    pub(crate) fn with_entropy<T>(&self, use_it: impl FnOnce(&mut Fill<'static>) -> T) -> T {
        self.core.with_entropy(use_it)
    }

    /// A new id that sorts by the time it was made (UUID version 7, RFC 9562).
    pub(crate) fn new_id(&self, now: DateTime<Utc>) -> Uuid {
        let mut random = [0; 10];
        self.with_entropy(|fill| fill(&mut random));
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// A new case's id.
    pub(crate) fn new_case_id(&self, now: DateTime<Utc>) -> CaseId {
        CaseId(self.new_id(now))
    }

    /// A new account's id.
    pub(crate) fn new_account_id(&self, now: DateTime<Utc>) -> AccountId {
        AccountId(self.new_id(now))
    }
}
