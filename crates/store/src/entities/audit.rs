//! Table `audit`: what was done and must be accounted for.

use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::entity::prelude::*;

use crate::rows::{AuditEntry, AuditRow};
use crate::sql::micros;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub at: DateTimeUtc,
    pub actor: String,
    pub action: String,
    pub resource: String,
    pub detail: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

/// The database numbers the entry.
impl From<&AuditEntry> for ActiveModel {
    fn from(entry: &AuditEntry) -> Self {
        Self {
            id: NotSet,
            at: Set(micros(entry.at)),
            actor: Set(entry.actor.clone()),
            action: Set(entry.action.clone()),
            resource: Set(entry.resource.clone()),
            detail: Set(entry.detail.clone()),
        }
    }
}

impl From<Model> for AuditRow {
    fn from(model: Model) -> Self {
        Self {
            id: model.id,
            entry: AuditEntry {
                at: model.at,
                actor: model.actor,
                action: model.action,
                resource: model.resource,
                detail: model.detail,
            },
        }
    }
}
