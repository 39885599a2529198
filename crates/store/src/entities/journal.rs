//! Table `journal`: journal entries.

use sea_orm::entity::prelude::*;

use crate::rows::JournalRow;
use crate::sql::micros;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "journal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub recorded_at: DateTimeUtc,
    pub occurred_at: DateTimeUtc,
    pub actor: String,
    pub instance: Option<String>,
    pub kind: String,
    pub payload: Vec<u8>,
    pub prev_hash: Vec<u8>,
    pub hash: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}

impl From<&JournalRow> for Model {
    fn from(row: &JournalRow) -> Self {
        Self {
            case_id: row.case_id,
            seq: row.seq,
            recorded_at: micros(row.recorded_at),
            occurred_at: micros(row.occurred_at),
            actor: row.actor.clone(),
            instance: row.instance.clone(),
            kind: row.kind.clone(),
            payload: row.payload.clone(),
            prev_hash: row.prev_hash.clone(),
            hash: row.hash.clone(),
        }
    }
}

impl From<Model> for JournalRow {
    fn from(model: Model) -> Self {
        Self {
            case_id: model.case_id,
            seq: model.seq,
            recorded_at: model.recorded_at,
            occurred_at: model.occurred_at,
            actor: model.actor,
            instance: model.instance,
            kind: model.kind,
            payload: model.payload,
            prev_hash: model.prev_hash,
            hash: model.hash,
        }
    }
}
