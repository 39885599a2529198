//! A file that a form sends: read within a limit, in its turn, and never for longer than somebody is really sending.
//! Knows no case; which files are taken is for the rules to say.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, StatusCode, header};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::error::Elapsed;
use tokio::time::timeout;

use crate::guard::MAX_UPLOAD;

/// The field with the file.
const FIELD: &str = "file";

/// How long nothing may come before a sender counts as gone: a telephone that left the network says no goodbye, and must
/// not keep its place.
const SILENT: Duration = Duration::from_mins(1);

/// How much of a refused body is still let pass, in bytes: a few minutes of a telephone's video.
const PASSED_OVER: usize = 256 * 1024 * 1024;

/// A file that was sent. It keeps its sender's place among those who send until it is dropped.
pub(crate) struct Upload<'desk> {
    /// What the browser calls it; empty where no file was chosen.
    pub(crate) name: String,
    /// The file.
    pub(crate) bytes: Vec<u8>,
    _place: Option<SemaphorePermit<'desk>>,
}

/// Why there is no file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotRead {
    /// There is more of it than is taken.
    TooLarge,
    /// It is no form with a file, or it broke off.
    Unreadable(StatusCode),
}

impl NotRead {
    fn of(status: StatusCode) -> Self {
        match status {
            StatusCode::PAYLOAD_TOO_LARGE => Self::TooLarge,
            status if status.is_client_error() => Self::Unreadable(status),
            // A connection that breaks is no fault of the server, whatever the parser calls it.
            _ => Self::Unreadable(StatusCode::BAD_REQUEST),
        }
    }
}

impl<'desk> Upload<'desk> {
    /// Reads the file of a form, as soon as one of `places` is free. A form without a file gives an empty one.
    pub(crate) async fn read(request: Request, places: &'desk Semaphore) -> Result<Self, NotRead> {
        if announced(request.headers()).is_some_and(|size| size > MAX_UPLOAD) {
            pass_over(request.into_body()).await;
            return Err(NotRead::TooLarge);
        }
        // Nobody closes the semaphore, so there is always a place in the end.
        let place = places.acquire().await.ok();
        let (name, bytes) = file_of(request).await?.unwrap_or_default();
        Ok(Self {
            name,
            bytes,
            _place: place,
        })
    }
}

/// The name and the bytes of the first file of a form.
async fn file_of(request: Request) -> Result<Option<(String, Vec<u8>)>, NotRead> {
    let form = Multipart::from_request(request, &()).await;
    let mut form = form.map_err(|rejection| NotRead::of(rejection.status()))?;
    let mut file = None;
    while let Some(mut field) = came(timeout(SILENT, form.next_field()).await)? {
        if file.is_some() || field.name() != Some(FIELD) {
            continue;
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        let mut bytes = Vec::new();
        while let Some(chunk) = came(timeout(SILENT, field.chunk()).await)? {
            bytes.extend_from_slice(&chunk);
        }
        file = Some((name, bytes));
    }
    Ok(file)
}

/// The next part of a form, unless its sender has fallen silent.
fn came<T>(part: Result<Result<T, MultipartError>, Elapsed>) -> Result<T, NotRead> {
    match part {
        Ok(part) => part.map_err(|error| NotRead::of(error.status())),
        Err(_) => Err(NotRead::Unreadable(StatusCode::REQUEST_TIMEOUT)),
    }
}

/// How much the browser says it will send.
fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Reads a refused body without keeping it. A browser that is cut off while it sends shows a broken connection in place of
/// the page that says why.
async fn pass_over(mut body: Body) {
    let mut left = PASSED_OVER;
    while left > 0 {
        let next = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx));
        let Ok(Some(Ok(frame))) = timeout(SILENT, next).await else {
            return;
        };
        left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::extract::DefaultBodyLimit;
    use axum::http;

    /// A form of these parts, each the rest of its disposition and its bytes.
    fn form(parts: &[(&str, &[u8])]) -> Request {
        let mut body = Vec::new();
        for (disposition, bytes) in parts {
            let head = format!("--X\r\nContent-Disposition: form-data; {disposition}\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--X--\r\n");
        http::Request::builder()
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=X")
            .body(Body::from(body))
            .unwrap()
    }

    #[tokio::test]
    async fn the_file_is_read_as_it_is_and_the_rest_left() {
        let places = Semaphore::new(1);
        let sent = form(&[
            ("name=\"other\"", &b"x"[..]),
            ("name=\"file\"; filename=\"ب فارم.pdf\"", b"%PDF\r\n--Y\0\xff"),
            ("name=\"file\"; filename=\"second.pdf\"", b"y"),
        ]);
        let upload = Upload::read(sent, &places).await.ok().unwrap();
        assert_eq!(upload.name, "ب فارم.pdf");
        assert_eq!(upload.bytes, b"%PDF\r\n--Y\0\xff");
    }

    #[tokio::test]
    async fn no_file_chosen_is_an_empty_one() {
        let places = Semaphore::new(1);
        let unchosen = [("name=\"file\"; filename=\"\"", &b""[..])];
        for parts in [&unchosen[..], &[][..]] {
            let upload = Upload::read(form(parts), &places).await.ok().unwrap();
            assert!(upload.name.is_empty() && upload.bytes.is_empty(), "{parts:?}");
        }
    }

    #[tokio::test]
    async fn a_place_is_kept_as_long_as_the_file() {
        let places = Semaphore::new(1);
        let parts = [("name=\"file\"; filename=\"a.pdf\"", &b"a"[..])];
        let upload = Upload::read(form(&parts), &places).await.ok();
        assert_eq!(places.available_permits(), 0);
        drop(upload);
        assert_eq!(places.available_permits(), 1);
    }

    #[tokio::test]
    async fn too_much_is_told_from_no_form_at_all() {
        let places = Semaphore::new(1);
        let large = [b'a'; 200];
        let parts = [("name=\"file\"; filename=\"a.pdf\"", &large[..])];
        let mut counted = form(&parts);
        DefaultBodyLimit::max(100).apply(&mut counted);
        let mut told = form(&parts);
        told.headers_mut()
            .insert(header::CONTENT_LENGTH, (MAX_UPLOAD + 1).into());
        for sent in [counted, told] {
            assert_eq!(Upload::read(sent, &places).await.err(), Some(NotRead::TooLarge));
        }
        let broken = http::Request::builder()
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=X")
            .body(Body::from(
                "--X\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nhalf",
            ));
        let other = http::Request::builder()
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from("file=a"));
        for sent in [broken.unwrap(), other.unwrap()] {
            assert_eq!(
                Upload::read(sent, &places).await.err(),
                Some(NotRead::Unreadable(StatusCode::BAD_REQUEST))
            );
        }
        assert_eq!(places.available_permits(), 1, "who was refused keeps no place");
    }
}
