//! A story as its author writes it. Knows the shape of the text; what a moment or a status means is `run`'s and
//! `compare`'s to say.

use peshi_calendar::ClosedDay;
use peshi_casework::Channel;
use peshi_casework::pack::yaml::{OneOrMany, Ordered};
use serde::Deserialize;
use serde_json::{Map, Value};
use serde_saphyr::Spanned;

/// A story.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScenarioYaml {
    /// Its name.
    pub(super) scenario: String,
    /// What it is about.
    pub(super) about: String,
    /// When it begins, by the clock on the wall.
    pub(super) from: Spanned<String>,
    /// Days closed beside those of the calendar.
    #[serde(default)]
    pub(super) closed: Vec<ClosedDay>,
    /// Roles of the team, one member each.
    #[serde(default)]
    pub(super) team: Vec<String>,
    /// People of the case.
    #[serde(default)]
    pub(super) people: Vec<PersonYaml>,
    /// The opening form.
    #[serde(default)]
    pub(super) opening: Map<String, Value>,
    /// What is seen after the opening.
    #[serde(default)]
    pub(super) expect: Option<ExpectYaml>,
    /// What happens.
    pub(super) steps: Vec<Spanned<StepYaml>>,
}

/// A person of the case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonYaml {
    /// Their role.
    pub(super) role: String,
    /// An invented name.
    #[serde(default)]
    pub(super) name: Option<String>,
    /// What they allowed.
    #[serde(default)]
    pub(super) permission: Option<PermissionYaml>,
}

/// What a person allowed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PermissionYaml {
    /// `sms` or `email`.
    pub(super) channel: Channel,
    /// Until when, a local date or moment.
    pub(super) until: Spanned<String>,
    /// What may be said.
    #[serde(default)]
    pub(super) level: u8,
    /// Somebody dangerous may hold the phone.
    #[serde(default)]
    pub(super) phone_at_risk: bool,
}

/// One step: exactly one of `do`, `advance`, `until`, `asleep`, `withdraw`, `finish`, or none and only `expect`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StepYaml {
    /// Record this event.
    #[serde(rename = "do", default)]
    pub(super) event: Option<String>,
    /// Where; the case itself if absent.
    #[serde(default)]
    pub(super) instance: Option<String>,
    /// Who; whoever may, if absent.
    #[serde(default)]
    pub(super) role: Option<String>,
    /// With this form.
    #[serde(default)]
    pub(super) form: Map<String, Value>,
    /// Let time pass to this moment first.
    #[serde(default)]
    pub(super) at: Option<Spanned<String>>,
    /// Let so much time pass first.
    #[serde(default)]
    pub(super) after: Option<Spanned<String>>,
    /// It happened then, and is recorded only now.
    #[serde(default)]
    pub(super) happened: Option<Spanned<String>>,
    /// Let so much time pass.
    #[serde(default)]
    pub(super) advance: Option<Spanned<String>>,
    /// Let time pass to this moment.
    #[serde(default)]
    pub(super) until: Option<Spanned<String>>,
    /// Let so much time pass while the scheduler sleeps: what was due fires late.
    #[serde(default)]
    pub(super) asleep: Option<Spanned<String>>,
    /// People of this role take their permission back.
    #[serde(default)]
    pub(super) withdraw: Option<String>,
    /// The open tasks of this kind are done.
    #[serde(default)]
    pub(super) finish: Option<String>,
    /// What is seen then.
    #[serde(default)]
    pub(super) expect: Option<ExpectYaml>,
}

/// What is seen. Only what is named is compared.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExpectYaml {
    /// Active states of the root, among others.
    #[serde(default)]
    pub(super) states: Option<Spanned<OneOrMany<String>>>,
    /// States of children: ids, or `ended`, or `none`.
    #[serde(default)]
    pub(super) children: Ordered<OneOrMany<String>>,
    /// The public status.
    #[serde(default)]
    pub(super) public: Option<Spanned<String>>,
    /// Who must act, or `nobody`.
    #[serde(default)]
    pub(super) waiting_on: Option<Spanned<String>>,
    /// The case counts as closed.
    #[serde(default)]
    pub(super) closed: Option<Spanned<bool>>,
    /// An open proceeding has neither a date nor a chase.
    #[serde(default)]
    pub(super) blind: Option<Spanned<bool>>,
    /// The board calls it stalled.
    #[serde(default)]
    pub(super) stalled: Option<Spanned<bool>>,
    /// By rule, or `INSTANCE.RULE`: `due 2026-03-03`, `met`, `missed` …
    #[serde(default)]
    pub(super) deadlines: Ordered<OneOrMany<String>>,
    /// Open tasks, among others.
    #[serde(default)]
    pub(super) tasks: Option<Spanned<OneOrMany<String>>>,
    /// Violations noted so far, among others.
    #[serde(default)]
    pub(super) violations: Option<Spanned<OneOrMany<String>>>,
    /// Messages expected by this step.
    #[serde(default)]
    pub(super) messages: Option<MessagesYaml>,
    /// Kept fields of the root, among others.
    #[serde(default)]
    pub(super) data: Ordered<Value>,
    /// The step is refused, and the reason has this in it.
    #[serde(default)]
    pub(super) refused: Option<Spanned<String>>,
}

/// `messages: [ … ]`, or `messages: { exactly: [ … ] }`.
#[derive(Debug, Clone)]
pub(super) struct MessagesYaml {
    pub(super) exactly: Option<Spanned<()>>,
    pub(super) list: Vec<Spanned<MessageYaml>>,
}

impl<'de> Deserialize<'de> for MessagesYaml {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl<'de> serde::de::Visitor<'de> for Form {
            type Value = MessagesYaml;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list of messages, or `exactly:` with one")
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<MessagesYaml, A::Error> {
                let mut list = Vec::new();
                while let Some(message) = seq.next_element()? {
                    list.push(message);
                }
                Ok(MessagesYaml { exactly: None, list })
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<MessagesYaml, A::Error> {
                let mut exactly = None;
                let mut list = Vec::new();
                while let Some(key) = map.next_key::<Spanned<String>>()? {
                    if key.value != "exactly" {
                        return Err(serde::de::Error::unknown_field(&key.value, &["exactly"]));
                    }
                    exactly = Some(Spanned::new((), key.referenced, key.defined));
                    list = map.next_value()?;
                }
                Ok(MessagesYaml { exactly, list })
            }
        }
        deserializer.deserialize_any(Form)
    }
}

/// One message. Only what is named is compared.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageYaml {
    /// Its kind.
    pub(super) kind: String,
    /// The role it is for.
    #[serde(default)]
    pub(super) to: Option<String>,
    /// The rule it announces.
    #[serde(default)]
    pub(super) rule: Option<String>,
    /// When, local.
    #[serde(default)]
    pub(super) at: Option<String>,
    /// The moment it speaks of, local.
    #[serde(default, rename = "for")]
    pub(super) moment: Option<String>,
    /// It goes out.
    #[serde(default)]
    pub(super) sent: Option<bool>,
    /// It is suppressed for this reason.
    #[serde(default)]
    pub(super) suppressed: Option<String>,
}
