//! Questions about deadlines, hearings and tasks.
//!
//! It does not know a day's borders: the caller says from when until when.

use sea_orm::sea_query::NullOrdering;
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, JoinType, Order, QueryFilter, QueryOrder, QuerySelect,
    RelationTrait,
};

use super::cases_of;
use crate::entities::agenda::{self, Column};
use crate::entities::case;
use crate::error::{OnTable, StoreError};
use crate::filters::AgendaFilter;
use crate::rows::AgendaRow;
use crate::sql::micros;
use crate::store::Store;

#[derive(FromQueryResult)]
struct Listed {
    #[sea_orm(nested)]
    item: agenda::Model,
    case_reference: String,
}

impl Store {
    /// The agenda items that match, each with its case's reference: the earliest due first, those without a date last.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn agenda(&self, filter: &AgendaFilter) -> Result<Vec<(AgendaRow, String)>, StoreError> {
        let mut query = agenda::Entity::find()
            .join(JoinType::InnerJoin, agenda::Relation::Case.def())
            .column_as(case::Column::Reference, "case_reference")
            .order_by_with_nulls(Column::DueAt, Order::Asc, NullOrdering::Last)
            .order_by_asc(Column::CaseId)
            .order_by_asc(Column::Item)
            .limit(filter.limit);
        if let Some(account) = filter.team_member {
            query = query.filter(Column::CaseId.in_subquery(cases_of(account)));
        }
        if let Some(cases) = &filter.cases {
            query = query.filter(Column::CaseId.is_in(cases.iter().copied()));
        }
        if !filter.states.is_empty() {
            query = query.filter(Column::State.is_in(filter.states.iter().map(|state| state.as_str())));
        }
        if !filter.kinds.is_empty() {
            query = query.filter(Column::Kind.is_in(&filter.kinds));
        }
        if let Some(from) = filter.due_from {
            query = query.filter(Column::DueAt.gte(micros(from)));
        }
        if let Some(until) = filter.due_until {
            query = query.filter(Column::DueAt.lt(micros(until)));
        }
        let found = query
            .into_model::<Listed>()
            .all(self.reader())
            .await
            .on("agenda")?;
        found
            .into_iter()
            .map(|listed| Ok((AgendaRow::try_from(listed.item)?, listed.case_reference)))
            .collect()
    }
}
