//! From a text to a syntax tree whose every part knows where it was written.
//! Knows the grammar and the bounds; no meaning of any name beyond whether something provides it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use cel::common::ast::{ComprehensionExpr, EntryExpr, Expr, IdedExpr, SourceInfo, operators};
use cel::parser::{ParseError, PrattParser};

use super::{ExpressionError, FUNCTIONS, MAX_DEPTH, MAX_LENGTH, MAX_NESTING, VARIABLES};

/// Functions of the language, with how many arguments each takes (the receiver counts).
pub(super) const BUILT_IN: [(&str, Range<usize>); 38] = [
    ("size", 1..2),
    ("contains", 2..3),
    ("startsWith", 2..3),
    ("endsWith", 2..3),
    ("matches", 2..3),
    ("has", 1..2),
    ("exists", 3..4),
    ("all", 3..4),
    ("filter", 3..4),
    ("map", 3..5),
    ("exists_one", 3..4),
    ("int", 1..2),
    ("uint", 1..2),
    ("double", 1..2),
    ("string", 1..2),
    ("bool", 1..2),
    ("duration", 1..2),
    ("timestamp", 1..2),
    ("getFullYear", 1..3),
    ("getMonth", 1..3),
    ("getDate", 1..3),
    ("getDayOfMonth", 1..3),
    ("getDayOfWeek", 1..3),
    ("getHours", 1..3),
    ("getMinutes", 1..3),
    ("in_state", 1..2),
    ("children", 1..2),
    ("case_in_state", 1..2),
    ("days_between", 2..3),
    ("hours_between", 2..3),
    ("years_between", 2..3),
    ("age_on", 2..3),
    ("youngest_age", 2..3),
    ("oldest_age", 2..3),
    ("certainly_under", 3..4),
    ("possibly_under", 3..4),
    ("earliest", 1..2),
    ("latest", 1..2),
];

/// A syntax tree with its text.
pub(super) struct Syntax {
    source: String,
    root: IdedExpr,
    places: Option<Arc<SourceInfo>>,
}

/// The hand-written one of the crate's two parsers: the generated one takes a megabyte of stack for ten brackets.
fn parser() -> PrattParser {
    PrattParser::new().max_recursion_depth(64)
}

/// Where every part of a sound `source` was written. This parser hands its places out with errors alone, so one is made:
/// a bracket behind the end, which changes nothing before it.
fn places(source: &str) -> Option<Arc<SourceInfo>> {
    let spoilt = format!("{source}\n)");
    let errors = parser().parse(&spoilt).err()?.errors;
    errors.into_iter().find_map(|error| error.source_info)
}

impl Syntax {
    /// Reads `source`.
    pub(super) fn read(source: &str) -> Result<Self, ExpressionError> {
        check_size(source)?;
        let root = parser()
            .parse(source)
            .map_err(|errors| syntax_error(source, &errors.errors))?;
        let depth = depth(&root);
        if depth > MAX_DEPTH {
            return Err(ExpressionError::TooLarge {
                what: format!("{depth} steps deep"),
                limit: MAX_DEPTH,
            });
        }
        Ok(Self {
            source: source.to_owned(),
            root,
            places: places(source),
        })
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }

    pub(super) fn root(&self) -> &IdedExpr {
        &self.root
    }

    /// Every variable and function it uses; one that nothing provides is an error at its place.
    pub(super) fn names(&self) -> Result<BTreeSet<String>, ExpressionError> {
        let mut found = Found::default();
        found.visit(&self.root, &mut Vec::new());
        let known = |name: &str| {
            VARIABLES.contains(&name)
                || FUNCTIONS.contains(&name)
                || BUILT_IN.iter().any(|(known, _)| *known == name)
        };
        for (name, id) in &found.names {
            let variable = !found.functions.contains(name.as_str());
            if !known(name) || variable && !VARIABLES.contains(&name.as_str()) {
                return Err(ExpressionError::UnknownName {
                    name: name.clone(),
                    at: self.name_place(*id, name),
                });
            }
        }
        Ok(found.names.into_keys().collect())
    }

    /// Where a part was written, from its first to its last byte.
    pub(super) fn place(&self, expr: &IdedExpr) -> Range<usize> {
        let mut range = self.token(expr.id);
        for_each_child(&expr.expr, &mut |child| {
            let inner = self.place(child);
            if !inner.is_empty() {
                range = if range.is_empty() {
                    inner
                } else {
                    range.start.min(inner.start)..range.end.max(inner.end)
                };
            }
        });
        match &expr.expr {
            // The token is the dot or the opening bracket: the name beside it belongs to the part.
            Expr::Select(select) if !select.test => {
                let dot = self.token(expr.id);
                range.end = range.end.max(self.name_after(dot.end, &select.field).end);
            }
            Expr::Select(_) => range.start = range.start.min(self.name_place(expr.id, "has").start),
            Expr::Call(call) if is_named(&call.func_name) && call.target.is_none() => {
                range.start = range.start.min(self.name_place(expr.id, &call.func_name).start);
            }
            _ => {}
        }
        self.balanced(range)
    }

    /// Where the name of a function or variable stands whose token is `id`: the token itself, or just before the bracket.
    pub(super) fn name_place(&self, id: u64, name: &str) -> Range<usize> {
        let token = self.token(id);
        if self.source.get(token.clone()) == Some(name) {
            return token;
        }
        match self
            .source
            .get(..token.start)
            .and_then(|before| before.rfind(name))
        {
            Some(start) => start..start + name.len(),
            None => token,
        }
    }

    /// Where the field of a selection stands.
    pub(super) fn field_place(&self, expr: &IdedExpr, field: &str) -> Range<usize> {
        let token = self.token(expr.id);
        match &expr.expr {
            // A test was made from `has(a.b)`: its token is the bracket, and the field is the last thing before it closes.
            Expr::Select(select) if select.test => {
                let whole = self.place(expr);
                let inside = self.source.get(whole.clone()).unwrap_or_default();
                match inside.rfind(field) {
                    Some(at) => whole.start + at..whole.start + at + field.len(),
                    None => whole,
                }
            }
            _ => self.name_after(token.end, field),
        }
    }

    fn name_after(&self, from: usize, name: &str) -> Range<usize> {
        match self.source.get(from..).and_then(|rest| rest.find(name)) {
            Some(at) => from + at..from + at + name.len(),
            None => from..from,
        }
    }

    fn token(&self, id: u64) -> Range<usize> {
        let found = self.places.as_ref().and_then(|places| places.offset_for(id));
        let Some((start, end)) = found else {
            return 0..0;
        };
        let end = (end as usize).min(self.source.len());
        (start as usize).min(end)..end
    }

    /// The range with the brackets that close what it opens, and open what it closes: brackets around a part are not in the tree.
    fn balanced(&self, range: Range<usize>) -> Range<usize> {
        let (mut start, mut end) = (range.start, range.end);
        let mut open = Vec::new();
        let mut unopened = 0usize;
        let mut quote = None;
        let mut escaped = false;
        let text = self.source.get(range.start..).unwrap_or_default();
        for (at, c) in text.char_indices() {
            let at = range.start + at;
            if at >= range.end && open.is_empty() {
                break;
            }
            match quote {
                Some(_) if escaped => escaped = false,
                Some(_) if c == '\\' => escaped = true,
                Some(q) if c == q => quote = None,
                None if matches!(c, '"' | '\'') => quote = Some(c),
                None if matches!(c, '(' | '[' | '{') => open.push(at),
                None if matches!(c, ')' | ']' | '}') => {
                    if open.pop().is_none() {
                        unopened += 1;
                    }
                    end = end.max(at + 1);
                }
                _ => {}
            }
        }
        let before = self.source.get(..start).unwrap_or_default();
        for (at, c) in before.char_indices().rev().filter(|(_, c)| !c.is_whitespace()) {
            if unopened == 0 || !matches!(c, '(' | '[' | '{') {
                break;
            }
            unopened -= 1;
            start = at;
        }
        start..end
    }
}

/// Whether a call is written with a name, not as an operator.
pub(super) fn is_named(function: &str) -> bool {
    !function.starts_with(['_', '!', '-', '@'])
}

/// Names used freely: a macro's own variable (`p` in `exists(p, p.open)`) is bound, not free.
#[derive(Default)]
struct Found {
    names: BTreeMap<String, u64>,
    functions: BTreeSet<String>,
}

impl Found {
    fn visit<'e>(&mut self, expr: &'e IdedExpr, bound: &mut Vec<&'e str>) {
        match &expr.expr {
            Expr::Ident(name) => {
                if !name.starts_with('@') && !bound.contains(&name.as_str()) {
                    self.names.entry(name.clone()).or_insert(expr.id);
                }
            }
            Expr::Comprehension(c) => {
                self.visit(&c.iter_range, bound);
                let outer = bound.len();
                bound.push(&c.iter_var);
                self.visit(&c.loop_step, bound);
                bound.truncate(outer);
            }
            // A message of some type: we have none, so its name is as unknown as any other.
            Expr::Struct(message) => {
                self.names.entry(message.type_name.clone()).or_insert(expr.id);
            }
            other => {
                if let Expr::Call(call) = other
                    && is_named(&call.func_name)
                {
                    self.functions.insert(call.func_name.clone());
                    self.names.entry(call.func_name.clone()).or_insert(expr.id);
                }
                for_each_child(other, &mut |child| self.visit(child, bound));
            }
        }
    }
}

/// Calls `f` with every direct part, in the order written.
pub(super) fn for_each_child<'e>(expr: &'e Expr, f: &mut dyn FnMut(&'e IdedExpr)) {
    match expr {
        Expr::Call(call) => {
            if let Some(target) = &call.target {
                f(target);
            }
            call.args.iter().for_each(f);
        }
        Expr::Comprehension(c) => {
            f(&c.iter_range);
            match Loop::of(c) {
                Some(Loop::Exists(body) | Loop::All(body) | Loop::One(body)) => f(body),
                Some(Loop::Collect { guard, item }) => {
                    if let Some(guard) = guard {
                        f(guard);
                    }
                    f(item);
                }
                None => f(&c.loop_step),
            }
        }
        Expr::List(list) => list.elements.iter().for_each(f),
        Expr::Select(select) => f(&select.operand),
        Expr::Map(map) => {
            for entry in &map.entries {
                if let EntryExpr::MapEntry(entry) = &entry.expr {
                    f(&entry.key);
                    f(&entry.value);
                }
            }
        }
        Expr::Struct(_) | Expr::Literal(_) | Expr::Ident(_) | Expr::Unspecified => {}
    }
}

/// What a macro over a list was before the parser expanded it.
#[derive(Clone, Copy)]
pub(super) enum Loop<'e> {
    /// `exists(v, body)`.
    Exists(&'e IdedExpr),
    /// `all(v, body)`.
    All(&'e IdedExpr),
    /// `exists_one(v, body)`.
    One(&'e IdedExpr),
    /// `filter` and `map`: the item of each element for which the guard holds.
    Collect {
        guard: Option<&'e IdedExpr>,
        item: &'e IdedExpr,
    },
}

impl<'e> Loop<'e> {
    pub(super) fn of(c: &'e ComprehensionExpr) -> Option<Self> {
        let Expr::Call(step) = &c.loop_step.expr else {
            return None;
        };
        let is_result = |e: &IdedExpr| matches!(&e.expr, Expr::Ident(name) if *name == c.accu_var);
        match (step.func_name.as_str(), step.args.as_slice()) {
            (operators::LOGICAL_OR, [result, body]) if is_result(result) => Some(Self::Exists(body)),
            (operators::LOGICAL_AND, [result, body]) if is_result(result) => Some(Self::All(body)),
            (operators::CONDITIONAL, [guard, taken, otherwise]) if is_result(otherwise) => {
                match appended(taken, &is_result) {
                    Some(item) => Some(Self::Collect {
                        guard: Some(guard),
                        item,
                    }),
                    None => Some(Self::One(guard)),
                }
            }
            _ => appended(&c.loop_step, &is_result).map(|item| Self::Collect { guard: None, item }),
        }
    }
}

/// The `x` of `@result + [x]`.
fn appended<'e>(step: &'e IdedExpr, is_result: &dyn Fn(&IdedExpr) -> bool) -> Option<&'e IdedExpr> {
    let Expr::Call(call) = &step.expr else { return None };
    match (call.func_name.as_str(), call.args.as_slice()) {
        (operators::ADD, [result, list]) if is_result(result) => match &list.expr {
            Expr::List(list) => list.elements.first().filter(|_| list.elements.len() == 1),
            _ => None,
        },
        _ => None,
    }
}

fn depth(expr: &IdedExpr) -> usize {
    let mut deepest = 0;
    for_each_child(&expr.expr, &mut |child| deepest = deepest.max(depth(child)));
    deepest + 1
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

/// The parser's first complaint in plain words.
fn syntax_error(source: &str, errors: &[ParseError]) -> ExpressionError {
    let placed = errors.iter().find(|e| e.pos.0 > 0).or(errors.first());
    let (raw, (line, column)) = placed.map_or(("", (1, 1)), |e| (e.msg.as_str(), e.pos));
    if errors.iter().any(|e| e.msg.to_lowercase().contains("recursion")) {
        return ExpressionError::TooLarge {
            what: "nested too deep".to_owned(),
            limit: MAX_NESTING,
        };
    }
    let start = offset(source, line, column);
    let rest = source.get(start..).unwrap_or_default();
    let word = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next();
    let word = word.filter(|w| !w.is_empty()).unwrap_or_else(|| {
        let len = rest.chars().next().map_or(0, char::len_utf8);
        &rest[..len]
    });
    let at = start..start + word.len();
    let (message, help) = match word {
        _ if raw.contains("has() macro") => (
            "`has` asks about one field".to_owned(),
            "write `has(form.x)` or `has(data.x)`",
        ),
        "" => (
            "it ends where more is expected".to_owned(),
            "complete it: something is missing after the last sign, or a bracket is not closed",
        ),
        "=" => ("`=` alone means nothing here".to_owned(), "compare with `==`"),
        "and" | "AND" | "or" | "OR" | "not" | "NOT" => (
            format!("`{word}` is not a word of this language"),
            "write `&&` for and, `||` for or, `!` for not",
        ),
        "&" | "|" => (
            format!("a single `{word}` means nothing here"),
            "write `&&` for and, `||` for or",
        ),
        "\"" | "'" => (
            "a text begins and does not end".to_owned(),
            "close the quotation mark, and use the same one on both sides",
        ),
        _ => (
            format!("`{word}` is not expected here"),
            "look for a missing operator, quotation mark or bracket just before it",
        ),
    };
    ExpressionError::Syntax { message, help, at }
}

/// A line and column in characters, both from 1, as a byte offset.
fn offset(source: &str, line: isize, column: isize) -> usize {
    let line = usize::try_from(line).unwrap_or(1).max(1);
    let column = usize::try_from(column).unwrap_or(1).max(1);
    let before: usize = source.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let text = source.get(before..).unwrap_or_default();
    let within = text
        .char_indices()
        .nth(column - 1)
        .map_or(text.len(), |(at, _)| at);
    (before + within).min(source.len())
}
