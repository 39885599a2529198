//! A part of a picture with places of its own: boxes, pieces of arrows, labels, and gates in its border.
//!
//! Knows how parts are put together, not how they are laid out.

use std::collections::BTreeMap;

use super::geometry::{Placed, Point, Rect};
use super::pack::pack;

/// Room between two arrows at the side of a box.
pub(super) const SPREAD: f64 = 13.0;

/// A part of the picture with places of its own.
#[derive(Debug, Clone, Default)]
pub(super) struct Block {
    pub(super) width: f64,
    pub(super) height: f64,
    /// Its own box first.
    pub(super) boxes: Vec<Placed>,
    pub(super) pieces: Vec<Piece>,
    pub(super) labels: Vec<(usize, Rect)>,
    /// Where arrows cross the border.
    pub(super) gates: BTreeMap<(usize, bool), Point>,
}

/// A part of an arrow.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) link: usize,
    /// Pieces are joined in this order.
    pub(super) order: i32,
    pub(super) points: Vec<Point>,
}

impl Block {
    /// Where an arrow at `gate` crosses the upper border: beside the heading, with a bend below it, if it would run through
    /// the words.
    pub(super) fn around_heading(&mut self, link: usize, gate: Point, heading: f64, below: f64) -> f64 {
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
    pub(super) fn hold(&mut self, other: &Self, dx: f64, dy: f64) {
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
pub(super) fn gathered(blocks: &[Block], limit: f64) -> Block {
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
