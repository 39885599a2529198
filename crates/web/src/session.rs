//! Who is asking: the session cookie, the language, the extractor of signed-in staff.
//! Knows the token as an opaque word; whom it belongs to is the service's knowledge.

use std::time::Duration;

use axum::extract::{FromRequestParts, OriginalUri, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::Response;
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use chrono::{DateTime, Utc};
use peshi_service::Viewer;
use peshi_templates::Lang;
use serde::Serialize;

use crate::assets;
use crate::desk::Desk;
use crate::error::WebError;
use crate::filled::safe_path;
use crate::shell::{Section, Shell, nav, said};

/// Remembers the language before sign-in; nothing personal.
const LANGUAGE_COOKIE: &str = "peshi-language";
/// How long the language is remembered: a year.
const LANGUAGE_KEPT: Duration = Duration::from_hours(365 * 24);

/// The session cookie's name. The prefix makes browsers refuse it without TLS, for other paths and from sister hosts.
fn session_cookie(secure: bool) -> &'static str {
    if secure { "__Host-peshi" } else { "peshi" }
}

/// The cookie that carries a session. `Lax` lets a link in a reminder open the case; forms of other sites are refused
/// by the cross-origin layer besides.
pub(crate) fn session(token: String, secure: bool) -> Cookie<'static> {
    Cookie::build((session_cookie(secure), token))
        .path("/")
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Lax)
        .build()
}

/// The cookie that ends it.
pub(crate) fn no_session(secure: bool) -> Cookie<'static> {
    let mut cookie = session(String::new(), secure);
    cookie.make_removal();
    cookie
}

/// The cookie that remembers a language.
pub(crate) fn language(lang: Lang, secure: bool) -> Cookie<'static> {
    Cookie::build((LANGUAGE_COOKIE, lang.html_lang()))
        .path("/")
        .http_only(true)
        .secure(secure)
        .same_site(SameSite::Lax)
        .max_age(LANGUAGE_KEPT.try_into().unwrap_or_default())
        .build()
}

/// The session token of a request.
pub(crate) fn token(jar: &CookieJar, secure: bool) -> Option<String> {
    jar.get(session_cookie(secure))
        .map(|cookie| cookie.value().to_owned())
        .filter(|token| !token.is_empty())
}

/// The page language that a tag names; pages are not written in Roman Urdu.
pub(crate) fn page_language(tag: &str) -> Option<Lang> {
    tag.parse().ok().filter(|lang| *lang != Lang::UrLatn)
}

/// The language before anybody is known: the remembered one, else the browser's first choice that we have.
fn guessed_language(jar: &CookieJar, headers: &HeaderMap) -> Lang {
    let remembered = jar
        .get(LANGUAGE_COOKIE)
        .and_then(|cookie| page_language(cookie.value()));
    let accepted = || {
        let list = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        list.split(',')
            .find_map(|entry| page_language(entry.trim().split([';', '-']).next()?))
    };
    remembered.or_else(accepted).unwrap_or(Lang::En)
}

/// The sign-in page that leads back to `next`.
pub(crate) fn sign_in_address(next: &str) -> String {
    match safe_path(next) {
        Some("/") | None => "/sign-in".to_owned(),
        Some(next) => format!("/sign-in?next={}", percent_encoded(next)),
    }
}

fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for digit in [byte >> 4, byte & 0xf] {
                out.push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
            }
        }
    }
    out
}

/// Somebody who asks, known or not: what a page needs to be framed for them.
#[derive(Debug, Clone)]
pub(crate) struct Seeker {
    jar: CookieJar,
    guessed: Lang,
    here: String,
    said: Option<&'static str>,
}

impl Seeker {
    fn new(headers: &HeaderMap, uri: &Uri) -> Self {
        let jar = CookieJar::from_headers(headers);
        let guessed = guessed_language(&jar, headers);
        let said = said(
            uri.query()
                .and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("said="))),
        );
        Self {
            jar,
            guessed,
            here: here(uri),
            said,
        }
    }

    pub(crate) fn of(request: &Request) -> Self {
        Self::new(request.headers(), request.uri())
    }

    /// The frame of a page for whoever this turns out to be. A service that cannot say who it is leaves a stranger.
    pub(crate) async fn shell(&self, desk: &Desk, section: Section) -> (Shell, Lang) {
        let now = desk.now();
        let viewer = match token(&self.jar, desk.secure_cookies()) {
            Some(token) => desk.service().viewer(&token, now).await.ok().flatten(),
            None => None,
        };
        let lang = viewer
            .as_ref()
            .and_then(|viewer| page_language(&viewer.language))
            .unwrap_or(self.guessed);
        let scheduler_ok = viewer.is_none() || desk.scheduler_ok(now).await;
        (
            self.frame(desk, viewer.as_ref(), lang, section, scheduler_ok, now),
            lang,
        )
    }

    fn frame(
        &self,
        desk: &Desk,
        viewer: Option<&Viewer>,
        lang: Lang,
        section: Section,
        scheduler_ok: bool,
        now: DateTime<Utc>,
    ) -> Shell {
        Shell {
            reader: viewer.map(|viewer| viewer.name.clone()),
            role: viewer.map(|viewer| viewer.role.as_str().to_owned()),
            nav: viewer.map(|viewer| nav(viewer.role, section)).unwrap_or_default(),
            here: self.here.clone(),
            other_language: if lang == Lang::Ur { "en" } else { "ur" },
            scheduler_ok,
            said: self.said,
            stylesheet: assets::stylesheet_address(),
            now,
            zone: desk.service().zone().name(),
        }
    }
}

/// The address of this page without the word of a confirmation, which is said once.
fn here(uri: &Uri) -> String {
    let kept: Vec<&str> = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("said="))
        .collect();
    if kept.is_empty() {
        uri.path().to_owned()
    } else {
        format!("{}?{}", uri.path(), kept.join("&"))
    }
}

impl FromRequestParts<Desk> for Seeker {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Desk) -> Result<Self, Self::Rejection> {
        let uri = parts
            .extensions
            .get::<OriginalUri>()
            .map_or(&parts.uri, |original| &original.0);
        Ok(Self::new(&parts.headers, uri))
    }
}

/// A signed-in member of staff and everything their pages need. A handler that takes it cannot be reached by strangers.
pub(crate) struct Staff {
    pub(crate) viewer: Viewer,
    pub(crate) lang: Lang,
    pub(crate) now: DateTime<Utc>,
    pub(crate) desk: Desk,
    seeker: Seeker,
    scheduler_ok: bool,
}

impl Staff {
    /// A page of this reader, 200.
    pub(crate) fn page(
        &self,
        name: &str,
        section: Section,
        pack: Option<&str>,
        body: impl Serialize,
    ) -> Result<Response, WebError> {
        self.page_with(StatusCode::OK, name, section, pack, body)
    }

    /// A page of this reader with another status.
    pub(crate) fn page_with(
        &self,
        status: StatusCode,
        name: &str,
        section: Section,
        pack: Option<&str>,
        body: impl Serialize,
    ) -> Result<Response, WebError> {
        let shell = self.seeker.frame(
            &self.desk,
            Some(&self.viewer),
            self.lang,
            section,
            self.scheduler_ok,
            self.now,
        );
        self.desk.page(status, name, self.lang, pack, shell, body)
    }

    /// The text of a pack's key, the key itself in the marks of a missing text where nobody defines it.
    pub(crate) fn text(&self, pack: &str, key: &str) -> String {
        self.desk
            .text(Some(pack), self.lang, key)
            .unwrap_or_else(|| format!("⟦{key}⟧"))
    }
}

impl FromRequestParts<Desk> for Staff {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Self, Self::Rejection> {
        let uri = parts
            .extensions
            .get::<OriginalUri>()
            .map_or(&parts.uri, |original| &original.0);
        let seeker = Seeker::new(&parts.headers, uri);
        // A form cannot be sent again after the detour, so only a page is come back to.
        let next = if parts.method == Method::GET {
            seeker.here.clone()
        } else {
            "/".to_owned()
        };
        let now = desk.now();
        let Some(token) = token(&seeker.jar, desk.secure_cookies()) else {
            return Err(WebError::SignIn { next });
        };
        let Some(viewer) = desk.service().viewer(&token, now).await? else {
            return Err(WebError::SignIn { next });
        };
        let lang = page_language(&viewer.language).unwrap_or(seeker.guessed);
        let scheduler_ok = desk.scheduler_ok(now).await;
        Ok(Self {
            viewer,
            lang,
            now,
            desk: desk.clone(),
            seeker,
            scheduler_ok,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_cookie_is_closed_to_scripts_and_other_hosts() {
        let cookie = session("abc".to_owned(), true).to_string();
        assert_eq!(cookie, "__Host-peshi=abc; HttpOnly; SameSite=Lax; Secure; Path=/");
        assert_eq!(
            session("abc".to_owned(), false).to_string(),
            "peshi=abc; HttpOnly; SameSite=Lax; Path=/"
        );
        assert!(no_session(true).to_string().contains("Max-Age=0"));
    }

    #[test]
    fn a_stranger_is_greeted_in_a_likely_language() {
        let lang = |cookie: &str, accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, cookie.parse().unwrap());
            headers.insert(header::ACCEPT_LANGUAGE, accept.parse().unwrap());
            guessed_language(&CookieJar::from_headers(&headers), &headers)
        };
        assert_eq!(lang("a=b", "ur-PK,ur;q=0.9,en;q=0.8"), Lang::Ur);
        assert_eq!(lang("a=b", "pa-PK, en-GB;q=0.8, ur;q=0.1"), Lang::En);
        assert_eq!(lang("peshi-language=ur", "en"), Lang::Ur);
        assert_eq!(
            lang("peshi-language=ur-Latn", "de"),
            Lang::En,
            "no page is written in it"
        );
    }

    #[test]
    fn a_confirmation_is_said_once() {
        assert_eq!(
            here(&"/cases/2026-0001?said=recorded".parse().unwrap()),
            "/cases/2026-0001"
        );
        assert_eq!(
            here(&"/cases?state=all&said=recorded&page=2".parse().unwrap()),
            "/cases?state=all&page=2"
        );
    }
}
