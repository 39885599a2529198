//! Forms as the search fills them in: where a condition reads a field, each value that some condition tells apart; else
//! one plausible value.

use chrono::NaiveDateTime;
use peshi_casework::Fields;
use peshi_casework::pack::{Field, FieldKind, Form};
use serde_json::{Value, json};

use super::reads::Reads;
use crate::values;

/// Most ways to fill in one form; beyond that fields are varied one at a time.
const MOST: usize = 64;

/// Every way to fill in `form` with `event` that may make a difference.
pub(super) fn ways(event: &str, form: &Form, reads: &Reads, local_now: NaiveDateTime) -> Vec<Fields> {
    let options: Vec<(&str, Vec<Option<Value>>)> = form
        .fields
        .iter()
        .map(|field| (field.name.as_str(), options(event, field, reads, local_now)))
        .collect();
    let product = options
        .iter()
        .try_fold(1usize, |product, (_, options)| product.checked_mul(options.len()));
    if product.is_some_and(|product| product <= MOST) {
        options.iter().fold(vec![Fields::new()], |ways, (name, options)| {
            let with = |way: &Fields| {
                options
                    .iter()
                    .map(|o| filled(way, name, o.as_ref()))
                    .collect::<Vec<_>>()
            };
            ways.iter().flat_map(with).collect()
        })
    } else {
        one_at_a_time(&options)
    }
}

fn one_at_a_time(options: &[(&str, Vec<Option<Value>>)]) -> Vec<Fields> {
    let usual = options.iter().fold(Fields::new(), |way, (name, options)| {
        filled(&way, name, options.first().and_then(Option::as_ref))
    });
    let mut ways = vec![usual.clone()];
    for (name, options) in options {
        for option in options.iter().skip(1) {
            let mut way = usual.clone();
            way.remove(*name);
            ways.push(filled(&way, name, option.as_ref()));
        }
    }
    ways
}

fn filled(way: &Fields, name: &str, value: Option<&Value>) -> Fields {
    let mut way = way.clone();
    if let Some(value) = value {
        way.insert(name.to_owned(), value.clone());
    }
    way
}

/// The values of one field; none stands for leaving it out.
fn options(event: &str, field: &Field, reads: &Reads, local_now: NaiveDateTime) -> Vec<Option<Value>> {
    let plausible = values::value(field, local_now, &mut |_| 0);
    let matters = reads.matters(event, &field.name);
    let presence = reads.presence.contains(&field.name);
    if !matters && !presence {
        return vec![(field.required || field.required_if.is_some()).then_some(plausible)];
    }
    let mut options = if matters {
        told_apart(field, reads, plausible)
    } else {
        vec![plausible]
    };
    options.dedup();
    let mut options: Vec<Option<Value>> = options.into_iter().map(Some).collect();
    if !field.required {
        options.push(None);
    }
    options
}

fn told_apart(field: &Field, reads: &Reads, plausible: Value) -> Vec<Value> {
    let texts = reads.texts.get(&field.name);
    match field.kind {
        FieldKind::YesNo => vec![json!(true), json!(false)],
        FieldKind::Choice => {
            let compared = |choice: &String| texts.is_some_and(|t| t.contains(choice));
            let other = field.choices.iter().find(|c| !compared(c));
            let named = field.choices.iter().filter(|c| compared(c));
            named.chain(other).map(|c| json!(c)).collect()
        }
        FieldKind::Number | FieldKind::Money => {
            let bounds = reads.numbers.get(&field.name).into_iter().flatten();
            let mut numbers: Vec<i64> = bounds.flat_map(|n| [n - 1, *n, n + 1]).chain([0, 100]).collect();
            numbers.retain(|n| *n >= 0);
            numbers.sort_unstable();
            numbers.dedup();
            let money = field.kind == FieldKind::Money;
            // Amounts are small enough to be exact as fractions.
            let amount = |n: i64| i32::try_from(n).map_or(json!(n), |n| json!(f64::from(n)));
            numbers
                .into_iter()
                .map(|n| if money { amount(n) } else { json!(n) })
                .collect()
        }
        FieldKind::Text | FieldKind::LongText => {
            let compared = texts.into_iter().flatten().map(|t| json!(t));
            compared.chain([plausible]).collect()
        }
        FieldKind::Choices => {
            let each = field.choices.iter().map(|c| json!([c]));
            each.chain([json!(field.choices)]).collect()
        }
        FieldKind::ApproximateDate
        | FieldKind::ApproximateTime
        | FieldKind::Date
        | FieldKind::Datetime
        | FieldKind::Phone
        | FieldKind::Cnic => vec![plausible],
    }
}
