//! Filled-in forms: typed values from what a person wrote, or the list of what is wrong.
//! Knows fields and their forms in writing; no chart, no words for people.

use chrono::{NaiveDate, NaiveDateTime};
use serde_json::{Number, Value};

use crate::command::FieldError;
use crate::fact::Fields;
use crate::pack::{Field, FieldKind, Form};

/// Longest text kept of one field, in characters.
pub const MAX_TEXT: usize = 20_000;

/// Checks `given` against `form` and brings each value to its kept form: numbers as numbers, dates as
/// `YYYY-MM-DD`, local moments as `YYYY-MM-DDTHH:MM`, phones as E.164. Unknown fields are refused, not dropped.
///
/// # Errors
/// Every fault at once.
pub fn validate(form: &Form, given: &Fields, local_now: NaiveDateTime) -> Result<Fields, Vec<FieldError>> {
    let mut kept = Fields::new();
    let mut faults = Vec::new();
    for field in &form.fields {
        match given.get(&field.name).filter(|v| !is_blank(v)) {
            None if field.required => faults.push(fault(field, "required")),
            None => {}
            Some(value) => match typed(field, value, local_now) {
                Ok(value) => {
                    kept.insert(field.name.clone(), value);
                }
                Err(problem) => faults.push(fault(field, problem)),
            },
        }
    }
    for name in given.keys().filter(|n| form.fields.iter().all(|f| &f.name != *n)) {
        faults.push(FieldError {
            field: name.clone(),
            problem: "unknown_field".to_owned(),
        });
    }
    if faults.is_empty() { Ok(kept) } else { Err(faults) }
}

fn fault(field: &Field, problem: &str) -> FieldError {
    FieldError {
        field: field.name.clone(),
        problem: problem.to_owned(),
    }
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|s| s.trim().is_empty())
}

fn typed(field: &Field, value: &Value, local_now: NaiveDateTime) -> Result<Value, &'static str> {
    let text = match value {
        Value::String(s) => s.trim().to_owned(),
        Value::Number(n) => n.to_string(),
        Value::Bool(b) => b.to_string(),
        _ => return Err("not_a_value"),
    };
    if text.chars().count() > MAX_TEXT {
        return Err("too_long");
    }
    match field.kind {
        FieldKind::Text | FieldKind::LongText => Ok(Value::String(text)),
        FieldKind::Number => text
            .parse::<i64>()
            .map(|n| Value::Number(n.into()))
            .map_err(|_| "not_a_number"),
        FieldKind::Money => text
            .parse::<f64>()
            .ok()
            .and_then(Number::from_f64)
            .map(Value::Number)
            .ok_or("not_an_amount"),
        FieldKind::YesNo => match text.as_str() {
            "true" | "yes" | "on" => Ok(Value::Bool(true)),
            "false" | "no" => Ok(Value::Bool(false)),
            _ => Err("not_yes_or_no"),
        },
        FieldKind::Choice if field.choices.contains(&text) => Ok(Value::String(text)),
        FieldKind::Choice => Err("not_a_choice"),
        FieldKind::Date => {
            let date = date(&text).ok_or("not_a_date")?;
            if field.future && date < local_now.date() {
                return Err("not_future");
            }
            Ok(Value::String(date.to_string()))
        }
        FieldKind::Datetime => {
            let moment = moment(&text).ok_or("not_a_moment")?;
            if field.future && moment < local_now {
                return Err("not_future");
            }
            Ok(Value::String(moment.format("%Y-%m-%dT%H:%M").to_string()))
        }
        FieldKind::Phone => phone(&text).map(Value::String).ok_or("not_a_phone"),
        FieldKind::Cnic => cnic(&text).map(Value::String).ok_or("not_a_cnic"),
    }
}

/// `dd/mm/yyyy`, as written in Pakistan, or `yyyy-mm-dd`, as browsers send it.
pub fn date(text: &str) -> Option<NaiveDate> {
    ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"]
        .iter()
        .find_map(|form| NaiveDate::parse_from_str(text, form).ok())
        .filter(|d| (1900..2200).contains(&chrono::Datelike::year(d)))
}

/// A local date and time.
pub fn moment(text: &str) -> Option<NaiveDateTime> {
    let (day, time) = text.split_once(['T', ' '])?;
    let time = ["%H:%M", "%H:%M:%S"]
        .iter()
        .find_map(|f| chrono::NaiveTime::parse_from_str(time, f).ok())?;
    Some(date(day)?.and_time(time))
}

/// E.164: a mobile number as written in Pakistan, or one with its country code.
pub fn phone(text: &str) -> Option<String> {
    let kept: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let digits = kept.trim_start_matches('+');
    let international = match (kept.starts_with('+'), digits) {
        (true, d) => d.to_owned(),
        (false, d) if d.starts_with("00") => d[2..].to_owned(),
        (false, d) if d.starts_with('0') => format!("92{}", &d[1..]),
        (false, _) => return None,
    };
    (8..=15)
        .contains(&international.len())
        .then(|| format!("+{international}"))
}

/// `NNNNN-NNNNNNN-N`.
fn cnic(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (digits.len() == 13).then(|| format!("{}-{}-{}", &digits[..5], &digits[5..12], &digits[12..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::Sensitivity;
    use serde_json::json;

    fn field(name: &str, kind: FieldKind, required: bool) -> Field {
        Field {
            name: name.to_owned(),
            kind,
            required,
            choices: vec!["no_listing".to_owned()],
            sensitivity: Sensitivity::Open,
            future: name == "next_at",
        }
    }

    #[test]
    fn values_are_typed_and_faults_are_listed_together() {
        let form = Form {
            name: "adjournment".to_owned(),
            fields: vec![
                field("reason", FieldKind::Choice, true),
                field("next_at", FieldKind::Datetime, false),
                field("station", FieldKind::Text, true),
                field("phone", FieldKind::Phone, false),
                field("fee", FieldKind::Money, false),
            ],
        };
        let now = "2026-03-01T10:00:00".parse().unwrap();
        let good = json!({"reason": "no_listing", "next_at": "12/03/2026 09:00", "station": " A ",
            "phone": "0300-0000000", "fee": "35.50"});
        let kept = validate(&form, good.as_object().unwrap(), now).unwrap();
        assert_eq!(
            Value::Object(kept),
            json!({"reason": "no_listing", "next_at": "2026-03-12T09:00", "station": "A",
                "phone": "+923000000000", "fee": 35.5})
        );
        let bad = json!({"reason": "other", "next_at": "2026-02-01T09:00", "stations": "x"});
        let problems: Vec<(String, String)> = validate(&form, bad.as_object().unwrap(), now)
            .unwrap_err()
            .into_iter()
            .map(|f| (f.field, f.problem))
            .collect();
        let expected = [
            ("reason", "not_a_choice"),
            ("next_at", "not_future"),
            ("station", "required"),
            ("stations", "unknown_field"),
        ];
        assert_eq!(problems, expected.map(|(f, p)| (f.to_owned(), p.to_owned())));
    }

    #[test]
    fn dates_are_read_day_first() {
        assert_eq!(date("03/04/2026").unwrap().to_string(), "2026-04-03");
        assert_eq!(date("2026-04-03").unwrap().to_string(), "2026-04-03");
        assert_eq!(date("31/02/2026"), None);
        assert_eq!(phone("+92 300 0000001").unwrap(), "+923000000001");
        assert_eq!(cnic("3520200000001").unwrap(), "35202-0000000-1");
    }
}
