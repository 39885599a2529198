//! The documents of one case: adding a file, taking a copy, removing one.
//! Knows the fields of its own forms; which files are taken, and who may remove one, is not decided here.

use axum::extract::{Path, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use peshi_casework::Rejection;
use peshi_service::views::{CaseView, DocumentView};
use peshi_service::{Action, DocumentCopy, MAX_DOCUMENT, Role, ServiceError, may};
use serde::Serialize;

use crate::error::{WebError, refusal};
use crate::filled::Filled;
use crate::form_view::ErrorLine;
use crate::handlers::CaseHead;
use crate::present::Named;
use crate::session::Staff;
use crate::shell::Section;
use crate::upload::{NotRead, Upload};

const KILOBYTE: u64 = 1024;
const MEGABYTE: u64 = 1024 * KILOBYTE;

/// Kinds of files in words: locale key `document-kind-WORD`.
#[cfg(test)]
pub(crate) const KINDS: [&str; 7] = ["picture", "pdf", "recording", "video", "text", "office", "other"];

#[derive(Debug, Serialize)]
pub(crate) struct DocumentsBody {
    head: CaseHead,
    /// The latest first.
    documents: Vec<Row>,
    /// How many of them were not removed.
    present: usize,
    /// The largest file that is taken.
    most: Size,
    may_remove: bool,
    #[serde(flatten)]
    again: Again,
    errors: Vec<ErrorLine>,
}

impl DocumentsBody {
    pub(crate) fn new(case: CaseView, role: Role, again: Again, errors: Vec<ErrorLine>) -> Self {
        Self {
            head: CaseHead::new(&case.summary, &case.zone, "documents"),
            present: case.documents.iter().filter(|d| d.removed.is_none()).count(),
            documents: case.documents.into_iter().rev().map(Row::new).collect(),
            most: Size::of(u64::try_from(MAX_DOCUMENT).unwrap_or(u64::MAX)),
            may_remove: may(role, Action::RemoveDocument, true),
            again,
            errors,
        }
    }
}

/// The form for removing that is shown again.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Again {
    /// The document it is about; none where it is another form.
    number: Option<u32>,
    /// The reason that was typed.
    reason: String,
}

impl Again {
    pub(crate) fn of(document: u32, reason: &str) -> Self {
        Self {
            number: Some(document),
            reason: reason.to_owned(),
        }
    }
}

/// One document, ready to show.
#[derive(Debug, Serialize)]
struct Row {
    /// A word of locale key `document-kind-WORD`.
    kind: &'static str,
    large: Size,
    by: Named,
    #[serde(flatten)]
    document: DocumentView,
}

impl Row {
    fn new(document: DocumentView) -> Self {
        Self {
            kind: kind(&document.media_type),
            large: Size::of(document.size),
            by: Named::actor(&document.added_by),
            document,
        }
    }
}

/// The size of a file as people say it.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Size {
    /// Locale key.
    key: &'static str,
    /// In Latin digits.
    amount: String,
}

impl Size {
    fn of(bytes: u64) -> Self {
        // No file is shown as nothing.
        let kilobytes = bytes.div_ceil(KILOBYTE);
        if kilobytes < 1000 {
            return Self {
                key: "size-kb",
                amount: kilobytes.to_string(),
            };
        }
        let tenths = bytes.saturating_mul(10).saturating_add(MEGABYTE / 2) / MEGABYTE;
        Self {
            key: "size-mb",
            amount: match tenths % 10 {
                0 => (tenths / 10).to_string(),
                tenth => format!("{}.{tenth}", tenths / 10),
            },
        }
    }
}

/// What a file is to people, by its media type.
fn kind(media_type: &str) -> &'static str {
    let family = media_type.split('/').next().unwrap_or_default();
    match (family, media_type) {
        (_, "application/pdf") => "pdf",
        ("image", _) => "picture",
        ("audio", _) => "recording",
        ("video", _) => "video",
        // Before the plain texts: some call RTF one of them.
        (_, "application/msword" | "application/rtf" | "text/rtf") => "office",
        ("text", _) => "text",
        (_, name) if name.starts_with("application/vnd.") => "office",
        _ => "other",
    }
}

/// `/cases/REFERENCE/documents`.
pub(crate) async fn page(staff: Staff, Path(reference): Path<String>) -> Result<Response, WebError> {
    show(&staff, &reference, StatusCode::OK, Again::default(), Vec::new()).await
}

/// Takes a file into the case, or says beside the field what is wrong with it.
pub(crate) async fn add(
    staff: Staff,
    Path(reference): Path<String>,
    request: Request,
) -> Result<Response, WebError> {
    let service = staff.desk.service();
    // Whoever may not open the case hears so before their file takes up any room.
    service.case(&staff.viewer, &reference, staff.now).await?;
    let upload = match Upload::read(request, staff.desk.uploads()).await {
        Ok(upload) => upload,
        Err(NotRead::TooLarge) => {
            let (status, errors) = (
                StatusCode::PAYLOAD_TOO_LARGE,
                vec![fault(None, "file", "too_large")],
            );
            return show(&staff, &reference, status, Again::default(), errors).await;
        }
        Err(NotRead::Unreadable(status)) => return Err(WebError::Unreadable { status }),
    };
    let added = service
        .add_document(&staff.viewer, &reference, &upload.name, upload.bytes, staff.now)
        .await
        .map(|_| "document_added");
    answer(&staff, &reference, added, Again::default()).await
}

/// Hands over a copy of a document or removes it.
pub(crate) async fn change(
    staff: Staff,
    Path((reference, document)): Path<(String, String)>,
    form: Filled,
) -> Result<Response, WebError> {
    let document: u32 = document.parse().map_err(|_| WebError::NotFound)?;
    let service = staff.desk.service();
    let (viewer, now) = (&staff.viewer, staff.now);
    match form.get("what") {
        "copy" => match service.copy_document(viewer, &reference, document, now).await {
            Ok(copy) => Ok(handed_over(copy)),
            Err(error) => answer(&staff, &reference, Err(error), Again::default()).await,
        },
        "remove" => {
            let reason = form.get("reason");
            let removed = service
                .remove_document(viewer, &reference, document, reason, now)
                .await
                .map(|()| "document_removed");
            answer(&staff, &reference, removed, Again::of(document, reason)).await
        }
        _ => {
            let (status, errors) = (
                StatusCode::UNPROCESSABLE_ENTITY,
                vec![ErrorLine::general("invalid")],
            );
            show(&staff, &reference, status, Again::default(), errors).await
        }
    }
}

/// After a form: back to the page with the word of what was done, or the page with what is wrong.
async fn answer(
    staff: &Staff,
    reference: &str,
    done: Result<&'static str, ServiceError>,
    again: Again,
) -> Result<Response, WebError> {
    let (status, errors) = match done {
        Ok(said) => {
            return Ok(Redirect::to(&format!("/cases/{reference}/documents?said={said}")).into_response());
        }
        Err(ServiceError::Rejected(Rejection::Known { document })) => {
            (StatusCode::CONFLICT, vec![known(document)])
        }
        Err(error) => refusal(error, |e| fault(again.number, &e.field, &e.problem))?,
    };
    show(staff, reference, status, again, errors).await
}

async fn show(
    staff: &Staff,
    reference: &str,
    status: StatusCode,
    again: Again,
    errors: Vec<ErrorLine>,
) -> Result<Response, WebError> {
    let case = staff
        .desk
        .service()
        .case(&staff.viewer, reference, staff.now)
        .await?;
    let pack = case.summary.pack.clone();
    let body = DocumentsBody::new(case, staff.viewer.role, again, errors);
    staff.page_with(status, "documents", Section::Cases, Some(&pack), body)
}

/// A copy to be kept, never shown within the site: what is in it is not ours.
fn handed_over(copy: DocumentCopy) -> Response {
    let disposition = format!("attachment; filename=\"{}\"", copy.file_name);
    let mut response = copy.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::try_from(copy.media_type)
            .unwrap_or(HeaderValue::from_static("application/octet-stream")),
    );
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::try_from(disposition).unwrap_or(HeaderValue::from_static("attachment")),
    );
    response
}

/// A fault beside its field: each document has a form of its own for removing it.
pub(crate) fn fault(document: Option<u32>, field: &str, problem: &str) -> ErrorLine {
    match (document, field) {
        (Some(number), "reason") => ErrorLine::own(&format!("d{number}-reason"), "document-why", problem),
        _ => ErrorLine::own("file", "documents-file", problem),
    }
}

/// The same file is there already: the line leads to it.
pub(crate) fn known(document: u32) -> ErrorLine {
    ErrorLine {
        anchor: Some(format!("d{document}")),
        number: Some(document),
        ..ErrorLine::general("known")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn body(role: Role, again: Again, errors: Vec<ErrorLine>) -> DocumentsBody {
        DocumentsBody::new(samples::case(), role, again, errors)
    }

    #[test]
    fn only_those_who_may_are_offered_to_remove() {
        let offered = |role| body(role, Again::default(), Vec::new()).may_remove;
        assert_eq!(
            [Role::Coordinator, Role::Lawyer, Role::Paralegal].map(offered),
            [true, true, false]
        );
    }

    #[test]
    fn the_latest_stands_first_and_a_removed_one_does_not_count() {
        let body = body(Role::Lawyer, Again::default(), Vec::new());
        let rows: Vec<(u32, &str)> = body
            .documents
            .iter()
            .map(|row| (row.document.number, row.kind))
            .collect();
        assert_eq!(rows, [(2, "recording"), (1, "pdf")]);
        assert_eq!(body.present, 1);
        assert_eq!(body.most.amount, "20");
        assert_eq!(
            body.documents[0].by.key.as_deref(),
            Some("actor-importer"),
            "a machine has no name"
        );
    }

    #[test]
    fn the_reason_that_was_typed_comes_back_beside_its_fault() {
        let errors = vec![fault(Some(1), "reason", "too_long")];
        let body = body(Role::Lawyer, Again::of(1, "long"), errors);
        assert_eq!((body.again.number, body.again.reason.as_str()), (Some(1), "long"));
        let line = &body.errors[0];
        assert_eq!(
            (line.anchor.as_deref(), line.label_key.as_deref()),
            (Some("d1-reason"), Some("document-why"))
        );
        let file = fault(None, "file", "required");
        assert_eq!(
            (file.anchor.as_deref(), file.key.as_str()),
            (Some("file"), "error-required")
        );
        let same = known(7);
        assert_eq!(
            (same.anchor.as_deref(), same.key.as_str(), same.number),
            (Some("d7"), "error-known", Some(7))
        );
    }

    #[test]
    fn sizes_are_said_as_people_say_them() {
        let said = |bytes| {
            let size = Size::of(bytes);
            (size.key, size.amount)
        };
        for (bytes, key, amount) in [
            (1, "size-kb", "1"),
            (90_112, "size-kb", "88"),
            (999 * KILOBYTE, "size-kb", "999"),
            (1_000 * KILOBYTE, "size-mb", "1"),
            (1_468_006, "size-mb", "1.4"),
            (20 * MEGABYTE, "size-mb", "20"),
        ] {
            assert_eq!(said(bytes), (key, amount.to_owned()), "{bytes}");
        }
    }

    #[test]
    fn files_are_called_by_what_they_are_to_people() {
        let table = [
            ("image/jpeg", "picture"),
            ("application/pdf", "pdf"),
            ("audio/ogg", "recording"),
            ("video/mp4", "video"),
            ("text/plain", "text"),
            (
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                "office",
            ),
            ("application/msword", "office"),
            ("application/zip", "other"),
            ("", "other"),
        ];
        for (media_type, word) in table {
            assert_eq!(kind(media_type), word, "{media_type}");
            assert!(KINDS.contains(&word));
        }
    }

    #[test]
    fn a_copy_is_handed_over_and_not_shown() {
        let copy = |media_type: &str, file_name: &str| DocumentCopy {
            media_type: media_type.to_owned(),
            file_name: file_name.to_owned(),
            bytes: b"%PDF".to_vec(),
        };
        let response = handed_over(copy("application/pdf", "2026-0042-document-1.pdf"));
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/pdf");
        assert_eq!(
            response.headers()[header::CONTENT_DISPOSITION],
            "attachment; filename=\"2026-0042-document-1.pdf\""
        );
        let odd = handed_over(copy("a\nb", "c\nd"));
        assert_eq!(odd.headers()[header::CONTENT_TYPE], "application/octet-stream");
        assert_eq!(odd.headers()[header::CONTENT_DISPOSITION], "attachment");
    }
}
