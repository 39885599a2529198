//! A script: events and pauses played to a case, one line of result for the start and for each element.
//! Knows the script's form and the line's; no file and no terminal.

use chrono::{DateTime, SecondsFormat, Utc};
use peshi_casework::{Fields, InstanceId};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::{RehearsalError, said};
use crate::life::{Fired, FiredWhat, Happened, Message, Rehearsal, Stage, Who};
use crate::span::Span;

/// A script.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Script {
    /// What the case begins with: its opening form.
    pub opening: Fields,
    /// The elements.
    pub steps: Vec<Step>,
}

/// One element.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// An event.
    Event {
        /// Its name.
        event: String,
        /// What it carries.
        data: Fields,
        /// Where it is recorded.
        instance: InstanceId,
        /// The role that records it; none: whoever may.
        role: Option<String>,
    },
    /// A pause.
    Advance(Span),
}

/// What came of one element.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// 0 for the start, then the number of the element.
    pub step: usize,
    /// The event, if it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// Where the event was recorded, if not in the case itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// How far time advanced, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advance: Option<String>,
    /// The moment after it, UTC.
    pub at: String,
    /// The ids of the active leaf states of the root, in document order.
    pub configuration: Vec<String>,
    /// Whether the event was taken; a pause always is.
    pub accepted: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The root has reached its end.
    pub done: bool,
    /// Live children.
    pub children: Vec<ChildLine>,
    /// Timers that fired, in order.
    pub fired: Vec<FiredLine>,
    /// Messages expected.
    pub messages: Vec<MessageLine>,
    /// The root's kept fields.
    pub data: Map<String, Value>,
}

/// A live child.
#[derive(Debug, Clone, Serialize)]
pub struct ChildLine {
    /// Its id.
    pub id: String,
    /// Its chart.
    pub chart: String,
    /// Its active leaf states.
    pub configuration: Vec<String>,
}

/// A timer that fired.
#[derive(Debug, Clone, Serialize)]
pub struct FiredLine {
    /// When it was due.
    pub at: String,
    /// Its instance.
    pub instance: String,
    /// The event it brought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// The rule whose last moment or reminder it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<String>,
    /// The reminder, as written in the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reminder: Option<String>,
    /// Why nothing came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
}

/// A message expected.
#[derive(Debug, Clone, Serialize)]
pub struct MessageLine {
    /// When.
    pub at: String,
    /// Its kind.
    pub kind: String,
    /// The role it is for.
    pub to: String,
    /// The rule it announces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<String>,
    /// The moment it speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moment: Option<String>,
    /// The reason it is suppressed for, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<String>,
}

impl Script {
    /// Reads a script: a list of `{"event": NAME, "data": {…}?}` and `{"advance": DURATION}`. An event may also say
    /// `"instance"` (`hearing-1`) and `"as"` (a role); a first element `{"open": {…}}` fills in the opening form.
    ///
    /// # Errors
    /// [`RehearsalError::Script`], naming the element.
    pub fn parse(text: &str) -> Result<Self, RehearsalError> {
        let value: Value = serde_json::from_str(text).map_err(|e| RehearsalError::Script {
            place: format!("line {} of the script", e.line()),
            problem: format!("it is not JSON: {e}"),
        })?;
        let Value::Array(elements) = value else {
            return Err(RehearsalError::Script {
                place: "the script".to_owned(),
                problem: "it is not a list; write [{\"event\": \"…\"}, {\"advance\": \"3 days\"}]".to_owned(),
            });
        };
        let mut script = Self::default();
        for (n, element) in elements.iter().enumerate() {
            let fail = |problem: String| RehearsalError::Script {
                place: format!("element {} of the script", n + 1),
                problem,
            };
            let Value::Object(element) = element else {
                return Err(fail(format!("`{element}` is not an object; {FORMS}")));
            };
            match element.get("open") {
                Some(opening) if n == 0 && element.len() == 1 => {
                    script.opening = fields(opening).map_err(fail)?;
                }
                Some(_) => return Err(fail("`open` stands alone, in the first element".to_owned())),
                None => script.steps.push(step(element).map_err(fail)?),
            }
        }
        Ok(script)
    }

    /// The script as text, one element a line.
    pub fn to_json(&self) -> String {
        let open = (!self.opening.is_empty()).then(|| serde_json::json!({ "open": self.opening }));
        let lines: Vec<String> = open
            .into_iter()
            .chain(self.steps.iter().map(Step::to_value))
            .map(|v| format!("  {v}"))
            .collect();
        format!("[\n{}\n]\n", lines.join(",\n"))
    }
}

const FORMS: &str = "an element is {\"event\": NAME, \"data\": {…}} or {\"advance\": \"3 days\"}";

fn step(element: &Map<String, Value>) -> Result<Step, String> {
    let known = ["event", "data", "instance", "as", "advance"];
    if let Some(key) = element.keys().find(|k| !known.contains(&k.as_str())) {
        return Err(format!("the key `{key}` is not known; {FORMS}"));
    }
    let text = |key: &str| match element.get(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(other) => Err(format!("`{key}` must be a text, not {other}")),
    };
    match (text("event")?, text("advance")?) {
        (Some(event), None) => Ok(Step::Event {
            event,
            data: element.get("data").map_or(Ok(Fields::new()), fields)?,
            instance: text("instance")?.map_or_else(InstanceId::root, InstanceId::named),
            role: text("as")?,
        }),
        (None, Some(advance)) if element.len() == 1 => {
            Ok(Step::Advance(Span::parse(&advance).map_err(|e| e.to_string())?))
        }
        (None, Some(_)) => Err("`advance` stands alone".to_owned()),
        (Some(_), Some(_)) => Err("it has both `event` and `advance`; make it two elements".to_owned()),
        (None, None) => Err(format!("it has neither `event` nor `advance`; {FORMS}")),
    }
}

fn fields(value: &Value) -> Result<Fields, String> {
    match value {
        Value::Object(fields) => Ok(fields.clone()),
        Value::Null => Ok(Fields::new()),
        other => Err(format!("the data must be an object of fields, not {other}")),
    }
}

impl Step {
    /// As an element of a script.
    pub fn to_value(&self) -> Value {
        let mut element = Map::new();
        match self {
            Self::Event {
                event,
                data,
                instance,
                role,
            } => {
                element.insert("event".to_owned(), event.clone().into());
                if !data.is_empty() {
                    element.insert("data".to_owned(), Value::Object(data.clone()));
                }
                if !instance.is_root() {
                    element.insert("instance".to_owned(), instance.as_str().into());
                }
                if let Some(role) = role {
                    element.insert("as".to_owned(), role.clone().into());
                }
            }
            Self::Advance(span) => {
                element.insert("advance".to_owned(), span.to_string().into());
            }
        }
        Value::Object(element)
    }
}

/// A script being played.
#[derive(Debug, Clone)]
pub struct Player<'p> {
    rehearsal: Rehearsal<'p>,
    step: usize,
}

impl<'p> Player<'p> {
    /// Opens the case; the line of the start comes with it.
    ///
    /// # Errors
    /// [`RehearsalError`], when the case cannot begin.
    pub fn start(
        stage: Stage<'p>,
        from: DateTime<Utc>,
        opening: Fields,
    ) -> Result<(Self, Line), RehearsalError> {
        // One member, so that each message to the team is told once.
        let team = ["team".to_owned()];
        let (rehearsal, happened) = Rehearsal::open(stage, from, opening, &team)?;
        let player = Self { rehearsal, step: 0 };
        let line = player.line(&happened);
        Ok((player, line))
    }

    /// Plays one element.
    ///
    /// # Errors
    /// [`RehearsalError`], when the case never comes to rest or time leaves what can be reckoned.
    pub fn play(&mut self, step: &Step) -> Result<Line, RehearsalError> {
        self.step += 1;
        match step {
            Step::Advance(span) => {
                let now = self.rehearsal.now();
                let until = span.after(now, self.rehearsal.stage().calendar)?;
                let happened = self.rehearsal.advance_to(until)?;
                let mut line = self.line(&happened);
                line.advance = Some(span.to_string());
                Ok(line)
            }
            Step::Event {
                event,
                data,
                instance,
                role,
            } => {
                let who = role.as_deref().map_or(Who::Anything, Who::Role);
                let recorded = self.rehearsal.record(who, instance, event, data.clone(), None)?;
                let (happened, reason) = match recorded {
                    Ok(happened) => (happened, None),
                    Err(rejection) => (Vec::new(), Some(said(&rejection))),
                };
                let mut line = self.line(&happened);
                line.event = Some(event.clone());
                line.instance = (!instance.is_root()).then(|| instance.to_string());
                line.accepted = reason.is_none();
                line.reason = reason;
                Ok(line)
            }
        }
    }

    /// The case being played.
    pub fn rehearsal(&self) -> &Rehearsal<'p> {
        &self.rehearsal
    }

    fn line(&self, happened: &[Happened]) -> Line {
        let rehearsal = &self.rehearsal;
        let root = rehearsal.case().root();
        let children = rehearsal.children().into_iter().map(|id| ChildLine {
            id: id.to_string(),
            chart: rehearsal.case().instances[id].chart.clone(),
            configuration: rehearsal.configuration(id).to_vec(),
        });
        Line {
            step: self.step,
            event: None,
            instance: None,
            advance: None,
            at: utc(rehearsal.now()),
            configuration: rehearsal.configuration(&InstanceId::root()).to_vec(),
            accepted: true,
            reason: None,
            done: root.done,
            children: children.collect(),
            fired: happened.iter().filter_map(fired).collect(),
            messages: happened.iter().flat_map(|h| &h.messages).map(message).collect(),
            data: root.data.clone(),
        }
    }
}

fn fired(happened: &Happened) -> Option<FiredLine> {
    let Fired { instance, what } = happened.fired.as_ref()?;
    let (event, deadline, reminder) = match what {
        FiredWhat::Event(event) => (Some(event.clone()), None, None),
        FiredWhat::Due(rule) => (None, Some(rule.clone()), None),
        FiredWhat::Rung(rule, rung) => (None, Some(rule.clone()), Some(rung.clone())),
    };
    Some(FiredLine {
        at: utc(happened.at),
        instance: instance.to_string(),
        event,
        deadline,
        reminder,
        fault: happened.fault.as_ref().map(said),
    })
}

fn message(message: &Message) -> MessageLine {
    MessageLine {
        at: utc(message.at),
        kind: message.order.kind.clone(),
        to: message.to.clone(),
        deadline: message.rule.clone(),
        moment: message.order.moment.map(utc),
        suppressed: message.suppressed.map(|r| r.key().to_owned()),
    }
}

/// A moment as scripts and lines write it: RFC 3339, UTC, with fractions only where there are any.
pub fn utc(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
