//! A workflow pack: the charts, forms, deadline rules and words of one kind of case.
//! Knows what a validated pack holds; reading it is `load`'s duty, finding fault with it `lint`'s.

mod chart;
mod deadline;
pub mod diff;
mod disclosure;
pub mod finding;
mod lint;
mod load;
mod loose;
pub(crate) mod mapping;
pub mod migration;
mod places;
mod rule;
mod schema;
mod shapes;
mod sheet;
pub mod yaml;

use std::collections::BTreeMap;
use std::fmt::Write;

use peshi_calendar::{Counting, Period};
use peshi_statechart::{Action, Chart, StateRef, Transition};
use serde::Serialize;
use serde_json::Value;

pub use deadline::{DeadlineRule, Ladder, LadderStep, LegalKind, Standing};
pub use disclosure::{Forbidden, disclosures};
pub use finding::{Finding, Severity};
pub use load::{PackFiles, as_text, load, parse_calendar};
pub use loose::load_loose;
pub use schema::FileKind;

pub use migration::{Migration, TimerPolicy};

use crate::expression::Expression;
use crate::fact::PackRef;

/// Kinds of message for staff that the program brings along. They speak of the case.
pub const STAFF_MESSAGES: [&str; 4] = ["reminder", "outcome_question", "missed", "task"];
/// Kinds of message for families that the program brings along. They betray nothing.
pub const FAMILY_MESSAGES: [&str; 4] = [
    "family_meeting",
    "family_postponed",
    "family_please_call",
    "family_news",
];

/// The chart of one kind of instance.
pub type PackChart = Chart<Gate, Act>;

/// A pack that was read and found sound.
#[derive(Debug, Clone)]
pub struct Pack {
    /// Its name, version and content hash.
    pub id: PackRef,
    /// Its title by language.
    pub title: BTreeMap<String, String>,
    /// Pattern of references.
    pub reference: String,
    /// Name of the calendar it counts in where no other is named for the province.
    pub calendar: String,
    /// Names of other calendars, by province.
    pub calendars: BTreeMap<String, String>,
    /// Roles that may act.
    pub roles: Vec<String>,
    /// The form of the opening.
    pub opening: Option<String>,
    /// Charts by name.
    pub charts: BTreeMap<String, ChartSpec>,
    /// Forms by name.
    pub forms: BTreeMap<String, Form>,
    /// Deadline rules by name.
    pub deadlines: BTreeMap<String, DeadlineRule>,
    /// What the page of a case shows computed from its data, in the order written.
    pub panels: Vec<Panel>,
    /// What must hold after every decision, in the order written.
    pub invariants: Vec<Invariant>,
    /// Read by [`load_loose`]: an event without a declared form may carry any data, and a deadline rule that is not
    /// there does not run. Never so in a pack that cases are kept by.
    pub loose: bool,
    /// How cases of earlier versions come to this one, where that is not plain.
    pub migration: Option<Migration>,
    /// The files it was read from.
    pub files: PackFiles,
}

/// Something the page of a case shows computed from its data.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// Its name: worded as `panel-NAME`.
    pub name: String,
    /// When it is shown; none means always.
    pub when: Option<Expression>,
    /// Its rows in order: name, worded as `panel-NAME-ROW`, and what is computed.
    pub rows: Vec<(String, Expression)>,
}

/// What must be true of a case after every decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Invariant {
    /// Its name.
    pub name: String,
    /// When it is asked; none means always.
    pub when: Option<Expression>,
    /// What must hold, asked of the root instance.
    pub holds: Expression,
    /// It in words, by language.
    pub says: BTreeMap<String, String>,
}

/// A chart with what the engine knows of its states beyond the statechart.
#[derive(Debug, Clone)]
pub struct ChartSpec {
    /// The compiled chart.
    pub chart: PackChart,
    /// By state id; the root state bears the chart's name.
    pub states: BTreeMap<String, StateSpec>,
}

/// What a state means to people.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StateSpec {
    /// Who must act.
    pub waiting_on: Option<WaitingOn>,
    /// What a family may be told.
    pub public: Option<String>,
    /// When it counts as stalled.
    pub stalled_after: Option<Period>,
    /// Rules that run in it.
    pub deadlines: Vec<String>,
    /// The case counts as closed.
    pub closes_case: bool,
}

/// Whose move it is. The order is the order of urgency on a board.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum WaitingOn {
    /// Our own staff.
    Us,
    /// The police.
    Police,
    /// The prosecution.
    Prosecution,
    /// A court.
    Court,
    /// The family.
    Family,
    /// Somebody else.
    Other,
}

impl WaitingOn {
    /// Every one, in order of urgency.
    pub const ALL: [Self; 6] = [
        Self::Us,
        Self::Police,
        Self::Prosecution,
        Self::Court,
        Self::Family,
        Self::Other,
    ];

    /// The word in packs, rows and locales.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Us => "us",
            Self::Police => "police",
            Self::Prosecution => "prosecution",
            Self::Court => "court",
            Self::Family => "family",
            Self::Other => "other",
        }
    }

    /// The one that a word names.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|w| w.as_str() == word)
    }
}

/// What stands before a transition: who may cause it, with which form, and when.
/// It is the statechart's guard, so permission and condition are asked at one place.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// Roles that may cause it; none means the pack's roles; empty means the machine alone.
    pub roles: Option<Vec<String>>,
    /// The form that records it.
    pub form: Option<String>,
    /// The condition.
    pub condition: Option<Expression>,
}

/// What a chart may ask of the engine.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Set fields of this instance.
    Set(Vec<(String, Expression)>),
    /// Send an event to this instance after a period.
    Send {
        /// The event.
        event: String,
        /// How long.
        after: Period,
        /// Its name for cancelling.
        key: String,
    },
    /// Cancel what was sent under a name.
    Cancel {
        /// The name.
        key: String,
    },
    /// Start a child.
    Spawn {
        /// The chart.
        chart: String,
        /// Its first fields.
        with: Vec<(String, Given)>,
    },
    /// Send an event to the parent or to live children.
    Tell {
        /// `parent` or a chart.
        to: String,
        /// The event.
        event: String,
    },
    /// Expect messages.
    Notify {
        /// The kind.
        message: String,
        /// `team` or a role of people.
        to: String,
        /// The field with the moment it speaks of.
        about: Option<String>,
    },
    /// Raise a task.
    Task(String),
    /// Note a violation.
    Violation {
        /// Its code.
        code: String,
        /// What is known of it.
        with: Vec<(String, Given)>,
    },
    /// Raise an event in this instance at once. Only behind a condition: without one the statechart raises it itself.
    Raise(String),
    /// Do something only if a condition holds at that moment.
    If(Expression, Box<Act>),
    /// A deadline begins.
    StartDeadline(String),
    /// A deadline stops.
    EndDeadline(String),
}

impl Act {
    /// What is done, whether or not on a condition.
    pub fn plain(&self) -> &Self {
        match self {
            Self::If(_, act) => act.plain(),
            other => other,
        }
    }

    /// The condition on which it is done.
    pub fn condition(&self) -> Option<&Expression> {
        match self {
            Self::If(condition, _) => Some(condition),
            _ => None,
        }
    }

    /// What it computes, in the order written.
    pub fn expressions(&self) -> Vec<&Expression> {
        match self.plain() {
            Self::Set(fields) => fields.iter().map(|(_, value)| value).collect(),
            Self::Spawn { with, .. } | Self::Violation { with, .. } => {
                with.iter().filter_map(|(_, given)| given.expression()).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// What an action does beyond raising an event, whether or not on a condition.
pub fn deed(action: &Action<Act>) -> Option<&Act> {
    match action {
        Action::Host(act) => Some(act.plain()),
        Action::Raise(_) => None,
    }
}

/// The event that an action raises, whether or not on a condition.
pub fn raised(action: &Action<Act>) -> Option<&str> {
    match action {
        Action::Raise(event) => Some(event),
        Action::Host(act) => match act.plain() {
            Act::Raise(event) => Some(event),
            _ => None,
        },
    }
}

/// A value given to a child.
#[derive(Debug, Clone, PartialEq)]
pub enum Given {
    /// As written.
    Literal(Value),
    /// Computed.
    Computed(Expression),
}

impl Given {
    /// What computes it.
    fn expression(&self) -> Option<&Expression> {
        match self {
            Self::Computed(expression) => Some(expression),
            Self::Literal(_) => None,
        }
    }
}

/// A form.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Form {
    /// Its name.
    pub name: String,
    /// Its fields in order.
    pub fields: Vec<Field>,
}

impl Form {
    /// The conditions of its fields.
    pub fn conditions(&self) -> impl Iterator<Item = &Expression> {
        self.fields.iter().filter_map(|field| field.required_if.as_ref())
    }
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: FieldKind,
    /// Must be filled in.
    pub required: bool,
    /// The keys of a choice.
    pub choices: Vec<String>,
    /// How carefully it is shown.
    pub sensitivity: Sensitivity,
    /// A moment that must lie ahead.
    pub future: bool,
    /// Must be filled in where this holds.
    pub required_if: Option<Expression>,
    /// A word of help, worded as `note-KEY`.
    pub note: Option<String>,
}

/// Types of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line.
    Text,
    /// Several lines.
    LongText,
    /// A whole number.
    Number,
    /// An amount with decimals.
    Money,
    /// A local date.
    Date,
    /// A local date and time.
    Datetime,
    /// One of several keys.
    Choice,
    /// Some of several keys.
    Choices,
    /// A date that may be known only roughly.
    ApproximateDate,
    /// A time of day that may be known only roughly.
    ApproximateTime,
    /// Yes or no.
    YesNo,
    /// A phone number.
    Phone,
    /// A national identity number.
    Cnic,
}

/// How carefully a field is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    /// Anyone who may open the case.
    Open,
    /// Names, phones, numbers: masked in lists.
    Personal,
    /// What somebody told: never in lists, mails, exports without review.
    Narrative,
}

impl Pack {
    /// The name of the calendar that cases of a province count in.
    pub fn calendar_in(&self, province: Option<&str>) -> &str {
        province
            .and_then(|province| self.calendars.get(province))
            .unwrap_or(&self.calendar)
    }

    /// Every calendar it names.
    pub fn calendar_names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.calendar)
            .chain(self.calendars.values())
            .map(String::as_str)
    }

    /// Some rule needs the office hours of its calendar.
    pub fn needs_hours(&self) -> bool {
        let office = |counting: &Counting| {
            matches!(
                counting.due_time,
                Some(peshi_calendar::DueTime::Opening | peshi_calendar::DueTime::Closing)
            )
        };
        self.deadlines
            .values()
            .any(|rule| rule.counting.as_ref().is_some_and(office))
    }

    /// The chart named `name`.
    pub fn chart(&self, name: &str) -> Option<&ChartSpec> {
        self.charts.get(name)
    }

    /// The codes of violations that its English words name, in the order written.
    pub fn violation_codes(&self) -> Vec<String> {
        let words = self.files.get("locales/en.ftl").map_or("", String::as_str);
        words
            .lines()
            .filter_map(|line| line.strip_prefix("violation-")?.split_once('='))
            .map(|(code, _)| code.trim().to_owned())
            .collect()
    }

    /// The reference of the `seq`th case opened in `year`, from the pattern.
    pub fn reference_for(&self, year: i32, seq: i64) -> String {
        let mut out = String::new();
        let mut rest = self.reference.as_str();
        while let Some(start) = rest.find('{') {
            out.push_str(&rest[..start]);
            let Some(end) = rest[start..].find('}').map(|n| start + n) else {
                break;
            };
            match &rest[start + 1..end] {
                "year" => out.push_str(&year.to_string()),
                "seq" => out.push_str(&seq.to_string()),
                padded => {
                    let width = padded
                        .rsplit(':')
                        .next()
                        .and_then(|w| w.trim_start_matches('0').parse().ok());
                    let _ = write!(out, "{seq:0width$}", width = width.unwrap_or(1));
                }
            }
            rest = &rest[end + 1..];
        }
        out.push_str(rest);
        out
    }
}

/// The locale key of an event: dots become hyphens, for a text's name holds none.
pub fn event_key(event: &str) -> String {
    format!("event-{}", event.replace('.', "-"))
}

/// Whether a state is left in the moment it is entered: nobody waits in it, and no situation rests there.
pub fn is_passed_through(state: &StateRef<'_, Gate, Act>) -> bool {
    let at_once =
        |t: &Transition<Gate, Act>| t.is_eventless() && t.guard().is_none_or(|gate| gate.condition.is_none());
    state.transitions().iter().any(at_once)
}

/// Whether an event is one that the engine raises itself, so that nobody is offered it.
pub(crate) fn raised_by_engine(event: &str) -> bool {
    ["done.", "after.", "deadline."]
        .iter()
        .any(|prefix| event.starts_with(prefix))
}
