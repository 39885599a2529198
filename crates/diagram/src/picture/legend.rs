//! The key to the signs: those that occur in a picture, each with its words.
//!
//! Knows which signs there are; drawing them is `svg`'s affair.

use super::measure::{Style, is_tall, width};
use super::outline::{Icon, Kind, Outline};
use crate::words::Voice;

/// A sign that needs explaining.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    Now,
    Was,
    Way,
    Start,
    Final,
    History,
    Region,
    Icon(Icon),
    Quiet,
}

/// One sign of the key, with its place from the key's corner on the starting side.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) sign: Sign,
    pub(crate) text: String,
    pub(crate) start: f64,
    pub(crate) top: f64,
    pub(crate) tall: bool,
}

/// Room for a sign.
pub(crate) const SIGN: f64 = 26.0;
const GAP: f64 = 22.0;

/// The key, set in lines no wider than `limit`, and its size.
pub(crate) fn legend(outline: &Outline, voice: Voice<'_>, limit: f64) -> (Vec<Item>, f64, f64) {
    let mut items = Vec::new();
    let (mut start, mut top, mut widest, mut row) = (0.0, 0.0, 0.0_f64, 0.0_f64);
    for (sign, key) in signs(outline) {
        let text = voice.say(key, &[]);
        let tall = is_tall(&text);
        let wide = SIGN + width(&text, Style::Line, tall);
        if start > 0.0 && start + wide > limit {
            (start, top, row) = (0.0, top + row, 0.0);
        }
        row = row.max(Style::Line.leading(tall) + 5.0);
        widest = widest.max(start + wide);
        items.push(Item {
            sign,
            text,
            start,
            top,
            tall,
        });
        start += wide + GAP;
    }
    (items, widest, top + row)
}

/// The signs that occur, each with the key of its words.
fn signs(outline: &Outline) -> Vec<(Sign, &'static str)> {
    let node = |test: &dyn Fn(&super::outline::Node) -> bool| outline.nodes.iter().any(test);
    let entries = || {
        let lines = outline.nodes.iter().flat_map(|n| &n.lines);
        lines.chain(outline.links.iter().flat_map(|l| &l.entries))
    };
    let icon = |i: Icon| entries().any(|e| e.icons.contains(&i));
    let all = [
        (Sign::Now, "key-now", node(&|n| n.active)),
        (Sign::Was, "key-was", node(&|n| n.visited && !n.active)),
        (Sign::Way, "key-way", outline.links.iter().any(|l| l.travelled)),
        (Sign::Start, "key-start", node(&|n| n.starts)),
        (Sign::Final, "key-final", node(&|n| n.kind == Kind::Final)),
        (
            Sign::History,
            "key-history",
            node(&|n| matches!(n.kind, Kind::History { .. })),
        ),
        (Sign::Region, "key-region", node(&|n| n.kind == Kind::Parallel)),
        (Sign::Icon(Icon::Clock), "key-clock", icon(Icon::Clock)),
        (
            Sign::Icon(Icon::Condition),
            "key-condition",
            icon(Icon::Condition),
        ),
        (
            Sign::Icon(Icon::FromAnywhere),
            "key-from-anywhere",
            icon(Icon::FromAnywhere),
        ),
        (Sign::Icon(Icon::Again), "key-again", icon(Icon::Again)),
        (Sign::Icon(Icon::Stays), "key-stays", icon(Icon::Stays)),
        (Sign::Icon(Icon::Opens), "key-opens", icon(Icon::Opens)),
        (Sign::Quiet, "key-quiet", entries().any(|e| e.quiet)),
    ];
    all.into_iter()
        .filter(|(.., occurs)| *occurs)
        .map(|(sign, key, _)| (sign, key))
        .collect()
}
