//! Events: those nobody may raise, those nobody takes, candidates that can never be chosen or do not fit together.
//! Knows who raises what in which chart; asks no condition but whether there is one.

use std::collections::{BTreeMap, BTreeSet};

use peshi_statechart::{Action, descriptor_matches};

use super::{ChartView, Lint, StateRef, Transition, by_people};
use crate::pack::finding::Place;
use crate::pack::places::{StatePlaces, TransitionPlaces, Written};
use crate::pack::{Act, Gate, Pack, deed, raised};

/// So many earlier candidates are compared with each later one.
const MAX_EARLIER: usize = 64;
/// So many names are searched for the one that was meant.
const MAX_NAMES: usize = 300;

/// What reaches the instances of one chart without a person.
#[derive(Default)]
struct Traffic<'a> {
    /// Events raised, sent or told to it.
    arriving: BTreeSet<&'a str>,
    /// Names under which something is sent.
    sent: BTreeSet<&'a String>,
}

impl<'a> Lint<'a> {
    pub(super) fn events(&mut self) {
        let families = self.families();
        let traffic = self.traffic(&families);
        for chart in self.charts() {
            self.untaken(chart, &families);
            let here = &traffic[chart.name];
            for (state, places) in chart.states() {
                self.unraised(chart, &state, places, here, &families);
                self.candidates(&state, places);
            }
            self.nothing_to_cancel(chart, here);
        }
    }

    fn traffic(&self, families: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> BTreeMap<&'a str, Traffic<'a>> {
        let mut traffic: BTreeMap<&'a str, Traffic<'a>> = self
            .charts()
            .map(|chart| (chart.name, Traffic::default()))
            .collect();
        for chart in self.charts() {
            for act in chart.acts() {
                if let Some(Act::Send { key, .. }) = deed(act.action)
                    && let Some(here) = traffic.get_mut(chart.name)
                {
                    here.sent.insert(key);
                }
                let Some((receivers, event)) = brought(chart.name, act.action, families) else {
                    continue;
                };
                for receiver in receivers {
                    if let Some(there) = traffic.get_mut(receiver) {
                        there.arriving.insert(event);
                    }
                }
            }
        }
        traffic
    }

    /// Events raised, sent or told that no transition takes.
    fn untaken(&mut self, chart: ChartView<'a>, families: &BTreeMap<&'a str, BTreeSet<&'a str>>) {
        let takes: BTreeMap<&str, BTreeSet<&str>> = self.charts().map(|c| (c.name, descriptors(c))).collect();
        for act in chart.acts() {
            let Some((receivers, event)) = brought(chart.name, act.action, families) else {
                continue;
            };
            let known: Vec<&str> = receivers
                .iter()
                .copied()
                .filter(|r| takes.contains_key(r))
                .collect();
            if self.full() || known.is_empty() || known.iter().any(|r| is_taken(event, &takes[r])) {
                continue;
            }
            let names = known.iter().flat_map(|r| takes[r].iter().copied());
            let names: Vec<&str> = names.take(MAX_NAMES).collect();
            let help = match crate::spelling::nearest(event, &names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("write `{event}: …` under `on:` of a state there, or take this action out"),
            };
            self.warn(
                "untaken-event",
                &act.places.name,
                format!("nothing in `{}` takes the event `{event}`", known.join("` or `")),
                help,
            );
        }
    }

    /// Transitions that wait for an event which never comes.
    fn unraised(
        &mut self,
        chart: ChartView<'a>,
        state: &StateRef<'a>,
        places: &'a StatePlaces,
        here: &Traffic<'_>,
        families: &BTreeMap<&'a str, BTreeSet<&'a str>>,
    ) {
        for (transition, at) in state.transitions().iter().zip(&places.transitions) {
            for event in transition.events() {
                let comes = match engine_event(self.pack, chart, event, families) {
                    Some(comes) => comes,
                    None => by_people(transition) || arrives(event, &here.arriving),
                };
                if !comes {
                    self.unraised_event(&at.head, event, here);
                }
            }
        }
    }

    fn unraised_event(&mut self, place: &Place, event: &str, here: &Traffic<'_>) {
        if self.full() {
            return;
        }
        let arriving: Vec<&str> = here.arriving.iter().copied().take(MAX_NAMES).collect();
        let help = match crate::spelling::nearest(event, &arriving) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "name the roles that may cause it, or raise, send or tell it somewhere".to_owned(),
        };
        self.warn(
            "unraised-event",
            place,
            format!("nobody may cause `{event}`, and nothing raises it"),
            help,
        );
    }

    /// Candidates of one event in one state: none is hidden behind an earlier one, and those for the same people share a form.
    fn candidates(&mut self, state: &StateRef<'a>, places: &'a StatePlaces) {
        let all: Vec<(&Transition, &TransitionPlaces)> =
            state.transitions().iter().zip(&places.transitions).collect();
        for (n, (later, at)) in all.iter().enumerate() {
            let earlier = all[..n].iter().rev().take(MAX_EARLIER).rev();
            let rivals: Vec<_> = earlier.filter(|(t, _)| covers(t, later)).collect();
            let hidden = rivals.iter().find(|earlier| hides(self.pack, earlier, later));
            if hidden.is_some() {
                let event = later.events().first().map_or("always", String::as_str);
                let place = at
                    .condition
                    .as_ref()
                    .map_or_else(|| at.head.clone(), Written::place);
                self.warn(
                    "shadowed-candidate",
                    &place,
                    format!(
                        "this candidate of `{event}` is never reached: an earlier one always takes the event"
                    ),
                    "put the one with the condition first, or give the earlier one a condition",
                );
                continue;
            }
            let other_form = rivals
                .iter()
                .find(|(t, _)| form(t) != form(later) && share_people(self.pack, t, later));
            if other_form.is_some() {
                let event = later.events().first().map_or("always", String::as_str);
                self.error(
                    "different-forms",
                    at.form.as_ref().unwrap_or(&at.head),
                    format!("candidates of `{event}` name different forms, but only one form is filled in"),
                    "name the same form in each, or make two events of them",
                );
            }
        }
    }

    fn nothing_to_cancel(&mut self, chart: ChartView<'a>, here: &Traffic<'_>) {
        for act in chart.acts() {
            if let Some(Act::Cancel { key }) = deed(act.action)
                && !here.sent.contains(key)
            {
                self.unknown(
                    "unknown-send",
                    &act.places.name,
                    "sent event",
                    key,
                    here.sent.iter().copied(),
                );
            }
        }
    }
}

/// The event that an action brings, and the charts whose instances it reaches.
fn brought<'a>(
    chart: &'a str,
    action: &'a Action<Act>,
    families: &BTreeMap<&'a str, BTreeSet<&'a str>>,
) -> Option<(Vec<&'a str>, &'a str)> {
    match deed(action) {
        Some(Act::Send { event, .. }) => Some((vec![chart], event)),
        Some(Act::Tell { to, event }) => Some((receivers(chart, to, families), event)),
        _ => raised(action).map(|event| (vec![chart], event)),
    }
}

/// The charts whose instances a `tell` reaches.
fn receivers<'a>(
    from: &'a str,
    to: &'a str,
    families: &BTreeMap<&'a str, BTreeSet<&'a str>>,
) -> Vec<&'a str> {
    if to != "parent" {
        return vec![to];
    }
    let parents = families.iter().filter(|(_, children)| children.contains(from));
    parents.map(|(parent, _)| *parent).collect()
}

fn descriptors(chart: ChartView<'_>) -> BTreeSet<&str> {
    chart
        .spec
        .chart
        .states()
        .flat_map(|state| state.transitions())
        .flat_map(Transition::events)
        .map(|event| event.trim_end_matches(".*"))
        .collect()
}

/// Whether one of the descriptors takes the event: `a`, `a.b` and `*` all take `a.b`.
fn is_taken(event: &str, descriptors: &BTreeSet<&str>) -> bool {
    let dots = event.match_indices('.').map(|(at, _)| &event[..at]);
    dots.chain([event, "*"])
        .any(|prefix| descriptors.contains(prefix))
}

/// Whether one of the events is taken by the descriptor. They are sorted, so those that go on after a dot stand together.
fn arrives(descriptor: &str, events: &BTreeSet<&str>) -> bool {
    let name = descriptor.trim_end_matches(".*");
    let longer = format!("{name}.");
    events.contains(name)
        || events
            .range(longer.as_str()..)
            .next()
            .is_some_and(|event| event.starts_with(&longer))
}

/// For an event that only the program raises: whether it ever does. None for every other event.
fn engine_event(
    pack: &Pack,
    chart: ChartView<'_>,
    event: &str,
    families: &BTreeMap<&str, BTreeSet<&str>>,
) -> Option<bool> {
    if event.starts_with("after.") || event == "*" {
        return Some(true);
    }
    if let Some(rule) = event.strip_prefix("deadline.missed.") {
        let runs = chart
            .spec
            .states
            .values()
            .any(|s| s.deadlines.iter().any(|d| d == rule));
        // A rule that does not exist at all is said elsewhere; a hearing begins and is not missed.
        let misses = pack.deadlines.get(rule).is_none_or(|r| !r.hearing);
        return Some(runs && misses);
    }
    if let Some(state) = event.strip_prefix("done.state.") {
        let compiled = &chart.spec.chart;
        let number = compiled.state(state);
        return Some(number.is_some_and(|n| !compiled.state_ref(n).is_atomic()));
    }
    let child = event.strip_prefix("done.")?;
    Some(families.get(chart.name).is_some_and(|c| c.contains(child)))
}

fn form(transition: &Transition) -> Option<&String> {
    transition.guard().and_then(|gate| gate.form.as_ref())
}

/// Whether every event of the later one is also one of the earlier.
fn covers(earlier: &Transition, later: &Transition) -> bool {
    if later.is_eventless() || earlier.is_eventless() {
        return later.is_eventless() && earlier.is_eventless();
    }
    later
        .events()
        .iter()
        .all(|event| earlier.events().iter().any(|d| descriptor_matches(d, event)))
}

/// Who passes a gate: the pack's roles, and the machine, which passes every gate.
fn people<'a>(pack: &'a Pack, transition: &'a Transition) -> &'a [String] {
    let gate: Option<&Gate> = transition.guard();
    gate.and_then(|g| g.roles.as_deref()).unwrap_or(&pack.roles)
}

/// Whether whoever could take the later one is always taken by the earlier.
fn hides(pack: &Pack, (earlier, at): &(&Transition, &TransitionPlaces), later: &Transition) -> bool {
    let condition = |t: &Transition| t.guard().and_then(|g| g.condition.clone());
    let always = match condition(earlier) {
        // One that could not be read is a finding of its own.
        None => at.condition.is_none(),
        Some(c) => c.source().trim() == "true" || Some(&c) == condition(later).as_ref(),
    };
    let passes = people(pack, earlier);
    always && people(pack, later).iter().all(|role| passes.contains(role))
}

fn share_people(pack: &Pack, a: &Transition, b: &Transition) -> bool {
    let others = people(pack, b);
    people(pack, a).iter().any(|role| others.contains(role))
}
