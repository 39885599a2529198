//! Opening a case: the choice of its kind, then the pack's opening form.
//! Knows no field by name.

use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use peshi_casework::pack::Form;
use peshi_casework::{FieldError, Rejection};
use peshi_service::{Action, PackView, ServiceError, may};
use serde::{Deserialize, Serialize};

use crate::error::{WebError, rejection_key};
use crate::filled::Filled;
use crate::form_view::{ErrorLine, FormView};
use crate::handlers::to_case;
use crate::session::Staff;
use crate::shell::Section;

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    pack: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct ChooseBody {
    pub(crate) packs: Vec<PackLine>,
}

#[derive(Debug, Serialize)]
pub(crate) struct PackLine {
    pub(crate) name: String,
    pub(crate) title: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct OpeningBody {
    pub(crate) pack: PackLine,
    pub(crate) form: FormView,
    pub(crate) errors: Vec<ErrorLine>,
}

fn line(staff: &Staff, pack: &PackView) -> PackLine {
    let title = pack
        .title
        .get(staff.lang.html_lang())
        .or_else(|| pack.title.values().next());
    PackLine {
        name: pack.name.clone(),
        title: title.unwrap_or(&pack.name).clone(),
    }
}

/// `/cases/new`: the kinds of case, or the opening form of the one asked for. A single kind needs no choosing.
pub(crate) async fn page(staff: Staff, Query(asked): Query<Asked>) -> Result<Response, WebError> {
    if !may(staff.viewer.role, Action::OpenCase, false) {
        return Err(ServiceError::Forbidden { what: "open a case" }.into());
    }
    let packs = staff.desk.service().packs(&staff.viewer);
    let chosen = match packs.as_slice() {
        [only] if asked.pack.is_empty() => Some(only),
        _ => packs.iter().find(|pack| pack.name == asked.pack),
    };
    match chosen {
        Some(pack) => form_page(&staff, StatusCode::OK, pack, &Filled::default(), &[], &[]),
        None if asked.pack.is_empty() => {
            let body = ChooseBody {
                packs: packs.iter().map(|pack| line(&staff, pack)).collect(),
            };
            staff.page("new-case-choose", Section::Cases, None, body)
        }
        None => Err(WebError::NotFound),
    }
}

/// Opens the case, or shows the form again with everything typed.
pub(crate) async fn open(staff: Staff, form: Filled) -> Result<Response, WebError> {
    let packs = staff.desk.service().packs(&staff.viewer);
    let pack = packs
        .iter()
        .find(|pack| pack.name == form.get("pack"))
        .ok_or(WebError::BadForm { what: "pack" })?;
    match staff
        .desk
        .service()
        .open_case(&staff.viewer, &pack.name, form.fields(), staff.now)
        .await
    {
        Ok(reference) => Ok(to_case(&reference, "opened").into_response()),
        Err(ServiceError::Rejected(Rejection::Form(errors))) => form_page(
            &staff,
            StatusCode::UNPROCESSABLE_ENTITY,
            pack,
            &form,
            &errors,
            &[],
        ),
        Err(ServiceError::Rejected(rejection)) => {
            let general = [ErrorLine::general(rejection_key(&rejection))];
            form_page(
                &staff,
                StatusCode::UNPROCESSABLE_ENTITY,
                pack,
                &form,
                &[],
                &general,
            )
        }
        Err(other) => Err(other.into()),
    }
}

fn form_page(
    staff: &Staff,
    status: StatusCode,
    pack: &PackView,
    typed: &Filled,
    errors: &[FieldError],
    general: &[ErrorLine],
) -> Result<Response, WebError> {
    let nothing = Form::default();
    let form = FormView::new(pack.opening.as_ref().unwrap_or(&nothing), typed, errors);
    let errors = general.iter().cloned().chain(form.summary(errors)).collect();
    let body = OpeningBody {
        pack: line(staff, pack),
        form,
        errors,
    };
    staff.page_with(status, "new-case", Section::Cases, Some(&pack.name), body)
}
