//! What a name of one version is called in another: the new version's own word first, else the same name if it is there.
//! Knows names; no instance, no clock.

use peshi_statechart::{StateKind, Transition};

use super::migration::takes;
use super::{Act, ChartSpec, Migration, Pack, TimerPolicy, deed};

/// The way from one version to another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mapping<'p> {
    pub(crate) old: &'p Pack,
    pub(crate) new: &'p Pack,
    /// What becomes of clocks where the new version does not say.
    pub(crate) timers: Option<TimerPolicy>,
}

/// Whether the event is the clock of a state (`after`) and not sent by anybody.
pub(crate) fn belongs_to_a_state(event: &str) -> bool {
    event.starts_with(AFTER)
}

/// What the events of `after` begin with.
pub(crate) const AFTER: &str = "after.";

/// What something is called now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Renamed {
    /// This.
    To(String),
    /// It ends.
    Dropped,
    /// Nobody says.
    Unknown,
}

impl<'p> Mapping<'p> {
    fn written(&self) -> Option<&'p Migration> {
        self.new.migration.as_ref()
    }

    /// The chart that `old` is now.
    pub(crate) fn chart(&self, old: &'p str) -> Option<&'p str> {
        let new = self.written().and_then(|m| m.charts.get(old));
        let name = new.map_or(old, String::as_str);
        self.new.charts.contains_key(name).then_some(name)
    }

    /// Where a state goes in `spec`, the chart that `chart` is now; none if nobody says. The root goes to the root.
    pub(crate) fn states(&self, chart: &str, old: &str, spec: &ChartSpec) -> Option<Vec<String>> {
        self.goes(chart, old, spec, |kind| {
            !matches!(kind, StateKind::History { .. })
        })
    }

    /// The same for a history marker.
    pub(crate) fn markers(&self, chart: &str, old: &str, spec: &ChartSpec) -> Option<Vec<String>> {
        self.goes(chart, old, spec, |kind| matches!(kind, StateKind::History { .. }))
    }

    fn goes(
        &self,
        chart: &str,
        old: &str,
        spec: &ChartSpec,
        fits: impl Fn(StateKind) -> bool,
    ) -> Option<Vec<String>> {
        let written = self
            .written()
            .and_then(|m| m.states.get(chart))
            .and_then(|states| states.get(old));
        if let Some(ids) = written {
            let there = |id: &&String| {
                spec.chart
                    .state(id)
                    .is_some_and(|no| fits(spec.chart.state_ref(no).kind()))
            };
            return Some(ids.iter().filter(there).cloned().collect());
        }
        let same = if old == chart { spec.chart.name() } else { old };
        let there = spec.chart.state(same)?;
        fits(spec.chart.state_ref(there).kind()).then(|| vec![same.to_owned()])
    }

    /// What a deadline rule is called now.
    pub(crate) fn rule(&self, old: &str) -> Renamed {
        match self.written().and_then(|m| m.deadlines.get(old)) {
            Some(Some(new)) => Renamed::To(new.clone()),
            Some(None) => Renamed::Dropped,
            None if self.new.deadlines.contains_key(old) => Renamed::To(old.to_owned()),
            None => Renamed::Unknown,
        }
    }

    /// What an event on its way to an instance is called now.
    pub(crate) fn event(&self, old: &str, spec: &ChartSpec) -> Renamed {
        match self.written().and_then(|m| m.events.get(old)) {
            Some(Some(new)) => Renamed::To(new.clone()),
            Some(None) => Renamed::Dropped,
            None if takes(&spec.chart, old) => Renamed::To(old.to_owned()),
            None => Renamed::Unknown,
        }
    }

    /// What becomes of the clocks of a rule; none stands for all that belongs to no rule.
    pub(crate) fn policy(&self, rule: Option<&str>) -> TimerPolicy {
        let written = self.written();
        rule.and_then(|rule| written?.timers_for.get(rule).copied())
            .or(self.timers)
            .or(written.map(|m| m.timers))
            .unwrap_or_default()
    }
}

/// The name under which a chart cancels an event that it sends, if it sends it.
pub(crate) fn cancel_key(spec: &ChartSpec, event: &str) -> Option<String> {
    sends(spec)
        .find(|(sent, _)| *sent == event)
        .map(|(_, key)| key.to_owned())
}

/// The events a chart sends to itself later, each with its name for cancelling.
pub(crate) fn sends(spec: &ChartSpec) -> impl Iterator<Item = (&str, &str)> {
    spec.chart
        .states()
        .flat_map(|state| {
            let transitions = state.transitions().iter().flat_map(Transition::actions);
            state.entry().iter().chain(state.exit()).chain(transitions)
        })
        .filter_map(|action| match deed(action) {
            Some(Act::Send { event, key, .. }) => Some((event.as_str(), key.as_str())),
            _ => None,
        })
}
