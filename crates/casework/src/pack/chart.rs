//! Charts: from the author's states to a compiled statechart with gates and acts.
//! Knows `workflow.yaml`; rules and forms only by name.

use std::collections::BTreeMap;

use peshi_calendar::Period;
use peshi_statechart::{Action, ChartDef, StateDef, StateKind, TransitionDef};
use serde_saphyr::Spanned;

use super::finding::{Finding, Place};
use super::rule::{parsed, word};
use super::yaml::{
    ActionYaml, InvariantYaml, NotifyYaml, OneOrMany, Ordered, SendYaml, StateYaml, TransitionYaml,
};
use super::{Act, ChartSpec, Gate, Given, Invariant, StateSpec, WaitingOn};
use crate::expression::{Expression, ExpressionError};

/// The file the charts are written in.
pub(super) const FILE: &str = "workflow.yaml";

/// Gathers findings while a pack is built, and knows the names its parts may use.
pub(super) struct Builder<'a> {
    findings: &'a mut Vec<Finding>,
}

/// A state's place in the file, for findings that only the compiled chart reveals.
pub(super) type Places = BTreeMap<String, Place>;

impl<'a> Builder<'a> {
    pub(super) fn new(findings: &'a mut Vec<Finding>) -> Self {
        Self { findings }
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
    ) -> Option<(ChartSpec, Places)> {
        let mut states = BTreeMap::new();
        let mut places = Places::new();
        let root = self.state(name, yaml, &mut states, &mut places);
        let def = ChartDef {
            name: name.value.clone(),
            root,
        };
        match def.compile(content) {
            Ok(chart) => Some((ChartSpec { chart, states }, places)),
            Err(errors) => {
                for error in errors {
                    let place = places
                        .get(&error.state)
                        .cloned()
                        .unwrap_or_else(|| Place::at(FILE, name.referenced));
                    self.report(Finding::error("chart", &place, error.to_string(), error.help()));
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
        places: &mut Places,
    ) -> StateDef<Gate, Act> {
        places
            .entry(id.value.clone())
            .or_insert_with(|| Place::at(FILE, id.referenced));
        let mut state = StateDef::new(&id.value);
        state.kind = self.kind(yaml);
        state.initial = match (&yaml.initial, &yaml.default) {
            (Some(ids), _) | (None, Some(ids)) => ids.as_slice().to_vec(),
            (None, None) => Vec::new(),
        };
        let spec = self.spec(yaml);
        for rule in &spec.deadlines {
            state.entry.push(Action::Host(Act::StartDeadline(rule.clone())));
            state.exit.push(Action::Host(Act::EndDeadline(rule.clone())));
        }
        specs.insert(id.value.clone(), spec);
        state
            .entry
            .extend(yaml.entry.iter().filter_map(|a| self.action(FILE, a)));
        state
            .exit
            .extend(yaml.exit.iter().filter_map(|a| self.action(FILE, a)));
        self.transitions(&yaml.on, &mut state);
        self.after(id, &yaml.after, &mut state);
        for always in yaml.always.iter().flat_map(OneOrMany::as_slice) {
            let transition = self.transition(&[], always);
            state.transitions.push(transition);
        }
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

    fn transitions(&mut self, on: &Ordered<OneOrMany<TransitionYaml>>, state: &mut StateDef<Gate, Act>) {
        for (event, candidates) in &on.0 {
            for candidate in candidates.as_slice() {
                let transition = self.transition(std::slice::from_ref(&event.value), candidate);
                state.transitions.push(transition);
            }
        }
    }

    /// `after` is a timer armed on entry and cancelled on exit, whose event nobody else can send.
    fn after(
        &mut self,
        id: &Spanned<String>,
        after: &Ordered<OneOrMany<TransitionYaml>>,
        state: &mut StateDef<Gate, Act>,
    ) {
        for (n, (period, candidates)) in after.0.iter().enumerate() {
            let Some(period) = parsed::<Period>(Some(period), FILE, self) else {
                continue;
            };
            let event = format!("after.{}.{n}", id.value);
            state.entry.push(Action::Host(Act::Send {
                event: event.clone(),
                after: period,
                key: event.clone(),
            }));
            state.exit.push(Action::Host(Act::Cancel { key: event.clone() }));
            for candidate in candidates.as_slice() {
                let mut transition = self.transition(std::slice::from_ref(&event), candidate);
                if let Some(gate) = &mut transition.guard {
                    gate.roles = Some(Vec::new());
                }
                state.transitions.push(transition);
            }
        }
    }

    fn transition(&mut self, events: &[String], yaml: &TransitionYaml) -> TransitionDef<Gate, Act> {
        let gate = Gate {
            roles: yaml
                .roles
                .as_ref()
                .map(|roles| roles.iter().map(|r| r.value.clone()).collect()),
            form: yaml.form.as_ref().map(|f| f.value.clone()),
            condition: yaml.guard.as_ref().and_then(|g| self.expression(FILE, g)),
        };
        TransitionDef {
            events: events.to_vec(),
            guard: Some(gate),
            to: yaml
                .to
                .as_ref()
                .map(|ids| ids.as_slice().to_vec())
                .unwrap_or_default(),
            internal: yaml.internal,
            actions: yaml.actions.iter().filter_map(|a| self.action(FILE, a)).collect(),
        }
    }

    fn action(&mut self, file: &str, yaml: &Spanned<ActionYaml>) -> Option<Action<Act>> {
        match (&yaml.value.raise, written(&yaml.value)) {
            (Some(event), 1) => Some(Action::Raise(event.clone())),
            _ => self.act(file, yaml).map(Action::Host),
        }
    }

    /// The act that an action means; exactly one of its keys may be written.
    pub(super) fn act(&mut self, file: &str, yaml: &Spanned<ActionYaml>) -> Option<Act> {
        let place = Place::at(file, yaml.referenced);
        let a = &yaml.value;
        if written(a) != 1 || a.raise.is_some() {
            self.report(Finding::error(
                "unclear-action",
                &place,
                "an action does exactly one thing",
                "write one of raise, send, cancel, set, spawn, tell, notify, task, violation; begin another with `-`",
            ));
            return None;
        }
        if let Some(key) = &a.cancel {
            return Some(Act::Cancel { key: key.clone() });
        }
        if let Some(fields) = &a.set {
            let set = fields
                .0
                .iter()
                .filter_map(|(k, e)| Some((k.value.clone(), self.expression(file, e)?)));
            return Some(Act::Set(set.collect()));
        }
        if let Some(chart) = &a.spawn {
            let with = a
                .with
                .iter()
                .filter_map(|(k, v)| Some((k.clone(), self.given(&place, v)?)));
            return Some(Act::Spawn {
                chart: chart.value.clone(),
                with: with.collect(),
            });
        }
        if let Some(tell) = &a.tell {
            return Some(Act::Tell {
                to: tell.to.value.clone(),
                event: tell.event.value.clone(),
            });
        }
        if let Some(send) = &a.send {
            return self.send(file, send, a);
        }
        if let Some(notify) = &a.notify {
            return Some(Self::notify(notify));
        }
        if let Some(task) = &a.task {
            return Some(Act::Task(task.value.clone()));
        }
        a.violation.as_ref().map(|v| Act::Violation(v.value.clone()))
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

    fn notify(notify: &NotifyYaml) -> Act {
        Act::Notify {
            message: notify.message.value.clone(),
            to: notify.to.value.clone(),
            about: notify.about.as_ref().map(|a| a.value.clone()),
        }
    }

    /// A text beginning with `=` is computed when the child starts; everything else is taken as written.
    fn given(&mut self, place: &Place, value: &serde_json::Value) -> Option<Given> {
        let Some(source) = value.as_str().and_then(|s| s.strip_prefix('=')) else {
            return Some(Given::Literal(value.clone()));
        };
        match Expression::compile(source) {
            Ok(expression) => Some(Given::Computed(expression)),
            Err(e) => {
                self.report(expression_finding(place, &e));
                None
            }
        }
    }

    /// What a case's root must satisfy after every decision. There is no event then, so no form either.
    pub(super) fn invariant(&mut self, yaml: &InvariantYaml) -> Option<Invariant> {
        let when = match &yaml.when {
            Some(when) => Some(self.formless(when)?),
            None => None,
        };
        Some(Invariant {
            name: yaml.name.value.clone(),
            when,
            holds: self.formless(&yaml.holds)?,
            says: yaml.says.clone(),
        })
    }

    fn formless(&mut self, written: &Spanned<String>) -> Option<Expression> {
        let expression = self.expression(FILE, written)?;
        if expression.uses("form") {
            self.report(Finding::error(
                "condition",
                &Place::at(FILE, written.referenced),
                "an invariant has no `form`: it is asked after the event",
                "use `data`, which keeps what forms recorded",
            ));
            return None;
        }
        Some(expression)
    }

    fn expression(&mut self, file: &str, written: &Spanned<String>) -> Option<Expression> {
        match Expression::compile(&written.value) {
            Ok(expression) => Some(expression),
            Err(e) => {
                self.report(expression_finding(&Place::at(file, written.referenced), &e));
                None
            }
        }
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
        ExpressionError::Syntax { at, .. } => format!("look at column {} of the condition", at.1),
        _ => "split it into smaller conditions, or keep a field with `set`".to_owned(),
    };
    Finding::error("condition", place, error.to_string(), help)
}
