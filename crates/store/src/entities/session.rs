//! Table `sessions`: login sessions.

use sea_orm::entity::prelude::*;

use crate::rows::SessionRow;
use crate::sql::micros;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub account_id: Option<Uuid>,
    pub data: String,
    pub expires_at: DateTimeUtc,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl From<&SessionRow> for Model {
    fn from(row: &SessionRow) -> Self {
        Self {
            id: row.id.clone(),
            account_id: row.account_id,
            data: row.data.clone(),
            expires_at: micros(row.expires_at),
            created_at: micros(row.created_at),
        }
    }
}

impl From<Model> for SessionRow {
    fn from(model: Model) -> Self {
        Self {
            id: model.id,
            account_id: model.account_id,
            data: model.data,
            expires_at: model.expires_at,
            created_at: model.created_at,
        }
    }
}
