//! Places in a picture: points, rectangles, and the scene that holds them all.
//!
//! Measured in pixels from the corner where reading starts; a scene can be mirrored for the other direction.

use super::card::Card;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rect {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) w: f64,
    pub(crate) h: f64,
}

impl Rect {
    pub(crate) fn new(x: f64, y: f64, w: f64, h: f64) -> Self {
        Self { x, y, w, h }
    }

    pub(crate) fn moved(self, dx: f64, dy: f64) -> Self {
        Self {
            x: self.x + dx,
            y: self.y + dy,
            ..self
        }
    }
}

/// A box in its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Placed {
    pub(crate) node: usize,
    pub(crate) rect: Rect,
    /// A dot stands above it, rather than beside it, if its parent begins here.
    pub(crate) dot_above: bool,
}

/// An arrow with its way and its label.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) link: usize,
    pub(crate) points: Vec<Point>,
    pub(crate) label: Option<Rect>,
}

/// A picture with everything in its place.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// The boxes by node, parents first.
    pub(crate) boxes: Vec<Placed>,
    pub(crate) routes: Vec<Route>,
    pub(crate) node_cards: Vec<Card>,
    pub(crate) link_cards: Vec<Card>,
}

impl Scene {
    /// The same scene for those who read from the other side.
    pub(crate) fn mirrored(mut self) -> Self {
        let width = self.width;
        let flip = |r: &mut Rect| r.x = width - r.x - r.w;
        self.boxes.iter_mut().for_each(|b| flip(&mut b.rect));
        for route in &mut self.routes {
            route.label.iter_mut().for_each(flip);
            for p in &mut route.points {
                p.x = width - p.x;
            }
        }
        self
    }
}
