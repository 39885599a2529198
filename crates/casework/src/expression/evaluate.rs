//! Runs a lowered expression over a scope without copying what the scope holds.
//!
//! `None` means "not known here", never a value: a missing field, a wrong type, an overflow, a comparison of things that
//! cannot be compared. The language's own interpreter then gives the verdict, so that both can only agree.

use std::borrow::Cow;
use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use serde_json::{Map, Number, Value as Json};

use super::Scope;
use super::dates::{Answer, Argument, Dated};
use super::tree::{Binary, Function, Node, Variable};

/// A value, borrowed from the scope or the expression wherever possible.
#[derive(Debug, Clone)]
enum Value<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Cow<'a, str>),
    Moment(DateTime<Utc>),
    /// A list in the scope.
    Items(&'a [Json]),
    /// A list made by the expression.
    List(Vec<Value<'a>>),
    Object(&'a Map<String, Json>),
}

/// Whether a condition holds.
pub(super) fn truth(node: &Node, scope: &Scope<'_>) -> Option<bool> {
    Machine::over(scope).truth(node)
}

/// The value, as JSON.
pub(super) fn json(node: &Node, scope: &Scope<'_>) -> Option<Json> {
    Machine::over(scope).run(node).map(Value::into_json)
}

impl<'a> Value<'a> {
    fn of(json: &'a Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(b) => Self::Bool(*b),
            Json::Number(n) => number(n),
            Json::String(s) => Self::Text(Cow::Borrowed(s)),
            Json::Array(items) => Self::Items(items),
            Json::Object(map) => Self::Object(map),
        }
    }

    fn into_json(self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(b) => Json::Bool(b),
            Self::Int(i) => Json::from(i),
            Self::Float(f) => Json::from(f),
            Self::Text(s) => Json::String(s.into_owned()),
            Self::Moment(at) => Json::String(at.to_rfc3339()),
            Self::Items(items) => Json::Array(items.to_vec()),
            Self::List(values) => values.into_iter().map(Self::into_json).collect(),
            Self::Object(map) => Json::Object(map.clone()),
        }
    }

    /// The elements, if it is a list.
    fn elements(self) -> Option<Vec<Self>> {
        match self {
            Self::Items(items) => Some(items.iter().map(Self::of).collect()),
            Self::List(values) => Some(values),
            _ => None,
        }
    }

    fn field(&self, name: &str) -> Option<Self> {
        match self {
            Self::Object(map) => map.get(name).map(Self::of),
            _ => None,
        }
    }
}

/// Whole numbers are `int` whatever their sign; the rest are `double`.
fn number<'a>(n: &Number) -> Value<'a> {
    n.as_i64()
        .map_or_else(|| Value::Float(n.as_f64().unwrap_or(f64::NAN)), Value::Int)
}

/// One run.
struct Machine<'a> {
    scope: &'a Scope<'a>,
    /// Elements the macros around stand at, innermost last.
    locals: Vec<Value<'a>>,
}

impl<'a> Machine<'a> {
    fn over(scope: &'a Scope<'a>) -> Self {
        Self {
            scope,
            locals: Vec::new(),
        }
    }

    fn truth(&mut self, node: &'a Node) -> Option<bool> {
        match self.run(node)? {
            Value::Bool(b) => Some(b),
            _ => None,
        }
    }

    fn run(&mut self, node: &'a Node) -> Option<Value<'a>> {
        Some(match node {
            Node::Null => Value::Null,
            Node::Bool(b) => Value::Bool(*b),
            Node::Int(i) => Value::Int(*i),
            Node::Float(f) => Value::Float(*f),
            Node::Text(s) => Value::Text(Cow::Borrowed(s)),
            Node::Variable(variable) => self.variable(*variable),
            Node::Local(out) => {
                let at = self.locals.len().checked_sub(out + 1)?;
                self.locals.get(at)?.clone()
            }
            Node::Field(operand, name) => self.run(operand)?.field(name)?,
            Node::Has(operand, name) => match self.run(operand)? {
                Value::Object(map) => Value::Bool(map.contains_key(name)),
                _ => return None,
            },
            Node::Index(parts) => self.index(&parts[0], &parts[1])?,
            Node::List(nodes) => {
                let values: Option<Vec<_>> = nodes.iter().map(|n| self.run(n)).collect();
                Value::List(values?)
            }
            Node::Not(operand) => Value::Bool(!self.truth(operand)?),
            Node::Negate(operand) => match self.run(operand)? {
                Value::Int(i) => Value::Int(i.checked_neg()?),
                Value::Float(f) => Value::Float(-f),
                _ => return None,
            },
            Node::And(sides) => Value::Bool(self.decided(sides, false)?),
            Node::Or(sides) => Value::Bool(self.decided(sides, true)?),
            Node::If(parts) => {
                let chosen = if self.truth(&parts[0])? {
                    &parts[1]
                } else {
                    &parts[2]
                };
                self.run(chosen)?
            }
            Node::Binary(operator, sides) => {
                let (left, right) = (self.run(&sides[0])?, self.run(&sides[1])?);
                binary(*operator, left, right)?
            }
            Node::Call(function, args) => self.call(*function, args)?,
            Node::Exists(parts) => Value::Bool(self.any(&parts[0], &parts[1], true)?),
            Node::All(parts) => Value::Bool(!self.any(&parts[0], &parts[1], false)?),
            Node::Collect { range, guard, item } => self.collect(range, guard.as_deref(), item)?,
        })
    }

    fn variable(&self, variable: Variable) -> Value<'a> {
        match variable {
            Variable::Data => Value::Object(self.scope.data),
            Variable::Form => Value::Object(self.scope.form),
            Variable::Root => Value::Object(self.scope.root),
            Variable::Now => Value::Moment(self.scope.now),
            Variable::Today => Value::Text(Cow::Owned(self.scope.today.to_string())),
            Variable::OccurredOn => Value::Text(Cow::Owned(self.scope.occurred_on().to_string())),
            Variable::OccurredAt => Value::Text(Cow::Owned(self.scope.occurred_at())),
        }
    }

    /// `&&` and `||`: one side that decides is enough, even if the other has no answer.
    fn decided(&mut self, sides: &'a [Node; 2], deciding: bool) -> Option<bool> {
        match self.truth(&sides[0]) {
            Some(left) if left == deciding => Some(deciding),
            Some(_) => self.truth(&sides[1]),
            None => self.truth(&sides[1]).filter(|right| *right == deciding),
        }
    }

    fn index(&mut self, operand: &'a Node, index: &'a Node) -> Option<Value<'a>> {
        match (self.run(operand)?, self.run(index)?) {
            (Value::Items(items), Value::Int(at)) => items.get(usize::try_from(at).ok()?).map(Value::of),
            (Value::List(values), Value::Int(at)) => values.into_iter().nth(usize::try_from(at).ok()?),
            (Value::Object(map), Value::Text(key)) => map.get(key.as_ref()).map(Value::of),
            _ => None,
        }
    }

    /// Whether the body gives `sought` for some element. An element without an answer is forgiven only by another that decides.
    fn any(&mut self, range: &'a Node, body: &'a Node, sought: bool) -> Option<bool> {
        let mut unknown = false;
        for element in self.run(range)?.elements()? {
            self.locals.push(element);
            let answer = self.truth(body);
            self.locals.pop();
            match answer {
                Some(answer) if answer == sought => return Some(true),
                Some(_) => {}
                None => unknown = true,
            }
        }
        (!unknown).then_some(false)
    }

    fn collect(&mut self, range: &'a Node, guard: Option<&'a Node>, item: &'a Node) -> Option<Value<'a>> {
        let mut values = Vec::new();
        for element in self.run(range)?.elements()? {
            self.locals.push(element);
            let kept = guard.map_or(Some(true), |guard| self.truth(guard));
            let value = match kept {
                Some(true) => self.run(item).map(Some),
                Some(false) => Some(None),
                None => None,
            };
            self.locals.pop();
            values.extend(value?);
        }
        Some(Value::List(values))
    }

    fn call(&mut self, function: Function, args: &'a [Node]) -> Option<Value<'a>> {
        if let Function::Dated(dated) = function {
            return self.dated(dated, args);
        }
        let first = self.run(args.first()?)?;
        Some(match (function, first) {
            (Function::Size, Value::Text(s)) => length(s.chars().count())?,
            (Function::Size, Value::Items(items)) => length(items.len())?,
            (Function::Size, Value::List(values)) => length(values.len())?,
            (Function::Size, Value::Object(map)) => length(map.len())?,
            (Function::Int, Value::Int(i)) => Value::Int(i),
            (Function::Double, Value::Float(f)) => Value::Float(f),
            #[expect(clippy::cast_precision_loss, reason = "the language's own conversion")]
            (Function::Double, Value::Int(i)) => Value::Float(i as f64),
            (Function::Double, Value::Text(s)) => Value::Float(s.parse().ok()?),
            (Function::Text, Value::Text(s)) => Value::Text(s),
            (Function::Text, Value::Int(i)) => Value::Text(Cow::Owned(i.to_string())),
            (Function::InState, Value::Text(id)) => Value::Bool(listed(self.scope.active, &id)),
            (Function::CaseInState, Value::Text(id)) => Value::Bool(listed(self.scope.case_active, &id)),
            (Function::Children, Value::Text(chart)) => self.children(&chart),
            (Function::Contains, Value::Text(s)) => Value::Bool(s.contains(&*self.text(args)?)),
            (Function::StartsWith, Value::Text(s)) => Value::Bool(s.starts_with(&*self.text(args)?)),
            (Function::EndsWith, Value::Text(s)) => Value::Bool(s.ends_with(&*self.text(args)?)),
            _ => return None,
        })
    }

    fn dated(&mut self, function: Dated, args: &'a [Node]) -> Option<Value<'a>> {
        let values: Option<Vec<Value<'a>>> = args.iter().map(|arg| self.run(arg)).collect();
        let values = values?;
        let arguments: Option<Vec<Argument<'_>>> = values
            .iter()
            .map(|value| match value {
                Value::Text(text) => Some(Argument::Text(text)),
                Value::Int(i) => Some(Argument::Int(*i)),
                _ => None,
            })
            .collect();
        Some(match function.answer(&arguments?)? {
            Answer::Int(i) => Value::Int(i),
            Answer::Bool(b) => Value::Bool(b),
            Answer::Text(text) => Value::Text(Cow::Owned(text)),
        })
    }

    /// The second argument, if it is a text.
    fn text(&mut self, args: &'a [Node]) -> Option<Cow<'a, str>> {
        match self.run(args.get(1)?)? {
            Value::Text(s) => Some(s),
            _ => None,
        }
    }

    fn children(&self, chart: &str) -> Value<'a> {
        let all = self.scope.children.iter();
        let of_chart = all.filter(|child| child.get("chart").and_then(Json::as_str) == Some(chart));
        Value::List(of_chart.map(Value::of).collect())
    }
}

fn listed(ids: &[String], id: &str) -> bool {
    ids.iter().any(|known| known == id)
}

fn length<'a>(n: usize) -> Option<Value<'a>> {
    i64::try_from(n).ok().map(Value::Int)
}

fn binary<'a>(operator: Binary, left: Value<'a>, right: Value<'a>) -> Option<Value<'a>> {
    let order = |left: &Value<'_>, right: &Value<'_>| compare(left, right);
    Some(match operator {
        Binary::Equal => Value::Bool(equal(&left, &right)?),
        Binary::Unequal => Value::Bool(!equal(&left, &right)?),
        Binary::Less => Value::Bool(order(&left, &right)?.is_lt()),
        Binary::AtMost => Value::Bool(order(&left, &right)?.is_le()),
        Binary::Greater => Value::Bool(order(&left, &right)?.is_gt()),
        Binary::AtLeast => Value::Bool(order(&left, &right)?.is_ge()),
        Binary::In => Value::Bool(contained(&left, right)?),
        Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide | Binary::Remainder => {
            reckon(operator, left, right)?
        }
    })
}

fn reckon<'a>(operator: Binary, left: Value<'a>, right: Value<'a>) -> Option<Value<'a>> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => match operator {
            Binary::Add => a.checked_add(b),
            Binary::Subtract => a.checked_sub(b),
            Binary::Multiply => a.checked_mul(b),
            Binary::Divide => a.checked_div(b),
            _ => a.checked_rem(b),
        }
        .map(Value::Int),
        (Value::Float(a), Value::Float(b)) => match operator {
            Binary::Add => Some(a + b),
            Binary::Subtract => Some(a - b),
            Binary::Multiply => Some(a * b),
            Binary::Divide => Some(a / b),
            _ => None,
        }
        .map(Value::Float),
        (Value::Text(a), Value::Text(b)) if operator == Binary::Add => {
            Some(Value::Text(Cow::Owned(a.into_owned() + &b)))
        }
        _ => None,
    }
}

/// Numbers of both kinds compare by value; texts by their letters; what else can be compared only with its like.
#[expect(clippy::cast_precision_loss, reason = "the language's own conversion")]
fn compare(left: &Value<'_>, right: &Value<'_>) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Int(a), Value::Float(b)) => (*a as f64).partial_cmp(b),
        (Value::Float(a), Value::Int(b)) => a.partial_cmp(&(*b as f64)),
        (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Moment(a), Value::Moment(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// Things of different types are unequal; whole lists and objects are left to the interpreter.
fn equal(left: &Value<'_>, right: &Value<'_>) -> Option<bool> {
    match (left, right) {
        (Value::Items(_) | Value::List(_), Value::Items(_) | Value::List(_))
        | (Value::Object(_), Value::Object(_)) => None,
        (Value::Null, Value::Null) => Some(true),
        (Value::Text(a), Value::Text(b)) => Some(a == b),
        _ => Some(compare(left, right).is_some_and(Ordering::is_eq)),
    }
}

fn contained(sought: &Value<'_>, within: Value<'_>) -> Option<bool> {
    if let (Value::Text(key), Value::Object(map)) = (sought, &within) {
        return Some(map.contains_key(key.as_ref()));
    }
    let mut unknown = false;
    for element in within.elements()? {
        match equal(&element, sought) {
            Some(true) => return Some(true),
            Some(false) => {}
            None => unknown = true,
        }
    }
    (!unknown).then_some(false)
}
