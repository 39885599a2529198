//! A chart as a picture: from states and transitions to SVG.
//!
//! The way through: [`outline`] decides what is said, [`card`] sets and measures the words, [`layout`] gives everything its
//! place, [`svg`] writes it down. Knows no language and no case.

mod block;
mod card;
mod flow;
mod geometry;
mod layout;
mod legend;
mod level;
mod measure;
mod outline;
mod pack;
mod svg;
mod trace;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use peshi_casework::pack::ChartSpec;

use crate::words::{Voice, Words};
use geometry::Scene;
pub(crate) use outline::{Entry, Icon, Kind, Outline};
pub(crate) use svg::escaped;

/// The stylesheet of a picture on a page. A picture as a file carries it inside.
pub const STYLE: &str = include_str!("picture.css");

/// Which way the reader reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From left to right, as English.
    Ltr,
    /// From right to left, as Urdu.
    Rtl,
}

/// Where a picture will stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dress {
    /// Alone in a file: it brings its own style.
    File,
    /// Inside a page whose stylesheet holds [`STYLE`].
    Page,
}

/// What one case has done in a chart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// The states it is in: the leaves are enough.
    pub active: BTreeSet<String>,
    /// The states it has been in.
    pub visited: BTreeSet<String>,
    /// The ways it went.
    pub travelled: BTreeSet<Step>,
}

/// One transition that was taken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// The state it left.
    pub source: String,
    /// The event; empty if it needed none.
    pub event: String,
    /// A state it led to.
    pub target: String,
}

/// A chart to be drawn.
#[derive(Clone, Copy)]
pub struct Picture<'a> {
    /// The chart.
    pub chart: &'a ChartSpec,
    /// The words.
    pub words: &'a dyn Words,
    /// The reader's direction.
    pub direction: Direction,
    /// The language of the words, as `en` or `ur`.
    pub lang: &'a str,
    /// What to mark.
    pub marks: &'a Marks,
    /// Begins the ids inside the picture, so that several may stand on one page: letters, digits, hyphens.
    pub id: &'a str,
}

impl std::fmt::Debug for Picture<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Picture")
            .field("chart", &self.chart.chart.name())
            .field("direction", &self.direction)
            .field("lang", &self.lang)
            .field("marks", &self.marks)
            .finish_non_exhaustive()
    }
}

impl Picture<'_> {
    /// The picture as SVG.
    pub fn svg(&self, dress: Dress) -> String {
        let (outline, scene) = self.scene();
        svg::write(self, &outline, &scene, dress)
    }

    /// What a state is called in the picture.
    pub fn state_name(&self, id: &str) -> String {
        self.voice().state(id)
    }

    /// What an event is called in the picture; none needed for an empty one.
    pub fn event_name(&self, event: &str) -> String {
        if event.is_empty() {
            self.voice().say("always", &[])
        } else {
            self.voice().event(event).0
        }
    }

    fn voice(&self) -> Voice<'_> {
        Voice::new(self.words, self.chart)
    }

    fn scene(&self) -> (Outline, Scene) {
        let outline = Outline::of(self.chart, self.voice(), self.marks);
        let scene = layout::lay_out(&outline);
        let scene = match self.direction {
            Direction::Ltr => scene,
            Direction::Rtl => scene.mirrored(),
        };
        (outline, scene)
    }
}
