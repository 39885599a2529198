//! Words set as a block: names, tags and lines, broken and measured, with the place of each.
//!
//! Knows what a box or a label says, not where it stands.

use super::measure::{Style, is_tall, width, wrap};
use super::outline::{Entry, Icon, Kind, Node};

/// Room for one sign before a line.
pub(crate) const ICON: f64 = 16.0;
/// Widest line of a box, and of a label beside an arrow.
const BOX_LIMIT: f64 = 170.0;
const LABEL_LIMIT: f64 = 132.0;
/// Widest heading of a state that holds others.
const HEADING_LIMIT: f64 = 420.0;

/// A block of text. Places count from its top corner on the side where reading starts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Card {
    pub(crate) rows: Vec<Row>,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// One line of it.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) text: String,
    pub(crate) style: Style,
    pub(crate) tall: bool,
    /// Class of the text.
    pub(crate) class: String,
    pub(crate) icons: Vec<Icon>,
    /// Distance of the text (after its signs) from the starting side.
    pub(crate) start: f64,
    /// Top of the line.
    pub(crate) top: f64,
    /// Width of the tag around it.
    pub(crate) pill: Option<f64>,
    pub(crate) note: Option<String>,
}

impl Row {
    /// Where the baseline lies.
    pub(crate) fn baseline(&self) -> f64 {
        self.top + self.style.baseline(self.tall)
    }

    pub(crate) fn height(&self) -> f64 {
        self.style.leading(self.tall)
    }
}

impl Card {
    /// The words of a box.
    pub(crate) fn of_node(node: &Node) -> Self {
        let mut card = Self::default();
        let whole = matches!(node.kind, Kind::Compound | Kind::Parallel);
        let limit = if whole { HEADING_LIMIT } else { BOX_LIMIT };
        let (text, style, class) = match node.kind {
            Kind::History { deep } => (if deep { "H*" } else { "H" }, Style::Title, "title"),
            _ => (node.title.as_str(), Style::Title, "title"),
        };
        card.text(text, style, class, limit);
        card.tags(node, limit);
        for line in &node.lines {
            card.entry(line, limit);
        }
        card
    }

    /// The words beside an arrow.
    pub(crate) fn of_entries(entries: &[Entry]) -> Self {
        let mut card = Self::default();
        for entry in entries {
            card.entry(entry, LABEL_LIMIT);
        }
        card
    }

    fn text(&mut self, text: &str, style: Style, class: &str, limit: f64) {
        let tall = is_tall(text);
        for line in wrap(text, style, tall, limit) {
            self.row(line, style, tall, class, 0.0);
        }
    }

    fn row(&mut self, text: String, style: Style, tall: bool, class: &str, start: f64) -> &mut Row {
        let wide = start + width(&text, style, tall);
        self.width = self.width.max(wide);
        let top = self.height;
        self.height += style.leading(tall);
        self.rows.push(Row {
            text,
            style,
            tall,
            class: class.to_owned(),
            icons: Vec::new(),
            start,
            top,
            pill: None,
            note: None,
        });
        self.rows.last_mut().expect("a row was just added")
    }

    /// Tags stand side by side while there is room.
    fn tags(&mut self, node: &Node, limit: f64) {
        const PAD: f64 = 7.0;
        const GAP: f64 = 5.0;
        let (mut start, mut top, mut row) = (0.0, self.height + 2.0, 0.0_f64);
        for tag in &node.tags {
            let tall = is_tall(&tag.text);
            let pill = width(&tag.text, Style::Tag, tall) + 2.0 * PAD;
            if start > 0.0 && start + pill > limit {
                (start, top, row) = (0.0, top + row + 3.0, 0.0);
            }
            row = row.max(Style::Tag.leading(tall) + 2.0);
            self.rows.push(Row {
                text: tag.text.clone(),
                style: Style::Tag,
                tall,
                class: format!("tag {}", tag.class),
                icons: Vec::new(),
                start: start + PAD,
                top: top + 1.0,
                pill: Some(pill),
                note: None,
            });
            self.width = self.width.max(start + pill);
            start += pill + GAP;
        }
        if row > 0.0 {
            self.height = top + row + 2.0;
        }
    }

    fn entry(&mut self, entry: &Entry, limit: f64) {
        if self.height > 0.0 {
            self.height += 2.0;
        }
        #[expect(clippy::cast_precision_loss, reason = "a line has few signs")]
        let start = entry.icons.len() as f64 * ICON;
        let tall = is_tall(&entry.text);
        let class = if entry.quiet { "line quiet" } else { "line" };
        for (n, text) in wrap(&entry.text, Style::Line, tall, limit - start)
            .into_iter()
            .enumerate()
        {
            let row = self.row(text, Style::Line, tall, class, start);
            if n == 0 {
                row.note.clone_from(&entry.note);
                row.icons.clone_from(&entry.icons);
            }
        }
    }
}
