//! The packs and calendars at hand: current ones by name, pinned ones by hash.
//! Knows files as texts; the store remembers each version that a case was ever pinned to.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use peshi_calendar::{Calendar, CalendarError, ClosedDay};
use peshi_casework::pack::{Finding, Pack, PackFiles, Severity, load, parse_calendar};

/// Packs and calendars.
#[derive(Debug, Default)]
pub struct Library {
    by_name: BTreeMap<String, Arc<Pack>>,
    by_hash: RwLock<BTreeMap<String, Arc<Pack>>>,
    /// As their files say.
    written: BTreeMap<String, Written>,
    /// With the days that staff have added.
    laid: RwLock<Laid>,
}

/// Calendars with added days laid over them.
#[derive(Debug, Clone, Default)]
struct Laid {
    calendars: BTreeMap<String, Arc<Calendar>>,
    /// How many days.
    days: u64,
}

/// A calendar of a file, with what it extends.
#[derive(Debug, Clone)]
struct Written {
    calendar: Arc<Calendar>,
    extends: Option<String>,
}

/// Days that staff have added to a calendar, and to those that extend it.
pub type AddedDays = BTreeMap<String, Vec<AddedDay>>;

/// One such day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedDay {
    /// The day, and for whom.
    pub day: ClosedDay,
    /// It was thought closed and is open after all.
    pub opens: bool,
}

/// Why a library cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// A pack or calendar has faults.
    #[error("`{name}` cannot be used:\n{}", list(.findings))]
    Faulty {
        /// The folder.
        name: String,
        /// What is wrong.
        findings: Vec<Finding>,
    },
    /// A calendar that something names does not exist.
    #[error("`{by}` counts in the calendar `{calendar}`, which does not exist; known: {known}")]
    NoCalendar {
        /// Who names it.
        by: String,
        /// The name.
        calendar: String,
        /// Those that exist.
        known: String,
    },
    /// A rule needs hours that a calendar does not have.
    #[error(
        "`{by}` has a rule due at the opening or closing of the court, and the calendar `{calendar}` does not say when \
         every open weekday begins and ends: add `hours` to it"
    )]
    NoHours {
        /// The pack.
        by: String,
        /// The calendar.
        calendar: String,
    },
    /// A calendar contradicts itself.
    #[error("the calendar `{name}` cannot be used: {problem}")]
    Unsound {
        /// Its name.
        name: String,
        /// What is wrong.
        problem: CalendarError,
    },
}

fn list(findings: &[Finding]) -> String {
    findings
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

/// A library of the same packs and calendars, that grows by itself.
impl Clone for Library {
    fn clone(&self) -> Self {
        Self {
            by_name: self.by_name.clone(),
            by_hash: RwLock::new(read(&self.by_hash).clone()),
            written: self.written.clone(),
            laid: RwLock::new(read(&self.laid).clone()),
        }
    }
}

/// What a lock guards, also after a panic: every change is one insertion or one replacement, never left half done.
fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

impl Library {
    /// Builds a library from folders of packs and from calendar files (`punjab.yaml`).
    ///
    /// # Errors
    /// Any error finding in any of them, or a calendar that does not exist.
    pub fn build(
        packs: &BTreeMap<String, PackFiles>,
        calendars: &BTreeMap<String, String>,
    ) -> Result<Self, LibraryError> {
        let mut library = Self {
            written: read_calendars(calendars)?,
            ..Self::default()
        };
        library.add_days(&AddedDays::new());
        for (name, files) in packs {
            let (pack, findings) = load(files);
            let Some(pack) = pack else {
                let findings = findings
                    .into_iter()
                    .filter(|f| f.severity == Severity::Error)
                    .collect();
                return Err(LibraryError::Faulty {
                    name: name.clone(),
                    findings,
                });
            };
            library.suits(&pack)?;
            let pack = Arc::new(pack);
            library.remember(Arc::clone(&pack));
            library.by_name.insert(pack.id.name.clone(), pack);
        }
        Ok(library)
    }

    /// Every calendar that a pack names exists and has what its rules need.
    fn suits(&self, pack: &Pack) -> Result<(), LibraryError> {
        for name in pack.calendar_names() {
            let calendar = self.named(name).ok_or_else(|| self.missing(pack, name))?;
            if pack.needs_hours() && !calendar.has_hours() {
                return Err(LibraryError::NoHours {
                    by: pack.id.name.clone(),
                    calendar: name.to_owned(),
                });
            }
        }
        Ok(())
    }

    /// The calendar a pack counts in where the province is not known.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn calendar_of(&self, pack: &Pack) -> Result<Arc<Calendar>, LibraryError> {
        self.calendar_in(pack, None)
    }

    /// The calendar a pack counts in for the cases of a province.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn calendar_in(&self, pack: &Pack, province: Option<&str>) -> Result<Arc<Calendar>, LibraryError> {
        let name = pack.calendar_in(province);
        self.named(name).ok_or_else(|| self.missing(pack, name))
    }

    /// A calendar by its name.
    pub fn named(&self, name: &str) -> Option<Arc<Calendar>> {
        read(&self.laid).calendars.get(name).cloned()
    }

    fn missing(&self, pack: &Pack, calendar: &str) -> LibraryError {
        LibraryError::NoCalendar {
            by: pack.id.name.clone(),
            calendar: calendar.to_owned(),
            known: self.written.keys().cloned().collect::<Vec<_>>().join(", "),
        }
    }

    /// Lays the days that staff have added over the files, in place of those laid over them before.
    pub fn add_days(&self, days: &AddedDays) {
        let laid = Laid {
            calendars: self.calendars_with(days),
            days: days.values().map(|days| days.len() as u64).sum(),
        };
        *self.laid.write().unwrap_or_else(PoisonError::into_inner) = laid;
    }

    /// How many days staff have added, as far as this library knows.
    pub(crate) fn added_days(&self) -> u64 {
        read(&self.laid).days
    }

    /// What the calendars would be with these days, in place of those laid over them now.
    pub(crate) fn calendars_with(&self, days: &AddedDays) -> BTreeMap<String, Arc<Calendar>> {
        self.written
            .iter()
            .map(|(name, written)| (name.clone(), Self::with_days(name, written, days)))
            .collect()
    }

    fn with_days(name: &str, written: &Written, days: &AddedDays) -> Arc<Calendar> {
        let own = [Some(name), written.extends.as_deref()];
        let added: Vec<&AddedDay> = own
            .into_iter()
            .flatten()
            .filter_map(|name| days.get(name))
            .flatten()
            .collect();
        if added.is_empty() {
            return Arc::clone(&written.calendar);
        }
        let mut calendar = Calendar::clone(&written.calendar);
        // In the order in which they were added: what was opened by mistake is closed again.
        for AddedDay { day, opens } in added {
            if *opens {
                calendar.closed.retain(|known| known.date != day.date);
            } else {
                calendar.closed.push(day.clone());
            }
        }
        calendar.closed.sort_by_key(|day| day.date);
        Arc::new(calendar)
    }

    /// The current version of a pack.
    pub fn current(&self, name: &str) -> Option<Arc<Pack>> {
        self.by_name.get(name).cloned()
    }

    /// The version with a hash, if it was loaded.
    pub fn pinned(&self, hash: &str) -> Option<Arc<Pack>> {
        read(&self.by_hash).get(hash).cloned()
    }

    /// Under which name the renderer knows the words of a version: the pack's own for the current one, else with the
    /// beginning of its hash.
    pub fn words(&self, name: &str, hash: &str) -> String {
        match self.by_name.get(name) {
            Some(current) if current.id.hash != hash => earlier_words(name, hash),
            _ => name.to_owned(),
        }
    }

    /// Keeps an older version that some case is pinned to.
    pub(crate) fn remember(&self, pack: Arc<Pack>) {
        self.by_hash
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(pack.id.hash.clone(), pack);
    }

    /// Every current pack, by name.
    pub fn packs(&self) -> impl Iterator<Item = &Arc<Pack>> {
        self.by_name.values()
    }

    /// Every calendar, by name, with the days that staff have added.
    pub fn calendars(&self) -> BTreeMap<String, Arc<Calendar>> {
        read(&self.laid).calendars.clone()
    }
}

/// The name of the words of a version that is not the current one.
pub fn earlier_words(name: &str, hash: &str) -> String {
    let digits: String = hash.chars().take(12).collect();
    format!("{name}@{digits}")
}

fn read_calendars(files: &BTreeMap<String, String>) -> Result<BTreeMap<String, Written>, LibraryError> {
    let mut plain = BTreeMap::new();
    for (file, text) in files {
        let name = file.trim_end_matches(".yaml").to_owned();
        let parsed = parse_calendar(file, text).map_err(|f| LibraryError::Faulty {
            name: file.clone(),
            findings: vec![*f],
        })?;
        plain.insert(name, parsed);
    }
    let mut calendars = BTreeMap::new();
    for (name, (calendar, extends)) in &plain {
        let whole = match extends {
            None => calendar.clone(),
            Some(base) => {
                let (base, _) = plain.get(base).ok_or_else(|| LibraryError::NoCalendar {
                    by: name.clone(),
                    calendar: base.clone(),
                    known: plain.keys().cloned().collect::<Vec<_>>().join(", "),
                })?;
                base.merged(calendar)
            }
        };
        whole.check().map_err(|problem| LibraryError::Unsound {
            name: name.clone(),
            problem,
        })?;
        let written = Written {
            calendar: Arc::new(whole),
            extends: extends.clone(),
        };
        calendars.insert(name.clone(), written);
    }
    Ok(calendars)
}
