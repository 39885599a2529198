//! Every form, rule, role, chart and kind of message that is named exists, and so do the fields a rule or a message asks for.
//! Knows names; what they mean is asked elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::kinds::Kinds;
use super::{ChartView, Lint, whole};
use crate::expression::{Kind, Others};
use crate::pack::finding::Place;
use crate::pack::places::{ActPlaces, TransitionPlaces};
use crate::pack::{Act, FAMILY_MESSAGES, Gate, Given, STAFF_MESSAGES, deed};
use crate::spelling::{listed, nearest};
use crate::violation::{DETAILS, Proof};

impl<'a> Lint<'a> {
    pub(super) fn names(&mut self) {
        self.root();
        let messages = self.messages();
        for chart in self.charts() {
            self.chart_names(chart);
            for act in chart.acts() {
                if let Some(named) = deed(act.action) {
                    self.act_names(named, act.places, &messages);
                }
            }
        }
        self.rules(&messages);
        self.moments();
        self.unused();
    }

    fn root(&mut self) {
        if !self.pack.charts.contains_key("case") {
            let place = Place::at(super::FILE, self.workflow.workflow.referenced);
            self.error(
                "no-root-chart",
                &place,
                "the pack has no chart named `case`".to_owned(),
                "under `charts:` write `case:` first; it is the chart every case runs",
            );
        }
        let Some(form) = &self.workflow.opening else {
            return;
        };
        if !self.pack.forms.contains_key(&form.value) {
            let place = Place::at(super::FILE, form.referenced);
            let known = self.pack.forms.keys();
            self.unknown("unknown-form", &place, "form", &form.value, known);
        }
    }

    fn chart_names(&mut self, chart: ChartView<'a>) {
        for (state, places) in chart.states() {
            let rules = chart.spec.states.get(state.id()).map(|s| s.deadlines.as_slice());
            for (rule, place) in rules.unwrap_or_default().iter().zip(&places.deadlines) {
                if !self.pack.deadlines.contains_key(rule) {
                    let known = self.pack.deadlines.keys();
                    self.unknown("unknown-deadline", place, "deadline rule", rule, known);
                }
            }
            for (transition, places) in state.transitions().iter().zip(&places.transitions) {
                if let Some(gate) = transition.guard() {
                    self.gate_names(gate, places);
                }
            }
        }
    }

    fn gate_names(&mut self, gate: &Gate, places: &TransitionPlaces) {
        if let (Some(form), Some(place)) = (&gate.form, &places.form)
            && !self.pack.forms.contains_key(form)
        {
            self.unknown("unknown-form", place, "form", form, self.pack.forms.keys());
        }
        for (role, place) in gate.roles.iter().flatten().zip(&places.roles) {
            if !self.pack.roles.contains(role) {
                self.unknown("unknown-role", place, "role", role, &self.pack.roles);
            }
        }
    }

    fn act_names(&mut self, act: &Act, places: &ActPlaces, messages: &BTreeSet<String>) {
        match act {
            Act::Spawn { chart, .. } if !self.pack.charts.contains_key(chart) => {
                self.unknown(
                    "unknown-chart",
                    &places.name,
                    "chart",
                    chart,
                    self.pack.charts.keys(),
                );
            }
            Act::Tell { to, .. } if to != "parent" && !self.pack.charts.contains_key(to) => {
                self.unknown("unknown-chart", &places.to, "chart", to, self.pack.charts.keys());
            }
            Act::Notify { message, to, .. } => {
                if !messages.contains(message) {
                    self.unknown(
                        "unknown-message",
                        &places.name,
                        "kind of message",
                        message,
                        messages,
                    );
                }
                self.recipient(message, to, places);
            }
            Act::Violation { with, .. } => self.violation_details(with, places),
            _ => {}
        }
    }

    /// What is said of a violation is said under one of the register's own names.
    fn violation_details(&mut self, with: &[(String, Given)], places: &ActPlaces) {
        let known: Vec<String> = DETAILS.iter().map(|key| (*key).to_owned()).collect();
        for ((key, given), place) in with.iter().zip(&places.with) {
            if !known.contains(key) {
                self.unknown("unknown-detail", place, "detail of a violation", key, &known);
            }
            if let ("proof", Given::Literal(Value::String(word))) = (key.as_str(), given)
                && Proof::named(word).is_none()
            {
                let proofs: Vec<String> = Proof::ALL.iter().map(|p| p.as_str().to_owned()).collect();
                self.unknown("unknown-proof", place, "kind of proof", word, &proofs);
            }
        }
    }

    /// Messages for staff speak of cases; those for families say nothing and are for families.
    fn recipient(&mut self, message: &str, to: &str, places: &ActPlaces) {
        if to != "team" && STAFF_MESSAGES.contains(&message) {
            self.error(
                "discloses",
                &places.to,
                format!(
                    "`{message}` speaks of the case and is for staff; `{to}` may read it on a borrowed phone"
                ),
                format!("write `to: team`, or send one of {}", FAMILY_MESSAGES.join(", ")),
            );
        }
        if to == "team" && FAMILY_MESSAGES.contains(&message) {
            self.warn(
                "wrong-recipient",
                &places.to,
                format!("`{message}` says nothing of the case, for it is meant for families"),
                format!(
                    "write `to: family_contact`, or send one of {}",
                    STAFF_MESSAGES.join(", ")
                ),
            );
        }
    }

    /// Kinds of message the program or the pack brings along.
    fn messages(&self) -> BTreeSet<String> {
        let own = self.pack.files.keys().filter_map(|file| {
            let name = file.strip_prefix("messages/")?;
            let kind = name.split('.').next()?;
            (!kind.is_empty() && !kind.starts_with('_')).then(|| kind.to_owned())
        });
        let built_in = STAFF_MESSAGES.iter().chain(&FAMILY_MESSAGES);
        built_in.map(|kind| (*kind).to_owned()).chain(own).collect()
    }

    fn rules(&mut self, messages: &BTreeSet<String>) {
        for (name, rule) in &self.pack.deadlines {
            let Some(places) = self.built.rules.get(name) else {
                continue;
            };
            if let Some(place) = &places.message
                && !messages.contains(&rule.message)
            {
                self.unknown(
                    "unknown-message",
                    place,
                    "kind of message",
                    &rule.message,
                    messages,
                );
            }
            for (act, places) in rule.on_miss.iter().zip(&places.on_miss) {
                self.act_names(act.plain(), places, messages);
            }
        }
    }

    /// The fields that hold moments, of rules and of messages, are filled by something and hold a date.
    fn moments(&mut self) {
        let kinds = Kinds::of(self.pack);
        for chart in self.charts() {
            let data = kinds.data(chart.name);
            for act in chart.acts() {
                if let (
                    Some(Act::Notify {
                        about: Some(field), ..
                    }),
                    Some(place),
                ) = (deed(act.action), &act.places.about)
                {
                    self.moment(&data, field, place);
                }
            }
        }
        for (name, rule) in &self.pack.deadlines {
            let place = self.built.rules.get(name).and_then(|places| places.from.as_ref());
            let (Some(field), Some(place)) = (&rule.from, place) else {
                continue;
            };
            for chart in self.charts() {
                let runs = |deadlines: &[String]| deadlines.contains(name);
                if chart.spec.states.values().any(|state| runs(&state.deadlines)) {
                    self.moment(&kinds.data(chart.name), field, place);
                }
            }
        }
    }

    fn moment(&mut self, data: &Kind, field: &str, place: &Place) {
        let Kind::Record(record) = data else { return };
        match record.fields.get(field).map(|slot| &slot.kind) {
            None if record.others == Others::Possible => {}
            None => {
                let dates = record.fields.iter().filter(|(_, slot)| is_moment(&slot.kind));
                let known: Vec<&str> = dates.map(|(name, _)| name.as_str()).collect();
                let help = match nearest(field, &known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("fields that hold a date here: {}", listed(&known)),
                };
                let message = format!("nothing ever fills `{field}` in {}", record.called);
                self.warn("unfilled-field", place, message, help);
            }
            Some(kind) if is_moment(kind) => {}
            Some(_) => self.error(
                "type-mismatch",
                place,
                format!("`{field}` does not hold a date"),
                "name a field of type `date` or `datetime`",
            ),
        }
    }

    fn unused(&mut self) {
        let used: BTreeSet<&String> = self
            .pack
            .charts
            .values()
            .flat_map(|c| c.states.values())
            .flat_map(|s| &s.deadlines)
            .collect();
        for name in self.pack.deadlines.keys().filter(|name| !used.contains(name)) {
            let place = self.built.rules.get(name).map_or_else(whole, |p| p.name.clone());
            self.warn(
                "unused-deadline",
                &place,
                format!("the deadline `{name}` runs in no state"),
                "name it under `deadlines:` of the state in which it runs, or delete it",
            );
        }
        let families = self.families();
        let started: BTreeSet<&str> = families.values().flatten().copied().collect();
        let charts: BTreeMap<&str, ChartView<'_>> = self.charts().map(|c| (c.name, c)).collect();
        for (name, chart) in charts {
            if name != "case" && !started.contains(name) && self.pack.charts.contains_key("case") {
                let place = chart.places.get(name).map_or_else(whole, |p| p.id.clone());
                self.warn(
                    "unused-chart",
                    &place,
                    format!("nothing starts the chart `{name}`"),
                    format!("start it with `spawn: {name}` somewhere, or delete it"),
                );
            }
        }
    }
}

/// A text may hold a date, and what is not known may be one.
fn is_moment(kind: &Kind) -> bool {
    matches!(kind, Kind::Date | Kind::Datetime | Kind::Text | Kind::Any)
}
