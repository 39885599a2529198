//! Table `jobs`: the queue.

use sea_orm::entity::prelude::*;

use crate::error::StoreError;
use crate::rows::{JobRow, NewJob};
use crate::sql::{json, micros, word};
use crate::words::JobState;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "jobs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub case_id: Option<Uuid>,
    pub kind: String,
    pub due_at: DateTimeUtc,
    pub state: String,
    pub attempt: i32,
    pub deferrals: i32,
    pub lease_until: Option<DateTimeUtc>,
    pub worker: Option<String>,
    pub message_kind: Option<String>,
    pub account_id: Option<Uuid>,
    pub person_id: Option<String>,
    pub about: Option<String>,
    pub payload: String,
    pub result: Option<String>,
    pub reason: Option<String>,
    pub created_at: DateTimeUtc,
    pub settled_at: Option<DateTimeUtc>,
    pub useful_until: Option<DateTimeUtc>,
    pub trace: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for JobRow {
    type Error = StoreError;

    fn try_from(model: Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: model.id,
            case_id: model.case_id,
            kind: word("jobs", &model.kind)?,
            due_at: model.due_at,
            state: word("jobs", &model.state)?,
            attempt: model.attempt,
            deferrals: model.deferrals,
            lease_until: model.lease_until,
            worker: model.worker,
            message_kind: model.message_kind,
            account_id: model.account_id,
            person_id: model.person_id,
            about: model.about,
            payload: json("jobs", &model.payload)?,
            result: model.result,
            reason: model.reason,
            created_at: model.created_at,
            settled_at: model.settled_at,
            useful_until: model.useful_until,
            trace: model.trace,
        })
    }
}

impl From<&NewJob> for Model {
    fn from(job: &NewJob) -> Self {
        let (state, reason) = match &job.settled {
            Some((state, reason)) => (*state, Some(reason.clone())),
            None => (JobState::Waiting, None),
        };
        Self {
            id: job.id.clone(),
            case_id: job.case_id,
            kind: job.kind.as_str().to_owned(),
            due_at: micros(job.due_at),
            state: state.as_str().to_owned(),
            attempt: 0,
            deferrals: 0,
            lease_until: None,
            worker: None,
            message_kind: job.message_kind.clone(),
            account_id: job.account_id,
            person_id: job.person_id.clone(),
            about: job.about.clone(),
            payload: job.payload.to_string(),
            result: None,
            reason,
            created_at: micros(job.created_at),
            settled_at: job.settled.as_ref().map(|_| micros(job.created_at)),
            useful_until: job.useful_until.map(micros),
            trace: job.trace.clone(),
        }
    }
}
