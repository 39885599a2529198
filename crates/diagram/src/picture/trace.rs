//! Transitions as arrows between boxes, and as lines in a box where an arrow would say less.
//!
//! Knows a chart and its outline; no place.

use std::collections::BTreeMap;

use peshi_casework::pack::{Act, ChartSpec, Gate, deed};
use peshi_statechart::{StateKind, Transition};
use serde_json::json;

use super::Marks;
use super::outline::{Entry, Icon, Kind, Link, Outline};
use crate::words::Voice;

/// Turns transitions into links and lines.
struct Tracer<'a> {
    spec: &'a ChartSpec,
    voice: Voice<'a>,
    marks: &'a Marks,
    /// The link between two nodes, by their numbers.
    links: BTreeMap<(usize, usize), usize>,
    outline: &'a mut Outline,
}

/// Where a transition is shown.
enum Shown {
    /// As an arrow between two boxes; the words say where it really ends, if a box hides that.
    Arrow {
        from: usize,
        to: usize,
        ends: Option<String>,
    },
    /// As a line in a box.
    Line {
        at: usize,
        icon: Icon,
        ends: Option<String>,
    },
}

/// Adds every transition of a chart to its outline.
pub(super) fn trace(spec: &ChartSpec, voice: Voice<'_>, marks: &Marks, outline: &mut Outline) {
    let links = BTreeMap::new();
    Tracer {
        spec,
        voice,
        marks,
        links,
        outline,
    }
    .run();
}

impl Tracer<'_> {
    fn run(&mut self) {
        for state in self.spec.chart.states() {
            let source = state.number().index();
            if matches!(state.kind(), StateKind::History { .. }) {
                // Where a history leads while there is none is drawn as an arrow without words.
                let default: Vec<&str> = state.initial().collect();
                self.history(source, &default);
            }
            for transition in state.transitions() {
                let targets = self.numbers(transition.targets());
                let travelled = self.travelled(state.id(), transition);
                let shown = self.shown(source, &targets);
                for entry in self.entries(state.id(), transition) {
                    self.put(&shown, entry, travelled);
                }
            }
        }
    }

    fn numbers<T: AsRef<str>>(&self, ids: &[T]) -> Vec<usize> {
        ids.iter()
            .filter_map(|id| self.spec.chart.state(id.as_ref()))
            .map(peshi_statechart::StateNo::index)
            .collect()
    }

    fn history(&mut self, source: usize, default: &[&str]) {
        let targets = self.numbers(default);
        let shown = self.shown(source, &targets);
        if let Shown::Arrow { from, to, .. } = shown {
            self.link(from, to);
        }
    }

    fn travelled(&self, source: &str, transition: &Transition<Gate, Act>) -> bool {
        self.marks.travelled.iter().any(|step| {
            step.source == source
                && transition.targets().contains(&step.target)
                && if step.event.is_empty() {
                    transition.is_eventless()
                } else {
                    transition.matches(&step.event)
                }
        })
    }

    fn shown(&self, source: usize, targets: &[usize]) -> Shown {
        let o = &*self.outline;
        let ends = || Some(o.names(targets));
        let line = |at, icon, ends| Shown::Line { at, icon, ends };
        let [target] = targets[..] else {
            return match self.common(targets) {
                None => line(source, Icon::Stays, None),
                Some(held) if held == source || o.is_below(source, held) || o.is_below(held, source) => {
                    line(source, Icon::Again, ends())
                }
                Some(held) => self.arrow(source, held, ends()),
            };
        };
        if target == source {
            return line(source, Icon::Again, None);
        }
        let history = matches!(o.nodes[target].kind, Kind::History { .. });
        if o.is_below(target, source) && !history {
            return line(target, Icon::FromAnywhere, None);
        }
        if o.is_below(target, source) || o.is_below(source, target) {
            return line(source, Icon::Again, ends());
        }
        self.arrow(source, target, None)
    }

    /// The state that holds all of several targets.
    fn common(&self, targets: &[usize]) -> Option<usize> {
        let (&first, rest) = targets.split_first()?;
        Some(rest.iter().fold(first, |held, &t| {
            if held == t || self.outline.is_below(t, held) {
                held
            } else if self.outline.is_below(held, t) {
                t
            } else {
                self.outline.meeting(held, t)
            }
        }))
    }

    /// An arrow, unless the two lie in different regions. Regions hide what they hold: an end inside one is shown at the
    /// border of the parallel state and told in words.
    fn arrow(&self, source: usize, target: usize, ends: Option<String>) -> Shown {
        let o = &*self.outline;
        let meeting = o.meeting(source, target);
        if o.nodes[meeting].kind == Kind::Parallel {
            return Shown::Line {
                at: source,
                icon: Icon::Again,
                ends: ends.or_else(|| Some(o.names(&[target]))),
            };
        }
        let visible = |node: usize| {
            o.ancestors(node)
                .take_while(|&a| a != meeting)
                .filter(|&a| o.nodes[a].kind == Kind::Parallel)
                .last()
                .unwrap_or(node)
        };
        let (from, to) = (visible(source), visible(target));
        let hidden = to != target;
        let ends = ends.or_else(|| hidden.then(|| o.names(&[target])));
        Shown::Arrow { from, to, ends }
    }

    /// One entry for each event of a transition.
    fn entries(&self, source: &str, transition: &Transition<Gate, Act>) -> Vec<Entry> {
        let gate = transition.guard();
        let condition = gate.and_then(|g| g.condition.as_ref());
        let quiet = gate.is_some_and(|g| g.roles.as_ref().is_some_and(Vec::is_empty));
        let opens = opens(transition);
        let entry = |(text, timed): (String, bool)| Entry {
            icons: [
                timed.then_some(Icon::Clock),
                condition.map(|_| Icon::Condition),
                opens.then_some(Icon::Opens),
            ]
            .into_iter()
            .flatten()
            .collect(),
            text,
            note: condition.map(|c| c.source().to_owned()),
            quiet,
        };
        if transition.is_eventless() {
            let key = if condition.is_some() { "once" } else { "always" };
            return vec![entry((self.voice.say(key, &[]), false))];
        }
        transition
            .events()
            .iter()
            .map(|event| entry(self.event(source, event)))
            .collect()
    }

    /// A missed deadline need not be named again beside the box that names it as its only one.
    fn event(&self, source: &str, event: &str) -> (String, bool) {
        let rules = self.spec.states.get(source).map(|s| s.deadlines.as_slice());
        match (event.strip_prefix("deadline.missed."), rules) {
            (Some(missed), Some([only])) if missed == only => (self.voice.say("missed-here", &[]), true),
            _ => self.voice.event(event),
        }
    }

    fn put(&mut self, shown: &Shown, mut entry: Entry, travelled: bool) {
        let (Shown::Arrow { ends, .. } | Shown::Line { ends, .. }) = shown;
        if let Some(ends) = ends {
            let args = [("event", json!(entry.text)), ("where", json!(ends))];
            entry.text = self.voice.say("leads", &args);
        }
        match *shown {
            Shown::Line { at, icon, .. } => {
                entry.icons.insert(0, icon);
                add(&mut self.outline.nodes[at].lines, entry);
            }
            Shown::Arrow { from, to, .. } => {
                let link = self.link(from, to);
                let link = &mut self.outline.links[link];
                link.travelled |= travelled;
                add(&mut link.entries, entry);
            }
        }
    }

    fn link(&mut self, from: usize, to: usize) -> usize {
        let links = &mut self.outline.links;
        *self.links.entry((from, to)).or_insert_with(|| {
            links.push(Link {
                from,
                to,
                entries: Vec::new(),
                travelled: false,
            });
            links.len() - 1
        })
    }
}

/// Whether a transition begins a child chart.
fn opens(transition: &Transition<Gate, Act>) -> bool {
    let mut actions = transition.actions().iter();
    actions.any(|action| matches!(deed(action), Some(Act::Spawn { .. })))
}

/// Adds an entry unless another candidate of the same event says the same.
fn add(entries: &mut Vec<Entry>, entry: Entry) {
    match entries
        .iter_mut()
        .find(|e| e.text == entry.text && e.quiet == entry.quiet)
    {
        None => entries.push(entry),
        // One candidate without a condition makes the event unconditional.
        Some(same) if entry.note.is_none() => *same = entry,
        Some(_) => {}
    }
}
