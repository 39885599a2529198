//! Charts: from the author's states to a compiled statechart with gates and acts.
//! Knows `workflow.yaml`; rules and forms only by name.

use std::collections::BTreeMap;

use peshi_calendar::Period;
use peshi_statechart::{Action, ChartDef, ChartError, ChartProblem, StateDef, StateKind, TransitionDef};
use serde_saphyr::Spanned;

use super::finding::{Finding, Place};
use super::load::PackFiles;
use super::places::{ActPlaces, ChartPlaces, StatePlaces, TransitionPlaces, Written};
use super::rule::{parsed, word};
use super::yaml::{
    ActionYaml, Ids, InvariantYaml, OneOrMany, Ordered, PanelYaml, SendYaml, StateYaml, TransitionYaml, ids,
};
use super::{Act, ChartSpec, Gate, Given, Invariant, Panel, StateSpec, WaitingOn};
use crate::expression::{Expression, ExpressionError};

/// The file the charts are written in.
pub(super) const FILE: &str = "workflow.yaml";

/// Gathers findings while a pack is built.
pub(super) struct Builder<'a> {
    findings: &'a mut Vec<Finding>,
    files: &'a PackFiles,
}

impl<'a> Builder<'a> {
    pub(super) fn new(files: &'a PackFiles, findings: &'a mut Vec<Finding>) -> Self {
        Self { findings, files }
    }

    pub(super) fn report(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Compiles one chart; `content` is what its snapshots are bound to.
    pub(super) fn chart(
        &mut self,
        name: &Spanned<String>,
        yaml: &StateYaml,
        content: &[u8],
    ) -> Option<(ChartSpec, ChartPlaces)> {
        let mut states = BTreeMap::new();
        let mut places = ChartPlaces::new();
        let root = self.state(name, yaml, &mut states, &mut places);
        let def = ChartDef {
            name: name.value.clone(),
            root,
        };
        match def.compile(content) {
            Ok(chart) => Some((ChartSpec { chart, states }, places)),
            Err(errors) => {
                for error in errors {
                    let place = place_of(&error, &places).unwrap_or_else(|| Place::at(FILE, name.referenced));
                    self.report(Finding::error(
                        code_of(&error.problem),
                        &place,
                        error.to_string(),
                        error.help(),
                    ));
                }
                None
            }
        }
    }

    fn state(
        &mut self,
        id: &Spanned<String>,
        yaml: &StateYaml,
        specs: &mut BTreeMap<String, StateSpec>,
        places: &mut ChartPlaces,
    ) -> StateDef<Gate, Act> {
        let mut at = StatePlaces {
            id: Place::at(FILE, id.referenced),
            waiting_on: yaml.waiting_on.as_ref().map(|w| Place::at(FILE, w.referenced)),
            stalled_after: yaml.stalled_after.as_ref().map(|s| Place::at(FILE, s.referenced)),
            public: yaml.public.as_ref().map(|p| Place::at(FILE, p.referenced)),
            ..StatePlaces::default()
        };
        let mut state = StateDef::new(&id.value);
        state.kind = self.kind(yaml);
        at.initial = match (&yaml.initial, &yaml.default) {
            (Some(written), _) | (None, Some(written)) => placed(written),
            (None, None) => Vec::new(),
        };
        state.initial = at.initial.iter().map(|(id, _)| id.clone()).collect();
        let spec = self.spec(yaml);
        for rule in &yaml.deadlines {
            let place = Place::at(FILE, rule.referenced);
            let act = ActPlaces {
                name: place.clone(),
                ..ActPlaces::default()
            };
            state
                .entry
                .push(Action::Host(Act::StartDeadline(rule.value.clone())));
            state
                .exit
                .push(Action::Host(Act::EndDeadline(rule.value.clone())));
            at.entry.push(act.clone());
            at.exit.push(act);
            at.deadlines.push(place);
        }
        specs.insert(id.value.clone(), spec);
        self.actions(&yaml.entry, &mut state.entry, &mut at.entry);
        self.actions(&yaml.exit, &mut state.exit, &mut at.exit);
        self.transitions(&yaml.on, &mut state, &mut at);
        self.after(id, &yaml.after, &mut state, &mut at);
        for always in yaml.always.iter().flat_map(OneOrMany::as_slice) {
            self.transition(&[], &at.id.clone(), always, &mut state, &mut at);
        }
        // The first of two states with one id keeps its place; the second is a finding of its own.
        places.entry(id.value.clone()).or_insert(at);
        state.states = yaml
            .states
            .0
            .iter()
            .map(|(id, s)| self.state(id, s, specs, places))
            .collect();
        state
    }

    fn kind(&mut self, yaml: &StateYaml) -> StateKind {
        let Some(written) = &yaml.kind else {
            return StateKind::Normal;
        };
        let deep = yaml.deep;
        match written.value.as_str() {
            "compound" | "atomic" => StateKind::Normal,
            "parallel" => StateKind::Parallel,
            "final" => StateKind::Final,
            "history" => StateKind::History { deep },
            other => {
                self.report(Finding::error(
                    "unknown-state-type",
                    &Place::at(FILE, written.referenced),
                    format!("`{other}` is not a type of state"),
                    "use one of: compound, parallel, final, history; or leave `type` out",
                ));
                StateKind::Normal
            }
        }
    }

    fn spec(&mut self, yaml: &StateYaml) -> StateSpec {
        StateSpec {
            waiting_on: yaml.waiting_on.as_ref().and_then(|w| {
                word(
                    w,
                    FILE,
                    self,
                    "us, police, prosecution, court, family, other",
                    WaitingOn::named,
                )
            }),
            public: yaml.public.as_ref().map(|p| p.value.clone()),
            stalled_after: parsed::<Period>(yaml.stalled_after.as_ref(), FILE, self),
            deadlines: yaml.deadlines.iter().map(|d| d.value.clone()).collect(),
            closes_case: yaml.closes_case,
        }
    }

    fn transitions(
        &mut self,
        on: &Ordered<OneOrMany<TransitionYaml>>,
        state: &mut StateDef<Gate, Act>,
        at: &mut StatePlaces,
    ) {
        for (event, candidates) in &on.0 {
            let head = Place::at(FILE, event.referenced);
            for candidate in candidates.as_slice() {
                self.transition(std::slice::from_ref(&event.value), &head, candidate, state, at);
            }
        }
    }

    /// `after` is a timer armed on entry and cancelled on exit, whose event nobody else can send.
    fn after(
        &mut self,
        id: &Spanned<String>,
        after: &Ordered<OneOrMany<TransitionYaml>>,
        state: &mut StateDef<Gate, Act>,
        at: &mut StatePlaces,
    ) {
        for (n, (written, candidates)) in after.0.iter().enumerate() {
            let Some(period) = parsed::<Period>(Some(written), FILE, self) else {
                continue;
            };
            let head = Place::at(FILE, written.referenced);
            let act = ActPlaces {
                name: head.clone(),
                ..ActPlaces::default()
            };
            let event = format!("after.{}.{n}", id.value);
            state.entry.push(Action::Host(Act::Send {
                event: event.clone(),
                after: period,
                key: event.clone(),
            }));
            state.exit.push(Action::Host(Act::Cancel { key: event.clone() }));
            at.entry.push(act.clone());
            at.exit.push(act);
            for candidate in candidates.as_slice() {
                self.transition(std::slice::from_ref(&event), &head, candidate, state, at);
                if let Some(gate) = state.transitions.last_mut().and_then(|t| t.guard.as_mut()) {
                    gate.roles = Some(Vec::new());
                }
            }
        }
    }

    fn transition(
        &mut self,
        events: &[String],
        head: &Place,
        yaml: &TransitionYaml,
        state: &mut StateDef<Gate, Act>,
        at: &mut StatePlaces,
    ) {
        let to: Vec<(String, Place)> = yaml.to.as_ref().map(placed).unwrap_or_default();
        let gate = Gate {
            roles: yaml
                .roles
                .as_ref()
                .map(|roles| roles.iter().map(|r| r.value.clone()).collect()),
            form: yaml.form.as_ref().map(|f| f.value.clone()),
            condition: yaml.guard.as_ref().and_then(|g| self.expression(FILE, g)),
        };
        let roles = yaml.roles.iter().flatten();
        let mut places = TransitionPlaces {
            head: head.clone(),
            condition: yaml.guard.as_ref().map(|g| Written::new(FILE, g)),
            form: yaml.form.as_ref().map(|f| Place::at(FILE, f.referenced)),
            roles: roles.map(|r| Place::at(FILE, r.referenced)).collect(),
            ..TransitionPlaces::default()
        };
        let mut actions = Vec::new();
        self.actions(&yaml.actions, &mut actions, &mut places.actions);
        state.transitions.push(TransitionDef {
            events: events.to_vec(),
            guard: Some(gate),
            to: to.iter().map(|(id, _)| id.clone()).collect(),
            internal: yaml.internal,
            actions,
        });
        places.to = to;
        at.transitions.push(places);
    }

    fn actions(
        &mut self,
        written: &[Spanned<ActionYaml>],
        actions: &mut Vec<Action<Act>>,
        places: &mut Vec<ActPlaces>,
    ) {
        for yaml in written {
            if let Some((action, at)) = self.action(FILE, yaml) {
                actions.push(action);
                places.push(at);
            }
        }
    }

    fn action(&mut self, file: &'static str, yaml: &Spanned<ActionYaml>) -> Option<(Action<Act>, ActPlaces)> {
        match (&yaml.value.raise, written(&yaml.value), &yaml.value.condition) {
            (Some(event), 1, None) => Some((
                Action::Raise(event.value.as_str().into()),
                ActPlaces {
                    name: Place::at(file, event.referenced),
                    ..ActPlaces::default()
                },
            )),
            _ => self
                .act(file, yaml)
                .map(|(act, places)| (Action::Host(act), places)),
        }
    }

    /// The act that an action means, behind its condition if it has one.
    pub(super) fn act(&mut self, file: &'static str, yaml: &Spanned<ActionYaml>) -> Option<(Act, ActPlaces)> {
        let (act, mut places) = self.plain_act(file, yaml)?;
        let Some(written) = &yaml.value.condition else {
            return Some((act, places));
        };
        let condition = self.expression(file, written)?;
        places.condition = Some(Written::new(file, written));
        Some((Act::If(condition, Box::new(act)), places))
    }

    /// Exactly one of an action's keys may be written.
    fn plain_act(&mut self, file: &'static str, yaml: &Spanned<ActionYaml>) -> Option<(Act, ActPlaces)> {
        let place = Place::at(file, yaml.referenced);
        let a = &yaml.value;
        if written(a) != 1 || a.raise.is_some() && a.condition.is_none() {
            self.report(Finding::error(
                "unclear-action",
                &place,
                "an action does exactly one thing",
                "write one of raise, send, cancel, set, spawn, tell, notify, task, violation; begin another with `-`",
            ));
            return None;
        }
        let mut places = ActPlaces {
            name: place,
            ..ActPlaces::default()
        };
        let mut named = |written: &Spanned<String>| {
            places.name = Place::at(file, written.referenced);
            written.value.clone()
        };
        let act = if let Some(key) = &a.cancel {
            Act::Cancel { key: named(key) }
        } else if let Some(task) = &a.task {
            Act::Task(named(task))
        } else if let Some(code) = &a.violation {
            let code = named(code);
            places.with = a
                .with
                .0
                .iter()
                .map(|(key, _)| Place::at(file, key.referenced))
                .collect();
            let with = self.with(file, a, &mut places);
            Act::Violation { code, with }
        } else if let Some(event) = &a.raise {
            Act::Raise(named(event))
        } else if let Some(tell) = &a.tell {
            places.to = Place::at(file, tell.to.referenced);
            places.name = Place::at(file, tell.event.referenced);
            Act::Tell {
                to: tell.to.value.clone(),
                event: tell.event.value.clone(),
            }
        } else if let Some(notify) = &a.notify {
            places.to = Place::at(file, notify.to.referenced);
            places.name = Place::at(file, notify.message.referenced);
            places.about = notify.about.as_ref().map(|a| Place::at(file, a.referenced));
            Act::Notify {
                message: notify.message.value.clone(),
                to: notify.to.value.clone(),
                about: notify.about.as_ref().map(|a| a.value.clone()),
            }
        } else if let Some(send) = &a.send {
            // An event named beside its delay is read through a copy that bears no place.
            if send.event.referenced.line() > 0 {
                places.name = Place::at(file, send.event.referenced);
            }
            self.send(file, send, a)?
        } else if let Some(fields) = &a.set {
            self.set(file, fields, &mut places)
        } else {
            let chart = a.spawn.as_ref()?;
            places.name = Place::at(file, chart.referenced);
            Act::Spawn {
                chart: chart.value.clone(),
                with: self.with(file, a, &mut places),
            }
        };
        Some((act, places))
    }

    fn send(&mut self, file: &str, send: &SendYaml, beside: &ActionYaml) -> Option<Act> {
        let after = match send.after.as_ref().or(beside.after.as_ref()) {
            Some(written) => parsed::<Period>(Some(written), file, self)?,
            None => Period::Millis(0),
        };
        let event = send.event.value.clone();
        let id = send.id.as_ref().or(beside.id.as_ref());
        let key = id.unwrap_or(&event).clone();
        Some(Act::Send { event, after, key })
    }

    fn set(&mut self, file: &'static str, fields: &Ordered<Spanned<String>>, places: &mut ActPlaces) -> Act {
        let mut set = Vec::new();
        for (name, written) in &fields.0 {
            if let Some(expression) = self.expression(file, written) {
                set.push((name.value.clone(), expression));
                places.expressions.push(Written::new(file, written));
            }
        }
        Act::Set(set)
    }

    /// A text beginning with `=` is computed when the child starts; everything else is taken as written.
    fn with(
        &mut self,
        file: &'static str,
        yaml: &ActionYaml,
        places: &mut ActPlaces,
    ) -> Vec<(String, Given)> {
        let mut given = Vec::new();
        for (name, value) in &yaml.with.0 {
            let Some(text) = value.value.as_str().filter(|text| text.starts_with('=')) else {
                given.push((name.value.clone(), Given::Literal(value.value.clone())));
                continue;
            };
            let written = Written::after(file, value.referenced, text, 1);
            if let Some(expression) = self.compiled(&text[1..], &written) {
                given.push((name.value.clone(), Given::Computed(expression)));
                places.expressions.push(written);
            }
        }
        given
    }

    /// What the page of a case shows. Nothing happens there, so there is no form.
    pub(super) fn panel(&mut self, name: &str, yaml: &PanelYaml) -> (Panel, (Option<Written>, Vec<Written>)) {
        let (mut rows, mut places) = (Vec::new(), Vec::new());
        for (row, written) in &yaml.rows.0 {
            if let Some(expression) = self.formless("a panel", written) {
                rows.push((row.value.clone(), expression));
                places.push(Written::new(FILE, written));
            }
        }
        let panel = Panel {
            name: name.to_owned(),
            when: yaml.when.as_ref().and_then(|when| self.formless("a panel", when)),
            rows,
        };
        let when = yaml.when.as_ref().map(|when| Written::new(FILE, when));
        (panel, (when, places))
    }

    /// What a case's root must satisfy after every decision. There is no event then, so no form either.
    pub(super) fn invariant(&mut self, yaml: &InvariantYaml) -> Option<Invariant> {
        let when = match &yaml.when {
            Some(when) => Some(self.formless("an invariant", when)?),
            None => None,
        };
        Some(Invariant {
            name: yaml.name.value.clone(),
            when,
            holds: self.formless("an invariant", &yaml.holds)?,
            says: yaml.says.clone(),
        })
    }

    fn formless(&mut self, what: &str, written: &Spanned<String>) -> Option<Expression> {
        let expression = self.expression(FILE, written)?;
        if expression.uses("form") {
            self.report(Finding::error(
                "condition",
                &Place::at(FILE, written.referenced),
                format!("{what} has no `form`: it is asked after the event"),
                "use `data`, which keeps what forms recorded",
            ));
            return None;
        }
        Some(expression)
    }

    pub(super) fn expression(&mut self, file: &'static str, written: &Spanned<String>) -> Option<Expression> {
        self.compiled(&written.value, &Written::new(file, written))
    }

    fn compiled(&mut self, source: &str, written: &Written) -> Option<Expression> {
        match Expression::compile(source) {
            Ok(expression) => Some(expression),
            Err(error) => {
                let place = match &error {
                    ExpressionError::Syntax { at, .. } | ExpressionError::UnknownName { at, .. } => {
                        written.part(self.files, at)
                    }
                    _ => written.place(),
                };
                self.report(expression_finding(&place, &error));
                None
            }
        }
    }
}

fn placed(written: &Ids) -> Vec<(String, Place)> {
    ids(written)
        .map(|(id, at)| (id.to_owned(), Place::at(FILE, at)))
        .collect()
}

/// What an error of the chart is about: the id that was written wrong, the transition, else the state.
fn place_of(error: &ChartError, places: &ChartPlaces) -> Option<Place> {
    let state = places.get(&error.state)?;
    let transition = error.transition.and_then(|n| state.transitions.get(n));
    let id = match &error.problem {
        ChartProblem::UnknownInitial { target }
        | ChartProblem::InitialOutside { target }
        | ChartProblem::UnknownTarget { target }
        | ChartProblem::UnknownDefault { target }
        | ChartProblem::HistoryDefaultOutside { target }
        | ChartProblem::HistoryLoop { target }
        | ChartProblem::TargetsClash { second: target, .. } => Some(target),
        _ => None,
    };
    let written = match transition {
        Some(transition) => &transition.to,
        None => &state.initial,
    };
    let named = id.and_then(|id| written.iter().find(|(known, _)| known == id));
    Some(match (named, transition) {
        (Some((_, place)), _) => place.clone(),
        (None, Some(transition)) => transition.head.clone(),
        (None, None) => state.id.clone(),
    })
}

fn code_of(problem: &ChartProblem) -> &'static str {
    match problem {
        ChartProblem::UnknownTarget { .. }
        | ChartProblem::UnknownInitial { .. }
        | ChartProblem::UnknownDefault { .. } => "unknown-target",
        _ => "chart",
    }
}

/// How many of an action's keys are written.
fn written(a: &ActionYaml) -> usize {
    let keys = [
        a.raise.is_some(),
        a.send.is_some(),
        a.cancel.is_some(),
        a.set.is_some(),
        a.spawn.is_some(),
        a.tell.is_some(),
        a.notify.is_some(),
        a.task.is_some(),
        a.violation.is_some(),
    ];
    keys.into_iter().filter(|key| *key).count()
}

fn expression_finding(place: &Place, error: &ExpressionError) -> Finding {
    let help = match error {
        ExpressionError::UnknownName { .. } => format!(
            "known names: {}; functions: {}",
            crate::expression::VARIABLES.join(", "),
            crate::expression::FUNCTIONS.join(", ")
        ),
        ExpressionError::Syntax { help, .. } => (*help).to_owned(),
        _ => "split it into smaller conditions, or keep a field with `set`".to_owned(),
    };
    Finding::error("condition", place, error.to_string(), help)
}
