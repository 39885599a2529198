//! The pack's files as their authors write them: serde types with source positions.
//! Knows the shape of the text alone; what it means is decided by `load`, what is unwise by `lint`.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use serde_saphyr::Spanned;

/// A mapping that keeps the order in which it was written, with the place of each key.
#[derive(Debug, Clone)]
pub struct Ordered<V>(pub Vec<(Spanned<String>, V)>);

impl<V> Default for Ordered<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Ordered<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<V>(PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for Entries<V> {
            type Value = Ordered<V>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(key) = map.next_key::<Spanned<String>>()? {
                    entries.push((key, map.next_value()?));
                }
                Ok(Ordered(entries))
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Ordered(Vec::new()))
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

/// One value or a list of them. Read by looking at its form: serde's untagged enums would lose the places inside.
#[derive(Debug, Clone)]
pub enum OneOrMany<T> {
    /// Written without brackets.
    One(T),
    /// Written as a list.
    Many(Vec<T>),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Form<T> {
            type Value = OneOrMany<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one value or a list")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                T::deserialize(de::value::StrDeserializer::new(text)).map(OneOrMany::One)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(de::value::MapAccessDeserializer::new(map)).map(OneOrMany::One)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = seq.next_element()? {
                    values.push(value);
                }
                Ok(OneOrMany::Many(values))
            }
        }
        deserializer.deserialize_any(Form(PhantomData))
    }
}

impl<T> OneOrMany<T> {
    /// The values as a slice, in the order written.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

/// `workflow.yaml`.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkflowYaml {
    /// The pack's name: lower case, digits and hyphens; the folder bears it too.
    pub workflow: Spanned<String>,
    /// The version its author counts.
    pub version: u32,
    /// The title by language.
    pub title: Map<String, Value>,
    /// Pattern of the neutral reference: `{year}`, `{seq:04}`.
    #[serde(default)]
    pub reference: Option<Spanned<String>>,
    /// Name of the calendar that deadlines count in.
    pub calendar: Spanned<String>,
    /// Roles that may act in cases of this kind.
    pub roles: Vec<Spanned<String>>,
    /// The form filled in when a case is opened.
    #[serde(default)]
    pub opening: Option<Spanned<String>>,
    /// Roles of people in a case whose contact may be told something.
    #[serde(default)]
    pub charts: Ordered<StateYaml>,
    /// Public statuses: keys under `public-…` in the locales.
    #[serde(default)]
    pub public: Vec<Spanned<String>>,
}

/// A state, or a whole chart.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateYaml {
    /// `parallel`, `final`, `history`; compound or atomic if absent.
    #[serde(rename = "type", default)]
    pub kind: Option<Spanned<String>>,
    /// For `history`: the whole depth.
    #[serde(default)]
    pub deep: bool,
    /// For `history`: where to go when there is none yet.
    #[serde(default)]
    pub default: Option<Spanned<String>>,
    /// The first state entered: an id or several.
    #[serde(default)]
    pub initial: Option<OneOrMany<String>>,
    /// Child states.
    #[serde(default)]
    pub states: Ordered<StateYaml>,
    /// Actions on entry.
    #[serde(default)]
    pub entry: Vec<Spanned<ActionYaml>>,
    /// Actions on exit.
    #[serde(default)]
    pub exit: Vec<Spanned<ActionYaml>>,
    /// Transitions by event descriptor.
    #[serde(default)]
    pub on: Ordered<OneOrMany<TransitionYaml>>,
    /// Eventless transitions.
    #[serde(default)]
    pub always: Vec<TransitionYaml>,
    /// Transitions after a period in this state.
    #[serde(default)]
    pub after: Ordered<OneOrMany<TransitionYaml>>,
    /// Deadline rules that run while the state is active.
    #[serde(default)]
    pub deadlines: Vec<Spanned<String>>,
    /// Who must act next: us, family, police, prosecution, court, other.
    #[serde(default)]
    pub waiting_on: Option<Spanned<String>>,
    /// What a family may be told: a key of `public`.
    #[serde(default)]
    pub public: Option<Spanned<String>>,
    /// When the coordinator's board calls it stalled.
    #[serde(default)]
    pub stalled_after: Option<Spanned<String>>,
    /// The state ends the matter (only for child charts and the root's lifecycle): the case counts as closed.
    #[serde(default)]
    pub closes_case: bool,
}

/// A transition.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransitionYaml {
    /// Target ids; none exits nothing.
    #[serde(default)]
    pub to: Option<OneOrMany<String>>,
    /// CEL condition.
    #[serde(rename = "if", default)]
    pub guard: Option<Spanned<String>>,
    /// Do not leave the source state.
    #[serde(default)]
    pub internal: bool,
    /// Roles that may cause it; the pack's roles if absent; an empty list means the machine alone.
    #[serde(default)]
    pub roles: Option<Vec<Spanned<String>>>,
    /// The form that records it.
    #[serde(default)]
    pub form: Option<Spanned<String>>,
    /// Actions between exit and entry.
    #[serde(rename = "do", default)]
    pub actions: Vec<Spanned<ActionYaml>>,
}

/// One action: exactly one of the keys.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionYaml {
    /// Raise an internal event in this instance.
    #[serde(default)]
    pub raise: Option<String>,
    /// Send an event to this instance later: `{ event, after, id }`.
    #[serde(default)]
    pub send: Option<SendYaml>,
    /// Cancel a sent event by its id.
    #[serde(default)]
    pub cancel: Option<String>,
    /// Set fields from CEL.
    #[serde(default)]
    pub set: Option<Ordered<Spanned<String>>>,
    /// Start a child chart.
    #[serde(default)]
    pub spawn: Option<Spanned<String>>,
    /// With `spawn`: the child's first data; a text beginning with `=` is CEL.
    #[serde(default)]
    pub with: Map<String, Value>,
    /// Send an event to `parent` or to every live child of a chart.
    #[serde(default)]
    pub tell: Option<TellYaml>,
    /// Send messages: `{ message, to }`.
    #[serde(default)]
    pub notify: Option<NotifyYaml>,
    /// Raise a task for a person.
    #[serde(default)]
    pub task: Option<Spanned<String>>,
    /// Note a violation by its code.
    #[serde(default)]
    pub violation: Option<Spanned<String>>,
}

/// `send: { event: …, after: 3 days, id: … }`.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SendYaml {
    /// The event's name.
    pub event: Spanned<String>,
    /// How long from now.
    pub after: Spanned<String>,
    /// For `cancel`.
    #[serde(default)]
    pub id: Option<String>,
}

/// `tell: { to: parent, event: … }`.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TellYaml {
    /// `parent`, or the name of a chart: every live child running it.
    pub to: Spanned<String>,
    /// The event's name.
    pub event: Spanned<String>,
}

/// `notify: { message: family_meeting, to: family_contact, at: data.at }`.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotifyYaml {
    /// The message kind.
    pub message: Spanned<String>,
    /// `team`, or a role of people in the case (`family_contact`).
    pub to: Spanned<String>,
    /// The field of this instance that holds the moment the message speaks of.
    #[serde(default)]
    pub about: Option<Spanned<String>>,
}

/// `forms.yaml`: forms by name.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormsYaml {
    /// Forms by name, in order.
    pub forms: Ordered<FormYaml>,
}

/// One form: its fields in order.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormYaml {
    /// The fields.
    #[serde(default)]
    pub fields: Ordered<FieldYaml>,
}

/// One field.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldYaml {
    /// text, long_text, number, money, date, datetime, choice, yes_no, phone, cnic.
    #[serde(rename = "type")]
    pub kind: Spanned<String>,
    /// Must be filled in.
    #[serde(default)]
    pub required: bool,
    /// For `choice`: the keys, worded in the locales as `choice-FIELD-KEY`.
    #[serde(default)]
    pub choices: Vec<String>,
    /// open, personal, narrative.
    #[serde(default)]
    pub sensitivity: Option<Spanned<String>>,
    /// A future moment is expected (hearing dates): a past one is refused.
    #[serde(default)]
    pub future: bool,
}

/// `deadlines.yaml`.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadlinesYaml {
    /// Rules by name.
    pub deadlines: Ordered<DeadlineYaml>,
}

/// One deadline rule.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadlineYaml {
    /// The rule's code in the register (`D12`).
    #[serde(default)]
    pub code: Option<String>,
    /// statutory, limitation, policy, internal.
    pub kind: Spanned<String>,
    /// How long; absent with `from`: the moment itself.
    #[serde(default)]
    pub period: Option<Spanned<String>>,
    /// A field that holds the starting moment; absent: the moment the state was entered.
    #[serde(default)]
    pub from: Option<Spanned<String>>,
    /// The moment is a sitting of a court.
    #[serde(default)]
    pub hearing: bool,
    /// Local time on the last day by which it must be done.
    #[serde(default)]
    pub due_time: Option<Spanned<String>>,
    /// Who must act: us, police, prosecution, court, family, other.
    pub who: Spanned<String>,
    /// The legal basis in words; required unless internal.
    #[serde(default)]
    pub basis: Option<Spanned<String>>,
    /// Where the basis was seen, or `general knowledge`.
    #[serde(default)]
    pub source: Option<String>,
    /// high, medium-high, medium, low, unknown.
    #[serde(default)]
    pub confidence: Option<Spanned<String>>,
    /// The advocate who signed the rule off, and when; absent: not signed off.
    #[serde(default)]
    pub signed_off: Option<String>,
    /// punjab, sindh, ict …; absent: everywhere.
    #[serde(default)]
    pub province: Option<String>,
    /// First day of force.
    #[serde(default)]
    pub in_force_from: Option<Spanned<String>>,
    /// Last day of force.
    #[serde(default)]
    pub in_force_until: Option<Spanned<String>>,
    /// The reminder ladder.
    #[serde(default)]
    pub reminders: Vec<Spanned<String>>,
    /// Message kind of the reminders (`reminder` if absent).
    #[serde(default)]
    pub message: Option<Spanned<String>>,
    /// Ladders for people of the case.
    #[serde(default)]
    pub also: Vec<LadderYaml>,
    /// What a miss does.
    #[serde(default)]
    pub on_miss: Vec<Spanned<ActionYaml>>,
}

/// Reminders for people of the case, beside those for the team.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LadderYaml {
    /// A role of people in the case.
    pub to: String,
    /// The message kind.
    pub message: String,
    /// The ladder.
    pub reminders: Vec<Spanned<String>>,
}
