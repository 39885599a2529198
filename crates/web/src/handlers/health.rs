//! A machine's questions: is all well, can requests be sent here, how much is there to do. Nothing personal in any answer.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use peshi_service::{Clock, Service};
use serde::Serialize;

use crate::desk::Desk;

#[derive(Debug, Serialize)]
pub(crate) struct Health {
    /// Everything below is well.
    ok: bool,
    /// The database answers.
    database: bool,
    /// The scheduler ticked recently.
    scheduler: bool,
    /// Its last tick.
    last_tick_at: Option<DateTime<Utc>>,
    /// The job that has waited longest although it is due; none when nothing waits.
    oldest_due_at: Option<DateTime<Utc>>,
}

/// `/health`: 200 when all is well, 503 when the database does not answer or the scheduler is silent.
pub(crate) async fn show(State(desk): State<Desk>) -> (StatusCode, Json<Health>) {
    let (database, scheduler, last_tick_at, oldest_due_at) = match desk.service().health(desk.now()).await {
        Ok(health) => (
            true,
            health.scheduler_ok,
            health.last_tick_at,
            health.oldest_due_at,
        ),
        Err(error) => {
            tracing::error!(%error, "the health of the system could not be read");
            (false, false, None, None)
        }
    };
    let ok = database && scheduler;
    let status = if ok {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        status,
        Json(Health {
            ok,
            database,
            scheduler,
            last_tick_at,
            oldest_due_at,
        }),
    )
}

#[derive(Debug, Serialize)]
pub(crate) struct Ready {
    /// Requests can be sent here.
    ready: bool,
}

/// `/ready`: 200 when the database answers and its tables are those of this program, else 503. A silent scheduler is no
/// reason to send people elsewhere; `/health` tells of it.
pub(crate) async fn ready(State(desk): State<Desk>) -> (StatusCode, Json<Ready>) {
    let ready = match desk.service().ready().await {
        Ok(ready) => ready,
        Err(error) => {
            tracing::error!(%error, "it could not be told whether requests can be served");
            false
        }
    };
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(Ready { ready }))
}

/// `/metrics`, in the text format that Prometheus reads.
pub(crate) async fn metrics(
    State((service, clock)): State<(Arc<Service>, Arc<dyn Clock>)>,
) -> impl IntoResponse {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], service.metrics(clock.now()).await)
}
