//! Table `heartbeats`: signs of life.

use sea_orm::entity::prelude::*;

use crate::rows::HeartbeatRow;
use crate::sql::micros;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "heartbeats")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub worker: String,
    pub at: DateTimeUtc,
    pub detail: String,
}

impl ActiveModelBehavior for ActiveModel {}

impl From<&HeartbeatRow> for Model {
    fn from(row: &HeartbeatRow) -> Self {
        Self {
            worker: row.worker.clone(),
            at: micros(row.at),
            detail: row.detail.clone(),
        }
    }
}

impl From<Model> for HeartbeatRow {
    fn from(model: Model) -> Self {
        Self {
            worker: model.worker,
            at: model.at,
            detail: model.detail,
        }
    }
}
