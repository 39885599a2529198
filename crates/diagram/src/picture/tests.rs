//! Pictures as geometry and as documents: nothing overlaps, nothing leaves its parent, no name can break out.

use std::collections::BTreeMap;

use peshi_casework::pack::{ChartSpec, load};
use proptest::prelude::*;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Value, json};

use super::geometry::{Point, Rect, Scene};
use super::layout::PAD;
use super::outline::{Kind, Outline};
use super::{Direction, Dress, Marks, Picture, Step};
use crate::samples::{charts, pack, shipped};
use crate::words::Words;

/// The words of a pack's own locale file, without Fluent: its lines are `key = text`.
struct Lines(BTreeMap<String, String>);

impl Lines {
    fn of(text: &str) -> Self {
        let pairs = text.lines().filter_map(|line| line.split_once(" = "));
        Self(pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).collect())
    }
}

impl Words for Lines {
    fn text(&self, key: &str, _: &[(&str, Value)]) -> Option<String> {
        self.0.get(key).cloned()
    }
}

fn picture<'a>(
    chart: &'a ChartSpec,
    words: &'a dyn Words,
    direction: Direction,
    marks: &'a Marks,
) -> Picture<'a> {
    let lang = if direction == Direction::Rtl { "ur" } else { "en" };
    Picture {
        chart,
        words,
        direction,
        lang,
        marks,
        id: "p",
    }
}

fn overlap(a: Rect, b: Rect) -> bool {
    a.x + 0.1 < b.x + b.w && b.x + 0.1 < a.x + a.w && a.y + 0.1 < b.y + b.h && b.y + 0.1 < a.y + a.h
}

fn holds(outer: Rect, inner: Rect) -> bool {
    outer.x <= inner.x + 0.1
        && outer.y <= inner.y + 0.1
        && inner.x + inner.w <= outer.x + outer.w + 0.1
        && inner.y + inner.h <= outer.y + outer.h + 0.1
}

fn at_border(p: Point, r: Rect) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() < 0.6;
    let along = |v: f64, low: f64, span: f64| v >= low - 0.6 && v <= low + span + 0.6;
    let beside = (near(p.x, r.x) || near(p.x, r.x + r.w)) && along(p.y, r.y, r.h);
    let above = (near(p.y, r.y) || near(p.y, r.y + r.h)) && along(p.x, r.x, r.w);
    beside || above
}

/// Everything a picture must keep to, as a list of what it does not.
fn faults(outline: &Outline, scene: &Scene) -> Vec<String> {
    let mut faults = Vec::new();
    let rect = |node: usize| scene.boxes.iter().find(|b| b.node == node).map(|b| b.rect);
    let canvas = Rect::new(0.0, 0.0, scene.width, scene.height);
    for (n, node) in outline.nodes.iter().enumerate() {
        let Some(own) = rect(n) else {
            faults.push(format!("{} has no place", node.title));
            continue;
        };
        if !holds(canvas, own) {
            faults.push(format!("{} leaves the canvas", node.title));
        }
        let card = &scene.node_cards[n];
        if !matches!(node.kind, Kind::History { .. })
            && (card.width + 2.0 * PAD > own.w + 0.1 || card.height + PAD > own.h + 0.1)
        {
            faults.push(format!("the words of {} leave its box", node.title));
        }
        if let Some(parent) = node.parent.and_then(rect) {
            let parent_card = &scene.node_cards[node.parent.unwrap()];
            let below = Rect {
                y: parent.y + parent_card.height,
                h: parent.h - parent_card.height,
                ..parent
            };
            if !holds(below, own) {
                faults.push(format!("{} leaves its parent", node.title));
            }
        }
        for (m, other) in outline.nodes.iter().enumerate().skip(n + 1) {
            let related = outline.is_below(m, n);
            if !related && rect(m).is_some_and(|r| overlap(own, r)) {
                faults.push(format!("{} and {} overlap", node.title, other.title));
            }
        }
    }
    for (n, route) in scene.routes.iter().enumerate() {
        let link = &outline.links[route.link];
        let name = format!(
            "{} to {}",
            outline.nodes[link.from].title, outline.nodes[link.to].title
        );
        let (Some(first), Some(last)) = (route.points.first(), route.points.last()) else {
            faults.push(format!("{name} has no way"));
            continue;
        };
        for (point, node) in [(first, link.from), (last, link.to)] {
            if !rect(node).is_some_and(|r| at_border(*point, r)) {
                faults.push(format!("{name} does not touch {}", outline.nodes[node].title));
            }
        }
        if route
            .points
            .iter()
            .any(|p| !holds(canvas, Rect::new(p.x, p.y, 0.0, 0.0)))
        {
            faults.push(format!("{name} leaves the canvas"));
        }
        let Some(label) = route.label else { continue };
        if !holds(canvas, label) {
            faults.push(format!("the label of {name} leaves the canvas"));
        }
        for (m, node) in outline.nodes.iter().enumerate() {
            if node.children.is_empty() && rect(m).is_some_and(|r| overlap(label, r)) {
                faults.push(format!("the label of {name} covers {}", node.title));
            }
        }
        for other in &scene.routes[n + 1..] {
            if other.label.is_some_and(|l| overlap(label, l)) {
                faults.push(format!("the label of {name} covers another"));
            }
        }
    }
    faults
}

/// How often a way runs through a box that is neither its end nor around one.
fn trespasses(outline: &Outline, scene: &Scene) -> Vec<String> {
    let mut found = Vec::new();
    for route in &scene.routes {
        let link = &outline.links[route.link];
        for placed in &scene.boxes {
            let node = &outline.nodes[placed.node];
            if !node.children.is_empty() || placed.node == link.from || placed.node == link.to {
                continue;
            }
            let r = placed.rect;
            let inner = Rect::new(r.x + 2.0, r.y + 2.0, r.w - 4.0, r.h - 4.0);
            let crosses = route.points.windows(2).any(|w| {
                (0..=40).any(|k| {
                    let share = f64::from(k) / 40.0;
                    let (x, y) = (
                        w[0].x + (w[1].x - w[0].x) * share,
                        w[0].y + (w[1].y - w[0].y) * share,
                    );
                    overlap(inner, Rect::new(x - 0.1, y - 0.1, 0.3, 0.3))
                })
            });
            if crosses {
                found.push(format!(
                    "{} to {} through {}",
                    outline.nodes[link.from].title, outline.nodes[link.to].title, node.title
                ));
            }
        }
    }
    found
}

#[test]
fn shipped_charts_are_drawn_without_overlap_on_one_page_width() {
    for (name, files) in shipped() {
        let (Some(pack), _) = load(&files) else {
            panic!("{name}")
        };
        for (lang, direction) in [("en", Direction::Ltr), ("ur", Direction::Rtl)] {
            let words = Lines::of(&files[&format!("locales/{lang}.ftl")]);
            for (chart, spec) in &pack.charts {
                let (outline, scene) = picture(spec, &words, direction, &Marks::default()).scene();
                assert_eq!(
                    faults(&outline, &scene),
                    Vec::<String>::new(),
                    "{name} {chart} {lang}"
                );
                assert_eq!(
                    trespasses(&outline, &scene),
                    Vec::<String>::new(),
                    "{name} {chart} {lang}"
                );
                assert!(
                    scene.width <= 1200.0,
                    "{name} {chart} {lang}: {} wide",
                    scene.width
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn random_charts_are_drawn_without_overlap(chart in charts(), rtl in any::<bool>()) {
        let pack = pack(&chart);
        let direction = if rtl { Direction::Rtl } else { Direction::Ltr };
        let words = |_: &str, _: &[(&str, Value)]| None;
        let marks = Marks::default();
        let picture = picture(&pack.charts["case"], &words, direction, &marks);
        let (outline, scene) = picture.scene();
        prop_assert_eq!(faults(&outline, &scene), Vec::<String>::new());
        let svg = picture.svg(Dress::File);
        prop_assert_eq!(&svg, &picture.svg(Dress::File), "the same chart gives the same picture");
        elements(&svg);
    }
}

/// The elements of a document that must be well-formed.
fn elements(svg: &str) -> Vec<String> {
    let mut reader = Reader::from_str(svg);
    let mut names = Vec::new();
    loop {
        match reader.read_event().unwrap_or_else(|e| panic!("{e} in {svg}")) {
            Event::Start(tag) | Event::Empty(tag) => {
                for attribute in tag.attributes() {
                    attribute.unwrap();
                }
                names.push(tag.name().as_ref().to_owned());
            }
            Event::Eof => return names,
            _ => {}
        }
    }
}

fn small() -> Value {
    json!({
        "type": "parallel",
        "states": {
            "work": { "states": {
                "a": { "waiting_on": "us", "on": { "go": { "to": "b", "if": "data.x == \"</title><script>\"" }, "stay": {} } },
                "b": { "on": { "back": { "to": "a" } }, "after": { "60 days": { "to": "c" } } },
                "c": { "type": "final" },
            } },
            "other": { "states": { "d": { "closes_case": true } } },
        },
    })
}

#[test]
fn no_name_can_break_out_of_the_picture() {
    let pack = pack(&small());
    let hostile = "</text></svg><script>alert(1)</script>\"'&\u{0}\u{1b}]]> <!--";
    let words = |_: &str, _: &[(&str, Value)]| Some(hostile.to_owned());
    let marks = Marks {
        active: ["a".to_owned()].into(),
        ..Marks::default()
    };
    for dress in [Dress::File, Dress::Page] {
        let svg = picture(&pack.charts["case"], &words, Direction::Ltr, &marks).svg(dress);
        let known = [
            "svg", "title", "desc", "style", "rect", "g", "path", "circle", "text",
        ];
        let strange: Vec<String> = elements(&svg)
            .into_iter()
            .filter(|e| !known.contains(&e.as_str()))
            .collect();
        assert_eq!(strange, Vec::<String>::new());
        assert!(!svg.contains('\u{0}') && !svg.contains("<!--"));
    }
}

#[test]
fn a_picture_on_a_page_needs_nothing_that_the_page_forbids() {
    let pack = pack(&small());
    let words = |_: &str, _: &[(&str, Value)]| None;
    let marks = Marks::default();
    let svg = picture(&pack.charts["case"], &words, Direction::Ltr, &marks).svg(Dress::Page);
    assert!(
        !svg.contains("<style") && !svg.contains(" style=") && !svg.contains("href"),
        "{svg}"
    );
    let file = picture(&pack.charts["case"], &words, Direction::Ltr, &marks).svg(Dress::File);
    assert!(file.contains("<style>"));
    // The one address in it is the name of the vocabulary.
    assert_eq!(file.matches("http").count(), 1);
}

#[test]
fn a_case_is_marked_with_more_than_colour() {
    let pack = pack(&small());
    let words = |_: &str, _: &[(&str, Value)]| None;
    let marks = Marks {
        active: ["b".to_owned(), "d".to_owned()].into(),
        visited: ["a".to_owned(), "b".to_owned()].into(),
        travelled: [Step {
            source: "a".to_owned(),
            event: "go".to_owned(),
            target: "b".to_owned(),
        }]
        .into(),
    };
    let picture = picture(&pack.charts["case"], &words, Direction::Ltr, &marks);
    let svg = picture.svg(Dress::Page);
    assert_eq!(svg.matches(r#"class="tag tag-now""#).count(), 2, "{svg}");
    assert_eq!(
        svg.matches(r#"class="way travelled""#).count(),
        2,
        "one way, and the key"
    );
    assert!(
        svg.contains("B; D"),
        "those who do not see the picture are told where it stands"
    );
    let (outline, _) = picture.scene();
    let drawn: Vec<&str> = outline
        .links
        .iter()
        .filter(|l| l.travelled)
        .map(|l| outline.nodes[l.to].title.as_str())
        .collect();
    assert_eq!(drawn, ["B"]);
}

#[test]
fn time_and_conditions_are_told_in_words_and_signs() {
    let pack = pack(&small());
    let words = |key: &str, args: &[(&str, Value)]| match key {
        "picture-days" => Some(format!("{} دن", args[0].1)),
        "picture-after" => args[0].1.as_str().map(|p| format!("{p} بعد")),
        _ => None,
    };
    let marks = Marks::default();
    let (outline, _) = picture(&pack.charts["case"], &words, Direction::Rtl, &marks).scene();
    let told: Vec<String> = outline
        .links
        .iter()
        .flat_map(|l| &l.entries)
        .map(|e| format!("{:?} {}", e.icons, e.text))
        .collect();
    assert_eq!(told, ["[Condition] Go", "[] Back", "[Clock] 60 دن بعد"]);
    let lines: Vec<String> = outline
        .nodes
        .iter()
        .flat_map(|n| &n.lines)
        .map(|e| format!("{:?} {}", e.icons, e.text))
        .collect();
    assert_eq!(lines, ["[Stays] Stay"]);
}
