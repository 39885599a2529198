//! Finds what a sound pack still gets wrong: names that lead nowhere, states nobody owns, words missing in a language.
//! Knows a built pack; cannot change it.

use std::collections::{BTreeMap, BTreeSet};

use peshi_statechart::{Action, StateKind};

use super::chart::{FILE, Places};
use super::finding::{Finding, Place};
use super::yaml::WorkflowYaml;
use super::{Act, ChartSpec, Pack, event_key, raised_by_engine};

/// Every check.
pub(super) fn check(
    workflow: &WorkflowYaml,
    pack: &Pack,
    places: &BTreeMap<String, Places>,
    findings: &mut Vec<Finding>,
) {
    let mut lint = Lint {
        pack,
        places,
        findings,
    };
    lint.root(workflow);
    for (name, spec) in &pack.charts {
        lint.names(name, spec);
        lint.owners(name, spec);
        lint.reachable(name, spec);
    }
    lint.unused_rules();
    lint.public_statuses(workflow);
    lint.languages();
}

struct Lint<'a> {
    pack: &'a Pack,
    places: &'a BTreeMap<String, Places>,
    findings: &'a mut Vec<Finding>,
}

impl Lint<'_> {
    fn place(&self, chart: &str, state: &str) -> Place {
        self.places
            .get(chart)
            .and_then(|p| p.get(state))
            .cloned()
            .unwrap_or_else(|| Place::file(FILE))
    }

    fn root(&mut self, workflow: &WorkflowYaml) {
        if !self.pack.charts.contains_key("case") {
            self.findings.push(Finding::error(
                "no-root-chart",
                &Place::at(FILE, workflow.workflow.referenced),
                "the pack has no chart named `case`",
                "under `charts:` write `case:` first; it is the chart every case runs",
            ));
        }
        if let Some(form) = &workflow.opening
            && !self.pack.forms.contains_key(&form.value)
        {
            let place = Place::at(FILE, form.referenced);
            self.unknown(
                "unknown-form",
                &place,
                "form",
                &form.value,
                self.pack.forms.keys(),
            );
        }
    }

    fn unknown<'k>(
        &mut self,
        code: &'static str,
        place: &Place,
        what: &str,
        name: &str,
        known: impl Iterator<Item = &'k String>,
    ) {
        let known: Vec<&str> = known.map(String::as_str).collect();
        let help = match nearest(name, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known: {}", known.join(", ")),
        };
        self.findings.push(Finding::error(
            code,
            place,
            format!("there is no {what} named `{name}`"),
            help,
        ));
    }

    /// Every form, rule, chart and role that a chart names exists.
    fn names(&mut self, chart: &str, spec: &ChartSpec) {
        for state in spec.chart.states() {
            let place = self.place(chart, state.id());
            if let Some(meaning) = spec.states.get(state.id()) {
                for rule in &meaning.deadlines {
                    if !self.pack.deadlines.contains_key(rule) {
                        let known = self.pack.deadlines.keys();
                        self.unknown("unknown-deadline", &place, "deadline rule", rule, known);
                    }
                }
            }
            for transition in state.transitions() {
                if let Some(gate) = transition.guard() {
                    if let Some(form) = &gate.form
                        && !self.pack.forms.contains_key(form)
                    {
                        self.unknown("unknown-form", &place, "form", form, self.pack.forms.keys());
                    }
                    for role in gate.roles.iter().flatten() {
                        if !self.pack.roles.contains(role) {
                            self.unknown("unknown-role", &place, "role", role, self.pack.roles.iter());
                        }
                    }
                }
                self.acts(&place, transition.actions());
            }
            self.acts(&place, state.entry());
            self.acts(&place, state.exit());
        }
    }

    fn acts(&mut self, place: &Place, actions: &[Action<Act>]) {
        for action in actions {
            match action {
                Action::Host(Act::Spawn { chart, .. }) if !self.pack.charts.contains_key(chart) => {
                    self.unknown("unknown-chart", place, "chart", chart, self.pack.charts.keys());
                }
                Action::Host(Act::Tell { to, .. })
                    if to != "parent" && !self.pack.charts.contains_key(to) =>
                {
                    self.unknown("unknown-chart", place, "chart", to, self.pack.charts.keys());
                }
                _ => {}
            }
        }
    }

    /// A state in which somebody must act says who; a state in which somebody waits has a clock.
    fn owners(&mut self, chart: &str, spec: &ChartSpec) {
        for state in spec.chart.states() {
            let Some(meaning) = spec.states.get(state.id()) else {
                continue;
            };
            let leaves = state.transitions().iter().any(|t| !t.targets().is_empty());
            if !state.is_atomic() || !leaves || matches!(state.kind(), StateKind::Final) {
                continue;
            }
            let Some(owner) = meaning.waiting_on else { continue };
            let clock = meaning.stalled_after.is_some() || !meaning.deadlines.is_empty() || has_timer(&state);
            if !clock {
                let place = self.place(chart, state.id());
                self.findings.push(Finding::warning(
                    "no-clock",
                    &place,
                    format!("`{}` waits on {} without any clock", state.id(), owner.as_str()),
                    "add `stalled_after: 14 days`, a deadline, or `after:`; else nobody notices when nothing happens",
                ));
            }
        }
    }

    /// Every state can be entered by some transition or default.
    fn reachable(&mut self, chart: &str, spec: &ChartSpec) {
        let reached = reached(spec);
        for state in spec.chart.states() {
            if reached.contains(state.id()) || matches!(state.kind(), StateKind::History { .. }) {
                continue;
            }
            let place = self.place(chart, state.id());
            self.findings.push(Finding::warning(
                "unreachable-state",
                &place,
                format!("no transition leads to `{}`", state.id()),
                "add a transition to it, or delete it",
            ));
        }
    }

    fn unused_rules(&mut self) {
        let used: BTreeSet<&String> = self
            .pack
            .charts
            .values()
            .flat_map(|c| c.states.values())
            .flat_map(|s| &s.deadlines)
            .collect();
        for name in self.pack.deadlines.keys().filter(|name| !used.contains(name)) {
            self.findings.push(Finding::warning(
                "unused-deadline",
                &Place::file("deadlines.yaml"),
                format!("the deadline `{name}` runs in no state"),
                "name it under `deadlines:` of the state in which it runs, or delete it",
            ));
        }
    }

    fn public_statuses(&mut self, workflow: &WorkflowYaml) {
        let known: Vec<String> = workflow.public.iter().map(|p| p.value.clone()).collect();
        for (chart, spec) in &self.pack.charts {
            for (state, meaning) in &spec.states {
                if let Some(key) = &meaning.public
                    && !known.contains(key)
                {
                    let place = self.place(chart, state);
                    self.unknown(
                        "unmapped-public-status",
                        &place,
                        "public status",
                        key,
                        known.iter(),
                    );
                }
            }
        }
    }

    /// Every name a person may see is worded in English and in Urdu.
    fn languages(&mut self) {
        let wanted = wanted_keys(self.pack);
        for lang in ["en", "ur"] {
            let file = format!("locales/{lang}.ftl");
            let Some(text) = self.pack.files.get(&file) else {
                self.findings.push(Finding::error(
                    "missing-language",
                    &Place::file(&file),
                    format!("the pack has no `{file}`"),
                    "every name a person sees is worded in both languages",
                ));
                continue;
            };
            let have: BTreeSet<&str> = text
                .lines()
                .filter(|l| !l.starts_with([' ', '#', '-', '}']))
                .filter_map(|l| l.split_once('='))
                .map(|(key, _)| key.trim())
                .collect();
            for key in wanted.iter().filter(|k| !have.contains(k.as_str())) {
                self.findings.push(Finding::warning(
                    "missing-translation",
                    &Place::file(&file),
                    format!("`{key}` has no words in `{file}`"),
                    format!("add a line `{key} = …`"),
                ));
            }
        }
    }
}

fn has_timer(state: &peshi_statechart::StateRef<'_, super::Gate, Act>) -> bool {
    state
        .entry()
        .iter()
        .any(|a| matches!(a, Action::Host(Act::Send { .. })))
}

fn reached(spec: &ChartSpec) -> BTreeSet<String> {
    let parents: BTreeMap<&str, &str> = spec
        .chart
        .states()
        .filter_map(|s| Some((s.id(), s.parent()?)))
        .collect();
    let mut reached = BTreeSet::new();
    let mut todo: Vec<String> = vec![spec.chart.name().to_owned()];
    while let Some(id) = todo.pop() {
        if !reached.insert(id.clone()) {
            continue;
        }
        if let Some(parent) = parents.get(id.as_str()) {
            todo.push((*parent).to_owned());
        }
        let Some(state) = spec.chart.state(&id).map(|number| spec.chart.state_ref(number)) else {
            continue;
        };
        match state.kind() {
            StateKind::Parallel => todo.extend(state.children().map(str::to_owned)),
            _ => todo.extend(state.initial().map(str::to_owned)),
        }
        for transition in state.transitions() {
            todo.extend(transition.targets().iter().cloned());
        }
    }
    reached
}

/// The keys a pack's locales must word.
fn wanted_keys(pack: &Pack) -> BTreeSet<String> {
    let mut keys = BTreeSet::from(["workflow-title".to_owned()]);
    for (chart, spec) in &pack.charts {
        keys.insert(format!("chart-{chart}"));
        for state in spec.chart.states().filter(|s| s.parent().is_some()) {
            if !matches!(state.kind(), StateKind::History { .. }) {
                keys.insert(format!("state-{chart}-{}", state.id()));
            }
            for transition in state.transitions() {
                let by_people = transition
                    .guard()
                    .is_none_or(|g| g.roles.as_ref().is_none_or(|r| !r.is_empty()));
                for event in transition
                    .events()
                    .iter()
                    .filter(|e| by_people && is_for_people(e))
                {
                    keys.insert(event_key(event));
                }
                keys.extend(transition.actions().iter().filter_map(act_key));
            }
            keys.extend(state.entry().iter().chain(state.exit()).filter_map(act_key));
        }
        keys.extend(
            spec.states
                .values()
                .filter_map(|s| s.public.as_ref())
                .map(|p| format!("public-{p}")),
        );
    }
    for (name, form) in &pack.forms {
        keys.insert(format!("form-{name}"));
        for field in &form.fields {
            keys.insert(format!("field-{name}-{}", field.name));
            keys.extend(field.choices.iter().map(|c| format!("choice-{}-{c}", field.name)));
        }
    }
    for (name, rule) in &pack.deadlines {
        keys.insert(format!("deadline-{name}"));
        keys.extend(
            rule.on_miss
                .iter()
                .filter_map(|a| act_key(&Action::Host(a.clone()))),
        );
    }
    keys
}

fn act_key(action: &Action<Act>) -> Option<String> {
    match action {
        Action::Host(Act::Task(key)) => Some(format!("task-{key}")),
        Action::Host(Act::Violation(code)) => Some(format!("violation-{code}")),
        _ => None,
    }
}

fn is_for_people(event: &str) -> bool {
    event != "*" && !raised_by_engine(event)
}

/// The known name that differs by the fewest letters, if it is near.
fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    known
        .iter()
        .map(|k| (strsim::levenshtein(name, k), *k))
        .filter(|(d, _)| *d <= 1 + name.len() / 4)
        .min_by_key(|(d, _)| *d)
        .map(|(_, k)| k)
}
