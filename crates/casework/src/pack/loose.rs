//! Reads a pack, or a file with nothing but charts, for trying it out: what the charts need must be sound, everything
//! else may be missing or wrong. Knows which findings stop a rehearsal; no case is ever kept by what this returns.

use std::fmt;

use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor, value::MapAccessDeserializer,
};
use serde_json::{Map, Value};
use serde_saphyr::{Location, Spanned};

use super::Pack;
use super::chart::FILE;
use super::finding::{Finding, Place, Severity};
use super::load::{PackFiles, build, parse};
use super::yaml::{InvariantYaml, Ordered, StateYaml, WorkflowYaml};
use crate::spelling::nearest;

/// Findings without whose remedy a chart cannot be stepped, or would do something else than is written.
const STRUCTURAL: [&str; 12] = [
    "missing-file",
    "file-too-large",
    "unreadable-file",
    "no-charts",
    "too-many",
    "chart",
    "unknown-target",
    "condition",
    "unclear-action",
    "unreadable-value",
    "unknown-state-type",
    "unknown-chart",
];

/// The chart every case runs.
const ROOT: &str = "case";

/// Keys that may stand beside the states of a file that is one chart.
const HEAD: [&str; 12] = [
    "workflow",
    "name",
    "id",
    "description",
    "version",
    "title",
    "reference",
    "calendar",
    "calendars",
    "roles",
    "opening",
    "public",
];

/// The head of a pack, everything in it optional; other keys are passed over.
#[derive(Debug, Default, Deserialize)]
struct Head {
    #[serde(default)]
    workflow: Option<Value>,
    #[serde(default)]
    calendar: Option<Value>,
    #[serde(default)]
    opening: Option<Value>,
    #[serde(default)]
    roles: Option<Value>,
    #[serde(default)]
    charts: Ordered<StateYaml>,
    #[serde(default)]
    invariants: Vec<InvariantYaml>,
}

/// Reads a pack loosely and makes `chart` its root: `case` if none is named, else the first chart.
///
/// Returns the pack if the charts can be stepped, and every finding.
pub fn load_loose(files: &PackFiles, chart: Option<&str>) -> (Option<Pack>, Vec<Finding>) {
    let mut findings = Vec::new();
    let pack = read(files, chart, &mut findings);
    let stops = |f: &Finding| f.severity == Severity::Error && STRUCTURAL.contains(&f.code);
    let sound = !findings.iter().any(stops);
    for finding in &mut findings {
        if !stops(finding) {
            finding.severity = Severity::Warning;
        }
    }
    (pack.filter(|_| sound), findings)
}

fn read(files: &PackFiles, chart: Option<&str>, findings: &mut Vec<Finding>) -> Option<Pack> {
    let keys: Ordered<IgnoredAny> = parse(files, FILE, true, findings)?;
    let has = |key: &str| keys.0.iter().any(|(k, _)| k.value == key);
    let head = if has("charts") {
        parse::<Head>(files, FILE, true, findings)?
    } else if has("states") {
        lone(parse::<LoneChart>(files, FILE, true, findings)?, chart)
    } else {
        findings.push(Finding::error(
            "no-charts",
            &Place::file(FILE),
            "there is neither `charts:` nor `states:`",
            "write `charts:` with one chart or more below it, or the keys of one chart: `initial:`, `states:`",
        ));
        return None;
    };
    let workflow = workflow(head);
    let mut pack = build(files, &workflow, findings)?.pack;
    pack.loose = true;
    root(&mut pack, &workflow, chart, findings)?;
    Some(pack)
}

fn lone(LoneChart(states): LoneChart, chart: Option<&str>) -> Head {
    let name = spanned(chart.unwrap_or(ROOT));
    Head {
        charts: Ordered(vec![(name, states)]),
        ..Head::default()
    }
}

fn workflow(head: Head) -> WorkflowYaml {
    let text = |value: Option<Value>| value.and_then(|v| v.as_str().map(str::to_owned));
    WorkflowYaml {
        workflow: spanned(&text(head.workflow).unwrap_or_else(|| "rehearsal".to_owned())),
        version: 0,
        title: Map::new(),
        reference: None,
        calendar: spanned(&text(head.calendar).unwrap_or_default()),
        calendars: Ordered::default(),
        roles: head
            .roles
            .iter()
            .flat_map(|roles| roles.as_array().into_iter().flatten())
            .filter_map(|role| role.as_str().map(spanned))
            .collect(),
        opening: text(head.opening).map(|o| spanned(&o)),
        charts: head.charts,
        public: Vec::new(),
        panels: Ordered::default(),
        invariants: head.invariants,
    }
}

fn spanned(text: &str) -> Spanned<String> {
    Spanned::new(text.to_owned(), Location::UNKNOWN, Location::UNKNOWN)
}

/// Makes the asked chart the one that the case runs.
fn root(
    pack: &mut Pack,
    workflow: &WorkflowYaml,
    asked: Option<&str>,
    findings: &mut Vec<Finding>,
) -> Option<()> {
    let written: Vec<&str> = workflow
        .charts
        .0
        .iter()
        .map(|(name, _)| name.value.as_str())
        .collect();
    let chosen = match asked {
        Some(name) => name,
        None if written.contains(&ROOT) => ROOT,
        None => written.first().copied().unwrap_or(ROOT),
    };
    if chosen == ROOT && pack.charts.contains_key(ROOT) {
        return Some(());
    }
    if !written.contains(&chosen) {
        let help = match nearest(chosen, &written) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the file has: {}", written.join(", ")),
        };
        findings.push(Finding::error(
            "unknown-chart",
            &Place::file(FILE),
            format!("there is no chart named `{chosen}`"),
            help,
        ));
        return None;
    }
    // Its own name stays: a chart may start another of its kind.
    let spec = pack.charts.get(chosen)?.clone();
    pack.charts.insert(ROOT.to_owned(), spec);
    Some(())
}

/// A file that is one chart, perhaps with a head beside its states.
struct LoneChart(StateYaml);

impl<'de> Deserialize<'de> for LoneChart {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Top;
        impl<'de> Visitor<'de> for Top {
            type Value = LoneChart;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a chart")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                StateYaml::deserialize(MapAccessDeserializer::new(WithoutHead(map))).map(LoneChart)
            }
        }
        deserializer.deserialize_map(Top)
    }
}

/// A mapping without the keys of a head: derived readers refuse keys they do not know, and buffering the rest would
/// lose the places of what stands in it.
struct WithoutHead<A>(A);

impl<'de, A: MapAccess<'de>> MapAccess<'de> for WithoutHead<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Self::Error> {
        while let Some(key) = self.0.next_key::<String>()? {
            if HEAD.contains(&key.as_str()) {
                self.0.next_value::<IgnoredAny>()?;
                continue;
            }
            return seed
                .deserialize(serde::de::value::StringDeserializer::new(key))
                .map(Some);
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Self::Error> {
        self.0.next_value_seed(seed)
    }
}
