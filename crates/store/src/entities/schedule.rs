//! Table `schedules`: recurring schedules.

use sea_orm::entity::prelude::*;

use crate::rows::ScheduleRow;
use crate::sql::micros;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "schedules")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    pub line: String,
    pub zone: String,
    pub planned_until: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl From<&ScheduleRow> for Model {
    fn from(row: &ScheduleRow) -> Self {
        Self {
            name: row.name.clone(),
            line: row.line.clone(),
            zone: row.zone.clone(),
            planned_until: micros(row.planned_until),
        }
    }
}

impl From<Model> for ScheduleRow {
    fn from(model: Model) -> Self {
        Self {
            name: model.name,
            line: model.line,
            zone: model.zone,
            planned_until: model.planned_until,
        }
    }
}
