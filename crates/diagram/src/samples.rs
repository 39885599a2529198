//! Charts for tests: those that are shipped, and random ones.

use std::collections::BTreeMap;
use std::path::Path;

use peshi_casework::pack::{Pack, PackFiles, load_loose};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::scxml::block;

/// The packs of the repository, by name.
pub(crate) fn shipped() -> BTreeMap<String, PackFiles> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows");
    let mut packs = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.join("workflow.yaml").is_file() {
            continue;
        }
        let mut files = PackFiles::new();
        for name in [
            "workflow.yaml",
            "forms.yaml",
            "deadlines.yaml",
            "locales/en.ftl",
            "locales/ur.ftl",
        ] {
            if let Ok(text) = std::fs::read_to_string(path.join(name)) {
                files.insert(name.to_owned(), text);
            }
        }
        packs.insert(path.file_name().unwrap().to_string_lossy().into_owned(), files);
    }
    packs
}

/// A pack with one chart.
pub(crate) fn pack(chart: &Value) -> Pack {
    let charts: Map<String, Value> = [("case".to_owned(), chart.clone())].into_iter().collect();
    pack_of(&block(&charts, 1))
}

/// A pack with these charts.
pub(crate) fn pack_of(charts: &str) -> Pack {
    let workflow = format!(
        "workflow: sample\nversion: 1\ntitle: {{ en: Sample, ur: Sample }}\ncalendar: pk\nroles: [lawyer]\ncharts:\n{charts}"
    );
    let files = PackFiles::from([
        ("workflow.yaml".to_owned(), workflow.clone()),
        ("locales/en.ftl".to_owned(), String::new()),
        ("locales/ur.ftl".to_owned(), String::new()),
    ]);
    let (pack, findings) = load_loose(&files, None);
    pack.unwrap_or_else(|| panic!("{findings:#?}\n{workflow}"))
}

/// What a state holds.
#[derive(Debug, Clone)]
enum Shape {
    Atomic,
    Final,
    Compound(Vec<Shape>, Option<bool>),
    Parallel(Vec<Shape>),
}

fn shape() -> impl Strategy<Value = Shape> {
    let leaf = prop_oneof![5 => Just(Shape::Atomic), 1 => Just(Shape::Final)];
    leaf.prop_recursive(3, 24, 5, |inner| {
        let some = prop::collection::vec(inner, 1..5);
        prop_oneof![
            3 => (some.clone(), prop::option::of(any::<bool>())).prop_map(|(s, h)| Shape::Compound(s, h)),
            1 => some.prop_map(Shape::Parallel),
        ]
    })
}

/// Random charts, sound by construction.
pub(crate) fn charts() -> impl Strategy<Value = Value> {
    let states = prop::collection::vec(shape(), 1..6);
    (states, any::<bool>(), prop::collection::vec(any::<u16>(), 400)).prop_map(|(states, parallel, dice)| {
        let root = if parallel {
            Shape::Parallel(states)
        } else {
            Shape::Compound(states, None)
        };
        let mut count = 0;
        let mut ids = Vec::new();
        name(&root, true, &mut count, &mut ids);
        let mut maker = Maker {
            ids,
            dice,
            next: 0,
            at: 0,
        };
        Value::Object(maker.state(&root, true))
    })
}

fn name(shape: &Shape, root: bool, count: &mut usize, ids: &mut Vec<String>) {
    if !root {
        ids.push(format!("s{count}"));
        *count += 1;
    }
    if let Shape::Compound(inner, _) | Shape::Parallel(inner) = shape {
        for child in inner {
            name(child, false, count, ids);
        }
    }
}

struct Maker {
    ids: Vec<String>,
    dice: Vec<u16>,
    next: usize,
    at: usize,
}

impl Maker {
    fn roll(&mut self, sides: usize) -> usize {
        self.next += 1;
        usize::from(self.dice[self.next % self.dice.len()]) % sides
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.roll(from.len())]
    }

    fn state(&mut self, shape: &Shape, root: bool) -> Map<String, Value> {
        let mut map = Map::new();
        let mut states = Map::new();
        match shape {
            Shape::Final => {
                map.insert("type".to_owned(), json!("final"));
            }
            Shape::Parallel(_) => {
                map.insert("type".to_owned(), json!("parallel"));
            }
            _ => {}
        }
        if let Shape::Compound(inner, _) | Shape::Parallel(inner) = shape {
            let first = self.at;
            for child in inner {
                let child = match child {
                    // A region does not end before it began.
                    Shape::Final if matches!(shape, Shape::Parallel(_)) => &Shape::Atomic,
                    other => other,
                };
                let id = self.ids[self.at].clone();
                self.at += 1;
                let inner = self.state(child, false);
                states.insert(id, Value::Object(inner));
            }
            if let Shape::Compound(_, Some(deep)) = shape {
                let default = self.ids[first].clone();
                states.insert(
                    format!("h{first}"),
                    json!({ "type": "history", "deep": deep, "default": default }),
                );
            }
        }
        if !matches!(shape, Shape::Final) && !root {
            self.behaviour(&mut map);
        }
        if !states.is_empty() {
            map.insert("states".to_owned(), Value::Object(states));
        }
        map
    }

    fn behaviour(&mut self, map: &mut Map<String, Value>) {
        let mut on = Map::new();
        for _ in 0..self.roll(4) {
            let event = self.pick(&["a", "a.b", "b", "*", "done.state.s0", "go"]);
            let mut transition = Map::new();
            if self.roll(5) > 0 {
                let n = self.roll(self.ids.len());
                let to = self.ids[n].clone();
                transition.insert("to".to_owned(), json!(to));
            }
            if self.roll(3) == 0 {
                transition.insert("if".to_owned(), json!("data.x == \"it's\" && in_state(\"s0\")"));
            }
            if self.roll(6) == 0 {
                transition.insert("internal".to_owned(), json!(true));
            }
            if self.roll(5) == 0 {
                transition.insert(
                    "do".to_owned(),
                    json!([{ "raise": "b" }, { "set": { "x": "1", "y": "now" } }]),
                );
            }
            on.insert(event.to_owned(), Value::Object(transition));
        }
        if !on.is_empty() {
            map.insert("on".to_owned(), Value::Object(on));
        }
        match self.roll(8) {
            0 => {
                map.insert("after".to_owned(), json!({ "3 days": { "to": self.ids[0] } }));
            }
            1 => {
                map.insert("waiting_on".to_owned(), json!("court"));
                map.insert("stalled_after".to_owned(), json!("2 weeks"));
            }
            2 => {
                map.insert(
                    "entry".to_owned(),
                    json!([{ "send": { "event": "b", "after": "90 seconds", "id": "t" } }]),
                );
                map.insert("exit".to_owned(), json!([{ "cancel": "t" }]));
            }
            3 => {
                map.insert(
                    "always".to_owned(),
                    json!([{ "if": "data.x == 1", "to": self.ids[0] }]),
                );
            }
            _ => {}
        }
    }
}
