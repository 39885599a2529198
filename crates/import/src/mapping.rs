//! How a log's columns and activities become a pack's events. Knows the map's file; no row.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde::Deserialize;

use crate::error::ImportError;

/// The map of one kind of log.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The column that tells cases apart.
    pub case: String,
    /// The column with the activity.
    pub activity: String,
    /// The column with the date, or date and time.
    pub at: String,
    /// The zone in which it is written.
    pub zone: Tz,
    /// The column that orders rows of one instant; the line's place if absent.
    #[serde(default)]
    pub order: Option<String>,
    /// Pattern of the cases' references; `{case}` is the log's own key.
    #[serde(default = "own_key")]
    pub reference: String,
    /// The activity that opens a case.
    pub opening: Opening,
    /// Activities that are recorded as events.
    pub events: BTreeMap<String, Event>,
    /// Activities that the machine does itself: matched, not applied.
    #[serde(default)]
    pub observed: BTreeMap<String, Observed>,
}

fn own_key() -> String {
    "{case}".to_owned()
}

/// The activity that opens a case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// Its name in the log.
    pub activity: String,
    /// Form field to column.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

/// An activity that is recorded as an event.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The event.
    pub event: String,
    /// The instance; the root if absent.
    #[serde(default)]
    pub instance: Option<String>,
    /// Form field to column.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

/// An activity of the machine itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observed {
    /// The state that the machine must have entered on that date.
    pub entered: String,
}

impl Mapping {
    /// Reads a map.
    ///
    /// # Errors
    /// [`ImportError::Map`] with the place.
    pub fn parse(file: &str, yaml: &str) -> Result<Self, ImportError> {
        serde_saphyr::from_str(yaml).map_err(|e| ImportError::Map {
            file: file.to_owned(),
            problem: e.to_string().lines().next().unwrap_or_default().to_owned(),
        })
    }

    /// Every column the map names.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &String> {
        let of_events = self.events.values().flat_map(|e| e.fields.values());
        [&self.case, &self.activity, &self.at]
            .into_iter()
            .chain(&self.order)
            .chain(self.opening.fields.values())
            .chain(of_events)
    }
}
