//! What people said of an event or a violation beyond a pack's form, as facts that pages can show.
//! Knows the product's own fields; no pack.

use peshi_casework::pack::FieldKind;
use peshi_casework::violation::{Details, Proof};
use peshi_casework::{Knowledge, Violation};
use serde_json::Value;

use crate::case_view::word;
use crate::views::{FactView, ViolationView};

/// How far its moment is sure, since when it is known, who told it.
pub(crate) fn knowledge(known: &Knowledge) -> Vec<FactView> {
    [
        text(
            "known-happened",
            known.happened.as_deref(),
            FieldKind::ApproximateDate,
            "open",
        ),
        moment("known-since", known.since.as_deref()),
        text(
            "known-source",
            known.source.as_deref(),
            FieldKind::Text,
            "personal",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What is known of a violation.
pub(crate) fn details(details: &Details) -> Vec<FactView> {
    let proof = details.proof.map(Proof::as_str);
    let proof = proof.map(|word| FactView {
        choice_key: Some(format!("proof-{word}")),
        ..fact("detail-proof", word, FieldKind::Choice, "open")
    });
    [
        moment("detail-at", details.at.as_deref()),
        text("detail-place", details.place.as_deref(), FieldKind::Text, "open"),
        text("detail-by", details.by.as_deref(), FieldKind::Text, "personal"),
        proof,
        text(
            "detail-reason",
            details.reason.as_deref(),
            FieldKind::Text,
            "open",
        ),
        text(
            "detail-account",
            details.account.as_deref(),
            FieldKind::LongText,
            "narrative",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A violation as its case shows it.
pub(crate) fn violation(number: usize, violation: &Violation) -> ViolationView {
    ViolationView {
        number,
        status: violation.status.as_str().to_owned(),
        details: details(&violation.details),
        used: violation.used.clone(),
        publishable: violation.publishable,
        concerns: violation.concerns.as_ref().map(ToString::to_string),
        code: violation.code.clone(),
        key: format!("violation-{}", violation.code),
        occurred_at: violation.occurred_at,
    }
}

/// One text that was said.
pub(crate) fn one(key: &str, value: &str) -> FactView {
    fact(key, value, FieldKind::Text, "open")
}

/// An exact moment has an hour; every other is a date known more or less.
fn moment(key: &str, value: Option<&str>) -> Option<FactView> {
    let exact = value.is_some_and(|text| text.contains('T'));
    let kind = if exact {
        FieldKind::Datetime
    } else {
        FieldKind::ApproximateDate
    };
    text(key, value, kind, "open")
}

fn text(key: &str, value: Option<&str>, kind: FieldKind, sensitivity: &str) -> Option<FactView> {
    value.map(|value| fact(key, value, kind, sensitivity))
}

fn fact(key: &str, value: &str, kind: FieldKind, sensitivity: &str) -> FactView {
    FactView {
        key: key.to_owned(),
        value: Value::String(value.to_owned()),
        choice_key: None,
        choice_keys: Vec::new(),
        kind: word(kind),
        sensitivity: sensitivity.to_owned(),
    }
}
