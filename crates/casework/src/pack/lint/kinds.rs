//! What the names of conditions hold in a pack: fields of forms, and data as forms, `set` and `with` fill it.
//! Knows who fills what; nothing of where a condition stands.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use peshi_statechart::{Action, StateKind};
use serde_json::Value;

use crate::expression::{Kind, Others, Record, Slot, States, Surroundings};
use crate::pack::{Act, ChartSpec, FieldKind, Form, Gate, Given, Pack};

type Transition = peshi_statechart::Transition<Gate, Act>;

/// How often kinds are told anew from what `set` reckons with.
const ROUNDS: usize = 3;

/// What names hold, by chart.
pub(super) struct Kinds<'a> {
    pack: &'a Pack,
    data: BTreeMap<String, Kind>,
    structures: BTreeMap<&'a str, Structure<'a>>,
    none: Structure<'a>,
}

impl<'a> Kinds<'a> {
    pub(super) fn of(pack: &'a Pack) -> Self {
        let structures = pack
            .charts
            .iter()
            .map(|(name, spec)| (name.as_str(), Structure::of(spec)));
        let mut kinds = Self {
            pack,
            data: BTreeMap::new(),
            structures: structures.collect(),
            none: Structure::default(),
        };
        for round in 0..ROUNDS {
            kinds.data = kinds.filled(round + 1 == ROUNDS);
        }
        kinds
    }

    /// What `data` is in a chart.
    pub(super) fn data(&self, chart: &str) -> Kind {
        self.data.get(chart).cloned().unwrap_or(Kind::Any)
    }

    /// What names hold in a chart, where nothing is known of a form.
    pub(super) fn around(&self, chart: &str) -> Surroundings<'_> {
        Surroundings {
            form: Kind::Any,
            data: self.data(chart),
            root: self.data("case"),
            states: self.structures.get(chart).unwrap_or(&self.none),
            case_states: self.structures.get("case").unwrap_or(&self.none),
            children: &self.data,
            source: None,
            known: Vec::new(),
        }
    }

    /// What `form` is in a transition.
    pub(super) fn form(&self, transition: &Transition) -> Kind {
        let gate = transition.guard();
        match gate.and_then(|g| g.form.as_ref()) {
            Some(name) => self.pack.forms.get(name).map_or(Kind::Any, form_kind),
            // Without an event, or for one that only the program causes, the form is that of whatever went before.
            None if self.pack.forms.is_empty()
                || transition.is_eventless()
                || !super::by_people(transition) =>
            {
                Kind::Any
            }
            None => Kind::Record(Arc::new(Record {
                called: "an event without a form".to_owned(),
                fields: BTreeMap::new(),
                others: Others::None,
            })),
        }
    }

    /// One round: what fills each chart's data, reckoning with what is known so far. What cannot be told yet counts only in
    /// the last one, for a sum of itself (`data.paid + form.amount`) is told by its first value.
    fn filled(&self, last: bool) -> BTreeMap<String, Kind> {
        let mut filled: BTreeMap<&str, BTreeMap<String, Kind>> = BTreeMap::new();
        if let Some(form) = self
            .pack
            .opening
            .as_ref()
            .and_then(|name| self.pack.forms.get(name))
        {
            fill(filled.entry("case").or_default(), form_fields(form));
        }
        for (name, spec) in &self.pack.charts {
            let around = self.around(name);
            for state in spec.chart.states() {
                for transition in state.transitions() {
                    let form = transition.guard().and_then(|g| g.form.as_ref());
                    if let Some(form) = form.and_then(|name| self.pack.forms.get(name)) {
                        fill(filled.entry(name).or_default(), form_fields(form));
                    }
                    let around = Surroundings {
                        form: self.form(transition),
                        ..around.clone()
                    };
                    for act in transition.actions().iter().filter_map(host) {
                        written(name, act, &around, last, &mut filled);
                    }
                }
                for act in state.entry().iter().chain(state.exit()).filter_map(host) {
                    written(name, act, &around, last, &mut filled);
                }
            }
            let runs = spec.states.values().flat_map(|s| &s.deadlines);
            for rule in runs.filter_map(|rule| self.pack.deadlines.get(rule)) {
                for act in &rule.on_miss {
                    written(name, act, &around, last, &mut filled);
                }
            }
        }
        let others = if self.pack.forms.is_empty() {
            Others::Possible
        } else {
            Others::Unfilled
        };
        let names = self.pack.charts.keys();
        names
            .map(|name| {
                let fields = filled.remove(name.as_str()).unwrap_or_default();
                (name.clone(), data_kind(name, fields, others))
            })
            .collect()
    }
}

fn host(action: &Action<Act>) -> Option<&Act> {
    match action {
        Action::Host(act) => Some(act),
        Action::Raise(_) => None,
    }
}

fn data_kind(chart: &str, fields: BTreeMap<String, Kind>, others: Others) -> Kind {
    let slots = fields.into_iter().map(|(name, kind)| {
        let slot = Slot {
            kind,
            optional: false,
        };
        (name, slot)
    });
    Kind::Record(Arc::new(Record {
        called: format!("the data of `{chart}`"),
        fields: slots.collect(),
        others,
    }))
}

/// What an action keeps, in its own chart or in the child it starts.
fn written<'p>(
    chart: &'p str,
    act: &'p Act,
    around: &Surroundings<'_>,
    last: bool,
    filled: &mut BTreeMap<&'p str, BTreeMap<String, Kind>>,
) {
    let told = |(_, kind): &(String, Kind)| last || *kind != Kind::Any;
    match act.plain() {
        Act::Set(fields) => {
            let kinds = fields
                .iter()
                .map(|(name, value)| (name.clone(), value.kind(around)))
                .filter(told);
            fill(filled.entry(chart).or_default(), kinds);
        }
        Act::Spawn { chart: child, with } => {
            let kinds = with.iter().map(|(name, given)| {
                let kind = match given {
                    Given::Literal(value) => literal_kind(value),
                    Given::Computed(expression) => expression.kind(around),
                };
                (name.clone(), kind)
            });
            let kinds = kinds.filter(told);
            fill(filled.entry(child).or_default(), kinds);
        }
        _ => {}
    }
}

fn fill(fields: &mut BTreeMap<String, Kind>, more: impl IntoIterator<Item = (String, Kind)>) {
    for (name, kind) in more {
        let joined = match fields.get(&name) {
            Some(known) => known.joined(&kind),
            None => kind,
        };
        fields.insert(name, joined);
    }
}

fn form_fields(form: &Form) -> impl Iterator<Item = (String, Kind)> {
    form.fields
        .iter()
        .map(|field| (field.name.clone(), field_kind(field.kind, &field.choices)))
}

pub(super) fn form_kind(form: &Form) -> Kind {
    let fields = form.fields.iter().map(|field| {
        let slot = Slot {
            kind: field_kind(field.kind, &field.choices),
            optional: !field.required,
        };
        (field.name.clone(), slot)
    });
    Kind::Record(Arc::new(Record {
        called: format!("the form `{}`", form.name),
        fields: fields.collect(),
        others: Others::None,
    }))
}

fn field_kind(kind: FieldKind, choices: &[String]) -> Kind {
    match kind {
        FieldKind::Number => Kind::Int,
        FieldKind::Money => Kind::Double,
        FieldKind::YesNo => Kind::Bool,
        FieldKind::Date => Kind::Date,
        FieldKind::Datetime => Kind::Datetime,
        FieldKind::ApproximateDate => Kind::ApproximateDate,
        FieldKind::Choice => Kind::Choice(choices.into()),
        FieldKind::Choices => Kind::List(Box::new(Kind::Choice(choices.into()))),
        FieldKind::Text
        | FieldKind::LongText
        | FieldKind::ApproximateTime
        | FieldKind::Phone
        | FieldKind::Cnic => Kind::Text,
    }
}

fn literal_kind(value: &Value) -> Kind {
    match value {
        Value::Bool(_) => Kind::Bool,
        Value::Number(n) if n.is_i64() => Kind::Int,
        Value::Number(_) => Kind::Double,
        Value::String(text) => Kind::Choice([text.clone()].into()),
        Value::Array(_) => Kind::List(Box::new(Kind::Any)),
        Value::Null | Value::Object(_) => Kind::Any,
    }
}

/// The tree of a chart's states.
#[derive(Debug, Default)]
pub(super) struct Structure<'a> {
    /// Each state with its parent, and whether its children are active together.
    states: BTreeMap<&'a str, (Option<&'a str>, bool)>,
}

impl<'a> Structure<'a> {
    fn of(spec: &'a ChartSpec) -> Self {
        let states = spec.chart.states().map(|state| {
            let together = state.kind() == StateKind::Parallel;
            (state.id(), (state.parent(), together))
        });
        Self {
            states: states.collect(),
        }
    }

    fn line(&self, id: &'a str) -> Vec<&'a str> {
        let parent = |id: &&'a str| self.states.get(id).and_then(|(parent, _)| *parent);
        std::iter::successors(Some(id), parent).collect()
    }
}

impl States for Structure<'_> {
    fn ids(&self) -> Vec<&str> {
        self.states.keys().copied().collect()
    }

    fn together(&self, a: &str, b: &str) -> bool {
        let known = |id: &str| self.states.get_key_value(id).map(|(id, _)| *id);
        let (Some(a), Some(b)) = (known(a), known(b)) else {
            return true;
        };
        let (up, others) = (self.line(a), self.line(b).into_iter().collect::<BTreeSet<_>>());
        match up.iter().find(|id| others.contains(*id)) {
            Some(common) if *common == a || *common == b => true,
            Some(common) => self.states.get(common).is_some_and(|(_, together)| *together),
            None => true,
        }
    }
}
