//! Judges an expression before it ever runs: unknown fields, states and charts, things that cannot be compared or
//! reckoned, calls with too few arguments, optional fields used without asking.
//! Knows what names may hold as far as it is told; evaluates nothing.

use std::collections::BTreeMap;
use std::ops::Range;

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, operators};

use super::Expression;
use super::dates::{Dated, Parameter};
use super::kind::{Kind, Others, Record, arguments, child, convert, literal_kind, result};
use super::syntax::{BUILT_IN, Loop, Syntax, is_named};
use super::truth::{self, Premises};
use crate::spelling::{listed, nearest};

/// One thing that is wrong or unwise in an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// A stable code: `unknown-field`.
    pub code: &'static str,
    /// It can only fail when it is evaluated.
    pub fatal: bool,
    /// Where, in bytes of the expression.
    pub at: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// What an expression's names may hold at the place where it stands.
#[derive(Debug, Clone)]
pub struct Surroundings<'a> {
    /// What `form` is here.
    pub form: Kind,
    /// What `data` is here.
    pub data: Kind,
    /// What `root` is.
    pub root: Kind,
    /// The states of this chart.
    pub states: &'a dyn States,
    /// The states of the root chart.
    pub case_states: &'a dyn States,
    /// What a child of each chart holds as its data.
    pub children: &'a BTreeMap<String, Kind>,
    /// The state it stands in, which is then active.
    pub source: Option<&'a str>,
    /// What is known to hold or not to hold by the time it is evaluated.
    pub known: Vec<(Expression, bool)>,
}

/// The states of a chart, as far as a condition may ask about them.
pub trait States: std::fmt::Debug {
    /// Their ids.
    fn ids(&self) -> Vec<&str>;
    /// Whether both can be active at once.
    fn together(&self, a: &str, b: &str) -> bool;
}

/// Every problem of `syntax`, in the order written.
pub(super) fn problems(syntax: &Syntax, around: &Surroundings<'_>, as_condition: bool) -> Vec<Problem> {
    let mut check = Check::new(syntax, around);
    let kind = check.infer(syntax.root());
    if as_condition && !matches!(kind, Kind::Bool | Kind::Any) {
        check.report(
            "not-a-condition",
            syntax.place(syntax.root()),
            format!("a condition is true or false; this is {}", kind.in_words()),
            "compare it with something: `… == …`",
        );
    }
    let sound = check.problems.iter().all(|p| !p.fatal);
    if as_condition && sound && truth::never(syntax.root(), around) {
        check.warn(
            "never-true",
            syntax.place(syntax.root()),
            "this condition can never hold".to_owned(),
            "two of its parts exclude each other, or it compares with something impossible; correct it or delete the transition",
        );
    }
    check.problems.sort_by_key(|p| (p.at.start, p.at.end));
    check.problems
}

/// What kind of value `syntax` gives.
pub(super) fn kind(syntax: &Syntax, around: &Surroundings<'_>) -> Kind {
    Check::new(syntax, around).infer(syntax.root())
}

struct Check<'a> {
    syntax: &'a Syntax,
    around: &'a Surroundings<'a>,
    /// Variables of the macros around, innermost last.
    bound: Vec<(&'a str, Kind)>,
    /// What holds at the place being read.
    premises: Premises,
    /// Fields already reported as not asked for.
    unasked: Vec<String>,
    problems: Vec<Problem>,
}

impl<'a> Check<'a> {
    fn new(syntax: &'a Syntax, around: &'a Surroundings<'a>) -> Self {
        let mut premises = Premises::default();
        for (expression, holds) in &around.known {
            premises.assume(expression.0.syntax.root(), *holds);
        }
        Self {
            syntax,
            around,
            bound: Vec::new(),
            premises,
            unasked: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn report(&mut self, code: &'static str, at: Range<usize>, message: String, help: impl Into<String>) {
        self.push(code, true, at, message, help.into());
    }

    fn warn(&mut self, code: &'static str, at: Range<usize>, message: String, help: impl Into<String>) {
        self.push(code, false, at, message, help.into());
    }

    fn push(&mut self, code: &'static str, fatal: bool, at: Range<usize>, message: String, help: String) {
        self.problems.push(Problem {
            code,
            fatal,
            at,
            message,
            help,
        });
    }

    fn infer(&mut self, expr: &'a IdedExpr) -> Kind {
        match &expr.expr {
            Expr::Literal(literal) => literal_kind(literal),
            Expr::Ident(name) => self.name(name),
            Expr::Select(select) => {
                let operand = self.infer(&select.operand);
                let found = self.field(expr, &select.operand, &operand, &select.field, select.test);
                if select.test { Kind::Bool } else { found }
            }
            Expr::List(list) => {
                let kinds: Vec<Kind> = list.elements.iter().map(|e| self.infer(e)).collect();
                let joined = kinds.iter().skip(1).fold(kinds.first().cloned(), |kind, next| {
                    kind.map(|kind| kind.joined(next))
                });
                Kind::List(Box::new(joined.unwrap_or(Kind::Any)))
            }
            Expr::Call(call) => self.call(expr, call),
            Expr::Comprehension(c) => self.comprehension(c),
            Expr::Map(_) => {
                super::syntax::for_each_child(&expr.expr, &mut |child| {
                    self.infer(child);
                });
                Kind::Any
            }
            Expr::Struct(_) | Expr::Unspecified => Kind::Any,
        }
    }

    fn name(&self, name: &str) -> Kind {
        if let Some((_, kind)) = self.bound.iter().rev().find(|(bound, _)| *bound == name) {
            return kind.clone();
        }
        match name {
            "data" => self.around.data.clone(),
            "form" => self.around.form.clone(),
            "root" => self.around.root.clone(),
            "now" => Kind::Moment,
            "today" | "occurred_on" => Kind::Date,
            "occurred_at" => Kind::Datetime,
            _ => Kind::Any,
        }
    }

    fn field(
        &mut self,
        expr: &'a IdedExpr,
        operand: &'a IdedExpr,
        kind: &Kind,
        field: &str,
        asked: bool,
    ) -> Kind {
        let record = match kind {
            Kind::Any => return Kind::Any,
            Kind::Record(record) => record,
            other => {
                self.report(
                    "type-mismatch",
                    self.syntax.place(expr),
                    format!("{} has no fields, so no `{field}`", other.in_words()),
                    "take the part after the dot away",
                );
                return Kind::Any;
            }
        };
        let Some(slot) = record.fields.get(field) else {
            self.unknown_field(expr, record, field, asked);
            return Kind::Any;
        };
        if slot.optional && !asked {
            self.optional(expr, operand, record, field);
        }
        slot.kind.clone()
    }

    fn unknown_field(&mut self, expr: &'a IdedExpr, record: &Record, field: &str, asked: bool) {
        let known: Vec<&str> = record.fields.keys().map(String::as_str).collect();
        let near = nearest(field, &known);
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => "add the field where it is recorded, or take it out here".to_owned(),
            None => format!("it has {}", listed(&known)),
        };
        let at = self.syntax.field_place(expr, field);
        match record.others {
            Others::Possible => {}
            Others::None => self.report(
                "unknown-field",
                at,
                format!("{} has no field `{field}`", record.called),
                help,
            ),
            // Asking whether it is there is harmless, unless it is a slip of the pen.
            Others::Unfilled if asked && near.is_none() => {}
            Others::Unfilled => self.warn(
                "unfilled-field",
                at,
                format!("nothing ever fills `{field}` in {}", record.called),
                help,
            ),
        }
    }

    fn optional(&mut self, expr: &'a IdedExpr, operand: &'a IdedExpr, record: &Record, field: &str) {
        let Some(path) = truth::path(operand).map(|path| format!("{path}.{field}")) else {
            return;
        };
        if self.premises.has(&path) || self.unasked.contains(&path) {
            return;
        }
        self.unasked.push(path.clone());
        self.warn(
            "unguarded-field",
            self.syntax.place(expr),
            format!(
                "`{field}` of {} need not be filled in; left empty, this has no answer and the event is refused",
                record.called
            ),
            format!("ask `has({path}) && …` first, or make the field `required: true`"),
        );
    }

    fn call(&mut self, expr: &'a IdedExpr, call: &'a CallExpr) -> Kind {
        let name = call.func_name.as_str();
        match (name, call.args.as_slice()) {
            (operators::LOGICAL_AND, [a, b]) => self.joined("&&", a, b, true),
            (operators::LOGICAL_OR, [a, b]) => self.joined("||", a, b, false),
            (operators::LOGICAL_NOT, [a]) => {
                self.condition("!", a);
                Kind::Bool
            }
            (operators::CONDITIONAL, [c, a, b]) => {
                self.condition("… ? … : …", c);
                let mark = self.premises.mark();
                self.premises.assume(c, true);
                let first = self.infer(a);
                self.premises.reset(mark);
                self.premises.assume(c, false);
                let second = self.infer(b);
                self.premises.reset(mark);
                first.joined(&second)
            }
            (operators::EQUALS | operators::NOT_EQUALS, [a, b]) => self.equality(expr, a, b),
            (
                operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS,
                [a, b],
            ) => self.ordering(expr, a, b),
            (operators::IN, [a, b]) => self.membership(expr, a, b),
            (operators::INDEX, [a, b]) => {
                let (of, _) = (self.infer(a), self.infer(b));
                match of {
                    Kind::List(element) => *element,
                    _ => Kind::Any,
                }
            }
            (operators::NEGATE, [a]) => self.infer(a),
            (
                operators::ADD
                | operators::SUBSTRACT
                | operators::MULTIPLY
                | operators::DIVIDE
                | operators::MODULO,
                [a, b],
            ) => self.arithmetic(expr, name, a, b),
            _ if is_named(name) => self.function(expr, call),
            _ => Kind::Any,
        }
    }

    /// `&&` and `||`. Each side may rely on what the other settles: whichever side decides, the answer is the same.
    fn joined(&mut self, sign: &str, a: &'a IdedExpr, b: &'a IdedExpr, and: bool) -> Kind {
        for (side, other) in [(a, b), (b, a)] {
            let mark = self.premises.mark();
            self.premises.assume(other, and);
            self.condition(sign, side);
            self.premises.reset(mark);
        }
        Kind::Bool
    }

    fn condition(&mut self, sign: &str, expr: &'a IdedExpr) {
        let kind = self.infer(expr);
        if !matches!(kind, Kind::Bool | Kind::Any) {
            self.report(
                "type-mismatch",
                self.syntax.place(expr),
                format!("`{sign}` takes conditions; this is {}", kind.in_words()),
                "compare it with something: `… == …`",
            );
        }
    }

    fn equality(&mut self, expr: &'a IdedExpr, a: &'a IdedExpr, b: &'a IdedExpr) -> Kind {
        let (left, right) = (self.infer(a), self.infer(b));
        if left.may_equal(&right) {
            self.choice(&left, b);
            self.choice(&right, a);
            self.date_text(&left, b);
            self.date_text(&right, a);
        } else {
            self.report(
                "type-mismatch",
                self.syntax.place(expr),
                format!("{} and {} are never equal", left.in_words(), right.in_words()),
                convert(&left, &right),
            );
        }
        Kind::Bool
    }

    fn ordering(&mut self, expr: &'a IdedExpr, a: &'a IdedExpr, b: &'a IdedExpr) -> Kind {
        let (left, right) = (self.infer(a), self.infer(b));
        if left.orders_with(&right) {
            self.date_text(&left, b);
            self.date_text(&right, a);
        } else {
            self.report(
                "type-mismatch",
                self.syntax.place(expr),
                format!("{} cannot be compared with {}", left.in_words(), right.in_words()),
                convert(&left, &right),
            );
        }
        Kind::Bool
    }

    fn membership(&mut self, expr: &'a IdedExpr, a: &'a IdedExpr, b: &'a IdedExpr) -> Kind {
        let (sought, within) = (self.infer(a), self.infer(b));
        match &within {
            Kind::List(element) if !element.may_equal(&sought) => self.report(
                "type-mismatch",
                self.syntax.place(expr),
                format!(
                    "{} is never in a list of {}",
                    sought.in_words(),
                    element.in_words()
                ),
                convert(&sought, element),
            ),
            Kind::List(element) => {
                self.choice(element, a);
                if let Expr::List(list) = &b.expr {
                    for element in &list.elements {
                        self.choice(&sought, element);
                    }
                }
            }
            Kind::Any | Kind::Record(_) => {}
            other => self.report(
                "type-mismatch",
                self.syntax.place(b),
                format!("`in` looks into a list; this is {}", other.in_words()),
                "write the list in brackets: `x in [\"a\", \"b\"]`",
            ),
        }
        Kind::Bool
    }

    /// A choice compared with a written text: the text is one of its keys.
    fn choice(&mut self, kind: &Kind, written: &'a IdedExpr) {
        let (Kind::Choice(keys), Some(text)) = (kind, truth::text(written)) else {
            return;
        };
        if keys.iter().any(|key| key == text) {
            return;
        }
        let known: Vec<&str> = keys.iter().map(String::as_str).collect();
        let help = match nearest(text, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the choices are {}", listed(&known)),
        };
        self.report(
            "unknown-choice",
            self.syntax.place(written),
            format!("`{text}` is not among the choices of this field"),
            help,
        );
    }

    /// A date compared with a written text: the text is a date, in the form dates are kept in.
    fn date_text(&mut self, kind: &Kind, written: &'a IdedExpr) {
        let Some(text) = truth::text(written) else { return };
        if matches!(kind, Kind::Date | Kind::Datetime) && !Parameter::Day.reads(text) {
            self.report(
                "type-mismatch",
                self.syntax.place(written),
                format!("`{text}` is not a date, and is compared with one"),
                "write dates as `\"2026-02-11\"`, moments as `\"2026-02-11T09:00\"`",
            );
        }
    }

    fn arithmetic(&mut self, expr: &'a IdedExpr, operator: &str, a: &'a IdedExpr, b: &'a IdedExpr) -> Kind {
        let (left, right) = (self.infer(a), self.infer(b));
        let add = operator == operators::ADD;
        match (&left, &right) {
            // A moment and a duration: what comes out is left open.
            (Kind::Any, _) | (_, Kind::Any) | (Kind::Moment, Kind::Moment) => Kind::Any,
            (Kind::Int, Kind::Int) => Kind::Int,
            (Kind::Double, Kind::Double) if operator != operators::MODULO => Kind::Double,
            (l, r) if add && l.is_text() && r.is_text() => Kind::Text,
            (Kind::List(l), Kind::List(r)) if add => Kind::List(Box::new(l.joined(r))),
            _ => {
                let sign = operator.trim_matches('_');
                self.report(
                    "type-mismatch",
                    self.syntax.place(expr),
                    format!(
                        "`{sign}` does not go with {} and {}",
                        left.in_words(),
                        right.in_words()
                    ),
                    convert(&left, &right),
                );
                left
            }
        }
    }

    fn function(&mut self, expr: &'a IdedExpr, call: &'a CallExpr) -> Kind {
        let name = call.func_name.as_str();
        let parts: Vec<&'a IdedExpr> = call.target.iter().map(AsRef::as_ref).chain(&call.args).collect();
        let kinds: Vec<Kind> = parts.iter().map(|part| self.infer(part)).collect();
        let arity = BUILT_IN.iter().find(|(known, _)| *known == name);
        if let Some((_, arity)) = arity
            && !arity.contains(&parts.len())
        {
            self.report(
                "wrong-arguments",
                self.syntax.place(expr),
                format!("`{name}` takes {}, not {}", arguments(arity), parts.len()),
                "see the table of names in docs/workflow-packs.md",
            );
            return result(name, &[]);
        }
        if let Some(dated) = Dated::named(name) {
            return self.dated(name, dated, &parts, &kinds);
        }
        let takes_text = !matches!(name, "size" | "int" | "uint" | "double" | "string" | "bool")
            && !name.starts_with("get")
            && name != "timestamp";
        for (part, kind) in parts.iter().zip(&kinds) {
            if takes_text && !(kind.is_text() || *kind == Kind::Any) {
                self.report(
                    "type-mismatch",
                    self.syntax.place(part),
                    format!("`{name}` takes texts; this is {}", kind.in_words()),
                    "give it a text, in quotation marks",
                );
            }
        }
        self.named_things(name, &parts);
        if name == "children" {
            return self.children(&parts);
        }
        result(name, &kinds)
    }

    /// A function over dates: each argument is of its kind, and a written one is a date.
    fn dated(&mut self, name: &str, dated: Dated, parts: &[&'a IdedExpr], kinds: &[Kind]) -> Kind {
        for ((part, kind), parameter) in parts.iter().zip(kinds).zip(dated.parameters()) {
            let wrong_text = truth::text(part).is_some_and(|text| !parameter.reads(text));
            if parameter.takes(kind) && !wrong_text {
                continue;
            }
            let what = match truth::text(part) {
                Some(text) if wrong_text => format!("`{text}`"),
                _ => kind.in_words(),
            };
            self.report(
                "type-mismatch",
                self.syntax.place(part),
                format!("`{name}` takes {} here; this is {what}", parameter.in_words()),
                parameter.help(kind),
            );
        }
        dated.gives()
    }

    /// States and charts named in quotation marks exist.
    fn named_things(&mut self, name: &str, parts: &[&'a IdedExpr]) {
        let Some((at, text)) = parts.first().and_then(|p| Some((*p, truth::text(p)?))) else {
            return;
        };
        let (code, what, known) = match name {
            "in_state" => ("unknown-state", "state in this chart", self.around.states.ids()),
            "case_in_state" => (
                "unknown-state",
                "state in the chart `case`",
                self.around.case_states.ids(),
            ),
            "children" => (
                "unknown-chart",
                "chart",
                self.around.children.keys().map(String::as_str).collect(),
            ),
            _ => return,
        };
        if known.contains(&text) {
            return;
        }
        let help = match nearest(text, &known) {
            Some(near) => format!("did you mean `{near}`?"),
            None if name == "in_state" => {
                "a state of another instance is asked with `children(…)`, one of the root with `case_in_state(…)`"
                    .to_owned()
            }
            None => format!("known: {}", listed(&known)),
        };
        self.report(
            code,
            self.syntax.place(at),
            format!("there is no {what} named `{text}`"),
            help,
        );
    }

    fn children(&self, parts: &[&'a IdedExpr]) -> Kind {
        let chart = parts.first().and_then(|p| truth::text(p));
        let data = chart.and_then(|c| self.around.children.get(c)).cloned();
        Kind::List(Box::new(child(data.unwrap_or(Kind::Any))))
    }

    fn comprehension(&mut self, c: &'a ComprehensionExpr) -> Kind {
        let range = self.infer(&c.iter_range);
        let element = match range {
            Kind::List(element) => *element,
            Kind::Any => Kind::Any,
            other => {
                self.report(
                    "type-mismatch",
                    self.syntax.place(&c.iter_range),
                    format!("only a list can be gone through; this is {}", other.in_words()),
                    "use `children(\"chart\")` or a list in brackets",
                );
                Kind::Any
            }
        };
        self.bound.push((&c.iter_var, element));
        let kind = match Loop::of(c) {
            Some(Loop::Exists(body) | Loop::All(body) | Loop::One(body)) => {
                self.condition("exists or all", body);
                Kind::Bool
            }
            Some(Loop::Collect { guard, item }) => {
                let mark = self.premises.mark();
                if let Some(guard) = guard {
                    self.condition("filter or map", guard);
                    self.premises.assume(guard, true);
                }
                let item = self.infer(item);
                self.premises.reset(mark);
                Kind::List(Box::new(item))
            }
            None => Kind::Any,
        };
        self.bound.pop();
        kind
    }
}
