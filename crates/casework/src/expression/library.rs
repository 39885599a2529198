//! The language's own interpreter: for what `evaluate` does not cover, and for the reason when there is no answer.
//! Knows how a scope is turned into its values and which functions we add.

use std::collections::HashMap;
use std::sync::Arc;

use cel::common::ast::IdedExpr;
use cel::{Context, ExecutionError, FunctionContext, Value};
use serde_json::{Map, Value as Json};

use super::Scope;
use super::dates::{Answer, Argument, Dated};

const ACTIVE: &str = "@active";
const CASE_ACTIVE: &str = "@case_active";
const CHILDREN: &str = "@children";

/// Whether a condition holds, or why that cannot be said.
pub(super) fn holds(expr: &IdedExpr, scope: &Scope<'_>) -> Result<bool, String> {
    match run(expr, scope)? {
        Value::Bool(answer) => Ok(answer),
        other => Err(format!("it gives {:?}, not true or false", other.type_of())),
    }
}

/// The value, as JSON.
pub(super) fn json(expr: &IdedExpr, scope: &Scope<'_>) -> Result<Json, String> {
    to_json(&run(expr, scope)?)
}

fn run(expr: &IdedExpr, scope: &Scope<'_>) -> Result<Value, String> {
    ROOT.with(|root| {
        let mut inner = root.new_inner_scope();
        bind(scope, &mut inner).map_err(|e| e.to_string())?;
        Value::resolve(expr, &inner).map_err(|e| e.to_string())
    })
}

fn bind(scope: &Scope<'_>, context: &mut Context<'_, '_>) -> Result<(), cel::SerializationError> {
    for (name, map) in [("data", scope.data), ("form", scope.form), ("root", scope.root)] {
        context.add_variable_from_value(name, object(map));
    }
    context.add_variable(ACTIVE, scope.active)?;
    context.add_variable(CASE_ACTIVE, scope.case_active)?;
    let children = scope.children.iter().map(value).collect();
    context.add_variable_from_value(CHILDREN, Value::List(Arc::new(children)));
    context.add_variable_from_value("now", Value::Timestamp(scope.now.fixed_offset()));
    context.add_variable_from_value("today", scope.today.to_string());
    context.add_variable_from_value("occurred_on", scope.occurred_on().to_string());
    context.add_variable_from_value("occurred_at", scope.occurred_at());
    Ok(())
}

/// JSON as the language sees it. Whole numbers become `int` whatever their sign: the crate's own conversion makes the
/// positive ones `uint`, and then `data.paid + 1` would not add up.
fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => n
            .as_i64()
            .map_or_else(|| Value::Float(n.as_f64().unwrap_or(f64::NAN)), Value::Int),
        Json::String(s) => Value::String(Arc::new(s.clone())),
        Json::Array(items) => Value::List(Arc::new(items.iter().map(value).collect())),
        Json::Object(map) => object(map),
    }
}

fn object(map: &Map<String, Json>) -> Value {
    let map: HashMap<String, Value> = map.iter().map(|(k, v)| (k.clone(), value(v))).collect();
    Value::Map(map.into())
}

/// Back to JSON. Keys are sorted, for the crate's maps have no order of their own.
fn to_json(value: &Value) -> Result<Json, String> {
    Ok(match value {
        Value::List(values) => values.iter().map(to_json).collect::<Result<_, _>>()?,
        Value::Map(map) => {
            let mut entries: Vec<(String, Json)> = Vec::new();
            for (key, value) in map.map.iter() {
                entries.push((key.to_string(), to_json(value)?));
            }
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Json::Object(entries.into_iter().collect())
        }
        Value::Timestamp(at) => Json::String(at.to_rfc3339()),
        other => other.json().map_err(|e| e.to_string())?,
    })
}

thread_local! {
    /// Building a root context registers every function of the language (about 20 µs); inner scopes share it.
    static ROOT: Context<'static, 'static> = root_context();
}

fn root_context() -> Context<'static, 'static> {
    let mut context = Context::default();
    let registered = [
        context.add_function("in_state", |ftx: &FunctionContext, id: Arc<String>| {
            listed(ftx, ACTIVE, &id)
        }),
        context.add_function("case_in_state", |ftx: &FunctionContext, id: Arc<String>| {
            listed(ftx, CASE_ACTIVE, &id)
        }),
        context.add_function("children", |ftx: &FunctionContext, chart: Arc<String>| {
            children(ftx, &chart)
        }),
    ];
    debug_assert!(
        registered.iter().all(Result::is_ok),
        "our names are not taken by the language"
    );
    for (name, dated) in Dated::ALL {
        let added = match dated.parameters().len() {
            1 => context.add_function(name, move |ftx: &FunctionContext, a: Value| {
                answer(ftx, dated, &[a])
            }),
            2 => context.add_function(name, move |ftx: &FunctionContext, a: Value, b: Value| {
                answer(ftx, dated, &[a, b])
            }),
            _ => context.add_function(
                name,
                move |ftx: &FunctionContext, a: Value, b: Value, c: Value| answer(ftx, dated, &[a, b, c]),
            ),
        };
        debug_assert!(added.is_ok(), "our names are not taken by the language");
    }
    context
}

/// The answer of a function over dates, or which argument is none.
fn answer(ftx: &FunctionContext<'_, '_>, dated: Dated, values: &[Value]) -> Result<Value, ExecutionError> {
    let arguments: Option<Vec<Argument<'_>>> = values
        .iter()
        .map(|value| match value {
            Value::String(text) => Some(Argument::Text(text.as_str())),
            Value::Int(i) => Some(Argument::Int(*i)),
            _ => None,
        })
        .collect();
    match arguments.and_then(|arguments| dated.answer(&arguments)) {
        Some(Answer::Int(i)) => Ok(Value::Int(i)),
        Some(Answer::Bool(b)) => Ok(Value::Bool(b)),
        Some(Answer::Text(text)) => Ok(Value::String(Arc::new(text))),
        None => {
            let given: Vec<String> = values
                .iter()
                .map(|value| match value {
                    Value::String(text) => format!("`{text}`"),
                    Value::Int(i) => i.to_string(),
                    other => format!("{:?}", other.type_of()),
                })
                .collect();
            Err(ftx.error(format!(
                "{} is not what it takes: dates as YYYY-MM-DD",
                given.join(", ")
            )))
        }
    }
}

fn variable(ftx: &FunctionContext<'_, '_>, name: &str) -> Result<Value, ExecutionError> {
    let value = ftx
        .ptx
        .get_variable(name)
        .ok_or_else(|| ftx.error("no case is in view"))?;
    Value::try_from(value.as_ref())
}

fn listed(ftx: &FunctionContext<'_, '_>, name: &str, id: &str) -> Result<bool, ExecutionError> {
    let Value::List(ids) = variable(ftx, name)? else {
        return Ok(false);
    };
    Ok(ids
        .iter()
        .any(|v| matches!(v, Value::String(s) if s.as_str() == id)))
}

fn children(ftx: &FunctionContext<'_, '_>, chart: &str) -> Result<Value, ExecutionError> {
    let Value::List(all) = variable(ftx, CHILDREN)? else {
        return Ok(Value::List(Arc::default()));
    };
    let of_chart = |v: &&Value| match v {
        Value::Map(map) => {
            matches!(map.get(&cel::objects::Key::from("chart")), Some(Value::String(s)) if s.as_str() == chart)
        }
        _ => false,
    };
    Ok(Value::List(Arc::new(
        all.iter().filter(of_chart).cloned().collect(),
    )))
}
