//! Gives every box, arrow and label of an outline its place.
//!
//! From the inside out: what a state holds is laid out on its own and then stands as one thing in the level above. So
//! nothing can leave its parent, and regions can be set side by side. An arrow that ends inside another box is drawn in
//! pieces, joined where it crosses a border. Knows sizes of texts, not their words.

use super::block::{Block, Piece, gathered};
use super::card::Card;
use super::geometry::{Placed, Point, Rect, Route, Scene};
use super::level::{Crossing, Level};
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
/// As wide as a page shows without scrolling, margins left out.
const PAGE: f64 = 1126.0;
/// As wide as what the whole holds may be.
const WIDEST: f64 = PAGE - 2.0 * INSET;
/// How many choices of shapes are followed at a time.
const CHOICES: usize = 24;

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

/// A chart being laid out.
pub(super) struct Layout<'a> {
    pub(super) outline: &'a Outline,
    node_cards: Vec<Card>,
    pub(super) link_cards: Vec<Card>,
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
                let near = |a: f64, b: f64| (a - b).abs() < 0.1;
                let known = |s: &Block| near(s.width, shape.width) && near(s.height, shape.height);
                if !shapes.iter().any(known) {
                    shapes.push(shape);
                }
            }
        }
        shapes
    }

    fn best(&self, node: usize) -> Block {
        let cost = |b: &Block| b.height + 40.0 * (b.width - PAGE).max(0.0);
        let shapes = self.shapes(node).into_iter();
        shapes
            .min_by(|a, b| cost(a).total_cmp(&cost(b)))
            .unwrap_or_default()
    }

    pub(super) fn block(&self, node: usize, crossings: &[Crossing], sideways: bool) -> Block {
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
                    (packed.height + 40.0 * (packed.width - WIDEST).max(0.0), pick)
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
