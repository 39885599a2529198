//! From an SCXML document to a pack's chart.
//!
//! Everything the interpreter knows comes in; the rest is refused by name, all in one run, each with a remedy. The result
//! is text as an author would write it, and it has passed the pack's own reading. Knows both vocabularies; runs nothing.

use std::collections::BTreeSet;

use peshi_casework::pack::{PackFiles, Severity, load_loose};
use serde_json::{Map, Value, json};

use super::names::Names;
use super::read::{Element, Refusal, Vocabulary, read, refusal};
use super::yaml;

/// What became of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// A whole `workflow.yaml` with the chart in it.
    pub workflow: String,
    /// The chart alone, as it stands under `charts:`.
    pub chart: String,
    /// What the author should know: ids that changed, names that want a file of their own.
    pub notes: Vec<String>,
}

/// Reads a document as the chart `name` (`case` is the chart that every case runs).
///
/// # Errors
/// Everything that no chart of ours can say.
pub fn import(text: &str, name: &str) -> Result<Imported, Vec<Refusal>> {
    let document = read(text).map_err(|refused| vec![refused])?;
    let mut importer = Importer {
        text,
        chart: name,
        names: Names::of_chart(name),
        refusals: Vec::new(),
        notes: BTreeSet::new(),
        roles: BTreeSet::new(),
        public: BTreeSet::new(),
    };
    let chart = importer.document(&document);
    importer.refusals.sort_by_key(|r| (r.line, r.column));
    if !importer.refusals.is_empty() {
        return Err(importer.refusals);
    }
    importer.finished(&document, chart)
}

/// A document on its way in.
pub(super) struct Importer<'a> {
    text: &'a str,
    chart: &'a str,
    pub(super) names: Names,
    refusals: Vec<Refusal>,
    notes: BTreeSet<String>,
    roles: BTreeSet<String>,
    public: BTreeSet<String>,
}

const STATES: [&str; 4] = ["state", "parallel", "final", "history"];

impl Importer<'_> {
    pub(super) fn refuse(&mut self, element: &Element, message: impl Into<String>, help: impl Into<String>) {
        let refused = refusal(self.text, element.offset, message, help);
        self.refusals.push(refused);
    }

    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.notes.insert(text.into());
    }

    /// The document's chart. A single state that bears the document's name is the chart itself; else the document is.
    fn document(&mut self, document: &Element) -> Map<String, Value> {
        if !document.is("scxml") {
            let message = format!("the document is {document}, not <scxml>");
            self.refuse(document, message, "an SCXML document begins with <scxml …>");
            return Map::new();
        }
        let states: Vec<&Element> = document.children.iter().filter(|e| is_state(e)).collect();
        let root = match states[..] {
            [only] if only.get("id").is_some() && only.get("id") == document.get("name") => only,
            _ => document,
        };
        if let (false, Some(id)) = (std::ptr::eq(root, document), root.get("id")) {
            self.names.root(id, self.chart);
        }
        self.take_names(root);
        let mut chart = self.state(root);
        if !std::ptr::eq(root, document) {
            for other in document.children.iter().filter(|e| !is_state(e)) {
                self.beside(other, &mut chart);
            }
        }
        chart
    }

    fn take_names(&mut self, element: &Element) {
        for child in element.children.iter().filter(|e| is_state(e)) {
            if let Some(id) = child.get("id")
                && !self.names.take(id)
            {
                self.refuse(
                    child,
                    format!("the id `{id}` stands twice"),
                    "give each state an id of its own",
                );
            }
            self.take_names(child);
        }
    }

    /// What may stand beside the one state of a document.
    fn beside(&mut self, element: &Element, chart: &mut Map<String, Value>) {
        if element.is("datamodel") {
            let mut sets = self.datamodel(element);
            if let Some(Value::Array(entry)) = chart.get("entry") {
                sets.extend(entry.iter().cloned());
            }
            if !sets.is_empty() {
                chart.insert("entry".to_owned(), Value::Array(sets));
            }
        } else if !element.is("initial") {
            self.unknown(element);
        }
    }

    fn state(&mut self, element: &Element) -> Map<String, Value> {
        let mut state = Map::new();
        if element.is("parallel") || element.is("final") {
            state.insert("type".to_owned(), json!(element.name));
        }
        if element.is("history") {
            return self.history(element);
        }
        self.meaning(element, &mut state);
        let initial = self.initial(element);
        if !initial.is_empty() {
            state.insert("initial".to_owned(), one_or_many(&initial));
        }
        let (mut entry, mut exit) = (Vec::new(), Vec::new());
        let mut transitions = Vec::new();
        let mut states = Map::new();
        for child in &element.children {
            match child.name.as_str() {
                _ if child.vocabulary != Vocabulary::Scxml => self.unknown(child),
                "onentry" => entry.extend(self.actions(child)),
                "onexit" => exit.extend(self.actions(child)),
                "transition" => transitions.extend(self.transition(child)),
                "initial" => {}
                "datamodel" => {
                    let sets = self.datamodel(child);
                    entry.splice(0..0, sets);
                }
                name if STATES.contains(&name) => {
                    let id = match child.get("id") {
                        Some(id) => self.names.get(id).unwrap_or(id).to_owned(),
                        None => self.unnamed(),
                    };
                    let inner = self.state(child);
                    states.insert(id, Value::Object(inner));
                }
                _ => self.unknown(child),
            }
        }
        for (key, actions) in [("entry", entry), ("exit", exit)] {
            if !actions.is_empty() {
                state.insert(key.to_owned(), Value::Array(actions));
            }
        }
        self.arrange(element, transitions, &mut state);
        if !states.is_empty() {
            state.insert("states".to_owned(), Value::Object(states));
        }
        state
    }

    fn unnamed(&mut self) -> String {
        let id = self.names.invent();
        self.note(format!(
            "a state without an id is now `{id}`; give it a name that people understand"
        ));
        id
    }

    /// What Peshi's own attributes say of a state.
    fn meaning(&mut self, element: &Element, state: &mut Map<String, Value>) {
        for (attribute, key) in [
            ("waiting-on", "waiting_on"),
            ("stalled-after", "stalled_after"),
            ("public", "public"),
        ] {
            if let Some(value) = element.peshi(attribute) {
                state.insert(key.to_owned(), json!(value));
            }
        }
        if let Some(public) = element.peshi("public") {
            self.public.insert(public.to_owned());
        }
        if element.peshi("closes-case") == Some("true") {
            state.insert("closes_case".to_owned(), json!(true));
        }
        if let Some(rules) = element.peshi("deadlines") {
            let rules: Vec<&str> = rules.split_whitespace().collect();
            for rule in &rules {
                self.note(format!("the deadline `{rule}` must stand in deadlines.yaml"));
            }
            state.insert("deadlines".to_owned(), json!(rules));
        }
    }

    /// The new ids of states that an element names.
    fn targets(&mut self, element: &Element, attribute: &str) -> Vec<String> {
        let mut targets = Vec::new();
        for id in element.list(attribute) {
            match self.names.get(id).map(str::to_owned) {
                Some(new) => targets.push(new),
                None => self.refuse(
                    element,
                    format!("there is no state with the id `{id}`"),
                    "correct the id, or write the state",
                ),
            }
        }
        targets
    }

    fn initial(&mut self, element: &Element) -> Vec<String> {
        let mut initial = self.targets(element, "initial");
        for holder in element.children.iter().filter(|e| e.is("initial")) {
            for transition in &holder.children {
                if transition.is("transition") && transition.children.is_empty() {
                    initial.extend(self.targets(transition, "target"));
                } else {
                    let message =
                        format!("{transition} with actions inside <initial> has no place in a chart of ours");
                    self.refuse(
                        transition,
                        message,
                        "move the actions into the <onentry> of the state it leads to",
                    );
                }
            }
        }
        initial
    }

    fn history(&mut self, element: &Element) -> Map<String, Value> {
        let mut state = Map::new();
        state.insert("type".to_owned(), json!("history"));
        match element.get("type") {
            Some("deep") => {
                state.insert("deep".to_owned(), json!(true));
            }
            None | Some("shallow") => {}
            Some(other) => self.refuse(
                element,
                format!("a history is not `{other}`"),
                "write type=\"shallow\" or type=\"deep\"",
            ),
        }
        for child in &element.children {
            if !child.is("transition") {
                self.unknown(child);
            } else if !child.children.is_empty() {
                self.refuse(
                    child,
                    "actions in the default transition of a <history>",
                    "move them into the <onentry> of the state it leads to",
                );
            } else {
                let targets = self.targets(child, "target");
                let key = if targets.len() == 1 { "default" } else { "initial" };
                state.insert(key.to_owned(), one_or_many(&targets));
            }
        }
        state
    }

    /// The first values of fields, as actions.
    fn datamodel(&mut self, element: &Element) -> Vec<Value> {
        let mut sets = Vec::new();
        for data in &element.children {
            let (id, expr) = (data.get("id"), data.get("expr"));
            match (data.is("data"), id, expr) {
                (true, Some(id), Some(expr)) => {
                    if let Some(expr) = self.expression(data, expr) {
                        sets.push(json!({ "set": { id: expr } }));
                    }
                }
                (true, ..) => self.refuse(
                    data,
                    "<data> without both `id` and `expr`",
                    "write <data id=\"paid\" expr=\"0.0\"/> with a CEL value; leave the field out if it begins unset",
                ),
                _ => self.unknown(data),
            }
        }
        sets
    }

    /// A transition with its event descriptors.
    fn transition(&mut self, element: &Element) -> Option<(Vec<String>, Value)> {
        let mut transition = Map::new();
        let targets = self.targets(element, "target");
        if !targets.is_empty() {
            transition.insert("to".to_owned(), one_or_many(&targets));
        }
        if let Some(condition) = element.get("cond") {
            let condition = self.expression(element, condition)?;
            transition.insert("if".to_owned(), json!(condition));
        }
        match element.get("type") {
            None | Some("external") => {}
            Some("internal") => {
                transition.insert("internal".to_owned(), json!(true));
            }
            Some(other) => self.refuse(
                element,
                format!("a transition is not `{other}`"),
                "write type=\"internal\" or type=\"external\"",
            ),
        }
        if let Some(roles) = element.peshi("roles") {
            let roles: Vec<&str> = roles.split_whitespace().collect();
            self.roles.extend(roles.iter().map(|r| (*r).to_owned()));
            transition.insert("roles".to_owned(), json!(roles));
        }
        if let Some(form) = element.peshi("form") {
            self.note(format!("the form `{form}` must stand in forms.yaml"));
            transition.insert("form".to_owned(), json!(form));
        }
        let actions = self.actions(element);
        if !actions.is_empty() {
            transition.insert("do".to_owned(), Value::Array(actions));
        }
        let events = element.list("event").into_iter().map(|e| self.event(e)).collect();
        Some((events, Value::Object(transition)))
    }

    /// An event's name; states it speaks of have their new ids.
    pub(super) fn event(&self, event: &str) -> String {
        match event
            .strip_prefix("done.state.")
            .and_then(|id| self.names.get(id))
        {
            Some(id) => format!("done.state.{id}"),
            None => event.to_owned(),
        }
    }

    pub(super) fn unknown(&mut self, element: &Element) {
        let help = match (element.vocabulary, element.name.as_str()) {
            (Vocabulary::Scxml, "invoke") => "start a child chart by an action: <peshi:spawn chart=\"…\"/>",
            (Vocabulary::Scxml, "finalize") => {
                "let the child tell its parent: <peshi:tell to=\"parent\" event=\"…\"/>"
            }
            (Vocabulary::Scxml, "script") => "keep fields with <assign>, and write conditions as CEL",
            (Vocabulary::Scxml, "elseif" | "else") => "write one <transition> for each case, with `cond`",
            (Vocabulary::Scxml, "foreach") => "write the actions one by one",
            (Vocabulary::Scxml, "param" | "content" | "donedata") => {
                "events carry no data here: keep it in fields with <assign>, which conditions then read"
            }
            (Vocabulary::Other, _) => "delete it: it belongs to another program",
            _ => "delete it, or say it with states, transitions and the actions raise, send, cancel, assign",
        };
        self.refuse(
            element,
            format!("{element} has no place in a chart of ours"),
            help,
        );
    }

    /// The file, once it has passed the reading that every pack passes.
    fn finished(mut self, document: &Element, chart: Map<String, Value>) -> Result<Imported, Vec<Refusal>> {
        let changed: Vec<(String, String)> = self
            .names
            .changed()
            .map(|(old, new)| (old.to_owned(), new.to_owned()))
            .collect();
        for (old, new) in changed {
            self.note(format!("the state `{old}` is now `{new}`"));
        }
        let roles = ["paralegal", "lawyer", "coordinator"].map(str::to_owned);
        let roles: BTreeSet<String> = roles.into_iter().chain(self.roles.iter().cloned()).collect();
        let charts: Map<String, Value> = [(self.chart.to_owned(), Value::Object(chart))]
            .into_iter()
            .collect();
        let chart = yaml::block(&charts, 1);
        let title = document.get("name").unwrap_or(self.chart);
        let head = json!({
            "workflow": "imported",
            "version": 1,
            "title": { "en": title, "ur": title },
            "calendar": "pk",
            "roles": roles,
            "public": self.public,
        });
        let head = head.as_object().map(|h| yaml::block(h, 0)).unwrap_or_default();
        let workflow = format!("{head}\ncharts:\n{chart}");
        let faults = faults(&workflow, self.chart);
        if faults.is_empty() {
            return Ok(Imported {
                workflow,
                chart,
                notes: self.notes.into_iter().collect(),
            });
        }
        for (message, help) in faults {
            self.refuse(document, message, help);
        }
        Err(self.refusals)
    }
}

/// What a pack's own reading finds wrong with the chart; what other files must bring is no fault of it.
fn faults(workflow: &str, chart: &str) -> Vec<(String, String)> {
    let files = PackFiles::from([("workflow.yaml".to_owned(), workflow.to_owned())]);
    let (_, findings) = load_loose(&files, Some(chart));
    findings
        .into_iter()
        .filter(|f| f.severity == Severity::Error && f.code != "unknown-chart")
        .map(|f| (f.message, f.help))
        .collect()
}

fn is_state(element: &Element) -> bool {
    element.vocabulary == Vocabulary::Scxml && STATES.contains(&element.name.as_str())
}

fn one_or_many(ids: &[String]) -> Value {
    match ids {
        [only] => json!(only),
        many => json!(many),
    }
}
