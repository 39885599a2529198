//! A form as a page shows it: labels by key, what was typed, what is wrong with it.
//! Knows types of fields, no form by name; whether a value is right is for the rules to say.

use peshi_casework::FieldError;
use peshi_casework::form;
use peshi_casework::pack::{Field, FieldKind, Form, Sensitivity};
use serde::Serialize;

use crate::filled::{FIELD_PREFIX, Filled};

/// Up to so many choices are shown side by side, more in a list that opens.
const RADIOS: usize = 6;

/// A form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct FormView {
    /// Its name.
    pub name: String,
    /// Its fields in order.
    pub fields: Vec<FieldView>,
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FieldView {
    /// The control's id and name: `f-FIELD`.
    pub id: String,
    /// Locale key of the label.
    pub label_key: String,
    /// How it is asked for: `text`, `long_text`, `number`, `money`, `date`, `datetime`, `rough_date`, `rough_time`, `radios`,
    /// `list`, `checks`, `yes_no`, `phone`, `cnic`, or `as_text` where a browser's picker cannot show what was typed.
    pub control: &'static str,
    /// It must be filled in.
    pub required: bool,
    /// It must be filled in where something else on the form says so.
    pub sometimes: bool,
    /// The choices in order.
    pub choices: Vec<ChoiceView>,
    /// What was typed.
    pub value: String,
    /// Locale key of a hint.
    pub hint_key: Option<&'static str>,
    /// Locale key of the pack's own word of help.
    pub note_key: Option<String>,
    /// Locale key of what is wrong.
    pub error_key: Option<String>,
}

/// One choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ChoiceView {
    /// Sent back.
    pub value: String,
    /// Locale key.
    pub key: String,
    /// It was chosen.
    pub chosen: bool,
}

/// One line of the summary above a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ErrorLine {
    /// The id of the field it leads to; none when it is about the whole form.
    pub anchor: Option<String>,
    /// Locale key of the field's label.
    pub label_key: Option<String>,
    /// Locale key of what is wrong.
    pub key: String,
    /// The number of something else on the page that the words name.
    pub number: Option<u32>,
}

impl ErrorLine {
    /// Something about the form as a whole: `error-PROBLEM`.
    pub(crate) fn general(problem: &str) -> Self {
        Self {
            anchor: None,
            label_key: None,
            key: error_key(problem),
            number: None,
        }
    }

    /// Something about a field of our own, with its label.
    pub(crate) fn own(field: &str, label_key: &str, problem: &str) -> Self {
        Self {
            anchor: Some(field.to_owned()),
            label_key: Some(label_key.to_owned()),
            key: error_key(problem),
            number: None,
        }
    }
}

fn error_key(problem: &str) -> String {
    format!("error-{problem}")
}

impl FormView {
    /// `form` with what was typed and what is wrong.
    pub(crate) fn new(form: &Form, typed: &Filled, errors: &[FieldError]) -> Self {
        let fields = form
            .fields
            .iter()
            .map(|field| field_view(&form.name, field, typed, errors))
            .collect();
        Self {
            name: form.name.clone(),
            fields,
        }
    }

    /// The summary of what is wrong, in the order of the form; faults of unknown fields last.
    pub(crate) fn summary(&self, errors: &[FieldError]) -> Vec<ErrorLine> {
        let known = self.fields.iter().filter_map(|field| {
            Some(ErrorLine {
                anchor: Some(field.id.clone()),
                label_key: Some(field.label_key.clone()),
                key: field.error_key.clone()?,
                number: None,
            })
        });
        let is_known = |error: &FieldError| self.fields.iter().any(|field| field.id == id(&error.field));
        let unknown = errors
            .iter()
            .filter(|error| !is_known(error))
            .map(|error| ErrorLine::general(&error.problem));
        known.chain(unknown).collect()
    }
}

fn id(field: &str) -> String {
    format!("{FIELD_PREFIX}{field}")
}

fn field_view(form: &str, field: &Field, typed: &Filled, errors: &[FieldError]) -> FieldView {
    let value = typed.field(&field.name).to_owned();
    let chosen = if field.kind == FieldKind::Choices {
        typed.chosen(&field.name)
    } else {
        vec![value.as_str()]
    };
    let choices = field
        .choices
        .iter()
        .map(|choice| ChoiceView {
            value: choice.clone(),
            key: format!("choice-{}-{choice}", field.name),
            chosen: chosen.contains(&choice.as_str()),
        })
        .collect();
    FieldView {
        id: id(&field.name),
        label_key: format!("field-{form}-{}", field.name),
        control: control(field, &value),
        required: field.required,
        sometimes: field.required_if.is_some(),
        choices,
        value,
        hint_key: hint(field),
        note_key: field.note.as_ref().map(|note| format!("note-{note}")),
        error_key: errors
            .iter()
            .find(|error| error.field == field.name)
            .map(|error| error_key(&error.problem)),
    }
}

/// Whether a browser's own picker can show `value`; a number must look like one.
fn fits_picker(kind: FieldKind, value: &str) -> bool {
    match kind {
        FieldKind::Date => value.len() == 10 && value.as_bytes()[4] == b'-' && form::date(value).is_some(),
        FieldKind::Datetime => value.as_bytes().get(4) == Some(&b'-') && form::moment(value).is_some(),
        FieldKind::Number | FieldKind::Money => value.parse::<f64>().is_ok(),
        _ => true,
    }
}

fn control(field: &Field, value: &str) -> &'static str {
    if !value.is_empty() && !fits_picker(field.kind, value) {
        return "as_text";
    }
    match field.kind {
        FieldKind::Text => "text",
        FieldKind::LongText => "long_text",
        FieldKind::Number => "number",
        FieldKind::Money => "money",
        FieldKind::Date => "date",
        FieldKind::Datetime => "datetime",
        FieldKind::Choice if field.choices.len() <= RADIOS => "radios",
        FieldKind::Choice => "list",
        FieldKind::Choices => "checks",
        FieldKind::ApproximateDate => "rough_date",
        FieldKind::ApproximateTime => "rough_time",
        FieldKind::YesNo => "yes_no",
        FieldKind::Phone => "phone",
        FieldKind::Cnic => "cnic",
    }
}

fn hint(field: &Field) -> Option<&'static str> {
    match field.kind {
        FieldKind::Phone => Some("hint-phone"),
        FieldKind::Cnic => Some("hint-cnic"),
        FieldKind::Money => Some("hint-money"),
        FieldKind::ApproximateDate => Some("hint-rough-date"),
        FieldKind::ApproximateTime => Some("hint-rough-time"),
        FieldKind::Date | FieldKind::Datetime if field.future => Some("hint-future"),
        FieldKind::LongText if field.sensitivity == Sensitivity::Narrative => Some("hint-narrative"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, kind: FieldKind, choices: usize) -> Field {
        Field {
            name: name.to_owned(),
            kind,
            required: true,
            choices: (0..choices).map(|n| format!("c{n}")).collect(),
            sensitivity: Sensitivity::Open,
            future: false,
            required_if: None,
            note: None,
        }
    }

    fn form() -> Form {
        Form {
            name: "outcome".to_owned(),
            fields: vec![
                field("few", FieldKind::Choice, 6),
                field("many", FieldKind::Choice, 7),
                field("on", FieldKind::Date, 0),
                field("at", FieldKind::Datetime, 0),
                field("count", FieldKind::Number, 0),
                field("methods", FieldKind::Choices, 3),
                field("born", FieldKind::ApproximateDate, 0),
            ],
        }
    }

    fn fault(field: &str, problem: &str) -> FieldError {
        FieldError {
            field: field.to_owned(),
            problem: problem.to_owned(),
        }
    }

    #[test]
    fn nothing_typed_is_lost_even_if_a_picker_cannot_show_it() {
        let typed = Filled::of(&[
            ("f-few", "c1"),
            ("f-on", "12/03/2026"),
            ("f-at", "2026-03-12T09:00"),
            ("f-count", "two"),
            ("f-methods[]", "c0"),
            ("f-methods[]", "c2"),
            ("f-born", "about 2010"),
        ]);
        let view = FormView::new(&form(), &typed, &[]);
        let shown: Vec<(&str, &str)> = view
            .fields
            .iter()
            .map(|f| (f.control, f.value.as_str()))
            .collect();
        let expected = [
            ("radios", "c1"),
            ("list", ""),
            ("as_text", "12/03/2026"),
            ("datetime", "2026-03-12T09:00"),
            ("as_text", "two"),
            ("checks", ""),
            ("rough_date", "about 2010"),
        ];
        assert_eq!(shown, expected);
        let chosen: Vec<&ChoiceView> = view.fields[0].choices.iter().filter(|c| c.chosen).collect();
        assert_eq!(
            chosen.iter().map(|c| c.key.as_str()).collect::<Vec<_>>(),
            ["choice-few-c1"]
        );
        let several: Vec<bool> = view.fields[5].choices.iter().map(|c| c.chosen).collect();
        assert_eq!(several, [true, false, true]);
    }

    #[test]
    fn the_summary_leads_to_the_fields_in_their_order() {
        let errors = [
            fault("stray", "unknown_field"),
            fault("at", "required"),
            fault("few", "not_a_choice"),
        ];
        let view = FormView::new(&form(), &Filled::default(), &errors);
        let lines: Vec<(Option<String>, String)> = view
            .summary(&errors)
            .into_iter()
            .map(|line| (line.anchor, line.key))
            .collect();
        let expected = [
            (Some("f-few"), "error-not_a_choice"),
            (Some("f-at"), "error-required"),
            (None, "error-unknown_field"),
        ];
        assert_eq!(lines, expected.map(|(a, k)| (a.map(str::to_owned), k.to_owned())));
    }
}
