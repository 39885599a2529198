//! Guards in the workflow files' own language, and a host that asks them as a case does.

use anyhow::{Context, Result};
use chrono::{DateTime, NaiveDate, Utc};
use peshi_casework::Fields;
use peshi_casework::expression::{Expression, ExpressionError, Scope};
use peshi_statechart::{Host, RaisedEvents, View};
use serde_json::json;
use std::convert::Infallible;

/// One comparison of a text, the commonest guard of all.
pub(crate) const ONE: &[&str] = &[r#"form.level == "high""#];

/// Of each sort that the packs use, all of them true here.
pub(crate) const MIXED: &[&str] = &[
    r#"form.level == "high""#,
    r#"data.age < 18 && data.province == "sindh""#,
    "has(form.next_at)",
    r#"in_state("r0")"#,
    "days_between(data.seen_on, today) > 2",
];

/// Compiles them.
pub(crate) fn compile(texts: &[&str]) -> Result<Vec<Expression>> {
    let compile =
        |text: &&str| Expression::compile(text).with_context(|| format!("the guard `{text}` is not sound"));
    texts.iter().map(compile).collect()
}

/// A host without guards and without effects.
pub(crate) struct Quiet;

impl<G> Host<G, ()> for Quiet {
    type Error = Infallible;

    fn holds(&mut self, _: &G, _: &View<'_>) -> Result<bool, Infallible> {
        Ok(true)
    }

    fn run(&mut self, (): &(), _: &View<'_>, _: &mut RaisedEvents) -> Result<(), Infallible> {
        Ok(())
    }
}

/// A host that asks each guard over a case's data.
pub(crate) struct Judge {
    data: Fields,
    form: Fields,
    now: DateTime<Utc>,
    today: NaiveDate,
    /// How many guards it was asked.
    pub(crate) asked: u64,
}

impl Judge {
    pub(crate) fn new() -> Self {
        let fields = |value: serde_json::Value| value.as_object().cloned().unwrap_or_default();
        let now = DateTime::from_timestamp_secs(1_790_000_000).unwrap_or_default();
        Self {
            data: fields(json!({
                "age": 14, "province": "sindh", "district": "invented", "seen_on": "2026-01-05",
                "kind": "first", "relation": "invented", "notes": "invented", "urgent": true,
            })),
            form: fields(json!({ "level": "high", "next_at": "2026-10-12T09:00", "remark": "invented" })),
            now,
            today: now.date_naive(),
            asked: 0,
        }
    }
}

impl Host<Expression, ()> for Judge {
    type Error = ExpressionError;

    fn holds(&mut self, guard: &Expression, view: &View<'_>) -> Result<bool, ExpressionError> {
        self.asked += 1;
        // As a case does: the active states are gathered only for a guard that asks for them.
        let active: Vec<String> = if guard.uses("in_state") {
            view.active().map(str::to_owned).collect()
        } else {
            Vec::new()
        };
        guard.holds(&Scope {
            data: &self.data,
            form: &self.form,
            root: &self.data,
            active: &active,
            case_active: &[],
            children: &[],
            now: self.now,
            today: self.today,
            occurred_at: self.today.and_time(chrono::NaiveTime::MIN),
        })
    }

    fn run(&mut self, (): &(), _: &View<'_>, _: &mut RaisedEvents) -> Result<(), ExpressionError> {
        Ok(())
    }
}
