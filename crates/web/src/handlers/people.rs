//! The people of a case: who they are, and by which way they may be reached.
//! Knows the fields of its own three forms; what a permission means is not decided here.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use peshi_casework::FieldError;
use peshi_service::views::{CaseView, PersonView};
use peshi_service::{GrantPermission, PERSON_ROLES, ServiceError};
use serde::Serialize;

use crate::error::{WebError, refusal};
use crate::filled::{Filled, time_of_day};
use crate::form_view::ErrorLine;
use crate::handlers::CaseHead;
use crate::session::Staff;
use crate::shell::Section;

/// Ways to reach somebody.
const CHANNELS: [&str; 2] = ["sms", "email"];
/// Languages of messages.
const LANGUAGES: [&str; 3] = ["ur", "ur-Latn", "en"];
/// A permission must be asked again after so many days unless said otherwise.
const DAYS: i64 = 30;
/// The longest permission, in days.
const MOST_DAYS: i64 = 90;

#[derive(Debug, Serialize)]
pub(crate) struct PeopleBody {
    pub(crate) head: CaseHead,
    pub(crate) people: Vec<PersonView>,
    pub(crate) roles: [&'static str; 6],
    pub(crate) channels: [&'static str; 2],
    pub(crate) languages: [&'static str; 3],
    /// The form that is shown again: `add`, `grant`, `revoke`; empty for none.
    pub(crate) what: String,
    pub(crate) typed: Typed,
    pub(crate) errors: Vec<ErrorLine>,
}

/// What was typed into one of the forms.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Typed {
    role: String,
    name: String,
    person: String,
    channel: String,
    address: String,
    language: String,
    days: String,
    safe_from: String,
    safe_until: String,
    phone_at_risk: bool,
}

impl Typed {
    fn of(form: &Filled) -> Self {
        let get = |name: &str| form.get(name).to_owned();
        Self {
            role: get("role"),
            name: get("name"),
            person: get("person"),
            channel: get("channel"),
            address: get("address"),
            language: get("language"),
            days: get("days"),
            safe_from: get("safe_from"),
            safe_until: get("safe_until"),
            phone_at_risk: !form.get("phone_at_risk").is_empty(),
        }
    }
}

impl PeopleBody {
    pub(crate) fn new(case: CaseView, form: Option<&Filled>, errors: Vec<ErrorLine>) -> Self {
        let mut typed = form.map(Typed::of).unwrap_or_default();
        if typed.days.is_empty() {
            typed.days = DAYS.to_string();
        }
        Self {
            head: CaseHead::new(&case.summary, &case.zone, "people"),
            people: case.people,
            roles: PERSON_ROLES,
            channels: CHANNELS,
            languages: LANGUAGES,
            what: form.map(|form| form.get("what").to_owned()).unwrap_or_default(),
            typed,
            errors,
        }
    }
}

/// The people and the forms.
pub(crate) async fn page(staff: Staff, Path(reference): Path<String>) -> Result<Response, WebError> {
    let case = staff
        .desk
        .service()
        .case(&staff.viewer, &reference, staff.now)
        .await?;
    let pack = case.summary.pack.clone();
    staff.page(
        "people",
        Section::Cases,
        Some(&pack),
        PeopleBody::new(case, None, Vec::new()),
    )
}

/// Adds a person, records a permission or its withdrawal.
pub(crate) async fn change(
    staff: Staff,
    Path(reference): Path<String>,
    form: Filled,
) -> Result<Response, WebError> {
    let service = staff.desk.service();
    let person = form.get("person");
    let done = match form.get("what") {
        "add" => match new_person(&form) {
            Ok((role, name)) => service
                .add_person(&staff.viewer, &reference, role, name, staff.now)
                .await
                .map(|_| "person_added"),
            Err(errors) => return again(&staff, &reference, &form, errors).await,
        },
        "grant" => match permission(&form) {
            Ok(permission) => service
                .grant_permission(&staff.viewer, &reference, person, permission, staff.now)
                .await
                .map(|()| "permission_granted"),
            Err(errors) => return again(&staff, &reference, &form, errors).await,
        },
        "revoke" => service
            .revoke_permission(&staff.viewer, &reference, person, staff.now)
            .await
            .map(|()| "permission_revoked"),
        _ => return Err(WebError::BadForm { what: "what" }),
    };
    let errors = match done {
        Ok(said) => {
            return Ok(Redirect::to(&format!("/cases/{reference}/people?said={said}")).into_response());
        }
        Err(ServiceError::Invalid { .. }) => vec![ErrorLine::general("invalid")],
        Err(error) => refusal(error, own)?.1,
    };
    again(&staff, &reference, &form, errors).await
}

async fn again(
    staff: &Staff,
    reference: &str,
    form: &Filled,
    errors: Vec<ErrorLine>,
) -> Result<Response, WebError> {
    let case = staff
        .desk
        .service()
        .case(&staff.viewer, reference, staff.now)
        .await?;
    let pack = case.summary.pack.clone();
    let body = PeopleBody::new(case, Some(form), errors);
    staff.page_with(
        StatusCode::UNPROCESSABLE_ENTITY,
        "people",
        Section::Cases,
        Some(&pack),
        body,
    )
}

fn own(error: &FieldError) -> ErrorLine {
    ErrorLine::own(&error.field, &format!("people-{}", error.field), &error.problem)
}

fn fault(field: &str, problem: &str) -> ErrorLine {
    own(&FieldError {
        field: field.to_owned(),
        problem: problem.to_owned(),
    })
}

fn new_person(form: &Filled) -> Result<(&str, &str), Vec<ErrorLine>> {
    let (role, name) = (form.get("role"), form.get("name"));
    let mut errors = Vec::new();
    if !PERSON_ROLES.contains(&role) {
        errors.push(fault(
            "role",
            if role.is_empty() {
                "required"
            } else {
                "not_a_choice"
            },
        ));
    }
    if name.is_empty() {
        errors.push(fault("name", "required"));
    }
    if errors.is_empty() {
        Ok((role, name))
    } else {
        Err(errors)
    }
}

/// The permission that was typed. Nothing is guessed: a way to reach somebody is written out or refused.
fn permission(form: &Filled) -> Result<GrantPermission, Vec<ErrorLine>> {
    let mut errors = Vec::new();
    let mut one_of = |field: &str, choices: &[&str]| {
        let value = form.get(field);
        if !choices.contains(&value) {
            errors.push(fault(
                field,
                if value.is_empty() {
                    "required"
                } else {
                    "not_a_choice"
                },
            ));
        }
        value.to_owned()
    };
    let channel = one_of("channel", &CHANNELS);
    let language = one_of("language", &LANGUAGES);
    let address = form.get("address").to_owned();
    if address.is_empty() {
        errors.push(fault("address", "required"));
    }
    let days = form
        .get("days")
        .parse::<i64>()
        .ok()
        .filter(|days| (1..=MOST_DAYS).contains(days));
    if days.is_none() {
        errors.push(fault("days", "not_a_number_of_days"));
    }
    let mut hour = |field: &str| {
        time_of_day(form.get(field)).unwrap_or_else(|problem| {
            errors.push(fault(field, problem));
            None
        })
    };
    let (safe_from, safe_until) = (hour("safe_from"), hour("safe_until"));
    match days {
        Some(days) if errors.is_empty() => Ok(GrantPermission {
            channel,
            address,
            language,
            days,
            safe_from,
            safe_until,
            phone_at_risk: !form.get("phone_at_risk").is_empty(),
        }),
        _ => Err(errors),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_is_written_out_or_refused() {
        let good = [
            ("channel", "sms"),
            ("address", "0300-0000001"),
            ("language", "ur-Latn"),
            ("days", "30"),
            ("safe_from", "16:00"),
            ("phone_at_risk", "yes"),
        ];
        let granted = permission(&Filled::of(&good)).expect("it is complete");
        assert_eq!(
            (granted.channel.as_str(), granted.language.as_str(), granted.days),
            ("sms", "ur-Latn", 30)
        );
        assert!(granted.safe_from.is_some() && granted.safe_until.is_none() && granted.phone_at_risk);

        let bad = [("channel", "pigeon"), ("days", "900"), ("safe_until", "late")];
        let errors = permission(&Filled::of(&bad)).expect_err("it is not");
        let told: Vec<(&str, &str)> = errors
            .iter()
            .map(|e| (e.anchor.as_deref().unwrap_or(""), e.key.as_str()))
            .collect();
        let expected = [
            ("channel", "error-not_a_choice"),
            ("language", "error-required"),
            ("address", "error-required"),
            ("days", "error-not_a_number_of_days"),
            ("safe_until", "error-not_a_time"),
        ];
        assert_eq!(told, expected);
        assert_eq!(errors[4].label_key.as_deref(), Some("people-safe_until"));
    }

    #[test]
    fn a_person_needs_a_known_role_and_a_name() {
        assert_eq!(
            new_person(&Filled::of(&[("role", "witness"), ("name", " Example ")])),
            Ok(("witness", "Example"))
        );
        assert_eq!(
            new_person(&Filled::of(&[("role", "hero")])).map_err(|e| e.len()),
            Err(2)
        );
    }
}
