//! Table `packs`: packs used so far.

use sea_orm::entity::prelude::*;

use crate::error::StoreError;
use crate::rows::PackRow;
use crate::sql::{json, micros};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "packs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    pub name: String,
    pub version: i32,
    pub content: String,
    pub first_used_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl From<&PackRow> for Model {
    fn from(row: &PackRow) -> Self {
        Self {
            hash: row.hash.clone(),
            name: row.name.clone(),
            version: row.version,
            content: row.content.to_string(),
            first_used_at: micros(row.first_used_at),
        }
    }
}

impl TryFrom<Model> for PackRow {
    type Error = StoreError;

    fn try_from(model: Model) -> Result<Self, StoreError> {
        Ok(Self {
            hash: model.hash,
            name: model.name,
            version: model.version,
            content: json("packs", &model.content)?,
            first_used_at: model.first_used_at,
        })
    }
}
