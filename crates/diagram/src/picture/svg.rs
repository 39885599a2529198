//! Writes a scene as SVG: shapes with classes, text that a screen reader finds, a key to the signs.
//!
//! Colours and faces are in `picture.css`. Knows no layout.

use std::fmt::Write;

use serde_json::json;

use super::card::{Card, ICON, Row};
use super::geometry::{Placed, Point, Rect, Scene};
use super::layout::{DOT, PAD};
use super::legend::{Item, SIGN, Sign, legend};
use super::measure::Style;
use super::outline::{Icon, Kind, Node, Outline};
use super::{Direction, Dress, Picture, STYLE};

/// Room around everything.
const MARGIN: f64 = 10.0;
/// How far the corners of an arrow's way are rounded.
const ROUND: f64 = 9.0;
/// The picture is at least as wide as its key needs to be read.
const KEY: f64 = 420.0;

pub(super) fn write(picture: &Picture<'_>, outline: &Outline, scene: &Scene, dress: Dress) -> String {
    let (items, key_width, key_height) = legend(outline, picture.voice(), scene.width.max(KEY));
    let inner = scene.width.max(key_width);
    let mut pen = Pen {
        out: String::new(),
        rtl: picture.direction == Direction::Rtl,
        width: inner + 2.0 * MARGIN,
        height: scene.height + key_height + 3.0 * MARGIN,
        slack: inner - scene.width,
    };
    pen.open(picture, outline, dress);
    pen.scene(outline, scene);
    pen.legend(&items, scene.height + 2.0 * MARGIN);
    pen.out.push_str("</svg>\n");
    pen.out
}

struct Pen {
    out: String,
    rtl: bool,
    width: f64,
    height: f64,
    /// How much wider the whole is than the scene.
    slack: f64,
}

/// A length without needless digits.
fn n(value: f64) -> String {
    let text = format!("{value:.1}");
    match text.strip_suffix(".0") {
        Some("-0") => "0".to_owned(),
        Some(whole) => whole.to_owned(),
        None => text,
    }
}

/// Text made harmless for XML; characters that XML knows not at all are left out.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

impl Pen {
    fn put(&mut self, args: std::fmt::Arguments<'_>) {
        let _ = self.out.write_fmt(args);
        self.out.push('\n');
    }

    /// The frame, and the words for those who do not see it.
    fn open(&mut self, picture: &Picture<'_>, outline: &Outline, dress: Dress) {
        let voice = picture.voice();
        let name = voice.chart(picture.chart.chart.name());
        let title = voice.say("title", &[("what", json!(name))]);
        let now: Vec<&str> = outline
            .nodes
            .iter()
            .filter(|node| node.active && node.children.is_empty())
            .map(|node| node.title.as_str())
            .collect();
        let (id, lang) = (escaped(picture.id), escaped(picture.lang));
        let (width, height) = (n(self.width), n(self.height));
        let direction = if self.rtl { "rtl" } else { "ltr" };
        self.put(format_args!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" class="peshi-chart" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" lang="{lang}" direction="{direction}" aria-labelledby="{id}-title {id}-desc">"#
        ));
        self.put(format_args!(
            r#"<title id="{id}-title">{}</title>"#,
            escaped(&title)
        ));
        let desc = if now.is_empty() {
            let regions: Vec<&str> = outline.nodes[0]
                .children
                .iter()
                .map(|&c| outline.nodes[c].title.as_str())
                .collect();
            voice.say("desc", &[("states", json!(regions.join("; ")))])
        } else {
            voice.say("desc-now", &[("states", json!(now.join("; ")))])
        };
        self.put(format_args!(r#"<desc id="{id}-desc">{}</desc>"#, escaped(&desc)));
        if dress == Dress::File {
            self.put(format_args!("<style>\n{STYLE}</style>"));
        }
        self.put(format_args!(
            r#"<rect class="paper" width="{width}" height="{height}"/>"#
        ));
    }

    fn scene(&mut self, outline: &Outline, scene: &Scene) {
        let dx = MARGIN + if self.rtl { self.slack } else { 0.0 };
        self.put(format_args!(
            r#"<g transform="translate({} {})">"#,
            n(dx),
            n(MARGIN)
        ));
        for placed in &scene.boxes {
            self.state(outline, *placed, &scene.node_cards[placed.node]);
        }
        // The way a case went is drawn over the ways it did not go.
        for travelled in [false, true] {
            for route in &scene.routes {
                if outline.links[route.link].travelled == travelled {
                    self.way(&route.points, travelled);
                }
            }
        }
        for route in &scene.routes {
            if let Some(rect) = route.label {
                self.put(format_args!(
                    r#"<rect class="behind" x="{}" y="{}" width="{}" height="{}"/>"#,
                    n(rect.x),
                    n(rect.y),
                    n(rect.w),
                    n(rect.h)
                ));
                self.card(&scene.link_cards[route.link], rect, 0.0, 0.0);
            }
        }
        self.out.push_str("</g>\n");
    }

    fn state(&mut self, outline: &Outline, placed: Placed, card: &Card) {
        let (number, rect) = (placed.node, placed.rect);
        let node = &outline.nodes[number];
        if let Kind::History { .. } = node.kind {
            self.history(rect, card);
            return;
        }
        let parallel = |node: &Node| node.kind == Kind::Parallel;
        let region = node.parent.is_some_and(|p| parallel(&outline.nodes[p]));
        let leaf = node.children.is_empty();
        let mut class = "box".to_owned();
        for (applies, name) in [
            (!leaf, " group"),
            (number == 0 && parallel(node), " root"),
            (region, " region"),
            (node.visited && !node.active && leaf, " was"),
            (node.active && leaf, " now"),
            (node.active && !leaf && number > 0 && !region, " holds"),
        ] {
            if applies {
                class.push_str(name);
            }
        }
        let round = if leaf { 7.0 } else { 10.0 };
        self.rect(&class, rect, round);
        if node.kind == Kind::Final {
            let inner = Rect::new(rect.x + 3.0, rect.y + 3.0, rect.w - 6.0, rect.h - 6.0);
            self.rect("ring", inner, 5.0);
        }
        if node.starts {
            self.dot(rect, placed.dot_above);
        }
        self.card(card, rect, PAD, if leaf { PAD } else { PAD - 2.0 });
    }

    fn rect(&mut self, class: &str, r: Rect, round: f64) {
        self.put(format_args!(
            r#"<rect class="{class}" x="{}" y="{}" width="{}" height="{}" rx="{}"/>"#,
            n(r.x),
            n(r.y),
            n(r.w),
            n(r.h),
            n(round)
        ));
    }

    /// The dot and the short arrow into the state that a compound begins in.
    fn dot(&mut self, rect: Rect, above: bool) {
        const FAR: f64 = DOT - 6.0;
        let beside = rect.y + 16.0;
        let (from, to) = match (above, self.rtl) {
            (true, rtl) => {
                let x = if rtl {
                    rect.x + rect.w - 16.0
                } else {
                    rect.x + 16.0
                };
                (Point { x, y: rect.y - FAR }, Point { x, y: rect.y })
            }
            (false, true) => {
                let x = rect.x + rect.w;
                (
                    Point {
                        x: x + FAR,
                        y: beside,
                    },
                    Point { x, y: beside },
                )
            }
            (false, false) => {
                let x = rect.x;
                (
                    Point {
                        x: x - FAR,
                        y: beside,
                    },
                    Point { x, y: beside },
                )
            }
        };
        self.put(format_args!(
            r#"<circle class="dot" cx="{}" cy="{}" r="5"/>"#,
            n(from.x),
            n(from.y)
        ));
        self.way(&[from, to], false);
    }

    fn history(&mut self, rect: Rect, card: &Card) {
        let (x, y) = (rect.x + rect.w / 2.0, rect.y + rect.h / 2.0);
        self.put(format_args!(
            r#"<circle class="box" cx="{}" cy="{}" r="{}"/>"#,
            n(x),
            n(y),
            n(rect.w / 2.0)
        ));
        let text = card.rows.first().map_or("H", |row| row.text.as_str());
        self.put(format_args!(
            r#"<text class="title" x="{}" y="{}" text-anchor="middle">{text}</text>"#,
            n(x),
            n(y + 5.0)
        ));
    }

    /// An arrow: its corners rounded, its tip at the last point.
    fn way(&mut self, points: &[Point], travelled: bool) {
        let points = simplified(points);
        let [.., before, tip] = points[..] else { return };
        let class = if travelled { " travelled" } else { "" };
        let mut d = format!("M{} {}", n(points[0].x), n(points[0].y));
        for w in points.windows(3) {
            let (a, b) = (towards(w[1], w[0]), towards(w[1], w[2]));
            let _ = write!(
                d,
                "L{} {}Q{} {} {} {}",
                n(a.x),
                n(a.y),
                n(w[1].x),
                n(w[1].y),
                n(b.x),
                n(b.y)
            );
        }
        let length = distance(before, tip).max(0.01);
        let (ux, uy) = ((tip.x - before.x) / length, (tip.y - before.y) / length);
        let (long, half) = if travelled { (11.0, 5.5) } else { (8.0, 4.0) };
        let base = Point {
            x: tip.x - ux * long,
            y: tip.y - uy * long,
        };
        let _ = write!(d, "L{} {}", n(base.x), n(base.y));
        self.put(format_args!(r#"<path class="way{class}" d="{d}"/>"#));
        self.put(format_args!(
            r#"<path class="tip{class}" d="M{} {}L{} {}L{} {}Z"/>"#,
            n(tip.x),
            n(tip.y),
            n(base.x - uy * half),
            n(base.y + ux * half),
            n(base.x + uy * half),
            n(base.y - ux * half)
        ));
    }

    /// The words of a box or a label.
    fn card(&mut self, card: &Card, rect: Rect, pad_x: f64, pad_y: f64) {
        let rtl = self.rtl;
        for row in &card.rows {
            let place = |start: f64| {
                if rtl {
                    rect.x + rect.w - pad_x - start
                } else {
                    rect.x + pad_x + start
                }
            };
            let top = rect.y + pad_y;
            if let Some(pill) = row.pill {
                let edge = place(row.start - 7.0);
                let x = if self.rtl { edge - pill } else { edge };
                let class = tag_class(row);
                let pill = Rect::new(x, top + row.top - 1.0, pill, row.height() + 1.0);
                self.rect(&format!("pill {class}"), pill, (row.height() / 2.0).min(9.0));
            }
            #[expect(clippy::cast_precision_loss, reason = "a line has few signs")]
            for (k, icon) in row.icons.iter().enumerate() {
                let start = row.start - (row.icons.len() - k) as f64 * ICON + 6.0;
                let centre = Point {
                    x: place(start),
                    y: top + row.top + row.height() / 2.0,
                };
                self.icon(*icon, centre);
            }
            let point = Point {
                x: place(row.start),
                y: top + row.baseline(),
            };
            self.row(row, point);
        }
    }

    fn row(&mut self, row: &Row, at: Point) {
        let class = if row.pill.is_some() {
            format!("tag {}", tag_class(row))
        } else {
            row.class.clone()
        };
        let tall = if row.tall { " tall" } else { "" };
        let (x, y, text) = (n(at.x), n(at.y), escaped(&row.text));
        match &row.note {
            Some(note) => self.put(format_args!(
                r#"<g><title>{}</title><text class="{class}{tall}" x="{x}" y="{y}">{text}</text></g>"#,
                escaped(note)
            )),
            None => self.put(format_args!(
                r#"<text class="{class}{tall}" x="{x}" y="{y}">{text}</text>"#
            )),
        }
    }

    fn icon(&mut self, icon: Icon, at: Point) {
        // Signs that point somewhere follow the reading.
        let turn = if self.rtl && matches!(icon, Icon::FromAnywhere | Icon::Again) {
            " scale(-1 1)"
        } else {
            ""
        };
        let shape = match icon {
            Icon::Clock => r#"<circle r="5"/><path d="M0 -3V0L2.4 1.6"/>"#,
            Icon::Condition => r#"<path d="M0 -5L5 0L0 5L-5 0Z"/>"#,
            Icon::FromAnywhere => r#"<path d="M-6 0H2M-1 -3L2 0L-1 3M5 -5V5"/>"#,
            Icon::Again => r#"<path d="M3.5 -3.5A5 5 0 1 0 5 0M5 -5V-1.5H1.5"/>"#,
            Icon::Opens => r#"<path d="M-5 -5H5V5H-5ZM0 -2.6V2.6M-2.6 0H2.6"/>"#,
            Icon::Stays => r#"<circle class="full" r="2.2"/>"#,
        };
        self.put(format_args!(
            r#"<g class="icon" transform="translate({} {}){turn}">{shape}</g>"#,
            n(at.x),
            n(at.y)
        ));
    }

    fn legend(&mut self, items: &[Item], top: f64) {
        let (rtl, width) = (self.rtl, self.width);
        for item in items {
            let side = |start: f64| {
                if rtl {
                    width - MARGIN - start
                } else {
                    MARGIN + start
                }
            };
            let leading = Style::Line.leading(item.tall);
            let y = top + item.top;
            let centre = Point {
                x: side(item.start + 10.0),
                y: y + leading / 2.0,
            };
            self.sign(item.sign, centre);
            let class = match (item.sign == Sign::Quiet, item.tall) {
                (true, true) => "line quiet tall",
                (true, false) => "line quiet",
                (false, true) => "line tall",
                (false, false) => "line",
            };
            self.put(format_args!(
                r#"<text class="{class}" x="{}" y="{}">{}</text>"#,
                n(side(item.start + SIGN)),
                n(y + Style::Line.baseline(item.tall)),
                escaped(&item.text)
            ));
        }
    }

    fn sign(&mut self, sign: Sign, at: Point) {
        let small = Rect::new(at.x - 9.0, at.y - 6.0, 18.0, 12.0);
        let ahead = if self.rtl { -9.0 } else { 9.0 };
        let line = [
            Point {
                x: at.x - ahead,
                y: at.y,
            },
            Point {
                x: at.x + ahead,
                y: at.y,
            },
        ];
        match sign {
            Sign::Now => self.rect("box now", small, 4.0),
            Sign::Was => self.rect("box was", small, 4.0),
            Sign::Region => self.rect("box region", small, 4.0),
            Sign::Way => self.way(&line, true),
            Sign::Start => {
                self.put(format_args!(
                    r#"<circle class="dot" cx="{}" cy="{}" r="4"/>"#,
                    n(line[0].x),
                    n(at.y)
                ));
                self.way(&line, false);
            }
            Sign::Final => {
                self.rect("box", small, 4.0);
                let inner = Rect::new(small.x + 2.5, small.y + 2.5, small.w - 5.0, small.h - 5.0);
                self.rect("ring", inner, 2.0);
            }
            Sign::History => {
                self.put(format_args!(
                    r#"<circle class="box" cx="{}" cy="{}" r="8"/><text class="tag" x="{}" y="{}" text-anchor="middle">H</text>"#,
                    n(at.x),
                    n(at.y),
                    n(at.x),
                    n(at.y + 4.0)
                ));
            }
            Sign::Icon(icon) => self.icon(icon, at),
            Sign::Quiet => {
                let letters = if self.rtl { "اب" } else { "Aa" };
                self.put(format_args!(
                    r#"<text class="line quiet" x="{}" y="{}" text-anchor="middle">{letters}</text>"#,
                    n(at.x),
                    n(at.y + 4.0)
                ));
            }
        }
    }
}

/// `tag-now`, `tag-court`.
fn tag_class(row: &Row) -> String {
    let word = row.class.rsplit([' ', '-']).next().unwrap_or_default();
    format!("tag-{word}")
}

fn distance(a: Point, b: Point) -> f64 {
    (a.x - b.x).hypot(a.y - b.y)
}

/// The point a little way from a corner towards its neighbour.
fn towards(corner: Point, to: Point) -> Point {
    let length = distance(corner, to).max(0.01);
    let share = (ROUND.min(length / 2.0)) / length;
    Point {
        x: corner.x + (to.x - corner.x) * share,
        y: corner.y + (to.y - corner.y) * share,
    }
}

/// Without points that stand on one another or on the straight line between their neighbours.
fn simplified(points: &[Point]) -> Vec<Point> {
    let mut out: Vec<Point> = Vec::new();
    for &p in points {
        if out.last().is_some_and(|&last| distance(last, p) < 0.5) {
            continue;
        }
        if let [.., a, b] = out[..] {
            let bend = (b.x - a.x) * (p.y - b.y) - (b.y - a.y) * (p.x - b.x);
            let ahead = (b.x - a.x) * (p.x - b.x) + (b.y - a.y) * (p.y - b.y);
            if bend.abs() < 0.5 && ahead >= 0.0 {
                out.pop();
            }
        }
        out.push(p);
    }
    out
}
