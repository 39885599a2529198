//! Plausible values for forms: invented, but of the right type and on the right side of now.
//! Knows fields; which value is drawn is the caller's chance, so that a seed repeats it.

use chrono::{Days, NaiveDateTime, NaiveTime};
use peshi_casework::Fields;
use peshi_casework::pack::{Field, FieldKind, Form};
use serde_json::{Value, json};

/// Something that gives a number below its argument (which is never 0).
pub type Chance<'c> = dyn FnMut(u32) -> u32 + 'c;

/// Every required field, and each optional one as chance has it.
pub fn fill(form: &Form, local_now: NaiveDateTime, chance: &mut Chance<'_>) -> Fields {
    let mut fields = Fields::new();
    for field in &form.fields {
        // One that is required on a condition may be so here.
        if field.required || field.required_if.is_some() || chance(2) == 1 {
            fields.insert(field.name.clone(), value(field, local_now, chance));
        }
    }
    fields
}

/// Every required field, always the same.
pub fn first(form: &Form, local_now: NaiveDateTime) -> Fields {
    fill(form, local_now, &mut |_| 0)
}

/// One value.
pub fn value(field: &Field, local_now: NaiveDateTime, chance: &mut Chance<'_>) -> Value {
    match field.kind {
        FieldKind::Choice => {
            let count = u32::try_from(field.choices.len()).unwrap_or(u32::MAX);
            let nth = if count == 0 { 0 } else { chance(count) };
            json!(field.choices.get(nth as usize))
        }
        FieldKind::Choices => {
            let some = field.choices.iter().filter(|_| chance(2) == 0);
            let some: Vec<&String> = some.collect();
            if some.is_empty() {
                json!(field.choices.iter().take(1).collect::<Vec<_>>())
            } else {
                json!(some)
            }
        }
        FieldKind::ApproximateDate => json!(roughly(local_now, chance)),
        FieldKind::ApproximateTime => {
            json!(["morning", "16:30", "about 16:30", "16:00..18:00"][chance(4) as usize])
        }
        FieldKind::Date => json!(day(field, local_now, chance).date().to_string()),
        FieldKind::Datetime => json!(day(field, local_now, chance).format("%Y-%m-%dT%H:%M").to_string()),
        FieldKind::Number => json!(1 + chance(9)),
        FieldKind::Money => json!(f64::from(10 + chance(90))),
        // Mostly yes: a form that says no to everything leads nowhere.
        FieldKind::YesNo => json!(chance(4) != 3),
        FieldKind::Phone => json!("0300-0000000"),
        FieldKind::Cnic => json!("10000-0000000-0"),
        FieldKind::Text | FieldKind::LongText => json!("invented"),
    }
}

/// A day of the last years, as exactly as chance has it.
fn roughly(local_now: NaiveDateTime, chance: &mut Chance<'_>) -> String {
    let day = local_now.date() - Days::new(u64::from(chance(3) * 365 + chance(4)));
    match chance(4) {
        0 => day.to_string(),
        1 => day.format("%Y-%m").to_string(),
        2 => day.format("%Y").to_string(),
        _ => day.format("about %Y").to_string(),
    }
}

/// A working morning ahead for what must lie ahead, else now or a few days ago.
fn day(field: &Field, local_now: NaiveDateTime, chance: &mut Chance<'_>) -> NaiveDateTime {
    if !field.future {
        return local_now - Days::new(u64::from(chance(4)));
    }
    let ahead = local_now.date() + Days::new(u64::from(7 + chance(22)));
    ahead.and_time(NaiveTime::from_hms_opt(9, 0, 0).unwrap_or(NaiveTime::MIN))
}

#[cfg(test)]
mod tests {
    use super::*;
    use peshi_casework::expression::{Expression, Scope};
    use peshi_casework::form;
    use peshi_casework::pack::Sensitivity;

    #[test]
    fn invented_values_pass_their_own_form() {
        let kinds = [
            FieldKind::Text,
            FieldKind::LongText,
            FieldKind::Number,
            FieldKind::Money,
            FieldKind::Date,
            FieldKind::Datetime,
            FieldKind::Choice,
            FieldKind::Choices,
            FieldKind::ApproximateDate,
            FieldKind::ApproximateTime,
            FieldKind::YesNo,
            FieldKind::Phone,
            FieldKind::Cnic,
        ];
        let both = kinds.iter().flat_map(|kind| [(*kind, false), (*kind, true)]);
        let fields = both.enumerate().map(|(n, (kind, future))| Field {
            name: format!("field_{n}"),
            kind,
            required: n % 3 != 0,
            choices: vec!["one".to_owned(), "two".to_owned()],
            sensitivity: Sensitivity::Open,
            future,
            required_if: (n % 5 == 0 && n % 3 == 0).then(|| Expression::compile("true").unwrap()),
            note: None,
        });
        let form = Form {
            name: "all".to_owned(),
            fields: fields.collect(),
        };
        let now = "2026-03-01T23:59:00".parse().unwrap();
        let empty = Fields::new();
        let around = Scope {
            data: &empty,
            form: &empty,
            root: &empty,
            active: &[],
            case_active: &[],
            children: &[],
            now: "2026-03-01T18:59:00Z".parse().unwrap(),
            today: "2026-03-01".parse().unwrap(),
            occurred_at: now,
        };
        for start in 0..40_u32 {
            let mut n = start;
            let mut chance = |below: u32| {
                n = n.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (n >> 8) % below
            };
            let filled = fill(&form, now, &mut chance);
            assert!(form::validate(&form, &filled, now, &around).is_ok(), "{filled:?}");
        }
        assert_eq!(
            first(&form, now).len(),
            form.fields
                .iter()
                .filter(|f| f.required || f.required_if.is_some())
                .count()
        );
    }
}
