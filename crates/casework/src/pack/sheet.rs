//! A pack as rows of plain words: what each part is called and what is said of it, so that two versions can be laid side
//! by side. Knows how people write a pack; not what a difference means.

use std::collections::BTreeMap;

use peshi_calendar::{ClosedLastDay, Counting};
use peshi_statechart::{Action, StateKind, StateRef, Transition};
use serde::Serialize;
use serde_json::Value;

use super::mapping::{AFTER, belongs_to_a_state};
use super::{Act, ChartSpec, DeadlineRule, Field, Gate, Given, Pack};

/// The kinds of parts, in the order in which people read a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Area {
    /// The head of `workflow.yaml`.
    Pack,
    /// Panels of the page of a case.
    Panel,
    /// Charts.
    Chart,
    /// States.
    State,
    /// Transitions.
    Transition,
    /// Forms.
    Form,
    /// Fields of forms.
    Field,
    /// Deadline rules.
    Deadline,
    /// What a family may be told.
    PublicStatus,
    /// Words in a language.
    Word,
}

/// What is said of a part: property and value, in order.
pub(super) type Row = Vec<(&'static str, String)>;

/// Every part with what is said of it.
pub(super) type Sheet = BTreeMap<(Area, String), Row>;

/// The property that says where a state lies.
pub(super) const INSIDE: &str = "inside";

/// The sheet of a pack.
pub(super) fn sheet(pack: &Pack) -> Sheet {
    let mut sheet = Sheet::new();
    let title: Vec<String> = pack
        .title
        .iter()
        .map(|(lang, text)| format!("{lang}: {text}"))
        .collect();
    let calendars: Vec<String> = pack
        .calendars
        .iter()
        .map(|(province, calendar)| format!("{province}: {calendar}"))
        .collect();
    let head = [
        ("title", title.join("; ")),
        ("reference", pack.reference.clone()),
        ("calendar", pack.calendar.clone()),
        ("other calendars", calendars.join("; ")),
        ("roles", pack.roles.join(", ")),
        ("opening form", pack.opening.clone().unwrap_or_default()),
    ];
    put(&mut sheet, Area::Pack, pack.id.name.clone(), head);
    for panel in &pack.panels {
        let when = panel.when.as_ref().map(|c| c.source().to_owned());
        let rows: Vec<String> = panel
            .rows
            .iter()
            .map(|(row, e)| format!("{row} = {}", e.source()))
            .collect();
        let row = [("if", when.unwrap_or_default()), ("rows", rows.join("; "))];
        put(&mut sheet, Area::Panel, panel.name.clone(), row);
    }
    for (name, spec) in &pack.charts {
        put(&mut sheet, Area::Chart, name.clone(), []);
        chart(&mut sheet, name, spec);
    }
    for (name, form) in &pack.forms {
        put(&mut sheet, Area::Form, name.clone(), []);
        for (n, field) in form.fields.iter().enumerate() {
            put(
                &mut sheet,
                Area::Field,
                format!("{name}: {}", field.name),
                field_row(n, field),
            );
        }
    }
    for (name, rule) in &pack.deadlines {
        put(&mut sheet, Area::Deadline, name.clone(), rule_row(rule));
    }
    words(&mut sheet, pack);
    sheet
}

fn put(sheet: &mut Sheet, area: Area, name: String, row: impl IntoIterator<Item = (&'static str, String)>) {
    let said = row.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    sheet.insert((area, name), said);
}

fn chart(sheet: &mut Sheet, name: &str, spec: &ChartSpec) {
    for state in spec.chart.states() {
        put(
            sheet,
            Area::State,
            format!("{name}: {}", state.id()),
            state_row(spec, &state),
        );
        if let Some(key) = spec.states.get(state.id()).and_then(|s| s.public.clone()) {
            put(sheet, Area::PublicStatus, key, []);
        }
        let mut nth: BTreeMap<String, usize> = BTreeMap::new();
        for transition in state.transitions() {
            let event = called(transition);
            let n = nth.entry(event.clone()).or_default();
            *n += 1;
            let which = if *n == 1 {
                String::new()
            } else {
                format!(", candidate {n}")
            };
            let title = format!("{name}: {} {event}{which}", state.id());
            put(sheet, Area::Transition, title, transition_row(transition));
        }
    }
}

/// How a transition is called: by its event.
fn called(transition: &Transition<Gate, Act>) -> String {
    match transition.events() {
        [] => "always".to_owned(),
        [event] if belongs_to_a_state(event) => {
            let n: usize = event.rsplit('.').next().and_then(|n| n.parse().ok()).unwrap_or(0);
            format!("after, clock {}", n + 1)
        }
        events => format!("on {}", events.join(", ")),
    }
}

fn state_row(spec: &ChartSpec, state: &StateRef<'_, Gate, Act>) -> Row {
    let kind = match state.kind() {
        StateKind::Normal => "",
        StateKind::Parallel => "parallel",
        StateKind::Final => "final",
        StateKind::History { deep: false } => "history",
        StateKind::History { deep: true } => "deep history",
    };
    let said = spec.states.get(state.id()).cloned().unwrap_or_default();
    let initial: Vec<&str> = state.initial().collect();
    let clocks: Vec<String> = state.entry().iter().filter_map(clock).collect();
    vec![
        (INSIDE, state.parent().unwrap_or_default().to_owned()),
        ("type", kind.to_owned()),
        ("begins in", initial.join(", ")),
        (
            "waiting on",
            said.waiting_on.map_or("", super::WaitingOn::as_str).to_owned(),
        ),
        ("public status", said.public.unwrap_or_default()),
        (
            "stalled after",
            said.stalled_after.map(|p| p.to_string()).unwrap_or_default(),
        ),
        ("deadlines", said.deadlines.join(", ")),
        ("after", clocks.join(", ")),
        ("closes the case", yes(said.closes_case)),
        ("on entering", acts(state.entry())),
        ("on leaving", acts(state.exit())),
    ]
}

fn clock(action: &Action<Act>) -> Option<String> {
    match action {
        Action::Host(Act::Send { after, key, .. }) if key.starts_with(AFTER) => Some(after.to_string()),
        _ => None,
    }
}

fn transition_row(transition: &Transition<Gate, Act>) -> Row {
    let gate = transition.guard();
    let condition = gate
        .and_then(|g| g.condition.as_ref())
        .map(|c| c.source().to_owned());
    let roles = gate
        .and_then(|g| g.roles.as_ref())
        .map(|roles| match roles.as_slice() {
            [] => "the program alone".to_owned(),
            roles => roles.join(", "),
        });
    vec![
        ("to", transition.targets().join(", ")),
        ("if", condition.unwrap_or_default()),
        ("roles", roles.unwrap_or_default()),
        ("form", gate.and_then(|g| g.form.clone()).unwrap_or_default()),
        ("internal", yes(transition.internal())),
        ("do", acts(transition.actions())),
    ]
}

fn yes(is: bool) -> String {
    if is { "yes" } else { "" }.to_owned()
}

fn acts(actions: &[Action<Act>]) -> String {
    let each: Vec<String> = actions
        .iter()
        .filter_map(|action| match action {
            Action::Raise(event) => Some(format!("raise {event}")),
            Action::Host(act) => act_words(act),
        })
        .collect();
    each.join("; ")
}

/// An act as its author would write it; none for what the program made of `deadlines` and `after`.
fn act_words(act: &Act) -> Option<String> {
    Some(match act {
        Act::StartDeadline(_) | Act::EndDeadline(_) => return None,
        Act::Send { key, .. } | Act::Cancel { key } if key.starts_with(AFTER) => return None,
        Act::Set(fields) => {
            let each: Vec<String> = fields
                .iter()
                .map(|(name, e)| format!("{name} = {}", e.source()))
                .collect();
            format!("set {}", each.join(", "))
        }
        Act::Send { event, after, .. } => format!("send {event} after {after}"),
        Act::Cancel { key } => format!("cancel {key}"),
        Act::Spawn { chart, with } => format!("spawn {chart} {}", with_words(with))
            .trim_end()
            .to_owned(),
        Act::Tell { to, event } => format!("tell {to} {event}"),
        Act::Notify { message, to, about } => match about {
            None => format!("notify {to} by {message}"),
            Some(field) => format!("notify {to} by {message} about {field}"),
        },
        Act::Task(key) => format!("task {key}"),
        Act::Violation { code, with } => format!("violation {code} {}", with_words(with))
            .trim_end()
            .to_owned(),
        Act::Raise(event) => format!("raise {event}"),
        Act::If(condition, act) => format!("{} if {}", act_words(act)?, condition.source()),
    })
}

fn with_words(with: &[(String, Given)]) -> String {
    let each: Vec<String> = with
        .iter()
        .map(|(name, given)| format!("{name} = {}", given_words(given)))
        .collect();
    each.join(", ")
}

fn given_words(given: &Given) -> String {
    match given {
        Given::Literal(Value::String(text)) => text.clone(),
        Given::Literal(value) => value.to_string(),
        Given::Computed(expression) => format!("={}", expression.source()),
    }
}

fn field_row(n: usize, field: &Field) -> Row {
    let word = |value: serde_json::Result<Value>| value.ok().and_then(|v| v.as_str().map(str::to_owned));
    vec![
        ("place", (n + 1).to_string()),
        ("type", word(serde_json::to_value(field.kind)).unwrap_or_default()),
        ("required", yes(field.required)),
        (
            "required if",
            field
                .required_if
                .as_ref()
                .map(|c| c.source().to_owned())
                .unwrap_or_default(),
        ),
        ("note", field.note.clone().unwrap_or_default()),
        ("choices", field.choices.join(", ")),
        (
            "sensitivity",
            word(serde_json::to_value(field.sensitivity)).unwrap_or_default(),
        ),
        ("must lie ahead", yes(field.future)),
    ]
}

fn rule_row(rule: &DeadlineRule) -> Row {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let reminders: Vec<String> = rule.reminders.iter().map(ToString::to_string).collect();
    let missed: Vec<String> = rule.on_miss.iter().filter_map(act_words).collect();
    vec![
        ("code", text(&rule.code)),
        ("kind", rule.kind.as_str().to_owned()),
        ("period", rule.counting.as_ref().map(counting).unwrap_or_default()),
        ("from", text(&rule.from)),
        ("hearing", yes(rule.hearing)),
        ("who", rule.who.as_str().to_owned()),
        ("basis", text(&rule.basis)),
        ("source", text(&rule.source)),
        ("confidence", text(&rule.confidence)),
        ("signed off", text(&rule.signed_off)),
        ("province", rule.provinces.join(", ")),
        ("court", rule.courts.join(", ")),
        ("copy time excluded", yes(rule.excludes_copy_time)),
        ("at once", yes(rule.at_once)),
        (
            "in force from",
            rule.in_force_from.map(|d| d.to_string()).unwrap_or_default(),
        ),
        (
            "in force until",
            rule.in_force_until.map(|d| d.to_string()).unwrap_or_default(),
        ),
        (
            "lapses on",
            rule.lapses_on.map(|d| d.to_string()).unwrap_or_default(),
        ),
        ("reminders", reminders.join(", ")),
        ("message", rule.message.clone()),
        ("on a miss", missed.join("; ")),
    ]
}

fn counting(counting: &Counting) -> String {
    let period = counting.period;
    let until = counting.due_time.map(|time| format!(" until {time}"));
    let moves = match counting.closed_last_day {
        ClosedLastDay::Moves => ", a closed last day moves",
        ClosedLastDay::Stays => "",
    };
    format!("{period}{}{moves}", until.unwrap_or_default())
}

/// Each text of each language; one that goes over several lines is one text.
fn words(sheet: &mut Sheet, pack: &Pack) {
    for (file, text) in &pack.files {
        let Some(lang) = file.strip_prefix("locales/").and_then(|f| f.strip_suffix(".ftl")) else {
            continue;
        };
        let mut key: Option<String> = None;
        for line in text
            .lines()
            .filter(|l| !l.starts_with('#') && !l.trim().is_empty())
        {
            let begins = !line.starts_with([' ', '}', '-']);
            if let Some((name, value)) = line.split_once('=').filter(|_| begins) {
                let name = format!("{lang} {}", name.trim());
                sheet.insert(
                    (Area::Word, name.clone()),
                    vec![("words", value.trim().to_owned())],
                );
                key = Some(name);
            } else if let Some((_, said)) = key
                .as_ref()
                .and_then(|key| sheet.get_mut(&(Area::Word, key.clone())))
                .and_then(|row| row.first_mut())
            {
                said.push(' ');
                said.push_str(line.trim());
            }
        }
    }
}
