//! Table `permissions`: leave to write to staff.

use sea_orm::entity::prelude::*;

use crate::rows::PermissionRow;
use crate::sql::micros;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "permissions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account_id: Uuid,
    pub channel: String,
    pub language: String,
    pub level: i32,
    pub granted_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub revoked_at: Option<DateTimeUtc>,
    pub granted_by: String,
}

impl ActiveModelBehavior for ActiveModel {}

impl From<&PermissionRow> for Model {
    fn from(row: &PermissionRow) -> Self {
        Self {
            id: row.id,
            account_id: row.account_id,
            channel: row.channel.clone(),
            language: row.language.clone(),
            level: row.level,
            granted_at: micros(row.granted_at),
            expires_at: micros(row.expires_at),
            revoked_at: row.revoked_at.map(micros),
            granted_by: row.granted_by.clone(),
        }
    }
}

impl From<Model> for PermissionRow {
    fn from(model: Model) -> Self {
        Self {
            id: model.id,
            account_id: model.account_id,
            channel: model.channel,
            language: model.language,
            level: model.level,
            granted_at: model.granted_at,
            expires_at: model.expires_at,
            revoked_at: model.revoked_at,
            granted_by: model.granted_by,
        }
    }
}
