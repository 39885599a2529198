//! Whether a map fits a pack, asked before a log is read. Knows both; no row and no case.

use peshi_casework::pack::{Form, Gate, Pack};

use crate::mapping::Mapping;

/// Where a case's own key stands in the pattern of references.
const KEY: &str = "{case}";

/// Finds what would make every row fail: names that the pack does not have, references that cannot differ.
pub(crate) fn check(mapping: &Mapping, pack: &Pack) -> Result<(), String> {
    let root = pack.chart("case").ok_or("it has no root chart")?;
    for observed in mapping.observed.values() {
        if root.chart.state(&observed.entered).is_none() {
            return Err(format!("it has no state `{}`", observed.entered));
        }
    }
    if !mapping.reference.contains(KEY) {
        return Err(format!(
            "the reference `{}` would be the same for every case; put `{KEY}` into it",
            mapping.reference
        ));
    }
    let opening = &mapping.opening;
    if mapping.events.contains_key(&opening.activity) || mapping.observed.contains_key(&opening.activity) {
        return Err(format!(
            "`{}` cannot both open a case and be something else",
            opening.activity
        ));
    }
    let form = pack.opening.as_ref().and_then(|name| pack.forms.get(name));
    known_fields(&opening.activity, opening.fields.keys(), form.as_slice())?;
    for (activity, event) in &mapping.events {
        if mapping.observed.contains_key(activity) {
            return Err(format!(
                "`{activity}` cannot both be recorded and be the machine's own act"
            ));
        }
        let gates = gates(pack, &event.event);
        if gates.is_empty() {
            return Err(format!(
                "nothing in it takes the event `{}` of `{activity}`",
                event.event
            ));
        }
        let forms: Vec<&Form> = gates
            .iter()
            .filter_map(|g| pack.forms.get(g.form.as_deref()?))
            .collect();
        known_fields(activity, event.fields.keys(), &forms)?;
    }
    Ok(())
}

/// The gates of every transition that could ever take `event`.
fn gates<'a>(pack: &'a Pack, event: &str) -> Vec<&'a Gate> {
    pack.charts
        .values()
        .flat_map(|c| c.chart.states())
        .flat_map(|state| state.transitions())
        .filter(|t| t.matches(event))
        .filter_map(|t| t.guard())
        .collect()
}

fn known_fields<'a>(
    activity: &str,
    fields: impl Iterator<Item = &'a String>,
    forms: &[&Form],
) -> Result<(), String> {
    let known: Vec<&str> = forms
        .iter()
        .flat_map(|f| &f.fields)
        .map(|f| f.name.as_str())
        .collect();
    for field in fields {
        if !known.contains(&field.as_str()) {
            let known = if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            };
            return Err(format!(
                "the form of `{activity}` has no field `{field}`; it has: {known}"
            ));
        }
    }
    Ok(())
}
