//! Days of the court calendars: those that lie ahead, and adding one in two steps, first what it would move, then the doing.
//! Knows the fields of its own form; which dates move is decided by the service.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDate;
use peshi_service::{DateMove, DayStatusWord, DayView, NewDay, Only, ServiceError, WouldMove};
use serde::Serialize;

use crate::error::WebError;
use crate::filled::Filled;
use crate::session::Staff;
use crate::shell::Section;

/// How many days ahead are listed.
const SHOWN: usize = 60;
/// What an added day may be.
const STATUSES: [&str; 3] = ["confirmed", "provisional", "open"];

#[derive(Debug, Serialize)]
pub(crate) struct CalendarBody {
    pub(crate) calendars: Vec<String>,
    pub(crate) statuses: [&'static str; 3],
    pub(crate) days: Vec<DayView>,
    /// What was typed, once it was sent.
    pub(crate) typed: Typed,
    /// What it would move; none before it is known.
    pub(crate) would: Option<Would>,
    /// The form could not be used.
    pub(crate) wrong: bool,
}

/// What was typed into the form.
#[derive(Debug, Default, Clone, Serialize)]
pub(crate) struct Typed {
    calendar: String,
    day: String,
    name: String,
    status: String,
    province: String,
    city: String,
    court: String,
}

/// What a day would move, with the rules in words.
#[derive(Debug, Serialize)]
pub(crate) struct Would {
    pub(crate) count: usize,
    pub(crate) moves: Vec<MoveLine>,
}

/// One date that would move.
#[derive(Debug, Serialize)]
pub(crate) struct MoveLine {
    pub(crate) reference: String,
    pub(crate) title: String,
    pub(crate) from: NaiveDate,
    pub(crate) to: Option<NaiveDate>,
}

impl Typed {
    pub(crate) fn of(form: &Filled) -> Self {
        let get = |name: &str| form.get(name).to_owned();
        Self {
            calendar: get("calendar"),
            day: get("day"),
            name: get("name"),
            status: get("status"),
            province: get("province"),
            city: get("city"),
            court: get("court"),
        }
    }

    fn new_day(&self) -> Option<NewDay> {
        let word = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Some(NewDay {
            calendar: self.calendar.clone(),
            day: self.day.parse().ok()?,
            name: word(&self.name)?,
            status: DayStatusWord::named(&self.status)?,
            only: Only {
                province: word(&self.province),
                city: word(&self.city),
                court: word(&self.court),
            },
        })
    }
}

impl Would {
    pub(crate) fn new(would: WouldMove, text: impl Fn(&str, &str) -> String) -> Self {
        let line = |one: DateMove| MoveLine {
            title: text(&one.pack, &one.key),
            reference: one.reference,
            from: one.from,
            to: one.to,
        };
        Self {
            count: would.count,
            moves: would.moves.into_iter().map(line).collect(),
        }
    }
}

impl CalendarBody {
    pub(crate) fn new(calendars: Vec<String>, mut days: Vec<DayView>, typed: Typed) -> Self {
        days.truncate(SHOWN);
        Self {
            calendars,
            statuses: STATUSES,
            days,
            typed,
            would: None,
            wrong: false,
        }
    }
}

async fn body(staff: &Staff, typed: Typed) -> Result<CalendarBody, WebError> {
    let service = staff.desk.service();
    let today = staff.now.with_timezone(&service.zone()).date_naive();
    let days = service.calendar_days(&staff.viewer, today).await?;
    let calendars = service.library().calendars().into_keys().collect();
    Ok(CalendarBody::new(calendars, days, typed))
}

/// `/admin/calendar`.
pub(crate) async fn page(staff: Staff) -> Result<Response, WebError> {
    let body = body(&staff, Typed::default()).await?;
    staff.page("calendar", Section::System, None, body)
}

/// Shows what a day would move; sent with `sure`, adds it.
pub(crate) async fn add(staff: Staff, form: Filled) -> Result<Response, WebError> {
    let service = staff.desk.service();
    let typed = Typed::of(&form);
    let Some(new) = typed.new_day() else {
        return wrong(&staff, typed).await;
    };
    if form.get("sure").is_empty() {
        return match service.preview_calendar_day(&staff.viewer, &new, staff.now).await {
            Ok(would) => {
                let mut body = body(&staff, typed).await?;
                body.would = Some(Would::new(would, |pack, key| staff.text(pack, key)));
                staff.page("calendar", Section::System, None, body)
            }
            Err(ServiceError::Invalid { .. }) => wrong(&staff, typed).await,
            Err(error) => Err(error.into()),
        };
    }
    service.add_calendar_day(&staff.viewer, &new, staff.now).await?;
    Ok(Redirect::to("/admin/calendar?said=day_added").into_response())
}

async fn wrong(staff: &Staff, typed: Typed) -> Result<Response, WebError> {
    let mut body = body(staff, typed).await?;
    body.wrong = true;
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    staff.page_with(status, "calendar", Section::System, None, body)
}
