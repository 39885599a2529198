//! Coming in, going out, choosing a language.
//! Knows no case; a password is passed on and never kept.

use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use peshi_service::ServiceError;
use serde::{Deserialize, Serialize};

use crate::desk::Desk;
use crate::error::WebError;
use crate::filled::{Filled, safe_path};
use crate::form_view::ErrorLine;
use crate::session::{self, Seeker, Staff};
use crate::shell::{Section, home as home_of};

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
}

#[derive(Serialize)]
struct SignInBody {
    login: String,
    next: String,
    errors: Vec<ErrorLine>,
}

/// `/`: to work, or to sign in.
pub(crate) async fn home(staff: Staff) -> Redirect {
    Redirect::to(home_of(staff.viewer.role))
}

/// The form to sign in with.
pub(crate) async fn sign_in_page(
    State(desk): State<Desk>,
    seeker: Seeker,
    Query(query): Query<Next>,
) -> Result<Response, WebError> {
    show(&desk, &seeker, StatusCode::OK, "", &query.next, Vec::new()).await
}

/// Signs in. A wrong name and a wrong password look alike.
pub(crate) async fn sign_in(
    State(desk): State<Desk>,
    seeker: Seeker,
    jar: CookieJar,
    form: Filled,
) -> Result<Response, WebError> {
    let (login, next) = (form.get("login"), form.get("next"));
    if login.is_empty() || form.raw("password").is_empty() {
        let errors = [("login", form.get("login")), ("password", form.raw("password"))]
            .into_iter()
            .filter(|(_, value)| value.is_empty())
            .map(|(field, _)| ErrorLine::own(field, &format!("sign-in-{field}"), "required"))
            .collect();
        return show(
            &desk,
            &seeker,
            StatusCode::UNPROCESSABLE_ENTITY,
            login,
            next,
            errors,
        )
        .await;
    }
    match desk
        .service()
        .sign_in(login, form.raw("password"), desk.now())
        .await
    {
        Ok(token) => {
            let to = safe_path(next).unwrap_or("/");
            Ok((
                jar.add(session::session(token, desk.secure_cookies())),
                Redirect::to(to),
            )
                .into_response())
        }
        Err(ServiceError::WrongSignIn) => {
            let errors = vec![ErrorLine {
                anchor: Some("login".to_owned()),
                ..ErrorLine::general("wrong_sign_in")
            }];
            show(&desk, &seeker, StatusCode::UNAUTHORIZED, login, next, errors).await
        }
        Err(ServiceError::TooManyTries { until }) => {
            let errors = vec![ErrorLine::general("too_many_tries")];
            let mut response =
                show(&desk, &seeker, StatusCode::TOO_MANY_REQUESTS, login, next, errors).await?;
            let seconds = (until - desk.now()).num_seconds().max(1);
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            Ok(response)
        }
        Err(other) => Err(other.into()),
    }
}

async fn show(
    desk: &Desk,
    seeker: &Seeker,
    status: StatusCode,
    login: &str,
    next: &str,
    errors: Vec<ErrorLine>,
) -> Result<Response, WebError> {
    let (shell, lang) = seeker.shell(desk, Section::Elsewhere).await;
    let next = safe_path(next).unwrap_or_default().to_owned();
    desk.page(
        status,
        "sign-in",
        lang,
        None,
        shell,
        SignInBody {
            login: login.to_owned(),
            next,
            errors,
        },
    )
}

/// Signs out: here and on the server.
pub(crate) async fn sign_out(State(desk): State<Desk>, jar: CookieJar) -> Result<Response, WebError> {
    if let Some(token) = session::token(&jar, desk.secure_cookies()) {
        desk.service().sign_out(&token).await?;
    }
    Ok((
        jar.add(session::no_session(desk.secure_cookies())),
        Redirect::to("/sign-in"),
    )
        .into_response())
}

/// Changes the language, for the account if there is one, and comes back.
pub(crate) async fn language(
    State(desk): State<Desk>,
    jar: CookieJar,
    form: Filled,
) -> Result<Response, WebError> {
    let lang = session::page_language(form.get("language")).ok_or(WebError::BadForm { what: "language" })?;
    if let Some(token) = session::token(&jar, desk.secure_cookies())
        && let Some(viewer) = desk.service().viewer(&token, desk.now()).await?
    {
        desk.service().set_language(&viewer, lang.html_lang()).await?;
    }
    let to = safe_path(form.get("back")).unwrap_or("/");
    Ok((
        jar.add(session::language(lang, desk.secure_cookies())),
        Redirect::to(to),
    )
        .into_response())
}
