//! The register of violations of one case: noting one, telling what happened, verifying, using and publishing it.
//! Knows the fields of its own forms; when a record may move on is not decided here.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use peshi_casework::Fields;
use peshi_casework::violation::{DETAILS, Proof};
use peshi_service::views::{CaseView, ViolationView};
use peshi_service::{Action, Role, ServiceError, may};
use serde::Serialize;
use serde_json::Value;

use crate::error::{WebError, refusal};
use crate::filled::Filled;
use crate::form_view::ErrorLine;
use crate::handlers::CaseHead;
use crate::present::InstanceName;
use crate::session::Staff;
use crate::shell::Section;
use crate::shown::Shown;

#[derive(Debug, Serialize)]
pub(crate) struct ViolationsBody {
    pub(crate) head: CaseHead,
    pub(crate) violations: Vec<Card>,
    pub(crate) codes: Vec<String>,
    pub(crate) proofs: [&'static str; 4],
    pub(crate) may_verify: bool,
    pub(crate) may_publish: bool,
    /// The form that is shown again: `note`, `document`, `use`, `publish`; empty for none.
    pub(crate) what: String,
    /// The number of the violation it is about.
    pub(crate) number: String,
    /// What was typed into it.
    pub(crate) typed: Typed,
    pub(crate) errors: Vec<ErrorLine>,
}

/// One violation, ready to show.
#[derive(Debug, Serialize)]
pub(crate) struct Card {
    #[serde(flatten)]
    pub(crate) violation: ViolationView,
    pub(crate) name: Option<InstanceName>,
    pub(crate) facts: Vec<Shown>,
    pub(crate) accounts: Vec<Shown>,
}

impl Card {
    pub(crate) fn new(violation: &ViolationView) -> Self {
        let (accounts, facts) = Shown::all(&violation.details)
            .into_iter()
            .partition(|fact| fact.narrative);
        Self {
            name: violation.concerns.as_deref().and_then(InstanceName::of),
            violation: violation.clone(),
            facts,
            accounts,
        }
    }
}

/// What was typed into one of the forms.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Typed {
    code: String,
    at: String,
    place: String,
    by: String,
    account: String,
    proof: String,
    reason: String,
    complaint: String,
    why: String,
}

impl Typed {
    fn of(form: &Filled) -> Self {
        let get = |name: &str| form.get(name).to_owned();
        Self {
            code: get("code"),
            at: get("at"),
            place: get("place"),
            by: get("by"),
            account: get("account"),
            proof: get("proof"),
            reason: get("reason"),
            complaint: get("complaint"),
            why: get("why"),
        }
    }
}

impl ViolationsBody {
    pub(crate) fn new(case: CaseView, role: Role, form: Option<&Filled>, errors: Vec<ErrorLine>) -> Self {
        let get = |name: &str| form.map(|form| form.get(name).to_owned()).unwrap_or_default();
        Self {
            head: CaseHead::new(&case.summary, &case.zone, "violations"),
            violations: case.violations.iter().map(Card::new).collect(),
            codes: case.violation_codes,
            proofs: Proof::ALL.map(Proof::as_str),
            may_verify: may(role, Action::VerifyViolation, true),
            may_publish: may(role, Action::PublishViolation, true),
            what: get("what"),
            number: get("number"),
            typed: form.map(Typed::of).unwrap_or_default(),
            errors,
        }
    }
}

/// The register and its forms.
pub(crate) async fn page(staff: Staff, Path(reference): Path<String>) -> Result<Response, WebError> {
    show(&staff, &reference, StatusCode::OK, None, Vec::new()).await
}

/// Carries out what one of the forms asks for, or shows it again with everything that was typed.
pub(crate) async fn change(
    staff: Staff,
    Path(reference): Path<String>,
    form: Filled,
) -> Result<Response, WebError> {
    let done = match ask(&staff, &reference, &form).await {
        Ok(done) => done,
        Err(errors) => {
            return show(
                &staff,
                &reference,
                StatusCode::UNPROCESSABLE_ENTITY,
                Some(&form),
                errors,
            )
            .await;
        }
    };
    let (status, errors) = match done {
        Ok(said) => {
            return Ok(Redirect::to(&format!("/cases/{reference}/violations?said={said}")).into_response());
        }
        Err(error) => refusal(error, |e| fault(&form, &e.field, &e.problem))?,
    };
    show(&staff, &reference, status, Some(&form), errors).await
}

/// The word of what was done, or the service's refusal; the outer error is what is wrong with the form itself.
async fn ask(
    staff: &Staff,
    reference: &str,
    form: &Filled,
) -> Result<Result<&'static str, ServiceError>, Vec<ErrorLine>> {
    let service = staff.desk.service();
    let (viewer, now) = (&staff.viewer, staff.now);
    let what = form.get("what");
    if what == "note" {
        let code = form.get("code");
        if code.is_empty() {
            return Err(vec![fault(form, "code", "required")]);
        }
        let noted = service
            .note_violation(viewer, reference, code, None, &details(form), now)
            .await;
        return Ok(noted.map(|_| "violation_noted"));
    }
    let number = form.get("number").parse();
    let number: u32 = number.map_err(|_| vec![ErrorLine::general("not_found")])?;
    let done = match what {
        "document" => service
            .document_violation(viewer, reference, number, &details(form), now)
            .await
            .map(|()| "violation_documented"),
        "verify" => service
            .verify_violation(viewer, reference, number, now)
            .await
            .map(|()| "violation_verified"),
        "use" => service
            .use_violation(viewer, reference, number, form.get("complaint"), now)
            .await
            .map(|()| "violation_used"),
        "publish" | "withhold" => service
            .publish_violation(viewer, reference, number, what == "publish", form.get("why"), now)
            .await
            .map(|()| "violation_publishable"),
        _ => return Err(vec![ErrorLine::general("invalid")]),
    };
    Ok(done)
}

fn details(form: &Filled) -> Fields {
    DETAILS
        .iter()
        .map(|name| ((*name).to_owned(), Value::String(form.get(name).to_owned())))
        .collect()
}

async fn show(
    staff: &Staff,
    reference: &str,
    status: StatusCode,
    form: Option<&Filled>,
    errors: Vec<ErrorLine>,
) -> Result<Response, WebError> {
    let case = staff
        .desk
        .service()
        .case(&staff.viewer, reference, staff.now)
        .await?;
    let pack = case.summary.pack.clone();
    let body = ViolationsBody::new(case, staff.viewer.role, form, errors);
    staff.page_with(status, "violations", Section::Cases, Some(&pack), body)
}

/// A fault beside its field: each violation has forms of its own, told apart by its number.
fn fault(form: &Filled, field: &str, problem: &str) -> ErrorLine {
    let (field, label) = match (form.get("what"), field) {
        ("publish" | "withhold", "reason") => ("why", "register-why".to_owned()),
        (_, "complaint") => (field, "register-complaint".to_owned()),
        _ => (field, format!("detail-{field}")),
    };
    match form.get("number") {
        "" => ErrorLine::own(field, &label, problem),
        number => ErrorLine::own(&format!("v{number}-{field}"), &label, problem),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn only_those_who_may_are_offered_to_verify_and_to_publish() {
        let offered = |role| {
            let body = ViolationsBody::new(samples::case(), role, None, Vec::new());
            (body.may_verify, body.may_publish)
        };
        assert_eq!(offered(Role::Coordinator), (true, true));
        assert_eq!(offered(Role::Lawyer), (true, false));
        assert_eq!(offered(Role::Paralegal), (false, false));
    }

    #[test]
    fn what_was_typed_comes_back_beside_its_fault() {
        let form = Filled::of(&[
            ("what", "note"),
            ("code", "P01"),
            ("at", "soon"),
            ("account", "told"),
        ]);
        let errors = vec![fault(&form, "at", "not_an_approximate_date")];
        let body = ViolationsBody::new(samples::case(), Role::Lawyer, Some(&form), errors);
        assert_eq!(
            (body.typed.at.as_str(), body.typed.account.as_str()),
            ("soon", "told")
        );
        assert_eq!(body.errors[0].anchor.as_deref(), Some("at"));
        assert_eq!(details(&form)["account"], "told");
        let publish = Filled::of(&[("what", "publish"), ("number", "2")]);
        let line = fault(&publish, "reason", "required");
        assert_eq!(
            (line.anchor.as_deref(), line.label_key.as_deref()),
            (Some("v2-why"), Some("register-why"))
        );
    }
}
