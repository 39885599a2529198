//! Filled-in forms as browsers send them, and addresses that stay on this site.
//! Knows no form of any pack.

use axum::Form;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use peshi_casework::Fields;
use peshi_casework::form;
use serde_json::Value;

use crate::error::WebError;

/// What stands before the name of a pack's field, so that it cannot meet one of ours.
pub(crate) const FIELD_PREFIX: &str = "f-";

/// What stands behind the name of a field of which several values may be sent.
pub(crate) const SEVERAL: &str = "[]";

/// A form's pairs in the order sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filled(Vec<(String, String)>);

impl Filled {
    #[cfg(test)]
    pub(crate) fn of(pairs: &[(&str, &str)]) -> Self {
        Self(
            pairs
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect(),
        )
    }

    /// The last value of `name`, trimmed; empty where it was not sent.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .rev()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value.trim())
    }

    /// The value exactly as typed: a password keeps its spaces.
    pub(crate) fn raw(&self, name: &str) -> &str {
        self.0
            .iter()
            .rev()
            .find(|(known, _)| known == name)
            .map_or("", |(_, value)| value)
    }

    /// The value of a field of the pack.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.get(&format!("{FIELD_PREFIX}{name}"))
    }

    /// Every value of a field of the pack of which several may be chosen.
    pub(crate) fn chosen(&self, name: &str) -> Vec<&str> {
        let name = format!("{FIELD_PREFIX}{name}{SEVERAL}");
        let sent = self.0.iter().filter(|(known, _)| *known == name);
        sent.map(|(_, value)| value.trim()).collect()
    }

    /// The fields of the pack's form that were filled in; an empty one was not.
    pub(crate) fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        for (sent, value) in self.sent() {
            let value = Value::String(value.to_owned());
            match sent.strip_suffix(SEVERAL) {
                None => {
                    fields.insert(sent.to_owned(), value);
                }
                Some(name) => match fields.get_mut(name) {
                    Some(Value::Array(chosen)) => chosen.push(value),
                    _ => {
                        fields.insert(name.to_owned(), Value::Array(vec![value]));
                    }
                },
            }
        }
        fields
    }

    /// The same as pairs of name and text, in order.
    pub(crate) fn typed(&self) -> impl Iterator<Item = (&str, &str)> {
        self.sent()
            .map(|(name, value)| (name.strip_suffix(SEVERAL).unwrap_or(name), value))
    }

    fn sent(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(FIELD_PREFIX)?, value.trim())))
            .filter(|(_, value)| !value.is_empty())
    }

    /// The version of the case that the page showed.
    ///
    /// # Errors
    /// A form without it would overwrite what somebody else did meanwhile.
    pub(crate) fn version(&self) -> Result<i64, WebError> {
        self.get("version")
            .parse()
            .map_err(|_| WebError::BadForm { what: "version" })
    }
}

impl<S: Send + Sync> FromRequest<S> for Filled {
    type Rejection = WebError;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        match Form::<Vec<(String, String)>>::from_request(request, state).await {
            Ok(Form(pairs)) => Ok(Self(pairs)),
            Err(rejection) => {
                let status = rejection.status();
                Err(WebError::Unreadable {
                    status: if status.is_client_error() {
                        status
                    } else {
                        StatusCode::BAD_REQUEST
                    },
                })
            }
        }
    }
}

/// A local date and time as typed, in the zone of the case. Empty means now: `Ok(None)`.
///
/// # Errors
/// The key of what is wrong.
pub(crate) fn happened_at(text: &str, zone: &str) -> Result<Option<DateTime<Utc>>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    let local = form::moment(text).ok_or("not_a_moment")?;
    instant(local, zone).map(Some)
}

fn instant(local: NaiveDateTime, zone: &str) -> Result<DateTime<Utc>, &'static str> {
    let zone: Tz = zone.parse().unwrap_or(chrono_tz::Asia::Karachi);
    zone.from_local_datetime(&local)
        .earliest()
        .map(|at| at.with_timezone(&Utc))
        .ok_or("not_a_moment")
}

/// A time of day as typed; empty means none.
///
/// # Errors
/// The key of what is wrong.
pub(crate) fn time_of_day(text: &str) -> Result<Option<NaiveTime>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    ["%H:%M", "%H:%M:%S"]
        .iter()
        .find_map(|form| NaiveTime::parse_from_str(text, form).ok())
        .map(Some)
        .ok_or("not_a_time")
}

/// `path` if it leads to a page of this site and nowhere else.
///
/// Browsers read `//host` and `/\host` as another site, and drop tabs and line breaks while reading.
pub(crate) fn safe_path(path: &str) -> Option<&str> {
    let local = path.starts_with('/')
        && !path[1..].starts_with(['/', '\\'])
        && path.len() <= 512
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    local.then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_this_site_is_followed() {
        for good in [
            "/",
            "/today",
            "/cases/2026-0001?said=recorded",
            "/cases?state=all&page=2",
        ] {
            assert_eq!(safe_path(good), Some(good));
        }
        let long = format!("/{}", "a".repeat(600));
        for bad in [
            "",
            "today",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "https://evil.example",
            "/a\nb",
            "/a b",
            "/پیشی",
            &long,
        ] {
            assert_eq!(safe_path(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn fields_of_the_pack_are_told_from_ours_and_blank_ones_dropped() {
        let form = Filled::of(&[
            ("version", "7"),
            ("f-station", " A "),
            ("f-note", "  "),
            ("f-version", "x"),
            ("f-station", "B"),
            ("f-methods[]", "drugs"),
            ("f-methods[]", "threats"),
        ]);
        assert_eq!(form.version().unwrap(), 7);
        assert_eq!(form.field("station"), "B");
        assert_eq!(
            Value::Object(form.fields()),
            serde_json::json!({"station": "B", "version": "x", "methods": ["drugs", "threats"]})
        );
        assert_eq!(form.chosen("methods"), ["drugs", "threats"]);
        assert!(Filled::of(&[]).version().is_err());
        assert_eq!(Filled::of(&[("password", " a ")]).raw("password"), " a ");
    }

    #[test]
    fn moments_are_local_to_the_case() {
        let at = happened_at("2026-03-12T09:00", "Asia/Karachi").unwrap().unwrap();
        assert_eq!(at.to_rfc3339(), "2026-03-12T04:00:00+00:00");
        assert_eq!(
            happened_at("12/03/2026 09:00", "Asia/Karachi").unwrap(),
            Some(at),
            "as written by hand"
        );
        assert_eq!(happened_at("", "Asia/Karachi"), Ok(None));
        assert_eq!(happened_at("yesterday", "Asia/Karachi"), Err("not_a_moment"));
        assert_eq!(time_of_day("16:30").unwrap().unwrap().to_string(), "16:30:00");
        assert_eq!(time_of_day("noon"), Err("not_a_time"));
    }
}
