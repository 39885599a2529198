//! Table `document_parts`: sealed pieces of documents.

use sea_orm::entity::prelude::*;

use crate::rows::DocumentPartRow;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "document_parts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub document: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub part: i32,
    pub sealed: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}

impl From<&DocumentPartRow> for Model {
    fn from(row: &DocumentPartRow) -> Self {
        Self {
            case_id: row.case_id,
            document: row.document,
            part: row.part,
            sealed: row.sealed.clone(),
        }
    }
}
