//! Recording that something happened: the form of an event, what is wrong with it, what changed meanwhile.
//! Nothing typed is ever lost. Which events exist and who may record them is the service's knowledge.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use peshi_casework::pack::event_key;
use peshi_casework::{FieldError, Knowledge, Rejection};
use peshi_service::views::{ActionView, CaseView};
use peshi_service::{RecordEvent, ServiceError};
use serde::Serialize;

use crate::error::{WebError, rejection_key};
use crate::filled::{Filled, happened_at};
use crate::form_view::{ErrorLine, FormView};
use crate::handlers::{CaseHead, to_case};
use crate::present::{InstanceName, Line};
use crate::session::Staff;
use crate::shell::Section;

/// How many entries of what changed meanwhile are shown.
const SHOWN: u64 = 100;
/// The field of our own that says when it happened.
const HAPPENED: &str = "occurred_at";
/// Fields of our own that say more: how roughly the moment is known, since when, from whom.
const KNOWN: [&str; 3] = ["happened", "known_since", "source"];

type Address = Path<(String, String, String)>;

#[derive(Debug, Serialize)]
pub(crate) struct RecordBody {
    pub(crate) head: CaseHead,
    pub(crate) instance: String,
    pub(crate) instance_name: Option<InstanceName>,
    pub(crate) event: String,
    /// Locale key of the event.
    pub(crate) event_key: String,
    /// Where it belongs: locale key of the region or state.
    pub(crate) region_key: Option<String>,
    pub(crate) version: i64,
    pub(crate) form: FormView,
    pub(crate) occurred_at: String,
    pub(crate) occurred_as_text: bool,
    pub(crate) occurred_error: Option<String>,
    /// What is known of it beyond the form, folded away until something is typed.
    pub(crate) known: Vec<KnownField>,
    pub(crate) errors: Vec<ErrorLine>,
    /// What somebody else did meanwhile, newest first.
    pub(crate) conflict: Option<Vec<Line>>,
    /// It can be recorded now; if not, what was typed is shown to copy.
    pub(crate) possible: bool,
    /// What was typed, when there is no form to show it in.
    pub(crate) typed: Vec<Typed>,
}

/// One of our own fields that say how something became known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct KnownField {
    pub(crate) id: &'static str,
    pub(crate) label_key: String,
    pub(crate) hint_key: String,
    pub(crate) value: String,
    pub(crate) error_key: Option<String>,
}

/// Something typed into a form that cannot be sent any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Typed {
    pub(crate) label: String,
    pub(crate) value: String,
}

/// What went wrong with a form, for showing it again.
#[derive(Debug, Default)]
struct Trouble {
    fields: Vec<FieldError>,
    happened: Option<&'static str>,
    /// Faults of our own fields that say how it became known.
    known: Vec<FieldError>,
    general: Option<&'static str>,
    conflict: Option<Vec<Line>>,
}

/// The empty form.
pub(crate) async fn page(
    staff: Staff,
    Path((reference, instance, event)): Address,
) -> Result<Response, WebError> {
    let case = staff
        .desk
        .service()
        .case(&staff.viewer, &reference, staff.now)
        .await?;
    let possible = find(&case, &instance, &event).is_some();
    let (status, trouble) = if possible {
        (StatusCode::OK, Trouble::default())
    } else {
        (
            StatusCode::CONFLICT,
            Trouble {
                general: Some("not_now"),
                ..Trouble::default()
            },
        )
    };
    show(
        &staff,
        status,
        &case,
        &instance,
        &event,
        &Filled::default(),
        &trouble,
    )
}

/// Records it, or shows the form again.
pub(crate) async fn record(
    staff: Staff,
    Path((reference, instance, event)): Address,
    form: Filled,
) -> Result<Response, WebError> {
    let service = staff.desk.service();
    let case = service.case(&staff.viewer, &reference, staff.now).await?;
    let seen = form.version()?;
    let again = |status, case: &CaseView, trouble: &Trouble| {
        show(&staff, status, case, &instance, &event, &form, trouble)
    };
    let occurred_at = match happened_at(form.get(HAPPENED), &case.zone) {
        Ok(at) => at,
        Err(problem) => {
            let trouble = Trouble {
                happened: Some(problem),
                ..Trouble::default()
            };
            return again(StatusCode::UNPROCESSABLE_ENTITY, &case, &trouble);
        }
    };
    let known = match known(&form) {
        Ok(known) => known,
        Err(known) => {
            let trouble = Trouble {
                known,
                ..Trouble::default()
            };
            return again(StatusCode::UNPROCESSABLE_ENTITY, &case, &trouble);
        }
    };
    let command = RecordEvent {
        instance: instance.clone(),
        event: event.clone(),
        form: form.fields(),
        occurred_at,
        expected_version: Some(seen),
        known,
    };
    let rejection = match service
        .record(&staff.viewer, &reference, command, staff.now)
        .await
    {
        Ok(_) => return Ok(to_case(&reference, "recorded").into_response()),
        Err(ServiceError::Rejected(rejection)) => rejection,
        Err(other) => return Err(other.into()),
    };
    match rejection {
        Rejection::Conflict { .. } => {
            // Read again: what the form is sent with next must be the version whose changes are shown.
            let case = service.case(&staff.viewer, &reference, staff.now).await?;
            let entries = service.journal(&staff.viewer, &reference, seen, SHOWN).await?;
            let changes = Line::latest(&entries, usize::MAX);
            again(
                StatusCode::CONFLICT,
                &case,
                &Trouble {
                    conflict: Some(changes),
                    ..Trouble::default()
                },
            )
        }
        Rejection::Form(fields) => again(
            StatusCode::UNPROCESSABLE_ENTITY,
            &case,
            &Trouble {
                fields,
                ..Trouble::default()
            },
        ),
        Rejection::Future { .. } => {
            let trouble = Trouble {
                happened: Some("happened_in_future"),
                ..Trouble::default()
            };
            again(StatusCode::UNPROCESSABLE_ENTITY, &case, &trouble)
        }
        other => {
            let trouble = Trouble {
                general: Some(rejection_key(&other)),
                ..Trouble::default()
            };
            again(StatusCode::CONFLICT, &case, &trouble)
        }
    }
}

/// What was typed of how it became known. A moment is exact or rough, not both.
fn known(form: &Filled) -> Result<Knowledge, Vec<FieldError>> {
    let told = |name: &str| Some(form.get(name).to_owned()).filter(|text| !text.is_empty());
    let given = Knowledge {
        happened: told("happened"),
        since: told("known_since"),
        source: told("source"),
    };
    if given.happened.is_some() && !form.get(HAPPENED).is_empty() {
        return Err(vec![FieldError {
            field: "happened".to_owned(),
            problem: "happened_twice".to_owned(),
        }]);
    }
    given.read()
}

fn known_fields(filled: &Filled, faults: &[FieldError]) -> Vec<KnownField> {
    let field = |id: &'static str| KnownField {
        id,
        label_key: format!("{id}-label"),
        hint_key: format!("{id}-hint"),
        value: filled.get(id).to_owned(),
        error_key: faults
            .iter()
            .find(|f| f.field == id)
            .map(|f| format!("error-{}", f.problem)),
    };
    KNOWN.into_iter().map(field).collect()
}

fn find<'a>(case: &'a CaseView, instance: &str, event: &str) -> Option<&'a ActionView> {
    case.actions
        .iter()
        .find(|action| action.instance == instance && action.event == event)
}

fn show(
    staff: &Staff,
    status: StatusCode,
    case: &CaseView,
    instance: &str,
    event: &str,
    filled: &Filled,
    trouble: &Trouble,
) -> Result<Response, WebError> {
    let text = |key: &str| staff.desk.text(Some(&case.summary.pack), staff.lang, key);
    if find(case, instance, event).is_none() && text(&event_key(event)).is_none() {
        // Not an event that is gone, but none of this kind of case.
        return Err(WebError::NotFound);
    }
    let body = body(case, instance, event, filled, trouble, text);
    staff.page_with(status, "record", Section::Cases, Some(&case.summary.pack), body)
}

fn body(
    case: &CaseView,
    instance: &str,
    event: &str,
    filled: &Filled,
    trouble: &Trouble,
    text: impl Fn(&str) -> Option<String>,
) -> RecordBody {
    let action = find(case, instance, event);
    let form = action
        .and_then(|action| action.form.as_ref())
        .map(|form| FormView::new(form, filled, &trouble.fields));
    let form = form.unwrap_or_default();
    let general = trouble.general.map(ErrorLine::general);
    // Without a form there is no field to lead to.
    let happened = trouble.happened.filter(|_| action.is_some());
    let happened = happened.map(|problem| ErrorLine::own(HAPPENED, "happened-label", problem));
    let known = trouble.known.iter().filter(|_| action.is_some());
    let known = known.map(|f| ErrorLine::own(&f.field, &format!("{}-label", f.field), &f.problem));
    let errors = general
        .into_iter()
        .chain(form.summary(&trouble.fields))
        .chain(happened.clone())
        .chain(known)
        .collect();
    let occurred_at = filled.get(HAPPENED).to_owned();
    RecordBody {
        head: CaseHead::new(&case.summary, &case.zone, "do"),
        instance: instance.to_owned(),
        instance_name: InstanceName::of(instance),
        event: event.to_owned(),
        event_key: action.map_or_else(|| event_key(event), |action| action.key.clone()),
        region_key: action.map(|action| action.region_key.clone()),
        version: case.version,
        typed: if action.is_some() {
            Vec::new()
        } else {
            typed(filled, text)
        },
        form,
        // A browser's picker shows nothing for what it cannot read; an input of text keeps it.
        occurred_as_text: !occurred_at.is_empty() && happened_at(&occurred_at, &case.zone).is_err(),
        occurred_at,
        occurred_error: happened.map(|line| line.key),
        known: known_fields(filled, &trouble.known),
        errors,
        conflict: trouble.conflict.clone(),
        possible: action.is_some(),
    }
}

/// What was typed into a form that is gone: its labels are found by the name it was sent with.
fn typed(filled: &Filled, text: impl Fn(&str) -> Option<String>) -> Vec<Typed> {
    let form = filled.get("form");
    filled
        .typed()
        .map(|(name, value)| Typed {
            label: text(&format!("field-{form}-{name}")).unwrap_or_else(|| name.replace('_', " ")),
            value: text(&format!("choice-{name}-{value}")).unwrap_or_else(|| value.to_owned()),
        })
        .collect()
}

/// The page as it looks when it is empty, or after a conflict with everything typed.
#[cfg(test)]
pub(crate) fn sample(case: &CaseView, event: &str, conflict: bool) -> RecordBody {
    let typed = [
        ("form", "refusal"),
        ("f-refused_by", "somebody"),
        ("occurred_at", "2026-03-09T10:00"),
    ];
    let (filled, trouble) = if conflict {
        let changes = Line::latest(&crate::samples::journal(), usize::MAX);
        (
            Filled::of(&typed),
            Trouble {
                conflict: Some(changes),
                happened: Some("happened_in_future"),
                ..Trouble::default()
            },
        )
    } else {
        (Filled::default(), Trouble::default())
    };
    body(case, "case", event, &filled, &trouble, |_| None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn filled() -> Filled {
        Filled::of(&[
            ("version", "7"),
            ("form", "refusal"),
            ("occurred_at", "12/03 in the morning"),
            ("f-proof", "witness"),
            ("f-words_used", "come back later"),
        ])
    }

    #[test]
    fn a_conflict_keeps_what_was_typed_and_carries_the_new_version() {
        let case = samples::case();
        let trouble = Trouble {
            conflict: Some(Line::latest(&samples::journal(), 9)),
            ..Trouble::default()
        };
        let body = body(&case, "case", "fir_refused", &filled(), &trouble, |_| None);
        assert!(body.possible);
        assert_eq!(body.version, case.version);
        assert_ne!(
            body.version,
            filled().version().expect("it was sent"),
            "a second sending must not conflict again"
        );
        let values: Vec<&str> = body
            .form
            .fields
            .iter()
            .map(|field| field.value.as_str())
            .collect();
        assert_eq!(values, ["", "come back later", "witness"]);
        assert_eq!(
            (body.occurred_at.as_str(), body.occurred_as_text),
            ("12/03 in the morning", true)
        );
        assert!(body.conflict.is_some_and(|lines| !lines.is_empty()));
    }

    #[test]
    fn how_it_became_known_is_asked_beside_the_form_and_kept_when_wrong() {
        let typed = [
            ("happened", "about 03/2026"),
            ("known_since", "lately"),
            ("source", "a neighbour"),
        ];
        let filled = Filled::of(&typed);
        let faults = known(&filled).unwrap_err();
        let trouble = Trouble {
            known: faults,
            ..Trouble::default()
        };
        let body = body(&samples::case(), "case", "fir_refused", &filled, &trouble, |_| {
            None
        });
        let shown: Vec<(&str, Option<&str>)> = body
            .known
            .iter()
            .map(|f| (f.value.as_str(), f.error_key.as_deref()))
            .collect();
        let expected = [
            ("about 03/2026", None),
            ("lately", Some("error-not_an_approximate_date")),
            ("a neighbour", None),
        ];
        assert_eq!(shown, expected);
        assert_eq!(body.errors[0].anchor.as_deref(), Some("known_since"));
        let good = known(&Filled::of(&[("happened", "03/2026"), ("source", "a neighbour")])).unwrap();
        assert_eq!(good.happened.as_deref(), Some("2026-03"));
        let twice = Filled::of(&[("happened", "2026"), ("occurred_at", "2026-03-09T10:00")]);
        assert_eq!(known(&twice).unwrap_err()[0].problem, "happened_twice");
        assert!(known(&Filled::default()).unwrap().is_empty());
    }

    #[test]
    fn what_was_typed_survives_an_event_that_is_gone() {
        let text = |key: &str| (key == "choice-proof-witness").then(|| "A witness".to_owned());
        let trouble = Trouble {
            general: Some("not_now"),
            ..Trouble::default()
        };
        let body = body(
            &samples::case(),
            "case",
            "no.such_event",
            &filled(),
            &trouble,
            text,
        );
        assert!(!body.possible);
        assert_eq!(body.event_key, "event-no-such_event");
        let typed: Vec<(&str, &str)> = body
            .typed
            .iter()
            .map(|t| (t.label.as_str(), t.value.as_str()))
            .collect();
        assert_eq!(typed, [("proof", "A witness"), ("words used", "come back later")]);
    }

    #[test]
    fn errors_of_fields_come_before_the_error_of_the_date() {
        let trouble = Trouble {
            fields: vec![FieldError {
                field: "proof".to_owned(),
                problem: "required".to_owned(),
            }],
            happened: Some("not_a_moment"),
            ..Trouble::default()
        };
        let body = body(
            &samples::case(),
            "case",
            "fir_refused",
            &filled(),
            &trouble,
            |_| None,
        );
        let anchors: Vec<Option<&str>> = body.errors.iter().map(|line| line.anchor.as_deref()).collect();
        assert_eq!(anchors, [Some("f-proof"), Some("occurred_at")]);
        assert_eq!(body.occurred_error.as_deref(), Some("error-not_a_moment"));
    }
}
