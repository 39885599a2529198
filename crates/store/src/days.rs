//! Days that staff have added to calendars, and the cases whose dates such a day may move.
//!
//! It does not know what a closed day does to a date.

use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::entities::agenda::{self, Column};
use crate::entities::calendar_day;
use crate::error::{OnTable, StoreError};
use crate::rows::CalendarDayRow;
use crate::sql::micros;
use crate::store::Store;
use crate::tx::WriteTx;
use crate::words::AgendaState;

/// Which cases have a date ahead that may rest on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatesFrom {
    /// Dates due at or after this moment …
    pub from: DateTime<Utc>,
    /// … and before this one,
    pub until: DateTime<Utc>,
    /// or later still, if they are of one of these rules.
    pub rules: Vec<String>,
    /// Only cases after this one.
    pub after: Option<Uuid>,
    /// At most so many.
    pub limit: u64,
}

impl Store {
    /// Every day that was ever added, by day, then calendar.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn calendar_days(&self) -> Result<Vec<CalendarDayRow>, StoreError> {
        calendar_days(self.reader()).await
    }

    /// The cases with open deadlines or hearings in a range, by id; found by the index on what is due, never by a look at
    /// every case.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cases_with_dates(&self, asked: &DatesFrom) -> Result<Vec<Uuid>, StoreError> {
        let mut when = Condition::any().add(Column::DueAt.lt(micros(asked.until)));
        if !asked.rules.is_empty() {
            when = when.add(Column::Rule.is_in(&asked.rules));
        }
        let mut query = agenda::Entity::find()
            .select_only()
            .column(Column::CaseId)
            .distinct()
            .filter(Column::State.eq(AgendaState::Open.as_str()))
            .filter(Column::Kind.is_in(["deadline", "hearing"]))
            .filter(Column::DueAt.gte(micros(asked.from)))
            .filter(when)
            .order_by_asc(Column::CaseId)
            .limit(asked.limit);
        if let Some(after) = asked.after {
            query = query.filter(Column::CaseId.gt(after));
        }
        query.into_tuple().all(self.reader()).await.on("agenda")
    }
}

async fn calendar_days(db: &impl ConnectionTrait) -> Result<Vec<CalendarDayRow>, StoreError> {
    let found = calendar_day::Entity::find()
        .order_by_asc(calendar_day::Column::Day)
        .order_by_asc(calendar_day::Column::Calendar)
        .order_by_asc(calendar_day::Column::Id)
        .all(db)
        .await
        .on("calendar_days")?;
    Ok(found.into_iter().map(CalendarDayRow::from).collect())
}

/// How many days were added. None is ever taken back, so the number names what the calendars are.
pub(crate) fn count_days() -> SelectStatement {
    Query::select()
        .expr(Expr::cust("COUNT(*)"))
        .from(calendar_day::Entity)
        .take()
}

/// On PostgreSQL, whoever reckons dates has read the table and so holds its weakest lock until the transaction ends. This
/// one waits for them, and keeps new ones waiting: what is reckoned with the old days is there before the dates follow.
/// SQLite admits one writer anyway.
const LOCK: [&str; 2] = [
    "SET LOCAL lock_timeout = '10s'",
    "LOCK TABLE calendar_days IN ACCESS EXCLUSIVE MODE",
];

impl WriteTx {
    /// Every day that was ever added, as this transaction sees them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn calendar_days(&mut self) -> Result<Vec<CalendarDayRow>, StoreError> {
        self.enter()?;
        let rows = calendar_days(self.raw()).await?;
        Ok(self.leave(rows))
    }

    /// How many days were added so far, held until this transaction ends: no further one can be added before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hold_added_days(&mut self) -> Result<u64, StoreError> {
        self.enter()?;
        let row = self.raw().query_one(&count_days()).await.on("calendar_days")?;
        let counted: i64 = row
            .map_or(Ok(0), |row| row.try_get_by_index(0))
            .on("calendar_days")?;
        Ok(self.leave(counted.unsigned_abs()))
    }

    /// Keeps a day, once no transaction reckons with the days before it.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if one still does after ten seconds, such as a backup that is being made.
    pub async fn put_calendar_day(&mut self, row: &CalendarDayRow) -> Result<(), StoreError> {
        self.enter()?;
        if self.raw().get_database_backend() == DbBackend::Postgres {
            for statement in LOCK {
                self.raw()
                    .execute_unprepared(statement)
                    .await
                    .on("calendar_days")?;
            }
        }
        calendar_day::Entity::insert(calendar_day::Model::from(row).into_active_model())
            .exec_without_returning(self.raw())
            .await
            .on("calendar_days")?;
        self.leave(());
        Ok(())
    }

    /// Notes that every date that a day moves has moved.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn calendar_day_followed(&mut self, id: Uuid, at: DateTime<Utc>) -> Result<(), StoreError> {
        self.enter()?;
        calendar_day::Entity::update_many()
            .col_expr(calendar_day::Column::FollowedAt, Expr::value(micros(at)))
            .filter(calendar_day::Column::Id.eq(id))
            .exec(self.raw())
            .await
            .on("calendar_days")?;
        self.leave(());
        Ok(())
    }
}
