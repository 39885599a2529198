//! Questions about documents: their sealed parts, and which there are. What a part says it does not know.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::entities::document_part::{Column, Entity};
use crate::error::{OnTable, StoreError};
use crate::store::Store;

impl Store {
    /// The sealed parts of a document, in order; none if it is not there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn document_parts(&self, case: Uuid, document: i32) -> Result<Vec<Vec<u8>>, StoreError> {
        Entity::find()
            .select_only()
            .column(Column::Sealed)
            .filter(Column::CaseId.eq(case))
            .filter(Column::Document.eq(document))
            .order_by_asc(Column::Part)
            .into_tuple()
            .all(self.reader())
            .await
            .on("document_parts")
    }

    /// The documents of a case that have parts, by number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn documents(&self, case: Uuid) -> Result<BTreeSet<i32>, StoreError> {
        let found: Vec<i32> = Entity::find()
            .select_only()
            .column(Column::Document)
            .distinct()
            .filter(Column::CaseId.eq(case))
            .into_tuple()
            .all(self.reader())
            .await
            .on("document_parts")?;
        Ok(found.into_iter().collect())
    }
}
