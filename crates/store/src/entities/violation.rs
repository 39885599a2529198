//! Table `violations`: the register of violations across cases.

use sea_orm::entity::prelude::*;

use crate::rows::ViolationRow;
use crate::sql::micros;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "violations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i32,
    pub code: String,
    pub status: String,
    pub publishable: bool,
    pub noted_for: DateTimeUtc,
    #[sea_orm(belongs_to, from = "case_id", to = "id")]
    pub case: BelongsTo<super::case::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl From<&ViolationRow> for Model {
    fn from(row: &ViolationRow) -> Self {
        Self {
            case_id: row.case_id,
            number: row.number,
            code: row.code.clone(),
            status: row.status.clone(),
            publishable: row.publishable,
            noted_for: micros(row.noted_for),
        }
    }
}

impl From<Model> for ViolationRow {
    fn from(model: Model) -> Self {
        Self {
            case_id: model.case_id,
            number: model.number,
            code: model.code,
            status: model.status,
            publishable: model.publishable,
            noted_for: model.noted_for,
        }
    }
}
