//! A chart as an SCXML document.
//!
//! States, transitions and events are SCXML's own. Conditions and values are CEL (`datamodel="cel"`). What a pack adds (who
//! must act, deadlines, child charts, messages) stands in Peshi's namespace, where other programs pass over it.

use std::fmt::Write;

use peshi_calendar::Period;
use peshi_casework::expression::Expression;
use peshi_casework::pack::{Act, ChartSpec, Gate, Given, PackChart, StateSpec, WaitingOn};
use peshi_statechart::{Action, StateKind, StateRef, Transition};

use super::{PESHI, SCXML};
use crate::picture::escaped;

type State<'a> = StateRef<'a, Gate, Act>;

/// The chart as an SCXML document.
pub fn export(spec: &ChartSpec) -> String {
    let name = spec.chart.name();
    let mut writer = Writer {
        spec,
        out: String::new(),
    };
    writer
        .out
        .push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    writer
        .out
        .push_str("<!-- Conditions and values are CEL; peshi: says what SCXML has no word for. -->\n");
    let _ = writeln!(
        writer.out,
        r#"<scxml xmlns="{SCXML}" xmlns:peshi="{PESHI}" version="1.0" datamodel="cel" name="{name}" initial="{name}">"#,
        name = escaped(name)
    );
    if let Some(root) = spec.chart.state(name) {
        writer.state(&spec.chart.state_ref(root), 1);
    }
    writer.out.push_str("</scxml>\n");
    writer.out
}

struct Writer<'a> {
    spec: &'a ChartSpec,
    out: String,
}

/// An opening tag being written.
struct Tag(String);

impl Tag {
    fn new(name: &str) -> Self {
        Self(format!("<{name}"))
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        // A line break would come back as a space.
        let lines: Vec<String> = value.split('\n').map(escaped).collect();
        let _ = write!(self.0, r#" {name}="{}""#, lines.join("&#10;"));
        self
    }

    fn maybe(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    fn open(self) -> String {
        format!("{}>", self.0)
    }

    fn empty(self) -> String {
        format!("{}/>", self.0)
    }
}

impl<'a> Writer<'a> {
    fn line(&mut self, depth: usize, text: &str) {
        let _ = writeln!(self.out, "{}{text}", "  ".repeat(depth));
    }

    fn chart(&self) -> &'a PackChart {
        &self.spec.chart
    }

    fn state(&mut self, state: &State<'a>, depth: usize) {
        let name = match state.kind() {
            StateKind::Normal => "state",
            StateKind::Parallel => "parallel",
            StateKind::Final => "final",
            StateKind::History { deep } => return self.history(state, deep, depth),
        };
        let mut tag = Tag::new(name).with("id", state.id());
        if state.kind() == StateKind::Normal && !state.is_atomic() {
            let initial: Vec<&str> = state.initial().collect();
            tag = tag.with("initial", &initial.join(" "));
        }
        let meaning = self.spec.states.get(state.id());
        if let Some(meaning) = meaning {
            tag = described(tag, meaning);
        }
        let rules = meaning.map_or(0, |m| m.deadlines.len());
        self.line(depth, &tag.open());
        // The deadlines' own acts are what the attribute says.
        self.block(
            "onentry",
            state.entry().get(rules..).unwrap_or_default(),
            depth + 1,
        );
        self.block("onexit", state.exit().get(rules..).unwrap_or_default(), depth + 1);
        for transition in state.transitions() {
            self.transition(transition, depth + 1);
        }
        let children = self.chart().states().filter(|s| s.parent() == Some(state.id()));
        for child in children.collect::<Vec<_>>() {
            self.state(&child, depth + 1);
        }
        self.line(depth, &format!("</{name}>"));
    }

    fn history(&mut self, state: &State<'a>, deep: bool, depth: usize) {
        let kind = if deep { "deep" } else { "shallow" };
        let tag = Tag::new("history").with("id", state.id()).with("type", kind);
        self.line(depth, &tag.open());
        let targets: Vec<&str> = state.initial().collect();
        let transition = Tag::new("transition").with("target", &targets.join(" "));
        self.with_content(transition, "transition", state.default_actions(), depth + 1);
        self.line(depth, "</history>");
    }

    fn transition(&mut self, transition: &Transition<Gate, Act>, depth: usize) {
        let mut tag = Tag::new("transition");
        if !transition.is_eventless() {
            tag = tag.with("event", &transition.events().join(" "));
        }
        if let Some(gate) = transition.guard() {
            let condition = gate.condition.as_ref().map(Expression::source);
            let roles = gate.roles.as_ref().map(|roles| roles.join(" "));
            tag = tag
                .maybe("cond", condition)
                .maybe("peshi:roles", roles.as_deref())
                .maybe("peshi:form", gate.form.as_deref());
        }
        if !transition.targets().is_empty() {
            tag = tag.with("target", &transition.targets().join(" "));
        }
        if transition.internal() {
            tag = tag.with("type", "internal");
        }
        self.with_content(tag, "transition", transition.actions(), depth);
    }

    fn with_content(&mut self, tag: Tag, name: &str, actions: &[Action<Act>], depth: usize) {
        if actions.is_empty() {
            self.line(depth, &tag.empty());
            return;
        }
        self.line(depth, &tag.open());
        self.actions(actions, depth + 1);
        self.line(depth, &format!("</{name}>"));
    }

    fn block(&mut self, name: &str, actions: &[Action<Act>], depth: usize) {
        if !actions.is_empty() {
            self.with_content(Tag::new(name), name, actions, depth);
        }
    }

    fn actions(&mut self, actions: &[Action<Act>], depth: usize) {
        for action in actions {
            match action {
                Action::Raise(event) => {
                    self.line(depth, &Tag::new("raise").with("event", event).empty());
                }
                Action::Host(act) => self.act(act, depth),
            }
        }
    }

    fn act(&mut self, act: &Act, depth: usize) {
        let tag = match act {
            Act::Set(fields) => return self.set(fields, depth),
            Act::Spawn { chart, with } => return self.spawn(chart, with, depth),
            Act::Send { event, after, key } => Tag::new("send")
                .with("event", event)
                .with("id", key)
                .with("delay", &seconds(*after))
                .with("peshi:after", &after.to_string()),
            Act::Cancel { key } => Tag::new("cancel").with("sendid", key),
            Act::Tell { to, event } => Tag::new("peshi:tell").with("to", to).with("event", event),
            Act::Notify { message, to, about } => Tag::new("peshi:notify")
                .with("message", message)
                .with("to", to)
                .maybe("about", about.as_deref()),
            Act::Task(task) => Tag::new("peshi:task").with("name", task),
            Act::Violation { code, with } => return self.violation(code, with, depth),
            Act::Raise(event) => Tag::new("raise").with("event", event),
            Act::If(condition, act) => {
                self.line(depth, &Tag::new("if").with("cond", condition.source()).open());
                self.act(act, depth + 1);
                return self.line(depth, "</if>");
            }
            // Said by the state's own attribute.
            Act::StartDeadline(_) | Act::EndDeadline(_) => return,
        };
        self.line(depth, &tag.empty());
    }

    /// Several fields are set together, each from the values before; SCXML would set one after the other.
    fn set(&mut self, fields: &[(String, Expression)], depth: usize) {
        let together = fields.len() != 1;
        let inner = if together { depth + 1 } else { depth };
        if together {
            self.line(depth, "<peshi:set>");
        }
        for (field, value) in fields {
            let assign = Tag::new("assign")
                .with("location", &format!("data.{field}"))
                .with("expr", value.source());
            self.line(inner, &assign.empty());
        }
        if together {
            self.line(depth, "</peshi:set>");
        }
    }

    fn spawn(&mut self, chart: &str, with: &[(String, Given)], depth: usize) {
        self.given(
            "peshi:spawn",
            Tag::new("peshi:spawn").with("chart", chart),
            with,
            depth,
        );
    }

    fn violation(&mut self, code: &str, with: &[(String, Given)], depth: usize) {
        let tag = Tag::new("peshi:violation").with("code", code);
        self.given("peshi:violation", tag, with, depth);
    }

    fn given(&mut self, name: &str, tag: Tag, with: &[(String, Given)], depth: usize) {
        if with.is_empty() {
            self.line(depth, &tag.empty());
            return;
        }
        self.line(depth, &tag.open());
        for (key, given) in with {
            let tag = Tag::new("peshi:with").with("name", key);
            let tag = match given {
                Given::Literal(value) => tag.with("value", &value.to_string()),
                Given::Computed(expression) => tag.with("expr", expression.source()),
            };
            self.line(depth + 1, &tag.empty());
        }
        self.line(depth, &format!("</{name}>"));
    }
}

fn described(tag: Tag, meaning: &StateSpec) -> Tag {
    let stalled = meaning.stalled_after.map(|p| p.to_string());
    let rules = meaning.deadlines.join(" ");
    tag.maybe("peshi:waiting-on", meaning.waiting_on.map(WaitingOn::as_str))
        .maybe("peshi:public", meaning.public.as_deref())
        .maybe("peshi:stalled-after", stalled.as_deref())
        .maybe("peshi:deadlines", (!rules.is_empty()).then_some(rules.as_str()))
        .maybe("peshi:closes-case", meaning.closes_case.then_some("true"))
}

/// A period as SCXML writes delays. It knows seconds only; days of a calendar are taken for days of 24 hours here, and
/// stand beside it exactly.
fn seconds(period: Period) -> String {
    const DAY: u64 = 86_400;
    let seconds = match period {
        Period::Millis(n) if n % 1000 != 0 => return format!("{n}ms"),
        Period::Millis(n) => return format!("{}s", n / 1000),
        Period::Hours(n) => u64::from(n) * 3600,
        Period::Days(n) | Period::WorkingDays(n) => u64::from(n) * DAY,
        Period::Weeks(n) => u64::from(n) * 7 * DAY,
        Period::Months(n) => u64::from(n) * 30 * DAY,
        Period::Years(n) => u64::from(n) * 365 * DAY,
    };
    format!("{seconds}s")
}
