//! Words: public statuses that exist, every name that a person may see worded in English and in Urdu.
//! Knows keys; whether the words are good, or betray something, is judged elsewhere.

use std::collections::BTreeSet;

use peshi_statechart::{Action, StateKind};

use super::{Lint, by_people};
use crate::pack::finding::Place;
use crate::pack::{Act, Pack, deed, event_key, raised_by_engine};

impl Lint<'_> {
    pub(super) fn words(&mut self) {
        self.public_statuses();
        self.languages();
    }

    fn public_statuses(&mut self) {
        let known: Vec<String> = self.workflow.public.iter().map(|p| p.value.clone()).collect();
        for chart in self.charts() {
            for (state, places) in chart.states() {
                let key = chart.spec.states.get(state.id()).and_then(|s| s.public.as_ref());
                if let Some(key) = key
                    && !known.contains(key)
                {
                    let place = places.public.as_ref().unwrap_or(&places.id);
                    self.unknown("unmapped-public-status", place, "public status", key, &known);
                }
            }
        }
    }

    fn languages(&mut self) {
        let wanted = wanted_keys(self.pack);
        for lang in ["en", "ur"] {
            let file = format!("locales/{lang}.ftl");
            let Some(text) = self.pack.files.get(&file) else {
                self.error(
                    "missing-language",
                    &Place::file(&file),
                    format!("the pack has no `{file}`"),
                    "every name a person sees is worded in both languages",
                );
                continue;
            };
            let have: BTreeSet<&str> = text
                .lines()
                .filter(|l| !l.starts_with([' ', '#', '-', '}']))
                .filter_map(|l| l.split_once('='))
                .map(|(key, _)| key.trim())
                .collect();
            for key in wanted.iter().filter(|k| !have.contains(k.as_str())) {
                self.warn(
                    "missing-translation",
                    &Place::file(&file),
                    format!("`{key}` has no words in `{file}`"),
                    format!("add a line `{key} = …`"),
                );
            }
        }
    }
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
                for event in transition
                    .events()
                    .iter()
                    .filter(|e| by_people(transition) && is_for_people(e))
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
            keys.extend(field.note.as_ref().map(|note| format!("note-{note}")));
            keys.extend(field.choices.iter().map(|c| format!("choice-{}-{c}", field.name)));
        }
    }
    for panel in &pack.panels {
        keys.insert(format!("panel-{}", panel.name));
        keys.extend(
            panel
                .rows
                .iter()
                .map(|(row, _)| format!("panel-{}-{row}", panel.name)),
        );
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
    match deed(action)? {
        Act::Task(key) => Some(format!("task-{key}")),
        Act::Violation { code, .. } => Some(format!("violation-{code}")),
        _ => None,
    }
}

fn is_for_people(event: &str) -> bool {
    event != "*" && !raised_by_engine(event)
}
