//! One level of a chart as a layered graph: things of a given size, arrows between them, labels beside the arrows.
//!
//! Measures are across the flow (`u`) and along it (`v`), so that the same code serves a chart that runs down and one that
//! runs sideways. The only file that names the crate `dagre`. Knows no state and no text.

use std::collections::BTreeMap;

use dagre::graph::{Graph, GraphOptions};
use dagre::{EdgeLabel, LayoutOptions, NodeLabel};

/// Room between neighbours, and between two layers.
const ACROSS: f64 = 26.0;
const ALONG: f64 = 38.0;
/// Room between two arrows that pass side by side.
const PASSING: f64 = 14.0;
/// Room between an arrow and its label.
const BESIDE: f64 = 5.0;

/// An end of an arrow at this level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// One of the things.
    Thing(usize),
    /// The border of the whole, where the flow begins or ends.
    First,
    Last,
}

/// An arrow along the flow: `from` lies before `to`.
#[derive(Debug, Clone)]
pub(crate) struct Arc {
    pub(crate) from: End,
    pub(crate) to: End,
    /// Size of its label, or nothing.
    pub(crate) label: (f64, f64),
}

/// The bends of an arc, and the corner of its label.
pub(crate) type LaidArc = (Vec<(f64, f64)>, Option<(f64, f64)>);

/// Where everything came to stand.
#[derive(Debug, Clone, Default)]
pub(crate) struct Laid {
    /// Corner of each thing.
    pub(crate) things: Vec<(f64, f64)>,
    /// Of each thing, where its layer begins and ends: neighbours may be taller.
    pub(crate) layers: Vec<(f64, f64)>,
    /// For each arc: the bends between its ends, along the flow, and the corner of its label.
    pub(crate) arcs: Vec<LaidArc>,
    pub(crate) size: (f64, f64),
}

/// Which arrows of these must run against the flow so that no circle remains. Earlier ones are kept the way they are.
pub(crate) fn against_the_flow(things: usize, arrows: &[(usize, usize)]) -> Vec<bool> {
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); things];
    arrows
        .iter()
        .map(|&(from, to)| {
            let back = reaches(&next, to, from);
            let (from, to) = if back { (to, from) } else { (from, to) };
            next[from].push(to);
            back
        })
        .collect()
}

fn reaches(next: &[Vec<usize>], from: usize, to: usize) -> bool {
    let mut seen = vec![false; next.len()];
    let mut todo = vec![from];
    while let Some(at) = todo.pop() {
        if at == to {
            return true;
        }
        if !std::mem::replace(&mut seen[at], true) {
            todo.extend(&next[at]);
        }
    }
    false
}

/// Lays out one level. The arcs must have no circle. Things without size are points that arcs run through.
pub(crate) fn flow(sizes: &[(f64, f64)], arcs: &[Arc]) -> Laid {
    let mut graph = build(sizes, arcs);
    let options = LayoutOptions {
        nodesep: ACROSS,
        edgesep: PASSING,
        ranksep: ALONG,
        ..LayoutOptions::default()
    };
    dagre::layout(&mut graph, Some(options));
    read(&graph, sizes, arcs)
}

fn name(n: usize) -> String {
    format!("n{n}")
}

/// The small thing that stands for an arc's end at the border.
fn gate(arc: usize) -> String {
    format!("gate{arc}")
}

fn arc_name(n: usize) -> String {
    format!("arc{n}")
}

/// The node at an end of an arc.
fn point_of(arc: usize, end: End) -> String {
    match end {
        End::Thing(n) => name(n),
        End::First | End::Last => gate(arc),
    }
}

fn build(sizes: &[(f64, f64)], arcs: &[Arc]) -> Graph<NodeLabel, EdgeLabel> {
    let mut graph = Graph::with_options(GraphOptions {
        directed: true,
        multigraph: true,
        compound: false,
    });
    let node = |width: f64, height: f64| {
        Some(NodeLabel {
            width,
            height,
            ..NodeLabel::default()
        })
    };
    for (n, &(u, v)) in sizes.iter().enumerate() {
        graph.set_node(name(n), node(u, v));
    }
    for (n, arc) in arcs.iter().enumerate() {
        if !matches!((arc.from, arc.to), (End::Thing(_), End::Thing(_))) {
            graph.set_node(gate(n), node(8.0, 1.0));
        }
        let label = EdgeLabel {
            width: arc.label.0,
            height: arc.label.1,
            label_offset: BESIDE,
            weight: 2,
            ..EdgeLabel::default()
        };
        let (from, to) = (point_of(n, arc.from), point_of(n, arc.to));
        graph.set_edge(from, to, Some(label), Some(&arc_name(n)));
    }
    hold_gates_outside(&mut graph, sizes.len(), arcs);
    graph
}

/// Gates must lie before or after everything else: threads to one more thing at either end see to that.
fn hold_gates_outside(graph: &mut Graph<NodeLabel, EdgeLabel>, things: usize, arcs: &[Arc]) {
    let thread = || {
        Some(EdgeLabel {
            weight: 0,
            ..EdgeLabel::default()
        })
    };
    let point = || {
        Some(NodeLabel {
            width: 1.0,
            height: 1.0,
            ..NodeLabel::default()
        })
    };
    let inner = |pick: fn(&Arc) -> End| -> Vec<usize> {
        arcs.iter()
            .filter(|a| matches!((a.from, a.to), (End::Thing(_), End::Thing(_))))
            .filter_map(|a| match pick(a) {
                End::Thing(n) => Some(n),
                _ => None,
            })
            .collect()
    };
    if arcs.iter().any(|a| a.from == End::First) {
        graph.set_node("first".to_owned(), point());
        let entered = inner(|a| a.to);
        for n in (0..things).filter(|n| !entered.contains(n)) {
            graph.set_edge("first", name(n), thread(), None);
        }
        for n in (0..arcs.len()).filter(|&n| arcs[n].from == End::First) {
            graph.set_edge(gate(n), "first", thread(), None);
        }
    }
    if arcs.iter().any(|a| a.to == End::Last) {
        graph.set_node("last".to_owned(), point());
        let left = inner(|a| a.from);
        for n in (0..things).filter(|n| !left.contains(n)) {
            graph.set_edge(name(n), "last", thread(), None);
        }
        for n in (0..arcs.len()).filter(|&n| arcs[n].to == End::Last) {
            graph.set_edge("last", gate(n), thread(), None);
        }
    }
}

fn read(graph: &Graph<NodeLabel, EdgeLabel>, sizes: &[(f64, f64)], arcs: &[Arc]) -> Laid {
    let centre = |name: &str| {
        let node = graph.node(name);
        node.map_or((0.0, 0.0), |n| (n.x.unwrap_or(0.0), n.y.unwrap_or(0.0)))
    };
    let rows = Rows::of(graph);
    let mut laid = Laid {
        things: sizes
            .iter()
            .enumerate()
            .map(|(n, size)| {
                let (u, v) = centre(&name(n));
                (u - size.0 / 2.0, v - size.1 / 2.0)
            })
            .collect(),
        ..Laid::default()
    };
    laid.layers = laid
        .things
        .iter()
        .zip(sizes)
        .map(|(corner, size)| rows.span(corner.1 + size.1 / 2.0))
        .collect();
    let point = |end: End| match end {
        End::Thing(n) if sizes[n] == (0.0, 0.0) => Some(laid.things[n]),
        _ => None,
    };
    for (n, arc) in arcs.iter().enumerate() {
        let (from, to) = (point_of(n, arc.from), point_of(n, arc.to));
        let label = graph.edge(&from, &to, Some(&arc_name(n)));
        let mut bends = Vec::new();
        if let Some(joint) = point(arc.from) {
            rows.joint(joint, &mut bends);
        }
        if let Some(label) = label {
            let inner = label.points.len().saturating_sub(1);
            for point in label.points.iter().take(inner).skip(1) {
                rows.through(point.x, point.y, &mut bends);
            }
        }
        if let Some(joint) = point(arc.to) {
            rows.joint(joint, &mut bends);
        }
        // A gate is a bend like any other.
        if arc.from == End::First {
            bends.insert(0, centre(&gate(n)));
        }
        if arc.to == End::Last {
            bends.push(centre(&gate(n)));
        }
        let corner = label
            .filter(|_| arc.label.0 > 0.0)
            .and_then(|l| Some((l.x? - arc.label.0 / 2.0, l.y? - arc.label.1 / 2.0)));
        laid.arcs.push((bends, corner));
    }
    settle(&mut laid, sizes, arcs);
    laid
}

/// The layers: an arrow that passes one runs straight through its whole height, so it cannot cut a tall neighbour.
struct Rows(BTreeMap<i64, f64>);

impl Rows {
    fn of(graph: &Graph<NodeLabel, EdgeLabel>) -> Self {
        let mut rows = Self(BTreeMap::new());
        for name in graph.nodes() {
            if let Some(node) = graph.node(&name) {
                rows.note(node.y.unwrap_or(0.0), node.height);
            }
        }
        for edge in graph.edges() {
            if let Some(label) = graph.edge_by_obj(&edge)
                && let Some(y) = label.y
            {
                rows.note(y, label.height);
            }
        }
        rows
    }

    #[expect(clippy::cast_possible_truncation, reason = "a picture is far smaller")]
    fn key(v: f64) -> i64 {
        (v * 8.0).round() as i64
    }

    fn note(&mut self, v: f64, height: f64) {
        let row = self.0.entry(Self::key(v)).or_insert(0.0);
        *row = row.max(height);
    }

    /// Where the layer around a height begins and ends.
    fn span(&self, v: f64) -> (f64, f64) {
        let half = self.0.get(&Self::key(v)).copied().unwrap_or(0.0) / 2.0;
        (v - half, v + half)
    }

    /// Where nothing but arrows stands in a layer, they need no bend there.
    fn through(&self, u: f64, v: f64, bends: &mut Vec<(f64, f64)>) {
        let (begin, end) = self.span(v);
        if end - begin > 2.0 {
            bends.push((u, begin));
            bends.push((u, end));
        }
    }

    /// A point that the arrow must run through.
    fn joint(&self, (u, v): (f64, f64), bends: &mut Vec<(f64, f64)>) {
        let (begin, end) = self.span(v);
        bends.push((u, begin));
        bends.push((u, end));
    }
}

/// How far gates stand off the rest.
const OFF: f64 = 10.0;

/// Draws gates near, moves everything so that the smallest measure is zero, and takes the size of the whole.
fn settle(laid: &mut Laid, sizes: &[(f64, f64)], arcs: &[Arc]) {
    let mut low = (f64::MAX, f64::MAX);
    let mut high = (f64::MIN, f64::MIN);
    let mut see = |p: (f64, f64), s: (f64, f64)| {
        low = (low.0.min(p.0), low.1.min(p.1));
        high = (high.0.max(p.0 + s.0), high.1.max(p.1 + s.1));
    };
    for (place, size) in laid.things.iter().zip(sizes) {
        see(*place, *size);
    }
    for ((bends, label), arc) in laid.arcs.iter().zip(arcs) {
        if let Some(corner) = label {
            see(*corner, arc.label);
        }
        let gated = arc.from == End::First || arc.to == End::Last;
        for bend in bends {
            // The threads that hold gates outside leave much empty room there.
            let v = if gated { laid.things[0].1 } else { bend.1 };
            see((bend.0, v), (0.0, 0.0));
        }
    }
    if low.0 > high.0 {
        return;
    }
    if arcs.iter().any(|a| a.from == End::First) {
        low.1 -= OFF;
    }
    if arcs.iter().any(|a| a.to == End::Last) {
        high.1 += OFF;
    }
    let shift = |p: &mut (f64, f64)| *p = (p.0 - low.0, p.1.clamp(low.1, high.1) - low.1);
    laid.things.iter_mut().for_each(shift);
    for layer in &mut laid.layers {
        *layer = (layer.0 - low.1, layer.1 - low.1);
    }
    for (bends, label) in &mut laid.arcs {
        bends.iter_mut().for_each(shift);
        label.iter_mut().for_each(shift);
    }
    laid.size = (high.0 - low.0, high.1 - low.1);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arc(from: usize, to: usize) -> Arc {
        Arc {
            from: End::Thing(from),
            to: End::Thing(to),
            label: (40.0, 15.0),
        }
    }

    #[test]
    fn circles_are_opened_where_they_close() {
        let arrows = [(0, 1), (1, 2), (2, 0), (1, 0), (2, 3)];
        assert_eq!(against_the_flow(4, &arrows), [false, false, true, true, false]);
    }

    #[test]
    fn a_chain_follows_the_flow_and_labels_stand_beside_it() {
        let sizes = [(100.0, 40.0); 3];
        let laid = flow(&sizes, &[arc(0, 1), arc(1, 2)]);
        assert!(laid.things[0].1 + 40.0 < laid.things[1].1 && laid.things[1].1 + 40.0 < laid.things[2].1);
        for (bends, label) in &laid.arcs {
            let label = label.unwrap();
            assert!(label.0 > bends[0].0, "the label stands beside the line");
        }
        assert!(laid.size.0 >= 100.0 && laid.size.1 > 120.0);
    }

    #[test]
    fn gates_lie_outside_everything() {
        let sizes = [(100.0, 40.0), (80.0, 40.0), (60.0, 30.0)];
        let enter = |n| Arc {
            from: End::First,
            to: End::Thing(n),
            label: (0.0, 0.0),
        };
        let leave = |n| Arc {
            from: End::Thing(n),
            to: End::Last,
            label: (0.0, 0.0),
        };
        let laid = flow(&sizes, &[arc(0, 1), enter(1), leave(0), enter(2)]);
        let top = laid.things.iter().map(|t| t.1).fold(f64::MAX, f64::min);
        let bottom = laid
            .things
            .iter()
            .zip(sizes)
            .map(|(t, s)| t.1 + s.1)
            .fold(0.0, f64::max);
        for n in [1, 3] {
            assert!(laid.arcs[n].0[0].1 < top, "{laid:?}");
        }
        assert!(laid.arcs[2].0.last().unwrap().1 > bottom, "{laid:?}");
    }

    #[test]
    fn the_same_input_gives_the_same_place() {
        let sizes = [(100.0, 40.0), (80.0, 20.0), (60.0, 30.0), (90.0, 30.0)];
        let arcs = [arc(0, 1), arc(0, 2), arc(1, 3), arc(2, 3), arc(0, 3)];
        let first = format!("{:?}", flow(&sizes, &arcs));
        for _ in 0..5 {
            assert_eq!(format!("{:?}", flow(&sizes, &arcs)), first);
        }
    }
}
