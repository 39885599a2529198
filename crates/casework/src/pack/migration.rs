//! `migration.yaml`: how cases of earlier versions come to this one, where a name changed or a clock is to be set anew.
//! Knows the file and the pack it lies in; not the earlier version, and no case.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_saphyr::Spanned;

use super::finding::{Finding, Place};
use super::yaml::{OneOrMany, Ordered};
use super::{Pack, PackChart};
use crate::fact::PackRef;
use crate::spelling::nearest;

/// The file's name in a pack's folder.
pub const FILE: &str = "migration.yaml";

/// The word that lets something end instead of giving it another name.
const DROP: &str = "drop";

/// What becomes of a running clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimerPolicy {
    /// It is due when it was due.
    #[default]
    KeepDue,
    /// What was left of it is counted from the move on, the new rule's way.
    KeepRemaining,
    /// It is reckoned anew by the new rule, from where it began.
    Rederive,
}

impl TimerPolicy {
    /// Every policy.
    pub const ALL: [Self; 3] = [Self::KeepDue, Self::KeepRemaining, Self::Rederive];

    /// The word in files and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::KeepDue => "keep_due",
            Self::KeepRemaining => "keep_remaining",
            Self::Rederive => "rederive",
        }
    }

    /// The policy a word names; hyphens will do.
    pub fn named(word: &str) -> Option<Self> {
        let word = word.replace('-', "_");
        Self::ALL.into_iter().find(|p| p.as_str() == word)
    }
}

impl fmt::Display for TimerPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The file as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MigrationYaml {
    /// Versions this file was written for: the author's number, or the beginning of a content hash. Absent: any.
    #[serde(default)]
    from: Versions,
    /// Charts that have another name now.
    #[serde(default)]
    charts: Ordered<Spanned<String>>,
    /// States by the chart's old name: where each goes; an empty list lets it end.
    #[serde(default)]
    states: Ordered<Ordered<Spanned<OneOrMany<String>>>>,
    /// Deadline rules that have another name now, or `drop`.
    #[serde(default)]
    deadlines: Ordered<Spanned<String>>,
    /// Events on their way (`send`) that have another name now, or `drop`.
    #[serde(default)]
    events: Ordered<Spanned<String>>,
    /// What becomes of running clocks.
    #[serde(default)]
    timers: Option<Spanned<String>>,
    /// The same for single rules, by their new names.
    #[serde(default)]
    timers_for: Ordered<Spanned<String>>,
}

/// Versions as written: `1`, `"4c01d2e3"`, `[1, 2]`.
#[derive(Debug, Clone, Default)]
struct Versions(Vec<String>);

impl<'de> Deserialize<'de> for Versions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl<'de> Visitor<'de> for Form {
            type Value = Versions;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a version number, the beginning of a content hash in quotes, or a list of them")
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Versions(vec![number.to_string()]))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
                Ok(Versions(vec![number.to_string()]))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Versions(vec![text.to_owned()]))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut all = Versions::default();
                while let Some(Versions(one)) = seq.next_element()? {
                    all.0.extend(one);
                }
                Ok(all)
            }
        }
        deserializer.deserialize_any(Form)
    }
}

/// How cases of earlier versions come to the one this belongs to.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Migration {
    /// The versions it speaks of, as numbers or beginnings of hashes; empty means any.
    pub from: Vec<String>,
    /// New names of charts, by the old ones.
    pub charts: BTreeMap<String, String>,
    /// Where states go, by the chart's old name and the state's old id.
    pub states: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// New names of deadline rules, by the old ones; none lets the deadline end.
    pub deadlines: BTreeMap<String, Option<String>>,
    /// New names of events on their way, by the old ones; none lets them be forgotten.
    pub events: BTreeMap<String, Option<String>>,
    /// What becomes of running clocks.
    pub timers: TimerPolicy,
    /// The same for single rules, by their new names.
    pub timers_for: BTreeMap<String, TimerPolicy>,
}

impl Migration {
    pub(super) fn of(yaml: &MigrationYaml) -> Self {
        let names = |entries: &Ordered<Spanned<String>>| -> BTreeMap<String, Option<String>> {
            let named = |new: &String| Some(new.clone()).filter(|n| n != DROP);
            entries
                .0
                .iter()
                .map(|(old, new)| (old.value.clone(), named(&new.value)))
                .collect()
        };
        let policy = |word: &Spanned<String>| TimerPolicy::named(&word.value).unwrap_or_default();
        Self {
            from: yaml.from.0.clone(),
            charts: yaml
                .charts
                .0
                .iter()
                .map(|(old, new)| (old.value.clone(), new.value.clone()))
                .collect(),
            states: yaml
                .states
                .0
                .iter()
                .map(|(chart, states)| (chart.value.clone(), targets(states)))
                .collect(),
            deadlines: names(&yaml.deadlines),
            events: names(&yaml.events),
            timers: yaml.timers.as_ref().map(policy).unwrap_or_default(),
            timers_for: yaml
                .timers_for
                .0
                .iter()
                .map(|(rule, word)| (rule.value.clone(), policy(word)))
                .collect(),
        }
    }

    /// Whether the file was written for cases of this version.
    pub fn speaks_of(&self, version: &PackRef) -> bool {
        self.from.is_empty() || self.from.iter().any(|name| names_version(name, version))
    }
}

/// Whether a text names a version: the author's number, or at least six digits of the content hash.
pub fn names_version(text: &str, version: &PackRef) -> bool {
    text == version.version.to_string() || (text.len() >= 6 && version.hash.starts_with(text))
}

fn targets(states: &Ordered<Spanned<OneOrMany<String>>>) -> BTreeMap<String, Vec<String>> {
    let ids = |to: &Spanned<OneOrMany<String>>| to.value.as_slice().to_vec();
    states
        .0
        .iter()
        .map(|(old, to)| (old.value.clone(), ids(to)))
        .collect()
}

/// Whether some transition of the chart takes the event.
pub(crate) fn takes(chart: &PackChart, event: &str) -> bool {
    chart
        .states()
        .any(|state| state.transitions().iter().any(|t| t.matches(event)))
}

/// Every name the file gives exists in the pack it lies in.
pub(super) fn check(yaml: &MigrationYaml, pack: &Pack, findings: &mut Vec<Finding>) {
    let mut lint = Lint { pack, findings };
    for (old, new) in &yaml.charts.0 {
        if lint.known("chart", &at(new), &new.value, pack.charts.keys()) {
            lint.chart_words(old);
        }
    }
    for (old, states) in &yaml.states.0 {
        let chart = yaml.charts.0.iter().find(|(name, _)| name.value == old.value);
        let name = chart.map_or(old, |(_, new)| new);
        if lint.known("chart", &at(name), &name.value, pack.charts.keys()) {
            let targets = states.0.iter().map(|(_, to)| to);
            lint.states(&name.value, targets);
        }
    }
    for (_, new) in yaml.deadlines.0.iter().filter(|(_, new)| new.value != DROP) {
        lint.known("deadline rule", &at(new), &new.value, pack.deadlines.keys());
    }
    for (_, new) in yaml.events.0.iter().filter(|(_, new)| new.value != DROP) {
        lint.event(new);
    }
    for (rule, word) in &yaml.timers_for.0 {
        lint.known("deadline rule", &at(rule), &rule.value, pack.deadlines.keys());
        lint.policy(word);
    }
    if let Some(word) = &yaml.timers {
        lint.policy(word);
    }
}

fn at(written: &Spanned<String>) -> Place {
    Place::at(FILE, written.referenced)
}

struct Lint<'a> {
    pack: &'a Pack,
    findings: &'a mut Vec<Finding>,
}

impl Lint<'_> {
    /// Whether a name is one of those this version has.
    fn known<'k>(
        &mut self,
        what: &str,
        place: &Place,
        name: &str,
        known: impl Iterator<Item = &'k String>,
    ) -> bool {
        let known: Vec<&str> = known.map(String::as_str).collect();
        if known.contains(&name) {
            return true;
        }
        let help = match nearest(name, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("this version has: {}", known.join(", ")),
        };
        self.findings.push(Finding::error(
            "unknown-in-migration",
            place,
            format!("this version has no {what} named `{name}`"),
            help,
        ));
        false
    }

    fn states<'s>(&mut self, chart: &str, targets: impl Iterator<Item = &'s Spanned<OneOrMany<String>>>) {
        let Some(spec) = self.pack.charts.get(chart) else {
            return;
        };
        let ids: Vec<String> = spec.chart.states().map(|s| s.id().to_owned()).collect();
        for target in targets {
            for id in target.value.as_slice() {
                self.known("state", &Place::at(FILE, target.referenced), id, ids.iter());
            }
        }
    }

    /// A child keeps its name when its chart is renamed: `hearing-1` is still spoken of as that.
    fn chart_words(&mut self, old: &Spanned<String>) {
        let key = format!("chart-{}", old.value);
        let missing = |lang: &&&str| {
            let file = self.pack.files.get(&format!("locales/{lang}.ftl"));
            file.is_some_and(|text| {
                !text
                    .lines()
                    .any(|l| l.split('=').next().map(str::trim) == Some(&key))
            })
        };
        let without: Vec<&str> = ["en", "ur"].iter().filter(missing).copied().collect();
        for lang in without {
            self.findings.push(Finding::warning(
                "missing-translation",
                &Place::at(FILE, old.referenced),
                format!("running children of the chart `{}` keep their names, and `{key}` has no words in `locales/{lang}.ftl`", old.value),
                format!("keep the line `{key} = …`"),
            ));
        }
    }

    fn event(&mut self, event: &Spanned<String>) {
        let taken = |spec: &super::ChartSpec| takes(&spec.chart, &event.value);
        if !self.pack.charts.values().any(taken) {
            self.findings.push(Finding::error(
                "unknown-in-migration",
                &Place::at(FILE, event.referenced),
                format!("no transition of this version takes the event `{}`", event.value),
                "name an event of an `on:`, or write `drop`",
            ));
        }
    }

    fn policy(&mut self, word: &Spanned<String>) {
        if TimerPolicy::named(&word.value).is_none() {
            self.findings.push(Finding::error(
                "unknown-word",
                &Place::at(FILE, word.referenced),
                format!("`{}` is not one of the words known here", word.value),
                "use one of: keep_due, keep_remaining, rederive",
            ));
        }
    }
}
