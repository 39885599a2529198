//! Questions about the register of violations across cases.

use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect, RelationTrait,
};

use crate::entities::case;
use crate::entities::violation::{self, Column};
use crate::error::{OnTable, StoreError};
use crate::filters::ViolationFilter;
use crate::rows::ViolationRow;
use crate::store::Store;

#[derive(FromQueryResult)]
struct Listed {
    #[sea_orm(nested)]
    violation: violation::Model,
    case_reference: String,
    case_pack: String,
    case_pack_hash: String,
}

/// A violation with its case's reference and pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedViolation {
    /// The violation.
    pub row: ViolationRow,
    /// The case's reference.
    pub reference: String,
    /// The case's pack.
    pub pack: String,
    /// The content hash of that pack.
    pub pack_hash: String,
}

impl Store {
    /// The violations that match, the latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn violations(&self, filter: &ViolationFilter) -> Result<Vec<ListedViolation>, StoreError> {
        let mut query = violation::Entity::find()
            .join(JoinType::InnerJoin, violation::Relation::Case.def())
            .column_as(case::Column::Reference, "case_reference")
            .column_as(case::Column::PackName, "case_pack")
            .column_as(case::Column::PackHash, "case_pack_hash")
            .order_by_desc(Column::NotedFor)
            .order_by_asc(Column::CaseId)
            .order_by_asc(Column::Number)
            .offset(filter.offset)
            .limit(filter.limit);
        if let Some(code) = &filter.code {
            query = query.filter(Column::Code.eq(code));
        }
        if let Some(status) = &filter.status {
            query = query.filter(Column::Status.eq(status));
        }
        let found = query
            .into_model::<Listed>()
            .all(self.reader())
            .await
            .on("violations")?;
        let listed = found.into_iter().map(|found| ListedViolation {
            row: found.violation.into(),
            reference: found.case_reference,
            pack: found.case_pack,
            pack_hash: found.case_pack_hash,
        });
        Ok(listed.collect())
    }
}
