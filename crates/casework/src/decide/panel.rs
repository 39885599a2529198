//! Panels of a case: what its pack computes from the root's data, when somebody looks.
//! Knows how to ask; decides nothing and keeps nothing.

use serde_json::Value;

use super::draft::Draft;
use super::host::{ScopeParts, configuration};
use crate::case::Case;
use crate::command::Context;
use crate::expression::Expression;
use crate::fact::Fields;
use crate::ids::InstanceId;

/// A panel that is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownPanel {
    /// Its name.
    pub name: String,
    /// Its rows in order; no value where the case does not say enough.
    pub rows: Vec<(String, Option<Value>)>,
}

/// The panels of the pack whose condition holds. One whose condition has no answer is not shown.
pub fn shown_panels(ctx: &Context<'_>, case: &Case) -> Vec<ShownPanel> {
    if ctx.pack.panels.is_empty() {
        return Vec::new();
    }
    let draft = Draft::of(case.clone(), ctx);
    let root = InstanceId::root();
    let active = configuration(&draft, &root);
    let form = Fields::new();
    let holds = |expression: &Expression| {
        let parts = ScopeParts::of(&draft, &root, expression);
        expression
            .holds(&parts.scope(&draft, &active, &form))
            .unwrap_or(false)
    };
    let value = |expression: &Expression| {
        let parts = ScopeParts::of(&draft, &root, expression);
        expression.value(&parts.scope(&draft, &active, &form)).ok()
    };
    let panels = ctx
        .pack
        .panels
        .iter()
        .filter(|panel| panel.when.as_ref().is_none_or(holds));
    panels
        .map(|panel| ShownPanel {
            name: panel.name.clone(),
            rows: panel
                .rows
                .iter()
                .map(|(row, e)| (row.clone(), value(e)))
                .collect(),
        })
        .collect()
}
