//! Forms filled in by chance, as strangers would: every required field, some of the others.

use chrono::{DateTime, TimeDelta, Utc};
use peshi_casework::Fields;
use peshi_casework::pack::{Field, FieldKind, Pack};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

/// A form filled in at random, the required fields always.
pub(super) fn filled(pack: &Pack, form: Option<&str>, seed: u64, now: DateTime<Utc>) -> Fields {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let Some(form) = form.and_then(|name| pack.forms.get(name)) else {
        return Fields::new();
    };
    let fields = form.fields.iter();
    fields
        .filter_map(|field| {
            let wanted = field.required || rng.random_range(0..3) > 0;
            wanted.then(|| (field.name.clone(), value(field, &mut rng, now)))
        })
        .collect()
}

fn value(field: &Field, rng: &mut impl Rng, now: DateTime<Utc>) -> Value {
    let days = rng.random_range(1..40);
    let moment = now + TimeDelta::days(if field.future { days } else { -days });
    match field.kind {
        FieldKind::Choice => json!(field.choices[rng.random_range(0..field.choices.len())]),
        FieldKind::Choices => json!([field.choices[rng.random_range(0..field.choices.len())]]),
        FieldKind::ApproximateDate => json!("about 2010"),
        FieldKind::ApproximateTime => json!("morning"),
        FieldKind::Datetime => json!(moment.format("%Y-%m-%dT09:00").to_string()),
        FieldKind::Date => json!(moment.format("%Y-%m-%d").to_string()),
        FieldKind::Number => json!(rng.random_range(0..30)),
        FieldKind::Money => json!(10.5),
        FieldKind::YesNo => json!(rng.random::<bool>()),
        FieldKind::Phone => json!("0300-0000000"),
        FieldKind::Cnic => json!("10000-0000000-0"),
        FieldKind::Text | FieldKind::LongText => json!("invented"),
    }
}
