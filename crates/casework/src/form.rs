//! Filled-in forms: typed values from what a person wrote, or the list of what is wrong.
//! Knows fields and their forms in writing; no chart, no words for people.

use chrono::{NaiveDate, NaiveDateTime};
use serde_json::{Number, Value};

use crate::approximate::{self, ApproximateDate};
use crate::command::FieldError;
use crate::expression::Scope;
use crate::fact::Fields;
use crate::pack::{Field, FieldKind, Form};

/// Longest text kept of one field, in characters.
pub const MAX_TEXT: usize = 20_000;

/// Checks `given` against `form` and brings each value to its kept form: numbers as numbers, dates as
/// `YYYY-MM-DD`, local moments as `YYYY-MM-DDTHH:MM`, phones as E.164. Unknown fields are refused, not dropped.
/// `around` is what the form's own conditions see besides the form; one that has no answer asks for the field.
///
/// # Errors
/// Every fault at once.
pub fn validate(
    form: &Form,
    given: &Fields,
    local_now: NaiveDateTime,
    around: &Scope<'_>,
) -> Result<Fields, Vec<FieldError>> {
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
    // A condition is asked once everything else is typed; what is wrong elsewhere is said with it.
    let scope = Scope {
        form: &kept,
        ..around.clone()
    };
    let asked = |field: &&Field| {
        let condition = field.required_if.as_ref();
        condition.is_some_and(|c| c.holds(&scope).unwrap_or(true))
    };
    let missing = form
        .fields
        .iter()
        .filter(|f| given.get(&f.name).is_none_or(is_blank));
    faults.extend(missing.filter(asked).map(|field| fault(field, "required")));
    faults.sort_by_key(|f| {
        form.fields
            .iter()
            .position(|field| field.name == f.field)
            .unwrap_or(usize::MAX)
    });
    if faults.is_empty() { Ok(kept) } else { Err(faults) }
}

fn fault(field: &Field, problem: &str) -> FieldError {
    FieldError {
        field: field.name.clone(),
        problem: problem.to_owned(),
    }
}

fn is_blank(value: &Value) -> bool {
    value.is_null()
        || value.as_str().is_some_and(|s| s.trim().is_empty())
        || value.as_array().is_some_and(Vec::is_empty)
}

fn typed(field: &Field, value: &Value, local_now: NaiveDateTime) -> Result<Value, &'static str> {
    if field.kind == FieldKind::Choices {
        return several(field, value);
    }
    let text = match value {
        Value::String(s) => s.trim().to_owned(),
        Value::Number(n) => n.to_string(),
        Value::Bool(b) => b.to_string(),
        _ => return Err("not_a_value"),
    };
    if text.chars().count() > MAX_TEXT {
        return Err("too_long");
    }
    let text = if matches!(field.kind, FieldKind::Text | FieldKind::LongText) {
        text
    } else {
        ascii_digits(&text)
    };
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
        FieldKind::Choice | FieldKind::Choices => Err("not_a_choice"),
        FieldKind::ApproximateDate => ApproximateDate::read(&text)
            .map(|date| Value::String(date.to_string()))
            .ok_or("not_an_approximate_date"),
        FieldKind::ApproximateTime => approximate::time(&text)
            .map(Value::String)
            .ok_or("not_an_approximate_time"),
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

/// Several of a list, kept in the order of the list and each once.
fn several(field: &Field, value: &Value) -> Result<Value, &'static str> {
    let chosen: Option<Vec<&str>> = match value {
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        Value::String(one) => Some(vec![one.trim()]),
        _ => None,
    };
    let chosen = chosen.ok_or("not_a_value")?;
    if chosen.iter().any(|key| !field.choices.iter().any(|c| c == key)) {
        return Err("not_a_choice");
    }
    let kept = field.choices.iter().filter(|c| chosen.contains(&c.as_str()));
    Ok(kept.map(|c| Value::String(c.clone())).collect())
}

/// The text with the digits of Urdu and Arabic as European ones.
pub fn ascii_digits(text: &str) -> String {
    let digit = |c: char| match c {
        '۰'..='۹' => u32::from(c) - u32::from('۰'),
        '٠'..='٩' => u32::from(c) - u32::from('٠'),
        _ => 10,
    };
    text.chars()
        .map(|c| char::from_digit(digit(c), 10).unwrap_or(c))
        .collect()
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

/// `NNNNN-NNNNNNN-N`; the first digit is the province, 1 to 7.
fn cnic(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let stray = text
        .chars()
        .any(|c| !(c.is_ascii_digit() || c == '-' || c == ' '));
    let province = digits.starts_with(|c| ('1'..='7').contains(&c));
    (digits.len() == 13 && province && !stray)
        .then(|| format!("{}-{}-{}", &digits[..5], &digits[5..12], &digits[12..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::Expression;
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
            required_if: None,
            note: None,
        }
    }

    /// Checks without a case, on 1 March 2026.
    fn checked(form: &Form, given: &Value) -> Result<Value, Vec<(String, String)>> {
        let (empty, now) = (Fields::new(), "2026-03-01T10:00:00".parse().unwrap());
        let around = Scope {
            data: &empty,
            form: &empty,
            root: &empty,
            active: &[],
            case_active: &[],
            children: &[],
            now: "2026-03-01T05:00:00Z".parse().unwrap(),
            today: "2026-03-01".parse().unwrap(),
            occurred_at: now,
        };
        validate(form, given.as_object().unwrap(), now, &around)
            .map(Value::Object)
            .map_err(|faults| faults.into_iter().map(|f| (f.field, f.problem)).collect())
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
        let good = json!({"reason": "no_listing", "next_at": "12/03/2026 09:00", "station": " A ",
            "phone": "0300-0000000", "fee": "35.50"});
        assert_eq!(
            checked(&form, &good).unwrap(),
            json!({"reason": "no_listing", "next_at": "2026-03-12T09:00", "station": "A",
                "phone": "+923000000000", "fee": 35.5})
        );
        let bad = json!({"reason": "other", "next_at": "2026-02-01T09:00", "stations": "x"});
        let problems = checked(&form, &bad).unwrap_err();
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

    #[test]
    fn what_is_known_roughly_and_several_choices_have_one_kept_form() {
        let mut form = Form {
            name: "account".to_owned(),
            fields: vec![
                field("born", FieldKind::ApproximateDate, true),
                field("told_at", FieldKind::ApproximateTime, false),
                field("methods", FieldKind::Choices, false),
                field("cnic", FieldKind::Cnic, false),
            ],
        };
        form.fields[2].choices = ["drugs", "beating", "threats"].map(str::to_owned).to_vec();
        let good = json!({"born": "about 2010", "told_at": "9:30", "methods": ["threats", "drugs", "threats"],
            "cnic": "۳۵۲۰۲-۰۰۰۰۰۰۰-۱"});
        let kept = json!({"born": "2010~", "told_at": "09:30", "methods": ["drugs", "threats"],
            "cnic": "35202-0000000-1"});
        assert_eq!(checked(&form, &good), Ok(kept.clone()));
        assert_eq!(checked(&form, &kept), Ok(kept), "what is kept is read again");
        let one = json!({"born": "2010", "methods": "drugs"});
        assert_eq!(checked(&form, &one).unwrap()["methods"], json!(["drugs"]));
        let bad = json!({"born": "long ago", "told_at": "late", "methods": ["drugs", "x"], "cnic": "95202-0000000-1"});
        let expected = [
            ("born", "not_an_approximate_date"),
            ("told_at", "not_an_approximate_time"),
            ("methods", "not_a_choice"),
            ("cnic", "not_a_cnic"),
        ];
        assert_eq!(
            checked(&form, &bad),
            Err(expected.map(|(f, p)| (f.to_owned(), p.to_owned())).to_vec())
        );
    }

    #[test]
    fn a_field_may_be_required_only_on_a_condition() {
        let mut form = Form {
            name: "refusal".to_owned(),
            fields: vec![
                field("why", FieldKind::Text, false),
                field("proof", FieldKind::Choice, true),
            ],
        };
        form.fields[0].required_if = Some(Expression::compile("form.proof == 'none'").unwrap());
        form.fields[1].choices = vec!["none".to_owned(), "paper".to_owned()];
        assert!(checked(&form, &json!({"proof": "paper"})).is_ok());
        assert!(checked(&form, &json!({"proof": "none", "why": "hidden"})).is_ok());
        let missing = vec![("why".to_owned(), "required".to_owned())];
        assert_eq!(
            checked(&form, &json!({"proof": "none", "why": " "})),
            Err(missing)
        );
        // Without an answer the field is asked for, and both faults are told in the order of the form.
        let both = [("why", "required"), ("proof", "required")].map(|(f, p)| (f.to_owned(), p.to_owned()));
        assert_eq!(checked(&form, &json!({})), Err(both.to_vec()));
    }
}
