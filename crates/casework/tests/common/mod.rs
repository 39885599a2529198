//! The shipped packs and plausible form values, for the tests beside this folder.

use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use peshi_calendar::Calendar;
use peshi_casework::Fields;
use peshi_casework::pack::{FieldKind, Pack, PackFiles, load, parse_calendar};
use serde_json::{Value, json};

/// The folder of packs.
pub(crate) fn workflows() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../workflows")
}

/// A shipped pack.
pub(crate) fn pack(name: &str) -> Pack {
    let folder = workflows().join(name);
    let mut files = PackFiles::new();
    for file in [
        "workflow.yaml",
        "forms.yaml",
        "deadlines.yaml",
        "locales/en.ftl",
        "locales/ur.ftl",
    ] {
        files.insert(
            file.to_owned(),
            std::fs::read_to_string(folder.join(file)).unwrap(),
        );
    }
    load(&files).0.unwrap()
}

/// The calendar of Punjab's courts.
pub(crate) fn calendar() -> Calendar {
    let read = |name: &str| {
        let text = std::fs::read_to_string(workflows().join("calendars").join(name)).unwrap();
        parse_calendar(name, &text).unwrap().0
    };
    read("pk.yaml").merged(&read("punjab.yaml"))
}

/// Every required field of a form, with something plausible.
pub(crate) fn filled(pack: &Pack, form: &str, now: DateTime<Utc>) -> Fields {
    let mut fields = Fields::new();
    for field in pack.forms[form].fields.iter().filter(|f| f.required || f.future) {
        let days = if field.future {
            TimeDelta::days(10)
        } else {
            TimeDelta::days(-2)
        };
        let value: Value = match field.kind {
            FieldKind::Choice => json!(field.choices[0]),
            FieldKind::Choices => json!([field.choices[0]]),
            FieldKind::ApproximateDate => json!("about 2010"),
            FieldKind::ApproximateTime => json!("morning"),
            FieldKind::Datetime => json!((now + days).format("%Y-%m-%dT09:00").to_string()),
            FieldKind::Date => json!((now + days).format("%Y-%m-%d").to_string()),
            FieldKind::Number => json!(2),
            FieldKind::Money => json!(10.5),
            FieldKind::YesNo => json!(true),
            FieldKind::Phone => json!("0300-0000000"),
            FieldKind::Cnic => json!("10000-0000000-0"),
            FieldKind::Text | FieldKind::LongText => json!("invented"),
        };
        fields.insert(field.name.clone(), value);
    }
    fields
}
