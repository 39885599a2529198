//! Gives every box, arrow and label of an outline its place.
//!
//! From the inside out: what a state holds is laid out on its own and then stands as one thing in the level above. So
//! nothing can leave its parent, and regions can be set side by side. An arrow that ends inside another box is drawn in
//! pieces, joined where it crosses a border. Knows sizes of texts, not their words.

use std::collections::BTreeMap;

use super::card::Card;
use super::flow::{Arc, End, Laid, against_the_flow, flow};
use super::geometry::{Placed, Point, Rect, Route, Scene};
use super::outline::{Kind, Outline};
use super::pack::{pack, pack_well};

/// Room between the border of a box and its words.
pub(crate) const PAD: f64 = 9.0;
/// Room between the border of a box and what it holds.
const INSET: f64 = 16.0;
/// Room for the dot before the state that a compound begins in.
pub(crate) const DOT: f64 = 24.0;
/// Side of a history sign.
const SIGN: f64 = 30.0;
const NARROWEST: f64 = 84.0;
/// As wide as a page shows without scrolling.
const PAGE: f64 = 1180.0;
/// As wide as what the whole holds may be.
const WIDEST: f64 = PAGE - 2.0 * INSET;
/// How many choices of shapes are followed at a time.
const CHOICES: usize = 24;
/// Room between two arrows at the side of a box.
const SPREAD: f64 = 13.0;

/// An arrow that crosses the border of a box on its way to or from something inside.
#[derive(Debug, Clone, Copy)]
struct Crossing {
    link: usize,
    /// What lies inside.
    inner: usize,
    entering: bool,
    /// It crosses where the flow begins, else where it ends.
    first: bool,
}

/// A part of the picture with places of its own.
#[derive(Debug, Clone, Default)]
struct Block {
    width: f64,
    height: f64,
    /// Its own box first.
    boxes: Vec<Placed>,
    pieces: Vec<Piece>,
    labels: Vec<(usize, Rect)>,
    /// Where arrows cross the border.
    gates: BTreeMap<(usize, bool), Point>,
}

/// A part of an arrow.
#[derive(Debug, Clone)]
struct Piece {
    link: usize,
    /// Pieces are joined in this order.
    order: i32,
    points: Vec<Point>,
}

impl Block {
    /// Where an arrow at `gate` crosses the upper border: beside the heading, with a bend below it, if it would run through
    /// the words.
    fn around_heading(&mut self, link: usize, gate: Point, heading: f64, below: f64) -> f64 {
        let taken = self.gates.values().filter(|p| p.x >= heading).count();
        #[expect(clippy::cast_precision_loss, reason = "few arrows cross a border")]
        let x = (heading + taken as f64 * SPREAD).min(self.width - 6.0);
        if gate.x >= heading {
            return gate.x;
        }
        for piece in self.pieces.iter_mut().filter(|p| p.link == link) {
            if piece.points.first() == Some(&gate) {
                piece.points.insert(0, Point { x, y: below });
            } else if piece.points.last() == Some(&gate) {
                piece.points.push(Point { x, y: below });
            }
        }
        x
    }

    /// Takes another block in at a place. Its gates are its own affair.
    fn hold(&mut self, other: &Self, dx: f64, dy: f64) {
        let moved = |p: &Point| Point {
            x: p.x + dx,
            y: p.y + dy,
        };
        self.boxes.extend(other.boxes.iter().map(|b| Placed {
            rect: b.rect.moved(dx, dy),
            ..*b
        }));
        let labels = other.labels.iter();
        self.labels
            .extend(labels.map(|(link, r)| (*link, r.moved(dx, dy))));
        self.pieces.extend(other.pieces.iter().map(|p| Piece {
            points: p.points.iter().map(moved).collect(),
            ..p.clone()
        }));
    }
}

/// Blocks packed into one.
fn gathered(blocks: &[Block], limit: f64) -> Block {
    let sizes: Vec<(f64, f64)> = blocks.iter().map(|b| (b.width, b.height)).collect();
    let packed = pack(&sizes, limit);
    let mut whole = Block {
        width: packed.width,
        height: packed.height,
        ..Block::default()
    };
    for (block, place) in blocks.iter().zip(&packed.places) {
        whole.hold(block, place.0, place.1);
    }
    whole
}

/// Everything in its place.
pub(crate) fn lay_out(outline: &Outline) -> Scene {
    let layout = Layout {
        outline,
        node_cards: outline.nodes.iter().map(Card::of_node).collect(),
        link_cards: outline
            .links
            .iter()
            .map(|l| Card::of_entries(&l.entries))
            .collect(),
    };
    let root = layout.best(0);
    let mut scene = Scene {
        width: root.width,
        height: root.height,
        boxes: root.boxes.clone(),
        routes: Vec::new(),
        node_cards: layout.node_cards,
        link_cards: layout.link_cards,
    };
    scene.boxes.sort_by_key(|b| b.node);
    for link in 0..outline.links.len() {
        let mut pieces: Vec<&Piece> = root.pieces.iter().filter(|p| p.link == link).collect();
        pieces.sort_by_key(|p| p.order);
        scene.routes.push(Route {
            link,
            points: pieces.iter().flat_map(|p| p.points.iter().copied()).collect(),
            label: root.labels.iter().find(|(n, _)| *n == link).map(|(_, r)| *r),
        });
    }
    scene
}

struct Layout<'a> {
    outline: &'a Outline,
    node_cards: Vec<Card>,
    link_cards: Vec<Card>,
}

impl Layout<'_> {
    /// The shapes that a region, or the whole, may take: no arrow crosses its border, so it is free to run down or
    /// sideways, and its loose parts may stand in few columns or many.
    fn shapes(&self, node: usize) -> Vec<Block> {
        if self.outline.nodes[node].kind != Kind::Compound {
            return vec![self.block(node, &[], false)];
        }
        let mut shapes: Vec<Block> = Vec::new();
        for sideways in [false, true] {
            let level = Level::new(self, node, &[], sideways);
            let parts = level.parts();
            for share in [0.4, 0.55, 0.7, 1.0] {
                let shape = self.framed(
                    node,
                    &gathered(&parts, share * (WIDEST - 2.0 * INSET - DOT)),
                    sideways,
                );
                let known = |s: &Block| s.width == shape.width && s.height == shape.height;
                if !shapes.iter().any(known) {
                    shapes.push(shape);
                }
            }
        }
        shapes
    }

    fn best(&self, node: usize) -> Block {
        let cost = |b: &Block| b.height + 4.0 * (b.width - PAGE).max(0.0);
        let shapes = self.shapes(node).into_iter();
        shapes
            .min_by(|a, b| cost(a).total_cmp(&cost(b)))
            .unwrap_or_default()
    }

    fn block(&self, node: usize, crossings: &[Crossing], sideways: bool) -> Block {
        match self.outline.nodes[node].kind {
            Kind::Parallel => self.regions(node),
            Kind::Compound => self.compound(node, crossings, sideways),
            Kind::History { .. } => Block {
                width: SIGN,
                height: SIGN,
                boxes: vec![Placed {
                    node,
                    rect: Rect::new(0.0, 0.0, SIGN, SIGN),
                    dot_above: false,
                }],
                ..Block::default()
            },
            Kind::Atomic | Kind::Final => {
                let card = &self.node_cards[node];
                let width = (card.width + 2.0 * PAD).max(NARROWEST);
                self.boxed(node, width, card.height + 2.0 * PAD, sideways)
            }
        }
    }

    /// A box with room for the dot where no arrow arrives: beside it, or above it where arrows run sideways.
    fn boxed(&self, node: usize, width: f64, height: f64, sideways: bool) -> Block {
        let (dx, dy) = match (self.outline.nodes[node].starts, sideways) {
            (false, _) => (0.0, 0.0),
            (true, false) => (DOT, 0.0),
            (true, true) => (0.0, DOT),
        };
        Block {
            width: width + dx,
            height: height + dy,
            boxes: vec![Placed {
                node,
                rect: Rect::new(dx, dy, width, height),
                dot_above: sideways,
            }],
            ..Block::default()
        }
    }

    /// A parallel state: its regions set beside and below one another, each in the shape that makes the whole low.
    fn regions(&self, node: usize) -> Block {
        let children = &self.outline.nodes[node].children;
        let shapes: Vec<Vec<Block>> = children.iter().map(|&c| self.shapes(c)).collect();
        let sizes = |pick: &[usize]| -> Vec<(f64, f64)> {
            let chosen = pick.iter().zip(&shapes).map(|(&p, s)| &s[p]);
            chosen.map(|b| (b.width, b.height)).collect()
        };
        // The best few choices for the regions so far, each continued with every shape of the next.
        let mut choices: Vec<Vec<usize>> = vec![Vec::new()];
        for shape in &shapes {
            let longer = choices.iter().flat_map(|pick| {
                (0..shape.len()).map(|n| pick.iter().copied().chain([n]).collect::<Vec<usize>>())
            });
            let mut costed: Vec<(f64, Vec<usize>)> = longer
                .map(|pick| {
                    let packed = pack(&sizes(&pick), WIDEST);
                    (packed.height + 4.0 * (packed.width - WIDEST).max(0.0), pick)
                })
                .collect();
            costed.sort_by(|a, b| a.0.total_cmp(&b.0));
            costed.truncate(CHOICES);
            choices = costed.into_iter().map(|(_, pick)| pick).collect();
        }
        let pick = choices.first().cloned().unwrap_or_default();
        let blocks: Vec<Block> = pick.iter().zip(&shapes).map(|(&p, s)| s[p].clone()).collect();
        self.framed(node, &gathered(&blocks, WIDEST), false)
    }

    fn compound(&self, node: usize, crossings: &[Crossing], sideways: bool) -> Block {
        let level = Level::new(self, node, crossings, sideways);
        if !crossings.is_empty() {
            return self.framed(node, &level.lay(&level.all()), sideways);
        }
        let parts = level.parts();
        let sizes: Vec<(f64, f64)> = parts.iter().map(|b| (b.width, b.height)).collect();
        let limit = pack_well(&sizes, WIDEST - 4.0 * INSET).width;
        self.framed(node, &gathered(&parts, limit), sideways)
    }

    /// Puts the heading above and the border around what a state holds.
    fn framed(&self, node: usize, inner: &Block, sideways: bool) -> Block {
        let card = &self.node_cards[node];
        let head = card.height + PAD + 8.0;
        let width = inner.width.max(card.width) + 2.0 * INSET;
        let mut block = self.boxed(node, width, head + inner.height + INSET, sideways);
        let own = block.boxes[0].rect;
        let (dx, dy) = (own.x + (width - inner.width) / 2.0, own.y + head);
        block.hold(inner, dx, dy);
        for (&(link, entering), gate) in &inner.gates {
            let (x, y) = (gate.x + dx, gate.y + dy);
            // Straight on from the gate to the border.
            let first = if sideways {
                gate.x < inner.width / 2.0
            } else {
                gate.y < inner.height / 2.0
            };
            let border = match (sideways, first) {
                (false, true) => Point {
                    x: block.around_heading(link, Point { x, y }, own.x + PAD + card.width + 8.0, dy - 5.0),
                    y: own.y,
                },
                (false, false) => Point { x, y: own.y + own.h },
                (true, true) => Point { x: own.x, y },
                (true, false) => Point { x: own.x + own.w, y },
            };
            block.gates.insert((link, entering), border);
        }
        block
    }
}

/// One level: the children of a compound state and the arrows between them.
struct Level<'a> {
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
    fn new(layout: &'a Layout<'a>, node: usize, crossings: &[Crossing], sideways: bool) -> Self {
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

    fn all(&self) -> Vec<usize> {
        (0..self.things.len()).collect()
    }

    /// Things that no arrow joins need no common flow: each group is laid out alone.
    fn parts(&self) -> Vec<Block> {
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
    fn lay(&self, group: &[usize]) -> Block {
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
