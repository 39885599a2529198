//! What a pack's conditions can tell apart: the fields they read and the values they compare with.
//! Looks at the words of expressions only, so it may take more for read than is, never less.

use std::collections::{BTreeMap, BTreeSet};

use peshi_casework::expression::Expression;
use peshi_casework::pack::{Act, Given, Pack, deed};
use peshi_statechart::{Action, descriptor_matches};

/// What conditions read.
#[derive(Debug, Default)]
pub(super) struct Reads {
    /// Kept fields that decide something.
    pub(super) fields: BTreeSet<String>,
    /// Fields that decide something only while the form is at hand, by event; under no event, whatever the event.
    forms: BTreeMap<Option<String>, BTreeSet<String>>,
    /// Fields of which it matters only whether they are filled in.
    pub(super) presence: BTreeSet<String>,
    /// Texts that a field is compared with, by field.
    pub(super) texts: BTreeMap<String, BTreeSet<String>>,
    /// Whole numbers that a field is compared with, by field.
    pub(super) numbers: BTreeMap<String, BTreeSet<i64>>,
    /// Some condition may look at children that have ended.
    pub(super) ended_children: bool,
    /// Conditions that read the clock.
    pub(super) clock_bound: Vec<String>,
}

impl Reads {
    /// Numbers beyond this are all alike: a sum that only grows would never come back to a known situation.
    pub(super) fn large(&self) -> i64 {
        3 * self
            .numbers
            .values()
            .flatten()
            .copied()
            .max()
            .unwrap_or(0)
            .max(100)
    }

    pub(super) fn of(pack: &Pack) -> Self {
        let mut reads = Self::default();
        let mut assigned: Vec<Assigned<'_>> = Vec::new();
        for spec in pack.charts.values() {
            for state in spec.chart.states() {
                for actions in [state.entry(), state.exit()] {
                    assign(actions, &[], &mut assigned);
                    reads.conditions(actions, &[]);
                }
                for transition in state.transitions() {
                    assign(transition.actions(), transition.events(), &mut assigned);
                    reads.conditions(transition.actions(), transition.events());
                    if let Some(condition) = transition.guard().and_then(|g| g.condition.as_ref()) {
                        reads.take(condition, transition.events());
                    }
                }
            }
        }
        for invariant in &pack.invariants {
            let both = invariant.when.iter().chain([&invariant.holds]);
            both.for_each(|e| reads.take(e, &[]));
        }
        for field in pack.forms.values().flat_map(|form| &form.fields) {
            field.required_if.iter().for_each(|e| reads.take(e, &[]));
        }
        for rule in pack.deadlines.values() {
            let conditions = rule.on_miss.iter().filter_map(Act::condition);
            conditions.for_each(|e| reads.take(e, &[]));
            reads.presence.extend(rule.from.clone());
            for (field, words) in [("province", &rule.provinces), ("forum", &rule.courts)] {
                if !words.is_empty() {
                    reads.fields.insert(field.to_owned());
                    let texts = reads.texts.entry(field.to_owned()).or_default();
                    texts.extend(words.iter().cloned());
                }
            }
        }
        // A field matters too if it goes into one that does.
        loop {
            let matters = |name: &str| reads.fields.contains(name) || reads.presence.contains(name);
            let Some(n) = assigned.iter().position(|a| matters(a.target)) else {
                break;
            };
            let assigned = assigned.swap_remove(n);
            reads.take(assigned.expression, assigned.events);
        }
        // What else is computed must still have something to be computed from.
        for assigned in assigned {
            let words = Words::of(assigned.expression.source());
            reads.presence.extend(words.kept);
            reads.presence.extend(words.of_form);
        }
        reads
    }

    /// Whether it matters what the form of `event` says in `field`.
    pub(super) fn matters(&self, event: &str, field: &str) -> bool {
        let read = |forms: Option<&BTreeSet<String>>| forms.is_some_and(|fields| fields.contains(field));
        self.fields.contains(field)
            || read(self.forms.get(&None))
            || self.forms.iter().any(|(descriptor, fields)| {
                let takes = |d: &String| descriptor_matches(d, event);
                fields.contains(field) && descriptor.as_ref().is_some_and(takes)
            })
    }

    /// Takes note of the conditions of actions.
    fn conditions(&mut self, actions: &[Action<Act>], events: &[String]) {
        for action in actions {
            if let Action::Host(act) = action
                && let Some(condition) = act.condition()
            {
                self.take(condition, events);
            }
        }
    }

    /// Takes note of an expression that is asked with these events.
    fn take(&mut self, expression: &Expression, events: &[String]) {
        let words = Words::of(expression.source());
        self.fields.extend(words.kept.clone());
        // What follows by itself still sees the form of the event that led to it.
        let recorded = !events.is_empty() && !events.iter().any(|e| by_the_program(e));
        let events: Vec<Option<String>> = if recorded {
            events.iter().cloned().map(Some).collect()
        } else {
            vec![None]
        };
        for event in events {
            self.forms.entry(event).or_default().extend(words.of_form.clone());
        }
        for field in words.kept.iter().chain(&words.of_form) {
            self.texts
                .entry(field.clone())
                .or_default()
                .extend(words.texts.clone());
            self.numbers
                .entry(field.clone())
                .or_default()
                .extend(words.numbers.clone());
        }
        if expression.uses("children") {
            let negated = words.negated_open || !expression.source().contains(".open");
            self.ended_children |= negated;
        }
        if ["now", "today", "occurred_on", "occurred_at"]
            .iter()
            .any(|name| expression.uses(name))
        {
            self.clock_bound.push(expression.source().to_owned());
        }
    }
}

/// A field that gets a computed value.
struct Assigned<'p> {
    target: &'p str,
    expression: &'p Expression,
    events: &'p [String],
}

fn assign<'p>(actions: &'p [Action<Act>], events: &'p [String], assigned: &mut Vec<Assigned<'p>>) {
    let mut note = |target: &'p str, expression: &'p Expression| {
        assigned.push(Assigned {
            target,
            expression,
            events,
        });
    };
    for action in actions {
        match deed(action) {
            Some(Act::Set(fields)) => fields.iter().for_each(|(name, e)| note(name, e)),
            // What a violation is told with has to be there, as what a child begins with.
            Some(Act::Spawn { with, .. } | Act::Violation { with, .. }) => {
                for (name, given) in with {
                    if let Given::Computed(e) = given {
                        note(name, e);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Events that come by themselves, and the descriptor that names none.
pub(super) fn by_the_program(event: &str) -> bool {
    event.contains('*')
        || ["done.", "after.", "deadline."]
            .iter()
            .any(|p| event.starts_with(p))
}

/// The words of one expression.
#[derive(Debug, Default)]
struct Words {
    /// Fields kept by some instance.
    kept: BTreeSet<String>,
    /// Fields of the event's form.
    of_form: BTreeSet<String>,
    texts: BTreeSet<String>,
    numbers: BTreeSet<i64>,
    negated_open: bool,
}

impl Words {
    fn of(source: &str) -> Self {
        let mut words = Self::default();
        let tokens = tokens(source);
        for (n, token) in tokens.iter().enumerate() {
            let before = |back: usize| n.checked_sub(back).map(|at| &tokens[at]);
            match token {
                Token::Text(text) => {
                    words.texts.insert(text.clone());
                    // data["x"]
                    if matches!(before(1), Some(Token::Sign('['))) {
                        words.kept.insert(text.clone());
                        words.of_form.insert(text.clone());
                    }
                }
                Token::Number(number) => words.numbers.extend(number),
                Token::Name(name) => {
                    let after_dot = matches!(before(1), Some(Token::Sign('.')));
                    let owner = before(2).and_then(|t| match t {
                        Token::Name(owner) => Some(owner.as_str()),
                        _ => None,
                    });
                    match owner {
                        Some("data" | "root") if after_dot => drop(words.kept.insert(name.clone())),
                        Some("form") if after_dot => drop(words.of_form.insert(name.clone())),
                        _ => {}
                    }
                    if after_dot && name == "open" && matches!(before(3), Some(Token::Sign('!'))) {
                        words.negated_open = true;
                    }
                }
                Token::Sign(_) => {}
            }
        }
        words
    }
}

enum Token {
    Name(String),
    Text(String),
    /// A whole number but 0, which is always tried; a fraction is rounded down.
    Number(Option<i64>),
    Sign(char),
}

fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '"' || c == '\'' {
            let text: String = chars.by_ref().take_while(|end| *end != c).collect();
            tokens.push(Token::Text(text));
        } else if c.is_ascii_digit() || c.is_alphabetic() || c == '_' {
            let number = c.is_ascii_digit();
            let mut word = c.to_string();
            while let Some(more) = chars.next_if(|m| m.is_alphanumeric() || *m == '_' || number && *m == '.')
            {
                word.push(more);
            }
            tokens.push(if number {
                let whole = word.split('.').next().unwrap_or_default();
                Token::Number(whole.trim_end_matches('u').parse().ok().filter(|n| *n != 0))
            } else {
                Token::Name(word)
            });
        } else if !c.is_whitespace() {
            tokens.push(Token::Sign(c));
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_condition() {
        let words = Words::of(
            r#"form.amount > 100 && has(data.paid) && root["kind"] == 'a' && children("job").exists(p, !p.open && p.data.size < 2.5)"#,
        );
        let kept: Vec<&str> = words.kept.iter().map(String::as_str).collect();
        assert_eq!(kept, ["kind", "paid", "size"]);
        assert!(words.of_form.contains("amount"));
        let texts: Vec<&str> = words.texts.iter().map(String::as_str).collect();
        assert_eq!(texts, ["a", "job", "kind"]);
        assert_eq!(words.numbers, BTreeSet::from([2, 100]));
        assert!(words.negated_open);
        assert!(!Words::of(r#"!children("job").exists(p, p.open)"#).negated_open);
    }
}
