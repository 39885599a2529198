//! Whether a case keeps its pack's invariants: conditions over the root instance, asked between decisions.
//! Knows how to ask; who asks, and when, is the caller's affair.

use super::draft::Draft;
use super::host::{ScopeParts, configuration};
use crate::case::Case;
use crate::command::Context;
use crate::expression::{Expression, ExpressionError};
use crate::fact::Fields;
use crate::ids::InstanceId;
use crate::pack::Invariant;

/// An invariant that a case does not keep.
#[derive(Debug, Clone, PartialEq)]
pub struct Broken<'p> {
    /// Which.
    pub invariant: &'p Invariant,
    /// Why it has no answer; none when the answer is plainly no.
    pub fault: Option<ExpressionError>,
}

/// The invariants of the pack that `case` breaks, in the order written. One that cannot be answered counts as broken:
/// nothing is guessed.
pub fn broken<'p>(ctx: &Context<'p>, case: &Case) -> Vec<Broken<'p>> {
    if ctx.pack.invariants.is_empty() {
        return Vec::new();
    }
    let draft = Draft::of(case.clone(), ctx);
    let root = InstanceId::root();
    let active = configuration(&draft, &root);
    let form = Fields::new();
    let ask = |expression: &Expression| {
        let parts = ScopeParts::of(&draft, &root, expression);
        expression.holds(&parts.scope(&draft, &active, &form))
    };
    let answer = |invariant: &Invariant| match invariant.when.as_ref().map(ask) {
        Some(Ok(false)) => Ok(true),
        Some(Err(fault)) => Err(fault),
        None | Some(Ok(true)) => ask(&invariant.holds),
    };
    let verdict = |invariant: &'p Invariant| match answer(invariant) {
        Ok(true) => None,
        Ok(false) => Some(Broken {
            invariant,
            fault: None,
        }),
        Err(fault) => Some(Broken {
            invariant,
            fault: Some(fault),
        }),
    };
    ctx.pack.invariants.iter().filter_map(verdict).collect()
}
