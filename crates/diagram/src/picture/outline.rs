//! What a picture says, before anything has a place: boxes with their words, and links between them.
//!
//! Decides which transitions become arrows and which become lines inside a box. Knows no size and no place.

use peshi_casework::pack::{ChartSpec, WaitingOn};
use peshi_statechart::StateKind;
use serde_json::json;

use super::Marks;
use super::trace::trace;
use crate::words::Voice;

/// A chart as it will be drawn. Nodes are in document order, the root first.
#[derive(Debug)]
pub(crate) struct Outline {
    pub(crate) nodes: Vec<Node>,
    pub(crate) links: Vec<Link>,
}

/// One state.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) title: String,
    pub(crate) kind: Kind,
    pub(crate) parent: Option<usize>,
    pub(crate) children: Vec<usize>,
    /// Its parent begins here: it bears the dot.
    pub(crate) starts: bool,
    pub(crate) tags: Vec<Tag>,
    pub(crate) lines: Vec<Entry>,
    pub(crate) active: bool,
    pub(crate) visited: bool,
}

/// How a state is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Atomic,
    Compound,
    Parallel,
    Final,
    History { deep: bool },
}

/// A word in a coloured tag.
#[derive(Debug)]
pub(crate) struct Tag {
    /// Class of the tag: `now`, `closes`, or `who-COURT` and the like.
    pub(crate) class: String,
    pub(crate) text: String,
}

/// A sign before some words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Icon {
    /// A matter of time.
    Clock,
    /// Only under a condition.
    Condition,
    /// Leads here from wherever the parent stands.
    FromAnywhere,
    /// Leaves and enters the state again.
    Again,
    /// Recorded without leaving the state.
    Stays,
    /// Begins a chart of its own: a proceeding, a hearing.
    Opens,
}

/// One event with what happens, as a line in a box or beside an arrow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) icons: Vec<Icon>,
    pub(crate) text: String,
    /// The condition, for those who point at it.
    pub(crate) note: Option<String>,
    /// The machine alone causes it.
    pub(crate) quiet: bool,
}

/// An arrow.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) entries: Vec<Entry>,
    pub(crate) travelled: bool,
}

impl Outline {
    pub(crate) fn of(spec: &ChartSpec, voice: Voice<'_>, marks: &Marks) -> Self {
        let mut outline = Self {
            nodes: nodes(spec, voice, marks),
            links: Vec::new(),
        };
        outline.mark_starts(spec, voice);
        trace(spec, voice, marks, &mut outline);
        outline
    }

    /// The ancestors of a node, the nearest first.
    pub(crate) fn ancestors(&self, node: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.nodes[node].parent, |&up| self.nodes[up].parent)
    }

    pub(crate) fn is_below(&self, node: usize, of: usize) -> bool {
        self.ancestors(node).any(|a| a == of)
    }

    /// The nearest state that holds both.
    pub(crate) fn meeting(&self, a: usize, b: usize) -> usize {
        self.ancestors(a)
            .find(|&up| self.is_below(b, up))
            .unwrap_or_default()
    }

    /// The child of `ancestor` that is `node` or holds it.
    pub(crate) fn child_towards(&self, ancestor: usize, node: usize) -> usize {
        std::iter::once(node)
            .chain(self.ancestors(node))
            .find(|&n| self.nodes[n].parent == Some(ancestor))
            .unwrap_or(node)
    }

    /// Puts the dot on the state that a compound begins in; where that lies deeper, the compound says it in words.
    fn mark_starts(&mut self, spec: &ChartSpec, voice: Voice<'_>) {
        for state in spec.chart.states() {
            let n = state.number().index();
            if self.nodes[n].kind != Kind::Compound {
                continue;
            }
            let initial: Vec<usize> = state
                .initial()
                .filter_map(|id| spec.chart.state(id))
                .map(peshi_statechart::StateNo::index)
                .collect();
            match initial[..] {
                [only] if self.nodes[only].parent == Some(n) => self.nodes[only].starts = true,
                _ => {
                    let text = voice.say("starts", &[("where", json!(self.names(&initial)))]);
                    self.nodes[n].lines.push(Entry::plain(text));
                }
            }
        }
    }

    pub(super) fn names(&self, nodes: &[usize]) -> String {
        let names: Vec<&str> = nodes.iter().map(|&n| self.nodes[n].title.as_str()).collect();
        names.join(" + ")
    }
}

impl Entry {
    fn plain(text: String) -> Self {
        Self {
            icons: Vec::new(),
            text,
            note: None,
            quiet: false,
        }
    }
}

fn nodes(spec: &ChartSpec, voice: Voice<'_>, marks: &Marks) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::new();
    for state in spec.chart.states() {
        let n = nodes.len();
        let id = state.id();
        let parent = state
            .parent()
            .and_then(|id| spec.chart.state(id))
            .map(peshi_statechart::StateNo::index);
        if let Some(parent) = parent {
            nodes[parent].children.push(n);
        }
        let kind = match state.kind() {
            StateKind::Normal if state.is_atomic() => Kind::Atomic,
            StateKind::Normal => Kind::Compound,
            StateKind::Parallel => Kind::Parallel,
            StateKind::Final => Kind::Final,
            StateKind::History { deep } => Kind::History { deep },
        };
        let active = marks.active.contains(id);
        nodes.push(Node {
            title: voice.state(id),
            kind,
            parent,
            children: Vec::new(),
            starts: false,
            tags: tags(spec, voice, id, active),
            lines: clocks(spec, voice, id),
            active,
            visited: marks.visited.contains(id),
        });
    }
    // A state is active while something below it is.
    for n in (1..nodes.len()).rev() {
        if let (true, Some(parent)) = (nodes[n].active, nodes[n].parent) {
            nodes[parent].active = true;
        }
    }
    nodes
}

fn tags(spec: &ChartSpec, voice: Voice<'_>, id: &str, active: bool) -> Vec<Tag> {
    let mut tags = Vec::new();
    if active {
        tags.push(Tag {
            class: "now".to_owned(),
            text: voice.say("now", &[]),
        });
    }
    let Some(state) = spec.states.get(id) else {
        return tags;
    };
    if let Some(who) = state.waiting_on {
        tags.push(Tag {
            class: format!("who who-{}", WaitingOn::as_str(who)),
            text: voice.waiting(who),
        });
    }
    if state.closes_case {
        tags.push(Tag {
            class: "closes".to_owned(),
            text: voice.say("closes", &[]),
        });
    }
    tags
}

/// The deadlines that run while the state is active.
fn clocks(spec: &ChartSpec, voice: Voice<'_>, id: &str) -> Vec<Entry> {
    let rules = spec
        .states
        .get(id)
        .map(|s| s.deadlines.as_slice())
        .unwrap_or_default();
    rules
        .iter()
        .map(|rule| Entry {
            icons: vec![Icon::Clock],
            ..Entry::plain(voice.deadline(rule))
        })
        .collect()
}
