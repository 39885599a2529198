//! What follows from a condition that holds or does not hold, and whether a condition can hold at all.
//! Knows equalities, bounds, presence and states; where it cannot tell, it says nothing.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators};

use super::check::Surroundings;
use super::kind::Kind;

/// More alternatives than this are not followed.
const MAX_BRANCHES: usize = 64;

/// `form.x` of `form.x`, `p.data.kind` of `p.data.kind`; none for anything but names and dots.
pub(super) fn path(expr: &IdedExpr) -> Option<String> {
    match &expr.expr {
        Expr::Ident(name) => Some(name.clone()),
        Expr::Select(select) if !select.test => Some(format!("{}.{}", path(&select.operand)?, select.field)),
        _ => None,
    }
}

/// A written text.
pub(super) fn text(expr: &IdedExpr) -> Option<&str> {
    match &expr.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

/// Which fields are known to be there.
#[derive(Debug, Default)]
pub(super) struct Premises {
    facts: Vec<Presence>,
}

#[derive(Debug, Clone)]
enum Presence {
    /// At least one of them is there.
    AnyOf(BTreeSet<String>),
    /// It is not there.
    Absent(String),
}

impl Premises {
    /// Takes it as settled that `expr` holds, or does not.
    pub(super) fn assume(&mut self, expr: &IdedExpr, holds: bool) {
        self.facts.extend(presence(expr, holds));
    }

    /// A point to return to.
    pub(super) fn mark(&self) -> usize {
        self.facts.len()
    }

    /// Forgets what was assumed since.
    pub(super) fn reset(&mut self, mark: usize) {
        self.facts.truncate(mark);
    }

    /// Whether the field is there for certain.
    pub(super) fn has(&self, path: &str) -> bool {
        let absent: BTreeSet<&str> = self
            .facts
            .iter()
            .filter_map(|fact| match fact {
                Presence::Absent(path) => Some(path.as_str()),
                Presence::AnyOf(_) => None,
            })
            .collect();
        self.facts.iter().any(|fact| match fact {
            Presence::AnyOf(paths) => paths.iter().all(|p| p == path || absent.contains(p.as_str())),
            Presence::Absent(_) => false,
        })
    }
}

fn presence(expr: &IdedExpr, holds: bool) -> Vec<Presence> {
    match &expr.expr {
        Expr::Select(select) if select.test => {
            let Some(path) = path(&select.operand) else {
                return Vec::new();
            };
            let path = format!("{path}.{}", select.field);
            vec![if holds {
                Presence::AnyOf(BTreeSet::from([path]))
            } else {
                Presence::Absent(path)
            }]
        }
        Expr::Call(call) => match (call.func_name.as_str(), call.args.as_slice()) {
            (operators::LOGICAL_NOT, [inner]) => presence(inner, !holds),
            (operators::LOGICAL_AND, [a, b]) if holds => [presence(a, true), presence(b, true)].concat(),
            (operators::LOGICAL_OR, [a, b]) if !holds => [presence(a, false), presence(b, false)].concat(),
            (operators::LOGICAL_OR, [a, b]) => either(&presence(a, true), &presence(b, true)),
            (operators::LOGICAL_AND, [a, b]) => either(&presence(a, false), &presence(b, false)),
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// One of two sides holds: at least one of the fields that either side needs is there.
fn either(a: &[Presence], b: &[Presence]) -> Vec<Presence> {
    let needs = |facts: &[Presence]| {
        facts.iter().find_map(|fact| match fact {
            Presence::AnyOf(paths) => Some(paths.clone()),
            Presence::Absent(_) => None,
        })
    };
    match (needs(a), needs(b)) {
        (Some(a), Some(b)) => vec![Presence::AnyOf(a.union(&b).cloned().collect())],
        _ => Vec::new(),
    }
}

/// Whether a condition certainly never holds.
pub(super) fn never(expr: &IdedExpr, around: &Surroundings<'_>) -> bool {
    match branches(expr, true) {
        Some(branches) => branches.iter().all(|branch| contradicts(branch, around)),
        None => false,
    }
}

/// One thing that is claimed of a branch: an expression that holds, or does not.
type Claim<'e> = (&'e IdedExpr, bool);

/// The alternatives under which `expr` holds (or does not); none if there are too many.
fn branches(expr: &IdedExpr, holds: bool) -> Option<Vec<Vec<Claim<'_>>>> {
    let Expr::Call(call) = &expr.expr else {
        return Some(vec![vec![(expr, holds)]]);
    };
    let branches = match (call.func_name.as_str(), call.args.as_slice()) {
        (operators::LOGICAL_NOT, [inner]) => branches(inner, !holds)?,
        (operators::LOGICAL_AND, [a, b]) if holds => both(&branches(a, true)?, &branches(b, true)?),
        (operators::LOGICAL_OR, [a, b]) if !holds => both(&branches(a, false)?, &branches(b, false)?),
        (operators::LOGICAL_AND | operators::LOGICAL_OR, [a, b]) => {
            [branches(a, holds)?, branches(b, holds)?].concat()
        }
        _ => vec![vec![(expr, holds)]],
    };
    (branches.len() <= MAX_BRANCHES).then_some(branches)
}

fn both<'e>(a: &[Vec<Claim<'e>>], b: &[Vec<Claim<'e>>]) -> Vec<Vec<Claim<'e>>> {
    a.iter()
        .flat_map(|a| b.iter().map(move |b| [a.as_slice(), b.as_slice()].concat()))
        .take(MAX_BRANCHES + 1)
        .collect()
}

/// What a branch says of one field.
#[derive(Default)]
struct Claims<'e> {
    /// Written values it may still have.
    allowed: Option<Vec<&'e LiteralValue>>,
    denied: Vec<&'e LiteralValue>,
    at_least: Option<(f64, bool)>,
    at_most: Option<(f64, bool)>,
    absent: bool,
    used: bool,
}

fn contradicts(branch: &[Claim<'_>], around: &Surroundings<'_>) -> bool {
    let mut fields: BTreeMap<String, Claims<'_>> = BTreeMap::new();
    let mut on: Vec<&str> = around.source.into_iter().collect();
    let mut off: Vec<&str> = Vec::new();
    let (mut case_on, mut case_off): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    for (expr, holds) in branch {
        match &expr.expr {
            Expr::Literal(LiteralValue::Boolean(b)) if *b.inner() != *holds => return true,
            Expr::Select(select) if select.test => {
                if let Some(path) = path(&select.operand) {
                    let claims = fields.entry(format!("{path}.{}", select.field)).or_default();
                    if *holds {
                        claims.used = true;
                    } else {
                        claims.absent = true;
                    }
                }
            }
            Expr::Call(call) => {
                let asked = call.args.first().and_then(text);
                match (call.func_name.as_str(), asked) {
                    ("in_state", Some(id)) => if *holds { &mut on } else { &mut off }.push(id),
                    ("case_in_state", Some(id)) => if *holds { &mut case_on } else { &mut case_off }.push(id),
                    _ => {
                        if compared(call, *holds, &mut fields) {
                            return true;
                        }
                    }
                }
            }
            _ => {}
        }
    }
    let clash = |on: &[&str], off: &[&str], states: &dyn super::check::States| {
        on.iter().any(|id| off.contains(id))
            || on
                .iter()
                .enumerate()
                .any(|(n, a)| on[n + 1..].iter().any(|b| !states.together(a, b)))
    };
    clash(&on, &off, around.states)
        || clash(&case_on, &case_off, around.case_states)
        || fields
            .iter()
            .any(|(path, claims)| claims.impossible(choices(path, around)))
}

/// Notes a comparison of a field with a written value; true if two written values are compared and the claim fails.
fn compared<'e>(call: &'e CallExpr, holds: bool, fields: &mut BTreeMap<String, Claims<'e>>) -> bool {
    let [a, b] = call.args.as_slice() else {
        return false;
    };
    if let (Expr::Literal(a), Expr::Literal(b)) = (&a.expr, &b.expr) {
        return decided(&call.func_name, a, b).is_some_and(|answer| answer != holds);
    }
    if let (operators::IN, Some(path), Expr::List(list)) = (call.func_name.as_str(), path(a), &b.expr) {
        let written: Option<Vec<&LiteralValue>> = list.elements.iter().map(literal).collect();
        if let Some(written) = written {
            let claims = fields.entry(path).or_default();
            if holds {
                claims.only(&written);
            } else {
                claims.denied.extend(written);
            }
        }
        return false;
    }
    let (path, written, swapped) = match (path(a), literal(b), literal(a), path(b)) {
        (Some(path), Some(written), _, _) => (path, written, false),
        (_, _, Some(written), Some(path)) => (path, written, true),
        _ => return false,
    };
    let claims = fields.entry(path).or_default();
    claims.used = true;
    let operator = match (call.func_name.as_str(), swapped) {
        (operators::LESS, true) => operators::GREATER,
        (operators::LESS_EQUALS, true) => operators::GREATER_EQUALS,
        (operators::GREATER, true) => operators::LESS,
        (operators::GREATER_EQUALS, true) => operators::LESS_EQUALS,
        (other, _) => other,
    };
    match (operator, holds) {
        (operators::EQUALS, true) | (operators::NOT_EQUALS, false) => claims.only(&[written]),
        (operators::EQUALS, false) | (operators::NOT_EQUALS, true) => claims.denied.push(written),
        (operators::LESS, true) | (operators::GREATER_EQUALS, false) => claims.at_most(written, false),
        (operators::LESS_EQUALS, true) | (operators::GREATER, false) => claims.at_most(written, true),
        (operators::GREATER, true) | (operators::LESS_EQUALS, false) => claims.at_least(written, false),
        (operators::GREATER_EQUALS, true) | (operators::LESS, false) => claims.at_least(written, true),
        _ => {}
    }
    false
}

impl<'e> Claims<'e> {
    fn only(&mut self, written: &[&'e LiteralValue]) {
        self.used = true;
        self.allowed = Some(match self.allowed.take() {
            None => written.to_vec(),
            Some(allowed) => allowed
                .into_iter()
                .filter(|a| written.iter().any(|w| same(a, w)))
                .collect(),
        });
    }

    fn at_least(&mut self, written: &LiteralValue, inclusive: bool) {
        if let Some(bound) = number(written)
            && self
                .at_least
                .is_none_or(|(old, closed)| match bound.total_cmp(&old) {
                    Ordering::Greater => true,
                    Ordering::Equal => closed,
                    Ordering::Less => false,
                })
        {
            self.at_least = Some((bound, inclusive));
        }
    }

    fn at_most(&mut self, written: &LiteralValue, inclusive: bool) {
        if let Some(bound) = number(written)
            && self
                .at_most
                .is_none_or(|(old, closed)| match bound.total_cmp(&old) {
                    Ordering::Less => true,
                    Ordering::Equal => closed,
                    Ordering::Greater => false,
                })
        {
            self.at_most = Some((bound, inclusive));
        }
    }

    /// Whether nothing can satisfy all of it. `choices` are all keys the field can have, if it is a choice.
    fn impossible(&self, choices: Option<&[String]>) -> bool {
        let fits = |value: &LiteralValue| {
            !self.denied.iter().any(|denied| same(denied, value))
                && number(value).is_none_or(|n| self.within(n))
        };
        let choice_left = |keys: &[String]| {
            keys.iter()
                .any(|key| fits(&LiteralValue::String(key.clone().into())))
        };
        self.absent && self.used
            || self
                .allowed
                .as_ref()
                .is_some_and(|allowed| !allowed.iter().any(|value| fits(value)))
            || self.allowed.is_none() && choices.is_some_and(|keys| !choice_left(keys))
            || self.bounds_cross()
    }

    fn within(&self, n: f64) -> bool {
        self.at_least
            .is_none_or(|(low, closed)| n > low || closed && n >= low)
            && self
                .at_most
                .is_none_or(|(high, closed)| n < high || closed && n <= high)
    }

    fn bounds_cross(&self) -> bool {
        match (self.at_least, self.at_most) {
            (Some((low, closed)), Some((high, shut))) => low > high || low >= high && !(closed && shut),
            _ => false,
        }
    }
}

/// The keys of `form.x` or `data.x`, if that is a choice.
fn choices<'a>(path: &str, around: &'a Surroundings<'_>) -> Option<&'a [String]> {
    let (of, field) = path.split_once('.')?;
    let kind = match of {
        "form" => &around.form,
        "data" => &around.data,
        "root" => &around.root,
        _ => return None,
    };
    match kind {
        Kind::Record(record) => match &record.fields.get(field)?.kind {
            Kind::Choice(keys) => Some(keys),
            _ => None,
        },
        _ => None,
    }
}

fn literal(expr: &IdedExpr) -> Option<&LiteralValue> {
    match &expr.expr {
        Expr::Literal(literal) => Some(literal),
        _ => None,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the language compares numbers of both kinds so"
)]
fn number(literal: &LiteralValue) -> Option<f64> {
    match literal {
        LiteralValue::Int(i) => Some(*i.inner() as f64),
        LiteralValue::Double(d) => Some(*d.inner()),
        _ => None,
    }
}

fn same(a: &LiteralValue, b: &LiteralValue) -> bool {
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a.total_cmp(&b).is_eq(),
        _ => a == b,
    }
}

/// The answer where two written values are compared.
fn decided(operator: &str, a: &LiteralValue, b: &LiteralValue) -> Option<bool> {
    let order = match (a, b) {
        (LiteralValue::String(a), LiteralValue::String(b)) => Some(a.inner().cmp(b.inner())),
        _ => number(a)?.partial_cmp(&number(b)?),
    }?;
    Some(match operator {
        operators::EQUALS => order.is_eq(),
        operators::NOT_EQUALS => order.is_ne(),
        operators::LESS => order.is_lt(),
        operators::LESS_EQUALS => order.is_le(),
        operators::GREATER => order.is_gt(),
        operators::GREATER_EQUALS => order.is_ge(),
        _ => return None,
    })
}
