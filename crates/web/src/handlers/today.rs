//! One person's day: hearings, deadlines, what is overdue, tasks.
//! Knows only what the service says of that day.

use axum::response::Response;
use chrono::NaiveDate;
use peshi_service::views::{DateView, TaskView};
use serde::Serialize;

use crate::error::WebError;
use crate::handlers::Titled;
use crate::session::Staff;
use crate::shell::Section;

#[derive(Debug, Serialize)]
pub(crate) struct TodayBody {
    pub(crate) date: NaiveDate,
    pub(crate) hearings_today: Vec<Titled<DateView>>,
    pub(crate) hearings_soon: Vec<Titled<DateView>>,
    pub(crate) deadlines_soon: Vec<Titled<DateView>>,
    pub(crate) overdue: Vec<Titled<DateView>>,
    pub(crate) tasks: Vec<Titled<TaskView>>,
}

/// `/today`.
pub(crate) async fn show(staff: Staff) -> Result<Response, WebError> {
    let day = staff.desk.service().day(&staff.viewer, staff.now).await?;
    let dates = |dates: Vec<DateView>| -> Vec<Titled<DateView>> {
        dates
            .into_iter()
            .map(|item| Titled {
                title: staff.text(&item.pack, &item.key),
                item,
            })
            .collect()
    };
    let tasks = day
        .tasks
        .into_iter()
        .map(|item| Titled {
            title: staff.text(&item.pack, &item.key),
            item,
        })
        .collect();
    let body = TodayBody {
        date: day.date,
        hearings_today: dates(day.hearings_today),
        hearings_soon: dates(day.hearings_soon),
        deadlines_soon: dates(day.deadlines_soon),
        overdue: dates(day.overdue),
        tasks,
    };
    staff.page("today", Section::Today, None, body)
}
