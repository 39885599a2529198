//! The packs and calendars at hand: current ones by name, pinned ones by hash.
//! Knows files as texts; the store remembers each version that a case was ever pinned to.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use peshi_calendar::Calendar;
use peshi_casework::pack::{Finding, Pack, PackFiles, Severity, load, parse_calendar};

/// Packs and calendars.
#[derive(Debug, Default)]
pub struct Library {
    by_name: BTreeMap<String, Arc<Pack>>,
    by_hash: RwLock<BTreeMap<String, Arc<Pack>>>,
    calendars: BTreeMap<String, Arc<Calendar>>,
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
}

fn list(findings: &[Finding]) -> String {
    findings
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
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
            calendars: read_calendars(calendars)?,
            ..Self::default()
        };
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
            library.calendar_of(&pack)?;
            let pack = Arc::new(pack);
            library.remember(Arc::clone(&pack));
            library.by_name.insert(pack.id.name.clone(), pack);
        }
        Ok(library)
    }

    /// The calendar a pack counts in.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn calendar_of(&self, pack: &Pack) -> Result<Arc<Calendar>, LibraryError> {
        self.calendars
            .get(&pack.calendar)
            .cloned()
            .ok_or_else(|| LibraryError::NoCalendar {
                by: pack.id.name.clone(),
                calendar: pack.calendar.clone(),
                known: self.calendars.keys().cloned().collect::<Vec<_>>().join(", "),
            })
    }

    /// The current version of a pack.
    pub fn current(&self, name: &str) -> Option<Arc<Pack>> {
        self.by_name.get(name).cloned()
    }

    /// The version with a hash, if it was loaded.
    pub fn pinned(&self, hash: &str) -> Option<Arc<Pack>> {
        self.by_hash
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(hash)
            .cloned()
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

    /// Every calendar, by name.
    pub fn calendars(&self) -> impl Iterator<Item = (&String, &Arc<Calendar>)> {
        self.calendars.iter()
    }
}

/// The name of the words of a version that is not the current one.
pub fn earlier_words(name: &str, hash: &str) -> String {
    let digits: String = hash.chars().take(12).collect();
    format!("{name}@{digits}")
}

fn read_calendars(files: &BTreeMap<String, String>) -> Result<BTreeMap<String, Arc<Calendar>>, LibraryError> {
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
        calendars.insert(name.clone(), Arc::new(whole));
    }
    Ok(calendars)
}
