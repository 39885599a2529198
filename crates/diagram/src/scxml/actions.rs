//! Actions and conditions of an SCXML document, as packs write them.
//!
//! Knows both vocabularies; which element may hold an action is decided in `import`.

use peshi_calendar::Period;
use peshi_casework::expression::{Expression, ExpressionError, FUNCTIONS, VARIABLES};
use serde_json::{Map, Value, json};

use super::import::Importer;
use super::names::Names;
use super::read::{Element, Vocabulary};

impl Importer<'_> {
    pub(super) fn actions(&mut self, element: &Element) -> Vec<Value> {
        element
            .children
            .iter()
            .filter_map(|child| self.action(child))
            .collect()
    }

    fn action(&mut self, element: &Element) -> Option<Value> {
        let peshi = element.vocabulary == Vocabulary::Peshi;
        match (peshi, element.name.as_str()) {
            _ if element.vocabulary == Vocabulary::Other => self.unknown(element),
            (false, "raise") => {
                let event = self.needed(element, "event")?;
                return Some(json!({ "raise": self.event(&event) }));
            }
            (false, "send") => return self.send(element),
            (false, "cancel") => {
                let id = self.needed(element, "sendid")?;
                return Some(json!({ "cancel": id }));
            }
            (false, "assign") => {
                let (field, value) = self.assign(element)?;
                return Some(json!({ "set": { field: value } }));
            }
            (false, "log") => self.note("<log> was left out: a case's journal tells what happened"),
            (true, "set") => {
                let fields: Vec<(String, String)> =
                    element.children.iter().filter_map(|a| self.assign(a)).collect();
                let fields: Map<String, Value> = fields.into_iter().map(|(k, v)| (k, json!(v))).collect();
                return Some(json!({ "set": fields }));
            }
            (true, "spawn") => return self.spawn(element),
            (true, "tell") => {
                let (to, event) = (self.wanted(element, "to")?, self.wanted(element, "event")?);
                return Some(json!({ "tell": { "to": to, "event": event } }));
            }
            (true, "notify") => {
                let (message, to) = (self.wanted(element, "message")?, self.wanted(element, "to")?);
                let mut notify = json!({ "message": message, "to": to });
                if let Some(about) = element.get("about") {
                    notify["about"] = json!(about);
                }
                return Some(json!({ "notify": notify }));
            }
            (false, "if") => return self.conditional(element),
            (true, "task") => return Some(json!({ "task": self.wanted(element, "name")? })),
            (true, "violation") => {
                let code = self.wanted(element, "code")?;
                return Some(self.with(element, "violation", &code));
            }
            _ => self.unknown(element),
        }
        None
    }

    /// An attribute that must be there and has no computed form.
    fn needed(&mut self, element: &Element, name: &str) -> Option<String> {
        let computed = format!("{}expr", name.trim_end_matches("id"));
        if element.get(&format!("{name}expr")).is_some() || element.get(&computed).is_some() {
            self.refuse(
                element,
                format!("{element} with a computed `{name}`"),
                format!("write the `{name}` itself, with one transition for each that may occur"),
            );
            return None;
        }
        self.wanted(element, name)
    }

    fn wanted(&mut self, element: &Element, name: &str) -> Option<String> {
        let found = element.get(name).map(str::to_owned);
        if found.is_none() {
            self.refuse(
                element,
                format!("{element} without `{name}`"),
                format!("add `{name}`"),
            );
        }
        found
    }

    fn send(&mut self, element: &Element) -> Option<Value> {
        for attribute in [
            "type",
            "typeexpr",
            "targetexpr",
            "namelist",
            "delayexpr",
            "idlocation",
        ] {
            if element.get(attribute).is_some() {
                let message = format!("<send> with `{attribute}`");
                self.refuse(
                    element,
                    message,
                    "a chart sends events only to itself, after a fixed time, without data",
                );
            }
        }
        for child in &element.children {
            self.unknown(child);
        }
        let event = self.needed(element, "event")?;
        let event = self.event(&event);
        match element.get("target") {
            None => {}
            Some("#_internal") => return Some(json!({ "raise": event })),
            Some(target) => {
                let message = format!("<send> to `{target}`");
                let help = "a chart sends only to itself; tell a child or the parent with <peshi:tell to=\"…\" event=\"…\"/>";
                self.refuse(element, message, help);
                return None;
            }
        }
        let delay = element.peshi("after").or(element.get("delay")).unwrap_or("0s");
        let Some(after) = delay_of(delay) else {
            let message = format!("`{delay}` is no delay");
            self.refuse(
                element,
                message,
                "write seconds or milliseconds: 90s, 1.5s, 500ms",
            );
            return None;
        };
        let mut send = json!({ "event": event, "after": after.to_string() });
        if let Some(id) = element.get("id").filter(|id| *id != event) {
            send["id"] = json!(id);
        }
        Some(json!({ "send": send }))
    }

    fn assign(&mut self, element: &Element) -> Option<(String, String)> {
        if !element.is("assign") {
            self.unknown(element);
            return None;
        }
        let location = self.wanted(element, "location")?;
        let field = location.strip_prefix("data.").unwrap_or(&location).to_owned();
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if field.is_empty() || !field.chars().all(plain) {
            let message = format!("`{location}` is no field");
            self.refuse(element, message, "assign to one field of the case: data.paid");
            return None;
        }
        let Some(expr) = element.get("expr") else {
            self.refuse(
                element,
                "<assign> without `expr`",
                "write the value as CEL: expr=\"data.paid + form.part\"",
            );
            return None;
        };
        let value = self.expression(element, expr)?;
        Some((field, value))
    }

    /// One action under one condition, as packs have it.
    fn conditional(&mut self, element: &Element) -> Option<Value> {
        let condition = self.wanted(element, "cond")?;
        let condition = self.expression(element, &condition)?;
        let [child] = element.children.as_slice() else {
            self.refuse(
                element,
                "<if> with other than one action".to_owned(),
                "write one <if> for each action, each with its `cond`, or one <transition> for each case",
            );
            return None;
        };
        let mut action = self.action(child)?;
        action["if"] = json!(condition);
        Some(action)
    }

    fn spawn(&mut self, element: &Element) -> Option<Value> {
        let chart = self.wanted(element, "chart")?;
        self.note(format!(
            "the chart `{chart}` must stand beside this one under `charts:`"
        ));
        Some(self.with(element, "spawn", &chart))
    }

    /// An action with what it hands on.
    fn with(&mut self, element: &Element, action: &str, name: &str) -> Value {
        let mut with = Map::new();
        for child in &element.children {
            let given = match (child.get("expr"), child.get("value")) {
                (Some(expr), _) => self.expression(child, expr).map(|e| json!(format!("={e}"))),
                (None, Some(value)) => Some(serde_json::from_str(value).unwrap_or_else(|_| json!(value))),
                (None, None) => None,
            };
            match (child.name.as_str(), child.get("name"), given) {
                ("with", Some(name), Some(given)) => {
                    with.insert(name.to_owned(), given);
                }
                _ => self.unknown(child),
            }
        }
        if with.is_empty() {
            json!({ action: name })
        } else {
            json!({ action: name, "with": with })
        }
    }

    /// A condition or value: `In('x')` becomes `in_state("x")`, the rest must be CEL already.
    pub(super) fn expression(&mut self, element: &Element, source: &str) -> Option<String> {
        let source = match in_states(source, &self.names) {
            Ok(source) => source,
            Err(what) => {
                let message = format!("`{what}` in `{source}`");
                self.refuse(
                    element,
                    message,
                    "write In('ID') with the id of a state of this chart",
                );
                return None;
            }
        };
        match Expression::compile(&source) {
            Ok(_) => Some(source),
            Err(error) => {
                let help = match &error {
                    ExpressionError::UnknownName { .. } => format!(
                        "conditions are CEL: kept fields are data.NAME, the event's form is form.NAME; known: {}; functions: {}",
                        VARIABLES.join(", "),
                        FUNCTIONS.join(", ")
                    ),
                    _ => "conditions are CEL: == != < && || !, \"texts in double quotes\", has(data.x)"
                        .to_owned(),
                };
                self.refuse(element, error.to_string(), help);
                None
            }
        }
    }
}

/// `90s`, `1.5s`, `500ms`, or a period as packs write it.
fn delay_of(text: &str) -> Option<Period> {
    let text = text.trim();
    let number = |digits: &str, unit: &str| -> Option<Period> {
        let iso = match unit {
            "ms" => {
                let millis: u64 = digits.trim().parse().ok()?;
                format!("PT{}.{:03}S", millis / 1000, millis % 1000)
            }
            _ => format!("PT{}S", digits.trim()),
        };
        iso.parse().ok()
    };
    if let Some(digits) = text.strip_suffix("ms") {
        return number(digits, "ms");
    }
    match text.strip_suffix('s') {
        Some(digits) if digits.trim().parse::<f64>().is_ok() => number(digits, "s"),
        _ => text.parse().ok(),
    }
}

/// The text with each `In('x')` outside quotes turned into `in_state("x")`; else the call that is none.
fn in_states(source: &str, names: &Names) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = source;
    let mut quote: Option<char> = None;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
        if quote.is_none()
            && !word(before)
            && rest.starts_with("In")
            && rest[2..].trim_start().starts_with('(')
        {
            let (id, after) = quoted(rest).ok_or_else(|| rest.chars().take(30).collect::<String>())?;
            let new = names.get(id).ok_or_else(|| format!("In('{id}')"))?;
            out.extend(["in_state(\"", new, "\")"]);
            rest = after;
            before = ')';
            continue;
        }
        match quote {
            Some(q) if c == q && before != '\\' => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            _ => {}
        }
        out.push(c);
        before = c;
        rest = &rest[c.len_utf8()..];
    }
    Ok(out)
}

/// The id in `In('id')` at the start of a text, and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let inner = text
        .strip_prefix("In")?
        .trim_start()
        .strip_prefix('(')?
        .trim_start();
    let quote = inner.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (id, after) = inner[1..].split_once(quote)?;
    Some((id, after.trim_start().strip_prefix(')')?))
}
