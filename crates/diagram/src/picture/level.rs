//! One level of a chart: the children of a compound state and the arrows between them, in their places.
//!
//! An arrow that goes on inside a child, or leaves the level, runs through a gate in the border. Knows sizes and links, not
//! words.

use std::collections::BTreeMap;

use super::block::{Block, Piece, SPREAD};
use super::flow::{Arc, End, Laid, against_the_flow, flow};
use super::geometry::{Point, Rect};
use super::layout::Layout;
use super::outline::Outline;

/// An arrow that crosses the border of a box on its way to or from something inside.
#[derive(Debug, Clone, Copy)]
pub(super) struct Crossing {
    pub(super) link: usize,
    /// What lies inside.
    pub(super) inner: usize,
    pub(super) entering: bool,
    /// It crosses where the flow begins, else where it ends.
    pub(super) first: bool,
}

/// One level: the children of a compound state and the arrows between them.
pub(super) struct Level<'a> {
    layout: &'a Layout<'a>,
    node: usize,
    sideways: bool,
    things: Vec<usize>,
    blocks: Vec<Block>,
    strands: Vec<Strand>,
}

/// An arrow at one level.
#[derive(Debug, Clone, Copy)]
struct Strand {
    link: usize,
    /// Along the flow, not along the arrow.
    from: End,
    to: End,
    /// The arrow runs against the flow.
    back: bool,
    /// For an arrow that crosses this level's own border: whether it comes in.
    crossing: Option<bool>,
}

impl<'a> Level<'a> {
    pub(super) fn new(layout: &'a Layout<'a>, node: usize, crossings: &[Crossing], sideways: bool) -> Self {
        let outline = layout.outline;
        let things = outline.nodes[node].children.clone();
        let place = |child: usize| things.iter().position(|&t| t == child).unwrap_or_default();
        let links = links_of(outline, node);
        let ends: Vec<(usize, usize)> = links
            .iter()
            .map(|&l| {
                let link = &outline.links[l];
                let towards = |n| place(outline.child_towards(node, n));
                (towards(link.from), towards(link.to))
            })
            .collect();
        let start = things
            .iter()
            .position(|&t| outline.nodes[t].starts)
            .unwrap_or_default();
        let order = walked(things.len(), start, &ends);
        let ordered: Vec<(usize, usize)> = order.iter().map(|&n| ends[n]).collect();
        let back = against_the_flow(things.len(), &ordered);
        let mut strands: Vec<Strand> = order
            .iter()
            .zip(&ordered)
            .zip(&back)
            .map(|((&n, &(from, to)), &back)| {
                let (first, last) = if back { (to, from) } else { (from, to) };
                Strand {
                    link: links[n],
                    from: End::Thing(first),
                    to: End::Thing(last),
                    back,
                    crossing: None,
                }
            })
            .collect();
        strands.extend(crossings.iter().map(|c| {
            let thing = End::Thing(place(outline.child_towards(node, c.inner)));
            Strand {
                link: c.link,
                from: if c.first { End::First } else { thing },
                to: if c.first { thing } else { End::Last },
                back: c.first != c.entering,
                crossing: Some(c.entering),
            }
        }));
        let mut level = Self {
            layout,
            node,
            sideways,
            blocks: Vec::new(),
            things,
            strands,
        };
        level.blocks = level
            .things
            .iter()
            .enumerate()
            .map(|(n, &thing)| layout.block(thing, &level.crossings_into(n), sideways))
            .collect();
        level
    }

    /// The arrows of this level that go on inside one of its things.
    fn crossings_into(&self, thing: usize) -> Vec<Crossing> {
        let holder = self.things[thing];
        let mut found = Vec::new();
        for strand in &self.strands {
            let link = &self.layout.outline.links[strand.link];
            for (end, first) in [(strand.to, true), (strand.from, false)] {
                if end != End::Thing(thing) {
                    continue;
                }
                // Against the flow, an arrow leaves where the flow comes in.
                let entering = first != strand.back;
                let inner = if entering { link.to } else { link.from };
                if inner != holder {
                    found.push(Crossing {
                        link: strand.link,
                        inner,
                        entering,
                        first,
                    });
                }
            }
        }
        found
    }

    pub(super) fn all(&self) -> Vec<usize> {
        (0..self.things.len()).collect()
    }

    /// Things that no arrow joins need no common flow: each group is laid out alone.
    pub(super) fn parts(&self) -> Vec<Block> {
        self.groups().iter().map(|group| self.lay(group)).collect()
    }

    fn groups(&self) -> Vec<Vec<usize>> {
        let mut group: Vec<usize> = self.all();
        for strand in &self.strands {
            if let (End::Thing(a), End::Thing(b)) = (strand.from, strand.to) {
                let (keep, give) = (group[a].min(group[b]), group[a].max(group[b]));
                group.iter_mut().filter(|g| **g == give).for_each(|g| *g = keep);
            }
        }
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (thing, g) in group.into_iter().enumerate() {
            groups.entry(g).or_default().push(thing);
        }
        groups.into_values().collect()
    }

    /// Lays out some of the things, with every arrow among them.
    pub(super) fn lay(&self, group: &[usize]) -> Block {
        let plan = self.plan(group);
        let mut sizes: Vec<(f64, f64)> = group
            .iter()
            .map(|&n| self.turned((self.blocks[n].width, self.blocks[n].height)))
            .collect();
        sizes.resize(group.len() + plan.joints, (0.0, 0.0));
        let laid = flow(&sizes, &plan.arcs);
        let size = self.turned(laid.size);
        let mut block = Block {
            width: size.0,
            height: size.1,
            ..Block::default()
        };
        let corners: Vec<(f64, f64)> = laid.things.iter().map(|&p| self.turned(p)).collect();
        for (&n, corner) in group.iter().zip(&corners) {
            block.hold(&self.blocks[n], corner.0, corner.1);
        }
        let ends = self.ends(group, &corners, &plan, &laid);
        for way in &plan.ways {
            self.draw(&mut block, way, &plan, &laid, &ends);
        }
        block
    }

    /// Which arcs carry which arrows. Arrows that say the same and lead to the same state join before it, so that their words
    /// stand there once.
    fn plan(&self, group: &[usize]) -> Plan {
        let local = |end: End| match end {
            End::Thing(n) => group.iter().position(|&g| g == n).map(End::Thing),
            other => Some(other),
        };
        let mut plan = Plan::default();
        let mut joined: Vec<(usize, End, usize)> = Vec::new();
        for strand in &self.strands {
            let (Some(from), Some(to)) = (local(strand.from), local(strand.to)) else {
                continue;
            };
            let twins = self
                .strands
                .iter()
                .filter(|other| self.join(strand, other))
                .count();
            if twins < 2 {
                let arc = plan.add(strand, from, to, self.label_size(strand));
                plan.ways.push(Way {
                    strand: *strand,
                    arcs: vec![arc],
                    labelled: true,
                });
                continue;
            }
            let known = joined
                .iter()
                .find(|(link, end, _)| *end == to && self.same_words(*link, strand.link))
                .map(|(.., arc)| *arc);
            let trunk = known.unwrap_or_else(|| {
                let joint = End::Thing(group.len() + plan.joints);
                plan.joints += 1;
                let arc = plan.add(strand, joint, to, self.label_size(strand));
                joined.push((strand.link, to, arc));
                arc
            });
            let joint = plan.arcs[trunk].from;
            let arc = plan.add(strand, from, joint, (0.0, 0.0));
            plan.ways.push(Way {
                strand: *strand,
                arcs: vec![arc, trunk],
                labelled: known.is_none(),
            });
        }
        plan
    }

    /// Whether two arrows may run into one.
    fn join(&self, a: &Strand, b: &Strand) -> bool {
        let whole = |s: &Strand| {
            let target = self.layout.outline.links[s.link].to;
            s.crossing.is_none() && !s.back && self.things.contains(&target)
        };
        a.to == b.to && whole(a) && whole(b) && self.same_words(a.link, b.link)
    }

    fn same_words(&self, a: usize, b: usize) -> bool {
        let entries = |l: usize| &self.layout.outline.links[l].entries;
        !entries(a).is_empty() && entries(a) == entries(b)
    }

    fn turned(&self, p: (f64, f64)) -> (f64, f64) {
        if self.sideways { (p.1, p.0) } else { p }
    }

    fn label_size(&self, strand: &Strand) -> (f64, f64) {
        if strand.crossing.is_some() {
            return (0.0, 0.0);
        }
        let card = &self.layout.link_cards[strand.link];
        if card.rows.is_empty() {
            (0.0, 0.0)
        } else {
            self.turned((card.width + 4.0, card.height + 2.0))
        }
    }

    /// Where each arc touches the things at its two ends, in measures of the flow.
    fn ends(&self, group: &[usize], corners: &[(f64, f64)], plan: &Plan, laid: &Laid) -> Vec<Ends> {
        let mut ends = vec![[None, None]; plan.arcs.len()];
        for (n, &thing) in group.iter().enumerate() {
            let block = &self.blocks[thing];
            let rect = block.boxes[0].rect.moved(corners[n].0, corners[n].1);
            let (low, span) = (self.turned((rect.x, rect.y)), self.turned((rect.w, rect.h)));
            for first in [true, false] {
                let v = if first { low.1 } else { low.1 + span.1 };
                let mut wanted = Vec::new();
                for (a, arc) in plan.arcs.iter().enumerate() {
                    let touches = if first { arc.to } else { arc.from } == End::Thing(n);
                    if !touches {
                        continue;
                    }
                    let bends = &laid.arcs[a].0;
                    let near = if first { bends.last() } else { bends.first() };
                    let (link, back) = plan.links[a];
                    match block.gates.get(&(link, first != back)) {
                        Some(gate) => {
                            let gate = (gate.x + corners[n].0, gate.y + corners[n].1);
                            ends[a][usize::from(first)] = Some(self.turned(gate));
                        }
                        None => wanted.push((near.map_or(low.0 + span.0 / 2.0, |b| b.0), a)),
                    }
                }
                for (u, a) in spread(wanted, low.0, low.0 + span.0) {
                    ends[a][usize::from(first)] = Some((u, v));
                }
            }
        }
        ends
    }

    fn draw(&self, block: &mut Block, way: &Way, plan: &Plan, laid: &Laid, ends: &[Ends]) {
        let strand = way.strand;
        let point = |p: (f64, f64)| {
            let (x, y) = self.turned(p);
            Point { x, y }
        };
        let mut points = Vec::new();
        for &arc in &way.arcs {
            // Straight out of a box, and straight into the next: its neighbours may be taller.
            let beside = |end: Option<(f64, f64)>, thing: End, out: bool| match (end, thing) {
                (Some((u, _)), End::Thing(n)) => {
                    let layer = laid.layers[n];
                    Some((u, if out { layer.1 } else { layer.0 }))
                }
                _ => None,
            };
            let Arc { from, to, .. } = plan.arcs[arc];
            let [start, end] = ends[arc];
            let bends = laid.arcs[arc].0.iter().copied();
            points.extend(
                start
                    .into_iter()
                    .chain(beside(start, from, true))
                    .chain(bends)
                    .chain(beside(end, to, false))
                    .chain(end)
                    .map(point),
            );
        }
        if strand.back {
            points.reverse();
        }
        let depth = i32::try_from(self.layout.outline.ancestors(self.node).count()).unwrap_or(0);
        let order = match strand.crossing {
            None => 0,
            Some(true) => depth + 1,
            Some(false) => -depth - 1,
        };
        if let Some(entering) = strand.crossing
            && let Some(gate) = if entering { points.first() } else { points.last() }
        {
            block.gates.insert((strand.link, entering), *gate);
        }
        block.pieces.push(Piece {
            link: strand.link,
            order,
            points,
        });
        let label = way.arcs.last().and_then(|&arc| laid.arcs[arc].1);
        if let Some(corner) = label.filter(|_| way.labelled) {
            let (x, y) = self.turned(corner);
            let card = &self.layout.link_cards[strand.link];
            block
                .labels
                .push((strand.link, Rect::new(x + 2.0, y + 1.0, card.width, card.height)));
        }
    }
}

/// Where an arc touches what it joins.
type Ends = [Option<(f64, f64)>; 2];

/// The arcs of one level, and which of them each arrow runs along.
#[derive(Debug, Default)]
struct Plan {
    arcs: Vec<Arc>,
    /// For each arc: a link that runs along it, and whether against the flow.
    links: Vec<(usize, bool)>,
    ways: Vec<Way>,
    /// Places where arrows join; they stand behind the things.
    joints: usize,
}

#[derive(Debug)]
struct Way {
    strand: Strand,
    /// Along the flow.
    arcs: Vec<usize>,
    /// The words stand at this one.
    labelled: bool,
}

impl Plan {
    fn add(&mut self, strand: &Strand, from: End, to: End, label: (f64, f64)) -> usize {
        self.arcs.push(Arc { from, to, label });
        self.links.push((strand.link, strand.back));
        self.arcs.len() - 1
    }
}

/// The links whose two ends lie in different children of a state.
fn links_of(outline: &Outline, node: usize) -> Vec<usize> {
    (0..outline.links.len())
        .filter(|&l| outline.meeting(outline.links[l].from, outline.links[l].to) == node)
        .collect()
}

/// The arrows in the order in which somebody walks who begins at the start: what is met first shall follow the flow.
fn walked(things: usize, start: usize, arrows: &[(usize, usize)]) -> Vec<usize> {
    let mut order = Vec::new();
    let mut seen = vec![false; things];
    let roots = std::iter::once(start).chain(0..things);
    for root in roots.filter(|&r| r < things) {
        let mut queue = std::collections::VecDeque::from([root]);
        while let Some(at) = queue.pop_front() {
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            for (n, &(from, to)) in arrows.iter().enumerate() {
                if from == at {
                    order.push(n);
                    queue.push_back(to);
                }
            }
        }
    }
    order
}

/// Sets the ends of arrows along a side so that none touches the next, each as near as may be to where it wants to be.
fn spread(mut wanted: Vec<(f64, usize)>, low: f64, high: f64) -> Vec<(f64, usize)> {
    wanted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let margin = ((high - low) / 4.0).min(12.0);
    let (low, high) = (low + margin, high - margin);
    #[expect(clippy::cast_precision_loss, reason = "a box has few arrows")]
    let step = SPREAD.min((high - low) / wanted.len().max(1) as f64);
    let mut last = f64::MIN;
    for (u, _) in &mut wanted {
        *u = u.clamp(low, high).max(last + step);
        last = *u;
    }
    let mut next = f64::MAX;
    for (u, _) in wanted.iter_mut().rev() {
        *u = u.min(high).min(next - step);
        next = *u;
    }
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_arrows_keep_apart_and_stay_at_the_side() {
        let us: Vec<f64> = spread(vec![(500.0, 0), (500.0, 1), (-9.0, 2), (50.0, 3)], 0.0, 100.0)
            .iter()
            .map(|(u, _)| *u)
            .collect();
        assert!(us.windows(2).all(|w| w[1] - w[0] > 5.0), "{us:?}");
        assert!(us.iter().all(|u| (0.0..=100.0).contains(u)), "{us:?}");
    }

    #[test]
    fn arrows_are_walked_from_the_start() {
        let arrows = [(2, 0), (1, 2), (0, 1)];
        assert_eq!(walked(3, 1, &arrows), [1, 0, 2]);
    }
}
