//! JSON Schemas of a pack's files, for editors that complete and check YAML while it is written.
//! Knows the shape alone, as derived from the types the loader reads; names that lead nowhere are the linter's business.

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};

use super::load::CalendarYaml;
use super::yaml::{DeadlinesYaml, FormsYaml, WorkflowYaml};

/// A kind of file that has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// `workflow.yaml`.
    Workflow,
    /// `forms.yaml`.
    Forms,
    /// `deadlines.yaml`.
    Deadlines,
    /// `calendars/NAME.yaml`.
    Calendar,
}

impl FileKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Workflow, Self::Forms, Self::Deadlines, Self::Calendar];

    /// The word that names it: `workflow`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Workflow => "workflow",
            Self::Forms => "forms",
            Self::Deadlines => "deadlines",
            Self::Calendar => "calendar",
        }
    }

    /// Its schema.
    pub fn schema(self) -> Schema {
        let generator = || SchemaGenerator::new(SchemaSettings::draft07());
        let mut schema = match self {
            Self::Workflow => generator().into_root_schema_for::<WorkflowYaml>(),
            Self::Forms => generator().into_root_schema_for::<FormsYaml>(),
            Self::Deadlines => generator().into_root_schema_for::<DeadlinesYaml>(),
            Self::Calendar => generator().into_root_schema_for::<CalendarYaml>(),
        };
        schema.insert("title".to_owned(), format!("Peshi: {}", self.as_str()).into());
        schema
    }
}

/// A closed day as written, for the schema alone: the calendar room knows no schema.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "its shape is what editors read")]
pub(super) struct ClosedDay {
    /// The local date: `2026-08-14`.
    date: String,
    /// What the day is called.
    name: String,
    /// How sure it is.
    status: DayStatus,
    /// For whom alone it is closed.
    only: Option<Only>,
}

/// For whom a day is closed, for the schema alone.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "its shape is what editors read")]
pub(super) struct Only {
    /// A province.
    province: Option<String>,
    /// A city or district.
    city: Option<String>,
    /// A kind of court.
    court: Option<String>,
}

/// Office hours as written, for the schema alone.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "its shape is what editors read")]
pub(super) struct Hours {
    /// What the season is called.
    name: Option<String>,
    /// First local day.
    from: Option<String>,
    /// Last local day.
    until: Option<String>,
    /// Weekdays: mon, tue …
    days: Vec<String>,
    /// `08:00`.
    opens: String,
    /// `15:30`.
    closes: String,
}

/// The week of a kind of court, for the schema alone.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "its shape is what editors read")]
pub(super) struct CourtWeek {
    /// Its open weekdays; absent: the calendar's.
    open_weekdays: Option<Vec<String>>,
    /// Its hours; absent: the calendar's.
    hours: Option<Vec<Hours>>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
#[expect(dead_code, reason = "its words are what editors read")]
enum DayStatus {
    Confirmed,
    Provisional,
}

/// A vacation as written, for the schema alone.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "its shape is what editors read")]
pub(super) struct Vacation {
    /// First local day.
    from: String,
    /// Last local day.
    until: String,
    /// What it is called.
    name: String,
}
