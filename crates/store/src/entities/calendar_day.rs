//! Table `calendar_days`: days that staff have added to a calendar.

use sea_orm::entity::prelude::*;

use crate::rows::CalendarDayRow;
use crate::sql::micros;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "calendar_days")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub calendar: String,
    pub day: Date,
    pub name: String,
    pub status: String,
    pub province: Option<String>,
    pub city: Option<String>,
    pub court: Option<String>,
    pub added_at: DateTimeUtc,
    pub followed_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

impl From<&CalendarDayRow> for Model {
    fn from(row: &CalendarDayRow) -> Self {
        Self {
            id: row.id,
            calendar: row.calendar.clone(),
            day: row.day,
            name: row.name.clone(),
            status: row.status.clone(),
            province: row.province.clone(),
            city: row.city.clone(),
            court: row.court.clone(),
            added_at: micros(row.added_at),
            followed_at: row.followed_at.map(micros),
        }
    }
}

impl From<Model> for CalendarDayRow {
    fn from(model: Model) -> Self {
        Self {
            id: model.id,
            calendar: model.calendar,
            day: model.day,
            name: model.name,
            status: model.status,
            province: model.province,
            city: model.city,
            court: model.court,
            added_at: model.added_at,
            followed_at: model.followed_at,
        }
    }
}
