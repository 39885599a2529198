//! Conditions and computed values: each is checked against what its names may hold where it stands.
//! Knows where expressions stand; what is wrong in one is told by the expression itself.

use peshi_statechart::Action;

use super::kinds::{Kinds, form_kind};
use super::{ChartView, Lint, Transition};
use crate::expression::{Expression, Kind, Surroundings};
use crate::pack::Act;
use crate::pack::finding::{Finding, Severity};
use crate::pack::places::{ActPlaces, Written};

/// So many earlier candidates are remembered for each later one.
const MAX_EARLIER: usize = 64;

impl<'a> Lint<'a> {
    pub(super) fn conditions(&mut self) {
        let kinds = Kinds::of(self.pack);
        for chart in self.charts() {
            self.chart_conditions(chart, &kinds);
        }
        self.invariants(&kinds);
        self.panels(&kinds);
        self.required(&kinds);
    }

    fn chart_conditions(&mut self, chart: ChartView<'a>, kinds: &Kinds<'_>) {
        let around = kinds.around(chart.name);
        for (state, places) in chart.states() {
            let inside = Surroundings {
                source: Some(state.id()),
                ..around.clone()
            };
            for (actions, places) in [(state.entry(), &places.entry), (state.exit(), &places.exit)] {
                self.acts(actions, places, &inside);
            }
            let transitions = state.transitions();
            for (n, (transition, at)) in transitions.iter().zip(&places.transitions).enumerate() {
                let mut here = Surroundings {
                    form: kinds.form(transition),
                    known: passed_over(&transitions[..n], transition),
                    ..inside.clone()
                };
                let condition = transition.guard().and_then(|g| g.condition.as_ref());
                if let (Some(condition), Some(written)) = (condition, &at.condition) {
                    self.expression(condition, written, &here, true);
                    here.known.push((condition.clone(), true));
                }
                self.acts(transition.actions(), &at.actions, &here);
            }
            let rules = chart.spec.states.get(state.id()).map(|s| s.deadlines.as_slice());
            for rule in rules.unwrap_or_default() {
                let rule = self.pack.deadlines.get(rule).zip(self.built.rules.get(rule));
                for (act, places) in rule.iter().flat_map(|(r, p)| r.on_miss.iter().zip(&p.on_miss)) {
                    self.act(act, places, &inside);
                }
            }
        }
    }

    fn acts(&mut self, actions: &[Action<Act>], places: &[ActPlaces], around: &Surroundings<'_>) {
        for (action, places) in actions.iter().zip(places) {
            if let Action::Host(act) = action {
                self.act(act, places, around);
            }
        }
    }

    fn act(&mut self, act: &Act, places: &ActPlaces, around: &Surroundings<'_>) {
        let mut here = around.clone();
        if let (Some(condition), Some(written)) = (act.condition(), &places.condition) {
            self.expression(condition, written, &here, true);
            here.known.push((condition.clone(), true));
        }
        let hands_on = matches!(act, Act::Spawn { .. } | Act::Violation { .. });
        for (expression, written) in act.expressions().into_iter().zip(&places.expressions) {
            let mut here = here.clone();
            if let Some(field) = expression.handed_on().filter(|_| hands_on) {
                // Left empty it is simply not handed on.
                let asked = Expression::compile(&format!("has(form.{field})")).ok();
                here.known.extend(asked.map(|asked| (asked, true)));
            }
            self.expression(expression, written, &here, false);
        }
    }

    fn expression(
        &mut self,
        expression: &Expression,
        written: &Written,
        around: &Surroundings<'_>,
        as_condition: bool,
    ) {
        for problem in expression.problems(around, as_condition) {
            let place = written.part(&self.pack.files, &problem.at);
            let mut finding = Finding::error(problem.code, &place, problem.message, problem.help);
            if !problem.fatal {
                finding.severity = Severity::Warning;
            }
            self.findings.push(finding);
        }
    }

    fn panels(&mut self, kinds: &Kinds<'_>) {
        let around = kinds.around("case");
        for panel in &self.pack.panels {
            let Some((when, rows)) = self.built.panels.get(&panel.name) else {
                continue;
            };
            let mut here = around.clone();
            if let (Some(condition), Some(written)) = (&panel.when, when) {
                self.expression(condition, written, &here, true);
                here.known.push((condition.clone(), true));
            }
            for ((_, row), written) in panel.rows.iter().zip(rows) {
                self.expression(row, written, &here, false);
            }
        }
    }

    /// Conditions on which a field must be filled in. A form is asked before anything happens, and may belong to several charts.
    fn required(&mut self, kinds: &Kinds<'_>) {
        let around = kinds.around("case");
        for form in self.pack.forms.values() {
            let here = Surroundings {
                form: form_kind(form),
                data: Kind::Any,
                ..around.clone()
            };
            for field in &form.fields {
                let written = self.built.required.get(&(form.name.clone(), field.name.clone()));
                let (Some(condition), Some(written)) = (&field.required_if, written) else {
                    continue;
                };
                self.expression(condition, written, &here, true);
                let foreign = ["in_state", "case_in_state", "children"];
                if let Some(name) = foreign.into_iter().find(|name| condition.uses(name)) {
                    self.error(
                        "condition",
                        &written.place(),
                        format!("a field's condition cannot ask `{name}`: a form is checked before the chart is asked"),
                        "use the fields of `form`, `data` and `root`",
                    );
                }
            }
        }
    }

    fn invariants(&mut self, kinds: &Kinds<'_>) {
        let around = kinds.around("case");
        for (invariant, (holds, when)) in self.pack.invariants.iter().zip(&self.built.invariants) {
            let mut here = around.clone();
            if let (Some(condition), Some(written)) = (&invariant.when, when) {
                self.expression(condition, written, &here, true);
                here.known.push((condition.clone(), true));
            }
            self.expression(&invariant.holds, holds, &here, true);
        }
    }
}

/// The conditions of earlier candidates for the same event and people: they did not hold, or this one would not be asked.
fn passed_over(earlier: &[Transition], later: &Transition) -> Vec<(Expression, bool)> {
    let roles = |t: &Transition| t.guard().and_then(|g| g.roles.clone());
    let nearest = earlier.iter().rev().take(MAX_EARLIER);
    nearest
        .filter(|t| t.events() == later.events() && roles(t) == roles(later))
        .filter_map(|t| Some((t.guard()?.condition.clone()?, false)))
        .collect()
}
