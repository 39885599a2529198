//! Conditions and computed values: each is checked against what its names may hold where it stands.
//! Knows where expressions stand; what is wrong in one is told by the expression itself.

use peshi_statechart::Action;

use super::kinds::Kinds;
use super::{ChartView, Lint, Transition};
use crate::expression::{Expression, Surroundings};
use crate::pack::finding::{Finding, Severity};
use crate::pack::places::{ActPlaces, Written};
use crate::pack::{Act, Given};

/// So many earlier candidates are remembered for each later one.
const MAX_EARLIER: usize = 64;

impl<'a> Lint<'a> {
    pub(super) fn conditions(&mut self) {
        let kinds = Kinds::of(self.pack);
        for chart in self.charts() {
            self.chart_conditions(chart, &kinds);
        }
        self.invariants(&kinds);
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
        let expressions: Vec<&Expression> = match act {
            Act::Set(fields) => fields.iter().map(|(_, value)| value).collect(),
            Act::Spawn { with, .. } => with
                .iter()
                .filter_map(|(_, given)| match given {
                    Given::Computed(expression) => Some(expression),
                    Given::Literal(_) => None,
                })
                .collect(),
            _ => return,
        };
        let spawns = matches!(act, Act::Spawn { .. });
        for (expression, written) in expressions.into_iter().zip(&places.expressions) {
            let mut here = around.clone();
            if let Some(field) = expression.handed_on().filter(|_| spawns) {
                // Left empty it is simply not handed on.
                here.known.extend(
                    Expression::compile(&format!("has(form.{field})"))
                        .ok()
                        .map(|asked| (asked, true)),
                );
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
