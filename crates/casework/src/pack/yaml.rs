//! The pack's files as their authors write them: serde types with source positions.
//! Knows the shape of the text alone; what it means is decided by `load`, what is unwise by `lint`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};
use serde_saphyr::{Location, Spanned};

pub use super::shapes::{IdList, Ids, OneOrMany, Ordered, ids};
use super::{FieldKind, LegalKind, Sensitivity, WaitingOn};

/// `workflow.yaml`.
#[derive(Debug, Clone, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkflowYaml {
    /// The pack's name: lower case, digits and hyphens; the folder bears it too.
    #[schemars(with = "String")]
    pub workflow: Spanned<String>,
    /// The version its author counts.
    pub version: u32,
    /// The title by language.
    #[schemars(with = "BTreeMap<String, String>")]
    pub title: Map<String, Value>,
    /// Pattern of the neutral reference: `{year}`, `{seq:04}`.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub reference: Option<Spanned<String>>,
    /// Name of the calendar that deadlines count in.
    #[schemars(with = "String")]
    pub calendar: Spanned<String>,
    /// Other calendars by the value of the case's field `province`.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    pub calendars: Ordered<Spanned<String>>,
    /// Roles that may act in cases of this kind.
    #[schemars(with = "Vec<String>")]
    pub roles: Vec<Spanned<String>>,
    /// The form filled in when a case is opened.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub opening: Option<Spanned<String>>,
    /// The charts by name; `case` is the root.
    #[serde(default)]
    pub charts: Ordered<StateYaml>,
    /// Public statuses: keys under `public-…` in the locales.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub public: Vec<Spanned<String>>,
    /// What the page of a case shows computed from its data, by name.
    #[serde(default)]
    pub panels: Ordered<PanelYaml>,
    /// What must hold after every decision; `peshi workflow explore` looks for a way to break it.
    #[serde(default)]
    pub invariants: Vec<InvariantYaml>,
}

/// A panel: `{ if: CEL, rows: { NAME: CEL } }`.
#[derive(Debug, Clone, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PanelYaml {
    /// When it is shown; always, if absent.
    #[serde(rename = "if", default)]
    #[schemars(with = "Option<String>")]
    pub when: Option<Spanned<String>>,
    /// Its rows in order: a name, worded as `panel-PANEL-ROW`, and CEL over the root instance.
    #[schemars(with = "Ordered<String>")]
    pub rows: Ordered<Spanned<String>>,
}

/// An invariant of a case: `{ name: …, if: CEL, holds: CEL, says: { en: … } }`.
#[derive(Debug, Clone, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InvariantYaml {
    /// Its name, for reports.
    #[schemars(with = "String")]
    pub name: Spanned<String>,
    /// When it is asked; always, if absent.
    #[serde(rename = "if", default)]
    #[schemars(with = "Option<String>")]
    pub when: Option<Spanned<String>>,
    /// What must be true of the root instance.
    #[schemars(with = "String")]
    pub holds: Spanned<String>,
    /// It in words, by language.
    #[serde(default)]
    pub says: BTreeMap<String, String>,
}

/// A state, or a whole chart.
#[derive(Debug, Clone, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StateYaml {
    /// `parallel`, `final`, `history`; compound or atomic if absent.
    #[serde(rename = "type", default)]
    #[schemars(with = "Option<StateType>")]
    pub kind: Option<Spanned<String>>,
    /// For `history`: the whole depth.
    #[serde(default)]
    pub deep: bool,
    /// For `history`: where to go when there is none yet.
    #[serde(default)]
    #[schemars(with = "Option<OneOrMany<String>>")]
    pub default: Option<Ids>,
    /// The first state entered: an id or several.
    #[serde(default)]
    #[schemars(with = "Option<OneOrMany<String>>")]
    pub initial: Option<Ids>,
    /// Child states.
    #[serde(default)]
    pub states: Ordered<StateYaml>,
    /// Actions on entry.
    #[serde(default)]
    #[schemars(with = "Vec<ActionYaml>")]
    pub entry: Vec<Spanned<ActionYaml>>,
    /// Actions on exit.
    #[serde(default)]
    #[schemars(with = "Vec<ActionYaml>")]
    pub exit: Vec<Spanned<ActionYaml>>,
    /// Transitions by event descriptor.
    #[serde(default)]
    pub on: Ordered<OneOrMany<TransitionYaml>>,
    /// Eventless transitions.
    #[serde(default)]
    pub always: Option<OneOrMany<TransitionYaml>>,
    /// Transitions after a period in this state.
    #[serde(default)]
    pub after: Ordered<OneOrMany<TransitionYaml>>,
    /// Deadline rules that run while the state is active.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub deadlines: Vec<Spanned<String>>,
    /// Who must act next: us, family, police, prosecution, court, other.
    #[serde(default)]
    #[schemars(with = "Option<WaitingOn>")]
    pub waiting_on: Option<Spanned<String>>,
    /// What a family may be told: a key of `public`.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub public: Option<Spanned<String>>,
    /// When the coordinator's board calls it stalled.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub stalled_after: Option<Spanned<String>>,
    /// The state ends the matter (only for child charts and the root's lifecycle): the case counts as closed.
    #[serde(default)]
    pub closes_case: bool,
}

/// The words of `type`, for the schema alone.
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "editors read these words; the loader has its own list")]
enum StateType {
    Atomic,
    Compound,
    Parallel,
    Final,
    History,
}

/// The words of `confidence`, for the schema alone.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(dead_code, reason = "editors read these words; the loader has its own list")]
enum Confidence {
    High,
    MediumHigh,
    Medium,
    Low,
    Unknown,
}

/// A transition.
#[derive(Debug, Clone, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TransitionYaml {
    /// Target ids; none exits nothing.
    #[serde(default)]
    #[schemars(with = "Option<OneOrMany<String>>")]
    pub to: Option<Ids>,
    /// CEL condition.
    #[serde(rename = "if", default)]
    #[schemars(with = "Option<String>")]
    pub guard: Option<Spanned<String>>,
    /// Do not leave the source state.
    #[serde(default)]
    pub internal: bool,
    /// Roles that may cause it; the pack's roles if absent; an empty list means the machine alone.
    #[serde(default)]
    #[schemars(with = "Option<Vec<String>>")]
    pub roles: Option<Vec<Spanned<String>>>,
    /// The form that records it.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub form: Option<Spanned<String>>,
    /// Actions between exit and entry.
    #[serde(rename = "do", default)]
    #[schemars(with = "Vec<ActionYaml>")]
    pub actions: Vec<Spanned<ActionYaml>>,
}

/// One action: exactly one of the keys.
#[derive(Debug, Clone, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionYaml {
    /// Raise an internal event in this instance.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub raise: Option<Spanned<String>>,
    /// Send an event to this instance later: `{ event, after, id }`, or its name with `after` and `id` beside it.
    #[serde(default)]
    pub send: Option<SendYaml>,
    /// With `send: NAME`: how long from now.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub after: Option<Spanned<String>>,
    /// With `send: NAME`: for `cancel`.
    #[serde(default)]
    pub id: Option<String>,
    /// Cancel a sent event by its id.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub cancel: Option<Spanned<String>>,
    /// Set fields from CEL.
    #[serde(default)]
    #[schemars(with = "Option<Ordered<String>>")]
    pub set: Option<Ordered<Spanned<String>>>,
    /// Start a child chart.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub spawn: Option<Spanned<String>>,
    /// With `spawn`: the child's first data; with `violation`: what is known of it; a text beginning with `=` is CEL.
    #[serde(default)]
    #[schemars(with = "Ordered<Value>")]
    pub with: Ordered<Spanned<Value>>,
    /// Send an event to `parent` or to every live child of a chart.
    #[serde(default)]
    pub tell: Option<TellYaml>,
    /// Send messages: `{ message, to }`.
    #[serde(default)]
    pub notify: Option<NotifyYaml>,
    /// Raise a task for a person.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub task: Option<Spanned<String>>,
    /// Note a violation by its code.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub violation: Option<Spanned<String>>,
    /// CEL condition: the action is left out where it does not hold.
    #[serde(rename = "if", default)]
    #[schemars(with = "Option<String>")]
    pub condition: Option<Spanned<String>>,
}

/// `send: { event: …, after: 3 days, id: … }`.
#[derive(Debug, Clone)]
pub struct SendYaml {
    /// The event's name.
    pub event: Spanned<String>,
    /// How long from now; at once, behind everything raised, if absent.
    pub after: Option<Spanned<String>>,
    /// For `cancel`.
    pub id: Option<String>,
}

/// A `send` as a mapping.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Whole {
    /// The event's name.
    #[schemars(with = "String")]
    event: Spanned<String>,
    /// How long from now; at once if absent.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    after: Option<Spanned<String>>,
    /// For `cancel`.
    #[serde(default)]
    id: Option<String>,
}

impl JsonSchema for SendYaml {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Send".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let whole = generator.subschema_for::<Whole>();
        json_schema!({ "anyOf": [{ "type": "string" }, whole] })
    }
}

impl<'de> Deserialize<'de> for SendYaml {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl<'de> Visitor<'de> for Form {
            type Value = SendYaml;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an event's name, or `{ event, after, id }`")
            }
            fn visit_str<E>(self, event: &str) -> Result<SendYaml, E> {
                Ok(SendYaml {
                    event: Spanned::new(event.to_owned(), Location::UNKNOWN, Location::UNKNOWN),
                    after: None,
                    id: None,
                })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<SendYaml, A::Error> {
                let Whole { event, after, id } =
                    Whole::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(SendYaml { event, after, id })
            }
        }
        deserializer.deserialize_any(Form)
    }
}

/// `tell: { to: parent, event: … }`.
#[derive(Debug, Clone, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TellYaml {
    /// `parent`, or the name of a chart: every live child running it.
    #[schemars(with = "String")]
    pub to: Spanned<String>,
    /// The event's name.
    #[schemars(with = "String")]
    pub event: Spanned<String>,
}

/// `notify: { message: family_meeting, to: family_contact, at: data.at }`.
#[derive(Debug, Clone, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NotifyYaml {
    /// The message kind.
    #[schemars(with = "String")]
    pub message: Spanned<String>,
    /// `team`, or a role of people in the case (`family_contact`).
    #[schemars(with = "String")]
    pub to: Spanned<String>,
    /// The field of this instance that holds the moment the message speaks of.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub about: Option<Spanned<String>>,
}

/// `forms.yaml`: forms by name.
#[derive(Debug, Clone, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FormsYaml {
    /// Forms by name, in order.
    pub forms: Ordered<FormYaml>,
}

/// One form: its fields in order.
#[derive(Debug, Clone, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FormYaml {
    /// The fields.
    #[serde(default)]
    pub fields: Ordered<FieldYaml>,
}

/// One field.
#[derive(Debug, Clone, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FieldYaml {
    /// text, long_text, number, money, date, datetime, approximate_date, approximate_time, choice, choices, yes_no, phone,
    /// cnic.
    #[serde(rename = "type")]
    #[schemars(with = "FieldKind")]
    pub kind: Spanned<String>,
    /// Must be filled in.
    #[serde(default)]
    pub required: bool,
    /// CEL over this form, `data` and `root`: it must be filled in where this holds.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub required_if: Option<Spanned<String>>,
    /// A word of help, worded in the locales as `note-KEY`.
    #[serde(default)]
    pub note: Option<String>,
    /// For `choice` and `choices`: the keys, worded in the locales as `choice-FIELD-KEY`.
    #[serde(default)]
    pub choices: Vec<String>,
    /// open, personal, narrative.
    #[serde(default)]
    #[schemars(with = "Option<Sensitivity>")]
    pub sensitivity: Option<Spanned<String>>,
    /// A future moment is expected (hearing dates): a past one is refused.
    #[serde(default)]
    pub future: bool,
}

/// `deadlines.yaml`.
#[derive(Debug, Clone, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeadlinesYaml {
    /// Rules by name.
    pub deadlines: Ordered<DeadlineYaml>,
}

/// One deadline rule.
#[derive(Debug, Clone, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeadlineYaml {
    /// The rule's code in the register (`D12`).
    #[serde(default)]
    pub code: Option<String>,
    /// statutory, limitation, policy, internal.
    #[schemars(with = "LegalKind")]
    pub kind: Spanned<String>,
    /// How long; absent with `from`: the moment itself.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub period: Option<Spanned<String>>,
    /// A field that holds the starting moment; absent: the moment the state was entered.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub from: Option<Spanned<String>>,
    /// The moment is a sitting of a court.
    #[serde(default)]
    pub hearing: bool,
    /// Local time on the last day by which it must be done: `18:00`, `opening` or `closing`.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub due_time: Option<Spanned<String>>,
    /// Who must act: us, police, prosecution, court, family, other.
    #[schemars(with = "WaitingOn")]
    pub who: Spanned<String>,
    /// The legal basis in words; required unless internal.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub basis: Option<Spanned<String>>,
    /// Where the basis was seen, or `general knowledge`.
    #[serde(default)]
    pub source: Option<String>,
    /// high, medium-high, medium, low, unknown.
    #[serde(default)]
    #[schemars(with = "Option<Confidence>")]
    pub confidence: Option<Spanned<String>>,
    /// The advocate who signed the rule off, and when; absent: not signed off.
    #[serde(default)]
    pub signed_off: Option<String>,
    /// punjab, sindh, ict …, one or several; absent: everywhere.
    #[serde(default)]
    #[schemars(with = "Option<OneOrMany<String>>")]
    pub province: Option<Spanned<OneOrMany<String>>>,
    /// The kind of court, one or several, as the field `forum` names it; absent: every court.
    #[serde(default)]
    #[schemars(with = "Option<OneOrMany<String>>")]
    pub court: Option<Spanned<OneOrMany<String>>>,
    /// Time that does not count: `copy_time`, for a limitation.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub excludes: Option<Spanned<String>>,
    /// The duty has no length: it is owed at once. It is shown and never has a date.
    #[serde(default)]
    pub at_once: bool,
    /// First day of force.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub in_force_from: Option<Spanned<String>>,
    /// Last day of force.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub in_force_until: Option<Spanned<String>>,
    /// The day from which the law may have lapsed (an ordinance that was not made an Act): the rule runs on, marked.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub lapses_on: Option<Spanned<String>>,
    /// The reminder ladder.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub reminders: Vec<Spanned<String>>,
    /// Message kind of the reminders (`reminder` if absent).
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub message: Option<Spanned<String>>,
    /// Ladders for people of the case.
    #[serde(default)]
    pub also: Vec<LadderYaml>,
    /// What a miss does.
    #[serde(default)]
    #[schemars(with = "Vec<ActionYaml>")]
    pub on_miss: Vec<Spanned<ActionYaml>>,
}

/// Reminders for people of the case, beside those for the team.
#[derive(Debug, Clone, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LadderYaml {
    /// A role of people in the case.
    pub to: String,
    /// The message kind.
    pub message: String,
    /// The ladder.
    #[schemars(with = "Vec<String>")]
    pub reminders: Vec<Spanned<String>>,
}
