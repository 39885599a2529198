//! Lowers a syntax tree to the small tree that `evaluate` walks: what packs really write, nothing more.
//! Knows shapes alone. What it does not cover gives `None`, and the language's own interpreter runs the expression.

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, operators};

use super::dates::Dated;
use super::syntax::Loop;

/// A lowered expression.
#[derive(Debug)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Variable(Variable),
    /// The variable of the macro `n` levels further out, 0 being the innermost.
    Local(usize),
    Field(Box<Node>, String),
    Has(Box<Node>, String),
    Index(Box<[Node; 2]>),
    List(Vec<Node>),
    Not(Box<Node>),
    Negate(Box<Node>),
    And(Box<[Node; 2]>),
    Or(Box<[Node; 2]>),
    If(Box<[Node; 3]>),
    Binary(Binary, Box<[Node; 2]>),
    Call(Function, Vec<Node>),
    Exists(Box<[Node; 2]>),
    All(Box<[Node; 2]>),
    Collect {
        range: Box<Node>,
        guard: Option<Box<Node>>,
        item: Box<Node>,
    },
}

/// A name the scope provides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variable {
    Data,
    Form,
    Root,
    Now,
    Today,
    OccurredOn,
    OccurredAt,
}

/// An operator with two sides that both count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Binary {
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    In,
}

/// A function; a method's receiver is its first argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Size,
    Int,
    Double,
    Text,
    Contains,
    StartsWith,
    EndsWith,
    InState,
    CaseInState,
    Children,
    Dated(Dated),
}

/// Lowers a whole expression.
pub(super) fn lower(expr: &IdedExpr) -> Option<Node> {
    Lowering { bound: Vec::new() }.node(expr)
}

struct Lowering<'e> {
    /// Variables of the macros around, innermost last.
    bound: Vec<&'e str>,
}

impl<'e> Lowering<'e> {
    fn node(&mut self, expr: &'e IdedExpr) -> Option<Node> {
        Some(match &expr.expr {
            Expr::Literal(literal) => constant(literal)?,
            Expr::Ident(name) => self.name(name)?,
            Expr::Select(select) => {
                let operand = self.boxed(&select.operand)?;
                let field = select.field.clone();
                if select.test {
                    Node::Has(operand, field)
                } else {
                    Node::Field(operand, field)
                }
            }
            Expr::List(list) if list.optional_indices.is_empty() => Node::List(self.all(&list.elements)?),
            Expr::Call(call) => self.call(call)?,
            Expr::Comprehension(c) => self.comprehension(c)?,
            Expr::List(_) | Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => return None,
        })
    }

    fn boxed(&mut self, expr: &'e IdedExpr) -> Option<Box<Node>> {
        self.node(expr).map(Box::new)
    }

    fn pair(&mut self, a: &'e IdedExpr, b: &'e IdedExpr) -> Option<Box<[Node; 2]>> {
        Some(Box::new([self.node(a)?, self.node(b)?]))
    }

    fn all(&mut self, exprs: &'e [IdedExpr]) -> Option<Vec<Node>> {
        exprs.iter().map(|e| self.node(e)).collect()
    }

    fn name(&self, name: &str) -> Option<Node> {
        if let Some(out) = self.bound.iter().rev().position(|bound| *bound == name) {
            return Some(Node::Local(out));
        }
        Some(Node::Variable(match name {
            "data" => Variable::Data,
            "form" => Variable::Form,
            "root" => Variable::Root,
            "now" => Variable::Now,
            "today" => Variable::Today,
            "occurred_on" => Variable::OccurredOn,
            "occurred_at" => Variable::OccurredAt,
            _ => return None,
        }))
    }

    fn call(&mut self, call: &'e CallExpr) -> Option<Node> {
        let name = call.func_name.as_str();
        match (name, call.args.as_slice()) {
            (operators::LOGICAL_NOT, [a]) => return self.boxed(a).map(Node::Not),
            (operators::NEGATE, [a]) => return self.boxed(a).map(Node::Negate),
            (operators::LOGICAL_AND, [a, b]) => return self.pair(a, b).map(Node::And),
            (operators::LOGICAL_OR, [a, b]) => return self.pair(a, b).map(Node::Or),
            (operators::INDEX, [a, b]) => return self.pair(a, b).map(Node::Index),
            (operators::CONDITIONAL, [c, a, b]) => {
                return Some(Node::If(Box::new([self.node(c)?, self.node(a)?, self.node(b)?])));
            }
            (_, [a, b]) => {
                if let Some(operator) = binary(name) {
                    return Some(Node::Binary(operator, self.pair(a, b)?));
                }
            }
            _ => {}
        }
        let (function, arity) = function(name)?;
        let mut args = Vec::with_capacity(arity);
        if let Some(target) = &call.target {
            args.push(self.node(target)?);
        }
        args.extend(self.all(&call.args)?);
        (args.len() == arity).then_some(Node::Call(function, args))
    }

    fn comprehension(&mut self, c: &'e ComprehensionExpr) -> Option<Node> {
        if c.iter_var2.is_some() {
            return None;
        }
        let range = self.node(&c.iter_range)?;
        self.bound.push(&c.iter_var);
        let lowered = self.looped(range, Loop::of(c)?);
        self.bound.pop();
        lowered
    }

    fn looped(&mut self, range: Node, body: Loop<'e>) -> Option<Node> {
        Some(match body {
            Loop::Exists(body) => Node::Exists(Box::new([range, self.node(body)?])),
            Loop::All(body) => Node::All(Box::new([range, self.node(body)?])),
            Loop::One(_) => return None,
            Loop::Collect { guard, item } => Node::Collect {
                range: Box::new(range),
                guard: match guard {
                    Some(guard) => Some(self.boxed(guard)?),
                    None => None,
                },
                item: self.boxed(item)?,
            },
        })
    }
}

fn constant(literal: &LiteralValue) -> Option<Node> {
    Some(match literal {
        LiteralValue::Null => Node::Null,
        LiteralValue::Boolean(b) => Node::Bool(*b.inner()),
        LiteralValue::Int(i) => Node::Int(*i.inner()),
        LiteralValue::Double(d) => Node::Float(*d.inner()),
        LiteralValue::String(s) => Node::Text(s.inner().to_owned()),
        LiteralValue::Bytes(_) | LiteralValue::UInt(_) => return None,
    })
}

fn binary(name: &str) -> Option<Binary> {
    Some(match name {
        operators::EQUALS => Binary::Equal,
        operators::NOT_EQUALS => Binary::Unequal,
        operators::LESS => Binary::Less,
        operators::LESS_EQUALS => Binary::AtMost,
        operators::GREATER => Binary::Greater,
        operators::GREATER_EQUALS => Binary::AtLeast,
        operators::ADD => Binary::Add,
        operators::SUBSTRACT => Binary::Subtract,
        operators::MULTIPLY => Binary::Multiply,
        operators::DIVIDE => Binary::Divide,
        operators::MODULO => Binary::Remainder,
        operators::IN => Binary::In,
        _ => return None,
    })
}

fn function(name: &str) -> Option<(Function, usize)> {
    Some(match name {
        "size" => (Function::Size, 1),
        "int" => (Function::Int, 1),
        "double" => (Function::Double, 1),
        "string" => (Function::Text, 1),
        "contains" => (Function::Contains, 2),
        "startsWith" => (Function::StartsWith, 2),
        "endsWith" => (Function::EndsWith, 2),
        "in_state" => (Function::InState, 1),
        "case_in_state" => (Function::CaseInState, 1),
        "children" => (Function::Children, 1),
        _ => {
            let dated = Dated::named(name)?;
            (Function::Dated(dated), dated.parameters().len())
        }
    })
}
