//! Guards and computed values: the only file that names the expression language (CEL) and its crate.
//! Knows how to compile a text, say which names it uses and evaluate it over a scope; knows no case.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use cel::common::ast::{EntryExpr, Expr};
use cel::{Context, ExecutionError, FunctionContext, Program, Value};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value as Json};
use thiserror::Error;

/// Longest expression accepted, in bytes: the language has no fuel meter, so its size is the bound.
pub const MAX_LENGTH: usize = 2_000;
/// Deepest nesting of brackets accepted.
pub const MAX_NESTING: usize = 32;

/// Names an expression may use.
pub const VARIABLES: [&str; 6] = ["data", "form", "root", "now", "today", "occurred_on"];
/// Functions beyond the language's own.
pub const FUNCTIONS: [&str; 4] = ["in_state", "case_in_state", "children", "days_between"];

/// Why an expression cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExpressionError {
    /// The text is not an expression.
    #[error("the condition cannot be read: {message}")]
    Syntax {
        /// What the parser said.
        message: String,
        /// Line and column in the expression, from 1.
        at: (usize, usize),
    },
    /// Too long or too deep to evaluate in bounded time.
    #[error("the condition is {what}; the limit is {limit}")]
    TooLarge {
        /// "2,345 bytes long" or "40 brackets deep".
        what: String,
        /// The bound.
        limit: usize,
    },
    /// A name that nothing provides.
    #[error("the condition uses the unknown name `{name}`")]
    UnknownName {
        /// The name.
        name: String,
    },
    /// It was evaluated and gave no answer.
    #[error("the condition `{source_text}` could not be evaluated: {message}")]
    Evaluation {
        /// The expression.
        source_text: String,
        /// Why.
        message: String,
    },
}

/// A compiled expression.
#[derive(Clone)]
pub struct Expression {
    source: String,
    program: Arc<Program>,
    variables: BTreeSet<String>,
    functions: BTreeSet<String>,
}

impl std::fmt::Debug for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Expression").field(&self.source).finish()
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

/// What an expression sees.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The instance's kept fields.
    pub data: &'a Map<String, Json>,
    /// The event's form.
    pub form: &'a Map<String, Json>,
    /// The root instance's kept fields.
    pub root: &'a Map<String, Json>,
    /// Active states of this instance.
    pub active: &'a [String],
    /// Active states of the root instance.
    pub case_active: &'a [String],
    /// Every instance: `{id, chart, open, states, data}`.
    pub children: &'a [Json],
    /// The instant.
    pub now: DateTime<Utc>,
    /// The local date of `now`.
    pub today: NaiveDate,
    /// The local date on which the event happened.
    pub occurred_on: NaiveDate,
}

impl Expression {
    /// Compiles `source`, refusing what is too large or names nothing known.
    ///
    /// # Errors
    /// [`ExpressionError`] with the place within the expression where it is known.
    pub fn compile(source: &str) -> Result<Self, ExpressionError> {
        check_size(source)?;
        let program = Program::compile(source).map_err(|errors| {
            let first = errors.errors.first();
            ExpressionError::Syntax {
                message: first.map_or_else(|| errors.to_string(), |e| e.msg.clone()),
                at: first.map_or((1, 1), |e| {
                    (
                        usize::try_from(e.pos.0).unwrap_or(1),
                        usize::try_from(e.pos.1).unwrap_or(1),
                    )
                }),
            }
        })?;
        let (variables, functions) = names(&program);
        if let Some(name) = variables.iter().find(|v| !VARIABLES.contains(&v.as_str())) {
            return Err(ExpressionError::UnknownName { name: name.clone() });
        }
        if let Some(name) = functions.iter().find(|f| !is_function(f)) {
            return Err(ExpressionError::UnknownName { name: name.clone() });
        }
        Ok(Self {
            source: source.to_owned(),
            program: Arc::new(program),
            variables,
            functions,
        })
    }

    /// The text it was compiled from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether it uses the variable or function `name`.
    pub fn uses(&self, name: &str) -> bool {
        self.variables.contains(name) || self.functions.contains(name)
    }

    /// Whether the condition holds.
    ///
    /// # Errors
    /// A condition that fails, or gives anything but true or false, is an error and never a guess.
    pub fn holds(&self, scope: &Scope<'_>) -> Result<bool, ExpressionError> {
        match self.run(scope)? {
            Value::Bool(answer) => Ok(answer),
            other => Err(self.failed(&format!("it gives {:?}, not true or false", other.type_of()))),
        }
    }

    /// The value, as JSON.
    ///
    /// # Errors
    /// When it cannot be evaluated or has no JSON form.
    pub fn value(&self, scope: &Scope<'_>) -> Result<Json, ExpressionError> {
        match self.run(scope)? {
            Value::Timestamp(at) => Ok(Json::String(at.to_rfc3339())),
            value => value.json().map_err(|e| self.failed(&e.to_string())),
        }
    }

    fn failed(&self, message: &str) -> ExpressionError {
        ExpressionError::Evaluation {
            source_text: self.source.clone(),
            message: message.to_owned(),
        }
    }

    fn run(&self, scope: &Scope<'_>) -> Result<Value, ExpressionError> {
        ROOT.with(|root| {
            let mut inner = root.new_inner_scope();
            self.bind(scope, &mut inner).map_err(|m| self.failed(&m))?;
            self.program
                .execute(&inner)
                .map_err(|e| self.failed(&e.to_string()))
        })
    }

    /// Binds only what the expression uses: turning a whole case into values costs more than the guard itself.
    fn bind(&self, scope: &Scope<'_>, context: &mut Context<'_, '_>) -> Result<(), String> {
        let said = |e: &dyn std::fmt::Display| e.to_string();
        for (name, map) in [("data", scope.data), ("form", scope.form), ("root", scope.root)] {
            if self.variables.contains(name) {
                context.add_variable_from_value(name, object(map));
            }
        }
        if self.functions.contains("in_state") {
            context.add_variable(ACTIVE, scope.active).map_err(|e| said(&e))?;
        }
        if self.functions.contains("case_in_state") {
            context
                .add_variable(CASE_ACTIVE, scope.case_active)
                .map_err(|e| said(&e))?;
        }
        if self.functions.contains("children") {
            let children = scope.children.iter().map(value).collect();
            context.add_variable_from_value(CHILDREN, Value::List(Arc::new(children)));
        }
        context.add_variable_from_value("now", Value::Timestamp(scope.now.fixed_offset()));
        context.add_variable_from_value("today", scope.today.to_string());
        context.add_variable_from_value("occurred_on", scope.occurred_on.to_string());
        Ok(())
    }
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

const ACTIVE: &str = "@active";
const CASE_ACTIVE: &str = "@case_active";
const CHILDREN: &str = "@children";

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
        context.add_function(
            "days_between",
            |ftx: &FunctionContext, from: Arc<String>, to: Arc<String>| {
                let date = |text: &str| {
                    NaiveDate::parse_from_str(text.get(..10).unwrap_or(text), "%Y-%m-%d")
                        .map_err(|_| ftx.error(format!("`{text}` is not a date (YYYY-MM-DD)")))
                };
                Ok::<i64, ExecutionError>((date(&to)? - date(&from)?).num_days())
            },
        ),
    ];
    debug_assert!(
        registered.iter().all(Result::is_ok),
        "our names are not taken by the language"
    );
    context
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

/// Free variables and functions: a macro's own variable (`p` in `exists(p, p.open)`) is bound, not free.
fn names(program: &Program) -> (BTreeSet<String>, BTreeSet<String>) {
    let functions = program
        .references()
        .functions()
        .into_iter()
        .map(str::to_owned)
        .collect();
    let mut free = BTreeSet::new();
    free_variables(&program.expression().expr, &mut Vec::new(), &mut free);
    (free, functions)
}

fn free_variables<'e>(expr: &'e Expr, bound: &mut Vec<&'e str>, free: &mut BTreeSet<String>) {
    match expr {
        Expr::Ident(name) => {
            if !name.starts_with('@') && !bound.contains(&name.as_str()) {
                free.insert(name.clone());
            }
        }
        Expr::Call(call) => {
            for part in call.target.iter().map(AsRef::as_ref).chain(&call.args) {
                free_variables(&part.expr, bound, free);
            }
        }
        Expr::Comprehension(c) => {
            free_variables(&c.iter_range.expr, bound, free);
            free_variables(&c.accu_init.expr, bound, free);
            let outer = bound.len();
            bound.extend([c.iter_var.as_str(), c.accu_var.as_str()]);
            bound.extend(c.iter_var2.as_deref());
            for part in [&c.loop_cond, &c.loop_step, &c.result] {
                free_variables(&part.expr, bound, free);
            }
            bound.truncate(outer);
        }
        Expr::List(list) => {
            for part in &list.elements {
                free_variables(&part.expr, bound, free);
            }
        }
        Expr::Select(select) => free_variables(&select.operand.expr, bound, free),
        Expr::Map(map) => {
            for entry in &map.entries {
                if let EntryExpr::MapEntry(entry) = &entry.expr {
                    free_variables(&entry.key.expr, bound, free);
                    free_variables(&entry.value.expr, bound, free);
                }
            }
        }
        Expr::Struct(_) | Expr::Literal(_) | Expr::Unspecified => {}
    }
}

fn is_function(name: &str) -> bool {
    // Operators appear under names such as `_==_`, `@in`, `!_`; macros are expanded before this point.
    let operator = name.starts_with(['_', '!', '-', '@']) || name.ends_with('_');
    let builtin = [
        "size",
        "contains",
        "startsWith",
        "endsWith",
        "matches",
        "has",
        "exists",
        "all",
        "filter",
        "map",
        "exists_one",
        "int",
        "uint",
        "double",
        "string",
        "bool",
        "duration",
        "timestamp",
        "max",
        "min",
        "getFullYear",
        "getMonth",
        "getDate",
        "getDayOfMonth",
        "getDayOfWeek",
        "getHours",
        "getMinutes",
    ];
    operator || FUNCTIONS.contains(&name) || builtin.contains(&name)
}

fn check_size(source: &str) -> Result<(), ExpressionError> {
    if source.len() > MAX_LENGTH {
        return Err(ExpressionError::TooLarge {
            what: format!("{} bytes long", source.len()),
            limit: MAX_LENGTH,
        });
    }
    let (mut depth, mut deepest) = (0usize, 0usize);
    for c in source.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    if deepest > MAX_NESTING {
        return Err(ExpressionError::TooLarge {
            what: format!("{deepest} brackets deep"),
            limit: MAX_NESTING,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn scope_with(check: impl FnOnce(&Scope<'_>)) {
        let data = json!({"amount": 35.0, "paid": 10, "notified_on": "2026-01-01"});
        let form = json!({"result": "acquittal"});
        let empty = Map::new();
        let children =
            [json!({"id": "proceeding-1", "chart": "proceeding", "open": true, "data": {"kind": "s22a"}})];
        let active = ["registered".to_owned()];
        check(&Scope {
            data: data.as_object().unwrap(),
            form: form.as_object().unwrap(),
            root: &empty,
            active: &active,
            case_active: &active,
            children: &children,
            now: "2026-03-02T04:00:00Z".parse().unwrap(),
            today: "2026-03-02".parse().unwrap(),
            occurred_on: "2026-03-02".parse().unwrap(),
        });
    }

    #[test]
    fn conditions_see_the_case() {
        scope_with(|scope| {
            for (text, expected) in [
                ("data.paid < data.amount", true),
                ("form.result == 'acquittal'", true),
                ("has(form.other)", false),
                ("in_state('registered') && !in_state('refused')", true),
                ("case_in_state('registered')", true),
                (
                    "children('proceeding').exists(p, p.open && p.data.kind == 's22a')",
                    true,
                ),
                ("children('hearing').size() == 0", true),
                ("data.paid + 1 == 11 && double(data.paid) < data.amount", true),
                ("days_between(data.notified_on, occurred_on) <= 60", true),
                ("now > timestamp('2026-01-01T00:00:00Z')", true),
                ("children('proceeding').all(p, in_state('registered'))", true),
            ] {
                let expression = Expression::compile(text).unwrap_or_else(|e| panic!("{text}: {e}"));
                assert_eq!(expression.holds(scope), Ok(expected), "{text}");
            }
        });
    }

    #[test]
    fn what_cannot_be_answered_is_an_error_not_a_guess() {
        scope_with(|scope| {
            let missing = Expression::compile("form.nothing == 1").unwrap();
            assert!(missing.holds(scope).is_err());
            let number = Expression::compile("data.paid").unwrap();
            assert!(
                number
                    .holds(scope)
                    .unwrap_err()
                    .to_string()
                    .contains("not true or false")
            );
            assert_eq!(number.value(scope).unwrap(), json!(10));
        });
    }

    #[test]
    fn bad_texts_are_refused_at_load() {
        assert!(matches!(
            Expression::compile("data.x =="),
            Err(ExpressionError::Syntax { .. })
        ));
        assert_eq!(
            Expression::compile("dta.x == 1").unwrap_err().to_string(),
            "the condition uses the unknown name `dta`"
        );
        assert!(matches!(
            Expression::compile("frobnicate(1)"),
            Err(ExpressionError::UnknownName { .. })
        ));
        let deep = format!("{}1{}", "(".repeat(40), ")".repeat(40));
        assert!(matches!(
            Expression::compile(&deep),
            Err(ExpressionError::TooLarge { .. })
        ));
        let long = "1 == 1 && ".repeat(400) + "true";
        assert!(matches!(
            Expression::compile(&long),
            Err(ExpressionError::TooLarge { .. })
        ));
    }
}
