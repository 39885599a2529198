//! Table `case_team`: who works on which case.

use sea_orm::entity::prelude::*;

use crate::rows::TeamRow;
use crate::sql::micros;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "case_team")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    pub role: String,
    pub since: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl From<&TeamRow> for Model {
    fn from(row: &TeamRow) -> Self {
        Self {
            case_id: row.case_id,
            account_id: row.account_id,
            role: row.role.clone(),
            since: micros(row.since),
        }
    }
}

impl From<Model> for TeamRow {
    fn from(model: Model) -> Self {
        Self {
            case_id: model.case_id,
            account_id: model.account_id,
            role: model.role,
            since: model.since,
        }
    }
}
