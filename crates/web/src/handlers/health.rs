//! A machine's question whether all is well; nothing personal, no counts.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
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
