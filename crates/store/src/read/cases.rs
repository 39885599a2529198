//! Questions about cases, their journals, keys and teams.
//!
//! It does not know who asks; `team_member` in the filter is the gate's business.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::sea_query::{Expr, ExprTrait, NullOrdering, Query};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

use super::cases_of;
use crate::entities::case::{self, Column};
use crate::entities::{case_key, journal, name_token, team};
use crate::error::{OnTable, StoreError};
use crate::filters::{BadCursor, CaseCursor, CaseFilter, CaseOrder, Page};
use crate::rows::{CaseRow, JournalRow, TeamRow};
use crate::sql::{IN_CHUNK, count_limited, micros};
use crate::store::Store;

impl Store {
    /// One case by id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn case(&self, id: Uuid) -> Result<Option<CaseRow>, StoreError> {
        let found = case::Entity::find_by_id(id)
            .one(self.reader())
            .await
            .on("cases")?;
        Ok(found.map(CaseRow::from))
    }

    /// One case by its reference.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn case_by_reference(&self, reference: &str) -> Result<Option<CaseRow>, StoreError> {
        let found = case::Entity::find()
            .filter(Column::Reference.eq(reference))
            .one(self.reader())
            .await
            .on("cases")?;
        Ok(found.map(CaseRow::from))
    }

    /// One case by the imported row it came from.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn case_by_external_key(&self, pack: &str, key: &str) -> Result<Option<CaseRow>, StoreError> {
        let found = case::Entity::find()
            .filter(Column::PackName.eq(pack))
            .filter(Column::ExternalKey.eq(key))
            .one(self.reader())
            .await
            .on("cases")?;
        Ok(found.map(CaseRow::from))
    }

    /// Which of these import keys the pack's cases have already.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn external_keys(&self, pack: &str, keys: &[String]) -> Result<BTreeSet<String>, StoreError> {
        let mut found = BTreeSet::new();
        for chunk in keys.chunks(IN_CHUNK) {
            let known: Vec<Option<String>> = case::Entity::find()
                .select_only()
                .column(Column::ExternalKey)
                .filter(Column::PackName.eq(pack))
                .filter(Column::ExternalKey.is_in(chunk))
                .into_tuple()
                .all(self.reader())
                .await
                .on("cases")?;
            found.extend(known.into_iter().flatten());
        }
        Ok(found)
    }

    /// These cases, by id; unknown ids are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cases_by_ids(&self, ids: &[Uuid]) -> Result<Vec<CaseRow>, StoreError> {
        let mut rows = Vec::new();
        for chunk in ids.chunks(IN_CHUNK) {
            let found = case::Entity::find()
                .filter(Column::Id.is_in(chunk.iter().copied()))
                .all(self.reader())
                .await
                .on("cases")?;
            rows.extend(found.into_iter().map(CaseRow::from));
        }
        rows.sort_by_key(|row| row.id);
        rows.dedup_by_key(|row| row.id);
        Ok(rows)
    }

    /// The wrapped key of a case; `None` too when it was destroyed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn case_key(&self, case: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        let found = case_key::Entity::find_by_id(case)
            .one(self.reader())
            .await
            .on("case_keys")?;
        Ok(found.map(|key| key.wrapped))
    }

    /// The wrapped keys of these cases; those of unknown and of erased ones are left out.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn case_keys(&self, cases: &[Uuid]) -> Result<BTreeMap<Uuid, Vec<u8>>, StoreError> {
        let mut keys = BTreeMap::new();
        for chunk in cases.chunks(IN_CHUNK) {
            let query =
                case_key::Entity::find().filter(case_key::Column::CaseId.is_in(chunk.iter().copied()));
            let found = query.all(self.reader()).await.on("case_keys")?;
            keys.extend(found.into_iter().map(|key| (key.case_id, key.wrapped)));
        }
        Ok(keys)
    }

    /// One page of the cases that match.
    ///
    /// # Errors
    /// [`StoreError::BadCursor`] if the bookmark belongs to a list with another order.
    pub async fn cases(&self, filter: &CaseFilter, page: &Page) -> Result<Vec<CaseRow>, StoreError> {
        let by_moment = filter.order != CaseOrder::Reference;
        if filter.closed.is_some() || filter.team_member.is_some() || !by_moment {
            return self.page_of(filter, page).await;
        }
        // Every order by a moment has an index that begins with whether the case is closed: two short readings instead of
        // one that sorts all cases.
        let both = Page {
            limit: page.limit + page.skip,
            skip: 0,
            after: page.after.clone(),
        };
        let mut rows = Vec::new();
        for closed in [false, true] {
            let half = CaseFilter {
                closed: Some(closed),
                ..filter.clone()
            };
            rows.extend(self.page_of(&half, &both).await?);
        }
        rows.sort_by_cached_key(|row| place(filter.order, row));
        let (skip, limit) = (length(page.skip), length(page.limit));
        Ok(rows.into_iter().skip(skip).take(limit).collect())
    }

    async fn page_of(&self, filter: &CaseFilter, page: &Page) -> Result<Vec<CaseRow>, StoreError> {
        let mut query = ordered(matching(filter), filter.order);
        if let Some(cursor) = &page.after {
            query = query.filter(beyond(filter.order, cursor)?);
        }
        if page.skip > 0 {
            query = query.offset(page.skip);
        }
        let found = query.limit(page.limit).all(self.reader()).await.on("cases")?;
        Ok(found.into_iter().map(CaseRow::from).collect())
    }

    /// How many cases match, counted no further than `most`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_cases_up_to(&self, filter: &CaseFilter, most: u64) -> Result<u64, StoreError> {
        let some = matching(filter).limit(most);
        count_limited(self.reader(), some).await.on("cases")
    }

    /// How many cases match; reads them all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count_cases(&self, filter: &CaseFilter) -> Result<u64, StoreError> {
        matching(filter).count(self.reader()).await.on("cases")
    }

    /// Journal entries of a case after a sequence number, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn journal(
        &self,
        case: Uuid,
        after_seq: i64,
        limit: u64,
    ) -> Result<Vec<JournalRow>, StoreError> {
        let found = journal::Entity::find()
            .filter(journal::Column::CaseId.eq(case))
            .filter(journal::Column::Seq.gt(after_seq))
            .order_by_asc(journal::Column::Seq)
            .limit(limit)
            .all(self.reader())
            .await
            .on("journal")?;
        Ok(found.into_iter().map(JournalRow::from).collect())
    }

    /// The team of a case, by account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn team(&self, case: Uuid) -> Result<Vec<TeamRow>, StoreError> {
        self.teams(&[case]).await
    }

    /// The teams of several cases, by case, then account.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn teams(&self, cases: &[Uuid]) -> Result<Vec<TeamRow>, StoreError> {
        let mut rows = Vec::new();
        for chunk in cases.chunks(IN_CHUNK) {
            let found = team::Entity::find()
                .filter(team::Column::CaseId.is_in(chunk.iter().copied()))
                .all(self.reader())
                .await
                .on("case_team")?;
            rows.extend(found.into_iter().map(TeamRow::from));
        }
        rows.sort_by_key(|row| (row.case_id, row.account_id));
        rows.dedup_by_key(|row| (row.case_id, row.account_id));
        Ok(rows)
    }
}

fn matching(filter: &CaseFilter) -> Select<case::Entity> {
    let mut query = case::Entity::find();
    if let Some(account) = filter.team_member {
        query = query.filter(Column::Id.in_subquery(cases_of(account)));
    }
    if let Some(closed) = filter.closed {
        query = query.filter(Column::Closed.eq(closed));
    }
    if let Some(at) = filter.stalled_at_or_before {
        query = query.filter(Column::StalledAt.lte(micros(at)));
    }
    if filter.overdue {
        query = query.filter(Column::OverdueSince.is_not_null());
    }
    if filter.blind {
        query = query.filter(Column::BlindSince.is_not_null());
    }
    if let Some(party) = &filter.waiting_on {
        query = query.filter(Column::WaitingOn.eq(party));
    }
    if let Some(pack) = &filter.pack {
        query = query.filter(Column::PackName.eq(pack));
    }
    for tokens in &filter.names {
        let named = Query::select()
            .column(name_token::Column::CaseId)
            .from(name_token::Entity)
            .and_where(name_token::Column::Token.is_in(tokens))
            .take();
        query = query.filter(Column::Id.in_subquery(named));
    }
    if filter.readable {
        // The length stands beside the value, so no sealed state is read to learn it.
        query = query.filter(Expr::cust("LENGTH(\"cases\".\"state\") > 0"));
    }
    query
}

/// SQLite puts missing moments first and PostgreSQL last unless told, so they are told.
fn ordered(query: Select<case::Entity>, order: CaseOrder) -> Select<case::Entity> {
    match order {
        CaseOrder::Reference => query.order_by_asc(Column::Reference),
        CaseOrder::StalledAt => query
            .order_by_with_nulls(Column::StalledAt, Order::Asc, NullOrdering::Last)
            .order_by_asc(Column::Id),
        CaseOrder::OverdueSince => query
            .order_by_with_nulls(Column::OverdueSince, Order::Asc, NullOrdering::Last)
            .order_by_asc(Column::Id),
        CaseOrder::BlindSince => query
            .order_by_with_nulls(Column::BlindSince, Order::Asc, NullOrdering::Last)
            .order_by_asc(Column::Id),
        CaseOrder::LastEvent => query.order_by_desc(Column::LastEventAt).order_by_asc(Column::Id),
    }
}

/// Where a row stands in a list by a moment: rows with one before those without, then by the moment, then by id.
fn place(order: CaseOrder, row: &CaseRow) -> (bool, i64, Uuid) {
    let at = match order {
        CaseOrder::Reference => None,
        CaseOrder::StalledAt => row.stalled_at,
        CaseOrder::OverdueSince => row.overdue_since,
        CaseOrder::BlindSince => row.blind_since,
        CaseOrder::LastEvent => return (false, -row.last_event_at.timestamp_micros(), row.id),
    };
    (at.is_none(), at.map_or(0, |at| at.timestamp_micros()), row.id)
}

/// A number of rows as a length; more than fit into memory are all there are.
fn length(rows: u64) -> usize {
    usize::try_from(rows).unwrap_or(usize::MAX)
}

/// The rows that come after a bookmark in that order.
fn beyond(order: CaseOrder, cursor: &CaseCursor) -> Result<Condition, BadCursor> {
    let column = match order {
        CaseOrder::Reference => Column::Reference,
        CaseOrder::StalledAt => Column::StalledAt,
        CaseOrder::OverdueSince => Column::OverdueSince,
        CaseOrder::BlindSince => Column::BlindSince,
        CaseOrder::LastEvent => Column::LastEventAt,
    };
    let any = Condition::any();
    match (order, cursor) {
        (CaseOrder::Reference, CaseCursor::Reference(reference)) => Ok(any.add(column.gt(reference))),
        (CaseOrder::LastEvent, CaseCursor::Moment { at: Some(at), id }) => Ok(any
            .add(column.lt(*at))
            .add(Expr::col(column).eq(*at).and(Column::Id.gt(*id)))),
        (CaseOrder::Reference | CaseOrder::LastEvent, _) | (_, CaseCursor::Reference(_)) => Err(BadCursor),
        (_, CaseCursor::Moment { at: Some(at), id }) => Ok(any
            .add(column.gt(*at))
            .add(Expr::col(column).eq(*at).and(Column::Id.gt(*id)))
            .add(column.is_null())),
        (_, CaseCursor::Moment { at: None, id }) => {
            Ok(any.add(Expr::col(column).is_null().and(Column::Id.gt(*id))))
        }
    }
}
